"""Reads the calendars that clinicians named in their settings, once an hour, onto their own lists of sessions.

The address is a secret: no log, no card and no error has it. What is wrong with one is told its owner once a day.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Protocol

from bot.calendars.ics_reader import read_ics
from bot.cards.calendar_screens import calendar_trouble_card
from bot.domain.appointments import RefusedRow, SessionRow
from bot.domain.errors import AfternoteError, EffectError, Temporary, UserMistake
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.logs import safe, where
from bot.ports import Chat, Place
from bot.workflows.desk import Desk
from bot.workflows.import_sessions import import_sessions
from bot.workflows.read_sessions import reading_for

BACK, AHEAD = timedelta(days=14), timedelta(days=62)
_HOUR = 3600
_log = logging.getLogger("afternote.calendars")


class CalendarText(Protocol):
    """What an address gave; its content is gone at the end of a `with`."""

    @property
    def etag(self) -> str: ...

    @property
    def not_modified(self) -> bool: ...

    def lines(self) -> Iterator[str]: ...

    def __enter__(self) -> "CalendarText": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class Fetch(Protocol):
    """Reads an address. Raises UserMistake with a sentence for its owner, Temporary, Permanent."""

    async def __call__(self, url: str, *, etag: str = "") -> CalendarText: ...


class Follower:
    """One process's part for one practice: whoever of several is first reads a calendar in its hour."""

    def __init__(self, desk: Desk, chats: Mapping[str, Chat], fetch: Fetch, holder: str) -> None:
        self._desk, self._chats, self._fetch, self._holder = desk, chats, fetch, holder
        self._tags: dict[str, tuple[str, str]] = {}  # person → address and its ETag, of what lies on their list

    async def keep(self, every: float) -> None:
        """Look every so many seconds, for as long as this runs."""
        while True:
            try:
                await self.look()
            except AfternoteError as error:
                _log.warning("calendars: %s", safe(error))
            except Exception as error:  # else none would be read until the next start
                _log.error("calendars: unexpected %s at %s", safe(error), where(error))
            await asyncio.sleep(every)

    async def look(self) -> int:
        """Read every calendar whose hour has come; how many were read. Trouble with one keeps nothing from others."""
        desk = self._desk
        async with desk.database.reading(desk.id) as unit:
            followed = [chosen for chosen in await unit.choices.all() if chosen.calendar_url]
        read = 0
        for chosen in followed:
            person = desk.practice.person(chosen.person_id)
            if person and person.active and person.writes and await self._claimed(chosen):
                read += await self._read(person, chosen)
        return read

    async def _claimed(self, chosen: Preferences) -> bool:
        """Ours for the hour. Who changes their settings has it read at once."""
        return await self._claim(chosen, f"calendar.{chosen.revision}", _HOUR)

    async def _claim(self, chosen: Preferences, kind: str, seconds: int) -> bool:
        desk, now = self._desk, self._desk.clock.now()
        async with desk.database.writing(desk.id) as unit:
            ours = await unit.reminders.claim(chosen.person_id, kind, now.date(), self._holder, now, seconds)
            await unit.commit()
        return ours

    async def _read(self, person: Person, chosen: Preferences) -> bool:
        try:
            return await self._onto_list(person, chosen.calendar_url)
        except Temporary as error:
            _log.info("the calendar of %s: %s", person.id, error.code)
        except UserMistake as mistake:
            await self._tell(person, chosen, mistake.sentence)
        except EffectError as error:
            _log.warning("the calendar of %s: %s", person.id, error.code)
            await self._tell(person, chosen, "")
        return False

    async def _onto_list(self, person: Person, url: str) -> bool:
        """What began more than two weeks ago is left as it is: a list is no archive."""
        known, tag = self._tags.get(person.id, ("", ""))
        with await self._fetch(url, etag=tag if known == url else "") as fetched:
            if fetched.not_modified:
                return False
            rows = await asyncio.to_thread(self._rows, person, fetched)
        await import_sessions(self._desk, person, iter(rows), "ics", "calendar", clinician=person.id)
        self._tags[person.id] = (url, fetched.etag)
        return True

    def _rows(self, person: Person, fetched: CalendarText) -> list[SessionRow | RefusedRow]:
        now, reading = self._desk.clock.now(), reading_for(self._desk, person.timezone)
        since, until = (now - BACK).date(), (now + AHEAD).date()
        rows = read_ics(fetched.lines(), reading, now - BACK, now + AHEAD)
        return [
            row
            for row in rows
            if isinstance(row, SessionRow) and row.session.date and since <= row.session.date <= until
        ]

    async def _tell(self, person: Person, chosen: Preferences, sentence: str) -> None:
        """Its owner, once a day; a chat that does not take it is only logged."""
        platform = next((each for each in self._chats if person.user_on(each)), "")
        if not platform or not await self._claim(chosen, f"calendar_trouble.{chosen.revision}", 24 * _HOUR):
            return
        try:
            await self._chats[platform].post(Place(platform, person.user_on(platform)), calendar_trouble_card(sentence))
        except EffectError as error:
            _log.warning("the calendar of %s: not told: %s", person.id, error.code)
