"""What people of one practice chose for themselves. Sealed whole with the practice's own key."""

import datetime as dt
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from bot.domain.errors import Stale
from bot.domain.ids import PersonId
from bot.domain.preferences import Preferences
from storage.crypto import bound_to
from storage.models import choices
from storage.transaction import Transaction, refused_as

_OURS = choices.c.practice_id == bindparam("practice")
_THIS = (_OURS, choices.c.person_id == bindparam("person"))
_OF = select(choices).where(*_THIS)
_ALL = select(choices).where(_OURS).order_by(choices.c.person_id)
_ADD = insert(choices)
_SAVE = update(choices).where(*_THIS, choices.c.revision == bindparam("seen_revision"))


class SqlChoices:
    """See `bot.day_ports.Choices`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def of(self, person: PersonId) -> Preferences:
        asked = {"practice": self._practice, "person": person}

        def read(connection: Connection) -> Preferences:
            row = connection.execute(_OF, asked).one_or_none()
            return Preferences(person) if row is None else self._opened(connection, row)

        return await self._transaction.now(read)

    async def all(self) -> Sequence[Preferences]:
        def read(connection: Connection) -> Sequence[Preferences]:
            return [
                self._opened(connection, row) for row in connection.execute(_ALL, {"practice": self._practice}).all()
            ]

        return await self._transaction.now(read)

    async def save(self, chosen: Preferences, at: datetime) -> None:
        await self._transaction.write_now(lambda connection: self._save(connection, chosen, at))

    def _save(self, connection: Connection, chosen: Preferences, at: datetime) -> None:
        revision = chosen.revision + 1
        sealed = self._transaction.practice_key(connection).seal(
            _encoded(chosen), self._place(chosen.person_id, revision)
        )
        values = {"revision": revision, "at": at, "content": sealed}
        if chosen.revision == 0:
            with refused_as(_changed):
                connection.execute(_ADD, {"practice_id": self._practice, "person_id": chosen.person_id, **values})
            return
        asked = {"practice": self._practice, "person": chosen.person_id, "seen_revision": chosen.revision}
        if connection.execute(_SAVE.values(**values), asked).rowcount != 1:
            raise _changed()

    def _opened(self, connection: Connection, row: Row[Any]) -> Preferences:
        person = PersonId(row.person_id)
        plain = self._transaction.practice_key(connection).open(row.content, self._place(person, row.revision))
        return _decoded(json.loads(plain), person, row.revision)

    def _place(self, person: PersonId, revision: int) -> bytes:
        return bound_to(self._practice, person, "choices", revision)


def _encoded(chosen: Preferences) -> bytes:
    content = {
        "remind": chosen.remind,
        "remind_at": chosen.remind_at.isoformat(),
        "working_days": sorted(chosen.working_days) if chosen.working_days is not None else None,
        "quiet": [each.isoformat() for each in chosen.quiet] if chosen.quiet else None,
        "away_until": chosen.away_until.isoformat() if chosen.away_until else None,
        "snoozed_until": chosen.snoozed_until.isoformat() if chosen.snoozed_until else None,
        "voice": chosen.voice,
        "minutes_before": chosen.minutes_before,
        "calendar": [chosen.calendar_url, chosen.calendar_etag],
        "calendar_seen": chosen.calendar_seen.isoformat() if chosen.calendar_seen else None,
        "met": chosen.met,
        "digest": chosen.digest,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _decoded(content: dict[str, Any], person: PersonId, revision: int) -> Preferences:
    days, quiet, away, snoozed = (content[name] for name in ("working_days", "quiet", "away_until", "snoozed_until"))
    url, etag = content["calendar"]
    return Preferences(
        person_id=person,
        remind=content["remind"],
        remind_at=dt.time.fromisoformat(content["remind_at"]),
        working_days=frozenset(days) if days is not None else None,
        quiet=(dt.time.fromisoformat(quiet[0]), dt.time.fromisoformat(quiet[1])) if quiet else None,
        away_until=dt.date.fromisoformat(away) if away else None,
        snoozed_until=datetime.fromisoformat(snoozed) if snoozed else None,
        voice=content["voice"],
        minutes_before=content["minutes_before"],
        calendar_url=url,
        calendar_etag=etag,
        calendar_seen=datetime.fromisoformat(content["calendar_seen"]) if content["calendar_seen"] else None,
        met=content["met"],
        digest=content.get("digest", True),
        revision=revision,
    )


def _changed() -> Stale:
    return Stale("stale_settings", "Your settings changed meanwhile. Please open them again.")
