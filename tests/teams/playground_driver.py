"""A person at Microsoft's agents playground without a browser: the requests its page makes, the pushes it gets.

It does what the page does and no more: no dialogs, no deletions, inputs are lost when a card is drawn anew. Errors and
time-outs speak of ids only.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, cast
from urllib.parse import quote

import aiohttp

Json = dict[str, Any]
CARD = "application/vnd.microsoft.card.adaptive"
PATIENCE = 10.0  # seconds


class NotShown(Exception):
    """The page shows no such thing, or does nothing when it is pressed."""


class Rejected(Exception):
    """The playground, or the bot through it, did not take a request."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered to a pressed Action.Execute: `value` is a card, a text, or an error's code and message."""

    kind: Literal["card", "message", "error", "nothing"]
    value: Any


@dataclass(slots=True)
class Shown:
    """A message as the page has it now. `conversation` is the post's thread in a channel; `remark` is the line under a
    card after a press, `updates` how often the bot replaced it, answers to a press not counted."""

    id: str
    conversation: str
    by_bot: bool
    text: str = field(repr=False)
    card: Json | None = field(repr=False)
    updates: int = 0
    remark: str = field(default="", repr=False)

    @property
    def titles(self) -> list[str]:
        """Of its buttons, in order."""
        return [str(action.get("title", "")) for action in actions(self.card or {})]

    @property
    def words(self) -> list[str]:
        """Every text that its card shows, in order; its own text when it has no card."""
        return list(_texts(self.card)) if self.card else [self.text]


def elements(part: Any) -> Iterator[Json]:
    """Every object of a card, outermost first; a fallback is not shown and not among them."""
    if isinstance(part, dict):
        yield part
        for name, inner in part.items():
            if name not in ("fallback", "data"):
                yield from elements(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from elements(inner)


def actions(card: Json) -> list[Json]:
    """Every action of a card, in order."""
    return [part for part in elements(card) if str(part.get("type", "")).startswith("Action.")]


def _texts(card: Json) -> Iterator[str]:
    for part in elements(card):
        for name in ("text", "title", "label", "value"):
            if isinstance(part.get(name), str):
                yield part[name]
        yield from (one for one in part.get("inlines", []) if isinstance(one, str))


def _inputs(card: Json, typed: Mapping[str, str]) -> dict[str, str]:
    """What the page adds to a button's data: every input that is not empty. Raises NotShown for an unknown one."""
    shown = {str(part["id"]): part for part in elements(card) if str(part.get("type", "")).startswith("Input.")}
    if unknown := set(typed) - set(shown):
        raise NotShown(f"no input {sorted(unknown)}")
    values = {name: str(typed.get(name, part.get("value", ""))) for name, part in shown.items()}
    if empty := [name for name, part in shown.items() if part.get("isRequired") and not values[name]]:
        raise NotShown(f"the page wants {empty} first")
    return {name: value for name, value in values.items() if value}


class PlaygroundDriver:
    """One page of the playground. Use it as a context manager: it listens before it does anything.

    `me` is the id of the person who sits at it. Everything raises TimeoutError, Rejected or NotShown.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._url, self._patience = url.rstrip("/"), patience
        self.me, self.bot = "", ""
        self.typing: dict[str, int] = {}
        self._shown: list[Shown] = []
        self._changed = asyncio.Condition()
        self._session: aiohttp.ClientSession | None = None
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "PlaygroundDriver":
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._patience))
        try:
            config = (await self._request("GET", "/_internal/v1/testConfig"))["config"]
            self.me, self.bot = config["currentUser"]["id"], config["bot"]["id"]
            stream = await self._session.ws_connect(f"{self._url}/_ws_conversation/v1/conversations/stream")
        except BaseException:
            await self._session.close()
            raise
        self._listening = asyncio.get_running_loop().create_task(self._listen(stream))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def install(self, conversation: str) -> None:
        """What the page does when it is opened: the bot is told of its installation, and of its members."""
        await self._request("POST", f"/_debug/conversation/{_path(conversation)}/installation", {})

    async def activity(self, activity: Mapping[str, Any]) -> None:
        """“Mock an activity”: the bot gets it as it is, and its answer is not shown."""
        await self._request("POST", "/_internal/v1/customActivities", activity)

    async def say(self, conversation: str, text: str, mention: bool = False) -> Shown:
        """Type a message. In a group chat and a channel the bot hears of it only with a `mention`."""
        body: Json = {"from": {"id": self.me}, "text": text, "textFormat": "plain"}
        if mention:
            body["text"] = f"<at>Afternote</at> {text}"
            body["mentions"] = [{"mentioned": {"id": self.bot}, "text": "<at>Afternote</at>"}]
        sent = await self._request("POST", f"/_conversation/v1/conversations/{_path(conversation)}/messages", body)
        mine = Shown(sent["messageId"], sent.get("postConversationId", conversation), False, body["text"], None)
        await self._change(lambda: self._shown.append(mine))
        return mine

    async def press(self, shown: Shown, title: str, typed: Mapping[str, str] | None = None, person: str = "") -> Answer:
        """Press the button `title` of a card with what was `typed` into its inputs, by id.

        Another `person` than oneself may press in a group chat and a channel. An Action.Submit has no answer, it is a
        message for the bot. Raises NotShown also for a dialog's button: the page does nothing then.
        """
        card = shown.card or {}
        action = next((one for one in actions(card) if one.get("title") == title), None)
        if action is None:
            raise NotShown(f"no such button on {shown.id}; it has {len(actions(card))}")
        data = dict(action.get("data") or {})
        inputs = {} if action.get("associatedInputs") == "none" else _inputs(card, typed or {})
        by = {"conversation": {"id": shown.conversation}, "from": {"id": person or self.me}, "replyToId": shown.id}
        if action["type"] == "Action.Submit":
            return await self._submit(data, by | {"value": data | inputs})
        if action["type"] != "Action.Execute":
            raise NotShown(f"{action['type']} is not sent to the bot")
        execute = {name: action[name] for name in ("type", "title", "verb", "id") if name in action}
        value = {"action": execute | {"data": data | inputs}}
        answer = await self._request(
            "POST", "/_conversation/v1/invoke", by | {"name": "adaptiveCard/action", "value": value}
        )
        return await self._answered(shown, cast("Json", answer or {}))

    def messages(self, conversation: str) -> list[Shown]:
        """All messages as they stand, oldest first; of a channel, those of all its threads."""
        return [one for one in self._shown if one.conversation.partition(";")[0] == conversation.partition(";")[0]]

    async def wait_for(self, conversation: str, wanted: Callable[[Shown], bool], timeout: float = 0) -> Shown:  # noqa: ASYNC109
        """The newest message of the bot that `wanted` accepts, now or within `timeout` seconds."""

        def found() -> Shown | None:
            return next((one for one in reversed(self.messages(conversation)) if one.by_bot and wanted(one)), None)

        return cast("Shown", await self._until(conversation, found, timeout))

    async def wait_for_typing(self, conversation: str, timeout: float = 0) -> None:  # noqa: ASYNC109
        """Until the bot has shown that it is typing."""
        await self._until(conversation, lambda: self.typing.get(conversation), timeout)

    async def _until(self, conversation: str, found: Callable[[], Any], seconds: float) -> Any:
        try:
            async with asyncio.timeout(seconds or self._patience), self._changed:
                while not (result := found()):
                    await self._changed.wait()
                return result
        except TimeoutError:
            ids = [one.id for one in self.messages(conversation)]
            raise TimeoutError(f"not shown in {conversation}; its messages: {ids}") from None

    async def _submit(self, data: Json, body: Json) -> Answer:
        if data.get("msteams", {}).get("type") == "task/fetch":
            raise NotShown("the playground has no dialogs")
        await self._request("POST", "/_conversation/v1/submit", body)
        return Answer("nothing", None)

    async def _answered(self, shown: Shown, answer: Json) -> Answer:
        value, kind = answer.get("value"), str(answer.get("type", ""))
        if kind == CARD and isinstance(value, dict):
            await self._change(lambda: _redraw(shown, value, ""))
            return Answer("card", value)
        if kind.endswith(".activity.message"):
            await self._change(lambda: _redraw(shown, shown.card, str(value)))
            return Answer("message", value)
        if kind == "application/vnd.microsoft.error" and isinstance(value, dict):
            await self._change(lambda: _redraw(shown, shown.card, str(value.get("message", ""))))
            return Answer("error", value)
        return Answer("nothing", answer)

    async def _listen(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        async with stream:
            async for frame in stream:
                push = json.loads(frame.data)
                await self._change(lambda push=push: self._pushed(push))

    def _pushed(self, push: Json) -> None:
        where, message = push["actionConversationId"], push.get("message") or {}
        if push["action"] == "typing":
            self.typing[where] = self.typing.get(where, 0) + 1
            return
        where = message.get("postConversationId") or where
        known = next((one for one in self._shown if one.id == message["messageId"]), None)
        if known is None:
            known = Shown(message["messageId"], where, message["from"]["id"] == self.bot, "", None)
            self._shown.append(known)
        else:
            known.updates += 1
        cards = [one["content"] for one in message.get("attachments") or [] if one.get("contentType") == CARD]
        known.text = message.get("text") or ""
        _redraw(known, cards[0] if cards else None, "")

    async def _change(self, do: Callable[[], None]) -> None:
        async with self._changed:
            do()
            self._changed.notify_all()

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        if self._session is None:
            raise RuntimeError("the driver is not started")
        async with self._session.request(method, self._url + path, json=body) as answer:
            text = await answer.text()
            content = json.loads(text) if text.startswith(("{", "[")) else None
            if answer.status >= 300:
                raise Rejected(answer.status, _code(content))
            return content


def _redraw(shown: Shown, card: Json | None, remark: str) -> None:
    shown.card, shown.remark = card, remark


def _code(content: Any) -> str:
    error = content.get("error", content) if isinstance(content, dict) else {}
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _path(conversation: str) -> str:
    return quote(conversation, safe="")
