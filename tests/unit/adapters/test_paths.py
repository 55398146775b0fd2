"""Paths made of what a practice typed: inside the root, readable on every system, never two codes in one place."""

from dataclasses import replace

import pytest

from adapters.paths import safe_component, stem_of
from tests.contract.note_sink_contract import NOTE


@pytest.mark.parametrize("code", ["CON", "nul", "Aux", "COM1", "lpt9", "PRN.2", "con.", "NUL.x.y"])
def test_a_name_that_windows_keeps_for_a_device_is_changed(code: str) -> None:
    first = safe_component(code)
    assert first.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert first != safe_component(f"{code}_")


@pytest.mark.parametrize("code", ["JD-014", "CONNOR", "COM", "aux-3", "a.b"])
def test_an_ordinary_code_stays_as_it_is(code: str) -> None:
    assert safe_component(code) == code


@pytest.mark.parametrize("code", ["", "..", "../x", ".hidden", "x" * 300, "Ж", "a b", "a:b", "x.", "\u202e", "a\nb"])
def test_every_part_is_short_plain_and_no_way_up(code: str) -> None:
    for part in stem_of("{client_code}/{client_code}_{note_id}", replace(NOTE, client_code=code)).parts:
        assert len(part) <= 110
        assert not part.startswith(".")
        assert not part.endswith((".", " "))
        assert part.isascii()


def test_codes_that_look_alike_once_they_are_safe_keep_apart() -> None:
    codes = ["a b", "a/b", "a:b", "a_b", "a_b.", "x" * 300, "x" * 301, "CON", "CON_"]
    assert len({safe_component(code) for code in codes}) == len(codes)
