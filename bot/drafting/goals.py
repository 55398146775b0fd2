"""Which goals of the plan a session may have addressed: a suggestion from the clinician's points, to be confirmed.

Deterministic and by words alone. A goal named by its number comes first.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.domain.plan import Objective, Plan
from bot.domain.statements import Point
from bot.drafting.concepts import Concept, concepts_of, shared
from bot.drafting.lexicon import table

_ENOUGH = 1.0  # one concept that tells goals apart, or two common ones


def suggest_goals(points: Sequence[Point], plan: Plan) -> tuple[str, ...]:
    """Ids of open goals and objectives that the points name or are about; named ones first, then in the plan's order.

    An objective brings its goal along.
    """
    texts = [point.text for point in points if not _set_aside(point.text)]
    about = [concepts_of(text) for text in texts]
    touched = [item.id for item, _ in plan.open_items() if _touched(item, about)]
    return _with_goals([*named_goals(texts, plan), *touched], plan)


def named_goals(texts: Sequence[str], plan: Plan) -> tuple[str, ...]:
    """Ids of open goals and objectives named by number (“goal 2”, “obj 1a”), an objective's goal included."""
    return _with_goals([item_id for text in texts if not _set_aside(text) for item_id in _named_in(text, plan)], plan)


def _with_goals(ids: Sequence[str], plan: Plan) -> tuple[str, ...]:
    goal_of = {item.id: goal.id for item, goal in plan.open_items()}
    return tuple(dict.fromkeys(each for item_id in ids if item_id in goal_of for each in (goal_of[item_id], item_id)))


def _named_in(text: str, plan: Plan) -> Iterator[str]:
    by_name = {item.id.casefold(): item.id for item, _ in plan.open_items()}
    for found in _naming().finditer(text):
        for name in re.findall(r"[A-Za-z0-9.-]*[A-Za-z0-9]", found["ids"]):
            if name.casefold() in by_name:
                yield by_name[name.casefold()]


def _touched(item: Objective, about: Sequence[frozenset[Concept]]) -> bool:
    """Whether one point holds enough of what the goal is about."""
    wanted = concepts_of(f"{item.wording.text}. {item.wording.target}")
    return any(shared(wanted, said) >= _ENOUGH for said in about)


def _set_aside(text: str) -> bool:
    lowered = text.lower()
    return any(words in lowered for words in table("goals")["set_aside"]["words"])


@cache
def _naming() -> re.Pattern[str]:
    words = [*table("goals")["named"]["goal"], *table("goals")["named"]["objective"]]
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    number = r"(?:\d{1,2}(?:[.-]?[a-z0-9]{1,2})?|[a-z]\d{1,2})(?![\w%])"
    between = rf"\s*(?:,|/|&|\+|and|y)\s*(?:(?:{listed})\.?\s*)?#?"
    return re.compile(
        rf"\b(?:{listed})\.?\s*(?:#|no\.?\s*|nr\.?\s*)?(?P<ids>{number}(?:{between}{number})*)", re.IGNORECASE
    )
