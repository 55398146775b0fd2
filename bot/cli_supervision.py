"""`afternote supervision`: how the notes of supervised clinicians stand. Counts and times, no note and no text."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import out

if TYPE_CHECKING:
    from bot.domain.standing import SupervisionPage
    from bot.settings import Settings


def supervision(
    days: Annotated[int, typer.Option(help="How many days to look back.", min=1, max=3660)] = 90,
    practice: PRACTICE = "",
) -> None:
    """Show how reviews stand, clinician by clinician: what waits, how long it took, what was asked for. No score."""
    from bot.cards import learning_words as words
    from bot.cards.learning_screens import standing_lines

    settings = load_settings(practice)
    with complaints():
        page = asyncio.run(_page(settings, days))
    out.print(words.SUPERVISION_ABOUT.format(days=days), markup=False, highlight=False, soft_wrap=True)
    if not page.people:
        out.print(words.NOBODY, soft_wrap=True)
    for standing in page.people:
        out.print(f"\n{standing.name}", markup=False, highlight=False, soft_wrap=True)
        for line in standing_lines(standing):
            out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


async def _page(settings: "Settings", days: int) -> "SupervisionPage":
    from bot.practices import the_practice
    from bot.wiring import SystemClock, open_desk
    from bot.workflows.supervision_page import supervision_counts

    desk = await open_desk(settings, the_practice(settings), SystemClock())
    try:
        return await supervision_counts(desk, days)
    finally:
        await desk.database.close()
