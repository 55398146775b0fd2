"""Matching summaries to sessions: never another client's, never silently another day's, each session once."""

import datetime as dt
import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.appointments import Appointment, Attendance
from bot.domain.ids import AppointmentId, NoteId, PersonId
from bot.domain.matching import MOST_OTHERS, match
from bot.domain.note import Session
from bot.drafting.headline import Headline

MON, TUE, WED = (dt.date(2026, 11, day) for day in (23, 24, 25))
TEN, ELEVEN, TWO = dt.time(10), dt.time(11), dt.time(14)


def session(
    name: str,
    code: str,
    day: dt.date | None = MON,
    start: dt.time | None = TEN,
    note: str | None = None,
    attendance: Attendance = Attendance.BOOKED,
) -> Appointment:
    return Appointment(
        AppointmentId(name),
        PersonId("p1"),
        code,
        Session(date=day, start=start),
        "America/New_York",
        attendance,
        note_id=NoteId(note) if note else None,
    )


def said(code: str | None = None, day: dt.date | None = None, start: dt.time | None = None) -> Headline:
    return Headline(client_code=code, date=day, start=start)


def answers(pieces: list[Headline], sessions: list[Appointment]) -> list[tuple[str | None, str]]:
    found = match(pieces, sessions)
    assert [one.position for one in found] == list(range(len(pieces)))
    return [(one.appointment_id, one.doubt) for one in found]


def test_code_day_and_start() -> None:
    sessions = [session("a", "JD-014"), session("b", "JD-014", MON, TWO), session("c", "MK-003")]
    pieces = [said("JD-014", MON, TWO), said("JD-014", MON, TEN), said("mk003", MON, TEN)]
    assert answers(pieces, sessions) == [("b", ""), ("a", ""), ("c", "")]


def test_code_and_day() -> None:
    sessions = [session("old", "JD-014", MON), session("new", "JD-014", TUE)]
    assert answers([said("JD-014", TUE)], sessions) == [("new", "")]


def test_two_of_one_day_go_in_order_of_time() -> None:
    sessions = [session("late", "JD-014", MON, TWO), session("early", "JD-014", MON, TEN)]
    assert answers([said("JD-014", MON), said("JD-014", MON)], sessions) == [("early", ""), ("late", "")]
    assert answers([said("JD-014", MON), said("JD-014", MON, TEN)], sessions) == [("late", ""), ("early", "")]
    near = [said("JD-014", MON, dt.time(13, 50)), said("JD-014", MON, dt.time(10, 10))]
    assert answers(near, sessions) == [("late", ""), ("early", "")]
    assert answers([said("JD-014", MON)], sessions) == [("early", "several_fit")]
    assert match([said("JD-014", MON)], sessions)[0].others == ("late",)


def test_another_start_of_the_day_is_a_doubt() -> None:
    assert answers([said("JD-014", MON, TWO)], [session("a", "JD-014")]) == [("a", "other_time")]
    assert answers([said("JD-014", MON, TWO)], [session("a", "JD-014", MON, None)]) == [("a", "")]


def test_a_code_alone_goes_to_the_oldest_without_a_note() -> None:
    sessions = [
        session("new", "JD-014", WED),
        session("old", "JD-014", MON),
        session("written", "JD-014", dt.date(2026, 11, 9), note="n1"),
        session("off", "JD-014", dt.date(2026, 11, 10), attendance=Attendance.CANCELLED),
    ]
    assert answers([said("JD-014")], sessions) == [("old", "several_fit")]
    assert match([said("JD-014")], sessions)[0].others == ("new",)
    assert answers([said("JD-014"), said("JD-014")], sessions) == [("old", "several_fit"), ("new", "several_fit")]
    assert answers([said("JD-014"), said("JD-014", MON)], sessions) == [("new", ""), ("old", "")]
    assert answers([said("JD-014", None, TEN)], [session("b", "JD-014", TUE, TWO), session("a", "JD-014", WED)]) == [
        ("a", "")
    ]


def test_another_day_only_as_a_doubt_and_within_a_week() -> None:
    sessions = [session("a", "JD-014", MON), session("b", "JD-014", dt.date(2026, 11, 2))]
    assert answers([said("JD-014", TUE)], sessions) == [("a", "other_day")]
    assert answers([said("JD-014", dt.date(2026, 11, 12))], sessions) == [(None, "no_session")]
    assert answers([said("JD-014", TUE), said("JD-014")], sessions[:1]) == [(None, "no_session"), ("a", "")]


def test_a_second_summary_of_a_day_does_not_go_to_another_day() -> None:
    sessions = [session("a", "JD-014", MON), session("b", "JD-014", TUE)]
    assert answers([said("JD-014", MON), said("JD-014", MON)], sessions) == [("a", ""), (None, "no_session")]
    assert match([said("JD-014", MON)] * 2, sessions)[1].others == ("b", "a")


def test_no_code() -> None:
    sessions = [session("a", "JD-014", MON, TEN), session("b", "MK-003", MON, ELEVEN), session("c", "LM-005", TUE)]
    assert answers([said(None, MON, TEN)], sessions) == [("a", "no_code")]
    assert answers([said(None, MON)], sessions) == [(None, "nothing_fits")]
    assert match([said(None, MON)], sessions)[0].others == ("a", "b", "c")
    assert answers([said()], sessions) == [(None, "nothing_fits")]
    assert answers([said(None, MON, TEN), said(None, MON, TEN)], sessions) == [(None, "several_fit")] * 2
    assert answers([said(None, MON, TEN)], [*sessions, session("d", "OB-031")]) == [(None, "several_fit")]
    assert answers([said(None, MON, TEN), said("JD-014")], sessions) == [(None, "nothing_fits"), ("a", "")]


def test_a_client_without_sessions() -> None:
    found = match([said("ZZ-999", MON, TEN)], [session("a", "JD-014")])[0]
    assert (found.appointment_id, found.doubt, found.others) == (None, "no_session", ())


def test_codes_that_differ_only_by_a_hyphen_are_two_clients() -> None:
    sessions = [session("a", "JD-014"), session("b", "JD014", TUE)]
    assert answers([said("JD014"), said("JD-014")], sessions) == [("b", ""), ("a", "")]
    assert answers([said("J-D014")], sessions) == [(None, "no_session")]


def test_others_are_few() -> None:
    sessions = [session(f"a{at}", "JD-014", MON + dt.timedelta(days=at)) for at in range(30)]
    assert len(match([said("JD-014")], sessions)[0].others) == MOST_OTHERS


_CODES = st.sampled_from(["JD-014", "MK-003", "JD014", "LM-005"])
_DAYS = st.one_of(st.none(), st.dates(MON, dt.date(2026, 12, 4)))
_STARTS = st.one_of(st.none(), st.sampled_from([TEN, ELEVEN, TWO, dt.time(10, 20)]))
_SAID = st.builds(said, st.one_of(st.none(), _CODES), _DAYS, _STARTS)
_LISTED = st.lists(st.tuples(_CODES, _DAYS, _STARTS, st.booleans()), max_size=12)


@given(st.lists(_SAID, max_size=10), _LISTED, st.randoms(use_true_random=False))
def test_what_always_holds(pieces: list[Headline], listed: list[tuple], chance: random.Random) -> None:
    sessions = [
        session(f"a{at}", code, day, start, "n" if noted else None)
        for at, (code, day, start, noted) in enumerate(listed)
    ]
    by_id = {one.id: one for one in sessions}
    found = match(pieces, sessions)
    used = [one.appointment_id for one in found if one.appointment_id]
    assert len(used) == len(set(used))
    for piece, one in zip(pieces, found, strict=True):
        assert len(one.others) <= MOST_OTHERS
        assert one.appointment_id not in one.others
        if one.appointment_id is None:
            assert one.doubt
            continue
        chosen = by_id[one.appointment_id]
        assert chosen.note_id is None
        if piece.client_code:
            assert chosen.client_code.replace("-", "") == piece.client_code.replace("-", "")
        else:
            assert one.doubt == "no_code"
        if piece.date and chosen.session.date != piece.date:
            assert one.doubt == "other_day"
    chance.shuffle(sessions)
    assert match(pieces, sessions) == found


@pytest.mark.parametrize("clients", [1, 40])
def test_two_hundred_summaries_and_five_hundred_sessions(clients: int, record_property) -> None:
    codes = itertools.cycle(f"JD-{at:03}" for at in range(clients))
    times = [dt.time(9 + at % 8, 5 * (at % 12)) for at in range(500)]
    sessions = [session(f"a{at}", next(codes), MON + dt.timedelta(days=at % 3), times[at]) for at in range(500)]
    pieces = [
        said(sessions[at * 2].client_code, MON + dt.timedelta(days=at % 4) if at % 5 else None, dt.time(9 + at % 8, 7))
        for at in range(200)
    ]
    if clients == 1:
        pieces[::2] = [said("JD-000", MON + dt.timedelta(days=5)) for _ in pieces[::2]]
    took = []
    for _ in range(3):
        began = time.perf_counter()
        assert len(match(pieces, sessions)) == 200
        took.append(time.perf_counter() - began)
    record_property("table: matching", f"200 x 500, {clients} clients: {min(took) * 1000:.1f} ms")
    assert min(took) < 0.05
