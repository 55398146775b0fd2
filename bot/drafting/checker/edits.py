"""Rules for a statement typed almost as its point is: there, the one word that differs is what to look at.

Much agreement all round makes a changed word suspect. Each finding needs words that agree on its sides, and a change
that no rewording explains: a denial that came or went, another feeling, person, amount or word of content.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.alignment import ANYONE, CLIENT, CLINICIAN, NOT
from bot.drafting.checker.analysis import Analysis, Content, light_stems
from bot.drafting.checker.changes import MOST_CHANGED, Change, changes_in
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.likeness import akin, contents, grouped, related
from bot.drafting.checker.polarity import DENIED
from bot.drafting.checker.wording import addition
from bot.drafting.checker.words import stem_of
from bot.drafting.lexicon import table

_VERBATIM = 8
_CLOSE = 5
_NEAR = 4


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Changed words in stretches that are otherwise the points' own."""
    for change in changes_in(statement, evidence):
        yield from _found(change)


def _found(change: Change) -> Iterator[Flaw]:
    """The first finding; each rule wants so many words around that are the point's own."""
    for least, rule in _rules():
        found = list(rule(change)) if change.alike >= least else []
        if found:
            yield from found
            return


@cache
def _rules() -> tuple[tuple[int, Callable[[Change], Iterator[Flaw]]], ...]:
    return (
        (2, _denial),
        (5, _person),
        (2, _figure),
        (4, _quantity),
        (4, _degree),
        (5, _pair),
        (2, _classed),
        (_VERBATIM, _content),
    )


def _freed(change: Change) -> bool:
    """`two days free of pulling` for `2 no-pull days`: a denial all the same."""
    denying = change.other if NOT in change.keys else change.one
    return any(word.lower == "free" for word in denying.text.words)


@cache
def _soft() -> frozenset[str]:
    return frozenset(stem_of(word) for word in table("edits")["denial"]["soft"])


@cache
def _affirming() -> frozenset[str]:
    return frozenset(stem_of(word) for word in table("edits")["denial"]["affirming"])


def _denial(change: Change) -> Iterator[Flaw]:
    """A denial on one side only, beside words that agree but are said in one text and denied in the other."""
    mine, theirs = change.keys, change.other_keys
    if (NOT in mine) == (NOT in theirs) or len(theirs) > MOST_CHANGED:
        return
    rest = theirs if NOT in mine else mine
    if (change.alike < _CLOSE and _doubtful(change)) or _freed(change):
        return
    if any(key in _soft() or key.startswith("un") for key in rest) or (
        NOT in change.spare and NOT in change.spare_other
    ):
        return
    if _turned(change) or (len(rest) == 1 and rest[0] in _affirming()):
        rule = "edit_denial" if change.alike >= _CLOSE else "edit_denial_part"
        yield Flaw(rule, _kind_of_denial(change), change.words)


def _doubtful(change: Change) -> bool:
    """Whether the denial is of another word, or said otherwise elsewhere: `keep the clock out` for `no clock`."""
    apart = change.gap.after and NOT not in (change.keys[-1:] + change.other_keys[-1:])
    spare = change.spare_other if NOT in change.keys else change.spare
    return bool(apart or spare & _soft())


def _turned(change: Change) -> bool:
    """Whether the agreeing word next to the change has another sign in either text."""
    gap = change.gap
    if not (gap.after or gap.before):
        return False
    at, other = (gap.end, gap.other_end) if gap.after else (gap.start - 1, gap.other_start - 1)
    mine = change.one.text.signs[change.one.places[at]]
    theirs = change.other.text.signs[change.other.places[other]]
    return mine != theirs or (mine != DENIED and change.verbatim)


def _kind_of_denial(change: Change) -> Kind:
    """A denial of a risk that came or went is about that risk."""
    denying = NOT in change.keys
    side, end = (change.one, change.gap.end) if denying else (change.other, change.gap.other_end)
    place = side.places[min(end, len(side.places) - 1)]
    risks = side.text.of(lexicons.RISK)
    common = table("checker")["everyday"]["risk"]
    risky = any(one.at <= place < one.end for one in risks) and any(
        side.text.typed(one.at, one.end).lower() not in common for one in risks
    )
    if not risky:
        return Kind.NEGATION
    return Kind.RISK_DENIAL if denying else Kind.RISK_ADDED


def _person(change: Change) -> Iterator[Flaw]:
    """The clinician where the point has the client, or the other way about."""
    roles = {CLIENT, CLINICIAN}
    mine, theirs = set(change.keys) & roles, set(change.other_keys) & (roles | {ANYONE})
    if len(mine) != 1 or len(change.keys) > 2 or len(change.other_keys) > 2 or mine & theirs:
        return
    if not change.theirs and CLINICIAN in mine and change.gap.after:
        near = change.other.keys[max(0, change.gap.other_start - _NEAR) : change.gap.other_start]
        if change.one.keys[change.gap.end] in _telling() and CLINICIAN not in near:
            yield Flaw("edit_person", Kind.ATTRIBUTION, change.words)
    elif (theirs & roles) or (CLINICIAN in mine and ANYONE in theirs):
        yield Flaw("edit_person", Kind.ATTRIBUTION, change.words)


@cache
def _telling() -> frozenset[str]:
    return frozenset(stem_of(word) for word in table("edits")["persons"]["telling"]) | {NOT}


@cache
def _against() -> frozenset[frozenset[str]]:
    pairs = [*table("edits")["against"]["pairs"]]
    pairs += [(one, other) for row in table("checker")["opposites"] for one in row["one"] for other in row["other"]]
    stems = (frozenset(stem_of(word) for word in pair) for pair in pairs)
    return frozenset(pair for pair in stems if len(pair) > 1)


def _pair(change: Change) -> Iterator[Flaw]:
    """`active` where the point has `passive`, `month` where it has `day`."""
    for key in change.keys:
        if any(frozenset((key, other)) in _against() for other in change.other_keys if key != other):
            if key in change.spare_other or set(change.other_keys) & change.spare:
                continue
            yield Flaw("edit_pair", _kind_of_pair(change, key), change.words)
            return


_TIMES = frozenset(
    stem_of(word) for word in ("day", "night", "week", "month", "year", "hour", "minute", "morning", "evening")
)


def _kind_of_pair(change: Change, key: str) -> Kind:
    if key in _TIMES:
        return Kind.FREQUENCY
    place = change.mine[-1]
    near = [one.family for one in change.one.text.found if one.at <= place + 3 and one.end > place]
    if lexicons.RISK in near:
        return Kind.RISK_ADDED
    return Kind.AFFECT if lexicons.AFFECT in _concepts(change.other.text, change.theirs) else Kind.NEGATION


_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_HALVES = re.compile(r"[^ap]")


def _figure(change: Change) -> Iterator[Flaw]:
    """Another number or weekday in the very same place."""
    mine, theirs = _figures(change.one.text, change.mine), _figures(change.other.text, change.theirs)
    if mine and theirs and not mine & theirs and not change.moved:
        dated = mine & frozenset(table("checker")["weekdays"])
        yield Flaw("edit_figure", Kind.DATE if dated else Kind.NUMBER, change.words)


def _figures(text: Analysis, places: Sequence[int]) -> frozenset[str]:
    """The numbers and days among these words; none where a fraction makes comparing doubtful."""
    found: set[str] = set()
    for at in places:
        word = text.words[at]
        if word.kind == "clock":
            found.add(":".join(_DIGITS.findall(word.lower)).removesuffix(":00") + _HALVES.sub("", word.lower)[:1])
        elif word.lower in ("half", "quarter", "one"):
            return frozenset()
        else:
            found.update(_DIGITS.findall(word.lower) or _known_figures().get(word.lower, ()))
    return frozenset(found)


@cache
def _known_figures() -> dict[str, tuple[str, ...]]:
    data = table("checker")
    numbers = {word: (f"{value:g}",) for word, value in {**data["numbers"], **data["ordinals"]}.items()}
    return numbers | {word: (day,) for day, words in data["weekdays"].items() for word in words}


@cache
def _classes(name: str) -> dict[str, str]:
    return {word: kind for kind, words in table("edits")[name].items() for word in words}


def _sorted(name: str, text: Analysis, places: Sequence[int]) -> set[str]:
    known = _classes(name)
    return {known[text.words[at].lower] for at in places if text.words[at].lower in known}


def _quantity(change: Change) -> Iterator[Flaw]:
    """`some` where the point has `most`."""
    mine = _sorted("quantity", change.one.text, change.mine)
    theirs = _sorted("quantity", change.other.text, change.theirs)
    if mine and theirs and not mine & theirs:
        yield Flaw("edit_amount", Kind.FREQUENCY, change.words)


def _degree(change: Change) -> Iterator[Flaw]:
    """`fully` where the point has `partly` or `starting to`."""
    mine = _sorted("degree", change.one.text, change.mine)
    theirs = _sorted("degree", change.other.text, change.theirs)
    if mine == {"great"} and theirs == {"small"}:
        yield Flaw("edit_degree", Kind.PROGRESS_OVERCLAIM, change.words)


_KINDS = {
    lexicons.AFFECT: Kind.AFFECT,
    lexicons.MENTAL: Kind.AFFECT,
    lexicons.INTERVENTION: Kind.INTERVENTION,
    lexicons.MODALITY: Kind.INTERVENTION,
    lexicons.RELATION: Kind.NAME_RELATION,
    lexicons.DRUG: Kind.MEDICATION,
    lexicons.DIAGNOSIS: Kind.DIAGNOSIS,
    lexicons.CHANGE: Kind.PROGRESS_OVERCLAIM,
    lexicons.GOAL: Kind.PROGRESS_OVERCLAIM,
    lexicons.COMPLETION: Kind.PROGRESS_OVERCLAIM,
}


def _classed(change: Change) -> Iterator[Flaw]:
    """A word of one vocabulary where the point has another of the same: `angry` for `sad`."""
    if max(len(change.mine), len(change.theirs)) > 2:
        return
    mine = _concepts(change.one.text, change.mine)
    theirs = _concepts(change.other.text, change.theirs)
    if any(related(family, names, theirs.get(family, frozenset())) for family, names in mine.items()):
        return
    for family, kind in _KINDS.items():
        ours, others = mine.get(family, frozenset()), theirs.get(family, frozenset())
        if ours and others and not _allowed(change, family):
            if family == lexicons.CHANGE and not _higher(ours, others):
                continue
            yield Flaw("edit_class", kind, change.words)
            return


def _allowed(change: Change, family: str) -> bool:
    """Whether the two words may still mean one thing, or the points have both."""
    mine, theirs = contents(change.one.text, change.mine), contents(change.other.text, change.theirs)
    if change.moved or any(grouped(one, other) for one in mine for other in theirs):
        return True
    kept = {other.stem for other in theirs}
    elsewhere = any(one.stem in change.evidence.stems for one in mine if one.stem not in kept)
    return family == lexicons.INTERVENTION and elsewhere


def _concepts(text: Analysis, places: Sequence[int]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in text.found:
        common = text.typed(one.at, one.end).lower() in _everyday(one.family)
        if not common and any(one.at <= at < one.end for at in places):
            found.setdefault(one.family, set()).add(one.concept)
    return {family: frozenset(names) for family, names in found.items()}


@cache
def _everyday(family: str) -> frozenset[str]:
    return frozenset(table("checker")["everyday"].get(family, ()) if family == lexicons.INTERVENTION else ())


def _higher(ours: frozenset[str], others: frozenset[str]) -> bool:
    ranks = table("progress")["change"]
    return max(ranks[name]["rank"] for name in ours) > max(ranks[name]["rank"] for name in others)


def _content(change: Change) -> Iterator[Flaw]:
    """A word of content in place of another that nothing in the points carries or comes near."""
    if change.moved or NOT in change.keys + change.other_keys:
        return
    if len(change.theirs) > 2 or len(change.mine) > 2:
        return
    mine = [c for c in contents(change.one.text, change.mine) if c.stem not in light_stems()]
    theirs = [c for c in contents(change.other.text, change.theirs) if c.stem not in light_stems()]
    if not mine and theirs and change.verbatim and len(change.mine) == 1 and all(_known(content) for content in theirs):
        mine = [content for content in contents(change.one.text, change.mine) if _known(content)]
    if not _new(change, mine, theirs) or not (theirs or _claims(change, mine)):
        return
    rule = "edit_content_part"
    if change.whole:
        rule = "edit_content" if any(map(_known, mine)) and any(map(_known, theirs)) else "edit_content_new"
    yield Flaw(rule, _kind(change, mine), change.words)


def _known(content: Content) -> bool:
    """Whether the lists say what else a word may be called: then two unlike words are two things."""
    return any(family == lexicons.SYNONYM or family in _KINDS for family, _ in content.concepts)


def _claims(change: Change, mine: Sequence[Content]) -> bool:
    """Whether a word of a vocabulary took the place of one that says little: `role-played` for `reviewed`."""
    theirs = contents(change.other.text, change.theirs)
    if not theirs or not change.complete or any(akin(one, other) for one in mine for other in theirs):
        return False
    known = any(family == lexicons.SYNONYM for content in theirs for family, _ in content.concepts)
    return any(family in _KINDS or (known and family == lexicons.SYNONYM) for c in mine for family, _ in c.concepts)


def _new(change: Change, mine: Sequence[Content], theirs: Sequence[Content]) -> bool:
    """Whether one of these words is in no other point either; where all else is the point's own, not in its place."""
    kept = {one.stem for one in mine} & {other.stem for other in theirs}
    mine, theirs = ([c for c in words if c.stem not in kept] for words in (mine, theirs))
    if not mine or any(akin(one, other) for one in mine for other in theirs):
        return False
    carried = change.evidence.abbreviated(change.one.text)
    if change.verbatim and len(mine) == len(theirs) == 1:
        return mine[0].at not in carried
    return any(not change.evidence.match(content, carried)[0] for content in mine)


def _kind(change: Change, mine: Sequence[Content]) -> Kind:
    families = [family for content in mine for family, _ in content.concepts]
    named = next((_KINDS[family] for family in families if family in _KINDS), None)
    return named or addition(change.one.text)
