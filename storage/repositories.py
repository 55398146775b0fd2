"""Cards, documents, the filing ledger and handled deliveries of one practice."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, or_, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.filing import Filing, FilingState, Receipt
from bot.domain.ids import NoteId, PersonId
from bot.ports import Notice, Posted
from storage.crypto import bound_to
from storage.models import UtcTime, cards, documents, filings, seen
from storage.transaction import Transaction, no_such_note, refused_as

_REMEMBER_CARD = text(
    "INSERT INTO cards (practice_id, note_id, platform, workspace, channel, ts, form)"
    " VALUES (:practice, :note, :platform, :workspace, :channel, :ts, :form)"
    " ON CONFLICT (practice_id, note_id, platform, workspace, channel, ts) DO UPDATE SET form = excluded.form"
)
_CARDS = (
    select(cards.c.platform, cards.c.workspace, cards.c.channel, cards.c.ts)
    .where(
        cards.c.practice_id == bindparam("practice"),
        cards.c.note_id == bindparam("note"),
        cards.c.form == bindparam("form"),
    )
    .order_by(cards.c.id)
)
_FORGET_FORM = text(
    "DELETE FROM cards WHERE practice_id = :practice AND note_id = :note AND form = 1"
    " AND platform = :platform AND channel = :channel AND ts = :ts"
)
_NOTICE, _BOARD = 2, 3  # of `form`: beside a card (0) and a form (1), what stands in an administrator's chat
_REMEMBER_NOTICE = text(
    "INSERT INTO cards (practice_id, note_id, platform, workspace, channel, ts, form, person_id)"
    " VALUES (:practice, :note, :platform, :workspace, :channel, :ts, :form, :person)"
    " ON CONFLICT (practice_id, note_id, platform, workspace, channel, ts)"
    " DO UPDATE SET form = excluded.form, person_id = excluded.person_id"
)
_NOTICES = (
    select(cards)
    .where(cards.c.practice_id == bindparam("practice"), cards.c.note_id == bindparam("note"), cards.c.person_id != "")
    .order_by(cards.c.id)
)
_NOTICES_TO = (
    select(cards)
    .where(
        cards.c.practice_id == bindparam("practice"), cards.c.person_id == bindparam("person"), text("person_id <> ''")
    )
    .order_by(cards.c.id)
)
_FORGET_NOTICE = text(
    "DELETE FROM cards WHERE practice_id = :practice AND note_id = :note AND person_id = :person"
    " AND platform = :platform AND channel = :channel AND ts = :ts"
)
_ADD_DOCUMENT = text(
    "INSERT INTO documents (practice_id, note_id, kind, sha256, content)"
    " VALUES (:practice, :note, :kind, :sha256, :content) ON CONFLICT DO NOTHING"
)
_DOCUMENTS = (
    select(documents.c.kind, documents.c.content)
    .where(documents.c.practice_id == bindparam("practice"), documents.c.note_id == bindparam("note"))
    .order_by(documents.c.kind)
)
_THIS_FILING = (filings.c.practice_id == bindparam("practice"), filings.c.note_id == bindparam("note"))
_OPEN_FILING = text(
    "INSERT INTO filings (practice_id, note_id, next_at) VALUES (:practice, :note, :next) ON CONFLICT DO NOTHING"
).bindparams(bindparam("next", type_=UtcTime))
_FILING = select(filings).where(*_THIS_FILING)
_LEASE = (
    update(filings)
    .where(
        *_THIS_FILING,
        filings.c.receipt_at.is_(None),
        or_(
            filings.c.lease_until.is_(None),
            filings.c.lease_until <= bindparam("now", type_=UtcTime),
            filings.c.lease_holder == bindparam("holder"),
        ),
    )
    .values(
        lease_holder=bindparam("holder"),
        lease_until=bindparam("until", type_=UtcTime),
    )
    .returning(*filings.c)
)
_FAILED = (
    update(filings)
    .where(*_THIS_FILING)
    .values(
        attempts=filings.c.attempts + 1,
        error_code=bindparam("code"),
        next_at=bindparam("next", type_=UtcTime),
        lease_holder="",
        lease_until=None,
    )
)
_STORED = (
    update(filings)
    .where(*_THIS_FILING, filings.c.receipt_at.is_(None))
    .values(
        receipt_reference=bindparam("reference"),
        receipt_sha256=bindparam("sha256"),
        receipt_outcome=bindparam("outcome"),
        receipt_at=bindparam("at", type_=UtcTime),
        error_code="",
        lease_holder="",
        lease_until=None,
    )
)
_FIRST_TIME = text(
    "INSERT INTO seen (practice_id, key, at) VALUES (:practice, :key, :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=UtcTime))
_FORGET = delete(seen).where(seen.c.practice_id == bindparam("practice"), seen.c.at < bindparam("before"))


class _OfPractice:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    def _asked(self, note_id: NoteId) -> dict[str, Any]:
        return {"practice": self._practice, "note": note_id}


class SqlCards(_OfPractice):
    """See `bot.ports.Cards`. Oldest first."""

    async def remember(self, note_id: NoteId, posted: Posted, *, form: bool = False) -> None:
        place = {
            "platform": posted.platform,
            "workspace": posted.workspace,
            "channel": posted.channel,
            "ts": posted.ts,
            "form": int(form),
        }

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_REMEMBER_CARD, {**self._asked(note_id), **place})

        self._transaction.later(write)

    async def of(self, note_id: NoteId) -> Sequence[Posted]:
        return await self._standing(note_id, form=False)

    async def forms(self, note_id: NoteId) -> Sequence[Posted]:
        return await self._standing(note_id, form=True)

    async def forget(self, note_id: NoteId, posted: Posted) -> None:
        place = {"platform": posted.platform, "channel": posted.channel, "ts": posted.ts}
        asked = {**self._asked(note_id), **place}
        self._transaction.later(lambda connection: connection.execute(_FORGET_FORM, asked))

    async def remember_notice(self, notice: Notice) -> None:
        form = _BOARD if notice.board else _NOTICE
        place = {"workspace": notice.posted.workspace, "form": form, **self._of_notice(notice)}

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_REMEMBER_NOTICE, place)

        self._transaction.later(write)

    async def notices(self, note_id: NoteId) -> Sequence[Notice]:
        asked = self._asked(note_id)
        return await self._transaction.now(lambda connection: _notices(connection.execute(_NOTICES, asked)))

    async def notices_to(self, person: PersonId) -> Sequence[Notice]:
        asked = {"practice": self._practice, "person": person}
        return await self._transaction.now(lambda connection: _notices(connection.execute(_NOTICES_TO, asked)))

    async def forget_notice(self, notice: Notice) -> None:
        asked = self._of_notice(notice)
        self._transaction.later(lambda connection: connection.execute(_FORGET_NOTICE, asked))

    def _of_notice(self, notice: Notice) -> dict[str, Any]:
        posted = notice.posted
        place = {"platform": posted.platform, "channel": posted.channel, "ts": posted.ts}
        return {**self._asked(notice.note_id), **place, "person": notice.person}

    async def _standing(self, note_id: NoteId, *, form: bool) -> Sequence[Posted]:
        asked = {**self._asked(note_id), "form": int(form)}
        return await self._transaction.now(
            lambda connection: [
                Posted(row.platform, row.workspace, row.channel, row.ts) for row in connection.execute(_CARDS, asked)
            ]
        )


def _notices(rows: Iterable[Row[Any]]) -> list[Notice]:
    return [
        Notice(
            NoteId(row.note_id),
            PersonId(row.person_id),
            Posted(row.platform, row.workspace, row.channel, row.ts),
            row.form == _BOARD,
        )
        for row in rows
    ]


class SqlDocuments(_OfPractice):
    """See `bot.ports.Documents`. What is there is never replaced: it may have been sent already."""

    async def add(self, note_id: NoteId, files: Mapping[str, bytes]) -> None:
        held = dict(files)
        self._transaction.later(lambda connection: self._add(connection, note_id, held))

    async def of(self, note_id: NoteId) -> Mapping[str, bytes]:
        return await self._transaction.now(lambda connection: self._of(connection, note_id))

    def _add(self, connection: Connection, note_id: NoteId, files: Mapping[str, bytes]) -> None:
        key = self._transaction.note_key(connection, note_id)
        for kind, content in files.items():
            values = {
                "kind": kind,
                "sha256": hashlib.sha256(content).hexdigest(),
                "content": key.seal(content, bound_to(self._practice, note_id, "documents", kind)),
            }
            connection.execute(_ADD_DOCUMENT, {**self._asked(note_id), **values})

    def _of(self, connection: Connection, note_id: NoteId) -> Mapping[str, bytes]:
        rows = connection.execute(_DOCUMENTS, self._asked(note_id)).all()
        if not rows:
            return {}
        key = self._transaction.note_key(connection, note_id)
        return {
            row.kind: key.open(row.content, bound_to(self._practice, note_id, "documents", row.kind)) for row in rows
        }


class SqlLedger(_OfPractice):
    """See `bot.ports.Ledger`. Failures count as attempts, a holder may renew its lease, the first receipt stands."""

    async def open(self, note_id: NoteId, at: datetime) -> None:
        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_OPEN_FILING, {**self._asked(note_id), "next": at})

        self._transaction.later(write)

    async def lease(self, note_id: NoteId, holder: str, at: datetime, seconds: int) -> Filing | None:
        asked = {**self._asked(note_id), "holder": holder, "now": at, "until": at + timedelta(seconds=seconds)}
        return await self._transaction.write_now(lambda connection: self._lease(connection, note_id, asked))

    async def failed(self, note_id: NoteId, code: str, next_at: datetime) -> None:
        asked = {**self._asked(note_id), "code": code, "next": next_at}

        def write(connection: Connection) -> None:
            if connection.execute(_FAILED, asked).rowcount != 1:
                raise no_such_note()

        self._transaction.later(write)

    async def stored(self, note_id: NoteId, receipt: Receipt) -> None:
        self._transaction.later(lambda connection: self._stored(connection, note_id, receipt))

    async def of(self, note_id: NoteId) -> Filing | None:
        return await self._transaction.now(lambda connection: self._of(connection, note_id))

    def _lease(self, connection: Connection, note_id: NoteId, asked: dict[str, Any]) -> Filing | None:
        row = connection.execute(_LEASE, asked).one_or_none()
        if row is None and self._of(connection, note_id) is None:
            raise no_such_note()
        return self._filing(connection, row) if row is not None else None

    def _stored(self, connection: Connection, note_id: NoteId, receipt: Receipt) -> None:
        key = self._transaction.note_key(connection, note_id)
        values = {
            "reference": key.seal(receipt.reference.encode(), self._reference_place(note_id)),
            "sha256": receipt.sha256,
            "outcome": receipt.outcome,
            "at": receipt.at,
        }
        stored = connection.execute(_STORED, {**self._asked(note_id), **values}).rowcount == 1
        if not stored and self._of(connection, note_id) is None:
            raise no_such_note()

    def _of(self, connection: Connection, note_id: NoteId) -> Filing | None:
        row = connection.execute(_FILING, self._asked(note_id)).one_or_none()
        return self._filing(connection, row) if row is not None else None

    def _filing(self, connection: Connection, row: Row[Any]) -> Filing:
        note_id = NoteId(row.note_id)
        receipt = self._receipt(connection, note_id, row)
        state = FilingState.STORED if receipt else FilingState.PENDING
        return Filing(note_id, "", state, row.attempts, row.next_at, row.error_code, receipt)

    def _receipt(self, connection: Connection, note_id: NoteId, row: Row[Any]) -> Receipt | None:
        if row.receipt_at is None:
            return None
        reference = ""  # after a purge
        if row.receipt_reference is not None:
            key = self._transaction.note_key(connection, note_id)
            reference = key.open(row.receipt_reference, self._reference_place(note_id)).decode()
        return Receipt(reference, row.receipt_sha256, row.receipt_outcome, row.receipt_at)

    def _reference_place(self, note_id: NoteId) -> bytes:
        return bound_to(self._practice, note_id, "filings", "receipt_reference")


class SqlSeen(_OfPractice):
    """See `bot.ports.Seen`."""

    async def first_time(self, key: str, at: datetime) -> bool:
        asked = {"practice": self._practice, "key": key, "at": at}
        return await self._transaction.write_now(
            lambda connection: connection.execute(_FIRST_TIME, asked).rowcount == 1
        )

    async def forget(self, before: datetime) -> None:
        """Drop what was seen earlier than `before`."""
        asked = {"practice": self._practice, "before": before}
        self._transaction.later(lambda connection: connection.execute(_FORGET, asked))
