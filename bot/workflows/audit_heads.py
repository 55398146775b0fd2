"""The end of the audit log, signed once a day for a folder that the practice keeps elsewhere.

Whoever can rewrite the whole database cannot rewrite what was signed before and lies elsewhere.
"""

import asyncio
import datetime as dt
import errno
import logging
from typing import Protocol

from bot.cards import audit_words as words
from bot.domain.audit import SignedHead
from bot.domain.errors import AfternoteError, UserMistake
from bot.logs import safe, where
from bot.workflows.desk import Desk

LOOK_EVERY = 600.0  # seconds; a day that began, or a folder that came back, is noticed by then
_log = logging.getLogger("afternote.audit")


class HeadPlace(Protocol):
    """Where heads are kept. Its methods may be slow: they run in a thread. They raise OSError."""

    def has(self, practice: str, day: dt.date) -> bool:
        """Whether this day's is there."""
        ...

    def keep(self, head: SignedHead, day: dt.date) -> bool:
        """Write this day's, unless it is there: of several writers one is first. Whether it was this one."""
        ...


async def signed_end(desk: Desk) -> SignedHead | None:
    """The end of the log as it stands, signed; None while nothing is in it.

    Raises UserMistake when the end is not sealed with the practice's key: what somebody else wrote is not signed.
    """
    async with desk.database.reading(desk.id) as unit:
        end = await unit.audit.end()
        if end is None or not end.seq:
            return None
        if not end.sealed:
            raise UserMistake(
                "audit_end_not_sealed",
                "The end of the audit log is not sealed with this practice's key, so it is not signed. Run `afternote "
                "audit verify`.",
            )
        return await unit.audit.sign(end.seq, end.hash, desk.clock.now())


async def keep_head(desk: Desk, place: HeadPlace) -> bool:
    """Sign today's end (today where the practice is) unless that was done. Whether it was done now.

    Raises OSError from the place, UserMistake, and what the database raises.
    """
    day = desk.today(None)
    if await asyncio.to_thread(place.has, desk.id, day):
        return False
    head = await signed_end(desk)
    return head is not None and await asyncio.to_thread(place.keep, head, day)


async def keep_heads(desk: Desk, place: HeadPlace, every: float = LOOK_EVERY) -> None:
    """Keep a head a day for as long as the service runs; what fails is logged once a day and code, and tried again."""
    told = ""
    while True:
        code = await _kept(desk, place)
        said = words.NOT_KEPT.format(day=desk.today(None), code=code)
        if code and said != told:
            _log.error("%s", said)
        told = said if code else ""
        await asyncio.sleep(every)


async def _kept(desk: Desk, place: HeadPlace) -> str:
    """Why today's head is not there, as a code; empty when it is."""
    try:
        await keep_head(desk, place)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "EIO")
    except AfternoteError as error:
        return safe(error)
    except Exception as error:  # else nobody would keep heads until the next start
        return f"{safe(error)} at {where(error)}"
    return ""
