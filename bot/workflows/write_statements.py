"""A model's part of a draft or of a change: mask, ask, read, repair once, unmask, check."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.completion import Prompt
from bot.domain.errors import Permanent
from bot.domain.note import Note
from bot.domain.statements import Point
from bot.drafting.deidentify import Mask
from bot.drafting.parse import BrokenAnswer, Parsed, parse_statements
from bot.drafting.prompt import repair_prompt
from bot.drafting.written import Checked, checked
from bot.workflows.desk import Desk
from bot.workflows.writer import CLIENT, Writer, ask, initials_of


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about which points. `build` makes the prompt of texts that are masked already."""

    note: Note
    purpose: str
    points: Sequence[Point]
    build: Callable[[Sequence[str], "Hide"], Prompt]


Hide = Callable[[str], str]


async def write_statements(desk: Desk, writer: Writer, question: Question) -> Checked:
    """Statements that the points carry, and those held out. Raises EffectError when the model is of no use today."""
    names = [person.name for person in desk.practice.people]
    mask = await desk.think(lambda: _mask(writer, question.points, names))
    hide: Hide = mask.hide if mask else lambda text: text
    prompt = await desk.think(lambda: question.build([hide(point.text) for point in question.points], hide))
    parsed = await _asked(desk, writer, question, prompt)
    revealed = [replace(one, text=_revealed(one.text, mask, question.note)) for one in parsed]
    numbers = {place: point.number for place, point in enumerate(question.points, start=1)}
    found = await desk.think(lambda: checked(revealed, question.points, numbers))
    return replace(found, prompt_version=prompt.version)


def _mask(writer: Writer, points: Sequence[Point], names: Sequence[str]) -> Mask | None:
    """One mask over all points at once, so that a person has one placeholder from the first text on."""
    if not writer.masked:
        return None
    mask = Mask(names)
    mask.learn("\n".join(point.text for point in points))
    return mask


def _revealed(text: str, mask: Mask | None, note: Note) -> str:
    return mask.reveal(text).replace(CLIENT, initials_of(note)) if mask else text


async def _asked(desk: Desk, writer: Writer, question: Question, prompt: Prompt) -> Sequence[Parsed]:
    """The parsed answer; one that is broken is asked for once more. Raises EffectError."""
    code, deadline = "", time.monotonic() + writer.patience
    for purpose in (question.purpose, "repair"):
        answer = await ask(desk.books, writer, question.note.id, purpose, prompt, deadline)
        if answer.refused:
            code = "model_refused"  # some refuse at random: the same question once more
            continue
        try:
            again = purpose != question.purpose
            return parse_statements(answer.text, len(question.points), salvage=again)
        except BrokenAnswer:
            code = "model_answer_broken"
            prompt = repair_prompt(prompt, answer.text)
    raise Permanent(code)
