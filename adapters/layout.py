"""What a signed note looks like on paper, before any file format: a `Document`, built once from a note.

Every sentence here that the clinician did not write is a fact of the note (dates, ids, roles), never clinical content.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.formats import Format, Section, arrange
from bot.domain.letterhead import NO_LETTERHEAD, Letterhead
from bot.domain.links import LinkKind
from bot.domain.note import Note, Session, Signature
from bot.domain.statements import Origin, Statement

DRAFTED_BY = {
    Origin.SORTER: "Arranged from the clinician’s own summary without a language model; reviewed before signing.",
    Origin.MODEL: "Drafted by a language model from the clinician’s own summary; reviewed before signing.",
    Origin.CLINICIAN: "Written by the clinician.",
}
AMENDED_BY = "Amended in the clinician’s own words."
_HEADINGS = {
    LinkKind.ADDENDUM: "Addendum to {}",
    LinkKind.AMENDMENT: "Amended {}",
    LinkKind.RETRACTION: "Retraction of {} (entered in error)",
}
_MEANINGS = {
    LinkKind.ADDENDUM: "This adds to the note below, which stays as it was signed.",
    LinkKind.AMENDMENT: "This takes the place of the note below, which is kept as it was signed.",
    LinkKind.RETRACTION: "The note below was entered in error. It is kept as signed, and is not to be relied on.",
}
_VERBS = {"supervisor": "Co-signed", "reviewer": "Reviewed"}  # by the role of a signature
_SENTENCE_ENDS = tuple(".!?…。！？؟।;:")
_CLOSERS = "\"'”’»)]›"
_ITEM = re.compile(r"\s*(?:[-–—•*·]|\d{1,2}[.)])\s")  # of a list that somebody typed


@dataclass(frozen=True, slots=True)
class DocumentSection:
    """A section as set: `paragraphs` to print, `statements` for readers that are programs."""

    key: str
    title: str
    loinc: str
    paragraphs: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """One signature. `at` is UTC, `signed_at` the same moment in words and in the practice's time."""

    line: str
    role: str
    at: datetime
    signed_at: str
    attestation: str
    version_hash: str

    @property
    def verb(self) -> str:
        """What this person did: `Signed`, `Co-signed`, `Reviewed`."""
        return _VERBS.get(self.role, "Signed")

    @property
    def standing(self) -> str:
        """As whom: a clinician, or a supervisor; any other role is said as it is."""
        return "supervisor" if self.role in _VERBS else self.role

    @property
    def capacity(self) -> str:
        """Both in one: `clinician`, `supervisor, co-signed`, `supervisor, reviewed`."""
        return f"{self.standing}, {self.verb.lower()}" if self.role in _VERBS else self.role


@dataclass(frozen=True, slots=True)
class Subject:
    """The note that a linked document is about, and how. What is not known of it is empty.

    `reason`: the clinician's own words; `repeated`: a section of the document says the same. `name`: what that note is
    called, `SOAP note` or `addendum`. `signatures`: who signed it, and when.
    """

    kind: LinkKind
    note_id: str
    reason: str
    name: str = "note"
    format_id: str = ""
    format_name: str = ""
    format_version: int = 0
    session_date: str = ""
    day: str = ""
    signatures: tuple[SignatureBlock, ...] = ()
    version: int = 0
    version_hash: str = ""
    repeated: bool = False

    @property
    def reason_apart(self) -> str:
        """The reason, for readers who would not find it further down."""
        return "" if self.repeated else self.reason

    @property
    def meaning(self) -> str:
        """What this does to that note, in a sentence."""
        return _MEANINGS[self.kind]

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value, in reading order; what is unknown is not shown."""
        signed = [("Signed", f"{block.line} ({block.capacity}), {block.signed_at}") for block in self.signatures]
        version = f"{self.version}, SHA-256 {self.version_hash}" if self.version_hash else ""
        rows = (("Note", self.note_id), ("Format", self.format_name), ("Date of service", self.day), *signed)
        return tuple((label, value) for label, value in (*rows, ("Version", version)) if value)


@dataclass(frozen=True, slots=True)
class Document:
    """A signed note, ready to be rendered. `late_entry` is empty, or the sentence that marks the note as late.

    `about` is there when it is an addendum, amendment or retraction, which is never called a late entry.
    """

    practice_name: str
    note_id: str
    format_id: str
    format_name: str
    format_version: int
    loinc: str
    client_code: str
    session: Session
    session_line: str
    clinician_line: str
    timezone: str
    sections: tuple[DocumentSection, ...]
    signatures: tuple[SignatureBlock, ...]
    created_at: datetime
    written_at: str
    late_entry: str
    late_reason: str
    drafted_by: str
    version: int
    version_hash: str
    previous_hash: str
    about: Subject | None = None
    letterhead: Letterhead = NO_LETTERHEAD
    client_flags: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What stands on top: `SOAP note`, `Addendum to SOAP note`."""
        return _HEADINGS[self.about.kind].format(self.about.name) if self.about else f"{self.format_name} note"

    @property
    def title(self) -> str:
        """What the document is called in its own properties: no more than a code and a date."""
        name = self.heading if self.about else self.format_name
        return f"{name} · {self.client_code or 'no client code'} · {self.session_date or 'no date'}"

    @property
    def mark(self) -> str:
        """What every page says of the document: that it is late, or what it is to another note. Mostly empty."""
        if self.about:
            day = f" of {self.about.day}" if self.about.day else ""
            return f"{self.heading} · about note {self.about.note_id}{day}"
        return self.late_entry.removesuffix(".").replace("Late entry. Date", "Late entry · date").replace("; ", " · ")

    @property
    def late_told(self) -> str:
        """The mark of a late entry, with the reason that its clinician gave. Mostly empty."""
        given = self.late_entry and self.late_reason
        return f"{self.late_entry} Reason: {self.late_reason}" if given else self.late_entry

    @property
    def identity(self) -> str:
        """Which note this is, in the words of every page's foot."""
        return f"Note {self.note_id} · version {self.version} · SHA-256 {self.short_hash}…"

    def shown_sections(self) -> tuple[DocumentSection, ...]:
        """All sections; of an addendum or a retraction, which need not fill a format, those that hold something."""
        if self.about is None or self.about.kind is LinkKind.AMENDMENT:
            return self.sections
        return tuple(section for section in self.sections if section.paragraphs)

    @property
    def session_date(self) -> str:
        return self.session.date.isoformat() if self.session.date else ""

    @property
    def short_hash(self) -> str:
        """Enough of the version hash to compare by eye."""
        return self.version_hash[:12]

    @property
    def stamped_at(self) -> datetime:
        """The moment the rendered files carry: the last signature, or when the note was begun."""
        return max((signature.at for signature in self.signatures), default=self.created_at)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """The head of the note: label and value, in reading order; what is unknown is not shown."""
        session = self.session
        rows = (
            ("Client code", self.client_code),
            ("Date of service", _day(session.date) if session.date else ""),
            ("Time", _span(session)),
            ("Minutes", str(session.minutes) if session.minutes is not None else ""),
            ("Session", _sentence_case(", ".join(filter(None, (_spaced(session.kind), session.modality))))),
            ("Format", f"{self.format_name}, version {self.format_version}"),
            ("Clinician", self.clinician_line),
            ("Written", self.written_at),
            ("Signed", self.signatures[-1].signed_at if self.about and self.signatures else ""),
        )
        return tuple((label, value) for label, value in rows if value)


def document_of(
    note: Note,
    fmt: Format,
    practice_name: str,
    clinician_line: str,
    timezone: str,
    *,
    late_after_hours: int = 72,
    about: Note | None = None,
    about_format: Format | None = None,
    letterhead: Letterhead = NO_LETTERHEAD,
    client_flags: Sequence[str] = (),
) -> Document:
    """The document of a note. `timezone` is an IANA name; times are shown in it.

    `about`, with its format: the note that `note.link` names, where it can still be read.

    A note signed more than `late_after_hours` after the session ended is marked as a late entry; deadlines differ by
    payer, so a caller that knows the payer passes its own.
    """
    zone = ZoneInfo(timezone)
    as_typed = note.link is not None and note.link.kind is not LinkKind.AMENDMENT
    return Document(
        practice_name=practice_name,
        note_id=note.id,
        format_id=fmt.id,
        format_name=fmt.name,
        format_version=fmt.version,
        loinc=fmt.loinc,
        client_code=note.client_code,
        session=note.session,
        session_line=session_line(note.session),
        clinician_line=clinician_line,
        timezone=timezone,
        sections=tuple(_section(section, as_typed=as_typed) for section in arrange(note.statements, fmt)),
        signatures=tuple(_block(signature, zone) for signature in note.standing),
        created_at=note.created_at,
        written_at=_moment(note.created_at, zone),
        late_entry=_late_entry(note, zone, late_after_hours),
        late_reason=note.late_reason,
        drafted_by=_drafted_by(note),
        version=note.version,
        version_hash=note.version_hash(),
        previous_hash=note.previous_hash,
        about=_subject(note, about, about_format, zone),
        letterhead=letterhead,
        client_flags=tuple(client_flags),
    )


def session_line(session: Session) -> str:
    """The session in one line, e.g. `November 20, 2026 · 2:00 PM – 2:53 PM · 53 minutes · individual · telehealth`."""
    minutes = f"{session.minutes} minutes" if session.minutes is not None else ""
    day = _day(session.date) if session.date else ""
    return " · ".join(filter(None, (day, _span(session), minutes, _spaced(session.kind), session.modality)))


def paragraphs_of(statements: Sequence[Statement]) -> tuple[str, ...]:
    """Running prose: statements of one slot follow each other in a paragraph.

    A statement that does not end like a sentence, was typed with line breaks or as an item of a list keeps a paragraph
    of its own.
    """
    paragraphs: list[str] = []
    open_slot = None
    for statement in statements:
        text = statement.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if not text.strip():
            continue
        alone = "\n" in text or _ITEM.match(text) is not None
        if open_slot is statement.slot and not alone:
            paragraphs[-1] = f"{paragraphs[-1]} {text}"
        else:
            paragraphs.append(text)
        ends = text.rstrip(_CLOSERS).endswith(_SENTENCE_ENDS)
        open_slot = statement.slot if ends and not alone else None
    return tuple(paragraphs)


def _section(section: Section, *, as_typed: bool) -> DocumentSection:
    """`as_typed`: each statement is a paragraph that the clinician typed, and stays one."""
    spec, parts = section.spec, [(statement,) for statement in section.statements] if as_typed else [section.statements]
    paragraphs = tuple(paragraph for part in parts for paragraph in paragraphs_of(part))
    return DocumentSection(spec.key, spec.title, spec.loinc, paragraphs, section.statements)


def _block(signature: Signature, zone: tzinfo) -> SignatureBlock:
    line = f"{signature.name}, {signature.credentials}" if signature.credentials else signature.name
    return SignatureBlock(
        line=line,
        role=signature.role,
        at=signature.at.astimezone(UTC),
        signed_at=_moment(signature.at, zone),
        attestation=signature.attestation,
        version_hash=signature.version_hash,
    )


def _drafted_by(note: Note) -> str:
    """Who worded it. What changed in an amendment nobody but the clinician wrote."""
    changed = note.link is not None and note.link.kind is LinkKind.AMENDMENT and note.drafted_by is not Origin.CLINICIAN
    return f"{DRAFTED_BY[note.drafted_by]} {AMENDED_BY}" if changed else DRAFTED_BY[note.drafted_by]


def _subject(note: Note, about: Note | None, fmt: Format | None, zone: tzinfo) -> Subject | None:
    """Raises ValueError for another note than the one that the link names."""
    if note.link is None:
        return None
    said = " ".join(statement.text for statement in note.statements).split()
    repeated = note.link.kind is LinkKind.RETRACTION and note.link.reason.split() == said
    known = Subject(note.link.kind, note.link.of, note.link.reason.strip(), repeated=repeated)
    if about is None:
        return known
    if about.id != note.link.of:
        raise ValueError("a linked document was given another note than the one it is about")
    day = about.session.date
    return replace(
        known,
        name=_name(about, fmt, known.kind),
        format_id=about.format_id,
        format_name=fmt.name if fmt else "",
        format_version=fmt.version if fmt else about.format_version,
        session_date=day.isoformat() if day else "",
        day=_day(day) if day else "",
        signatures=tuple(_block(signature, zone) for signature in about.standing),
        version=about.version,
        version_hash=about.version_hash(),
    )


def _name(about: Note, fmt: Format | None, kind: LinkKind) -> str:
    """What a note is called inside a heading; one that is linked itself, by what it is."""
    name = f"{fmt.name} note" if fmt else "note"
    if about.link is None:
        return name
    if about.link.kind is LinkKind.AMENDMENT:
        return name if kind is LinkKind.AMENDMENT else f"amended {name}"
    return about.link.kind.value


def _late_entry(note: Note, zone: tzinfo, late_after_hours: int) -> str:
    """The late-entry mark: date of service and date signed, as auditors ask."""
    if note.link or note.session.date is None or not note.standing:
        return ""
    signed = note.standing[0].at
    if signed - _session_end(note.session.date, note.session, zone) <= timedelta(hours=late_after_hours):
        return ""
    return f"Late entry. Date of service {_day(note.session.date)}; signed {_moment(signed, zone)}."


def _session_end(day: date, session: Session, zone: tzinfo) -> datetime:
    """When the session was over; the end of its day when no time is known, so that nobody is called late wrongly."""
    if session.start is None:
        return datetime.combine(day, time(23, 59), zone).astimezone(UTC)
    start = datetime.combine(day, session.start, zone).astimezone(UTC)
    return start + timedelta(minutes=session.minutes or 0)


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"


def _span(session: Session) -> str:
    if session.start is None:
        return ""
    if not session.minutes:
        return _clock(session.start)
    stop = datetime.combine(date(2000, 1, 1), session.start) + timedelta(minutes=session.minutes)
    return f"{_clock(session.start)} – {_clock(stop.time())}"


def _moment(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{_day(local.date())}, {_clock(local.time())} {local:%Z}".strip()


def _spaced(word: str) -> str:
    return word.replace("_", " ")


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]
