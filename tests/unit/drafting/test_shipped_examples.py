"""The examples that ship: one for every section of the main formats, short, and naming nobody."""

from importlib.resources import files

import pytest

from bot.domain.learning import LONGEST_EXAMPLE, LONGEST_REASON
from bot.drafting.shareable import Known, identifiers_in
from bot.drafting.shipped_examples import shipped_examples
from bot.formats_file import load_formats

MAIN = ("soap", "dap", "birp", "girp", "pirp", "pie", "sirp", "progress")


@pytest.mark.parametrize("format_id", MAIN)
def test_every_section_of_a_main_format_has_one_that_is_short_and_made_up(format_id: str):
    lessons = shipped_examples(format_id)
    assert list(lessons) == [spec.key for spec in load_formats()[format_id].sections]
    for lesson in lessons.values():
        assert lesson.fictional
        assert not lesson.removable
        assert 40 < len(lesson.text) <= LONGEST_EXAMPLE / 3
        assert 20 < len(lesson.why) <= LONGEST_REASON
        assert identifiers_in(f"{lesson.text} {lesson.why}", Known()) == []


def test_there_is_no_file_without_its_format():
    shipped = {entry.name.removesuffix(".toml") for entry in files("prompts").joinpath("examples").iterdir()}
    assert shipped == set(MAIN)
    assert set(MAIN) <= set(load_formats())


@pytest.mark.parametrize("format_id", ["own", "../words/risk", "", "soap.toml"])
def test_a_format_without_examples_has_none(format_id: str):
    assert shipped_examples(format_id) == {}


def test_no_text_is_there_twice():
    texts = [lesson.text for format_id in MAIN for lesson in shipped_examples(format_id).values()]
    assert len(set(texts)) == len(texts) == 32
