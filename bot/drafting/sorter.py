"""Drafts without a model: each point goes, in expanded shorthand, to the slot its wording speaks for.

Works from what a point says, never from where it stands. Text for no section (private process notes, pasted commands,
reminders to bill, instructions about the record) gets no statement, so it shows as "not used yet".
"""

from collections.abc import Sequence
from functools import cache, lru_cache

from bot.domain.ids import new_statement_id
from bot.domain.statements import Draft, Origin, Point, Slot, Statement
from bot.drafting.features import cues, features_of, label_of, tokens_of
from bot.drafting.lexicon import figures
from bot.drafting.points import split_points
from bot.drafting.shorthand import as_prose

# In the units of the weights: half of all points win by less than 85, one in ten by more than 190.
_HEADING_WEIGHT = 80.0
_LABEL_WEIGHT = 250.0
_FAINT = -30.0
_FAINTEST = -50.0
_ENOUGH_KNOWN = 0.4
_BRIEF = 5
_REMEMBERED = 512  # points: guards and questions ask again at each click
_SIGNS = ("cue:", "label:", "number")


def sort(summary: str, called: str = "") -> Draft:
    """A draft with one statement for each point that belongs in a note. Never raises.

    `called`: what the practice calls the client, for what is typed as shorthand.
    """
    points = split_points(summary)
    slots = slot_of(points)
    statements: list[Statement] = []
    headings: list[int] = []
    for point, slot in zip(points, slots, strict=True):
        if heading_of(point.text):
            headings = [point.number]
        elif slot is not None:
            text = as_prose(point.text, slot, called)
            statements.append(Statement(new_statement_id(), slot, text, (*headings, point.number)))
            headings = []
    return Draft(points, tuple(statements), Origin.SORTER)


def slot_of(points: Sequence[Point]) -> list[Slot | None]:
    """The slot of each point; None for text that belongs in no section, and for headings."""
    chosen: list[Slot | None] = []
    heading: str | None = None
    for point in points:
        here = heading_of(point.text)
        if here:
            heading = here
            chosen.append(None)
        else:
            chosen.append(slot_under(heading, point.text))
    return chosen


def heading_of(text: str) -> str | None:
    """The slot a section heading on its own line stands for (`Plan:`, `INTERVENTION`), else None."""
    words = text.strip().strip("*_#").strip()
    bare = words.rstrip(":").strip()
    marked = words.endswith(":") or (len(bare) > 4 and (bare.isupper() or bare.istitle()))
    return cues().labels.get(bare.lower()) if marked else None


def scores_of(text: str, heading: str | None = None) -> dict[str, float]:
    """How strongly the wording speaks for each slot (`other`: for none of them), summed over its features."""
    names, weights = _model()
    vectors = [vector for feature in features_of(text) if (vector := weights.get(feature)) is not None]
    totals = [sum(column) for column in zip(*vectors, strict=True)] or [0.0] * len(names)
    scores = dict(zip(names, totals, strict=True))
    label = label_of(text)
    for slot in cues().beside.get(label[0], ()) if label else ():
        scores[slot] += _LABEL_WEIGHT
    if heading:
        for slot in _under(heading):
            scores[slot] += _HEADING_WEIGHT
    return scores


def _under(heading: str) -> tuple[str, ...]:
    """What is commonly typed under a heading besides what it names."""
    return cues().under.get(heading, (heading,))


@lru_cache(maxsize=_REMEMBERED)
def slot_under(heading: str | None, text: str) -> Slot | None:
    """The slot of one point under this heading; remembered for the points at hand."""
    scores = scores_of(text, heading)
    best = max(scores, key=lambda name: scores[name])
    return None if best == "other" or _says_nothing(text, scores[best]) else Slot(best)


def _says_nothing(text: str, strength: float) -> bool:
    """Whether no slot claims the text: a greeting, another language, or words never met and no cue among them."""
    if " ".join(tokens_of(text)) in cues().nothing:
        return True
    if strength >= _FAINT:
        return False
    found = features_of(text)
    words = [feature for feature in found if feature.startswith("w:")]
    known = sum(feature in _model()[1] for feature in words)
    cued = strength >= _FAINTEST and any(feature.startswith(_SIGNS) for feature in found)
    return known < _ENOUGH_KNOWN * len(words) or (len(words) <= _BRIEF and not cued)


@cache
def _model() -> tuple[list[str], dict[str, list[float]]]:
    data = figures("sorter_weights")
    return data["slots"], data["weights"]
