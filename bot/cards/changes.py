"""Asking the model for a change, and what came of it: kept, changed, new, gone, with Undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from bot.cards import words
from bot.cards.elements import Actions, Button, Choice, Element, Form, Prose, Remark, Select, TextInput
from bot.domain.formats import Format
from bot.domain.note import Note
from bot.domain.statements import Slot, Statement

_ALIKE = 0.45
_SHOWN = 8
_TEXT = 300


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change did to a note's statements. `changed`: pairs of before and after."""

    kept: int
    changed: tuple[tuple[Statement, Statement], ...]
    new: tuple[Statement, ...]
    gone: tuple[Statement, ...]


def changes_between(before: Sequence[Statement], after: Sequence[Statement]) -> Changes:
    """Pair statements that came of the same points and read alike; the rest is new or gone."""
    kept = {statement.id for statement in before} & {statement.id for statement in after}
    lost = [statement for statement in before if statement.id not in kept]
    changed: list[tuple[Statement, Statement]] = []
    new: list[Statement] = []
    for statement in after:
        if statement.id in kept:
            continue
        old = max(lost, key=lambda candidate: _likeness(candidate, statement), default=None)
        if old is None or _likeness(old, statement) < _ALIKE:
            new.append(statement)
        else:
            lost.remove(old)
            changed.append((old, statement))
    return Changes(len(kept), tuple(changed), tuple(new), tuple(lost))


def change_elements(note: Note) -> list[Element]:
    """On the card: that a change is under way, why it failed, or what it did."""
    if note.asked:
        return [Remark(words.CHANGING)]
    if note.trouble:
        return [Remark(words.trouble(note.trouble))]
    if note.before is None:
        return []
    found = changes_between(note.before.statements, note.statements)
    counts = {"kept": found.kept, "changed": len(found.changed), "new": len(found.new), "gone": len(found.gone)}
    lines = change_lines(found)
    more = [Remark(words.MORE_UNUSED.format(count=len(lines) - _SHOWN))] if len(lines) > _SHOWN else []
    shown = [Prose(words.CHANGES_TITLE, tuple(lines[:_SHOWN]), bullets=True)] if lines else []
    undo = Actions("undo", (Button("undo", words.UNDO, note.id),))
    return [Remark(words.CHANGES.format(**counts)), *shown, *more, undo]


def change_lines(found: Changes) -> list[str]:
    """A line for each statement that changed, is new, or is gone."""
    lines = [words.CHANGED_LINE.format(old=_short(old), new=_short(new)) for old, new in found.changed]
    lines += [words.NEW_LINE.format(text=_short(statement)) for statement in found.new]
    return lines + [words.GONE_LINE.format(text=_short(statement)) for statement in found.gone]


def changes_in(found: Changes, slots: Sequence[Slot]) -> Changes:
    """Those of one section, which holds these slots; what moved elsewhere counts where it stands now."""
    return Changes(
        found.kept,
        tuple(pair for pair in found.changed if pair[1].slot in slots),
        tuple(statement for statement in found.new if statement.slot in slots),
        tuple(statement for statement in found.gone if statement.slot in slots),
    )


def ask_form(note: Note, fmt: Format, context: str) -> Form:
    """What should change, and where."""
    everything = Choice("all", words.WHOLE_NOTE)
    sections = tuple(Choice(section.key, section.title[:75]) for section in fmt.sections)
    return Form(
        "ask",
        words.ASK_TITLE,
        (
            Remark(words.ASK_HINT),
            TextInput(
                "instruction",
                words.ASK_LABEL,
                placeholder=words.ASK_PLACEHOLDER,
                multiline=True,
                optional=False,
                max_length=500,
            ),
            Select("section", words.ASK_WHERE, (everything, *sections), "all"),
        ),
        words.ASK_SUBMIT,
        "Cancel",
        context,
    )


@lru_cache(maxsize=4096)  # a card is drawn again at each click
def _likeness(old: Statement, new: Statement) -> float:
    same_points = 0.3 if set(old.sources) & set(new.sources) else 0.0
    return same_points + SequenceMatcher(None, old.text.split(), new.text.split(), autojunk=False).ratio()


def _short(statement: Statement) -> str:
    return statement.text if len(statement.text) <= _TEXT else statement.text[:_TEXT].rstrip() + "…"
