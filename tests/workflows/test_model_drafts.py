"""Drafting and rewording by a model, through the workflows alone: whatever it writes, the checks decide."""

import asyncio
from dataclasses import replace

import pytest

from bot.cards import words
from bot.cards.elements import Actions, Button, Prose, Remark
from bot.domain.completion import Completion
from bot.domain.errors import NotAllowed, Permanent, Temporary, UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import Asked, Note, State
from bot.domain.statements import Origin, Slot
from bot.domain.support import Kind
from bot.domain.usage import Call, Limits, Prices
from bot.drafting.deidentify import Mask
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.count_usage import count_usage
from bot.workflows.decide import Decisions, add_point, decide
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_and_show, draft_note, sort_now
from bot.workflows.due_work import due_work
from bot.workflows.revise_note import add_details, revise_note
from bot.workflows.reword_note import ask_change, reword_note, undo_change
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.writer import Writer
from tests.doubles.scripted_model import ScriptedModel, answer, texts_of
from tests.workflows.factories import NORA, ROSA, TOBIAS, FixedClock, RecordingChat, desk

SUMMARY = (
    "Ct reports sleeping 5 hours most nights.\nReviewed thought record with Anneke.\n"
    "Denied SI.\nPlan: exposure step 2 next week."
)
SLEPT = ("report", "Client reported sleeping five hours on most nights.", (1,))
REVIEWED = ("intervention", "Therapist reviewed the thought record with Anneke.", (2,))
DENIED = ("risk", "Client denied suicidal ideation.", (3,))
PLANNED = ("plan", "Next week, exposure step 2.", (4,))
HONEST = answer(SLEPT, REVIEWED, DENIED, PLANNED)
FABRICATED = ("risk", "Client denied homicidal ideation (HI).", (3,))


def with_model(*script: object, clock: FixedClock | None = None, **changes: object) -> tuple[Desk, ScriptedModel]:
    model = ScriptedModel(*script)  # type: ignore[arg-type]
    writer = replace(Writer(model), **changes)  # type: ignore[arg-type]
    return replace(desk(clock), writer=writer), model


async def started(at: Desk, summary: str = SUMMARY) -> NoteId:
    return (await start_draft(at, ROSA, NewNote(summary, "test:1", "test", "soap", "JD-014"))).note_id


async def drafted(at: Desk, summary: str = SUMMARY) -> Note:
    note_id = await started(at, summary)
    await draft_note(at, note_id)
    return (await open_note(at, note_id)).note


async def sign(at: Desk, note: Note) -> Note:
    return await approve_note(at, ROSA, note.id, note.version, "test", day=FixedClock().at.date())


async def test_a_good_answer_becomes_statements_with_their_points():
    at, model = with_model(HONEST)
    note = await drafted(at)
    assert [(s.slot, s.text, s.sources) for s in note.statements] == [
        (Slot(slot), text, cited) for slot, text, cited in (SLEPT, REVIEWED, DENIED, PLANNED)
    ]
    assert (note.drafted_by, note.fallback, note.held, note.undecided()) == (Origin.MODEL, "", (), 0)
    assert note.prompt_version == model.prompts[0].version


async def test_one_call_serves_every_format():
    at, model = with_model(HONEST)
    note = await drafted(at)
    for format_id in at.startable:
        await arrange_note(at, ROSA, note.id, format_id, "test")
    assert len(model.prompts) == 1


async def test_what_the_points_do_not_say_is_held_out_and_stops_the_signature():
    at, _ = with_model(answer(SLEPT, REVIEWED, DENIED, PLANNED, FABRICATED))
    note = await drafted(at)
    (held,) = note.held
    assert held.doubt is not None
    assert (held.text, held.doubt.kind) == (FABRICATED[1], Kind.RISK_DENIAL)
    assert FABRICATED[1] not in {s.text for s in note.statements}
    with pytest.raises(UserMistake, match="undecided"):
        await sign(at, note)
    left = await decide(at, ROSA, note.id, Decisions(leave=(held.id,)), "test")
    assert (await sign(at, left)).state is State.APPROVED


async def test_a_held_statement_enters_only_as_the_clinicians_own_words():
    at, _ = with_model(answer(SLEPT, REVIEWED, DENIED, PLANNED, FABRICATED))
    note = await drafted(at)
    taken = await decide(at, ROSA, note.id, Decisions(take=(note.held[0].id,)), "test")
    again = await decide(at, ROSA, note.id, Decisions(take=(note.held[0].id,)), "test")
    assert again == taken
    (own,) = [s for s in taken.statements if s.origin is Origin.CLINICIAN]
    assert own.text == FABRICATED[1]


async def test_a_point_no_statement_uses_is_asked_about():
    at, _ = with_model(answer(SLEPT, REVIEWED, DENIED))
    note = await drafted(at)
    assert [point.number for point in note.unused()] == [4]
    with pytest.raises(UserMistake, match="undecided"):
        await sign(at, note)
    added = await add_point(at, ROSA, note.id, 4, "test")
    assert added.statements[-1].slot is Slot.PLAN
    assert (await sign(at, added)).state is State.APPROVED


@pytest.mark.parametrize("actor", [TOBIAS, NORA, None])
async def test_nobody_else_decides(actor):
    at, _ = with_model(answer(SLEPT, FABRICATED))
    note = await drafted(at)
    with pytest.raises(NotAllowed):
        await decide(at, actor, note.id, Decisions(take=(note.held[0].id,)), "test")
    with pytest.raises(NotAllowed):
        await add_point(at, actor, note.id, 4, "test")
    with pytest.raises(NotAllowed):
        await ask_change(at, actor, note.id, note.version, Asked("shorter"), "test")
    assert (await open_note(at, note.id)).note == note


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ((Temporary("model_busy", 5.0),), "model_busy"),
        ((Permanent("model_refused_key"),), "model_refused_key"),
        (("no JSON at all",), "model_answer_broken"),
        ((Completion("", "m", refused=True),), "model_refused"),
    ],
)
async def test_when_the_model_is_of_no_use_the_sorter_drafts_and_says_so(script, code):
    at, model = with_model(*script)
    note = await drafted(at)
    assert (note.drafted_by, note.fallback) == (Origin.SORTER, code)
    assert {number for s in note.statements for number in s.sources} == {1, 2, 3, 4}
    chat = RecordingChat()
    await Screens(at, {"slack": chat}).show(note.id)
    (card,) = chat.cards.values()
    assert any(isinstance(e, Remark) and words.why(code) in e.text for e in card.elements)
    assert len(model.prompts) == (2 if code in ("model_answer_broken", "model_refused") else 1)


async def test_a_broken_answer_is_repaired_once():
    at, model = with_model("{ broken", HONEST)
    assert (await drafted(at)).drafted_by is Origin.MODEL
    assert len(model.prompts) == 2


async def test_a_model_that_is_silent_too_long_is_not_waited_for():
    at, model = with_model(60.0, patience=0.1)
    assert (await drafted(at)).fallback == "model_timeout"
    assert model.cancelled == 1


async def test_identifiers_do_not_leave_and_come_back():
    hidden = Mask([person.name for person in desk().practice.people]).hide("Reviewed thought record with Anneke.")
    at, model = with_model(answer(SLEPT, ("intervention", hidden, (2,))))
    note = await drafted(at)
    assert "Anneke" not in hidden + texts_of(model.prompts)
    assert note.statements[1].text == "Reviewed thought record with Anneke."


async def test_a_practice_may_send_everything_to_a_server_of_its_own():
    at, model = with_model(HONEST, masked=False)
    await drafted(at)
    assert "Anneke" in texts_of(model.prompts)


async def test_a_placeholder_that_stands_for_nobody_is_held_out():
    at, _ = with_model(answer(SLEPT, ("report", "[NAME_9] called.", (2,))))
    note = await drafted(at)
    assert [s.text for s in note.held] == ["[NAME_9] called."]


async def test_while_it_writes_the_clinician_may_have_it_sorted():
    at, model = with_model(60.0)
    chat = RecordingChat()
    note_id = await started(at)
    drafting = asyncio.create_task(draft_and_show(at, Screens(at, {"slack": chat}), note_id))
    await asyncio.sleep(0.45)
    (card,) = chat.cards.values()
    buttons = [b for e in card.elements if isinstance(e, Actions) for b in e.items if isinstance(b, Button)]
    assert [button.action for button in buttons] == ["sort_now"]
    with pytest.raises(NotAllowed):
        await sort_now(at, TOBIAS, note_id, "test")
    await sort_now(at, ROSA, note_id, "test")
    await asyncio.wait_for(drafting, 5)
    assert model.cancelled == 1, "the call is ended at once"
    note = (await open_note(at, note_id)).note
    assert (note.state, note.fallback) == (State.DRAFT, "chosen")


async def test_calls_are_limited_over_everybody():
    at, model = with_model(HONEST, limits=Limits(concurrency=1), patience=0.2)
    first, second = await started(at), (await start_draft(at, ROSA, NewNote(SUMMARY, "test:2", "test"))).note_id
    async with at.database.writing(at.id) as unit:
        await unit.calls.take(Call("elsewhere", first, "draft", at.clock.now()), Limits(1), 60)
        await unit.commit()
    await draft_note(at, second)
    assert (await open_note(at, second)).note.fallback == "model_places_taken"
    assert model.prompts == []


async def test_what_a_note_took_is_counted_for_administrators_only():
    at, _ = with_model("{ broken", HONEST, prices=Prices(1.0, 0.5, 2.0))
    note = await drafted(at)
    count = await count_usage(at, NORA, 30)
    (usage,) = count.notes
    assert (usage.note_id, usage.calls, usage.failed) == (note.id, 2, 0)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (1800, 200, 800)
    assert count.prices is not None
    assert count.prices.cost(usage) == pytest.approx((1000 * 1.0 + 800 * 0.5 + 200 * 2.0) / 1e6)
    with pytest.raises(NotAllowed):
        await count_usage(at, ROSA, 30)


async def test_a_change_is_kept_first_made_by_a_worker_and_can_be_undone():
    shorter = ("report", "Client slept five hours most nights.", (1,))
    at, model = with_model(HONEST, answer(shorter, REVIEWED, DENIED, PLANNED))
    note = await drafted(at)
    asked = await ask_change(at, ROSA, note.id, note.version, Asked("shorter"), "test")
    assert ("reword", note.id, "") in await due_work(at)
    with pytest.raises(UserMistake, match="asked_already"):
        await ask_change(at, ROSA, note.id, asked.version, Asked("longer"), "test")
    assert await reword_note(at, note.id)
    assert not await reword_note(at, note.id)
    reworded = (await open_note(at, note.id)).note
    assert {s.text for s in reworded.statements} == {shorter[1], REVIEWED[1], DENIED[1], PLANNED[1]}
    kept = {s.id for s in note.statements} & {s.id for s in reworded.statements}
    assert len(kept) == 3, "what came back word for word is the same statement"
    chat = RecordingChat()
    await Screens(at, {"slack": chat}).show(note.id)
    (card,) = chat.cards.values()
    assert any(isinstance(e, Prose) and e.title == words.CHANGES_TITLE for e in card.elements)
    back = await undo_change(at, ROSA, note.id, "test")
    assert back.statements == note.statements
    assert "shorter" in texts_of(model.prompts[1:])


async def test_a_change_cannot_bring_in_what_was_never_said():
    at, _ = with_model(HONEST, answer(SLEPT, REVIEWED, DENIED, FABRICATED, PLANNED))
    note = await drafted(at)
    await ask_change(at, ROSA, note.id, note.version, Asked("say she denied HI too"), "test")
    await reword_note(at, note.id)
    reworded = (await open_note(at, note.id)).note
    assert [s.text for s in reworded.held] == [FABRICATED[1]]
    assert FABRICATED[1] not in {s.text for s in reworded.statements}


async def test_a_change_of_one_section_leaves_the_others_alone():
    at, _ = with_model(HONEST, answer(("report", "Exposure step 2 follows next week.", (4,))))
    note = await drafted(at)
    await ask_change(at, ROSA, note.id, note.version, Asked("friendlier", "plan"), "test")
    await reword_note(at, note.id)
    reworded = (await open_note(at, note.id)).note
    assert {s.id for s in note.statements if s.slot is not Slot.PLAN} < {s.id for s in reworded.statements}
    assert [s.text for s in reworded.statements if s.slot is Slot.PLAN] == ["Exposure step 2 follows next week."]


async def test_own_words_that_a_change_drops_are_not_lost_unnoticed():
    at, _ = with_model(HONEST, answer(SLEPT, REVIEWED, DENIED, PLANNED))
    note = await drafted(at)
    own = await add_details(at, ROSA, note.id, note.version, {Slot.RESPONSE: "Nodded, practiced twice."}, {}, "test")
    await ask_change(at, ROSA, note.id, own.version, Asked("shorter"), "test")
    await reword_note(at, note.id)
    reworded = (await open_note(at, note.id)).note
    assert [point.text for point in reworded.unused()] == ["Nodded, practiced twice."]
    assert (await undo_change(at, ROSA, note.id, "test")).unused() == ()


@pytest.mark.parametrize("code", ["model_busy", "model_timeout"])
async def test_a_change_that_fails_leaves_the_draft_and_says_why(code):
    at, _ = with_model(HONEST, Temporary(code))
    note = await drafted(at)
    await ask_change(at, ROSA, note.id, note.version, Asked("shorter"), "test")
    await reword_note(at, note.id)
    after = (await open_note(at, note.id)).note
    assert (after.statements, after.trouble, after.asked) == (note.statements, code, None)


async def test_an_edit_meanwhile_wins_over_the_change():
    at, _ = with_model(HONEST, 0.2, answer(SLEPT))
    note = await drafted(at)
    asked = await ask_change(at, ROSA, note.id, note.version, Asked("shorter"), "test")
    rewording = asyncio.create_task(reword_note(at, note.id))
    await asyncio.sleep(0.05)
    edited = await revise_note(at, ROSA, note.id, asked.version, {"plan": "Exposure step 3."}, "test")
    await rewording
    after = (await open_note(at, note.id)).note
    assert (after.statements, after.trouble) == (edited.statements, "outrun")


async def test_without_a_model_nobody_is_asked():
    at = desk()
    note = await drafted(at)
    with pytest.raises(UserMistake, match="no_model"):
        await ask_change(at, ROSA, note.id, note.version, Asked("shorter"), "test")
