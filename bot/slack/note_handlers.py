"""What people do with a note: buttons and menus of its card, its dialogs, the client type-ahead."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.backlog import after_signing
from bot.acts.filing import do_press
from bot.acts.front import Front
from bot.acts.presses import DIALOGS, note_in, open_dialog
from bot.acts.reviews import TITLES
from bot.acts.sent_forms import Sent, begin_work, input_at_fault, is_over, sentence_for, submit
from bot.cards import words
from bot.cards.elements import Choice
from bot.cards.forms import context_of, message_form, section_texts
from bot.cards.screens import clock_time
from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.people import Person
from bot.slack.front import actor, explain, fill, open_loading, refuse_in
from bot.slack.inbound import Payload, Pressed, parse_pressed, parse_submitted
from bot.slack.render import option, render_form, saved_view, with_notice
from bot.workflows.find_clients import find_clients
from bot.workflows.revise_note import revise_note


async def on_action(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """Any button, menu or picker. Late clicks and clicks by others are explained, never swallowed."""
    pressed = parse_pressed(body)
    if pressed.press.action == "save_draft":
        await _on_save_draft(front, ack, body, client)
        return
    channel = pressed.card[0] if pressed.card else None
    note_id = pressed.press.note_id
    person: Person | None = None
    try:
        person = actor(front, body)
        if pressed.press.action in DIALOGS:
            await ack()
            front.later.run(
                _open_dialog(front, client, context, pressed, person),
                lambda: explain(context, client, channel, words.TROUBLE),
            )
            return
        await do_press(front, person, pressed.press)
    except UserMistake as mistake:
        await ack()
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        if note_id and not isinstance(mistake, NotAllowed):
            front.refresh(note_id, person, pressed.card)
        return
    await ack()
    if note_id:
        front.refresh(note_id, person, pressed.card)


async def on_submit(front: Front, ack: AsyncAck, body: Payload) -> None:
    """A dialog is sent. On any mistake it stays open with what was typed, and the sentence stands at its input."""
    sent = parse_submitted(body)
    person: Person | None = None
    try:
        person = actor(front, body)
        done = await submit(front.desk, person, sent, front.platform)
    except UserMistake as mistake:
        await refuse(ack, sent, mistake, TITLES.get(sent.form, words.SIGN_TITLE))
        if isinstance(mistake, Stale):  # its card may be as late as the form
            front.refresh(note_in(sent.note_id), person)
        return
    if done.still_open:
        await ack(response_action="errors", errors={done.still_open: done.open_words})
    elif done.follows:
        await ack(response_action="update", view=render_form(done.follows))
    elif sent.form == "sign" and (following := await after_signing(front, person, done.note_id)):
        await ack(response_action="update", view=render_form(following))
    else:
        await ack()
    await begin_work(front.work, front.desk, done.began(sent.form), done.note_id)
    if sent.form != "new_note":
        front.refresh(done.note_id, person)


async def on_lookup(front: Front, ack: AsyncAck, body: Payload) -> None:
    """Type-ahead over this clinician's own clients; a new code may be typed too."""
    try:
        codes = await find_clients(front.desk, actor(front, body), str(body.get("value") or ""))
    except UserMistake:
        codes = []
    await ack(options=[option(Choice(code, label)) for code, label in codes])


async def refuse(ack: AsyncAck, sent: Sent, mistake: UserMistake, title: str) -> None:
    """Beside an input the typed text stays; a dialog without inputs has none to lose and says it whole."""
    sentence = sentence_for(sent.form, mistake)
    if is_over(sent, mistake):
        await ack(response_action="update", view=render_form(message_form(title, sentence)))
        return
    await ack(response_action="errors", errors={input_at_fault(sent, mistake): sentence})


async def _open_dialog(
    front: Front, client: AsyncWebClient, context: AsyncBoltContext, pressed: Pressed, person: Person | None
) -> None:
    title = DIALOGS[pressed.press.action].title
    try:
        view_id, view_hash = await open_loading(client, pressed.trigger_id, title)
    except SlackApiError:
        await explain(context, client, pressed.card[0] if pressed.card else None, words.TOO_LATE)
        return
    try:
        form = await open_dialog(front.desk, person, pressed.press, front.platform)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, title, mistake)
        if not isinstance(mistake, NotAllowed):
            front.refresh(pressed.press.note_id, person, pressed.card)
        return
    await fill(client, view_id, view_hash, form)


async def _on_save_draft(front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient) -> None:
    """Keep what is typed so far; the dialog stays open, on the version that was just saved."""
    sent = parse_submitted(body)
    view = body["view"]
    try:
        person = actor(front, body)
        texts, reason = section_texts(sent.values), sent.values.get("reason")
        note = await revise_note(front.desk, person, sent.note_id, sent.version, texts, front.platform, reason)
    except UserMistake as mistake:
        await ack()
        refused = with_notice(view, words.sentence(mistake))
        front.later.run(client.views_update(view_id=view["id"], hash=view["hash"], view=refused))
        return
    await ack()
    zone = person.timezone if person else front.desk.practice.timezone
    saved = words.SAVED.format(at=clock_time(front.desk.clock.now(), zone))
    kept = saved_view(view, sent.values, context_of(note), saved)
    front.later.run(client.views_update(view_id=view["id"], hash=view["hash"], view=kept))
    front.refresh(note.id, person)
