"""A practice's logo for programs that take one kind: Word pixels, Typst text, so a drawing."""

import base64
from functools import lru_cache
from typing import Any

from bot.domain.letterhead import Logo

_DRAW = b'#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image("logo.svg", height: 60pt)\n'


@lru_cache(maxsize=8)
def as_drawing(logo: Logo) -> bytes:
    """The logo as SVG; a bitmap stands in it whole."""
    if logo.kind == "svg":
        return logo.data
    size, held = f'width="{logo.width}" height="{logo.height}"', base64.b64encode(logo.data).decode()
    image = f'<image {size} href="data:image/{logo.kind};base64,{held}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{image}</svg>'.encode()


@lru_cache(maxsize=8)
def as_bitmap(logo: Logo) -> bytes:
    """The logo as PNG or JPEG. Raises ValueError for a drawing that cannot be drawn."""
    if logo.kind != "svg":
        return logo.data
    import typst

    try:
        sources: Any = {"main.typ": _DRAW, "logo.svg": logo.data}  # typst's stub knows no files beside the main one
        return typst.compile(sources, format="png", ppi=300)
    except typst.TypstError:
        raise ValueError("logo_not_drawn") from None
