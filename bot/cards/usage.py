"""What the language model took, as a card for administrators: figures and note ids only."""

from collections.abc import Sequence

from bot.cards import words
from bot.cards.elements import Card, Element, Heading, Remark, Sentence
from bot.domain.usage import Prices, Usage

_NOTES = 20


def usage_card(notes: Sequence[Usage], prices: Prices | None, days: int) -> Card:
    """Totals, the cost of a note, and the latest notes one by one."""
    if not notes:
        return Card(words.USAGE_TITLE, (Heading(words.USAGE_TITLE), Sentence(words.NO_USAGE.format(days=days))))
    tokens = sum(note.prompt_tokens + note.completion_tokens for note in notes)
    total = words.USAGE_TOTAL.format(
        days=days,
        notes=len(notes),
        calls=sum(note.calls for note in notes),
        failed=sum(note.failed for note in notes),
        tokens=tokens,
        each=tokens // len(notes),
    )
    lines: list[Element] = [Remark(usage_line(note, prices)) for note in notes[:_NOTES]]
    cost = Sentence(_cost(notes, prices) if prices else words.NO_PRICES)
    return Card(words.USAGE_TITLE, (Heading(words.USAGE_TITLE), Sentence(total), cost, *lines))


def usage_line(note: Usage, prices: Prices | None) -> str:
    """One note: id, calls, tokens in and out, and its cost when prices are known."""
    line = words.USAGE_LINE.format(
        note=note.note_id,
        calls=note.calls,
        prompt=note.prompt_tokens,
        cached=note.cached_tokens,
        completion=note.completion_tokens,
    )
    return f"{line}, {prices.cost(note):.4f} {prices.currency}" if prices else line


def _cost(notes: Sequence[Usage], prices: Prices) -> str:
    total = sum(prices.cost(note) for note in notes)
    return words.USAGE_COST.format(total=total, each=total / len(notes), currency=prices.currency)
