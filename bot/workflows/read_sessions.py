"""The rows of a calendar's file or of typed lines, as a practice reads them: its clients, its time zone, its locale."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from bot.calendars.csv_reader import read_csv
from bot.calendars.ics_reader import read_ics
from bot.calendars.kinds import looks_like
from bot.calendars.reading import Reading
from bot.cards import sessions_words as words
from bot.domain.appointments import RefusedRow, SessionRow
from bot.domain.errors import UserMistake
from bot.drafting.guards import check_client_code
from bot.workflows.desk import Desk

_HEAD = 40  # lines by which a file's kind is known
_BACK, _AHEAD = dt.timedelta(days=5 * 366), dt.timedelta(days=62)  # of series that go on for ever


def reading_for(desk: Desk, timezone: str) -> Reading:
    """How this practice reads a calendar: by the codes of its caseload, where it has one."""
    known = {client.code for client in desk.practice.clients}
    return Reading(timezone, desk.locale, known.__contains__ if known else None, check_code=check_client_code)


def read_file(
    desk: Desk, lines: Iterable[str], name: str, timezone: str = ""
) -> tuple[str, Iterator[SessionRow | RefusedRow]]:
    """The kind of a calendar's file, `ics` or `csv`, and its rows. Raises UserMistake for one that is neither.

    `timezone`: of what names none, instead of the practice's.
    """
    rest = iter(lines)
    head = list(islice(rest, _HEAD))
    kind = looks_like("".join(head), name)
    if not kind:
        raise UserMistake("unknown_calendar", words.NO_CALENDAR)
    reading, whole = reading_for(desk, timezone or desk.practice.timezone), chain(head, rest)
    if kind == "csv":
        return kind, read_csv(whole, reading)
    now = desk.clock.now()
    return kind, read_ics(whole, reading, now - _BACK, now + _AHEAD)
