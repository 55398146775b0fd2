"""What people do outside of a note's card: the command, a direct message, a message shortcut, opening Home.

Every handler commits first and acknowledges then.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts import features, several
from bot.acts.day import Doing
from bot.acts.front import Front
from bot.acts.learning import command_format, is_supervision
from bot.acts.people import is_command as is_people
from bot.acts.plans import command_code
from bot.acts.typed import (
    filled_form,
    is_courtesy,
    is_greeting,
    reads_like_a_summary,
    start,
    stray_word,
    usage,
    wants_form,
)
from bot.cards import words
from bot.cards.elements import Form
from bot.cards.forms import INPUT_LIMIT, new_note_form
from bot.cards.screens import help_card
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.drafting.headline import parse_headline
from bot.slack import day_handlers, file_handlers, learning_handlers, people_handlers, plan_handlers
from bot.slack.front import actor, explain
from bot.slack.inbound import Payload, parse_sender, plain_text
from bot.slack.render import render_card, render_form
from bot.workflows.start_draft import Started


async def on_note(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """`/note …`: drafts at once when there is text, else opens the form."""
    text = plain_text(str(body.get("text") or "")).strip()
    person: Person | None = None
    if text.casefold() in ("help", "?"):
        card = help_card(front.desk.offered, words.HELP_IN_SLACK)
        await ack(text=card.notice, blocks=render_card(card), response_type="ephemeral")
        return
    if (code := command_code(text)) is not None:
        await plan_handlers.on_plan(front, ack, body, client, context, code)
        return
    if (typed := command_format(text)) is not None:
        await learning_handlers.on_examples(front, ack, body, client, context, typed)
        return
    if is_supervision(text):
        await learning_handlers.on_supervision(front, ack, body, client, context)
        return
    if is_people(text):
        await people_handlers.on_people(front, ack, body, client, context)
        return
    if (asked := features.command_in(text)) is not None:
        await day_handlers.on_command(front, ack, body, client, context, *asked)
        return
    try:
        person = actor(front, body)
        if text.casefold() == "usage":
            card = await usage(front.desk, person)
            await ack(text=card.notice, blocks=render_card(card), response_type="ephemeral")
            return
        clinician = allow(person, ActKind.WRITE)
        headline, summary = parse_headline(text, front.desk.today(clinician), front.desk.startable)
        stray = stray_word(summary, headline, front.desk)
        if stray and summary == stray.word:
            nearest = f"/note {stray.nearest}"
            hint = words.UNKNOWN_FORMAT_ALONE.format(word=stray.word, nearest=nearest, help="/note help")
            await ack(text=hint)
            return
        if wants_form(summary, stray):
            await ack()
            form = filled_form(front.desk, clinician, headline, summary, stray)
            _open(front, client, context, str(body["trigger_id"]), form)
            return
        source = f"slack:command:{body['trigger_id']}"
        started = await start(front.desk, person, headline, summary, source, front.platform)
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
    await _go_on(front, started, person)


async def on_message(front: Front, body: Payload, client: AsyncWebClient, context: AsyncBoltContext) -> None:
    """A direct message is a summary; its first line may say whose session and when. Slack repeats deliveries."""
    event = body["event"]
    if event.get("subtype") == "message_changed":
        await _on_edit(front, event, client)
        return
    if event.get("bot_id") or event.get("subtype") not in (None, "file_share") or event.get("channel_type") != "im":
        return
    text = plain_text(str(event.get("text") or ""))
    source = _source(str(event["channel"]), event)
    if await file_handlers.took_file(front, body, text, source, client, context):
        return
    try:
        person = actor(front, body)
        clinician = allow(person, ActKind.WRITE)
        if not event.get("files") and await _answered_small_talk(front, text, source, str(event["channel"]), client):
            return
        if not event.get("files"):
            said = await several.from_message(Doing(front, person, source), text)
            if said is not None:
                if said and await front.first_time(source):
                    front.later.run(explain(context, client, str(event["channel"]), said))
                return
        headline, summary = parse_headline(text, front.desk.today(clinician), front.desk.startable)
        if not event.get("files") and not reads_like_a_summary(summary, headline):
            await _help(front, source, str(event["channel"]), client, remark=words.NOT_A_SUMMARY)
            return
        started = await start(front.desk, person, headline, summary, source, front.platform, _files(event))
    except UserMistake as mistake:
        if await front.first_time(source):
            front.later.run(explain(context, client, str(event["channel"]), words.sentence(mistake)))
        return
    await _go_on(front, started, person)


async def _on_edit(front: Front, event: Payload, client: AsyncWebClient) -> None:
    """A message of which there is a note has another text now: who wrote it is told, once, that the note has not."""
    message, channel = event.get("message") or {}, str(event.get("channel"))
    if event.get("channel_type") != "im" or message.get("bot_id") or not message.get("edited"):
        return  # our own card, or only a link that was unfolded
    source = _source(channel, message)
    async with front.desk.database.reading(front.desk.id) as unit:
        started = await unit.notes.by_source(source) or await unit.batches.by_source(source)
    if started and await front.first_time(f"{source}:edited"):
        front.later.run(client.chat_postMessage(channel=channel, text=words.EDITED))


async def on_shortcut(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """“Draft a note” on a message of one's own."""
    message, channel = body["message"], body["channel"]["id"]
    try:
        person, user = actor(front, body), parse_sender(body).user_id
        if message.get("user") != user:
            raise UserMistake("not_own_message", words.ONLY_OWN_MESSAGES)
        clinician = allow(person, ActKind.WRITE)
        headline, summary = parse_headline(
            plain_text(str(message.get("text") or "")), front.desk.today(clinician), front.desk.startable
        )
        source = _source(channel, message)
        started = await start(front.desk, person, headline, summary, source, front.platform, _files(message))
    except UserMistake as mistake:
        await ack()
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        return
    await ack()
    front.later.run(explain(context, client, channel, words.POINTER_AGAIN if started.again else words.POINTER))
    await _go_on(front, started, person)


async def on_home(front: Front, body: Payload, client: AsyncWebClient) -> None:
    """App Home shows what waits and how to write a note: counts and codes, no text."""
    front.later.run(_show_home(front, body, client))


async def _show_home(front: Front, body: Payload, client: AsyncWebClient) -> None:
    try:
        person = actor(front, body)
    except NotAllowed:
        person = None
    await day_handlers.publish_home(Doing(front, person), client, str(body["event"]["user"]))


async def _answered_small_talk(front: Front, text: str, source: str, channel: str, client: AsyncWebClient) -> bool:
    """A greeting gets the help, a courtesy nothing: neither is a summary."""
    if is_courtesy(text):
        return True
    if not is_greeting(text):
        return False
    await _help(front, source, channel, client, greeting=True)
    return True


async def _help(
    front: Front, source: str, channel: str, client: AsyncWebClient, *, greeting: bool = False, remark: str = ""
) -> None:
    """What to type, once a message."""
    if await front.first_time(source):
        card = help_card(front.desk.offered, words.HELP_IN_SLACK, greeting, remark)
        front.later.run(client.chat_postMessage(channel=channel, text=card.notice, blocks=render_card(card)))


async def _go_on(front: Front, started: Started, person: Person | None) -> None:
    """A new summary goes to the worker; a repeated one only has its card shown again."""
    if started.again:
        front.refresh(started.note_id, person)
    else:
        await front.work.draft(front.desk.id, started.note_id)


def _source(channel: str, message: Payload) -> str:
    return f"slack:message:{channel}:{message.get('ts')}:{message.get('user')}"


def _files(message: Payload) -> tuple[str, ...]:
    """Media types and names of what was attached."""
    return tuple(str(file.get(key) or "") for file in message.get("files") or () for key in ("mimetype", "name"))


def _open(front: Front, client: AsyncWebClient, context: AsyncBoltContext, trigger_id: str, form: Form) -> None:
    opening = client.views_open(trigger_id=trigger_id, view=render_form(form))
    front.later.run(opening, lambda: explain(context, client, None, words.TOO_LATE))
