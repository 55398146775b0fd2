"""What Slack's client does with a modal: submit it, obey the app's `response_action`, close it."""

import json
from typing import Any

from demo import payloads
from demo.blockkit import check_view
from demo.client import OK, TROUBLE, Answer, refusal
from demo.errors import Refused
from demo.state import merged, missing
from demo.views import OpenView
from demo.workspace import Workspace


class ModalClient:
    """Submitting and closing, for the page and the driver alike."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    async def submit(self, user: str, view_id: str, state: dict[str, Any] | None = None) -> Answer:
        """Submit the view. It stays open, with what was typed, when an entry is missing or the app fails."""
        view = self._front(user, view_id)
        if view is None:
            return refusal("view_not_found")
        if view.pending:
            return refusal("already_submitting")
        self.workspace.views.touched(view, merged(view.values, (state or {}).get("values", {})))
        view.errors = missing(view.definition["blocks"], view.values)
        if view.errors:
            self.workspace.show_views(user)
            return refusal("invalid_input", errors=view.errors, shown=True)
        return await self._send(user, view)

    async def close(self, user: str, view_id: str, everything: bool = False) -> Answer:
        """Close the view in front (`everything`: the whole stack); the app hears of it where it asked to."""
        view = self._front(user, view_id)
        if view is None:
            return refusal("view_not_found")
        everything = everything or bool(view.definition.get("clear_on_close"))
        closing = self.workspace.views.stack(user) if everything else [view]
        for each in closing:
            self.workspace.views.close(each)
        self.workspace.show_views(user)
        for each in reversed(closing):
            if each.definition.get("notify_on_close"):
                person = self.workspace.people[user]
                payload = payloads.view_closed(self.workspace, person, each, everything)
                await self.workspace.delivery.interaction(payload)
        return OK

    async def _send(self, user: str, view: OpenView) -> Answer:
        view.pending = True
        try:
            payload = payloads.view_submission(self.workspace, self.workspace.people[user], view)
            outcome = await self.workspace.delivery.interaction(payload)
        finally:
            view.pending = False
        problem = outcome.problem or self._obey(user, view, outcome.body)
        if problem:
            view.notice = TROUBLE
        self.workspace.show_views(user)
        if problem:
            return refusal("no_response" if outcome.problem else "invalid_response", problem=problem, shown=True)
        return refusal("invalid_input", errors=view.errors, shown=True) if view.errors else OK

    def _obey(self, user: str, view: OpenView, body: str) -> str:
        """Do what the app answered. Returns what is wrong with the answer, empty when nothing is."""
        try:
            answer = json.loads(body or "{}")
        except ValueError:
            return "the answer is not JSON"
        if answer in ({}, "", None):
            self.workspace.views.close(view)
            return ""
        action = answer.get("response_action") if isinstance(answer, dict) else None
        if action is None:
            return "an answer without response_action has to be empty"
        return self._response_action(user, view, action, answer)

    def _response_action(self, user: str, view: OpenView, action: str, answer: dict[str, Any]) -> str:
        if action == "clear":
            self.workspace.views.clear(user)
            return ""
        if action == "errors":
            return _show_errors(view, answer.get("errors"))
        if action not in ("update", "push"):
            return f"unknown response_action {action}"
        problems = check_view(answer.get("view"))
        if problems or answer["view"]["type"] != "modal":
            return "; ".join(problems) or "not a modal"
        try:
            if action == "push":
                self.workspace.views.push(user, answer["view"])
            else:
                self.workspace.views.update(view, answer["view"])
        except Refused as refused:
            return refused.code
        return ""

    def _front(self, user: str, view_id: str) -> OpenView | None:
        stack = self.workspace.views.stack(user)
        return stack[-1] if stack and stack[-1].id == view_id else None


def _show_errors(view: OpenView, errors: Any) -> str:
    inputs = {block["block_id"] for block in view.definition["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        return "errors must be an object with entries"
    strangers = [block_id for block_id in errors if block_id not in inputs]
    if strangers:
        return "errors for blocks that are no input: " + ", ".join(strangers)
    view.errors = {block_id: str(text) for block_id, text in errors.items()}
    return ""
