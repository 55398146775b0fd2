"""Start and minutes out of an answer, and silence where it leaves a doubt."""

import datetime as dt

import pytest

from bot.drafting.times import parse_times


@pytest.mark.parametrize(
    ("text", "start", "minutes"),
    [
        ("10:00 to 10:50", dt.time(10), 50),
        ("10:05-10:43", dt.time(10, 5), 38),
        ("2:10pm to 3:35pm", dt.time(14, 10), 85),
        ("2:10 to 3:35 pm", dt.time(14, 10), 85),
        ("11:30 am - 12:20 pm", dt.time(11, 30), 50),
        ("11:30 to 12:20 pm", dt.time(11, 30), 50),
        ("14:00–14:50", dt.time(14), 50),
        ("2:10 to 3:35", None, 85),
        ("50 min", None, 50),
        ("10:00, 50 minutes", dt.time(10), 50),
        ("1.5 hours", None, 90),
        ("in the morning", None, None),
        ("10:50 to 10:50", None, None),
        ("25:00 to 26:00", None, None),
    ],
)
def test_times(text: str, start: dt.time | None, minutes: int | None) -> None:
    assert parse_times(text) == (start, minutes)
