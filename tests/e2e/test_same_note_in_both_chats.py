"""One scenario, played in Slack and in Teams, ends in the same files, apart from who and when."""

import io
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import docx
import pypdf
import pytest

from tests.e2e.chats import CHATS
from tests.e2e.filed import Filed, collect, receipt_without, who_and_when, without
from tests.e2e.scenario import SCENARIOS, Scenario, load_scenario, play

KINDS = {"txt", "md", "json", "pdf", "docx"}
ZONE = "America/Chicago"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_the_same_files(path: Path, tmp_path: Path):
    scenario = load_scenario(path)
    slack, teams = [await filed_in(platform, scenario, tmp_path / platform) for platform in ("slack", "teams")]
    assert slack.note.id != teams.note.id
    assert as_text(slack) == as_text(teams)
    assert slack.rendered_some_day == teams.rendered_some_day, "PDF and DOCX too: byte for byte"
    assert acts(slack, "slack") == acts(teams, "teams")


async def filed_in(platform: str, scenario: Scenario, home: Path) -> Filed:
    async with CHATS[platform](home) as chat:
        await play(scenario, chat)
        filed = await collect(chat.application, home / "filed-notes")
    check_note(filed, scenario)
    for kind in KINDS:
        assert filed.of_kind(kind) == filed.rendered[kind], (
            "what is filed is the note's own rendering, so that can be compared"
        )
    return filed


def as_text(filed: Filed) -> Mapping[str, bytes]:
    """Every file that is text, with its name; who and when are taken out, after they were there."""
    known = who_and_when(filed.note, ZONE)
    everything = b"".join([*filed.files.values(), *map(str.encode, filed.files)])
    assert all(one and one.encode() in everything for one in known)
    texts = {name: data for name, data in filed.files.items() if not name.endswith((".pdf", ".docx"))}
    compared = {name: without(data, known) for name, data in texts.items() if not name.endswith(".receipt.json")}
    (receipt,) = texts.keys() - compared.keys()
    compared[receipt] = receipt_without(filed, known)
    binary = {name: b"" for name in filed.files.keys() - texts.keys()}  # their names only
    return {without(name.encode(), known).decode(): data for name, data in {**compared, **binary}.items()}


def acts(filed: Filed, platform: str) -> list[tuple[str | None, str, int, str]]:
    """The audit log; what came by this chat says `chat`, and nothing came by another."""
    assert {via for *_, via in filed.acts} >= {platform}
    return [(actor, act, version, "chat" if via == platform else via) for actor, act, version, via in filed.acts]


def check_note(filed: Filed, scenario: Scenario) -> None:
    """Each file holds the expected note: the whole of it, in order, where the file has an order to read."""
    assert {name.partition(".")[2] for name in filed.files} == KINDS | {"receipt.json"}
    document = json.loads(filed.of_kind("json"))
    assert document["format"]["id"] == scenario.format_id
    found = {section["title"]: section for section in document["sections"]}
    assert list(found) == list(scenario.sections)
    for title, paragraphs in scenario.sections.items():
        said = " ".join(statement["text"] for statement in found[title]["statements"])
        assert said == " ".join(paragraphs)
    text = filed.of_kind("txt").decode()
    for label, value in scenario.facts.items():
        assert f"\n{label}: {value}\n" in text
    written = "".join(f"\n{title.upper()}\n" + "".join(f"{p}\n" for p in ps) for title, ps in scenario.sections.items())
    assert written in text
    check_printed(filed, scenario)


def check_printed(filed: Filed, scenario: Scenario) -> None:
    """The files that people open: every heading and every paragraph in order."""
    word = docx.Document(io.BytesIO(filed.of_kind("docx")))
    wanted = [line for title, paragraphs in scenario.sections.items() for line in (title.upper(), *paragraphs)]
    lines = [paragraph.text for paragraph in word.paragraphs]
    at = lines.index(wanted[0])
    assert lines[at : at + len(wanted)] == wanted
    pages = pypdf.PdfReader(io.BytesIO(filed.of_kind("pdf"))).pages
    printed = _bare("".join(page.extract_text() for page in pages))
    for title, paragraphs in scenario.sections.items():
        assert _bare(title.upper() + "".join(paragraphs)) in printed


def _bare(text: str) -> str:
    """Without white space, which a line end eats, and emoji, which the reader of a PDF may find twice."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("So", "Cf"))
