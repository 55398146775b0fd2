"""Example data for the screens about a practice's people."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from bot.cards import people_forms, people_words, screens, words
from bot.cards.elements import Card, Form
from bot.domain.formats import Format
from bot.domain.ids import PersonId, PracticeId
from bot.domain.note import State
from bot.domain.people import Account, Person, Practice, Role
from bot.domain.supervision import Mode, Supervision


def people() -> Practice:
    """A practice with somebody in every role, one of whom is gone."""
    held = Supervision(PersonId("rosa"), (PersonId("miriam"),), Mode.COSIGN, dt.date(2026, 3, 2), dt.date(2027, 3, 1))
    sampled = Supervision(PersonId("tobias"), (PersonId("miriam"), PersonId("ada")), Mode.SAMPLE, sample_percent=20)
    slack, teams = Account("slack", "U0EXAMPLE04"), Account("teams", "00000000-0000-4000-8000-000000000004")

    def one(key: str, name: str, credentials: str, *roles: Role, accounts: tuple[Account, ...] = ()) -> Person:
        return Person(PersonId(key), name, credentials, frozenset(roles), "America/Chicago", accounts=accounts)

    everybody = (
        one("miriam", "Miriam *Weiss*", "PsyD", Role.CLINICIAN, Role.SUPERVISOR, accounts=(teams,)),
        one("rosa", "Rosa <Delgado>", "LPC-Associate", Role.ASSOCIATE, accounts=(slack, teams)),
        one("tobias", "Tobias Lindgren", "LCSW", Role.CLINICIAN),
        one("ada", "Ada Moss", "LMFT", Role.SUPERVISOR, Role.AUDITOR),
        one("ned", "Ned Park", "", Role.ASSOCIATE),
        one("nora", "Nora Brandt", "", Role.ADMINISTRATOR),
        replace(one("olga", "Olga Fell", "LCSW", Role.CLINICIAN), active=False),
    )
    practice = Practice(PracticeId("larkspur"), "Larkspur", "America/Chicago", everybody, supervision=(held, sampled))
    return practice.on(dt.date(2026, 11, 23))


def people_dialogs(formats: Mapping[str, Format]) -> dict[str, Form]:
    practice = people()
    around = people_forms.Around(practice, formats, ("slack", "teams"))
    alone = people_forms.Around(replace(practice, people=()), formats, ("teams",))
    rosa, olga = practice.people[1], practice.people[-1]
    notes = {State.DRAFT: 2, State.IN_REVIEW: 1, State.FILED: 214}
    return {
        "people_list": people_forms.people_form(practice, people_words.SAVED_CHANGED.format(name="Ada Moss")),
        "people_list_nobody": people_forms.people_form(replace(practice, people=())),
        "people_add": people_forms.add_form(PersonId("p0123456789"), around),
        "people_add_first": people_forms.add_form(PersonId("p0123456789"), alone),
        "people_change": people_forms.change_form(rosa, rosa.supervision, 3, notes, around),
        "people_change_gone": people_forms.change_form(olga, None, 0, {}, around),
    }


def many_people() -> Practice:
    """More than a list shows, each with the longest name and review that can be."""
    most = replace(people().people[1], name="N<me & " * 11, credentials="cr<d & " * 11)
    everybody = tuple(
        replace(most, id=PersonId(f"p{number:010}"), roles=frozenset(Role) - {Role.CLINICIAN}) for number in range(150)
    )
    return replace(people(), people=everybody)


def people_cards(formats: Mapping[str, Format]) -> dict[str, Card]:
    return {
        "people_to_open_in_teams": people_forms.people_card(),
        "people_welcome": people_forms.welcome_card(
            "Larkspur <Street>",
            screens.help_card(formats, words.HELP_IN_SLACK).elements,
            people_words.WELCOME_OTHER.format(typed="`/note help`"),
        ),
    }


def people_extremes(formats: Mapping[str, Format]) -> dict[str, Card | Form]:
    around = people_forms.Around(many_people(), formats, ("slack", "teams"))
    return {
        "huge_people": people_forms.people_form(many_people()),
        "huge_person": people_forms.add_form(PersonId("p0123456789"), around),
    }
