"""A draft in the terminal: colour for people, plain text for pipes, JSON for programs."""

import json

from rich.console import Console
from rich.text import Text

from bot.cards import words
from bot.domain.formats import Format, arrange, missing
from bot.domain.statements import Draft
from bot.drafting.guards import check_summary


def print_draft(console: Console, summary: str, fmt: Format) -> None:
    """Draft and print, with progress when a person is watching. Raises UserMistake for what is no summary."""
    draft = _drafted(console, summary)
    for section in arrange(draft.statements, fmt):
        console.print(Text(section.spec.title, style="bold"))
        for statement in section.statements:
            console.print(Text(statement.text), soft_wrap=not console.is_terminal)
        if not section.statements:
            console.print(Text(words.NOTHING_YET, style="dim"))
        console.print()
    _print_rest(console, draft, fmt)


def draft_as_json(summary: str, fmt: Format) -> str:
    """The draft as one JSON object: format, sections with statements and sources, unused points, missing slots."""
    draft = _drafted(None, summary)
    sections = [
        {
            "title": section.spec.title,
            "loinc": section.spec.loinc,
            "statements": [
                {"text": s.text, "slot": s.slot.value, "sources": list(s.sources)} for s in section.statements
            ],
        }
        for section in arrange(draft.statements, fmt)
    ]
    document = {
        "format": fmt.id,
        "drafted_by": draft.origin.value,
        "sections": sections,
        "points": [{"number": p.number, "text": p.text} for p in draft.points],
        "not_used": [p.number for p in draft.unused()],
        "missing": [slot.value for slot in missing(draft.statements, fmt)],
    }
    return json.dumps(document, ensure_ascii=False)


def _drafted(console: Console | None, summary: str) -> Draft:
    check_summary(summary)
    if console is None or not console.is_terminal:
        return _sort(summary)
    with console.status("Sorting your own words…"):
        return _sort(summary)


def _sort(summary: str) -> Draft:
    from bot.drafting.guards import guarded
    from bot.drafting.sorter import sort

    return guarded(sort(summary))


def _print_rest(console: Console, draft: Draft, fmt: Format) -> None:
    unused = draft.unused()
    if unused:
        console.print(Text(words.UNUSED_TITLE, style="bold yellow"))
        for point in unused:
            console.print(Text(f"- {point.text}"), soft_wrap=True)
        console.print()
    absent = missing(draft.statements, fmt)
    if absent:
        names = ", ".join(words.SHORT_SLOT_NAMES[slot] for slot in absent)
        console.print(Text(words.MISSING.format(names=names), style="yellow"), soft_wrap=True)
    console.print(Text(f"{words.SORTED} · {fmt.name} · not signed, not filed", style="dim"), soft_wrap=True)
