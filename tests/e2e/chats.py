"""One clinician in either chat, doing with the same words what each chat's own client does.

A `Chat` knows how one chat is used, and nothing of what is to be done there: that is the scenario's.
"""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.cards import words
from bot.wiring import Running
from demo.driver import Person
from demo.run import demo
from demo.teams import teams_demo
from demo.teams_person import TeamsPerson, button_of, card_of, is_coming, parts_of, texts_of
from demo.views import OpenView

_SLACK_USER, _TEAMS_NUMBER = "U0EXAMPLE04", 4  # the same clinician of the example practice
_PATIENCE = 15.0  # seconds
Typed = str | list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """An input of an open form. `about`: the text right above it."""

    name: str
    label: str
    value: str
    about: str


class Chat(Protocol):
    """One clinician's direct conversation with the bot."""

    platform: str
    application: Running

    async def write(self, text: str) -> None:
        """Send a message."""
        ...

    async def new_note(self) -> None:
        """Open the form for a new note."""
        ...

    async def choose_format(self, format_id: str) -> None:
        """Press the format's button, or choose it from the menu when it has none."""
        ...

    async def pick_client(self, code: str) -> None: ...

    async def pick_date(self, day: str) -> None: ...

    async def decide(self, point: str, action: str) -> None:
        """Press the button `action` of the point that no statement uses."""
        ...

    async def open(self, action: str, saying: str = "") -> None:
        """Press a button that opens a form: of the latest card, or of the latest whose first text begins like this."""
        ...

    def form(self) -> str:
        """The name of the open form; empty when none is."""
        ...

    def asked(self) -> Sequence[Asked]:
        """The inputs of the open form."""
        ...

    async def send(self, values: Mapping[str, Typed]) -> None:
        """Type this into the open form, tick what is listed, and send it."""
        ...

    def notice(self) -> str:
        """What a notification says of the latest card."""
        ...

    def texts(self) -> Sequence[str]:
        """Every text of the latest card, from top to bottom; the first is its title."""
        ...

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for something to become true. Raises TimeoutError."""
        ...


class SlackChat:
    platform = "slack"

    def __init__(self, person: Person, application: Running) -> None:
        self._person, self.application = person, application

    async def write(self, text: str) -> None:
        await self._person.say(self._person.dm(), text)

    async def new_note(self) -> None:
        await self._person.command("/note", "new")
        await self.until(lambda: self.form() == "new_note")

    async def choose_format(self, format_id: str) -> None:
        if f"format_{format_id}" in {part.get("action_id") for part in _parts(self._card().blocks)}:
            await self._person.click(self._card(), f"format_{format_id}")
        else:
            await self._person.choose(self._card(), "format_menu", format_id)

    async def pick_client(self, code: str) -> None:
        await self._person.type_ahead(self._card(), "pick_client", code)
        await self._person.choose(self._card(), "pick_client", code)

    async def pick_date(self, day: str) -> None:
        await self._person.click(self._card(), "pick_date", selected_date=day)

    async def decide(self, point: str, action: str) -> None:
        await self._person.click(self._card(), action, _after(point, self._card().blocks, _row_of_point))

    async def open(self, action: str, saying: str = "") -> None:
        await self._person.click([card for card in self._cards() if _first(card.blocks).startswith(saying)][-1], action)
        await self.until(lambda: self.form() not in ("", "loading"))

    def form(self) -> str:
        return self._person.view().definition["callback_id"] if self._person.views() else ""

    def asked(self) -> Sequence[Asked]:
        return list(_slack_inputs(self._person.view()))

    async def send(self, values: Mapping[str, Typed]) -> None:
        view = self._person.view()
        if "client" in values:
            await self._person.type_ahead(view, "client_lookup", str(values["client"]), block_id="client")
        await self._person.submit(view, dict(values))
        assert not (self._person.views() and self._person.view().errors), "the form was refused"

    def notice(self) -> str:
        return self._card().text if self._cards() else ""

    def texts(self) -> Sequence[str]:
        return [part["text"] for part in _parts(self._card().blocks) if isinstance(part.get("text"), str)]

    async def until(self, true: Callable[[], object]) -> None:
        await self._person.until(true, within=_PATIENCE)

    def _cards(self) -> list[Any]:
        seen = self._person.messages(self._person.dm())
        return [message for message in seen if not message.ephemeral_to and message.blocks]

    def _card(self) -> Any:
        return self._cards()[-1]


class TeamsChat:
    platform = "teams"

    def __init__(self, person: TeamsPerson, application: Running) -> None:
        self._person, self.application = person, application
        self._task: dict[str, Any] = {}

    async def write(self, text: str) -> None:
        await self._person.say(text)

    async def new_note(self) -> None:
        await self._person.say("hi")
        await self._person.until_notice(words.HELP_TITLE)
        await self.open("new_note")

    async def choose_format(self, format_id: str) -> None:
        if f"format_{format_id}" in {part.get("verb") for part in parts_of(self._person.card())}:
            await self._person.press(f"format_{format_id}")
        else:
            await self._person.press("format_menu", {"format_menu": format_id})

    async def pick_client(self, code: str) -> None:
        await self._person.press("pick", {"pick_client": code})

    async def pick_date(self, day: str) -> None:
        await self._person.press("pick", {"pick_date": day})

    async def decide(self, point: str, action: str) -> None:
        """Presses the button as the card holds it, one of several of the same action."""
        card = self._person.card()
        row = _after(point, card, _row_of_actions)
        buttons = [part for part in parts_of(card) if part.get("id") == f"{row}.{action}"]
        await self._person.press(f"{row}.{action}", card=card)
        assert len(buttons) == 1

    async def open(self, action: str, saying: str = "") -> None:
        cards = [card for message in self._person.messages() if (card := card_of(message))]
        card = [card for card in cards if next(iter(texts_of(card)), "").startswith(saying)][-1]
        self._task = await self._person.open(action, card)
        assert self._task["type"] == "continue", "the form did not open"

    def form(self) -> str:
        return str(button_of(self._shown(), "submit")["data"]["form"]) if self._task else ""

    def asked(self) -> Sequence[Asked]:
        return list(_teams_inputs(self._shown()))

    async def send(self, values: Mapping[str, Typed]) -> None:
        sent = self.form()
        task = await self._person.submit(self._task, self._typed(values))
        self._task = task or {}
        assert self.form() != sent, "the form was refused"

    def notice(self) -> str:
        cards = [message for message in self._person.messages() if card_of(message)]
        return str(cards[-1].get("summary", "")) if cards and not is_coming(cards[-1]) else ""

    def texts(self) -> Sequence[str]:
        return texts_of(self._person.card())

    async def until(self, true: Callable[[], object]) -> None:
        await self._person.until(true, within=_PATIENCE)

    def _shown(self) -> dict[str, Any]:
        return dict(self._task["value"]["card"]["content"])

    def _typed(self, values: Mapping[str, Typed]) -> dict[str, str]:
        """A client's code is chosen from a list; one that is not in it has a box of its own."""
        listed = {choice["value"] for part in parts_of(self._shown()) for choice in part.get("choices", [])}
        new = "client" in values and values["client"] not in listed
        typed = {name: value if isinstance(value, str) else ",".join(value) for name, value in values.items()}
        return {f"{name}.new" if name == "client" and new else name: value for name, value in typed.items()}


@asynccontextmanager
async def _slack(folder: Path) -> AsyncGenerator[Chat]:
    async with demo(folder) as running:
        yield SlackChat(Person(running.workspace, _SLACK_USER), running.application)


@asynccontextmanager
async def _teams(folder: Path) -> AsyncGenerator[Chat]:
    async with teams_demo(folder) as running:
        yield TeamsChat(TeamsPerson(running.service, _TEAMS_NUMBER), running.application)


CHATS: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Chat]]] = {"slack": _slack, "teams": _teams}
"""The whole product with one clinician in it, by chat, in a home folder of its own."""


def _parts(blocks: object) -> Iterator[dict[str, Any]]:
    """Every object of a JSON tree, from the outside in and from top to bottom."""
    if isinstance(blocks, dict):
        yield blocks
    for inner in blocks.values() if isinstance(blocks, dict) else blocks if isinstance(blocks, list) else ():
        yield from _parts(inner)


def _first(blocks: object) -> str:
    return next((part["text"] for part in _parts(blocks) if isinstance(part.get("text"), str)), "")


def _after(text: str, shown: object, row_of: Callable[[Mapping[str, Any]], str]) -> str:
    """The name of the first row of buttons below a text."""
    found = False
    for part in _parts(shown):
        found = found or part.get("text") == text
        if found and (row := row_of(part)):
            return row
    raise LookupError(text)


def _row_of_point(part: Mapping[str, Any]) -> str:
    return str(part["block_id"]) if str(part.get("block_id", "")).startswith("point-") else ""


def _row_of_actions(part: Mapping[str, Any]) -> str:
    name = str(part.get("id", "")).partition(".")[0]
    return name if name.startswith("point-") else ""


def _slack_inputs(view: OpenView) -> Iterator[Asked]:
    above = ""
    for block in view.definition["blocks"]:
        if block["type"] == "input":
            value = block["element"].get("initial_value", "")
            yield Asked(block["block_id"], block["label"]["text"], value, above)
        texts = [part["text"] for part in _parts(block) if isinstance(part.get("text"), str)]
        above = texts[-1] if texts else above


def _teams_inputs(card: dict[str, Any]) -> Iterator[Asked]:
    above = ""
    for part in parts_of(card):
        if part["type"].startswith("Input."):
            yield Asked(part["id"], str(part["label"]), str(part.get("value", "")), above)
        above = part.get("text", above)
