"""docs/adapters.md says of every adapter what the adapter says of itself."""

from pathlib import Path

import pytest

from adapters.describe import describe, describe_all
from adapters.registry import KINDS, sink_class

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adapters.md"


@pytest.mark.parametrize("kind", KINDS)
def test_every_adapter_stands_there_as_it_describes_itself(kind: str) -> None:
    text = PAGE.read_text("utf-8")
    assert describe(kind, sink_class(kind).ABOUT) in text, f"write docs/adapters.md anew: {kind} has changed"


def test_nothing_else_stands_there() -> None:
    """Whole and in order; `afternote adapters --markdown > docs/adapters.md` makes it so."""
    assert PAGE.read_text("utf-8") == describe_all({kind: sink_class(kind).ABOUT for kind in sorted(KINDS)})
