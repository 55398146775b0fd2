"""The page of filed documents, and what is said when its FHIR server cannot start."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.domain.errors import UserMistake
from bot.practice_file import load_practice
from demo import filed_page
from demo.fhir_server import FOLDER, fhir_server, lacking
from demo.fhir_storage import CLIENTS, fhir_storage, seed
from demo.filed import FiledPages
from demo.filed_page import Document
from demo.home import own_practice_file
from tests.fhir_parts import needs_fhir_server, running_fhir_server

HOSTILE = "<script>alert(1)</script>\"'&"
PAGE = Path(filed_page.__file__).parent


def resource(identity: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": identity,
        "identifier": [{"system": "urn:afternote:note", "value": f"n{identity}"}],
        "status": "current",
        "type": {"text": "SOAP note"},
        "content": [
            {"attachment": {"contentType": "text/plain; charset=utf-8", "data": "U2xlcHQ8d2VsbA==", "size": 10}}
        ],
        **more,
    }


def document(identity: str, codes: Mapping[str, str] | None = None, **more: Any) -> Document:
    return Document(resource(identity, **more), codes or {})


def hostile(value: Any, key: str = "") -> Any:
    """The same shape with markup in every text but ids."""
    if isinstance(value, dict):
        return {name: hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) and key not in ("id", "contentType", "data") else value


def test_nothing_that_the_server_says_is_markup() -> None:
    related = [{"code": "x", "target": {"reference": "x", "identifier": {"value": "x"}}}]
    full = hostile(
        resource(
            "a1",
            subject={"reference": "x", "display": "x"},
            author=[{"display": "x"}],
            relatesTo=related,
            securityLabel=[{"coding": [{"code": "x"}]}],
            context={"period": {"start": "x", "end": "x"}},
            docStatus="x",
            date="x",
            meta={"versionId": "x"},
        )
    )
    mean = Document(full, {HOSTILE: HOSTILE})
    for page in (
        filed_page.listing([mean], HOSTILE),
        filed_page.detail(mean, [mean], [full]),
        filed_page.trouble(HOSTILE),
    ):
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert f"'{HOSTILE}" not in page


def test_documents_that_belong_together_are_linked_in_both_directions() -> None:
    first = document("a1")
    second = document("a2", relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/a1"}}])
    third = document("a3", relatesTo=[{"code": "appends", "target": {"identifier": {"value": "na1"}}}])
    everything = [first, second, third]
    page = filed_page.detail(first, everything, [])
    for words, identity in (("Replaced by", "a2"), ("Added to by", "a3")):
        assert f"{words} <a href='/filed/{identity}'" in page
    assert "Replaces <a href='/filed/a1'" in filed_page.detail(second, everything, [])
    assert "Adds to <a href='/filed/a1'" in filed_page.detail(third, everything, [])
    lost = document("a4", relatesTo=[{"code": "appends", "target": {"reference": "DocumentReference/gone"}}])
    assert "Adds to <code>gone</code> (not on this server)" in filed_page.detail(lost, [lost], [])


def test_what_a_chart_calls_the_document_is_shown_too() -> None:
    named = document("a1", content=[{"attachment": {"title": "Addendum, 2026-11-20"}}])
    assert "Addendum, 2026-11-20" in filed_page.listing([named], "base")
    assert "Addendum, 2026-11-20" in filed_page.detail(named, [named], [])


def test_long_attachments_are_cut_on_the_page() -> None:
    page = filed_page.detail(document("a1", content=[{"attachment": {"data": "A" * 5000}}]), [], [])
    assert "A" * 73 not in page
    assert "(5,000 characters)" in page


def test_a_client_is_shown_by_code() -> None:
    shown = filed_page.listing([document("a1", {"Patient/p": "JD-014"}, subject={"reference": "Patient/p"})], "base")
    assert "<strong>JD-014</strong>" in shown
    assert "Slept" not in shown
    assert "Slept&lt;well" in filed_page.detail(document("a1"), [], [])


def test_an_empty_server_says_what_to_do() -> None:
    assert "Sign a note in the chat" in filed_page.listing([], "base")


class Browser:
    """What a browser gets of the pages."""

    def __init__(self, base: str, url: str, session: aiohttp.ClientSession) -> None:
        self.base, self.url, self.session = base, url, session

    async def get(self, path: str) -> tuple[int, Mapping[str, str], str]:
        async with self.session.get(f"{self.url}{path}") as answer:
            return answer.status, answer.headers, (await answer.read()).decode("utf-8", "replace")

    async def add(self, made: dict[str, Any]) -> str:
        async with self.session.post(f"{self.base}/{made['resourceType']}", json=made) as answer:
            assert answer.status == 201
            return str((await answer.json(content_type=None))["id"])


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    with running_fhir_server() as server:
        app = web.Application()
        app.add_routes(FiledPages(server.base).routes())
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            yield Browser(server.base, f"http://127.0.0.1:{runner.addresses[0][1]}", session)
        await runner.cleanup()


async def test_what_stands_on_the_server_is_shown_live(browser: Browser) -> None:
    assert "Nothing filed yet" in (await browser.get("/filed"))[2]
    await seed(browser.base, load_practice(PAGE / "practice.toml").practice)
    async with browser.session.get(f"{browser.base}/Patient", params={"identifier": f"{CLIENTS}|JD-014"}) as answer:
        (entry,) = (await answer.json(content_type=None))["entry"]
    made = resource("", subject={"reference": f"Patient/{entry['resource']['id']}"})
    identity = await browser.add({key: value for key, value in made.items() if key != "id"})
    status, headers, page = await browser.get("/filed")
    assert status == 200
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    assert f"href='/filed/{identity}'" in page
    assert "JD-014" in page
    assert "Slept&lt;well" in (await browser.get(f"/filed/{identity}"))[2]
    status, headers, text = await browser.get(f"/filed/{identity}/attachment/0")
    assert (status, headers["Content-Type"], text) == (200, "text/plain; charset=utf-8", "Slept<well")
    assert '"status": "current"' in (await browser.get(f"/filed/{identity}/resource"))[2]


async def test_what_was_signed_last_comes_first_also_when_an_older_one_was_marked_since(browser: Browser) -> None:
    for date in ("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", "2026-11-19T10:00:00Z"):
        await browser.add({key: value for key, value in resource("", date=date).items() if key != "id"})
    page = (await browser.get("/filed"))[2]
    assert re.findall(r"2026-11-\d\d", page) == ["2026-11-21", "2026-11-20", "2026-11-19"]


async def test_markup_in_an_attachment_is_never_shown_as_such(browser: Browser) -> None:
    content = [{"attachment": {"contentType": "text/html", "data": "PGI+"}}]
    identity = await browser.add({k: v for k, v in resource("", content=content).items() if k != "id"})
    status, headers, _ = await browser.get(f"/filed/{identity}/attachment/0")
    assert (status, headers["Content-Type"]) == (200, "application/octet-stream")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/filed/none", "/filed/none/resource", "/filed/none/attachment/0"])
async def test_what_is_not_there_is_said(browser: Browser, path: str) -> None:
    status, _, page = await browser.get(path)
    assert status == 404
    assert "There is no such document" in page


async def test_a_server_that_went_away_is_said() -> None:
    app = web.Application()
    app.add_routes(FiledPages("http://127.0.0.1:9").routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/filed"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 502
        assert "does not answer" in await answer.text()
    await runner.cleanup()


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "server.cjs").touch()
    assert "in a checkout" in lacking(tmp_path / "nowhere")
    assert lacking(tmp_path, path="").endswith("make node")
    needs_fhir_server()
    assert lacking(tmp_path) == "The FHIR server of the demo needs its packages. Run: make node"
    assert lacking() == ""


def test_without_node_the_demo_ends_with_a_sentence_and_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "demo", "--storage", "fhir", "--no-browser", "--data", str(tmp_path)]
    environment = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(FOLDER.parents[1])}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "make node" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_a_port_that_is_taken_is_said() -> None:
    with running_fhir_server() as server:
        port = int(server.root.rpartition(":")[2])
        with pytest.raises(UserMistake) as refused:
            async with fhir_server(port):
                pass
    assert f"Is port {port} taken?" in refused.value.sentence


async def test_the_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    needs_fhir_server()
    started = (
        "import asyncio\nfrom demo.fhir_server import fhir_server\nasync def main():\n"
        "    async with fhir_server() as base:\n        print(base, flush=True)\n        await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", started),
        cwd=FOLDER.parents[1],
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    base = (await child.stdout.readline()).decode().strip()
    child.kill()
    await child.wait()
    async with aiohttp.ClientSession() as session:
        for _ in range(100):
            try:
                async with session.get(f"{base}/metadata"):
                    await asyncio.sleep(0.05)
            except aiohttp.ClientError:
                return
    pytest.fail("the server is still there")


async def test_the_practice_file_is_made_once_and_names_the_servers_port(tmp_path: Path) -> None:
    needs_fhir_server()
    async with fhir_storage(tmp_path) as storage:
        text = storage.practice_file.read_text("utf-8")
        first = storage.base
    targets = load_practice(storage.practice_file).targets
    assert [target.name for target in targets] == ["fhir", "folder"]
    assert targets[0].settings["base_url"] == first
    async with fhir_storage(tmp_path) as storage:
        assert storage.base == first
        assert storage.practice_file.read_text("utf-8") == text


async def test_a_practice_file_of_another_server_is_left_alone(tmp_path: Path) -> None:
    own_practice_file(tmp_path)
    elsewhere = (
        '[adapter]\nrecord = "fhir"\ncopies = ["folder"]\n\n[adapter.fhir]\nbase_url = "https://ehr.example/fhir"\n'
    )
    own_practice_file(tmp_path, "practice-fhir.toml", adapter=elsewhere)
    with pytest.raises(UserMistake):
        async with fhir_storage(tmp_path):
            pass
