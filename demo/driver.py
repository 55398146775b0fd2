"""A person at the keyboard, for tests and benchmarks: does through the client back end what the page does."""

import asyncio
import contextlib
import copy
from collections.abc import Callable
from typing import Any

from demo.client import Answer, Client
from demo.messages import Message
from demo.modal import ModalClient
from demo.state import STATEFUL, Values, find, fresh, merged
from demo.views import OpenView
from demo.workspace import Workspace

Seen = Message | OpenView
LOOK_AGAIN = 0.02


class Person:
    """One person. The messages and views it hands out are snapshots: acting on an old one clicks a stale card."""

    def __init__(self, workspace: Workspace, user_id: str) -> None:
        self.workspace, self.id = workspace, user_id
        self._client, self._modals = Client(workspace), ModalClient(workspace)

    def dm(self) -> str:
        """The id of the direct conversation with the bot."""
        return self.workspace.im(self.id).id

    async def say(self, channel: str, text: str, files: list[dict[str, str]] | None = None) -> Answer:
        """Write a message; `files` as `[{"name": …, "mimetype": …, "content": …}]`."""
        return await self._client.say(self.id, channel, text, files)

    async def command(self, command: str, text: str = "", channel: str | None = None) -> Answer:
        """Run a slash command, in the direct conversation unless told otherwise."""
        return await self._client.command(self.id, channel or self.dm(), command, text)

    async def shortcut(self, callback_id: str, message: Message | None = None) -> Answer:
        """Run a global shortcut, or a message shortcut on this message."""
        where = (message.channel, message.ts) if message else (None, None)
        return await self._client.shortcut(self.id, callback_id, *where)

    async def open_home(self) -> Answer:
        """Open the Home tab."""
        return await self._client.home(self.id)

    async def click(self, seen: Seen, action_id: str, block_id: str | None = None, **action: Any) -> Answer:
        """Click a button, or take any action given in Slack's own fields (`selected_date=…`, `value=…`)."""
        return await self._client.action(self.id, _container(seen), block_id, action_id, action, seen=_blocks(seen))

    async def choose(self, seen: Seen, action_id: str, choice: Any, block_id: str | None = None) -> Answer:
        """Choose in any select, picker or group: options by value or label, dates and times as text, lists for many."""
        found = find(_blocks(seen), action_id, block_id)
        if found is None:
            raise LookupError(f"no element {action_id} on the screen")
        block, element = found
        if element["type"] == "overflow":
            action = {"selected_option": self._option(block["block_id"], element, choice)}
        else:
            action = self._entry(block["block_id"], element, choice)
        return await self.click(seen, action_id, block["block_id"], **action)

    async def type_ahead(self, seen: Seen, action_id: str, typed: str, block_id: str | None = None) -> Answer:
        """Type into an external select; the answer has `options` or `option_groups`, and `choose` then knows them."""
        return await self._client.suggest(self.id, _container(seen), block_id, action_id, typed)

    async def submit(self, view: OpenView | None = None, values: dict[str, Any] | None = None) -> Answer:
        """Fill in the view in front (or this one) and submit it. `values` by block_id or action_id."""
        view = view or self.view()
        return await self._modals.submit(self.id, view.id, {"values": self.entries(view, values or {})})

    async def close(self, view: OpenView | None = None, everything: bool = False) -> Answer:
        """Close the view in front (or this one), or all of them."""
        return await self._modals.close(self.id, (view or self.view()).id, everything)

    def enter(self, values: dict[str, Any], view: OpenView | None = None) -> None:
        """Type into the view in front without submitting it."""
        shown = self.workspace.views.get((view or self.view()).id)
        if shown is None:
            raise LookupError("the view is not open any more")
        self.workspace.views.touched(shown, merged(shown.values, self.entries(shown, values)))

    def entries(self, view: OpenView, values: dict[str, Any]) -> Values:
        """Plain values by block_id or action_id, as Slack's `state.values`."""
        result: Values = {}
        for block_id, actions in fresh(view.definition["blocks"]).items():
            for action_id in actions:
                for name in {block_id, action_id} & values.keys():
                    found = find(view.definition["blocks"], action_id, block_id)
                    if found is not None:
                        result.setdefault(block_id, {})[action_id] = self._entry(block_id, found[1], values[name])
        if unknown := [name for name in values if name not in _names(result)]:
            raise LookupError(f"no entry for {', '.join(unknown)} in the view")
        return result

    def messages(self, channel: str | None = None) -> list[Message]:
        """What the person sees in a channel (the direct conversation unless told otherwise), oldest first."""
        seen = self.workspace.messages.seen_by(self.id, channel or self.dm())
        return [copy.copy(message) for message in seen]

    def ephemerals(self, channel: str | None = None) -> list[Message]:
        """Only what nobody else sees."""
        return [message for message in self.messages(channel) if message.ephemeral_to]

    def views(self) -> list[OpenView]:
        """The open modals, the one in front last."""
        return [copy.copy(view) for view in self.workspace.views.stack(self.id)]

    def view(self) -> OpenView:
        """The modal in front."""
        if not (stack := self.views()):
            raise LookupError("no view is open")
        return stack[-1]

    def home(self) -> OpenView | None:
        """The published Home view."""
        return copy.copy(self.workspace.views.homes.get(self.id))

    async def until(self, predicate: Callable[[], Any], within: float = 5.0) -> Any:
        """Wait until `predicate()` is true and return what it returned. Raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not (result := predicate()):
                # What the app does inside itself changes nothing here, so look again after a while in any case.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN):
                        await self.workspace.changed()
        return result

    def _entry(self, block_id: str, element: dict[str, Any], value: Any) -> dict[str, Any]:
        name = STATEFUL[element["type"]][0]
        if name == "selected_option" and value is not None:
            value = self._option(block_id, element, value)
        elif name == "selected_options":
            value = [self._option(block_id, element, each) for each in value or []]
        return {"type": element["type"], name: value}

    def _option(self, block_id: str, element: dict[str, Any], choice: Any) -> dict[str, Any]:
        if isinstance(choice, dict):
            return choice
        groups = element.get("option_groups") or [element]
        offered = [option for group in groups for option in group.get("options", [])]
        offered += self.workspace.suggested.get(f"{block_id} {element['action_id']}", [])
        for option in offered:
            if choice in (option["value"], option["text"]["text"]):
                return option
        raise LookupError(f"no option {choice!r} is offered")


def _blocks(seen: Seen) -> list[dict[str, Any]]:
    return seen.definition["blocks"] if isinstance(seen, OpenView) else seen.blocks


def _container(seen: Seen) -> dict[str, Any]:
    if isinstance(seen, OpenView):
        return {"type": "view", "view_id": seen.id}
    return {"type": "message", "channel": seen.channel, "ts": seen.ts}


def _names(values: Values) -> set[str]:
    return {name for block_id, actions in values.items() for name in (block_id, *actions)}
