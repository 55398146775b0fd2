"""A note, its addendum, its amendment and the retraction of that: in both chats the same documents are filed."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cards import words
from bot.domain.ids import NoteId
from bot.domain.links import LinkKind
from bot.domain.note import Note
from tests.e2e.chats import CHATS, Chat

WRITTEN = "soap JD-014 2026-11-20 10:00 50min\n- ct slept 6h\n- reviewed thought record\n- plan: exposure step 2"
ADDED = "She called on Tuesday: the panic was on the bus."
REASON, WRONG = "It was step 3.", "The session of another client."


@dataclass(frozen=True, slots=True)
class Filed:
    """What one run left: the notes in the order in which they were begun, each with its filed JSON and text."""

    notes: Sequence[Note]
    documents: Sequence[Any]
    texts: Sequence[str]
    acts: Sequence[tuple[str, int]]


async def test_the_same_documents(tmp_path: Path):
    slack, teams = [await filed_in(platform, tmp_path / platform) for platform in ("slack", "teams")]
    assert [act for act in slack.acts if act[0] != "viewed"] == [act for act in teams.acts if act[0] != "viewed"]
    assert said(slack) == said(teams)
    for filed in (slack, teams):
        check(filed)


async def filed_in(platform: str, home: Path) -> Filed:
    async with CHATS[platform](home) as chat:
        await chat.write(WRITTEN)
        await chat.until(lambda: chat.notice() == words.DRAFT_NOTICE)
        await sign(chat)
        await chat.open("addendum")
        await chat.send({"text": ADDED})
        await sign(chat)
        await chat.open("amend", "SOAP note for JD-014")
        plan = next(asked.name for asked in chat.asked() if asked.name.startswith("section.plan."))
        await chat.send({plan: "Exposure step 3.", "reason": REASON})
        await sign(chat)
        await chat.open("retract", "Amendment of SOAP note for JD-014")
        await chat.send({"reason": WRONG})
        await sign(chat)
        return await collect(chat, home / "filed-notes")


async def sign(chat: Chat) -> None:
    await chat.until(lambda: chat.notice() == words.DRAFT_NOTICE)
    await chat.open("sign")
    if chat.form() == "decide":
        await chat.send({asked.name: "out" for asked in chat.asked()})
    await chat.send({})
    await chat.until(lambda: chat.notice() == words.RECEIPT_NOTICE)


async def collect(chat: Chat, folder: Path) -> Filed:
    desk = chat.application.desk
    await chat.application.work.idle()
    async with desk.database.reading(desk.id) as unit:
        acts = await unit.audit.acts()
        assert await unit.audit.verify() is None
        begun = [act.note_id for act in acts if act.note_id and act.act.endswith("started")]
        notes = [await unit.notes.get(note_id) for note_id in begun]
    files = await asyncio.to_thread(read, folder)
    return Filed(
        notes,
        [json.loads(one(files, note.id, ".json")) for note in notes],
        [one(files, note.id, ".txt") for note in notes],
        [(act.act, act.version) for act in acts],
    )


def read(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.suffix in (".json", ".txt")]
    return {path.name: path.read_text("utf-8") for path in paths if not path.name.endswith(".receipt.json")}


def one(files: dict[str, str], note_id: NoteId, suffix: str) -> str:
    """The one file of this kind that says it is of this note."""
    (found,) = [text for name, text in files.items() if note_id in name and name.endswith(suffix)]
    return found


def said(filed: Filed) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(note.format_id, [(s.slot.value, s.text) for s in note.statements]) for note in filed.notes]


def check(filed: Filed) -> None:
    note, addendum, amendment, retraction = filed.notes
    links = [(each.link.kind, each.link.of, each.link.reason) for each in filed.notes if each.link]
    assert links == [
        (LinkKind.ADDENDUM, note.id, ""),
        (LinkKind.AMENDMENT, note.id, REASON),
        (LinkKind.RETRACTION, amendment.id, WRONG),
    ]
    assert {each.session for each in filed.notes} == {note.session}
    assert [ADDED in text for text in filed.texts] == [False, True, False, False]
    assert ["Exposure step 3." in text for text in filed.texts] == [False, False, True, False]
    assert [WRONG in text for text in filed.texts] == [False, False, False, True]
    for each, document, text in zip(filed.notes, filed.documents, filed.texts, strict=True):
        assert each.version_hash() in text
        assert each.id in json.dumps(document)
        assert ("Late entry" in text) is (each is note), "what follows a note carries its own dates"
    assert addendum.version == 1
    assert retraction.signatures
