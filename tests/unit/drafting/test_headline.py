"""Headlines: what the first words of a message say, and that no word of the summary is taken."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserMistake
from bot.drafting.headline import Headline, nearest_format, parse_headline

FORMATS = ("soap", "dap", "birp", "progress", "intake", "crisis", "group", "no_show", "couples")
MONDAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "headline", "summary"),
    [
        (
            "birp JD-014 yesterday 10:00 50min\nct sad",
            Headline("birp", "JD-014", dt.date(2026, 11, 22), dt.time(10), 50),
            "ct sad",
        ),
        ("soap JD-014 yesterday 10:00: text", Headline("soap", "JD-014", dt.date(2026, 11, 22), dt.time(10)), "text"),
        ("soap ct reports sad", Headline("soap"), "ct reports sad"),
        ("JD-014 Mon 4p 45-minute\nok", Headline(None, "JD-014", dt.date(2026, 11, 16), dt.time(16), 45), "ok"),
        ("2026-11-20 10am 50 min\nok", Headline(None, None, dt.date(2026, 11, 20), dt.time(10), 50), "ok"),
        (
            "dap, JD-014, 11/20/26, 14:30 - late",
            Headline("dap", "JD-014", dt.date(2026, 11, 20), dt.time(14, 30)),
            "late",
        ),
        ("dap 20 Nov: x", Headline("dap", None, dt.date(2026, 11, 20)), "x"),
        ("dap Nov 20 x", Headline("dap", None, dt.date(2026, 11, 20)), "x"),
        ("no-show JD-014 today", Headline("no_show", "JD-014", MONDAY), ""),
        ("dap JD-014 couple\nx", Headline("dap", "JD-014", kind="couple"), "x"),
        ("progress: doing well", Headline("progress"), "doing well"),
        ("progress\ndoing well", Headline("progress"), "doing well"),
        ("soap", Headline("soap"), ""),
    ],
)
def test_reads(text: str, headline: Headline, summary: str) -> None:
    assert parse_headline(text, MONDAY, FORMATS) == (headline, summary)


@pytest.mark.parametrize(
    "text",
    [
        "progress on goals is slow",
        "today ct said no",
        "Monday was hard for him",
        "Group was quiet",
        "PHQ-9 14 today\nslept well",
        "GDS-15 7, was 9",
        "10/12 met with mom",
        "12/30 is the hearing",
        "Intake, 75 min, in person, ct came alone.",
        "crisis, walk-in, 2:10 to 3:35 pm",
        "50 min, in person, off shift\nbad call",
        "F41 unchanged",
        "",
    ],
)
def test_takes_no_word_of_a_summary(text: str) -> None:
    assert parse_headline(text, MONDAY, FORMATS) == (Headline(), text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("dap 2026-02-30 x", "bad_date"),
        ("soap 31/31 x", "bad_date"),
        ("soap 12/1 x", "future_date"),
        ("2026-11-24 10:00\nx", "future_date"),
        ("2026-13-01 10:00\nx", "bad_date"),
    ],
)
def test_impossible_dates(text: str, code: str) -> None:
    with pytest.raises(UserMistake) as mistake:
        parse_headline(text, MONDAY, FORMATS)
    assert mistake.value.code == code


def test_a_day_without_a_year_is_the_last_one() -> None:
    headline, _ = parse_headline("dap 12/30 x", dt.date(2027, 1, 4), FORMATS)
    assert headline.date == dt.date(2026, 12, 30)


def test_nearest_format() -> None:
    assert nearest_format("brip", FORMATS) == "birp"
    assert nearest_format("zebra", FORMATS) is None


@given(st.text(max_size=120))
def test_only_mistakes_are_raised_and_the_summary_was_typed(text: str) -> None:
    summary = ""
    with contextlib.suppress(UserMistake):
        _, summary = parse_headline(text, MONDAY, FORMATS)
    assert summary in text
