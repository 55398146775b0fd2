"""Rules for words that hold together: a statement whose words stand here and there in the points is in none of them.

A generic verb (*discussed*, *reported*, *provided*) binds nothing by itself; its object does. A statement made of
common words alone has to be typed as it stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from bot.drafting.checker.analysis import Analysis, Content, light_stems
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import ROLE, SYNONYM
from bot.drafting.checker.wording import addition
from bot.drafting.checker.words import MARK, Word, stem_of
from bot.drafting.lexicon import table

_CARRIED = 0.7
_TELLING = 0.3
_ENOUGH = 2.2
_NEIGHBOURS = 4
_NEAR = 12
_BREATH = 3
_COMMON = 0.6
_OF_WEIGHT = 0.5
_HARD, _SOFT, _QUOTED = 1.0, 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Member:
    """A word that has to be found. `clause` numbers the clauses; `places`: (point, word) where the points carry it."""

    clause: int
    content: Content
    level: float
    places: tuple[tuple[int, int], ...]


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    members = tuple(_once(_members(statement, evidence)))
    strays = [*_strays(members), *_apart(members, evidence)]
    yield from _thin(statement, members, strays)
    yield from _scattered(statement, members, strays)
    yield from _loose(statement, members)


@cache
def _lists() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in table("checker")["coherence"].items()}


@cache
def _generic() -> frozenset[tuple[str, str]]:
    """What is only said or talked of, and who says it: binds nothing."""
    synonyms = table("synonyms")
    said = {(SYNONYM, name) for verbs in ("says", "discusses") for name in synonyms[verbs]}
    return frozenset(said | {(ROLE, "client"), (ROLE, "clinician")})


def _members(statement: Analysis, evidence: Evidence) -> Iterator[Member]:
    clauses = _clauses(statement.words)
    carried = evidence.abbreviated(statement)
    for content in statement.content:
        if content.quoted or content.stem in _lists()["empty"] or not _generic().isdisjoint(content.concepts):
            continue
        level, _ = evidence.match(content, carried)
        places = tuple(evidence.spots(content)) if level >= _CARRIED else ()
        if level and places and all(_of_another(statement, content, evidence, place) for place in places):
            level, places = 0.0, ()
        yield Member(clauses[content.at], content, level, places)


def _once(members: Iterable[Member]) -> Iterator[Member]:
    """One word of the points carries one word of the statement, or one phrase: *felt heard and supported* is one."""
    used: set[tuple[tuple[int, int], ...]] = set()
    for member in members:
        if len(member.places) != 1 or member.places not in used:
            used.add(member.places)
            yield member


def _clauses(words: Sequence[Word]) -> list[int]:
    number, numbers = 0, list[int]()
    for at, word in enumerate(words):
        number += word.kind == MARK or (word.lower in _lists()["joins"] and not _of_words(words, at))
        numbers.append(number)
    return numbers


def _of_words(words: Sequence[Word], at: int) -> bool:
    """`relaxed and comfortable`: joins two words, not two clauses."""
    ends = at + 2 >= len(words) or words[at + 2].kind == MARK
    return words[at].lower in ("and", "or") and ends


def _of_another(statement: Analysis, content: Content, evidence: Evidence, place: tuple[int, int]) -> bool:
    """Whether the word found is only a verb of saying, or the same form in another sense."""
    stem = evidence.points[place[0]].words[place[1]].stem
    return (stem != content.stem and stem in _saying()) or _other_sense(statement, content.at, evidence, place)


@cache
def _saying() -> frozenset[str]:
    synonyms = table("synonyms")
    verbs = (verb for kind in ("says", "discusses") for words in synonyms[kind].values() for verb in words)
    return frozenset(stem_of(verb) for verb in verbs if " " not in verb) & light_stems()


def _other_sense(statement: Analysis, at: int, evidence: Evidence, place: tuple[int, int]) -> bool:
    """Whether a word is a noun here and a verb there: `stress at work`, `worked on the log`."""
    if statement.words[at].stem not in _lists()["two_senses"]:
        return False
    both = {_sense(statement.words, at), _sense(evidence.points[place[0]].words, place[1])}
    return both == {"noun", "verb"}


def _sense(words: Sequence[Word], at: int) -> str:
    before = words[at - 1].lower if at else ""
    after = words[at + 1].lower if at + 1 < len(words) else ""
    if after in _lists()["after_verb"] or words[at].lower.endswith(("ed", "ing")):
        return "verb"
    return "noun" if before in _lists()["before_noun"] else ""


def _thin(statement: Analysis, members: Sequence[Member], strays: Sequence[Member]) -> Iterator[Flaw]:
    """Little is said, and of that little a good part is typed nowhere, or not together."""
    anchored = _QUOTED * len(statement.quotes) + sum(_SOFT if atom.soft else _HARD for atom in statement.atoms)
    missing = [member for member in members if member.level < _CARRIED or member in strays]
    solid = sum(member.level * member.content.weight for member in members if _solid(member) and member not in missing)
    share = len(missing) / len(members) if members else float(not anchored)
    strength = share * max(0.0, min(1.0, _ENOUGH - solid - anchored))
    if not solid and not anchored and not _together(members):
        strength = max(strength, _COMMON)
    if strength:
        first = max(missing or members, key=lambda member: member.content.weight, default=None)
        words = statement.typed(first.content.at, first.content.at + 1) if first else statement.text
        yield Flaw("thin", addition(statement), words, strength)


def _solid(member: Member) -> bool:
    return member.content.weight >= _TELLING and member.content.stem not in light_stems()


def _together(members: Sequence[Member]) -> bool:
    """Whether some point has all of these words in one stretch."""
    if not members or not all(member.places for member in members):
        return False
    return any(
        all(any(p == home and abs(place - at) <= _NEAR for p, place in member.places) for member in members[1:])
        for home, at in members[0].places
    )


def _strays(members: Sequence[Member]) -> list[Member]:
    """The words of a clause that are in other points than the one that has most of it."""
    found: list[Member] = []
    for clause in dict.fromkeys(member.clause for member in members):
        own = [member for member in members if member.clause == clause and member.places]
        homes = {point for member in own for point, _ in member.places}
        if len(homes) > 1:
            best = max(sorted(homes), key=lambda home: sum(_weight(member) for member in own if _in(member, home)))
            found.extend(member for member in own if not _in(member, best))
    return found


def _apart(members: Sequence[Member], evidence: Evidence) -> Iterator[Member]:
    """A common word beside another word, where no point has the two in one breath: *an ok week*."""
    for one, other in pairwise(members):
        if one.clause != other.clause or other.content.at - one.content.at > 1 or (_solid(one) and _solid(other)):
            continue
        pairs = [(home, at, there) for home, at in one.places for house, there in other.places if home == house]
        if pairs and not any(_one_breath(evidence.points[home].words, at, there) for home, at, there in pairs):
            yield one if not _solid(one) else other


def _one_breath(words: Sequence[Word], at: int, there: int) -> bool:
    first, last = min(at, there), max(at, there)
    return last - first <= _BREATH or (
        last - first <= _NEAR and not any(word.kind == MARK for word in words[first + 1 : last])
    )


def _in(member: Member, home: int) -> bool:
    return any(point == home for point, _ in member.places)


def _scattered(statement: Analysis, members: Sequence[Member], strays: Sequence[Member]) -> Iterator[Flaw]:
    """A clause whose words come from several points, none of which has most of them."""
    if strays:
        total = sum(_weight(member) for member in members if member.places)
        at = strays[0].content.at
        share = sum(_weight(member) for member in strays) / total
        yield Flaw("scattered", addition(statement), statement.typed(at, at + 1), min(1.0, 2 * share))


def _loose(statement: Analysis, members: Sequence[Member]) -> Iterator[Flaw]:
    """Two neighbours that no point has near each other."""
    for one, other in pairwise(members):
        if one.clause != other.clause or other.content.at - one.content.at > _NEIGHBOURS:
            continue
        if min(one.content.weight, other.content.weight) < _OF_WEIGHT or not (one.places and other.places):
            continue
        apart = [abs(at - there) for home, at in one.places for house, there in other.places if home == house]
        if apart and min(apart) > _NEAR:
            yield Flaw("loose", addition(statement), statement.typed(one.content.at, other.content.at + 1))


def _weight(member: Member) -> float:
    """Common words count for something here: where they stand together is all they say."""
    return max(_TELLING, member.content.weight)
