"""Reads the optional first words of a message: format, client code, date, time, minutes, kind. The rest is the summary.

Never takes a word of the summary: without a format or client code in front, only a line that is all headline counts.
"""

import datetime as dt
import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.domain.errors import UserMistake
from bot.drafting.features import tokens_of
from bot.drafting.lexicon import table

BAD_DATE = "That date does not exist. Please write it like 2026-11-20, 11/20, 20 Nov or yesterday."
FUTURE_DATE = "That date is still to come. Please write the day the session took place, like yesterday or 11/20."

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3} | {day[:3]: at for at, day in enumerate(_DAYS)}
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_END = r"(?=[\s,:;.\u2013\u2014-]*(?:\s|\Z)|[,:;](?=\D)|[,:;]\s)"
_GAP = re.compile(r"[\s,:;.\u2013\u2014|-]*")

_CODE = re.compile(rf"(?P<code>(?=[A-Z0-9-]*\d)(?:[A-Z]{{1,4}}-?\d{{2,6}}[A-Z]?|\d{{3,6}}-[A-Z]{{1,4}})){_END}")
_LOWER_CODE = re.compile(rf"(?P<code>[a-z]{{1,4}}-\d{{2,6}}){_END}")
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<m>\d{{1,2}})-(?P<day>\d{{1,2}}){_END}")
_SLASHED = re.compile(rf"(?P<m>\d{{1,2}})/(?P<day>\d{{1,2}})(?:/(?P<year>\d{{4}}|\d{{2}}))?{_END}")
_DAY_MONTH = re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}(?:,? (?P<year>\d{{4}}))?{_END}", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?{_END}", re.IGNORECASE)
_WORD_DATE = re.compile(
    rf"(?:on |last )?(?P<word>today|yesterday|{'|'.join([*_DAYS, *_SHORT_DAYS])})\.?{_END}", re.IGNORECASE
)
_CLOCK = re.compile(rf"(?:at )?(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})\s?(?P<half>[ap]m?)?{_END}", re.IGNORECASE)
_HOUR = re.compile(rf"(?:at )?(?P<hour>\d{{1,2}})\s?(?P<half>[ap]m|[ap]){_END}", re.IGNORECASE)
_MINUTES = re.compile(rf"(?P<minutes>\d{{1,3}})[\s-]?(?:minutes?|mins?|m){_END}", re.IGNORECASE)
_PROSE = re.compile(r"[^\W\d_]{3,}")
_NOT_PROSE = re.compile(rf"{_MONTH}|min(?:ute)?s?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w-]*")

_UNMISTAKABLE = frozenset({"soap", "dap", "birp", "girp", "pirp", "pie", "sirp"})
_KINDS = {
    name: name
    for name in (
        *("individual", "couple", "family", "group", "child", "crisis"),
        *("intake", "discharge", "no_show", "collateral", "consultation"),
    )
} | {"indiv": "individual", "couples": "couple", "no-show": "no_show", "noshow": "no_show", "consult": "consultation"}


@dataclass(frozen=True, slots=True)
class Headline:
    """What the first words of a message say about the session; None for what they do not say."""

    format_id: str | None = None
    client_code: str | None = None
    date: dt.date | None = None
    start: dt.time | None = None
    minutes: int | None = None
    kind: str | None = None


def parse_headline(text: str, today: dt.date, formats: Collection[str]) -> tuple[Headline, str]:
    """The headline a message begins with (empty when it has none) and the summary that follows.

    Raises UserMistake: `bad_date` for a day that does not exist, `future_date` for a day after `today`.
    """
    stripped = text.lstrip()
    line, _, below = stripped.partition("\n")
    try:
        headline, rest = _consume(line, today, formats)
    except UserMistake:
        if _begins_anchored(line, formats) or (below.strip() and not _PROSE.search(_NOT_PROSE.sub("", line))):
            raise
        return Headline(), text.strip()
    if headline == Headline():
        return headline, text.strip()
    if not rest.strip():
        anchored = _is_anchored(headline) or below.strip()
        return (headline, below.strip()) if anchored else (Headline(), text.strip())
    if not _is_anchored(headline) or not _begins_anchored(line, formats):
        return Headline(), text.strip()
    if _is_only_a_word(headline, line, rest):
        return Headline(), text.strip()
    if headline == Headline(client_code=headline.client_code) and rest[0].islower() and _runs_on(line, rest):
        return headline, text.strip()
    return headline, (rest + ("\n" + below if below else "")).strip()


def nearest_format(word: str, formats: Collection[str], likeness: float = 0.6) -> str | None:
    """The format a mistyped word most likely meant, if any is close: `likeness` from 0 (any) to 1 (the same)."""
    found = difflib.get_close_matches(word.lower().replace("-", "_"), list(formats), n=1, cutoff=likeness)
    return found[0] if found else None


def _is_anchored(headline: Headline) -> bool:
    return headline.format_id is not None or headline.client_code is not None


def _begins_anchored(line: str, formats: Collection[str]) -> bool:
    return bool(_format_at(line, formats) or _code_at(line))


def _is_only_a_word(headline: Headline, line: str, rest: str) -> bool:
    """`progress on goals …`, `Intake, 75 min, came alone`: a format's name that is a word of the summary."""
    certain = headline.format_id in _UNMISTAKABLE or headline.client_code or headline.date
    if certain:
        return False
    return not re.search(r"[:\u2013\u2014]|\s-\s", line[: len(line) - len(rest)])


def _runs_on(line: str, rest: str) -> bool:
    """Whether nothing but a blank parts the headline from what follows."""
    return not re.search(r"[,:;\u2013\u2014]|\s-\s|-\s*\Z", line[: len(line) - len(rest)])


def _consume(line: str, today: dt.date, formats: Collection[str]) -> tuple[Headline, str]:
    """Takes tokens from the front as long as each says something new."""
    headline, rest = Headline(), line
    while rest:
        step = _next(rest, headline, today, formats)
        if step is None:
            break
        headline, taken = step
        rest = rest[taken:]
        gap = _GAP.match(rest)
        rest = rest[gap.end() :] if gap else rest
    return headline, rest


def _next(rest: str, so_far: Headline, today: dt.date, formats: Collection[str]) -> tuple[Headline, int] | None:
    if so_far.format_id is None and (named := _format_at(rest, formats)):
        return replace(so_far, format_id=named[0]), named[1]
    if so_far.client_code is None and (code := _code_at(rest)):
        return replace(so_far, client_code=code[0]), code[1]
    if so_far.date is None and (day := _date_at(rest, today)):
        return replace(so_far, date=day[0]), day[1]
    if so_far.start is None and (clock := _time_at(rest)):
        return replace(so_far, start=clock[0]), clock[1]
    if so_far.minutes is None and (minutes := _MINUTES.match(rest)):
        return replace(so_far, minutes=int(minutes["minutes"])), minutes.end()
    word = _WORD.match(rest)
    if so_far.kind is None and word and word[0].lower() in _KINDS and so_far != Headline():
        return replace(so_far, kind=_KINDS[word[0].lower()]), word.end()
    return None


def _format_at(rest: str, formats: Collection[str]) -> tuple[str, int] | None:
    word = _WORD.match(rest)
    if not word:
        return None
    name = word[0].lower().replace("-", "_").rstrip("_")
    known = {format_id.lower(): format_id for format_id in formats}
    return (known[name], word.end()) if name in known else None


def _code_at(rest: str) -> tuple[str, int] | None:
    """A client code such as JD-014; never a scale (`GDS-15`) or a diagnosis (`F41`)."""
    found = _CODE.match(rest) or _LOWER_CODE.match(rest)
    if not found or tokens_of(found["code"])[0] in table("slots")["families"]["measure_instruments"]:
        return None
    return None if re.fullmatch(r"F\d\d", found["code"]) else (found["code"].upper(), found.end())


def _date_at(rest: str, today: dt.date) -> tuple[dt.date, int] | None:
    if word := _WORD_DATE.match(rest):
        return _day_named(word["word"].lower(), today), word.end()
    for pattern in (_ISO, _SLASHED, _DAY_MONTH, _MONTH_DAY):
        if found := pattern.match(rest):
            return _past(_calendar_day(found, today), today), found.end()
    return None


def _day_named(word: str, today: dt.date) -> dt.date:
    """Today, yesterday, or the last such weekday before today (a week ago when it is that day today)."""
    if word in ("today", "yesterday"):
        return today - dt.timedelta(days=word == "yesterday")
    wanted = _DAYS.index(word) if word in _DAYS else _SHORT_DAYS[word]
    return today - dt.timedelta(days=(today.weekday() - wanted) % 7 or 7)


def _calendar_day(found: re.Match[str], today: dt.date) -> dt.date:
    parts = found.groupdict()
    month = int(parts["m"]) if parts.get("m") else _MONTHS.index(parts["month"][:3].lower()) + 1
    year = int(parts["year"]) if parts.get("year") else None
    if year is not None and year < 100:
        year += 2000
    try:
        if year is not None:
            return dt.date(year, month, int(parts["day"]))
        return _without_year(month, int(parts["day"]), today)
    except ValueError:
        raise UserMistake("bad_date", BAD_DATE) from None


def _without_year(month: int, day: int, today: dt.date) -> dt.date:
    """This year's day; last year's when this year's is more than half a year ahead (a December session, in January)."""
    this_year = dt.date(today.year, month, day) if (month, day) != (2, 29) else _leap_day(today)
    if this_year - today > dt.timedelta(days=183):
        return dt.date(today.year - 1, month, day)
    return this_year


def _leap_day(today: dt.date) -> dt.date:
    try:
        return dt.date(today.year, 2, 29)
    except ValueError:
        return dt.date(today.year - 1, 2, 29)


def _past(day: dt.date, today: dt.date) -> dt.date:
    if day > today:
        raise UserMistake("future_date", FUTURE_DATE)
    return day


def _time_at(rest: str) -> tuple[dt.time, int] | None:
    found = _CLOCK.match(rest) or _HOUR.match(rest)
    if not found:
        return None
    hour, minute = int(found["hour"]), int(found.groupdict().get("minute") or 0)
    half = (found["half"] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return (dt.time(hour, minute), found.end()) if hour < 24 and minute < 60 else None
