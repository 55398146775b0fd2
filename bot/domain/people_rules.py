"""What holds for a practice's people whatever is changed. Pure: asked of the roster as it would be after a change."""

import datetime as dt
import re
from collections.abc import Collection
from zoneinfo import available_timezones

from bot.domain.errors import UserMistake
from bot.domain.ids import PersonId
from bot.domain.people import Account, Person, Practice, Role
from bot.domain.supervision import Mode, Supervision

LONGEST_NAME = 80
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check_person(person: Person, formats: Collection[str]) -> None:
    """What is said of one person. Raises UserMistake with what to do."""
    if not person.name.strip():
        raise UserMistake("needs_name", "Please give the name as it is to stand under a signature.")
    if max(len(person.name), len(person.credentials)) > LONGEST_NAME:
        raise UserMistake(
            "long_name", f"Please keep the name and the credentials under {LONGEST_NAME} characters each."
        )
    if not person.roles:
        raise UserMistake("needs_role", "Please choose at least one role.")
    if person.timezone not in available_timezones():
        raise UserMistake("bad_timezone", "I don't know this time zone. Please write one such as America/Chicago.")
    if person.default_format not in formats:
        raise UserMistake("unknown_format", "Please choose one of your practice's formats.")


def check_new_accounts(person: Person, known: Collection[Account]) -> None:
    """Ids as a chat gives them; those that are `known` were taken before. Raises UserMistake."""
    for account in person.accounts:
        if account in known:
            continue
        if account.platform == "slack" and not _SLACK_ID.fullmatch(account.id):
            raise UserMistake("bad_slack_id", "A Slack user id begins with U, such as U0EXAMPLE01: see their profile.")
        if account.platform == "teams" and not _GUID.fullmatch(account.id):
            raise UserMistake(
                "bad_teams_id", "Please give this person's object id in Entra: 32 letters and figures with dashes."
            )


def check_accounts(practice: Practice, person: Person) -> None:
    """An account belongs to one person for good: what it did stays theirs. Raises UserMistake."""
    for account in person.accounts:
        other = next((p for p in practice.people if p.id != person.id and account in p.accounts), None)
        if other is not None:
            state = "" if other.active else ", who is deactivated: reactivate them instead"
            raise UserMistake(
                f"{account.platform}_taken", f"This account belongs to {other.name} already{state}. Choose another one."
            )


def check_supervision(practice: Practice, person: Person, held: Supervision | None) -> None:
    """Who is to review whose notes. `practice` with the change in it. Raises UserMistake."""
    if held is None:
        return
    if not person.writes:
        raise UserMistake("supervises_nothing", "This person writes no notes, so choose no review for them.")
    if not held.supervisors:
        raise UserMistake("needs_supervisors", "Please choose who reviews their notes, or no review.")
    if person.id in held.supervisors:
        raise UserMistake("own_supervisor", "Nobody supervises themselves. Please choose somebody else.")
    for supervisor in held.supervisors:
        found = practice.person(supervisor)
        if found is None or not found.active or Role.SUPERVISOR not in found.roles:
            name = found.name if found else "Somebody chosen there"
            raise UserMistake("no_supervisor", f"{name} is no supervisor at present. Give them that role first.")
    if held.mode is Mode.SAMPLE and not 1 <= held.sample_percent <= 100:
        raise UserMistake("bad_percent", "Please give the share of notes to be drawn, from 1 to 100 percent.")
    if held.since and held.until and held.until < held.since:
        raise UserMistake("bad_until", "The last day is before the first one. Please change one of them.")


def check_somebody_administers(before: Practice, after: Practice) -> None:
    """The last active administrator stays one, or nobody could put anything right in the chat. Raises UserMistake."""
    if administrators(before) and not administrators(after):
        raise UserMistake(
            "last_administrator",
            "This is your practice's last administrator. Make somebody else one first, then do this.",
        )


def check_nobody_is_left_alone(before: Practice, after: Practice, person: PersonId, day: dt.date) -> None:
    """Nobody's only supervisor is taken away. Raises UserMistake that names for whom to choose another one."""
    left = [
        held.clinician
        for held in after.supervision
        if person in held.supervisors and (held.until is None or held.until >= day)
        if _fit(before, held) and not _fit(after, held)
    ]
    names = [found.name for each in left if (found := after.person(each)) and found.active]
    if names:
        raise UserMistake(
            "only_supervisor",
            f"Nobody else supervises {_listed(names)}. Choose another supervisor for them first, then do this.",
        )


def administrators(practice: Practice) -> tuple[Person, ...]:
    """Those who may change the roster."""
    return tuple(p for p in practice.people if p.active and Role.ADMINISTRATOR in p.roles)


def supervisors(practice: Practice) -> tuple[Person, ...]:
    """Those who may review."""
    return tuple(p for p in practice.people if p.active and Role.SUPERVISOR in p.roles)


def _fit(practice: Practice, held: Supervision) -> bool:
    able = {person.id for person in supervisors(practice)}
    return bool(able & set(held.supervisors))


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
