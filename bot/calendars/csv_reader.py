"""Reads sessions out of a table: columns by their headers in any order, a row at a time."""

import csv
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.calendars import csv_columns, sentences, terms
from bot.calendars.moments import Moment, Timed, ends_at, parse_minutes, parse_moment, timed
from bot.calendars.reading import Reading, codes_in, is_utc, zone_named, zone_of
from bot.domain.appointments import Attendance, RefusedRow, SessionRow
from bot.domain.errors import UserMistake
from bot.domain.note import Session

_HEAD = 10
_YES = frozenset(("true", "yes", "1", "y", "x"))
_NO_KEY = 200


def columns_found(header: str, reading: Reading) -> Mapping[str, str]:
    """Our field → the header that has it, for a preview; `header` is a table's first line, or a few of them.

    `client` and `date` are needed and always there, with an empty text when no column has them. The others: `start`,
    `stop`, `end_date`, `minutes`, `clinician`, `kind`, `cpt`, `modality`, `modifier`, `service_place`, `place`,
    `status`, `cancelled`, `zone`, `key`, `title`.
    """
    del reading  # which headers are known does not depend on it yet
    return csv_columns.columns_of(csv_columns.header_in(header.splitlines())[2])


def read_csv(lines: Iterable[str], reading: Reading) -> Iterator[SessionRow | RefusedRow]:
    """The sessions of a table in its order, one row held at a time.

    Raises UserMistake: `empty_table`, `no_client_column`, `no_date_column`; `bad_table` with the line where it breaks.
    """
    stream = iter(lines)
    head = list(itertools.islice(stream, _HEAD))
    above, delimiter, header = csv_columns.header_in(head)
    if not header:
        raise UserMistake("empty_table", sentences.EMPTY_TABLE)
    csv_columns.require_columns(header)
    columns = csv_columns.fields_of(header)
    rows = _rows(itertools.chain(head[above:], stream), above, delimiter)
    next(rows)
    for line, cells in rows:
        if any(cell.strip() for cell in cells):
            yield _Row(line, cells, columns, reading).read()


def _rows(lines: Iterable[str], above: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its first line; quoted cells may go over several."""
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        line = above + rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            raise UserMistake("bad_table", sentences.BAD_TABLE.format(line=line)) from None
        yield line, cells


class _Refused(Exception):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


@dataclass(slots=True)
class _Row:
    """One row being read. `about` grows with what is known of whose session it is."""

    line: int
    cells: Sequence[str]
    columns: Mapping[str, int]
    reading: Reading
    about: str = ""

    def read(self) -> SessionRow | RefusedRow:
        try:
            return self._session()
        except _Refused as refused:
            return RefusedRow(self.line, refused.code, refused.sentence, self.about)

    def _session(self) -> SessionRow:
        day = self._day_if_any()
        self.about = day.isoformat() if day else ""
        code = self._client()
        self.about = f"{code}, {day.isoformat()}" if day else code
        zone, timing = self._when()
        kind = self._kind()
        attendance, odd = self._attendance(kind)
        odd = (*timing.odd, *odd, *(("other_zone",) if zone.key != self.reading.timezone else ()))
        return SessionRow(
            line=self.line,
            key=self._cell("key")[:_NO_KEY],
            client_code=code,
            clinician=self._cell("clinician"),
            session=Session(timing.date, timing.start, timing.minutes, kind or "individual", self._modality()),
            timezone=zone.key,
            attendance=attendance,
            place=terms.place_of(self._cell("place")),
            odd=odd,
        )

    def _cell(self, field: str) -> str:
        column = self.columns.get(field)
        return self.cells[column].strip() if column is not None and column < len(self.cells) else ""

    def _client(self) -> str:
        written = self._cell("client")
        if "client" not in self.columns:
            return self._client_of_title()
        if not written:
            raise _Refused("no_client", sentences.NO_CLIENT)
        try:
            return self.reading.check_code(written)
        except UserMistake as mistake:
            codes = codes_in(written, self.reading)
            if len(codes) == 1:
                return codes[0]
            raise _Refused(mistake.code, mistake.sentence) from None

    def _client_of_title(self) -> str:
        codes = codes_in(self._cell("title"), self.reading)
        if len(codes) == 1:
            return codes[0]
        raise _Refused("two_clients", sentences.TWO_CLIENTS) if codes else _Refused("no_client", sentences.NO_CLIENT)

    def _moment(self, field: str) -> Moment | None:
        return parse_moment(self._cell(field), self.reading.month_first)

    def _day_if_any(self) -> dt.date | None:
        for field in ("date", "start"):
            if (moment := self._moment(field)) and moment.date:
                return moment.date
        return None

    def _when(self) -> tuple[ZoneInfo, Timed]:
        zone = self._zone()
        dated, started = self._moment("date"), self._moment("start")
        day = self._day_if_any()
        if day is None:
            empty = not self._cell("date") and not self._cell("start")
            raise _Refused("no_date", sentences.NO_DATE) if empty else _Refused("bad_date", sentences.BAD_DATE)
        if self._cell("start") and started is None:
            raise _Refused("bad_start", sentences.BAD_START)
        clock = started if started and started.time else dated
        if clock is None or clock.time is None:
            minutes = parse_minutes(self._cell("minutes"))
            return zone, Timed(day, None, minutes, ("no_start",) if minutes else ("no_start", "no_end"))
        start = _local(day, clock.time, clock.utc_offset, zone)
        stop, odd = self._stop(start, zone)
        timing = timed(start, stop)
        return zone, Timed(timing.date, timing.start, timing.minutes, odd or timing.odd)

    def _stop(self, start: dt.datetime, zone: ZoneInfo) -> tuple[dt.datetime | None, tuple[str, ...]]:
        """When it ended, and what is odd about how that is written."""
        minutes, ended = parse_minutes(self._cell("minutes")), self._moment("stop")
        if ended and ended.time:
            other = self._moment("end_date")
            day = ended.date or (other.date if other else None)
            if day is None and not ended.utc_offset:
                return ends_at(start, ended.time), ()
            return _local(day or start.date(), ended.time, ended.utc_offset, zone), ()
        if minutes:
            return (start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(zone), ()
        return None, ("bad_end",) if self._cell("stop") or self._cell("minutes") else ()

    def _zone(self) -> ZoneInfo:
        written = self._cell("zone")
        if not written or is_utc(written):
            return zone_of(self.reading.timezone)
        if not (name := zone_named(written)):
            raise _Refused("bad_zone", sentences.BAD_ZONE)
        return zone_of(name)

    def _kind(self) -> str:
        for field in ("kind", "cpt", "title"):
            if kind := terms.kind_of(self._cell(field)):
                return kind
        return ""

    def _modality(self) -> str:
        return (
            terms.modality_of(self._cell("modality"))
            or terms.modality_of(self._cell("modifier"))
            or terms.modality_of_service(self._cell("service_place"))
            or terms.modality_of(self._cell("kind"))
            or terms.modality_of(self._cell("place"))
        )

    def _attendance(self, kind: str) -> tuple[Attendance, tuple[str, ...]]:
        if self._cell("cancelled").lower() in _YES:
            return Attendance.CANCELLED, ()
        found = terms.attendance_of(self._cell("status"))
        odd = ("status_unknown",) if found is None else ()
        if found in (None, Attendance.BOOKED) and kind == "no_show":
            return Attendance.NO_SHOW, odd
        return found or Attendance.BOOKED, odd


def _local(day: dt.date, at: dt.time, utc_offset: dt.timedelta | None, zone: ZoneInfo) -> dt.datetime:
    """A time as it stands there, in the zone of its row."""
    if utc_offset is None:
        return dt.datetime.combine(day, at, zone)
    return dt.datetime.combine(day, at, dt.timezone(utc_offset)).astimezone(zone)
