"""What is said of a medicine: its dose, whether it is taken, what it is for, whose it is."""

from collections.abc import Iterator, Sequence

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, light_stems
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import Found, listed
from bot.drafting.checker.pieces import pieces_of
from bot.drafting.checker.planned import plan_cues
from bot.drafting.checker.words import MARK, NUMBER, WORD, is_past

_MEDICINES = (lexicons.DRUG, lexicons.DRUG_CLASS, lexicons.MEDICATION)
_DOSE_UNITS = frozenset({"", "mg", "mcg", "ml"})
_DONE = frozenset({"started", "restarted", "increased", "decreased", "stopped", "switched"})
_TIMES = {"bedtime": "night", "evening": "night", "morning": "morning"}
_SUBJECTS = frozenset({"he", "she", "they", "client", "patient", "his", "her", "their"})


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    mine = statement.of(*_MEDICINES)
    if not mine and not {word.lower for word in statement.words} & listed("doses", "dose"):
        return
    yield from _doses(statement, evidence)
    yield from _adherence(statement, evidence)
    yield from _only_planned(statement, evidence)
    yield from _change_of(statement, evidence)
    yield from _long_gone(statement, evidence, mine)
    yield from _of_somebody_else(statement, evidence)
    yield from _purposes(statement, evidence)
    yield from _times_of_day(statement, evidence)


def _doses(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A dose that the points give to another medicine."""
    theirs: dict[str, set[float]] = {}
    for point in evidence.points:
        for name, value, _, _ in _dosed(point, near=False):
            theirs.setdefault(name, set()).add(value)
    if not theirs:
        return
    for name, value, at, end in _dosed(statement, near=True):
        if name in theirs and value not in theirs[name]:
            yield Flaw("dose_of", Kind.MEDICATION, statement.typed(at, end))


def _dosed(text: Analysis, *, near: bool) -> Iterator[tuple[str, float, int, int]]:
    """Each medicine with the figures that follow it before the next one, in its sentence."""
    drugs = text.of(lexicons.DRUG)
    if not drugs or not text.atoms:
        return
    sentence = pieces_of(text).sentence
    for number, one in enumerate(drugs):
        until = drugs[number + 1].at if number + 1 < len(drugs) else len(text.words)
        for atom in text.atoms:
            if (
                atom.kind == kinds.COUNT
                and one.end <= atom.at < until
                and (atom.unit in _DOSE_UNITS or (not near and atom.unit == "times"))
                and not atom.ordinal
            ):
                close = not near or atom.at - one.end <= 2 or atom.unit
                if sentence[atom.at] == sentence[one.at] and close and not atom.soft:
                    yield one.concept, atom.figure, atom.at, atom.end


def _adherence(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Doses missed where the points have none missed, and the other way round."""
    mine = list(_missed(statement))
    if not mine:
        return
    theirs = [missed for point in evidence.points for _, missed in _missed(point)]
    for at, missed in mine:
        if theirs and missed not in theirs:
            yield Flaw("adherence", Kind.MEDICATION, statement.typed(at, at + 1))


def _missed(text: Analysis) -> Iterator[tuple[int, bool]]:
    """Where a text speaks of doses missed, and whether any were."""
    for at, word in enumerate(text.words):
        if word.kind != WORD or word.lower not in listed("doses", "missed") or not _of_doses(text, at):
            continue
        before = {other.lower for other in text.words[max(0, at - 3) : at]}
        after = {other.lower for other in text.words[at + 1 : at + 2]}
        subject = (
            {other.lower for other in text.words[max(0, at - 4) : at]}
            if "were" in before or "was" in before
            else set[str]()
        )
        yield at, not ((before | after | subject) & listed("doses", "none"))


def _of_doses(text: Analysis, at: int) -> bool:
    """Whether what was missed is a dose: `missed 1 dose`, `no doses were missed`, `lithium, missed twice`."""
    for word in text.words[at + 1 : at + 5]:
        if word.lower in listed("doses", "dose") | listed("doses", "it"):
            return True
        if word.kind == WORD and word.lower not in listed("doses", "small") | listed("doses", "none"):
            return False
        if word.kind == MARK:
            break
    before = text.words[max(0, at - 4) : at]
    if any(word.lower in listed("doses", "dose") for word in before):
        return True
    following = text.words[at + 1].kind if at + 1 < len(text.words) else MARK
    return bool(text.of(lexicons.DRUG)) and following in (MARK, NUMBER)


def _only_planned(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A change of medicine told as made that the points only think of."""
    if any(word.lower in plan_cues() for word in statement.words):
        return
    for one in statement.of(lexicons.DOSING):
        said = statement.sign_of(one.at, one.end) > 0 and is_past(statement.words[one.at].lower)
        if (
            one.concept in _DONE
            and said
            and one.concept in evidence.of(lexicons.DOSING)
            and not evidence.done(lexicons.DOSING, one.concept)
        ):
            yield Flaw("dosing_planned", Kind.MEDICATION, statement.typed(one.at, one.end))


def _change_of(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A change that the points tell of another medicine: stopped lithium, where they stopped the other one."""
    drugs = {one.concept for one in statement.of(lexicons.DRUG)}
    if len(drugs) != 1 or len(evidence.of(lexicons.DRUG)) < 2:
        return
    for one in statement.of(lexicons.DOSING):
        if one.concept not in _DONE or statement.sign_of(one.at, one.end) <= 0:
            continue
        theirs = [
            _drugs_beside(evidence, n, o)
            for n, p in enumerate(evidence.points)
            for o in p.of(lexicons.DOSING)
            if o.concept == one.concept
        ]
        if theirs and all(beside and not beside & drugs for beside in theirs):
            yield Flaw("dosing_of", Kind.MEDICATION, statement.typed(one.at, one.end))


def _drugs_beside(evidence: Evidence, number: int, one: Found) -> set[str]:
    cut = evidence.pieces[number].cut
    return {drug.concept for drug in evidence.points[number].of(lexicons.DRUG) if cut[drug.at] == cut[one.at]}


def _long_gone(statement: Analysis, evidence: Evidence, mine: Sequence[Found]) -> Iterator[Flaw]:
    """A medicine said to be taken still that the points say is gone."""
    lowers = {word.lower for word in statement.words}
    if not lowers & listed("doses", "takes") or lowers & (
        listed("doses", "gone") | listed("doses", "none") | listed("doses", "ending")
    ):
        return
    for one in mine:
        for number, point in enumerate(evidence.points):
            for other in point.of(one.family):
                if other.concept == one.concept and _piece_words(evidence, number, other) & listed("doses", "gone"):
                    yield Flaw("dosing", Kind.MEDICATION, statement.typed(one.at, one.end))
                    return


def _piece_words(evidence: Evidence, number: int, one: Found) -> set[str]:
    cut = evidence.pieces[number].cut
    return {word.lower for at, word in enumerate(evidence.points[number].words) if cut[at] == cut[one.at]}


def _of_somebody_else(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`takes Adderall` where the points have `his son's Adderall`."""
    if not statement.words or statement.words[0].lower not in _SUBJECTS:
        return
    for one in statement.of(lexicons.DRUG):
        owners = [
            _owner(point, other)
            for point in evidence.points
            for other in point.of(lexicons.DRUG)
            if other.concept == one.concept
        ]
        if (
            owners
            and all(owners)
            and not {word.lower for word in statement.words} & {owner for owner in owners if owner}
        ):
            related = {other.concept for other in statement.of(lexicons.RELATION)}
            if not related & evidence.of(lexicons.RELATION):
                yield Flaw("whose_drug", Kind.MEDICATION, statement.typed(one.at, one.end))


def _owner(point: Analysis, one: Found) -> str | None:
    before = point.words[one.at - 1] if one.at else None
    return (
        before.lower
        if before is not None and before.kind == WORD and point.text[: before.end].endswith(("'s", "\u2019s"))
        else None
    )


def _purposes(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """For cravings, where the points have it for the back."""
    for one in statement.of(lexicons.DRUG):
        wanted = _purpose(statement, one)
        if not wanted:
            continue
        theirs = [
            _purpose(point, other)
            for point in evidence.points
            for other in point.of(lexicons.DRUG)
            if other.concept == one.concept
        ]
        content = {c.at: c for c in statement.content}
        if any(theirs) and not any(at in content and evidence.places(content[at]) for at in wanted):
            yield Flaw("purpose", Kind.MEDICATION, statement.typed(wanted[0], wanted[-1] + 1))


def _purpose(text: Analysis, one: Found) -> list[int]:
    """The words after `for` or `helps` that follow a medicine in its sentence."""
    for at in range(one.end, min(len(text.words), one.end + 8)):
        word = text.words[at]
        if word.lower in (".", ";") or any(other.at == at for other in text.of(lexicons.DRUG)):
            return []
        if word.lower in ("for", "helps"):
            end = at + 1
            while end < len(text.words) and text.words[end].kind == WORD and end - at <= 5:
                end += 1
            counted = any(at < atom.at < end for atom in text.atoms)
            return (
                []
                if counted
                else [place for place in range(at + 1, end) if text.words[place].stem not in light_stems()]
            )
    return []


def _times_of_day(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """In the morning, where the points have it at bedtime."""
    theirs = {_TIMES[concept] for concept in evidence.of(lexicons.SCHEDULE) if concept in _TIMES}
    if not theirs or not statement.of(lexicons.DRUG):
        return
    for one in statement.of(lexicons.SCHEDULE):
        if one.concept in _TIMES and _TIMES[one.concept] not in theirs and evidence.of(lexicons.DRUG):
            yield Flaw("time_of_dose", Kind.MEDICATION, statement.typed(one.at, one.end))
