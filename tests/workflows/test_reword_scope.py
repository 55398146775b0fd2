"""“Ask for a change” and what it must not do: bring back, duplicate, send or lose."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.errors import Permanent
from bot.domain.note import Asked, Note, State
from bot.domain.statements import Origin, Slot
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.decide import Decisions, add_point, decide
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_and_show, draft_note
from bot.workflows.revise_note import describe_session, revise_note
from bot.workflows.reword_note import ask_change, reword_note
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from tests.doubles.scripted_model import ScriptedModel, answer, texts_of
from tests.workflows.factories import ROSA, FixedClock, RecordingChat
from tests.workflows.test_model_drafts import (
    DENIED,
    HONEST,
    PLANNED,
    REVIEWED,
    SLEPT,
    SUMMARY,
    drafted,
    started,
    with_model,
)


async def changed(at: Desk, note: Note, instruction: str = "shorter", section: str = "") -> Note:
    now = (await open_note(at, note.id)).note
    await ask_change(at, ROSA, note.id, now.version, Asked(instruction, section), "test")
    await reword_note(at, note.id)
    return (await open_note(at, note.id)).note


def texts(note: Note) -> list[str]:
    return [statement.text for statement in note.statements]


async def test_a_guessed_diagnosis_stays_a_guess_in_whatever_section():
    at, _ = with_model(answer(("assessment", "Rule out PTSD.", (1,))), answer(("diagnosis", "PTSD.", (1,))))
    note = await drafted(at, "r/o PTSD.")
    after = await changed(at, note, section="subjective")
    assert "PTSD." not in texts(after)
    assert Slot.DIAGNOSIS not in {statement.slot for statement in after.statements}


async def test_what_was_left_out_does_not_come_back():
    at, model = with_model(answer(SLEPT, REVIEWED, DENIED), answer(SLEPT, REVIEWED, DENIED, PLANNED))
    note = await drafted(at)
    await decide(at, ROSA, note.id, Decisions(points={4: None}), "test")
    after = await changed(at, note)
    assert PLANNED[1] not in texts(after)
    assert "exposure step 2" not in model.prompts[-1].question


async def test_a_correction_is_not_undone():
    at, model = with_model(
        answer(("measure", "PHQ-9 was 14.", (1,)), ("intervention", "Thought record reviewed.", (2,))),
        answer(("measure", "PHQ-9 was 14.", (1,)), ("intervention", "Thought record reviewed.", (2,))),
    )
    note = await drafted(at, "PHQ-9 14 today.\nReviewed thought record.")
    corrected = "PHQ-9 was 12.\nThought record reviewed."
    await revise_note(at, ROSA, note.id, note.version, {"objective": corrected}, "test")
    after = await changed(at, note)
    assert "PHQ-9 was 14." not in texts(after)
    assert "14" not in model.prompts[-1].question.partition("Points:")[2]


async def test_private_points_are_sent_in_no_form():
    private = "Note to self: I felt sleepy with her, bring to supervision."
    at, model = with_model(HONEST, answer(SLEPT, REVIEWED, DENIED, PLANNED))
    note = await drafted(at, f"{SUMMARY}\n{private}")
    await add_point(at, ROSA, note.id, 5, "test")
    after = await changed(at, note)
    assert "sleepy" not in texts_of(model.prompts)
    assert private in texts(after), "what the clinician placed by hand stays"


async def test_own_words_become_a_point_once():
    at, _ = with_model(HONEST, answer(SLEPT, REVIEWED, DENIED, PLANNED))
    note = await drafted(at)
    plan = "Next week, exposure step 2.\nNodded, practiced twice."
    own = await revise_note(at, ROSA, note.id, note.version, {"plan": plan}, "test")
    assert own.statements != note.statements
    await changed(at, note)
    after = await changed(at, note)
    assert [point.text for point in after.points].count("Nodded, practiced twice.") == 1


async def test_a_section_that_the_format_has_no_more_is_not_taken_for_the_whole_note():
    at, _ = with_model(HONEST, answer(SLEPT))
    note = await drafted(at)
    asked = await ask_change(at, ROSA, note.id, note.version, Asked("shorter", "subjective"), "test")
    await arrange_note(at, ROSA, note.id, "birp", "test")
    await reword_note(at, asked.id)
    after = (await open_note(at, note.id)).note
    assert (after.statements, after.trouble) == (note.statements, "outrun")


async def test_the_day_may_be_said_while_a_change_is_made():
    shorter = ("report", "Client slept five hours most nights.", (1,))
    at, _ = with_model(HONEST, 0.2, answer(shorter, REVIEWED, DENIED, PLANNED))
    note = await drafted(at)
    await ask_change(at, ROSA, note.id, note.version, Asked("shorter"), "test")
    rewording = asyncio.create_task(reword_note(at, note.id))
    await asyncio.sleep(0.05)
    day = FixedClock().at.date()
    await describe_session(at, ROSA, note.id, None, day, "test")
    await rewording
    after = (await open_note(at, note.id)).note
    assert (after.session.date, after.trouble) == (day, "")
    assert shorter[1] in texts(after)


async def test_after_a_change_the_card_says_that_a_model_worded_it():
    at, _ = with_model(Permanent("model_timeout"), HONEST)
    note = await drafted(at)
    assert note.drafted_by is Origin.SORTER
    after = await changed(at, note)
    assert (after.drafted_by, bool(after.prompt_version)) == (Origin.MODEL, True)


class Exploding(ScriptedModel):
    async def complete(self, prompt):
        await super().complete(prompt)
        raise ZeroDivisionError("told me about zebrafinch-7731")


async def test_an_unexpected_error_is_paid_for_once_and_quotes_nothing(caplog: pytest.LogCaptureFixture):
    at, _ = with_model(HONEST)
    assert at.writer is not None
    at = replace(at, writer=replace(at.writer, model=(model := Exploding("x"))))
    note = await drafted(at)
    assert (note.state, note.drafted_by, note.fallback) == (State.DRAFT, Origin.SORTER, "unexpected_ZeroDivisionError")
    assert len(model.prompts) == 1
    assert "zebrafinch" not in caplog.text


async def test_one_patience_for_answer_and_repair():
    at, model = with_model(0.3, "{ broken", 60.0, patience=0.5)
    begun = asyncio.get_running_loop().time()
    note = await drafted(at)
    assert asyncio.get_running_loop().time() - begun < 0.9
    assert (note.fallback, len(model.prompts)) == ("model_timeout", 2)


async def test_where_nothing_may_be_sent_nobody_is_asked():
    at, model = with_model(HONEST)
    note = await drafted(at, "Note to self: my own reaction to her, bring to supervision.")
    assert (model.prompts, note.drafted_by, note.fallback) == ([], Origin.SORTER, "")


async def test_a_chat_that_refuses_leaves_no_second_draft_behind():
    at, model = with_model(30.0)
    note_id = await started(at)
    chat = RecordingChat(broken=Permanent("slack_channel_not_found"))
    drafting = asyncio.create_task(draft_and_show(at, Screens(at, {"slack": chat}), note_id))
    await asyncio.sleep(0.45)
    drafting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drafting
    await asyncio.sleep(0.05)
    assert (len(model.prompts), model.cancelled) == (1, 1)


async def test_initials_do_not_leave_and_come_back():
    at, model = with_model(answer(("report", "[CLIENT] reported sleeping five hours on most nights.", (1,)), DENIED))
    assert at.writer is not None
    at = replace(at, writer=replace(at.writer, voice=replace(at.writer.voice, person="initials")))
    started_note = await start_draft(
        at, ROSA, NewNote("Slept 5 hours most nights.\nDenied SI.", "t", "test", "soap", "QX-014")
    )
    await draft_note(at, started_note.note_id)
    note = (await open_note(at, started_note.note_id)).note
    assert "QX" not in texts_of(model.prompts)
    assert any("QX reported" in s.text for s in (*note.statements, *note.held))


async def test_a_note_signed_while_a_change_is_made_stays_as_signed():
    at, _ = with_model(HONEST, answer(SLEPT))
    note = await drafted(at)
    await ask_change(at, ROSA, note.id, note.version, Asked("shorter"), "test")
    signed = await approve_note(at, ROSA, note.id, note.version, "test", day=FixedClock().at.date())
    assert not await reword_note(at, note.id)
    assert (await open_note(at, note.id)).note == signed
