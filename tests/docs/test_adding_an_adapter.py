"""The adapter that docs/adding-an-adapter.md shows is a real one: it keeps the contract with the test shown there."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.registry import KINDS, open_sink
from bot.ports import FiledNote
from tests.contract.note_sink_contract import NoteSinkContract, StoppedClock

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "adding-an-adapter.md").read_text("utf-8")
_NEEDED = (json, Mapping, Path, pytest, open_sink, FiledNote, NoteSinkContract, StoppedClock)  # by what the page shows


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line in KINDS."""
    monkeypatch.setitem(KINDS, "shelf", f"{__name__}:ShelfSink")


for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
    if "class ShelfSink" in block or "class TestShelfSink" in block:
        exec(block)  # noqa: S102 - our own page


def test_both_classes_were_on_the_page() -> None:
    assert globals()["TestShelfSink"].__mro__[1] is NoteSinkContract
