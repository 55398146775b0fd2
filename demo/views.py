"""Modals and Home tabs: each person's stack of at most three views, hashes, and typed text kept over updates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo.errors import Refused
from demo.state import Values, fresh, identified

STACK = 3


@dataclass(slots=True)
class OpenView:
    """A view in front of a person. `errors` and `notice` are what Slack's client shows inside it."""

    id: str
    user: str
    definition: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notice: str | None = None
    pending: bool = False

    def as_page(self) -> dict[str, Any]:
        """The view as the browser page gets it."""
        shown = {name: self.definition.get(name) for name in ("title", "submit", "close", "blocks")}
        return {
            "id": self.id,
            "hash": self.hash,
            "type": self.definition["type"],
            "callback_id": self.definition.get("callback_id", ""),
            **shown,
            "state": {"values": self.values},
            "errors": self.errors,
            "notice": self.notice,
        }

    def as_slack(self, team_id: str, app_id: str, bot_id: str) -> dict[str, Any]:
        """The view object of API answers and payloads."""
        defaults = {"private_metadata": "", "callback_id": "", "external_id": "", "title": None, "close": None}
        flags = {"submit": None, "clear_on_close": False, "notify_on_close": False}
        return {
            "id": self.id,
            "team_id": team_id,
            **defaults,
            **flags,
            **self.definition,
            "state": {"values": self.values},
            "hash": self.hash,
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": app_id,
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
        }


class ViewStacks:
    """Every open modal and every published Home view. Refuses with Slack's error codes."""

    def __init__(self, new_id: Callable[[str], str], new_hash: Callable[[], str]) -> None:
        self._new_id = new_id
        self._new_hash = new_hash
        self._stacks: dict[str, list[OpenView]] = {}
        self.homes: dict[str, OpenView] = {}

    def stack(self, user: str) -> list[OpenView]:
        """The person's views, the one in front last."""
        return list(self._stacks.get(user, []))

    def get(self, view_id: str) -> OpenView | None:
        """An open modal or published Home view by id."""
        return next((each for each in self._everything() if each.id == view_id), None)

    def by_external_id(self, external_id: str) -> OpenView | None:
        return next((v for v in self._everything() if v.definition.get("external_id") == external_id), None)

    def open(self, user: str, definition: dict[str, Any]) -> OpenView:
        """Put a first view in front of the person; what was open is gone."""
        self._stacks[user] = []
        return self.push(user, definition)

    def push(self, user: str, definition: dict[str, Any]) -> OpenView:
        """Put a view on top of what is open. Refuses a fourth one."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= STACK:
            raise Refused("push_limit_reached")
        self._check_external_id(definition, None)
        view_id = self._new_id("V")
        root, previous = (stack[0].id, stack[-1].id) if stack else (view_id, None)
        view = OpenView(view_id, user, {}, "", root, previous)
        self._define(view, definition)
        stack.append(view)
        return view

    def update(self, view: OpenView, definition: dict[str, Any], hash_: str | None = None) -> OpenView:
        """Replace a view's content. Refuses when `hash_` is not the current one."""
        if hash_ and hash_ != view.hash:
            raise Refused("hash_conflict")
        self._check_external_id(definition, view)
        self._define(view, definition)
        return view

    def publish(self, user: str, definition: dict[str, Any], hash_: str | None = None) -> OpenView:
        """Replace the person's Home view."""
        current = self.homes.get(user)
        if current is None:
            view_id = self._new_id("V")
            current = OpenView(view_id, user, {}, "", view_id, None)
        self.update(current, definition, hash_ if current.hash else None)
        self.homes[user] = current
        return current

    def close(self, view: OpenView) -> None:
        """Take a view away together with those on top of it."""
        stack = self._stacks.get(view.user, [])
        if view in stack:
            del stack[stack.index(view) :]

    def clear(self, user: str) -> None:
        self._stacks[user] = []

    def touched(self, view: OpenView, values: Values) -> None:
        """The person has entered something: the view has new values and the errors are out of date."""
        view.values = values
        view.notice = None

    def _define(self, view: OpenView, definition: dict[str, Any]) -> None:
        view.definition = {**definition, "blocks": identified(definition["blocks"], lambda: self._new_id("b"))}
        view.values = fresh(view.definition["blocks"], view.values)
        view.hash = self._new_hash()
        view.errors, view.notice = {}, None

    def _check_external_id(self, definition: dict[str, Any], own: OpenView | None) -> None:
        external_id = definition.get("external_id")
        holder = self.by_external_id(external_id) if external_id else None
        if holder is not None and holder is not own:
            raise Refused("duplicate_external_id")

    def _everything(self) -> list[OpenView]:
        return [view for stack in self._stacks.values() for view in stack] + list(self.homes.values())
