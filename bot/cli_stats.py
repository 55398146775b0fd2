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
    person: Annotated[str, typer.Option(help="Only this person's, by id.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a line a clinician as CSV instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    practice: PRACTICE = "",
) -> None:
    """Show what was measured: summary to signature, signed the same day, backlog over eight weeks, model cost."""
    if as_csv and as_json:
        fail(["Choose --csv or --json, not both."])
    settings = load_settings(practice)
    with complaints():
        found = asyncio.run(_read(settings, days, person))
    rows = [_row(each) for each in (*([found.practice] if found.practice else []), *found.people)]
    if as_json:
        typer.echo(json.dumps({"days": days, "numbers": rows}))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, list(_flat(rows[0])), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_flat(row) for row in rows)
    else:
        _print(found)


def _print(found: "Stats") -> None:
    from bot.cards import numbers_words as words
    from bot.cards.charts import text_lines
    from bot.cards.numbers_screens import backlog_chart, line, took_chart

    out.print(words.ABOUT.format(days=found.days), markup=False, highlight=False, soft_wrap=True)
    for numbers in (*([found.practice] if found.practice else []), *found.people):
        out.print(f"\n{numbers.name}", markup=False, highlight=False, soft_wrap=True)
        out.print(f"  {line(numbers, found.days)}", markup=False, highlight=False, soft_wrap=True)
    shown = found.practice or next(iter(found.people), None)
    for chart in (backlog_chart(shown), took_chart(shown)) if shown else ():
        unit = "" if chart.unit in chart.title.casefold() else f" ({chart.unit})"
        out.print(f"\n{chart.title}{unit}", markup=False, highlight=False)
        for each in text_lines(chart):
            out.print(f"  {each}", markup=False, highlight=False, soft_wrap=True)


def _row(numbers: "Numbers") -> dict[str, Any]:
    return {
        "name": numbers.name,
        "signed": numbers.signed,
        "median_seconds_summary_to_signature": int(numbers.took.total_seconds()) if numbers.took else None,
        "percent_signed_same_day": numbers.same_day,
        "percent_changed_before_signing": numbers.changed,
        "percent_late": numbers.late,
        "model_cost": _rounded(numbers.cost),
        "model_cost_per_note": _rounded(numbers.cost_each),
        "currency": numbers.currency if numbers.cost is not None else None,
        "backlog": [{"day": day.isoformat(), "waiting": count} for day, count in numbers.backlog],
        "weekly_median_seconds": [
            {"day": day.isoformat(), "seconds": int(took.total_seconds())} for day, took in numbers.weekly
        ],
    }


def _rounded(cost: float | None) -> float | None:
    return None if cost is None else round(cost, 6)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A line of a table: the backlog of today only, and no weeks."""
    return {**{name: value for name, value in row.items() if name != "weekly_median_seconds"}, "backlog": _today(row)}


def _today(row: dict[str, Any]) -> int:
    return row["backlog"][-1]["waiting"]


async def _read(settings: "Settings", days: int, person: str) -> "Stats":
    from bot.practices import the_practice
    from bot.wiring import SystemClock, open_desk
    from bot.workflows.stats import practice_stats

    practice = the_practice(settings)
    desk = await open_desk(settings, practice, SystemClock())
    try:
        return await practice_stats(desk, days, practice.model.prices, person)
    finally:
        await desk.database.close()
