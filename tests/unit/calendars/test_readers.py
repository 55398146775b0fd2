"""Calendars as practices really export them: what is read, what is odd, what is refused with a sentence."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendars.csv_reader import columns_found, read_csv
from bot.calendars.ics_reader import read_ics
from bot.calendars.kinds import looks_like
from bot.calendars.reading import Reading
from bot.calendars.typed_reader import read_typed
from bot.domain.appointments import Attendance, RefusedRow, SessionRow, starts_at
from bot.domain.errors import UserMistake
from bot.domain.note import Session
from bot.drafting.guards import check_client_code

SAMPLES = Path("demo/samples")
CHICAGO = "America/Chicago"
READING = Reading(CHICAGO, check_code=check_client_code)
SINCE, UNTIL = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 25)
Row = SessionRow | RefusedRow


def table(text: str, reading: Reading = READING) -> list[Row]:
    return list(read_csv(text.splitlines(keepends=True), reading))


def calendar(*events: str, head: str = "") -> list[Row]:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head.splitlines()]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.splitlines(), "END:VEVENT"]
    return list(read_ics([f"{line}\r\n" for line in (*lines, "END:VCALENDAR")], READING, SINCE, UNTIL))


def typed(text: str) -> list[Row]:
    return list(read_typed(text, READING, TODAY))


def sessions(rows: Iterable[Row]) -> list[SessionRow]:
    return [row for row in rows if isinstance(row, SessionRow)]


def moments(rows: Iterable[Row]) -> list[str]:
    """`code day start`, as the calendar has them."""
    return [f"{row.client_code} {row.session.date} {row.session.start}" for row in sessions(rows)]


def code_of(row: Row) -> str:
    assert isinstance(row, RefusedRow)
    return row.code


def test_the_example_month_is_read_from_both_files_alike():
    with (SAMPLES / "sessions.csv").open(encoding="utf-8", newline="") as lines:
        from_table = list(read_csv(lines, READING))
    with (SAMPLES / "sessions.ics").open(encoding="utf-8", newline="") as lines:
        from_calendar = list(read_ics(lines, READING, SINCE, UNTIL))
    assert len(from_table) == 179
    assert [row.about for row in from_table if isinstance(row, RefusedRow)] == ["2026-11-06"]

    def held(rows: Iterable[Row]) -> set[tuple[str, object]]:
        return {(row.client_code, starts_at(row.session, row.timezone)) for row in sessions(rows)}

    assert len(held(from_table) & held(from_calendar)) >= 170
    assert {row.clinician for row in sessions(from_table)} == {"weiss", "delgado", "lindgren", "okafor"}


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Date of Service,Start Time,End Time,Client ID,Provider", "11/23/2026,9:00 AM,9:50 AM,JD-014,weiss"),
        ("client code;date;start;minutes;clinician", "JD-014;2026-11-23;09:00;50;weiss"),
        ("Clinician\tAppointment Date\tFrom\tTo\tPatient code", "weiss\t2026-11-23\t09:00\t09:50\tjd-014"),
        ("\ufeffDate,Start,Duration,Client,Therapist", "2026-11-23,0900,50,JD-014,weiss"),
    ],
)
def test_columns_are_found_by_their_headers(header: str, line: str):
    (row,) = table(f"{header}\n{line}\n")
    assert isinstance(row, SessionRow), row
    assert (row.client_code, row.clinician) == ("JD-014", "weiss")
    assert row.session == Session(dt.date(2026, 11, 23), dt.time(9), 50)
    assert {"client", "date"} <= columns_found(header, READING).keys()


def test_a_date_is_read_as_the_practice_writes_it():
    text = "date,start,client\n10/11/2026,09:00,JD-014\n"
    abroad = Reading(CHICAGO, "en-GB", check_code=check_client_code)
    assert moments(table(text)) == ["JD-014 2026-10-11 09:00:00"]
    assert moments(table(text, abroad)) == ["JD-014 2026-11-10 09:00:00"]


@pytest.mark.parametrize("text", ["", "\n\n", "name,birthday\nx,y\n", "date,start\n2026-11-23,09:00\n"])
def test_a_table_without_what_is_needed_is_refused_with_what_to_do(text: str):
    with pytest.raises(UserMistake) as refused:
        table(text)
    assert refused.value.sentence.endswith(".")


def test_a_name_in_place_of_a_code_is_not_repeated():
    (row,) = table("date,client\n2026-11-23,Jane Doe\n")
    assert isinstance(row, RefusedRow)
    assert "Jane" not in repr(row)


@pytest.mark.parametrize(
    ("status", "attendance"),
    [
        ("completed", Attendance.HELD),
        ("No Show", Attendance.NO_SHOW),
        ("Cancelled", Attendance.CANCELLED),
        ("scheduled", Attendance.BOOKED),
        ("", Attendance.BOOKED),
    ],
)
def test_attendance_is_read_in_the_usual_words(status: str, attendance: Attendance):
    (row,) = sessions(table(f"date,start,client,status\n2026-11-23,09:00,JD-014,{status}\n"))
    assert row.attendance is attendance


def test_a_missing_end_and_a_change_of_clocks_are_said():
    rows = sessions(
        table(
            "date,start,end,client\n2026-11-23,09:00,,JD-014\n2026-11-01,01:30,02:20,MK-003\n2026-03-08,02:30,,MK-003\n"
        )
    )
    assert "no_end" in rows[0].odd
    assert rows[0].session.minutes is None
    assert "clock_change" in rows[1].odd
    assert "clock_change" in rows[2].odd


ONE = """UID:u1
SUMMARY:JD-014 - couple
DTSTART;TZID=America/Chicago:20261123T090000
DTEND;TZID=America/Chicago:20261123T095000"""


def test_an_event_is_a_session_with_its_id():
    (row,) = sessions(calendar(ONE))
    assert (row.key, row.client_code, row.session.kind) == ("u1", "JD-014", "couple")
    assert row.session == Session(dt.date(2026, 11, 23), dt.time(9), 50, "couple")


def test_a_weekly_series_keeps_its_hour_over_the_change_of_clocks_and_follows_its_changes():
    master = (
        ONE.replace("20261123", "20261026") + "\nRRULE:FREQ=WEEKLY;COUNT=5\nEXDATE;TZID=America/Chicago:20261102T090000"
    )
    moved = (
        "UID:u1\nSUMMARY:JD-014\nRECURRENCE-ID;TZID=America/Chicago:20261109T090000\n"
        "DTSTART;TZID=America/Chicago:20261110T140000\nDTEND;TZID=America/Chicago:20261110T145000"
    )
    rows = sessions(calendar(master, moved))
    held = [row for row in rows if row.attendance is not Attendance.CANCELLED]
    assert sorted(moments(held)) == [
        "JD-014 2026-10-26 09:00:00",
        "JD-014 2026-11-10 14:00:00",
        "JD-014 2026-11-16 09:00:00",
        "JD-014 2026-11-23 09:00:00",
    ]
    assert len({row.key for row in rows}) == len(rows)
    (left_out,) = [row for row in rows if row.attendance is Attendance.CANCELLED]
    assert left_out.session.date == dt.date(2026, 11, 2)


def test_a_cancelled_event_and_one_of_another_zone():
    cancelled, elsewhere = sessions(
        calendar(f"{ONE}\nSTATUS:CANCELLED", ONE.replace("u1", "u2").replace("America/Chicago", "America/Denver"))
    )
    assert cancelled.attendance is Attendance.CANCELLED
    assert (elsewhere.timezone, elsewhere.session.start) == ("America/Denver", dt.time(9))
    assert "other_zone" in elsewhere.odd


def test_a_zone_by_its_windows_name():
    (row,) = sessions(calendar(ONE.replace("America/Chicago", "Mountain Standard Time")))
    assert row.timezone == "America/Denver"


def test_lunch_is_no_session():
    (row,) = calendar(ONE.replace("JD-014 - couple", "Lunch with Jane"))
    assert code_of(row) == "no_client"
    assert "Jane" not in repr(row)


@pytest.mark.parametrize("text", ["", "hello\n", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "BEGIN:VCALENDAR\nEND:VEVENT\n"])
def test_a_broken_calendar_names_its_line(text: str):
    with pytest.raises(UserMistake) as refused:
        list(read_ics(text.splitlines(keepends=True), READING, SINCE, UNTIL))
    assert "line" in refused.value.sentence.casefold()


def test_sessions_are_typed_a_line_each():
    rows = typed("JD-014 9:00 50\nyesterday\nMK-003 2 pm 45min couple video\n- LM-005 10-10:50 no show")
    assert moments(rows) == [
        "JD-014 2026-11-25 09:00:00",
        "MK-003 2026-11-24 14:00:00",
        "LM-005 2026-11-24 10:00:00",
    ]
    assert [row.session.minutes for row in sessions(rows)] == [50, 45, 50]
    assert sessions(rows)[1].session.kind == "couple"
    assert sessions(rows)[2].attendance is Attendance.NO_SHOW
    assert [row.key for row in sessions(rows)] == ["", "", ""]


def test_a_line_that_is_not_understood_is_named():
    good, bad = typed("JD-014 9:00\nJane Doe 10:00")
    assert isinstance(good, SessionRow)
    assert isinstance(bad, RefusedRow)
    assert bad.line == 2
    assert "Jane" not in repr(bad)


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        ("BEGIN:VCALENDAR\n", "x.txt", "ics"),
        ("date,client\n", "x.txt", "csv"),
        ("<html>", "x.ics", ""),
        ("PK\x03\x04", "x.csv", ""),
    ],
)
def test_a_file_is_known_by_what_stands_in_it(head: str, name: str, kind: str):
    assert looks_like(head, name) == kind


LINES = st.text(st.sampled_from("JD-014 MK003:\n,;\t\"'/0129aApPmMBEGINVENT=TZ.@éß"), max_size=200)


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_no_text_breaks_a_reader(text: str):
    for read in (
        lambda: table(text),
        lambda: table(f"date,client,start\n{text}"),
        lambda: list(read_ics(text.splitlines(keepends=True), READING, SINCE, UNTIL)),
        lambda: calendar(text.replace("\n", " ")),
        lambda: typed(text),
    ):
        try:
            rows = read()
        except UserMistake:
            continue
        assert all(row.line >= 1 for row in rows)
