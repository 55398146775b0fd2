"""Numbers are measured when a note is signed: own for its clinician, the practice's for who may see them."""

import datetime as dt

import pytest

from bot.acts.day import Doing
from bot.acts.front import Front
from bot.acts.numbers import show_stats
from bot.cards.charts import text_lines
from bot.cards.elements import Chart, Remark, Sentence
from bot.cards.numbers_screens import backlog_chart, line, stats_card, took_chart
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.note import Session, State
from bot.domain.numbers import Numbers, Signed, numbers_of, waited_at
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.usage import Call, Limits, Outcome, Prices
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.stats import practice_stats, stats
from tests.workflows.factories import ASSOCIATE, MIRIAM, NORA, ROSA, SUMMARY, TOBIAS, FixedClock, desk

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


async def write(at: Desk, clock: FixedClock, person: Person, minutes: int, ago: int = 0, code: str = "JD-014") -> None:
    """A note from summary to signature, of a session so many days ago, which takes its clinician so many minutes."""
    session = Session(clock.now().date() - ago * DAY, dt.time(1), 50)
    new = NewNote(SUMMARY, f"slack:{person.id}:{minutes}:{ago}", "slack", client_code=code, session=session)
    started = await start_draft(at, person, new)
    await draft_note(at, started.note_id)
    clock.at += minutes * MINUTE
    note = (await open_note(at, started.note_id)).note
    await approve_note(at, person, note.id, note.version, "slack")


async def said_to(at: Desk, person: Person) -> str:
    """The card as this person sees it."""

    class Where:
        desk = at
        platform = "slack"

    front: Front = Where()  # type: ignore[assignment]
    return repr(await show_stats(Doing(front, person), ""))


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
    everybody = await practice_stats(at, 30, Prices())
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


async def test_nobodys_baseline_is_taken_for_anothers():
    """Rosa said what a note took her before; Tobias never did, and the administrator's view claims nothing at all."""
    clock = FixedClock()
    at = desk(clock)
    await write(at, clock, ROSA, 7)
    await write(at, clock, TOBIAS, 7, code="AC-010")
    assert "before" not in await said_to(at, ROSA)
    async with at.database.writing(at.id) as unit:
        await unit.choices.save(Preferences(ROSA.id, minutes_before=17), clock.now())
        await unit.choices.save(Preferences(NORA.id, minutes_before=30), clock.now())
        await unit.commit()
    assert "a note took you 17 min before" in await said_to(at, ROSA)
    assert "10 min less" in await said_to(at, ROSA)
    for person in (TOBIAS, NORA, MIRIAM):
        told = await said_to(at, person)
        assert "signed" in told
        assert "before" not in told
        assert "less" not in told


async def test_the_time_to_signature_week_by_week():
    clock = FixedClock()
    at = desk(clock)
    for minutes in (20, 10):
        await write(at, clock, ROSA, minutes)
        clock.move(days=14)
    found = (await stats(at, ROSA, 10)).own
    assert found is not None
    assert found.signed == 0  # within ten days nothing was; the weeks go further back
    assert [took for _, took in found.weekly] == [20 * MINUTE, 10 * MINUTE]
    chart = took_chart(found)
    assert [point.value for point in chart.points] == [20, 10]
    assert "20 min, " in chart.alt
    slow = took_chart(Numbers("Rosa", 1, weekly=((dt.date(2026, 3, 2), 5 * 60 * MINUTE),)))
    assert (slow.points[0].value, slow.unit) == (5, "hours")


async def test_what_the_model_cost_is_of_the_signed_notes_only():
    clock = FixedClock()
    at = desk(clock)
    await write(at, clock, ROSA, 7)
    session = Session(clock.now().date(), dt.time(3), 50)
    new = NewNote(SUMMARY, "slack:waits", "slack", client_code="JD-020", session=session)
    await start_draft(at, ROSA, new)
    async with at.database.writing(at.id) as unit:
        notes = await unit.notes.in_states(list(State), 10)
        for note_id in notes:
            await unit.calls.take(Call(f"c{note_id}", note_id, "draft", clock.now()), Limits(), 60)
            await unit.calls.ended(f"c{note_id}", Outcome("done", "m", 2_000_000, 0, 0), clock.now())
        await unit.commit()
    assert len(notes) == 2
    found = (await practice_stats(at, 30, Prices(prompt=0.5, currency="EUR"), ROSA.id)).people[0]
    assert (found.cost, found.cost_each, found.currency) == (1.0, 1.0, "EUR")
    assert "the language model cost 1.00 EUR" in line(found, 30)
    without = (await practice_stats(at, 30, Prices(), ROSA.id)).people[0]
    assert without.cost is None
    assert "cost" not in line(without, 30)
    with pytest.raises(UserMistake) as refused:  # she writes no notes
        await practice_stats(at, 30, Prices(), NORA.id)
    assert "'nora'" in refused.value.sentence


async def test_nothing_of_a_note_is_in_what_is_shown():
    clock = FixedClock()
    at = desk(clock)
    await write(at, clock, ROSA, 7)

    shown = await said_to(at, ROSA)
    assert "JD-014" not in shown
    assert not any(word in shown for word in SUMMARY.split() if len(word) > 6)
