"""Blocking calls in threads of a sink's own: limits on time and number, and a process that ends all the same."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from adapters.own_threads import OwnThreads

STUCK = """
import asyncio, time
from adapters.own_threads import OwnThreads

async def main():
    try:
        await OwnThreads("stuck", seconds=0.1).run(lambda: time.sleep(600))
    except TimeoutError:
        print("given up", flush=True)

asyncio.run(main())
"""


async def test_what_the_work_returns_or_raises_comes_back() -> None:
    threads = OwnThreads("t")
    assert await threads.run(lambda: threading.current_thread().name) == "t"
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)


async def test_never_more_than_most_at_a_time_and_none_is_lost() -> None:
    threads, running, seen = OwnThreads("t", most=3), [0], list[int]()
    lock = threading.Lock()

    def work() -> None:
        with lock:
            running[0] += 1
            seen.append(running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1

    await asyncio.gather(*(threads.run(work) for _ in range(20)))
    assert len(seen) == 20
    assert max(seen) <= 3


async def test_calls_that_hang_keep_their_places_and_the_next_one_is_refused_in_time() -> None:
    threads, release = OwnThreads("t", most=2, seconds=0.1), threading.Event()
    hanging = await asyncio.gather(*(threads.run(release.wait) for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in hanging] == [TimeoutError] * 2
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        await threads.run(lambda: pytest.fail("there was no place for this"))
    assert time.monotonic() - started < 5
    release.set()
    await asyncio.sleep(0.1)
    assert await threads.run(lambda: "free again") == "free again"


def test_a_thread_that_hangs_does_not_keep_the_process() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", STUCK], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, "given up\n")
