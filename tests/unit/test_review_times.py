"""When reviews are due and reminded of: over a year, in three zones, where clocks are moved too."""

import datetime as dt
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import PersonId
from bot.domain.note import Session
from bot.domain.review_times import (
    Calendar,
    ReviewRules,
    SignBy,
    Stage,
    due_at,
    payer_until,
    step,
    step_at,
    steps,
)

ZONES = ("America/Chicago", "Europe/Berlin", "Australia/Lord_Howe")  # the last one moves its clocks by half an hour
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda minutes: YEAR + timedelta(minutes=minutes))
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
MOVED = {  # around each of the two days on which clocks are moved
    "America/Chicago": (datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)),
    "Europe/Berlin": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
}
EVERY_DAY = frozenset(range(7))


@given(MOMENTS, st.sampled_from(ZONES), TIMES, TIMES)
def test_who_is_reminded_may_be_written_to_and_no_earlier_moment_would_do(
    at: datetime, zone: str, quiet_from: dt.time, quiet_until: dt.time
) -> None:
    calendar = Calendar(quiet_from=quiet_from, quiet_until=quiet_until)
    found = calendar.next_open(at, zone)
    assert found >= at
    assert calendar.is_open(found, zone)
    before = [at + (found - at) * share / 50 for share in range(50)]
    assert found == at or not any(calendar.is_open(moment, zone) for moment in before)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("season", [0, 1])
def test_every_minute_of_a_night_in_which_clocks_are_moved(zone: str, season: int) -> None:
    """The same by brute force, minute by minute."""
    calendar = Calendar(EVERY_DAY, quiet_from=dt.time(22), quiet_until=dt.time(2, 15))
    start = MOVED[zone][season] - timedelta(hours=6)
    minutes = [start + timedelta(minutes=minute) for minute in range(24 * 60)]
    opens = [calendar.is_open(minute, zone) for minute in minutes]
    for at in range(0, 12 * 60, 7):
        first = next(number for number in range(at, len(minutes)) if opens[number])
        assert calendar.next_open(minutes[at], zone) == minutes[first]


@given(MOMENTS, st.sampled_from(ZONES), st.integers(1, 200), st.integers(1, 100))
def test_hours_are_counted_on_working_days_and_add_up(at: datetime, zone: str, first: int, second: int) -> None:
    calendar = Calendar(holidays=frozenset({dt.date(2026, 11, 26), dt.date(2026, 12, 25)}))
    after = calendar.after(at, first, zone)
    assert after >= at + timedelta(hours=first)
    assert calendar.after(after, second, zone) == calendar.after(at, first + second, zone)
    ended = (after - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    assert calendar.works_on(ended)


@given(MOMENTS, st.sampled_from(ZONES), st.integers(0, 400))
def test_stages_come_in_order_and_the_payer_can_only_hasten_them(at: datetime, zone: str, hours: int) -> None:
    rules = ReviewRules(escalate_to=(PersonId("a"), PersonId("b")))
    payer = at + timedelta(hours=hours)
    due = due_at(rules, at, zone, payer)
    usual = due_at(rules, at, zone, None)
    assert at < due <= usual
    times = [step_at(rules, number, at, due, zone) for number in range(9)]
    assert times == sorted(times)
    assert times[0] > at
    assert all(early <= step_at(rules, number, at, usual, zone) for number, early in enumerate(times))


def test_what_happens_in_which_order() -> None:
    rules = ReviewRules(escalate_to=(PersonId("a"), PersonId("b")))
    planned = [(each.stage, each.hours) for each in steps(rules)]
    assert planned == [
        (Stage.REMIND, 24),
        (Stage.REMIND, 48),
        (Stage.ESCALATE, 72),
        (Stage.ESCALATE, 84),
        (Stage.ADMINISTRATOR, 96),
    ]
    assert (step(rules, 5), step(rules, 6)) == (
        type(step(rules, 0))(Stage.REMIND, 120),
        type(step(rules, 0))(Stage.REMIND, 144),
    )


def test_a_note_signed_on_friday_is_due_on_tuesday_and_on_the_payers_day_when_that_is_sooner() -> None:
    rules, friday = ReviewRules(), datetime(2026, 11, 20, 23, tzinfo=UTC)  # 17:00 in Chicago
    assert due_at(rules, friday, ZONES[0], None) == datetime(2026, 11, 24, 23, tzinfo=UTC)
    session = Session(date=dt.date(2026, 11, 20), start=dt.time(9))
    until = payer_until(SignBy(hours=48, crisis_hours=24), session, rules.calendar, ZONES[0])
    assert until == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert due_at(rules, friday, ZONES[0], until) == until
    crisis = payer_until(
        SignBy(hours=48, crisis_hours=24), Session(session.date, session.start, kind="crisis"), rules.calendar, ZONES[0]
    )
    assert crisis == until - timedelta(hours=24)
    assert payer_until(SignBy(business_days=3), session, rules.calendar, ZONES[0]) == datetime(
        2026, 11, 26, 5, 59, tzinfo=UTC
    )
    assert payer_until(SignBy(hours=48), Session(), rules.calendar, ZONES[0]) is None
    assert due_at(rules, friday, ZONES[0], friday - timedelta(hours=1)) == due_at(rules, friday, ZONES[0], None)
