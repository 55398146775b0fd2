"""One event of a calendar: its properties read by the library, its times in their own zones."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from icalendar import Timezone
from icalendar.parser import Contentline, unescape_backslash
from icalendar.prop import vDDDTypes, vDuration

from bot.calendars.ics_lines import Part
from bot.calendars.reading import is_utc, zone_named, zone_of

_NOT_PEOPLE = frozenset(("noreply", "no-reply", "donotreply", "do-not-reply", "calendar", "unknownorganizer"))
_YEARLY = re.compile(r"RRULE:(?:(?:FREQ=YEARLY|(?:INTERVAL|BYMONTH|BYDAY|BYMONTHDAY|WKST|UNTIL|COUNT)=[\w+,-]+);?)+")
_YEARS = range(1970, 2101)
_NOT_PEOPLES_HOSTS = ("calendar.google.com", "imip.me.com")


_decoded: Callable[[str], object] = cast(Any, vDDDTypes).from_ical
_lasted: Callable[[str], dt.timedelta] = cast(Any, vDuration).from_ical


@dataclass(frozen=True, slots=True)
class When:
    """A time in the zone it stands in, or a whole day (then midnight of it). `lost`: in a zone that nobody knows."""

    at: dt.datetime
    whole_day: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or one that stands for a single day of a series: then `original` is when it would have been.

    `whole_future`: it changes all later ones, too.
    """

    line: int
    uid: str
    start: When
    stop: When | None
    title: str
    place: str
    clinician: str
    categories: tuple[str, ...]
    description: tuple[str, ...]
    cancelled: bool
    sequence: int
    rules: tuple[str, ...] = ()
    more: tuple[When, ...] = ()
    left_out: tuple[When, ...] = ()
    original: When | None = None
    whole_future: bool = False


class Unreadable(Exception):
    """An event's own property cannot be understood. Says nothing of what stood there."""


@dataclass(slots=True)
class Zones:
    """The zones of a file: the one it is at home in, and those it defines itself under names that nobody knows."""

    home: str
    defined: dict[str, dt.tzinfo] = field(default_factory=dict[str, dt.tzinfo])

    def define(self, part: Part) -> None:
        """Remember a VTIMEZONE whose name means no zone of the world.

        One that is damaged, or changes its clocks more often than any place, is as if it were not there: the times that
        name it are then told to be odd.
        """
        name = next((line.partition(":")[2].strip() for line in part.lines if line.upper().startswith("TZID")), "")
        rules = [line.upper() for line in part.lines if line.upper().startswith("RRULE")]
        if not name or zone_named(name) or is_utc(name) or not all(_YEARLY.fullmatch(rule) for rule in rules):
            return
        try:
            component = cast(Any, Timezone.from_ical("\r\n".join(part.lines) + "\r\n"))
            zone = cast(dt.tzinfo, component.to_tz(lookup_tzid=False))
        except Exception:  # whatever the library meets in a damaged part
            return
        self.defined[name] = zone

    def of(self, name: str) -> dt.tzinfo | None:
        """The zone of that name, None when nobody knows it."""
        if is_utc(name):
            return dt.UTC
        if known := zone_named(name):
            return zone_of(known)
        return self.defined.get(name.strip().strip('"'))

    def local(self, at: dt.datetime) -> dt.datetime:
        """In the zone it was written in, when that is a place's; else in the file's own."""
        named = zone_named(getattr(at.tzinfo, "key", "") or "")
        return at if named else at.astimezone(zone_of(self.home))


def read_event(part: Part, zones: Zones) -> Event:
    """The event. Raises Unreadable."""
    found: dict[str, list[tuple[Mapping[str, str], str]]] = {}
    for line in part.lines:
        name, parameters, value = _parts(line)
        found.setdefault(name, []).append((parameters, value))
    if "DTSTART" not in found:
        raise Unreadable
    start = _when(*found["DTSTART"][0], zones)
    if start.at.year not in _YEARS:
        raise Unreadable
    original = _when(*found["RECURRENCE-ID"][0], zones) if "RECURRENCE-ID" in found else None
    return Event(
        line=part.line,
        uid=_text(found, "UID")[:200],
        start=start,
        stop=_stop(found, start, zones),
        title=_text(found, "SUMMARY"),
        place=_text(found, "LOCATION"),
        clinician=_clinician(found),
        categories=tuple(one.strip() for _, value in found.get("CATEGORIES", ()) for one in value.split(",")),
        description=_lines(_text(found, "DESCRIPTION")),
        cancelled=_text(found, "STATUS").strip().upper() == "CANCELLED",
        sequence=int(number) if (number := _text(found, "SEQUENCE").strip()).isdecimal() and len(number) < 9 else 0,
        rules=tuple(value for _, value in found.get("RRULE", ())),
        more=_all(found.get("RDATE", ()), zones),
        left_out=_all(found.get("EXDATE", ()), zones),
        original=original,
        whole_future="RANGE" in found["RECURRENCE-ID"][0][0] if original else False,
    )


def _parts(line: str) -> tuple[str, Mapping[str, str], str]:
    """Name, parameters and raw value. What stands before a value is much the same in all events of a calendar."""
    head, colon, value = line.partition(":")
    if not colon:
        raise Unreadable
    if '"' in head:
        return _read_line(line)
    name, parameters, _ = _read_line(head + ":")
    return name, parameters, value


@lru_cache(maxsize=500)
def _read_line(line: str) -> tuple[str, Mapping[str, str], str]:
    try:
        name, parameters, value = Contentline(line).raw_parts()
    except (ValueError, AssertionError):
        raise Unreadable from None  # the library's own words repeat the line
    return name.upper(), cast(Mapping[str, str], parameters), value


def _text(found: Mapping[str, Sequence[tuple[Mapping[str, str], str]]], name: str) -> str:
    return unescape_backslash(found[name][0][1]) if name in found else ""


def _lines(text: str) -> tuple[str, ...]:
    """A description's parts: calendars write a status among them, between semicolons or on a line of its own."""
    parts = text[:2_000].replace("\n", ";").split(";")[:20]
    return tuple(part.strip().removeprefix("Status:").strip() for part in parts if len(part) <= 40)


def _when(parameters: Mapping[str, str], value: str, zones: Zones) -> When:
    name = parameters.get("TZID", "")
    zone = zones.of(name) if isinstance(name, str) and name else None  # pyright: ignore[reportUnnecessaryIsInstance]
    try:
        read = _decoded(value.strip())
    except (ValueError, TypeError, OverflowError):
        raise Unreadable from None  # the library's own words repeat the value
    if isinstance(read, tuple):  # a period
        read = cast(tuple[object, ...], read)[0]
    if isinstance(read, dt.datetime):
        lost = bool(name) and zone is None and read.tzinfo is None
        return When(read if read.tzinfo else read.replace(tzinfo=zone or zone_of(zones.home)), lost=lost)
    if isinstance(read, dt.date):
        return When(dt.datetime.combine(read, dt.time(), zone_of(zones.home)), whole_day=True)
    raise Unreadable


def _stop(found: Mapping[str, Sequence[tuple[Mapping[str, str], str]]], start: When, zones: Zones) -> When | None:
    if "DTEND" in found:
        return _when(*found["DTEND"][0], zones)
    if "DURATION" not in found:
        return None
    try:
        lasted = _lasted(found["DURATION"][0][1].strip())
        return When((start.at.astimezone(dt.UTC) + lasted).astimezone(start.at.tzinfo), start.whole_day)
    except (ValueError, OverflowError):
        raise Unreadable from None


def _all(values: Sequence[tuple[Mapping[str, str], str]], zones: Zones) -> tuple[When, ...]:
    return tuple(
        _when(parameters, one, zones) for parameters, value in values for one in value.split(",") if one.strip()
    )


def _clinician(found: Mapping[str, Sequence[tuple[Mapping[str, str], str]]]) -> str:
    """Whose calendar it is, as written: the name before the @ of the address, else the name."""
    if "ORGANIZER" not in found:
        return ""
    parameters, value = found["ORGANIZER"][0]
    name = parameters.get("CN", "")
    address = value.strip()[7:] if value.strip().lower().startswith("mailto:") else ""
    local, _, host = address.partition("@")
    if local and local.lower() not in _NOT_PEOPLE and not host.lower().endswith(_NOT_PEOPLES_HOSTS):
        return local
    return name if isinstance(name, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]
