"""A person in Teams, for tests and benchmarks: signed requests to the bot, and what stands in their chat with it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.cards import words
from demo.bot_service import BotService

Json = dict[str, Any]
CARD = "application/vnd.microsoft.card.adaptive"


class Refusal(AssertionError):
    """The bot did not answer 200. The status only: its answer may hold what was typed."""


class TeamsPerson:
    """Person number `number` of the example practice, in the direct chat with the bot."""

    def __init__(self, service: BotService, number: int) -> None:
        self.service, self.number, self.chat = service, number, f"a:chat-{number}"
        self.aad = f"00000000-0000-4000-8000-{number:012d}"

    async def say(self, text: str, **fields: object) -> None:
        """Send a message to the bot."""
        await self._post(self.service.activity(person=self.number, text=text, textFormat="plain", **fields))

    async def invoke(self, name: str, value: Mapping[str, Any], **fields: object) -> Any:
        """Send an invoke and return the answer's body."""
        return await self._post(self.service.activity("invoke", person=self.number, name=name, value=value, **fields))

    async def press(self, action: str, typed: Mapping[str, str] | None = None, card: Json | None = None) -> Any:
        """Press a button of a card (the latest one) that acts at once. Returns the invoke's answer."""
        at, shown = self._pressed_on(card)
        button = button_of(shown, action)
        beside = inputs_of(shown) if button.get("associatedInputs") != "none" else {}
        data = {**button["data"], **beside, **(typed or {})}
        value = {"action": {"type": "Action.Execute", "verb": button["verb"], "data": data}, "trigger": "manual"}
        return await self.invoke("adaptiveCard/action", value, replyToId=at)

    async def open(self, action: str, card: Json | None = None) -> Json:
        """Press a button that opens a dialog. Returns the task: `type` continue or message, and its `value`."""
        at, shown = self._pressed_on(card)
        answer = await self.invoke("task/fetch", {"data": button_of(shown, action)["data"]}, replyToId=at)
        return dict(answer["task"])

    async def submit(self, task: Mapping[str, Any], typed: Mapping[str, str] | None = None, button: str = "") -> Any:
        """Send a dialog as it stands with what is `typed` into it. Returns the next task, None when it closed."""
        return await self.submit_data(answer_of(task, typed, button))

    async def submit_data(self, data: Mapping[str, Any], name: str = "task/submit") -> Any:
        """Send a dialog's data as they are."""
        answer = await self.invoke(name, {"data": data})
        return answer["task"] if answer else None

    def messages(self) -> list[Json]:
        """What stands in the chat, oldest first."""
        return [activity for (chat, _), activity in self.service.shown.items() if chat == self.chat]

    def card(self) -> Json:
        """The latest card. Raises IndexError when there is none."""
        return [card_of(message) for message in self.messages() if message.get("attachments")][-1]

    def said(self) -> list[str]:
        """The sentences the bot said, without cards."""
        return [str(message["text"]) for message in self.messages() if message.get("text")]

    async def until(self, true: Callable[[], object], within: float = 10) -> None:
        """Wait for something to become true. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not true():  # noqa: ASYNC110 - the chat changes from outside
                await asyncio.sleep(0.01)

    async def until_notice(self, notice: str, within: float = 10) -> Json:
        """The latest card, once it carries this notice."""

        def there() -> bool:
            cards = [message for message in self.messages() if message.get("attachments")]
            latest = cards[-1] if cards else {}
            return latest.get("summary") == notice and list(texts_of(card_of(latest))) != [words.LOADING]

        await self.until(there, within)
        return self.card()

    async def _post(self, activity: Mapping[str, Any]) -> Any:
        status, body = await self.service.post(activity)
        if status != 200:
            raise Refusal(status)
        return body

    def _pressed_on(self, card: Json | None) -> tuple[str, Json]:
        """The address of the card, and the card; one that was replaced since is pressed where it stood."""
        card = card or self.card()
        sent = [sent for sent in self.service.sent if sent.conversation == self.chat and card_of(sent.activity) == card]
        return sent[-1].activity_id, card


def card_of(message: Mapping[str, Any]) -> Json:
    """The Adaptive Card of a message."""
    return dict(message["attachments"][0]["content"]) if message.get("attachments") else {}


def parts_of(card: object) -> Iterator[Json]:
    """Every element and action, from the outside in."""
    if isinstance(card, dict):
        if "type" in card:
            yield card
        for name, inner in card.items():
            if name != "fallback":
                yield from parts_of(inner)
    elif isinstance(card, list):
        for inner in card:
            yield from parts_of(inner)


def button_of(card: Json, action: str) -> Json:
    """The button of this action. Raises LookupError without one."""
    for part in parts_of(card):
        if part["type"].startswith("Action.") and action in (
            part.get("data", {}).get("action"),
            part.get("verb"),
            part.get("id"),
        ):
            return part
    raise LookupError(action)


def inputs_of(card: Json) -> dict[str, str]:
    """Input id → what stands in it."""
    return {part["id"]: str(part.get("value", "")) for part in parts_of(card) if part["type"].startswith("Input.")}


def texts_of(card: Json) -> Sequence[str]:
    """Every text that the card shows."""
    return [part["text"] for part in parts_of(card) if "text" in part]


def answer_of(task: Mapping[str, Any], typed: Mapping[str, str] | None = None, button: str = "") -> Json:
    """What a client sends for a dialog: the pressed button's data and what stands in every input."""
    card = task["value"]["card"]["content"]
    pressed = button_of(card, button or "submit")
    return {**pressed["data"], **inputs_of(card), **(typed or {})}
