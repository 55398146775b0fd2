"""Keeps a process's roster as the database has it. Others change it, too, and supervision begins and ends by day."""

import asyncio
import logging

from bot.domain.errors import AfternoteError
from bot.logs import safe
from bot.workflows.desk import Desk

EVERY_SECONDS = 2.0
_log = logging.getLogger("afternote.people")


async def renew_roster(desk: Desk) -> None:
    """Read who was set, and take it over. Raises Temporary, or Unreadable when somebody changed what is sealed."""
    async with desk.database.reading(desk.id) as unit:
        members = tuple(await unit.people.all())
    desk.roster.renew(members, desk.today(None))


async def keep_roster(desk: Desk) -> None:
    """Renew it whenever it changed, until cancelled. What cannot be read now leaves it as it is."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await _renew_if_changed(desk)
        except AfternoteError as error:
            _log.warning("the roster of %s could not be read: %s", desk.id, safe(error))


async def _renew_if_changed(desk: Desk) -> None:
    async with desk.database.reading(desk.id) as unit:
        revision = await unit.people.revision()
    if (revision, desk.today(None)) != (desk.roster.revision, desk.roster.day):
        await renew_roster(desk)
