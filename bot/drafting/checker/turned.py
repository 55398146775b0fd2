"""Rules for a statement that turns round what the points say: each word, with its sign, against its counterpart."""

from collections.abc import Iterator
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.counterparts import Counterparts, Key, Place, keys_of
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.polarity import DENIED, OPEN, SAID
from bot.drafting.checker.reading import Reading, Sided, lone_pairs, plain_pairs, read
from bot.drafting.checker.words import MARK
from bot.drafting.lexicon import table

AGAINST = frozenset({"said_denied", "denied_said", "counter", "ceased", "persists"})
_LEAST = 0.15
_LIGHT = 0.2
_SHARED = 0.2
_SHARED_BY_LIGHT = 0.4
_RUN = 6
_SETTING = frozenset({"session", "week", "today", "visit", "time", "group"})
Figure = tuple[float | str, ...]
_PERSONS = frozenset({("role", "client"), ("role", "clinician")})


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Said where the points deny, denied where they say; and the one side of a pair where they have the other."""
    mine, theirs = read(statement), evidence.counterparts
    for rule in (_said_of_denied, _denied_of_said, _still, _no_longer):
        found = next(rule(mine, theirs), None)
        if found:
            yield found
            break
    yield from _other_side(mine, theirs)
    yield from _switched(mine, theirs)


def _telling(mine: Reading) -> Iterator[Content]:
    for content in mine.text.content:
        if not content.quoted and content.weight >= _LEAST and not _person(content):
            yield content


def _person(content: Content) -> bool:
    return bool(set(content.concepts) & _PERSONS)


def _flaw(rule: str, mine: Reading, at: int, end: int = 0) -> Flaw:
    return Flaw(rule, Kind.NEGATION, mine.text.typed(at, end or at + 1))


def _said_of_denied(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    for content in _telling(mine):
        last = content.at and mine.text.words[content.at - 1].lower == "last"
        if (
            last
            or mine.text.words[content.at].lower in _SETTING
            or mine.signs[content.at] != SAID
            or mine.turned(content.at)
        ):
            continue
        best = [place for place in _nearest(mine, content, theirs) if place.sign != OPEN]
        if best and all(_denies(mine, content, place) for place in best):
            yield Flaw("said_denied", _kind_of(content), mine.text.typed(content.at, content.at + 1))


def _kind_of(content: Content) -> Kind:
    """What an auditor would call it that this was denied and is told as so."""
    families = {family for family, _ in content.concepts}
    if lexicons.RISK in families:
        return Kind.RISK_ADDED
    return Kind.MEDICATION if families & {lexicons.DRUG, lexicons.MEDICATION} else Kind.NEGATION


def _denies(mine: Reading, content: Content, place: Place) -> bool:
    """Whether a point denies this very thing: of the same time, and not only in passing."""
    if place.sign != DENIED or (content.at in mine.turning and place.content.stem != content.stem):
        return False
    reading, at = place.reading, place.content.at
    if any(mine.parts[other] == mine.parts[content.at] for other in mine.planned) and at not in reading.planned:
        words = reading.text.words
        near = {word.lower for other, word in enumerate(words) if reading.parts[other] == reading.parts[at]}
        if near & words_of_list("not_yet") or words[0].lower == "not":
            return False
    if content.weight > _LIGHT:
        return True
    return _shared(place, *_company(mine, content)) >= _SHARED_BY_LIGHT


def _denied_of_said(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    if any(word.lower in words_of_list("further") for word in mine.text.words):
        return
    denied = [content for content in _telling(mine) if mine.signs[content.at] == DENIED]
    run = [c for c in denied if c.at < denied[0].at + _RUN and mine.sentences[c.at] == mine.sentences[denied[0].at]]
    if not run or _risky(run[0]):
        return
    said = [content for content in run if _plainly_said(mine, content, theirs)]
    if not said or any(content not in said and content.weight > _LIGHT for content in run):
        return
    if run[0] in said or all(_achieved(place) for content in said for place in _nearest(mine, content, theirs)):
        yield _flaw("denied_said", mine, run[0].at)


def _risky(content: Content) -> bool:
    return any(family == lexicons.RISK for family, _ in content.concepts)


def _plainly_said(mine: Reading, content: Content, theirs: Counterparts) -> bool:
    best = _nearest(mine, content, theirs)
    if any(place.sign == DENIED for place in theirs.of(mine, content)):
        return False
    return bool(best) and all(place.sign == SAID and place.reading.clear(place.content.at) for place in best)


def _achieved(place: Place) -> bool:
    """Whether the sentence counts something or says that it was done, and holds no doubt."""
    reading, own = place.reading, place.reading.sentences[place.content.at]
    doubted = any(reading.sentences[at] == own for at in reading.turning | reading.limiting | reading.doubting)
    counted = any(reading.sentences[atom.at] == own for atom in reading.text.atoms)
    done = any(reading.sentences[side.at] == own and side.side[1] > 0 for side in reading.sides)
    return not doubted and (counted or done)


def _still(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    """`continues to check` where the points say `no longer checks`."""
    if not mine.ongoing or mine.turning:
        return
    for content in _telling(mine):
        follows = content.at > min(mine.ongoing) and content.at not in mine.ongoing
        best = _nearest(mine, content, theirs) if follows else []
        if best and all(place.content.at in place.reading.former for place in best):
            yield _flaw("ceased", mine, content.at)


def _no_longer(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    """`no longer checks` where the points say `still checks`."""
    for content in _telling(mine):
        best = _nearest(mine, content, theirs) if content.at in mine.former else []
        if best and all(place.sign == SAID and _going_on(place) for place in best):
            yield _flaw("persists", mine, content.at)


def _going_on(place: Place) -> bool:
    reading, own = place.reading, place.reading.sentences[place.content.at]
    others = {at for at in reading.turning if reading.sentences[at] == own}
    return not others and any(reading.sentences[at] == own for at in reading.ongoing)


def _nearest(mine: Reading, content: Content, theirs: Counterparts) -> list[Place]:
    """The points' words that answer to this one, in the sentences that share most with its own."""
    places = theirs.of(mine, content)
    if len(places) < 2:
        return places
    around, figures = _company(mine, content)
    ranked = [(_shared(place, around, figures), place) for place in places]
    most = max(shared for shared, _ in ranked)
    return [place for shared, place in ranked if shared >= most - 0.1]


def _company(mine: Reading, content: Content) -> tuple[set[str], set[Figure]]:
    """The other words and the figures of a word's sentence."""
    own = mine.sentences[content.at]
    around = {c.stem for c in mine.text.content if mine.sentences[c.at] == own and c.at != content.at}
    return around, {atom.value for atom in mine.text.atoms if mine.sentences[atom.at] == own}


def _shared(place: Place, around: set[str], figures: set[Figure]) -> float:
    reading, at = place.reading, place.content.at
    own, total = reading.sentences[at], 0.0
    for content in reading.text.content:
        if content.stem in around and reading.sentences[content.at] == own and content.at != at:
            total += content.weight * (1.5 if reading.parts[content.at] == reading.parts[at] else 1)
    return total + sum(atom.value in figures for atom in reading.text.atoms if reading.sentences[atom.at] == own)


def _other_side(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    """`concealed` where the points say `told`, `late` where they say `on time`."""
    own = {side.side for side in mine.sides}
    for side in mine.sides:
        number, value = side.side
        if (number, -value) in own or not mine.straight(side) or (number in plain_pairs() and side.sign < 0):
            continue
        if _opposed(mine, side, theirs):
            yield _flaw("counter", mine, side.at, side.end)
            return


def _opposed(mine: Reading, side: Sided, theirs: Counterparts) -> bool:
    """Whether the points' nearest words of the pair all speak for the other side, and clearly."""
    number, value = side.side
    around = _around(mine, side)
    ranked = [
        (_overlap(around, reading, other), other.side[1] == value, reading.straight(other, points=True))
        for reading in theirs.readings
        for other in reading.sides
        if other.side[0] == number and not (number in plain_pairs() and other.sign < 0)
    ]
    most = max((shared for shared, _, _ in ranked), default=-1.0)
    if most < (0.0 if number in lone_pairs() else _SHARED):
        return False
    agreeing = any(same for shared, same, _ in ranked if shared >= min(most - 0.1, _SHARED))
    return not agreeing and all(straight for shared, _, straight in ranked if shared == most)


def _around(mine: Reading, side: Sided) -> set[Key]:
    own = mine.sentences[side.at]
    return {
        key
        for content in mine.text.content
        if not side.at <= content.at < side.end and not _person(content) and mine.sentences[content.at] == own
        for key in keys_of(mine, content)
    }


def _overlap(around: set[Key], reading: Reading, other: Sided) -> float:
    own = reading.sentences[other.at]
    return sum(
        content.weight
        for content in reading.text.content
        if reading.sentences[content.at] == own
        and not other.at <= content.at < other.end
        and any(key in around for key in keys_of(reading, content))
    )


def _switched(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    """`kept her camera on` where the points say `camera off`."""
    for stem, (value, at) in _switches(mine).items():
        answers = [found[stem][0] for reading in theirs.readings if stem in (found := _switches(reading))]
        if answers and value not in answers:
            yield _flaw("counter", mine, at)
            return


def _switches(reading: Reading) -> dict[str, tuple[str, int]]:
    """What is on or off: the thing before the word, where nothing follows that the word could govern."""
    found: dict[str, tuple[str, int]] = {}
    words = reading.text.words
    for at, word in enumerate(words):
        if word.lower not in ("on", "off") or not _last_of_all(reading, at):
            continue
        before = [content for content in reading.text.content if at - 2 <= content.at < at and content.weight > _LIGHT]
        if before and reading.signs[at] == SAID:
            found[before[-1].stem] = (word.lower, at)
    return found


@cache
def words_of_list(name: str) -> frozenset[str]:
    return frozenset(table("turned")[name]["words"])


def _last_of_all(reading: Reading, at: int) -> bool:
    following = reading.text.words[at + 1] if at + 1 < len(reading.text.words) else None
    return following is None or following.kind == MARK or following.lower in words_of_list("trailing")
