"""What follows a signed note: who may begin it, when, what becomes of it, and what the cards say."""

import asyncio
from dataclasses import replace

import pytest

from bot.acts.presses import DIALOGS, Press, open_dialog
from bot.acts.sent_forms import Sent, submit
from bot.cards import after_words, words
from bot.cards.after_screens import name_of
from bot.cards.elements import Actions, Button, Card
from bot.domain.errors import NotAllowed, NotFound, Stale, UserMistake
from bot.domain.ids import NoteId
from bot.domain.links import FORMATS, Link, LinkKind
from bot.domain.note import Note, State, canonical
from bot.domain.plan import Status, Wording
from bot.domain.statements import Origin
from bot.drafting.headline import parse_headline
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.due_work import due_work
from bot.workflows.file_note import file_and_show
from bot.workflows.link_note import add_addendum, amend_note, retract_note
from bot.workflows.plan import change_plan, open_plan, start_plan
from bot.workflows.review_note import approve_review
from bot.workflows.revise_note import add_details, describe_session, discard_note, revise_note
from bot.workflows.show_note import Screens
from bot.workflows.view_note import view_note
from tests.doubles.memory_sink import MemorySink
from tests.workflows.factories import ASSOCIATE, CANARY, MIRIAM, NORA, ROSA, TOBIAS, RecordingChat, desk, nothing_begins
from tests.workflows.test_note_life import DAY, cabinet, drafted, signed

ADDED = "She called on Tuesday: the panic was on the bus."


async def filed(at: Desk, source: str = "slack:1") -> Note:
    """A note that is signed and filed."""
    note_id = await drafted(at, source=source)
    await signed(at, note_id)
    await file(at, note_id)
    return await note(at, note_id)


async def file(at: Desk, note_id: NoteId, chat: RecordingChat | None = None) -> None:
    screens = Screens(at, {"slack": chat or RecordingChat()})
    await file_and_show(at, cabinet(MemorySink(at.clock)), screens, note_id, "folder", nothing_begins)


async def note(at: Desk, note_id: NoteId) -> Note:
    return (await open_note(at, note_id)).note


async def sign(at: Desk, note_id: NoteId) -> Note:
    return await approve_note(at, ROSA, note_id, (await note(at, note_id)).version, "test")


async def addendum(at: Desk, of: Note, source: str = "form:1") -> NoteId:
    return (await add_addendum(at, ROSA, of.id, ADDED, source, "test")).note_id


async def amendment(at: Desk, of: Note, source: str = "form:2", said: str = "Exposure step 3.") -> NoteId:
    return (await amend_note(at, ROSA, of.id, {"plan": said}, "The step was wrong.", source, "test")).note_id


async def retraction(at: Desk, of: Note, source: str = "form:3") -> NoteId:
    return (await retract_note(at, ROSA, of.id, "Another client's session.", source, "test")).note_id


def said(card: Card) -> str:
    return repr(card)


def buttons(card: Card) -> list[str]:
    rows = [element for element in card.elements if isinstance(element, Actions)]
    return [item.action for row in rows for item in row.items if isinstance(item, Button)]


async def test_an_addendum_is_a_draft_of_the_same_session_in_own_words():
    at = desk()
    of = await filed(at)
    begun = await note(at, await addendum(at, of))
    assert begun.link == Link(LinkKind.ADDENDUM, of.id)
    assert (begun.state, begun.version, begun.format_id) == (State.DRAFT, 1, "addendum")
    assert (begun.client_code, begun.session) == (of.client_code, of.session)
    assert [(s.text, s.origin) for s in begun.statements] == [(ADDED, Origin.CLINICIAN)]
    assert await note(at, of.id) == of


async def test_an_amendment_keeps_what_was_left_alone_and_cites_the_same_points():
    at = desk()
    of = await filed(at)
    begun = await note(at, await amendment(at, of))
    same = [s for s in begun.statements if s in of.statements]
    assert len(same) == len(of.statements) - 1
    (new,) = [s for s in begun.statements if s not in of.statements]
    assert (new.text, new.origin, new.sources) == ("Exposure step 3.", Origin.CLINICIAN, (4,))
    assert (begun.format_id, begun.points, begun.undecided()) == ("soap", of.points, 0)
    assert begun.drafted_by is Origin.SORTER, "most of it is still what was sorted"


async def test_sentences_that_an_amendment_drops_are_not_asked_about():
    at = desk()
    of = await filed(at)
    begun = await note(at, (await amend_note(at, ROSA, of.id, {"plan": ""}, "No plan.", "f", "test")).note_id)
    assert begun.undecided() == 0
    assert (await sign(at, begun.id)).state is State.APPROVED


@pytest.mark.parametrize("begin", [addendum, amendment, retraction])
async def test_the_same_path_to_the_record(begin):
    at, chat = desk(), RecordingChat()
    of = await filed(at)
    begun = await begin(at, of)
    await file_started(at, begun, chat)
    final = await note(at, begun)
    assert final.state is State.FILED
    assert final.signatures[0].attestation == after_words.attestation_for(final) != words.ATTESTATION
    assert await note(at, of.id) == of


async def file_started(at: Desk, note_id: NoteId, chat: RecordingChat) -> None:
    await sign(at, note_id)
    assert ("file", note_id, "folder") in await due_work(at)
    await file(at, note_id, chat)


async def test_a_draft_whose_card_is_nowhere_is_shown_by_the_reconciler():
    at = desk()
    begun = await addendum(at, await filed(at))
    assert ("show", begun, "") in await due_work(at)


async def test_the_same_form_twice_begins_one_and_other_words_are_not_swallowed():
    at = desk()
    of = await filed(at)
    first = await add_addendum(at, ROSA, of.id, ADDED, "form:1", "test")
    second = await add_addendum(at, ROSA, of.id, ADDED, "form:1", "test")
    assert (first.note_id, first.again, second.again) == (second.note_id, False, True)
    with pytest.raises(UserMistake) as mistake:
        await add_addendum(at, ROSA, of.id, "Something else.", "form:1", "test")
    assert words.sentence(mistake.value) == words.SENT_BEFORE


@pytest.mark.parametrize("begin", [add_addendum, retract_note])
@pytest.mark.parametrize("actor", [TOBIAS, NORA, None])
async def test_only_its_own_clinician_follows_a_note_up(begin, actor):
    at = desk()
    of = await filed(at)
    with pytest.raises(NotAllowed):
        await begin(at, actor, of.id, "typed", "f", "test")
    with pytest.raises(NotAllowed):
        await amend_note(at, actor, of.id, {"plan": "x"}, "why", "f", "test")


@pytest.mark.parametrize("action", ["view", "addendum", "amend", "retract"])
@pytest.mark.parametrize("actor", [TOBIAS, NORA, None])
async def test_a_button_is_not_the_check(action, actor):
    at = desk()
    of = await filed(at)
    with pytest.raises(NotAllowed):
        await open_dialog(at, actor, Press(action, of.id), "test")


async def test_a_note_that_is_not_signed_is_edited_instead():
    at = desk()
    draft = await drafted(at)
    for action in ("view", "addendum", "amend", "retract"):
        with pytest.raises(Stale) as stale:
            await open_dialog(at, ROSA, Press(action, draft), "test")
        assert stale.value.code == "not_signed"
    with pytest.raises(Stale):
        await add_addendum(at, ROSA, draft, ADDED, "f", "test")


async def test_a_signed_note_may_be_followed_up_before_it_is_filed():
    at = desk()
    of = await signed(at, await drafted(at))
    begun = await addendum(at, of)
    assert (await sign(at, begun)).state is State.APPROVED


async def test_an_amendment_without_a_change_or_a_reason_is_refused():
    at = desk()
    of = await filed(at)
    plan = next(s.text for s in of.statements if "xposure" in s.text)
    for texts, reason, code in (
        ({"plan": plan}, "why", "nothing_amended"),
        ({"plan": "Exposure step 3."}, "  ", "needs_reason"),
        ({}, "", "needs_reason"),
        (dict.fromkeys(("subjective", "objective", "assessment", "plan"), ""), "why", "needs_content"),
    ):
        with pytest.raises(UserMistake) as mistake:
            await amend_note(at, ROSA, of.id, texts, reason, "f", "test")
        assert mistake.value.code == code
    async with at.database.reading(at.id) as unit:
        assert await unit.notes.linked_to(of.id) == []


async def test_a_long_note_is_amended_in_its_draft_and_not_signed_unchanged():
    at = desk()
    of = await filed(at)
    done = await submit(at, ROSA, Sent("amend", of.id, of.version, {"reason": "The step."}, "form:9"), "test")
    assert done.follows is not None
    assert done.follows.name == "edit"
    with pytest.raises(UserMistake) as mistake:
        await sign(at, done.note_id)
    assert mistake.value.code == "nothing_amended"
    await revise_note(at, ROSA, done.note_id, 1, {"plan": "Exposure step 3."}, "test", "The step was wrong.")
    assert (await sign(at, done.note_id)).link == Link(LinkKind.AMENDMENT, of.id, "The step was wrong.")


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂"])
async def test_an_addendum_and_a_retraction_say_something(text):
    at = desk()
    of = await filed(at)
    with pytest.raises(UserMistake):
        await add_addendum(at, ROSA, of.id, text, "f", "test")
    with pytest.raises(UserMistake):
        await retract_note(at, ROSA, of.id, text if not text.strip() else "", "f", "test")


async def test_the_reason_of_a_retraction_is_what_it_says():
    at = desk()
    begun = await retraction(at, await filed(at))
    revised = await revise_note(at, ROSA, begun, 1, {"reason": "The session of JD-020.\nIt stands there."}, "test")
    assert revised.link is not None
    assert revised.link.reason == "The session of JD-020.\nIt stands there."
    emptied = await revise_note(at, ROSA, begun, 2, {"reason": ""}, "test")
    with pytest.raises(UserMistake):
        await approve_note(at, ROSA, begun, emptied.version, "test")


async def test_several_addenda_then_an_amendment_which_closes_the_note():
    at = desk()
    of = await filed(at)
    for number in range(3):
        await sign(at, await addendum(at, of, f"form:a{number}"))
    amended = await sign(at, await amendment(at, of))
    for begin in (addendum, amendment, retraction):
        with pytest.raises(Stale) as stale:
            await begin(at, of, "form:late")
        assert stale.value.code == "already_amended"
        assert amended.id in words.sentence(stale.value)
    again = await amendment(at, amended, "form:again", "Exposure step 4.")
    assert (await sign(at, again)).state is State.APPROVED


async def test_nothing_follows_a_retraction():
    at = desk()
    of = await filed(at)
    retracted = await sign(at, await retraction(at, of))
    for about, code in ((of, "already_retracted"), (retracted, "after_retraction")):
        for begin in (addendum, retraction):
            with pytest.raises(UserMistake) as mistake:
                await begin(at, about, "form:late")
            assert mistake.value.code == code


async def test_an_addendum_is_amended_and_retracted_but_not_added_to():
    at = desk()
    first = await sign(at, await addendum(at, await filed(at)))
    with pytest.raises(UserMistake) as mistake:
        await addendum(at, first, "form:x")
    assert mistake.value.code == "after_addendum"
    begun = await amend_note(at, ROSA, first.id, {"addendum": "On the train."}, "Misheard.", "form:y", "test")
    assert (await sign(at, begun.note_id)).format_id == "addendum"
    with pytest.raises(UserMistake):
        await arrange_note(at, ROSA, begun.note_id, "soap", "test")


async def test_of_two_amendments_begun_at_once_the_second_to_be_signed_is_told():
    at, chat = desk(), RecordingChat()
    of = await filed(at)
    first, second = await amendment(at, of, "form:a"), await amendment(at, of, "form:b", "Exposure step 9.")
    results = await asyncio.gather(sign(at, first), sign(at, second), return_exceptions=True)
    (won,) = [each for each in results if isinstance(each, Note)]
    (lost,) = [each for each in results if isinstance(each, Stale)]
    assert lost.code == "already_amended"
    other = second if won.id == first else first
    await Screens(at, {"slack": chat}).show(other)
    (card,) = chat.cards.values()
    assert after_words.OVERTAKEN_AMENDED.format(note=won.id) in said(card)
    assert "Exposure step" in said(card), "what was typed is still there"
    assert buttons(card) == ["discard"]
    assert (await discard_note(at, ROSA, other, "test")).state is State.DISCARDED


async def test_an_addendum_begun_before_a_retraction_is_not_signed_after_it():
    at, chat = desk(), RecordingChat()
    of = await filed(at)
    begun = await addendum(at, of)
    retracted = await sign(at, await retraction(at, of))
    with pytest.raises(Stale):
        await sign(at, begun)
    await Screens(at, {"slack": chat}).show(begun)
    assert after_words.OVERTAKEN_RETRACTED.format(note=retracted.id) in said(next(iter(chat.cards.values())))


async def test_drafts_and_discarded_ones_close_nothing():
    at = desk()
    of = await filed(at)
    await amendment(at, of, "form:a")
    await discard_note(at, ROSA, await retraction(at, of), "test")
    assert (await sign(at, await addendum(at, of))).state is State.APPROVED


async def test_client_session_format_and_details_are_those_of_the_note():
    at = desk()
    begun = await addendum(at, await filed(at))
    for change in (
        describe_session(at, ROSA, begun, "JD-020", None, "test"),
        add_details(at, ROSA, begun, 1, {}, {}, "test"),
        approve_note(at, ROSA, begun, 1, "test", "JD-020"),
        arrange_note(at, ROSA, begun, "soap", "test"),
    ):
        with pytest.raises(UserMistake):
            await change
    for action in ("details", "answer", "ask", "confirm_goals"):
        with pytest.raises(UserMistake):
            await open_dialog(at, ROSA, Press(action, begun), "test")
    assert (await note(at, begun)).version == 1


async def test_an_amendment_may_take_another_format_and_no_note_takes_that_of_an_addendum():
    at = desk()
    begun = await amendment(at, await filed(at))
    assert (await arrange_note(at, ROSA, begun, "birp", "test")).format_id == "birp"
    for format_id in ("addendum", "retraction"):
        with pytest.raises(UserMistake):
            await arrange_note(at, ROSA, begun, format_id, "test")
        assert format_id not in at.offered


async def test_nobody_begins_a_note_in_the_format_of_an_addendum():
    at = desk()
    for format_id in FORMATS.values():
        with pytest.raises(UserMistake):
            at.format_for(ROSA, format_id)
        headline, _ = parse_headline(f"{format_id} JD-014: she called", DAY, at.startable)
        assert headline.format_id is None


async def test_receipts_say_what_followed_and_offer_what_may_follow():
    at, chat = desk(), RecordingChat()
    screens = Screens(at, {"slack": chat})
    of = await filed(at)
    await screens.show(of.id)
    (posted,) = chat.cards
    assert buttons(chat.cards[posted]) == ["view", "addendum", "amend", "retract"]
    added = await addendum(at, of)
    await sign(at, added)
    await screens.show(added)  # the worker shows what it filed; the note that it is about is shown with it
    assert f"(note {added})" in said(chat.cards[posted])
    assert buttons(chat.cards[posted]) == ["view", "addendum", "amend", "retract"]
    amended = await amendment(at, of)
    await file_started(at, amended, chat)
    await screens.show(amended)
    assert f"note {amended} took this note’s place" in said(chat.cards[posted])
    assert buttons(chat.cards[posted]) == ["view"]
    newest = next(card for place, card in chat.cards.items() if "Amendment of SOAP note" in said(card))
    assert buttons(newest) == ["view", "addendum", "amend", "retract"]
    assert CANARY not in said(chat.cards[posted]) + said(newest)
    retracted = await retraction(at, await note(at, amended))
    await sign(at, retracted)
    await screens.show(retracted)
    assert "which was retracted since" in said(chat.cards[posted])
    assert buttons(chat.cards[posted]) == ["view"]


async def test_a_draft_card_says_what_it_is_to_which_note():
    at, chat = desk(), RecordingChat()
    of = await filed(at)
    await Screens(at, {"slack": chat}).show(await amendment(at, of))
    (card,) = chat.cards.values()
    assert card.elements[0].text == "Amendment of JD-014 · 23 Nov 2026 · SOAP"
    assert of.id in said(card)
    assert "The step was wrong." in said(card)
    assert {"sign", "edit", "discard", "format_birp"} <= set(buttons(card))
    assert not {"details", "ask", "why"} & set(buttons(card))


async def test_viewing_shows_what_was_filed_and_is_put_down():
    at = desk()
    of = await filed(at)
    await sign(at, await addendum(at, of))
    viewed = await view_note(at, ROSA, of.id, "test")
    assert viewed.text == "\n".join(s.text for s in of.statements)
    form = await open_dialog(at, ROSA, Press("view", of.id), "test")
    assert CANARY in repr(form)
    assert "Addendum signed" in repr(form)
    async with at.database.reading(at.id) as unit:
        assert [act.act for act in await unit.audit.acts(of.id)][-3:] == ["addendum added", "viewed", "viewed"]
    with pytest.raises(NotAllowed):
        await view_note(at, TOBIAS, of.id, "test")


async def test_what_is_not_rendered_yet_or_purged_is_said_kindly():
    at = desk()
    of = await signed(at, await drafted(at))
    with pytest.raises(Stale) as early:
        await view_note(at, ROSA, of.id, "test")
    assert early.value.code == "not_rendered"
    async with at.database.writing(at.id) as unit:
        await unit.notes.purge(of.id)
        await unit.commit()
    for action in ("view", "addendum"):
        with pytest.raises(NotFound) as gone:
            await open_dialog(at, ROSA, Press(action, of.id), "test")
        assert words.sentence(gone.value) == after_words.PURGED


async def test_once_the_note_is_purged_nothing_about_it_is_begun_or_signed():
    at = desk()
    of = await filed(at)
    begun = await addendum(at, of)
    async with at.database.writing(at.id) as unit:
        await unit.notes.purge(of.id)
        await unit.commit()
    with pytest.raises(NotFound) as late:
        await addendum(at, of, "form:9")
    assert words.sentence(late.value) == after_words.PURGED
    for attempt in (sign(at, begun), open_dialog(at, ROSA, Press("sign", begun), "test")):
        with pytest.raises(Stale) as gone:
            await attempt
        assert words.sentence(gone.value) == after_words.OVERTAKEN_PURGED


async def test_who_needs_a_supervisor_does_not_sign_an_addendum_alone():
    at = desk()
    note_id = await drafted(at, actor=ASSOCIATE)
    async with at.database.writing(at.id) as unit:  # as if it was signed before the rule was made
        before = await unit.notes.get(note_id)
        await unit.notes.save(signed_before(before), before)
        await unit.commit()
    begun = await add_addendum(at, ASSOCIATE, note_id, ADDED, "f", "test")
    with pytest.raises(NotAllowed):
        await approve_note(at, replace(ASSOCIATE, supervision=None), begun.note_id, 1, "test")
    sent = await approve_note(at, ASSOCIATE, begun.note_id, 1, "test")
    assert sent.state is State.IN_REVIEW
    assert (await open_note(at, note_id)).around.later == ()
    approved = await approve_review(at, MIRIAM, sent.id, sent.version, [], "test")
    assert [later.note.id for later in (await open_note(at, note_id)).around.later] == [approved.id]
    async with at.database.reading(at.id) as unit:
        assert [act.act for act in await unit.audit.acts(note_id)].count("addendum added") == 1


def signed_before(note: Note) -> Note:
    session = replace(note.session, date=DAY)
    return replace(note, state=State.FILED, client_code="JD-014", session=session)


async def test_a_session_counts_once_in_the_plan():
    at = desk()
    await start_plan(at, ROSA, "JD-014", at.today(ROSA), None, (), "", "test")
    opened = await open_plan(at, ROSA, "JD-014")
    await change_plan(at, ROSA, opened.id, 1, lambda plan: plan.goal_added(Wording("Sleep"), at.today(ROSA)), "test")
    of = await filed(at)
    await sign(at, await addendum(at, of))
    assert await counted(at) == [of.id]
    amended = await sign(at, await amendment(at, of))
    assert await counted(at) == [amended.id]
    await sign(at, await retraction(at, amended))
    assert await counted(at) == []


async def test_an_amendment_counts_for_a_goal_that_was_met_since():
    at, today = desk(), desk().today(ROSA)
    await start_plan(at, ROSA, "JD-014", today, None, (), "", "test")
    plan_id = (await open_plan(at, ROSA, "JD-014")).id
    for version, words_of_it in enumerate(("Sleep", "Calls"), start=1):
        await change_plan(at, ROSA, plan_id, version, lambda p, w=words_of_it: p.goal_added(Wording(w), today), "test")
    begun = await amendment(at, await filed(at), said="Worked on goal 1 and goal 2.")
    first = await sign(at, begun)
    await change_plan(at, ROSA, plan_id, 3, lambda plan: plan.closed("1", Status.MET, today), "test")
    again = await sign(at, await amendment(at, first, "form:8", "Worked on goal 1 and goal 2, calls too."))
    plan = (await open_plan(at, ROSA, "JD-014")).plan
    assert plan is not None
    assert [(entry.note_id, entry.ids) for entry in plan.addressed] == [(again.id, ("1", "2"))]


async def test_a_card_names_what_it_is_about():
    at = desk()
    of = await filed(at)
    added, amended = await sign(at, await addendum(at, of)), await sign(at, await amendment(at, of))
    retracted, key = await sign(at, await retraction(at, amended)), at.formats["addendum"].sections[0].key
    again = (await amend_note(at, ROSA, added.id, {key: "She wrote."}, "Not a call.", "form:7", "test")).note_id
    names = {
        "SOAP": name_of(of, at.formats, None),
        "Addendum to SOAP": name_of(added, at.formats, of),
        "Addendum to earlier": name_of(added, at.formats, None),
        "Amendment of SOAP": name_of(amended, at.formats, of),
        "Retraction of amended SOAP": name_of(retracted, at.formats, amended),
        "Amendment of Addendum": name_of(await note(at, again), at.formats, added),
    }
    assert list(names) == list(names.values())


async def counted(at: Desk) -> list[NoteId]:
    plan = (await open_plan(at, ROSA, "JD-014")).plan
    assert plan is not None
    return [each.note_id for each in plan.addressed]


async def test_the_hash_covers_the_link_and_old_hashes_stay():
    at = desk()
    of = await filed(at)
    assert b'"link"' not in canonical(of)
    begun = await note(at, await amendment(at, of))
    assert of.id.encode() in canonical(begun)
    assert b"The step was wrong." in canonical(begun)


def test_every_dialog_of_a_receipt_has_a_title_of_a_length_that_slack_takes():
    signed_ones = {action: dialog for action, dialog in DIALOGS.items() if dialog.signed}
    assert set(signed_ones) == {"view", "addendum", "amend", "retract"}
    assert all(len(dialog.title) <= 24 for dialog in signed_ones.values())
