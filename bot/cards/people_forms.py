"""The dialogs about a practice's people, as pure functions. They carry a person's id and revision, never a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards import people_words as words
from bot.cards.elements import (
    Actions,
    Button,
    Card,
    Checks,
    Choice,
    DateInput,
    Element,
    Field,
    Form,
    NumberInput,
    PersonInput,
    Prose,
    Remark,
    Select,
    Sentence,
    Style,
    TextInput,
)
from bot.domain.formats import Format
from bot.domain.ids import PersonId
from bot.domain.note import State
from bot.domain.people import Person, Practice, Role
from bot.domain.people_rules import LONGEST_NAME, supervisors
from bot.domain.supervision import Mode, Supervision

OPEN_PEOPLE = "people_open"
NEW = "new"
_SHOWN, _LINE, _LABEL = 40, 160, 50  # so that the list fits into one dialog
_CHOSEN_FROM = 99  # a menu holds 100, one of which adds somebody
_MOST_SUPERVISORS = 10  # boxes that a chat takes in one group


@dataclass(frozen=True, slots=True)
class Around:
    """What the form of a person needs of their practice. `chats`: those in which people are named here."""

    practice: Practice
    formats: Mapping[str, Format]
    chats: Sequence[str]


def people_card() -> Card:
    """A button that opens the list, where a chat cannot open it by itself."""
    button = Button(OPEN_PEOPLE, words.PEOPLE_OPEN, "", Style.PRIMARY)
    return Card(words.PEOPLE_NOTICE, (Remark(words.PEOPLE_HERE), Actions("people", (button,))))


def people_form(practice: Practice, said: str = "") -> Form:
    """Who is on the list, and whom to open. `said`: what was done a moment ago."""
    people = sorted(practice.people, key=lambda person: (not person.active, person.name.casefold()))
    lines = tuple(_cut(person_line(practice, person), _LINE) for person in people[:_SHOWN])
    fields: list[Field] = [Sentence(said)] if said else []
    fields += [Prose("", lines)] if lines else [Remark(words.NOBODY)]
    if len(people) > _SHOWN:
        fields.append(Remark(words.PEOPLE_MORE.format(count=len(people) - _SHOWN)))
    choices = [Choice(NEW, words.ADD_SOMEBODY), *(Choice(p.id, _cut(p.name, _LABEL)) for p in people[:_CHOSEN_FROM])]
    fields += [Remark(words.PEOPLE_HINT), Select("person", words.CHOOSE_LABEL, tuple(choices), NEW)]
    return Form("people_list", words.PEOPLE_TITLE, tuple(fields), words.OPEN)


def person_line(practice: Practice, person: Person) -> str:
    """`Rosa Delgado, LPC-Associate · Associate · co-signed by Miriam Weiss · Slack, Teams`."""
    roles = ", ".join(words.ROLES[role].partition(" (")[0].partition(",")[0] for role in Role if role in person.roles)
    chats = ", ".join(words.CHATS[account.platform] for account in person.accounts if account.platform in words.CHATS)
    parts = [person.signature_line, roles, _reviewed(practice, person), chats or words.NOT_REACHED]
    return " · ".join(filter(None, [*parts, "" if person.active else words.DEACTIVATED]))


def add_form(person_id: PersonId, around: Around) -> Form:
    """Somebody new, under an id of their own, so that sending it twice adds one."""
    practice = around.practice
    fresh = Person(person_id, "", "", frozenset({Role.CLINICIAN}), practice.timezone, practice.default_format)
    return _form("people_add", words.ADD_TITLE, fresh, None, 0, around, ())


def change_form(
    person: Person, held: Supervision | None, revision: int, notes: Mapping[State, int], around: Around
) -> Form:
    """Somebody as they were set, and how many notes are theirs."""
    counts = ", ".join(f"{words.STATES[state]} {count}" for state in State if (count := notes.get(state, 0)))
    said = Remark(words.NOTES.format(counts=counts) if counts else words.NO_NOTES)
    choices = tuple(Choice(value, label) for value, label in words.ACCESS.items())
    access = Select("access", words.ACCESS_LABEL, choices, "yes" if person.active else "no")
    return _form("people_change", words.CHANGE_TITLE, person, held, revision, around, (said, access))


def welcome_card(practice: str, elements: Sequence[Element], more: str) -> Card:
    """What somebody who was added reads first. `elements`: how a note is written, for who writes any."""
    return Card(words.WELCOME_NOTICE, (Sentence(words.WELCOME.format(practice=practice)), *elements, Remark(more)))


def _form(
    name: str,
    title: str,
    person: Person,
    held: Supervision | None,
    revision: int,
    around: Around,
    above: Sequence[Field],
) -> Form:
    roles = tuple(Choice(role.value, words.ROLES[role]) for role in Role)
    formats = tuple(Choice(key, fmt.name) for key, fmt in around.formats.items())
    fields = (
        *above,
        TextInput("name", words.NAME_LABEL, person.name, words.NAME_HINT, optional=False, max_length=LONGEST_NAME),
        TextInput(
            "credentials",
            words.CREDENTIALS_LABEL,
            person.credentials,
            words.CREDENTIALS_HINT,
            max_length=LONGEST_NAME,
        ),
        Checks("roles", words.ROLES_LABEL, roles, tuple(r.value for r in Role if r in person.roles), optional=False),
        *(_account(person, chat) for chat in around.chats),
        *_supervision(person, held, around.practice),
        Select("format", words.FORMAT_LABEL, formats, person.default_format),
        TextInput(
            "timezone", words.TIMEZONE_LABEL, person.timezone, words.TIMEZONE_HINT, optional=False, max_length=60
        ),
    )
    return Form(name, title, fields, words.SAVE, "Cancel", f"{person.id}:{revision}")


def _account(person: Person, chat: str) -> Field:
    user = person.user_on(chat)
    shown = person.name if user else ""
    return PersonInput(chat, words.ACCOUNT_LABELS[chat], chat, user, shown, words.ACCOUNT_HINTS[chat])


def _supervision(person: Person, held: Supervision | None, practice: Practice) -> Sequence[Field]:
    named = held.supervisors if held else ()
    able = [each for each in supervisors(practice) if each.id != person.id]
    offered = sorted(able, key=lambda each: (each.id not in named, each.name.casefold()))[:_MOST_SUPERVISORS]
    ticked = tuple(each.id for each in offered if each.id in named)
    if not offered:
        return (Remark(words.NO_SUPERVISORS),)
    modes = tuple(Choice(mode.value, words.MODES[mode]) for mode in Mode)
    percent = held.sample_percent if held and held.sample_percent else None
    return (
        Select("mode", words.MODE_LABEL, modes, (held.mode if held else Mode.NONE).value),
        Checks("supervisors", words.SUPERVISORS_LABEL, tuple(Choice(e.id, e.name) for e in offered), ticked),
        NumberInput("sample_percent", words.PERCENT_LABEL, percent, 1, 100),
        DateInput("since", words.SINCE_LABEL, held.since.isoformat() if held and held.since else ""),
        DateInput("until", words.UNTIL_LABEL, held.until.isoformat() if held and held.until else ""),
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _reviewed(practice: Practice, person: Person) -> str:
    held = person.supervision
    if held is None or held.mode is Mode.NONE:
        return words.UNSUPERVISED if Role.ASSOCIATE in person.roles else ""
    names = " or ".join(found.name for each in held.supervisors if (found := practice.person(each)))
    return words.REVIEWED[held.mode].format(names=names, percent=held.sample_percent)
