"""A scenario: what a clinician types and presses, from a summary to a signature, and the note that comes of it.

The files are `tests/scenarios/*.toml`. Nothing in one says which chat it is.
"""

import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cards import words
from bot.formats_file import load_formats
from tests.e2e.chats import Chat

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))
_FORMATS = load_formats()
Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`sections` of the expected note: title → its paragraphs, in order. `facts`: label → value at its head."""

    steps: Sequence[Step]
    format_id: str
    facts: Mapping[str, str]
    sections: Mapping[str, Sequence[str]]


def load_scenario(path: Path) -> Scenario:
    """Raises KeyError for what is missing."""
    read = tomllib.loads(path.read_text("utf-8"))
    note = read["note"]
    return Scenario(read["steps"], note["format"], note["facts"], note["sections"])


async def play(scenario: Scenario, chat: Chat) -> None:
    """Do it all, until the receipt stands in the chat."""
    for step in scenario.steps:
        await _STEPS[step["do"]](chat, step)


async def _write(chat: Chat, step: Step) -> None:
    await chat.write(step["text"])
    await _drafted(chat, step)


async def _new_note(chat: Chat, step: Step) -> None:
    await chat.new_note()
    await chat.send(step["form"])
    await _drafted(chat, step)


async def _drafted(chat: Chat, step: Step) -> None:
    await chat.until(lambda: chat.notice() == words.DRAFT_NOTICE)
    assert chat.texts()[0] == step["title"]
    for text in step.get("shows", ()):
        assert text in chat.texts()


async def _format(chat: Chat, step: Step) -> None:
    fmt = _FORMATS[step["to"]]
    await chat.choose_format(fmt.id)
    await chat.until(lambda: chat.texts()[0].endswith(f" · {fmt.name}"))
    titles = [text for text in chat.texts() if text in step["sections"]]
    assert titles == step["sections"]


async def _pick(chat: Chat, step: Step) -> None:
    await chat.pick_client(step["client"])
    await chat.until(lambda: chat.texts()[0].startswith(step["client"]))
    await chat.pick_date(step["date"])
    await chat.until(lambda: chat.texts()[0] == step["title"])
    assert words.ASK_SESSION not in chat.texts()


async def _decide(chat: Chat, step: Step) -> None:
    assert step["point"] in chat.texts()
    await chat.decide(step["point"], {"add": "add_point", "leave_out": "drop_point"}[step["how"]])
    await chat.until(lambda: step["then"] in chat.texts())
    assert (step["point"] in chat.texts()) is (step["how"] == "add")


async def _edit(chat: Chat, step: Step) -> None:
    await chat.open("edit")
    (section,) = [asked for asked in chat.asked() if asked.name.startswith(f"section.{step['section']}.")]
    text = section.value
    if "replace" in step:
        assert text.count(step["replace"]) == 1
        text = text.replace(step["replace"], step["by"])
    await chat.send({section.name: text + (f"\n{step['add']}" if "add" in step else "")})
    await chat.until(lambda: set(step["shows"]) <= set(chat.texts()))


async def _details(chat: Chat, step: Step) -> None:
    await chat.open("details")
    by_label = {asked.label: asked.name for asked in chat.asked()}
    await chat.send({by_label[question]: answer for question, answer in step["answers"].items()})
    await chat.until(lambda: set(step["shows"]) <= set(chat.texts()))


async def _goals(chat: Chat, step: Step) -> None:
    await chat.open("confirm_goals")
    (boxes,) = chat.asked()
    await chat.send({boxes.name: step["tick"]})
    await chat.until(lambda: set(step["shows"]) <= set(chat.texts()))


async def _sign(chat: Chat, step: Step) -> None:
    """Signs; whatever is still undecided is asked for first, in the same place."""
    await chat.open("sign")
    if "decide" in step:
        assert chat.form() == "decide"
        by_point = {asked.about: asked.name for asked in chat.asked()}
        await chat.send({by_point[point]: chosen for point, chosen in step["decide"].items()})
    assert chat.form() == "sign"
    await chat.send({})
    await chat.until(lambda: chat.notice() == words.RECEIPT_NOTICE)


_STEPS: Mapping[str, Callable[[Chat, Step], Awaitable[None]]] = {
    "write": _write,
    "new_note": _new_note,
    "format": _format,
    "pick": _pick,
    "decide": _decide,
    "edit": _edit,
    "details": _details,
    "goals": _goals,
    "sign": _sign,
}
