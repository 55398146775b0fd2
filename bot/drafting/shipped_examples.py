"""Examples of good sections that ship with the product: fictional, written for it, data in `prompts/examples`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from bot.domain.learning import Lesson


@cache
def shipped_examples(format_id: str) -> Mapping[str, Lesson]:
    """Section key → its example; empty for a format that has none, such as a practice's own."""
    file = files("prompts").joinpath("examples", f"{format_id}.toml")
    if not format_id.isidentifier() or not file.is_file():
        return {}
    sections: Mapping[str, Mapping[str, str]] = tomllib.loads(file.read_text("utf-8"))["sections"]
    return {key: Lesson(each["text"], each["why"]) for key, each in sections.items()}
