"""People whom an administrator set, of one practice. Sealed whole, names included, with the practice's own key."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.engine import Connection

from bot.domain.errors import Stale
from bot.domain.ids import PersonId
from bot.domain.people import Account, Person, Role
from bot.domain.roster import CHANGED, Member
from bot.domain.supervision import Mode, Supervision
from storage.crypto import bound_to
from storage.models import people, practice_keys
from storage.transaction import Transaction, refused_as

_OURS = people.c.practice_id == bindparam("practice")
_ALL = select(people).where(_OURS).order_by(people.c.id)
_ADD = insert(people)
_SAVE = update(people).where(_OURS, people.c.id == bindparam("person"), people.c.revision == bindparam("seen_revision"))
_REVISION = select(func.coalesce(func.sum(people.c.revision), 0)).where(_OURS)
_HELD = (  # nothing to do on SQLite: a writer is alone there
    select(practice_keys.c.practice_id).where(practice_keys.c.practice_id == bindparam("practice")).with_for_update()
)


class SqlPeople:
    """See `bot.practice_ports.People`. Who writes holds the practice's people from `all` until the transaction ends."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def all(self) -> Sequence[Member]:
        return await self._transaction.now(self._all)

    async def save(self, member: Member, seen: int, by: PersonId | None, at: datetime) -> None:
        await self._transaction.write_now(lambda connection: self._save(connection, member, seen, by, at))

    async def revision(self) -> int:
        return await self._transaction.now(
            lambda connection: int(connection.execute(_REVISION, {"practice": self._practice}).scalar_one())
        )

    def _all(self, connection: Connection) -> Sequence[Member]:
        asked = {"practice": self._practice}
        if self._transaction.writes:
            self._transaction.practice_key(connection)  # so that there is a row to hold
            connection.execute(_HELD, asked)
        return [self._opened(connection, row) for row in connection.execute(_ALL, asked).all()]

    def _save(self, connection: Connection, member: Member, seen: int, by: PersonId | None, at: datetime) -> None:
        person, revision = member.person.id, seen + 1
        key = self._transaction.practice_key(connection)
        values = {
            "revision": revision,
            "changed_by": by or "",
            "changed_at": at,
            "content": key.seal(_encoded(member), self._place(person, revision, by or "")),
        }
        if seen == 0:
            with refused_as(_changed):
                connection.execute(_ADD, {"practice_id": self._practice, "id": person, **values})
            return
        asked = {"practice": self._practice, "person": person, "seen_revision": seen}
        if connection.execute(_SAVE, {**values, **asked}).rowcount != 1:
            raise _changed()

    def _opened(self, connection: Connection, row: Row[Any]) -> Member:
        place = self._place(row.id, row.revision, row.changed_by)
        plain = self._transaction.practice_key(connection).open(bytes(row.content), place)
        return _decoded(json.loads(plain), PersonId(row.id), row.revision)

    def _place(self, person: str, revision: int, by: str) -> bytes:
        return bound_to(self._practice, "people", person, "content", revision, by)


def _encoded(member: Member) -> bytes:
    person, supervision = member.person, member.supervision
    content = {
        "name": person.name,
        "credentials": person.credentials,
        "roles": sorted(person.roles),
        "timezone": person.timezone,
        "format": person.default_format,
        "accounts": [[account.platform, account.id] for account in person.accounts],
        "active": person.active,
        "supervision": _supervision(supervision) if supervision else None,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _supervision(held: Supervision) -> list[Any]:
    return [held.supervisors, held.mode, _written(held.since), _written(held.until), held.sample_percent]


def _decoded(content: dict[str, Any], person_id: PersonId, revision: int) -> Member:
    person = Person(
        id=person_id,
        name=content["name"],
        credentials=content["credentials"],
        roles=frozenset(Role(role) for role in content["roles"]),
        timezone=content["timezone"],
        default_format=content["format"],
        accounts=tuple(Account(platform, user) for platform, user in content["accounts"]),
        active=content["active"],
    )
    held = content["supervision"]
    return Member(person, _held(person_id, held) if held else None, revision)


def _held(person_id: PersonId, row: Sequence[Any]) -> Supervision:
    supervisors, mode, since, until, percent = row
    named = tuple(PersonId(each) for each in supervisors)
    return Supervision(person_id, named, Mode(mode), _read(since), _read(until), percent)


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


def _changed() -> Stale:
    return Stale("stale_person", CHANGED)
