"""Which column of a table says what, by the names that practice management and calendar programs give them."""

import csv
import re
from collections.abc import Mapping, Sequence

from bot.calendars.sentences import NO_CLIENT_COLUMN, NO_DATE_COLUMN, SEEN
from bot.domain.errors import UserMistake

_NAMES: Mapping[str, str] = {  # our field: their headers in plain words, the surest first
    "client": (
        "client code|client codes|patient code|code|client identifier|mrn|medical record number|client mrn|"
        "patient mrn|chart number|chart no|chart|client id|patient id|client number|client no|"
        "patient number|patient no|account number|client account|participant id|case number|client|patient|"
        "client s|participant|member|attendee|client name|patient name|name|client full name|"
        "patient full name"
    ),
    "title": "subject|summary|title|event|event title|event name|appointment",
    "date": (
        "date of service|dos|service date|session date|appointment date|appt date|date of session|"
        "visit date|start date|event date|date|day|date time|appointment date time|"
        "appointment date and time|appt date time|service date time|date and time|appointment"
    ),
    "start": (
        "start time|start|starts|start date time|start datetime|session start|session start time|"
        "appointment time|appt time|appointment start|begin|begins|begin time|from|time|time in|"
        "session time|start at|starts at|start date and time|scheduled start"
    ),
    "stop": (
        "end time|stop|stop time|end|ends|end date time|end datetime|session end|session end time|"
        "appointment end|finish|finish time|to|until|time out|end at|ends at|end date and time|"
        "scheduled end"
    ),
    "end_date": "end date",
    "minutes": (
        "duration|minutes|length|session length|duration minutes|duration min|duration in minutes|"
        "session duration|mins|min|appointment duration|appointment length|length minutes"
    ),
    "clinician": (
        "clinician|clinician id|therapist|provider|rendering provider|practitioner|staff|staff member|"
        "staff name|counselor|counsellor|clinician name|therapist name|provider name|practitioner name|"
        "rendering clinician|service provider|meeting organizer|organizer|assigned to|with|resource|"
        "calendar|calendar name"
    ),
    "kind": (
        "kind|session type|appointment type|appt type|service|service type|type|session kind|visit type|"
        "treatment|service name|treatment name|service description|type of service|category|categories|"
        "billing code description"
    ),
    "cpt": ("cpt|cpt code|service code|billing code|procedure code|procedure|code billed|cpt codes|billing codes"),
    "modality": "modality|mode|format|delivery|delivery method|appointment mode|telehealth|session format",
    "modifier": "modifier|modifiers|modifier 1|mod",
    "service_place": "pos|place of service|pos code|place of service code",
    "place": (
        "place|location|office|room|site|facility|appointment location|service location|location name|office location"
    ),
    "status": (
        "status|appointment status|appt status|attendance|attendance status|session status|visit status|"
        "show status|outcome|arrival status|state"
    ),
    "cancelled": "cancelled|canceled|is cancelled|is canceled",
    "zone": "time zone|timezone|tz|appointment time zone|client time zone|zone",
    "key": (
        "session id|appointment id|appt id|event id|uid|id|appointment number|appointment no|visit id|"
        "encounter id|external id|booking id|record id|unique id"
    ),
}
_BY_NAME = [(field, rank, name) for field, names in _NAMES.items() for rank, name in enumerate(names.split("|"))]
_OF_HEADER: dict[str, list[tuple[str, int]]] = {}
for _field, _rank, _name in _BY_NAME:
    _OF_HEADER.setdefault(_name, []).append((_field, _rank))
_LINES_ABOVE = 10
_SHOWN = 12
_DELIMITERS = ",;\t|"
_PAREN = re.compile(r"\(.*?\)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_WORDS = re.compile(r"[\W_]+")


def fields_of(header: Sequence[str]) -> dict[str, int]:
    """Our field → the column that has it; a column is used once, by the field that it fits best."""
    fitting = sorted(
        (rank, column, field) for column, name in enumerate(header) for field, rank in _OF_HEADER.get(_plain(name), ())
    )
    found: dict[str, int] = {}
    for _, column, field in fitting:
        if field not in found and column not in found.values():
            found[field] = column
    return found


def is_header(cells: Sequence[str]) -> bool:
    """Whether a line names the columns that no table of sessions goes without."""
    found = fields_of(cells)
    return bool(found.keys() & {"client", "title"}) and bool(found.keys() & {"date", "start"})


def columns_of(header: Sequence[str]) -> Mapping[str, str]:
    """Our field → their header as written. A needed one (`client`, `date`) that is missing has an empty header."""
    found = fields_of(header)
    named = {field: header[column].strip() for field, column in found.items()}
    client = named.get("client") or named.pop("title", "")
    return {**named, "client": client, "date": named.get("date") or named.get("start", "")}


def require_columns(header: Sequence[str]) -> None:
    """Raises UserMistake `no_client_column` or `no_date_column`, with the headers seen when that is what they are."""
    found = columns_of(header)
    names = [name.strip() for name in header if name.strip()]
    # A file without headers begins with a client: nothing of that line is repeated.
    seen = SEEN.format(headers=", ".join(name[:40] for name in names[:_SHOWN])) if fields_of(header) else ""
    if not found["client"]:
        raise UserMistake("no_client_column", NO_CLIENT_COLUMN.format(seen=seen))
    if not found["date"]:
        raise UserMistake("no_date_column", NO_DATE_COLUMN.format(seen=seen))


def delimiter_of(line: str) -> str:
    """What parts the columns of a header line."""
    bare = re.sub(r'"[^"]*"', "", line)
    if bare.lower().startswith("sep=") and len(bare.strip()) == 5:
        return bare.strip()[4]
    return max(_DELIMITERS, key=bare.count)


def header_in(lines: Sequence[str]) -> tuple[int, str, list[str]]:
    """Where among a file's first lines its header stands, the delimiter, and its cells.

    Reports have a title or two above it. When no line is one, the first that is not empty is.
    """
    first: tuple[int, str, list[str]] | None = None
    for number, line in enumerate(lines[:_LINES_ABOVE]):
        if not line.strip().strip("\ufeff") or line.strip("\ufeff").lower().startswith("sep="):
            continue
        delimiter = delimiter_of(line)
        cells = _cells(line, delimiter)
        first = first or (number, delimiter, cells)
        if is_header(cells):
            return number, delimiter, cells
    return first or (0, ",", [])


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.lstrip("\ufeff")], delimiter=delimiter), list[str]())
    except csv.Error:
        return []


def _plain(header: str) -> str:
    spaced = _CAMEL.sub(" ", _PAREN.sub(" ", header)) if not header.isupper() else header
    return _NOT_WORDS.sub(" ", spaced).strip().lower()
