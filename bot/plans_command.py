"""What `afternote plans` does: opens the practice's database, and closes it again."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.plan import Plan, review_overdue
from bot.plans_file import load_plans
from bot.ports import Act
from bot.practices import the_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.desk import Desk
from bot.workflows.import_plans import Imported, import_plans

VIA = "command line"


async def import_file(settings: Settings, file: Path) -> tuple[Imported, ...]:
    """Import a file of plans. Raises PlansFileError with all its problems, before anything is stored."""
    async with _practice(settings) as desk:
        return await import_plans(desk, load_plans(file, desk.practice), VIA)


async def list_plans(settings: Settings) -> list[tuple[str, ...]]:
    """A row a plan, without any of its text; the audit log says that it was listed, for the rows name clients."""
    async with _practice(settings) as desk, desk.database.writing(desk.id) as unit:
        plans = await unit.plans.all()
        await unit.audit.append(Act(None, "plans listed", None, 0, "", desk.clock.now(), VIA))
        await unit.commit()
        return [_row(desk, plan) for plan in plans]


def _row(desk: Desk, plan: Plan) -> tuple[str, ...]:
    open_goals = ", ".join(goal.id for goal in plan.goals if goal.is_open)
    due = plan.review_due.isoformat() if plan.review_due else ""
    overdue = "overdue" if review_overdue(plan, desk.today(None)) else ""
    return plan.client_code, plan.clinician_id, open_goals, due, overdue


@asynccontextmanager
async def _practice(settings: Settings) -> AsyncGenerator[Desk]:
    practice = the_practice(settings)
    desk = await open_desk(settings, practice, SystemClock())
    try:
        yield desk
    finally:
        await desk.database.close()
