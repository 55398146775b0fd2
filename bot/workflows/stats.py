"""Somebody's own numbers, and the practice's for who may see them: measured from signed notes and the backlog."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.day_ports import Measure, Span
from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId, PersonId
from bot.domain.numbers import Numbers, Signed, half_within, numbers_of, waited_at
from bot.domain.people import Person, Role
from bot.domain.policy import ActKind, allow, may
from bot.domain.usage import Prices
from bot.workflows.desk import Desk

WEEKS = 8  # of the backlog over time, and of the time to signature
_WEEK = timedelta(weeks=1)
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
    prices = desk.writer.prices if desk.writer else Prices()
    read = await _read(desk, days, None if wide else person.id, prices)
    async with desk.database.reading(desk.id) as unit:
        chosen = await unit.choices.of(person.id)
    own = read.of(person) if person.writes else None
    if not wide:
        return Stats(days, own, minutes_before=chosen.minutes_before)
    seen = _seen(desk, person)
    return Stats(days, own, read.of_all(seen, name), tuple(read.of(each) for each in seen), chosen.minutes_before)


async def practice_stats(desk: Desk, days: int, prices: Prices, only: str = "") -> Stats:
    """The same for whoever runs the program on its own machine: everybody's, or one person's, by id.

    Raises UserMistake when `only` is nobody's id, or of somebody who writes no notes.
    """
    people = [person for person in desk.practice.people if person.writes]
    if only:
        person = next((person for person in people if person.id == only), None)
        if person is None:
            raise UserMistake("no_person", f"There is nobody with the id {only!r} on the roster who writes notes.")
        read = await _read(desk, days, person.id, prices)
        return Stats(days, people=(read.of(person),))
    read = await _read(desk, days, None, prices)
    return Stats(days, None, read.of_all(people, desk.practice.name), tuple(read.of(each) for each in people))


def _seen(desk: Desk, reader: Person) -> list[Person]:
    """A supervisor sees their supervisees, an administrator everybody who writes."""
    writing = [person for person in desk.practice.people if person.writes]
    if Role.ADMINISTRATOR in reader.roles:
        return writing
    return [person for person in writing if person.id in reader.supervisees]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was measured, as it lies in the database. `moments`: the ends of the weeks, the last one now.

    `measures`: of the weeks, too; those of the notes that are counted were signed after `since`. `costs`: of the notes
    that the language model wrote for, in `currency`; None without a price.
    """

    measures: Sequence[Measure]
    since: datetime
    spans: Sequence[Span]
    moments: Sequence[datetime]
    costs: Mapping[NoteId, float] | None
    currency: str

    def of(self, person: Person) -> Numbers:
        """One person's."""
        return self._numbers(person.name, {person.id}, ZoneInfo(person.timezone))

    def of_all(self, people: Sequence[Person], name: str) -> Numbers:
        """Those of several, together."""
        zone = ZoneInfo(people[0].timezone) if people else ZoneInfo("UTC")
        return self._numbers(name, {person.id for person in people}, zone)

    def _numbers(self, name: str, people: set[PersonId], zone: ZoneInfo) -> Numbers:
        theirs = [each for each in self.measures if each.clinician in people]
        signed = [
            Signed(_took(each), each.same_day, each.changed, each.late, (self.costs or {}).get(each.note_id, 0.0))
            for each in theirs
            if each.signed_at >= self.since
        ]
        spans = [(span.starts_at, span.settled_at) for span in self.spans if span.clinician in people]
        backlog = [(moment.astimezone(zone).date(), waited_at(spans, moment)) for moment in self.moments]
        found = replace(numbers_of(name, signed, backlog), weekly=tuple(self._weekly(theirs, zone)))
        if self.costs is None:
            return found
        return replace(found, cost=sum(each.cost for each in signed), currency=self.currency)

    def _weekly(self, measures: Sequence[Measure], zone: ZoneInfo) -> Iterator[tuple[dt.date, timedelta]]:
        for moment in self.moments:
            took = [_took(each) for each in measures if moment - _WEEK < each.signed_at <= moment]
            if took:
                yield moment.astimezone(zone).date(), half_within(took)


def _took(measure: Measure) -> timedelta:
    return measure.signed_at - measure.started_at


async def _read(desk: Desk, days: int, clinician: PersonId | None, prices: Prices) -> _Read:
    now = desk.clock.now()
    moments = [now - ago * _WEEK for ago in reversed(range(WEEKS))]
    since = now - timedelta(days=days)
    async with desk.database.reading(desk.id) as unit:
        measures = await unit.measures.since(min(since, moments[0] - _WEEK), clinician, _MOST)
        spans = await unit.appointments.spans(clinician, moments[0], now)
        begun = min((each.started_at for each in measures if each.signed_at >= since), default=now)
        usage = await unit.calls.usage(begun) if prices.known else ()
    costs = {each.note_id: prices.cost(each) for each in usage} if prices.known else None
    return _Read(measures, since, spans, moments, costs, prices.currency)
