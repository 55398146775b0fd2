"""Reads sessions out of a calendar's file (iCalendar, RFC 5545), an event at a time.

Events that stand for themselves are passed on at once. Series wait for the file's end, since the days that were moved
or cancelled may stand anywhere in it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.calendars import sentences, terms
from bot.calendars.ics_events import Event, Unreadable, When, Zones, read_event
from bot.calendars.ics_lines import Part, parts_of
from bot.calendars.ics_repeats import MOST_REPEATS, BadRule, TooManyRepeats, instance_key, repeats_of
from bot.calendars.moments import Timed, timed
from bot.calendars.reading import Reading, codes_in, is_utc, without_codes, zone_named
from bot.domain.appointments import Attendance, RefusedRow, SessionRow
from bot.domain.errors import UserMistake
from bot.domain.note import Session

MOST_EVENTS = 2_000_000
MOST_SERIES = 50_000
MOST_SESSIONS_OF_SERIES = 1_000_000
_REFUSALS = {
    "no_client": sentences.NO_CLIENT,
    "two_clients": sentences.TWO_CLIENTS,
    "unreadable": sentences.UNREADABLE,
    "range_change": sentences.RANGE_CHANGE,
    "bad_repeats": sentences.BAD_REPEATS,
    "too_many_repeats": sentences.TOO_MANY_REPEATS.format(most=MOST_REPEATS),
}


def read_ics(
    lines: Iterable[str], reading: Reading, since: dt.datetime, until: dt.datetime
) -> Iterator[SessionRow | RefusedRow]:
    """The sessions of a calendar: single events in the file's order, then its series between `since` and `until`.

    Single events come whatever their day. A day that a series leaves out (EXDATE) comes as a cancelled session.
    Raises UserMistake: `bad_calendar` with the line where the file is damaged, `calendar_too_big`.
    """
    file = _File(reading, Zones(reading.timezone))
    for part in parts_of(lines):
        yield from file.read(part)
    yield from file.series(since, until)


@dataclass(slots=True)
class _Held:
    """A series, and what was changed about single days of it."""

    master: Event | None = None
    cancelled: bool = False
    changed: list[tuple[Event, bool]] = field(default_factory=list[tuple[Event, bool]])


@dataclass(slots=True)
class _File:
    reading: Reading
    zones: Zones
    cancels: bool = False
    events: int = 0
    held: int = 0
    by_uid: dict[str, _Held] = field(default_factory=dict[str, _Held])

    def read(self, part: Part) -> Iterator[SessionRow | RefusedRow]:
        if part.kind == "VCALENDAR":
            self.zones, self.cancels = Zones(self.reading.timezone, self.zones.defined), False
        elif part.kind == "VTIMEZONE":
            self.zones.define(part)
        elif part.kind == "PROPERTY":
            self._property(part.lines[0])
        else:
            yield from self._event(part)

    def _property(self, text: str) -> None:
        name, _, value = text.partition(":")
        if name.upper().startswith("METHOD"):
            self.cancels = value.strip().upper() == "CANCEL"
        elif not is_utc(value) and (zone := zone_named(value)):
            self.zones.home = zone

    def _event(self, part: Part) -> Iterator[SessionRow | RefusedRow]:
        self.events += 1
        if self.events > MOST_EVENTS:
            raise UserMistake("calendar_too_big", sentences.TOO_MANY_EVENTS.format(most=MOST_EVENTS))
        try:
            event = read_event(part, self.zones)
        except Unreadable:
            yield _refused(part.line, "unreadable")
            return
        if event.whole_future:
            yield _refused(event.line, "range_change", event.start)
        elif event.original or event.rules or event.more:
            self._hold(event)
        else:
            yield self._row(event, event.start, event.uid, cancelled=event.cancelled or self.cancels)

    def _hold(self, event: Event) -> None:
        self.held += 1
        if self.held > MOST_SERIES:
            raise UserMistake("calendar_too_big", sentences.TOO_MANY_SERIES.format(most=MOST_SERIES, line=event.line))
        held = self.by_uid.setdefault(event.uid or f"line {event.line}", _Held())
        if event.original:
            held.changed.append((event, self.cancels))
        elif held.master is None or event.sequence >= held.master.sequence:
            held.master, held.cancelled = event, self.cancels

    def series(self, since: dt.datetime, until: dt.datetime) -> Iterator[SessionRow | RefusedRow]:
        count = 0
        for held in self.by_uid.values():
            for row in self._one_series(held, since, until):
                count += 1
                if count > MOST_SESSIONS_OF_SERIES:
                    most = MOST_SESSIONS_OF_SERIES
                    raise UserMistake("calendar_too_big", sentences.TOO_MANY_OCCURRENCES.format(most=most))
                yield row

    def _one_series(self, held: _Held, since: dt.datetime, until: dt.datetime) -> Iterator[SessionRow | RefusedRow]:
        """A series with its changed days in their places, and those that stand outside of the time asked for."""
        latest_last = sorted(held.changed, key=lambda one: one[0].sequence)
        changed = {instance_key(event.original): (event, cancels) for event, cancels in latest_last if event.original}
        if held.master:
            yield from self._days(held.master, held.cancelled, changed, since, until)
        for key, (event, cancels) in changed.items():
            inside = event.original and since <= event.original.at < until
            if inside or since <= event.start.at < until:
                yield self._row(event, event.start, _key(event, key), cancelled=event.cancelled or cancels)

    def _days(
        self,
        master: Event,
        cancels: bool,
        changed: dict[str, tuple[Event, bool]],
        since: dt.datetime,
        until: dt.datetime,
    ) -> Iterator[SessionRow | RefusedRow]:
        try:
            for repeat in repeats_of(master, since, until):
                key = instance_key(repeat.start)
                other = changed.pop(key, None) or changed.pop(repeat.start.at.strftime("%Y%m%d"), None)
                if other:
                    event, by_method = other
                    yield self._row(event, event.start, _key(event, key), cancelled=event.cancelled or by_method)
                    continue
                gone = master.cancelled or cancels or repeat.taken_out
                row = self._row(master, repeat.start, _key(master, key), cancelled=gone, taken_out=repeat.taken_out)
                yield row
                if isinstance(row, RefusedRow):  # once is enough: the other days have the same title
                    return
        except BadRule:
            yield _refused(master.line, "bad_repeats", master.start)
        except TooManyRepeats:
            yield _refused(master.line, "too_many_repeats", master.start)

    def _row(
        self, event: Event, start: When, key: str, *, cancelled: bool, taken_out: bool = False
    ) -> SessionRow | RefusedRow:
        codes = codes_in(event.title, self.reading)
        if len(codes) != 1:
            return _refused(event.line, "two_clients" if codes else "no_client", start)
        timing, zone = self._timing(event, start)
        says = terms.attendance_among((*event.categories, *_pieces(event.title, codes), *event.description))
        odd = [*timing.odd, *(["other_zone"] if zone != self.reading.timezone else [])]
        odd += ["zone_unknown"] if start.lost else []
        odd += ["repeats"] if event.rules or event.more or event.original else []
        if not event.original and "repeats" in odd and says is not Attendance.CANCELLED:
            says = Attendance.BOOKED  # what a series says once cannot be true of each of its days
        return SessionRow(
            line=event.line,
            key=key,
            client_code=codes[0],
            clinician=event.clinician,
            session=Session(timing.date, timing.start, timing.minutes, *_kind_and_modality(event, codes)),
            timezone=zone,
            attendance=Attendance.CANCELLED if cancelled else says,
            place=terms.place_of(event.place),
            odd=(*odd, *(("taken_out",) if taken_out else ())),
        )

    def _timing(self, event: Event, start: When) -> tuple[Timed, str]:
        if start.whole_day:
            return Timed(start.at.date(), None, None, ("whole_day",)), self.zones.home
        local = self.zones.local(start.at)
        stop = None
        if event.stop and not event.stop.whole_day:
            stop = event.stop.at.astimezone(local.tzinfo)
            if start.at != event.start.at:  # a later day of a series ends at the same time by the clock
                stop = local + (_bare(stop) - _bare(self.zones.local(event.start.at)))
        return timed(local, stop), str(getattr(local.tzinfo, "key", ""))


def _kind_and_modality(event: Event, codes: tuple[str, ...]) -> tuple[str, str]:
    besides = without_codes(event.title, codes)
    kind = next((kind for text in (besides, *event.categories) if (kind := terms.kind_of(text))), "")
    kind = kind or next(
        (kind for part in event.description if part.startswith("CPT") and (kind := terms.kind_of(part))), ""
    )
    said = (*event.categories, besides, *(part for part in event.description if len(part) <= 30), event.place)
    return kind or "individual", next((key for text in said if (key := terms.modality_of(text))), "")


def _pieces(title: str, codes: tuple[str, ...]) -> list[str]:
    """What stands in a title beside the code, between dashes, colons and brackets, such as Canceled or no-show."""
    besides = without_codes(title, codes)
    for mark in (" - ", " – ", ":", "(", ")", "[", "]", ",", ";", "/", "|"):
        besides = besides.replace(mark, "\n")
    return [piece.strip(" -–") for piece in besides.split("\n") if piece.strip(" -–")]


def _key(event: Event, instance: str) -> str:
    return f"{event.uid}/{instance}" if event.uid else ""


def _bare(at: dt.datetime) -> dt.datetime:
    return at.replace(tzinfo=None)


def _refused(line: int, code: str, when: When | None = None) -> RefusedRow:
    return RefusedRow(line, code, _REFUSALS[code], when.at.date().isoformat() if when else "")
