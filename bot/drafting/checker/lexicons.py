"""The clinical vocabularies as one index of phrases: at which words of a text stands which drug, diagnosis, feeling …

Every vocabulary is a data file in `prompts/words`; a phrase may belong to several families, once in each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.drafting.checker.words import MARK, NUMBER, Word, words_of
from bot.drafting.lexicon import table

DRUG, DRUG_CLASS, MEDICATION, DOSING, SCHEDULE = "drug", "drug_class", "medication", "dosing", "schedule"
INSTRUMENT, AFFECT, MENTAL, RELATION, ROLE = "instrument", "affect", "mental", "relation", "role"
RISK, UNASKED, EARLIER = "risk", "unasked", "earlier"
CHANGE, COMPLETION, ENGAGEMENT, PROGNOSIS, GOAL = "change", "completion", "engagement", "prognosis", "goal_status"
DIAGNOSIS, QUALIFIER, ASSERTION, COMPLAINT = "diagnosis", "qualifier", "assertion", "complaint"
MODALITY, INTERVENTION, SYNONYM, TRANSLATION, CUED = "modality", "intervention", "synonym", "translation", "cued"

_LEAST = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of a vocabulary, from word `at` to before word `end`."""

    family: str
    concept: str
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    tokens: tuple[str, ...]
    open_end: bool
    capitals: bool
    family: str
    concept: str


@dataclass(frozen=True, slots=True)
class Index:
    """Phrases by their first word, the longest first; `prefixes` holds single words with an open end."""

    exact: Mapping[str, tuple[_Phrase, ...]]
    prefixes: Mapping[str, tuple[_Phrase, ...]]


@cache
def index() -> Index:
    """All vocabularies, read once."""
    only_capitals = frozenset(table("checker")["capitals_only"]["words"])
    exact: dict[str, list[_Phrase]] = {}
    prefixes: dict[str, list[_Phrase]] = {}
    seen: set[tuple[str, tuple[str, ...], bool]] = set()
    for family, concept, typed in _entries():
        for tokens in _tokens(typed):
            key = (family, tokens, typed.endswith("*"))
            if not tokens or key in seen:
                continue
            seen.add(key)
            capitals = len(tokens) == 1 and tokens[0] in only_capitals
            phrase = _Phrase(tokens, typed.endswith("*"), capitals, family, concept)
            if len(tokens) == 1 and phrase.open_end:
                prefixes.setdefault(tokens[0][:_LEAST], []).append(phrase)
            else:
                exact.setdefault(tokens[0], []).append(phrase)

    def frozen(lists: dict[str, list[_Phrase]]) -> dict[str, tuple[_Phrase, ...]]:
        return {
            key: tuple(sorted(phrases, key=lambda p: (-len(p.tokens), p.open_end, -len(p.tokens[-1]))))
            for key, phrases in lists.items()
        }

    return Index(frozen(exact), frozen(prefixes))


def found_in(words: Sequence[Word]) -> tuple[Found, ...]:
    """Every phrase in the text, the longest of each family at each place (two, where one phrase has two senses)."""
    places = [at for at, word in enumerate(words) if word.kind != MARK or word.lower == "%"]
    lowers = [words[at].lower for at in places]
    free: dict[str, int] = {}
    found: list[Found] = []
    for step, lower in enumerate(lowers):
        here: dict[str, int] = {}
        for phrase in _candidates(lower):
            end = step + len(phrase.tokens)
            taken = free.get(phrase.family, 0) > step or here.get(phrase.family, end) != end
            if taken or not _stands(phrase, lowers, step, words, places):
                continue
            here[phrase.family] = end
            found.append(Found(phrase.family, phrase.concept, places[step], places[end - 1] + 1))
        free.update(here)
    return tuple(one for one in found if not _doubtful(one, words, found))


@cache
def _words_too() -> dict[str, frozenset[tuple[str, ...]]]:
    """For each family the phrases that are also ordinary words."""
    files = {INSTRUMENT: "instruments", DRUG: "medications", DRUG_CLASS: "medications", DIAGNOSIS: "diagnoses"}
    return {
        family: frozenset(tokens for typed in table(file)["words_too"]["words"] for tokens in _tokens(typed))
        for family, file in files.items()
    }


def _doubtful(one: Found, words: Sequence[Word], found: Sequence[Found]) -> bool:
    """Whether a word that is also an ordinary one lacks the company that makes it clinical."""
    too = _words_too().get(one.family)
    if too is None or tuple(w.lower for w in words[one.at : one.end] if w.kind != MARK) not in too:
        return False
    if one.family == INSTRUMENT:
        return not any(word.kind in (NUMBER, "slash") for word in words[one.end : one.end + 4])
    company = (ASSERTION, QUALIFIER) if one.family == DIAGNOSIS else (MEDICATION, DOSING)
    if one.family == DIAGNOSIS and words[one.at].text.isupper():
        return False
    return not any(other.family in company and (other.at, other.end) != (one.at, one.end) for other in found)


def _candidates(lower: str) -> Iterator[_Phrase]:
    known = index()
    yield from known.exact.get(lower, ())
    for phrase in known.prefixes.get(lower[:_LEAST], ()):
        if lower.startswith(phrase.tokens[0]):
            yield phrase


def _stands(phrase: _Phrase, lowers: Sequence[str], at: int, words: Sequence[Word], places: Sequence[int]) -> bool:
    size = len(phrase.tokens)
    if at + size > len(lowers):
        return False
    if phrase.capitals and not words[places[at]].text.isupper() and not _among_risk(phrase, lowers, at):
        return False
    if size > 1:
        *first, last = phrase.tokens
        there = lowers[at : at + size]
        if list(there[:-1]) != first or not (there[-1].startswith(last) if phrase.open_end else there[-1] == last):
            return False
        between = words[places[at] : places[at + size - 1]]
        if phrase.family == INSTRUMENT and _score_behind(words, places[at + size - 1]):
            return False
        return all(word.kind != MARK or word.lower in "/'&" for word in between)
    return True


_RISK_COMPANY = frozenset(
    {
        "no",
        "not",
        "denied",
        "denies",
        "deny",
        "any",
        "passive",
        "active",
        "of",
        "re",
        "current",
        "past",
        "asked",
        "and",
        "or",
        "endorses",
        "endorsed",
        "screened",
        "for",
        "suicidal",
        "homicidal",
        "si",
        "hi",
        "neg",
        "none",
        "w",
        "without",
        "chronic",
    }
)


def _score_behind(words: Sequence[Word], at: int) -> bool:
    """The 15 of `PHQ 15` is a score, unlike the 9 of `PHQ-9` and of `PHQ 9: 15`."""
    word = words[at]
    if word.kind != NUMBER or not word.spaced:
        return False
    for other in words[at + 1 : at + 4]:
        if other.kind in (NUMBER, "slash"):
            return False
        if other.kind == MARK and other.lower not in ":=-":
            break
    return True


def _among_risk(phrase: _Phrase, lowers: Sequence[str], at: int) -> bool:
    """`no si`, `denies si/hi` typed small: the words beside it say that it is the abbreviation."""
    if phrase.family != RISK or phrase.tokens[0] not in ("si", "hi", "sh"):
        return False
    return bool({*lowers[max(0, at - 1) : at], *lowers[at + 1 : at + 2]} & _RISK_COMPANY)


def _tokens(typed: str) -> Iterator[tuple[str, ...]]:
    """The words of a phrase; also with its capitals spelled out (`passive si`)."""
    plain = typed.removesuffix("*")
    yield tuple(word.lower for word in words_of(plain) if word.kind != MARK)
    capitals = table("shorthand")["capitals"]
    parts = plain.split()
    if any(part.upper() in capitals for part in parts) and "'" not in plain:
        raised = " ".join(part.upper() if part.upper() in capitals else part for part in parts)
        yield tuple(word.lower for word in words_of(raised) if word.kind != MARK)


def _entries() -> Iterator[tuple[str, str, str]]:
    """(family, concept, phrase) of every vocabulary that is there."""
    yield from _medications()
    yield from (
        (INSTRUMENT, name, typed)
        for name, row in table("instruments")["instruments"].items()
        for typed in row["spellings"]
    )
    diagnoses = table("diagnoses")
    yield from ((DIAGNOSIS, name, typed) for name, row in diagnoses["diagnoses"].items() for typed in row["names"])
    yield from _lists(DIAGNOSIS, diagnoses["groups"])
    yield from _lists(COMPLAINT, diagnoses["everyday"])
    yield from _lists(QUALIFIER, diagnoses["qualifiers"])
    yield from _lists(ASSERTION, {"claims": diagnoses["claims"]["words"]})
    interventions = table("interventions")
    yield from _lists(MODALITY, interventions["modalities"])
    yield from (
        (INTERVENTION, name, typed) for name, row in interventions["interventions"].items() for typed in row["names"]
    )
    synonyms = table("synonyms")
    for name in ("says", "discusses", "classes"):
        yield from _lists(SYNONYM, synonyms[name])
    for spanish, english in synonyms["spanish"].items():
        yield from ((TRANSLATION, english, typed) for typed in (spanish, english))
    yield from _lists(CUED, {name: [name.replace("_", " ")] for name in synonyms["only_with_cue"]})
    affect = table("affect")
    yield from _lists(AFFECT, affect["affects"])
    yield from _lists(MENTAL, affect["mental_status"])
    relations = table("relations")
    yield from ((RELATION, name, typed) for name, row in relations["relations"].items() for typed in row["words"])
    yield from _lists(ROLE, relations["roles"])
    risk = table("risk")
    yield from ((RISK, name, typed) for name, row in risk["concepts"].items() for typed in row["words"])
    yield from _lists(UNASKED, {"not_asked": risk["not_assessed"]["not_asked"]})
    yield from _lists(EARLIER, {"last_known": risk["not_assessed"]["last_known"]})
    progress = table("progress")
    yield from ((CHANGE, name, typed) for name, row in progress["change"].items() for typed in row["words"])
    for family, name in (
        (COMPLETION, "completion"),
        (GOAL, "goal_status"),
        (ENGAGEMENT, "engagement"),
        (PROGNOSIS, "prognosis"),
    ):
        yield from _lists(family, progress[name])


def _medications() -> Iterator[tuple[str, str, str]]:
    data = table("medications")
    for name, row in data["drugs"].items():
        yield from ((DRUG, name, typed) for typed in (name.replace("_", " "), *row["names"]))
    yield from _lists(DRUG_CLASS, data["classes"])
    yield from _lists(MEDICATION, {"medication": data["generic"]["words"]})
    yield from _lists(DOSING, data["directions"])
    yield from _lists(SCHEDULE, data["schedule"])


def _lists(family: str, lists: Mapping[str, Iterable[Any]]) -> Iterator[tuple[str, str, str]]:
    for concept, phrases in lists.items():
        yield from ((family, concept, typed) for typed in phrases)


_WIDER = {
    RELATION: ("relations", "relations", "wider"),
    RISK: ("risk", "concepts", "wider"),
    DIAGNOSIS: ("diagnoses", "diagnoses", "wider"),
    INTERVENTION: ("interventions", "interventions", "is_a"),
}


@cache
def wider(family: str) -> dict[str, frozenset[str]]:
    """Each concept with every wider one that holds of it too, itself included."""
    file, name, key = _WIDER[family]
    direct = {concept: tuple(row[key]) for concept, row in table(file)[name].items()}

    def all_of(name: str) -> frozenset[str]:
        above = (all_of(other) for other in direct.get(name, ()))
        return frozenset({name}).union(*above)

    return {name: all_of(name) for name in direct}


@cache
def listed(name: str, key: str) -> frozenset[str]:
    """One word list of `figures.toml`."""
    return frozenset(table("figures")[name][key])


@cache
def lists_of(name: str) -> dict[str, str]:
    """The words of a section of `figures.toml`, each with the list it stands in."""
    return {word: key for key, words in table("figures")[name].items() for word in words}
