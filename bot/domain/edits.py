"""From edited text back to statements, sentence by sentence.

A statement whose sentences all stand unchanged keeps its identity, slot and sources. What was changed is the
clinician's own words in the place of the old, so it cites the same points; what was added cites none and takes the
slot of the sentence before it (so it stays where it was typed).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby

from bot.domain.formats import Format, Section, arrange
from bot.domain.ids import new_statement_id
from bot.domain.statements import Slot, Statement, own_words

_SAME_SENTENCE = 0.5  # share of characters that stand in both, in order
_NEAR = 5  # edits keep the order, so the old sentence is among the next few that are gone
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»')\]]*\s+(?=[\"“‘«'(\[]*[^\W_a-z])")


def revise(statements: Sequence[Statement], fmt: Format, texts: Mapping[str, str]) -> tuple[Statement, ...]:
    """The note's statements after an edit of some sections. `texts`: section key → text as typed."""
    sections = arrange(statements, fmt)
    edited = {s.spec.key for s in sections if _lines(texts.get(s.spec.key, s.text)) != _lines(s.text)}
    if not edited:
        return tuple(statements)
    parts = [_revise_section(s, texts[s.spec.key]) if s.spec.key in edited else list(s.statements) for s in sections]
    return tuple(statement for part in parts for statement in part)


def _revise_section(section: Section, text: str) -> list[Statement]:
    old = [(unit, statement) for statement in section.statements for unit in _units(statement.text)]
    new = [(unit, number) for number, line in enumerate(_lines(text)) for unit in _sentences(line)]
    kept = _kept(old, [unit for unit, _ in new])
    held = {statement.id for statement in kept.values()}
    lost = [statement for statement in section.statements if statement.id not in held]
    revised: list[Statement] = []
    slot = section.statements[0].slot if section.statements else section.spec.slots[0]
    for (statement, _), run in groupby(range(len(new)), key=lambda i: (kept.get(i), -1 if i in kept else new[i][1])):
        if statement is not None:
            revised.append(statement)
            slot = statement.slot
        else:
            revised.append(_reworded(" ".join(new[i][0] for i in run), slot, lost))
            slot = revised[-1].slot
    return revised


def _reworded(text: str, slot: Slot, lost: list[Statement]) -> Statement:
    """Own words; those that replace a statement that is gone stand for it (each such statement once)."""
    likeness = {old.id: SequenceMatcher(None, old.text, text, autojunk=False).ratio() for old in lost[:_NEAR]}
    old = max(lost[:_NEAR], key=lambda statement: likeness[statement.id], default=None)
    doubtful = next((s for s in lost if s.doubt and set(_units(text)) <= set(_units(s.text))), None)
    if doubtful is not None:  # moved or shortened, nothing typed: it still needs a look
        lost.remove(doubtful)
        return doubtful if text == doubtful.text else replace(doubtful, id=new_statement_id(), text=text)
    if old is None or likeness[old.id] < _SAME_SENTENCE:
        return own_words(text, slot)
    lost.remove(old)
    return replace(own_words(text, old.slot), sources=old.sources)


def _kept(old: Sequence[tuple[str, Statement]], new: Sequence[str]) -> dict[int, Statement]:
    """New unit → old statement, for statements all of whose units still stand together."""
    matcher = SequenceMatcher(None, [unit for unit, _ in old], new, autojunk=False)
    at = {i + k: j + k for i, j, size in matcher.get_matching_blocks() for k in range(size)}
    kept: dict[int, Statement] = {}
    for _, group in groupby(range(len(old)), key=lambda i: old[i][1].id):
        units = list(group)
        first = at.get(units[0])
        if first is not None and [at.get(i) for i in units] == list(range(first, first + len(units))):
            kept |= {at[i]: old[i][1] for i in units}
    return kept


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


def _units(text: str) -> list[str]:
    return [unit for line in _lines(text) for unit in _sentences(line)]


def _sentences(line: str) -> list[str]:
    ends = [match.end() for match in _SENTENCE_END.finditer(line)]
    return [line[a:b].strip() for a, b in zip([0, *ends], [*ends, len(line)], strict=True)]
