"""Rules for whose somebody or something is: names on the wrong relation, another's things, one person for another."""

from collections.abc import Iterator, Sequence
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import kin, lexicons
from bot.drafting.checker.cast import bindings
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.frames import Frames, is_verb
from bot.drafting.checker.lexicons import Found
from bot.drafting.checker.mentions import Mention, words
from bot.drafting.checker.persons import Person, same
from bot.drafting.checker.polarity import sentences_of
from bot.drafting.checker.scene import Scene
from bot.drafting.checker.words import stem_of
from bot.drafting.lexicon import table


def check(scene: Scene) -> Iterator[Flaw]:
    """A name, a relation or a thing that the points give to another."""
    yield from _bound(scene)
    yield from _owners(scene)
    yield from _belongings(scene)
    yield from _replaced(scene)


def _bound(scene: Scene) -> Iterator[Flaw]:
    """`his daughter Emi` where the points know Emi as his wife."""
    names = scene.cast.names
    for name, relation in bindings(scene.statement.text, names):
        known = scene.cast.bound.get(name, frozenset())
        if known and all(
            same(Person("relation", relation), Person("relation", other), scene.cast) is False for other in known
        ):
            yield Flaw("who_bound", Kind.NAME_RELATION, name)


def _owners(scene: Scene) -> Iterator[Flaw]:
    """`her nephew` where the points know only the landlord's."""
    theirs: dict[str, set[str]] = {}
    for frames in scene.points:
        for one in frames.mentions:
            if one.person.kind == "relation":
                theirs.setdefault(one.person.key, set()).add(one.person.owner)
    mentioned = {word.stem for word in scene.statement.text.words}
    for one in scene.statement.mentions:
        if one.person.kind != "relation" or one.person.owner != "client":
            continue
        owners = theirs.get(one.person.key, set())
        if owners and all(_somebody(owner, scene) and stem_of(owner) not in mentioned for owner in owners):
            yield Flaw("who_owner", Kind.NAME_RELATION, scene.statement.text.typed(one.at, one.end))


def _somebody(owner: str, scene: Scene) -> bool:
    """Whether an owner is a third person, known by what relation he or she is."""
    return owner not in ("", "client", "the client") and any(owner == form for form in _relation_words())


@cache
def _relation_words() -> frozenset[str]:
    rows = table("relations")["relations"]
    return frozenset(word for name, row in rows.items() for word in row["words"] if name != "co_parent")


def _belongings(scene: Scene) -> Iterator[Flaw]:
    """`her sister's text` where the points have her mother's; `client has a check-in` where it is the husband's."""
    for content in scene.statement.text.content:
        if content.quoted or content.stem not in scene.evidence.stems or scene.statement.within(content.at):
            continue
        mine = scene.statement.owner_of(content.at) or _haver(scene.statement, content.at)
        if mine is None or not mine.told:
            continue
        theirs = [scene.points[number].owner_of(other.at) for number, other in scene.evidence.stems[content.stem]]
        if theirs and all(one is not None and same(mine, one, scene.cast) is False for one in theirs):
            yield Flaw("who_has", Kind.NAME_RELATION, scene.statement.text.typed(content.at, content.at + 1))
            return


def _haver(frames: Frames, at: int) -> Person | None:
    """Who has a thing: `Client has an appointment`."""
    for place in range(at - 1, max(at - 5, 0), -1):
        if frames.text.words[place].stem == "hav" and is_verb(frames, place):
            people = frames.subjects(place)
            return people[0] if len(people) == 1 else None
        named = one.person.kind == "name" if (one := frames.ending(place)) else False
        if (frames.within(place) and not named) or not frames.lowers[place].isalpha():
            return None
    return None


def _replaced(scene: Scene) -> Iterator[Flaw]:
    """A person the cited points do not know, where their likest sentence has another whom the statement leaves out."""
    known = [one.person for frames in scene.points for one in frames.mentions]
    mine = [one for one in scene.statement.mentions if one.person.kind in ("relation", "name")]
    for one in mine:
        if scene.statement.compound(one.end) or _in_other_words(scene, one):
            continue
        if any(same(one.person, other, scene.cast) is True for other in known if other.kind in ("relation", "name")):
            continue
        others = [other for other in _likest(scene) if other[0].kind in ("relation", "name")]
        left = [other for other in others if not _said_too(scene, other[0], mine, one)]
        if one.person.kind == "name":
            slot = _slot(scene.statement, one)
            left = [other for other in left if slot and other[1] == slot]
        if any(same(one.person, other, scene.cast) is False for other, _ in left):
            yield Flaw("who_swapped", Kind.NAME_RELATION, scene.statement.text.typed(one.at, one.end))


def _said_too(scene: Scene, other: Person, mine: Sequence[Mention], one: Mention) -> bool:
    """Whether the statement speaks of this person too, in another place."""
    return any(same(other, said.person, scene.cast) is not False for said in mine if said != one)


def _slot(frames: Frames, one: Mention) -> str:
    """What a person stands after (`from`, `with`), or that something is the person's."""
    place = one.at - 1
    while place >= 0 and frames.lowers[place] in words("before_persons"):
        place -= 1
    return frames.lowers[place] if one.governed and place >= 0 else "'s" if one.genitive else ""


def _in_other_words(scene: Scene, one: Mention) -> bool:
    found = Found(lexicons.RELATION, one.person.key, one.at, one.end)
    return one.person.kind == "relation" and kin.meant(found, scene.statement.text, scene.evidence, scene.cast)


def _likest(scene: Scene) -> list[tuple[Person, str]]:
    """The people of the sentence that shares most with the statement, each with its slot."""
    stems = {content.stem for content in scene.statement.text.content if not scene.statement.within(content.at)}
    best, people = 0.0, list[tuple[Person, str]]()
    for frames in scene.points:
        numbers = sentences_of(frames.text.words)
        shared: dict[int, float] = {}
        for content in frames.text.content:
            if content.stem in stems:
                shared[numbers[content.at]] = shared.get(numbers[content.at], 0.0) + content.weight
        for number, weight in shared.items():
            if weight > best:
                best = weight
                people = [(one.person, _slot(frames, one)) for one in frames.mentions if numbers[one.at] == number]
    return people
