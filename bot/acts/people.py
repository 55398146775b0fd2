"""A practice's people in a chat: which dialog follows on which, and what a sent one sets. The same in every chat."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.acts.front import Front
from bot.acts.sent_forms import Sent
from bot.cards import people_words, words
from bot.cards.elements import Card, Form
from bot.cards.forms import message_form
from bot.cards.people_forms import NEW, Around, add_form, change_form, people_form, welcome_card
from bot.cards.plan_forms import typed_day
from bot.cards.screens import help_card
from bot.domain.errors import EffectError, UserMistake
from bot.domain.ids import PersonId, new_person_id
from bot.domain.people import Account, Person, Role
from bot.domain.supervision import Mode, Supervision
from bot.ports import Place
from bot.workflows.desk import Desk
from bot.workflows.people import add_person, change_person, list_people, open_person

COMMAND = "people"
_NEW_ID = re.compile(r"p[0-9a-z]{10}")
_COMMANDS = {"slack": "`/note {word}`", "teams": "`{word}`"}


def is_command(text: str) -> bool:
    """Whether this asks for the practice's people."""
    return text.strip().casefold() == COMMAND


async def people_for(desk: Desk, person: Person | None, said: str = "") -> Form:
    """Who is on the list. Raises NotAllowed for everybody but administrators."""
    return people_form(await list_people(desk, person), said)


async def form_for(front: Front, person: Person | None, chosen: str) -> Form:
    """The form of whom was chosen, or of somebody new. Raises UserMistake."""
    practice = await list_people(front.desk, person)
    around = Around(practice, front.desk.startable, _chats(front))
    if chosen in ("", NEW):
        return add_form(new_person_id(), around)
    standing = await open_person(front.desk, person, PersonId(chosen))
    member = standing.member
    return change_form(member.person, member.supervision, member.revision, standing.notes, around)


async def form_again(front: Front, person: Person | None, sent: Sent) -> Form:
    """The form that was sent and not taken, as it opens now. Raises UserMistake."""
    if sent.form == "people_list":
        return await people_for(front.desk, person)
    return await form_for(front, person, NEW if sent.form == "people_add" else sent.note_id)


async def follow(front: Front, person: Person | None, sent: Sent) -> Form:
    """What stands next: the form of whom was chosen, or the list once somebody is set. Raises UserMistake."""
    desk = front.desk
    if sent.form == "people_list":
        return await form_for(front, person, sent.values.get("person", ""))
    if sent.form == "people_add":
        added = await _added(front, person, sent)
        return await people_for(desk, person, people_words.SAVED_ADDED.format(name=added.name))
    if sent.form != "people_change":
        raise UserMistake("unknown_form", words.TROUBLE)
    changed = await _changed(front, person, sent)
    said = people_words.SAVED_CHANGED.format(name=changed.name)
    if person and changed.id == person.id and Role.ADMINISTRATOR not in changed.roles:
        return message_form(people_words.PEOPLE_TITLE, said)
    return await people_for(desk, person, said)


async def _added(front: Front, actor: Person | None, sent: Sent) -> Person:
    wanted = _NEW_ID.fullmatch(sent.note_id)
    fresh = Person(PersonId(sent.note_id) if wanted else new_person_id(), "", "", frozenset())
    person, held = _typed(fresh, None, sent.values)
    added = await add_person(front.desk, actor, person, held, front.platform)
    front.later.run(welcome(front, added, added.accounts))
    return added


async def _changed(front: Front, actor: Person | None, sent: Sent) -> Person:
    was = (await open_person(front.desk, actor, PersonId(sent.note_id))).member
    person, held = _typed(was.person, was.supervision, sent.values)
    changed = await change_person(front.desk, actor, person, held, sent.version, front.platform)
    new = [account for account in changed.accounts if account not in was.person.accounts]
    if changed.active:
        front.later.run(welcome(front, changed, new))
    return changed


async def welcome(front: Front, person: Person, accounts: Sequence[Account]) -> None:
    """Say hello where they were added; who has not met the bot in Teams yet hears it when they do."""
    for account in accounts:
        chat = front.screens.chats.get(account.platform)
        if chat is not None:
            with contextlib.suppress(EffectError):
                await chat.post(Place(account.platform, account.id), _welcome(front.desk, person, account.platform))


def _welcome(desk: Desk, person: Person, platform: str) -> Card:
    helping = help_card(desk.offered, words.HELP_IN[platform]).elements if person.writes else ()
    asked, more = COMMAND, people_words.WELCOME_ADMINISTRATOR
    if Role.ADMINISTRATOR not in person.roles:
        asked, more = "help", people_words.WELCOME_OTHER
    typed = _COMMANDS[platform].format(word=asked)
    return welcome_card(desk.practice.name, helping, more.format(typed=typed))


def _chats(front: Front) -> tuple[str, ...]:
    """The chats in which people are named: those of this practice, this one at least."""
    named = {workspace.platform for workspace in front.desk.practice.workspaces} | {front.platform}
    return tuple(chat for chat in people_words.CHATS if chat in named)


def _typed(was: Person, held: Supervision | None, values: Mapping[str, str]) -> tuple[Person, Supervision | None]:
    """Somebody as the form says; what it did not ask for stays. Raises UserMistake."""
    accounts = {account.platform: account.id for account in was.accounts}
    accounts |= {chat: _account(chat, values[chat]) for chat in people_words.CHATS if chat in values}
    person = replace(
        was,
        name=values.get("name", was.name),
        credentials=values.get("credentials", was.credentials),
        roles=_roles(values.get("roles", "")),
        timezone=values.get("timezone", was.timezone).strip(),
        default_format=values.get("format", was.default_format),
        accounts=tuple(Account(chat, user) for chat, user in accounts.items() if user),
        active=values.get("access", "yes") != "no",
    )
    return person, _supervision(person.id, values) if "mode" in values else held


def _account(chat: str, typed: str) -> str:
    return typed.strip().lower() if chat == "teams" else typed.strip()


def _roles(chosen: str) -> frozenset[Role]:
    try:
        return frozenset(Role(role) for role in filter(None, chosen.split(",")))
    except ValueError:
        raise UserMistake("needs_role", words.TROUBLE) from None


def _supervision(person: PersonId, values: Mapping[str, str]) -> Supervision | None:
    mode = Mode(values["mode"]) if values["mode"] in set(Mode) else Mode.NONE
    if mode is Mode.NONE:
        return None
    named = tuple(PersonId(each) for each in values.get("supervisors", "").split(",") if each)
    share = values.get("sample_percent", "").strip() if mode is Mode.SAMPLE else ""
    percent = int(share) if share.isdecimal() else 0
    since, until = typed_day(values.get("since", "")), typed_day(values.get("until", ""))
    return Supervision(person, named, mode, since, until, percent)
