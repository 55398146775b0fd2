"""Rules for risk. A denial needs a denial of the very thing: silence, `not asked` and a neighbour's denial are none."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.words import MARK
from bot.drafting.lexicon import table

SAID, DENIED, UNASKED = "said", "denied", "unasked"

# Everything else in risk.toml is care or context, and compared like any other content.
_CLAIMS = frozenset(
    {"suicidal_ideation", "passive_ideation", "active_ideation", "suicide_plan", "suicide_intent", "preparation",
     "suicide_attempt", "overdose", "self_harm", "self_directed_risk", "homicidal_ideation", "other_directed_risk",
     "threats", "aggression", "means", "hallucinations", "delusions", "psychosis", "child_abuse", "sexual_abuse",
     "abuse", "neglect", "elder_abuse", "partner_violence", "eating_risk", "runaway", "perinatal_risk", "reckless",
     "safety", "mania_risk"}
)  # fmt: skip
_LAST = frozenset({"none", "no", "neg", "negative", "denied", "denies", "absent", "nil", "negó", "niega", "0"})
_EVER = frozenset({"never", "ever", "lifetime", "history", "hx", "experienced"})
_BEFORE = frozenset({"prior", "previous", "past", "previously"})
_ENDS = frozenset({",", ";", "."})


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says of one risk. `ever`: of the whole life; `earlier`: of the last contact, not of today."""

    concept: str
    status: str
    at: int
    end: int
    ever: bool
    before: bool
    earlier: bool
    quoted: bool


def claims_of(text: Analysis) -> list[Claim]:
    """Every risk a text speaks of. A joint expression (`SI/HI`) is one claim for each of its parts."""
    concepts = table("risk")["concepts"]
    claims: list[Claim] = []
    for one in text.of(lexicons.RISK):
        typed = text.typed(one.at, one.end).lower()
        if typed in _everyday() and not _suicidal_clause(text, one.at):
            continue
        parts = concepts[one.concept].get("covers") or (one.concept,)
        status = _status(text, one.at, one.end)
        clause = text.clauses[one.at]
        near = {word.lower for at, word in enumerate(text.words) if text.clauses[at] == clause}
        earlier = (
            any(found.family == lexicons.EARLIER for found in text.found)
            or ("time" in near and "that" in near)
            or _last_answer(text, one.at)
        )
        for part in parts:
            if part in _CLAIMS:
                claims.append(
                    Claim(
                        part,
                        status,
                        one.at,
                        one.end,
                        bool(near & _EVER),
                        bool(near & (_EVER | _BEFORE)),
                        earlier,
                        text.quoted(one.at),
                    )
                )
    return claims


def _last_answer(text: Analysis, at: int) -> bool:
    """`last denied SI on …`: an answer of an earlier day."""
    before = [word.lower for word in text.words[max(0, at - 3) : at]]
    return "last" in before


def _everyday() -> frozenset[str]:
    return frozenset(table("checker")["everyday"]["risk"])


def _suicidal_clause(text: Analysis, at: int) -> bool:
    """Whether a sentence about suicide or harm gives `plan` or `means` its dark meaning."""
    dark = {
        "suicidal_ideation",
        "passive_ideation",
        "active_ideation",
        "suicide_intent",
        "homicidal_ideation",
        "self_harm",
    }
    return any(
        one.concept in dark and text.clauses[one.at] == text.clauses[at] and one.at != at
        for one in text.of(lexicons.RISK)
    )


def _not_minded(text: Analysis, at: int) -> bool:
    """`would not mind not waking up`: the wish is there, whatever else is denied."""
    start = next((place + 1 for place in range(at - 1, -1, -1) if text.words[place].kind == MARK), 0)
    lowers = [word.lower for word in text.words[max(start, at - 4) : at + 1]]
    if "mind" not in lowers:
        return False
    before = lowers[: lowers.index("mind")]
    return any(word in _NOT_ASKING or word.endswith(("n't", "dnt")) for word in before)


def _status(text: Analysis, at: int, end: int) -> str:
    if _not_minded(text, at):
        return SAID
    segment = _segment(text, at)
    asked = [one for one in text.of(lexicons.UNASKED) if one.at in segment]
    if not asked:
        whole = [one for one in text.of(lexicons.UNASKED) if text.clauses[one.at] == text.clauses[at]]
        elsewhere = any(text.signs[place] == -1 for place in range(at, end))
        asked = [] if elsewhere else whole
    if asked or _neither_asked(text, segment) or _nothing_on(text, segment):
        return UNASKED
    if any(text.signs[place] == -1 for place in range(at, end)):
        return DENIED
    after = [text.words[place] for place in segment if place >= end]
    first = next(
        (
            word
            for word in after
            if word.kind != MARK and word.lower not in ("is", "was", "were", "are", "ideation", "thoughts")
        ),
        None,
    )
    if first and (
        first.lower in _LAST or (first.lower in ("not", "nope") and text.words[end].lower in (":", "-", "\u2013"))
    ):
        return DENIED
    if _asked_and_denied(text, at, end):
        return DENIED
    return SAID


def _nothing_on(text: Analysis, segment: range) -> bool:
    """`nothing re HI`, `did not get to ideation`: silence, not an answer."""
    lowers = [text.words[place].lower for place in segment]
    pairs = list(itertools.pairwise(lowers))
    silent = any(one == "nothing" and other in ("re", "regarding", "on", "about", "regard") for one, other in pairs)
    return silent or (
        any(pair == ("get", "to") for pair in pairs) and bool({"not", "didn't", "didnt", "never"} & set(lowers))
    )


_ASKING = frozenset(
    {
        "ask",
        "inquir",
        "assess",
        "screen",
        "rais",
        "address",
        "explor",
        "record",
        "document",
        "evaluat",
        "cover",
        "discus",
        "query",
    }
)
_NOT_ASKING = frozenset({"not", "never", "neither", "nor", "nothing", "didn't", "didnt", "wasn't", "wasnt", "weren't"})
_ASKED = frozenset(
    {"asked", "screened", "assessed", "inquired", "checked", "queried", "whether", "if", "re", "regarding"}
)
_ANSWERS = frozenset({"no", "none", "not", "denied", "denies", "never", "negative", "nothing", "neg"})


def _asked_and_denied(text: Analysis, at: int, end: int) -> bool:
    """`asked directly about suicide and he said no thoughts`."""
    before = {word.lower for word in text.words[max(0, at - 5) : at]}
    if not before & _ASKED:
        return False
    stop = next((p for p in range(end, len(text.words)) if text.words[p].lower in (".", ";")), len(text.words))
    return any(word.lower in _ANSWERS for word in text.words[end:stop])


def _neither_asked(text: Analysis, segment: range) -> bool:
    for place in segment:
        if text.words[place].stem in _ASKING:
            before = {word.lower for word in text.words[max(segment.start, place - 2) : place]}
            if before & _NOT_ASKING:
                return True
    return False


def _segment(text: Analysis, at: int) -> range:
    """The stretch between commas and full stops around a word; a dash or colon does not end it (`SI - denied`)."""
    start = at
    while start > 0 and text.words[start - 1].lower not in _ENDS:
        start -= 1
    end = at
    while end < len(text.words) and text.words[end].lower not in _ENDS:
        end += 1
    return range(start, end)


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Risk denied without a denial, or said without a word of it in the points."""
    theirs = [claim for point in evidence.points for claim in claims_of(point)]
    mine = claims_of(statement)
    for claim in mine:
        words = statement.typed(claim.at, claim.end)
        if claim.status == DENIED:
            yield from _denial(claim, theirs, words, statement, evidence)
        elif claim.status == SAID and not claim.quoted and not _only_asked(statement, claim):
            yield from _presence(claim, theirs, words, statement, evidence)
        elif claim.status == UNASKED and not any(other.status == UNASKED for other in theirs):
            yield Flaw("risk_unasked", Kind.NEGATION, words, 0.8)


def _only_asked(statement: Analysis, claim: Claim) -> bool:
    """`suicidality was assessed`: what was done about it, not that it was there."""
    after = {word.lower for word in statement.words[claim.end : claim.end + 4]}
    return bool(after & {"assessed", "screened", "asked", "addressed", "raised", "reviewed", "explored", "inquired"})


def _denial(
    claim: Claim, theirs: Sequence[Claim], words: str, statement: Analysis, evidence: Evidence
) -> Iterator[Flaw]:
    denials = [other for other in theirs if other.status == DENIED and _covers(other, claim)]
    silent = [other.concept for other in theirs if other.status == UNASKED]
    said = [other.concept for other in theirs if other.status == SAID]
    unasked_today = "safety" in silent and not claim.earlier and all(other.earlier for other in denials)
    told = bool(_IDEATION & set(said)) and claim.concept in _IDEATION
    if not denials and claim.concept not in silent and not told and _denied_in_other_words(claim, statement, evidence):
        yield Flaw("risk_reworded", Kind.RISK_DENIAL, words)
    elif not denials and not unasked_today and claim.concept in said and claim.concept not in _SUICIDE_OR_HARM:
        yield Flaw("risk_denial", Kind.NEGATION, words, 1.0, certain=True)
    elif not denials or unasked_today or _goes_too_far(claim, denials, said, statement):
        yield Flaw("risk_denial", Kind.RISK_DENIAL, words, 1.0, certain=True)
    elif claim.concept in ("means", "self_harm") and claim.concept in said:
        yield Flaw("risk_mixed", Kind.RISK_DENIAL, words)


def _goes_too_far(claim: Claim, denials: Sequence[Claim], said: Sequence[str], statement: Analysis) -> bool:
    """A denial for the whole life, for today, or of any such thing, where the points hold a narrower one."""
    if claim.ever and not any(other.before for other in denials):
        return True
    if all(other.earlier for other in denials) and not claim.earlier and _now(statement):
        return True
    anything = {word.lower for word in statement.words} & {"any", "all"}
    return bool(anything) and any(claim.concept in _above(concept) for concept in said)


def _denied_in_other_words(claim: Claim, statement: Analysis, evidence: Evidence) -> bool:
    """Whether the points deny the same thing in words no list holds: its weightiest words are there, and denied."""
    own = [content for content in statement.content if claim.at <= content.at < claim.end]
    object_ = [
        content for content in statement.content if claim.end <= content.at < claim.end + 3 and content.sign == -1
    ]
    telling = [content for content in (*own, *object_) if content.weight > 0.3] or own
    return bool(telling) and all(-1 in evidence.match(content)[1] for content in telling)


_IDEATION = frozenset({"suicidal_ideation", "passive_ideation", "active_ideation"})
_SUICIDE_OR_HARM = frozenset(
    {
        "suicidal_ideation",
        "passive_ideation",
        "active_ideation",
        "self_harm",
        "homicidal_ideation",
        "suicide_plan",
        "suicide_intent",
        "aggression",
        "means",
    }
)


def _now(statement: Analysis) -> bool:
    return bool({word.lower for word in statement.words} & {"today", "currently", "current", "now", "denied", "denies"})


def _above(concept: str) -> frozenset[str]:
    return lexicons.wider(lexicons.RISK).get(concept, frozenset({concept}))


def _covers(other: Claim, claim: Claim) -> bool:
    """Whether a denial of the one is a denial of the other: of the same, or of something wider."""
    return other.concept in _above(claim.concept)


def _presence(
    claim: Claim, theirs: Sequence[Claim], words: str, statement: Analysis, evidence: Evidence
) -> Iterator[Flaw]:
    said = [other for other in theirs if other.status == SAID and claim.concept in _above(other.concept)]
    if said:
        return
    if any(other.status in (DENIED, UNASKED) and other.concept == claim.concept for other in theirs):
        yield Flaw("risk_added", Kind.RISK_ADDED, words, 1.0)
    elif not evidence.has(statement.words[claim.at : claim.end]):
        yield Flaw("risk_added", Kind.RISK_ADDED, words, 0.8)
