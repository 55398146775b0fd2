"""Calls to the language model: a limited number of places that all workers share, and what each call took."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.ids import NoteId
from bot.domain.usage import Call, Limits, Outcome, Usage
from storage.models import UtcTime, model_calls
from storage.transaction import Transaction

_MINUTE = timedelta(seconds=60)
_NO_FAILURE = ("", "done", "cancelled")  # under way, answered, given up by the clinician
_SOON = 0.25  # seconds until it is worth asking for a place again
_OURS = model_calls.c.practice_id == bindparam("practice")
_RUNNING = select(func.count()).where(
    _OURS, model_calls.c.ended_at.is_(None), model_calls.c.lease_until > bindparam("now", type_=UtcTime)
)
_BEGUN = (
    select(model_calls.c.at)
    .where(_OURS, model_calls.c.at > bindparam("since", type_=UtcTime))
    .order_by(model_calls.c.at.desc())
    .limit(bindparam("most"))
)
_TAKE = insert(model_calls)
_END = update(model_calls).where(_OURS, model_calls.c.id == bindparam("call"), model_calls.c.ended_at.is_(None))
_USAGE = (
    select(
        model_calls.c.note_id,
        func.count().label("calls"),
        func.sum(model_calls.c.outcome.not_in(_NO_FAILURE).cast(model_calls.c.prompt_tokens.type)).label("failed"),
        func.sum(model_calls.c.prompt_tokens).label("prompt"),
        func.sum(model_calls.c.cached_tokens).label("cached"),
        func.sum(model_calls.c.completion_tokens).label("completion"),
        func.sum(model_calls.c.milliseconds).label("milliseconds"),
    )
    .where(_OURS, model_calls.c.at >= bindparam("since", type_=UtcTime))
    .group_by(model_calls.c.note_id)
    .order_by(func.max(model_calls.c.at).desc())
)
# Counting and taking a place must not interleave between processes; on SQLite a writer is alone anyway.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:practice, 7))")


class SqlCalls:
    """See `bot.ports.Calls`. A place whose worker died is free again when its lease has run out."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def take(self, call: Call, limits: Limits, seconds: int) -> float:
        return await self._transaction.write_now(lambda connection: self._take(connection, call, limits, seconds))

    async def ended(self, call_id: str, outcome: Outcome, at: datetime) -> None:
        values: dict[str, Any] = {
            "ended_at": at,
            "outcome": outcome.code,
            "model": outcome.model,
            "prompt_tokens": outcome.prompt_tokens,
            "cached_tokens": outcome.cached_tokens,
            "completion_tokens": outcome.completion_tokens,
            "milliseconds": outcome.milliseconds,
        }
        asked = {"practice": self._practice, "call": call_id}
        self._transaction.later(lambda connection: connection.execute(_END.values(**values), asked))

    async def usage(self, since: datetime) -> Sequence[Usage]:
        asked = {"practice": self._practice, "since": since}
        rows = await self._transaction.now(lambda connection: connection.execute(_USAGE, asked).all())
        return [
            Usage(
                NoteId(row.note_id),
                row.calls,
                int(row.failed),
                int(row.prompt),
                int(row.cached),
                int(row.completion),
                int(row.milliseconds),
            )
            for row in rows
        ]

    def _take(self, connection: Connection, call: Call, limits: Limits, seconds: int) -> float:
        asked = {"practice": self._practice}
        if connection.dialect.name == "postgresql":
            connection.execute(_ALONE, asked)
        if connection.execute(_RUNNING, {**asked, "now": call.at}).scalar_one() >= limits.concurrency:
            return _SOON
        since = {"since": call.at - _MINUTE, "most": limits.per_minute}
        begun = connection.execute(_BEGUN, {**asked, **since}).scalars().all()
        if len(begun) >= limits.per_minute:
            return max(_SOON, (begun[-1] + _MINUTE - call.at).total_seconds())
        values = {
            "practice_id": self._practice,
            "id": call.id,
            "note_id": call.note_id,
            "purpose": call.purpose,
            "at": call.at,
            "lease_until": call.at + timedelta(seconds=seconds),
        }
        connection.execute(_TAKE, values)
        return 0.0
