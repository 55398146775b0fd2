"""Microsoft Teams: signed format switches a second and how long one takes; how long five sends hold the loop up.

Three servers take turns, a fresh process each time: a bare aiohttp endpoint, the product's boundary with its token
check and nothing behind it, the product. Every switch must be exactly one version of its note.
"""

import argparse
import asyncio
import gc
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.disk import commits
from bench.figures import Report, percentile, spread, table, verdict
from bench.stage import Server, TeamsStage, child_environment, contents, free_port, redrafted, teams_stage
from bench.teams_client import Pressed, Shots, busy, drafts, paced, settled
from bench.teams_servers import ANSWER
from bench.teams_stall import SENDS
from bot.teams.app import ROUTE

AIM_STALL_MS = 20.0
_TITLES = {"bare": "bare aiohttp", "gate": "boundary and token check alone", "product": "product"}
_STALLS = {"ours": "product's connector", "sdk": "the SDK as its samples use it"}


@dataclass(slots=True)
class Tally:
    """What all rounds of one server gave. CPU in seconds of the server's process, for the switches of `busy`."""

    paced: Shots = field(default_factory=Shots)
    busy: Shots = field(default_factory=Shots)
    cpu: float = 0.0
    settling: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Rounded; times in milliseconds."""
        answered = len(self.busy.latencies)
        return {
            "paced": spread(self.paced.latencies),
            "busy": spread(self.busy.latencies),
            "per_second": round(answered / self.busy.seconds, 1),
            "cpu_ms": round(self.cpu * 1000 / max(1, answered), 3),
            "errors": self.paced.errors + self.busy.errors,
            "settling_s": round(max(self.settling, default=0.0), 1),
        }


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--rounds`, `--notes`, `--switches`, `--rate`, `--seconds`, `--token`, `--stalls`."""
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--notes", type=int, default=16, help="drafts, each switched by one connection at a time")
    parser.add_argument("--switches", type=int, default=50, help="of each note, all notes at once")
    parser.add_argument("--rate", type=float, default=20.0, help="switches a second, one at a time")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long one at a time")
    parser.add_argument("--token", type=float, default=0.4, help="seconds that the token service takes")
    parser.add_argument("--stalls", type=int, default=5, help="how often five sends are made, in a fresh process each")


def run(options: argparse.Namespace) -> Report:
    """All rounds, then the sends."""
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> Report:
    tallies = {name: Tally() for name in _TITLES}
    floor: list[float] = []
    wrong = 0
    for _ in range(options.rounds):
        floor += await asyncio.to_thread(commits)
        with tempfile.TemporaryDirectory() as folder:
            async with teams_stage(Path(folder)) as where:
                wrong += await _round(where, tallies, options)
    with tempfile.TemporaryDirectory() as folder:
        async with teams_stage(Path(folder)) as where:
            stalls = await _stalls(where, options)
    return _report(tallies, wrong, spread(floor), stalls, options)


async def _round(where: TeamsStage, tallies: dict[str, Tally], options: argparse.Namespace) -> int:
    """The product, then the others with the same requests. How many notes are not what they should be."""
    port = free_port()
    where.service.bot_url = f"http://127.0.0.1:{port}{ROUTE}"
    product = Server(where, "product", port=port)
    await product.start()
    try:
        cards = await drafts(where, options.notes)
        async with where.desk() as desk:
            before = await contents(desk)
        await _measure(product, cards, tallies["product"], options, longest=120.0)
        async with where.desk() as desk:
            after = await contents(desk)
    finally:
        await product.stop()
    switches = sum(card.turn for card in cards)
    answer = where.home / "answer.json"
    answer.write_bytes(cards[0].answer)
    for name in ("bare", "gate"):
        other = Server(where, name, extra={ANSWER: str(answer)}, module="bench.teams_servers")
        await other.start()
        try:
            await _measure(other, cards, tallies[name], options)
        finally:
            await other.stop()
    return redrafted(before, after, switches)


async def _measure(
    server: Server, cards: list[Pressed], tally: Tally, options: argparse.Namespace, longest: float = 0.0
) -> None:
    """One circle of formats for every card to warm up; then one switch at a time; then all cards at once.

    `longest`: seconds to wait until the chats show it; 0 where nothing is shown.
    """
    await paced(server.port, cards, 4 * len(cards), 2 * options.rate)
    if longest:
        await settled(cards, longest)
    gc.collect()
    gc.disable()
    try:
        tally.paced.add(await paced(server.port, cards, round(options.rate * options.seconds), options.rate))
        if longest:
            await settled(cards, longest)
        before = server.cpu_seconds()
        tally.busy.add(await busy(server.port, cards, options.switches))
        if longest:
            tally.settling.append(await settled(cards, longest))
        tally.cpu += server.cpu_seconds() - before
    finally:
        gc.enable()


async def _stalls(where: TeamsStage, options: argparse.Namespace) -> dict[str, dict[str, list[dict[str, float]]]]:
    """Who sends → what the loop did then → the figures of each process."""
    where.service.faults.add("token", "slow", options.token, sys.maxsize)
    found: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in _STALLS}
    for _ in range(options.stalls):
        for name, whiles in found.items():
            for what, figures in (await _stall(where, name)).items():
                whiles.setdefault(what, []).append(figures)
    return found


async def _stall(where: TeamsStage, name: str) -> dict[str, dict[str, float]]:
    known = len(where.service.sent)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.teams_stall", name, where.service.service_url),
        env=child_environment(where.environment(free_port())),
        cwd=where.home,
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await process.communicate()
    if process.returncode or len(where.service.sent) - known != 2 * SENDS:
        raise RuntimeError("the sends failed")
    return json.loads(answer)


def _report(
    tallies: dict[str, Tally],
    wrong: int,
    floor: dict[str, float],
    stalls: dict[str, dict[str, list[dict[str, float]]]],
    options: argparse.Namespace,
) -> Report:
    figures = {name: tally.figures() for name, tally in tallies.items()}
    shown = table(
        f"Format switches by signed invokes: one at a time, {options.rate:g} a second; {options.notes} notes at once "
        f"({options.rounds} rounds)",
        "server", "p50 ms", "p99 ms", "at once: per second", "p50 ms", "p99 ms", "CPU ms/switch", "errors",
    )  # fmt: skip
    for name, row in figures.items():
        shown.add_row(
            _TITLES[name], f"{row['paced']['p50']:.2f}", f"{row['paced']['p99']:.2f}", f"{row['per_second']:.0f}",
            f"{row['busy']['p50']:.1f}", f"{row['busy']['p99']:.1f}", f"{row['cpu_ms']:.2f}", f"{row['errors']}",
        )  # fmt: skip
    stood = {name: {what: _stall_figures(seen) for what, seen in whiles.items()} for name, whiles in stalls.items()}
    compared = {
        "cpu_ratio": round(figures["product"]["cpu_ms"] / figures["bare"]["cpu_ms"], 2),
        "cpu_ratio_gate": round(figures["gate"]["cpu_ms"] / figures["bare"]["cpu_ms"], 2),
        "per_second_ratio": round(figures["product"]["per_second"] / figures["bare"]["per_second"], 3),
    }
    errors = sum(row["errors"] for row in figures.values())
    return Report(
        {"benchmark": "teams", **figures, **compared, "commit": floor, "wrong": wrong, "stall": stood},
        [shown, _stall_table(stood, options)],
        _remarks(figures, compared, floor, stood, wrong),
        held=wrong == 0 and errors == 0,
    )


def _stall_figures(seen: list[dict[str, float]]) -> dict[str, float]:
    stalls = [one["stall"] for one in seen]
    return {
        "p50": percentile(stalls, 50),
        "max": max(stalls),
        "took": percentile([one["took"] for one in seen], 50),
        "imported": max(one["imported"] for one in seen),
    }


def _stall_table(stood: dict[str, dict[str, dict[str, float]]], options: argparse.Namespace) -> Any:
    shown = table(
        f"Longest gap of a 1 ms ticker while {SENDS} messages are sent at once; a token takes {options.token:g} s "
        f"({options.stalls} fresh processes each)",
        "", "p50 ms", "max ms", "all sent after ms", "modules imported",
    )  # fmt: skip
    whiles = {"idle": "nothing is sent", "cold": "first sends, no token yet", "warm": "sends after that"}
    for name, title in _STALLS.items():
        for what, how in whiles.items():
            row = stood[name][what]
            shown.add_row(
                f"{title}: {how}", f"{row['p50']:.1f}", f"{row['max']:.1f}", f"{row['took']:.0f}",
                f"{row['imported']:.0f}",
            )  # fmt: skip
    return shown


def _remarks(
    figures: dict[str, Any],
    compared: dict[str, float],
    floor: dict[str, float],
    stood: dict[str, dict[str, dict[str, float]]],
    wrong: int,
) -> list[str]:
    product, longest = figures["product"], max(stood["ours"]["cold"]["max"], stood["ours"]["warm"]["max"])
    return [
        f"a commit of one row to this disk, with SQLite and nothing else: p50 {floor['p50']:.2f} ms, "
        f"p99 {floor['p99']:.2f} ms",
        f"{product['per_second']:.0f} switches a second, {product['paced']['p99']:.1f} ms at p99 one at a time; CPU "
        f"{compared['cpu_ratio']:.1f} times bare, with the cards in the chats (the boundary alone: "
        f"{compared['cpu_ratio_gate']:.1f} times); the last card stood {product['settling_s']:.1f} s after the last "
        "switch, since Teams takes 50 calls a second and the product sends 40",
        f"the loop stood still {longest:.1f} ms at most (aim: {AIM_STALL_MS:g}): {verdict(longest < AIM_STALL_MS)}; "
        f"with the SDK as its samples use it {stood['sdk']['cold']['max']:.0f} ms",
        f"notes drafted anew or with a wrong number of versions: {wrong}",
    ]
