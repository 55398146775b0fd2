"""One effect for a delivery that comes again: also when its caller went away, and not for ever."""

import asyncio
import gc
from weakref import WeakSet

import pytest

from bot.teams.repeats import Repeats


class Work:
    """Counts how often it is done; ends when it is told to."""

    def __init__(self) -> None:
        self.times = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.times += 1
        times = self.times
        await self.may_end.wait()
        return times


async def test_the_work_goes_on_when_whoever_waits_goes_away() -> None:
    repeats, work = Repeats[int](), Work()
    first = asyncio.ensure_future(repeats.once(("a", "1"), work))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    again = asyncio.ensure_future(repeats.once(("a", "1"), work))
    work.may_end.set()
    assert (await again, work.times) == (1, 1)


class Answer:
    """Something that can be seen to be gone."""


async def test_an_answer_is_kept_for_its_time_and_not_longer_although_nothing_comes() -> None:
    repeats, known = Repeats[Answer](seconds=0.1), WeakSet[Answer]()

    async def work() -> Answer:
        answer = Answer()
        known.add(answer)
        return answer

    await repeats.once(("a", "1"), work)
    await repeats.once(("a", "1"), work)
    assert len(known) == 1
    await asyncio.sleep(0.2)
    gc.collect()
    assert len(known) == 0
    await repeats.once(("a", "1"), work)
    assert len(known) == 1
    await repeats.close()
    await asyncio.sleep(0)
    gc.collect()
    assert len(known) == 0


async def test_what_is_under_way_is_kept_whatever_comes_and_given_up_at_the_end() -> None:
    repeats, slow, quick = Repeats[int](seconds=0.01, most=2), Work(), Work()
    quick.may_end.set()
    waiting = asyncio.ensure_future(repeats.once(("a", "slow"), slow))
    for number in range(5):
        await repeats.once(("a", str(number)), quick)
    await asyncio.sleep(0.05)
    again = asyncio.ensure_future(repeats.once(("a", "slow"), slow))
    await asyncio.sleep(0)
    assert slow.times == 1
    await repeats.close()
    assert [type(error) for error in await asyncio.gather(waiting, again, return_exceptions=True)] == [
        asyncio.CancelledError
    ] * 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_only_so_many_are_kept_the_oldest_go_first() -> None:
    repeats, work = Repeats[int](most=20), Work()
    work.may_end.set()
    for number in range(22):
        await repeats.once(("a", str(number)), work)
    assert await repeats.once(("a", "21"), work) == 22, "the newest is still there"
    assert await repeats.once(("a", "0"), work) == 23, "the oldest is done again"


async def test_work_that_failed_is_tried_again() -> None:
    repeats = Repeats[int]()

    async def fails() -> int:
        raise RuntimeError

    async def works() -> int:
        return 7

    answers = await asyncio.gather(*(repeats.once(("a", "1"), fails) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [RuntimeError] * 3
    assert await repeats.once(("a", "1"), works) == 7
