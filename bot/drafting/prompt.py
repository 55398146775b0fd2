"""Words the question for the model: rules and examples first, the same for every note, then this note's own part.

The rules are data (`prompts/draft.md`, `prompts/revise.md`), each with its version in the first line. What people typed
is JSON inside single lines, so that nothing in it can end its line, a quotation or a turn of the conversation.
"""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from bot.domain.completion import Prompt
from bot.domain.statements import Slot
from bot.domain.voice import Banned, Voice

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "slot": {"type": "string", "enum": [slot.value for slot in Slot]},
                    "text": {"type": "string"},
                    "points": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["slot", "text", "points"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["statements"],
    "additionalProperties": False,
}
_LENGTHS = {
    "brief": "brief: one short sentence a statement, merged where the points allow, no fact lost",
    "standard": "standard: one or two sentences a statement",
    "detailed": "detailed: full sentences, a statement for each distinct thing; still nothing beyond the points",
}
_QUOTES = {
    "none": "none: report what was said without quotation marks",
    "some": "some: keep the telling ones, word for word",
}
# Marks that end a turn or stand for a role in some local model's template, as `<|im_end|>`, `</s>`, `[/INST]`.
# Then what ends a line for somebody, and halves of characters, which cannot be sent.
_UNSAFE = re.compile(r"<(?=[|/!a-z])|\[(?=/?INST|/?SYS|/?AVAILABLE|/?TOOL)|[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PRESENT = (
    "Tense: present instead of past, for what happened in the session and for how the client is (“Client reports”, "
    "“The clinician reviews”); what was before stays in the past."
)
_MOST_BANNED = 100
_BROKEN_SHOWN = 2000
_CHARACTERS_A_TOKEN = 4


class Drafted(Protocol):
    """A statement as it stands, whoever holds it."""

    @property
    def slot(self) -> Slot: ...
    @property
    def text(self) -> str: ...
    @property
    def sources(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Wording:
    """A prompt file: its version and its text."""

    version: str
    text: str


def draft_prompt(points: Sequence[str], voice: Voice, goals: Sequence[str] = (), kind: str = "individual") -> Prompt:
    """Asks for statements from `points`, which are numbered from 1. `kind`: the kind of session."""
    rules = wording("draft")
    question = [*_frame(voice, goals, kind), *_points(points), "Answer with the JSON only."]
    return Prompt(rules.version, rules.text, "\n".join(question), SCHEMA, _room_for(len(points)))


def revise_prompt(
    points: Sequence[str],
    statements: Sequence[Drafted],
    instruction: str,
    voice: Voice,
    goals: Sequence[str] = (),
    section_title: str = "",
    kind: str = "individual",
) -> Prompt:
    """Asks for all of `statements` as they stand after the clinician's instruction, on one section or on all."""
    rules, change = wording("draft"), wording("revise")
    rows = [{"slot": one.slot.value, "text": one.text, "points": list(one.sources)} for one in statements]
    question = [
        change.text,
        *_frame(voice, goals, kind),
        *_points(points),
        "Statements:",
        *map(encoded, rows),
        f"Change asked for{f' (section {encoded(section_title)})' if section_title else ''}: {encoded(instruction)}",
        "Answer with the JSON only.",
    ]
    room = max(_room_for(len(points)), _room_for(len(rows)))
    return Prompt(f"{rules.version}+{change.version}", rules.text, "\n".join(question), SCHEMA, room)


def repair_prompt(prompt: Prompt, broken_answer: str) -> Prompt:
    """Asks once more after an answer that could not be read."""
    shown = encoded(broken_answer[:_BROKEN_SHOWN])
    again = (
        f"Your answer before could not be read. It began: {shown}\n"
        'Answer again, complete, with nothing but the JSON: {"statements":[{"slot":"…","text":"…","points":[1]}]}'
    )
    return dataclasses.replace(prompt, question=f"{prompt.question}\n\n{again}")


def encoded(value: object) -> str:
    """JSON on one line in which no mark of a chat template survives as such."""
    return _UNSAFE.sub(lambda mark: f"\\u{ord(mark[0]):04x}", json.dumps(value, ensure_ascii=False))


def estimated_tokens(text: str) -> int:
    """About how many tokens an English text has: four characters each, as measured in decision 0014."""
    return -(-len(text) // _CHARACTERS_A_TOKEN)


@cache
def wording(name: str) -> Wording:
    """`prompts/NAME.md`, read once."""
    first, _, rest = files("prompts").joinpath(f"{name}.md").read_text("utf-8").partition("\n")
    return Wording(first.removeprefix("version:").strip(), rest.strip())


def _frame(voice: Voice, goals: Sequence[str], kind: str) -> Iterable[str]:
    yield f"Kind of session: {kind or 'individual'}."
    yield f"Length: {_LENGTHS.get(voice.length, _LENGTHS['standard'])}."
    yield f"The client is called: {_called(voice)}. Quotations: {_QUOTES.get(voice.quotes, _QUOTES['some'])}."
    if voice.tense == "present":
        yield _PRESENT
    if voice.banned:
        yield "Phrases this practice never writes, except inside quotation marks (word* is any word that begins so):"
        yield from (encoded(_never(banned)) for banned in voice.banned[:_MOST_BANNED])
    if goals:
        yield "Goals of the treatment plan:"
        yield from (encoded(goal) for goal in goals)
    else:
        yield "No goals listed: no goal statements."


def _called(voice: Voice) -> str:
    if voice.person == "initials" and voice.initials:
        return encoded(voice.initials)
    return voice.called


def _never(banned: Banned) -> dict[str, str]:
    return {"never": banned.phrase, **({"instead": banned.instead} if banned.instead else {})}


def _points(points: Sequence[str]) -> Iterable[str]:
    yield "Points:"
    yield from (encoded({"n": number, "text": text}) for number, text in enumerate(points, start=1))


def _room_for(count: int) -> int:
    """Tokens for an answer of about `count` statements; a detailed one needs some seventy each."""
    return min(4000, 800 + 110 * count)
