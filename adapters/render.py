"""A document as files: extension → bytes. Rendered once, at signing; what is stored is what every sink gets.

Slow enough (tens of milliseconds) to belong in a thread: `await asyncio.to_thread(render_all, document)`.
"""

from collections.abc import Callable, Mapping, Sequence

from adapters.layout import Document
from adapters.render_docx import render_docx
from adapters.render_fhir import HELD, render_fhir
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
_BUNDLE = "fhir.json"  # holds other files
KINDS = (*_RENDERERS, _BUNDLE)
ALWAYS_MADE = ("txt", "pdf", "json")  # what View shows and an export holds


def render_all(
    doc: Document, kinds: Sequence[str] = KINDS, made: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """The document in each of `kinds` (default: all). Equal documents give equal bytes.

    `made`: its files of before, by kind; they are taken as they are.
    """
    made = made or {}
    needed = {*kinds, *HELD} if _BUNDLE in kinds and _BUNDLE not in made else {*kinds}
    files = dict(made)
    files |= {kind: render(doc) for kind, render in _RENDERERS.items() if kind in needed and kind not in made}
    if _BUNDLE in needed and _BUNDLE not in made:
        files[_BUNDLE] = render_fhir(doc, files)
    return {kind: files[kind] for kind in kinds}
