"""Which way a text runs."""

import unicodedata


def is_rtl(text: str) -> bool:
    """Whether the first character with a direction of its own runs right to left (Unicode rule P2)."""
    strong = (unicodedata.bidirectional(character) for character in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)
