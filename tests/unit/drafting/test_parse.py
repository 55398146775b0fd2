"""Whatever a model answers becomes statements or BrokenAnswer."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.statements import Slot
from bot.drafting.parse import BrokenAnswer, Parsed, parse_statements, slot_named

ONE = Parsed(Slot.REPORT, "Client slept five hours.", (1, 2))
ROW = '{"slot":"report","text":"Client slept five hours.","points":[1,2]}'
LINES = "Here is the note:\n- **Report** [1, 2]: Client slept five hours.\n- Plan: Continue weekly. (points 3)"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"statements":[{ROW}]}}',
        f"[{ROW}]",
        ROW,
        f'```json\n{{"statements":[{ROW}]}}\n```',
        f'Sure! As of [2024] {{this}} is the note:\n```\n{{"statements": [{ROW}]}}\n```\nAnything else?',
        f'<think>{{"statements":[]}} or {ROW}?</think>\n{{"statements":[{ROW}]}}',
        f'no opening tag</think>{{"statements":[{ROW}]}}',
        '{"statements":[{"slot":"report","text":"Client slept five hours.","points":[1,2,],},],}',
        f'{{"note":{{"statements":[{ROW}]}}}}',
        '{"statements":[{"slot":"Report","text":"Client slept five hours.","sources":["1","2"]}]}',
        '{"statements":[{"type":"subjective","statement":"Client slept five hours.","cites":"1, 2"}]}',
        '{"statements":[{"section":"reports","sentence":"Client slept five hours.","point":[{"n":1},{"n":2.0}]}]}',
        '{"report":[{"text":"Client slept five hours.","points":[2,1]}]}',
        '{"statements":[{"slot":"report","text":"Client slept five hours. [1, 2]"}]}',
        '{"statements":[{"slot":"report","text":"- **Client**  slept\\n five\\u0000 `hours`.","points":[1,2,2]}]}',
        "- **Report** [1, 2]: Client slept five hours.",
        "1. report (1, 2) - Client slept five hours.",
        "## Subjective\n\n* Client slept five hours. [1, 2]",
    ],
)
def test_untidy_answers_are_read(text: str) -> None:
    assert parse_statements(text, 5) == (ONE,)


def test_lines_with_slots_are_read() -> None:
    assert parse_statements(LINES, 5) == (ONE, Parsed(Slot.PLAN, "Continue weekly.", (3,)))


def test_objects_one_after_another_are_read() -> None:
    second = '{"slot":"plan","text":"Continue weekly.","points":[3]}'
    assert len(parse_statements(f"{ROW}\n{second}", 5)) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("<think>What do I know?</think>", "empty"),
        ("I am sorry, I cannot help with that.", "prose"),
        ("The client slept badly and will come back on Tuesday [1].", "prose"),
        ("<html><body>502</body></html>", "wrong_shape"),
        ('{"subjective": 1, "plan": [true, null]}', "wrong_shape"),
        ('{"statements": "none"}', "wrong_shape"),
        ('{"statements": []}', "no_statements"),
        ('{"statements":[{"slot":"weather","text":"It rained.","points":[1]}]}', "no_statements"),
        ('{"statements":[{"slot":"report","text":" … ","points":[1]}]}', "no_statements"),
        ("[" * 100_000, "wrong_shape"),
        ('{"a":' * 20_000, "wrong_shape"),
    ],
)
def test_what_cannot_be_used_is_broken(text: str, code: str) -> None:
    with pytest.raises(BrokenAnswer) as caught:
        parse_statements(text, 5)
    assert caught.value.args == (code,)


@pytest.mark.parametrize("text", [f'{{"statements":[{ROW},{{"slot":"pl', f"[{ROW},", f'```json\n{{"statements":[{ROW}'])
def test_an_answer_that_ends_in_the_middle_is_broken_unless_salvaged(text: str) -> None:
    with pytest.raises(BrokenAnswer, match="cut_short"):
        parse_statements(text, 5)
    assert parse_statements(text, 5, salvage=True) == (ONE,)


def test_citations_outside_the_points_and_repetitions_are_dropped() -> None:
    rows = [
        {"slot": "report", "text": "A.", "points": [0, 1, 6, -1, 10**30, True, None, 1.5]},
        {"slot": "plan", "text": "a.", "points": [2]},
        {"slot": "plan", "text": "B.", "points": [7]},
    ]
    found = parse_statements(json.dumps({"statements": rows}), 5)
    assert found == (Parsed(Slot.REPORT, "A.", (1,)), Parsed(Slot.PLAN, "B.", ()))


def test_a_year_or_score_at_the_end_is_no_citation() -> None:
    rows = [{"slot": "measure", "text": "PHQ-9 was 14 (was 18 in 2024)", "points": [1]}]
    assert parse_statements(json.dumps(rows), 3)[0].text == "PHQ-9 was 14 (was 18 in 2024)"


def test_placeholders_come_through_unharmed() -> None:
    text = "Client met [NAME_1_FIRST] and [NAME_2], and will call [PHONE_1]."
    assert parse_statements(json.dumps([{"slot": "plan", "text": text, "points": [1]}]), 3)[0].text == text
    assert parse_statements(f"Plan: {text} [1]", 3)[0] == Parsed(Slot.PLAN, text, (1,))


def test_lengths_are_limited() -> None:
    long = {"slot": "report", "text": "word " * 600, "points": [1]}
    many = [{"slot": "report", "text": f"Sentence {number}.", "points": [1]} for number in range(400)]
    found = parse_statements(json.dumps([long, *many]), 3)
    assert len(found) == 150
    assert found[0].text == "Sentence 0."


def test_lone_surrogates_do_not_reach_the_database() -> None:
    found = parse_statements('[{"slot":"report","text":"A\\ud800 b","points":[1]}]', 1)
    assert found[0].text.encode() == b"A b"


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("Interventions", Slot.INTERVENTION),
        ("homework review", Slot.HOMEWORK_REVIEW),
        ("HW", Slot.HOMEWORK),
        ("mental-status", Slot.OBSERVATION),
        ("asessment", Slot.ASSESSMENT),
        ("next_steps", Slot.PLAN),
        ("Goals", Slot.GOAL),
        ("colour", None),
        ("", None),
    ],
)
def test_slots_are_known_by_near_names(name: str, slot: Slot | None) -> None:
    assert slot_named(name) is slot


@pytest.mark.parametrize(
    "text", ['"\\"' * 40_000, "<think>" * 20_000, "`" * 90_000, "**" * 60_000, '{"text":"' * 20_000, "\\" * 90_000]
)
def test_no_answer_takes_long(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(BrokenAnswer):
        parse_statements(text, 5)
    assert time.process_time() - begun < 5


PIECES = st.sampled_from(
    [
        *'{}[]",:\\`*<>\n',
        "```json",
        "</think>",
        '"statements"',
        '"slot"',
        '"report"',
        '"text"',
        "plan:",
        "[1]",
        ROW,
        "1",
    ]
)


NESTED = st.recursive(
    st.none() | st.text() | st.floats() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["statements", "slot", "text", "points"]), inner),
).map(json.dumps)


@given(st.text() | st.lists(PIECES).map("".join) | NESTED, st.integers(0, 9), st.booleans())
def test_any_text_gives_statements_or_broken_answer(text: str, count: int, salvage: bool) -> None:
    try:
        found = parse_statements(text, count, salvage=salvage)
    except BrokenAnswer:
        return
    for one in found:
        assert one.text.strip() == one.text
        assert one.text.isprintable()
        assert set(one.sources) <= set(range(1, count + 1))


WORDS = st.lists(
    st.text(st.characters(whitelist_categories=["L", "N"]), min_size=1, max_size=9), min_size=1, max_size=20
)


@given(st.dictionaries(WORDS.map(" ".join), st.tuples(st.sampled_from(Slot), st.sets(st.integers(1, 9))), min_size=1))
def test_what_is_written_as_asked_comes_back_the_same(given_rows: dict[str, tuple[Slot, set[int]]]) -> None:
    wanted = [Parsed(slot, f"{text}.", tuple(sorted(points))) for text, (slot, points) in given_rows.items()]
    rows = [{"slot": one.slot.value, "text": one.text, "points": list(one.sources)} for one in wanted]
    found = parse_statements(json.dumps({"statements": rows}), 9)
    distinct = {one.text.casefold(): one for one in reversed(wanted)}
    assert found == tuple(one for one in wanted if distinct[one.text.casefold()] is one)
