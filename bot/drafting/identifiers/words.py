"""The words of a text with what their spelling tells: capitals, where a sentence begins, and the kind of each word."""

import re
from dataclasses import dataclass
from enum import Enum

from bot.drafting.identifiers import wordlists

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_OPENING = re.compile(
    r"(?:[.!?:;\n\r\u2022\u2013\u2014>\u2192*|=]|\s-|\A|\A[-#]|(?:^|\s)\d{1,2}[.)])[\s\"'\u201c\u2018(\[\u00ab*_]*\Z"
)
_QUOTED = re.compile(r"[\"\u201c\u2018\u00ab]\Z")
_STOPS = (
    "Mr.",
    "Mrs.",
    "Ms.",
    "Dr.",
    "St.",
    "Sr.",
    "Jr.",
    "Sra.",
    "Srta.",
    "Prof.",
    "Rev.",
    "Fr.",
    "vs.",
    "Mt.",
    "Ft.",
    "Lt.",
    "Sgt.",
)
_INNER_CAPITAL = re.compile(r"[A-Z\u00c0-\u00de][a-z\u00df-\u00ff]+[A-Z\u00c0-\u00de][a-z\u00df-\u00ff]{2,}\Z")
_SUFFIXES = ("'s", "\u2019s", "'", "\u2019")
_LOOK_BACK = 12
_ACRONYMS = re.compile(r"(?:[A-Z]{2,}s|[A-Z][a-z][A-Z])\Z")
_PREFIXED = re.compile(r"[A-Z][a-z]{0,3}['\u2019][A-Z\u00c0-\u00de][a-z\u00df-\u00ff]{2,}\Z")  # Ta'Nisha, D'Andre
_ARABIC = re.compile(r"(?:al|el|ul|ad|as|an|ash|ibn|bin|d|l)[-'\u2019][A-Z\u00c0-\u00de]")
_KOREAN = re.compile(r"[A-Z][a-z]{1,5}-[a-z]{2,5}")
_INITIAL = re.compile(r"(?:\A|[\s(/\"])[A-Z]\. ?\Z")


_LIKE = frozenset(["style", "like", "type", "based", "ish", "esque", "inspired", "informed", "wide", "wise", "free"])


class Kind(Enum):
    """What a word can be, from its lists alone."""

    GIVEN = "a given name and nothing else"
    EITHER = "a given name and an everyday word"
    FAMILY = "a family name and nothing else"
    FAMILY_OR_WORD = "a family name and an everyday word"
    EPONYM = "a name that stands for a method or a scale"
    NEEDED = "a word of the trade: medicine, day, people, tool"
    WORD = "an everyday word"
    UNKNOWN = "in no list"


NAMES = frozenset({Kind.GIVEN, Kind.FAMILY})
NAME_LIKE = NAMES | {Kind.UNKNOWN, Kind.EITHER, Kind.FAMILY_OR_WORD, Kind.EPONYM}


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its place; `bare` is folded and without a possessive ending, which `end` excludes too."""

    start: int
    end: int
    bare: str
    capital: bool
    capitals: bool
    opens: bool
    kind: Kind | None
    possessive: bool


def words_of(text: str) -> list[Word]:
    """The words in order. Kinds are looked up for capitalised words only; `kind_of` tells the others'."""
    words: list[Word] = []
    for found in _WORD.finditer(text):
        typed = found[0]
        ending = next((len(suffix) for suffix in _SUFFIXES if typed.endswith(suffix) and len(typed) > 2), 0)
        typed = typed[: len(typed) - ending]
        capital = typed[0].isupper() or bool(_ARABIC.match(typed))
        bare = wordlists.folded(typed)
        capitals = capital and len(typed) > 1 and typed.isupper()
        opens = capital and _opens(text, found.start())
        kind = _kind(typed, bare, capitals) if capital else None
        words.append(Word(found.start(), found.start() + len(typed), bare, capital, capitals, opens, kind, ending > 1))
    return words


def _opens(text: str, start: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start]
    if start <= _LOOK_BACK and not before.strip(" \t\"'(-*#\u201c"):
        return True
    if before[-1:] == " " and (before[-2:-1].isalnum() or before[-2:-1] in ",&"):
        return False
    if _INITIAL.search(before):
        return False
    if before.endswith((". ", ".\u00a0")) and before.split()[-1].lstrip("(\"'") in _STOPS:
        return False
    return bool(_OPENING.search(before) or _QUOTED.search(before))


def kind_of(word: Word) -> Kind:
    """The kind of a word, also when it is typed in small letters."""
    return word.kind or _kind_of_bare(word.bare)


def _kind(typed: str, bare: str, capitals: bool) -> Kind:
    if _ACRONYMS.match(typed):
        return Kind.NEEDED
    if _PREFIXED.match(typed):
        return Kind.GIVEN
    if "-" in typed and not (capitals and len(typed) < 7):
        return _kind_of_parts(typed)
    if capitals:
        return _kind_in_capitals(bare)
    if _INNER_CAPITAL.match(typed) and not wordlists.is_word(bare):
        return Kind.GIVEN
    kind = _kind_of_bare(bare)
    foreign = kind is Kind.WORD and not typed.isascii() and not wordlists.is_spanish(bare) and len(bare) > 2
    return Kind.UNKNOWN if foreign else kind


def _kind_in_capitals(bare: str) -> Kind:
    """A word in capitals is an abbreviation, unless it is long and a name."""
    kind = _kind_of_bare(bare) if len(bare) > 3 and "-" not in bare else Kind.NEEDED
    if kind is Kind.UNKNOWN:
        return Kind.NEEDED
    return kind


def _kind_of_parts(typed: str) -> Kind:
    parts = [part for part in typed.split("-") if part]
    kinds = [_kind_of_bare(wordlists.folded(part)) for part in parts]
    if _KOREAN.fullmatch(typed) and not wordlists.is_word(parts[1]):
        return Kind.UNKNOWN
    if kinds[0] in NAMES | {Kind.UNKNOWN} and wordlists.folded(parts[-1]) not in wordlists.listed("instruments"):
        return Kind.WORD if wordlists.folded(parts[-1]) in _LIKE else kinds[0]
    if Kind.NEEDED in kinds or all(kind is Kind.EPONYM for kind in kinds):
        return Kind.NEEDED
    if any(
        kind is Kind.WORD and not (part[0].isupper() and part is not parts[0])
        for kind, part in zip(kinds, parts, strict=True)
    ):
        return Kind.WORD if not (kinds[0] in NAMES and parts[-1][0].isupper()) else Kind.GIVEN
    if parts[-1][0].islower() and kinds[-1] in (Kind.EITHER, Kind.FAMILY_OR_WORD, Kind.WORD, Kind.NEEDED):
        return Kind.WORD
    if not NAMES.intersection(kinds) and all(wordlists.is_word(wordlists.folded(part)) for part in parts):
        return Kind.WORD
    return Kind.GIVEN if NAMES.intersection(kinds) else Kind.UNKNOWN if Kind.UNKNOWN in kinds else Kind.EITHER


def _kind_of_bare(bare: str) -> Kind:
    if len(bare) < 2:
        return Kind.WORD
    if "'" in bare:
        return _kind_with_apostrophe(bare)
    if bare in wordlists.needed():
        return Kind.EPONYM if bare in wordlists.listed("eponyms") else Kind.NEEDED
    if bare.endswith("s") and bare[:-1] in wordlists.needed():
        return Kind.NEEDED
    word = wordlists.is_word(bare)
    if bare in wordlists.listed("titles") and not wordlists.is_given(bare):
        return Kind.WORD
    if wordlists.is_given(bare):
        return Kind.EITHER if wordlists.is_listed_word(bare) else Kind.GIVEN
    if wordlists.is_family(bare):
        return Kind.FAMILY
    if wordlists.is_family_word(bare):
        return Kind.FAMILY_OR_WORD
    return Kind.WORD if word or len(bare) < 3 or wordlists.is_spanish(bare) else Kind.UNKNOWN


def _kind_with_apostrophe(bare: str) -> Kind:
    before, _, after = bare.partition("'")
    if before in ("o", "d") and len(after) > 2:
        return Kind.FAMILY
    if before in ("l", "n", "m") and len(after) > 3 and not wordlists.is_word(after):
        return Kind.FAMILY
    return Kind.WORD if len(after) < 3 or wordlists.is_word(before) or wordlists.is_word(after) else Kind.GIVEN


def gap(text: str, left: Word, right: Word) -> str:
    """What stands between two words."""
    return text[left.end : right.start]
