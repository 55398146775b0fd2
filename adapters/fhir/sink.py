"""Files notes on a FHIR R4 server: one DocumentReference a note, found again by our identifier, never overwritten."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from weakref import WeakValueDictionary

from adapters.about import Ability, About
from adapters.fhir.capability import capability_problems, skew_problem, statement_of, words_of
from adapters.fhir.client import KIND, FhirClient
from adapters.fhir.documents import Documents, Held, Sending
from adapters.fhir.options import SETTINGS, Options, open_client, read_options
from adapters.fhir.people import PRACTITIONER, People
from adapters.fhir.provenance import record
from adapters.fhir.resource import (
    CONTENT_TYPES,
    Attachment,
    document_reference,
    labels_of,
    provenance,
    relation_of,
    title_of,
    type_of,
)
from adapters.fhir.sessions import Sessions
from adapters.http import refusal
from adapters.settings import SinkSettings
from bot.domain.appointments import RefusedRow, SessionRow
from bot.domain.errors import EffectError, Permanent, UserMistake
from bot.domain.filing import Reason, Receipt, code_of, reason_in
from bot.domain.ids import PersonId
from bot.domain.links import LinkKind
from bot.ports import Clock, FiledNote

_SESSIONS_OFF = (
    "Sessions are not taken from this FHIR server. Ask your administrator to set import_sessions = true for it in"
    " practice.toml."
)
_NOBODY = "afternote-check"  # an identifier that no patient and no note has


class FhirSink:
    """A NoteSink, a ClientDirectory and a SessionSource on one FHIR server.

    The receipt's SHA-256 is that of the first attachment.
    """

    ABOUT = About(
        "A FHIR R4 server: an EHR or a clinical repository takes each note as a DocumentReference.",
        SETTINGS,
        (
            Ability.REFUSES_OVERWRITE,
            Ability.READS_BACK,
            Ability.MARKS_AMENDED,
            Ability.FINDS_CLIENTS,
            Ability.LISTS_SESSIONS,
        ),
    )

    def __init__(self, client: FhirClient, options: Options, clock: Clock) -> None:
        self._client, self._options, self._clock = client, options, clock
        self._sending: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by note
        self._documents = Documents(client, options.profile, options.note_system)
        self._people = People(
            client,
            options.profile,
            options.patient_system,
            options.practitioners,
            options.subject,
            options.encounters,
        )
        self._sessions = Sessions(client, self._people)

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "FhirSink":
        """Raises ValueError naming the key or the variable at fault."""
        options = read_options(settings)
        return cls(open_client(settings, home), options, clock)

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """File the note as a document. See NoteSink; the reference is `DocumentReference/ID`.

        The note that an amendment or retraction is about is marked last, and again at every retry until it is.
        """
        attachments = self._attachments(note, files)
        subject = await self._people.subject(note)
        author = await self._people.author(note)
        note, originals = await self._as_known_there(note, subject)
        document = await self._document(note, attachments, subject, author)
        sending = Sending(note.note_id, document, attachments, note.maybe_sent)
        one_at_a_time = self._sending.setdefault(note.note_id, asyncio.Lock())
        async with one_at_a_time:  # an earlier sending of it may have been given up on and still go on
            held = await self._documents.file(sending)
        if note.related:
            await self._documents.mark(originals, note.related.kind)
        if self._options.provenance and author:
            signed, labels, other = self._signed(note), labels_of(note), note.countersigned
            made = provenance(held.reference, author=author, recorded=signed, labels=labels, countersigned=other)
            await record(self._client, held.reference, made)
        return self._receipt(held)

    async def _as_known_there(self, note: FiledNote, subject: Mapping[str, object]) -> tuple[FiledNote, Sequence[str]]:
        """The note with the reference of the one it is about as that stands there now, and what is to be marked."""
        if note.related is None:
            return note, ()
        originals = await self._documents.originals(note.related, str(subject.get("reference", "")))
        known = originals[0] if len(originals) == 1 else ""
        return replace(note, related=replace(note.related, reference=known)), originals

    async def find_clients(self, typed: str, limit: int) -> Sequence[str]:
        """See ClientDirectory; nothing when the practice does not want suggestions."""
        wanted = typed.strip() if self._options.suggest_clients else ""
        return await self._people.codes(wanted, limit) if wanted else ()

    @property
    def offers_sessions(self) -> bool:
        """See SessionSource."""
        return self._options.import_sessions

    async def sessions(
        self, since: datetime, until: datetime, timezone: str, clinicians: Sequence[PersonId] = ()
    ) -> AsyncIterator[SessionRow | RefusedRow]:
        """See SessionSource. A row's key is `Appointment/ID#PATIENT`, or `Encounter/…` of a visit nobody had booked."""
        if not self._options.import_sessions:
            raise UserMistake("fhir_sessions_off", _SESSIONS_OFF)
        async for row in self._sessions.listed(since, until, timezone, clinicians):
            yield row

    async def check(self) -> Sequence[str]:
        """Whether notes can be filed here: what the server says it can do, credentials, look-ups, clocks."""
        try:
            return await self._problems()
        except EffectError as error:
            return [words_of(error, self._client.base)]

    async def close(self) -> None:
        await self._client.close()

    def _attachments(self, note: FiledNote, files: Mapping[str, bytes]) -> Sequence[Attachment]:
        lacking = [kind for kind in self._options.files if kind not in files]
        if lacking:
            raise Permanent(code_of(KIND, Reason.NOT_RENDERED, lacking[0]))
        if any(len(files[kind]) > self._options.largest for kind in self._options.files):
            raise Permanent(code_of(KIND, Reason.TOO_LARGE))
        title, at = title_of(note), self._signed(note)
        return [Attachment(CONTENT_TYPES[kind], title, files[kind], at) for kind in self._options.files]

    async def _document(
        self,
        note: FiledNote,
        attachments: Sequence[Attachment],
        subject: Mapping[str, object],
        author: Mapping[str, object] | None,
    ) -> Mapping[str, object]:
        options = self._options
        amends = note.related is not None and note.related.kind is LinkKind.AMENDMENT
        return document_reference(
            note,
            attachments,
            system=options.note_system,
            types=type_of(note.format_id, note.loinc, options.types),
            subject=subject,
            author=author,
            encounter=await self._people.encounter(note, subject),
            custodian={"reference": options.custodian} if options.custodian else None,
            relates_to=[relation_of(note.related, options.note_system)] if note.related else (),
            labels=labels_of(note),
            doc_status="amended" if amends else "final",
            created=self._signed(note),
            day_period=options.profile.day_periods,
        )

    def _signed(self, note: FiledNote) -> datetime:
        return note.signed_at or self._clock.now()

    def _receipt(self, held: Held) -> Receipt:
        at = self._clock.now()
        return Receipt(held.reference, held.sha256, held.outcome, at, version=held.version, verified=held.verified)

    async def _problems(self) -> Sequence[str]:
        options, base = self._options, self._client.base
        answer = await self._client.metadata()
        if answer.status != 200:
            return [words_of(refusal(KIND, answer), base)]
        statement = statement_of(answer)
        if statement is None:
            return [f"{base}/metadata is no CapabilityStatement: check that base_url is that of a FHIR R4 server."]
        by_patient = options.subject == "patient"
        problems = [*capability_problems(statement, options.profile, options.encounters, by_patient)]
        problems += filter(None, [skew_problem(answer, datetime.now(UTC))])
        problems += await self._refused()
        return [*problems, *(await self._sessions.problems() if options.import_sessions else ())]

    async def _refused(self) -> Sequence[str]:
        """Harmless look-ups with our credentials: for a client and a note that nobody has, and for each clinician."""
        tries: list[Awaitable[object]] = []
        if self._options.profile.search == "identifier":
            tries.append(self._documents.find(_NOBODY, ""))
        if self._options.subject == "patient":
            tries.append(self._people.patients(_NOBODY))
        found = [await self._words(one) for one in tries]
        if self._options.profile.search == "patient":
            found.append(await self._not_allowed(self._documents.find(_NOBODY, f"Patient/{_NOBODY}")))
        if any(found):
            return [*dict.fromkeys(filter(None, found))]
        return [*await self._unknown_people(), *self._unmapped()]

    async def _words(self, one: Awaitable[object]) -> str:
        try:
            await one
        except EffectError as error:
            if error.code == code_of(KIND, Reason.NONSENSE, "search"):
                return 'The server ignores the search by identifier: choose profile = "us-core".'
            return words_of(error, self._client.base)
        return ""

    async def _not_allowed(self, one: Awaitable[object]) -> str:
        """A server may well decline to search the notes of a patient that it does not have: only rights count here."""
        try:
            await one
        except EffectError as error:
            return words_of(error, self._client.base) if reason_in(error.code) is Reason.NOT_ALLOWED else ""
        return ""

    async def _unknown_people(self) -> Sequence[str]:
        mapped = [(f"practitioners: {person}", known) for person, known in self._options.practitioners.items()]
        if self._options.custodian:
            mapped.append(("custodian", self._options.custodian))
        return [
            f"{where} is mapped to {known}, which the server does not have or does not show."
            for where, known in mapped
            if not await self._is_there(known)
        ]

    async def _is_there(self, known: str) -> bool:
        if known == self._options.custodian or PRACTITIONER.fullmatch(known):
            return await self._client.read(known) is not None
        return bool(await self._people.practitioner(known))

    def _unmapped(self) -> Sequence[str]:
        if self._options.profile.author == "reference" and not self._options.practitioners:
            return ["This server wants a Practitioner as author: map each clinician in its setting practitioners."]
        return []
