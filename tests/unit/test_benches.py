"""Every benchmark can be started: what it takes from the product is still there."""

import importlib
from pathlib import Path

import pytest

import bench

NAMES = sorted(path.stem for path in Path(bench.__file__).parent.glob("*.py") if path.stem != "__main__")


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"bench.{name}").__doc__ or name == "__init__"
