"""`reminders` in every chat: when one is reminded of what waits, and what the buttons of a reminder do."""

from bot.acts.day import Doing, Feature, Typed
from bot.acts.presses import Press
from bot.cards.elements import Card, Remark
from bot.workflows.remind_day import choose_reminders, leave_today, snooze


async def _reminders(doing: Doing, rest: str) -> Card:
    said = await choose_reminders(doing.desk, doing.person, doing.via, rest)
    return Card(said, (Remark(said),))


async def _snooze(doing: Doing, _: Press) -> str:
    return await snooze(doing.desk, doing.person, doing.via)


async def _leave(doing: Doing, _: Press) -> str:
    return await leave_today(doing.desk, doing.person, doing.via)


async def _off(doing: Doing, _: Press) -> str:
    return await choose_reminders(doing.desk, doing.person, doing.via, "off")


FEATURE = Feature(
    commands={"reminders": Typed(_reminders, r"\S{0,8}|(?:at )?\d\S{0,11}(?: ?[ap]\.?m\.?)?")},
    presses={"day_snooze": _snooze, "day_leave": _leave, "day_remind_off": _off},
)
