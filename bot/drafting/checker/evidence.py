"""Some points read together: what they say, so that a statement's words and claims can be looked up."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from bot.drafting.checker import lexicons
from bot.drafting.checker.agents import THIRD, UNNAMED, Person, agent_of, persons_of, planned_places
from bot.drafting.checker.analysis import Analysis, Content, closely_denied, directly_denied, light_stems
from bot.drafting.checker.atoms import OFTEN, RATE, SHARE, Atom
from bot.drafting.checker.polarity import sentences_of
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

    @cached_property
    def stems(self) -> dict[str, list[tuple[int, Content]]]:
        """Every content word by its stem, with the point it stands in."""
        found: dict[str, list[tuple[int, Content]]] = {}
        for number, point in enumerate(self.points):
            for content in point.content:
                found.setdefault(content.stem, []).append((number, content))
        return found

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

    def signs_near(self, statement: Analysis, content: Content) -> list[int]:
        """The signs of a word in the clauses of the points that resemble its clause in the statement most."""
        found = self.stems.get(content.stem)
        if not found:
            return self.match(content)[1]
        own = sentences_of(statement.words)
        clause = own[content.at]
        around = {c.stem for c in statement.content if own[c.at] == clause and c.at != content.at}
        figures = {atom.value for atom in statement.atoms if own[atom.at] == clause}
        ranked: list[tuple[float, int]] = []
        for number, other in found:
            point = self.points[number]
            numbers = self._sentences[number]
            place = numbers[other.at]
            shared = sum(c.weight for c in point.content if numbers[c.at] == place and c.stem in around)
            shared += sum(atom.value in figures for atom in point.atoms if numbers[atom.at] == place)
            ranked.append((shared, other.sign))
        best = max(shared for shared, _ in ranked)
        return [sign for shared, sign in ranked if shared >= best - 0.1]

    def directly_denied(self, stem: str) -> bool:
        """Whether each time the points use this word, the word before it denies it."""
        found = self.stems.get(stem, ())
        return bool(found) and all(directly_denied(self.points[number], content.at) for number, content in found)

    def closely_denied(self, content: Content) -> bool:
        """Whether each time the points use this word, they deny it from close by."""
        found = self.stems.get(content.stem, ())
        return bool(found) and all(closely_denied(self.points[number], other.at) for number, other in found)

    @cached_property
    def denies(self) -> bool:
        """Whether the points deny anything at all."""
        return any(-1 in point.signs for point in self.points)

    @cached_property
    def _sentences(self) -> list[list[int]]:
        return [sentences_of(point.words) for point in self.points]

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

    def places(self, content: Content) -> Iterator[tuple[int, int]]:
        """Wherever a word of the points carries this one: (point, word)."""
        for stem in self._carriers(content):
            yield from ((number, other.at) for number, other in self.stems[stem])
        for concept in content.concepts:
            if concept[0] in _SAME:
                yield from self._placed.get(concept, ())
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
    def _placed(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for number, point in enumerate(self.points):
            for one in point.found:
                found.setdefault((one.family, one.concept), []).extend((number, at) for at in range(one.at, one.end))
        return found

    @cached_property
    def _readings(self) -> list[tuple[dict[int, Person], frozenset[int]]]:
        return [(persons_of(point), planned_places(point)) for point in self.points]

    def agents(self, stem: str) -> list[Person]:
        """Who the points say this word of, where they say."""
        agents: list[Person] = []
        for number, content in self.stems.get(stem, ()):
            persons = self._readings[number][0]
            agent = agent_of(self.points[number], persons, content.at)
            if agent == THIRD and not any(
                at < content.at and person[0] == "relation" for at, person in persons.items()
            ):
                agent = UNNAMED
            if agent is not None:
                agents.append(agent)
        return agents

    def done(self, family: str, concept: str) -> bool:
        """Whether the points tell of this as done, not as planned or wished for."""
        return any(
            one.family == family and one.concept == concept and one.at not in self._readings[number][1]
            for number, point in enumerate(self.points)
            for one in point.found
        )

    def only_planned(self, stem: str) -> bool:
        """Whether the points speak of this only as something to come."""
        return all(content.at in self._readings[number][1] for number, content in self.stems.get(stem, ()))

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
