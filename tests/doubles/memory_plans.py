"""Treatment plans in memory."""

import hashlib
from collections.abc import Callable, Sequence

from bot.domain.errors import Stale
from bot.domain.plan import CHANGED, Plan, PlanId

_Kept = dict[str, Plan]


class MemoryPlans:
    """See `bot.ports.Plans`. `reads` and `changes` give the plans of the unit's store, or refuse."""

    def __init__(self, reads: Callable[[], _Kept], changes: Callable[[], _Kept]) -> None:
        self._reads, self._changes = reads, changes

    async def get(self, client_code: str) -> Plan | None:
        return self._reads().get(client_code.upper())

    async def save(self, plan: Plan, seen: Plan | None) -> None:
        kept = self._changes()
        if kept.get(plan.client_code.upper()) != seen:
            raise Stale("stale_plan", CHANGED)
        kept[plan.client_code.upper()] = plan

    async def id_of(self, client_code: str) -> PlanId:
        return _id(client_code)

    async def by_id(self, plan_id: PlanId) -> Plan | None:
        return next((plan for plan in self._reads().values() if _id(plan.client_code) == plan_id), None)

    async def all(self) -> Sequence[Plan]:
        return [plan for _, plan in sorted(self._reads().items())]


def _id(client_code: str) -> PlanId:
    return PlanId(hashlib.sha256(client_code.upper().encode()).hexdigest())
