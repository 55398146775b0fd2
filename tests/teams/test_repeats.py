"""One effect for a delivery that comes again: also when its caller went away, and not for ever."""

import asyncio

import pytest

from bot.teams.repeats import MINUTES, MOST, Repeats
from tests.teams.conftest import HandClock


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


async def test_an_answer_is_kept_for_minutes_and_not_longer() -> None:
    clock = HandClock()
    repeats, work = Repeats[int](clock), Work()
    work.may_end.set()
    assert await repeats.once(("a", "1"), work) == 1
    clock.now += MINUTES * 60 - 1
    assert await repeats.once(("a", "1"), work) == 1
    clock.now += 2
    assert await repeats.once(("a", "1"), work) == 2


async def test_only_so_many_are_kept_the_oldest_go_first() -> None:
    repeats, work = Repeats[int](), Work()
    work.may_end.set()
    for number in range(MOST + 2):
        await repeats.once(("a", str(number)), work)
    assert await repeats.once(("a", str(MOST + 1)), work) == MOST + 2, "the newest is still there"
    assert await repeats.once(("a", "0"), work) == MOST + 3, "the oldest is done again"


async def test_work_that_failed_is_tried_again() -> None:
    repeats = Repeats[int]()

    async def fails() -> int:
        raise RuntimeError

    async def works() -> int:
        return 7

    answers = await asyncio.gather(*(repeats.once(("a", "1"), fails) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [RuntimeError] * 3
    assert await repeats.once(("a", "1"), works) == 7
