"""Turns the text of a point into named features: cue families, its label, its first words, its words.

Nothing here knows where in the summary the point stands. Words inside quotation marks are the client's, not the
clinician's, so they only count as a quotation.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.drafting.lexicon import table

_QUOTE = re.compile(r"(?<![\w\"])\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb")
_TOKEN = re.compile(r"#?\w+(?:['\u2019/&.-]\w+)*%?|w/o?|[&+?]", re.UNICODE)
_NUMBER = re.compile(r"\d+(?:[.:,]\d+)*")
_LABEL = re.compile(r"\s*([A-Za-z][\w/&' .-]{0,34}?)\s*(?:[:=]|\s[-\u2013\u2014]|->|\u2192)(?:\s|$)")
_BLANKS = re.compile(r"\s+")
_LETTER = re.compile(r"[a-z]+")
_CAPITAL = re.compile(r"[A-Z]")
_NAME = re.compile(r"(?<=[a-z] )[A-Z][a-z]+")
_TENSES = {
    "future": re.compile(
        r"\b(?:will|going to|gonna|tomorrow|tmrw|next|until|by (?:mon|tue|wed|thu|fri|sat|sun))|'ll\b"
    ),
    "past": re.compile(r"\b(?:was|were|had|did|\w+ed)\b"),
    "present": re.compile(r"\b(?:has|have|is|are|does|\w+s)\b"),
}
_HEAD = 3
_LONGEST = 12
_MANY = 3


@dataclass(frozen=True, slots=True)
class Cues:
    """The families of `slots.toml`, indexed by a phrase's first word so that a point is read once."""

    exact: dict[str, list[tuple[tuple[str, ...], str]]]
    stems: dict[str, list[tuple[tuple[str, ...], str]]]
    labels: dict[str, str]
    beside: dict[str, tuple[str, ...]]
    under: dict[str, tuple[str, ...]]
    nothing: frozenset[str]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def cues() -> Cues:
    """The cue lists, read once."""
    data = table("slots")
    exact: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    stems: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for family, phrases in data["families"].items():
        for phrase in phrases:
            words = tuple(phrase.split())
            index, key = (stems, words[0][:-1]) if words[0].endswith("*") else (exact, words[0])
            index.setdefault(key, []).append((words, family))
    labels = {label: slot for slot, names in data["labels"].items() for label in names}
    unsure = frozenset(data["open"]["labels"])
    beside = {label: tuple(data["beside"].get(slot, ())) for label, slot in labels.items() if label not in unsure}
    under = {heading: tuple(slots) for heading, slots in data["under"].items()}
    patterns = tuple((name, re.compile(pattern)) for name, pattern in data["patterns"].items())
    return Cues(exact, stems, labels, beside, under, frozenset(data["nothing"]["points"]), patterns)


def label_of(text: str) -> tuple[str, int] | None:
    """The known label a point begins with (`Plan:`, `hw -`) as typed in lower case, and where the rest begins."""
    found = _LABEL.match(text)
    if not found:
        return None
    label = found[1].lower().rstrip(".")
    return (label, found.end()) if label in cues().labels else None


def tokens_of(text: str) -> list[str]:
    """Lower-case words with numbers written as `#`."""
    lowered = text.lower().replace("\u2019", "'")
    return [_NUMBER.sub("#", word) for word in _TOKEN.findall(lowered)]


def features_of(text: str) -> list[str]:
    """The features of one point, without repetition. A feature's first characters say which kind it is."""
    label = label_of(text)
    rest = text[label[1] :] if label else text
    outside = _QUOTE.sub(' "quoted" ', rest)
    words = tokens_of(outside)
    found = {
        "bias",
        *_shape(text, rest, words),
        *_families(words),
        *_patterns(rest, outside),
        *_tenses(outside),
        *_words(words),
        *_letters(outside),
    }
    found.update(_together(found, words))
    if label:
        found.add(f"label:{cues().labels[label[0]]}")
        found.add(f"labelword:{label[0]}")
    else:
        found.add("unlabelled")
    return sorted(found)


def _shape(text: str, rest: str, words: list[str]) -> Iterator[str]:
    yield f"length:{min(_LONGEST, len(words) // 2)}"
    yield f"commas:{min(_MANY, text.count(','))}"
    if words:
        yield f"begins:{_LETTER.sub('a', _CAPITAL.sub('A', _NUMBER.sub('#', rest.split(maxsplit=1)[0])))}"
    if ";" in text:
        yield "semicolon"
    yield "stopped" if text.rstrip().endswith(".") else "unstopped"
    if "#" in "".join(words):
        yield "number"
    if rest.lstrip()[:1] in '"\u201c\u00ab':
        yield "quote_first"
    if _QUOTE.search(rest):
        yield "quote"
    if text[:1].islower():
        yield "lower"


def _families(words: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for at, word in enumerate(words):
        for family in _families_at(words, at, word):
            seen.add(f"cue:{family}")
            if at < _HEAD:
                seen.add(f"head:{family}")
            if at == 0:
                seen.add(f"first:{family}")
    yield from seen
    subject = next((name for name in ("clinician", "client", "others") if f"first:{name}_subject" in seen), "none")
    yield f"subject:{subject}"


def _families_at(words: list[str], at: int, word: str) -> Iterator[str]:
    index = cues()
    candidates = list(index.exact.get(word, ()))
    for length in range(2, len(word) + 1):
        candidates.extend(index.stems.get(word[:length], ()))
    for phrase, family in candidates:
        if len(phrase) == 1 or _phrase_at(words, at, phrase):
            yield family


def _phrase_at(words: list[str], at: int, phrase: tuple[str, ...]) -> bool:
    there = words[at : at + len(phrase)]
    return len(there) == len(phrase) and all(
        word.startswith(want[:-1]) if want.endswith("*") else word == want
        for word, want in zip(there, phrase, strict=True)
    )


def _patterns(rest: str, outside: str) -> Iterator[str]:
    for name, pattern in cues().patterns:
        if pattern.search(outside if name not in {"ends_quote", "question"} else rest):
            yield f"pattern:{name}"


def _tenses(outside: str) -> Iterator[str]:
    lowered = outside.lower()
    yield from (f"tense:{name}" for name, pattern in _TENSES.items() if pattern.search(lowered))
    if _NAME.search(outside):
        yield "name"


def _together(found: set[str], words: list[str]) -> Iterator[str]:
    """Who or what the point begins with, beside each of its words: "I reviewed" is not "she reviewed"."""
    openings = [feature for feature in found if feature.startswith(("first:", "subject:"))]
    for word in set(words):
        for opening in openings:
            yield f"with:{opening} {word}"


def _letters(outside: str) -> Iterator[str]:
    """Runs of four letters, so that a typo or an unknown ending still resembles what is known."""
    plain = f" {_BLANKS.sub(' ', _NUMBER.sub('#', outside.lower())).strip()} "
    for at in range(len(plain) - 3):
        yield f"c:{plain[at : at + 4]}"


def _words(words: list[str]) -> Iterator[str]:
    plain = [word for word in words if word not in {"quoted"}]
    for word in plain:
        yield f"w:{word}"
        if len(word) >= 6:
            yield f"s:{word[:5]}"
    for one, two in itertools.pairwise(plain):
        yield f"b:{one} {two}"
    if plain:
        yield f"1:{plain[0]}"
        yield f"2:{' '.join(plain[:2])}"
        yield f"z:{plain[-1]}"
    yield from (f"h:{word}" for word in plain[: _HEAD + 1])
    yield from (f"e:{word}" for word in plain[-_HEAD:])
