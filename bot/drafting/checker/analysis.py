"""Reads one text (a point or a statement) once: its words, who denies what, its quotations, phrases and numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot.drafting.checker import lexicons
from bot.drafting.checker.atoms import Atom, atoms_of
from bot.drafting.checker.lexicons import Found, found_in
from bot.drafting.checker.polarity import clauses_of, denied
from bot.drafting.checker.words import MARK, WORD, Word, root_of, stem_of, words_of
from bot.drafting.lexicon import figures, table

_QUOTE = re.compile(r"(?<![\w\"])\"([^\"]*)\"|\u201c([^\u201d]*)\u201d|\u00ab([^\u00bb]*)\u00bb")
_NAMED = frozenset({lexicons.DRUG, lexicons.INSTRUMENT, lexicons.DIAGNOSIS, lexicons.INTERVENTION})
_GLUE = 0.2
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx"})


@dataclass(frozen=True, slots=True)
class Quote:
    """Words between quotation marks; `at` to before `end` are the words of the text inside."""

    text: str
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Content:
    """A word that says something. `sign`: -1 denied, 0 open, 1 said. `concepts`: the phrases it is part of."""

    at: int
    stem: str
    root: str
    sign: int
    weight: float
    concepts: tuple[tuple[str, str], ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """One text, read. Places are indexes into `words`."""

    text: str
    words: tuple[Word, ...]
    clauses: tuple[int, ...]
    signs: tuple[int, ...]
    quotes: tuple[Quote, ...]
    found: tuple[Found, ...]
    atoms: tuple[Atom, ...]
    content: tuple[Content, ...]
    names: tuple[int, ...]

    def typed(self, at: int, end: int) -> str:
        """The stretch from one word to before another, exactly as it was typed."""
        return self.text[self.words[at].start : self.words[end - 1].end] if end > at else ""

    def sign_of(self, at: int, end: int) -> int:
        """Whether a stretch is said, denied or open."""
        return min(self.signs[at:end], default=1)

    def quoted(self, at: int) -> bool:
        return any(quote.at <= at < quote.end for quote in self.quotes)

    def of(self, *families: str) -> list[Found]:
        return [found for found in self.found if found.family in families]


def analyse(text: str) -> Analysis:
    """Everything the rules want to know of a text."""
    words = words_of(text)
    found = found_in(words)
    quotes = _quotes(text, words)
    clauses = clauses_of(words)
    signs = tuple(denied(words, clauses))
    taken = frozenset(at for one in found if one.family in _NAMED for at in range(one.at, one.end))
    atoms = atoms_of(words, taken | _numbers_of_lines(found))
    names = _names(words, found, atoms)
    content = _content(words, signs, found, atoms, quotes)
    return Analysis(text, words, tuple(clauses), signs, quotes, found, atoms, content, names)


def _numbers_of_lines(found: Sequence[Found]) -> frozenset[int]:
    return frozenset(at for one in found if one.concept == "crisis_line" for at in range(one.at, one.end))


def _quotes(text: str, words: Sequence[Word]) -> tuple[Quote, ...]:
    found: list[Quote] = []
    for match in _QUOTE.finditer(text):
        inside = [at for at, word in enumerate(words) if match.start() < word.start < match.end() - 1]
        if inside:
            found.append(Quote(match[0][1:-1], inside[0], inside[-1] + 1))
    return tuple(found)


@cache
def _function_stems() -> frozenset[str]:
    data = table("checker")["function"]
    return frozenset(word for word in data["words"])


@cache
def _glue_stems() -> frozenset[str]:
    return frozenset(stem_of(word) for word in table("checker")["function"]["glue"])


@cache
def weight_of(stem: str) -> float:
    """How much a word says: rare ones most, the verbs of note prose least."""
    rarity: float = figures("checker_weights")["rarity"].get(stem, 1.0)
    return min(rarity, _GLUE) if stem in _glue_stems() else rarity


def is_grammar(word: Word) -> bool:
    """Whether a word has no content at all."""
    return word.stem in _function_stems() or word.lower in _function_stems()


@cache
def light_stems() -> frozenset[str]:
    """Grammar and the verbs of note prose: words that carry no claim of their own."""
    return _function_stems() | _glue_stems()


def _content(
    words: Sequence[Word], signs: Sequence[int], found: Sequence[Found], atoms: Sequence[Atom], quotes: Sequence[Quote]
) -> tuple[Content, ...]:
    counted = {at for atom in atoms for at in range(atom.at, atom.end)}
    concepts: dict[int, list[tuple[str, str]]] = {}
    for one in found:
        for at in range(one.at, one.end):
            concepts.setdefault(at, []).append((one.family, one.concept))
    result: list[Content] = []
    for at, word in enumerate(words):
        if word.kind != WORD or at in counted or word.stem in _function_stems() or word.lower in _function_stems():
            continue
        weight = weight_of(word.stem)
        quoted = any(quote.at <= at < quote.end for quote in quotes)
        result.append(
            Content(at, word.stem, root_of(word.stem), signs[at], weight, tuple(concepts.get(at, ())), quoted)
        )
    return tuple(result)


def _names(words: Sequence[Word], found: Sequence[Found], atoms: Sequence[Atom]) -> tuple[int, ...]:
    """Words with a capital that no beginning of a sentence explains, and that no vocabulary knows."""
    known = {at for one in found for at in range(one.at, one.end)}
    known |= {at for atom in atoms for at in range(atom.at, atom.end)}
    names: list[int] = []
    for at, word in enumerate(words):
        if word.kind != WORD or not word.capital or at in known or word.lower == "i" or word.lower in _TITLES:
            continue
        before = words[at - 1] if at else None
        begins = before is None or (before.kind == MARK and before.lower in '.!?:"\u201c(\u2014')
        titled = before is not None and before.lower == "." and at > 1 and words[at - 2].lower in _TITLES
        initials = word.text.count(".") > 1
        if (not begins or titled or initials) and not (word.text.isupper() and len(word.text) > 2):
            names.append(at)
    return tuple(names)
