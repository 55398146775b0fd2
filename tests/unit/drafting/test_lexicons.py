"""The word lists behind the checker: whole, well formed, and no phrase in two classes without a reason."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.drafting.lexicon import table

FAMILIES = (
    "medications",
    "diagnoses",
    "instruments",
    "interventions",
    "affect",
    "relations",
    "risk",
    "measures",
    "progress",
    "synonyms",
)
ENTRY_KEYS = ("words", "names", "spellings")
# Tables that gather words of other tables again, for another question.
GATHERED = {
    "twice",
    "words_too",
    "capitals",
    "date_words_too",
    "warning",
    "normal",
    "openers",
    "only_with_cue",
    "spanish",
}


def classes(family: str) -> Iterator[tuple[str, str, list[str]]]:
    """Every (table, class, words) of a family."""
    for name, content in table(family).items():
        if name == "twice" or not isinstance(content, Mapping):
            continue
        for key, value in content.items():
            words = words_of(value)
            if words is not None:
                yield name, key, words


def words_of(value: Any) -> list[str] | None:
    if isinstance(value, Mapping):
        value = next((value[key] for key in ENTRY_KEYS if key in value), None)
    return value if isinstance(value, list) and all(isinstance(word, str) for word in value) else None


def pairs(family: str) -> Iterator[tuple[str, list[str]]]:
    for name, content in table(family).items():
        if isinstance(content, Mapping) and "pairs" in content:
            for pair in content["pairs"]:
                yield name, pair


def phrases(family: str, name: str) -> set[str]:
    return {word for held_by, _, words in classes(family) if held_by == name for word in words}


def follow(links: Mapping[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = list(links.get(start, []))
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead.extend(links.get(name, []))
    return seen


@pytest.mark.parametrize("family", FAMILIES)
def test_no_class_is_empty(family: str) -> None:
    found = list(classes(family))
    assert len(found) > 8
    assert [(name, key) for name, key, words in found if not words] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_words_are_lower_case_trimmed_and_said_once(family: str) -> None:
    for name, key, words in classes(family):
        untidy = [word for word in words if word != word.lower() or word != " ".join(word.split()) or not word]
        assert untidy == [], (name, key)
        assert len(words) == len(set(words)), (name, key, sorted(word for word in words if words.count(word) > 1))


@pytest.mark.parametrize("family", FAMILIES)
def test_an_open_ending_is_the_last_sign_after_three_letters_or_more(family: str) -> None:
    for name, key, words in classes(family):
        broken = [
            word
            for word in words
            if "*" in word and (word.index("*") < len(word) - 1 or sum(map(str.isalnum, word)) < 3)
        ]
        assert broken == [], (name, key)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_phrase_in_two_classes_of_a_table_has_its_reason(family: str) -> None:
    held: dict[tuple[str, str], list[str]] = {}
    for name, key, words in classes(family):
        if name not in GATHERED:
            for word in words:
                held.setdefault((name, word), []).append(key)
    explained = table(family).get("twice", {})
    assert {place: keys for place, keys in held.items() if len(keys) > 1 and place[1] not in explained} == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_reason_is_needed(family: str) -> None:
    said = [word for name, _, words in classes(family) if name not in GATHERED for word in words]
    assert [word for word in table(family).get("twice", {}) if said.count(word) < 2] == []


@pytest.mark.parametrize("family", ["affect", "interventions", "measures"])
def test_pairs_name_two_classes_that_exist(family: str) -> None:
    known = {key for _, key, _ in classes(family)}
    found = list(pairs(family))
    assert len(found) > 5
    for name, pair in found:
        assert len(set(pair)) == len(pair) == 2, (name, pair)
        assert set(pair) <= known, (name, pair)


def test_affect_never_calls_a_pair_both_near_and_opposite() -> None:
    near = {frozenset(pair) for name, pair in pairs("affect") if name == "near"}
    opposite = {frozenset(pair) for name, pair in pairs("affect") if name == "opposites"}
    assert near & opposite == set()


def test_every_medication_has_a_known_class() -> None:
    medications = table("medications")
    assert len(medications["drugs"]) > 150
    assert {drug["class"] for drug in medications["drugs"].values()} <= set(medications["classes"])
    assert set(medications["class_of"]) | set(medications["class_of"].values()) <= set(medications["classes"])


def test_a_medication_carries_its_generic_name_and_no_other_ones() -> None:
    drugs = table("medications")["drugs"]
    assert [name for name, drug in drugs.items() if "_" not in name and name not in drug["names"]] == []
    assert [
        (name, other) for name in drugs for other, drug in drugs.items() if name != other and name in drug["names"]
    ] == []
    assert phrases("medications", "drugs") & phrases("medications", "classes") == set()


def test_relations_widen_to_known_ones_and_never_in_a_circle() -> None:
    links = {name: entry["wider"] for name, entry in table("relations")["relations"].items()}
    assert {wider for each in links.values() for wider in each} <= set(links)
    assert [name for name in links if name in follow(links, name)] == []
    assert "parent" in follow(links, "stepmother")
    assert "mother" not in follow(links, "parent")
    assert {entry["gender"] for entry in table("relations")["relations"].values()} == {"f", "m", ""}


def test_interventions_name_known_modalities_and_wider_ones_without_a_circle() -> None:
    words = table("interventions")
    links = {name: entry["is_a"] for name, entry in words["interventions"].items()}
    assert {parent for entry in words["interventions"].values() for parent in entry["parents"]} <= set(
        words["modalities"]
    )
    assert {wider for each in links.values() for wider in each} <= set(links)
    assert [name for name in links if name in follow(links, name)] == []
    assert follow(links, "box_breathing") == {"breathing"}


def test_diagnoses_widen_to_known_groups_and_codes_are_well_formed() -> None:
    words = table("diagnoses")
    for name, entry in words["diagnoses"].items():
        assert set(entry["wider"]) <= set(words["groups"]), name
        assert [
            code for code in entry["codes"] if not re.fullmatch(r"[a-z]\d{2}(?:\.[a-z0-9]{1,4})?\*?", code)
        ] == [], name


def test_an_everyday_word_is_never_the_name_of_a_diagnosis() -> None:
    assert phrases("diagnoses", "everyday") & phrases("diagnoses", "diagnoses") == set()


def test_the_official_codes_cover_every_code_a_diagnosis_claims() -> None:
    official = set(table("icd_codes")["codes"])
    assert len(official) > 800
    for name, entry in table("diagnoses")["diagnoses"].items():
        for code in (code for code in entry["codes"] if code.startswith("f")):
            assert any(each.startswith(code.rstrip("*")) for each in official), (name, code)


def test_risk_concepts_widen_and_cover_known_ones_without_a_circle() -> None:
    concepts = table("risk")["concepts"]
    links = {name: entry["wider"] for name, entry in concepts.items()}
    covered = {part for entry in concepts.values() for part in entry.get("covers", [])}
    assert {wider for each in links.values() for wider in each} | covered <= set(concepts)
    assert [name for name in links if name in follow(links, name)] == []
    assert set(concepts["si_hi"]["covers"]) == {"suicidal_ideation", "homicidal_ideation"}


def test_what_was_not_asked_is_no_denial() -> None:
    assert phrases("risk", "not_assessed") & phrases("risk", "denial") == set()


def test_short_forms_for_capitals_are_risk_words() -> None:
    assert set(table("risk")["capitals"]["words"]) <= phrases("risk", "concepts")


def test_instruments_have_a_range_that_rises_and_a_direction() -> None:
    for name, entry in table("instruments")["instruments"].items():
        assert entry["higher"] in ("worse", "better", "neither"), name
        assert entry["range"] == [] or (len(entry["range"]) == 2 and entry["range"][0] < entry["range"][1]), name
        assert all(entry[each] for each in ("name", "about")), name


def test_frequencies_are_ranked_from_never_to_always() -> None:
    ranks = {name: entry["rank"] for name, entry in table("measures")["frequency"].items()}
    assert all(0 <= rank <= 100 for rank in ranks.values())
    assert ranks["never"] < ranks["sometimes"] < ranks["often"] < ranks["most"] < ranks["daily"] < ranks["always"]


def test_rates_have_a_positive_count() -> None:
    assert all(entry["times"] >= 1 for entry in table("measures")["rates"].values())


def test_change_is_ranked_from_much_worse_to_gone() -> None:
    ranks = {name: entry["rank"] for name, entry in table("progress")["change"].items()}
    assert (
        ranks["much_worse"]
        < ranks["worse"]
        < ranks["same"]
        < ranks["little_better"]
        < ranks["better"]
        < ranks["much_better"]
        < ranks["gone"]
    )


def test_synonyms_are_many() -> None:
    assert sum(1 for name, _, _ in classes("synonyms") if name == "classes") >= 400
    assert len(table("synonyms")["spanish"]) >= 150


@pytest.mark.parametrize("family", ["medications", "diagnoses", "instruments", "interventions", "affect", "relations"])
def test_words_with_another_meaning_are_words_of_the_family(family: str) -> None:
    known = {word for name, _, words in classes(family) if name != "words_too" for word in words}
    known |= {name.replace("_", " ") for name in table(family).get("drugs", {})}
    stray = [word for word in table(family)["words_too"]["words"] if word not in known]
    assert stray == []


@pytest.mark.parametrize(
    ("family", "name", "one", "other"),
    [
        ("relations", "relations", "mom", "mother"),
        ("affect", "affects", "tearful", "cried"),
        ("affect", "affects", "flat", "blunted"),
        ("instruments", "instruments", "phq9", "patient health questionnaire"),
        ("medications", "drugs", "suboxone", "bupe"),
        ("diagnoses", "diagnoses", "mdd", "major depressive disorder"),
        ("risk", "concepts", "si", "suicidal ideation"),
        ("interventions", "interventions", "dear man", "dearman"),
        ("measures", "weekdays", "tues", "tuesday"),
        ("synonyms", "classes", "laid off", "let go from"),
    ],
)
def test_words_that_mean_the_same_share_a_class(family: str, name: str, one: str, other: str) -> None:
    homes = {word: key for held_by, key, words in classes(family) if held_by == name for word in words}
    assert homes[one] == homes[other]


@pytest.mark.parametrize(
    ("family", "name", "one", "other"),
    [
        ("relations", "relations", "sister", "mother"),
        ("affect", "affects", "tearful", "calm"),
        ("instruments", "instruments", "phq-9", "gad-7"),
        ("medications", "drugs", "zoloft", "lexapro"),
        ("diagnoses", "diagnoses", "mdd", "gad"),
        ("risk", "concepts", "passive si", "active si"),
        ("risk", "concepts", "si", "hi"),
        ("interventions", "interventions", "thought record*", "dear man"),
        ("measures", "frequency", "most nights", "every night"),
        ("progress", "change", "a bit better", "resolved"),
    ],
)
def test_words_that_differ_do_not_share_a_class(family: str, name: str, one: str, other: str) -> None:
    homes = {word: key for held_by, key, words in classes(family) if held_by == name for word in words}
    assert homes[one] != homes[other]
