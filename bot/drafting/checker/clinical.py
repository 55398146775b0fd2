"""Rules for the clinical vocabularies: medication, diagnosis, intervention, affect, progress."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, light_stems, weight_of
from bot.drafting.checker.atoms import COUNT
from bot.drafting.checker.evidence import Evidence, plain
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import Found
from bot.drafting.checker.planned import plan_cues
from bot.drafting.checker.scores import changes_of
from bot.drafting.checker.words import is_past
from bot.drafting.lexicon import table

# The endings of generic names, for those no list holds.
_DRUG_ENDING = re.compile(
    r"^\w{2,}(?:azepam|azolam|pril|olol|statin|mycin|cillin|oxetine|peridone|apine|triptan|sartan|pressin|profen|gliptin"
    r"|setron|barbital|codone|morphone|methasone|nisone|zodone|faxine|pramine|triptyline|trigine|azine|racetam)$"
)
_STATED = frozenset({"diagnosed", "diagnosed with", "diagnosis of", "meets criteria", "meets criteria for"})
_NAMES_IT = 0.9
_NAMED_COMPLAINTS = frozenset({"depression", "anxiety", "grief", "insomnia", "trauma", "psychosis", "addiction"})
_CLEAR = frozenset({"increased", "decreased", "stopped", "started", "switched", "restarted"})


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    yield from _medication(statement, evidence)
    yield from _diagnosis(statement, evidence)
    yield from _intervention(statement, evidence)
    yield from _affect(statement, evidence)
    yield from _progress(statement, evidence)


def _everyday(family: str) -> frozenset[str]:
    return frozenset(table("checker")["everyday"][family])


def _literally(statement: Analysis, one: Found, evidence: Evidence) -> bool:
    """Whether the very words stand in the points, whatever else they may mean."""
    return evidence.has(statement.words[one.at : one.end])


@cache
def _classes() -> dict[str, str]:
    return {name: row["class"] for name, row in table("medications")["drugs"].items()}


def _medication(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    classes = _classes()
    theirs = evidence.of(lexicons.DRUG)
    theirs_classes = {*evidence.of(lexicons.DRUG_CLASS), *(classes[name] for name in theirs)}
    mine = statement.of(lexicons.DRUG)
    for one in mine:
        if one.concept not in theirs and not _literally(statement, one, evidence):
            yield Flaw("drug", Kind.MEDICATION, statement.typed(one.at, one.end), 1.0, certain=True)
    for one in statement.of(lexicons.DRUG_CLASS):
        if one.concept not in theirs_classes and not _literally(statement, one, evidence):
            yield Flaw("drug_class", Kind.MEDICATION, statement.typed(one.at, one.end), 1.0, certain=True)
    for at, word in enumerate(statement.words):
        if (
            _DRUG_ENDING.search(word.lower)
            and not any(one.at <= at < one.end for one in mine)
            and weight_of(word.stem) >= 1
            and not evidence.has([word])
        ):
            yield Flaw("drug", Kind.MEDICATION, word.text, 1.0, certain=True)
    any_drug = bool(theirs or theirs_classes or evidence.of(lexicons.MEDICATION))
    for one in statement.of(lexicons.MEDICATION):
        if not any_drug and not _literally(statement, one, evidence):
            yield Flaw("medication", Kind.MEDICATION, statement.typed(one.at, one.end))
    if mine or statement.of(lexicons.DRUG_CLASS, lexicons.MEDICATION):
        yield from _directions(statement, evidence)


def _directions(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    theirs = evidence.of(lexicons.DOSING) | {
        "increased" if later > earlier else "decreased"
        for point in evidence.points
        for (later, earlier), _ in changes_of(point)
    }
    clauses = {
        statement.clauses[one.at] for one in statement.of(lexicons.DRUG, lexicons.DRUG_CLASS, lexicons.MEDICATION)
    }
    for one in statement.of(lexicons.DOSING):
        if one.concept not in _CLEAR or statement.clauses[one.at] not in clauses:
            continue
        if one.concept in theirs:
            if _only_thought_of(statement, one, evidence):
                yield Flaw("dosing", Kind.MEDICATION, statement.typed(one.at, one.end), 1.0, certain=True)
            continue
        if not _literally(statement, one, evidence):
            words = statement.typed(one.at, one.end).lower()
            brought_up = words in ("raise", "raising", "raised") and not _has_dose(statement)
            if statement.sign_of(one.at, one.end) < 0 or brought_up:
                continue
            near = any(abs(one.at - drug.at) <= 6 for drug in statement.of(lexicons.DRUG, lexicons.DRUG_CLASS))
            yield Flaw(
                "dosing",
                Kind.MEDICATION,
                statement.typed(one.at, one.end),
                1.0 if theirs else 0.7,
                near and words not in ("raise", "raising"),
            )
    yield from _still_taken(statement, evidence, theirs)
    for one in statement.of(lexicons.SCHEDULE):
        if one.concept == "as_needed" and one.concept not in evidence.of(lexicons.SCHEDULE):
            yield Flaw("schedule", Kind.MEDICATION, statement.typed(one.at, one.end))


def _has_dose(text: Analysis) -> bool:
    return any(atom.kind == COUNT and atom.unit in ("", "mg", "mcg") for atom in text.atoms)


def _diagnosis(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A diagnosis nobody charted, a claim of criteria nobody made, another severity or course."""
    theirs = evidence.of(lexicons.DIAGNOSIS)
    mine = [one for one in statement.of(lexicons.DIAGNOSIS) if not statement.quoted(one.at)]
    for one in mine:
        if one.concept not in theirs and not _charted(statement, one, evidence):
            yield Flaw("diagnosis", Kind.DIAGNOSIS, statement.typed(one.at, one.end), 1.0, certain=True)
    if statement.of(lexicons.ASSERTION):
        for one in statement.of(lexicons.COMPLAINT):
            named = statement.typed(one.at, one.end).lower() in _NAMED_COMPLAINTS
            if (
                named
                and one.concept not in evidence.of(lexicons.COMPLAINT)
                and not _literally(statement, one, evidence)
                and not _within(one, mine)
            ):
                yield Flaw("diagnosis", Kind.DIAGNOSIS, statement.typed(one.at, one.end))
    said = plain(statement.text)
    complaints = [statement.typed(one.at, one.end).lower() for one in statement.of(lexicons.COMPLAINT)]
    named = bool(mine) or any(complaint in _NAMED_COMPLAINTS for complaint in complaints)
    claim = next((p for p in _diagnosing() if f" {p} " in said and (named or not p.endswith(" for"))), None)
    if claim and ("not been diagnosed" in said or f" no {claim} " in said):
        claim = None
    stated = any(statement.typed(one.at, one.end).lower() in _STATED for one in statement.of(lexicons.ASSERTION))
    for content in statement.content if stated else ():
        known = content.quoted or content.sign < 0 or evidence.match(content)[0]
        if content.weight >= _NAMES_IT and not known:
            yield Flaw("claimed", Kind.DIAGNOSIS, statement.typed(content.at, content.at + 1), 0.8)
    if claim and not evidence.text_has(_diagnosing()) and not evidence.of(lexicons.ASSERTION):
        sure = (named or claim in ("meets criteria", "diagnosed")) and "criteria" not in evidence.lowers
        yield Flaw("claimed", Kind.DIAGNOSIS, claim, 1.0, certain=sure)
    if mine or statement.of(lexicons.ASSERTION):
        for one in statement.of(lexicons.QUALIFIER):
            if one.concept not in evidence.of(lexicons.QUALIFIER) and not _literally(statement, one, evidence):
                yield Flaw("qualifier", Kind.DIAGNOSIS, statement.typed(one.at, one.end))
        if (
            "rule_out" in evidence.of(lexicons.QUALIFIER)
            and mine
            and "rule_out" not in {q.concept for q in statement.of(lexicons.QUALIFIER)}
        ):
            yield from (Flaw("rule_out", Kind.DIAGNOSIS, statement.typed(one.at, one.end), 1.0) for one in mine[-1:])


def _within(one: Found, others: Sequence[Found]) -> bool:
    return any(other.at <= one.at and one.end <= other.end for other in others)


def _charted(statement: Analysis, one: Found, evidence: Evidence) -> bool:
    """Whether the points name it in other words; `panic` or `depression` alone is a complaint, no diagnosis."""
    if not _literally(statement, one, evidence):
        return False
    telling = [at for at in range(one.at, one.end) if statement.words[at].stem not in light_stems()]
    complaint = {at for other in statement.of(lexicons.COMPLAINT) for at in range(other.at, other.end)}
    return not (telling and complaint.issuperset(telling)) or bool(evidence.lowers & {"disorder", "syndrome"})


@cache
def _diagnosing() -> frozenset[str]:
    return frozenset(table("checker")["diagnosing"]["words"])


@cache
def _parents() -> dict[str, frozenset[str]]:
    return {name: frozenset(row["parents"]) for name, row in table("interventions")["interventions"].items()}


@cache
def _common() -> frozenset[str]:
    return frozenset(table("interventions")["words_too"]["words"])


def _intervention(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A technique or a method the points do not name."""
    theirs = evidence.of(lexicons.INTERVENTION)
    near = {other for name in theirs for other in _near("interventions", name)}
    for one in statement.of(lexicons.INTERVENTION):
        words = statement.typed(one.at, one.end)
        if statement.quoted(one.at) or one.concept in theirs or _literally(statement, one, evidence):
            continue
        if words.lower() in _common() | _everyday("intervention"):
            yield Flaw("intervention_common", Kind.INTERVENTION, words)
        elif _mostly_there(statement, one, evidence):
            yield Flaw("intervention_part", Kind.INTERVENTION, words)
        else:
            yield Flaw("intervention_near" if one.concept in near else "intervention", Kind.INTERVENTION, words)
    modalities = evidence.of(lexicons.MODALITY) | {parent for name in theirs for parent in _parents().get(name, ())}
    for one in statement.of(lexicons.MODALITY):
        words = statement.typed(one.at, one.end)
        if not statement.quoted(one.at) and one.concept not in modalities and not _literally(statement, one, evidence):
            yield Flaw("intervention_common" if words.lower() in _common() else "modality", Kind.INTERVENTION, words)


def _mostly_there(statement: Analysis, one: Found, evidence: Evidence) -> bool:
    """Whether the rarest word of a phrase stands in the points: `chain analysis` where they have a chain."""
    own = [content for content in statement.content if one.at <= content.at < one.end]
    rarest = max((content.weight for content in own), default=0.0)
    carried = evidence.abbreviated(statement)
    return any(evidence.match(content, carried)[0] >= 1 for content in own if content.weight >= min(0.6, rarest))


@cache
def _near(file: str, name: str) -> frozenset[str]:
    return frozenset(other for pair in table(file)["near"]["pairs"] if name in pair for other in pair)


def _only_thought_of(statement: Analysis, one: Found, evidence: Evidence) -> bool:
    """A change of dose told as done that the points only plan, weigh or wish for."""
    planned = any(word.lower in plan_cues() for word in statement.words) or statement.sign_of(one.at, one.end) < 0
    told = is_past(statement.words[one.at].lower)
    named = (lexicons.DOSING, one.concept) in evidence.concepts
    return told and named and not planned and not evidence.done(lexicons.DOSING, one.concept)


_TAKEN = frozenset({"takes", "taking", "continues", "uses", "currently", "remains"})


def _still_taken(statement: Analysis, evidence: Evidence, theirs: frozenset[str] | set[str]) -> Iterator[Flaw]:
    """A medicine said to be taken that the points say was stopped."""
    lowers = {word.lower for word in statement.words}
    ended = evidence.done(lexicons.DOSING, "stopped") and not evidence.lowers & {"restarted", "resumed"}
    if (
        statement.of(lexicons.DRUG)
        and lowers & _TAKEN
        and ended
        and "stopped" not in {o.concept for o in statement.of(lexicons.DOSING)}
    ):
        yield Flaw("dosing", Kind.MEDICATION, next(word.text for word in statement.words if word.lower in _TAKEN), 1.0)


_CARRIERS = frozenset(
    {"be", "appear", "present", "seem", "look", "feel", "remain", "becom", "affect", "mood", "get", "grow", "stai"}
)


def _carried(statement: Analysis, one: Found) -> bool:
    """Whether a feeling is said of somebody (`was tense`, `affect flat`), not only mentioned; crying always is."""
    before = {word.stem for word in statement.words[max(0, one.at - 5) : one.at]}
    return one.concept == "tearful" or bool(before & _CARRIERS)


@cache
def _pairs(name: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in table("affect")[name]["pairs"])


def _affect(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    theirs = evidence.of(lexicons.AFFECT)
    for one in statement.of(lexicons.AFFECT):
        words = statement.typed(one.at, one.end)
        if statement.quoted(one.at) or words.lower() in _everyday("affect") or one.concept in theirs:
            continue
        if _literally(statement, one, evidence):
            continue
        if any(frozenset({one.concept, other}) in _pairs("opposites") for other in theirs):
            yield Flaw("affect_opposed", Kind.AFFECT, words)
        if any(frozenset({one.concept, other}) in _pairs("near") for other in theirs):
            yield Flaw("affect_near", Kind.AFFECT, words)
        else:
            rule = "affect" if _carried(statement, one) else "affect_mentioned"
            yield Flaw(rule, Kind.AFFECT, words)
    for one in statement.of(lexicons.MENTAL):
        if statement.typed(one.at, one.end).lower() in _everyday("mental"):
            continue
        if (
            not statement.quoted(one.at)
            and one.concept not in evidence.of(lexicons.MENTAL)
            and not _literally(statement, one, evidence)
        ):
            yield Flaw("mental", Kind.AFFECT, statement.typed(one.at, one.end))


def _progress(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    ranks = {name: row["rank"] for name, row in table("progress")["change"].items()}
    highest = max((ranks[name] for name in evidence.of(lexicons.CHANGE)), default=0.0)
    for one in statement.of(lexicons.CHANGE):
        rank = ranks[one.concept]
        words = statement.typed(one.at, one.end)
        if statement.quoted(one.at) or words.lower() in _everyday("progress") or _literally(statement, one, evidence):
            continue
        if rank > highest and statement.sign_of(one.at, one.end) > 0:
            yield Flaw(
                "gone" if rank >= 2 else "better", Kind.PROGRESS_OVERCLAIM, words, min(1.0, (rank - highest) / 2)
            )
    for family in (lexicons.COMPLETION, lexicons.GOAL, lexicons.ENGAGEMENT, lexicons.PROGNOSIS):
        for one in statement.of(family):
            words = statement.typed(one.at, one.end)
            if (
                words.lower() in _everyday("progress")
                or one.concept in evidence.of(family)
                or _literally(statement, one, evidence)
            ):
                continue
            if statement.sign_of(one.at, one.end) > 0 and not statement.quoted(one.at):
                yield Flaw(family, Kind.PROGRESS_OVERCLAIM, words)


_ANY_DOUBT = frozenset(
    {
        "opposite",
        "agent",
        "planned",
        "several",
        "often",
        "share",
        "all_of",
    }
)


def medicine_doubts(statement: Analysis, found: Sequence[Flaw]) -> Iterator[Flaw]:
    """Where a medicine is named, a lesser doubt weighs more: nothing about it may be nearly right."""
    if statement.of(lexicons.DRUG, lexicons.DRUG_CLASS):
        doubt = next((flaw for flaw in found if flaw.rule in _ANY_DOUBT), None)
        if doubt is not None:
            yield Flaw("medicine", Kind.MEDICATION, doubt.words)
