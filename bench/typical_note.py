"""The note that the benchmark of documents renders. Imports no renderer: the benchmark also times the first one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from adapters.layout import Document, document_of
from bot.domain.ids import NoteId, PersonId, PracticeId, StatementId
from bot.domain.letterhead import Letterhead, Logo
from bot.domain.note import Note, Session, Signature, State
from bot.domain.statements import Origin, Slot, Statement
from bot.formats_file import load_formats

SIGNED_AT = datetime(2026, 11, 20, 21, 5, tzinfo=UTC)
SENTENCES: tuple[tuple[Slot, str], ...] = (
    (Slot.REPORT, "Client reported six hours of sleep a night, up from four, and less dread before work."),
    (Slot.REPORT, "“I only checked the door once on Tuesday,” she said."),
    (Slot.HOMEWORK_REVIEW, "Client completed the worry log on five of seven days and brought it in."),
    (Slot.OBSERVATION, "Affect was constricted at first and brightened when she spoke about her daughter."),
    (Slot.MEASURE, "GAD-7: 11 (last session 14)."),
    (Slot.INTERVENTION, "Clinician led an imaginal exposure to the staff meeting for 15 minutes."),
    (Slot.INTERVENTION, "Clinician and client went through the worry log and named two thinking traps."),
    (Slot.RESPONSE, "Client engaged fully; distress fell from 70 to 40 over the exposure."),
    (Slot.GOAL, "Goal 2: reduce checking to twice a day or less."),
    (Slot.PROGRESS, "Checking is down from about ten times a day to three."),
    (Slot.RISK, "Client denied suicidal ideation when asked directly."),
    (Slot.HOMEWORK, "Attend the Monday meeting without rehearsing."),
    (Slot.PLAN, "Next session: second imaginal exposure, then plan the one at work."),
)
LOGO = Logo(
    "svg", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 6"><rect width="12" height="6" rx="1"/></svg>'
)
LETTERHEAD = Letterhead(("12 Larkspur Street, Suite 3", "Minneapolis, MN 55401", "Tel (612) 555-0142"), LOGO)


def typical(number: int = 0) -> Document:
    """A SOAP note of 13 sentences with two signatures on the practice's letterhead; each number gives another one."""
    note = Note(
        id=NoteId(f"nbenchmark{number}"),
        practice_id=PracticeId("larkspur"),
        clinician_id=PersonId("delgado"),
        state=State.APPROVED,
        format_id="soap",
        summary="",
        created_at=SIGNED_AT - timedelta(minutes=9),
        client_code="JD-014",
        session=Session(date(2026, 11, 20), time(14, 0), 53, "individual", "telehealth"),
        statements=tuple(
            Statement(StatementId(f"s{place}"), slot, words, (place,))
            for place, (slot, words) in enumerate(SENTENCES, 1)
        ),
        drafted_by=Origin.MODEL,
        version=3,
    )
    person, words = PersonId("delgado"), "I have read this note and sign it."
    first = Signature(person, "Rosa Delgado", "LPC-Associate", "clinician", SIGNED_AT, 3, note.version_hash(), words)
    second = replace(first, person_id=PersonId("weiss"), name="Miriam Weiss", credentials="PsyD", role="supervisor")
    signed = replace(note, signatures=(first, second))
    return document_of(
        signed,
        load_formats()["soap"],
        "Larkspur Street Counseling",
        "Rosa Delgado, LPC-Associate",
        "America/Chicago",
        letterhead=LETTERHEAD,
    )
