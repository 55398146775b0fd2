"""What people do in Teams outside of a note's card: a message, meeting the bot, a message extension.

Every handler commits first and answers then.
"""

import hashlib

from bot.acts import learning, several
from bot.acts.day import Doing
from bot.acts.first_person import first_person
from bot.acts.people import is_command as is_people
from bot.acts.plans import command_code, form_of
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
from bot.cards.elements import Card
from bot.cards.forms import INPUT_LIMIT
from bot.cards.install_words import FIRST_NAME
from bot.cards.people_forms import people_card
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.ids import NoteId, new_note_id
from bot.domain.note import State
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.drafting.headline import parse_headline
from bot.teams import day_handlers, forms, note_handlers
from bot.teams.activity import Activity
from bot.teams.app import Reply
from bot.teams.app_package import FROM_MESSAGE, NEW_NOTE
from bot.teams.blocks import CLIENT_CODES, Block
from bot.teams.front import Teams
from bot.teams.inbound import attached, bot_arrived, message_of, sender_name, typed_text, was_edited
from bot.teams.meeting import meet, pointer
from bot.teams.replies import Shown, dialog_reply, dialog_sentence
from bot.teams.screens import plan_card, welcome_card
from bot.workflows.plan import open_plan

_HANDLED = Reply()
_SEARCH_RESPONSE = "application/vnd.microsoft.search.searchResponse"
_MOST_FOUND = 15  # Teams shows no more
_LONGEST_QUERY = 64
_MOST_TRIES = 20  # of one message, each discarded again


async def on_message(teams: Teams, activity: Activity) -> Reply:
    """A direct message is a summary, a command or a hello. Anywhere else it only says where to write."""
    source = _source(activity, activity.id)
    if not activity.personal:
        if await teams.front.first_time(source):
            teams.say(activity, words.ONLY_IN_DIRECT)
        return _HANDLED
    await meet(teams, activity)
    if activity.value:
        return await note_handlers.on_data(teams, activity)
    try:
        said = await _answer(teams, activity, source)
    except UserMistake as mistake:
        said = words.sentence(mistake)
    if said and await teams.front.first_time(source):
        teams.say(activity, said)
    return _HANDLED


async def on_edit(teams: Teams, activity: Activity) -> Reply:
    """A message of which there is a note has another text now: who wrote it is told, once, that the note has not."""
    if not activity.personal or not was_edited(activity) or teams.actor(activity) is None:
        return _HANDLED
    source = _source(activity, activity.id)
    if await _started(teams, source) and await teams.front.first_time(f"{source}:edited"):
        teams.say(activity, words.EDITED)
    return _HANDLED


async def on_arrival(teams: Teams, activity: Activity) -> Reply:
    """Somebody added the bot: a welcome, once a conversation. The first of a practice with nobody administers it."""
    if not activity.personal or not bot_arrived(activity):
        return _HANDLED
    if teams.actor(activity) is None:
        await first_person(teams.front, activity.user_id.lower(), sender_name(activity) or FIRST_NAME)
    await meet(teams, activity)
    if await teams.front.first_time(f"teams:welcome:{activity.conversation_id}"):
        known = teams.actor(activity) is not None
        teams.say(activity, welcome_card(teams.front.desk.offered, greeting=True) if known else words.NOT_ON_ROSTER)
    return _HANDLED


async def on_extension(teams: Teams, activity: Activity) -> Reply:
    """“New note” from anywhere: the form opens. Or “Draft a note from this”, on a message of one's own."""
    command = activity.value.get("commandId")
    try:
        person = teams.actor(activity)
        if command == FROM_MESSAGE:
            return await _from_message(teams, activity, person)
        if command != NEW_NOTE:
            raise UserMistake("unknown_command", words.TROUBLE)
        return dialog_reply(await forms.new_note(teams, person, ""))
    except UserMistake as mistake:
        return dialog_sentence(words.sentence(mistake))


async def on_search(teams: Teams, activity: Activity) -> Reply:
    """Type-ahead over client codes in a form."""
    typed, about = activity.value.get("queryText"), activity.value.get("dataset")
    wanted = about == CLIENT_CODES and isinstance(typed, str)
    found = await teams.clients_like(teams.actor(activity), str(typed)[:_LONGEST_QUERY]) if wanted else []
    results = [{"title": label, "value": code} for code, label in found[:_MOST_FOUND]]
    return Reply({"statusCode": 200, "type": _SEARCH_RESPONSE, "value": {"results": results}})


async def _answer(teams: Teams, activity: Activity, source: str) -> Card | Block | str | None:
    """What a direct message comes to, and what there is to say to it. Raises UserMistake."""
    desk, text, files = teams.front.desk, typed_text(activity), attached(activity)
    person = teams.actor(activity)
    if person is None:
        raise NotAllowed("not_on_roster", words.NOT_ON_ROSTER)
    if not files and is_courtesy(text):
        return None
    if not files and (answer := await _answered(teams, person, text)):
        return answer
    clinician = allow(person, ActKind.WRITE)
    if not files and (said := await several.from_message(Doing(teams.front, person, source), text)) is not None:
        return said or None
    headline, summary = parse_headline(text, desk.today(clinician), desk.startable)
    stray = stray_word(summary, headline, desk)
    if stray and not stray.meant:
        stray = None  # nothing told that a format would come first: “Slip on Saturday” is a summary
    if not files and wants_form(summary, stray):
        form = filled_form(desk, clinician, headline, summary, stray)
        return (await forms.new_note(teams, person, "", form)).block(inline=True)
    if not files and not reads_like_a_summary(summary, headline):
        return welcome_card(desk.offered, remark=words.NOT_A_SUMMARY)
    started = await start(desk, person, headline, summary, source, teams.front.platform, files)
    if started.again:
        teams.front.refresh(started.note_id, person)
    else:
        teams.typing(activity)
        await teams.front.work.draft(desk.id, started.note_id)
    return None


async def _answered(teams: Teams, person: Person, text: str) -> Card | Block | None:
    """The answer to a word for the bot itself; None for anything else. Raises UserMistake."""
    desk, word = teams.front.desk, text.casefold()
    if word in ("help", "?"):
        return welcome_card(desk.offered)
    if is_greeting(text):
        return welcome_card(desk.offered, greeting=True)
    if word == "usage":
        return await usage(desk, person)
    if is_people(text):
        allow(person, ActKind.PEOPLE)
        return people_card()
    if (code := command_code(text)) is not None:
        return await _plan(teams, person, code)
    if (typed := learning.command_format(text)) is not None:
        return Shown(await learning.examples_for(desk, person, typed)).block(inline=True)
    if learning.is_supervision(text):
        return await learning.supervision(desk, person, teams.front.platform)
    return await day_handlers.answered(teams, person, text)


async def _plan(teams: Teams, person: Person | None, code: str) -> Card | Block:
    """A button that opens the plan; where there is none yet, the form that starts it."""
    opened = await open_plan(teams.front.desk, person, code, teams.front.platform) if code else None
    if opened and opened.plan is None:
        return Shown(form_of(teams.front.desk, person, opened)).block(inline=True)
    return plan_card(opened.id if opened else None)


async def _from_message(teams: Teams, activity: Activity, person: Person | None) -> Reply:
    """The form with the message in it; one that is too long for the form is drafted at once. Once a message."""
    author, message_id, text = message_of(activity)
    if not author or author != activity.user_id.lower():
        raise UserMistake("not_own_message", words.ONLY_OWN_MESSAGES)
    clinician = allow(person, ActKind.WRITE)
    form_id = await _free_form_id(teams, _form_id(activity, message_id)) if message_id else new_note_id()
    source = f"teams:form:{form_id}"  # what a form is sent by, too
    if earlier := await _started(teams, source) or await _started(teams, _source(activity, message_id)):
        teams.front.refresh(earlier, person)
        return dialog_sentence(await pointer(teams, activity, again=True))
    if len(text) <= INPUT_LIMIT:
        return dialog_reply(await forms.new_note(teams, person, text, form_id=form_id))
    desk = teams.front.desk
    headline, summary = parse_headline(text, desk.today(clinician), desk.startable)
    started = await start(desk, person, headline, summary, source, teams.front.platform)
    await teams.front.work.draft(desk.id, started.note_id)
    return dialog_sentence(await pointer(teams, activity, again=started.again))


async def _started(teams: Teams, source: str) -> NoteId | None:
    """The note that this message or form already started, unless it was given up since."""
    async with teams.front.desk.database.reading(teams.front.desk.id) as unit:
        note_id = await unit.notes.by_source(source)
        given_up = note_id is not None and (await unit.notes.get(note_id)).state is State.DISCARDED
        return None if given_up else note_id


async def _free_form_id(teams: Teams, form_id: str) -> str:
    """The form's id, or the next one when the note that it started was discarded."""
    async with teams.front.desk.database.reading(teams.front.desk.id) as unit:
        for number in range(_MOST_TRIES):
            numbered = f"{form_id}-{number}" if number else form_id
            note_id = await unit.notes.by_source(f"teams:form:{numbered}")
            if note_id is None or (await unit.notes.get(note_id)).state is not State.DISCARDED:
                return numbered
    return new_note_id()


def _source(activity: Activity, message_id: str) -> str:
    return f"teams:message:{activity.conversation_id}:{message_id}"


def _form_id(activity: Activity, message_id: str) -> str:
    """An opaque id of the form for one message, the same whenever it is opened by the same person."""
    conversation = activity.conversation_id.partition(";")[0]
    named = "\n".join((activity.tenant_id, activity.user_id.lower(), conversation, message_id))
    return hashlib.sha256(named.encode()).hexdigest()[:32]
