"""Rules for a statement typed almost as its point is: there, the one word that differs is what to look at.

Much agreement all round makes a changed word suspect. Each finding needs words that agree on its sides, and a change
that no rewording explains: a denial that came or went, another feeling, person, amount or word of content.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.alignment import ANYONE, CLIENT, CLINICIAN, NOT, Gap, Reading, company, gaps, joined, matched, overlap, reading_of
from bot.drafting.checker.analysis import Analysis, Content, light_stems
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.polarity import DENIED, sentences_of
from bot.drafting.checker.words import similar, stem_of
from bot.drafting.checker.wording import addition
from bot.drafting.lexicon import table

_WHOLE_SHARED = 0.75
_LEAST_SHARED = 0.6
_MOST_CHANGED = 3
_COMPANY = 5
_VERBATIM = 8
_ENDS = 10
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One place where statement and point part. `mine` and `theirs` are places in the two texts."""

    evidence: Evidence
    one: Reading
    other: Reading
    gap: Gap
    mine: tuple[int, ...]
    theirs: tuple[int, ...]
    spare: frozenset[str]
    spare_other: frozenset[str]
    alike: int
    whole: bool

    @property
    def keys(self) -> tuple[str, ...]:
        return self.one.keys[self.gap.start : self.gap.end]

    @property
    def other_keys(self) -> tuple[str, ...]:
        return self.other.keys[self.gap.other_start : self.gap.other_end]

    @property
    def words(self) -> str:
        """The changed words as the statement has them; where it has none, the word that follows or precedes."""
        if self.mine:
            return self.one.text.typed(self.mine[0], self.mine[-1] + 1)
        near = self.gap.start if self.gap.start < len(self.one.places) else self.gap.start - 1
        return self.one.text.typed(self.one.places[near], self.one.places[near] + 1)


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Changed words in stretches that are otherwise the points' own."""
    if not evidence.points:
        return
    whole = reading_of(statement)
    found = _nearest(whole, evidence, _WHOLE_SHARED)
    if found is not None:
        yield from _unit(whole, found, evidence)
        return
    for start, end in _sentences(statement):
        one = reading_of(statement, start, end)
        found = _nearest(one, evidence, _LEAST_SHARED)
        if found is not None:
            yield from _unit(one, found, evidence)


def _sentences(statement: Analysis) -> Iterator[tuple[int, int]]:
    numbers = sentences_of(statement.words)
    start = 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[start]:
            yield start, end
            start = end


def _nearest(one: Reading, evidence: Evidence, least: float) -> Reading | None:
    """The point that has most of these words, if it has enough of them."""
    shares = [overlap(one, other) for other in evidence.readings] if len(one.keys) > 1 else []
    best = max(shares, default=0.0)
    return evidence.readings[shares.index(best)] if best >= least else None


def _unit(one: Reading, other: Reading, evidence: Evidence) -> Iterator[Flaw]:
    for change in _changes(one, other, evidence):
        yield from _found(change)


def _changes(one: Reading, other: Reading, evidence: Evidence) -> Iterator[Change]:
    blocks = matched(one, other)
    parted = list(joined(list(gaps(one, other, blocks))))
    used = {at for block in blocks for at in range(block[1], block[1] + block[2])}
    spare_other = frozenset(key for at, key in enumerate(other.keys) if at not in used)
    whole = len(used) >= _WHOLE_SHARED * (len(other.keys) - 1)
    spare = frozenset(key for gap in parted for key in one.keys[gap.start : gap.end])
    for gap in parted:
        mine = one.places[gap.start : gap.end]
        theirs = other.places[gap.other_start : gap.other_end]
        same, first, last = company(one, other, gap)
        alike = same + _ENDS * (first and last and same >= 2)
        if alike < _COMPANY or len(mine) > _MOST_CHANGED or _parted(one.text, mine) or _parted(other.text, theirs):
            continue
        yield Change(evidence, one, other, gap, mine, theirs, spare, spare_other, alike, whole)


_STOPS = frozenset({".", ";", "!", "?", "--", "\u2014", "(", ")", ":"})


def _parted(text: Analysis, places: Sequence[int]) -> bool:
    """Whether the changed words run over a stop, or stand in a quotation."""
    return bool(places) and (
        text.quoted(places[0]) or any(text.words[at].lower in _STOPS for at in range(places[0], places[-1]))
    )


def _found(change: Change) -> Iterator[Flaw]:
    for rule in (_denial, _person, _figure, _quantity, _degree, _pair, _classed, _content):
        found = list(rule(change))
        if found:
            yield from found
            return


@cache
def _soft() -> frozenset[str]:
    return frozenset(stem_of(word) for word in table("edits")["denial"]["soft"])


@cache
def _affirming() -> frozenset[str]:
    return frozenset(stem_of(word) for word in table("edits")["denial"]["affirming"])


def _denial(change: Change) -> Iterator[Flaw]:
    """A denial on one side only, beside words that agree but are said in one text and denied in the other."""
    mine, theirs = change.keys, change.other_keys
    if (NOT in mine) == (NOT in theirs) or len(theirs) > _MOST_CHANGED:
        return
    rest = theirs if NOT in mine else mine
    if any(key in _soft() for key in rest) or (NOT in change.spare and NOT in change.spare_other):
        return
    if _turned(change) or (len(rest) == 1 and rest[0] in _affirming()):
        yield Flaw("edit_denial", Kind.NEGATION, change.words)


def _turned(change: Change) -> bool:
    """Whether the agreeing word next to the change has another sign in either text."""
    gap = change.gap
    pairs = [(gap.end, gap.other_end)] if gap.after else []
    if not gap.after and gap.before:
        pairs = [(gap.start - 1, gap.other_start - 1)]
    for at, other in pairs:
        mine, theirs = change.one.text.signs[change.one.places[at]], change.other.text.signs[change.other.places[other]]
        verbatim = change.whole and change.alike > _ENDS
        if mine == theirs and (mine == DENIED or not verbatim):
            return False
    return bool(pairs)


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


_TIMES = frozenset(stem_of(word) for word in ("day", "night", "week", "month", "year", "hour", "minute", "morning", "evening"))


def _kind_of_pair(change: Change, key: str) -> Kind:
    if key in _TIMES:
        return Kind.FREQUENCY
    place = change.mine[-1]
    risky = any(one.family == lexicons.RISK and one.at <= place + 3 and one.end >= place for one in change.one.text.found)
    return Kind.RISK_ADDED if risky else Kind.NEGATION


_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_HALVES = re.compile(r"[^ap]")


def _figure(change: Change) -> Iterator[Flaw]:
    """Another number or weekday in the very same place."""
    mine, theirs = _figures(change.one.text, change.mine), _figures(change.other.text, change.theirs)
    if mine and theirs and not mine & theirs and not _moved(change):
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


def _contents(text: Analysis, places: Sequence[int]) -> list[Content]:
    return [content for content in text.content if content.at in places]


def _classed(change: Change) -> Iterator[Flaw]:
    """A word of one vocabulary where the point has another of the same: `angry` for `sad`."""
    if max(len(change.mine), len(change.theirs)) > 2:
        return
    mine = _concepts(change.one.text, change.mine)
    theirs = _concepts(change.other.text, change.theirs)
    for family, kind in _KINDS.items():
        ours, others = mine.get(family, frozenset()), theirs.get(family, frozenset())
        if ours and others and not _related(family, ours, others) and not _allowed(change, family):
            if family == lexicons.CHANGE and not _higher(ours, others):
                continue
            yield Flaw("edit_class", kind, change.words)
            return


def _allowed(change: Change, family: str) -> bool:
    """Whether the two words may still mean one thing, or the points have both."""
    mine, theirs = _contents(change.one.text, change.mine), _contents(change.other.text, change.theirs)
    if _moved(change) or any(_grouped(one, other) for one in mine for other in theirs):
        return True
    return family == lexicons.INTERVENTION and any(content.stem in change.evidence.stems for content in mine)


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


@cache
def _near(family: str) -> frozenset[frozenset[str]]:
    files = {lexicons.AFFECT: "affect", lexicons.INTERVENTION: "interventions"}
    pairs = table(files[family])["near"]["pairs"] if family in files else ()
    return frozenset(frozenset(pair) for pair in pairs)


def _related(family: str, ours: frozenset[str], others: frozenset[str]) -> bool:
    above = lexicons.wider(family) if family in (lexicons.RELATION, lexicons.DIAGNOSIS, lexicons.INTERVENTION) else {}
    for one in ours:
        for other in others:
            if one == other or one in above.get(other, ()) or other in above.get(one, ()):
                return True
            if frozenset((one, other)) in _near(family):
                return True
    return False


def _higher(ours: frozenset[str], others: frozenset[str]) -> bool:
    ranks = table("progress")["change"]
    return max(ranks[name]["rank"] for name in ours) > max(ranks[name]["rank"] for name in others)


def _moved(change: Change) -> bool:
    """Whether a changed word stands elsewhere among what the other text has to spare."""
    return bool(set(change.keys) & change.spare_other) or bool(set(change.other_keys) & change.spare)


def _content(change: Change) -> Iterator[Flaw]:
    """A word of content in place of another that nothing in the points carries or comes near."""
    if _moved(change) or len(change.other_keys) > _MOST_CHANGED:
        return
    if change.alike < _VERBATIM or len(change.theirs) > 2 or len(change.mine) > 2:
        return
    mine = [c for c in _contents(change.one.text, change.mine) if c.stem not in light_stems()]
    theirs = [c for c in _contents(change.other.text, change.theirs) if c.stem not in light_stems()]
    if not _new(change, mine, theirs) or not (theirs or _claims(change, mine)):
        return
    yield Flaw("edit_content" if change.whole else "edit_content_part", _kind(change, mine), change.words)


def _claims(change: Change, mine: Sequence[Content]) -> bool:
    """Whether a word of a vocabulary took the place of one that says little: `role-played` for `reviewed`."""
    theirs = _contents(change.other.text, change.theirs)
    if not theirs or change.alike <= _ENDS or any(_akin(one, other) for one in mine for other in theirs):
        return False
    known = any(family == lexicons.SYNONYM for content in theirs for family, _ in content.concepts)
    return any(family in _KINDS or (known and family == lexicons.SYNONYM) for c in mine for family, _ in c.concepts)


def _new(change: Change, mine: Sequence[Content], theirs: Sequence[Content]) -> bool:
    """Whether one of these words is in no other point either; where all else is the point's own, not in its place."""
    kept = {one.stem for one in mine} & {other.stem for other in theirs}
    mine, theirs = ([c for c in words if c.stem not in kept] for words in (mine, theirs))
    if not mine or any(_akin(one, other) for one in mine for other in theirs):
        return False
    carried = change.evidence.abbreviated(change.one.text)
    if change.whole and change.alike > _ENDS and len(mine) == len(theirs) == 1:
        return mine[0].at not in carried
    return any(not change.evidence.match(content, carried)[0] for content in mine)


def _akin(one: Content, other: Content) -> bool:
    """Whether two words say about the same."""
    if one.root == other.root or similar(one.stem, other.stem) or _grouped(one, other):
        return True
    return any(
        family == kind and _related(family, frozenset({name}), frozenset({concept}))
        for family, name in one.concepts
        for kind, concept in other.concepts
    )


def _grouped(one: Content, other: Content) -> bool:
    return bool(_groups().get(one.stem, frozenset()) & _groups().get(other.stem, frozenset()))


@cache
def _groups() -> dict[str, frozenset[int]]:
    """For each word that may stand for others, the lists it is in."""
    found: dict[str, frozenset[int]] = {}
    for number, words in enumerate(table("edits")["alike"]["groups"]):
        for word in words:
            found[stem_of(word)] = found.get(stem_of(word), frozenset()) | {number}
    return found


def _kind(change: Change, mine: Sequence[Content]) -> Kind:
    families = [family for content in mine for family, _ in content.concepts]
    named = next((_KINDS[family] for family in families if family in _KINDS), None)
    return named or addition(change.one.text)
