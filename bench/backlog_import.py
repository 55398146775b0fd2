"""How long years of sessions take to import, and how much memory, as `afternote sessions import FILE` reads them.

Each size in a process of its own, from a file on disk to an SQLite database: every row is read, held against what is
on the list already, sealed and kept, 500 a transaction.
"""

import asyncio
import csv
import datetime as dt
import json
import subprocess
import sys
import time
from pathlib import Path

from bench.draft import ROSA
from bot.domain.ids import PracticeId
from bot.domain.people import Practice
from bot.formats_file import load_formats
from bot.sessions_command import opened
from bot.wiring import SystemClock
from bot.workflows.desk import Desk
from bot.workflows.import_sessions import Fate, import_sessions
from bot.workflows.read_sessions import read_file
from bot.workflows.roster import Roster
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import upgrade
from storage.unit_of_work import SqlDatabase

_CODES, _A_DAY = 40, 6


def write_sessions(file: Path, rows: int) -> None:
    """A table of one person's sessions, six each day, in order of time, as a calendar's program writes it."""
    first = dt.date(2026, 3, 2) - dt.timedelta(days=rows // _A_DAY)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["session_id", "client_code", "clinician", "date", "start", "stop", "kind", "status"])
        for number in range(rows):
            day, place = divmod(number, _A_DAY)
            at, code = f"{9 + place}:00", f"JD-{number * 7 % _CODES:03}"
            ends = f"{9 + place}:50"
            date = first + dt.timedelta(days=day)
            writer.writerow([f"L-{number:07}", code, ROSA.id, date, at, ends, "individual", "completed"])


def imported(folder: Path, rows: int) -> dict[str, float]:
    """Seconds, rows a second and the greatest memory (MB) of a process that imports so many sessions, then again."""
    file = folder / f"sessions-{rows}.csv"
    write_sessions(file, rows)
    asked = [sys.executable, "-m", "bench.backlog_import", str(file), str(folder / f"import-{rows}.db"), str(rows)]
    return json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout)


async def _import(file: Path, database_file: Path, rows: int) -> dict[str, float]:
    url = f"sqlite:///{database_file}"
    upgrade(url)
    database = SqlDatabase(url, KeyRing.parse(new_key_ring()))
    practice = Practice(PracticeId("p"), "P", ROSA.timezone, (ROSA,))
    desk = Desk(Roster(practice), load_formats(), database, SystemClock())
    seconds = {"first": await _once(desk, file, {Fate.NEW: rows}), "memory": _peak()}
    seconds["again"] = await _once(desk, file, {Fate.SAME: rows})
    await database.close()
    return seconds


async def _once(desk: Desk, file: Path, expected: dict[Fate, int]) -> float:
    begun = time.perf_counter()
    with opened(file) as lines:
        report = await import_sessions(desk, None, read_file(desk, lines, file.name)[1], "csv", "cli", operator=True)
    taken = time.perf_counter() - begun
    if report.counts != expected:
        raise SystemExit(f"expected {expected}, found {dict(report.counts)}")
    return round(taken, 2)


def _peak() -> float:
    # Not getrusage: its maximum is inherited from whoever started this process.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(kilobytes) / 1024, 1)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_import(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))))
