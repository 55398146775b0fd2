"""Somebody of one practice with the ids of another, in Slack, by rightly signed requests: nothing, in the same words.

Both have the same people, users and client codes. The table of cases is printed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.acts.filing import ANSWERS
from bot.acts.presses import DIALOGS
from demo.driver import Person
from demo.plans import load_examples
from demo.several import BOTH, JUNIPER, LARKSPUR, Several, install, several
from tests.hosting.neighbours import (
    CLIENT,
    NOBODY,
    Known,
    Neighbour,
    everywhere,
    known_of,
    rows_of,
    settled,
    without,
    write,
)
from tests.slack.test_reviews import HAYES, submit, waiting

TABLE = "Another practice's ids, in Slack"
SECRET = "ZZ-999"
Ask = Callable[[Neighbour, Known], Awaitable[str]]


@pytest.fixture
async def neighbours(tmp_path: Path) -> AsyncIterator[tuple[Several, Known]]:
    async with several(tmp_path / "home") as product:
        for tenancy in BOTH:
            assert (await install(product, tenancy))[0] == 200
            await load_examples(product.hosted(tenancy).desk)
        theirs = await known_of(product, JUNIPER)
        await write(product, JUNIPER, SECRET)
        await write(product, LARKSPUR)
        await settled(product)
        yield product, theirs


def pressed(action: str, of: str = "draft", item: str = "", **values: Any) -> Ask:
    async def ask(neighbour: Neighbour, ids: Known) -> str:
        row = f"row-{item}:{getattr(ids, of)}" if item else f"row:{getattr(ids, of)}"
        return await neighbour.press(action, row, values)

    return ask


def pressed_in_plan(action: str) -> Ask:
    async def ask(neighbour: Neighbour, ids: Known) -> str:
        await neighbour.command(f"plan {CLIENT}")
        heard = await neighbour.press(action, f"row:{ids.plan}", in_view=True)
        await neighbour.person.close(everything=True)
        return heard

    return ask


def sent(form: str, of: str = "draft", kind: str = "view_submission", **values: str) -> Ask:
    async def ask(neighbour: Neighbour, ids: Known) -> str:
        typed = {name.replace("__", "."): value for name, value in values.items()}
        return await neighbour.submit(form, f"{getattr(ids, of)}:1", typed, kind)

    return ask


_OF = {name: "signed" if dialog.signed else "draft" for name, dialog in DIALOGS.items()}
CASES: dict[str, Ask] = {
    **{f"dialog {name}": pressed(name, _OF[name]) for name in DIALOGS},
    "format": pressed("format_birp"),
    "format from the menu": pressed("format_menu", selected_option={"value": "dap"}),
    "client": pressed("pick_client", selected_option={"value": CLIENT}),
    "date": pressed("pick_date", selected_date="2026-11-20"),
    "skip a question": pressed("skip_gap", selected_option={"value": "response"}),
    "undo": pressed("undo"),
    "sort now": pressed("sort_now"),
    "discard": pressed("discard"),
    "take a statement": pressed("take", item="s1"),
    "place a point": pressed("add_point", item="1"),
    **{f"filing {answer.value}": pressed(action, "signed", "folder") for action, answer in ANSWERS.items()},
    "plan: details": pressed_in_plan("plan_details"),
    "plan: new goal": pressed_in_plan("plan_goal"),
    "sent: edit": sent("edit", section__plan__0__line="Mine now."),
    "sent: save draft": sent("edit", kind="block_actions", section__plan__0__line="Mine now."),
    "sent: details": sent("details", missing__plan="Mine now."),
    "sent: ask for a change": sent("ask", instruction="shorter", section="all"),
    "sent: decide": sent("decide", point__1="out"),
    "sent: sign": sent("sign"),
    "sent: addendum": sent("addendum", "signed", text="Mine now."),
    "sent: amend": sent("amend", "signed", section__plan__0__line="Mine now.", reason="Mine."),
    "sent: retract": sent("retract", "signed", reason="Mine."),
    "sent: goals": sent("goals", goals="g1"),
    "sent: plan details": sent("plan_details", "plan", frequency="daily"),
    "sent: new goal": sent("plan_goal", "plan", text="Mine now."),
    "review": pressed("review", "review"),
    "review: reassign": pressed("review_reassign", "review"),
    "review: snooze": pressed("review_snooze", "review"),
    "review: comments": pressed("review_comments", "review"),
    "review: approve": pressed("review_approve", "review", "1.1"),
    "review: take back": pressed("review_withdraw", "review"),
    "sent: approved": sent("review", "review", decision="approve"),
    "sent: changes requested": sent("review", "review", decision="changes", comment="Mine."),
    "sent: reassigned": sent("review_reassign", "review", supervisor="okafor"),
    "sent: snoozed": sent("review_snooze", "review", until="4"),
    "example: share": pressed("teach", "review"),
}
OTHERWISE = {"sent: ask for a change"}  # no model is set: said before anything is looked up


async def test_another_practices_ids_are_as_good_as_none(
    neighbours: tuple[Several, Known], record_property: Callable[[str, Any], None]
):
    product, theirs = neighbours
    neighbour = Neighbour(product)
    before, said = rows_of(product, JUNIPER), everywhere(product.workspace(JUNIPER))
    assert before["notes"]
    assert before["documents"]
    assert before["plans"]
    wrong: list[str] = []
    for case, ask in CASES.items():
        heard, nothing = without(await ask(neighbour, theirs), theirs), without(await ask(neighbour, NOBODY), NOBODY)
        same, untouched = heard == nothing, rows_of(product, JUNIPER) == before
        told = f"{'the same words' if same else 'OTHER WORDS':<16}{'nothing changed' if untouched else 'CHANGED'}"
        record_property(f"table: {TABLE}", f"{case:<32}{told}")
        if not (same and untouched and ("any more" in heard or case in OTHERWISE)):
            wrong.append(f"{case}:\n  {heard}\n  {nothing}")
    assert not wrong, "\n".join(wrong)
    assert everywhere(product.workspace(JUNIPER)) == said


async def test_a_client_code_of_another_practice_is_neither_offered_nor_known(neighbours: tuple[Several, Known]):
    product, _ = neighbours
    neighbour = Neighbour(product)
    assert SECRET not in await neighbour.look_up("ZZ")
    assert SECRET in await Neighbour(product, JUNIPER).look_up("ZZ")
    heard = await neighbour.command("plan ZZ-999")
    nothing = await neighbour.command("plan YY-888")
    assert heard.replace("ZZ-999", "CODE") == nothing.replace("YY-888", "CODE")


async def test_the_same_message_in_both_workspaces_is_a_note_of_each(neighbours: tuple[Several, Known]):
    product, _ = neighbours
    counts = {tenancy: len(rows_of(product, tenancy)["notes"]) for tenancy in BOTH}
    for tenancy in BOTH:
        person = Neighbour(product, tenancy).person
        await person.say(person.dm(), f"soap {CLIENT} today 50min\nClient slept 4 hours and practiced paced breathing.")
    await settled(product)
    for tenancy in BOTH:
        assert len(rows_of(product, tenancy)["notes"]) == counts[tenancy] + 1


async def test_cards_and_files_stay_in_their_own_practice(neighbours: tuple[Several, Known]):
    product, theirs = neighbours
    assert theirs.signed.encode() not in everywhere(product.workspace(LARKSPUR))
    assert SECRET.encode() not in everywhere(product.workspace(LARKSPUR))
    assert {row.workspace for row in _cards(product, JUNIPER)} == {JUNIPER.team}
    assert {row.workspace for row in _cards(product, LARKSPUR)} == {LARKSPUR.team}
    filed = {tenancy.id: [p.name for p in _files(product.folder / tenancy.id / "filed-notes")] for tenancy in BOTH}
    assert filed[JUNIPER.id]
    assert not filed[LARKSPUR.id]


async def test_a_review_is_spoken_of_in_its_own_workspace_only(neighbours: tuple[Several, Known]):
    """The channel's id, the supervisors and their users are the same in both."""
    product, theirs = neighbours
    counts = {tenancy: len(waiting(Neighbour(product, tenancy).person)) for tenancy in BOTH}
    assert counts == {JUNIPER: 1, LARKSPUR: 0}
    other = [row for row in _cards(product, JUNIPER) if row.note_id == theirs.review]
    assert {row.workspace for row in other} == {JUNIPER.team}
    assert len(other) == 4  # its clinician, the channel, and two supervisors
    assert theirs.review.encode() not in everywhere(product.workspace(LARKSPUR))
    hosted = product.hosted(LARKSPUR)
    async with hosted.desk.database.reading(hosted.id) as unit:
        assert await unit.reviews.waiting(None, 9) == []
    await submit(Person(product.workspace(LARKSPUR), HAYES))
    await settled(product)
    assert [len(waiting(Neighbour(product, tenancy).person)) for tenancy in BOTH] == [1, 1]
    assert [row for row in _cards(product, JUNIPER) if row.note_id == theirs.review] == other


async def test_a_card_of_another_practice_is_never_touched(neighbours: tuple[Several, Known]):
    """Somebody presses a button of a note of theirs, and names a card that stands in the other workspace."""
    product, _ = neighbours
    theirs = rows_of(product, JUNIPER)["cards"]
    neighbour = Neighbour(product)
    [own] = [row.note_id for row in _cards(product, LARKSPUR)][:1]
    place = _cards(product, JUNIPER)[0]
    container = {"type": "message", "message_ts": place.ts, "channel_id": place.channel}
    said = everywhere(product.workspace(JUNIPER))
    await neighbour.press("format_birp", f"row:{own}", container=container)
    assert everywhere(product.workspace(JUNIPER)) == said
    assert rows_of(product, JUNIPER)["cards"] == theirs


async def test_an_audit_log_is_a_chain_of_its_own(neighbours: tuple[Several, Known]):
    product, theirs = neighbours
    for tenancy in BOTH:
        hosted = product.hosted(tenancy)
        async with hosted.desk.database.reading(hosted.id) as unit:
            acts = await unit.audit.acts()
            assert await unit.audit.verify() is None
        assert acts
        assert (theirs.signed in {act.note_id for act in acts}) == (tenancy is JUNIPER)


def _cards(product: Several, tenancy: Any) -> list[Any]:
    from sqlalchemy import create_engine, select

    from storage.models import cards

    engine = create_engine(product.hosted(tenancy).desk.database.writers.engine.url)
    with engine.connect() as connection:
        found = list(connection.execute(select(cards).where(cards.c.practice_id == tenancy.id)))
    engine.dispose()
    return found


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
