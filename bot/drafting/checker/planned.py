"""Reads whether something is done or only planned."""

from functools import cache

from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.words import WORD, is_past
from bot.drafting.features import label_of
from bot.drafting.lexicon import table

_BREAKS = frozenset({".", ";", "!", "?", "\u2014", "--", "("})
_PLAN_LABELS = frozenset(
    {
        "plan",
        "p",
        "hw",
        "homework",
        "next",
        "nxt",
        "next session",
        "next wk",
        "next week",
        "next time",
        "tarea",
        "between sessions",
        "f/u",
        "to do",
        "plan for next time",
        "assignment",
        "action items",
    }
)


@cache
def plan_cues() -> frozenset[str]:
    return frozenset(table("checker")["planned"]["words"])


def planned_places(text: Analysis) -> frozenset[int]:
    """The words that tell of what is to come or is only thought of."""
    label = label_of(text.text)
    review = any(is_past(word.lower) for word in text.words)
    if label and label[0] in _PLAN_LABELS and not review:
        return frozenset(range(len(text.words)))
    found: set[int] = set()
    for at, word in enumerate(text.words):
        if word.kind == WORD and word.lower in plan_cues() and not text.quoted(at):
            step = at + 1
            while (
                step < len(text.words)
                and text.words[step].lower not in _BREAKS
                and text.words[step].lower not in ("but", "because")
            ):
                found.add(step)
                step += 1
    return frozenset(found)
