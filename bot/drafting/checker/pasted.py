"""Recognises text that commands the writer instead of telling of the session. It supports nothing."""

import re
from functools import cache

from bot.drafting.lexicon import table


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(table("checker")["pasted"]["patterns"]), re.IGNORECASE)


def is_pasted(text: str) -> bool:
    """Whether a point is a pasted command: an instruction about what to write, addressed to whoever writes it."""
    return _pattern().search(text) is not None
