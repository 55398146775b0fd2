"""A definition is everything of a format but its number; the same one has the same hash and the same number."""

from dataclasses import fields, replace

import pytest

from bot.domain.format_versions import definition_of, format_from, hash_of, numbered
from bot.domain.formats import Format, SectionSpec
from bot.domain.statements import Slot
from bot.formats_file import load_formats, load_linked_formats

ALL = {**load_formats(), **load_linked_formats()}
SOAP = ALL["soap"]
CHANGED = {
    "id": "soap2",
    "name": "Soap",
    "description": "Ours – \u201cso\u201d",
    "sections": (replace(SOAP.sections[0], needed=True), *SOAP.sections[1:]),
    "required": (Slot.RISK,),
    "loinc": "11488-4",
    "brief": True,
    "linked": True,
    "needed": (Slot.PLAN,),
}


@pytest.mark.parametrize("format_id", ALL)
def test_a_definition_gives_the_same_format_back(format_id: str) -> None:
    fmt = ALL[format_id]
    assert format_from(definition_of(fmt), fmt.version) == fmt


def test_every_field_is_part_of_it_but_the_number() -> None:
    assert set(CHANGED) == {field.name for field in fields(Format)} - {"version"}, "a new field needs a place in it"
    known = {hash_of(definition_of(SOAP))}
    for name, value in CHANGED.items():
        changed = replace(SOAP, **{name: value})  # type: ignore[arg-type]
        assert format_from(definition_of(changed), 1) == changed
        known.add(hash_of(definition_of(changed)))
    assert len(known) == len(CHANGED) + 1
    assert definition_of(replace(SOAP, version=9)) == definition_of(SOAP)


def test_every_field_of_a_section_is_part_of_it() -> None:
    spec = SectionSpec("k", "t", (Slot.PLAN,), "1-8", "g", needed=True)
    assert {field.name for field in fields(SectionSpec)} == {"key", "title", "slots", "loinc", "guidance", "needed"}
    assert format_from(definition_of(replace(SOAP, sections=(spec,))), 1).sections == (spec,)


def test_what_was_kept_before_there_was_a_field_can_still_be_read() -> None:
    older = definition_of(SOAP).replace('"needed":[],', "").replace('"needed":false,', "")
    assert "needed" not in older
    assert format_from(older, 1) == replace(SOAP, version=1)


@pytest.mark.parametrize(
    ("own", "known", "number"),
    [(1, {}, 1), (7, {}, 7), (1, {1: "x"}, 2), (9, {1: "x", 2: "y"}, 9), (2, {4: "x"}, 5), (3, {1: "this", 2: "x"}, 1)],
)
def test_numbers_count_up_and_the_same_definition_keeps_its_own(own: int, known: dict[int, str], number: int) -> None:
    fmt = replace(SOAP, version=own)
    hashes = {version: hash_of(definition_of(fmt)) if which == "this" else which for version, which in known.items()}
    assert numbered(fmt, hashes).version == number
