"""What people do with a note: buttons and menus of its card, its dialogs, the client type-ahead."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import words
from bot.cards.changes import ask_form
from bot.cards.decisions import decide_form
from bot.cards.elements import Choice, Form
from bot.cards.forms import context_of, details_form, edit_form, message_form, section_texts, why_form
from bot.cards.gap_screens import gap_answers
from bot.cards.screens import clock_time
from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import Asked, Note
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.statements import Slot
from bot.drafting.headline import Headline, parse_headline
from bot.slack.decision_handlers import DECISIONS, decide_or_sign, on_decided, on_decision
from bot.slack.front import VIA, Front, explain, fill, open_loading, refuse_in
from bot.slack.inbound import (
    Payload,
    Pressed,
    Sender,
    Submitted,
    parse_pressed,
    parse_sender,
    parse_session,
    parse_submitted,
)
from bot.slack.render import option, render_form, saved_view, with_notice
from bot.workflows.answer_gaps import answer_gaps
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import sort_now
from bot.workflows.find_clients import find_clients
from bot.workflows.revise_note import add_details, describe_session, discard_note, revise_note
from bot.workflows.reword_note import ask_change, undo_change
from bot.workflows.start_draft import NewNote, start_draft

_log = logging.getLogger("afternote.slack")

FormBuilder = Callable[[Desk, Note, Person], Awaitable[Form]]


async def _edit(desk: Desk, note: Note, _: Person) -> Form:
    return edit_form(note, desk.formats[note.format_id])


async def _details_of(desk: Desk, note: Note, _: Person) -> Form:
    return details_form(note, desk.formats[note.format_id], desk.gaps_of(note))


async def _why(desk: Desk, note: Note, _: Person) -> Form:
    return why_form(note, desk.formats[note.format_id])


async def _all_open(desk: Desk, note: Note, _: Person) -> Form:
    return decide_form(note, desk.formats[note.format_id], context_of(note), desk.withheld_of(note))


async def _ask(desk: Desk, note: Note, _: Person) -> Form:
    return ask_form(note, desk.formats[note.format_id], context_of(note))


_DIALOGS: Mapping[str, tuple[str, ActKind, FormBuilder]] = {
    "edit": (words.EDIT_TITLE, ActKind.CHANGE, _edit),
    "details": (words.DETAILS_TITLE, ActKind.CHANGE, _details_of),
    "answer": (words.DETAILS_TITLE, ActKind.CHANGE, _details_of),
    "sign": (words.SIGN_TITLE, ActKind.SIGN, decide_or_sign),
    "decide": (words.DECIDE_TITLE, ActKind.CHANGE, _all_open),
    "ask": (words.ASK_TITLE, ActKind.CHANGE, _ask),
    "why": (words.WHY_TITLE, ActKind.VIEW, _why),
}
# Where in a dialog a mistake is shown; anything else stands at the dialog's first input.
_INPUT_OF = {
    "legal_name": "client",
    "bad_code": "client",
    "needs_client": "client",
    "needs_date": "date",
    "future_date": "date",
    "bad_date": "date",
    "unknown_format": "format",
    "empty_summary": "summary",
    "emoji_only": "summary",
    "too_long": "summary",
    "transcript": "summary",
    "bad_headline": "summary",
    "recording": "summary",
    "empty_instruction": "instruction",
    "long_instruction": "instruction",
}


async def on_action(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """Any button, menu or picker. Late clicks and clicks by others are explained, never swallowed."""
    pressed = parse_pressed(body)
    if pressed.action == "save_draft":
        await _on_save_draft(front, ack, body, client)
        return
    channel = pressed.card[0] if pressed.card else None
    try:
        sender, person = front.sender(body)
        if pressed.action in _DIALOGS:
            await ack()
            front.later.run(
                _open_dialog(front, client, context, pressed, person, sender),
                lambda: explain(context, client, channel, words.TROUBLE),
            )
            return
        await _change(front, pressed, person)
    except UserMistake as mistake:
        await ack()
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        if pressed.note_id and not isinstance(mistake, NotAllowed):
            front.refresh(pressed.note_id, pressed.card, parse_sender(body))
        return
    await ack()
    if pressed.note_id:
        front.refresh(pressed.note_id, pressed.card, sender)


async def on_submit(front: Front, ack: AsyncAck, body: Payload) -> None:
    """A dialog is sent. On any mistake it stays open with what was typed, and the sentence stands at its input."""
    sent = parse_submitted(body)
    try:
        sender, person = front.sender(body)
        if sent.form == "decide":
            await on_decided(front, ack, sent, person)
            front.refresh(sent.note_id, None, sender)
            return
        note_id = await _submit(front, sent, person)
    except UserMistake as mistake:
        await _refuse(ack, sent, mistake)
        return
    await ack()
    if sent.form == "new_note":
        await front.work.draft(front.desk.id, note_id)
        return
    front.refresh(note_id, None, sender)
    if sent.form == "sign":
        await front.work.file(front.desk.id, note_id)
    if sent.form == "ask":
        await front.work.reword(front.desk.id, note_id)


async def on_lookup(front: Front, ack: AsyncAck, body: Payload) -> None:
    """Type-ahead over this clinician's own clients; a new code may be typed too."""
    try:
        _, person = front.sender(body)
        codes = await find_clients(front.desk, person, str(body.get("value") or ""))
    except UserMistake:
        codes = []
    await ack(options=[option(Choice(code, label)) for code, label in codes])


async def _change(front: Front, pressed: Pressed, person: Person | None) -> None:
    """Acts that change the note at once, without a dialog."""
    desk, note_id = front.desk, pressed.note_id
    if pressed.action == "format_menu":
        await arrange_note(desk, person, note_id, pressed.chosen, VIA)
    elif pressed.action.startswith("format_"):
        await arrange_note(desk, person, note_id, pressed.action.removeprefix("format_"), VIA)
    elif pressed.action == "pick_client":
        await describe_session(desk, person, note_id, pressed.chosen, None, VIA)
    elif pressed.action == "pick_date":
        await describe_session(desk, person, note_id, None, _day(pressed.chosen), VIA)
    elif pressed.action in DECISIONS:
        await on_decision(front, pressed, person)
    elif pressed.action == "skip_gap":
        await answer_gaps(desk, person, note_id, None, {}, [pressed.chosen], VIA)
    elif pressed.action == "undo":
        await undo_change(desk, person, note_id, VIA)
    elif pressed.action == "sort_now":
        await sort_now(desk, person, note_id)
    elif pressed.action == "discard":
        await discard_note(desk, person, note_id, VIA)
    else:
        raise UserMistake("unknown_action", words.NO_LONGER_DRAFT)


async def _open_dialog(
    front: Front,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    pressed: Pressed,
    person: Person | None,
    sender: Sender,
) -> None:
    title, act, build = _DIALOGS[pressed.action]
    try:
        view_id, view_hash = await open_loading(client, pressed.trigger_id, title)
    except SlackApiError:
        await explain(context, client, pressed.card[0] if pressed.card else None, words.TOO_LATE)
        return
    try:
        opened = await open_note(front.desk, pressed.note_id)
        reader = allow(person, act, opened.note)
        if opened.note.locked:
            raise Stale("not_draft", words.NO_LONGER_DRAFT)
        if act is ActKind.SIGN and not opened.note.statements:
            raise UserMistake("needs_content", words.NEEDS_CONTENT)
        form = await build(front.desk, opened.note, reader)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, title, mistake)
        if not isinstance(mistake, NotAllowed):
            front.refresh(pressed.note_id, pressed.card, sender)
        return
    await fill(client, view_id, view_hash, form)


async def _submit(front: Front, sent: Submitted, person: Person | None) -> NoteId:
    desk, values = front.desk, sent.values
    match sent.form:
        case "new_note":
            return (await start_draft(desk, person, _new_note(front, sent, person))).note_id
        case "edit":
            await revise_note(desk, person, sent.note_id, sent.version, section_texts(values), VIA)
        case "details":
            answers, places = _details(values)
            await add_details(desk, person, sent.note_id, sent.version, answers, places, VIA, gap_answers(values))
        case "ask":
            section = "" if values.get("section", "all") == "all" else values["section"]
            asked = Asked(values.get("instruction", ""), section)
            await ask_change(desk, person, sent.note_id, sent.version, asked, VIA)
        case "sign":
            day = _day(values["date"]) if values.get("date") else None
            await approve_note(desk, person, sent.note_id, sent.version, VIA, values.get("client", ""), day)
        case _:
            raise UserMistake("unknown_form", words.TROUBLE)
    return sent.note_id


def _new_note(front: Front, sent: Submitted, person: Person | None) -> NewNote:
    """The form's summary. One that begins as a command would (`birp JD-014 yesterday: …`) fills what is left empty."""
    values, summary, headline = sent.values, sent.values.get("summary", ""), Headline()
    zone = ZoneInfo(person.timezone if person else front.desk.practice.timezone)
    try:
        found, rest = parse_headline(summary, front.desk.clock.now().astimezone(zone).date(), front.desk.formats)
    except UserMistake as mistake:
        raise UserMistake("bad_headline", mistake.sentence) from None
    if found.client_code or found.date:
        headline, summary = found, rest
    session = parse_session(values)
    return NewNote(
        summary=summary,
        source=f"slack:view:{sent.view_id}",
        via=VIA,
        format_id=headline.format_id or values.get("format") or None,
        client_code=values.get("client") or headline.client_code or "",
        session=replace(
            session,
            date=session.date or headline.date,
            start=session.start or headline.start,
            minutes=session.minutes or headline.minutes,
        ),
    )


async def _on_save_draft(front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient) -> None:
    """Keep what is typed so far; the dialog stays open, on the version that was just saved."""
    sent = parse_submitted(body)
    view = body["view"]
    try:
        sender, person = front.sender(body)
        note = await revise_note(front.desk, person, sent.note_id, sent.version, section_texts(sent.values), VIA)
    except UserMistake as mistake:
        await ack()
        refused = with_notice(view, words.sentence(mistake))
        front.later.run(client.views_update(view_id=sent.view_id, hash=view["hash"], view=refused))
        return
    await ack()
    zone = person.timezone if person else front.desk.practice.timezone
    saved = words.SAVED.format(at=clock_time(front.desk.clock.now(), zone))
    kept = saved_view(view, sent.values, context_of(note), saved)
    front.later.run(client.views_update(view_id=sent.view_id, hash=view["hash"], view=kept))
    front.refresh(note.id, None, sender)


def _details(values: Mapping[str, str]) -> tuple[dict[Slot, str], dict[int, Slot | None]]:
    answers = {Slot(k.removeprefix("missing.")): v for k, v in values.items() if k.startswith("missing.") and v}
    chosen = {int(k.removeprefix("point.")): v for k, v in values.items() if k.startswith("point.")}
    places = {number: None if v == "out" else Slot(v) for number, v in chosen.items() if v not in ("", "later")}
    return answers, places


async def _refuse(ack: AsyncAck, sent: Submitted, mistake: UserMistake) -> None:
    """Beside an input the typed text stays; a dialog without inputs has none to lose and says it whole."""
    stale_sign = sent.form == "sign" and mistake.code in ("stale_version", "stale_signature")
    sentence = words.CHANGED_BEFORE_SIGNING if stale_sign else words.sentence(mistake)
    if not sent.values or (sent.form == "sign" and isinstance(mistake, (Stale, NotAllowed))):
        await ack(response_action="update", view=render_form(message_form(words.SIGN_TITLE, sentence)))
        return
    wanted = _INPUT_OF.get(mistake.code, "")
    block = wanted if wanted in sent.values else next(iter(sent.values))
    await ack(response_action="errors", errors={block: sentence})


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UserMistake("bad_date", words.NEEDS_DATE) from None
