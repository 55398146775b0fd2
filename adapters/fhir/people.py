"""Who and what a note is about, as References of the server: Patient by client code, clinician, Encounter.

No name is ever looked at: codes, ids and times only.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from adapters.fhir.client import KIND, FhirClient, Resource, mappings, member, points_to, reference_of, token
from adapters.fhir.profiles import Encounters, Profile
from adapters.fhir.resource import logical
from bot.domain.errors import Permanent
from bot.domain.filing import Reason, code_of
from bot.ports import FiledNote

_log = logging.getLogger(__name__)
PRACTITIONER = re.compile(r"(Practitioner|PractitionerRole)/[A-Za-z0-9.-]{1,64}")
_NO_VISIT = ("cancelled", "entered-in-error")
_OPEN_ENDED = timedelta(hours=4)  # a visit whose end nobody has entered
_A_DAY = timedelta(days=1)
_LENGTH_OF_A_DAY = len("2026-11-20")
_PAGE = "100"
_MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class People:
    """Look-ups at one server. `practitioners`: person id → `Practitioner/123` or `system|value`."""

    client: FhirClient
    profile: Profile
    patient_system: str
    practitioners: Mapping[str, str]
    subject_by: Literal["patient", "identifier"]
    encounters: Encounters

    async def subject(self, note: FiledNote) -> Mapping[str, object]:
        """The client. Raises Permanent when the server has nobody or several with this code."""
        if not note.client_code:
            raise Permanent(code_of(KIND, Reason.NO_CLIENT))
        if self.subject_by == "identifier":
            return logical("Patient", self.patient_system, note.client_code)
        patients = await self.patients(note.client_code)
        if len(patients) != 1:
            raise Permanent(code_of(KIND, Reason.SEVERAL_CLIENTS if patients else Reason.NO_CLIENT))
        return {"reference": patients.pop()}

    async def patients(self, code: str) -> set[str]:
        """References of who has this client code. Raises Temporary or Permanent."""
        found = await self.client.search("Patient", {"identifier": token(self.patient_system, code)})
        return {reference_of(one) for one in _in_use(self._with_code(found, code))}

    async def author(self, note: FiledNote) -> Mapping[str, object] | None:
        """The clinician. Raises Permanent when the profile wants a resource and none is set or found."""
        display = {"display": note.clinician} if note.clinician else {}
        known = self.practitioners.get(note.clinician_id or "", "")
        if not known:
            if self.profile.author == "reference":
                raise Permanent(code_of(KIND, Reason.NO_CLINICIAN))
            return display or None
        reference = await self.practitioner(known)
        if not reference:
            raise Permanent(code_of(KIND, Reason.NO_CLINICIAN))
        return {"reference": reference, **display}

    async def practitioner(self, known: str) -> str:
        """The Practitioner that a setting names, empty when the server has none or several."""
        if PRACTITIONER.fullmatch(known):
            return known
        system, _, value = known.rpartition("|")
        found = await self.client.search("Practitioner", {"identifier": token(system, value)})
        references = {reference_of(one) for one in found if value in codes_of(one, system)}
        return references.pop() if len(references) == 1 else ""

    async def encounter(self, note: FiledNote, subject: Mapping[str, object]) -> Mapping[str, object] | None:
        """The visit that the session was, when exactly one fits. Raises Permanent when it must be there and is not."""
        if self.encounters == "off":
            return None
        required = self.encounters == "require"
        try:
            fitting = await self._encounters(note, str(subject.get("reference", "")))
        except Permanent as error:
            if required:
                raise
            _log.info("note %s: no visit looked up: %s", note.note_id, error.code)
            return None
        if len(fitting) != 1 and required:
            raise Permanent(code_of(KIND, Reason.NO_SESSION, "several" if fitting else ""))
        return {"reference": reference_of(fitting[0])} if len(fitting) == 1 else None

    async def codes(self, typed: str, limit: int) -> Sequence[str]:
        """Client codes that start with what was typed, in any case.

        FHIR searches identifiers whole: the code itself, and the first thousand where a server lists a system.
        """
        wanted = [*dict.fromkeys((typed, typed.upper())), *([""] if self.profile.lists_clients else [])]
        searches = [
            self.client.search("Patient", _only_codes(token(self.patient_system, code)), _MOST_LISTED)
            for code in wanted
        ]
        patients = [one for found in await asyncio.gather(*searches) for one in _in_use(found)]
        codes = {code for one in patients for code in codes_of(one, self.patient_system)}
        return sorted(code for code in codes if code.casefold().startswith(typed.casefold()))[:limit]

    def _with_code(self, patients: Sequence[Resource], code: str) -> Sequence[Resource]:
        """A code is the same in capitals and in small letters, unless the server has both."""
        same = [one for one in patients if code in codes_of(one, self.patient_system)]
        folded = [code.casefold()]
        return same or [one for one in patients if [c.casefold() for c in codes_of(one, self.patient_system)] == folded]

    async def _encounters(self, note: FiledNote, patient: str) -> Sequence[Resource]:
        window = _window(note)
        if window is None or not patient:
            return ()
        first, last = (window[0] - _A_DAY).date(), (window[1] + _A_DAY).date()
        near = (f"ge{first.isoformat()}", f"le{last.isoformat()}")
        found = await self.client.search("Encounter", {"patient": patient, "date": near, "_count": _PAGE})
        visits = [
            one
            for one in found
            if one.get("status") not in _NO_VISIT and points_to(member(one, "subject").get("reference", ""), patient)
        ]
        return [one for one in visits if _overlaps(one, note, window)]


def _in_use(patients: Sequence[Resource]) -> Sequence[Resource]:
    """Without records that were given up, unless nothing else is there, and never one merged into another."""
    own = [one for one in patients if "replaced-by" not in [link.get("type") for link in mappings(one.get("link"))]]
    return [one for one in own if one.get("active") is not False] or own


def codes_of(resource: Resource, system: str) -> Sequence[str]:
    """Of its identifiers in this system, those that are in use: an old one may be somebody else's by now."""
    own = [one for one in mappings(resource.get("identifier")) if one.get("system", "") == system]
    own = [one for one in own if one.get("use") != "old"]
    return [str(one["value"]) for one in own if one.get("value")]


def _only_codes(identifier: str) -> Mapping[str, str]:
    return {"identifier": identifier, "_elements": "identifier,active,link", "_count": _PAGE}


def _window(note: FiledNote) -> tuple[datetime, datetime] | None:
    """The session's time; the whole day there when only that is known."""
    if note.started_at is not None:
        return note.started_at, note.started_at + timedelta(minutes=note.minutes or 1)
    try:
        day = date.fromisoformat(note.session_date)
    except ValueError:
        return None
    zone = ZoneInfo(note.timezone) if note.timezone else UTC
    return datetime.combine(day, time.min, zone), datetime.combine(day + _A_DAY, time.min, zone)


def _overlaps(encounter: Resource, note: FiledNote, window: tuple[datetime, datetime]) -> bool:
    """Whether visit and session overlap: one that ends as the other begins does not.

    Where one of them has no time of day, their days do: the session's in its own time zone, where that is known.
    """
    period = member(encounter, "period")
    starts, ends = str(period.get("start", "")), str(period.get("end", ""))
    if not starts:
        return False
    if len(starts) == _LENGTH_OF_A_DAY or (note.started_at is None and not note.timezone):
        return starts[:_LENGTH_OF_A_DAY] <= note.session_date <= (ends or starts)[:_LENGTH_OF_A_DAY]
    start, end = _time(starts), _time(ends)
    if start is None:
        return False
    end = max(end or start + _OPEN_ENDED, start + timedelta(minutes=1))
    return start < window[1] and end > window[0]


def _time(written: str) -> datetime | None:
    """A FHIR dateTime with a time of day; None for what is none."""
    try:
        found = datetime.fromisoformat(written) if len(written) > _LENGTH_OF_A_DAY else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and not found.tzinfo else found
