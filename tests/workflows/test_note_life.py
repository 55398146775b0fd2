"""From a typed summary to a receipt, through the workflows alone."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.cards import filing_words, words
from bot.cards.elements import Prose
from bot.domain.errors import Conflict, NotAllowed, NotFound, Permanent, Stale, Temporary, UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.domain.statements import Origin, Slot
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.cabinet import Cabinet, Target
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_and_show, draft_note
from bot.workflows.due_work import due_work
from bot.workflows.file_note import file_and_show, file_note
from bot.workflows.find_clients import find_clients
from bot.workflows.revise_note import add_details, describe_session, discard_note, revise_note
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from tests.doubles.memory_sink import MemorySink
from tests.workflows.factories import (
    ASSOCIATE,
    CANARY,
    NORA,
    ROSA,
    SUMMARY,
    TOBIAS,
    FixedClock,
    RecordingChat,
    desk,
    nothing_begins,
)

DAY = FixedClock().at.date()


async def drafted(at: Desk, summary: str = SUMMARY, source: str = "test:1", actor=ROSA) -> NoteId:
    started = await start_draft(at, actor, NewNote(summary, source, "test", "soap", "JD-014"))
    await draft_note(at, started.note_id)
    return started.note_id


async def signed(at: Desk, note_id: NoteId) -> Note:
    note = (await open_note(at, note_id)).note
    return await approve_note(at, ROSA, note_id, note.version, "test", day=DAY)


def cabinet(sink: MemorySink, rendered: list[Note] | None = None) -> Cabinet:
    def render(note: Note, about: Note | None, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        if rendered is not None:
            rendered.append(note)
        return {"txt": "\n".join(s.text for s in note.statements).encode()}

    return Cabinet({"folder": Target("folder", "memory", sink)}, render)


async def test_a_summary_delivered_twice_is_one_note():
    at = desk()
    first = await start_draft(at, ROSA, NewNote(SUMMARY, "slack:message:1", "test"))
    second = await start_draft(at, ROSA, NewNote(SUMMARY, "slack:message:1", "test"))
    assert second.note_id == first.note_id
    assert (first.again, second.again) == (False, True)


async def test_a_draft_holds_what_was_typed_and_nothing_else():
    at = desk()
    note = (await open_note(at, await drafted(at))).note
    assert note.state is State.DRAFT
    assert [point.text for point in note.points] == SUMMARY.split("\n")
    assert {number for s in note.statements for number in s.sources} == {1, 2, 3, 4}
    assert "Denied suicidal ideation." in {s.text for s in note.statements}


async def test_drafting_twice_changes_nothing():
    at = desk()
    note_id = await drafted(at)
    before = (await open_note(at, note_id)).note
    assert await draft_note(at, note_id) is False
    assert (await open_note(at, note_id)).note == before


async def test_switching_through_every_format_and_back_keeps_every_statement_and_edit():
    at = desk()
    note_id = await drafted(at)
    note = (await open_note(at, note_id)).note
    edited = await revise_note(at, ROSA, note_id, note.version, {"plan": "Exposure step 3 on Friday."}, "test")
    for format_id in [*at.startable, "soap"]:
        note = await arrange_note(at, ROSA, note_id, format_id, "test")
        assert note.statements == edited.statements
    assert "Exposure step 3 on Friday." in {s.text for s in note.statements if s.origin is Origin.CLINICIAN}


async def test_a_stale_edit_is_refused_and_overwrites_nothing():
    at = desk()
    note_id = await drafted(at)
    version = (await open_note(at, note_id)).note.version
    kept = await revise_note(at, ROSA, note_id, version, {"plan": "From the first device."}, "test")
    with pytest.raises(Stale):
        await revise_note(at, ROSA, note_id, version, {"plan": "From the second device."}, "test")
    assert (await open_note(at, note_id)).note == kept


async def test_details_become_own_words_and_points_get_their_place():
    at = desk()
    note_id = await drafted(at, SUMMARY + "\nNote to self: bring this up in supervision, am I too strict with her?")
    note = (await open_note(at, note_id)).note
    unused = note.unused()
    places: dict[int, Slot | None] = {point.number: None for point in unused}
    answered = await add_details(at, ROSA, note_id, note.version, {Slot.RESPONSE: "Engaged."}, places, "test")
    (own,) = [s for s in answered.statements if s.origin is Origin.CLINICIAN]
    assert (own.slot, own.text, own.sources) == (Slot.RESPONSE, "Engaged.", ())
    assert answered.unused() == ()


@pytest.mark.parametrize(("actor", "code"), [(TOBIAS, "not_yours"), (NORA, "not_clinician"), (None, "not_on_roster")])
async def test_the_wrong_person_changes_nothing(actor, code):
    at = desk()
    note_id = await drafted(at)
    before = (await open_note(at, note_id)).note
    for act in (
        lambda: arrange_note(at, actor, note_id, "dap", "test"),
        lambda: revise_note(at, actor, note_id, 1, {"plan": "x"}, "test"),
        lambda: discard_note(at, actor, note_id, "test"),
        lambda: describe_session(at, actor, note_id, "JD-020", None, "test"),
        lambda: approve_note(at, actor, note_id, 1, "test", day=DAY),
    ):
        with pytest.raises(NotAllowed) as refused:
            await act()
        assert refused.value.code == code
    assert (await open_note(at, note_id)).note == before


async def test_an_associate_without_a_supervisor_keeps_a_draft_and_is_told_what_to_do():
    at = desk()
    note_id = await drafted(at, actor=ASSOCIATE)
    unsupervised = replace(ASSOCIATE, supervision=None)
    with pytest.raises(NotAllowed, match="needs_supervisor"):
        await approve_note(at, unsupervised, note_id, 1, "test", day=DAY)
    assert (await open_note(at, note_id)).note.state is State.DRAFT


async def test_signing_asks_for_what_is_absent_then_records_who_when_and_what():
    at = desk()
    started = await start_draft(at, ROSA, NewNote(SUMMARY, "s", "test"))
    await draft_note(at, started.note_id)
    for code, day in (("", DAY), ("JD-014", None)):
        with pytest.raises(UserMistake, match="needs_"):
            await approve_note(at, ROSA, started.note_id, 1, "test", code, day)
    note = await approve_note(at, ROSA, started.note_id, 1, "test", "jd-014", DAY)
    (signature,) = note.signatures
    assert (signature.name, signature.credentials, signature.at) == ("Rosa", "LCSW", at.clock.now())
    assert (signature.version, signature.version_hash) == (note.version, note.version_hash())
    assert signature.attestation == words.ATTESTATION
    assert note.client_code == "JD-014"


async def test_a_session_in_the_future_is_refused_in_the_clinicians_own_zone():
    clock = FixedClock(FixedClock().at.replace(hour=3))  # 21:00 of the day before in Chicago
    at = desk(clock)
    with pytest.raises(UserMistake, match="future_date"):
        await approve_note(at, ROSA, await drafted(at), 1, "test", day=clock.at.date())


async def test_signing_twice_signs_once():
    at = desk()
    note_id = await drafted(at)
    await signed(at, note_id)
    with pytest.raises(Stale):
        await approve_note(at, ROSA, note_id, 1, "test", day=DAY)
    note = (await open_note(at, note_id)).note
    assert len(note.signatures) == 1


async def test_nothing_changes_a_signed_note():
    at = desk()
    note_id = await drafted(at)
    before = await signed(at, note_id)
    for act in (
        lambda: arrange_note(at, ROSA, note_id, "dap", "test"),
        lambda: revise_note(at, ROSA, note_id, before.version, {"plan": "x"}, "test"),
        lambda: discard_note(at, ROSA, note_id, "test"),
    ):
        with pytest.raises(Stale):
            await act()
    assert (await open_note(at, note_id)).note == before


async def test_filing_renders_once_stores_once_and_leaves_a_card_without_clinical_text():
    at, chat = desk(), RecordingChat()
    sink, rendered = MemorySink(at.clock), []
    screens = Screens(at, {"slack": chat})
    note_id = await drafted(at)
    await screens.show(note_id)
    await signed(at, note_id)
    for _ in range(3):
        await file_and_show(at, cabinet(sink, rendered), screens, note_id, "folder", nothing_begins)
    assert (len(sink.stored), len(rendered)) == (1, 1)
    (card,) = chat.cards.values()
    assert card.notice == words.RECEIPT_NOTICE
    assert not [element for element in card.elements if isinstance(element, Prose)]
    assert CANARY not in repr(card)
    assert "SOAP note for JD-014, 23 Nov, filed 14:02" in repr(card)


async def test_eight_workers_file_a_note_once():
    at = desk()
    sink = MemorySink(at.clock)
    note_id = await drafted(at)
    await signed(at, note_id)
    receipts = await asyncio.gather(*(file_note(at, cabinet(sink), note_id, "folder") for _ in range(8)))
    assert len([receipt for receipt in receipts if receipt]) == 1
    assert sink.puts == 1


async def test_a_storage_that_is_down_is_tried_again_by_itself_with_the_same_bytes():
    clock = FixedClock()
    at, chat = desk(clock), RecordingChat()
    sink, rendered = MemorySink(clock), []
    screens = Screens(at, {"slack": chat})
    note_id = await drafted(at)
    await signed(at, note_id)
    sink.fail_with(Temporary("folder_gone"))
    with pytest.raises(Temporary):
        await file_and_show(at, cabinet(sink, rendered), screens, note_id, "folder", nothing_begins)
    assert filing_words.FILING_NOW in repr(list(chat.cards.values())), "once, and for seconds: not worth a word yet"
    assert await due_work(at) == []
    clock.move(seconds=10)
    assert await due_work(at) == [("file", note_id, "folder")]
    await file_and_show(at, cabinet(sink, rendered), screens, note_id, "folder", nothing_begins)
    assert (len(rendered), len(sink.stored)) == (1, 1)
    assert words.RECEIPT_NOTICE in repr(list(chat.cards.values()))


@pytest.mark.parametrize("error", [Permanent("folder_denied"), Conflict("folder_other", "ref")])
async def test_a_storage_that_refuses_is_said_and_the_note_stays(error):
    at, chat = desk(), RecordingChat()
    sink = MemorySink(at.clock)
    note_id = await drafted(at)
    await signed(at, note_id)
    sink.fail_with(error)
    with pytest.raises(type(error)):
        await file_and_show(at, cabinet(sink), Screens(at, {"slack": chat}), note_id, "folder", nothing_begins)
    assert "Not filed yet: " in repr(list(chat.cards.values()))
    assert (await open_note(at, note_id)).note.state is State.FILING


async def test_an_answer_that_was_lost_does_not_file_twice():
    clock = FixedClock()
    at = desk(clock)
    sink = MemorySink(clock)
    note_id = await drafted(at)
    await signed(at, note_id)
    sink.fail_with(Temporary("lost"), after=True)
    with pytest.raises(Temporary):
        await file_note(at, cabinet(sink), note_id, "folder")
    clock.move(seconds=10)
    receipt = await file_note(at, cabinet(sink), note_id, "folder")
    assert receipt is not None
    assert receipt.outcome == "already"
    assert len(sink.stored) == 1


async def test_a_chat_that_is_down_keeps_nobody_from_drafting():
    at, chat = desk(), RecordingChat(broken=Temporary("slack_busy"))
    screens = Screens(at, {"slack": chat})
    started = await start_draft(at, ROSA, NewNote(SUMMARY, "s", "test"))
    with pytest.raises(Temporary):
        await draft_and_show(at, screens, started.note_id)
    assert (await open_note(at, started.note_id)).note.state is State.DRAFT
    chat.broken = None
    await draft_and_show(at, screens, started.note_id)
    assert len(chat.cards) == 1


async def test_cards_of_a_discarded_note_say_so_and_offer_nothing():
    at, chat = desk(), RecordingChat()
    screens = Screens(at, {"slack": chat})
    note_id = await drafted(at)
    await screens.show(note_id)
    await discard_note(at, ROSA, note_id, "test")
    await screens.show(note_id)
    (card,) = chat.cards.values()
    assert CANARY not in repr(card)
    assert "Button" not in repr(card)


async def test_type_ahead_offers_own_clients_only_and_takes_a_new_code():
    at = desk()
    assert [code for code, _ in await find_clients(at, ROSA, "jd-0")][:2] == ["JD-014", "JD-020"]
    assert [code for code, _ in await find_clients(at, ROSA, "AC-010")] == ["AC-010"]
    assert (await find_clients(at, ROSA, "AC-010"))[0][1].endswith("(new)")
    assert await find_clients(at, ROSA, "Jane Doe") == []


async def test_every_act_is_audited_and_the_chain_holds():
    at = desk()
    note_id = await drafted(at)
    await arrange_note(at, ROSA, note_id, "dap", "test")
    await signed(at, note_id)
    await file_note(at, cabinet(MemorySink(at.clock)), note_id, "folder")
    async with at.database.reading(at.id) as unit:
        acts = await unit.audit.acts(note_id)
        assert await unit.audit.verify() is None
    assert [act.act for act in acts] == ["started", "drafted", "arranged", "signed", "filed"]
    assert CANARY not in repr(acts)


async def test_a_note_that_is_not_there_is_a_kind_sentence():
    with pytest.raises(NotFound) as missing:
        await arrange_note(desk(), ROSA, NoteId("n-nowhere"), "dap", "test")
    assert words.sentence(missing.value) == words.NO_SUCH_NOTE


async def test_a_quick_draft_is_posted_once():
    at, chat = desk(), RecordingChat()
    started = await start_draft(at, ROSA, NewNote(SUMMARY, "quick", "test"))
    await draft_and_show(at, Screens(at, {"slack": chat}), started.note_id)
    (card,) = chat.cards.values()
    assert card.notice == words.DRAFT_NOTICE


async def test_a_draft_whose_card_was_deleted_gets_a_new_one():
    at, chat = desk(), RecordingChat()
    screens = Screens(at, {"slack": chat})
    note_id = await drafted(at)
    await screens.show(note_id)
    chat.cards.clear()
    await screens.show(note_id)
    await screens.show(note_id)
    assert len(chat.cards) == 1
