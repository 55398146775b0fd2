"""Drafting by a model, without the model: from the kept summary to the card, for a summary of 14 sentences.

The whole path runs as in production (SQLite on disk, masking, prompt, a place for the call, reading the answer, the
checker, the commit, the card as Block Kit) with a model that answers at once. Beside it, draft by draft, the sorter on
the same summary: what a draft costs without a model. Then the parts one by one, and the checker a statement.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.figures import Report, percentile, spread, table, verdict
from bot.cards.screens import card_for
from bot.domain.completion import Completion, Prompt
from bot.domain.ids import PersonId, PracticeId
from bot.domain.people import Person, Practice, Role
from bot.domain.usage import Limits
from bot.domain.voice import Voice
from bot.drafting.deidentify import Mask
from bot.drafting.parse import parse_statements
from bot.drafting.points import split_points
from bot.drafting.prompt import draft_prompt, estimated_tokens
from bot.drafting.ready import get_ready
from bot.drafting.sorter import slot_under, sort
from bot.drafting.support import Checker
from bot.formats_file import load_formats
from bot.slack.render import render_card
from bot.wiring import SystemClock
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.roster import Roster
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.writer import Writer
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase

AIM_MS = 50.0
AIM_STATEMENT_MS = 1.0
SUMMARY = (
    "Client came ten minutes late and said the bus from Harlow Street had broken down. She reported sleeping about six "
    "hours on most nights, up from four last month. She said she argued with her sister twice this week about rent. "
    "Worry was rated 6/10. GAD-7 was 11 today. She had filled in the worry log on five of seven days. I reviewed the "
    "log and we sorted worries into those she can act on and those she cannot. I taught postponing worry to a set "
    'quarter of an hour in the evening and we practiced it once in session. She laughed and said "that might just '
    'work". Affect was anxious at first, brighter by the end. She denied suicidal ideation; homicidal ideation was '
    "not asked. I think the late evenings at work keep the worry going. Next week we go on with postponing worry. For "
    "homework she will keep the log and one worry period a day."
)


def summary_of(number: int) -> str:
    """The summary with every sentence a little different, so that nothing is remembered from the draft before."""
    return SUMMARY.replace(". ", f", visit {number}. ")


ROSA = Person(PersonId("rosa"), "Rosa Delgado", "LPC", frozenset({Role.CLINICIAN}), "America/Chicago")


class _AtOnce:
    """Answers at once with statements made beforehand, as a model would word its JSON."""

    def __init__(self) -> None:
        self.answer = ""

    def prepare(self, summary: str) -> None:
        """What to answer next."""
        said = [{"slot": s.slot.value, "text": s.text, "points": list(s.sources)} for s in sort(summary).statements]
        self.answer = json.dumps({"statements": said})

    async def complete(self, prompt: Prompt) -> Completion:
        return Completion(self.answer, "at-once", len(prompt.constant) // 4, len(self.answer) // 4)

    async def close(self) -> None:
        return None


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    parser.add_argument("--drafts", type=int, default=300, help="how many drafts to time")


def run(options: argparse.Namespace) -> Report:
    """Time the path and its parts."""
    return asyncio.run(_run(options.drafts))


async def _run(drafts: int) -> Report:
    get_ready()  # as a process of the product does at its start
    whole, baseline = await _whole_path(drafts)
    parts = _parts(drafts)
    statement = _a_statement(drafts)
    prompt = draft_prompt([p.text for p in split_points(SUMMARY)], Voice())
    ratio = percentile(whole, 50) / percentile(baseline, 50)
    held = percentile(whole, 99) < AIM_MS and statement < AIM_STATEMENT_MS
    figures: dict[str, Any] = {
        "whole_ms": spread(whole),
        "sorter_ms": spread(baseline),
        "ratio_p50": round(ratio, 2),
        "parts_ms": {name: spread(values, 3) for name, values in parts.items()},
        "checker_ms_a_statement": round(statement, 3),
        "constant_prompt_tokens": estimated_tokens(prompt.constant),
        "question_tokens": estimated_tokens(prompt.question),
    }
    return Report(figures, [_times(whole, baseline, parts)], _remarks(figures, whole), held)


async def _whole_path(drafts: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the kept summary to the rendered card: with the model, and with the sorter, turn by turn."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'afternote.db'}"
        await migrate(url)
        database = SqlDatabase(url, KeyRing.parse(new_key_ring()))
        practice = Practice(PracticeId("p"), "Practice", "America/Chicago", (ROSA,))
        model = _AtOnce()
        writer = Writer(model, limits=Limits(4, 1_000_000))
        sorting = Desk(Roster(practice), load_formats(), database, SystemClock())
        desks = (replace(sorting, writer=writer), sorting)
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(drafts + 5):
            for desk, kept in zip(desks, times, strict=True):
                summary = summary_of(2 * number + (desk is sorting))
                model.prepare(summary)
                forget()
                spent = await _one(desk, summary, f"{number}:{desk is sorting}")
                if number >= 5:  # the first ones read word lists
                    kept.append(spent)
        await database.close()
    return times


async def _one(desk: Desk, summary: str, source: str) -> float:
    started = await start_draft(desk, ROSA, NewNote(summary, source, "bench", "soap", "JD-014"))
    begun = time.perf_counter()
    await draft_note(desk, started.note_id)
    opened = await open_note(desk, started.note_id)
    render_card(card_for(opened.note, desk.shown(opened.note)))
    return (time.perf_counter() - begun) * 1000


def _parts(drafts: int) -> dict[str, list[float]]:
    points = split_points(SUMMARY)
    texts = [point.text for point in points]
    mask = Mask()
    answer = json.dumps({"statements": [{"slot": "report", "text": t, "points": [n]} for n, t in enumerate(texts, 1)]})
    checker = Checker(points)
    return {
        "hide identifiers": _timed(lambda: [Mask().hide("\n".join(texts))], drafts),
        "prompt": _timed(lambda: draft_prompt(texts, Voice()), drafts),
        "read the answer": _timed(lambda: parse_statements(answer, len(points)), drafts),
        "put identifiers back": _timed(lambda: [mask.reveal(text) for text in texts], drafts),
        "look at the points": _timed(lambda: Checker(points), drafts),
        "check the statements": _timed(lambda: [checker.check(t, [n]) for n, t in enumerate(texts, 1)], drafts),
        "sorter": _timed(_sort_afresh, drafts),
    }


def forget() -> None:
    """Drop what the sorter remembers of points, as for a summary never seen before."""
    slot_under.cache_clear()


def _sort_afresh() -> None:
    forget()
    sort(SUMMARY)


def _timed(work: Callable[[], object], times: int) -> list[float]:
    spent: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def _a_statement(drafts: int) -> float:
    """Mean milliseconds for a statement, the look at the points shared among a note's statements."""
    points = split_points(SUMMARY)
    statements = [(s.text, s.sources) for s in sort(SUMMARY).statements]

    def note() -> None:
        checker = Checker(points)
        for text, sources in statements:
            checker.check(text, sources)

    note()
    return sum(_timed(note, drafts)) / drafts / len(statements)


def _times(whole: list[float], baseline: list[float], parts: dict[str, list[float]]) -> Any:
    made = table("A draft without the model's own time, ms", "", "p50", "p99", "max")
    for name, values in {"the whole path": whole, "the same with the sorter": baseline, **parts}.items():
        found = spread(values)
        made.add_row(name, *(f"{found[column]:.2f}" for column in ("p50", "p99", "max")))
    return made


def _remarks(figures: dict[str, Any], whole: list[float]) -> list[str]:
    statement = figures["checker_ms_a_statement"]
    p99, quick = percentile(whole, 99), verdict(statement < AIM_STATEMENT_MS)
    return [
        f"Whole path p99 {p99:.1f} ms (aim {AIM_MS:.0f}): {verdict(p99 < AIM_MS)}.",
        f"Checker {statement:.3f} ms a statement (aim {AIM_STATEMENT_MS:.0f}): {quick}.",
        f"Prompt: about {figures['constant_prompt_tokens']} tokens are the same for every note, "
        f"{figures['question_tokens']} are this note's.",
        f"A draft by the model costs {figures['ratio_p50']} times one by the sorter, the model's own time aside.",
    ]
