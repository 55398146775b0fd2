"""The clone meter: how much of a note stands almost word for word in earlier ones. Local, pure, counts sentences.

Short sentences do not count, nor what has to be the same each time: session data, the charted diagnosis, the plan's
goals, and a plain denial of risk. Numbers count as words that must agree: "slept 5 hours" is not "slept 7 hours".
"""

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.checks import Cloned
from bot.domain.statements import Slot, Statement

_SENTENCE = re.compile(r"(?<=[.!?\u2026])[\"\u201d')\]]*\s+|\n+")
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*%?|[^\W\d_]+(?:'[^\W\d_]+)*")
_FEWEST_WORDS = 5
_ALIKE = 0.9  # twice the shared words over all words of both
_MAY_DIFFER = 2 * (1 - _ALIKE) / (2 - _ALIKE)  # share of a sentence's words that an alike one may lack
_STANDARD = frozenset({Slot.LOGISTICS, Slot.DIAGNOSIS, Slot.GOAL})
_DENIAL = re.compile(r"\b(?:denied|denies|no|not|none|negative)\b", re.IGNORECASE)
_LONGEST_DENIAL = 14
_SHARED_BY_A_GROUP = frozenset({Slot.INTERVENTION, Slot.HOMEWORK, Slot.PLAN})

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What another note says, and the day of its session."""

    statements: Sequence[Statement]
    day: dt.date | None = None


def cloned(
    statements: Sequence[Statement], of_client: Sequence[Earlier], of_others: Sequence[Earlier], group: bool = False
) -> Cloned:
    """How many sentences of the note are (almost) those of earlier notes of the client, and of others' of that day.

    In a group the members' notes share what was done with all of them; only the individual part is compared.
    """
    sentences = [(statement.slot, words) for statement in statements for words in _counted(statement)]
    everything = [words for _, words in sentences]
    individual = [words for slot, words in sentences if not (group and slot in _SHARED_BY_A_GROUP)]
    in_client = _alike(everything, of_client)
    per_note = Counter(number for numbers in in_client for number in numbers)
    most = max(per_note, key=lambda number: (per_note[number], -number), default=None)
    return Cloned(
        sentences=len(everything),
        of_client=sum(map(bool, in_client)),
        of_others=sum(map(bool, _alike(individual, of_others))),
        day=of_client[most].day if most is not None else None,
    )


def _alike(sentences: Sequence[Words], notes: Sequence[Earlier]) -> list[set[int]]:
    """For each sentence, which of the notes say almost the same."""
    known = {word for words in sentences for word in words}
    with_word: defaultdict[str, list[tuple[int, Words]]] = defaultdict(list)
    for number, note in enumerate(notes):
        for words in (words for statement in note.statements for words in _counted(statement)):
            for word in known.intersection(words):
                with_word[word].append((number, words))
    return [
        {number for word in _telling(words, with_word) for number, other in with_word[word] if _same(words, other)}
        for words in sentences
    ]


def _telling(words: Words, with_word: Mapping[str, Sequence[object]]) -> list[str]:
    """So many of its rarest words that an alike sentence must have one of them."""
    by_rarity = sorted(set(words), key=lambda word: (len(with_word.get(word, ())), word))
    return [word for word in by_rarity[: int(_MAY_DIFFER * len(words)) + 1] if word in with_word]


def _same(one: Words, other: Words) -> bool:
    if one == other:
        return True
    total = len(one) + len(other)
    if abs(len(one) - len(other)) > (1 - _ALIKE) * total or 2 * sum(map(other.__contains__, one)) < _ALIKE * total:
        return False
    return 2 * (Counter(one) & Counter(other)).total() >= _ALIKE * total and _numbers(one) == _numbers(other)


def _numbers(words: Words) -> list[str]:
    return [word for word in words if word[0].isdigit()]


def _counted(statement: Statement) -> Iterator[Words]:
    """The words (sorted) of each sentence that tells something of this client and this day."""
    if statement.slot in _STANDARD:
        return
    plain = unicodedata.normalize("NFKC", statement.text).replace("\u2019", "'").lower()
    for sentence in _SENTENCE.split(plain):
        words = tuple(sorted(_WORD.findall(sentence)))
        denial = statement.slot is Slot.RISK and len(words) <= _LONGEST_DENIAL and _DENIAL.search(sentence)
        if len(words) >= _FEWEST_WORDS and not denial:
            yield words
