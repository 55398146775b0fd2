"""The sessions of a FHIR server: its Appointments and Encounters, whose they are, and what cannot be taken over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.fhir.sink import FhirSink
from bot.domain.appointments import Attendance, RefusedRow, SessionRow
from bot.domain.errors import EffectError, Permanent, Temporary, UserMistake
from bot.domain.ids import PersonId
from bot.domain.note import Session
from bot.ports import SessionSource
from tests.contract.fhir_in_python import problems
from tests.doubles import canary
from tests.fhir_parts import CLIENTS, FhirServer, Opens

ZONE = "America/New_York"
SINCE, UNTIL = dt.datetime(2026, 11, 1, tzinfo=dt.UTC), dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
NPI = "http://hl7.org/fhir/sid/us-npi"
Rows = Sequence[SessionRow | RefusedRow]


class Place:
    """The server with two clinicians and a client, and a sink that knows the clinicians."""

    def __init__(self, server: FhirServer, opens: Opens) -> None:
        self.server, self.opens = server, opens
        self.client = server.patient("SE-101")
        self.dana = server.add({"resourceType": "Practitioner"})
        self.lee = server.add({"resourceType": "Practitioner", "identifier": [{"system": NPI, "value": "1234567893"}]})
        self.sink = self.opened()

    def opened(self, **more: Any) -> FhirSink:
        known = {"dana": self.dana, "lee": f"{NPI}|1234567893"}
        return self.opens(**{"import_sessions": True, "practitioners": known, **more})

    def book(self, start: str = "2026-11-20T15:00:00Z", *clients: str, **more: Any) -> str:
        people = [*(clients or (self.client,)), more.pop("clinician", self.dana)]
        parts = [{"actor": {"reference": one}, "status": "accepted"} for one in people]
        made: dict[str, Any] = {"resourceType": "Appointment", "status": "booked", "start": start, "participant": parts}
        end = dt.datetime.fromisoformat(start) + dt.timedelta(minutes=50)
        return self.add({**made, "end": end.isoformat(), "minutesDuration": 50, **more})

    def visit(self, start: str, of: str = "", **more: Any) -> str:
        end = dt.datetime.fromisoformat(start) + dt.timedelta(minutes=53)
        made: dict[str, Any] = {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": {"reference": self.client},
            "participant": [{"individual": {"reference": self.dana}}],
            "period": {"start": start, "end": end.isoformat()},
            **({"appointment": [{"reference": of}]} if of else {}),
        }
        return self.add({**made, **more})

    def add(self, resource: dict[str, Any]) -> str:
        """Into the server, whose validators look at it; the second validator does here."""
        assert problems(resource) == []
        return self.server.add(resource)

    async def rows(self, **more: Any) -> Rows:
        sink = self.opened(**more) if more else self.sink
        return [row async for row in sink.sessions(SINCE, UNTIL, ZONE)]


@pytest.fixture
def place(server: FhirServer, opens: Opens) -> Place:
    return Place(server, opens)


def key(reference: str, client: str) -> str:
    return f"{reference}#{client.partition('/')[2]}"


async def test_an_appointment_is_a_session_in_the_practices_time(place: Place) -> None:
    booked = place.book("2026-11-20T15:00:00Z", serviceType=[{"text": "Telehealth family therapy"}])
    assert isinstance(place.sink, SessionSource)
    assert place.sink.offers_sessions
    session = Session(dt.date(2026, 11, 20), dt.time(10), 50, "family", "video")
    assert await place.rows() == [SessionRow(1, key(booked, place.client), "SE-101", "dana", session, ZONE)]


@pytest.mark.parametrize(
    ("status", "attendance"),
    [
        ("booked", Attendance.BOOKED),
        ("arrived", Attendance.BOOKED),
        ("checked-in", Attendance.BOOKED),
        ("fulfilled", Attendance.HELD),
        ("noshow", Attendance.NO_SHOW),
        ("cancelled", Attendance.CANCELLED),
        ("entered-in-error", Attendance.CANCELLED),
        ("proposed", None),
        ("pending", None),
        ("waitlist", None),
    ],
)
async def test_what_each_status_of_an_appointment_comes_to(
    place: Place, status: str, attendance: Attendance | None
) -> None:
    booked = place.book(status=status)
    (row,) = await place.rows()
    if isinstance(row, RefusedRow):
        assert (attendance, row.code, row.about) == (None, "not_booked", "2026-11-20")
        assert booked in row.sentence
    else:
        assert row.attendance is attendance


@pytest.mark.parametrize(
    ("status", "attendance"),
    [
        ("planned", Attendance.BOOKED),
        ("arrived", Attendance.BOOKED),
        ("in-progress", Attendance.BOOKED),
        ("finished", Attendance.HELD),
        ("cancelled", Attendance.CANCELLED),
        ("entered-in-error", Attendance.CANCELLED),
    ],
)
async def test_what_each_status_of_a_visit_comes_to(place: Place, status: str, attendance: Attendance) -> None:
    visit = place.visit("2026-11-20T15:02:00Z", status=status)
    (row,) = await place.rows()
    assert isinstance(row, SessionRow)
    assert (row.key, row.attendance) == (key(visit, place.client), attendance)
    assert row.session == Session(dt.date(2026, 11, 20), dt.time(10, 2), 53)


async def test_a_visit_and_its_appointment_are_one_session_with_the_visits_time(place: Place) -> None:
    booked = place.book(status="fulfilled")
    (before,) = await place.rows()
    place.visit("2026-11-20T15:10:00Z", booked)
    (after,) = await place.rows()
    assert isinstance(before, SessionRow)
    assert isinstance(after, SessionRow)
    assert before.key == after.key == key(booked, place.client)
    assert (after.session.start, after.session.minutes, after.attendance) == (dt.time(10, 10), 53, Attendance.HELD)


async def test_a_visit_of_the_day_before_the_time_speaks_for_its_appointment(place: Place) -> None:
    """It took place before, so it is no session of this time; nor is it one twice."""
    place.visit("2026-10-31T23:30:00Z", place.book("2026-11-01T00:30:00Z"))
    assert await place.rows() == []


@pytest.mark.parametrize(
    ("booked", "visited", "attendance"),
    [
        ("noshow", "cancelled", Attendance.NO_SHOW),
        ("booked", "cancelled", Attendance.CANCELLED),
        ("booked", "entered-in-error", Attendance.BOOKED),
        ("cancelled", "finished", Attendance.HELD),
    ],
)
async def test_what_became_of_it_when_the_two_differ(
    place: Place, booked: str, visited: str, attendance: Attendance
) -> None:
    appointment = place.book(status=booked)
    place.visit("2026-11-20T15:00:00Z", appointment, status=visited)
    (row,) = await place.rows()
    assert isinstance(row, SessionRow)
    assert (row.key, row.attendance) == (key(appointment, place.client), attendance)


async def test_a_cancelled_visit_stands_alone_where_its_appointment_is_of_another_time(place: Place) -> None:
    appointment = place.book("2027-01-20T15:00:00Z")
    place.visit("2026-11-20T15:00:00Z", appointment, status="cancelled")
    (row,) = await place.rows()
    assert isinstance(row, SessionRow)
    assert (row.key, row.attendance) == (key(appointment, place.client), Attendance.CANCELLED)


async def test_a_moved_appointment_keeps_its_key(place: Place) -> None:
    place.book("2026-11-20T15:00:00Z")
    (first,) = await place.rows()
    booked = place.server.all("Appointment")[0]
    times = {"start": "2026-11-24T15:00:00Z", "end": "2026-11-24T15:50:00Z"}
    place.server.put({**booked, **times})
    (second,) = await place.rows()
    assert isinstance(first, SessionRow)
    assert isinstance(second, SessionRow)
    assert second.key == first.key
    assert (first.session.date, second.session.date) == (dt.date(2026, 11, 20), dt.date(2026, 11, 24))


async def test_each_client_of_a_group_has_a_session_and_who_declined_has_none(place: Place) -> None:
    other, third = place.server.patient("SE-102"), place.server.patient("SE-103")
    parts = [(place.client, "accepted"), (other, "accepted"), (third, "declined"), (place.dana, "accepted")]
    people = [{"actor": {"reference": who}, "status": status} for who, status in parts]
    booked = place.book(participant=people)
    place.visit("2026-11-20T15:05:00Z", booked, subject={"reference": other})
    rows = [row for row in await place.rows() if isinstance(row, SessionRow)]
    assert {row.key: (row.client_code, row.attendance.value) for row in rows} == {
        key(booked, place.client): ("SE-101", "booked"),
        key(booked, other): ("SE-102", "held"),
        key(booked, third): ("SE-103", "cancelled"),
    }
    assert {row.session.kind for row in rows if row.client_code != "SE-102"} == {"group"}
    assert sorted(row.line for row in rows) == [1, 2, 3]


async def test_a_clinician_mapped_by_identifier_or_by_role_is_found_and_may_be_asked_for_alone(place: Place) -> None:
    role = place.server.add({"resourceType": "PractitionerRole", "practitioner": {"reference": place.dana}})
    place.book("2026-11-20T15:00:00Z")
    place.book("2026-11-20T17:00:00Z", clinician=role)
    place.book("2026-11-20T19:00:00Z", clinician=place.lee)
    sink = place.opened(practitioners={"dana": role, "lee": f"{NPI}|1234567893"})
    rows = [row async for row in sink.sessions(SINCE, UNTIL, ZONE)]
    assert sorted(row.clinician for row in rows if isinstance(row, SessionRow)) == ["dana", "dana", "lee"]
    only = [row async for row in sink.sessions(SINCE, UNTIL, ZONE, [PersonId("lee")])]
    assert [row.clinician for row in only if isinstance(row, SessionRow)] == ["lee"]


async def test_somebody_elses_appointments_are_not_asked_for(place: Place) -> None:
    stranger = place.server.add({"resourceType": "Practitioner"})
    place.book(clinician=stranger)
    assert await place.rows() == []
    asked = [one["url"] for one in place.server.log() if one["url"].startswith("/fhir/Appointment?")]
    assert asked
    assert all("practitioner=Practitioner%2F" in url and "_elements=" in url for url in asked)
    assert not [one for one in place.server.log() if "Patient?_id" in one["url"]]


@pytest.mark.parametrize(
    ("identifiers", "more", "code"),
    [
        ([], {}, "no_client"),
        ([{"system": CLIENTS, "value": "SE-1", "use": "old"}], {}, "no_client"),
        ([{"system": "urn:oid:1.2.3", "value": "SE-1"}], {}, "no_client"),
        ([{"system": CLIENTS, "value": "SE-1"}, {"system": CLIENTS, "value": "SE-2"}], {}, "several_codes"),
        ([{"system": CLIENTS, "value": "SE-1"}], {"link": True}, "no_client"),
    ],
)
async def test_a_client_without_one_code_is_refused_and_the_others_come(
    place: Place, identifiers: list[dict[str, str]], more: Mapping[str, Any], code: str
) -> None:
    link = {"link": [{"other": {"reference": place.client}, "type": "replaced-by"}]} if more else {}
    name = [{"family": canary.WORDS}]
    who = place.server.add({"resourceType": "Patient", "identifier": identifiers, "name": name, **link})
    bad, _ = place.book("2026-11-19T15:00:00Z", who, description=canary.WORDS), place.book()
    refused, taken = sorted(await place.rows(), key=lambda row: isinstance(row, SessionRow))
    assert isinstance(refused, RefusedRow)
    assert isinstance(taken, SessionRow)
    assert (refused.code, refused.about) == (code, "2026-11-19")
    assert bad in refused.sentence
    assert canary.overheard(refused.sentence) == []


async def test_a_code_that_the_appointment_itself_says_needs_no_look_up(place: Place) -> None:
    who = {"actor": {"type": "Patient", "identifier": {"system": CLIENTS, "value": "SE-900"}}, "status": "accepted"}
    place.book(participant=[who, {"actor": {"reference": place.dana}, "status": "accepted"}])
    (row,) = await place.rows()
    assert isinstance(row, SessionRow)
    assert row.client_code == "SE-900"


@pytest.mark.parametrize(
    ("start", "more", "when", "odd"),
    [
        ("2026-11-01T05:30:00Z", {}, ("2026-11-01", "01:30", 50), ("clock_change",)),
        ("2026-11-11T04:30:00Z", {}, ("2026-11-10", "23:30", 50), ("over_midnight",)),
        ("2026-11-11T04:10:00Z", {}, ("2026-11-10", "23:10", 50), ()),
        ("2026-11-12T09:00:00+01:00", {}, ("2026-11-12", "03:00", 50), ()),
    ],
)
async def test_times_are_local_and_what_is_unusual_is_said(
    place: Place, start: str, more: Mapping[str, Any], when: tuple[str, str, int], odd: tuple[str, ...]
) -> None:
    place.book(start, **more)
    (row,) = await place.rows()
    assert isinstance(row, SessionRow)
    session = row.session
    assert (str(session.date), f"{session.start:%H:%M}", session.minutes) == when
    assert row.odd == odd


async def test_a_visit_with_a_day_only_and_one_without_an_end(place: Place) -> None:
    place.visit("2026-11-12T15:00:00Z", period={"start": "2026-11-12"})
    place.visit("2026-11-13T15:00:00Z", period={"start": "2026-11-13T15:00:00Z"})
    day, open_ended = sorted((row for row in await place.rows() if isinstance(row, SessionRow)), key=lambda r: r.line)
    assert (day.session.date, day.session.start, day.odd) == (dt.date(2026, 11, 12), None, ("whole_day",))
    assert (open_ended.session.minutes, open_ended.odd) == (None, ("no_end",))


@pytest.mark.parametrize(
    ("without", "expected"), [(["Appointment"], ["Encounter"]), (["Encounter"], ["Appointment"]), ([], None)]
)
async def test_what_the_server_does_not_offer_is_not_asked_for(
    place: Place, without: list[str], expected: list[str] | None
) -> None:
    place.book("2026-11-20T15:00:00Z")
    place.visit("2026-11-21T15:00:00Z")
    place.server.behave(without=without)
    rows = [row for row in await place.rows() if isinstance(row, SessionRow)]
    assert sorted(row.key.partition("/")[0] for row in rows) == (expected or ["Appointment", "Encounter"])


async def test_a_server_with_neither_says_so(place: Place) -> None:
    place.server.behave(without=["Appointment", "Encounter"])
    with pytest.raises(UserMistake, match=r"^fhir_no_sessions$") as raised:
        await place.rows()
    assert "Import them from a calendar’s file or address" in raised.value.sentence
    assert raised.value.sentence in await place.sink.check()


async def test_not_wanted_or_nobody_mapped_is_said(place: Place) -> None:
    off = place.opened(import_sessions=False)
    assert not off.offers_sessions
    with pytest.raises(UserMistake, match=r"^fhir_sessions_off$"):
        await anext(off.sessions(SINCE, UNTIL, ZONE))
    with pytest.raises(UserMistake, match=r"^fhir_no_clinicians$"):
        await place.rows(practitioners={})
    with pytest.raises(UserMistake, match=r"^fhir_no_clinicians$"):
        await anext(place.sink.sessions(SINCE, UNTIL, ZONE, [PersonId("somebody")]))


async def test_pages_are_followed_as_they_are_needed(place: Place) -> None:
    for day in range(10, 17):
        place.book(f"2026-11-{day}T15:00:00Z")
    place.server.behave(page=3)
    async with aclosing(place.sink.sessions(SINCE, UNTIL, ZONE)) as rows:
        await anext(rows)
        asked = [one for one in place.server.log() if one["url"].startswith("/fhir/Appointment?")]
        assert len(asked) == 1
    assert len(await place.rows()) == 7


async def test_a_page_elsewhere_is_not_followed(place: Place) -> None:
    for day in range(10, 14):
        place.book(f"2026-11-{day}T15:00:00Z")
    place.server.behave(page=2, pagesAt="https://elsewhere.example")
    with pytest.raises(Permanent, match=r"^fhir:nonsense:next$"):
        await place.rows()


async def test_years_are_asked_for_month_by_month_and_each_session_comes_once(place: Place) -> None:
    days = [dt.datetime(2026, 1, 1, 15, tzinfo=dt.UTC) + dt.timedelta(days=15 * count) for count in range(24)]
    expected = {key(place.book(day.isoformat()), place.client) for day in days}
    since, until = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    rows = [row async for row in place.sink.sessions(since, until, ZONE)]
    assert sorted(row.key for row in rows if isinstance(row, SessionRow)) == sorted(expected)
    assert [row.line for row in rows] == [*range(1, len(days) + 1)]


@pytest.mark.parametrize(("fault", "code"), [(403, "fhir:not_allowed:encounter"), (400, "fhir:refused:400")])
async def test_a_search_that_is_refused_says_what_it_was(place: Place, fault: int, code: str) -> None:
    place.sink = place.opened(practitioners={"dana": place.dana})  # a look-up less before the search
    place.server.fail(fault)
    with pytest.raises(Permanent) as raised:
        await place.rows()
    assert raised.value.code == code


@pytest.mark.parametrize("fault", [503, "drop", "html"])
async def test_a_server_in_trouble_is_tried_later_and_nothing_is_logged(place: Place, fault: Any) -> None:
    place.book(description=canary.WORDS, comment=canary.WORDS)
    place.server.fail(None, fault)
    with canary.captured_logs() as log, pytest.raises(Temporary) as raised:
        await place.rows()
    assert canary.overheard(log.getvalue(), raised.value) == []
    assert isinstance(raised.value, EffectError)


async def test_check_names_the_scope_that_is_missing(place: Place) -> None:
    place.server.reset()
    sink = Place(place.server, place.opens).sink
    assert list(await sink.check()) == []
    looked_up = [one["url"] for one in place.server.log() if one["method"] == "GET" and "metadata" not in one["url"]]
    before = next(number for number, url in enumerate(looked_up) if "/Appointment?" in url)
    place.server.fail(*[None] * before, 403)
    (sentence,) = await sink.check()
    assert sentence.startswith("Importing sessions needs the scope system/Appointment.rs")


async def test_the_scope_is_asked_for_when_sessions_are_wanted_and_never_against_a_written_one(opens: Opens) -> None:
    key_of = rsa.generate_private_key(65537, 2048)
    pem = key_of.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def scope(**more: Any) -> str:
        sink = opens({"private_key": pem}, auth="smart", client_id="afternote", **more)
        return sink._client._credentials._scope  # pyright: ignore

    assert "Appointment" not in scope()
    assert scope(import_sessions=True).endswith(" system/Encounter.rs system/Appointment.rs")
    assert scope(import_sessions=True, scope="system/*.rs") == "system/*.rs"
