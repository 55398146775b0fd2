"""What `afternote sessions import` does: a calendar's file or address, read row by row and put on clinicians' lists."""

import datetime as dt
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.errors import EffectError, UserMistake
from bot.domain.ids import PersonId
from bot.ports import SessionSource
from bot.practices import load_practices, the_practice
from bot.workflows.desk import Desk
from bot.workflows.import_sessions import ImportReport, import_sessions
from bot.workflows.read_sessions import read_file

if TYPE_CHECKING:
    from bot.settings import Settings

_NO_SOURCE = (
    "No place of this practice's storage offers sessions. Set import_sessions = true for its FHIR server in"
    " practice.toml."
)
_RECORD_TROUBLE = (
    "The record system did not give its sessions ({code}), and nothing was changed. Run afternote check, then try"
    " again."
)


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
                return await _read(desk, fetched.lines(), "", clinician, keep, progress)
        with opened(Path(source)) as lines:
            return await _read(desk, lines, source, clinician, keep, progress)
    finally:
        await desk.database.close()


async def from_record(
    settings: "Settings",
    since: dt.date,
    until: dt.date,
    clinician: str,
    *,
    keep: bool,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import what the practice's record system knows, of days from `since` on and before `until`.

    Raises UserMistake when the practice's storage offers no sessions, or does not give them.
    """
    from bot.wiring import SystemClock, open_cabinet, open_desk

    practice, alone = the_practice(settings), len(load_practices(settings)) == 1
    desk = await open_desk(settings, practice, SystemClock())
    try:
        _check_clinician(desk, clinician)
        cabinet = open_cabinet(settings, practice, desk, alone=alone)
        try:
            sinks = [target.sink for target in cabinet.targets.values()]
            source = next((sink for sink in sinks if isinstance(sink, SessionSource) and sink.offers_sessions), None)
            if source is None:
                raise UserMistake("no_source", _NO_SOURCE)
            zone, whose = ZoneInfo(desk.practice.timezone), PersonId(clinician) if clinician else None
            first, last = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (since, until))
            listed = source.sessions(first, last, zone.key, [whose] if whose else [])
            rows = [row async for row in listed]  # all of them first: a server that fails midway changes nothing
        except EffectError as error:
            raise UserMistake("record_trouble", _RECORD_TROUBLE.format(code=error.code)) from None
        finally:
            await cabinet.close()
        return await import_sessions(
            desk, None, iter(rows), "fhir", "cli", clinician=whose, keep=keep, operator=True, progress=progress
        )
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
    lines: Iterable[str],
    name: str,
    clinician: str,
    keep: bool,
    progress: Callable[[int], None] | None,
) -> ImportReport:
    kind, rows = read_file(desk, lines, name)
    whose = PersonId(clinician) if clinician else None
    return await import_sessions(
        desk, None, rows, kind, "cli", clinician=whose, keep=keep, operator=True, progress=progress
    )


def _check_clinician(desk: Desk, clinician: str) -> None:
    if clinician and desk.practice.person(PersonId(clinician)) is None:
        raise UserMistake("no_person", f"There is nobody with the id {clinician!r} on the roster.")
