"""How long a slash command waits for its acknowledgement, and what it costs: the product beside a bare Bolt app.

Three servers take turns, a fresh process each time: bare Bolt; the product with drafting left for later (what the
request itself costs); the product doing everything. Every acknowledged command must be a note in the database.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.child import POINTER as BARE_POINTER
from bench.disk import commits
from bench.figures import Report, spread, table, verdict
from bench.shooter import Orders, in_own_process
from bench.stage import Server, Stage, notes_in, stage
from bot.cards import words
from bot.domain.note import State

SUMMARY = (
    "soap JD-014 yesterday 50min Client reports mood a notch better, still waking at 4am most nights, appetite ok. "
    "Thought record done 3 of 7 days, brought it in. Reviewed it together, worked on the thought of being a burden "
    "with Socratic questions. Client found an alternative thought on her own and was tearful saying it. Denies SI. "
    "Affect brighter by the end. Next week behavioral activation menu. Homework: thought record daily, walk on Sat."
)
AIM_MS, AIM_RATIO = 3.0, 2.5
_SERVERS = {
    "bare": ("bare Bolt", ["bare"], BARE_POINTER),
    "web": ("product, drafting left for later", ["product", "--postponed"], words.POINTER),
    "all": ("product, everything", ["product"], words.POINTER),
}


@dataclass(slots=True)
class Tally:
    """What all rounds of one server gave. CPU in seconds of the server's process."""

    latencies: list[float] = field(default_factory=list)
    sent: int = 0
    requests: int = 0  # sent and warm-up
    errors: int = 0
    acknowledged: int = 0
    cpu: float = 0.0
    idle_cpu: list[float] = field(default_factory=list)
    notes: int = 0
    drafted: int = 0
    settling: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Rounded, in milliseconds."""
        return {
            **spread(self.latencies),
            "errors": self.errors,
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "notes": self.notes,
            "drafted": self.drafted,
            "cpu_ms": round(self.cpu * 1000 / max(1, self.requests), 3),
            "idle_cpu_ms_per_s": round(1000 * sum(self.idle_cpu) / max(1, len(self.idle_cpu)), 1),
            "settling_s": round(max(self.settling, default=0.0), 1),
        }


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--seconds`, `--rounds`, `--rate`, `--settle`."""
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each server is shot at in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=100.0, help="commands a second")
    parser.add_argument("--settle", type=float, default=90.0, help="longest wait for the drafts of a round, seconds")


def run(options: argparse.Namespace) -> Report:
    """All rounds, interleaved."""
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> Report:
    tallies = {name: Tally() for name in _SERVERS}
    taken: list[float] = []
    for _ in range(options.rounds):
        taken += await asyncio.to_thread(commits)
        for name, tally in tallies.items():
            with tempfile.TemporaryDirectory() as folder:
                async with stage(Path(folder)) as where:
                    await _round(where, name, tally, options)
    return _report(tallies, taken, options)


async def _round(where: Stage, name: str, tally: Tally, options: argparse.Namespace) -> None:
    _, arguments, expected = _SERVERS[name]
    server = Server(where, *arguments)
    await server.start()
    where.workspace.request_url = server.url
    orders = Orders(
        url=server.url,
        secret=where.workspace.app.signing_secret,
        team=where.workspace.team_id,
        people=where.clinicians,
        text=SUMMARY,
        expected=expected,
        rate=options.rate,
        seconds=options.seconds,
    )
    try:
        await asyncio.sleep(1.0)
        tally.idle_cpu.append(await _cpu_in_a_second(server))
        before = server.cpu_seconds()
        shot = await in_own_process(orders)
        if name == "all":
            tally.settling.append(await _settled(where, options.settle))
        used = server.cpu_seconds() - before
    finally:
        await server.stop()
    _add(tally, shot, used, orders.warm_up)
    if name != "bare":
        async with where.desk() as desk:
            tally.notes += len(await notes_in(desk))
            tally.drafted += len(await notes_in(desk, State.DRAFT))


async def _cpu_in_a_second(server: Server) -> float:
    before = server.cpu_seconds()
    await asyncio.sleep(1.0)
    return server.cpu_seconds() - before


async def _settled(where: Stage, longest: float) -> float:
    """Wait until every note is drafted and its card shows it; the seconds it took."""
    began = time.monotonic()
    async with where.desk() as desk:
        while time.monotonic() - began < longest:
            waiting = await notes_in(desk, State.DRAFTING)
            shown = [m.text for m in where.workspace.messages.everything() if m.bot and not m.ephemeral_to]
            if not waiting and words.DRAFTING_NOTICE not in shown and len(shown) >= len(await notes_in(desk)):
                break
            await asyncio.sleep(0.5)
    return time.monotonic() - began


def _add(tally: Tally, shot: dict[str, object], cpu: float, warm_up: int) -> None:
    latencies: Sequence[float] = shot["latencies"]  # type: ignore[assignment]
    tally.latencies += latencies
    tally.sent += int(str(shot["sent"]))
    tally.errors += int(str(shot["errors"]))
    tally.acknowledged += int(str(shot["acknowledged"]))
    tally.requests += int(str(shot["sent"])) + warm_up
    tally.cpu += cpu


def _report(tallies: dict[str, Tally], taken: list[float], options: argparse.Namespace) -> Report:
    figures = {name: tally.figures() for name, tally in tallies.items()}
    bare, web, everything = figures["bare"], figures["web"], figures["all"]
    compared = {
        "p50_difference_ms": round(web["p50"] - bare["p50"], 2),
        "p50_difference_ms_all": round(everything["p50"] - bare["p50"], 2),
        "cpu_ratio": round(web["cpu_ms"] / bare["cpu_ms"], 2),
        "cpu_ratio_all": round(everything["cpu_ms"] / bare["cpu_ms"], 2),
    }
    lost = sum(tallies[name].acknowledged - tallies[name].notes for name in ("web", "all"))
    shown = table(
        f"/note at {options.rate:g} a second, open loop, {options.rounds} x {options.seconds:g} s each",
        "server", "p50 ms", "p99 ms", "max ms", "errors", "CPU ms/request", "idle CPU ms/s", "acknowledged", "notes",
    )  # fmt: skip
    for name, row in figures.items():
        notes = "-" if name == "bare" else f"{row['notes']:g}"
        shown.add_row(
            _SERVERS[name][0], f"{row['p50']:.2f}", f"{row['p99']:.2f}", f"{row['max']:.1f}", f"{row['errors']:g}",
            f"{row['cpu_ms']:.2f}", f"{row['idle_cpu_ms_per_s']:.0f}", f"{row['acknowledged']:g}", notes,
        )  # fmt: skip
    floor = spread(taken)
    remarks = [
        f"a commit of one row to this disk, with SQLite and nothing else: p50 {floor['p50']:.2f} ms, "
        f"p99 {floor['p99']:.2f} ms",
        *_remarks(compared, everything, lost),
    ]
    return Report(
        {"benchmark": "ack", **figures, **compared, "commit": floor, "lost": lost}, [shown], remarks, held=lost == 0
    )


def _remarks(compared: dict[str, float], everything: dict[str, float], lost: int) -> list[str]:
    itself, beside = compared["p50_difference_ms"], compared["p50_difference_ms_all"]
    return [
        f"p50 above bare (aim: {AIM_MS:g} ms): {itself:+.2f} ms by the request itself: {verdict(itself <= AIM_MS)}; "
        f"{beside:+.2f} ms with all drafting at the same time: {verdict(beside <= AIM_MS)}",
        f"CPU per request: {compared['cpu_ratio']:.2f} times bare for the request itself (aim: {AIM_RATIO:g}): "
        f"{verdict(compared['cpu_ratio'] <= AIM_RATIO)}; {compared['cpu_ratio_all']:.1f} times with the draft and its "
        f"two cards; the last draft was shown {everything['settling_s']:.1f} s after the last command",
        f"acknowledged commands without a note: {lost}",
    ]
