"""Identifiers that are recognised by their form: addresses on the net, telephone numbers, and numbers of every kind.

A form that could be a score, a dose or a time needs a word beside it that says what it is.
"""

import re
from collections.abc import Iterator

from bot.drafting.identifiers.spans import Span

_NET = re.compile(
    r"(?P<email>(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[A-Za-z]{2,})"
    r"|(?P<url>(?:https?://|www\.)[^\s<>\"')\]]+"
    r"|(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,5}(?:com|org|net|edu|gov|io|info|me|app|health|example)(?:/[^\s<>\"')\]]*)?(?!\w))"
    r"|(?P<username>(?<![\w@.])@[A-Za-z_][\w.-]{2,}(?<![.-]))",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(?:log-?in|user ?name|user ?id|handle|screen ?name|gamer ?tag|snap(?:chat)?|insta(?:gram)?|ig|tiktok|discord"
    r"|goes by|known as"
    r"|(?:posts?|streams?|plays?|writes|blogs|tweets|games)\b[^.\n]{0,20}? as)\b(?: name)?(?: is| was|:| =)? +"
    r"[\"\u201c']?(?=[\w.#-]*[\d._#])(?P<username>[A-Za-z][\w.#-]{3,}\w)",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![\w.@/])[a-z]{2,}(?:\.[a-z0-9]{2,}){2,}(?![\w@]|\.\w)")
_BITS = r"[ .\u00a0\u2010-\u2013-]"
_PHONE = re.compile(
    rf"(?<![\w.#/$-])(?:"
    rf"(?:(?:\+|00)\d{{1,3}}{_BITS}?)?\(\d{{1,4}}\) ?\d(?:{_BITS}?\d){{4,9}}"  # (312) 555-0147
    rf"|(?:\+?\d{{1,3}}{_BITS})?\d{{3}}{_BITS}\d{{3}}{_BITS}\d{{4}}"  # 312-555-0188, +1 773 555 0119
    rf"|\+\d(?:{_BITS}?\d){{7,13}}"  # +49 30 5550119, +13125550147
    rf"|\+\d{{1,3}} ?\(\d\)\d{{1,3}}(?:{_BITS}\d{{2,4}}){{2,4}}"
    rf"|001-\d{{3}}-\d{{3}}-\d{{4}}"
    rf"|555-\d{{4}}"
    rf"|0\d{{1,4}}{_BITS}\d{{2,4}}(?:{_BITS}\d{{2,4}}){{1,4}}"  # 0489 25 37 29
    rf"|0\d{{2,4}}{_BITS}\d{{6,8}}"
    rf"|\d\d(?:\.\d\d){{4}}"
    rf"|\d{{3}} \d{{4}}(?! ?(?:mg|cal|kcal|steps|ml|\$))"
    rf")(?: ?(?:x|ext\.?) ?\d{{1,5}})?(?![\w/%]|\.\d|-\d)"
)
_PHONE_CUED = re.compile(
    r"\b(?:phone|tel(?:efono|\u00e9fono|ephone)?|cell|mobile|mobil|fax|call(?:ed|s|ing|back)?|txt|text(?:ed|s)?|ph|home|number"
    r"|voicemail|vm|msg|contact|answering|answers|reach(?:ed)?|whatsapp|signal|no)\b\.?"
    rf"(?: (?:me|her|him|them|us|is|was|number|no|at|on|from|to|back|again|\#)\b\.?){{0,4}}(?:: ?\n)?[:# ]*\(?"
    rf"(?P<phone>(?:\d{_BITS}?){{6,11}}\d)(?![\w/%]|{_BITS}\d)",
    re.IGNORECASE,
)
_PHONE_LABELLED = re.compile(
    rf"(?<![\w.#/$:-])(?:\d{_BITS}?){{6,11}}\d(?= ?-?(?:office|fax|cell|mobile|home)\b)", re.IGNORECASE
)
_PHONE_LOOSE = re.compile(rf"(?<![\w.#/$:-])\d{{2,3}}{_BITS}\d{{3}}{_BITS}\d{{2,3}}(?![\w/%]|{_BITS}\d)")
_SSN = re.compile(r"(?<![\w-])\d{3}([- ])\d{2}\1\d{4}(?![\w-])")
_SSN_CUED = re.compile(
    r"\b(?:ssn|social security(?: (?:number|no|#))?|social|soc sec)\b\.?[\s:#]*"
    r"(?:is|was|on|end(?:s|ing)?(?: in)?|last (?:4|four))?[\s:#]*(?P<ssn>[\dxX*]{3}-?[\dxX*]{2}-?\d{4}|\d{4})(?!\w)",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"(?<![\w.-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ -])\d{6}\2\d{5}|\d{12,19})(?![\w-]|\.\d)"
    r"|\b[A-Za-z]{2}\d{2} ?(?:[A-Za-z0-9]{4} ?){3,7}[A-Za-z0-9]{0,4}(?!\w)"
)
_ACCOUNT_CUED = re.compile(
    r"\b(?:account|acct|routing|card|iban|visa|mastercard|amex|debit|checking|savings)\b\.?(?: (?:number|no|ending in"
    r"|ending|ends in|on file|is|\#)\.?){0,3}[\s:#]*(?P<account>\d[\d -]{2,22}\d)(?!\w)",
    re.IGNORECASE,
)
_IP = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]*\d)"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])"
)
_PLATE = re.compile(
    r"\b(?:licen[cs]e plates?|plates?|tags?|license tag)(?: (?:number|no|is|was|reads?)\b\.?| \#)*[\s:#]*"
    r"(?P<plate>(?=[A-Z0-9 -]*\d)[A-Z0-9]{1,4}(?:[ -]?[A-Z0-9]{2,5}){1,2})(?![\w-])"
    r"|\bVIN\b[\s:#]*(?P<vin>[A-HJ-NPR-Z0-9]{11,17})\b"
)
_RECORD_WORD = (
    r"(?:m\.?r\.?n|medical record|chart|record|client|patient|pt|ct|case|file|claim|policy|member(?:ship)?|subscriber"
    r"|group|grp|plan|insurance|ins|insurer|medicaid|medicare|auth(?:orization|orisation)?|referral|ref|docket|cause"
    r"|warrant|incident|police report|report|badge|inmate|booking|doc|driver'?s? licen[cs]e|driver\u2019s licen[cs]e|dl"
    r"|state id|licen[cs]e|lic|npi|dea|passport|visa|alien|green card|student|employee|interpreter|voucher|section 8"
    r"|prior auth|rx|prescription|serial|device|order|invoice|confirmation|ticket|tracking|ein|tax|permit"
    r"|health card|nhs|ohip|id|ids|bcbs|aetna|cigna|humana|tricare|uhc|unitedhealthcare|case number)"
)
_RECORD_CUED = re.compile(
    rf"\b{_RECORD_WORD}(?:\W{{0,2}}\s?(?:id|ids|number|numbers|no|num|nr|nbr|card|code|is|was|report))*\b\.?[\s:#=(]*"
    rf"(?:is |was |ending in |ending )?"
    rf"(?P<id>\#?(?=[A-Za-z0-9./-]*\d{{2}})[A-Za-z]{{0,5}}[-./]?\d[A-Za-z0-9]*(?:[-./][A-Za-z0-9]+)*"
    rf"|(?=[A-Z0-9-]*\d{{3}})[A-Z]+[-]?[A-Z0-9-]*\d[A-Z0-9-]*)(?![\w%/])",
    re.IGNORECASE,
)
_RECORD_FORM = re.compile(
    r"(?<![\w#.@/-])(?:"
    r"\#[A-Z]{0,3}-?\d[\dA-Z-]{4,}"
    r"|(?=[A-Z0-9]*\d{4})[A-Z]{2,5}\d{6,}"
    r"|[A-Z]{1,4}-\d{4,}(?:-\d+)*"
    r"|[A-Z]\d{3}-\d{3,4}-\d{3,4}"
    r"|(?:\d{2}|\d{4})-[A-Z]{1,3}-\d{4,}"
    r"|\d{8,11}"
    r")(?![\w%/-]|\.\d)"
)
_INSTRUMENT = re.compile(
    r"(?:PHQ|GAD|PCL|BDI|BAI|WHODAS|MDQ|CAPS|OCI|DSM|ICD|AUDIT|DAST|ACE|SCARED|CBCL|MMPI|PAI)-?\d*\Z"
)
_LONE_AGE = re.compile(
    r"\b(?P<a>9\d|1[01]\d)(?=[- ]?(?:years?[- ]old|yrs?[- ]old|y/?o\b|yo\b|year old|yr old))"
    r"|\b(?:aged?|turn(?:s|ed|ing)|age:|is now) (?P<b>9\d|1[01]\d)(?![\w%/.:-])",
    re.IGNORECASE,
)
_SCORE_BEFORE = re.compile(
    r"(?:group|plan|record|report|ref|order|section 8|doc|auth|rx|ids?|device)\W*\Z", re.IGNORECASE
)
_LONGEST_TIME = 3


def find_by_form(text: str) -> Iterator[Span]:
    """Everything in the text that has the form of an identifier; the surest kinds come first."""
    net = _NET if "@" in text or "." in text else None
    if net:
        yield from _net(text)
    yield from _grouped(_LOGIN, text)
    yield from _plain(_DOTTED, "username", text)
    if not any(map(str.isdigit, text)):
        return
    yield from _plain(_IP, "ip", text)
    yield from _plain(_SSN, "ssn", text)
    yield from _grouped(_SSN_CUED, text)
    yield from _plain(_PHONE, "phone", text)
    yield from _grouped(_ACCOUNT_CUED, text)
    yield from _plain(_ACCOUNT, "account", text)
    yield from _plates(text)
    yield from _records(text)
    yield from _grouped(_PHONE_CUED, text)
    yield from _plain(_PHONE_LABELLED, "phone", text)
    yield from _plain(_PHONE_LOOSE, "phone", text)
    yield from (Span(*found.span(found.lastgroup or 0), "age") for found in _LONE_AGE.finditer(text))


def _net(text: str) -> Iterator[Span]:
    for found in _NET.finditer(text):
        end = found.end() - (len(found[0]) - len(found[0].rstrip(".,;:!?")))
        yield Span(found.start(), end, found.lastgroup or "url")


def _plain(pattern: re.Pattern[str], kind: str, text: str) -> Iterator[Span]:
    return (Span(*found.span(), kind) for found in pattern.finditer(text))


def _grouped(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for found in pattern.finditer(text):
        kind = found.lastgroup or ""
        yield Span(*found.span(kind), kind)


def _plates(text: str) -> Iterator[Span]:
    return (Span(*found.span(found.lastgroup or 0), "plate") for found in _PLATE.finditer(text))


def _records(text: str) -> Iterator[Span]:
    for found in _RECORD_CUED.finditer(text):
        number = found["id"]
        if sum(map(str.isdigit, number)) >= _fewest_digits(found[0][: -len(number)]) and not _dated(number):
            start = found.start("id")
            yield Span(start - (text[start - 1] == "#"), found.end("id"), "record_number")
    for found in _RECORD_FORM.finditer(text):
        if not _INSTRUMENT.match(found[0]):
            yield Span(*found.span(), "record_number")


def _fewest_digits(cue: str) -> int:
    """How long a number must be after its word: `group 12` is a session, `MRN 12` a record."""
    return 5 if _SCORE_BEFORE.search(cue) else 4


def _dated(number: str) -> bool:
    return ("/" in number and len(number) <= len("12/31/2026")) or number.count(".") > 1
