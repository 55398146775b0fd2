"""Signed notes as documents, for the rendering tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from adapters.layout import Document, document_of
from bot.domain.ids import NoteId, PersonId, PracticeId, StatementId
from bot.domain.letterhead import NO_LETTERHEAD, Letterhead, Logo
from bot.domain.links import Link, LinkKind
from bot.domain.note import Note, Session, Signature, State
from bot.domain.statements import Origin, Slot, Statement
from bot.formats_file import load_formats

SIGNED_AT = datetime(2026, 11, 20, 21, 5, tzinfo=UTC)
SESSION = Session(date(2026, 11, 20), time(14, 0), 53, "individual", "telehealth")
TYPICAL: Sequence[tuple[Slot, str]] = (
    (Slot.REPORT, "Client reported six hours of sleep a night, up from four."),
    (Slot.REPORT, "“I only checked the door once on Tuesday,” she said."),
    (Slot.HOMEWORK_REVIEW, "Client completed the worry log on five of seven days."),
    (Slot.OBSERVATION, "Affect was constricted at first and brightened when she spoke about her daughter."),
    (Slot.MEASURE, "GAD-7: 11 (last session 14)."),
    (Slot.INTERVENTION, "Clinician led an imaginal exposure to the staff meeting for 15 minutes."),
    (Slot.RESPONSE, "Client engaged fully; distress fell from 70 to 40 over the exposure."),
    (Slot.GOAL, "Goal 2: reduce checking to twice a day or less."),
    (Slot.PROGRESS, "Checking is down from about ten times a day to three."),
    (Slot.RISK, "Client denied suicidal ideation when asked directly."),
    (Slot.HOMEWORK, "Attend the Monday meeting without rehearsing."),
)


def signed_note(texts: Sequence[tuple[Slot, str]] = TYPICAL, signed_at: datetime = SIGNED_AT) -> Note:
    """A note of November 20, 2026, signed by its clinician and a supervisor."""
    statements = tuple(
        Statement(StatementId(f"s{number}"), slot, text, (number,), Origin.MODEL)
        for number, (slot, text) in enumerate(texts, start=1)
    )
    note = Note(
        id=NoteId("n0123456789abcdefg"),
        practice_id=PracticeId("larkspur"),
        clinician_id=PersonId("delgado"),
        state=State.APPROVED,
        format_id="soap",
        summary="",
        created_at=datetime(2026, 11, 20, 20, 58, tzinfo=UTC),
        client_code="JD-014",
        session=SESSION,
        statements=statements,
        drafted_by=Origin.MODEL,
        version=3,
        previous_hash="ab" * 32,
    )
    author = Signature(
        PersonId("delgado"),
        "Rosa Delgado",
        "LPC-Associate",
        "clinician",
        signed_at,
        3,
        note.version_hash(),
        "I have read this note and sign it.",
    )
    supervisor = replace(
        author,
        person_id=PersonId("weiss"),
        name="Miriam Weiss",
        credentials="PsyD",
        role="supervisor",
        at=signed_at + timedelta(hours=3),
    )
    return replace(note, signatures=(author, supervisor))


def document(texts: Sequence[tuple[Slot, str]] = TYPICAL, format_id: str = "soap") -> Document:
    """`signed_note` as a document, in Chicago's time."""
    return of(replace(signed_note(texts), format_id=format_id))


def of(note: Note, about: Note | None = None, letterhead: Letterhead = NO_LETTERHEAD) -> Document:
    formats = load_formats()
    return document_of(
        note,
        formats[note.format_id],
        "Larkspur Street Counseling",
        "Rosa Delgado, LPC-Associate",
        "America/Chicago",
        about=about,
        about_format=formats[about.format_id] if about else None,
        letterhead=letterhead,
    )


LATER = SIGNED_AT + timedelta(days=9)
LETTERHEAD = Letterhead(
    ("12 Larkspur Street, Suite 3", "Minneapolis, MN 55401", "Tel (612) 555-0142"),
    Logo("svg", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 6"><rect width="12" height="6"/></svg>'),
)


def linked_note(kind: LinkKind, reason: str = "", texts: Sequence[tuple[Slot, str]] = TYPICAL[:1]) -> Note:
    """A note about `signed_note()`, written and signed nine days later by its clinician alone."""
    about = signed_note()
    note = replace(
        signed_note(texts),
        id=NoteId("n99887766554433221"),
        created_at=LATER - timedelta(minutes=7),
        link=Link(kind, about.id, reason),
        signatures=(),
    )
    return replace(note, signatures=(replace(about.signatures[0], at=LATER, version_hash=note.version_hash()),))


def linked(kind: LinkKind, reason: str = "", texts: Sequence[tuple[Slot, str]] = TYPICAL[:1]) -> Document:
    """`linked_note` as a document, on the practice's letterhead."""
    return of(linked_note(kind, reason, texts), about=signed_note(), letterhead=LETTERHEAD)
