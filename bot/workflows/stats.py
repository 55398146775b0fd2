"""Somebody's own numbers, and the practice's for who may see them: measured from signed notes and the backlog."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.day_ports import Measure, Span
from bot.domain.ids import PersonId
from bot.domain.numbers import Numbers, Signed, numbers_of, waited_at
from bot.domain.people import Person, Role
from bot.domain.policy import ActKind, allow, may
from bot.workflows.desk import Desk

WEEKS = 8  # of the backlog over time
_MOST = 100_000  # notes that are looked at


@dataclass(frozen=True, slots=True)
class Stats:
    """The numbers of the last `days`. `own`: of who asks, who writes notes. `practice` and `people`: of everybody, and
    by clinician, for who may see them. `minutes_before`: how long a note took them before, as they say; 0 when not.
    """

    days: int
    own: Numbers | None = None
    practice: Numbers | None = None
    people: tuple[Numbers, ...] = ()
    minutes_before: int = 0


async def stats(desk: Desk, actor: Person | None, days: int, name: str = "") -> Stats:
    """What this person may see. Raises NotAllowed. `name`: what the practice is called among its numbers."""
    wide = may(actor, ActKind.MEASURE) is None
    person = allow(actor, ActKind.MEASURE if wide else ActKind.LIST)
    read = await _read(desk, days, None if wide else person.id)
    async with desk.database.reading(desk.id) as unit:
        chosen = await unit.choices.of(person.id)
    own = read.of(person) if person.writes else None
    if not wide:
        return Stats(days, own, minutes_before=chosen.minutes_before)
    seen = _seen(desk, person)
    return Stats(days, own, read.of_all(seen, name), tuple(read.of(each) for each in seen), chosen.minutes_before)


async def practice_stats(desk: Desk, days: int) -> Stats:
    """The same for whoever runs the program on its own machine: everybody's."""
    read, people = await _read(desk, days, None), [person for person in desk.practice.people if person.writes]
    return Stats(days, None, read.of_all(people, desk.practice.name), tuple(read.of(each) for each in people))


def _seen(desk: Desk, reader: Person) -> list[Person]:
    """A supervisor sees their supervisees, an administrator everybody who writes."""
    writing = [person for person in desk.practice.people if person.writes]
    if Role.ADMINISTRATOR in reader.roles:
        return writing
    return [person for person in writing if person.id in reader.supervisees]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was measured, as it lies in the database. `moments`: the ends of the weeks, the last one now."""

    measures: Sequence[Measure]
    spans: Sequence[Span]
    moments: Sequence[datetime]

    def of(self, person: Person) -> Numbers:
        """One person's."""
        return self._numbers(person.name, {person.id}, ZoneInfo(person.timezone))

    def of_all(self, people: Sequence[Person], name: str) -> Numbers:
        """Those of several, together."""
        zone = ZoneInfo(people[0].timezone) if people else ZoneInfo("UTC")
        return self._numbers(name, {person.id for person in people}, zone)

    def _numbers(self, name: str, people: set[PersonId], zone: ZoneInfo) -> Numbers:
        signed = [
            Signed(each.signed_at - each.started_at, each.same_day, each.changed, each.late)
            for each in self.measures
            if each.clinician in people
        ]
        spans = [(span.starts_at, span.settled_at) for span in self.spans if span.clinician in people]
        backlog = [(moment.astimezone(zone).date(), waited_at(spans, moment)) for moment in self.moments]
        return numbers_of(name, signed, backlog)


async def _read(desk: Desk, days: int, clinician: PersonId | None) -> _Read:
    now = desk.clock.now()
    moments = [now - timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    async with desk.database.reading(desk.id) as unit:
        measures = await unit.measures.since(now - dt.timedelta(days=days), clinician, _MOST)
        spans = await unit.appointments.spans(clinician, moments[0], now)
    return _Read(measures, spans, moments)
