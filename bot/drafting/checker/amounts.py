"""The words that numbers, units, dates and frequencies are told by; read from `checker.toml`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.drafting.lexicon import table


@dataclass(frozen=True, slots=True)
class Tables:
    """Words for numbers, units, days and frequencies, each with what it stands for."""

    numbers: dict[str, float]
    ordinals: dict[str, float]
    units: dict[str, str]
    periods: dict[str, str]
    schedules: dict[str, int]
    weekdays: dict[str, str]
    months: dict[str, int]
    named: dict[str, str]
    often: dict[str, str]


@cache
def tables() -> Tables:
    data = table("checker")

    def turned(name: str) -> dict[str, Any]:
        return {word: key for key, words in data[name].items() for word in words}

    months = {word: int(key) for word, key in turned("months").items()}
    return Tables(
        data["numbers"], data["ordinals"], turned("units"), turned("periods"), data["schedules"], turned("weekdays"),
        months, turned("named_days"), turned("often"),
    )  # fmt: skip


def is_number(lower: str) -> bool:
    """Whether a word is a number written out."""
    return lower in tables().numbers
