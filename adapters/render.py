"""A document as files: extension → bytes. Rendered once, at signing; what is stored is what every sink gets.

Slow enough (tens of milliseconds) to belong in a thread: `await asyncio.to_thread(render_all, document)`.
"""

from collections.abc import Callable, Sequence

from adapters.layout import Document
from adapters.render_docx import render_docx
from adapters.render_json import render_json
from adapters.render_markdown import render_markdown
from adapters.render_pdf import render_pdf
from adapters.render_text import render_text

_RENDERERS: dict[str, Callable[[Document], bytes]] = {
    "txt": render_text,
    "md": render_markdown,
    "pdf": render_pdf,
    "docx": render_docx,
    "json": render_json,
}
KINDS = tuple(_RENDERERS)


def render_all(doc: Document, kinds: Sequence[str] = KINDS) -> dict[str, bytes]:
    """The document in each of `kinds` (default: all). Equal documents give equal bytes."""
    return {kind: _RENDERERS[kind](doc) for kind in kinds}
