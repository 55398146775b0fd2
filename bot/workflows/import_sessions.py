"""Puts a calendar's sessions on clinicians' lists, and says of each row what became of it.

Importing the same file again changes nothing; a session that has a note is never moved or cancelled by a calendar.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from bot.cards import sessions_words as words
from bot.domain.appointments import Appointment, Attendance, RefusedRow, SessionRow
from bot.domain.ids import AppointmentId, PersonId, new_appointment_id
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow, may
from bot.ports import Act, UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.list_session import OF_NOTE

BATCH = 500  # rows a transaction
MOST_FATES = 200  # rows told one by one; all are counted
_WINDOW = timedelta(days=62)  # a batch over more than this is looked at for overlaps by itself only
_NEAR = timedelta(days=1)
_MOST_NEAR = 2000


class Fate(StrEnum):
    """What became of a row. `KEPT`: its session has a note and stays as it is, whatever the calendar says now."""

    NEW = "new"
    SAME = "same"
    MOVED = "moved"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    HELD = "held"
    KEPT = "kept"
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowFate:
    """What became of one row. `about`: its client code, day and time, for its reader only. `overlaps`: kept, but."""

    line: int
    fate: Fate
    about: str
    sentence: str
    overlaps: bool = False
    odd: bool = False


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Rows by what became of them, and one by one the first that are odd. An ordinary one is only counted."""

    counts: Mapping[Fate, int]
    overlaps: int
    fates: tuple[RowFate, ...]


@dataclass(slots=True)
class _Import:
    desk: Desk
    origin: str
    owner: Callable[[SessionRow], PersonId | RowFate]
    counts: Counter[Fate] = field(default_factory=Counter[Fate])
    fates: list[RowFate] = field(default_factory=list[RowFate])
    overlapping: int = 0

    def tell(self, fate: RowFate) -> None:
        self.counts[fate.fate] += 1
        self.overlapping += fate.overlaps
        told = fate.fate not in (Fate.NEW, Fate.SAME) or fate.odd
        if len(self.fates) < MOST_FATES and told:
            self.fates.append(fate)

    def wanted(self, rows: Iterable[SessionRow | RefusedRow]) -> Iterator[tuple[SessionRow, Appointment]]:
        """What is to be on the list, each session once; the others are told."""
        for row in rows:
            if isinstance(row, RefusedRow):
                self.tell(RowFate(row.line, Fate.REFUSED, row.about, row.sentence))
                continue
            owner = self.owner(row)
            if isinstance(owner, RowFate):
                self.tell(owner)
                continue
            due = self.desk.due_of(owner, row.client_code, row.session)
            yield (
                row,
                Appointment(
                    new_appointment_id(),
                    owner,
                    row.client_code,
                    row.session,
                    row.timezone,
                    row.attendance,
                    row.place,
                    self.origin,
                    f"{owner} {row.key}" if row.key else "",  # two people's calendars may both begin with 1
                    due_at=due,
                ),
            )


async def import_sessions(
    desk: Desk,
    actor: Person | None,
    rows: Iterator[SessionRow | RefusedRow],
    origin: str,
    via: str,
    *,
    clinician: PersonId | None = None,
    keep: bool = True,
    operator: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Put rows on the list, 500 a transaction; with `keep` off only say what would become of them.

    `clinician`: only this person's, and of rows that name nobody. Without it rows that name nobody are the actor's own.
    `operator`: whoever runs commands on the machine. `progress` is told how many rows were read so far. Raises
    NotAllowed, and what reading raises: batches before that stay, and importing again goes on from there.
    """
    if not operator:
        own = clinician in (None, actor.id if actor else None)
        allow(actor, ActKind.LIST if own else ActKind.SCHEDULE)
    others = operator or may(actor, ActKind.SCHEDULE) is None
    whose = clinician or (actor.id if actor and may(actor, ActKind.LIST) is None else None)

    def owner(row: SessionRow) -> PersonId | RowFate:
        return _owner(desk, row, whose, only=clinician is not None or not others)

    work, read = _Import(desk, origin, owner), 0
    by = actor.id if actor else None
    while batch := list(islice(rows, BATCH)):
        wanted = list(work.wanted(batch))
        if wanted and keep:
            async with desk.database.writing(desk.id) as unit:
                await _put(work, unit, wanted, keep=True)
                await unit.audit.append(Act(by, "sessions imported", None, 0, "", desk.clock.now(), via))
                await unit.commit()
        elif wanted:
            async with desk.database.reading(desk.id) as unit:
                await _put(work, unit, wanted, keep=False)
        read += len(batch)
        if progress:
            progress(read)
    return ImportReport(dict(work.counts), work.overlapping, tuple(work.fates))


def _owner(desk: Desk, row: SessionRow, whose: PersonId | None, only: bool) -> PersonId | RowFate:
    written = row.clinician.strip().casefold()
    if not written:
        return whose or RowFate(row.line, Fate.REFUSED, _about(row), words.NOBODY)
    named = [
        each.id
        for each in desk.practice.people
        if each.active and written in (each.id.casefold(), each.name.casefold(), each.name.casefold().split()[-1])
    ]
    if len(named) == 1 and (not only or named[0] == whose):
        return named[0]
    fate, sentence = (Fate.ELSEWHERE, words.SENTENCES[Fate.ELSEWHERE]) if only else (Fate.REFUSED, words.NOBODY)
    return RowFate(row.line, fate, _about(row), sentence)


async def _put(
    work: _Import, unit: UnitOfWork, wanted: Sequence[tuple[SessionRow, Appointment]], *, keep: bool
) -> None:
    stored = await unit.appointments.known([each for _, each in wanted])
    near = await _near(unit, [each for _, each in wanted])
    leaving = {each.key: each.starts_at for _, each in wanted if each.key}
    seen: dict[object, Appointment] = {}
    for (row, fresh), known in zip(wanted, stored, strict=True):
        at = fresh.clinician_id, fresh.client_code.upper(), fresh.starts_at
        found = (seen.get(fresh.key) if fresh.key else None) or known or seen.get(at)
        before = found and seen.get(found.id, found)
        if before and not _is_it(before, fresh, leaving):
            before = None
        fate, after = _fate(fresh, before)
        changed = after != before
        if keep and changed and before is None:
            await unit.appointments.add(after, work.desk.clock.now())
        elif keep and changed and before is not None:
            await unit.appointments.save(after, before)
        seen |= {after.id: after, at: after} | ({fresh.key: after} if fresh.key else {})
        over = fate in (Fate.NEW, Fate.MOVED) and _overlaps(after, near)
        near.put(after)
        odd = [*([words.OVERLAPS] if over else []), *(words.ODD[code] for code in row.odd if code in words.ODD)]
        told = [] if fate is Fate.SAME else odd
        sentence = " ".join([words.SENTENCES[fate], *told])
        work.tell(RowFate(row.line, fate, _about(row), sentence, over, bool(told)))


def _is_it(before: Appointment, fresh: Appointment, leaving: Mapping[str, datetime | None]) -> bool:
    """Whether what was found is this row's session, and not another one that the same rows move away from there."""
    if fresh.key and (before.origin, before.key) == (fresh.origin, fresh.key):
        return True
    goes = leaving.get(before.key, before.starts_at) if before.origin == fresh.origin else before.starts_at
    return _when(before) == _when(fresh) and goes == before.starts_at


def _fate(fresh: Appointment, before: Appointment | None) -> tuple[Fate, Appointment]:
    """What this row means for the session as it is on the list, and the session after it."""
    if before is None:
        learned = fresh.attendance in (Attendance.CANCELLED, Attendance.NO_SHOW)
        return (Fate(fresh.attendance.value) if learned else Fate.NEW), fresh
    if before.origin == OF_NOTE:
        after = replace(before, origin=fresh.origin, key=fresh.key, place=fresh.place or before.place)
        differs = fresh.attendance in (Attendance.CANCELLED, Attendance.NO_SHOW)
        return (Fate.KEPT if differs and fresh.attendance is not before.attendance else Fate.SAME), after
    attendance = before.attendance if fresh.attendance is Attendance.BOOKED else fresh.attendance
    if before.attendance is Attendance.CANCELLED and fresh.attendance is Attendance.BOOKED:
        attendance = Attendance.BOOKED
    own = (before.origin, before.key) == (fresh.origin, fresh.key)
    after = replace(before, attendance=attendance)
    if own:
        kept = before.id, before.note_id, before.settled_at, before.wanted
        after = replace(fresh, id=kept[0], attendance=attendance, note_id=kept[1], settled_at=kept[2], wanted=kept[3])
    if after == before:
        return Fate.SAME, before
    if before.note_id:
        told = _when(after) != _when(before) or attendance is not before.attendance
        return (Fate.KEPT if told else Fate.SAME), before
    if attendance is not before.attendance and attendance is not Attendance.BOOKED:
        return Fate(attendance.value), after
    return Fate.MOVED, after


def _when(one: Appointment) -> tuple[PersonId, str, datetime | None]:
    return one.clinician_id, one.client_code.upper(), one.starts_at


@dataclass(slots=True)
class _Near:
    """What stands on lists around a time, by clinician and day in UTC, so that a row is held against few."""

    days: dict[tuple[PersonId, dt.date], dict[AppointmentId, Appointment]] = field(
        default_factory=dict[tuple[PersonId, dt.date], dict[AppointmentId, Appointment]]
    )
    where: dict[AppointmentId, tuple[PersonId, dt.date]] = field(
        default_factory=dict[AppointmentId, tuple[PersonId, dt.date]]
    )

    def put(self, one: Appointment) -> None:
        """Keep it, in place of what it was."""
        if one.id in self.where:
            del self.days[self.where.pop(one.id)][one.id]
        if one.starts_at:
            self.where[one.id] = (one.clinician_id, one.starts_at.date())
            self.days.setdefault(self.where[one.id], {})[one.id] = one

    def beside(self, one: Appointment) -> Iterator[Appointment]:
        """Those of the same clinician on the same day, and on the days before and after."""
        if one.starts_at:
            for step in (-_NEAR, timedelta(0), _NEAR):
                yield from self.days.get((one.clinician_id, one.starts_at.date() + step), {}).values()


async def _near(unit: UnitOfWork, wanted: Sequence[Appointment]) -> _Near:
    """What stands on these clinicians' lists around that time."""
    near, times = _Near(), [each.starts_at for each in wanted if each.starts_at]
    if not times or max(times) - min(times) > _WINDOW:
        return near
    for clinician in sorted({each.clinician_id for each in wanted}):
        found = await unit.appointments.between(clinician, min(times) - _NEAR, max(times) + _NEAR, _MOST_NEAR)
        for each in found:
            near.put(each.appointment)
    return near


def _overlaps(one: Appointment, near: _Near) -> bool:
    return any(_overlap(one, other) for other in near.beside(one) if other.id != one.id)


def _overlap(one: Appointment, other: Appointment) -> bool:
    if one.clinician_id != other.clinician_id or Attendance.CANCELLED in (one.attendance, other.attendance):
        return False
    if not (one.session.start and other.session.start and one.starts_at and other.starts_at):
        return False
    if one.session.kind == other.session.kind == "group" and one.starts_at == other.starts_at:
        return False
    ends = (each.starts_at + timedelta(minutes=each.session.minutes or 1) for each in (one, other) if each.starts_at)
    return max(one.starts_at, other.starts_at) < min(ends)


def _about(row: SessionRow) -> str:
    day, start = row.session.date, row.session.start
    return " ".join(filter(None, (row.client_code, day.isoformat() if day else "", f"{start:%H:%M}" if start else "")))
