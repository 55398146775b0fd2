"""kill -9 at random moments while summaries and signatures arrive: nothing lost, nothing filed twice.

The application runs in a child process on one home folder and is started again after every kill; the workspace lives
on in this process, retries events as Slack does on a scaled clock, and knows what was acknowledged.
"""

import argparse
import asyncio
import contextlib
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.crash_check import Findings, check
from bench.crash_load import Done, Load
from bench.figures import Report, percentile, table
from bench.stage import Server, Stage, notes_in, stage
from bot.domain.note import State
from demo.cast import Timing

_RETRIES = (0.2, 2.0, 8.0)  # Slack's are 0, 60 and 300 seconds
_WHILE_STARTING = 0.2  # this part of the kills hits at any moment after the start, before it serves too
_SOON_AFTER = 0.5  # this part of the others within about 100 ms of an acknowledgement
_WAITING = (State.DRAFTING, State.APPROVED, State.FILING)


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--kills`, `--seed`, `--pause`, `--lease`, `--settle`, `--home`."""
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.4, help="mean seconds between two acts of a clinician")
    parser.add_argument("--lease", type=int, default=8, help="a filing's lease in seconds; 0: the product's own times")
    parser.add_argument("--settle", type=float, default=240.0, help="longest wait for all work to end, seconds")
    parser.add_argument("--home", type=Path, help="keep everything in this folder, which must not exist")


def run(options: argparse.Namespace) -> Report:
    """Kill, let it settle, check."""
    if options.home:
        options.home.mkdir(parents=True)
        return asyncio.run(_run(options.home.resolve(), options))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder), options))


async def _run(home: Path, options: argparse.Namespace) -> Report:
    began = time.monotonic()
    async with stage(home, Timing(retries=_RETRIES)) as where:
        server = Server(where, "product", "--lease", str(options.lease))
        where.workspace.request_url = server.url
        load = Load(where, options.seed, options.pause)
        await server.start()
        load.start()
        early, starts = await _kill(server, load, random.Random(options.seed), options.kills)
        killed = time.monotonic() - began
        await server.start()
        await load.stop()
        await _settle(where, options.settle)
        settled = time.monotonic() - began
        await server.stop()
        findings = await check(where, load.done)
        return _report(options, where, load.done, findings, early, [percentile(starts, 50), killed, settled])


async def _kill(server: Server, load: Load, chance: random.Random, kills: int) -> tuple[int, list[float]]:
    """Kill and start again; the server is down at the end.

    Returns how many kills hit before it served, and the seconds from each start until it served.
    """
    early, starts = 0, []
    for number in range(kills):
        if number:
            server.spawn()
        if number and chance.random() < _WHILE_STARTING:
            await asyncio.sleep(chance.uniform(0.0, 1.2))
            early += 1
        else:
            starts.append(await server.ready())
            await _moment(load, chance)
        server.kill()
    return early, starts


async def _moment(load: Load, chance: random.Random) -> None:
    """Any moment, or one soon after something was acknowledged, while the work it causes is under way."""
    await asyncio.sleep(chance.uniform(0.02, 2.5))
    if chance.random() < _SOON_AFTER:
        load.acknowledged.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await load.acknowledged.wait()
        await asyncio.sleep(chance.expovariate(10.0))


async def _settle(where: Stage, longest: float) -> None:
    """Until Slack has given up repeating and no note waits for a worker, twice in a row."""
    await asyncio.sleep(sum(_RETRIES) + where.workspace.timing.ack)
    deadline, quiet = time.monotonic() + longest, 0
    async with where.desk() as desk:
        while quiet < 2 and time.monotonic() < deadline:
            quiet = 0 if await notes_in(desk, *_WAITING) else quiet + 1
            await asyncio.sleep(1.0)


def _report(
    options: argparse.Namespace,
    where: Stage,
    done: Done,
    found: Findings,
    early: int,
    seconds: list[float],
) -> Report:
    figures: dict[str, Any] = {
        "kills": options.kills,
        "kills_while_starting": early,
        "commands_sent": len(done.commands),
        "commands_acknowledged": sum(done.commands.values()),
        "commands_refused": done.refused,
        "commands_lost": found.lost_commands,
        "messages_sent": len(done.messages),
        "messages_delivered": len(done.delivered(where)),
        "messages_lost": found.lost_messages,
        "summaries_doubled": found.doubled_summaries,
        "signatures_sent": len(done.signatures),
        "signatures_acknowledged": sum(done.signatures.values()),
        "signatures_lost": found.lost_signatures,
        "notes": found.notes,
        "filed": found.states["filed"],
        "filed_twice": found.filed_twice,
        "filed_wrong": found.filed_wrong,
        "cards_posted_again": found.cards_again,
        "cards_left_at_drafting": found.cards_stuck,
        "cards_behind_their_note": found.cards_stale,
        "temporary_files_left": found.leftovers,
        "wrong": len(found.wrong),
        "seconds_to_start_p50": round(seconds[0], 2),
        "seconds": round(seconds[1]),
        "seconds_until_settled": round(seconds[2]),
    }
    shown = table(f"kill -9 while work arrives (seed {options.seed})", "", "")
    for name, value in figures.items():
        shown.add_row(name.replace("_", " "), str(value))
    remarks = [f"WRONG: {sentence}" for sentence in found.wrong[:20]]
    remarks.append("nothing lost, nothing doubled" if not found.wrong else f"{len(found.wrong)} things are wrong")
    return Report({"benchmark": "crash", **figures}, [shown], remarks, held=not found.wrong)
