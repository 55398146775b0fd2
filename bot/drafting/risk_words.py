"""Words in a summary after which an auditor, and a client's safety, want to know what was assessed. Scores nothing."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.drafting.lexicon import table

_CLAUSE = re.compile(r"[,;.]\s|\s[\u2013\u2014-]+\s|\bbut\b")


@dataclass(frozen=True, slots=True)
class Family:
    """One family of risk words. `name`: how a question names it. `none`: what "not assessed" is written as."""

    id: str
    name: str
    none: str


def families() -> Iterator[Family]:
    """All families, the gravest first."""
    for family_id, family in table("risk_words")["families"].items():
        yield Family(family_id, family["name"], family["none"])


def unassessed(texts: Sequence[str], settled: Collection[str] = ()) -> Family | None:
    """The first family, not among the `settled`, whose words are there without a word on whether it was assessed."""
    if any(_pattern("", "assessed").search(text) for text in texts):
        return None
    return next((family for family in families() if family.id not in settled and _is_open(family, texts)), None)


def _is_open(family: Family, texts: Sequence[str]) -> bool:
    words = _pattern(family.id, "words")
    raised = [text for text in texts if words.search(text)]
    if not raised or any(_asked(text, words) for text in raised):
        return False
    assessed_as = table("risk_words")["families"][family.id].get("assessed_as", family.id)
    return not any(_pattern(assessed_as, "assessed").search(text) for text in texts)


def _asked(text: str, words: re.Pattern[str]) -> bool:
    """Whether the text that holds risk words also says that somebody asked, or that it is not so."""
    if _pattern("", "strong").search(text):
        return True
    clauses = [clause for clause in _CLAUSE.split(text) if words.search(clause)]
    return any(_pattern("", "weak").search(words.sub(" ", clause)) for clause in clauses)


@cache
def _pattern(family_id: str, key: str) -> re.Pattern[str]:
    data = table("risk_words")
    listed = data["families"][family_id][key] if family_id else data[key]
    patterns: list[str] = [listed] if isinstance(listed, str) else listed
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
