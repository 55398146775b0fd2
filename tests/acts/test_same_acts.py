"""Every button, menu and picker of every screen is taken for what it is, in both chats: none ends as unknown.

What is pressed comes from the screens themselves, so that a new button cannot be forgotten in one chat.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.acts import learning
from bot.acts.presses import DIALOGS
from bot.acts.reviews import TITLES
from bot.cards import words
from bot.cards.elements import Actions, Button, Card, ClientPicker, DatePicker, Form, Menu
from bot.cards.learning_forms import TEACH
from bot.slack import render as slack
from bot.teams import blocks
from bot.teams import render as teams
from bot.wiring import Running
from demo import screens
from demo.driver import Person
from demo.run import Demo, demo
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, button_of, parts_of
from tests.slack.conftest import DELGADO

SUMMARY = "soap JD-014 2026-11-20 50min\n- ct slept 6h\n- reviewed thought record\n- plan: next wk\n- the dog was there"
CLIENT, DAY = "JD-014", "2026-11-20"
EXAMPLES = screens.examples()
UNKNOWN = (words.NO_LONGER_DRAFT, words.TROUBLE)  # what is said to a press that nothing knows; the note is a draft
NOTHING_SUCH = Button("nothing_such", "Press", "n0000000000000001")
ONLY_TEAMS = "_in_teams"  # ends the names of screens that Slack never shows
Item = Button | Menu | ClientPicker | DatePicker


def rows_of(screen: Card | Form) -> Iterator[Actions]:
    parts = screen.elements if isinstance(screen, Card) else screen.fields
    yield from (part for part in parts if isinstance(part, Actions))


def to_press(kind: type[Card] | type[Form]) -> Mapping[str, tuple[str, Actions, Item]]:
    """One of each act that screens of this kind offer: the screen's name, the row, and what is pressed.

    The last is the one after which the note is no draft any more.
    """
    found = {
        item.action: (name, row, item)
        for name, screen in EXAMPLES.items()
        if isinstance(screen, kind)
        for row in rows_of(screen)
        for item in row.items
    }
    return dict(sorted(found.items(), key=lambda one: one[0] == "discard"))


CARD_ACTS, FORM_ACTS = to_press(Card), to_press(Form)


def test_there_is_something_to_press():
    assert {"format_soap", "format_menu", "pick_client", "skip_gap", "take", "discard"} <= set(CARD_ACTS)
    assert {"save_draft", "plan_goal", "plan_reopen.4"} <= set(FORM_ACTS)


def test_teams_opens_the_dialogs_that_there_are():
    assert {*DIALOGS, *TITLES, "new_note", TEACH} == blocks.DIALOGS


async def ids_of(application: Running) -> dict[str, str]:
    """The ids of the example screens → those of a note and of a plan that are really there, as the examples show."""
    desk = application.desk
    async with desk.database.writing(desk.id) as unit:
        (note_id,) = {act.note_id for act in await unit.audit.acts() if act.act == "started"}
        before = await unit.plans.get(CLIENT)
        assert before is not None
        await unit.plans.save(replace(screens.plan(), clinician_id=before.clinician_id), before)
        ids = {"n0000000000000001": str(note_id), "ab" * 32: str(await unit.plans.id_of(CLIENT))}
        await unit.commit()
    return ids


def with_ids(rendered: Any, ids: Mapping[str, str]) -> Any:
    text = json.dumps(rendered)
    for example, real in ids.items():
        text = text.replace(example, real)
    return json.loads(text)


def unknown_in(said: object) -> bool:
    text = json.dumps(said, ensure_ascii=False)
    return any(sentence in text for sentence in UNKNOWN)


class TestSlack:
    @pytest.fixture
    async def product(self, tmp_path: Path) -> AsyncIterator[Demo]:
        async with demo(tmp_path / "home") as running:
            yield running

    @pytest.fixture
    async def rosa(self, product: Demo) -> Person:
        rosa = Person(product.workspace, DELGADO)
        await rosa.command("/note", SUMMARY)
        await rosa.until(lambda: any(m.text == words.DRAFT_NOTICE for m in rosa.messages()))
        return rosa

    async def test_every_act_of_a_card(self, product: Demo, rosa: Person):
        ids = await ids_of(product.application)
        shown = {action: one for action, one in CARD_ACTS.items() if not one[0].endswith(ONLY_TEAMS)}
        for _, row, item in shown.values():
            assert not unknown_in(await self.said_to(product, rosa, row, item, ids)), item.action
        assert not unknown_in([message.text for message in rosa.ephemerals()])
        control = Actions("control", (NOTHING_SUCH,))
        await self.press(product, rosa, control, NOTHING_SUCH, ids)
        await rosa.until(lambda: unknown_in([message.text for message in rosa.ephemerals()]))
        assert len([m for m in rosa.ephemerals() if unknown_in(m.text)]) == 1, "the control, and nothing before it"

    async def test_every_act_of_a_form(self, product: Demo, rosa: Person):
        await ids_of(product.application)
        opened_by_rosa = {action: one for action, one in FORM_ACTS.items() if action not in learning.ACTIONS}
        for action, (name, _, _) in opened_by_rosa.items():  # the others are for supervisors: see test_learning.py
            await self.open_form(rosa, name)
            before = rosa.view().definition
            await rosa.click(rosa.view(), action)
            await rosa.until(lambda before=before: rosa.view().definition != before and not self.loading(rosa))
            assert not unknown_in(rosa.view().definition), action
            await rosa.close(everything=True)

    async def press(self, product: Demo, rosa: Person, row: Actions, item: Item, ids: Mapping[str, str]) -> None:
        """On a message of its own that holds the row as Slack is sent it."""
        drawn = with_ids(slack.render_card(Card("", (row,))), ids)
        seen = product.workspace.post(rosa.dm(), product.workspace.app.bot_user_id, "Card", drawn)
        match item:
            case Button():
                await rosa.click(seen, item.action)
            case Menu():
                await rosa.choose(seen, item.action, item.choices[0].value)
            case ClientPicker():
                await rosa.type_ahead(seen, item.action, CLIENT)
                await rosa.choose(seen, item.action, CLIENT)
            case DatePicker():
                await rosa.click(seen, item.action, selected_date=DAY)

    async def said_to(self, product: Demo, rosa: Person, row: Actions, item: Item, ids: Mapping[str, str]) -> object:
        """What a press brings up: the dialog, when it opens one. Sentences come a little later."""
        await self.press(product, rosa, row, item, ids)
        if item.action not in DIALOGS:
            return None
        await rosa.until(lambda: rosa.views() and not self.loading(rosa))
        definition = rosa.view().definition
        await rosa.close(everything=True)
        return definition

    async def open_form(self, rosa: Person, name: str) -> None:
        if name.startswith("plan"):
            await rosa.command("/note", f"plan {CLIENT}")
            name = "plan"
        elif name.startswith("day_sessions"):
            await rosa.command("/note", "sessions")
            name = "day_sessions"
        else:
            card = next(m for m in rosa.messages() if m.text == words.DRAFT_NOTICE)
            await rosa.click(card, name)
        await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == name)

    def loading(self, rosa: Person) -> bool:
        return rosa.view().definition["callback_id"] == "loading"


class TestTeams:
    @pytest.fixture
    async def product(self, tmp_path: Path) -> AsyncIterator[TeamsDemo]:
        async with teams_demo(tmp_path / "home") as running:
            yield running

    @pytest.fixture
    async def rosa(self, product: TeamsDemo) -> TeamsPerson:
        rosa = TeamsPerson(product.service, 4)
        await rosa.say(SUMMARY)
        await rosa.until_notice(words.DRAFT_NOTICE)
        return rosa

    async def test_every_act_of_a_card(self, product: TeamsDemo, rosa: TeamsPerson):
        ids = await ids_of(product.application)
        for _, row, item in CARD_ACTS.values():
            assert not unknown_in(await self.said_to(rosa, row, item, ids)), item.action
        assert unknown_in(await self.said_to(rosa, Actions("control", (NOTHING_SUCH,)), NOTHING_SUCH, ids))

    async def test_every_act_of_a_form(self, product: TeamsDemo, rosa: TeamsPerson):
        ids = await ids_of(product.application)
        for action, (name, _, _) in FORM_ACTS.items():
            form = EXAMPLES[name]
            assert isinstance(form, Form)
            button = with_ids(button_of(teams.render_form(form), action), ids)
            assert not unknown_in(await rosa.submit_data(button["data"])), action
        nothing = {"form": "plan", "context": f"{ids['ab' * 32]}:1", "action": "plan_nothing.1"}
        assert unknown_in(await rosa.submit_data(nothing))

    async def said_to(self, rosa: TeamsPerson, row: Actions, item: Item, ids: Mapping[str, str]) -> object:
        """The answer to the button as the card holds it, with something in every input beside it."""
        card = with_ids(teams.render_card(Card("", (row,))), ids)
        picker = isinstance(item, ClientPicker | DatePicker)
        button = self.acting(card, blocks.PICK if picker else item.action)
        data = {**button["data"], **self.filled(card)}
        assert not picker or item.action in data
        if button["type"] == "Action.Submit":
            assert data["msteams"] == {"type": "task/fetch"}
            return await rosa.invoke("task/fetch", {"data": data})
        value = {"action": {"type": "Action.Execute", "verb": button["verb"], "data": data}, "trigger": "manual"}
        return await rosa.invoke("adaptiveCard/action", value)

    def acting(self, card: Any, action: str) -> dict[str, Any]:
        """The button itself, not the one that asks first."""
        (button,) = [part for part in parts_of(card) if part.get("data", {}).get("action") == action]
        return button

    def filled(self, card: Any) -> Mapping[str, str]:
        inputs = [part for part in parts_of(card) if part["type"].startswith("Input.")]
        typed = {"Input.Text": CLIENT, "Input.Date": DAY}
        return {one["id"]: typed.get(one["type"]) or self.first(one["choices"]) for one in inputs}

    def first(self, choices: Sequence[Mapping[str, str]]) -> str:
        return choices[0]["value"]
