"""What goes on after an acknowledgement, when the process ends."""

import asyncio

from bot.acts.later import Later


async def test_what_is_late_at_the_end_is_given_up() -> None:
    later, ended, instead = Later(), asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    async def otherwise() -> None:
        instead.set()

    later.run(endless(), otherwise)
    await later.finish(seconds=0.01)
    assert ended.is_set()
    assert not instead.is_set()


async def test_what_ends_in_time_is_waited_for() -> None:
    later, done = Later(), asyncio.Event()

    async def short() -> None:
        await asyncio.sleep(0.01)
        done.set()

    later.run(short())
    await later.finish(seconds=5)
    assert done.is_set()
