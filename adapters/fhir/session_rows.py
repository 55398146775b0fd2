"""An Appointment or an Encounter of a FHIR server as a session: whose, when, held or not. Pure.

Codes, ids and times only: no name, no reason, no description and no comment is looked at.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from adapters.fhir.client import Resource, mappings, member
from bot.domain.appointments import Attendance
from bot.domain.note import Session

_REFERENCE = re.compile(r"(Appointment|Encounter|Patient|Practitioner|PractitionerRole)/([A-Za-z0-9.-]{1,64})")
_LENGTH_OF_A_DAY = len("2026-11-20")
_MOST_MINUTES = 24 * 60
_PERFORMERS = ("PPRF", "SPRF", "ATND")  # who leads, before who takes part
_BOOKED, _HELD = Attendance.BOOKED, Attendance.HELD
_OF_APPOINTMENT = {
    **dict.fromkeys(("booked", "arrived", "checked-in"), _BOOKED),
    "fulfilled": _HELD,
    "noshow": Attendance.NO_SHOW,
    **dict.fromkeys(("cancelled", "entered-in-error"), Attendance.CANCELLED),
}
_OF_ENCOUNTER = {
    **dict.fromkeys(("planned", "arrived", "triaged", "in-progress", "onleave", "unknown"), _BOOKED),
    "finished": _HELD,
    **dict.fromkeys(("cancelled", "entered-in-error"), Attendance.CANCELLED),
}
_CPT = "http://www.ama-assn.org/go/cpt"
_KIND_BY_CPT = {
    **dict.fromkeys(("90791", "90792"), "intake"),
    **dict.fromkeys(("90832", "90834", "90837"), "individual"),
    **dict.fromkeys(("90846", "90847"), "family"),
    **dict.fromkeys(("90849", "90853"), "group"),
    **dict.fromkeys(("90839", "90840"), "crisis"),
}
_KIND_BY_WORD = {
    **dict.fromkeys(("intake", "evaluation"), "intake"),
    **dict.fromkeys(("couple", "couples", "marital"), "couple"),
    **{word: word for word in ("individual", "family", "group", "child", "discharge", "crisis", "collateral")},
    **dict.fromkeys(("consultation", "consult"), "consultation"),
}
_MODALITY_BY_WORD = {
    **dict.fromkeys(("phone", "telephone", "audio"), "phone"),
    **dict.fromkeys(("video", "telehealth", "telemedicine", "teletherapy", "virtual"), "video"),
}


@dataclass(frozen=True, slots=True)
class Client:
    """A Patient who takes part: by `reference`, or, where the server says that instead, by `code`."""

    reference: str
    code: str = ""
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """What an Appointment or an Encounter says. `attendance`: None while nothing is agreed.

    `belongs_to`: the Appointments of an Encounter, as `Appointment/ID`; itself for an Appointment. `clinicians`: those
    who lead first. Start and end as the server writes them.
    """

    reference: str
    belongs_to: Sequence[str]
    status: str
    attendance: Attendance | None
    start: str
    end: str
    minutes: int | None
    clients: Sequence[Client]
    clinicians: Sequence[str]
    kind: str
    modality: str


def appointment(resource: Resource, base: str, patient_system: str) -> Visit:
    """An Appointment (R4)."""
    parts = mappings(resource.get("participant"))
    status, reference = str(resource.get("status", "")), f"Appointment/{resource.get('id')}"
    concepts = [*mappings(resource.get("serviceType")), *mappings([resource.get("appointmentType")])]
    concepts += mappings(resource.get("serviceCategory"))
    minutes = resource.get("minutesDuration")
    clients = _clients([(one, member(one, "actor")) for one in parts], base, patient_system)
    return Visit(
        reference,
        (reference,),
        status,
        _OF_APPOINTMENT.get(status),
        str(resource.get("start", "")),
        str(resource.get("end", "")),
        minutes if isinstance(minutes, int) and not isinstance(minutes, bool) else None,
        clients,
        _clinicians([(one, member(one, "actor")) for one in parts], base),
        _kind(concepts, len(clients)),
        _modality(concepts),
    )


def encounter(resource: Resource, base: str, patient_system: str) -> Visit:
    """An Encounter (R4). One entered in error says nothing of the appointment that it was made for."""
    parts = mappings(resource.get("participant"))
    status, period = str(resource.get("status", "")), member(resource, "period")
    concepts = [*mappings(resource.get("type")), *mappings([resource.get("serviceType")])]
    booked = [_reference(one, base) for one in mappings(resource.get("appointment"))]
    subject = member(resource, "subject")
    clients = _clients([(resource, subject)], base, patient_system, status_key="")
    virtual = member(resource, "class").get("code") == "VR"
    return Visit(
        f"Encounter/{resource.get('id')}",
        tuple(one for one in booked if one.startswith("Appointment/")),
        status,
        _OF_ENCOUNTER.get(status),
        str(period.get("start", "")),
        str(period.get("end", "")),
        None,
        clients,
        _clinicians([(one, member(one, "individual")) for one in parts], base),
        _kind(concepts, len(clients)),
        _modality(concepts) or ("video" if virtual else ""),
    )


@dataclass(frozen=True, slots=True)
class Timed:
    """A visit's time in a zone. `at`: when it begins; of a whole day its midnight there."""

    session: Session
    at: dt.datetime
    odd: tuple[str, ...]


def timed(visit: Visit, zone: ZoneInfo) -> Timed | None:
    """When it is; None when it says no day that can be read."""
    start, end = _moment(visit.start), _moment(visit.end)
    if start is None:
        return _whole_day(visit, zone)
    local = start.astimezone(zone)
    minutes = visit.minutes
    if minutes is None and end is not None:
        minutes = round((end - start).total_seconds() / 60)
    if minutes is None or not 0 < minutes <= _MOST_MINUTES:
        minutes = None
    odd = [] if minutes else ["no_end"]
    if minutes and (start + dt.timedelta(minutes=minutes - 1)).astimezone(zone).date() != local.date():
        odd.append("over_midnight")
    if _clocks_change(local, minutes or 0):
        odd.append("clock_change")
    session = Session(local.date(), local.time().replace(second=0, microsecond=0, fold=0), minutes)
    return Timed(_described(session, visit), start, tuple(odd))


def _whole_day(visit: Visit, zone: ZoneInfo) -> Timed | None:
    try:
        day = dt.date.fromisoformat(visit.start) if len(visit.start) == _LENGTH_OF_A_DAY else None
    except ValueError:
        return None
    if day is None:
        return None
    at = dt.datetime.combine(day, dt.time(), zone)
    return Timed(_described(Session(day, None, visit.minutes), visit), at, ("whole_day",))


def _described(session: Session, visit: Visit) -> Session:
    return Session(session.date, session.start, session.minutes, visit.kind, visit.modality)


def _clocks_change(local: dt.datetime, minutes: int) -> bool:
    """Whether the clocks change within the session, or its local time is one of two."""
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    end = (local.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(local.tzinfo)
    return twice or local.utcoffset() != end.utcoffset()


def _moment(written: str) -> dt.datetime | None:
    """A FHIR instant or dateTime with a time of day; without a zone it counts as UTC."""
    try:
        found = dt.datetime.fromisoformat(written) if len(written) > _LENGTH_OF_A_DAY else None
        found = found.replace(tzinfo=dt.UTC) if found and found.tzinfo is None else found
        return found.astimezone(dt.UTC) if found else None
    except (ValueError, OverflowError):
        return None


def _reference(reference: Resource, base: str) -> str:
    """`Type/id` on this server, empty for anything else: another server's patient 7 is somebody else."""
    text = str(reference.get("reference", "")).removeprefix(f"{base}/").partition("/_history/")[0]
    return text if _REFERENCE.fullmatch(text) else ""


def _clients(
    parts: Sequence[tuple[Resource, Resource]], base: str, system: str, status_key: str = "status"
) -> Sequence[Client]:
    found: dict[str, Client] = {}
    for part, actor in parts:
        reference, identifier = _reference(actor, base), member(actor, "identifier")
        code = str(identifier.get("value", "")) if identifier.get("system") == system else ""
        if reference.startswith("Patient/") or (not reference and code):
            declined = bool(status_key) and part.get(status_key) == "declined"
            found.setdefault(reference or code, Client(reference, "" if reference else code, declined))
    return tuple(found.values())


def _clinicians(parts: Sequence[tuple[Resource, Resource]], base: str) -> Sequence[str]:
    """References of who sees the client, those who declined or only look on last."""
    ranked = [(_rank(part), _reference(actor, base)) for part, actor in parts]
    ranked.sort(key=lambda one: one[0])
    return tuple(dict.fromkeys(who for _, who in ranked if who.startswith("Practitioner")))


def _rank(part: Resource) -> int:
    if part.get("status") == "declined":
        return len(_PERFORMERS) + 1
    codes = [str(one.get("code")) for one in _codings(mappings(part.get("type")))]
    return min((_PERFORMERS.index(code) for code in codes if code in _PERFORMERS), default=len(_PERFORMERS))


def _kind(concepts: Sequence[Resource], clients: int) -> str:
    for coding in _codings(concepts):
        if coding.get("system") == _CPT and coding.get("code") in _KIND_BY_CPT:
            return _KIND_BY_CPT[str(coding["code"])]
    said = _first_word(concepts, _KIND_BY_WORD)
    return said or ("group" if clients > 1 else "individual")


def _modality(concepts: Sequence[Resource]) -> str:
    return _first_word(concepts, _MODALITY_BY_WORD)


def _first_word(concepts: Sequence[Resource], known: dict[str, str]) -> str:
    """What the first known word of a service's name comes to: systems of codes differ, their words hardly."""
    names: list[Any] = [one.get("display") for one in _codings(concepts)] + [one.get("text") for one in concepts]
    words = [word for name in names if isinstance(name, str) for word in re.findall(r"[a-z]+", name.casefold())]
    return next((known[word] for word in words if word in known), "")


def _codings(concepts: Sequence[Resource]) -> Sequence[Resource]:
    return [coding for one in concepts for coding in mappings(one.get("coding"))]
