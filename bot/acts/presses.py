"""Buttons, menus and pickers of a note's card: acts that change the note at once, and the dialogs others open."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.cards import after_words, house_words, plan_words, words
from bot.cards.after_forms import addendum_form, amend_form, retract_form, view_form
from bot.cards.changes import ask_form
from bot.cards.decisions import decide_form
from bot.cards.elements import Form
from bot.cards.forms import context_of, details_form, edit_form, read_form, sign_form, why_form
from bot.cards.house_screens import settle_form
from bot.cards.learning_forms import with_sharing
from bot.cards.plan_screens import goals_form
from bot.domain.after_filing import check_may_follow
from bot.domain.errors import NotFound, Stale, UserMistake
from bot.domain.ids import NoteId, StatementId, new_note_id
from bot.domain.links import LinkKind
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow, may
from bot.drafting.house_style import stops_of
from bot.workflows.answer_gaps import answer_gaps
from bot.workflows.arrange_note import arrange_note
from bot.workflows.audit_reading import put_down_reading
from bot.workflows.clone_check import clone_check
from bot.workflows.decide import Decisions, add_point, decide
from bot.workflows.desk import Desk, Opened, open_note
from bot.workflows.draft_note import sort_now
from bot.workflows.examples import lessons_for
from bot.workflows.goals_of_note import with_suggestion
from bot.workflows.revise_note import describe_session, discard_note
from bot.workflows.reword_note import undo_change
from bot.workflows.view_note import view_note


@dataclass(frozen=True, slots=True)
class Press:
    """A button, menu or picker that was used. `chosen`: what was picked, where something is.

    `item`: the opaque id of a part of the note (a statement, a point's number) when the button is about one.
    """

    action: str
    note_id: NoteId
    item: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog of a note's card: its title, what one must be allowed to do, and how it is built.

    `signed`: it is about a signed note; all others are about a draft. `build` is told who opens it, and by what.
    """

    title: str
    act: ActKind
    build: Callable[[Desk, Opened, Person, str], Awaitable[Form]]
    signed: bool = False


async def _edit(desk: Desk, opened: Opened, *_: object) -> Form:
    return edit_form(opened.note, desk.format_of(opened.note), desk.shown(opened.note).telling)


async def _details(desk: Desk, opened: Opened, *_: object) -> Form:
    return details_form(opened.note, desk.format_of(opened.note), desk.gaps_of(opened.note))


async def _sign(desk: Desk, opened: Opened, signer: Person, *_: object) -> Form:
    if not opened.note.statements:
        raise UserMistake("needs_content", words.NEEDS_CONTENT)
    link, around = opened.note.link, opened.around
    if link and around.about is None:
        raise Stale("about_purged", after_words.OVERTAKEN_PURGED)
    if link and around.about:  # to read what cannot be signed is time lost
        check_may_follow(link.kind, around.about, [each.note for each in around.about_later])
    return await decide_or_sign(desk, opened.note, signer)


async def _read(desk: Desk, opened: Opened, *_: object) -> Form:
    return read_form(opened.note, desk.format_of(opened.note))


async def _why(desk: Desk, opened: Opened, reader: Person, *_: object) -> Form:
    lessons = await lessons_for(desk, reader, opened.note)
    return why_form(opened.note, desk.format_of(opened.note), lessons)


async def _decide(desk: Desk, opened: Opened, *_: object) -> Form:
    note = opened.note
    return decide_form(note, desk.format_of(note), context_of(note), desk.withheld_of(note))


async def _settle(desk: Desk, opened: Opened, signer: Person, *_: object) -> Form:
    note, findings = opened.note, desk.findings_of(opened.note)
    if not stops_of(findings):
        return await decide_or_sign(desk, note, signer)
    return settle_form(note, findings, context_of(note))


async def _ask(desk: Desk, opened: Opened, *_: object) -> Form:
    return ask_form(opened.note, desk.format_of(opened.note), context_of(opened.note))


async def _view(desk: Desk, opened: Opened, reader: Person, via: str) -> Form:
    viewed = await view_note(desk, reader, opened.note.id, via)
    form = view_form(viewed.note, viewed.text, desk.shown(viewed.note, around=viewed.around))
    return form if may(reader, ActKind.TEACH, viewed.note) else with_sharing(form, viewed.note.id)


async def _addendum(_: Desk, opened: Opened, *__: object) -> Form:
    _expect_room(LinkKind.ADDENDUM, opened)
    return _once(addendum_form(opened.note), opened.note)


async def _amend(desk: Desk, opened: Opened, reader: Person, via: str) -> Form:
    _expect_room(LinkKind.AMENDMENT, opened)
    await put_down_reading(desk, reader, opened.note, via)  # the form holds the whole of a signed note
    return _once(amend_form(opened.note, desk.format_of(opened.note)), opened.note)


async def _retract(_: Desk, opened: Opened, *__: object) -> Form:
    _expect_room(LinkKind.RETRACTION, opened)
    return _once(retract_form(opened.note), opened.note)


def _once(form: Form, note: Note) -> Form:
    """Under an id of its own beside the note's: sent twice it begins one, and opened again it may begin another."""
    return replace(form, context=f"{note.id}.{new_note_id()}:{note.version}")


def note_in(form_id: str) -> NoteId:
    """The note that a form is about, of the id under which it was opened."""
    return NoteId(form_id.partition(".")[0])


def _expect_room(kind: LinkKind, opened: Opened) -> None:
    check_may_follow(kind, opened.note, [each.note for each in opened.around.later])


async def _goals(_: Desk, opened: Opened, *__: object) -> Form:
    return goals_form(with_suggestion(opened.note, opened.plan), opened.plan)


_NOT_OF_LINKED = frozenset({"details", "answer", "ask", "confirm_goals"})
DIALOGS: Mapping[str, Dialog] = {
    "edit": Dialog(words.EDIT_TITLE, ActKind.CHANGE, _edit),
    "details": Dialog(words.DETAILS_TITLE, ActKind.CHANGE, _details),
    "answer": Dialog(words.DETAILS_TITLE, ActKind.CHANGE, _details),
    "sign": Dialog(words.SIGN_TITLE, ActKind.SIGN, _sign),
    "decide": Dialog(words.DECIDE_TITLE, ActKind.CHANGE, _decide),
    "settle": Dialog(house_words.SETTLE_TITLE, ActKind.SIGN, _settle),
    "ask": Dialog(words.ASK_TITLE, ActKind.CHANGE, _ask),
    "read": Dialog(words.READ_TITLE, ActKind.VIEW, _read),
    "why": Dialog(words.WHY_TITLE, ActKind.VIEW, _why),
    "confirm_goals": Dialog(plan_words.GOALS_TITLE, ActKind.CHANGE, _goals),
    "view": Dialog(after_words.VIEW_TITLE, ActKind.VIEW, _view, signed=True),
    "addendum": Dialog(after_words.ADDENDUM_TITLE, ActKind.FOLLOW, _addendum, signed=True),
    "amend": Dialog(after_words.AMEND_TITLE, ActKind.FOLLOW, _amend, signed=True),
    "retract": Dialog(after_words.RETRACT_TITLE, ActKind.FOLLOW, _retract, signed=True),
}


async def open_dialog(desk: Desk, person: Person | None, press: Press, via: str) -> Form:
    """What stands in the dialog that this button opens. Raises UserMistake when it may not, or not any more."""
    dialog = DIALOGS[press.action]
    opened = await _opened(desk, press.note_id, dialog)
    reader = allow(person, dialog.act, opened.note)
    if opened.note.locked and not dialog.signed:
        raise Stale("not_draft", words.NO_LONGER_DRAFT)
    if opened.note.link and press.action in _NOT_OF_LINKED:
        raise UserMistake("only_edited", words.ONLY_EDITED)
    if opened.note.clinician_id != reader.id and not dialog.signed:
        await put_down_reading(desk, reader, opened.note, via)
    return await dialog.build(desk, opened, reader, via)


async def _opened(desk: Desk, note_id: NoteId, dialog: Dialog) -> Opened:
    try:
        return await open_note(desk, note_id)
    except NotFound as missing:
        if dialog.signed:
            raise NotFound("note_purged", after_words.PURGED) from None
        raise missing


async def decide_or_sign(desk: Desk, note: Note, signer: Person) -> Form:
    """Nobody signs past something undecided, or past what the house style asks for; then the signing dialog."""
    fmt = desk.format_of(note)
    if note.undecided():
        return decide_form(note, fmt, context_of(note), desk.withheld_of(note))
    findings = desk.findings_of(note)
    if stops_of(findings):
        return settle_form(note, findings, context_of(note))
    cloned = None if note.link else await clone_check(desk, note)
    ask_late = desk.wants_late_reason(note)
    return sign_form(note, fmt, signer, cloned, findings, desk.set_aside_of(note), ask_late=ask_late)


async def press(desk: Desk, person: Person | None, pressed: Press, via: str) -> None:
    """Do what a button, menu or picker says, at once. Raises UserMistake when that cannot be."""
    note_id, action = pressed.note_id, pressed.action
    if action == "format_menu":
        await arrange_note(desk, person, note_id, pressed.chosen, via)
    elif action.startswith("format_"):
        await arrange_note(desk, person, note_id, action.removeprefix("format_"), via)
    elif action == "pick_client":
        await describe_session(desk, person, note_id, pressed.chosen, None, via)
    elif action == "pick_date":
        await describe_session(desk, person, note_id, None, parse_day(pressed.chosen), via)
    elif action == "skip_gap":
        await answer_gaps(desk, person, note_id, None, {}, [pressed.chosen], via)
    elif action == "undo":
        await undo_change(desk, person, note_id, via)
    elif action == "sort_now":
        await sort_now(desk, person, note_id, via)
    elif action == "discard":
        await discard_note(desk, person, note_id, via)
    else:
        await _decide_one(desk, person, pressed, via)


def parse_day(text: str) -> dt.date:
    """A date as pickers give it. Raises UserMistake when it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UserMistake("bad_date", words.NEEDS_DATE) from None


async def _decide_one(desk: Desk, person: Person | None, pressed: Press, via: str) -> None:
    """One thing on the card: a statement held out or in doubt, or a point that no statement uses."""
    note_id, item = pressed.note_id, pressed.item
    match pressed.action:
        case "take":
            await decide(desk, person, note_id, Decisions(take=(StatementId(item),)), via)
        case "leave":
            await decide(desk, person, note_id, Decisions(leave=(StatementId(item),)), via)
        case "right":
            await decide(desk, person, note_id, Decisions(right=(StatementId(item),)), via)
        case "add_point" if item.isdecimal():
            await add_point(desk, person, note_id, int(item), via)
        case "drop_point" if item.isdecimal():
            await decide(desk, person, note_id, Decisions(points={int(item): None}), via)
        case _:
            raise UserMistake("unknown_action", words.NO_LONGER_DRAFT)
