"""The example practice's treatment plans: invented, and as old as they look on whatever day the demo is started."""

import contextlib
import datetime as dt
import re
from importlib.resources import files

from bot.plans_file import PlansFileError, read_plans
from bot.workflows.desk import Desk
from bot.workflows.import_plans import import_plans

_WRITTEN = dt.date(2026, 11, 24)  # the day on which the dates in plans.jsonl were written
_DAY = re.compile(r'"(\d{4}-\d{2}-\d{2})"')


async def load_examples(desk: Desk) -> None:
    """Import the plans at the first start; from then on they are the visitor's to change."""
    async with desk.database.reading(desk.id) as unit:
        if await unit.plans.all():
            return
    later = desk.today(None) - _WRITTEN
    text = (files("demo") / "plans.jsonl").read_text("utf-8")
    moved = _DAY.sub(lambda found: f'"{dt.date.fromisoformat(found[1]) + later}"', text)
    for line in moved.splitlines():
        # A visitor may have taken this clinician or client out of the practice file.
        with contextlib.suppress(PlansFileError):
            await import_plans(desk, read_plans(line, desk.practice), "demo")
