"""The house style in the workflows: applied to drafts, settled before signing, checked in the act of signing."""

from dataclasses import replace

import pytest

from bot.acts.presses import Press, open_dialog
from bot.acts.reviews import open_form, open_message
from bot.acts.sent_forms import Done, Sent, submit
from bot.cards import house_words
from bot.cards.elements import Form, Input, Prose
from bot.cards.review_words import PUT_ASIDE
from bot.cards.screens import draft_card
from bot.checks_file import load_profiles
from bot.domain.errors import Stale, UserMistake
from bot.domain.house import Code, HouseStyle, said_not_to_apply
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.domain.statements import Origin, Slot
from bot.domain.voice import Banned, Voice
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.settle_house_style import Settled, settle_house_style
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import ASSOCIATE, CANARY, MIRIAM, ROSA, TOBIAS, desk

SUMMARY = f"Pt was manipulative about homework, {CANARY}.\nReviewed thought record.\nDenied SI.\nPlan: next week."
HOUSE = HouseStyle(
    Voice(person="client", banned=(Banned("manipulat*", "It blames.", "describe what was done"),)),
    {"all": ("response", "plan")},
)


def at_desk(**changes: object) -> Desk:
    return replace(desk(), house=HOUSE, **changes)  # type: ignore[arg-type]


async def drafted(at: Desk, client_code: str = "JD-014", summary: str = SUMMARY) -> Note:
    started = await start_draft(at, ROSA, NewNote(summary, f"test:{summary}", "test", "soap", client_code))
    await draft_note(at, started.note_id)
    return await read(at, started.note_id)


async def read(at: Desk, note_id: NoteId) -> Note:
    return (await open_note(at, note_id)).note


async def sent(at: Desk, form: Form, **values: str) -> Done:
    note_id, _, version = form.context.partition(":")
    given = {field.name: str(getattr(field, "value", "") or "") for field in form.fields if isinstance(field, Input)}
    return await submit(at, ROSA, Sent(form.name, NoteId(note_id), int(version), given | values), "test")


def text_of(form: Form) -> str:
    return repr([field for field in form.fields])


async def test_every_draft_has_the_practices_word():
    note = await drafted(at_desk())
    assert note.statements[0].text.startswith("Client was manipulative")
    assert (await drafted(desk())).statements[0].text.startswith("Patient was manipulative")


async def test_the_card_says_what_is_against_the_house_style():
    at = at_desk()
    note = await drafted(at)
    shown = repr([e for e in draft_card(note, at.shown(note)).elements if not isinstance(e, Prose)])
    assert "“manipulat…” in notes. It blames. Instead: describe what was done." in shown
    assert house_words.NEEDED.format(names="How the client responded") in shown
    assert house_words.SETTLE in shown
    assert CANARY not in shown
    assert house_words.SETTLE not in repr(draft_card(note, desk().shown(note)))


async def test_the_way_to_a_signature():
    at = at_desk()
    note = await drafted(at)
    form = await open_dialog(at, ROSA, Press("sign", note.id), "test")
    assert form.name == "settle"
    statement = next(s for s in note.statements if "manipulative" in s.text)
    same = await sent(at, form)
    assert (same.still_open, same.open_words) == (f"statement.{statement.id}", house_words.STILL_BANNED)
    assert await read(at, note.id) == note
    half = await sent(at, form, **{f"statement.{statement.id}": "Client asked to skip homework."})
    assert half.follows
    assert half.follows.name == "settle"
    assert "manipulat" not in text_of(half.follows)
    last = await sent(at, half.follows, **{"applies.slot.response": "no"})
    assert last.follows
    assert last.follows.name == "sign"
    now = await read(at, note.id)
    changed = next(s for s in now.statements if s.sources == statement.sources)
    assert (changed.text, changed.origin, changed.slot) == (
        "Client asked to skip homework.",
        Origin.CLINICIAN,
        statement.slot,
    )
    assert said_not_to_apply(now) == ["slot.response"]
    assert [finding.item for finding in at.set_aside_of(now)] == ["slot.response"]
    assert house_words.SET_ASIDE.format(names="How the client responded") in text_of(last.follows)
    done = await sent(at, last.follows, date="2026-11-23")
    assert done.follows is None
    signed = await read(at, note.id)
    assert signed.state is State.APPROVED
    assert said_not_to_apply(signed) == ["slot.response"]
    async with at.database.reading(at.id) as unit:
        acts = await unit.audit.acts(note.id)
    assert [act.act for act in acts][-3:] == [
        "completed for signing",
        "said not to apply: slot.response",
        "signed",
    ]
    assert CANARY not in repr(acts)


async def test_what_does_not_apply_is_named_in_the_log_and_shown_to_the_supervisor():
    at = at_desk()
    started = await start_draft(at, ASSOCIATE, NewNote(SUMMARY, "test:reviewed", "test", client_code="JD-014"))
    await draft_note(at, started.note_id)
    note = await read(at, started.note_id)
    statement = next(s for s in note.statements if "manipulative" in s.text)
    both = Settled({}, ("slot.response",), {statement.id: "Client asked to skip homework."})
    note = await settle_house_style(at, ASSOCIATE, note.id, note.version, both, "test")
    await approve_note(at, ASSOCIATE, note.id, note.version, "test", "", at.today(ASSOCIATE))
    form = await open_form(at, MIRIAM, "review", note.id, "test")
    assert PUT_ASIDE.format(names="How the client responded") in text_of(form)
    _, card = await open_message(at, MIRIAM, note.id, "test")
    assert PUT_ASIDE.format(names="How the client responded") in repr(card)
    async with at.database.reading(at.id) as unit:
        acts = [act.act for act in await unit.audit.acts(note.id)]
    assert {"completed for signing", "said not to apply: slot.response"} <= set(acts)


async def test_an_answer_enters_as_own_words_and_nothing_is_made_up():
    at = at_desk()
    note = await drafted(at)
    statement = next(s for s in note.statements if "manipulative" in s.text)
    given = Settled({"slot.response": "ct was calmer"}, (), {statement.id: "Client asked to skip homework."})
    settled = await settle_house_style(at, ROSA, note.id, note.version, given, "test")
    assert [s.text for s in settled.statements if s.slot is Slot.RESPONSE] == ["Client was calmer."]
    assert settled.version == note.version + 1
    assert at.findings_of(settled) == ()
    with pytest.raises(Stale):
        await settle_house_style(at, ROSA, note.id, note.version, given, "test")
    with pytest.raises(UserMistake):
        await settle_house_style(at, TOBIAS, note.id, settled.version, given, "test")


async def test_not_applicable_typed_as_an_answer_is_kept_as_that():
    at = at_desk()
    note = await drafted(at)
    settled = await settle_house_style(at, ROSA, note.id, note.version, Settled({"slot.response": "n/a"}), "test")
    assert settled.statements == note.statements
    assert said_not_to_apply(settled) == ["slot.response"]


async def test_each_thing_said_before_signing_stands_in_the_audit_log():
    at = at_desk()
    note = await drafted(at)
    statement = next(s for s in note.statements if "manipulative" in s.text)
    mixed = Settled({}, ("slot.response",), {statement.id: "Client asked to skip homework."})
    await settle_house_style(at, ROSA, note.id, note.version, mixed, "teams")
    other = await drafted(at)
    await settle_house_style(at, ROSA, other.id, other.version, Settled({"slot.response": "n/a"}), "slack")
    async with at.database.reading(at.id) as unit:
        both = [(act.act, act.via) for act in (await unit.audit.acts(note.id))[-2:]]
        typed = (await unit.audit.acts(other.id))[-1].act
    assert both == [("completed for signing", "teams"), ("said not to apply: slot.response", "teams")]
    assert typed == "said not to apply: slot.response"


async def test_emptied_the_sentence_goes_and_its_point_is_to_be_decided():
    at = at_desk()
    note = await drafted(at)
    statement = next(s for s in note.statements if "manipulative" in s.text)
    given = Settled({}, ("slot.response",), {statement.id: " "})
    settled = await settle_house_style(at, ROSA, note.id, note.version, given, "test")
    assert statement.id not in {s.id for s in settled.statements}
    assert [point.number for point in settled.unused()] == list(statement.sources)


async def test_nobody_signs_past_it_whatever_the_dialog_showed():
    at = at_desk()
    note = await drafted(at)
    with pytest.raises(UserMistake) as refused:
        await approve_note(at, ROSA, note.id, note.version, "test", day=at.today(ROSA))
    assert (refused.value.code, refused.value.sentence) == ("house_style", house_words.AT_SIGNING)
    assert (await read(at, note.id)).state is State.DRAFT


async def test_the_client_given_at_signing_brings_in_what_their_payer_requires():
    medicaid = load_profiles()["medicaid"].requiring(["start_and_stop"])
    at = replace(desk(), payer_by_client={"AC-010": "medicaid", "JD-014": "medicaid"}, profiles={"medicaid": medicaid})
    note = await drafted(at, "", "Ct slept well.\nPlan: next week.")
    form = await open_dialog(at, ROSA, Press("sign", note.id), "test")
    assert form.name == "sign"  # whose note it is, nobody has said yet
    done = await sent(at, form, client="JD-014", date="2026-11-23")
    assert done.began("sign") == ""
    assert done.follows
    assert done.follows.name == "settle"
    kept = await read(at, note.id)
    assert (kept.client_code, kept.state) == ("JD-014", State.DRAFT)
    last = await sent(at, done.follows, **{"need.check.start_and_stop": "10:00 to 10:50"})
    assert last.follows
    assert last.follows.name == "sign"
    assert (await read(at, note.id)).session.minutes == 50
    assert (await sent(at, last.follows)).began("sign") == "sign"
    assert (await read(at, note.id)).state is State.APPROVED


async def test_hints_stand_in_the_signing_dialog_and_stop_nobody():
    at = replace(desk(), house=HouseStyle(Voice(person="patient", quotes="none")))
    note = await drafted(at, summary='The client said "no".\nPlan: next week.')
    form = await open_dialog(at, ROSA, Press("sign", note.id), "test")
    assert form.name == "sign"
    assert house_words.OTHER_WORD.format(instead="patient", word="client") in text_of(form)
    assert house_words.QUOTED_ONE in text_of(form)
    assert {f.code for f in at.findings_of(note)} == {Code.CLIENT_WORD, Code.QUOTATION}
    await sent(at, form, date="2026-11-23")
    assert (await read(at, note.id)).state is State.APPROVED


async def test_what_is_required_is_not_skipped_on_the_card():
    profile = load_profiles()["medicaid"].requiring(["response"])
    at = replace(desk(), profiles={"default": profile})
    note = await drafted(at)
    gap = next(gap for gap in at.gaps_of(note) if gap.check_id == "response")
    assert not gap.may_waive
    form = await open_dialog(at, ROSA, Press("settle", note.id), "test")
    done = await sent(at, form, **{"applies.check.response": "no"})
    assert done.follows
    assert done.follows.name == "sign"
    assert "response" not in [gap.check_id for gap in at.gaps_of(await read(at, note.id))]
