"""Numbers are measured when a note is signed: own for its clinician, the practice's for who may see them."""

import datetime as dt

import pytest

from bot.acts.day import Doing
from bot.acts.front import Front
from bot.acts.numbers import show_stats
from bot.cards.charts import text_lines
from bot.cards.elements import Chart, Remark, Sentence
from bot.cards.numbers_screens import backlog_chart, stats_card
from bot.domain.errors import NotAllowed
from bot.domain.note import Session
from bot.domain.numbers import Numbers, Signed, numbers_of, waited_at
from bot.domain.people import Person
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.stats import practice_stats, stats
from tests.workflows.factories import ASSOCIATE, MIRIAM, NORA, ROSA, SUMMARY, TOBIAS, FixedClock, desk

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


async def write(at: Desk, clock: FixedClock, person: Person, minutes: int, ago: int = 0) -> None:
    """A note from summary to signature, of a session so many days ago, which takes its clinician so many minutes."""
    session = Session(clock.now().date() - ago * DAY, dt.time(1), 50)
    new = NewNote(SUMMARY, f"slack:{person.id}:{minutes}:{ago}", "slack", client_code="JD-014", session=session)
    started = await start_draft(at, person, new)
    await draft_note(at, started.note_id)
    clock.at += minutes * MINUTE
    note = (await open_note(at, started.note_id)).note
    await approve_note(at, person, note.id, note.version, "slack")


def test_the_figures_of_some_notes_by_hand():
    notes = [Signed(n * MINUTE, n < 20, 100 * n, n == 40) for n in (10, 20, 30, 40)]
    assert numbers_of("Rosa", notes, [(dt.date(2026, 3, 2), 4)]) == Numbers(
        "Rosa", 4, 25 * MINUTE, 25, 250, 25, ((dt.date(2026, 3, 2), 4),)
    )
    assert numbers_of("Rosa", [], []) == Numbers("Rosa", 0)
    monday = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    spans = [(monday, None), (monday, monday + DAY), (monday + DAY, None)]
    assert [waited_at(spans, monday + n * DAY) for n in (-1, 0, 1)] == [0, 2, 2]


async def test_who_sees_whose():
    at = desk()
    for person in (ROSA, TOBIAS):
        own = await stats(at, person, 30)
        assert own.own is not None
        assert own.own.name == person.name
        assert (own.practice, own.people) == (None, ())
    assert [each.name for each in (await stats(at, MIRIAM, 30)).people] == [ASSOCIATE.name]
    wide = await stats(at, NORA, 30, "Larkspur")
    assert wide.own is None
    assert {each.name for each in wide.people} == {p.name for p in (ROSA, TOBIAS, ASSOCIATE, MIRIAM)}
    with pytest.raises(NotAllowed):
        await stats(at, None, 30)


async def test_a_signed_note_is_measured_and_leaves_the_backlog():
    clock = FixedClock()
    at = desk(clock)
    await write(at, clock, ROSA, 7)
    await write(at, clock, ROSA, 21, ago=1)
    session = Session(clock.now().date() - DAY, dt.time(3), 50)
    await start_draft(at, ROSA, NewNote(SUMMARY, "slack:waits", "slack", client_code="JD-020", session=session))
    found = (await stats(at, ROSA, 30)).own
    assert found is not None
    assert (found.signed, found.took, found.same_day) == (2, 14 * MINUTE, 50)
    assert found.backlog[-1][1] == 1
    assert found.backlog[0][1] == 0
    everybody = await practice_stats(at, 30)
    assert everybody.practice is not None
    assert everybody.practice.signed == 2


def test_time_saved_is_said_only_against_what_the_person_entered():
    own = Numbers("Rosa", 4, 6 * MINUTE, 100, 0, 0, ((dt.date(2026, 3, 2), 0),))
    said = [part.text for part in stats_card(30, own, None, (), 0).elements if isinstance(part, Remark | Sentence)]
    assert not any("less" in text for text in said)
    said = [part.text for part in stats_card(30, own, None, (), 17).elements if isinstance(part, Remark | Sentence)]
    assert any("11 min less" in text for text in said)


def test_the_chart_says_its_figures_in_words():
    chart = backlog_chart(Numbers("Rosa", 0, backlog=((dt.date(2026, 3, 2), 4), (dt.date(2026, 3, 9), 0))))
    assert isinstance(chart, Chart)
    assert chart.alt.endswith("2 Mar 4, 9 Mar 0.")
    assert len(text_lines(chart)) == 2


async def test_nothing_of_a_note_is_in_what_is_shown():
    clock = FixedClock()
    at = desk(clock)
    await write(at, clock, ROSA, 7)

    class Where:
        desk = at
        platform = "slack"

    front: Front = Where()  # type: ignore[assignment]
    card = await show_stats(Doing(front, ROSA), "")
    shown = repr(card)
    assert "JD-014" not in shown
    assert not any(word in shown for word in SUMMARY.split() if len(word) > 6)
