"""Reads `[model]` of practice.toml: how the language model may be used."""

from dataclasses import dataclass, field

from bot.domain.usage import Limits, Prices
from bot.toml_table import Table


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What `[model]` says. `hide_identifiers` may be off only for a server of the practice's own."""

    hide_identifiers: bool = True
    patience_seconds: int = 90
    limits: Limits = field(default_factory=Limits)
    prices: Prices = field(default_factory=Prices)


def read_model(table: Table) -> ModelUse:
    """Limits over all workers, and prices for counting what notes cost."""
    prices = table.table("price_per_million_tokens")
    use = ModelUse(
        hide_identifiers=table.flag("hide_identifiers", True),
        patience_seconds=table.number("patience_seconds", 90, 5, 600),
        limits=Limits(
            concurrency=table.number("calls_at_a_time", 4, 1, 100),
            per_minute=table.number("calls_per_minute", 60, 1, 10_000),
        ),
        prices=Prices(
            prompt=prices.amount("prompt"),
            cached=prices.amount("cached"),
            completion=prices.amount("completion"),
            currency=table.text("currency", "USD", (r"[A-Z]{3}", "a currency of three capitals, e.g. USD")),
        ),
    )
    prices.close()
    table.close()
    return use
