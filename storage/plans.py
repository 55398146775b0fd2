"""Treatment plans of one practice. Sealed whole, client code included, with the practice's own key."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from bot.domain.errors import Stale
from bot.domain.ids import NoteId, PersonId
from bot.domain.plan import CHANGED, Addressed, Diagnosis, Earlier, Goal, Objective, Plan, PlanId, Status, Wording
from storage.crypto import bound_to
from storage.models import plans
from storage.transaction import Transaction, client_lookup, refused_as

_OURS = plans.c.practice_id == bindparam("practice")
_THIS = (_OURS, plans.c.client_lookup == bindparam("lookup"))
_ADD = insert(plans)
_GET = select(plans).where(*_THIS)
_GET_LOCKED = _GET.with_for_update()  # nothing to do on SQLite: a writer is alone there
_ALL = select(plans).where(_OURS)
_SAVE = update(plans).where(*_THIS, plans.c.revision == bindparam("seen_revision"))


class SqlPlans:
    """See `bot.ports.Plans`. A client's plan is found by a keyed digest of the code; that digest is the plan's id."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def get(self, client_code: str) -> Plan | None:
        def read(connection: Connection) -> Plan | None:
            found = self._find(connection, self._lookup(connection, client_code))
            return found[0] if found else None

        return await self._transaction.now(read)

    async def save(self, plan: Plan, seen: Plan | None) -> None:
        if seen is not None and plan.client_code.upper() != seen.client_code.upper():
            raise ValueError("a plan can only be replaced by its own next value")
        await self._transaction.write_now(lambda connection: self._save(connection, plan, seen))

    async def id_of(self, client_code: str) -> PlanId:
        return await self._transaction.now(
            lambda connection: PlanId(self._lookup(connection, client_code).hex()),
        )

    async def by_id(self, plan_id: PlanId) -> Plan | None:
        try:
            lookup = bytes.fromhex(plan_id)
        except ValueError:
            return None
        found = await self._transaction.now(lambda connection: self._find(connection, lookup))
        return found[0] if found else None

    async def all(self) -> Sequence[Plan]:
        def read(connection: Connection) -> Sequence[Plan]:
            rows = connection.execute(_ALL, {"practice": self._practice}).all()
            return sorted((self._opened(connection, row) for row in rows), key=lambda plan: plan.client_code)

        return await self._transaction.now(read)

    def _find(self, connection: Connection, lookup: bytes) -> tuple[Plan, int] | None:
        query = _GET_LOCKED if self._transaction.writes else _GET
        row = connection.execute(query, {"practice": self._practice, "lookup": lookup}).one_or_none()
        return (self._opened(connection, row), row.revision) if row is not None else None

    def _save(self, connection: Connection, plan: Plan, seen: Plan | None) -> None:
        lookup = self._lookup(connection, plan.client_code)
        found = self._find(connection, lookup)
        stored, revision = found or (None, 0)
        if stored != seen:
            raise _changed()
        values = self._values(connection, plan, lookup, revision + 1)
        if seen is None:
            with refused_as(_changed):
                connection.execute(_ADD, {"practice_id": self._practice, "client_lookup": lookup, **values})
            return
        asked = {"practice": self._practice, "lookup": lookup, "seen_revision": revision}
        if connection.execute(_SAVE, {**values, **asked}).rowcount != 1:
            raise _changed()

    def _values(self, connection: Connection, plan: Plan, lookup: bytes, revision: int) -> dict[str, Any]:
        key = self._transaction.practice_key(connection)
        return {
            "clinician_id": plan.clinician_id,
            "revision": revision,
            "updated_at": self._transaction.clock(),
            "content": key.seal(_encoded(plan), self._place(lookup, revision, plan.clinician_id)),
        }

    def _opened(self, connection: Connection, row: Row[Any]) -> Plan:
        place = self._place(bytes(row.client_lookup), row.revision, row.clinician_id)
        plain = self._transaction.practice_key(connection).open(bytes(row.content), place)
        return _decoded(json.loads(plain.decode("utf-8", "surrogatepass")), PersonId(row.clinician_id))

    def _lookup(self, connection: Connection, client_code: str) -> bytes:
        return client_lookup(self._transaction.practice_key(connection), client_code)

    def _place(self, lookup: bytes, revision: int, clinician_id: str) -> bytes:
        return bound_to(self._practice, "plans", lookup.hex(), "content", revision, clinician_id)


def _encoded(plan: Plan) -> bytes:
    content = {
        "client": plan.client_code,
        "start": plan.start.isoformat(),
        "review_due": _written(plan.review_due),
        "diagnosis": [[each.text, each.code] for each in plan.diagnosis],
        "frequency": plan.frequency,
        "goals": [[*_item(goal), [_item(objective) for objective in goal.objectives]] for goal in plan.goals],
        "addressed": [[each.note_id, each.day.isoformat(), each.ids] for each in plan.addressed],
        "version": plan.version,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _item(item: Objective) -> list[Any]:
    earlier = [[*_wording(each.wording), each.until.isoformat()] for each in item.earlier]
    dates = [item.opened.isoformat(), _written(item.closed)]
    return [item.id, _wording(item.wording), *dates, item.status.value, earlier]


def _wording(wording: Wording) -> list[Any]:
    return [wording.text, wording.measure, wording.baseline, wording.target, _written(wording.due)]


def _decoded(content: dict[str, Any], clinician_id: PersonId) -> Plan:
    return Plan(
        client_code=content["client"],
        clinician_id=clinician_id,
        start=date.fromisoformat(content["start"]),
        review_due=_read(content["review_due"]),
        diagnosis=tuple(Diagnosis(text, code) for text, code in content["diagnosis"]),
        frequency=content["frequency"],
        goals=tuple(
            Goal(**_fields(row), objectives=tuple(Objective(**_fields(o)) for o in objectives))
            for *row, objectives in content["goals"]
        ),
        addressed=tuple(
            Addressed(NoteId(note_id), date.fromisoformat(day), tuple(ids))
            for note_id, day, ids in content["addressed"]
        ),
        version=content["version"],
    )


def _fields(row: Sequence[Any]) -> dict[str, Any]:
    item_id, wording, opened, closed, status, earlier = row
    return {
        "id": item_id,
        "wording": _worded(wording),
        "opened": date.fromisoformat(opened),
        "closed": _read(closed),
        "status": Status(status),
        "earlier": tuple(Earlier(_worded(words), date.fromisoformat(until)) for *words, until in earlier),
    }


def _worded(row: Sequence[Any]) -> Wording:
    text, measure, baseline, target, due = row
    return Wording(text, measure, baseline, target, _read(due))


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


def _changed() -> Stale:
    return Stale("stale_plan", CHANGED)
