"""Rules for the part somebody has: who prescribes, tests, plays a role, has an idea or a feeling, reports."""

from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.frames import Frames, is_verb
from bot.drafting.checker.persons import CLINICIAN, Person, same
from bot.drafting.checker.scene import Scene, stems_of
from bot.drafting.lexicon import table

_PLAY = frozenset({"play", "role", "roleplay", "rehears", "rp", "enact", "part", "chair"})
_AS = frozenset({"played", "plays", "playing", "as", "was", "were", "part", "role", "voiced"})


def check(scene: Scene) -> Iterator[Flaw]:
    """A part that the points give to another."""
    yield from _prescribing(scene)
    yield from _parts(scene)
    yield from _ideas(scene)
    yield from _testing(scene)
    yield from _feelings(scene)
    yield from _sources(scene)


def _prescribing(scene: Scene) -> Iterator[Flaw]:
    """The clinician changes a dose where the points name another prescriber, or nobody."""
    text = scene.statement.text
    if not text.of(lexicons.DRUG, lexicons.DRUG_CLASS, lexicons.MEDICATION):
        return
    acts = stems_of("dosing", "acts")
    for content in text.content:
        if content.stem not in acts or not is_verb(scene.statement, content.at):
            continue
        if (
            "with" in scene.statement.lowers[content.at : content.at + 6]
            or scene.statement.lowers[content.at] == "raise"
        ):
            continue
        if scene.statement.subjects(content.at) == [CLINICIAN] and not _first_person_acts(scene, acts):
            yield Flaw("who_prescriber", Kind.NAME_RELATION, text.typed(content.at, content.at + 1))


def _first_person_acts(scene: Scene, acts: frozenset[str]) -> bool:
    return any(
        CLINICIAN in frames.subjects(content.at)
        for frames in scene.points
        for content in frames.text.content
        if content.stem in acts
    )


def _parts(scene: Scene) -> Iterator[Flaw]:
    """Who played whom in a role-play."""
    if not any(word.stem in _PLAY for word in scene.statement.text.words):
        return
    theirs: dict[str, list[Person]] = {}
    for frames in scene.points:
        for part, person in _played(frames):
            theirs.setdefault(part, []).append(person)
    for part, person in _played(scene.statement):
        others = theirs.get(part, [])
        if others and all(same(person, other, scene.cast) is False for other in others):
            yield Flaw("who_part", Kind.NAME_RELATION, part)


def _played(frames: Frames) -> Iterator[tuple[str, Person]]:
    """Each part with its player: `I was the patient`, `me as Lupe`, `client played her boss and clinician herself`."""
    for one in frames.mentions:
        step = one.end
        told = frames.lowers[step : step + 1]
        if not told or not (
            told[0] in _AS or (told[0] == "took" and set(frames.lowers[step : step + 4]) & {"part", "role"})
        ):
            continue
        while step < len(frames.lowers) and frames.lowers[step] in _AS | {
            "took",
            "the",
            "of",
            "a",
            "her",
            "his",
            "in",
            "their",
        }:
            step += 1
        if step < len(frames.lowers) and frames.text.words[step].kind == "word":
            yield frames.text.words[step].stem, one.person


def _ideas(scene: Scene) -> Iterator[Flaw]:
    """`Therapist suggested …` where the points say that it was his idea."""
    acts = stems_of("ideas", "acts")
    whose = [
        person
        for frames in scene.points
        for at, word in enumerate(frames.lowers)
        if word in table("roles")["ideas"]["nouns"] and (person := frames.owner_of(at))
    ]
    for content in scene.statement.text.content if whose else ():
        if content.stem not in acts or content.stem in scene.evidence.stems or not is_verb(scene.statement, content.at):
            continue
        mine = scene.statement.subjects(content.at)
        if mine and all(same(one, other, scene.cast) is False for one in mine for other in whose):
            yield Flaw("who", Kind.NAME_RELATION, scene.statement.text.typed(content.at, content.at + 1))


def _testing(scene: Scene) -> Iterator[Flaw]:
    """The clinician gives a measure that somebody else gave."""
    for one in scene.statement.text.of(lexicons.INSTRUMENT):
        if scene.statement.subjects(one.at) != [CLINICIAN]:
            continue
        givers = [
            person
            for frames in scene.points
            for other in frames.text.of(lexicons.INSTRUMENT)
            if other.concept == one.concept
            for person in frames.subjects(other.at) or [CLINICIAN]
        ]
        if givers and all(giver.kind == "relation" for giver in givers):
            yield Flaw("who", Kind.NAME_RELATION, scene.statement.text.typed(one.at, one.end))


def _feelings(scene: Scene) -> Iterator[Flaw]:
    """A feeling that the points give to another: `mom worried`, `felt queasy myself`."""
    for one in scene.statement.text.of(lexicons.AFFECT):
        mine = scene.statement.predicated(one.at)
        if scene.statement.text.quoted(one.at) or not any(person.told for person in mine):
            continue
        theirs = [
            frames.predicated(other.at)
            for frames in scene.points
            for other in frames.text.of(lexicons.AFFECT)
            if other.concept == one.concept
        ]
        compared = [same(person, other, scene.cast) for person in mine for others in theirs for other in others]
        if compared and all(theirs) and all(answer is False for answer in compared):
            yield Flaw("who_feels", Kind.AFFECT, scene.statement.text.typed(one.at, one.end))


def _sources(scene: Scene) -> Iterator[Flaw]:
    """What somebody else reports told as the client's own report."""
    source = _source(scene.statement)
    if source is None:
        return
    person, at = source
    frames = _likest_point(scene)
    theirs = _source(frames) if frames else None
    if theirs and same(person, theirs[0], scene.cast) is False:
        yield Flaw("who_source", Kind.NAME_RELATION, scene.statement.text.typed(at, at + 1))


def _source(frames: Frames) -> tuple[Person, int] | None:
    """Who a text is from: `mom:`, `per mom`, `according to his teacher`, `teacher says` at its beginning."""
    if len(frames.labels) > 1:
        return None
    if frames.label and frames.label.kind in ("relation", "name"):
        return frames.label, 0
    for one in frames.mentions:
        before = [lower for lower in frames.lowers[max(0, one.at - 3) : one.at] if lower not in ("his", "her", "the")]
        if before[-1:] == ["per"] or before[-2:] == ["according", "to"]:
            return one.person, one.at
    first = next(iter(frames.mentions), None)
    if first is None or first.at > 2 or first.governed or first.genitive or first.end >= len(frames.lowers):
        return None
    return (first.person, first.end) if frames.lowers[first.end] in table("roles")["saying"]["words"] else None


def _likest_point(scene: Scene) -> Frames | None:
    stems = {content.stem for content in scene.statement.text.content if not scene.statement.within(content.at)}

    def shared(frames: Frames) -> float:
        return sum(content.weight for content in frames.text.content if content.stem in stems)

    best = max(scene.points, key=shared, default=None)
    return best if best and shared(best) > 0 else None
