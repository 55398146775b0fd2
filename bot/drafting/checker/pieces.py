"""The small pieces a text falls into, so that a figure can be read with the words it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.atoms import RATE
from bot.drafting.checker.words import MARK, NUMBER, WORD, Word

_HARD = frozenset({".", ";", "!", "?", "|"})
_SOFT_MARKS = frozenset({",", "(", ")", ":", "--", "\u2014", "\u2013", "->", "\u2192", "\u2190", "+", "&"})
_SOFT_WORDS = frozenset({"and", "then", "but", "versus", "vs", "while", "whereas", "plus", "w/"})
_OWN, _BESIDE, SENTENCE = 1.0, 0.6, 0.2
_FAR = 3


@dataclass(frozen=True, slots=True)
class Pieces:
    """For each word the number of its piece and of its sentence; which pieces hold a figure or a date.

    `cut`: the pieces as the marks cut them; `piece`: with figures that stand alone joined to what goes before.
    """

    cut: tuple[int, ...]
    piece: tuple[int, ...]
    sentence: tuple[int, ...]
    counted: frozenset[int]

    def nearness(self, atom_at: int, at: int) -> float:
        """How surely a word belongs to the figure: in its piece, in one beside it without a figure, in its sentence."""
        own, other = self.piece[atom_at], self.piece[at]
        if own == other:
            return _OWN
        if self.sentence[atom_at] != self.sentence[at]:
            return 0.0
        between = range(min(own, other), max(own, other) + 1)
        beside = len(between) <= _FAR and not any(number in self.counted for number in between if number != own)
        return _BESIDE if beside else SENTENCE


def pieces_of(text: Analysis) -> Pieces:
    """Cuts at every comma, bracket, arrow and `and`; full stops and semicolons end the sentence too."""
    piece, sentence = 0, 0
    pieces, sentences = list[int](), list[int]()
    inside = {at for atom in text.atoms for at in range(atom.at, atom.end)}
    for at, word in enumerate(text.words):
        if at not in inside and _hard(text.words, at):
            piece, sentence = piece + 1, sentence + 1
        elif at not in inside and _soft(word):
            piece += 1
        pieces.append(piece)
        sentences.append(sentence)
    joined = _joined(text, pieces, sentences, inside)
    return Pieces(tuple(pieces), joined, tuple(sentences), frozenset(joined[atom.at] for atom in text.atoms))


def _joined(text: Analysis, pieces: Sequence[int], sentences: Sequence[int], inside: set[int]) -> tuple[int, ...]:
    """A figure alone between commas or arrows goes on with what stands before it: `SUDS 85, 70, 45`."""
    telling = {pieces[at] for at, word in enumerate(text.words) if word.kind == WORD and at not in inside}
    telling |= {pieces[atom.at] for atom in text.atoms if atom.kind == RATE}
    sentence_of = dict(zip(pieces, sentences, strict=True))
    into: dict[int, int] = {}
    for piece in sentence_of:
        alone = piece not in telling and sentence_of.get(piece - 1) == sentence_of[piece]
        into[piece] = into[piece - 1] if alone else piece
    order = {piece: number for number, piece in enumerate(sorted(set(into.values())))}
    return tuple(order[into[piece]] for piece in pieces)


def _hard(words: Sequence[Word], at: int) -> bool:
    return words[at].kind == MARK and words[at].lower in _HARD and not _within_name(words, at)


def _within_name(words: Sequence[Word], at: int) -> bool:
    """The stop after a title or an initial ends no sentence."""
    before = words[at - 1] if at else None
    return (
        before is not None
        and before.kind == WORD
        and words[at].lower == "."
        and (_initial(words, at) or before.lower in ("dr", "mr", "mrs", "ms"))
    )


def _initial(words: Sequence[Word], at: int) -> bool:
    """`L.M.`, and the `d.` of `mom d. 3 yrs ago`, which no new sentence follows."""
    if len(words[at - 1].text) != 1:
        return False
    return words[at - 1].capital or (at + 1 < len(words) and not words[at + 1].capital)


def _soft(word: Word) -> bool:
    if word.kind == MARK:
        return word.lower in _SOFT_MARKS or (word.lower == "-" and word.spaced)
    return word.kind != NUMBER and word.lower in _SOFT_WORDS
