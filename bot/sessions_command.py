"""What `afternote sessions import` does: a calendar's file or address, read row by row and put on clinicians' lists."""

import datetime as dt
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from bot.calendars.csv_reader import read_csv
from bot.calendars.ics_reader import read_ics
from bot.calendars.kinds import looks_like
from bot.domain.appointments import RefusedRow, SessionRow
from bot.domain.errors import UserMistake
from bot.domain.ids import PersonId
from bot.practices import the_practice
from bot.workflows.desk import Desk
from bot.workflows.import_sessions import ImportReport, import_sessions, reading_for

if TYPE_CHECKING:
    from bot.settings import Settings

_HEAD = 40  # lines by which a file's kind is known
_BACK, _AHEAD = dt.timedelta(days=5 * 366), dt.timedelta(days=62)  # of series that go on for ever


async def imported(
    settings: "Settings",
    source: str,
    clinician: str,
    *,
    keep: bool,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import a file, or an https or webcal address. Raises UserMistake for what cannot be read."""
    from bot.wiring import SystemClock, open_desk

    practice = the_practice(settings)
    desk = await open_desk(settings, practice, SystemClock())
    try:
        _check_clinician(desk, clinician)
        if source.startswith(("https://", "http://", "webcal://")):
            from adapters.calendar_url import fetch_calendar

            with await fetch_calendar(source) as fetched:
                return await _read(desk, practice.locale, fetched.lines(), "", clinician, keep, progress)
        with opened(Path(source)) as lines:
            return await _read(desk, practice.locale, lines, source, clinician, keep, progress)
    finally:
        await desk.database.close()


@contextmanager
def opened(path: Path) -> Generator[Iterable[str]]:
    """The file's lines, one at a time. Raises UserMistake when it cannot be opened."""
    try:
        file = path.open(encoding="utf-8-sig", errors="replace", newline="")
    except OSError as error:
        raise UserMistake("no_file", f"{path} cannot be read: {error.strerror}.") from None
    with file:
        yield file


async def _read(
    desk: Desk,
    locale: str,
    lines: Iterable[str],
    name: str,
    clinician: str,
    keep: bool,
    progress: Callable[[int], None] | None,
) -> ImportReport:
    rest = iter(lines)
    head = list(islice(rest, _HEAD))
    kind = looks_like("".join(head), name)
    if not kind:
        raise UserMistake("unknown_calendar", "This is neither a calendar (.ics) nor a table with headers (.csv).")
    rows = rows_of(desk, locale, chain(head, rest), kind)
    whose = PersonId(clinician) if clinician else None
    return await import_sessions(
        desk, None, rows, kind, "cli", clinician=whose, keep=keep, operator=True, progress=progress
    )


def rows_of(desk: Desk, locale: str, lines: Iterable[str], kind: str) -> Iterator[SessionRow | RefusedRow]:
    """The rows of a file of this kind, as this practice reads them."""
    reading = reading_for(desk, desk.practice.timezone, locale)
    if kind == "csv":
        return read_csv(lines, reading)
    now = desk.clock.now()
    return read_ics(lines, reading, now - _BACK, now + _AHEAD)


def _check_clinician(desk: Desk, clinician: str) -> None:
    if clinician and desk.practice.person(PersonId(clinician)) is None:
        raise UserMistake("no_person", f"There is nobody with the id {clinician!r} on the roster.")
