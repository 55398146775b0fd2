"""`afternote stats`: the practice's numbers, by clinician. Counts and times, no note, no client and no text."""

import asyncio
import csv
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import fail, out

if TYPE_CHECKING:
    from bot.domain.numbers import Numbers
    from bot.settings import Settings
    from bot.workflows.stats import Stats


def stats(
    days: Annotated[int, typer.Option(help="How many days to look back.", min=1, max=3660)] = 30,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a line a clinician as CSV instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    practice: PRACTICE = "",
) -> None:
    """Show what was measured: summary to signature, signed the same day, the backlog over eight weeks."""
    if as_csv and as_json:
        fail(["Choose --csv or --json, not both."])
    settings = load_settings(practice)
    with complaints():
        found = asyncio.run(_read(settings, days))
    rows = [_row(each) for each in (*([found.practice] if found.practice else []), *found.people)]
    if as_json:
        typer.echo(json.dumps({"days": days, "numbers": rows}))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "backlog": row["backlog"][-1]["waiting"]} for row in rows)
    else:
        _print(found)


def _print(found: "Stats") -> None:
    from bot.cards import numbers_words as words
    from bot.cards.charts import text_lines
    from bot.cards.numbers_screens import backlog_chart, line

    out.print(words.ABOUT.format(days=found.days), markup=False, highlight=False, soft_wrap=True)
    for numbers in (*([found.practice] if found.practice else []), *found.people):
        out.print(f"\n{numbers.name}", markup=False, highlight=False, soft_wrap=True)
        out.print(f"  {line(numbers, found.days)}", markup=False, highlight=False, soft_wrap=True)
    if found.practice:
        out.print(f"\n{words.BACKLOG_TITLE}", markup=False, highlight=False)
        for each in text_lines(backlog_chart(found.practice)):
            out.print(f"  {each}", markup=False, highlight=False, soft_wrap=True)


def _row(numbers: "Numbers") -> dict[str, Any]:
    return {
        "name": numbers.name,
        "signed": numbers.signed,
        "median_seconds_summary_to_signature": int(numbers.took.total_seconds()) if numbers.took else None,
        "percent_signed_same_day": numbers.same_day,
        "percent_changed_before_signing": numbers.changed,
        "percent_late": numbers.late,
        "backlog": [{"day": day.isoformat(), "waiting": count} for day, count in numbers.backlog],
    }


async def _read(settings: "Settings", days: int) -> "Stats":
    from bot.practices import the_practice
    from bot.wiring import SystemClock, open_desk
    from bot.workflows.stats import practice_stats

    desk = await open_desk(settings, the_practice(settings), SystemClock())
    try:
        return await practice_stats(desk, days)
    finally:
        await desk.database.close()
