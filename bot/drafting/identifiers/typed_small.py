"""Names without capitals (`w/ marcus`, `pt jasmine`), and initials (`S.W.`, `J. rolled her eyes`)."""

import re
from collections.abc import Iterator

from bot.drafting.identifiers import neighbours
from bot.drafting.identifiers.passage import Passage
from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import is_given, is_spanish, is_word, listed
from bot.drafting.identifiers.words import NAMES, Kind, Word, kind_of

_INITIALS = re.compile(r"(?<![\w.@])(?:[A-Z]\. ?){1,3}(?<! )(?!\w)|(?<![\w.@])[A-Z]\.[A-Z]\b(?![\w.])")
_AFTER_LONE = re.compile(r"(?:'s|\u2019s|,)? +[a-z]|\)|'s|\u2019s")
_BARE_LETTER = re.compile(r"(?<![\w.@&/'\u2019-])[B-HJ-Z](?= [a-z])")
_BEFORE_LONE = re.compile(r"(?:\A|[.;:!?\n(*\u2022-] ?|\b[A-Za-z][a-z]+ |, )\Z")
_PLAIN_TITLES = frozenset({"mr", "mrs", "ms", "mx"})
_ROLES_OF_MANY = frozenset({"mom", "dad", "client", "friend"})
_SENTENCE = re.compile(r"(?:[.!?(]|w/|&|\n)\s*\Z")
_CLOSED = re.compile(r"[,;)/]| (?:and|&|present)\b")
_SHORTEST = 3


def find_initials(passage: Passage) -> Iterator[Span]:
    """Two or three initials, and a lone one where a person must stand."""
    for found in _INITIALS.finditer(passage.text):
        if found[0].lower().replace(" ", "") in listed("abbreviations"):
            continue
        if sum(map(str.isalpha, found[0])) > 1 or _lone_initial(passage, found):
            yield Span(*found.span(), "name")


def find_letters(passage: Passage) -> Iterator[Span]:
    """A lone capital letter before what only people do: `Z gave me the blade`."""
    for place, word in enumerate(passage.words):
        if len(word.bare) != 1 or not word.capital or not _BARE_LETTER.match(passage.text, word.start):
            continue
        if neighbours.says(passage, place) and not neighbours.lettered(passage, word.start):
            yield Span(word.start, word.end, "name")


def _lone_initial(passage: Passage, found: re.Match[str]) -> bool:
    if neighbours.lettered(passage, found.start()) or found[0][0] == "I":
        return False
    after = passage.text[found.end() : found.end() + 4]
    return bool(_BEFORE_LONE.search(passage.ahead_of(found.start(), 16)) and _AFTER_LONE.match(after))


def find_typed_small(passage: Passage) -> Iterator[tuple[Span, str]]:
    """Each name in small letters, and the word by which it is known again."""
    for place, word in enumerate(passage.words):
        if word.capital or place in passage.blocked or len(word.bare) < _SHORTEST:
            continue
        known = word.bare in passage.known and not is_word(word.bare)
        if known or _after_title(passage, place, word) or _is_name(passage, place, word):
            yield Span(word.start, _end(passage, place), "name"), word.bare


def _is_name(passage: Passage, place: int, word: Word) -> bool:
    if word.bare in listed("small_names"):
        return _beside_relation(passage, place)
    if not _only_a_name(word):
        return False
    before = passage.word(place - 1)
    if word.possessive or before is None or passage.all_small:
        return True
    lead = passage.gap(place - 1, place)
    if before.bare in listed("relations") or before.bare in listed("beside_names"):
        return lead in (" ", "/", "/ ", ", ", " (", " & ")
    if _SENTENCE.search(lead) or (lead in (", ", ": ") and _among_names(passage, place)):
        return True
    after = passage.word(place + 1)
    return after is not None and passage.gap(place, place + 1) == " " and after.bare in listed("person_verbs")


def _only_a_name(word: Word) -> bool:
    """A given name that is no word in English or Spanish."""
    bare = word.bare
    if bare in listed("relations") or bare in listed("titles"):
        return False
    return is_given(bare) and not is_word(bare) and not is_spanish(bare) and bare not in listed("particles")


def _beside_relation(passage: Passage, place: int) -> bool:
    """Whether a relation goes right before (gf amber); `sister's jasmine` names nobody."""
    before = passage.word(place - 1)
    if before is None or before.possessive or passage.gap(place - 1, place) != " ":
        return False
    if before.bare in _ROLES_OF_MANY or passage.bare(place) in listed("ideas"):
        return before.bare in listed("relations") and bool(_CLOSED.match(passage.text, passage.words[place].end))
    return before.bare in listed("relations")


def _among_names(passage: Passage, place: int) -> bool:
    """Whether the neighbour in a list is a name in small letters too."""
    neighbouring = (passage.word(place - 1), passage.word(place + 1))
    return any(word is not None and _only_a_name(word) for word in neighbouring)


def _after_title(passage: Passage, place: int, word: Word) -> bool:
    title = passage.bare(place - 1)
    if title not in _PLAIN_TITLES | listed("titles_spoken") or passage.gap(place - 1, place) not in (" ", ". "):
        return False
    kind = kind_of(word)
    if title in _PLAIN_TITLES:
        return kind not in (Kind.WORD, Kind.NEEDED)
    return kind in NAMES | {Kind.UNKNOWN} and not is_spanish(word.bare)


def _end(passage: Passage, place: int) -> int:
    """The end of the name, with an initial and a family name that follow (leidy t muris)."""
    end = passage.words[place].end
    for at in range(place + 1, min(place + 4, len(passage.words))):
        word = passage.words[at]
        if passage.words[at - 1].possessive or word.capital or passage.gap(at - 1, at) not in (" ", ". "):
            break
        if (len(word.bare) == 1 and word.bare not in ("a", "i")) or word.bare in listed("particles") - {"y", "e", "do"}:
            continue
        if kind_of(word) not in NAMES | {Kind.UNKNOWN} or is_spanish(word.bare) or len(word.bare) < _SHORTEST:
            break
        end = word.end
    return end
