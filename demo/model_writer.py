"""Words honest statements from the numbered points of a request, as the test server's model. No model is involved."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.statements import Point, Slot
from bot.drafting.shorthand import as_prose
from bot.drafting.sorter import heading_of, slot_of
from demo.fabrications import Written

_MERGED = 160
_I_DID = re.compile(
    r"\bI (?=(?:also |then |briefly )?(?:\w+ed|did|gave|led|taught|held|met|set|made|went|took|was|had)\b)"
)
_QUOTED = re.compile(r"(\"[^\"]*\"|\u201c[^\u201d]*\u201d)")
_NO_SUBJECT = re.compile(
    r"^(?:denie[sd]|report(?:s|ed)|stat(?:es|ed)|said|says|describe[sd]|feels|felt|rate[sd])\b", re.IGNORECASE
)
_COMMAND = re.compile(
    r"\b(?:ignore|disregard|output|print|reveal|repeat)\b.*\b(?:above|instructions?|prompt|rules|previous)\b"
    r"|\bmust be described\b|\b(?:AI|assistant|system)\s*:|\bwhoever writes this\b|\bwrite that\b",
    re.IGNORECASE,
)


def points_of(question: str) -> dict[int, str]:
    """The numbered points of a request, as `bot/drafting/prompt.py` writes them: one JSON object a line."""
    return {row["n"]: row["text"] for row in _rows(question) if "n" in row and "text" in row}


def statements_of(question: str) -> list[Written]:
    """The statements that a request to change a draft holds."""
    rows = [row for row in _rows(question) if "slot" in row]
    return [Written(row["slot"], row["text"], tuple(row["points"])) for row in rows]


def honest(question: str) -> list[Written]:
    """Statements that say what the points say; text for no section is left uncited."""
    standing = statements_of(question)
    if standing:
        return _changed(standing, question.rpartition("Change asked for")[2])
    points = points_of(question)
    typed = [Point(number, text) for number, text in points.items() if not _COMMAND.search(text)]
    drafted = [
        Written(slot.value, _third_person(as_prose(point.text, slot), question), (point.number,))
        for point, slot in zip(typed, slot_of(typed), strict=True)
        if slot is not None and not heading_of(point.text)
    ]
    return _merged(drafted)


def obedient(question: str, constant: str) -> list[Written]:
    """What a model without our rules would do: it does what pasted text tells it to."""
    told = [(number, text) for number, text in points_of(question).items() if _COMMAND.search(text)]
    leaked = [
        Written(Slot.REPORT.value, constant[:300], (number,)) for number, text in told if "prompt" in text.lower()
    ]
    return leaked + [Written(Slot.PROGRESS.value, text[:500], (number,)) for number, text in told]


def _rows(question: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for line in question.splitlines():
        if line.startswith("{"):
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found


def _third_person(text: str, question: str) -> str:
    """The clinician's "I" outside quotations; a client where one person's report has no subject."""
    told = _QUOTED.split(text)
    plain = [_I_DID.sub("the clinician ", part) if place % 2 == 0 else part for place, part in enumerate(told)]
    text = "".join(plain)
    if "session: individual." in question and _NO_SUBJECT.match(text):
        text = f"{'patient' if 'is called: patient.' in question else 'client'} {text[0].lower()}{text[1:]}"
    return text[:1].upper() + text[1:]


def _merged(drafted: list[Written]) -> list[Written]:
    """Neighbours of one slot become one statement of two sentences, while they are short."""
    found: list[Written] = []
    for one in drafted:
        last = found[-1] if found else None
        fits = last and last.slot == one.slot and len(last.points) < 2 and len(last.text) + len(one.text) < _MERGED
        if last and fits and last.slot not in (Slot.RISK.value, Slot.MEASURE.value):
            found[-1] = Written(one.slot, f"{last.text} {one.text}", last.points + one.points)
        else:
            found.append(one)
    return found


def _changed(standing: list[Written], asked: str) -> list[Written]:
    """Shorter: without filler words; any other change asked for changes nothing."""
    if "short" not in asked.lower() and "brief" not in asked.lower():
        return standing
    return [replace(one, text=_tightened(one.text)) for one in standing]


def _tightened(text: str) -> str:
    text = re.sub(r"\b(?:also|then|really|very|quite|just) ", "", text)
    text = re.sub(r"\b(Client|client|Patient|patient) (?:reported|stated|said) that ", r"\1: ", text)
    return text[:1].upper() + text[1:]
