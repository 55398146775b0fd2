"""A supervisor's page: how the notes of supervisees stand, in counts and times. Never a score, nobody is ranked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from bot.cards.house_words import FINDING_NAMES
from bot.domain.errors import NotFound
from bot.domain.ids import NoteId, PersonId
from bot.domain.people import Person, Role
from bot.domain.policy import ActKind, allow
from bot.domain.review import Outcome
from bot.domain.standing import Standing, SupervisionPage, WaitingNote
from bot.ports import Act, UnitOfWork
from bot.practice_ports import ReviewRow
from bot.workflows.desk import Desk
from bot.workflows.review_rounds import A_RISK

DAYS = 90
_MOST_ROUNDS = 20_000
_MOST_WAITING = 10_000
_LISTED = 10
_MOST_FINDINGS = 3


async def supervision_page(desk: Desk, actor: Person | None, via: str) -> SupervisionPage:
    """A supervisor's own supervisees and what waits for them; everybody's counts for an administrator.

    The audit log says who looked. Raises NotAllowed.
    """
    reader = allow(actor, ActKind.SUPERVISE)
    whole = Role.ADMINISTRATOR in reader.roles
    async with desk.database.reading(desk.id) as unit:
        waits = await unit.reviews.waiting(None if whole else reader.id, _MOST_WAITING)
        rounds = await unit.reviews.since(desk.clock.now() - timedelta(days=DAYS), _MOST_ROUNDS)
        mine = [row for row in waits if reader.id in row.supervisors] if Role.SUPERVISOR in reader.roles else []
        listed = await _listed(desk, unit, mine[:_LISTED])
    async with desk.database.writing(desk.id) as unit:  # apart: a year's rounds are read while others write
        await unit.audit.append(Act(reader.id, "supervision viewed", None, 0, "", desk.clock.now(), via))
        await unit.commit()
    who = _everybody(desk, (*waits, *rounds)) if whole else list(reader.supervisees)
    people = _standings(desk, who, waits, rounds)
    return SupervisionPage(desk.clock.now(), DAYS, people, tuple(listed), max(0, len(mine) - _LISTED), own=not whole)


async def supervision_counts(desk: Desk, days: int = DAYS) -> SupervisionPage:
    """The same for whoever runs the program on its own machine: everybody's counts, and no note."""
    async with desk.database.reading(desk.id) as unit:
        waits = await unit.reviews.waiting(None, _MOST_WAITING)
        rounds = await unit.reviews.since(desk.clock.now() - timedelta(days=days), _MOST_ROUNDS)
    people = _standings(desk, _everybody(desk, (*waits, *rounds)), waits, rounds)
    return SupervisionPage(desk.clock.now(), days, people, own=False)


def standing_of(name: str, waits: Sequence[ReviewRow], rounds: Sequence[ReviewRow], now: datetime) -> Standing:
    """One clinician's counts, of their own rows. `findings` are codes as yet."""
    decided = [row for row in rounds if row.outcome in (Outcome.APPROVED, Outcome.CHANGES) and row.decided_at]
    took = [(row.decided_at - row.asked_at).total_seconds() for row in decided if row.decided_at]
    first = _first_rounds(rounds)
    codes = Counter(code for row in first for code in dict.fromkeys(row.findings))
    most = sorted(codes.items(), key=lambda each: (-each[1], each[0]))
    return Standing(
        name=name,
        waiting=len(waits),
        oldest=max((now - row.asked_at for row in waits), default=None),
        overdue=sum(row.due_at < now for row in waits),
        notes=len({row.note_id for row in rounds}),
        decided=len(decided),
        median=timedelta(seconds=median(took)) if took else None,
        longest=timedelta(seconds=max(took)) if took else None,
        changes=sum(row.outcome is Outcome.CHANGES for row in rounds),
        changed=round(median(row.changed for row in first) / 10) if first else None,
        findings=tuple(most[:_MOST_FINDINGS]),
    )


def _first_rounds(rounds: Sequence[ReviewRow]) -> list[ReviewRow]:
    """The first time each note was submitted in these days: what is changed later was asked for."""
    first: dict[NoteId, ReviewRow] = {}
    for row in sorted(rounds, key=lambda row: row.round):
        first.setdefault(row.note_id, row)
    return list(first.values())


def _standings(
    desk: Desk, who: Iterable[PersonId], waits: Sequence[ReviewRow], rounds: Sequence[ReviewRow]
) -> tuple[Standing, ...]:
    waiting, asked = _by_clinician(waits), _by_clinician(rounds)
    named = _names_of_findings(desk)
    found: list[Standing] = []
    for person_id in dict.fromkeys(who):
        person = desk.practice.person(person_id)
        if person is None:
            continue
        standing = standing_of(person.name, waiting[person_id], asked[person_id], desk.clock.now())
        found.append(_in_words(standing, named))
    return tuple(sorted(found, key=lambda standing: standing.name))


def _by_clinician(rows: Sequence[ReviewRow]) -> defaultdict[PersonId, list[ReviewRow]]:
    found = defaultdict[PersonId, list[ReviewRow]](list)
    for row in rows:
        found[row.clinician].append(row)
    return found


def _everybody(desk: Desk, rows: Iterable[ReviewRow]) -> list[PersonId]:
    supervised = [person.id for person in desk.practice.people if person.active and person.supervision]
    return [*supervised, *(row.clinician for row in rows)]


async def _listed(desk: Desk, unit: UnitOfWork, rows: Sequence[ReviewRow]) -> list[WaitingNote]:
    found: list[WaitingNote] = []
    now = desk.clock.now()
    for row in rows:
        try:
            note = await unit.notes.get(row.note_id)
        except NotFound:  # purged meanwhile
            continue
        await desk.learn_format(unit, note)
        clinician = desk.practice.person(note.clinician_id)
        waits, overdue = now - row.asked_at, row.due_at < now
        name = clinician.name if clinician else ""
        found.append(WaitingNote(note.id, note.client_code, desk.format_of(note).name, name, waits, overdue))
    return found


def _names_of_findings(desk: Desk) -> Mapping[str, str]:
    """Code → how the check is called. Of risk words only that there were some is kept."""
    titles = {check.id: check.title for profile in desk.profiles.values() for check in profile.checks.values()}
    return {**FINDING_NAMES, A_RISK: "Risk assessed", **titles}


def _in_words(standing: Standing, named: Mapping[str, str]) -> Standing:
    said = tuple((named.get(code, code.replace("_", " ")), count) for code, count in standing.findings)
    return replace(standing, findings=said)
