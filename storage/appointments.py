"""Sessions on clinicians' lists, of one practice. Whose they are, and what kind, is sealed with the practice's key."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.engine import Connection

from bot.day_ports import Listed, Span, Standing
from bot.domain.appointments import Appointment, Attendance
from bot.domain.errors import NotFound, Stale
from bot.domain.ids import AppointmentId, NoteId, PersonId
from bot.domain.note import Session, State
from storage.crypto import bound_to
from storage.models import UtcTime, appointments, notes
from storage.transaction import Transaction, refused_as

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # due then: no deadline, and last in the order
_OURS = appointments.c.practice_id == bindparam("practice")
_THIS = (_OURS, appointments.c.id == bindparam("appointment"))
_MINE = appointments.c.clinician_id == bindparam("clinician")
_WAITS = appointments.c.waiting == literal_column(
    "1", Integer
)  # word for word as in the partial index, or it is not used
_IN_ORDER = (_WAITS, appointments.c.due_at > literal_column("'0001-01-01'", UtcTime))  # the range is for SQLite
_ADD = insert(appointments)
_SAVE = update(appointments).where(*_THIS, appointments.c.revision == bindparam("seen_revision"))
_REMOVE = delete(appointments).where(*_THIS)
_GET = select(appointments).where(*_THIS)
_OF_NOTE = select(appointments).where(_OURS, appointments.c.note_id == bindparam("note"), text("note_id IS NOT NULL"))
_BY_KEY = select(appointments).where(
    _OURS, appointments.c.key_lookup.in_(bindparam("lookups", expanding=True)), text("key_lookup IS NOT NULL")
)
_BY_DAY = select(appointments).where(_OURS, appointments.c.day_lookup.in_(bindparam("lookups", expanding=True)))
_OF_NOTES = notes, and_(notes.c.practice_id == appointments.c.practice_id, notes.c.id == appointments.c.note_id)
_LISTED = (
    select(appointments, notes.c.state.label("note_state")).select_from(appointments.outerjoin(*_OF_NOTES)).where(_OURS)
)
_WAITING = (
    _LISTED.where(_MINE, *_IN_ORDER, appointments.c.starts_at < bindparam("until", type_=UtcTime))
    .order_by(appointments.c.due_at, appointments.c.starts_at, appointments.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_BETWEEN = (
    _LISTED.where(
        _MINE,
        appointments.c.starts_at >= bindparam("since", type_=UtcTime),
        appointments.c.starts_at < bindparam("until", type_=UtcTime),
    )
    .order_by(appointments.c.starts_at, appointments.c.id)
    .limit(bindparam("most"))
)
_OVERDUE = func.sum(case((appointments.c.due_at < bindparam("now", type_=UtcTime), 1), else_=0))
_STANDING = (
    select(appointments.c.clinician_id, notes.c.state, func.count().label("found"), _OVERDUE.label("overdue"))
    .select_from(appointments.outerjoin(*_OF_NOTES))
    .where(_OURS, _WAITS, appointments.c.starts_at < bindparam("now", type_=UtcTime))
    .group_by(appointments.c.clinician_id, notes.c.state)
)
_TIMES = (appointments.c.clinician_id, appointments.c.starts_at, appointments.c.due_at, appointments.c.settled_at)
_SPANS_OPEN = select(*_TIMES).where(_OURS, _WAITS, appointments.c.starts_at < bindparam("now", type_=UtcTime))
_SPANS_SETTLED = select(*_TIMES).where(
    _OURS, text("settled_at IS NOT NULL"), appointments.c.settled_at >= bindparam("since", type_=UtcTime)
)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A session as this transaction found it."""

    appointment: Appointment
    revision: int
    listed_at: str


class SqlAppointments:
    """See `bot.day_ports.Appointments`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice
        self._stored: dict[AppointmentId, _Stored] = {}

    async def add(self, appointment: Appointment, at: datetime) -> None:
        self._transaction.later(lambda connection: self._add(connection, appointment, at))

    async def save(self, appointment: Appointment, seen: Appointment) -> None:
        if appointment.id != seen.id:
            raise ValueError("a session can only be replaced by its own next value")
        await self._transaction.write_now(lambda connection: self._save(connection, appointment, seen))

    async def remove(self, appointment_id: AppointmentId) -> None:
        asked = {"practice": self._practice, "appointment": appointment_id}
        await self._transaction.write_now(lambda connection: connection.execute(_REMOVE, asked))
        self._stored.pop(appointment_id, None)

    async def get(self, appointment_id: AppointmentId) -> Appointment:
        return await self._transaction.now(lambda connection: self._load(connection, appointment_id).appointment)

    async def of_note(self, note_id: NoteId) -> Appointment | None:
        found = await self._read(_OF_NOTE, note=note_id)
        return found[0] if found else None

    async def known(self, wanted: Sequence[Appointment]) -> Sequence[Appointment | None]:
        return await self._transaction.now(lambda connection: self._known(connection, wanted))

    async def on_day(self, clinician: PersonId, client_code: str, day: dt.date) -> Sequence[Appointment]:
        def read(connection: Connection) -> Sequence[Appointment]:
            lookup = self._day(connection, clinician, client_code, day)
            rows = connection.execute(_BY_DAY, {"practice": self._practice, "lookups": [lookup]}).all()
            return sorted((self._opened(connection, row) for row in rows), key=lambda each: str(each.session.start))

        return await self._transaction.now(read)

    async def waiting(self, clinician: PersonId, until: datetime, limit: int, offset: int = 0) -> Sequence[Listed]:
        return await self._listed(_WAITING, clinician=clinician, until=until, most=limit, skip=offset)

    async def between(self, clinician: PersonId, since: datetime, until: datetime, limit: int) -> Sequence[Listed]:
        return await self._listed(_BETWEEN, clinician=clinician, since=since, until=until, most=limit)

    async def standing(self, now: datetime, clinician: PersonId | None = None) -> Sequence[Standing]:
        query = _STANDING if clinician is None else _STANDING.where(_MINE)
        asked = {"practice": self._practice, "now": now} | ({} if clinician is None else {"clinician": clinician})
        rows = await self._transaction.now(lambda connection: connection.execute(query, asked).all())
        return [
            Standing(PersonId(row.clinician_id), State(row.state) if row.state else None, row.found, int(row.overdue))
            for row in rows
        ]

    async def spans(self, clinician: PersonId | None, since: datetime, now: datetime) -> Sequence[Span]:
        asked = {"practice": self._practice} | ({} if clinician is None else {"clinician": clinician})
        queries = [each if clinician is None else each.where(_MINE) for each in (_SPANS_OPEN, _SPANS_SETTLED)]

        def read(connection: Connection) -> list[Span]:
            waiting = connection.execute(queries[0], {**asked, "now": now}).all()
            settled = connection.execute(queries[1], {**asked, "since": since}).all()
            return [
                Span(PersonId(row.clinician_id), row.starts_at, _moment(row.due_at), row.settled_at)
                for row in (*waiting, *settled)
            ]

        return await self._transaction.now(read)

    async def _read(self, query: Select[Any], **asked: Any) -> list[Appointment]:
        values = {"practice": self._practice, **asked}
        return await self._transaction.now(
            lambda connection: [self._opened(connection, row) for row in connection.execute(query, values).all()]
        )

    async def _listed(self, query: Select[Any], **asked: Any) -> list[Listed]:
        values = {"practice": self._practice, **asked}

        def read(connection: Connection) -> list[Listed]:
            rows = connection.execute(query, values).all()
            return [
                Listed(self._opened(connection, row), State(row.note_state) if row.note_state else None) for row in rows
            ]

        return await self._transaction.now(read)

    def _known(self, connection: Connection, wanted: Sequence[Appointment]) -> list[Appointment | None]:
        keys = [self._key(connection, each) for each in wanted]
        days = [self._day_of(connection, each) for each in wanted]
        by_key = self._found(connection, _BY_KEY, keys, "key_lookup")
        by_day = self._found(connection, _BY_DAY, days, "day_lookup")
        known: list[Appointment | None] = []
        for each, key, day in zip(wanted, keys, days, strict=True):
            same = [one for one in by_day.get(day, ()) if _same_time(one, each)] if day else []
            keyed = by_key.get(key, ()) if key else ()
            known.append(next(iter((*keyed, *same)), None))
        return known

    def _found(
        self, connection: Connection, query: Select[Any], lookups: Sequence[bytes | None], column: str
    ) -> dict[bytes, list[Appointment]]:
        asked = {"practice": self._practice, "lookups": list({each for each in lookups if each})}
        if not asked["lookups"]:
            return {}
        found: dict[bytes, list[Appointment]] = {}
        for row in connection.execute(query, asked).all():
            found.setdefault(bytes(getattr(row, column)), []).append(self._opened(connection, row))
        return found

    def _load(self, connection: Connection, appointment_id: AppointmentId) -> _Stored:
        if appointment_id not in self._stored:
            asked = {"practice": self._practice, "appointment": appointment_id}
            row = connection.execute(_GET, asked).one_or_none()
            if row is None:
                raise NotFound("session_not_found", "I can't find that session any more. It may have been moved.")
            self._opened(connection, row)
        return self._stored[appointment_id]

    def _add(self, connection: Connection, appointment: Appointment, at: datetime) -> None:
        ids = {"practice_id": self._practice, "id": appointment.id}
        with refused_as(_taken):
            connection.execute(_ADD, {**ids, **self._values(connection, appointment, 0, at.isoformat())})
        self._stored[appointment.id] = _Stored(appointment, 0, at.isoformat())

    def _save(self, connection: Connection, appointment: Appointment, seen: Appointment) -> None:
        stored = self._load(connection, appointment.id)
        if stored.appointment != seen:
            raise _changed()
        values = self._values(connection, appointment, stored.revision + 1, stored.listed_at)
        asked = {"practice": self._practice, "appointment": appointment.id, "seen_revision": stored.revision}
        with refused_as(_taken):
            if connection.execute(_SAVE.values(**values), asked).rowcount != 1:
                raise _changed()
        self._stored[appointment.id] = _Stored(appointment, stored.revision + 1, stored.listed_at)

    def _values(self, connection: Connection, appointment: Appointment, revision: int, listed: str) -> dict[str, Any]:
        key = self._transaction.practice_key(connection)
        return {
            "clinician_id": appointment.clinician_id,
            "revision": revision,
            "waiting": int(appointment.waits),
            "starts_at": appointment.starts_at or datetime.fromisoformat(listed),
            "due_at": appointment.due_at or NEVER,
            "settled_at": appointment.settled_at,
            "note_id": appointment.note_id,
            "key_lookup": self._key(connection, appointment),
            "day_lookup": self._day_of(connection, appointment),
            "content": key.seal(_encoded(appointment, listed), self._place(appointment, revision)),
        }

    def _opened(self, connection: Connection, row: Row[Any]) -> Appointment:
        shell = Appointment(
            id=AppointmentId(row.id),
            clinician_id=PersonId(row.clinician_id),
            client_code="",
            session=Session(),
            timezone="UTC",
            note_id=NoteId(row.note_id) if row.note_id else None,
            due_at=_moment(row.due_at),
            settled_at=row.settled_at,
        )
        key = self._transaction.practice_key(connection)
        appointment, listed = _decoded(key.open(row.content, self._place(shell, row.revision)), shell)
        self._stored[appointment.id] = _Stored(appointment, row.revision, listed)
        return appointment

    def _place(self, appointment: Appointment, revision: int) -> bytes:
        # Every plain column but those that follow from what is sealed is part of what the seal covers.
        due, settled = appointment.due_at, appointment.settled_at
        return bound_to(
            self._practice,
            appointment.id,
            "appointments",
            revision,
            appointment.clinician_id,
            appointment.note_id or "",
            due.isoformat() if due else "",
            settled.isoformat() if settled else "",
        )

    def _key(self, connection: Connection, appointment: Appointment) -> bytes | None:
        if not appointment.key:
            return None
        named = bound_to("session", appointment.origin, appointment.key)
        return self._transaction.practice_key(connection).mac(named)

    def _day_of(self, connection: Connection, appointment: Appointment) -> bytes | None:
        if not appointment.client_code or appointment.session.date is None:
            return None
        day = appointment.session.date
        return self._day(connection, appointment.clinician_id, appointment.client_code, day)

    def _day(self, connection: Connection, clinician: PersonId, code: str, day: dt.date) -> bytes:
        named = bound_to("session-day", clinician, code.upper(), day.isoformat())
        return self._transaction.practice_key(connection).mac(named)


def _same_time(one: Appointment, other: Appointment) -> bool:
    return one.starts_at == other.starts_at


def _moment(at: datetime) -> datetime | None:
    return None if at >= NEVER else at


def _encoded(appointment: Appointment, listed: str) -> bytes:
    session = appointment.session
    content = [
        appointment.client_code,
        session.date.isoformat() if session.date else None,
        session.start.isoformat() if session.start else None,
        session.minutes,
        session.kind,
        session.modality,
        appointment.timezone,
        appointment.attendance.value,
        appointment.place,
        appointment.origin,
        appointment.key,
        appointment.wanted,
        listed,
    ]
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _decoded(plain: bytes, shell: Appointment) -> tuple[Appointment, str]:
    content = json.loads(plain.decode("utf-8", "surrogatepass"))
    code, day, start, minutes, kind, modality, timezone, attendance, place, origin, key, wanted, listed = content
    opened = Appointment(
        id=shell.id,
        clinician_id=shell.clinician_id,
        client_code=code,
        session=Session(
            dt.date.fromisoformat(day) if day else None,
            dt.time.fromisoformat(start) if start else None,
            minutes,
            kind,
            modality,
        ),
        timezone=timezone,
        attendance=Attendance(attendance),
        place=place,
        origin=origin,
        key=key,
        note_id=shell.note_id,
        due_at=shell.due_at,
        settled_at=shell.settled_at,
        wanted=wanted,
    )
    return opened, listed


def _taken() -> Stale:
    return Stale("session_taken", "This session is on the list already, or has its note.")


def _changed() -> Stale:
    return Stale("stale_session", "This session changed meanwhile.")
