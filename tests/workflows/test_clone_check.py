"""The clone meter before signing: which notes it reads, and when it speaks."""

import datetime as dt
from dataclasses import replace

from bot.domain.note import Note, Session
from bot.workflows.approve_note import approve_note
from bot.workflows.clone_check import clone_check
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.link_note import retract_note
from bot.workflows.revise_note import discard_note
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import ROSA, FixedClock, desk

ALIKE = (
    "Client reports poor sleep on most nights and worry about money.\n"
    "Reviewed the thought record and practiced paced breathing together.\n"
    "Client was able to name two alternative thoughts by the end.\nPlan: continue with exposure step two next week."
)
OTHER = "Client finished the report for her boss and felt proud of it all day.\nWorked on the letter to her brother."
TODAY = FixedClock().at.date()


async def drafted(at: Desk, source: str, client: str = "JD-014", text: str = ALIKE, day: dt.date = TODAY) -> Note:
    started = await start_draft(at, ROSA, NewNote(text, source, "test", "soap", client, Session(day)))
    await draft_note(at, started.note_id)
    return (await open_note(at, started.note_id)).note


async def test_a_note_like_the_clients_last_one_is_spoken_of_and_still_signed():
    at = desk()
    earlier = await drafted(at, "a", day=TODAY - dt.timedelta(days=11))
    note = await drafted(at, "b")
    found = await clone_check(at, note)
    assert found is not None
    assert (found.of_client, found.sentences, found.day) == (4, 4, earlier.session.date)
    assert found.of_others == 0
    assert (await approve_note(at, ROSA, note.id, note.version, "test")).signatures


async def test_notes_of_other_clients_count_on_the_same_day_only():
    at = desk()
    await drafted(at, "a", "JD-020", day=TODAY - dt.timedelta(days=1))
    note = await drafted(at, "b")
    assert await clone_check(at, note) is None
    await drafted(at, "c", "JD-020")
    found = await clone_check(at, note)
    assert found is not None
    assert (found.of_client, found.of_others) == (0, 4)


async def test_another_days_note_and_a_discarded_one_say_nothing():
    at = desk()
    discarded = await drafted(at, "a")
    await discard_note(at, ROSA, discarded.id, "test")
    await drafted(at, "b", text=OTHER)
    assert await clone_check(at, await drafted(at, "c")) is None


async def test_a_note_written_again_for_the_right_client_is_not_told_of_the_one_that_was_retracted():
    at = desk()
    wrong = await drafted(at, "a", "JD-020")
    await approve_note(at, ROSA, wrong.id, wrong.version, "test")
    right = await drafted(at, "b", "JD-014")
    begun = await retract_note(at, ROSA, wrong.id, "Another client.", "c", "test")
    assert await clone_check(at, right) is not None
    await approve_note(at, ROSA, begun.note_id, 1, "test")
    assert await clone_check(at, right) is None


async def test_without_client_and_date_there_is_nothing_to_compare_with():
    at = desk()
    await drafted(at, "a")
    note = await drafted(at, "b")
    assert await clone_check(at, replace(note, client_code="", session=Session())) is None
