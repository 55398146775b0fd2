"""Makes statements the points do not carry, one for each kind of fault, to try the checker with."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.support import Kind

_ONLY_IN = {Kind.HOMEWORK: ("homework", "homework_review")}
_QUOTED = re.compile(r"(\"[^\"]*\"|\u201c[^\u201d]*\u201d)")


@dataclass(frozen=True, slots=True)
class Written:
    """A statement of the test server's answer. `points` are cited, rightly or wrongly."""

    slot: str
    text: str
    points: tuple[int, ...]


def invented(kind: Kind, points: Mapping[int, str]) -> Written:
    """A statement from a template that fits none of the points, with a citation all the same."""
    typed = " ".join(points.values()).lower()
    rows = _data()[kind.value]
    chosen = next(row for row in rows if not any(re.search(rf"\b{word}", typed) for word in row["unless"]))
    return Written(chosen["slot"], chosen["text"], (min(points, default=1),))


def altered(kind: Kind, statements: Sequence[Written]) -> Written | None:
    """The first statement that can be made false in this way, made false; None when none can."""
    fitting = _ONLY_IN.get(kind)
    for statement in statements:
        if fitting and statement.slot not in fitting:
            continue
        text = _altered(kind, statement.text)
        if text != statement.text:
            return replace(statement, text=text)
    return None


def _altered(kind: Kind, text: str) -> str:
    if kind is Kind.NUMBER:
        return re.sub(
            r"(?<![\w.])(?<![A-Za-z]-)\d{1,3}(?![\w:/-]|\.\d)", lambda found: str(int(found[0]) + 3), text, count=1
        )
    if kind is Kind.MEDICATION:
        return re.sub(r"\b(\d+)(?= ?mg)", lambda found: str(int(found[0]) * 2), text, count=1)
    if kind is Kind.QUOTE:
        return re.sub(r"([\"\u201c])[^\"\u201d]{3,}([\"\u201d])", r"\1I see it quite differently now\2", text, count=1)
    return _exchanged(kind, text)


def _exchanged(kind: Kind, text: str) -> str:
    told = _QUOTED.split(text)
    for here, there in _data()["exchanged"].get(kind.value, ()):
        for place in range(0, len(told), 2):
            changed = re.sub(rf"\b{here}(?![\w-])" if here[-1].isalpha() else rf"\b{here}", there, told[place], count=1)
            if changed != told[place]:
                return "".join([*told[:place], changed, *told[place + 1 :]])
    return text


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("demo").joinpath("fabrications.toml").read_text("utf-8"))
