"""Who is on the roster: added, changed, deactivated and reactivated by an administrator. Nobody is ever removed."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.errors import NotFound, Stale, UserMistake
from bot.domain.ids import PersonId, new_person_id
from bot.domain.note import State
from bot.domain.people import Account, Person, Practice, Role
from bot.domain.people_rules import (
    check_accounts,
    check_new_accounts,
    check_nobody_is_left_alone,
    check_person,
    check_somebody_administers,
    check_supervision,
    supervisors,
)
from bot.domain.policy import ActKind, allow
from bot.domain.roster import CHANGED, OWN_CHANGED, Member, merged
from bot.domain.supervision import Supervision
from bot.ports import Act, UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.keep_roster import renew_roster

_BACK = dt.timedelta(days=3650)
_MOST = 500
_MOST_IN_REVIEW = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody as they are on the roster: how they were set, and how many notes are theirs, by state."""

    member: Member
    notes: Mapping[State, int]


async def list_people(desk: Desk, actor: Person | None, *, operator: bool = False) -> Practice:
    """The roster as it is at present, for an administrator. Raises NotAllowed."""
    if not operator:
        allow(actor, ActKind.PEOPLE)
    await renew_roster(desk)
    return desk.practice


async def open_person(desk: Desk, actor: Person | None, person_id: PersonId, *, operator: bool = False) -> Standing:
    """One person, to be changed. Raises NotAllowed, NotFound."""
    if not operator:
        allow(actor, ActKind.PEOPLE)
    await renew_roster(desk)
    async with desk.database.reading(desk.id) as unit:
        notes = await unit.notes.of_clinician(person_id, desk.clock.now() - _BACK, _MOST)
    return Standing(_member(desk.practice, desk.roster.members, person_id), Counter(note.state for note in notes))


async def add_person(
    desk: Desk,
    actor: Person | None,
    person: Person,
    supervision: Supervision | None,
    via: str,
    *,
    operator: bool = False,
) -> Person:
    """Put somebody on the roster, under their own id or a new one. Raises UserMistake, NotAllowed.

    Sent twice it adds one; Stale when the id is somebody else's.
    """
    made = person.id or new_person_id()
    held = replace(supervision, clinician=made) if supervision else None
    wanted = Member(replace(person, id=made, active=True), held)
    return await _save(desk, actor, wanted, 0, "added", via, operator=operator)


async def change_person(
    desk: Desk,
    actor: Person | None,
    person: Person,
    supervision: Supervision | None,
    seen: int,
    via: str,
    *,
    operator: bool = False,
) -> Person:
    """Set somebody anew. `seen`: the revision on which the form was opened. Raises Stale, UserMistake, NotAllowed."""
    held = replace(supervision, clinician=person.id) if supervision else None
    return await _save(desk, actor, Member(person, held), seen, "changed", via, operator=operator)


async def deactivate_person(
    desk: Desk, actor: Person | None, person_id: PersonId, via: str, *, operator: bool = False
) -> Person:
    """Somebody may do nothing any more, at once. Their notes stay as they are. Harmless when that is so already."""
    return await _activate(desk, actor, person_id, False, via, operator=operator)


async def reactivate_person(
    desk: Desk, actor: Person | None, person_id: PersonId, via: str, *, operator: bool = False
) -> Person:
    """Somebody is back, as what they were. Harmless when they are there."""
    return await _activate(desk, actor, person_id, True, via, operator=operator)


async def own_entry(desk: Desk, unit: UnitOfWork, actor: Person | None) -> Member:
    """How the actor was set. Raises NotAllowed, also for who left the roster a moment ago."""
    actor = allow(actor, ActKind.CHOOSE)
    members = tuple(await unit.people.all())
    practice = merged(desk.roster.filed, members, desk.today(None))
    allow(practice.person(actor.id), ActKind.CHOOSE)
    return _member(practice, members, actor.id)


async def set_own_entry(
    desk: Desk, unit: UnitOfWork, actor: Person | None, credentials: str, default_format: str, seen: int, via: str
) -> bool:
    """What everybody may set of themselves, and nothing else; whether it is another now. The caller commits.

    `seen`: the revision on which the form was opened. Raises Stale, UserMistake, NotAllowed.
    """
    was = await own_entry(desk, unit, actor)
    person = _tidy(replace(was.person, credentials=credentials, default_format=default_format))
    if (person.credentials, person.default_format) == (was.person.credentials, was.person.default_format):
        return False
    if was.revision != seen:
        raise Stale("stale_person", OWN_CHANGED)
    check_person(person, desk.startable)
    wanted = replace(was, person=person)
    act = f"person {_said(was, wanted, 'changed')}: {person.id}"
    await _put(desk, unit, wanted, seen, person.id, act, via)
    return True


async def first_administrator(desk: Desk, account: Account, name: str, via: str) -> Person | None:
    """Who brings the bot becomes the administrator of a practice with nobody on its roster; None when somebody is."""
    async with desk.database.writing(desk.id) as unit:
        members = tuple(await unit.people.all())
        if desk.roster.filed.people or members:
            return None
        person = Person(
            new_person_id(),
            name.strip()[:80] or "Administrator",
            "",
            frozenset({Role.ADMINISTRATOR}),
            desk.practice.timezone,
            desk.practice.default_format,
            (account,),
        )
        await _keep(desk, unit, Member(person), 0, person.id, f"person added: {person.id}", via)
    return await _renewed(desk, person.id)


async def _activate(
    desk: Desk, actor: Person | None, person_id: PersonId, active: bool, via: str, *, operator: bool
) -> Person:
    if not operator:
        allow(actor, ActKind.PEOPLE)
    await renew_roster(desk)
    member = _member(desk.practice, desk.roster.members, person_id)
    if member.person.active == active:
        return member.person
    wanted = replace(member, person=replace(member.person, active=active))
    return await _save(desk, actor, wanted, member.revision, "changed", via, operator=operator)


async def _save(
    desk: Desk, actor: Person | None, wanted: Member, seen: int, what: str, via: str, *, operator: bool
) -> Person:
    by = None if operator else allow(actor, ActKind.PEOPLE).id
    wanted = replace(wanted, person=_tidy(wanted.person))
    async with desk.database.writing(desk.id) as unit:
        members = tuple(await unit.people.all())
        day = desk.today(None)
        before = merged(desk.roster.filed, members, day)
        if by is not None:
            allow(before.person(by), ActKind.PEOPLE)  # they may have lost the role a moment ago
        was = _member(before, members, wanted.person.id) if what == "changed" else None
        if was is not None and was.revision != seen:
            raise Stale("stale_person", CHANGED)
        if was is not None and (was.person, was.supervision) == (wanted.person, wanted.supervision):
            return was.person
        if was is None and (there := before.person(wanted.person.id)):
            if any(member.person == wanted.person for member in members):
                return there
            raise Stale("stale_person", CHANGED)
        others = tuple(member for member in members if member.person.id != wanted.person.id)
        after = merged(desk.roster.filed, (*others, wanted), day)
        check_accounts(after, wanted.person)
        check_new_accounts(wanted.person, was.person.accounts if was else ())
        if wanted.person.active:
            check_person(wanted.person, desk.startable)
            check_supervision(after, wanted.person, wanted.supervision)
        check_somebody_administers(before, after)
        check_nobody_is_left_alone(before, after, wanted.person.id, day)
        await _check_reviews(unit, wanted.person.id, before, after)
        act = f"person {_said(was, wanted, what)}: {wanted.person.id}"
        await _keep(desk, unit, wanted, seen, by, act, via)
    return await _renewed(desk, wanted.person.id)


async def _keep(
    desk: Desk, unit: UnitOfWork, member: Member, seen: int, by: PersonId | None, act: str, via: str
) -> None:
    await _put(desk, unit, member, seen, by, act, via)
    await unit.commit()


async def _put(
    desk: Desk, unit: UnitOfWork, member: Member, seen: int, by: PersonId | None, act: str, via: str
) -> None:
    now = desk.clock.now()
    await unit.people.save(member, seen, by, now)
    await unit.audit.append(Act(by, act, None, seen + 1, "", now, via))


async def _renewed(desk: Desk, person_id: PersonId) -> Person:
    await renew_roster(desk)
    return _member(desk.practice, desk.roster.members, person_id).person


async def _check_reviews(unit: UnitOfWork, person: PersonId, before: Practice, after: Practice) -> None:
    """Nothing waits for somebody who may not review any more. Raises UserMistake."""
    able, were = {p.id for p in supervisors(after)}, {p.id for p in supervisors(before)}
    if person in able or person not in were:
        return
    waiting = 0
    for note_id in await unit.notes.in_states([State.IN_REVIEW], _MOST_IN_REVIEW):
        review = (await unit.notes.get(note_id)).review
        waiting += review is not None and person in review.supervisors and not able & set(review.supervisors)
    if waiting:
        what = "1 note waits" if waiting == 1 else f"{waiting} notes wait"
        raise UserMistake("reviews_wait", f"{what} for this person's review. Reassign what waits first, then do this.")


def _member(practice: Practice, members: tuple[Member, ...], person_id: PersonId) -> Member:
    """How somebody was set; who stands in the file only has revision 0."""
    found = next((member for member in members if member.person.id == person_id), None)
    if found is not None:
        return found
    filed = practice.person(person_id)
    if filed is None:
        raise NotFound("no_such_person", "I can't find that person on the list any more. Please open it again.")
    of_file = (each for each in practice.supervision if each.clinician == person_id)
    held = filed.supervision or next(of_file, None)  # the one in force, where the file has several
    return Member(replace(filed, practice_id=None, supervision=None, supervisees=()), held)


def _tidy(person: Person) -> Person:
    accounts = tuple(Account(a.platform, a.id.strip()) for a in person.accounts if a.id.strip())
    return replace(
        person,
        name=" ".join(person.name.split()),
        credentials=" ".join(person.credentials.split()),
        accounts=tuple(sorted(accounts, key=lambda account: account.platform)),
        practice_id=None,
        supervision=None,
        supervisees=(),
    )


def _said(was: Member | None, now: Member, what: str) -> str:
    """For the audit log: what was done, and to which of their particulars; never the particulars themselves."""
    if was is None:
        return what
    if was.person.active != now.person.active:
        return "reactivated" if now.person.active else "deactivated"
    names = ("name", "credentials", "roles", "timezone", "default_format", "accounts")
    changed = [name for name in names if getattr(was.person, name) != getattr(now.person, name)]
    changed += ["supervision"] if was.supervision != now.supervision else []
    return f"{what} ({', '.join(changed)})"
