"""What is sent once a person, kind and day, of one practice: a row holds the right to send it, then that it is sent."""

import datetime as dt
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.ids import PersonId
from storage.models import UtcTime, reminders
from storage.transaction import Transaction

_OURS = (reminders.c.practice_id == bindparam("practice"), reminders.c.kind == bindparam("of_kind"))
_HELD = (
    *_OURS,
    reminders.c.person_id == bindparam("person"),
    reminders.c.day == bindparam("of_day"),
    reminders.c.holder == bindparam("held_by"),
)
_CLAIM = text(
    "INSERT INTO reminders (practice_id, person_id, kind, day, holder, until)"
    " VALUES (:practice, :person, :of_kind, :of_day, :held_by, :until)"
    " ON CONFLICT (practice_id, person_id, kind, day) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE reminders.done_at IS NULL AND reminders.until <= :now"
).bindparams(bindparam("until", type_=UtcTime), bindparam("now", type_=UtcTime))
_DONE = update(reminders).where(*_HELD, reminders.c.done_at.is_(None))
_RELEASE = delete(reminders).where(*_HELD)
_SETTLED = select(reminders.c.person_id, reminders.c.day).where(
    *_OURS, reminders.c.day >= bindparam("since"), reminders.c.done_at.is_not(None)
)
_FORGET = delete(reminders).where(
    reminders.c.practice_id == bindparam("practice"), reminders.c.day < bindparam("before")
)


class SqlReminders:
    """See `bot.day_ports.Reminders`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def claim(self, person: PersonId, kind: str, day: dt.date, holder: str, at: datetime, seconds: int) -> bool:
        asked = {**self._this(person, kind, day, holder), "until": at + timedelta(seconds=seconds), "now": at}
        return await self._transaction.write_now(lambda connection: connection.execute(_CLAIM, asked).rowcount == 1)

    async def done(self, person: PersonId, kind: str, day: dt.date, holder: str, at: datetime) -> bool:
        asked = self._this(person, kind, day, holder)
        return await self._transaction.write_now(
            lambda connection: connection.execute(_DONE.values(done_at=at), asked).rowcount == 1
        )

    async def release(self, person: PersonId, kind: str, day: dt.date, holder: str) -> None:
        asked = self._this(person, kind, day, holder)
        await self._transaction.write_now(lambda connection: connection.execute(_RELEASE, asked))

    async def settled(self, kind: str, since: dt.date) -> Sequence[tuple[PersonId, dt.date]]:
        asked = {"practice": self._practice, "of_kind": kind, "since": since.isoformat()}

        def read(connection: Connection) -> Sequence[tuple[PersonId, dt.date]]:
            rows = connection.execute(_SETTLED, asked).all()
            return [(PersonId(row.person_id), dt.date.fromisoformat(row.day)) for row in rows]

        return await self._transaction.now(read)

    async def forget(self, before: dt.date) -> None:
        asked = {"practice": self._practice, "before": before.isoformat()}
        await self._transaction.write_now(lambda connection: connection.execute(_FORGET, asked))

    def _this(self, person: PersonId, kind: str, day: dt.date, holder: str) -> dict[str, str]:
        return {
            "practice": self._practice,
            "person": person,
            "of_kind": kind,
            "of_day": day.isoformat(),
            "held_by": holder,
        }
