"""Examples: shared by a supervisor, de-identified twice, read by who writes or supervises, and removed for good."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.acts.presses import Press, open_dialog
from bot.cards.elements import Form, Prose, Remark
from bot.domain.errors import NotAllowed, NotFound, Stale, UserMistake
from bot.domain.ids import NoteId
from bot.domain.learning import Look
from bot.domain.note import Signature, State
from bot.domain.people import Client, Person, Role
from bot.domain.review import Review
from bot.domain.supervision import Mode
from bot.drafting.shareable import Known, identifiers_in, without_identifiers
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.examples import (
    examples_of,
    mark_example,
    remove_example,
    sections_to_share,
    suggest_example,
)
from bot.workflows.roster import Roster
from bot.workflows.start_draft import NewNote, start_draft
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase
from tests.workflows.factories import ASSOCIATE, NORA, ROSA, TOBIAS, desk, person

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "identifiers.jsonl"
MIRIAM = person("miriam", Role.CLINICIAN, Role.SUPERVISOR, supervisees=["rosa"])
OTHER = person("petra", Role.CLINICIAN, Role.SUPERVISOR)
TYPED = (
    "JD-014 reports sleep 6h most nights, moved to Akron on 11/4 with Marisol Quintero.\n"
    'Reviewed thought record, ct said "I can breathe". Denied SI. Plan: exposure step 2.'
)


@dataclass
class Room:
    desk: Desk
    note_id: NoteId


@pytest.fixture(params=["memory", "sqlite"])
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Room]:
    at = desk()
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'afternote.db'}"
        await migrate(url)
        at = replace(at, database=SqlDatabase(url, KeyRing.parse(new_key_ring())))
    started = await start_draft(at, ROSA, NewNote(TYPED, "", "slack", "soap", "JD-014"))
    await draft_note(at, started.note_id)
    yield Room(at, started.note_id)
    await at.database.close()


async def sign(room: Room) -> None:
    note = (await open_note(room.desk, room.note_id)).note
    await approve_note(room.desk, ROSA, note.id, note.version, "slack", day=room.desk.today(ROSA))


async def submit_for_review(room: Room, *supervisors: Person) -> None:
    """As signing does for who is reviewed."""
    async with room.desk.database.writing(room.desk.id) as unit:
        note = await unit.notes.get(room.note_id)
        at = room.desk.clock.now()
        own = Signature(
            ROSA.id, ROSA.name, ROSA.credentials, "author", at, note.version, note.version_hash(), "As I did"
        )
        review = Review(Mode.COSIGN, note.version, at, tuple(each.id for each in supervisors), note.statements)
        await unit.notes.save(note.signed(own, review), note)
        await unit.commit()


async def acts(room: Room) -> list[tuple[str | None, str, str | None]]:
    async with room.desk.database.reading(room.desk.id) as unit:
        return [(each.actor, each.act, each.note_id) for each in await unit.audit.acts()]


async def share(room: Room, text: str, by: Person = MIRIAM, example_id: str = "e1", why: str = "It counts.") -> None:
    await mark_example(room.desk, by, room.note_id, "plan", text, why, "slack", example_id)


async def test_a_section_comes_with_its_identifiers_replaced_and_says_what_to_look_at(room: Room):
    await sign(room)
    whole = "".join(
        [(await suggest_example(room.desk, MIRIAM, room.note_id, key, "slack")).text for key in await keys(room)]
    )
    for words in ("JD-014", "Akron on 11/4", "11/4", "Marisol", "Quintero"):
        assert words not in whole
    assert "[name]" in whole
    assert "[date]" in whole
    suggestion = await suggest_example(room.desk, MIRIAM, room.note_id, "subjective", "slack")
    assert suggestion.replaced["name"] == 1
    assessed = await suggest_example(room.desk, MIRIAM, room.note_id, "assessment", "slack")
    assert Look.RISK in assessed.look
    viewed = [act for act in await acts(room) if act[1] == "viewed"]
    assert viewed == [("miriam", "viewed", room.note_id)] * (len(await keys(room)) + 2)


async def keys(room: Room) -> list[str]:
    _, sections = await sections_to_share(room.desk, MIRIAM, room.note_id)
    return [spec.key for spec in sections]


async def test_what_still_names_somebody_is_not_shared_and_is_named(room: Room):
    await sign(room)
    for text, words in (
        ("Exposure with Marisol Quintero on the bridge.", "“Marisol Quintero” (name)"),
        ("Plan for jd-014: exposure.", "“jd-014” (client)"),
        ("Plan for TL-009: exposure.", "“TL-009” (client)"),
        ("Next session 11/4/2026.", "“11/4/2026” (date)"),
        ("Call 612-555-0142 first.", "(phone number)"),
        ("Rosa will repeat the GAD-7.", "“Rosa” (name)"),
    ):
        with pytest.raises(UserMistake) as refused:
            await share(room, text)
        assert refused.value.code == "identifiers_left"
        assert words in refused.value.sentence
        assert words not in str(refused.value), "what is logged is the code"
    with pytest.raises(UserMistake, match="identifiers_left"):
        await share(room, "Exposure.", why="As Marisol Quintero did it.")
    assert not (await examples_of(room.desk, MIRIAM, "soap")).lessons["plan"][0].id


async def test_a_shared_example_knows_no_note_and_the_audit_log_only_who_shared(room: Room):
    await sign(room)
    await share(room, "[client] takes one step of the ladder a day. GAD-7 again in four weeks, DASS-21 after that.")
    await share(room, "sent twice: the first one stands")
    assert (await acts(room))[-1] == ("miriam", "example shared", None)
    assert [act[1] for act in await acts(room)].count("example shared") == 1
    async with room.desk.database.reading(room.desk.id) as unit:
        [example] = await unit.examples.of_format("soap", 9)
    assert room.note_id not in repr(example)
    assert "rosa" not in repr(example)
    shelf = await examples_of(room.desk, TOBIAS, "soap")
    assert not shelf.fictional
    assert shelf.lessons["plan"][0].text.startswith("[client] takes one step")
    assert not shelf.lessons["plan"][0].removable
    assert shelf.lessons["assessment"][0].fictional, "where the practice has none, one that ships is shown"


@pytest.mark.parametrize(
    ("text", "why", "code"),
    [
        (" ", "good", "needs_example"),
        ("text", " ", "needs_why"),
        ("a" * 2001, "good", "long_example"),
        ("text", "a" * 301, "long_why"),
    ],
)
async def test_what_is_left_empty_or_is_too_long_is_said(room: Room, text: str, why: str, code: str):
    await sign(room)
    with pytest.raises(UserMistake, match=code):
        await share(room, text, why=why)


async def test_of_a_long_section_only_its_beginning_is_offered(room: Room):
    async with room.desk.database.writing(room.desk.id) as unit:
        note = await unit.notes.get(room.note_id)
        long = replace(note.statements[0], text="The same sentence again and again. " * 200)
        whole = replace(note.revised([long], note.version), left_out=tuple(point.number for point in note.points))
        await unit.notes.save(whole, note)
        await unit.commit()
    await sign(room)
    [key] = await keys(room)
    suggestion = await suggest_example(room.desk, MIRIAM, room.note_id, key, "slack")
    assert suggestion.shortened
    assert len(suggestion.text) <= 2000
    assert suggestion.text.endswith("again.")


async def test_only_a_supervisor_shares_and_only_what_they_may_read(room: Room):
    for actor in (MIRIAM, ROSA, None):  # a draft is nobody's to share
        with pytest.raises(NotAllowed):
            await sections_to_share(room.desk, actor, room.note_id)
    await sign(room)
    gone = replace(MIRIAM, active=False)
    for actor in (ROSA, TOBIAS, ASSOCIATE, NORA, OTHER, gone, None):
        with pytest.raises(NotAllowed):
            await sections_to_share(room.desk, actor, room.note_id)
        with pytest.raises(NotAllowed):
            await suggest_example(room.desk, actor, room.note_id, "plan", "slack")
        with pytest.raises(NotAllowed):
            await mark_example(room.desk, actor, room.note_id, "plan", "One step.", "good", "slack", "e1")
    own = replace(ROSA, roles=ROSA.roles | {Role.SUPERVISOR})
    await share(room, "One step a day.", by=own)
    with pytest.raises(NotFound):
        await suggest_example(room.desk, MIRIAM, room.note_id, "chapter", "slack")
    with pytest.raises(NotFound):
        await suggest_example(room.desk, MIRIAM, NoteId("n0"), "plan", "slack")


async def test_a_note_in_review_is_read_by_who_is_asked_to_review_it(room: Room):
    await submit_for_review(room, OTHER)
    assert (await open_note(room.desk, room.note_id)).note.state is State.IN_REVIEW
    assert await sections_to_share(room.desk, OTHER, room.note_id)
    own = replace(ROSA, roles=ROSA.roles | {Role.SUPERVISOR})
    for actor in (own, MIRIAM):  # its author, and who was not asked this time
        with pytest.raises(NotAllowed):
            await sections_to_share(room.desk, actor, room.note_id)


async def test_who_writes_or_supervises_reads_examples_and_others_only_remove_them(room: Room):
    await sign(room)
    await share(room, "One step a day.")
    only_supervises = person("petra", Role.SUPERVISOR)
    for reader in (ROSA, ASSOCIATE, MIRIAM, only_supervises):
        assert (await examples_of(room.desk, reader, "soap")).lessons["plan"][0].text == "One step a day."
    hidden = await examples_of(room.desk, NORA, "soap")
    assert [lesson.text for lessons in hidden.lessons.values() for lesson in lessons] == [""]
    assert hidden.lessons["plan"][0].removable
    auditor = person("audrey", Role.AUDITOR)
    for stranger in (auditor, replace(ROSA, active=False), None):
        with pytest.raises(NotAllowed):
            await examples_of(room.desk, stranger, "soap")
    with pytest.raises(NotFound):
        await examples_of(room.desk, ROSA, "haiku")


async def test_a_removed_example_is_gone_for_everybody(room: Room):
    await sign(room)
    for remover, example_id in ((MIRIAM, "e1"), (OTHER, "e2"), (NORA, "e3")):
        await share(room, "One step a day.", example_id=example_id)
        for wrong in (ROSA, TOBIAS, replace(MIRIAM, active=False), None):
            with pytest.raises(NotAllowed):
                await remove_example(room.desk, wrong, example_id, "slack")
        await remove_example(room.desk, remover, example_id, "slack")
        await remove_example(room.desk, remover, example_id, "slack")
        assert (await acts(room))[-1] == (remover.id, "example removed", None)
    assert [act[1] for act in await acts(room)].count("example removed") == 3
    assert (await examples_of(room.desk, ROSA, "soap")).fictional
    with pytest.raises(Stale, match="example_gone"):
        await share(room, "One step a day.", example_id="e1")


async def test_the_latest_come_first_and_no_more_than_a_few(room: Room):
    await sign(room)
    for number in range(5):
        room.desk.clock.at += timedelta(minutes=1)  # pyright: ignore[reportAttributeAccessIssue]
        await share(room, f"Step {number} of the ladder.", example_id=f"e{number}")
    shown = [lesson.text for lesson in (await examples_of(room.desk, ROSA, "soap")).lessons["plan"]]
    assert shown == ["Step 4 of the ladder.", "Step 3 of the ladder.", "Step 2 of the ladder."]


async def why_of(room: Room, reader: Person) -> Form:
    return await open_dialog(room.desk, reader, Press("why", room.note_id), "slack")


async def test_why_shows_a_learner_the_rule_with_an_example(room: Room):
    await sign(room)
    await share(room, "One step a day.")
    started = await start_draft(room.desk, ROSA, NewNote("Reports six hours of sleep.", "", "slack", "soap", "JD-014"))
    await draft_note(room.desk, started.note_id)
    again = Room(room.desk, started.note_id)
    learner = replace(ROSA, roles=frozenset({Role.ASSOCIATE}))
    shown = await why_of(again, learner)
    prose = [field for field in shown.fields if isinstance(field, Prose)]
    assert any("One step a day." in field.paragraphs for field in prose), "an empty section has its example, too"
    assert any(field.title == "Example (made up)" for field in prose)
    rules = [field.text for field in shown.fields if isinstance(field, Remark) and "What belongs here" in field.text]
    assert len(rules) == 4
    plain = await why_of(again, ROSA)
    assert not [field for field in plain.fields if isinstance(field, Prose) and "Example" in field.title]


def test_no_identifier_of_our_samples_is_left_in_what_may_be_shared():
    if not SAMPLES.exists():
        pytest.skip("the samples do not lie beside this checkout")
    rows = [json.loads(line) for line in SAMPLES.read_text("utf-8").splitlines()]
    known = Known()
    for row in rows:
        text, _ = without_identifiers(row["text"], known)
        assert [span["text"] for span in row["spans"] if _stands(span["text"], text)] == [], row["id"]
        assert identifiers_in(text, known) == [], row["id"]


def _stands(mark: str, text: str) -> bool:
    import re

    return re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", text) is not None


def test_a_text_in_brackets_is_a_placeholder_only_when_it_reads_like_one():
    known = Known(["JD-014"], ["Rosa Delgado"])
    assert identifiers_in("[client] met [name] at [place] on [date] with [date of birth]", known) == []
    assert [each.words for each in identifiers_in("[Rosa Delgado] and [JD-014]", known)] == ["Rosa Delgado", "JD-014"]


def test_client_codes_of_the_practice_are_found_however_they_are_typed():
    practice = desk().practice
    with_number = replace(practice, clients=(*practice.clients, Client("4711", ROSA.id)))
    assert Roster(with_number).practice.clients
    known = Known([client.code for client in with_number.clients])
    text, replaced = without_identifiers("jd-014, 4711 and PHQ-15 14711", known)
    assert text == "[client], [client] and PHQ-15 14711"
    assert {each.kind for each in replaced} == {"client"}
