"""Reads a model's answer into statements, leniently about its form and never about what it says.

Whatever the text, the outcome is statements or `BrokenAnswer`. Whether they are true is the checker's question.
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from bot.domain.statements import Slot
from bot.drafting.lexicon import table

_LONGEST_ANSWER = 200_000
_LONGEST_STATEMENT = 1500
_LONGEST_TEXT = 5000
_MOST_STATEMENTS = 150
_MOST_STARTS = 40
_DEEPEST = 4
_MOST_FAILURES = 200
_THOUGHT_ENDS = ("</think>", "</thinking>", "</reasoning>")
_FENCE = re.compile(r"```[\w-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*(?:"|\Z))|,(?=\s*[}\]])', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_MARKDOWN = re.compile(
    r"\*{1,3}(?=\S)([^*]+?)(?<=\S)\*{1,3}|(?<!\w)__(?=\S)([^_]+?)(?<=\S)__(?!\w)|`{1,3}([^`]+)`{1,3}"
)
_LINE_MARK = re.compile(r"^\s*(?:[-*+\u2022\u2013>]\s+|#{1,6}\s+|\d{1,3}[.)]\s+)+")
_CITED = re.compile(
    r"""\s*(?: \[\s*(?:points?|sources?)?:?\s*(\d[\d\s,;]*)\]
           | \(\s*(?:points?|sources?|refs?)[:\s]+(\d[\d\s,;&and]*)\) )(?=\.?\s*\Z)""",
    re.IGNORECASE | re.VERBOSE,
)
_LABELLED = re.compile(
    r"""(?P<slot>[A-Za-z][A-Za-z_\ /-]{0,40}?)\s*
        (?:[\[(](?:points?[:\s]*)?(?P<at>\d[\d\s,;]*)[\])])?\s*
        (?::|\s[-\u2013\u2014])\s*(?P<text>\S.*)\Z""",
    re.VERBOSE,
)
_HEADING = re.compile(r"(?P<slot>[A-Za-z][A-Za-z_ /-]{0,40}?)\s*:?\Z")


class BrokenAnswer(Exception):
    """Nothing in the answer can be used. `code`: `empty`, `cut_short`, `prose`, `wrong_shape` or `no_statements`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement as a model gave it: citations are existing points, the text is plain and on one line."""

    slot: Slot
    text: str
    sources: tuple[int, ...]


def parse_statements(text: str, point_count: int, *, salvage: bool = False) -> tuple[Parsed, ...]:
    """The statements of an answer about points 1 to `point_count`. Raises BrokenAnswer when there are none.

    An answer that ends in the middle is broken, unless `salvage` asks for the statements that are complete.
    """
    body = _after_thinking(text[:_LONGEST_ANSWER]).strip()
    if not body:
        raise BrokenAnswer("empty")
    rows = _rows_of_json(body)
    if rows is None:
        rows = _rows_of_pieces(body, salvage)
    if rows is None:
        rows = list(_rows_of_lines(body)) or _none_of(body)
    found = _distinct(_statements(rows, point_count))
    if not found:
        raise BrokenAnswer("no_statements")
    return found


def slot_named(name: str) -> Slot | None:
    """The slot a model means by `name`, if any."""
    plain = re.sub(r"[^a-z]+", "_", name.lower()).strip("_")
    names = _slot_names()
    for candidate in (plain, plain.removesuffix("s")):
        if candidate in names:
            return names[candidate]
    near = difflib.get_close_matches(plain, names, n=1, cutoff=0.86) if len(plain) > 3 else []
    return names[near[0]] if near else None


def plain_text(text: str) -> str:
    """One line without control characters, markdown and list marks."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return " ".join(_MARKDOWN.sub(lambda mark: mark[1] or mark[2] or mark[3], _LINE_MARK.sub("", flat)).split())


def _after_thinking(text: str) -> str:
    """The answer without what a reasoning model wrote before it."""
    for end in _THOUGHT_ENDS:
        text = text.rpartition(end)[2]
    return text


def _none_of(body: str) -> list[Any]:
    raise BrokenAnswer("wrong_shape" if body[0] in "[{<`" else "prose")


def _rows_of_json(body: str) -> list[Any] | None:
    """The list of statements in a JSON answer, wherever it stands in it; None when there is no complete one."""
    for candidate in _candidates(body):
        value = _loads(candidate)
        rows = _rows_in(value, _DEEPEST)
        if rows is not None:
            return rows
    for start in _starts(body):
        value = _decoded_at(body, start)
        if not _is_row(value) and (rows := _rows_in(value, _DEEPEST)):
            return rows
    return None


def _rows_of_pieces(body: str, salvage: bool) -> list[Any] | None:
    """Statements one after another without a list around them; those of a list that never ends only to `salvage`."""
    pieces, rest = _complete_objects(body)
    if pieces and not salvage and re.search(r"[\[{]", rest):
        raise BrokenAnswer("cut_short")
    return pieces or None


def _candidates(body: str) -> Iterator[str]:
    yield body
    yield from (fence[1] for fence in _FENCE.finditer(body))


def _starts(body: str) -> Iterable[int]:
    found = [match.start() for match in re.finditer(r"[\[{]", body)]
    return found[:_MOST_STARTS]


def _loads(text: str) -> Any:
    try:
        return json.loads(text.strip())
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_TRAILING_COMMA.sub(lambda found: found[1] or "", text.strip()))
    except (ValueError, RecursionError):
        return None


def _decoded_at(body: str, start: int) -> Any:
    rest = body[start:]
    for text in (rest, _TRAILING_COMMA.sub(lambda found: found[1] or "", rest)):
        try:
            return json.JSONDecoder().raw_decode(text)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _rows_in(value: Any, depth: int) -> list[Any] | None:
    """A list that holds statements, at the top or under a few keys; also one statement alone."""
    if isinstance(value, list):
        rows = cast("list[Any]", value)
        return rows if not rows or any(_is_row(row) for row in rows) else None
    if not isinstance(value, Mapping) or depth == 0:
        return None
    mapping = cast("Mapping[str, Any]", value)
    if _is_row(mapping):
        return [mapping]
    for key in _keys("list"):
        if key in mapping and (found := _rows_in(mapping[key], depth - 1)) is not None:
            return found
    return _rows_by_slot(mapping)


def _rows_by_slot(mapping: Mapping[str, Any]) -> list[Any] | None:
    """`{"report": [{"text": …}], "plan": "…"}`: statements under their slot's name."""
    rows: list[Any] = []
    for name, value in mapping.items():
        if slot_named(name) is None:
            continue
        for one in cast("list[Any]", value) if isinstance(value, list) else [value]:
            row = cast("Mapping[str, Any]", one) if isinstance(one, Mapping) else {"text": one}
            rows.append({**row, "slot": name})
    return rows if any(_is_row(row) for row in rows) else None


def _is_row(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(_under(cast("Mapping[str, Any]", value), "text"), str)


def _complete_objects(body: str) -> tuple[list[Any], str]:
    """The objects in the text that are statements, and the text without them."""
    found: list[Any] = []
    rest: list[str] = []
    at = failures = 0
    while (start := body.find("{", at)) >= 0 and failures < _MOST_FAILURES:
        rest.append(body[at:start])
        try:
            value, at = json.JSONDecoder().raw_decode(body, start)
        except (ValueError, RecursionError):
            rest.append("{")
            at, failures = start + 1, failures + 1
            continue
        if _is_row(value) and _under(value, "slot") is not None:
            found.append(value)
    return found, "".join([*rest, body[at:]])


def _rows_of_lines(body: str) -> Iterator[Mapping[str, Any]]:
    """Statements written as a list of lines: `Slot: text [1, 2]`, or under headings that name a slot."""
    under: str | None = None
    for line in body.splitlines():
        plain = plain_text(line[:_LONGEST_TEXT])
        labelled, heading = _LABELLED.match(plain), _HEADING.match(plain)
        if labelled and slot_named(labelled["slot"]):
            yield {"slot": labelled["slot"], "text": labelled["text"], "points": labelled["at"] or ""}
        elif heading and slot_named(heading["slot"]):
            under = heading["slot"]
        elif under and _CITED.search(plain):
            yield {"slot": under, "text": plain}


def _statements(rows: Iterable[Any], point_count: int) -> Iterator[Parsed]:
    for row in rows:
        if not _is_row(row):
            continue
        slot = slot_named(str(_under(row, "slot") or ""))
        text, cited = _without_citation(plain_text(str(_under(row, "text"))[:_LONGEST_TEXT]))
        if slot is None or not re.search(r"\w", text) or len(text) > _LONGEST_STATEMENT:
            continue
        given = tuple(_numbers(_under(row, "points"))) or cited
        yield Parsed(slot, text, tuple(sorted({number for number in given if 1 <= number <= point_count})))


def _without_citation(text: str) -> tuple[str, tuple[int, ...]]:
    """A citation typed at the end of the sentence is no part of it."""
    found = _CITED.search(text)
    if not found:
        return text, ()
    return text[: found.start()] + text[found.end() :], tuple(_numbers(found[1] or found[2]))


def _numbers(value: Any, depth: int = 3) -> Iterator[int]:
    """Point numbers, however they are written: 1, "1", "1, 2", "point 3", [1, "2"], [{"n": 1}]."""
    if isinstance(value, bool) or depth == 0:
        return
    if isinstance(value, int):
        yield value
    elif isinstance(value, float) and value.is_integer():
        yield int(value)
    elif isinstance(value, str):
        yield from (int(number) for number in re.findall(r"(?<![\d.])[0-9]{1,4}(?![\d.])", value))
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _numbers(one, depth - 1)
    elif isinstance(value, Mapping):
        yield from _numbers(_under(cast("Mapping[str, Any]", value), "points"), depth - 1)


def _distinct(found: Iterable[Parsed]) -> tuple[Parsed, ...]:
    """Without repetitions: the same sentence twice keeps its first slot."""
    kept: dict[str, Parsed] = {}
    for statement in found:
        kept.setdefault(statement.text.casefold(), statement)
    return tuple(kept.values())[:_MOST_STATEMENTS]


def _under(row: Mapping[str, Any], what: str) -> Any:
    """What a row holds under one of the names models use for it."""
    return next((row[key] for key in _keys(what) if key in row), None)


@cache
def _keys(what: str) -> tuple[str, ...]:
    return tuple(table("answers")["keys"][what])


@cache
def _slot_names() -> dict[str, Slot]:
    other = {name: Slot(slot) for slot, names in table("answers")["slots"].items() for name in names}
    return other | {slot.value: slot for slot in Slot}
