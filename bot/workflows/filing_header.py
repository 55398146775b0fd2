"""What a sink is told of a note beside its files."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.filing import Filing
from bot.domain.note import Note
from bot.ports import Countersigned, FiledNote, Related
from bot.workflows.desk import Desk


def filed_note(desk: Desk, note: Note, filing: Filing, related: Related | None) -> FiledNote:
    """The header of a signed note for the place of `filing`."""
    fmt, signature = desk.format_of(note), note.standing[0]
    session = note.session
    return FiledNote(
        note_id=note.id,
        practice_id=note.practice_id,
        client_code=note.client_code,
        format_id=note.format_id,
        session_date=session.date.isoformat() if session.date else "undated",
        version_hash=note.version_hash(),
        format_name=fmt.name,
        loinc=fmt.loinc,
        clinician_id=note.clinician_id,
        clinician=", ".join(filter(None, (signature.name, signature.credentials))),
        session_kind=session.kind,
        timezone=_timezone(desk, note),
        started_at=_started_at(desk, note),
        minutes=session.minutes,
        signed_at=signature.at,
        client_flags=desk.practice.flags_of(note.client_code),
        related=related,
        maybe_sent=filing.maybe_sent,
        countersigned=_countersigned(note),
        format_version=fmt.version,
    )


def _countersigned(note: Note) -> Countersigned | None:
    others = note.standing[1:]
    if not others:
        return None
    last = others[-1]
    return Countersigned(", ".join(filter(None, (last.name, last.credentials))), last.role, last.at)


def _started_at(desk: Desk, note: Note) -> datetime | None:
    """The session's day and hour, which were typed in the clinician's own zone."""
    session = note.session
    if session.date is None or session.start is None:
        return None
    return datetime.combine(session.date, session.start, ZoneInfo(_timezone(desk, note)))


def _timezone(desk: Desk, note: Note) -> str:
    person = desk.practice.person(note.clinician_id)
    return person.timezone if person else desk.practice.timezone
