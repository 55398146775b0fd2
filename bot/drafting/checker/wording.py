"""Rules for the wording: quotations, what is denied, opposites, and words that no point carries."""

import itertools
from collections.abc import Iterator
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.atoms import PAIR
from bot.drafting.checker.evidence import Evidence, plain
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.words import stem_of
from bot.drafting.lexicon import table

_UNRELATED = 0.85
_GRAMMAR = frozenset({"good", "bad", "will", "do", "be", "have", "can", "other", "leav"})
_PLANNED = frozenset({"homework", "will", "assigned", "assign", "agreed", "plan", "plans", "planned"})
_TREATING = frozenset({"therapist", "clinician", "writer", "counselor", "facilitator", "provider"})
_SEEN = frozenset({"affect", "mood", "appeared", "presented", "seemed", "appears", "speech", "behavior"})


def quotations(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A quotation stands word for word in the points, or it is none."""
    for quote in statement.quotes:
        wanted = plain(quote.text)
        if len(wanted.split()) and wanted not in evidence.text and not _spelled_out(wanted, evidence):
            yield Flaw("quote", Kind.QUOTE, quote.text)


def _spelled_out(wanted: str, evidence: Evidence) -> bool:
    return any(
        wanted.strip() in " ".join(word.lower for word in point.words).replace("'", "") for point in evidence.points
    )


@cache
def _sides() -> dict[str, list[tuple[int, int]]]:
    """For each word of a pair of opposites: which pair, which side."""
    sides: dict[str, list[tuple[int, int]]] = {}
    for number, pair in enumerate(table("checker")["opposites"]):
        for side, name in ((1, "one"), (-1, "other")):
            for word in pair[name]:
                sides.setdefault(word, []).append((number, side))
                if stem_of(word) not in _GRAMMAR:
                    sides.setdefault(stem_of(word), []).append((number, side))
    return sides


def opposites(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`declined` where the points say `accepted`."""
    theirs = {side for point in evidence.points for side, _ in _turned(point)}
    mine = list(_turned(statement))
    both = {(number, -value) for (number, value), _ in mine}
    for side, at in mine:
        word = statement.words[at]
        number, value = side
        if side not in theirs and (number, -value) in theirs and word.stem not in evidence.stems and side not in both:
            yield Flaw("opposite", Kind.NEGATION, word.text)


_ENDED = frozenset(
    {"longer", "stopped", "stop", "quit", "gone", "anymore", "more", "ceased", "none", "off", "ended", "used", "over"}
)


def endings(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`no longer` where the points tell of no end."""
    for one, two in itertools.pairwise(statement.words):
        if (one.lower, two.lower) == ("no", "longer") and not evidence.lowers & _ENDED and not evidence.denies:
            yield Flaw("ended", Kind.NEGATION, two.text)


_WHOLE = frozenset(
    {
        "all",
        "both",
        "every",
        "everything",
        "entire",
        "fully",
        "completely",
        "whole",
        "throughout",
        "always",
        "total",
        "full",
    }
)
_PARTLY = frozenset(
    {
        "half",
        "partly",
        "partially",
        "some",
        "most",
        "only",
        "except",
        "missed",
        "missing",
        "skipped",
        "skipping",
        "refused",
        "once",
        "one",
        "few",
        "part",
        "incomplete",
        "unfinished",
        "other",
    }
)
_SEVERAL = frozenset({"several", "multiple", "many", "numerous"})


def amounts(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`all`, `both`, `several` where the points tell of a part, or of one."""
    counted = {at for atom in statement.atoms for at in range(atom.at, atom.end)}
    for at, word in enumerate(statement.words):
        if (
            statement.quoted(at)
            or at in counted
            or statement.typed(at, min(at + 2, len(statement.words))).lower() == "all right"
        ):
            continue
        if (at and statement.words[at - 1].lower == "at") or statement.signs[at] < 0:
            continue
        if any(a.kind == PAIR and a.figure == a.total for a in evidence.atoms):
            continue
        if word.lower in _WHOLE and not evidence.lowers & _WHOLE:
            pairs = [a for a in evidence.atoms if a.kind == PAIR and a.figure < a.total]
            yield Flaw(
                "all_of",
                Kind.PROGRESS_OVERCLAIM,
                word.text,
                1.0 if pairs or evidence.lowers & _PARTLY or evidence.denies else 0.4,
            )
        elif word.lower in _SEVERAL and not evidence.lowers & _SEVERAL:
            one = evidence.lowers & {"one", "once", "single", "1", "1st"} or any(
                a.value == (1.0,) for a in evidence.atoms
            )
            yield Flaw("several", Kind.FREQUENCY, word.text, 1.0 if one else 0.4)


def uncued(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Words that look like filling but claim a time, an order or a company (`throughout`, `independently`)."""
    cues = table("synonyms")["only_with_cue"]
    for one in statement.of(lexicons.CUED):
        if not any(f" {cue}" in evidence.text for cue in cues[one.concept]) and not evidence.has(
            statement.words[one.at : one.end]
        ):
            yield Flaw("uncued", Kind.CONTENT, statement.typed(one.at, one.end))


def _turned(text: Analysis) -> Iterator[tuple[tuple[int, int], int]]:
    for at, word in enumerate(text.words):
        if text.quoted(at):
            continue
        for number, side in set(_sides().get(word.lower) or _sides().get(word.stem, ())):
            sign = text.signs[at]
            if sign:
                yield (number, side * sign), at


def novelty(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Words that nothing in the points carries, weighed by how much they say."""
    total = sum(content.weight for content in statement.content if not content.quoted)
    carried = evidence.abbreviated(statement)
    new: list[tuple[float, Content]] = []
    for content in statement.content:
        if content.quoted:
            continue
        level, _ = evidence.match(content, carried)
        if level < 1:
            new.append((content.weight * (1 - level), content))
    if not new:
        return
    share = sum(weight for weight, _ in new) / max(total, 1.0)
    heaviest = max(new, key=lambda item: item[0])
    words = statement.typed(heaviest[1].at, heaviest[1].at + 1)
    kind = addition(statement)
    yield Flaw("novel_share", kind, words, share)
    if share >= _UNRELATED and total >= 1 and not statement.quotes and all(atom.soft for atom in statement.atoms):
        yield Flaw("unrelated", kind, words)


def addition(statement: Analysis) -> Kind:
    """What an auditor would call an addition to a statement like this."""
    lowers = {word.lower for word in statement.words}
    if "homework" in lowers or (lowers & _PLANNED and not lowers & _TREATING):
        return Kind.HOMEWORK
    if lowers & _TREATING or statement.of(lexicons.INTERVENTION):
        return Kind.INTERVENTION
    return Kind.AFFECT if lowers & _SEEN else Kind.CONTENT
