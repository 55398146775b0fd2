"""Splits a summary into numbered points: a sentence, a bullet or a line, exactly as typed.

Semicolons, commas and dashes do not end a point, except in a run-on line without sentences; nor does a full stop that
belongs to an abbreviation, an initial, a number or a quotation that is still open. The marks of bullets and numbers
stay outside.
"""

import itertools
import re
from collections.abc import Iterator
from functools import cache

from bot.domain.statements import Point
from bot.drafting.lexicon import table

_LINE = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_MARK = re.compile(
    r"""\s*(?:
        (?:[-*+\u2022\u2023\u25e6\u25aa\u25cf\u25cb\u25a0\u00b7\u2013\u2014>#]|->|\u2192|--+)
        [ \t\u00a0]+(?:\[[ xX]?\][ \t]+)?
      | \#{1,6}[ \t]+
      | [\u2022\u2023\u25e6\u25aa\u25cf\u25cb\u25a0\u00b7](?=\S)
      | [-*](?=[A-Za-z"\u201c])(?![^\s*]*\*)
      | \(?\d{1,2}[.)][ \t\u00a0]+(?=\S)
      | \(?[a-z]\)[ \t\u00a0]+
    )""",
    re.VERBOSE,
)
_RULE = re.compile(r"[-*=_~#+.\u2022\u2013\u2014\s]*\Z")
_INLINE_BULLET = re.compile(r"\s+[\u2022\u2023\u25aa\u25cf\u25a0](?=\s?\S)\s*")
_INLINE_NUMBER = re.compile(r"(?:^|\s)\(?(\d{1,2})[.)]\s+(?=\S)")
_END = re.compile(
    r"[.!?\u2026]+[\"\u201d\u00bb')\]\u2019]*(?=\s)|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d]?|\u061f(?=\s)"
)
_GLUED = re.compile(r"(?<=[a-z]{3})[.!?](?=[A-Z][a-z]+[\s,:'])")
_LAST_WORD = re.compile(r"[^\s(\[\"\u201c\u00ab,;]+\Z")
_NEXT_WORD = re.compile(r"\s*[(\"\u201c\u00ab'*]*([^\s,;:)]*)")
_COMMA = re.compile(r"[,;]\s+|\s+[-\u2013\u2014]+\s+")
_KINDS = 3
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]\Z")


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(table("points")[name])


def split_points(summary: str) -> tuple[Point, ...]:
    """The points of a summary, numbered from 1, each worded as typed. Never raises; nothing typed gives nothing."""
    pieces = (piece for line in _LINE.split(summary) for piece in _split_line(line))
    return tuple(Point(number, piece) for number, piece in enumerate(pieces, start=1))


def _split_line(line: str) -> Iterator[str]:
    if _RULE.match(line):
        return
    for item in _split_items(_without_mark(line)):
        sentences = list(_split_sentences(item))
        yield from sentences if len(sentences) > 1 else _split_run_on(item)


def _without_mark(line: str) -> str:
    mark = _MARK.match(line)
    return line[mark.end() :].strip() if mark else line.strip()


def _split_items(line: str) -> list[str]:
    """Bullets typed one after another on a line: `• a • b`, `1) a 2) b` (the first mark is already gone)."""
    if _INLINE_BULLET.search(line):
        return [item.strip() for item in _INLINE_BULLET.split(line) if item.strip()]
    numbers = list(_INLINE_NUMBER.finditer(line))
    expected = range(2, 2 + len(numbers))
    if len(numbers) < 2 or [int(found[1]) for found in numbers] != list(expected):
        return [line]
    cuts = [0, *(found.start() for found in numbers), len(line)]
    return [_without_mark(line[a:b]) for a, b in itertools.pairwise(cuts)]


def _split_sentences(text: str) -> Iterator[str]:
    start = 0
    shut = _enclosed(text)
    for end in _ends(text):
        if any(a < end < b for a, b in shut) or not _ends_here(text, start, end):
            continue
        piece = text[start:end].strip()
        if piece:
            yield piece
            start = end
    if text[start:].strip():
        yield text[start:].strip()


def _split_run_on(text: str) -> Iterator[str]:
    """A line without sentences ends points before a label, and before clauses of several kinds set off by commas."""
    shut = _enclosed(text)
    commas = [found for found in _COMMA.finditer(text) if not any(a < found.start() < b for a, b in shut)]
    labels = [found for found in commas if _begins(text[found.end() :], _openers())]
    kinds = {found: kind for found in commas if found[0].strip() == "," and (kind := _kind_of(text[found.end() :]))}
    several = len({*kinds.values(), _kind_of(text)} - {None}) >= _KINDS
    start = 0
    for found in commas:
        if found in labels or (several and found in kinds):
            yield from filter(None, [text[start : found.start()].strip()])
            start = found.end()
    yield from filter(None, [text[start:].strip()])


def _kind_of(clause: str) -> str | None:
    return next((kind for kind, pattern in _clauses().items() if _begins(clause, pattern)), None)


def _begins(text: str, pattern: re.Pattern[str]) -> bool:
    return pattern.match(text.lower()) is not None


@cache
def _openers() -> re.Pattern[str]:
    return re.compile(rf"(?:and )?(?:{'|'.join(map(re.escape, table('points')['openers']))})\s?:\s*\S")


@cache
def _clauses() -> dict[str, re.Pattern[str]]:
    return {
        kind: re.compile(rf"(?:and |then )?(?:{'|'.join(map(re.escape, words))})(?![\w'\u2019])")
        for kind, words in table("points")["clauses"].items()
    }


def _ends(text: str) -> list[int]:
    return sorted({found.end() for pattern in (_END, _GLUED) for found in pattern.finditer(text)})


def _enclosed(text: str) -> list[tuple[int, int]]:
    """Stretches inside quotation marks or brackets, in which no sentence ends."""
    pairs = re.finditer(
        r"(?<![\w\"])\"(?=\S)[^\"]*\"|\u201c[^\u201c\u201d]*\u201d|\u00ab[^\u00ab\u00bb]*\u00bb|\([^()]*\)|\[[^\[\]]*\]",
        text,
    )
    return [(found.start(), found.end()) for found in pairs]


def _ends_here(text: str, start: int, end: int) -> bool:
    before, after = text[start:end], text[end:]
    follows = _NEXT_WORD.match(after)
    nxt = follows[1] if follows else ""
    body = before.rstrip("\"\u201d\u00bb')]\u2019")
    closed = len(body) < len(before)
    lower = nxt[:1].islower()
    if not nxt or body[-1:] in "\u3002\uff01\uff1f":
        return bool(after.strip())
    if body[-1:] != "." or body.endswith(".."):
        return not lower
    if closed:
        return not lower
    found = _LAST_WORD.search(body[:-1])
    return _full_stop_ends(found[0] if found else "", nxt, first=bool(found) and found.start() == 0)


def _full_stop_ends(word: str, nxt: str, *, first: bool) -> bool:
    """Whether the full stop after `word` ends the point, given the word that follows it."""
    plain = word.lower().rstrip(".")
    if plain in _words("never_end"):
        return False
    if plain == "no":
        return not nxt[:1].isdigit()
    if _INITIALS.match(word) and word != "I":
        return not first and nxt.lower() in _words("starters") and nxt[:1].isupper()
    if plain in _words("may_end") or re.fullmatch(r"(?:[a-z]\.)+[a-z]", plain):
        return nxt[:1].isupper() or nxt.lower() in _words("starters")
    return True
