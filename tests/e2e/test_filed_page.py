"""A note signed in the demo's chat stands on a real FHIR server, and a page shows it as the server has it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from demo.fhir_storage import CLIENTS, PEOPLE
from demo.run import Demo, demo
from tests.e2e.playground_page import chromium
from tests.e2e.test_browser import PATIENCE, SUMMARY, TOLD, Screen
from tests.fhir_parts import needs_fhir_server

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator["Browser"]:
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="module")
async def product(tmp_path: Path) -> AsyncIterator[Demo]:
    needs_fhir_server()
    async with demo(tmp_path / "home", storage="fhir") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def screen(browser: "Browser", product: Demo) -> AsyncIterator[Screen]:
    context = await browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-US")
    context.set_default_timeout(PATIENCE)
    watched = Screen(await context.new_page())
    await watched.page.goto(product.url)
    yield watched
    await context.close()
    watched.is_fine()


class Fhir:
    """The server behind the demo, asked directly."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session

    async def all(self, kind: str, **query: str) -> list[dict[str, Any]]:
        async with self.session.get(f"{self.base}/{kind}", params=query) as answer:
            return [entry["resource"] for entry in (await answer.json(content_type=None)).get("entry", [])]

    async def add(self, resource: dict[str, Any]) -> None:
        async with self.session.post(f"{self.base}/{resource['resourceType']}", json=resource) as answer:
            assert answer.status == 201


@pytest_asyncio.fixture(loop_scope="module")
async def fhir(product: Demo) -> AsyncIterator[Fhir]:
    async with aiohttp.ClientSession() as session:
        yield Fhir(product.fhir_base, session)


async def test_a_signed_note_is_shown_as_the_server_has_it(screen: Screen, product: Demo, fhir: Fhir) -> None:
    from playwright.async_api import expect

    await screen.send(f"soap JD-014 yesterday 17:05 50min\n{SUMMARY}")
    await screen.act("sign").click()
    await screen.page.get_by_test_id("modal-submit").click()
    await expect(screen.card).to_contain_text("SHA-256")

    async with screen.page.context.expect_page() as opened:
        await screen.page.get_by_test_id("filed-page").click()
    filed = Screen(await opened.value)
    row = filed.page.locator("[data-testid=documents] tbody tr")
    await expect(row).to_have_count(1)
    for words in ("Mental health Progress note", "JD-014", "current", "final", "MH", "text/plain", "application/pdf"):
        await expect(row).to_contain_text(words)

    await row.get_by_role("link", name="Mental health Progress note").click()
    text = filed.page.get_by_test_id("text")
    for told in (*TOLD, "SUBJECTIVE", "Rosa Delgado, LPC-Associate"):
        await expect(text).to_contain_text(told)
    (document,) = await fhir.all("DocumentReference")
    shown = json.loads(await filed.page.get_by_test_id("json").inner_text())
    assert shown["id"] == document["id"]
    stored = base64.b64decode(document["content"][0]["attachment"]["data"]).decode()
    assert " ".join((await text.inner_text()).split()) == " ".join(stored.split())
    async with asyncio.timeout(15):
        while not (copies := list((product.folder / "filed-notes").rglob("*.txt"))):  # noqa: ASYNC110 - a folder
            await asyncio.sleep(0.05)
    assert copies[0].read_text("utf-8") == stored
    filed.is_fine()


async def test_the_document_names_patient_clinician_and_visit(screen: Screen, fhir: Fhir) -> None:
    from playwright.async_api import expect

    await screen.send(f"soap JD-014 yesterday 17:05 50min\n{SUMMARY}")
    await screen.act("sign").click()
    await screen.page.get_by_test_id("modal-submit").click()
    await expect(screen.card).to_contain_text("SHA-256")
    (document,) = await fhir.all("DocumentReference")
    (patient,) = await fhir.all("Patient", identifier=f"{CLIENTS}|JD-014")
    (clinician,) = await fhir.all("Practitioner", identifier=f"{PEOPLE}|delgado")
    (visit,) = await fhir.all("Encounter", patient=f"Patient/{patient['id']}")
    assert document["subject"]["reference"] == f"Patient/{patient['id']}"
    assert document["author"][0]["reference"] == f"Practitioner/{clinician['id']}"
    assert document["context"]["encounter"] == [{"reference": f"Encounter/{visit['id']}"}]
    (trace,) = await fhir.all("Provenance", target=f"DocumentReference/{document['id']}")
    assert trace["agent"][0]["who"]["reference"] == f"Practitioner/{clinician['id']}"


async def test_a_code_that_only_the_server_knows_is_offered(screen: Screen, fhir: Fhir) -> None:
    from playwright.async_api import expect

    await fhir.add({"resourceType": "Patient", "identifier": [{"system": CLIENTS, "value": "JD-777"}]})
    await screen.send(f"/note soap {SUMMARY}")
    await screen.act("pick_client").click()
    await screen.page.get_by_test_id("picker-search").fill("jd")
    options = screen.page.get_by_role("option")
    await expect(screen.page.get_by_role("option", name="JD-777")).to_be_visible()
    assert (await options.all_inner_texts())[0].strip() == "JD-014"
    await screen.page.get_by_role("option", name="JD-777").click()
    await expect(screen.card.get_by_role("heading").first).to_contain_text("JD-777")
