"""Reads the word lists in `prompts/words`, once each. They are data: a practice may read and correct them."""

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The parsed contents of `prompts/words/NAME.toml`."""
    return tomllib.loads(_text(f"{name}.toml"))


@cache
def figures(name: str) -> dict[str, Any]:
    """The parsed contents of `prompts/words/NAME.json` (what the training script wrote)."""
    return json.loads(_text(f"{name}.json"))


def _text(file_name: str) -> str:
    return files("prompts").joinpath("words", file_name).read_text("utf-8")
