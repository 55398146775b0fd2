"""A format changes or vanishes; its notes are shown, edited, amended and filed as they were written."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.acts.presses import Press, open_dialog
from bot.cards import house_words
from bot.cards.elements import Prose
from bot.cards.screens import card_for
from bot.domain.ids import NoteId, PersonId, new_note_id
from bot.domain.links import LinkKind
from bot.domain.note import Note, State
from bot.domain.people import Person
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_cabinet, open_desk
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.format_versions import keep_formats
from bot.workflows.link_note import amend_note
from bot.workflows.start_draft import NewNote, start_draft
from demo.home import own_practice_file
from tests.workflows.factories import FixedClock, desk

OURS = """\
id = "ours"
name = "Ours"
description = "A format of our own."
[[sections]]
key = "story"
title = "FIRST"
slots = ["report", "history", "homework_review", "observation", "measure"]
[[sections]]
key = "work"
title = "SECOND"
slots = ["intervention", "goal", "response", "progress", "assessment", "diagnosis", "risk", "logistics"]
[[sections]]
key = "next"
title = "Next"
slots = ["plan", "homework", "referral"]
"""
CHANGED = (
    OURS.replace("FIRST", "What was told").replace('"response", ', "").replace('"measure"]', '"measure", "response"]')
)
SUMMARY = "Ct slept well.\nReviewed thought record.\nCt was relieved.\nDenied SI.\nPlan: next week."


class House:
    """A practice's home folder, from which a desk is opened as after a restart."""

    def __init__(self, home: Path) -> None:
        self.home, self.path = home, own_practice_file(home)
        text = self.path.read_text("utf-8")
        text = text.replace("[formats]\n", '[formats]\nfolder = "formats"\n')
        text = text.replace('"sirp", "progress"]', '"sirp", "progress", "ours"]')
        self.path.write_text(text, "utf-8")
        self.file = home / "formats" / "ours.toml"
        self.file.parent.mkdir()
        self.file.write_text(OURS, "utf-8")
        self.opened: list[Desk] = []

    async def restarted(self) -> Desk:
        settings = Settings.load({"AFTERNOTE_HOME": str(self.home), "AFTERNOTE_PRACTICE_FILE": str(self.path)})
        self.opened.append(await open_desk(settings, load_practice(self.path), SystemClock()))
        return self.opened[-1]

    def without_the_file(self) -> None:
        self.file.unlink()
        self.path.write_text(self.path.read_text("utf-8").replace(', "ours"]', "]"), "utf-8")

    def rendered(self, at: Desk, note: Note, about: Note | None = None) -> dict[str, str]:
        settings = Settings.load({"AFTERNOTE_HOME": str(self.home), "AFTERNOTE_PRACTICE_FILE": str(self.path)})
        cabinet = open_cabinet(settings, load_practice(self.path), at)
        return {kind: data.decode("utf-8", "replace") for kind, data in cabinet.render(note, about, {}).items()}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path / "home")
    yield made
    for at in made.opened:
        await at.database.close()


def rosa(at: Desk) -> Person:
    person = at.practice.by_user("slack", "U0EXAMPLE02")
    assert person
    return person


async def drafted(at: Desk, format_id: str = "ours") -> Note:
    new = NewNote(SUMMARY, f"test:{new_note_id()}", "test", format_id, "RW-006")
    started = await start_draft(at, rosa(at), new)
    await draft_note(at, started.note_id)
    return (await open_note(at, started.note_id)).note


async def read(at: Desk, note_id: NoteId) -> Note:
    return (await open_note(at, note_id)).note


def titles(at: Desk, note: Note) -> list[str]:
    return [element.title for element in card_for(note, at.shown(note)).elements if isinstance(element, Prose)][:2]


async def sign(at: Desk, note: Note) -> Note:
    await approve_note(at, rosa(at), note.id, note.version, "test", "", at.today(rosa(at)))
    return await read(at, note.id)


async def test_a_changed_file_is_a_new_version_and_notes_keep_theirs(house: House):
    at = await house.restarted()
    open_draft, signed = await drafted(at), await sign(at, await drafted(at, "ours"))
    assert open_draft.format_version == 1
    house.file.write_text(CHANGED, "utf-8")
    at = await house.restarted()
    assert at.formats["ours"].version == 2
    note = await read(at, open_draft.id)
    assert (note.format_version, titles(at, note)) == (1, ["FIRST", "SECOND"])
    form = await open_dialog(at, rosa(at), Press("edit", note.id), "test")
    assert "SECOND" in repr(form)
    assert "What was told" not in repr(form)
    document = house.rendered(at, await read(at, signed.id))
    assert "SECOND" in document["txt"]
    assert "Ours, version 1" in document["txt"]
    assert json.loads(document["json"])["format"] == {"id": "ours", "name": "Ours", "version": 1, "loinc": "34904-3"}


async def test_a_draft_goes_over_when_its_format_is_chosen_again(house: House):
    at = await house.restarted()
    note = await drafted(at)
    assert await arrange_note(at, rosa(at), note.id, "ours", "test") == note
    house.file.write_text(CHANGED, "utf-8")
    at = await house.restarted()
    moved_on = house_words.MOVED_ON.format(name="Ours")
    assert moved_on in repr(card_for(note, at.shown(note)))
    chosen = await arrange_note(at, rosa(at), note.id, "ours", "test")
    assert (chosen.format_version, chosen.version) == (2, note.version + 1)
    assert chosen.statements == note.statements
    assert moved_on not in repr(card_for(chosen, at.shown(chosen)))
    assert titles(at, chosen) == ["What was told", "SECOND"]
    back = await arrange_note(at, rosa(at), note.id, "soap", "test")
    assert (back.format_id, back.format_version) == ("soap", at.formats["soap"].version)


async def test_put_back_a_file_has_its_old_number_again(house: House):
    await house.restarted()
    house.file.write_text(CHANGED, "utf-8")
    await house.restarted()
    house.file.write_text(OURS, "utf-8")
    at = await house.restarted()
    assert at.formats["ours"].version == 1
    async with at.database.reading(at.id) as unit:
        known = [v.version for v in await unit.formats.known() if v.format_id == "ours"]
    assert known == [1, 2]


async def test_a_file_that_vanished_takes_no_note_with_it(house: House):
    at = await house.restarted()
    open_draft, signed = await drafted(at), await sign(at, await drafted(at))
    house.without_the_file()
    at = await house.restarted()
    assert "ours" not in at.formats
    note = await read(at, open_draft.id)
    assert titles(at, note) == ["FIRST", "SECOND"]
    assert "format_ours" not in repr(card_for(note, at.shown(note)))
    assert "SECOND" in house.rendered(at, await read(at, signed.id))["txt"]
    for action in ("edit", "details", "why", "read", "sign"):
        assert (await open_dialog(at, rosa(at), Press(action, note.id), "test")).fields
    assert (await sign(at, note)).signatures
    assert (await arrange_note(at, rosa(at), (await drafted(at, "soap")).id, "dap", "test")).format_id == "dap"


async def test_what_another_process_kept_since_is_read_when_a_note_has_it(house: House):
    older, other = await house.restarted(), await house.restarted()
    house.file.write_text(CHANGED, "utf-8")
    newer = await house.restarted()
    notes = [await drafted(newer) for _ in range(2)]
    assert notes[0].format_version == 2
    shown = await read(older, notes[0].id)
    assert titles(older, shown) == ["What was told", "SECOND"]
    signed = await sign(other, notes[1])  # whose first look at it is to sign it
    assert "WHAT WAS TOLD" in house.rendered(other, signed)["txt"]
    assert "Ours, version 2" in house.rendered(other, signed)["txt"]
    assert older.formats["ours"].version == 1  # what is begun here is begun in what this process read


async def test_an_amendment_stays_in_the_definition_of_what_it_amends(house: House):
    at = await house.restarted()
    signed = await sign(at, await drafted(at))
    house.file.write_text(CHANGED, "utf-8")
    at = await house.restarted()
    texts = {"next": "Next session in two weeks."}
    begun = await amend_note(at, rosa(at), signed.id, texts, "wrong week", "form:1", "test")
    amendment = await read(at, begun.note_id)
    assert amendment.link
    assert (amendment.link.kind, amendment.format_version) == (LinkKind.AMENDMENT, 1)
    assert "SECOND" in house.rendered(at, await sign(at, amendment), signed)["txt"]


async def test_notes_from_before_numbers_have_the_first_definition(house: House):
    at = await house.restarted()
    note = await drafted(at)
    house.file.write_text(CHANGED, "utf-8")
    at = await house.restarted()
    assert at.format_of(replace(note, format_version=0)).version == 1


async def test_what_nobody_kept_is_shown_all_the_same():
    at = desk()
    note = Note(NoteId("n"), at.id, PersonId("rosa"), State.DRAFT, "long_gone", "typed", at.clock.now())
    assert {slot for spec in at.format_of(note).sections for slot in spec.slots}
    assert at.format_of(note).name == "long_gone"


async def test_the_number_of_the_format_is_signed():
    at = desk()
    note = Note(NoteId("n"), at.id, PersonId("rosa"), State.DRAFT, "soap", "typed", at.clock.now())
    assert replace(note, format_version=1).version_hash() != replace(note, format_version=2).version_hash()
    assert note.version_hash() == replace(note, format_version=0).version_hash()


async def test_of_many_that_start_at_once_each_definition_is_kept_once():
    at = desk()
    both = {"soap": replace(at.formats["soap"], name="A")}, {"soap": replace(at.formats["soap"], name="B")}
    found = await asyncio.gather(
        *(keep_formats(at.database, at.practice, FixedClock(), formats) for formats in both for _ in range(5))
    )
    assert {kept.current["soap"].version for kept in found[:5]} != {kept.current["soap"].version for kept in found[5:]}
    async with at.database.reading(at.id) as unit:
        assert [version.version for version in await unit.formats.known()] == [1, 2]
