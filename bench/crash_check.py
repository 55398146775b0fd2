"""After the crashes: what was acknowledged, held against the notes, the ledger, the folder and the audit log."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.crash_load import Done
from bench.stage import Stage, notes_in
from bot.cards import words
from bot.cards.screens import card_for
from bot.domain.filing import Filing
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.ports import Act, Posted
from bot.workflows.desk import Desk

_MARKER = re.compile(r"Kestrel\d{5}")


@dataclass(slots=True)
class Findings:
    """Counts for the report; `wrong` has a sentence for each thing that may not be."""

    notes: int = 0
    states: Counter[str] = field(default_factory=Counter)
    lost_commands: int = 0
    lost_messages: int = 0
    doubled_summaries: int = 0
    lost_signatures: int = 0
    filed_wrong: int = 0
    filed_twice: int = 0
    leftovers: int = 0
    cards_again: int = 0
    cards_stuck: int = 0
    cards_stale: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Everything the database knows of one note."""

    note: Note
    filings: Sequence[Filing]
    acts: Counter[str]
    cards: list[Posted]


async def check(where: Stage, done: Done) -> Findings:
    """Look at everything. The application must have settled."""
    findings = Findings()
    async with where.desk() as desk:
        kept = [await _read(desk, note_id) for note_id in await notes_in(desk)]
        async with desk.database.reading(desk.id) as unit:
            if broken := await unit.audit.verify():
                findings.wrong.append(broken)
            acts = await unit.audit.acts()
        _check_cards(where, desk, kept, findings)
    findings.notes, findings.states = len(kept), Counter(one.note.state.value for one in kept)
    _check_summaries(where, done, kept, findings)
    _check_signatures(done, kept, findings)
    _check_filed(where, kept, acts, findings)
    return findings


async def _read(desk: Desk, note_id: NoteId) -> _Kept:
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        acts = Counter(act.act for act in await unit.audit.acts(note_id))
        return _Kept(note, await unit.ledger.of(note_id), acts, list(await unit.cards.of(note_id)))


def _check_summaries(where: Stage, done: Done, kept: list[_Kept], findings: Findings) -> None:
    found = Counter(marker for one in kept for marker in _MARKER.findall(one.note.summary))
    commands = [marker for marker, acknowledged in done.commands.items() if acknowledged and not found[marker]]
    messages = [marker for marker in done.delivered(where) if not found[marker]]
    findings.lost_commands, findings.lost_messages = len(commands), len(messages)
    findings.doubled_summaries = sum(number > 1 for number in found.values())
    findings.wrong += [f"acknowledged command {marker} has no note" for marker in commands]
    findings.wrong += [f"delivered message {marker} has no note" for marker in messages]
    findings.wrong += [f"{marker} became {number} notes" for marker, number in found.items() if number > 1]
    waiting = [one for one in kept if one.note.state in (State.DRAFTING, State.APPROVED, State.FILING)]
    findings.wrong += [f"{one.note.id} is still {one.note.state}" for one in waiting]


def _check_signatures(done: Done, kept: list[_Kept], findings: Findings) -> None:
    state = {one.note.id: one.note.state for one in kept}
    for note_id, acknowledged in done.signatures.items():
        if acknowledged and state.get(note_id) is not State.FILED:
            findings.lost_signatures += 1
            findings.wrong.append(f"{note_id} was signed and is {state.get(note_id)}")


def _check_filed(where: Stage, kept: list[_Kept], acts: Any, findings: Findings) -> None:
    folder = where.home / "filed-notes"
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".afternote-folder"]
    findings.leftovers = sum(path.name.startswith(".") for path in files)
    by_note: dict[str, list[Path]] = {}
    for path in files:
        if not path.name.startswith("."):
            by_note.setdefault(path.name.partition(".")[0].rpartition("_")[2], []).append(path)
    filed = {one.note.id: one for one in kept if one.note.state is State.FILED}
    for note_id, one in filed.items():
        problem = _filing_problem(one, by_note.get(note_id, []))
        if problem:
            findings.filed_wrong += 1
            findings.wrong.append(f"{note_id}: {problem}")
        if one.acts["filed"] != 1 or one.acts["signed"] != 1:
            findings.filed_twice += 1
            findings.wrong.append(f"{note_id}: signed {one.acts['signed']} times, filed {one.acts['filed']} times")
    strangers = [note_id for note_id in by_note if note_id not in filed]
    findings.wrong += [f"files of {note_id}, which is not filed" for note_id in strangers]
    lonely = {act.note_id for act in acts if isinstance(act, Act)} - {one.note.id for one in kept}
    findings.wrong += [f"the audit log names {note_id}, which is no note" for note_id in lonely]


def _filing_problem(one: _Kept, files: list[Path]) -> str:
    """What is wrong with a filed note's files, empty when nothing is: one set, as the one receipt says."""
    receipts = [path for path in files if path.name.endswith(".receipt.json")]
    if len(receipts) != 1:
        return f"{len(receipts)} receipts in the folder"
    sidecar: Mapping[str, Any] = json.loads(receipts[0].read_text("utf-8"))
    stem = receipts[0].name.removesuffix(".receipt.json")
    said = {f"{stem}.{kind}": about["sha256"] for kind, about in sidecar["files"].items()}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path not in receipts}
    if said != there:
        return f"the receipt names {sorted(said)}, the folder holds {sorted(there)}, or their content differs"
    if sidecar["version_sha256"] != one.note.version_hash():
        return "another version than the signed one was filed"
    receipt = one.filings[0].receipt if one.filings else None
    if receipt is None:
        return "no receipt in the ledger"
    return "" if receipt.sha256 in said.values() else "the ledger's receipt has another hash"


def _check_cards(where: Stage, desk: Desk, kept: list[_Kept], findings: Findings) -> None:
    """Information: cards beyond one a note, cards nobody knows that say “Drafting” for ever, cards behind the state."""
    messages = where.workspace.messages
    bot = where.workspace.app.bot_user_id
    cards = [message for message in messages.everything() if message.user == bot and not message.ephemeral_to]
    known = {(posted.channel, posted.ts) for one in kept for posted in one.cards}
    findings.cards_again = len(cards) - sum(bool(one.cards) for one in kept)
    findings.cards_stuck = sum(
        card.text == words.DRAFTING_NOTICE and (card.channel, card.ts) not in known for card in cards
    )
    for one in kept:
        due = card_for(one.note, desk.shown(one.note, one.filings)).notice
        shown = [messages.get(posted.channel, posted.ts) for posted in one.cards]
        findings.cards_stale += not shown or any(card is None or card.text != due for card in shown)
