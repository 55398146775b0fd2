"""Rules for who does what to whom: another person's act, a swap of two people, a name on the wrong relation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import kin, lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.cast import Cast, bindings
from bot.drafting.checker.evidence import Evidence, plain
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.frames import CLIENT, CLINICIAN, OWNERS, Frames, Mention, Person, is_verb, same
from bot.drafting.checker.lexicons import Found
from bot.drafting.checker.polarity import sentences_of
from bot.drafting.checker.words import is_past, stem_of
from bot.drafting.lexicon import table


AGAINST = frozenset({"who", "who_flip", "who_bound", "who_subject", "who_has"})


_NEARLY = 0.6
_SOME = 0.8
_CLOSER = 0.5


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
    yield from _speakers(scene)
    yield from _bound(scene)
    yield from _owners(scene)
    yield from _belongings(scene)
    yield from _said_of(scene)
    yield from _replaced(scene)
    yield from _prescribing(scene)
    yield from _parts(scene)
    yield from _ideas(scene)
    yield from _feelings(scene)
    yield from _sources(scene)
    yield from _testing(scene)


def _acts(scene: Scene) -> Iterator[Flaw]:
    right, wrong = set[str](), list[tuple[str, Content]]()
    for content in scene.statement.text.content:
        if content.quoted or not (content.stem in scene.evidence.stems) or not is_verb(scene.statement, content.at):
            continue
        if scene.statement.passive(content.at) and not _by(scene.statement, content.at):
            continue
        mine = scene.statement.subjects(content.at)
        if not any(one.told for one in mine):
            continue
        answer = _judged(scene, content, mine)
        if answer == "right":
            right.add(content.stem)
        elif answer:
            wrong.append((answer, content))
    wrong = [(rule, content) for rule, content in wrong if content.stem not in right]
    for rule in sorted({rule for rule, _ in wrong}):
        first = next(content for name, content in wrong if name == rule)
        strength = _SOME if right else 1.0
        yield Flaw(rule, Kind.NAME_RELATION, scene.statement.text.typed(first.at, first.at + 1), strength)


def _by(frames: Frames, at: int) -> bool:
    return "by" in frames.lowers[at + 1 : at + 6]


def _judged(scene: Scene, content: Content, mine: Sequence[Person]) -> str:
    """`right`, the rule that finds a wrong person, or nothing where nobody can tell."""
    found, likest = _alike_places(scene, content)
    answers = [_answer(scene, content, mine, frames, at) for frames, at in found]
    if not likest:
        return "who_flip" if answers and all(answer == "who_flip" for answer in answers) else ""
    if "right" in answers:
        return "right"
    if not answers or "" in answers:
        return ""
    return next((rule for rule in ("who_flip", "who", "who_implied", "who_loose") if rule in answers), "")


def _answer(scene: Scene, content: Content, mine: Sequence[Person], frames: Frames, at: int) -> str:
    theirs = [one for one in frames.subjects(at)]
    compared = [
        False if _told_apart(frames, one, other, at) else same(one, other, scene.cast) for one in mine for other in theirs
    ]
    loose = content.stem in _stems("loose")
    if not is_verb(frames, at) and not (frames.lowers[at].endswith("ing") and not theirs == []) and at:
        return ""
    if True in compared:
        return "right"
    swapped = _swapped(scene, content, mine, frames, at)
    receiver = frames.receiver(at) if swapped else None
    if receiver and any(same(one, receiver, scene.cast) is True for one in mine):
        return "who_flip"
    if swapped and theirs and all(one.kind in ("relation", "name") for one in (*mine, *theirs)):
        return "who_flip"
    if theirs and all(one is False for one in compared):
        return "who_flip" if swapped else "who_loose" if loose else "who"
    if not theirs:
        return "who_flip" if swapped else _implied(content, mine, frames, at)
    return ""


def _told_apart(frames: Frames, one: Person, other: Person, at: int) -> bool:
    """`she told her mom`: whoever she is, she is not the mother named only afterwards."""
    if one.kind != "relation" or other.kind != "pronoun":
        return False
    places = [mention.at for mention in frames.mentions if mention.person.key == one.key]
    return bool(places) and min(places) > at


def _swapped(scene: Scene, content: Content, mine: Sequence[Person], frames: Frames, at: int) -> bool:
    """Whether the points have this very person at the other end of the act."""
    if content.stem in _stems("mutual") or frames.passive(at) or not is_past(frames.lowers[at]) and not frames.lowers[at].endswith(("s", "ing")):
        return False
    others = frames.objects(at)
    if mine == [CLIENT] and frames.receiver(at) == CLIENT:
        return True
    return any(one.kind in ("relation", "name", "member") and same(one, other, scene.cast) is True for one in mine for other in others)


def _implied(content: Content, mine: Sequence[Person], frames: Frames, at: int) -> str:
    """Whose a verb without a subject is: note writers leave themselves and the client out."""
    if not is_past(frames.lowers[at]) and not frames.lowers[at].endswith("s"):
        return ""
    begins = at == 0 or not frames.lowers[at - 1].isalpha() or frames.lowers[at - 1] in ("and", "then", "also", "but")
    if not begins or content.stem in _stems("mutual"):
        return ""
    if content.stem in _stems("implied", "clinician") and CLINICIAN not in mine:
        return "who_implied" if all(one != CLINICIAN and one.kind in ("client", "relation") for one in mine) else ""
    if content.stem in _stems("implied", "client") and all(one == CLINICIAN for one in mine):
        return "who_implied"
    return ""


def _alike_places(scene: Scene, content: Content) -> tuple[list[tuple[Frames, int]], bool]:
    """Where the points use this word in the company most like the statement's, and whether none is more like it."""
    own = sentences_of(scene.statement.text.words)
    around = {c.stem for c in scene.statement.text.content if own[c.at] == own[content.at] and c.at != content.at}
    ranked: list[tuple[float, Frames, int]] = []
    most = _most_shared(scene, around)
    for number, other in scene.evidence.stems[content.stem]:
        frames = scene.points[number]
        if other.quoted:
            continue
        numbers = sentences_of(frames.text.words)
        near = [c for c in frames.text.content if numbers[c.at] == numbers[other.at] and c.stem in around]
        shared = sum(c.weight for c in near)
        close = sum(c.weight for c in near if not _parted(frames, c.at, other.at))
        ranked.append((shared + _CLOSER * close, frames, other.at))
    best = max((shared for shared, _, _ in ranked), default=0.0)
    return [(frames, at) for shared, frames, at in ranked if shared >= best - 0.1], best >= _NEARLY * most


def _parted(frames: Frames, one: int, other: int) -> bool:
    """Whether a comma stands between two words."""
    return "," in frames.lowers[min(one, other) : max(one, other)]


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


def _speakers(scene: Scene) -> Iterator[Flaw]:
    """A quotation put into another mouth."""
    for quote in scene.statement.text.quotes:
        mine = scene.statement.speakers(quote.at)
        theirs = [one for frames in scene.points for one in _quoted_by(plain(quote.text), frames)]
        compared = [same(one, other, scene.cast) for one in mine for other in theirs]
        if compared and all(answer is False for answer in compared):
            yield Flaw("speaker", Kind.NAME_RELATION, quote.text)


def _quoted_by(wanted: str, frames: Frames) -> Iterator[Person]:
    if wanted not in plain(frames.text.text):
        return
    words = [plain(word.text).strip() for word in frames.text.words]
    spoken = [at for at, word in enumerate(words) if word]
    target = wanted.split()
    for step in range(len(spoken) - len(target) + 1):
        if [words[at] for at in spoken[step : step + len(target)]] == target:
            yield from frames.speakers(spoken[step])


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


def _said_of(scene: Scene) -> Iterator[Flaw]:
    """A sentence about one person whose every word the points say of another."""
    first = next((one for one in scene.statement.mentions if not one.genitive), None)
    if first is None or first.at > 4 or first.governed or first.person.kind not in ("relation", "name"):
        return
    if any(is_verb(scene.statement, at) for at in range(first.at)):
        return
    answers: list[bool | None] = []
    place: Content | None = None
    for content in scene.statement.text.content:
        if content.quoted or scene.statement.within(content.at):
            continue
        if content.stem not in scene.evidence.stems or scene.statement.subjects(content.at) != [first.person]:
            continue
        for number, other in scene.evidence.stems[content.stem]:
            theirs = scene.points[number].subjects(other.at)
            answers.extend(same(first.person, one, scene.cast) for one in theirs)
            if not theirs:
                answers.append(None)
        place = place or content
    if place and answers and all(answer is False for answer in answers):
        yield Flaw("who_subject", Kind.NAME_RELATION, scene.statement.text.typed(first.at, first.end))


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
    while place >= 0 and frames.lowers[place] in OWNERS:
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


def _prescribing(scene: Scene) -> Iterator[Flaw]:
    """The clinician changes a dose where the points name another prescriber, or nobody."""
    text = scene.statement.text
    if not text.of(lexicons.DRUG, lexicons.DRUG_CLASS, lexicons.MEDICATION):
        return
    acts = _stems("dosing", "acts")
    for content in text.content:
        if content.stem not in acts or not is_verb(scene.statement, content.at):
            continue
        if "with" in scene.statement.lowers[content.at : content.at + 6] or scene.statement.lowers[content.at] == "raise":
            continue
        if scene.statement.subjects(content.at) == [CLINICIAN] and not _first_person_acts(scene, acts):
            yield Flaw("who_prescriber", Kind.NAME_RELATION, text.typed(content.at, content.at + 1))


def _first_person_acts(scene: Scene, acts: frozenset[str]) -> bool:
    return any(
        CLINICIAN in frames.subjects(content.at) for frames in scene.points for content in frames.text.content if content.stem in acts
    )


_PLAY = frozenset({"play", "role", "roleplay", "rehears", "rp", "enact", "part", "chair"})
_AS = frozenset({"played", "plays", "playing", "as", "was", "were", "part", "role", "voiced"})


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
        if not told or not (told[0] in _AS or (told[0] == "took" and set(frames.lowers[step : step + 4]) & {"part", "role"})):
            continue
        while step < len(frames.lowers) and frames.lowers[step] in _AS | {"took", "the", "of", "a", "her", "his", "in", "their"}:
            step += 1
        if step < len(frames.lowers) and frames.text.words[step].kind == "word":
            yield frames.text.words[step].stem, one.person


def _ideas(scene: Scene) -> Iterator[Flaw]:
    """`Therapist suggested …` where the points say that it was his idea."""
    acts = _stems("ideas", "acts")
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
