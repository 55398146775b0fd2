"""Filing on a FHIR server as the clinician lives it in the chat: an answer that is lost, and a server set up anew."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.cards import filing_words, words
from demo.driver import Person
from demo.home import own_practice_file
from demo.run import demo
from tests.e2e.chats import SlackChat
from tests.e2e.test_after_filing_in_both_chats import ADDED, WRITTEN, sign
from tests.fhir_parts import CLIENTS, FhirServer, running_fhir_server

ROSA = "U0EXAMPLE04"
FORGETS = {"noConditions": True, "dropIdentifier": True, "firstAttachment": True}
EPIC = """\
[adapter]
record = "ehr"
copies = ["folder"]

[adapter.ehr]
kind = "fhir"
base_url = "{base}"
profile = "epic"
patient_system = "{clients}"
auth = "none"
practitioners = {{ delgado = "{practitioner}" }}
"""
GENERIC = """\
[adapter]
record = "fhir"
copies = ["folder"]

[adapter.fhir]
base_url = "{base}"
patient_system = "{clients}"
auth = "none"
"""


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with running_fhir_server() as server:
        yield server


@asynccontextmanager
async def chatting(home: Path, adapter: str) -> AsyncIterator[tuple[SlackChat, Person]]:
    own_practice_file(home, adapter=adapter)
    async with demo(home) as running:
        rosa = Person(running.workspace, ROSA)
        yield SlackChat(rosa, running.application), rosa


@pytest.fixture
async def epic(server: FhirServer, tmp_path: Path) -> AsyncIterator[tuple[SlackChat, Person]]:
    """A server as the epic profile describes one, with the client, the clinician and the session on it."""
    patient, practitioner = server.patient("JD-014"), server.add({"resourceType": "Practitioner"})
    act = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    period = {"start": "2026-11-20", "end": "2026-11-20"}
    visit = {"resourceType": "Encounter", "status": "finished", "class": act, "period": period}
    server.add({**visit, "subject": {"reference": patient}})
    server.behave(**FORGETS)
    adapter = EPIC.format(base=server.base, clients=CLIENTS, practitioner=practitioner)
    async with chatting(tmp_path / "home", adapter) as both:
        yield both


async def asked(epic: tuple[SlackChat, Person], server: FhirServer, fault: str) -> Any:
    """Sign a note whose POST gets no answer; the card that asks."""
    chat, rosa = epic
    server.fail({"on": "POST", "fail": fault})
    await chat.write(WRITTEN)
    await chat.until(lambda: chat.notice() == words.DRAFT_NOTICE)
    await chat.open("sign")
    if chat.form() == "decide":
        await chat.send({one.name: "out" for one in chat.asked()})
    await chat.send({})
    await chat.until(lambda: chat.notice() == filing_words.TROUBLE_NOTICE)
    assert filing_words.CHECK_THE_CHART in chat.texts()
    await chat.application.work.idle(20)  # a run that found it unanswered must be over before somebody answers
    return [message for message in rosa.messages(rosa.dm()) if message.text == filing_words.TROUBLE_NOTICE][-1]


async def test_a_note_that_is_there_is_confirmed_and_an_addendum_can_follow(
    epic: tuple[SlackChat, Person], server: FhirServer
) -> None:
    chat, rosa = epic
    card = await asked(epic, server, "lost")
    await rosa.click(card, "filing_there")
    await chat.until(lambda: chat.notice() == words.RECEIPT_NOTICE)
    assert filing_words.CONFIRMED in " ".join(chat.texts())
    assert len(server.all("DocumentReference")) == 1
    await chat.open("addendum")
    await chat.send({"text": ADDED})
    await sign(chat)
    await chat.until(lambda: len(server.all("DocumentReference")) == 2)
    (addendum,) = [one for one in server.all("DocumentReference") if "relatesTo" in one]
    assert addendum["relatesTo"][0]["target"]["identifier"]["value"]


async def test_a_note_that_is_not_there_is_sent_again(epic: tuple[SlackChat, Person], server: FhirServer) -> None:
    chat, rosa = epic
    card = await asked(epic, server, "drop")
    assert server.all("DocumentReference") == []
    await rosa.click(card, "filing_absent")
    await chat.until(lambda: chat.notice() == words.RECEIPT_NOTICE)
    assert filing_words.READ_BACK in " ".join(chat.texts())
    assert len(server.all("DocumentReference")) == 1


async def test_an_amendment_to_a_note_that_the_server_forgot_is_filed(server: FhirServer, tmp_path: Path) -> None:
    """As in a second run of the demo: its server keeps nothing."""
    server.patient("JD-014")
    async with chatting(tmp_path / "home", GENERIC.format(base=server.base, clients=CLIENTS)) as (chat, _):
        await chat.write(WRITTEN)
        await chat.until(lambda: chat.notice() == words.DRAFT_NOTICE)
        await sign(chat)
        (first,) = server.all("DocumentReference")
        server.reset()
        server.patient("JD-014")
        await chat.open("amend")
        plan = next(one.name for one in chat.asked() if one.name.startswith("section.plan."))
        await chat.send({plan: "Exposure step 3.", "reason": "It was step 3."})
        await sign(chat)
    (amendment,) = server.all("DocumentReference")
    assert amendment["relatesTo"][0]["target"]["identifier"] == identifier_of(first)
    assert amendment["content"][0]["attachment"]["title"].startswith("Amended SOAP")


def identifier_of(document: Mapping[str, Any]) -> Any:
    return document["identifier"][0]
