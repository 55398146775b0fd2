"""Tells which reader a file needs, by what stands in it first and by its name second."""

from collections.abc import Mapping
from typing import Literal

from bot.calendars.csv_columns import header_in, is_header

_ENDINGS: Mapping[str, Literal["ics", "csv"]] = {"ics": "ics", "ical": "ics", "csv": "csv", "tsv": "csv"}


def looks_like(head: str, name: str) -> Literal["ics", "csv", ""]:
    """`ics` for a calendar, `csv` for a table, empty for neither. `head`: the first kilobytes of the file as text."""
    text = head.lstrip("\ufeff").lstrip()
    if text[:15].upper() == "BEGIN:VCALENDAR":
        return "ics"
    if "\0" in head or text.startswith(("PK\x03\x04", "%PDF-", "<", "{")):
        return ""
    _, delimiter, cells = header_in(text.splitlines())
    if is_header(cells) and (len(cells) > 1 or delimiter in text):
        return "csv"
    ending = name.lower().rpartition(".")[2]
    return _ENDINGS.get(ending, "")
