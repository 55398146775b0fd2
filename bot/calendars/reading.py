"""How a calendar is to be read, and the client's code and the time zone in what stands there."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.errors import UserMistake

_STRONG = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{2,6}[-_.]\d{2,6}|[A-Z]{2,6}\d{2,6})(?![A-Za-z0-9])")
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)*")
_GLUED = re.compile(r"([A-Za-z]+) ?(\d+)")
_SPACED = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,6} \d{2,6}(?![A-Za-z0-9])")
_NOT_CLIENTS = frozenset(
    ("CPT", "ICD", "DSM", "COVID", "ROOM", "RM", "SUITE", "STE", "OFFICE", "UNIT", "APT", "FLOOR", "BLDG", "PHQ", "GAD")
) | frozenset(("HCPCS", "GMT", "UTC", "POS", "DX", "TEL", "EXT", "Q", "PIN", "ID", "NO", "WEEK", "DAY"))
_ABBREVIATED = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "arizona": "America/Phoenix",
    "hawaii": "Pacific/Honolulu",
    **dict.fromkeys(("et", "est", "edt"), "America/New_York"),
    **dict.fromkeys(("ct", "cst", "cdt"), "America/Chicago"),
    **dict.fromkeys(("mt", "mst", "mdt"), "America/Denver"),
    **dict.fromkeys(("pt", "pst", "pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("akst", "akdt"), "America/Anchorage"),
    "hst": "Pacific/Honolulu",
}
_UTC = frozenset(("UTC", "GMT", "Zulu", "UCT", "Universal", "Greenwich"))


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read what a calendar leaves open.

    `timezone`: an IANA name, for what names none. `locale`: en-US reads 10/11/2026 as the 11th of October, others as
    the 10th of November. `codes`: whether a text in capitals is a code of the practice's caseload; without it codes are
    known by their shape. `check_code`: the code in capitals, raises UserMistake for what is none and for a legal name.
    """

    timezone: str
    locale: str = "en-US"
    codes: Callable[[str], bool] | None = None
    check_code: Callable[[str], str] = field(kw_only=True)

    @property
    def month_first(self) -> bool:
        """Whether 10/11/2026 is in October."""
        return self.locale.replace("_", "-").lower() == "en-us"


def codes_in(text: str, reading: Reading) -> tuple[str, ...]:
    """The client codes a title names, in capitals, each once: those of the caseload, or what has their shape.

    JD014 and JD 014 count for JD-014 when that is in the caseload.
    """
    if known := tuple(dict.fromkeys(_known(text, reading))):
        return known
    return tuple(dict.fromkeys(_shaped(text, reading)))


def without_codes(text: str, codes: tuple[str, ...]) -> str:
    """What a title says besides its codes."""
    for code in codes:
        text = re.sub(re.escape(code).replace(r"\-", "[- ]?"), " ", text, flags=re.IGNORECASE)
    return text


def _known(text: str, reading: Reading) -> Iterator[str]:
    if reading.codes is None:
        return
    for written in (*(m.group() for m in _TOKEN.finditer(text)), *(m.group() for m in _SPACED.finditer(text))):
        upper = written.upper()
        glued = _GLUED.fullmatch(upper)
        for code in (upper, f"{glued[1]}-{glued[2]}" if glued else ""):
            if any(character.isdigit() for character in code) and reading.codes(code):
                yield code
                break


def _shaped(text: str, reading: Reading) -> Iterator[str]:
    for written in (match.group() for match in _STRONG.finditer(text)):
        if re.split(r"[-_.\d]", written.upper())[0] in _NOT_CLIENTS:
            continue
        try:
            yield reading.check_code(written)
        except UserMistake:
            continue


@lru_cache(maxsize=500)
def zone_named(name: str) -> str:
    """The IANA name of a zone as calendars write it: also Windows' names, a maker's prefix, and CST or Central.

    Empty when it is not known, and for UTC, which says when a session was, and not where.
    """
    cleaned = name.strip().strip('"').strip("/")
    if cleaned in _UTC or cleaned.startswith("Etc/"):
        return ""
    parts = cleaned.split("/")
    lower = cleaned.lower().removesuffix(" time").removesuffix(" standard").removesuffix(" daylight")
    candidates = [_ABBREVIATED.get(lower, ""), cleaned, _of_windows(cleaned)]
    candidates += ["/".join(parts[start:]) for start in range(1, len(parts))]
    candidates.append(_ABBREVIATED.get(re.sub(r"\(.*?\)", "", lower).strip().removesuffix(" time"), ""))
    return next((one for one in candidates if one in _zones()), "")


def _of_windows(name: str) -> str:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # typed lines name no zones

    return WINDOWS_TO_OLSON.get(name, "")


def is_utc(name: str) -> bool:
    """Whether a zone's name means UTC."""
    cleaned = name.strip().strip('"').strip("/")
    return cleaned in _UTC or cleaned in ("Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/Universal", "Etc/Zulu")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=500)
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name that is known."""
    return ZoneInfo(name)
