"""Plain text: UTF-8 without a byte-order mark, headings in capitals, one line a paragraph, words exactly as signed."""

from collections.abc import Iterator

from adapters.layout import Document, Subject

NOTHING = "Nothing recorded."
ABOUT = "The note this is about"
REASON = "Reason"


def render_text(doc: Document) -> bytes:
    """The whole note as text; lines end in `\\n`."""
    return ("\n".join(_lines(doc)) + "\n").encode()


def _lines(doc: Document) -> Iterator[str]:
    yield from (doc.practice_name, *doc.letterhead.lines, *([""] if doc.letterhead.lines else []))
    yield from (doc.heading.upper(), "")
    yield from (f"{label}: {value}" for label, value in doc.facts())
    if doc.late_entry:
        yield from ("", doc.late_told)
    if doc.about:
        yield from _about(doc.about)
    for section in doc.shown_sections():
        yield from ("", section.title.upper(), *(section.paragraphs or (NOTHING,)))
    yield from ("", "SIGNATURES")
    for signature in doc.signatures:
        yield f"{signature.verb} by {signature.line} ({signature.standing}) on {signature.signed_at}"
        yield from (signature.attestation, f"Signed content: SHA-256 {signature.version_hash}")
    yield from ("", doc.drafted_by, f"Note {doc.note_id}, version {doc.version}, SHA-256 {doc.version_hash}")


def _about(about: Subject) -> Iterator[str]:
    yield from ("", ABOUT.upper(), about.meaning)
    yield from (f"{label}: {value}" for label, value in about.facts())
    if about.reason_apart:
        yield f"{REASON}: {about.reason_apart}"
