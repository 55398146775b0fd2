"""Days: with a year or without one, and days of birth. Weekdays, clock times, bare months and scores are not days."""

import re
from collections.abc import Iterator

from bot.drafting.identifiers.spans import Span

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    r"|diciembre)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_NO_DAY_AFTER = r"(?!\d|[:/.%]\d|\w| ?(?:am|pm|mg|%|x|of \d|days|min)\b)"
_WRITTEN = re.compile(
    rf"(?:(?<![\w/.-])|(?<=\d-))(?:{_MONTH}\b\.? ?(?:the )?{_DAY}(?:st|nd|rd|th)?{_NO_DAY_AFTER}(?:(?:,? |/){_YEAR}\b)?"
    rf"|(?:the )?{_DAY}(?:st|nd|rd|th)?[ -](?:of |de )?{_MONTH}\b"
    rf"(?:\.?(?:,| de|-)? ?{_YEAR}\b|(?: |-)'?\d\d\b(?![:/%]))?"
    rf")",
    re.IGNORECASE,
)
_FULL = re.compile(
    rf"(?<![\w/.-])(?:{_YEAR}([-/.])(?:0?[1-9]|1[0-2])\1{_DAY}"
    rf"|{_DAY}([-/.]){_DAY}\2(?:{_YEAR}|\d\d))(?:[ T]\d\d:\d\d(?::\d\d)?)?(?![\w/]|[-.]\d)"
)
_SHORT = re.compile(rf"(?<![\w/.$+-])(?:0?[1-9]|1[0-2])/{_DAY}(?![\w/%]|[.-]\d)")
_BEFORE_SHORT = re.compile(
    r"(?:\b(?:on|by|since|until|til|till|before|after|dated?|starting|starts?|started|ending|ends?|expires?|expired"
    r"|due by|due|through|thru|appt|appointment|session|visit|seen|hearing|court|dos|next|last|from|to|for|of|between"
    r"|and|el|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|d[i\u00ed]a|moved|resched(?:uled)?|rtc|f/u|follow-up|intake|eval|week of|wk of|as of"
    r"|eff(?:ective)?|back)\.?|[(,@-])[ :(]*\Z",
    re.IGNORECASE,
)
_WEAK_BEFORE = re.compile(r"(?:\b(?:from|to|for|of|and|between|next|last)|[(,@-])[ :(]*\Z", re.IGNORECASE)
_SCALE = re.compile(
    r"\b(?:urges?|sud|suds|voc|pain|mood|anx\w*|rat(?:ed|es|ing|e)|distress|intensity|scale|score[sd]?|level|confidence"
    r"|importance|sleep|energy|anger|sad\w*|depress\w*|moca|mmse|out of|motivation|craving\w*|stress|fear|panic|shame"
    r"|guilt|belief|joy|hope|focus|worry|irritab\w*|nights?|days|episodes|meals|passed|down|up|phq\S*|gad\S*|bdi\S*"
    r"|items?|steps?)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r" ?(?:days?|nights?|nites?|mornings?|evenings?|weeks?|wks?|times?|sessions?|items?|meals?|steps?|symptoms?"
    r"|criteria|members?|goals?|trials?|outings?|classes|doses?|pts|points|on\b|in (?:intensity|severity)|severity"
    r"|strength|full|pages?|questions?|correct|bpd?\b|d\b|x\b|prompts?|reps?|attempts?|hours?|hrs?)",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"(?:\b(?:d\.?o\.?b\.?|date of birth|birth ?date|birthday|b-?day|born|nac(?:i[o\u00f3]|ida|ido)|fecha de nacimiento"
    r"|f\.?n\.?)\b\.?(?: (?:is|was|on|el|in|at|:))*[\s:=(]*)\Z",
    re.IGNORECASE,
)
_SCALE_TOPS = frozenset({"3", "4", "5", "6", "7", "8", "9", "10", "20", "21", "24", "25", "27", "28", "30"})
_PAIR = re.compile(r" (?:to|->|\u2192|-) \d{1,2}/(\d{1,2})\b")
_ABOUT = 40


def find_dates(text: str) -> Iterator[Span]:
    """Days in the text, as `date`, or `date_of_birth` where a word says so."""
    if not any(map(str.isdigit, text)):
        return
    for pattern in (_FULL, _WRITTEN):
        for found in pattern.finditer(text):
            lead = len("the ") if found[0][:4].lower() == "the " else 0
            yield _day(text, found.start() + lead, found.end())
    for found in _SHORT.finditer(text):
        if _is_day(text, found):
            yield _day(text, found.start(), found.end())


def _day(text: str, start: int, end: int) -> Span:
    born = _BORN.search(text[max(0, start - _ABOUT) : start])
    return Span(start, end, "date_of_birth" if born else "date")


def _is_day(text: str, found: re.Match[str]) -> bool:
    """Whether `11/4` is a day: a word before it says so, or it cannot be a score; and nothing counts with it."""
    before = text[max(0, found.start() - _ABOUT) : found.start()]
    top = found[0].partition("/")[2]
    if _BORN.search(before):
        return True
    if _COUNTED.match(text, found.end()) or _compared(text, found, top):
        return False
    if top not in _SCALE_TOPS and int(top) > 12:
        return not _SCALE.search(before[-12:])
    if not (_BEFORE_SHORT.search(before) or not before.strip()):
        return False
    return top not in _SCALE_TOPS or not (
        _WEAK_BEFORE.search(before) and _SCALE.search(re.split(r"[.;\n]", before)[-1])
    )


def _compared(text: str, found: re.Match[str], top: str) -> bool:
    """Whether the same scale follows or goes before: from 2/6 to 5/6."""
    after = _PAIR.match(text, found.end())
    before = re.search(r"/(\d{1,2}) (?:to|->|\u2192|-) \Z", text[max(0, found.start() - 8) : found.start()])
    return bool(top in _SCALE_TOPS and ((after and after[1] == top) or (before and before[1] == top)))
