"""What `afternote filings` does: reads the ledger of filings, has notes sent again, and takes a person's answer."""

import csv
import json
import os
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from bot.cards import filing_words as words
from bot.domain.errors import NotFound, Stale, UserMistake
from bot.domain.filing import Filing, FilingState
from bot.domain.ids import NoteId
from bot.ports import Act, UnitOfWork
from bot.practices import the_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.answer_filing import Answer, answer_as_operator
from bot.workflows.desk import Desk

VIA = "command line"
COLUMNS: tuple[str, ...] = (
    "note_id",
    "target",
    "state",
    "attempts",
    "code",
    "sha256",
    "version",
    "outcome",
    "verified",
    "filed_at",
    "reference",
)
_ALL = 10_000_000
_NOT_THERE = tuple(state for state in FilingState if state is not FilingState.STORED)
_RETRIED = (FilingState.PENDING, FilingState.REFUSED)


async def list_filings(settings: Settings, states: Sequence[str], target: str, *, everything: bool) -> list[list[str]]:
    """A row a filing: note, target, state, attempts, since, next try, code, and what that means."""
    wanted = _states(states) or (tuple(FilingState) if everything else _NOT_THERE)
    async with _practice(settings) as desk, desk.database.reading(desk.id) as unit:
        await _check_target(desk, unit, target)
        return [_row(desk, filing) for filing in await unit.ledger.listed(wanted, target, _ALL)]


async def retry_filings(
    settings: Settings, notes: Sequence[str], target: str, states: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Have filings sent again now: which these are, and why others are not. Raises UserMistake."""
    wanted = _states(states) or (_NOT_THERE if notes else _RETRIED)
    async with _practice(settings) as desk:
        async with desk.database.reading(desk.id) as unit:
            await _check_target(desk, unit, target)
            listed = await unit.ledger.listed(_NOT_THERE, target, _ALL)
            if strangers := [note for note in notes if not await unit.ledger.of(NoteId(note))]:
                raise NotFound("note_not_found", f"There is no signed note {strangers[0][:40]} here.")
        asked = [filing for filing in listed if filing.state in wanted and (not notes or filing.note_id in notes)]
        done, refused = list[str](), list[str]()
        for filing in asked:
            try:
                await answer_as_operator(desk, filing.note_id, filing.target, Answer.AGAIN, VIA)
                done.append(f"{filing.note_id}  {filing.target}")
            except Stale as mistake:
                refused.append(f"{filing.note_id}  {filing.target}: {_why_not(filing, mistake)}")
        return done, refused


async def answer(settings: Settings, note: str, target: str, said: Answer) -> None:
    """Take an operator's word for whether a note is there. Raises UserMistake."""
    async with _practice(settings) as desk:
        async with desk.database.reading(desk.id) as unit:
            await _check_target(desk, unit, target)
        await answer_as_operator(desk, NoteId(note), target, said, VIA)


async def export_filings(settings: Settings, file: Path) -> int:
    """Write the whole ledger, a line a filing; the count. Only its owner may read the file. Raises UserMistake."""
    if file.suffix not in (".csv", ".jsonl"):
        raise UserMistake("export_kind", f"{file.name}: the file's name must end in .csv or .jsonl.")
    async with _practice(settings) as desk, desk.database.writing(desk.id) as unit:
        filings = await unit.ledger.listed((), "", _ALL)
        await unit.audit.append(Act(None, "filings exported", None, 0, "", desk.clock.now(), VIA))  # with client codes
        await unit.commit()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UserMistake("export_file", f"{file}: {error.strerror}. Nothing was written.") from None
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
        write_lines(out, (_line(filing) for filing in filings), as_csv=file.suffix == ".csv")
    return len(filings)


def write_lines(out: TextIO, lines: Iterable[Mapping[str, object]], *, as_csv: bool) -> None:
    """As CSV with a heading, or a JSON object a line."""
    if not as_csv:
        out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(lines)


def _line(filing: Filing) -> dict[str, object]:
    receipt = filing.receipt
    known = (filing.note_id, filing.target, filing.state.value, filing.attempts, filing.error_code)
    if receipt is None:
        return dict(zip(COLUMNS, (*known, "", "", "", "", "", ""), strict=True))
    proof = (receipt.sha256, receipt.version, receipt.outcome, receipt.verified)
    return dict(zip(COLUMNS, (*known, *proof, receipt.at.isoformat(), receipt.reference), strict=True))


def _row(desk: Desk, filing: Filing) -> list[str]:
    zone = ZoneInfo(desk.practice.timezone)
    since = f"since {filing.failing_since.astimezone(zone):%Y-%m-%d %H:%M}" if filing.failing_since else ""
    tried = filing.state in (FilingState.PENDING, FilingState.REFUSED)
    following = f"next {filing.next_at.astimezone(zone):%Y-%m-%d %H:%M}" if tried else ""
    tries = f"{filing.attempts} tries" if filing.attempts != 1 else "1 try"
    meaning = words.STATES[filing.state]
    if filing.error_code and filing.state is not FilingState.STORED:
        meaning = f"{meaning}: {words.wrong(filing.error_code, filing.target)}"
    return [filing.note_id, filing.target, filing.state, tries, since, following, filing.error_code, meaning]


def _why_not(filing: Filing, mistake: Stale) -> str:
    if filing.state is FilingState.UNKNOWN:
        return "a person has to look first whether it is there: see `afternote filings there` and `absent`."
    return mistake.sentence


def _states(names: Sequence[str]) -> tuple[FilingState, ...]:
    known = ", ".join(FilingState)
    for name in names:
        if name not in tuple(FilingState):
            raise UserMistake("unknown_state", f"There is no state “{name[:40]}”; there are {known}.")
    return tuple(FilingState(name) for name in names)


async def _check_target(desk: Desk, unit: UnitOfWork, target: str) -> None:
    """Raises UserMistake for a name that neither practice.toml nor the ledger has: it is mistyped, most likely."""
    if target and target not in desk.targets and not await unit.ledger.listed((), target, 1):
        names = ", ".join(desk.targets)
        raise UserMistake("unknown_target", f"There is no target “{target[:40]}” in practice.toml; there are {names}.")


@asynccontextmanager
async def _practice(settings: Settings) -> AsyncGenerator[Desk]:
    practice = the_practice(settings)
    desk = await open_desk(settings, practice, SystemClock())
    try:
        yield desk
    finally:
        await desk.database.close()
