"""What `afternote sessions import` does: a calendar's file or address, read row by row and put on clinicians' lists."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import UserMistake
from bot.domain.ids import PersonId
from bot.practices import the_practice
from bot.workflows.desk import Desk
from bot.workflows.import_sessions import ImportReport, import_sessions
from bot.workflows.read_sessions import read_file

if TYPE_CHECKING:
    from bot.settings import Settings


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
