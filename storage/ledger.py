"""The ledger of filings of one practice: a row a note and target. Who holds a row's lease sends; nobody else does."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, or_, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.filing import LONGEST_SAID, Filing, FilingState, Receipt, not_again
from bot.domain.ids import NoteId
from storage.crypto import bound_to
from storage.models import UtcTime, filings, notes
from storage.transaction import Transaction, no_such_note, refused_as

_FIRST_TARGET = "folder"  # the only one when receipts were sealed without their target's name
_PENDING, _SENDING, _STORED_ALREADY = FilingState.PENDING.value, FilingState.SENDING.value, FilingState.STORED.value
_AT_REST = [FilingState.PENDING.value, FilingState.REFUSED.value]
_NOW = bindparam("now", type_=UtcTime)
_OF_NOTE = (filings.c.practice_id == bindparam("practice"), filings.c.note_id == bindparam("note"))
_THIS = (*_OF_NOTE, filings.c.target == bindparam("place"))
_TOO_FAR = bindparam("too_far", type_=UtcTime)  # see LONGEST_SAID
_RAN_OUT = and_(filings.c.state == _SENDING, or_(filings.c.lease_until <= _NOW, filings.c.lease_until > _TOO_FAR))
_IS_TIME = or_(filings.c.next_at <= _NOW, filings.c.next_at > _TOO_FAR)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_FREE = {"lease_holder": "", "lease_until": None}

_OPEN = text(
    "INSERT INTO filings (practice_id, note_id, target, position, state, next_at)"
    " SELECT :practice, :note, :place, COALESCE(MAX(position), -1) + 1, 'pending', :next"
    " FROM filings WHERE practice_id = :practice AND note_id = :note ON CONFLICT DO NOTHING"
).bindparams(bindparam("next", type_=UtcTime))
_LEAD = (
    update(filings)
    .where(*_THIS)
    .values(
        position=select(func.min(filings.c.position) - 1).where(*_OF_NOTE).scalar_subquery(),
        next_at=case((filings.c.state.in_(_AT_REST), bindparam("next", type_=UtcTime)), else_=filings.c.next_at),
    )
)
_ALL = select(filings).where(*_OF_NOTE).order_by(filings.c.position)
_ONE = select(filings).where(*_THIS)
_LEASE = (
    update(filings)
    .where(
        *_THIS,
        or_(
            filings.c.state.in_(_AT_REST),
            _RAN_OUT,
            and_(filings.c.state == _SENDING, filings.c.lease_holder == bindparam("holder")),
        ),
    )
    .values(
        state=_SENDING,
        maybe_sent=case((_RAN_OUT, 1), else_=filings.c.maybe_sent),
        lease_holder=bindparam("holder"),
        lease_until=bindparam("until", type_=UtcTime),
    )
    .returning(*filings.c)
)
_FAILED = (
    update(filings)
    .where(*_THIS, filings.c.state == _SENDING, filings.c.lease_holder == bindparam("holder"))
    .values(
        state=bindparam("new_state"),
        attempts=filings.c.attempts + 1,
        error_code=bindparam("code"),
        next_at=bindparam("next", type_=UtcTime),
        maybe_sent=case((bindparam("lost") == 1, 1), else_=filings.c.maybe_sent),
        failing_since=func.coalesce(filings.c.failing_since, _NOW),
        **_FREE,
    )
)
_PUT_OFF = update(filings).where(*_THIS, filings.c.state.in_(_AT_REST)).values(next_at=bindparam("next", type_=UtcTime))
_STORED = (
    update(filings)
    .where(*_THIS, filings.c.receipt_at.is_(None))
    .values(
        state=_STORED_ALREADY,
        receipt_reference=bindparam("reference"),
        receipt_sha256=bindparam("sha256"),
        receipt_outcome=bindparam("outcome"),
        receipt_at=bindparam("at", type_=UtcTime),
        receipt_version=bindparam("version"),
        receipt_verified=bindparam("verified"),
        error_code="",
        maybe_sent=0,
        failing_since=None,
        **_FREE,
    )
)
_AGAIN = (
    update(filings)
    .where(*_THIS, or_(filings.c.state.not_in([_SENDING, _STORED_ALREADY]), _RAN_OUT))
    .values(
        state=_PENDING,
        attempts=0,
        error_code="",
        next_at=_NOW,
        maybe_sent=case((bindparam("absent") == 1, 0), (filings.c.state == _SENDING, 1), else_=filings.c.maybe_sent),
        **_FREE,
    )
    .returning(*filings.c)
)
_WAITING = (
    select(
        filings.c.note_id,
        filings.c.target,
        filings.c.next_at,
        filings.c.position,
        func.row_number()
        .over(partition_by=filings.c.target, order_by=(filings.c.next_at, filings.c.note_id))
        .label("turn"),
    )
    .join(notes, and_(notes.c.practice_id == filings.c.practice_id, notes.c.id == filings.c.note_id))
    .where(
        filings.c.practice_id == bindparam("practice"),
        text("filings.state <> 'stored'"),  # word for word as in the partial index, or the index is not used
        filings.c.next_at > bindparam("ever", type_=UtcTime),  # always so; without it SQLite walks the primary key
        or_(and_(filings.c.state.in_(_AT_REST), _IS_TIME), _RAN_OUT),
        notes.c.wrapped_key.is_not(None),
    )
    .subquery()
)
_DUE = (
    select(_WAITING.c.note_id, _WAITING.c.target)
    .where(_WAITING.c.turn <= bindparam("most"))
    .order_by(_WAITING.c.next_at, _WAITING.c.note_id, _WAITING.c.position)
)
_COUNTS = (
    select(filings.c.target, filings.c.state, func.count().label("rows"))
    .where(
        filings.c.practice_id == bindparam("practice"),
        text("filings.state <> 'stored'"),
        filings.c.next_at > bindparam("ever", type_=UtcTime),  # as above
    )
    .group_by(filings.c.target, filings.c.state)
)
_LISTED = (
    select(filings)
    .where(
        filings.c.practice_id == bindparam("practice"),
        filings.c.state.in_(bindparam("states", expanding=True)),
        or_(bindparam("place") == "", filings.c.target == bindparam("place")),
    )
    .order_by(filings.c.next_at, filings.c.note_id, filings.c.position)
    .limit(bindparam("most"))
)


class SqlLedger:
    """See `bot.ports.Ledger`. A holder may renew its lease."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def open(self, note_id: NoteId, targets: Sequence[str], at: datetime) -> None:
        rows = [{**self._asked(note_id, target), "next": at} for target in targets]

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                for row in rows:
                    connection.execute(_OPEN, row)

        self._transaction.later(write)

    async def lead(self, note_id: NoteId, target: str, at: datetime) -> None:
        asked = {**self._asked(note_id, target), "next": at}

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_OPEN, asked)
            connection.execute(_LEAD, asked)

        await self._transaction.write_now(write)

    async def lease(self, note_id: NoteId, target: str, holder: str, at: datetime, seconds: int) -> Filing | None:
        until = at + timedelta(seconds=seconds)
        asked = {**self._asked(note_id, target), **_times(at), "holder": holder, "until": until}

        def write(connection: Connection) -> Filing | None:
            row = connection.execute(_LEASE, asked).one_or_none()
            if row is None:
                self._expect(connection, note_id, target)
            return self._filing(connection, row) if row is not None else None

        return await self._transaction.write_now(write)

    async def failed(
        self,
        note_id: NoteId,
        target: str,
        holder: str,
        state: FilingState,
        code: str,
        at: datetime,
        next_at: datetime,
        *,
        maybe_sent: bool = False,
    ) -> bool:
        lost = int(maybe_sent or state is FilingState.UNKNOWN)
        told = {"holder": holder, "new_state": state.value, "code": code, "now": at, "next": next_at, "lost": lost}
        return await self._changed(_FAILED, note_id, target, told)

    async def put_off(self, note_id: NoteId, target: str, next_at: datetime) -> None:
        await self._changed(_PUT_OFF, note_id, target, {"next": next_at})

    async def stored(self, note_id: NoteId, target: str, receipt: Receipt) -> bool:
        return await self._transaction.write_now(lambda connection: self._stored(connection, note_id, target, receipt))

    async def again(self, note_id: NoteId, target: str, at: datetime, *, absent: bool) -> Filing:
        asked = {**self._asked(note_id, target), **_times(at), "absent": int(absent)}

        def write(connection: Connection) -> Filing:
            row = connection.execute(_AGAIN, asked).one_or_none()
            if row is None:
                raise not_again(self._expect(connection, note_id, target))
            return self._filing(connection, row)

        return await self._transaction.write_now(write)

    async def of(self, note_id: NoteId) -> Sequence[Filing]:
        asked = {"practice": self._practice, "note": note_id}
        return await self._transaction.now(
            lambda connection: [self._filing(connection, row) for row in connection.execute(_ALL, asked)]
        )

    async def due(self, at: datetime, limit: int) -> Sequence[tuple[NoteId, str]]:
        asked = {"practice": self._practice, **_times(at), "ever": _EVER, "most": limit}
        return await self._transaction.now(
            lambda connection: [(NoteId(row.note_id), row.target) for row in connection.execute(_DUE, asked)]
        )

    async def counts(self) -> Mapping[tuple[str, FilingState], int]:
        asked = {"practice": self._practice, "ever": _EVER}
        return await self._transaction.now(
            lambda connection: {
                (target, FilingState(state)): rows for target, state, rows in connection.execute(_COUNTS, asked)
            }
        )

    async def listed(self, states: Sequence[FilingState], target: str, limit: int) -> Sequence[Filing]:
        wanted = [state.value for state in states or FilingState]
        asked = {"practice": self._practice, "states": wanted, "place": target, "most": limit}
        return await self._transaction.now(
            lambda connection: [self._filing(connection, row) for row in connection.execute(_LISTED, asked)]
        )

    async def _changed(self, statement: Any, note_id: NoteId, target: str, told: dict[str, Any]) -> bool:
        """Whether the statement found the row as it must be. Raises NotFound when there is none."""

        def write(connection: Connection) -> bool:
            changed = connection.execute(statement, {**self._asked(note_id, target), **told}).rowcount == 1
            if not changed:
                self._expect(connection, note_id, target)
            return changed

        return await self._transaction.write_now(write)

    def _stored(self, connection: Connection, note_id: NoteId, target: str, receipt: Receipt) -> bool:
        key = self._transaction.note_key(connection, note_id)
        told = {
            "reference": key.seal(receipt.reference.encode(), self._reference_place(note_id, target)),
            "sha256": receipt.sha256,
            "outcome": receipt.outcome,
            "at": receipt.at,
            "version": receipt.version,
            "verified": int(receipt.verified),
        }
        stored = connection.execute(_STORED, {**self._asked(note_id, target), **told}).rowcount == 1
        if not stored:
            self._expect(connection, note_id, target)
        return stored

    def _expect(self, connection: Connection, note_id: NoteId, target: str) -> FilingState:
        row = connection.execute(_ONE, self._asked(note_id, target)).one_or_none()
        if row is None:
            raise no_such_note()
        return FilingState(row.state)

    def _filing(self, connection: Connection, row: Row[Any]) -> Filing:
        return Filing(
            NoteId(row.note_id),
            row.target,
            FilingState(row.state),
            row.attempts,
            row.next_at,
            row.error_code,
            self._receipt(connection, row),
            bool(row.maybe_sent),
            row.failing_since,
        )

    def _receipt(self, connection: Connection, row: Row[Any]) -> Receipt | None:
        if row.receipt_at is None:
            return None
        reference = ""  # after a purge
        if row.receipt_reference is not None:
            note_id = NoteId(row.note_id)
            key = self._transaction.note_key(connection, note_id)
            reference = key.open(row.receipt_reference, self._reference_place(note_id, row.target)).decode()
        verified = bool(row.receipt_verified)
        return Receipt(
            reference, row.receipt_sha256, row.receipt_outcome, row.receipt_at, row.receipt_version, verified
        )

    def _asked(self, note_id: NoteId, target: str) -> dict[str, Any]:
        return {"practice": self._practice, "note": note_id, "place": target}

    def _reference_place(self, note_id: NoteId, target: str) -> bytes:
        named = (target,) if target != _FIRST_TARGET else ()
        return bound_to(self._practice, note_id, "filings", "receipt_reference", *named)


def _times(at: datetime) -> dict[str, datetime]:
    return {"now": at, "too_far": at + LONGEST_SAID}
