"""The audit log: append-only, hash-chained per practice, its end sealed with the practice's key.

The chain shows a changed, missing or inserted row. The seal shows a chain that was rewritten as a whole or cut short by
somebody who can write to the database but has no key. It does not show that the whole database went back in time.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.ids import NoteId, PersonId
from bot.ports import Act
from storage.crypto import bound_to
from storage.mapping import Values, instant
from storage.models import audit, audit_heads
from storage.prepared import Prepared
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
_OF_NOTE = _ALL.where(audit.c.note_id == bindparam("note"))


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
        return await self._transaction.now(self._verify)

    def _append(self, connection: Connection, act: Act) -> None:
        seq, previous = self._end(connection)
        values = _values(self._practice, seq + 1, act, previous)
        _APPEND.run(connection, values)
        end, chain = values["seq"], values["hash"]
        sealed = self._seal(connection, end, chain)
        _MOVE_HEAD.run(connection, {"practice": self._practice, "end": end, "chain": chain, "sealed": sealed})

    def _end(self, connection: Connection) -> tuple[int, str]:
        asked = {"practice": self._practice}
        head = _HEAD_LOCKED.run(connection, asked).fetchone()
        if head is None:
            connection.execute(_ADD_HEAD, {**asked, "seal": self._seal(connection, 0, "")})
            head = connection.execute(_HEAD.with_for_update(), asked).one()
        return head[0], head[1]

    def _verify(self, connection: Connection) -> str | None:
        asked = {"practice": self._practice}
        seq, previous = 0, ""
        for row in connection.execute(_ALL, asked):
            seq += 1
            expected = _values(self._practice, seq, _act_of(row), previous)
            if (row.seq, row.previous_hash, row.hash) != (seq, previous, expected["hash"]):
                return f"The audit log was changed: row {seq} does not hold."
            previous = row.hash
        head = connection.execute(_HEAD, asked).one_or_none()
        if head is None:
            return None if seq == 0 else f"The audit log was changed: its end is missing after row {seq}."
        if (head.seq, head.hash) != (seq, previous):
            return f"The audit log was changed: row {min(seq, head.seq) + 1} does not hold."
        if not hmac.compare_digest(head.seal, self._seal(connection, seq, previous)):
            return f"The audit log was changed: row {seq} is not sealed with this practice's key."
        return None

    def _seal(self, connection: Connection, seq: int, chain: str) -> bytes:
        return self._transaction.practice_key(connection).mac(bound_to("audit", self._practice, seq, chain))


def _act_of(row: Row[Any]) -> Act:
    actor = PersonId(row.actor) if row.actor is not None else None
    note_id = NoteId(row.note_id) if row.note_id is not None else None
    return Act(actor, row.act, note_id, row.version, row.version_hash, row.at, row.via)


def _values(practice: str, seq: int, act: Act, previous: str) -> Values:
    values: Values = {
        "practice_id": practice,
        "seq": seq,
        "actor": act.actor,
        "act": act.act,
        "note_id": act.note_id,
        "version": act.version,
        "version_hash": act.version_hash,
        "at": instant(act.at),
        "via": act.via,
        "previous_hash": previous,
    }
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return {**values, "at": act.at, "hash": digest}
