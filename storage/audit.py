"""The audit log: append-only, hash-chained per practice, its end sealed with the practice's key.

The chain shows a changed, missing or inserted row. The seal shows a chain that was rewritten as a whole or cut short by
somebody who can write to the database but has no key. Signed heads, kept elsewhere, show one that went back in time.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, Text, bindparam, cast, func, insert, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.audit import ALL_ROWS, SEAL_BROKEN, ChainEnd, ChainRow, SignedHead, Wanted, digest_of
from bot.domain.audit_check import ChainCheck, Finding, Trouble
from bot.domain.ids import NoteId, PersonId
from bot.ports import Act
from storage.crypto import bound_to
from storage.mapping import Values
from storage.models import audit, audit_heads
from storage.prepared import Prepared
from storage.signing import public_key, sign
from storage.transaction import Transaction

_HEAD = select(audit_heads.c.seq, audit_heads.c.hash, audit_heads.c.seal).where(
    audit_heads.c.practice_id == bindparam("practice")
)
_HEAD_LOCKED = Prepared(_HEAD.with_for_update())
_ADD_HEAD = text(
    "INSERT INTO audit_heads (practice_id, seq, hash, seal) VALUES (:practice, 0, '', :seal) ON CONFLICT DO NOTHING"
)
_MOVE_HEAD = Prepared(
    update(audit_heads)
    .where(audit_heads.c.practice_id == bindparam("practice"))
    .values(seq=bindparam("end"), hash=bindparam("chain"), seal=bindparam("sealed"))
)
_APPEND = Prepared(insert(audit))
_ALL = select(audit).where(audit.c.practice_id == bindparam("practice")).order_by(audit.c.seq)
_LAST = (
    select(audit.c.seq, audit.c.hash)
    .where(audit.c.practice_id == bindparam("practice"))
    .order_by(audit.c.seq.desc())
    .limit(1)
)
_OF_NOTE = _ALL.where(audit.c.note_id == bindparam("note"))
# In the order of ChainRow. Times as text: one that somebody spoilt is no time, and must be found, not fallen over.
_RAW = select(
    audit.c.seq,
    audit.c.actor,
    audit.c.act,
    audit.c.note_id,
    audit.c.version,
    audit.c.version_hash,
    cast(audit.c.at, Text).label("at"),
    audit.c.via,
    audit.c.previous_hash,
    audit.c.hash,
).where(audit.c.practice_id == bindparam("practice"))
_PAGE = 2000
_Query = Select[*tuple[Any, ...]]


class SqlAudit:
    """See `bot.ports.Audit`. Appends of one practice wait for one another until the transaction ends."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def append(self, act: Act) -> None:
        self._transaction.later(lambda connection: self._append(connection, act))

    async def acts(self, note_id: NoteId | None = None) -> Sequence[Act]:
        statement = _ALL if note_id is None else _OF_NOTE
        asked = {"practice": self._practice} if note_id is None else {"practice": self._practice, "note": note_id}
        return await self._transaction.now(
            lambda connection: [_act_of(row) for row in connection.execute(statement, asked)]
        )

    async def verify(self) -> str | None:
        check, last = ChainCheck(self._practice), -(1 << 62)
        while rows := await self.page(last, _PAGE):
            for row in rows:
                check.feed(row)
            last = rows[-1].seq
        verdict = check.verdict(await self.end())
        return None if verdict.holds else _sentence(verdict.findings[0])

    async def page(self, after: int, limit: int, wanted: Wanted = ALL_ROWS) -> Sequence[ChainRow]:
        statement = _narrowed(_RAW, wanted).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
        return await self._rows(statement)

    async def newest(self, limit: int, wanted: Wanted = ALL_ROWS) -> Sequence[ChainRow]:
        statement = _narrowed(_RAW, wanted).order_by(audit.c.seq.desc()).limit(limit)
        return [*reversed(await self._rows(statement))]

    async def span(self, since: datetime | None, until: datetime | None) -> tuple[int, int]:
        ends = select(func.min(audit.c.seq), func.max(audit.c.seq)).where(audit.c.practice_id == bindparam("practice"))
        statement = _narrowed(ends, Wanted(since=since, until=until))
        asked = {"practice": self._practice}
        found = await self._transaction.now(lambda connection: connection.execute(statement, asked).one())
        return int(found[0] or 0), int(found[1] or 0)

    async def end(self) -> ChainEnd | None:
        return await self._transaction.now(self._stored_end)

    async def public_key(self) -> str:
        return await self._transaction.now(lambda connection: public_key(self._transaction.practice_key(connection)))

    async def sign(self, seq: int, chain: str, at: datetime) -> SignedHead:
        head = SignedHead(self._practice, seq, chain, at, "")
        return await self._transaction.now(lambda connection: sign(self._transaction.practice_key(connection), head))

    async def _rows(self, statement: _Query) -> Sequence[ChainRow]:
        asked = {"practice": self._practice}
        return await self._transaction.now(
            lambda connection: [_chain_row(row) for row in connection.execute(statement, asked)]
        )

    def _append(self, connection: Connection, act: Act) -> None:
        end = self._end(connection)
        if not end.sealed:  # work goes on, but what was done to the log stands in it from now on
            said = Act(None, SEAL_BROKEN, None, 0, "", act.at, "storage")
            end = self._appended(connection, said, end)
        self._appended(connection, act, end)

    def _appended(self, connection: Connection, act: Act, end: ChainEnd) -> ChainEnd:
        values = _values(self._practice, end.seq + 1, act, end.hash)
        _APPEND.run(connection, values)
        seq, chain = values["seq"], values["hash"]
        sealed = self._seal(connection, seq, chain)
        _MOVE_HEAD.run(connection, {"practice": self._practice, "end": seq, "chain": chain, "sealed": sealed})
        return ChainEnd(seq, chain, sealed=True)

    def _end(self, connection: Connection) -> ChainEnd:
        asked = {"practice": self._practice}
        head = _HEAD_LOCKED.run(connection, asked).fetchone()
        if head is None:
            connection.execute(_ADD_HEAD, {**asked, "seal": self._seal(connection, 0, "")})
            head = connection.execute(_HEAD.with_for_update(), asked).one()
        end = self._checked(connection, head)
        return end if end.sealed and end.seq else self._as_it_stands(connection, end)

    def _as_it_stands(self, connection: Connection, end: ChainEnd) -> ChainEnd:
        """Where the rows end, when nothing is known of it, or nothing that can be believed."""
        last = connection.execute(_LAST, {"practice": self._practice}).one_or_none()
        return end if last is None else ChainEnd(last.seq, last.hash, sealed=False)

    def _stored_end(self, connection: Connection) -> ChainEnd | None:
        head = connection.execute(_HEAD, {"practice": self._practice}).one_or_none()
        return None if head is None else self._checked(connection, head)

    def _checked(self, connection: Connection, head: Any) -> ChainEnd:
        seq, chain, seal = head
        return ChainEnd(seq, chain, hmac.compare_digest(bytes(seal), self._seal(connection, seq, chain)))

    def _seal(self, connection: Connection, seq: int, chain: str) -> bytes:
        return self._transaction.practice_key(connection).mac(bound_to("audit", self._practice, seq, chain))


def _sentence(finding: Finding) -> str:
    if finding.trouble is Trouble.UNSEALED:
        return f"The audit log was changed: row {finding.seq} is not sealed with this practice's key."
    if finding.trouble is Trouble.NO_END:
        return f"The audit log was changed: its end is missing after row {finding.seq}."
    return f"The audit log was changed: row {finding.seq} does not hold."


def _narrowed(statement: _Query, wanted: Wanted) -> _Query:
    if wanted.note_id:
        statement = statement.where(audit.c.note_id == wanted.note_id)
    if wanted.actor:
        statement = statement.where(audit.c.actor == wanted.actor)
    if wanted.act:
        statement = statement.where(audit.c.act.startswith(wanted.act, autoescape=True))
    if wanted.since:
        statement = statement.where(audit.c.at >= wanted.since)
    if wanted.until:
        statement = statement.where(audit.c.at < wanted.until)
    return statement


def _act_of(row: Row[Any]) -> Act:
    actor = PersonId(row.actor) if row.actor is not None else None
    note_id = NoteId(row.note_id) if row.note_id is not None else None
    return Act(actor, row.act, note_id, row.version, row.version_hash, row.at, row.via)


def _chain_row(row: Row[Any]) -> ChainRow:
    found: tuple[Any, ...] = tuple(row)
    seq, actor, act, note_id, version, version_hash, at, via, previous, digest = found
    return ChainRow(seq, actor, act, note_id, version, version_hash, _time(str(at)), via, previous, digest)


def _time(stored: str) -> datetime | None:
    """SQLite keeps naive UTC, PostgreSQL a time with its zone."""
    try:
        at = datetime.fromisoformat(stored)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _values(practice: str, seq: int, act: Act, previous: str) -> Values:
    row = ChainRow(
        seq, act.actor, act.act, act.note_id, act.version, act.version_hash, act.at, act.via, previous, hash=""
    )
    return {
        "practice_id": practice,
        "seq": seq,
        "actor": act.actor,
        "act": act.act,
        "note_id": act.note_id,
        "version": act.version,
        "version_hash": act.version_hash,
        "at": act.at,
        "via": act.via,
        "previous_hash": previous,
        "hash": digest_of(practice, row),
    }
