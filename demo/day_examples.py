"""Example data for a clinician's day: the backlog, what follows on signing, sessions read, numbers."""

import datetime as dt
from dataclasses import replace

from bot.cards import digest_screens
from bot.cards.backlog_screens import Counts, Line, backlog_card, next_form, set_aside_card, write_form
from bot.cards.calendar_screens import calendar_trouble_card
from bot.cards.elements import Card, Form
from bot.cards.first_screens import first_card, first_form, skipped_card
from bot.cards.forms import new_note_form
from bot.cards.numbers_screens import stats_card
from bot.cards.reminder_screens import reminder_card
from bot.cards.sessions_screens import preview_card, samples_form, sessions_card, sessions_form
from bot.cards.settings_screens import Shown, settings_form
from bot.cards.several_screens import Row, overview_card, several_form
from bot.domain.appointments import Appointment
from bot.domain.formats import Format
from bot.domain.ids import AppointmentId, BatchId, NoteId, PersonId
from bot.domain.note import Session, State
from bot.domain.numbers import Numbers

_MONDAY = dt.date(2026, 11, 16)
_BACKLOG = tuple((_MONDAY - dt.timedelta(weeks=ago), count) for ago, count in ((3, 9), (2, 6), (1, 7), (0, 2)))
_WEEKLY = tuple(
    (_MONDAY - dt.timedelta(weeks=ago), dt.timedelta(minutes=took)) for ago, took in ((3, 16), (1, 11), (0, 7))
)
_OWN = Numbers("Rosa Delgado", 24, dt.timedelta(minutes=9), 75, 12, 4, _BACKLOG, _WEEKLY, 0.31, "USD")
_SETTINGS = Shown(
    "LPC-Associate",
    "soap",
    remind=True,
    remind_at=dt.time(17, 30),
    days=frozenset(range(5)),
    quiet=(dt.time(20), dt.time(7)),
    away_until=None,
    minutes_before=14,
    digest=True,
    timezone="America/Chicago",
    writes=True,
    administers=False,
)


def _session(number: int, code: str, day: int, hour: int) -> Appointment:
    session = Session(dt.date(2026, 11, day), dt.time(hour), 50, "couple", "telehealth video")
    return Appointment(AppointmentId(f"a000000000000000{number}"), PersonId("rosa"), code, session, "America/Chicago")


_FIRST, _SECOND = _session(1, "JD-014", 19, 10), _session(2, "MK-003", 20, 15)


def _rows() -> list[Row]:
    """Three of several, one with a question."""
    third = replace(_session(3, "JD-014", 18, 11), note_id=NoteId("n0000000000000003"))
    return [
        Row(NoteId("n0000000000000001"), 1, State.DRAFT, _FIRST),
        Row(NoteId("n0000000000000002"), 2, State.DRAFTING, _SECOND),
        Row(NoteId("n0000000000000003"), 3, State.DRAFT, third, "other_day", (_FIRST,)),
    ]


def day_cards() -> dict[str, Card]:
    """Every card of a day, by name."""
    no_date = replace(_session(4, "", 20, 9), session=Session())
    lines = (
        Line(_FIRST, "", overdue=True),
        Line(_session(3, "LM-005", 19, 11), "draft", overdue=True),
        Line(_SECOND, "", overdue=False),
        Line(no_date, "drafting", overdue=False),
    )
    counts = Counts((("", 2), ("draft", 1), ("drafting", 1), ("in_review", 3)), 2, 31, 36, 4)
    told = (
        "Line 2: JD-014 2026-11-19 10:00 Changed as the calendar has it now.",
        "Line 4: MK-003 2026-11-20 15:00 New on the list. It overlaps with another session.",
    )
    return {
        "backlog": backlog_card(lines, counts),
        "backlog_empty": backlog_card((), Counts((), 0, 36, 36)),
        "backlog_set_aside": set_aside_card(_FIRST),
        "sessions_read": sessions_card({"new": 5, "moved": 1}, told),
        "sessions_preview": preview_card({"new": 5, "moved": 1}, told, "F0EXAMPLE01"),
        "several": overview_card(BatchId("b0000000000000001"), _rows(), begun=False),
        "several_over": overview_card(
            BatchId("b0000000000000001"), [replace(row, state=State.FILED, doubt="") for row in _rows()], begun=True
        ),
        "calendar_trouble": calendar_trouble_card("There is no calendar at this address."),
        "digest": digest_screens.digest_card(
            (digest_screens.Line("Rosa Delgado", 4, 2, 11), digest_screens.Line("Tobias Lindgren", 0, 0, 14)),
            _MONDAY,
            _MONDAY + dt.timedelta(days=6),
        ),
        "first": first_card("slack"),
        "first_skipped": skipped_card("slack"),
        "reminder": reminder_card(3, 1),
        "stats": stats_card(30, _OWN, None, (), 17),
        "stats_practice": stats_card(30, None, replace(_OWN, name="Larkspur"), (_OWN, Numbers("Tobias", 0)), 0),
    }


def day_dialogs(formats: dict[str, Format]) -> dict[str, Form]:
    """Every dialog of a day, by name."""
    filled = new_note_form(formats, "soap", _FIRST.client_code, _FIRST.session)
    return {
        "day_next": next_form(_SECOND, 2),
        "day_next_last": next_form(_SECOND, 1),
        "day_write": write_form(filled, _FIRST, "n0000000000000009"),
        "day_first": first_form(_SETTINGS, formats, "rosa.0:1"),
        "day_settings": settings_form(_SETTINGS, formats, "rosa.0:2"),
        "day_settings_of_an_administrator": settings_form(
            replace(_SETTINGS, writes=False, administers=True), formats, "nora.0:0"
        ),
        "day_sessions": sessions_form("Mon 23 Nov\nJD-014 9:00 50"),
        "day_sessions_samples": sessions_form(samples=True),
        "day_samples": samples_form(
            {"new": 44, "no_show": 3}, ("Line 16: PT-050 … The client did not come.",), _FIRST.id
        ),
        "day_several": several_form("b0000000000000001"),
    }
