"""A supervisor's page: counts and times of the right people, what waits with its code, and never any text."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cards.elements import Actions, Prose, Sentence
from bot.cards.learning_screens import span_of, supervision_card
from bot.cli import app
from bot.domain.errors import NotAllowed
from bot.domain.ids import NoteId, PersonId
from bot.domain.people import Role
from bot.domain.review import Outcome
from bot.domain.supervision import Mode
from bot.practice_file import load_practice
from bot.practice_ports import ReviewRow
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.desk import Desk
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.supervision_page import standing_of, supervision_counts, supervision_page
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase
from tests.workflows.factories import MIRIAM, NORA, ROSA, TOBIAS, FixedClock, desk, person

CANARY = "zebrafinch-7731"
NOW = FixedClock.at
PETRA = person("petra", Role.SUPERVISOR)


def row(note_id: str, clinician: str = "associate", number: int = 1, ago: int = 1, **more: object) -> ReviewRow:
    """A round asked for `ago` days ago, due a day later."""
    asked = NOW - dt.timedelta(days=ago)
    due = asked + dt.timedelta(days=1, minutes=1)
    made = ReviewRow(
        NoteId(note_id),
        number,
        PersonId(clinician),
        (MIRIAM.id,),
        Mode.COSIGN,
        asked,
        due,
        due if "outcome" not in more else None,
    )
    return replace(made, **more)  # pyright: ignore[reportArgumentType]


def decided(
    note_id: str, hours: float, outcome: Outcome = Outcome.APPROVED, number: int = 1, **more: object
) -> ReviewRow:
    waits = row(note_id, number=number, ago=10, outcome=outcome, decided_by=MIRIAM.id, **more)
    return replace(waits, decided_at=waits.asked_at + dt.timedelta(hours=hours))


def test_counts_and_times_of_one_clinician():
    rounds = [
        decided("n1", 2, changed=100, findings=("goal_named", "plan")),
        decided("n2", 8, Outcome.CHANGES, changed=300, findings=("goal_named", "goal_named")),
        decided("n2", 4, number=2, changed=900, findings=("risk",)),
        decided("n3", 100, Outcome.WITHDRAWN, changed=200),
        row("n4", ago=3, changed=0, findings=("plan", "response", "goal_named")),
    ]
    waits = [rounds[-1], row("n5", ago=1)]
    standing = standing_of("Rosa", waits, rounds, NOW)
    assert (standing.waiting, standing.oldest, standing.overdue) == (2, dt.timedelta(days=3), 1)
    assert (standing.notes, standing.decided, standing.changes) == (4, 3, 1)
    assert (standing.median, standing.longest) == (dt.timedelta(hours=4), dt.timedelta(hours=8))
    assert standing.changed == 15, "of 10, 30, 20 and 0 per cent, each at its first signing"
    assert standing.findings == (("goal_named", 3), ("plan", 2), ("response", 1))
    nothing = standing_of("Rosa", [], [], NOW)
    assert (nothing.oldest, nothing.median, nothing.changed, nothing.findings) == (None, None, None, ())


@pytest.mark.parametrize(
    ("hours", "said"), [(0.001, "1 min"), (0.66, "40 min"), (5, "5 h"), (47, "47 h"), (48, "2 days"), (236, "10 days")]
)
def test_times_are_said_as_exactly_as_one_would(hours: float, said: str):
    assert span_of(dt.timedelta(hours=hours)) == said


@pytest.fixture(params=["memory", "sqlite"])
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    made = desk()
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'afternote.db'}"
        await migrate(url)
        made = replace(made, database=SqlDatabase(url, KeyRing.parse(new_key_ring())))
    yield made
    await made.database.close()


async def waiting_notes(at: Desk, *clinicians: str, supervisor: PersonId = MIRIAM.id) -> list[NoteId]:
    """Notes with a round that waits, each a minute longer than the one before."""
    made: list[NoteId] = []
    for number, clinician in enumerate(clinicians):
        author = replace(ROSA, id=PersonId(clinician))
        new = NewNote(f"Reports sleep, {CANARY}.", f"test:{clinician}:{number}", "test", "birp", f"AB-0{number:02}")
        note_id = (await start_draft(at, author, new)).note_id
        async with at.database.writing(at.id) as unit:
            asked = row(note_id, clinician, ago=2, supervisors=(supervisor,), findings=("goal_named", "house_word"))
            await unit.reviews.put(replace(asked, due_at=asked.due_at + dt.timedelta(minutes=number)))
            await unit.commit()
        made.append(note_id)
    return made


async def test_a_supervisor_sees_their_supervisees_and_what_waits_for_them(at: Desk):
    first, second, _ = await waiting_notes(at, "associate", "associate", "tobias")
    page = await supervision_page(at, MIRIAM, "slack")
    assert page.own
    assert [(each.name, each.waiting, each.overdue) for each in page.people] == [("Associate", 2, 2)]
    assert [each.note_id for each in page.waiting][:2] == [first, second], "the earliest due first"
    assert (page.waiting[0].client_code, page.waiting[0].format_name) == ("AB-000", "BIRP")
    assert ("A goal or objective of the plan", 2) in page.people[0].findings
    assert ("house word", 2) in page.people[0].findings
    card = supervision_card(page)
    assert CANARY not in repr(card)
    rows = [element for element in card.elements if isinstance(element, Actions)]
    assert [(one.items[0].action, one.items[0].value) for one in rows][:1] == [("review", first)]
    async with at.database.reading(at.id) as unit:
        assert ("miriam", "supervision viewed", None) in [(a.actor, a.act, a.note_id) for a in await unit.audit.acts()]


async def test_an_administrator_sees_counts_of_all_and_no_note(at: Desk):
    await waiting_notes(at, "associate", "tobias")
    for page in (await supervision_page(at, NORA, "slack"), await supervision_counts(at)):
        assert not page.own
        assert [(each.name, each.waiting) for each in page.people] == [("Associate", 1), ("Tobias", 1)]
        assert page.waiting == ()
        assert "AB-0" not in repr(page)


async def test_who_is_both_sees_all_counts_and_only_the_notes_that_wait_for_them(at: Desk):
    mine, _ = await waiting_notes(at, "associate"), await waiting_notes(at, "tobias", supervisor=PETRA.id)
    page = await supervision_page(at, replace(MIRIAM, roles=MIRIAM.roles | {Role.ADMINISTRATOR}), "slack")
    assert [each.name for each in page.people] == ["Associate", "Tobias"]
    assert [each.note_id for each in page.waiting] == mine


async def test_nobody_else_sees_the_page(at: Desk):
    await waiting_notes(at, "associate")
    auditor = person("audrey", Role.AUDITOR)
    for actor in (ROSA, TOBIAS, auditor, replace(MIRIAM, active=False), None):
        with pytest.raises(NotAllowed):
            await supervision_page(at, actor, "slack")
    page = await supervision_page(at, PETRA, "slack")
    assert (page.people, page.waiting) == ((), ())
    assert any(
        isinstance(each, Sentence) and "Nobody is under" in each.text for each in supervision_card(page).elements
    )


async def test_of_very_much_that_waits_the_first_are_listed_and_the_others_counted(at: Desk):
    await waiting_notes(at, *["associate"] * 12)
    page = await supervision_page(at, MIRIAM, "slack")
    assert (len(page.waiting), page.more) == (10, 2)
    assert "And 2 more" in repr(supervision_card(page))


def test_people_stand_in_the_order_of_their_names():
    names = [each.title for each in supervision_card(_page_of("Zoe", "Ada")).elements if isinstance(each, Prose)]
    assert names == ["Zoe", "Ada"], "the card keeps the page's order"


def _page_of(*names: str):
    from bot.domain.standing import Standing, SupervisionPage

    return SupervisionPage(NOW, 90, tuple(Standing(name) for name in names))


def test_the_terminal_prints_the_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    example = Path(__file__).parents[2] / "demo" / "practice.toml"
    (tmp_path / "practice.toml").write_bytes(example.read_bytes())
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["supervision"])
    assert result.exit_code == 0
    assert "Rosa Delgado" not in result.output, "nobody supervises her"

    async def submit() -> None:
        desk = await open_desk(Settings.load(), load_practice(tmp_path / "practice.toml"), SystemClock())
        rosa = next(each for each in desk.practice.people if each.id == "delgado")
        new = NewNote(f"Reports sleep, {CANARY}.", "test:1", "test", "birp", "JD-014")
        note_id = (await start_draft(desk, rosa, new)).note_id
        async with desk.database.writing(desk.id) as unit:
            now = desk.clock.now()
            made = row(note_id, "delgado")
            await unit.reviews.put(replace(made, asked_at=now - dt.timedelta(hours=5), due_at=now))
            await unit.commit()
        await desk.database.close()

    asyncio.run(submit())
    result = CliRunner().invoke(app, ["supervision", "--days", "7"])
    assert result.exit_code == 0
    assert "Rosa Delgado" in result.output
    assert "1 note waits for review, the longest for 5 h; 1 past the time it was due." in result.output
    assert "JD-014" not in result.output
    assert CANARY not in result.output
