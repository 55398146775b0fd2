"""Some points read together: what they say, so that a statement's words and claims can be looked up."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from bot.drafting.checker import lexicons
from bot.drafting.checker.alignment import Reading, reading_of
from bot.drafting.checker.analysis import Analysis, Content, light_stems
from bot.drafting.checker.atoms import OFTEN, RATE, SHARE, Atom
from bot.drafting.checker.cast import Cast, cast_of
from bot.drafting.checker.counterparts import Counterparts
from bot.drafting.checker.frames import Frames
from bot.drafting.checker.pieces import Pieces, pieces_of
from bot.drafting.checker.planned import planned_places
from bot.drafting.checker.words import WORD, Word, root_of, similar

_SAME = frozenset(
    {
        lexicons.SYNONYM,
        lexicons.TRANSLATION,
        lexicons.AFFECT,
        lexicons.RELATION,
        lexicons.ROLE,
        lexicons.DRUG,
        lexicons.INSTRUMENT,
        lexicons.RISK,
        lexicons.DIAGNOSIS,
        lexicons.INTERVENTION,
        lexicons.CHANGE,
        lexicons.DOSING,
        lexicons.MEDICATION,
        lexicons.DRUG_CLASS,
        lexicons.MODALITY,
        lexicons.QUALIFIER,
    }
)
_WIDER = frozenset({lexicons.RELATION, lexicons.DIAGNOSIS, lexicons.INTERVENTION})
_UNSPOKEN = re.compile(r"[^\w]+")
_SHORTEST_PREFIX = 5
_LONGEST_ABBREVIATION = 5


def plain(text: str) -> str:
    """A text without marks and capitals, to look a quotation up in."""
    return f" {_UNSPOKEN.sub(' ', text.lower().replace(chr(0x2019), chr(39)).replace(chr(39), '')).strip()} "


class Evidence:
    """What a set of points says. Built once for each set that is asked for."""

    def __init__(self, points: Sequence[Analysis]) -> None:
        self.points = tuple(points)
        self._frames: tuple[Frames, ...] | None = None
        self._read: Frames | None = None

    @cached_property
    def stems(self) -> dict[str, list[tuple[int, Content]]]:
        """Every content word by its stem, with the point it stands in."""
        found: dict[str, list[tuple[int, Content]]] = {}
        for number, point in enumerate(self.points):
            for content in point.content:
                found.setdefault(content.stem, []).append((number, content))
        return found

    @cached_property
    def counterparts(self) -> Counterparts:
        return Counterparts(self.points)

    @cached_property
    def lowers(self) -> frozenset[str]:
        """Every word as typed, in lower case, and every stem, those without content included."""
        return frozenset(form for point in self.points for word in point.words for form in (word.lower, word.stem))

    @cached_property
    def roots(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for stem in self.stems:
            found.setdefault(root_of(stem), []).append(stem)
        return found

    @cached_property
    def concepts(self) -> dict[tuple[str, str], list[int]]:
        """The signs with which each phrase of a vocabulary occurs, wider relations and risks included."""
        signs: dict[tuple[str, str], list[int]] = {}
        for point in self.points:
            for one in point.found:
                sign = point.sign_of(one.at, one.end)
                names = lexicons.wider(one.family).get(one.concept) if one.family in _WIDER else None
                for name in names or (one.concept,):
                    signs.setdefault((one.family, name), []).append(sign)
        return signs

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(atom for point in self.points for atom in point.atoms)

    @cached_property
    def numbered(self) -> tuple[tuple[int, Atom], ...]:
        """The figures with the place of their point among these."""
        return tuple((number, atom) for number, point in enumerate(self.points) for atom in point.atoms)

    @cached_property
    def said_atoms(self) -> tuple[Atom, ...]:
        """Without what is denied: the `daily` of `not daily`."""
        return tuple(
            atom
            for point in self.points
            for atom in point.atoms
            if atom.kind not in (RATE, SHARE, OFTEN) or not (point.signs[atom.at] < 0 or _former(point, atom.at))
        )

    @cached_property
    def text(self) -> str:
        return " | ".join(plain(point.text) for point in self.points)

    def has(self, words: Sequence[Word]) -> bool:
        """Whether these words stand in the points, grammar and verbs of reporting aside."""
        telling = [word for word in words if word.kind == WORD and word.stem not in light_stems()] or list(words)
        return all(
            word.lower in self.lowers or word.stem in self.lowers or self._resembles(word.stem) for word in telling
        )

    def _resembles(self, stem: str) -> bool:
        return any(_alike(stem, other) for other in self.stems) if len(stem) > 3 else False

    def text_has(self, phrases: frozenset[str]) -> bool:
        """Whether one of these phrases, typed plainly, stands in the points."""
        return any(f" {phrase} " in self.text for phrase in phrases)

    def of(self, family: str) -> frozenset[str]:
        """The concepts of one vocabulary that occur."""
        return frozenset(name for kind, name in self.concepts if kind == family)

    @cached_property
    def readings(self) -> list[Reading]:
        """The points as they are laid beside a statement."""
        return [reading_of(point) for point in self.points]

    @cached_property
    def denies(self) -> bool:
        """Whether the points deny anything at all."""
        return any(-1 in point.signs for point in self.points)

    def match(self, content: Content, carried: frozenset[int] = frozenset()) -> tuple[float, list[int]]:
        """How well some word of the points carries this one (0 to 1), and with which signs.

        `carried`: places of words that an abbreviation in the points stands for.
        """
        if content.stem in self.stems:
            return 1.0, [other.sign for _, other in self.stems[content.stem]]
        for family, name in content.concepts:
            if family in _SAME and (family, name) in self.concepts:
                return 1.0, self.concepts[family, name]
        if content.stem in self.lowers:
            return 1.0, []
        if content.root in self.roots:
            return 0.9, self._signs(self.roots[content.root])
        if content.at in carried:
            return 1.0, []
        near = [stem for stem in self.stems if _alike(content.stem, stem)]
        return (0.75, self._signs(near)) if near else (0.0, [])

    def spots(self, content: Content) -> Iterator[tuple[int, int]]:
        """Wherever a word of the points carries this one: (point, word)."""
        for stem in self._carriers(content):
            yield from ((number, other.at) for number, other in self.stems[stem])
        for concept in content.concepts:
            if concept[0] in _SAME:
                yield from self._stretches.get(concept, ())
        if content.stem not in self.stems and content.stem in self.lowers:
            for number, point in enumerate(self.points):
                yield from (
                    (number, at) for at, word in enumerate(point.words) if content.stem in (word.stem, word.lower)
                )

    def _carriers(self, content: Content) -> Sequence[str]:
        if content.stem in self.stems:
            return (content.stem, *(stem for stem in self.roots.get(content.root, ()) if stem != content.stem))
        return self.roots.get(content.root) or [stem for stem in self.stems if _alike(content.stem, stem)]

    @cached_property
    def _stretches(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for number, point in enumerate(self.points):
            for one in point.found:
                found.setdefault((one.family, one.concept), []).extend((number, at) for at in range(one.at, one.end))
        return found

    @cached_property
    def cast(self) -> Cast:
        """The people of these points."""
        return cast_of(self.points)

    def reading(self, statement: Analysis) -> Frames:
        """A statement read with the people of these points; the last one is kept, for it is asked about again."""
        if self._read is None or self._read.text is not statement:
            self._read = Frames(statement, self.cast)
        return self._read

    def frames(self, cast: Cast) -> tuple[Frames, ...]:
        """Each point read for who does what; always asked with the cast of the whole summary."""
        if self._frames is None:
            self._frames = tuple(Frames(point, cast) for point in self.points)
        return self._frames

    @cached_property
    def _planned(self) -> list[frozenset[int]]:
        return [planned_places(point) for point in self.points]

    def done(self, family: str, concept: str) -> bool:
        """Whether the points tell of this as done, not as planned or wished for."""
        return any(
            one.family == family and one.concept == concept and one.at not in self._planned[number]
            for number, point in enumerate(self.points)
            for one in point.found
        )

    def only_planned(self, stem: str) -> bool:
        """Whether the points speak of this only as something to come."""
        return all(content.at in self._planned[number] for number, content in self.stems.get(stem, ()))

    @cached_property
    def pieces(self) -> tuple[Pieces, ...]:
        return tuple(pieces_of(point) for point in self.points)

    @cached_property
    def _phrases(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for number, point in enumerate(self.points):
            for one in point.found:
                names = lexicons.wider(one.family).get(one.concept) if one.family in _WIDER else None
                for name in names or (one.concept,):
                    found.setdefault((one.family, name), []).append((number, one.at))
        return found

    def places(self, content: Content) -> list[tuple[int, int]]:
        """Where the points hold this word or one that says the same: numbers of points, places of words."""
        if content.stem not in self._placed:
            self._placed[content.stem] = self._found_places(content)
        return self._placed[content.stem]

    @cached_property
    def _placed(self) -> dict[str, list[tuple[int, int]]]:
        return {}

    def _found_places(self, content: Content) -> list[tuple[int, int]]:
        if content.stem in self.stems:
            return [(number, other.at) for number, other in self.stems[content.stem]]
        for family, name in content.concepts:
            if family in _SAME and (family, name) in self._phrases:
                return self._phrases[family, name]
        stems = self.roots.get(content.root) or [stem for stem in self.stems if _alike(content.stem, stem)]
        return [(number, other.at) for stem in stems for number, other in self.stems[stem]]

    @cached_property
    def abbreviations(self) -> frozenset[str]:
        """What was typed in two to five capitals, and single initials."""
        typed = (word.text for point in self.points for word in point.words if word.kind == WORD)
        return frozenset(text for text in typed if text.isupper() and len(text) <= _LONGEST_ABBREVIATION)

    def abbreviated(self, statement: Analysis) -> frozenset[int]:
        """The places of words an abbreviation in the points stands for: `sleep onset latency` for SOL, Quinn for Q."""
        places = [at for at, word in enumerate(statement.words) if word.kind == WORD]
        initials = "".join(statement.words[at].lower[:1].upper() for at in places)
        found: set[int] = set()
        for short in self.abbreviations:
            if len(short) == 1:
                found |= {at for at in places if statement.words[at].capital and statement.words[at].text[0] == short}
            elif (start := initials.find(short)) >= 0:
                found |= set(places[start : start + len(short)])
            elif len(short) == 2:
                found |= {
                    at for at in places if statement.words[at].capital and _subsequence(short, statement.words[at].text)
                }
        return frozenset(found)

    def _signs(self, stems: Sequence[str]) -> list[int]:
        return [other.sign for stem in stems for _, other in self.stems[stem]]


def _former(point: Analysis, at: int) -> bool:
    """Whether a frequency is one of former times: `used to be nightly`."""
    return "used to" in " ".join(word.lower for word in point.words[max(0, at - 4) : at])


def _subsequence(short: str, name: str) -> bool:
    """Whether a two-letter abbreviation fits a name: MN and Minnesota."""
    return len(name) > 3 and name[0].upper() == short[0] and short[1].lower() in name[1:].lower()


def _alike(one: str, other: str) -> bool:
    if one[:1] != other[:1]:
        return False
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    if shared >= _SHORTEST_PREFIX and shared * 10 >= 6 * max(len(one), len(other)):
        return True
    short = shared == len(other) >= 3 and len(one) >= 6 and len(other) <= 5 and other not in light_stems()
    return short or similar(one, other)
