"""What people do with a note in Teams: buttons of its card, dialogs, and forms that stand on a card of their own.

A press is done first and answered with what is there then. What it shows of a note goes only to a direct chat.
"""

from bot.acts import day
from bot.acts.filing import do_press
from bot.acts.presses import note_in, parse_day
from bot.cards import words
from bot.cards.elements import Card
from bot.cards.learning_forms import TEACH
from bot.cards.screens import card_for
from bot.domain.errors import Stale, UserMistake
from bot.domain.ids import NoteId
from bot.domain.people import Person, Role
from bot.domain.policy import ActKind, allow
from bot.ports import Posted
from bot.teams import day_handlers, forms
from bot.teams.activity import Activity
from bot.teams.app import Reply
from bot.teams.blocks import PICK, Block, opens_dialog
from bot.teams.chat import PLATFORM
from bot.teams.front import Teams
from bot.teams.inbound import Entry, parse_entry
from bot.teams.meeting import meet, pointer
from bot.teams.replies import (
    FORMS_OF_NOTES,
    FORMS_OF_SIGNED,
    READING,
    Shown,
    block_reply,
    card_reply,
    dialog_closed,
    dialog_reply,
    dialog_sentence,
    sentence_reply,
)
from bot.teams.screens import NEW_NOTE, said_card
from bot.workflows.desk import open_note
from bot.workflows.revise_note import describe_session

_HANDLED = Reply()
EXTENSION_SENT = "composeExtension/submitAction"


async def on_execute(teams: Teams, activity: Activity) -> Reply:
    """A button of a card, answered with the card as it is then. Late clicks and clicks by others are explained."""
    if not activity.personal:
        return sentence_reply(words.ONLY_IN_DIRECT)
    await meet(teams, activity)
    entry = parse_entry(activity)
    person = teams.actor(activity)
    try:
        if entry.form and entry.action != TEACH:
            return await _on_inline_form(teams, activity, person, entry)
        if opens_dialog(entry.action):  # where there are no dialogs
            teams.say_form(activity, await forms.opened(teams, person, entry), NoteId(entry.note))
            return sentence_reply(words.FORM_BELOW)
        if entry.action.startswith(day.PREFIX):
            return _answered(teams, activity, await day_handlers.pressed(teams, person, entry))
        note_id = await _pressed(teams, person, entry)
    except UserMistake as mistake:
        _refresh(teams, activity, person, entry, mistake)
        return sentence_reply(words.sentence(mistake))
    teams.front.refresh(note_id, person, _address(activity))
    return card_reply(await _card(teams, person, note_id), teams.chat.dialogs)


async def on_fetch(teams: Teams, activity: Activity) -> Reply:
    """A button that opens a dialog."""
    entry = parse_entry(activity)
    person = teams.actor(activity)
    try:
        return dialog_reply(await forms.opened(teams, person, entry))
    except UserMistake as mistake:
        _refresh(teams, activity, person, entry, mistake)
        return dialog_sentence(words.sentence(mistake))


async def on_submit(teams: Teams, activity: Activity) -> Reply:
    """A dialog is sent. On any mistake it stays, with what was typed and the sentence at its input."""
    entry = parse_entry(activity)
    person = teams.actor(activity)
    outcome = await forms.sent(teams, person, entry)
    if entry.form in FORMS_OF_NOTES | FORMS_OF_SIGNED and (
        isinstance(outcome, str) or (isinstance(outcome, Shown) and outcome.refused)
    ):
        teams.front.refresh(note_in(entry.id), person)  # it was sent late, perhaps: the card is shown as it is now
    if isinstance(outcome, str):
        return dialog_sentence(outcome)
    if isinstance(outcome, Card):
        teams.say(activity, outcome)
        return dialog_closed()
    if outcome:
        return dialog_reply(outcome)
    if entry.form == NEW_NOTE and not entry.close and activity.name == EXTENSION_SENT:
        return dialog_sentence(await pointer(teams, activity))
    return dialog_closed()


async def on_data(teams: Teams, activity: Activity) -> Reply:
    """A button of a client that knows neither executing nor dialogs: it comes as a message, and a dialog as a card."""
    entry = parse_entry(activity)
    person = teams.actor(activity)
    try:
        if entry.form and entry.action != TEACH:
            await _on_inline_form(teams, activity, person, entry)
        elif opens_dialog(entry.action):
            teams.say_form(activity, await forms.opened(teams, person, entry), NoteId(entry.note))
        elif entry.action.startswith(day.PREFIX):
            if (answer := await day_handlers.pressed(teams, person, entry)) is not None:
                teams.say(activity, answer)
        else:
            teams.front.refresh(await _pressed(teams, person, entry), person, _address(activity))
    except UserMistake as mistake:
        _refresh(teams, activity, person, entry, mistake)
        if await teams.front.first_time(f"teams:data:{activity.conversation_id}:{activity.id}"):
            teams.say(activity, words.sentence(mistake))
    return _HANDLED


async def _on_inline_form(teams: Teams, activity: Activity, person: Person | None, entry: Entry) -> Reply:
    """A form on a card of its own: what comes of it takes its place, so that what was typed does not stay behind."""
    outcome = await forms.sent(teams, person, entry)
    if isinstance(outcome, str):
        stands: Card | Block = said_card(words.FORM_CLOSED_NOTICE, outcome)
    elif isinstance(outcome, Card):
        stands = outcome
    elif outcome:
        stands = outcome.block(inline=True)
    elif entry.close:
        saved_before = entry.form.startswith(("edit", "plan", "people"))  # or perhaps: nobody knows any more
        stands = said_card(words.FORM_CLOSED_NOTICE, words.CLOSED if saved_before else words.FORM_CLOSED)
    else:
        stands = said_card(words.FORM_SAVED_NOTICE, words.FORM_SAVED)
    if not isinstance(outcome, Shown) or outcome.refused:
        await _leave_form(teams, activity, person, entry)
    teams.replace(activity, stands)
    return card_reply(stands, teams.chat.dialogs) if isinstance(stands, Card) else block_reply(stands)


def _answered(teams: Teams, activity: Activity, answer: Card | str | None) -> Reply:
    """A card stands from now on in the place of the one that was pressed."""
    if isinstance(answer, str):
        return sentence_reply(answer)
    if answer is None:
        return _HANDLED
    teams.replace(activity, answer)
    return card_reply(answer, teams.chat.dialogs)


async def _leave_form(teams: Teams, activity: Activity, person: Person | None, entry: Entry) -> None:
    """A form that is done with, or holds text that was not taken, is not closed with its note; its card may be late."""
    if entry.form not in FORMS_OF_NOTES | {READING} or person is None:
        return
    if activity.reply_to:
        posted = Posted(PLATFORM, activity.tenant_id, activity.conversation_id, activity.reply_to)
        await teams.front.screens.forget_form(NoteId(entry.id), posted)
    teams.front.refresh(NoteId(entry.id), person)


async def _pressed(teams: Teams, person: Person | None, entry: Entry) -> NoteId:
    """Do what the button says. Raises UserMistake."""
    desk, via, note_id = teams.front.desk, teams.front.platform, NoteId(entry.note)
    if entry.action != PICK:
        await do_press(teams.front, person, entry.press())
        return note_id
    client, day = entry.values.get("pick_client", ""), entry.values.get("pick_date", "")
    if not client and not day:
        raise UserMistake("nothing_picked", words.ASK_SESSION)
    await describe_session(desk, person, note_id, client or None, parse_day(day) if day else None, via)
    return note_id


async def _card(teams: Teams, person: Person | None, note_id: NoteId) -> Card:
    """The note's card as it is, for who may see it; an administrator gets what they are told. Raises NotAllowed."""
    desk = teams.front.desk
    opened = await open_note(desk, note_id)
    if person and Role.ADMINISTRATOR in person.roles and person.id != opened.note.clinician_id:
        return teams.front.screens.administrators.card(opened, person)
    allow(person, ActKind.VIEW, opened.note)
    shown = desk.shown(opened.note, opened.filings, opened.plan, opened.around, opened.rounds)
    return card_for(opened.note, shown)


def _refresh(teams: Teams, activity: Activity, person: Person | None, entry: Entry, mistake: UserMistake) -> None:
    """A card that was late is shown as its note is now; on another, what was picked stays."""
    if entry.note and isinstance(mistake, Stale):
        teams.front.refresh(NoteId(entry.note), person, _address(activity))


def _address(activity: Activity) -> tuple[str, str] | None:
    """Where the card stands that was pressed."""
    return (activity.conversation_id, activity.reply_to) if activity.personal and activity.reply_to else None
