"""Finds points that are no part of a progress note: process notes, commands to the writer, words about the record.

Judges by wording alone. What it finds enters no draft and leaves this machine for no model; the clinician may still
place such a point by hand.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache

from bot.domain.statements import Point
from bot.drafting.features import cues, label_of
from bot.drafting.lexicon import table
from bot.drafting.sorter import heading_of, scores_of

_QUOTED = re.compile(r"(?<![\w\"])\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb")
# In the units of the sorter's weights: how far "in no section" must be ahead for looser signs to count.
_PROCESS_MARGIN = 30.0
_COMMAND_MARGIN = 0.0
_REMEMBERED = 512  # points: a card is shown again at each click
_AROUND = " \t*_#-\u2013\u2014\u2022"


def process_points(points: Sequence[Point]) -> tuple[int, ...]:
    """Numbers of the points that read as private process notes (45 CFR 164.501): own reactions, supervision questions.

    A heading such as `Process notes:` takes the points below it along, up to the next heading or label of a note.
    """
    below = _below(points, _is_private_heading)
    return tuple(point.number for point in points if point.number in below or _is_process(point.text))


def command_points(points: Sequence[Point]) -> tuple[int, ...]:
    """Numbers of the points that tell the writer what to do ("ignore the above", "mark as denied"), pasted or typed.

    A heading such as `SYSTEM PROMPT:` takes the points below it along, too.
    """
    below = _below(points, _is_command_heading)
    return tuple(point.number for point in points if point.number in below or _is_command(point.text))


def record_points(points: Sequence[Point]) -> tuple[int, ...]:
    """Numbers of the points about the record itself: what must stay out of it, what is kept elsewhere."""
    return tuple(point.number for point in points if _any("record", "outside").search(_outside(point.text)))


def _below(points: Sequence[Point], opens: Callable[[str], bool]) -> set[int]:
    """The points from such a heading to the next heading or label of a note."""
    found: set[int] = set()
    below = False
    for point in points:
        below = opens(point.text) or (below and not _opens_another_part(point.text))
        if below:
            found.add(point.number)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _is_process(text: str) -> bool:
    outside = _outside(text)
    if _any("process", "outside").search(outside):
        return True
    return _is_own_feeling(outside) or _is_own_doubt(outside) or _is_loose("process", text, _PROCESS_MARGIN)


def _is_own_feeling(outside: str) -> bool:
    felt = _any("process", "feelings").search(outside)
    return felt is not None and not _one("spoken").search(outside[: felt.start()])


def _is_own_doubt(outside: str) -> bool:
    doubtful = _any("process", "doubt").search(outside) and _any("process", "place").search(outside)
    return bool(doubtful) and not _one("not_doubt").search(outside)


@lru_cache(maxsize=_REMEMBERED)
def _is_command(text: str) -> bool:
    if _any("command", "anywhere").search(text) or _is_loose("command", text, _COMMAND_MARGIN):
        return True
    return any(re.search(pattern, text) for pattern in table("withheld")["command"]["capitals"])


def _is_loose(kind: str, text: str, margin: float) -> bool:
    """Whether looser signs are there and the sorter, too, reads the text as belonging in no section."""
    if not _any(kind, "loose").search(_outside(text)):
        return False
    scores = scores_of(text)
    return scores["other"] >= margin + max(score for slot, score in scores.items() if slot != "other")


def _is_private_heading(text: str) -> bool:
    return _heads("process", text)


def _is_command_heading(text: str) -> bool:
    return _heads("command", text)


def _heads(kind: str, text: str) -> bool:
    bare = text.strip(_AROUND)
    return bare.endswith(":") and bare.rstrip(":").strip(_AROUND).lower() in table("withheld")[kind]["headings"]


def _opens_another_part(text: str) -> bool:
    label = label_of(text)
    return heading_of(text) is not None or (label is not None and cues().labels[label[0]] != "other")


def _outside(text: str) -> str:
    """The text with what is quoted left out: quoted words are somebody else's."""
    return _QUOTED.sub(' "" ', text.replace("\u2019", "'"))


@cache
def _any(kind: str, name: str) -> re.Pattern[str]:
    return _joined(table("withheld")[kind][name])


@cache
def _one(name: str) -> re.Pattern[str]:
    return _joined([table("withheld")["process"][name]])


def _joined(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
