"""Rules for who does what to whom: another person's act, a swap of two people, a name on the wrong relation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.cast import Cast, bindings, gender_of
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.frames import CLIENT, CLINICIAN, Frames, Person, gender, is_verb, same
from bot.drafting.checker.polarity import sentences_of
from bot.drafting.checker.words import is_past, stem_of
from bot.drafting.lexicon import table


@cache
def _stems(name: str, part: str = "words") -> frozenset[str]:
    words: list[str] = table("roles")[name][part]
    return frozenset(stem_of(word) for word in words)


@dataclass(frozen=True, slots=True)
class Scene:
    """A statement and its points, read for who does what."""

    statement: Frames
    points: Sequence[Frames]
    evidence: Evidence
    cast: Cast


def check(statement: Analysis, evidence: Evidence, summary: Evidence) -> Iterator[Flaw]:
    """Somebody else's act, two people swapped, a name or an owner that the points give to another."""
    cast = summary.cast
    scene = Scene(Frames(statement, cast), evidence.frames(cast), evidence, cast)
    yield from _acts(scene)
    yield from _bound(scene)
    yield from _owners(scene)


def _acts(scene: Scene) -> Iterator[Flaw]:
    right, wrong = set[str](), list[tuple[str, Content]]()
    for content in scene.statement.text.content:
        if content.quoted or not (content.stem in scene.evidence.stems) or not is_verb(scene.statement, content.at):
            continue
        if scene.statement.passive(content.at) and not _by(scene.statement, content.at):
            continue
        mine = [one for one in scene.statement.subjects(content.at) if one.told]
        if not mine:
            continue
        answer = _judged(scene, content, mine)
        if answer == "right":
            right.add(content.stem)
        elif answer:
            wrong.append((answer, content))
    wrong = [(rule, content) for rule, content in wrong if content.stem not in right]
    for rule in sorted({rule for rule, _ in wrong}):
        first = next(content for name, content in wrong if name == rule)
        strength = len(wrong) / (len(wrong) + len(right))
        yield Flaw(rule, Kind.NAME_RELATION, scene.statement.text.typed(first.at, first.at + 1), strength)


def _by(frames: Frames, at: int) -> bool:
    return "by" in frames.lowers[at + 1 : at + 6]


def _judged(scene: Scene, content: Content, mine: Sequence[Person]) -> str:
    """`right`, the rule that finds a wrong person, or nothing where nobody can tell."""
    found = list(_alike_places(scene, content))
    answers: list[str] = [_answer(scene, content, mine, frames, at) for frames, at in found]
    if "right" in answers:
        return "right"
    if not answers or "" in answers:
        return ""
    return next((rule for rule in ("who_flip", "who", "who_implied", "who_loose") if rule in answers), "")


def _answer(scene: Scene, content: Content, mine: Sequence[Person], frames: Frames, at: int) -> str:
    theirs = [one for one in frames.subjects(at)]
    compared = [same(one, other, scene.cast) for one in mine for other in theirs]
    loose = content.stem in _stems("loose")
    if not is_verb(frames, at) and not (frames.lowers[at].endswith("ing") and not theirs == []) and at:
        return ""
    if True in compared:
        return "right"
    swapped = _swapped(scene, content, mine, frames, at)
    if theirs and all(one is False for one in compared):
        return "who_flip" if swapped else "who_loose" if loose else "who"
    if not theirs:
        return "who_flip" if swapped else _implied(content, mine, frames, at)
    return ""


def _swapped(scene: Scene, content: Content, mine: Sequence[Person], frames: Frames, at: int) -> bool:
    """Whether the points have this very person at the other end of the act."""
    if content.stem in _stems("mutual") or frames.passive(at) or not is_past(frames.lowers[at]) and not frames.lowers[at].endswith(("s", "ing")):
        return False
    others = frames.objects(at)
    return any(one.kind in ("relation", "name") and same(one, other, scene.cast) is True for one in mine for other in others)


def _implied(content: Content, mine: Sequence[Person], frames: Frames, at: int) -> str:
    """Whose a verb without a subject is: note writers leave themselves and the client out."""
    if not is_past(frames.lowers[at]) and not frames.lowers[at].endswith("s"):
        return ""
    if content.stem in _stems("implied", "clinician") and CLINICIAN not in mine:
        return "who_implied" if all(one != CLINICIAN and one.kind in ("client", "relation") for one in mine) else ""
    if content.stem in _stems("implied", "client") and all(one == CLINICIAN for one in mine):
        return "who_implied"
    return ""


def _alike_places(scene: Scene, content: Content) -> Iterator[tuple[Frames, int]]:
    """Where the points use this word in the company most like the statement's."""
    own = sentences_of(scene.statement.text.words)
    around = {c.stem for c in scene.statement.text.content if own[c.at] == own[content.at] and c.at != content.at}
    ranked: list[tuple[float, Frames, int]] = []
    most = _most_shared(scene, around) if content.stem in _stems("loose") else 0.0
    for number, other in scene.evidence.stems[content.stem]:
        frames = scene.points[number]
        if other.quoted:
            continue
        numbers = sentences_of(frames.text.words)
        shared = sum(c.weight for c in frames.text.content if numbers[c.at] == numbers[other.at] and c.stem in around)
        ranked.append((shared, frames, other.at))
    best = max((shared for shared, _, _ in ranked), default=0.0)
    if best < most:
        return iter(())
    return ((frames, at) for shared, frames, at in ranked if shared >= best - 0.1)


def _most_shared(scene: Scene, around: set[str]) -> float:
    """How much one sentence of the points shares with these words at most."""
    most = 0.0
    for frames in scene.points:
        shared: dict[int, float] = {}
        numbers = sentences_of(frames.text.words)
        for content in frames.text.content:
            if content.stem in around:
                shared[numbers[content.at]] = shared.get(numbers[content.at], 0.0) + content.weight
        most = max(most, *shared.values(), 0.0) if shared else most
    return most


def _bound(scene: Scene) -> Iterator[Flaw]:
    """`his daughter Emi` where the points know Emi as his wife."""
    names = scene.cast.names
    for name, relation in bindings(scene.statement.text, names):
        known = scene.cast.bound.get(name, frozenset())
        if known and all(same(Person("relation", relation), Person("relation", other), scene.cast) is False for other in known):
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


_UNUSED = (lexicons, gender_of, gender, CLIENT)
