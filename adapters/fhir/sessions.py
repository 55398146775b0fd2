"""The sessions of a FHIR server's clinicians: its Appointments, and its Encounters, which win over what was booked.

A month at a time, a page at a time, of the mapped clinicians only, and without what a session does not need.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from adapters.fhir.capability import searchable, statement_of
from adapters.fhir.client import KIND, FhirClient, Resource, mappings, member, reference_of
from adapters.fhir.people import PRACTITIONER, People, codes_of
from adapters.fhir.session_rows import Client, Timed, Visit, appointment, encounter, timed
from adapters.http import refusal
from bot.domain.appointments import Attendance, RefusedRow, SessionRow
from bot.domain.errors import EffectError, Permanent, Temporary, UserMistake
from bot.domain.filing import Reason, code_of, reason_in
from bot.domain.ids import PersonId

Kind = Literal["Appointment", "Encounter"]
_READ = {"Appointment": appointment, "Encounter": encounter}
_ELEMENTS = {
    "Appointment": "status,start,end,minutesDuration,participant,serviceType,serviceCategory,appointmentType",
    "Encounter": "status,period,class,type,serviceType,subject,participant,appointment",
}
_SLICE = timedelta(days=31)
_A_DAY = timedelta(days=1)
_PAGE = 100
_AT_ONCE = 50  # patients in one search, clinicians in one
_MOST_KNOWN = 5_000
_NOT_OFFERED = (
    "This FHIR server offers a search neither for appointments (Appointment) nor for visits (Encounter), so its"
    " sessions cannot be taken over. Import them from a calendar’s file or address instead."
)
_NO_CLINICIANS = (
    "No clinician of this import is mapped to one of the FHIR server. Ask your administrator to add them to the setting"
    " practitioners in practice.toml."
)
_NO_CLIENT = "{what} has no client with a client code. Give its Patient the identifier there, then import again."
_SEVERAL_CODES = "{what}: its Patient has several client codes. Leave the right one in use there, then import again."
_NOT_BOOKED = "{what} is not agreed yet. It comes with a later import, once it is booked."
_NO_START = "{what} does not say when it begins. Enter its time there, then import again."


@dataclass(slots=True)
class _Seen:
    """The month's visits so far. `cancelled`: rows kept back, since their Appointment may say why."""

    keys: set[str] = field(default_factory=set[str])
    cancelled: dict[str, SessionRow] = field(default_factory=dict[str, SessionRow])

    def booked(self, row: SessionRow | RefusedRow) -> SessionRow | RefusedRow:
        """What an Appointment comes to: cancelled if its visit is, unless it says that the client stayed away."""
        if isinstance(row, RefusedRow):
            return row
        cancelled = self.cancelled.pop(row.key, None)
        return cancelled if cancelled and row.attendance is not Attendance.NO_SHOW else row


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which sessions: of whom (reference → person id), from when until when, in which zone."""

    whose: Mapping[str, PersonId]
    since: datetime
    until: datetime
    zone: ZoneInfo

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


class Sessions:
    """Look-ups at one server. Keep none: each call of `listed` asks anew what the server offers."""

    def __init__(self, client: FhirClient, people: People) -> None:
        self._client, self._people = client, people

    async def listed(
        self, since: datetime, until: datetime, timezone: str, clinicians: Sequence[PersonId]
    ) -> AsyncIterator[SessionRow | RefusedRow]:
        """See SessionSource."""
        offered = await self.offered()
        whose = await self._whose(clinicians)
        codes: dict[str, Sequence[str]] = {}
        line = 0
        for first, last in _slices(since, until):
            wanted = _Wanted(whose, first, last, ZoneInfo(timezone))
            async for row in self._slice(wanted, offered, codes):
                line += 1
                yield replace(row, line=line)

    async def offered(self) -> Sequence[Kind]:
        """What the server lets be searched. Raises UserMistake when it is neither, Temporary, Permanent."""
        answer = await self._client.metadata()
        if answer.status != 200:
            raise refusal(KIND, answer)
        statement = statement_of(answer)
        if statement is None:
            raise Temporary(code_of(KIND, Reason.NONSENSE))
        kinds: Sequence[Kind] = ("Encounter", "Appointment")
        offered: list[Kind] = [kind for kind in kinds if searchable(statement, kind)]
        if not offered:
            raise UserMistake("fhir_no_sessions", _NOT_OFFERED)
        return offered

    async def problems(self) -> Sequence[str]:
        """What `afternote check` says: what is not offered, not mapped, or not allowed, with the scope it takes."""
        try:
            offered, whose = await self.offered(), await self._whose(())
        except UserMistake as error:
            return [error.sentence]
        now = datetime.now(UTC)
        found = [await self._not_allowed(kind, _Wanted(whose, now, now, ZoneInfo("UTC"))) for kind in offered]
        return [sentence for sentence in found if sentence]

    async def _not_allowed(self, kind: Kind, wanted: _Wanted) -> str:
        try:
            async with aclosing(self._visits(kind, wanted, timedelta(0))) as pages:
                await anext(pages, None)
        except EffectError as error:
            if reason_in(error.code) is Reason.NOT_ALLOWED:
                return f"Importing sessions needs the scope system/{kind}.rs: register it for this client, and ask for"
                " it in the setting scope."
            raise
        return ""

    async def _slice(
        self, wanted: _Wanted, offered: Sequence[Kind], codes: dict[str, Sequence[str]]
    ) -> AsyncIterator[SessionRow | RefusedRow]:
        seen = _Seen()
        if "Encounter" in offered:
            async for row in self._of_encounters(wanted, seen, codes):
                yield row
        if "Appointment" in offered:
            async for row in self._of_appointments(wanted, seen, codes):
                yield row
        for row in seen.cancelled.values():
            yield row

    async def _of_encounters(
        self, wanted: _Wanted, seen: _Seen, codes: dict[str, Sequence[str]]
    ) -> AsyncIterator[SessionRow | RefusedRow]:
        """Visits of the time. Those of a day around it are looked at, too: their Appointments may lie within."""
        async for page in self._visits("Encounter", wanted, _A_DAY):
            visits = [one for one in page if not (one.belongs_to and one.status == "entered-in-error")]
            await self._look_up(visits, codes)
            for visit in visits:
                when = timed(visit, wanted.zone)
                keys = [_key(visit, client) for client in visit.clients]
                if visit.belongs_to and visit.attendance is not Attendance.CANCELLED:
                    seen.keys.update(keys)
                if when is None or not wanted.holds(when.at):
                    continue
                for row in _rows(visit, when, wanted, codes):
                    if visit.belongs_to and isinstance(row, SessionRow) and row.attendance is Attendance.CANCELLED:
                        seen.cancelled[row.key] = row
                    else:
                        yield row

    async def _of_appointments(
        self, wanted: _Wanted, seen: _Seen, codes: dict[str, Sequence[str]]
    ) -> AsyncIterator[SessionRow | RefusedRow]:
        """What was booked, without what a visit already spoke for."""
        async for visits in self._visits("Appointment", wanted, timedelta(0)):
            await self._look_up(visits, codes)
            for visit in visits:
                when = timed(visit, wanted.zone)
                if when is not None and not wanted.holds(when.at):
                    continue
                spoken_for = [client for client in visit.clients if _key(visit, client) in seen.keys]
                left = replace(visit, clients=[one for one in visit.clients if one not in spoken_for])
                if spoken_for and not left.clients:
                    continue
                for row in _rows(left, when, wanted, codes):
                    yield seen.booked(row)

    async def _visits(self, kind: Kind, wanted: _Wanted, around: timedelta) -> AsyncGenerator[Sequence[Visit], None]:
        """The pages of a search, without what other people's a server gives unasked.

        Raises Permanent `fhir:not_allowed:appointment` (`:encounter`) when a scope is missing.
        """
        dates = (f"ge{_instant(wanted.since - around)}", f"lt{_instant(wanted.until + around)}")
        references = [*wanted.whose]
        found: set[str] = set()
        try:
            for start in range(0, len(references), _AT_ONCE):
                some = references[start : start + _AT_ONCE]
                params = {
                    _who(kind, some): ",".join(some),
                    "date": dates,
                    "_elements": _ELEMENTS[kind],
                    "_count": str(_PAGE),
                }
                async for page in self._client.pages(kind, params):
                    new = [one for one in page if reference_of(one) not in found]
                    if len(references) > _AT_ONCE:  # two clinicians of one visit may be in two searches
                        found.update(map(reference_of, new))
                    visits = [_READ[kind](one, self._client.base, self._people.patient_system) for one in new]
                    yield [one for one in visits if not wanted.whose.keys().isdisjoint(one.clinicians)]
        except Permanent as error:
            if reason_in(error.code) is Reason.NOT_ALLOWED:
                raise Permanent(code_of(KIND, Reason.NOT_ALLOWED, kind.casefold())) from None
            raise

    async def _whose(self, clinicians: Sequence[PersonId]) -> Mapping[str, PersonId]:
        """Reference → person id, of these or of all who are mapped. Raises UserMistake when that is nobody."""
        found: dict[str, PersonId] = {}
        for person, known in self._people.practitioners.items():
            if clinicians and person not in clinicians:
                continue
            reference = await self._people.practitioner(known)
            if PRACTITIONER.fullmatch(reference):
                found.setdefault(reference, PersonId(person))
            if reference.startswith("PractitionerRole/"):
                role: Resource = await self._client.read(reference) or {}
                behind = str(member(role, "practitioner").get("reference", "")).removeprefix(f"{self._client.base}/")
                if PRACTITIONER.fullmatch(behind):
                    found.setdefault(behind, PersonId(person))
        if not found:
            raise UserMistake("fhir_no_clinicians", _NO_CLINICIANS)
        return found

    async def _look_up(self, visits: Sequence[Visit], codes: dict[str, Sequence[str]]) -> None:
        """Put down the client codes of these visits' Patients."""
        clients = [client.reference for visit in visits for client in visit.clients]
        unknown = [*dict.fromkeys(one for one in clients if one and one not in codes)]
        if len(codes) + len(unknown) > _MOST_KNOWN:
            codes.clear()
            unknown = [*dict.fromkeys(one for one in clients if one)]
        for start in range(0, len(unknown), _AT_ONCE):
            some = unknown[start : start + _AT_ONCE]
            codes.update(dict.fromkeys(some, ()))
            ids = ",".join(one.partition("/")[2] for one in some)
            params = {"_id": ids, "_elements": "identifier,active,link", "_count": str(_PAGE)}
            for patient in await self._client.search("Patient", params):
                merged = "replaced-by" in [link.get("type") for link in mappings(patient.get("link"))]
                codes[reference_of(patient)] = () if merged else codes_of(patient, self._people.patient_system)


def _rows(
    visit: Visit, when: Timed | None, wanted: _Wanted, codes: Mapping[str, Sequence[str]]
) -> Iterator[SessionRow | RefusedRow]:
    """A row a client, since each has a note of their own."""
    day = str(when.session.date) if when else ""
    clinician = next(wanted.whose[one] for one in visit.clinicians if one in wanted.whose)
    if visit.attendance is None:
        yield _refused("not_booked", _NOT_BOOKED, visit, day)
    elif when is None:
        yield _refused("no_start", _NO_START, visit, day)
    elif not visit.clients:
        yield _refused("no_client", _NO_CLIENT, visit, day)
    else:
        yield from (_row(visit, client, when, wanted, clinician, codes) for client in visit.clients)


def _row(
    visit: Visit,
    client: Client,
    when: Timed,
    wanted: _Wanted,
    clinician: PersonId,
    codes: Mapping[str, Sequence[str]],
) -> SessionRow | RefusedRow:
    known = [client.code] if client.code else codes.get(client.reference, ())
    if len(known) != 1:
        code, sentence = ("several_codes", _SEVERAL_CODES) if known else ("no_client", _NO_CLIENT)
        return _refused(code, sentence, visit, str(when.session.date))
    attendance = visit.attendance or Attendance.BOOKED
    return SessionRow(
        line=0,
        key=_key(visit, client),
        client_code=known[0],
        clinician=clinician,
        session=when.session,
        timezone=wanted.zone.key,
        attendance=Attendance.CANCELLED if client.declined else attendance,
        odd=when.odd,
    )


def _refused(code: str, sentence: str, visit: Visit, about: str) -> RefusedRow:
    return RefusedRow(0, code, sentence.format(what=visit.reference), about)


def _key(visit: Visit, client: Client) -> str:
    """The same before and after there is an Encounter, and another one for each client of a group."""
    booked = visit.belongs_to[0] if visit.belongs_to else visit.reference
    return f"{booked}#{client.reference.partition('/')[2] or client.code}"


def _who(kind: Kind, references: Sequence[str]) -> str:
    """The search parameter for these people: the one that more servers know, where it will do."""
    if all(one.startswith("Practitioner/") for one in references):
        return "practitioner"
    return "actor" if kind == "Appointment" else "participant"


def _slices(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        yield since, min(since + _SLICE, until)
        since += _SLICE


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
