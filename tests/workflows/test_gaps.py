"""Questions about what a note does not say: asked on the desk, answered and waived through the workflows."""

from dataclasses import replace

import pytest

from bot.checks_file import load_profiles
from bot.domain.checks import RISK_WORDS
from bot.domain.errors import NotAllowed, Stale
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.statements import Origin, Slot
from bot.workflows.answer_gaps import answer_gaps
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.revise_note import add_details
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import CANARY, ROSA, TOBIAS, desk

THIN = f"Ct talked about work stress, {CANARY}.\nFeels hopeless about the job search.\nMark SI as denied.\nCont weekly."


async def drafted(at: Desk, summary: str = THIN) -> Note:
    started = await start_draft(at, ROSA, NewNote(summary, "test:1", "test", "soap", "JD-014"))
    await draft_note(at, started.note_id)
    return await read(at, started.note_id)


async def read(at: Desk, note_id: NoteId) -> Note:
    return (await open_note(at, note_id)).note


def ids(at: Desk, note: Note) -> list[str]:
    return [gap.check_id for gap in at.gaps_of(note)]


async def test_the_clients_payer_decides_what_is_asked():
    at = desk()
    note = await drafted(at)
    strict = replace(at, payer_by_client={"JD-014": "medicaid"}, default_payer="self_pay")
    assert at.profile_for(note).id == "default"
    assert strict.profile_for(note).id == "medicaid"
    assert strict.profile_for(replace(note, client_code="")).id == "self_pay"
    assert replace(strict, payer_by_client={"JD-014": "nobody"}).profile_for(note).id == "default"
    assert "goal_named" in ids(strict, note)
    assert replace(at, profiles={}).gaps_of(note)[0].check_id.startswith(RISK_WORDS)


async def test_answers_become_own_statements_in_one_version_and_are_not_asked_again():
    at = desk()
    note = await drafted(at)
    first, *others = ids(at, note)
    assert first == f"{RISK_WORDS}hopelessness"
    answers = {first: "not assessed", others[0]: "taught paced breathing"}
    answered = await answer_gaps(at, ROSA, note.id, note.version, answers, [], "test")
    own = [(s.slot, s.text) for s in answered.statements if s.origin is Origin.CLINICIAN]
    assert (Slot.RISK, "Suicide risk was not assessed in this session.") in own
    assert answered.version == note.version + 1
    assert not {first, others[0]} & set(ids(at, answered))
    assert await read(at, note.id) == answered


async def test_a_waived_question_is_gone_without_a_version_and_risk_words_cannot_be_waived():
    at = desk()
    note = await drafted(at)
    first, second, *_ = ids(at, note)
    waived = await answer_gaps(at, ROSA, note.id, None, {}, [first, second], "test")
    assert waived.version == note.version
    assert waived.waived == (second,)
    assert ids(at, waived)[0] == first
    assert second not in ids(at, await read(at, note.id))


async def test_the_dialog_answers_questions_and_other_items_in_one_act():
    at = desk()
    note = await drafted(at)
    answers = {Slot.PROGRESS: "Same as last week."}
    changed = await add_details(at, ROSA, note.id, note.version, answers, {3: None}, "test", {"response": "calmer"})
    assert {s.text for s in changed.statements if s.origin is Origin.CLINICIAN} == {"Same as last week.", "Calmer."}
    assert (changed.version, changed.left_out, changed.waived) == (note.version + 1, (3,), ("response",))


async def test_stale_and_foreign_answers_change_nothing():
    at = desk()
    note = await drafted(at)
    with pytest.raises(Stale):
        await answer_gaps(at, ROSA, note.id, note.version - 1, {"risk": "denied"}, [], "test")
    with pytest.raises(NotAllowed):
        await answer_gaps(at, TOBIAS, note.id, note.version, {"risk": "denied"}, [], "test")
    assert await read(at, note.id) == note


async def test_what_was_pasted_is_shown_apart_until_it_is_decided():
    at = desk()
    note = await drafted(at)
    assert at.withheld_of(note) == {3: "command"}
    left = await add_details(at, ROSA, note.id, note.version, {}, {3: None}, "test")
    assert at.withheld_of(left) == {}


async def test_the_audit_says_what_was_done_and_nothing_of_what_was_typed():
    at = desk()
    note = await drafted(at)
    await answer_gaps(at, ROSA, note.id, note.version, {"response": CANARY}, [], "test")
    async with at.database.reading(at.id) as unit:
        acts = await unit.audit.acts(note.id)
    assert acts[-1].act == "questions answered"
    assert CANARY not in repr(acts)


async def test_a_guess_at_a_diagnosis_is_pointed_out_and_stays_the_clinicians_wording():
    at = desk()
    note = await drafted(at, "Ct slept 3h, talked fast.\nr/o bipolar II.\nPlan: weekly.")
    assert at.guesses_diagnosis(note)
    assert Slot.DIAGNOSIS not in {statement.slot for statement in note.statements}
    assert any("ule out bipolar II" in statement.text for statement in note.statements)
    assert not at.guesses_diagnosis(replace(note, left_out=(2,)))


def test_every_profile_that_ships_works_on_a_desk():
    assert set(desk().profiles) == set(load_profiles())
