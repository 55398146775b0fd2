"""Several summaries in one text: each found whole, none made of a single summary's paragraphs, no word lost."""

import datetime as dt
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.errors import UserMistake
from bot.drafting.heading_lines import heading_line
from bot.drafting.headline import Headline
from bot.drafting.several import MOST, Cut, Piece, split_summaries
from bot.formats_file import load_formats

FORMATS = load_formats()
TODAY = dt.date(2026, 11, 25)
MONDAY = dt.date(2026, 11, 23)
RULES = ("---", "***", "===", "___", "* * *", "—-", "----------")

ORDINARY = [
    "- PHQ-9 14 today (was 18)\n- Denies SI\n\n- next wk: BA menu",
    "Ct sad.\n\nReviewed the thought record.\n\nPlan: BA menu, hw daily.",
    "S: low mood\n\nO: flat\n\nA: MDD\n\nP: weekly",
    "S: low mood\n---\nO: flat\n---\nA: MDD\n---\nP: weekly",
    "Ct sad, tearful at the end.\n---\nPlan: BA menu",
    "Data\n----\nct sad\n\nPlan\n====\nBA menu",
    "# Session notes\n\n## Plan\n\nBA menu",
    "Session notes\n===\nct sad\n\nand calmer at the end",
    "---\nct sad\n---",
    "JD-014 yesterday 10:00\nct sad\n\nJD-014 said she slept\n\nPlan: weekly",
    "JD-014: came late\n\nslept badly\n\nB12 low per PCP",
    "Monday:\nfight with mom\n\nTuesday:\nok again\n\n10/12\ncourt",
    "DBT skills group, 3 present\nJD-014: shared her DEAR MAN\nMK-003: quiet",
    "group JD-014: shared her DEAR MAN\nMK-003: quiet",
    "1. ERP session 6\n2. SUDS 75\n\n3. wife opens doors\n\n4. hw daily",
    "ICD-10: F41 unchanged\n\nDASS-21 40, was 50",
]


def split(text: str, *, sure: bool = False) -> tuple[Piece, ...]:
    return split_summaries(text, FORMATS, TODAY, sure=sure)


def texts(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text for piece in pieces]


@pytest.mark.parametrize("text", ORDINARY)
def test_one_summary_stays_one(text: str) -> None:
    assert texts(split(text)) == [text]


@pytest.mark.parametrize("sure", [False, True])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_rules_part_summaries_and_their_paragraphs_do_not(rule: str, gap: str, sure: bool) -> None:
    written = ["ct sad.\n\nPaid attention to sleep.", "mother on the phone", "JD-014: no show"]
    pieces = split(f"{gap}{rule}{gap}".join(written), sure=sure)
    assert texts(pieces) == written
    assert [piece.started for piece in pieces] == [Cut.FIRST, Cut.RULE, Cut.RULE]


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("{code} 23 Nov 10:00", Headline(None, "{code}", MONDAY, dt.time(10))),
        ("birp {code} yesterday 50min:", Headline("birp", "{code}", dt.date(2026, 11, 24), minutes=50)),
        ("## {code}", Headline(client_code="{code}")),
        ("{code}:", Headline(client_code="{code}")),
        ("**{code}** (Mon, Nov 23)", Headline(None, "{code}", MONDAY)),
        ("3. {code} Mon 23 Nov, 10:00-10:50", Headline(None, "{code}", MONDAY, dt.time(10), 50)),
        ("Client: {code} | 11-12:30pm", Headline(None, "{code}", start=dt.time(11), minutes=90)),
    ],
)
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_headings_part_summaries(heading: str, said: Headline, gap: str) -> None:
    written = [("JD-014", "ct sad\n\nPlan: weekly"), ("MK-003", "calmer"), ("LM-005", "two bills, late fee")]
    text = gap.join(f"{heading.format(code=code)}\n{summary}" for code, summary in written)
    for sure in (False, True):
        pieces = split(text, sure=sure)
        assert [piece.summary for piece in pieces] == [summary for _, summary in written]
        assert [piece.headline.client_code for piece in pieces] == [code for code, _ in written]
        first = pieces[0].headline
        assert (first.format_id, first.date, first.start, first.minutes) == (
            said.format_id,
            said.date,
            said.start,
            said.minutes,
        )


def test_a_line_a_client() -> None:
    pieces = split("JD-014: ct sad, weekly\nMK-003 yesterday: calmer\nsleeps\nLM-005 - two bills")
    assert [piece.summary for piece in pieces] == ["ct sad, weekly", "calmer\nsleeps", "two bills"]


def test_blank_lines_part_what_is_surely_several() -> None:
    text = "ct sad\n\ncalmer, MK likes it\n\n\ntwo bills"
    assert texts(split(text)) == [text]
    assert texts(split(text, sure=True)) == ["ct sad", "calmer, MK likes it", "two bills"]


def test_a_headed_summary_keeps_its_paragraphs_where_it_is_surely_several() -> None:
    pieces = split("JD-014 Mon\nct sad\n\nslept 5 h\n\nMK-003\ncalmer\n\nweekly", sure=True)
    assert texts(pieces) == ["JD-014 Mon\nct sad\n\nslept 5 h", "MK-003\ncalmer\n\nweekly"]


def test_sections_of_one_note_stay_together_where_it_is_surely_several() -> None:
    written = ["S: sad\n\nO: flat\n\nP: weekly", "S: calmer\n\nO: bright", "Plan\n---\nweekly"]
    assert texts(split("\n\n".join(written[:2]), sure=True)) == written[:2]
    assert texts(split(written[2], sure=True)) == [written[2]]


def test_a_day_above_is_the_day_of_what_stands_below() -> None:
    pieces = split("Mon 23 Nov\n\nJD-014 10:00\nsad\n\nMK-003\ncalm\nTuesday\nLM-005: bills\nOB-031 Nov 20: piano")
    days = [piece.headline.date for piece in pieces]
    assert days == [MONDAY, MONDAY, dt.date(2026, 11, 24), dt.date(2026, 11, 20)]
    assert [piece.summary for piece in pieces] == ["sad", "calm", "bills", "piano"]


def test_dates_head_summaries_where_it_is_surely_several() -> None:
    pieces = split("23 Nov 10:00\nct sad\n\nslept 5 h\n\n23 Nov 11:00\ncalmer", sure=True)
    assert [piece.headline.start for piece in pieces] == [dt.time(10), dt.time(11)]
    assert [piece.summary for piece in pieces] == ["ct sad\n\nslept 5 h", "calmer"]


@pytest.mark.parametrize("heading", ["JD-014 30 Feb", "JD-014 12/24 10:00", "## JD-014 (Feb 30)"])
def test_a_date_that_cannot_be_spoils_only_its_own_piece(heading: str) -> None:
    pieces = split(f"Monday\n{heading}\nct sad\n\nMK-003 Nov 20\ncalmer")
    assert [piece.headline.client_code for piece in pieces] == ["JD-014", "MK-003"]
    assert pieces[0].mistake.startswith("That date")
    assert pieces[0].headline.date is None
    assert [piece.summary for piece in pieces] == ["ct sad", "calmer"]
    assert pieces[1].headline.date == dt.date(2026, 11, 20)


def test_a_heading_above_a_rule_goes_with_what_follows() -> None:
    assert [piece.summary for piece in split("JD-014\n---\nsad\n\n---\nMK-003\n\n---\ncalm")] == ["sad", "calm"]
    brief = split("no-show JD-014 yesterday\n---\nMK-003: calm\n---\ntwo bills")
    assert [(piece.headline.format_id, piece.summary) for piece in brief] == [
        ("no_show", ""),
        (None, "calm"),
        (None, "two bills"),
    ]


def test_the_most_and_none() -> None:
    assert split(" \n\n ") == ()
    assert len(split("\n---\n".join(["ct sad"] * MOST))) == MOST
    with pytest.raises(UserMistake) as mistake:
        split("\n---\n".join(["ct sad"] * (MOST + 1)))
    assert mistake.value.code == "too_many_summaries"


_LINES = st.sampled_from(
    [
        *("", "", "   ", "---", "***", "=====", "—-", "- item one", "Plan:", "S: low", "O: flat", "Plan", "ct sad"),
        *("JD-014", "JD-014: sad", "## MK-003", "MK-003 yesterday 50min:", "1. LM-005 Mon 10:00", "JD-014 said no"),
        *("Monday", "23 Nov 10:00", "30 Feb 10:00", "JD-014 30 Feb", "soap", "birp:", "B12 low", "**JD-014** x"),
    ]
)


@given(st.one_of(st.lists(_LINES, max_size=14).map("\n".join), st.text(max_size=200)), st.booleans())
@example("Monday\n---\nJD-014: a\r\n\u2028MK-003: b", False)
def test_every_character_is_in_a_piece_or_parts_two(text: str, sure: bool) -> None:
    pieces = split(text, sure=sure)
    assert bool(pieces) == bool(text.strip())
    if len(pieces) == 1:
        assert pieces[0].text in text
    rest = text
    for piece in pieces:
        gap, found, rest = _until(rest, piece.text)
        assert found == piece.text
        assert all(_parts(line) for line in gap.splitlines()), gap
        assert piece.summary in piece.text
    assert all(_parts(line) for line in rest.splitlines()), rest


def _until(text: str, piece: str) -> tuple[str, str, str]:
    """The text up to a piece that begins a line, the piece, and what follows."""
    at = text.find(piece)
    while at > 0 and not all(_parts(line) for line in text[:at].splitlines()[-1:]):
        at = text.find(piece, at + 1)
    return text[:at], text[at : at + len(piece)], text[at + len(piece) :]


def _parts(line: str) -> bool:
    """Whether a line may part two pieces: blank, a rule, or a day by itself."""
    marks = set("".join(line.split()))
    heading = heading_line(line, TODAY, FORMATS) if line.strip() else None
    day = heading is not None and heading.whole and heading.headline == Headline(date=heading.headline.date)
    return marks <= set("-–—") or (len(marks) == 1 and marks <= set("*=_")) or day


def test_two_hundred_long_summaries_are_split_in_no_time() -> None:
    text = "\n\n".join(f"JD-{at:03} yesterday 10:00\n" + "ct said 7 of 10.\n" * 100 for at in range(MOST))
    began = time.perf_counter()
    assert len(split(text)) == MOST
    assert time.perf_counter() - began < 2
