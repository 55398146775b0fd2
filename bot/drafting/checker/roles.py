"""Rules for who does what: another person's act, two people swapped, a quotation in another mouth."""

from collections.abc import Iterator, Sequence

from bot.domain.support import Kind
from bot.drafting.checker import belongings, parts
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.evidence import Evidence, plain
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.frames import Frames, is_verb
from bot.drafting.checker.persons import CLIENT, CLINICIAN, Person, gender, same
from bot.drafting.checker.polarity import sentences_of
from bot.drafting.checker.scene import Scene, stems_of
from bot.drafting.checker.words import is_past

AGAINST = frozenset({"who", "who_flip", "who_bound", "who_subject", "who_has"})
_NEARLY = 0.6
_SOME = 0.8
_CLOSER = 0.5


def check(statement: Analysis, evidence: Evidence, summary: Evidence) -> Iterator[Flaw]:
    """Somebody else's act, two people swapped, a name or an owner that the points give to another."""
    cast = summary.cast
    scene = Scene(summary.reading(statement), evidence.frames(cast), evidence, cast)
    yield from _acts(scene)
    yield from _speakers(scene)
    yield from _said_of(scene)
    yield from belongings.check(scene)
    yield from parts.check(scene)


def _acts(scene: Scene) -> Iterator[Flaw]:
    right, wrong = set[str](), list[tuple[str, Content]]()
    for content in scene.statement.text.content:
        if content.quoted or content.stem not in scene.evidence.stems or not is_verb(scene.statement, content.at):
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
        False
        if _told_apart(frames, one, other, at) or _other_gender(scene, one, other)
        else same(one, other, scene.cast)
        for one in mine
        for other in theirs
    ]
    loose = content.stem in stems_of("loose")
    if at and not is_verb(frames, at) and not (frames.lowers[at].endswith("ing") and theirs):
        return ""
    if True in compared:
        return "right"
    receiver = scene.statement.receiver(content.at)
    turned = receiver is not None and any(same(receiver, other, scene.cast) is True for other in theirs)
    if receiver and turned and receiver.kind in ("relation", "name") and content.stem not in stems_of("mutual"):
        return "who_flip"
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


def _other_gender(scene: Scene, one: Person, other: Person) -> bool:
    """`Client cried when she …` where the points say that he cried."""
    if one != CLIENT or other.kind != "pronoun" or not other.key:
        return False
    mentions = scene.statement.mentions
    others = {gender(mention.person, scene.cast) for mention in mentions if mention.person.kind in ("relation", "name")}
    own = {mention.person.key for mention in mentions if mention.person.kind == "pronoun"} - others - {""}
    unnamed = any(
        mention.person.kind in ("relation", "name") and not gender(mention.person, scene.cast) for mention in mentions
    )
    return len(own) == 1 and not unnamed and other.key not in own


def _swapped(scene: Scene, content: Content, mine: Sequence[Person], frames: Frames, at: int) -> bool:
    """Whether the points have this very person at the other end of the act."""
    if (
        content.stem in stems_of("mutual")
        or frames.passive(at)
        or (not is_past(frames.lowers[at]) and not frames.lowers[at].endswith(("s", "ing")))
    ):
        return False
    others = frames.objects(at)
    if mine == [CLIENT] and frames.receiver(at) == CLIENT:
        return True
    return any(
        one.kind in ("relation", "name", "member") and same(one, other, scene.cast) is True
        for one in mine
        for other in others
    )


def _implied(content: Content, mine: Sequence[Person], frames: Frames, at: int) -> str:
    """Whose a verb without a subject is: note writers leave themselves and the client out."""
    if not is_past(frames.lowers[at]) and not frames.lowers[at].endswith("s"):
        return ""
    begins = at == 0 or not frames.lowers[at - 1].isalpha() or frames.lowers[at - 1] in ("and", "then", "also", "but")
    if not begins or content.stem in stems_of("mutual"):
        return ""
    if content.stem in stems_of("implied", "clinician") and CLINICIAN not in mine:
        return "who_implied" if all(one != CLINICIAN and one.kind in ("client", "relation") for one in mine) else ""
    if content.stem in stems_of("implied", "client") and all(one == CLINICIAN for one in mine):
        return "who_implied"
    return ""


def _alike_places(scene: Scene, content: Content) -> tuple[list[tuple[Frames, int]], bool]:
    """Where the points use this word in the company most like the statement's, and whether none is more like it."""
    own = sentences_of(scene.statement.text.words)
    around = {
        other.stem
        for other in scene.statement.text.content
        if own[other.at] == own[content.at] and other.at != content.at and not scene.statement.within(other.at)
    }
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
