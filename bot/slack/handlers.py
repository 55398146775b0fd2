"""What people do outside of a note's card: the command, a direct message, a message shortcut, opening Home.

Every handler commits first and acknowledges then.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import re
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import words
from bot.cards.elements import Form
from bot.cards.forms import INPUT_LIMIT, new_note_form
from bot.cards.screens import help_card
from bot.cards.usage import usage_card
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.note import Session
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.drafting.headline import Headline, nearest_format, parse_headline
from bot.slack import plan_handlers
from bot.slack.front import VIA, Front, explain
from bot.slack.inbound import Payload, Sender, plain_text
from bot.slack.render import render_card, render_form
from bot.workflows.count_usage import count_usage
from bot.workflows.start_draft import NewNote, Started, start_draft

_GREETING = re.compile(r"\W*(hi|hello|hey|help|hallo|good (morning|afternoon|evening)|start)\W*", re.IGNORECASE)
_COURTESY = re.compile(r"\W*(thanks?( you)?( so much)?|thx|ok(ay)?|great|perfect|got it|bye)\W*", re.IGNORECASE)
_NO_FORMATS = frozenset({"stop", "pair", "grip", "drip", "trip", "pier", "pile", "bird"})  # near one, but words
_USAGE_DAYS = 30
_FORM_WORDS = frozenset({"", "new", "note"})


async def on_note(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """`/note …`: drafts at once when there is text, else opens the form."""
    text = plain_text(str(body.get("text") or "")).strip()
    person: Person | None = None
    if text.casefold() in ("help", "?"):
        card = help_card(front.desk.offered)
        await ack(text=card.notice, blocks=render_card(card), response_type="ephemeral")
        return
    if plan := plan_handlers.COMMAND.fullmatch(text):
        await plan_handlers.on_plan(front, ack, body, client, context, plan["code"] or "")
        return
    try:
        sender, person = front.sender(body)
        if text.casefold() == "usage":
            await _answer_usage(front, ack, person)
            return
        clinician = allow(person, ActKind.WRITE)
        headline, summary = parse_headline(text, _today(front, clinician), front.desk.formats)
        stray = _stray_word(summary, headline, front)
        if stray and summary == stray[0]:
            await ack(text=words.UNKNOWN_FORMAT_ALONE.format(word=stray[0], nearest=stray[1]))
            return
        if (stray and len(summary) <= INPUT_LIMIT) or summary.strip().casefold() in _FORM_WORDS:
            await ack()
            form = _filled(front, clinician, headline, summary, stray)
            _open(front, client, context, str(body["trigger_id"]), form)
            return
        started = await _start(front, person, headline, summary, f"slack:command:{body['trigger_id']}")
    except UserMistake as mistake:
        if person is None or isinstance(mistake, NotAllowed) or not text or len(text) > INPUT_LIMIT:
            await ack(text=words.sentence(mistake), response_type="ephemeral")
            return
        await ack()  # the composer is empty by now: what was typed goes on in the form
        format_id = front.desk.format_for(person, None)
        form = new_note_form(front.desk.offered, format_id, summary=text, remark=words.sentence(mistake))
        _open(front, client, context, str(body["trigger_id"]), form)
        return
    await ack(text=words.POINTER_AGAIN if started.again else words.POINTER, response_type="ephemeral")
    await _go_on(front, started, sender)


async def _answer_usage(front: Front, ack: AsyncAck, person: Person | None) -> None:
    """`/note usage`, for administrators: figures and note ids."""
    count = await count_usage(front.desk, person, _USAGE_DAYS)
    card = usage_card(count.notes, count.prices, _USAGE_DAYS)
    await ack(text=card.notice, blocks=render_card(card), response_type="ephemeral")


async def on_message(front: Front, body: Payload, client: AsyncWebClient, context: AsyncBoltContext) -> None:
    """A direct message is a summary; its first line may say whose session and when. Slack repeats deliveries."""
    event = body["event"]
    if event.get("bot_id") or event.get("subtype") not in (None, "file_share") or event.get("channel_type") != "im":
        return
    text = plain_text(str(event.get("text") or ""))
    source = f"slack:message:{event['channel']}:{event['ts']}:{event.get('user')}"
    try:
        sender, person = front.sender(body)
        clinician = allow(person, ActKind.WRITE)
        if not event.get("files") and await _answered_small_talk(front, text, source, str(event["channel"]), client):
            return
        headline, summary = parse_headline(text, _today(front, clinician), front.desk.formats)
        started = await _start(front, person, headline, summary, source, _files(event))
    except UserMistake as mistake:
        if await _first_time(front, source):
            front.later.run(explain(context, client, str(event["channel"]), words.sentence(mistake)))
        return
    await _go_on(front, started, sender)


async def _answered_small_talk(front: Front, text: str, source: str, channel: str, client: AsyncWebClient) -> bool:
    """A greeting gets the help, a courtesy nothing: neither is a summary."""
    if _COURTESY.fullmatch(text):
        return True
    if not _GREETING.fullmatch(text):
        return False
    if await _first_time(front, source):
        card = help_card(front.desk.offered, greeting=True)
        front.later.run(client.chat_postMessage(channel=channel, text=card.notice, blocks=render_card(card)))
    return True


async def on_shortcut(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """“Draft a note” on a message of one's own."""
    message, channel = body["message"], body["channel"]["id"]
    try:
        sender, person = front.sender(body)
        if message.get("user") != sender.user_id:
            raise UserMistake("not_own_message", words.ONLY_OWN_MESSAGES)
        clinician = allow(person, ActKind.WRITE)
        headline, summary = parse_headline(
            plain_text(str(message.get("text") or "")), _today(front, clinician), front.desk.formats
        )
        source = f"slack:message:{channel}:{message['ts']}:{sender.user_id}"
        started = await _start(front, person, headline, summary, source, _files(message))
    except UserMistake as mistake:
        await ack()
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        return
    await ack()
    front.later.run(explain(context, client, channel, words.POINTER_AGAIN if started.again else words.POINTER))
    await _go_on(front, started, sender)


async def on_home(front: Front, body: Payload, client: AsyncWebClient) -> None:
    """App Home shows how to write a note. Nothing about clients stands there."""
    card = help_card(front.desk.offered, greeting=True)
    view = {"type": "home", "blocks": render_card(card)}
    front.later.run(client.views_publish(user_id=str(body["event"]["user"]), view=view))


async def _start(
    front: Front, person: Person | None, headline: Headline, summary: str, source: str, files: tuple[str, ...] = ()
) -> Started:
    new = NewNote(
        summary=summary,
        source=source,
        via=VIA,
        format_id=headline.format_id,
        client_code=headline.client_code or "",
        session=_session(headline),
        files=files,
    )
    return await start_draft(front.desk, person, new)


async def _go_on(front: Front, started: Started, sender: Sender) -> None:
    """A new summary goes to the worker; a repeated one only has its card shown again."""
    if started.again:
        front.refresh(started.note_id, None, sender)
    else:
        await front.work.draft(front.desk.id, started.note_id)


def _files(message: Payload) -> tuple[str, ...]:
    """Media types and names of what was attached."""
    return tuple(str(file.get(key) or "") for file in message.get("files") or () for key in ("mimetype", "name"))


def _session(headline: Headline) -> Session:
    session = Session(date=headline.date, start=headline.start, minutes=headline.minutes)
    return replace(session, kind=headline.kind) if headline.kind else session


def _today(front: Front, person: Person) -> date:
    return front.desk.clock.now().astimezone(ZoneInfo(person.timezone)).date()


def _stray_word(summary: str, headline: Headline, front: Front) -> tuple[str, str] | None:
    """A first word that looks like a mistyped format, with the format it may stand for."""
    if headline.format_id or not summary:
        return None
    first = summary.split(maxsplit=1)[0].rstrip(":")
    acronyms = [fmt.id for fmt in front.desk.offered.values() if fmt.name.isupper()]
    if first.casefold() in _NO_FORMATS or first.casefold() in front.desk.formats:
        return None
    near = nearest_format(first, acronyms, likeness=0.75)
    return (first, near) if near else None


async def _first_time(front: Front, key: str) -> bool:
    """Whether this delivery is the first, so that an answer is given once."""
    async with front.desk.database.writing(front.desk.id) as unit:
        first = await unit.seen.first_time(key, front.desk.clock.now())
        await unit.commit()
    return first


def _filled(front: Front, clinician: Person, headline: Headline, summary: str, stray: tuple[str, str] | None) -> Form:
    """The form with all that was understood; a word that was meant as a format is said and left out of the text."""
    remark = words.UNKNOWN_FORMAT.format(word=stray[0], nearest=stray[1]) if stray else ""
    text = summary.removeprefix(stray[0]).lstrip(": ") if stray else summary
    return new_note_form(
        front.desk.offered,
        front.desk.format_for(clinician, headline.format_id or (stray[1] if stray else None), headline.kind),
        headline.client_code or "",
        _session(headline),
        "" if text.casefold() in _FORM_WORDS else text,
        remark,
    )


def _open(front: Front, client: AsyncWebClient, context: AsyncBoltContext, trigger_id: str, form: Form) -> None:
    opening = client.views_open(trigger_id=trigger_id, view=render_form(form))
    front.later.run(opening, lambda: explain(context, client, None, words.TOO_LATE))
