"""Shorthand: what is spelled out, what must stay as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.statements import Slot
from bot.drafting.shorthand import as_prose, expand, expansions


@pytest.mark.parametrize(
    ("typed", "prose"),
    [
        ("ct denied SI", "Client denied suicidal ideation."),
        ("Denies SI/HI", "Denies suicidal ideation/homicidal ideation."),
        ("si, me dijo que no", "Si, me dijo que no."),
        ("w/o meds b/c of cost", "Without medications because of cost."),
        ("c/o insomnia x3 this wk", "Complains of insomnia 3 times this week."),
        ("oriented x3", "Oriented x3."),
        ("w/mom, hx of tx.", "With mom, history of treatment."),
        ('said "ct w/ SI" w/ a laugh', 'Said "ct w/ SI" with a laugh.'),
        ("said “w/ ct”", "Said “w/ ct”."),
        ("PHQ-9 14, SUDS 40, GAD-7 9", "PHQ-9 14, SUDS 40, GAD-7 9."),
        ("Pt relapsed", "Patient relapsed."),
        ("same stuck pt", "Same stuck pt."),
        ("lives in HI", "Lives in HI."),
        ("W. knows about it", "W. knows about it."),
        ("ct's mom called", "Client's mom called."),
        ("appt. on Friday", "Appointment on Friday."),
        ("approx. 14 sets", "Approximately 14 sets."),
        ("next appt.", "Next appointment."),
        ("ended early?", "Ended early?"),
        ("iPhone lost", "iPhone lost."),
        ("🙂", "🙂"),
    ],
)
def test_prose(typed: str, prose: str) -> None:
    assert as_prose(typed, Slot.REPORT) == prose


@pytest.mark.parametrize(
    ("typed", "slot", "prose"),
    [
        ("Plan: see in 2 wks", Slot.PLAN, "See in 2 weeks."),
        ("hw: log daily", Slot.HOMEWORK, "Homework: log daily."),
        ("hw: did log 3/7", Slot.HOMEWORK_REVIEW, "Homework: did log 3/7."),
        ("Obs - quiet", Slot.OBSERVATION, "Quiet."),
        ("Plan: log", Slot.HOMEWORK, "Plan: log."),
        ("Mom: slept", Slot.REPORT, "Mom: slept."),
        ("Plan:", Slot.PLAN, "Plan:"),
    ],
)
def test_a_label_goes_only_when_it_repeats_the_slot(typed: str, slot: Slot, prose: str) -> None:
    assert as_prose(typed, slot) == prose


@pytest.mark.parametrize("short", sorted(expansions()))
def test_every_listed_shorthand_is_expanded_somewhere(short: str) -> None:
    full = expansions()[short]
    assert full.lower() in expand(f"{short} seen here").lower()


@given(st.text(max_size=200))
def test_never_raises_and_keeps_quotations(text: str) -> None:
    bare = text.replace('"', "")
    assert '"ct w/ SI x3"' in expand(f'{bare} "ct w/ SI x3" {bare}')
