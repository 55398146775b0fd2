"""Rules for a statement that turns round what the points say: each word with its sign against its nearest counterpart."""

from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.counterparts import Counterparts, Key, Place, keys_of
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.polarity import DENIED, OPEN, SAID
from bot.drafting.checker.reading import Reading, Sided, plain_pairs, read

_LEAST = 0.15
_SHARED = 0.2
_LIGHT = 0.2
_RUN = 6
_FURTHER = frozenset({"other", "further", "additional", "more", "unless", "until", "except", "only", "apart", "beyond", "besides"})
_PERSONS = frozenset({("role", "client"), ("role", "clinician")})


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    if not evidence.points:
        return
    mine, theirs = read(statement), evidence.counterparts
    found = next(_said_of_denied(mine, theirs), None) or next(_denied_of_said(mine, theirs), None)
    if found:
        yield found
    yield from _other_side(mine, theirs)


def _telling(mine: Reading) -> Iterator[Content]:
    for content in mine.text.content:
        if not content.quoted and content.weight >= _LEAST and not _person(content):
            yield content


def _flaw(rule: str, mine: Reading, at: int, end: int = 0) -> Flaw:
    return Flaw(rule, Kind.NEGATION, mine.text.typed(at, end or at + 1))


def _said_of_denied(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    for content in _telling(mine):
        if mine.signs[content.at] == SAID and not mine.turned(content.at):
            best = [place for place in _nearest(mine, content, theirs) if place.sign != OPEN]
            if content.at in mine.turning and any(place.content.stem != content.stem for place in best):
                continue
            if best and all(place.sign == DENIED for place in best):
                yield _flaw("said_denied", mine, content.at)


def _denied_of_said(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    if any(word.lower in _FURTHER for word in mine.text.words):
        return
    denied = [content for content in _telling(mine) if mine.signs[content.at] == DENIED]
    run = [content for content in denied if content.at < denied[0].at + _RUN and mine.sentences[content.at] == mine.sentences[denied[0].at]]
    if not run or _risky(run[0]):
        return
    said = [content for content in run if _plainly_said(mine, content, theirs)]
    light = run[0].weight <= _LIGHT and len(run) > 1 and said == run[1:] and all(_undoubted(theirs, c) for c in said)
    if light or (run[0] in said and sum(c.weight for c in said) * 2 >= sum(c.weight for c in run)):
        yield _flaw("denied_said", mine, run[0].at)


def _risky(content: Content) -> bool:
    return any(family == lexicons.RISK for family, _ in content.concepts)


def _plainly_said(mine: Reading, content: Content, theirs: Counterparts) -> bool:
    best = _nearest(mine, content, theirs)
    return bool(best) and all(place.sign == SAID and _clear(place) for place in best)


def _clear(place: Place) -> bool:
    """Whether nothing near the word casts doubt on it."""
    reading, at = place.reading, place.content.at
    near = any(reading.parts[other] == reading.parts[at] for other in reading.doubting | reading.dating)
    return not near and reading.sentences[at] not in reading.elliptic


def _undoubted(theirs: Counterparts, content: Content) -> bool:
    """Whether no sentence of the points with this word holds a doubt."""
    return all(not any(place.reading.sentences[at] == place.reading.sentences[place.content.at] for at in place.reading.doubting) for place in theirs.of(content))


def _nearest(mine: Reading, content: Content, theirs: Counterparts) -> list[Place]:
    """The points' words that answer to this one, in the sentences that share most with its own."""
    places = theirs.of(content)
    if len(places) < 2:
        return places
    around = {c.stem for c in mine.text.content if mine.sentences[c.at] == mine.sentences[content.at] and c.at != content.at}
    figures = {atom.value for atom in mine.text.atoms if mine.sentences[atom.at] == mine.sentences[content.at]}
    ranked = [(_shared(place, around, figures), place) for place in places]
    most = max(shared for shared, _ in ranked)
    return [place for shared, place in ranked if shared >= most - 0.1]


def _shared(place: Place, around: set[str], figures: set[tuple[float, ...]]) -> float:
    reading, at = place.reading, place.content.at
    total = 0.0
    for content in reading.text.content:
        if content.stem in around and reading.sentences[content.at] == reading.sentences[at] and content.at != at:
            total += content.weight * (1.5 if reading.parts[content.at] == reading.parts[at] else 1)
    total += sum(atom.value in figures for atom in reading.text.atoms if reading.sentences[atom.at] == reading.sentences[at])
    return total


def _other_side(mine: Reading, theirs: Counterparts) -> Iterator[Flaw]:
    """`concealed` where the points say `told`, `late` where they say `on time`."""
    own = {side.side for side in mine.sides}
    for side in mine.sides:
        number, value = side.side
        plain = number in plain_pairs()
        if (number, -value) in own or not mine.straight(side) or (plain and side.sign < 0):
            continue
        around = {key for c in mine.text.content if not side.at <= c.at < side.end and not _person(c) and mine.sentences[c.at] == mine.sentences[side.at] for key in keys_of(c)}
        ranked = [(_overlap(around, reading, other), other.side[1], reading.straight(other, points=True))
            for reading in theirs.readings for other in reading.sides if other.side[0] == number and not (plain and other.sign < 0)]
        if not ranked:
            continue
        most = max(shared for shared, _, _ in ranked)
        least = 0.0 if plain else _SHARED
        if most >= least and all(other != value for shared, other, _ in ranked if shared >= min(most - 0.1, _SHARED)) and all(straight for shared, _, straight in ranked if shared == most):
            yield _flaw("counter", mine, side.at, side.end)
            return


def _person(content: Content) -> bool:
    return bool(set(content.concepts) & _PERSONS)


def _overlap(around: set[Key], reading: Reading, other: Sided) -> float:
    return sum(
        c.weight for c in reading.text.content
        if reading.sentences[c.at] == reading.sentences[other.at] and not other.at <= c.at < other.end and any(key in around for key in keys_of(c))
    )
