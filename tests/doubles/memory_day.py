"""A clinician's day in memory: sessions, batches, choices, reminders, measures. See `bot.day_ports`."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.day_ports import Batch, BatchNote, Listed, Measure, Span, Standing
from bot.domain.appointments import Appointment
from bot.domain.errors import NotFound, Stale
from bot.domain.ids import AppointmentId, BatchId, NoteId, PersonId
from bot.domain.note import State
from bot.domain.preferences import Preferences

_NEVER = datetime(9999, 12, 31, tzinfo=dt.UTC)


class MemoryAppointments:
    """Sees the notes of its store, for their states."""

    def __init__(self, reads: Callable[[], Any], changes: Callable[[], Any]) -> None:
        self._reads, self._changes = reads, changes

    async def add(self, appointment: Appointment, at: datetime) -> None:
        self._expect_free(appointment)
        self._changes().appointments[appointment.id] = (appointment, at)

    async def save(self, appointment: Appointment, seen: Appointment) -> None:
        if appointment.id != seen.id:
            raise ValueError("a session can only be replaced by its own next value")
        kept, at = self._get(appointment.id)
        if kept != seen:
            raise Stale("stale_session", "This session changed meanwhile.")
        self._expect_free(appointment)
        self._changes().appointments[appointment.id] = (appointment, at)

    async def remove(self, appointment_id: AppointmentId) -> None:
        self._changes().appointments.pop(appointment_id, None)

    async def get(self, appointment_id: AppointmentId) -> Appointment:
        return self._get(appointment_id)[0]

    async def of_note(self, note_id: NoteId) -> Appointment | None:
        return next((one for one, _ in self._all() if one.note_id == note_id), None)

    async def known(self, wanted: Sequence[Appointment]) -> Sequence[Appointment | None]:
        return [self._known(each) for each in wanted]

    async def on_day(self, clinician: PersonId, client_code: str, day: dt.date) -> Sequence[Appointment]:
        code = client_code.upper()
        mine = [
            a
            for a, _ in self._all()
            if (a.clinician_id, a.client_code.upper(), a.session.date) == (clinician, code, day)
        ]
        return sorted(mine, key=lambda each: str(each.session.start))

    async def waiting(self, clinician: PersonId, until: datetime, limit: int, offset: int = 0) -> Sequence[Listed]:
        mine = [pair for pair in self._waiting(until) if pair[0].clinician_id == clinician]
        mine.sort(key=lambda pair: (pair[0].due_at or _NEVER, pair[1], pair[0].id))
        return [self._listed(one) for one, _ in mine][offset : offset + limit]

    async def between(self, clinician: PersonId, since: datetime, until: datetime, limit: int) -> Sequence[Listed]:
        times = [(one, one.starts_at or at) for one, at in self._all() if one.clinician_id == clinician]
        mine = sorted((pair for pair in times if since <= pair[1] < until), key=lambda pair: (pair[1], pair[0].id))
        return [self._listed(one) for one, _ in mine][:limit]

    async def standing(self, now: datetime, clinician: PersonId | None = None) -> Sequence[Standing]:
        found: Counter[tuple[PersonId, State | None]] = Counter()
        overdue: Counter[tuple[PersonId, State | None]] = Counter()
        for one, _ in self._waiting(now):
            if clinician in (None, one.clinician_id):
                place = (one.clinician_id, self._listed(one).state)
                found[place] += 1
                overdue[place] += (one.due_at or _NEVER) < now
        return [Standing(*place, count, overdue[place]) for place, count in found.items()]

    async def spans(self, clinician: PersonId | None, since: datetime, now: datetime) -> Sequence[Span]:
        settled = [(one, one.starts_at or at) for one, at in self._all() if one.settled_at and one.settled_at >= since]
        return [
            Span(one.clinician_id, at, one.due_at, one.settled_at)
            for one, at in (*self._waiting(now), *settled)
            if clinician in (None, one.clinician_id)
        ]

    def _waiting(self, until: datetime) -> list[tuple[Appointment, datetime]]:
        times = [(one, one.starts_at or at) for one, at in self._all() if one.waits]
        return [pair for pair in times if pair[1] < until]

    def _listed(self, one: Appointment) -> Listed:
        note = self._reads().notes.get(one.note_id)
        return Listed(one, note.state if note else None)

    def _known(self, wanted: Appointment) -> Appointment | None:
        all_of_them = [one for one, _ in self._all()]
        keyed = [one for one in all_of_them if wanted.key and (one.origin, one.key) == (wanted.origin, wanted.key)]
        same = [one for one in all_of_them if wanted.client_code and wanted.session.date and _alike(one, wanted)]
        return next(iter((*keyed, *same)), None)

    def _all(self) -> list[tuple[Appointment, datetime]]:
        return list(self._reads().appointments.values())

    def _get(self, appointment_id: AppointmentId) -> tuple[Appointment, datetime]:
        found = self._reads().appointments.get(appointment_id)
        if found is None:
            raise NotFound("session_not_found", "I can't find that session any more. It may have been moved.")
        return found

    def _expect_free(self, appointment: Appointment) -> None:
        for one, _ in self._all():
            keyed = appointment.key and (one.origin, one.key) == (appointment.origin, appointment.key)
            noted = appointment.note_id and one.note_id == appointment.note_id
            if one.id != appointment.id and (keyed or noted):
                raise Stale("session_taken", "This session is on the list already, or has its note.")


def _alike(one: Appointment, other: Appointment) -> bool:
    same = (one.clinician_id, one.client_code.upper(), one.session.date)
    return same == (other.clinician_id, other.client_code.upper(), other.session.date) and (
        one.starts_at == other.starts_at
    )


class MemoryBatches:
    """Sees the notes of its store."""

    def __init__(self, reads: Callable[[], Any], changes: Callable[[], Any]) -> None:
        self._reads, self._changes = reads, changes

    async def add(self, batch: Batch) -> None:
        if batch.source and await self.by_source(batch.source):
            raise Stale("already_started", "These summaries were started already.")
        self._changes().batches[batch.id] = batch

    async def save(self, batch: Batch, seen: Batch) -> None:
        if self._reads().batches.get(batch.id) != seen:
            raise Stale("stale_batch", "These summaries moved on meanwhile.")
        self._changes().batches[batch.id] = batch

    async def get(self, batch_id: BatchId) -> Batch:
        found = self._reads().batches.get(batch_id)
        if found is None:
            raise NotFound("batch_not_found", "I can't find these summaries any more.")
        return found

    async def by_source(self, source: str) -> BatchId | None:
        return next((one.id for one in self._reads().batches.values() if source and one.source == source), None)

    async def open_ones(self, limit: int) -> Sequence[Batch]:
        found = [one for one in self._reads().batches.values() if not one.closed]
        return sorted(found, key=lambda one: (one.created_at, one.id))[:limit]

    async def notes_of(self, batch_id: BatchId) -> Sequence[BatchNote]:
        found = [note for note in self._reads().notes.values() if note.batch == batch_id]
        return [BatchNote(note.id, note.position, note.state) for note in sorted(found, key=lambda note: note.position)]


class MemoryChoices:
    """A value a person."""

    def __init__(self, reads: Callable[[], Any], changes: Callable[[], Any]) -> None:
        self._reads, self._changes = reads, changes

    async def of(self, person: PersonId) -> Preferences:
        return self._reads().get(person) or Preferences(person)

    async def save(self, chosen: Preferences, at: datetime) -> None:
        if (await self.of(chosen.person_id)).revision != chosen.revision:
            raise Stale("stale_settings", "Your settings changed meanwhile. Please open them again.")
        self._changes()[chosen.person_id] = replace(chosen, revision=chosen.revision + 1)

    async def all(self) -> Sequence[Preferences]:
        return [chosen for _, chosen in sorted(self._reads().items())]


class MemoryReminders:
    """(person, kind, day) -> holder, until when, whether it is done."""

    def __init__(self, reads: Callable[[], Any], changes: Callable[[], Any]) -> None:
        self._reads, self._changes = reads, changes

    async def claim(self, person: PersonId, kind: str, day: dt.date, holder: str, at: datetime, seconds: int) -> bool:
        held = self._reads().get((person, kind, day.isoformat()))
        if held and (held[2] or held[1] > at):
            return False
        self._changes()[person, kind, day.isoformat()] = (holder, at + timedelta(seconds=seconds), False)
        return True

    async def done(self, person: PersonId, kind: str, day: dt.date, holder: str, at: datetime) -> bool:
        held = self._held(person, kind, day, holder)
        if held is None or held[2]:
            return False
        self._changes()[person, kind, day.isoformat()] = (holder, held[1], True)
        return True

    async def release(self, person: PersonId, kind: str, day: dt.date, holder: str) -> None:
        if self._held(person, kind, day, holder):
            del self._changes()[person, kind, day.isoformat()]

    async def settled(self, kind: str, since: dt.date) -> Sequence[tuple[PersonId, dt.date]]:
        return [
            (person, dt.date.fromisoformat(day))
            for (person, of_kind, day), (_, _, done) in self._reads().items()
            if done and of_kind == kind and day >= since.isoformat()
        ]

    async def forget(self, before: dt.date) -> None:
        kept = self._changes()
        for place in [place for place in kept if place[2] < before.isoformat()]:
            del kept[place]

    def _held(self, person: PersonId, kind: str, day: dt.date, holder: str) -> tuple[str, datetime, bool] | None:
        held = self._reads().get((person, kind, day.isoformat()))
        return held if held and held[0] == holder else None


class MemoryMeasures:
    """A value a note."""

    def __init__(self, reads: Callable[[], Any], changes: Callable[[NoteId], Any]) -> None:
        self._reads, self._changes = reads, changes

    async def put(self, measure: Measure) -> None:
        kept = self._changes(measure.note_id)
        before = kept.get(measure.note_id, measure)
        kept[measure.note_id] = replace(measure, clinician=before.clinician, started_at=before.started_at)

    async def since(self, at: datetime, clinician: PersonId | None, limit: int) -> Sequence[Measure]:
        found = [one for one in self._reads().values() if one.signed_at >= at and clinician in (None, one.clinician)]
        return sorted(sorted(found, key=lambda one: one.note_id), key=lambda one: one.signed_at, reverse=True)[:limit]
