"""A calendar named in one's settings comes onto one's list every hour, by one of several workers."""

import asyncio
import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from bot.cards import settings_words as words
from bot.domain.errors import Temporary, UserMistake
from bot.workflows.desk import Desk
from bot.workflows.follow_calendars import Follower
from bot.workflows.settings import change_settings, own_settings
from tests.workflows.factories import ROSA, FixedClock, RecordingChat, desk

SECRET = "zebrafinch-7731"
URL = f"https://calendar.example.com/private-{SECRET}/basic.ics"


def event(code: str, day: dt.date, hour: int) -> str:
    lines = (f"UID:{code}-{day}", f"SUMMARY:{code}", f"DTSTART:{day:%Y%m%d}T{hour:02}0000Z", "DURATION:PT50M")
    return "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))


@dataclass
class Given:
    """As an address gives it."""

    etag: str
    text: str
    not_modified: bool = False

    def lines(self) -> Iterator[str]:
        return iter(self.text.splitlines(keepends=True))

    def __enter__(self) -> "Given":
        return self

    def __exit__(self, kind: object, error: object, at: object) -> None:
        pass


@dataclass
class Calendar:
    """One at an address; with `error` it is in trouble."""

    events: tuple[str, ...] = ()
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def __call__(self, url: str, *, etag: str = "") -> Given:
        assert url == URL
        self.asked.append(etag)
        if self.error:
            raise self.error
        tag = f"v{hash(self.events)}"
        body = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *self.events, "END:VCALENDAR", ""))
        return Given(tag, body, not_modified=etag == tag)


async def followed(at: Desk, url: str = URL) -> None:
    held = await own_settings(at, ROSA)
    wanted = replace(held.as_wanted(at.reviewing.calendar), calendar_url=url)
    await change_settings(at, ROSA, wanted, 0, held.chosen.revision, "slack")


async def codes(at: Desk) -> list[str]:
    now = at.clock.now()
    async with at.database.reading(at.id) as unit:
        span = now - dt.timedelta(days=400), now + dt.timedelta(days=400)
        return [each.appointment.client_code for each in await unit.appointments.between(ROSA.id, *span, 50)]


async def test_every_hour_by_one_of_two_workers_and_only_what_is_near() -> None:
    clock = FixedClock()
    at, today = desk(clock), clock.at.date()
    old, near = event("JD-020", today - dt.timedelta(days=40), 15), event("JD-014", today, 15)
    calendar, chats = Calendar((old, near)), {"slack": RecordingChat()}
    workers = [Follower(at, chats, calendar, name) for name in ("w1", "w2")]
    assert [await worker.look() for worker in workers] == [0, 0]
    await followed(at)
    assert sum(await asyncio.gather(*(worker.look() for worker in workers))) == 1
    assert await codes(at) == ["JD-014"]
    clock.move(minutes=59)
    assert [await worker.look() for worker in workers] == [0, 0]
    assert calendar.asked == [""]
    clock.move(minutes=2)
    calendar.events = (*calendar.events, event("JD-020", today + dt.timedelta(days=1), 15))
    assert [await worker.look() for worker in workers] == [1, 0]
    assert sorted(await codes(at)) == ["JD-014", "JD-020"]


async def test_what_did_not_change_is_not_read_and_none_ends_it() -> None:
    clock = FixedClock()
    at, calendar = desk(clock), Calendar((event("JD-014", clock.at.date(), 15),))
    worker = Follower(at, {}, calendar, "w1")
    await followed(at)
    assert await worker.look() == 1
    clock.move(minutes=61)
    assert await worker.look() == 0
    assert calendar.asked[1]
    await followed(at, "")
    clock.move(minutes=61)
    assert await worker.look() == 0
    assert len(calendar.asked) == 2


async def test_its_owner_hears_once_a_day_what_is_wrong_and_nobody_sees_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    clock, chat = FixedClock(), RecordingChat()
    at, calendar = desk(clock), Calendar(error=Temporary("calendar:busy"))
    worker = Follower(at, {"slack": chat}, calendar, "w1")
    await followed(at)
    await worker.look()
    assert not chat.cards
    calendar.error = UserMistake("calendar_gone", "There is no calendar at this address.")
    for _ in range(2):
        clock.move(minutes=61)
        await worker.look()
    (card,) = chat.cards.values()
    assert card.notice == words.CALENDAR_NOTICE
    assert "There is no calendar" in repr(card)
    async with at.database.reading(at.id) as unit:
        seen = repr([card, caplog.text, await unit.audit.acts(), await unit.choices.of(ROSA.id)])
    assert SECRET not in seen


@pytest.mark.parametrize(
    "url", ["http://calendar.example.com/a", "https://me:pw@example.com/a", "calendar", "https://a b"]
)
async def test_what_is_no_address_is_told(url: str) -> None:
    at = desk()
    with pytest.raises(UserMistake) as told:
        await followed(at, url)
    assert told.value.code == "bad_calendar_address"
