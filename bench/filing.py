"""Filing under fire: signed notes to a target that fails, is away for a while, and a worker that is killed meanwhile.

What counts in the end is what stands at the target: every note once, with the bytes that were rendered. Beside that,
what filing a note costs in calm weather, next to a bare client that only POSTs as many bytes.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from bench.figures import Report, percentile, table
from bench.stage import Server, Stage, child_environment, free_port, stage
from bot.domain.filing import Filing, FilingState
from bot.domain.ids import NoteId, new_note_id
from bot.domain.note import Note, Session, State
from bot.domain.people import Person
from bot.domain.statements import Slot, own_words
from bot.practice_file import PracticeFile, load_practice
from bot.settings import Settings
from bot.wiring import open_cabinet
from bot.workflows.approve_note import approve_note
from bot.workflows.cabinet import Cabinet
from bot.workflows.desk import Desk
from bot.workflows.file_note import file_note

_TARGET = "fhir"
_AT_A_TIME = 2  # as many as the product files at a time to one target
_TABLE = """[adapter]
record = "fhir"

[adapter.fhir]
base_url = "{url}/fhir"
auth = "none"
patient_system = "urn:bench:client"
encounter = "off"
files = ["txt", "pdf"]
timeout_seconds = 1
"""
_SENTENCES = (
    (Slot.REPORT, "Client reports mood a notch better and still wakes at four most nights; note {number}."),
    (Slot.OBSERVATION, "Client was tearful at first, then brighter, and oriented throughout."),
    (Slot.INTERVENTION, "Reviewed the thought record and questioned the belief of being a burden."),
    (Slot.ASSESSMENT, "Client names the thought as a thought more readily than last month."),
    (Slot.PLAN, "Activity menu next week; thought record daily until then."),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--notes`, `--kills`, `--share`, `--down`, `--seed`, `--measured`, `--settle`, `--home`."""
    parser.add_argument("--notes", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.3, help="part of the calls that fail")
    parser.add_argument("--down", type=float, default=15.0, help="seconds for which the target does not answer at all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measured", type=int, default=200, help="notes to measure in calm weather")
    parser.add_argument("--settle", type=float, default=1200.0, help="longest wait for all work to end, seconds")
    parser.add_argument("--home", type=Path, help="keep everything in this folder, which must not exist")


def run(options: argparse.Namespace) -> Report:
    """Calm weather first, then the storm."""
    if options.home:
        options.home.mkdir(parents=True)
        return asyncio.run(_run(options.home.resolve(), options))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder), options))


@dataclass(slots=True)
class _Calm:
    """Seconds for all notes, and seconds of this process's processor: filing, filing with documents there, bare."""

    notes: int
    filing: tuple[float, float] = (0.0, 0.0)
    sending: tuple[float, float] = (0.0, 0.0)
    bare: tuple[float, float] = (0.0, 0.0)

    def figures(self) -> dict[str, Any]:
        """Milliseconds a note, and ratios to the bare client."""
        wall = {name: getattr(self, name)[0] / self.notes * 1000 for name in ("filing", "sending", "bare")}
        cpu = {name: getattr(self, name)[1] / self.notes * 1000 for name in ("filing", "sending", "bare")}
        return {
            "bare_ms": round(wall["bare"], 2),
            "sending_ms": round(wall["sending"], 2),
            "filing_ms": round(wall["filing"], 2),
            "overhead_ms": round(wall["filing"] - wall["bare"], 2),
            "overhead_without_rendering_ms": round(wall["sending"] - wall["bare"], 2),
            "ratio": round(wall["filing"] / wall["bare"], 1),
            "cpu_ms": round(cpu["filing"], 2),
            "cpu_bare_ms": round(cpu["bare"], 2),
            "calm_notes_per_second": round(self.notes / self.filing[0], 1),
        }


@dataclass(slots=True)
class _Found:
    """What the target and the ledger hold in the end."""

    there: int
    doubled: int
    wrong_hash: int
    states: Counter[str]
    attempts: list[int]
    met: dict[str, int]
    wrong: list[str] = field(default_factory=list[str])


async def _run(home: Path, options: argparse.Namespace) -> Report:
    async with _target(home, options.seed) as url, stage(home) as staged:
        where = replace(staged, practice=_file_to(home, url))
        calm = await _calm(where, url, options.measured)
        signed_at, kills, seconds = await _storm(where, url, options)
        found = await _look(where, url)
        return _report(options, calm, found, signed_at, kills, seconds)


@contextlib.asynccontextmanager
async def _target(home: Path, seed: int) -> AsyncGenerator[str]:
    """The target in a process of its own; its address."""
    port = free_port()
    process = _started(home, "bench.filing_target", "--port", str(port), "--seed", str(seed), "--late", "1.5")
    url = f"http://127.0.0.1:{port}"
    try:
        await _until(lambda: _get(url, "/healthz"), 20)
        yield url
    finally:
        process.kill()
        process.wait()


def _started(home: Path, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    with (home / "target.log").open("ab") as log:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(command, env=child_environment({}), cwd=home, stdout=log, stderr=log)


def _file_to(home: Path, url: str) -> PracticeFile:
    """The stage's practice files to the target from now on."""
    path = home / "practice.toml"
    changed = re.sub(
        r"(?ms)^\[adapter\]\n.*?(?=^# Caseload|^\[caseload)", _TABLE.format(url=url) + "\n", path.read_text()
    )
    path.write_text(changed)
    return load_practice(path)


async def _calm(where: Stage, url: str, count: int) -> _Calm:
    calm = _Calm(count)
    async with _practice_at(where) as (desk, cabinet):
        first, second = [await _signed(desk, count, start) for start in (0, count)]
        calm.filing = await _measured([lambda n=n: file_note(desk, cabinet, n, _TARGET) for n in first])
        for note_id in second:
            async with desk.database.writing(desk.id) as unit:
                await unit.documents.add(note_id, cabinet.render(await unit.notes.get(note_id), None, {}))
                await unit.commit()
        calm.sending = await _measured([lambda n=n: file_note(desk, cabinet, n, _TARGET) for n in second])
        async with desk.database.reading(desk.id) as unit:
            kept = await unit.documents.of(first[0])
        body = b"".join(base64.b64encode(kept[kind]) for kind in ("txt", "pdf"))
    async with aiohttp.ClientSession() as session:
        calm.bare = await _measured([lambda: _plain(session, url, body) for _ in range(count)])
    return calm


async def _storm(where: Stage, url: str, options: argparse.Namespace) -> tuple[float, int, float]:
    """Sign everything, let the target fail, kill the worker again and again; the seconds until nothing is left."""
    async with where.desk() as desk:
        began = time.monotonic()
        await _signed(desk, options.notes, 10_000)
        signing = time.monotonic() - began
    await _set(url, share=options.share)
    server = Server(where, "product", "--lease", "8", "--at-once", "8")
    began, chance = time.monotonic(), random.Random(options.seed)
    for number in range(options.kills):
        await server.start()
        await asyncio.sleep(chance.uniform(1.0, 5.0))
        if number == options.kills // 2:
            await _set(url, down=True)
            await asyncio.sleep(options.down)
            await _set(url, down=False)
        server.kill()
    await server.start()
    async with where.desk() as desk:
        await _until(lambda: _nothing_left(desk), options.settle)
    seconds = time.monotonic() - began
    await server.stop()
    return signing, options.kills, seconds


async def _look(where: Stage, url: str) -> _Found:
    """Hold the target against the ledger and the stored documents."""
    answer = await _get(url, "/bench/documents")
    rows = [(NoteId(note_id.rpartition(":")[2]), sha256) for note_id, sha256 in answer["documents"]]
    counts = Counter(note_id for note_id, _ in rows)
    there = dict(rows)
    found = _Found(len(there), sum(n > 1 for n in counts.values()), 0, Counter(), [], answer["met"])
    async with where.desk() as desk, desk.database.reading(desk.id) as unit:
        for note_id in await unit.notes.in_states(tuple(State), 1_000_000):
            filing = (await unit.ledger.of(note_id))[0]
            found.states[filing.state] += 1
            found.attempts.append(filing.attempts)
            if problem := _problem(filing, there.get(note_id), await unit.documents.of(note_id)):
                found.wrong_hash += 1
                found.wrong.append(f"{note_id}: {problem}")
    found.wrong += [f"{note_id} is there {number} times" for note_id, number in counts.items() if number > 1]
    return found


def _problem(filing: Filing, sha256: str | None, files: Any) -> str:
    """What is wrong with one note, empty when nothing is."""
    if filing.state is not FilingState.STORED or filing.receipt is None:
        return f"{filing.state} ({filing.error_code})"
    expected = hashlib.sha256(files["txt"]).hexdigest()
    if sha256 != expected:
        return "not at the target" if sha256 is None else "other bytes at the target"
    return "" if filing.receipt.sha256 == expected else "the receipt has another hash"


async def _signed(desk: Desk, count: int, start: int) -> list[NoteId]:
    """So many signed notes, through the workflow that signs."""
    clinicians = [p for p in desk.practice.people if desk.practice.clients_of(p.id) and not p.reviewed]
    made: list[NoteId] = []
    for number in range(start, start + count):
        person = clinicians[number % len(clinicians)]
        note = _draft(desk, person, number)
        async with desk.database.writing(desk.id) as unit:
            await unit.notes.add(note)
            await unit.commit()
        await approve_note(desk, person, note.id, note.version, "bench")
        made.append(note.id)
    return made


def _draft(desk: Desk, person: Person, number: int) -> Note:
    clients = desk.practice.clients_of(person.id)
    return Note(
        id=new_note_id(),
        practice_id=desk.id,
        clinician_id=person.id,
        state=State.DRAFT,
        format_id="soap",
        summary="",
        created_at=desk.clock.now(),
        client_code=clients[number % len(clients)].code,
        session=Session(date=desk.today(person), minutes=50),
        statements=tuple(own_words(text.format(number=number), slot) for slot, text in _SENTENCES),
        version=1,
        source="",
    )


@contextlib.asynccontextmanager
async def _practice_at(where: Stage) -> AsyncGenerator[tuple[Desk, Cabinet]]:
    async with where.desk() as desk:
        cabinet = open_cabinet(Settings.load(where.environment(1)), where.practice, desk)
        try:
            yield desk, cabinet
        finally:
            for target in cabinet.targets.values():
                await target.sink.close()


async def _measured(calls: list[Callable[[], Awaitable[object]]]) -> tuple[float, float]:
    """Seconds, and seconds of the processor, for all calls, a few at a time."""
    places = asyncio.Semaphore(_AT_A_TIME)

    async def one(call: Callable[[], Awaitable[object]]) -> None:
        async with places:
            await call()

    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(call) for call in calls))
    return time.perf_counter() - began, time.process_time() - used


async def _plain(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
    async with session.post(f"{url}/plain", data=body) as answer:
        await answer.read()


async def _set(url: str, **wanted: float | bool) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{url}/bench/share", json=wanted) as answer:
        await answer.read()


async def _get(url: str, path: str) -> Any:
    try:
        async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
            return await answer.json() if answer.status == 200 else None
    except aiohttp.ClientError:
        return None


async def _nothing_left(desk: Desk) -> bool:
    async with desk.database.reading(desk.id) as unit:
        return not await unit.notes.in_states([State.APPROVED, State.FILING], 1)


async def _until(asked: Callable[[], Awaitable[Any]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while await asked() in (None, False) and time.monotonic() < deadline:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.3)


def _report(
    options: argparse.Namespace, calm: _Calm, found: _Found, signing: float, kills: int, seconds: float
) -> Report:
    notes = options.notes + 2 * options.measured
    figures: dict[str, Any] = {
        "notes": notes,
        "kills": kills,
        "at_target": found.there,
        "doubled": found.doubled,
        "wrong": len(found.wrong),
        "stored": found.states[FilingState.STORED],
        "attempts_p50": percentile(found.attempts, 50),
        "attempts_max": max(found.attempts, default=0),
        "seconds_to_sign": round(signing, 1),
        "seconds_of_storm": round(seconds, 1),
        "storm_notes_per_second": round(options.notes / seconds, 1),
        **{f"met_{name}": number for name, number in found.met.items()},
        **calm.figures(),
    }
    shown = table(f"filing to a target that fails {options.share:.0%} of the calls (seed {options.seed})", "", "")
    for name, value in figures.items():
        shown.add_row(name.replace("_", " "), str(value))
    held = not found.wrong and found.there == notes
    remarks = [f"WRONG: {sentence}" for sentence in found.wrong[:20]]
    remarks.append("every note is there once, each hash is right" if held else f"{len(found.wrong)} things are wrong")
    return Report({"benchmark": "filing", **figures}, [shown], remarks, held=held)
