"""Markdown (CommonMark) whose markup is all ours: what people typed is escaped and reads the same when rendered."""

import re
from collections.abc import Iterator, Sequence

from adapters.layout import Document, Subject
from adapters.render_text import ABOUT, NOTHING, REASON

_INLINE = re.compile(r"([\\`*_\[\]<>&~|#$])")
_BLOCK_START = re.compile(r"^(\s*)([-+=:>])", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])", re.MULTILINE)
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto)(:)|(www)(\.)|(@)")


def render_markdown(doc: Document) -> bytes:
    """The whole note as Markdown, UTF-8."""
    return ("\n".join(_lines(doc)) + "\n").encode()


def escape(text: str) -> str:
    """Typed text as Markdown that shows exactly it: no emphasis, list, link, HTML or heading can come of it."""
    text = _INLINE.sub(r"\\\1", text)
    text = _BLOCK_START.sub(r"\1\\\2", text)
    text = _NUMBERED.sub(r"\1\\\2", text)
    text = _LINK.sub(lambda m: f"{m[1] or m[3] or ''}\\{m[2] or m[4] or m[5]}", text)
    return "\n".join(_kept_indent(line) for line in text.split("\n"))


def _kept_indent(line: str) -> str:
    """Leading blanks would start a code block; as entities they are only blanks."""
    bare = line.lstrip(" \t")
    return "&nbsp;" * (len(line) - len(bare)) + bare


def _paragraph(text: str) -> str:
    """Line breaks inside a paragraph are the author's: hard breaks. A blank line among them stays one."""
    return "\\\n".join(line or "&nbsp;" for line in escape(text).split("\n"))


def _lines(doc: Document) -> Iterator[str]:
    yield from (f"# {escape(doc.heading)}", "")
    yield from ("\\\n".join(map(escape, (doc.practice_name, *doc.letterhead.lines))), "")
    yield from _table(doc.facts())
    if doc.late_entry:
        yield from ("", f"**{escape(doc.late_told)}**")
    if doc.about:
        yield from _about(doc.about)
    for section in doc.shown_sections():
        yield from ("", f"## {escape(section.title)}")
        for paragraph in section.paragraphs:
            yield from ("", _paragraph(paragraph))
        if not section.paragraphs:
            yield from ("", f"*{NOTHING}*")
    yield from ("", "## Signatures")
    for signature in doc.signatures:
        yield from ("", f"**{escape(signature.line)}** ({escape(signature.capacity)}), {escape(signature.signed_at)}")
        yield from ("", _paragraph(signature.attestation), "", f"Signed content: SHA-256 `{signature.version_hash}`")
    yield from ("", "---", "", escape(doc.drafted_by))
    yield from ("", f"Note `{doc.note_id}`, version {doc.version}, SHA-256 `{doc.version_hash}`")


def _table(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield from ("| | |", "|---|---|")
    yield from (f"| {escape(label)} | {escape(value)} |" for label, value in rows)


def _about(about: Subject) -> Iterator[str]:
    yield from ("", f"## {ABOUT}", "", f"**{escape(about.meaning)}**", "")
    yield from _table(about.facts())
    if about.reason_apart:
        yield from ("", f"**{REASON}:** {_paragraph(about.reason_apart)}")
