"""What Slack's client does when a person types, clicks or chooses: for the browser page and for the test driver alike.

Every method answers `{"ok": true, …}` or `{"ok": false, "reason": code, "error": sentence, "shown": …}`; `shown` says
that the person sees the failure already, in the view or as a message.
"""

import json
import uuid
from typing import Any

from demo import payloads
from demo.blockkit import check_message
from demo.cast import Channel, Human
from demo.delivery import Outcome
from demo.elements import GROUP, PLAIN_OPTION
from demo.messages import Message
from demo.schema import array, fields, worded
from demo.state import STATEFUL, Blocks, find, merged
from demo.views import OpenView
from demo.workspace import Workspace

Answer = dict[str, Any]
OK: Answer = {"ok": True}
TROUBLE = "We had some trouble connecting. Try again?"
SUGGESTIONS = fields({}, {"options": array(PLAIN_OPTION, 0, 100), "option_groups": array(GROUP, 0, 100)})


SENTENCES = {
    "no_response": TROUBLE,
    "invalid_response": TROUBLE,
    "invalid_input": "Please look at the marked fields.",
    "operation_timeout": "The app did not answer within three seconds.",
    "dispatch_failed": "The app could not be reached.",
    "unknown_command": "This is not a valid command.",
    "invalid_options": "Result not loading. Try again?",
}


def refusal(reason: str, **more: Any) -> Answer:
    """Why something did not happen, as a code and as a sentence."""
    sentence = SENTENCES.get(reason, reason.replace("_", " ").capitalize() + ".")
    return {"ok": False, "reason": reason, "error": sentence, "shown": False, **more}


class Client:
    """The client back end of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    async def say(self, user: str, channel: str, text: str, files: list[dict[str, str]] | None = None) -> Answer:
        """Post what a person writes; the app hears of it in its own conversation or where it is mentioned."""
        person, place = self._who_where(user, channel)
        if person is None or place is None:
            return refusal("channel_not_found")
        if not text and not files:
            return refusal("no_text")
        attached = [self._file(user, each) for each in files or []]
        message = self.workspace.post(place.id, user, payloads.escaped(text), files=attached)
        client_msg_id = str(uuid.uuid4())
        mentioned = f"<@{self.workspace.app.bot_user_id}>" in text
        if place.kind == "im" or mentioned:
            inner = payloads.said(self.workspace, message, text, place, client_msg_id)
            await self._event(inner, message)
        return {"ok": True, "ts": message.ts}

    async def command(self, user: str, channel: str, command: str, text: str) -> Answer:
        """Run a slash command and show its answer, or how it failed, to the person."""
        person, place = self._who_where(user, channel)
        if person is None or place is None:
            return refusal("channel_not_found")
        if command not in {each.command for each in self.workspace.app.commands}:
            self.workspace.tell(user, place.id, f"{command} is not a valid command.")
            return refusal("unknown_command", shown=True)
        form = payloads.slash_command(self.workspace, person, place, command, text)
        outcome = await self.workspace.delivery.command(form)
        return self._show_command_answer(user, place, command, outcome)

    async def shortcut(self, user: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Answer:
        """Run a global shortcut, or a message shortcut on the given message."""
        person = self.workspace.people.get(user)
        known = {each.callback_id: each for each in self.workspace.app.shortcuts}
        if person is None or callback_id not in known:
            return refusal("unknown_shortcut")
        if known[callback_id].type == "global":
            payload = payloads.global_shortcut(self.workspace, person, callback_id)
        else:
            message = self.place(user, {"channel": channel, "ts": ts})
            if not isinstance(message, Message):
                return refusal("message_not_found")
            place = self.workspace.channels[message.channel]
            payload = payloads.message_shortcut(self.workspace, person, place, message, callback_id)
        return _answered(await self.workspace.delivery.interaction(payload))

    async def home(self, user: str) -> Answer:
        """Open the app's Home tab."""
        person, place = self._who_where(user, self.workspace.im(user).id)
        if person is None or place is None:
            return refusal("user_not_found")
        await self._event(payloads.home_opened(self.workspace, person, place))
        return OK

    async def action(
        self,
        user: str,
        container: dict[str, Any],
        block_id: str | None,
        action_id: str,
        action: dict[str, Any] | None = None,
        state: dict[str, Any] | None = None,
        seen: Blocks | None = None,
    ) -> Answer:
        """A click or choice. `seen` are the blocks that were on the screen, should they have changed since."""
        person = self.workspace.people.get(user)
        place = self.place(user, container)
        if person is None or place is None:
            return refusal("container_not_found")
        blocks = place.definition["blocks"] if isinstance(place, OpenView) else place.blocks
        found = find(blocks, action_id, block_id) or find(seen or [], action_id, block_id)
        if found is None:
            return refusal("action_not_found")
        block, element = found
        taken = {"type": element["type"], **(action or {})}
        self._enter(user, place, block["block_id"], element, taken, (state or {}).get("values", {}))
        if block["type"] == "input" and not block.get("dispatch_action"):
            return {"ok": True, "dispatched": False}
        outcome = await self._dispatch(person, place, _action(block, element, taken))
        if isinstance(place, OpenView):
            return self._view_trouble(place, outcome)
        return _answered(outcome)

    async def suggest(
        self, user: str, container: dict[str, Any], block_id: str | None, action_id: str, value: str
    ) -> Answer:
        """Ask the app for the options of an external select. Nothing is sent before `min_query_length` characters."""
        person, place = self.workspace.people.get(user), self.place(user, container)
        if person is None or place is None:
            return refusal("container_not_found")
        blocks = place.definition["blocks"] if isinstance(place, OpenView) else place.blocks
        found = find(blocks, action_id, block_id)
        if found is None:
            return refusal("action_not_found")
        if len(value) < found[1].get("min_query_length", 3):
            return {"ok": True, "options": []}
        asked = payloads.block_suggestion(self.workspace, person, place, found[0]["block_id"], action_id, value)
        return self._suggested(await self.workspace.delivery.interaction(asked), found[0]["block_id"], action_id)

    def place(self, user: str, container: dict[str, Any]) -> Message | OpenView | None:
        """The message or view that a container names, when this person can see it."""
        if container.get("type") == "view":
            view = self.workspace.views.get(str(container.get("view_id")))
            return view if view is not None and view.user == user else None
        channel, ts = container.get("channel"), container.get("ts")
        message = self.workspace.messages.get(str(channel or container.get("channel_id")), str(ts))
        return message if message is not None and message.ephemeral_to in (None, user) else None

    def _enter(
        self,
        user: str,
        place: Message | OpenView,
        block_id: str,
        element: dict[str, Any],
        taken: dict[str, Any],
        entered: dict[str, Any],
    ) -> None:
        if element["type"] in STATEFUL:
            actions = {**entered.get(block_id, {}), element["action_id"]: taken}
            entered = {**entered, block_id: actions}
        if isinstance(place, OpenView):
            self.workspace.views.touched(place, merged(place.values, entered))
            self.workspace.show_view(place)
        else:
            place.states[user] = merged(place.state_of(user), entered)

    async def _dispatch(self, person: Human, place: Message | OpenView, action: dict[str, Any]) -> Outcome:
        if isinstance(place, OpenView):
            payload = payloads.block_actions_in_view(self.workspace, person, place, action)
        else:
            channel = self.workspace.channels[place.channel]
            values = place.state_of(person.id)
            payload = payloads.block_actions_in_message(self.workspace, person, channel, place, action, values)
        return await self.workspace.delivery.interaction(payload)

    def _show_command_answer(self, user: str, place: Channel, command: str, outcome: Outcome) -> Answer:
        if not outcome.ok:
            error = "operation_timeout" if outcome.problem.endswith("timeout") else "dispatch_failed"
            self.workspace.tell(user, place.id, f'{command} failed with the error "{error}"')
            return refusal(error, shown=True)
        answer = _parsed(outcome.body)
        text, blocks = str(answer.get("text") or ""), answer.get("blocks") or []
        problems = check_message(blocks)
        if problems:
            self.workspace.tell(user, place.id, f'{command} failed with the error "invalid_blocks"')
            return refusal("invalid_blocks", shown=True, messages=problems)
        if text or blocks:
            only = None if answer.get("response_type") == "in_channel" else user
            bot = self.workspace.app.bot_user_id
            self.workspace.post(place.id, bot, text, blocks, bot=True, ephemeral_to=only)
        return OK

    def _view_trouble(self, view: OpenView, outcome: Outcome) -> Answer:
        if outcome.ok:
            return OK
        view.notice = TROUBLE
        self.workspace.show_view(view)
        return refusal("no_response", problem=outcome.problem, shown=True)

    def _suggested(self, outcome: Outcome, block_id: str, action_id: str) -> Answer:
        answer = _parsed(outcome.body) if outcome.ok else {}
        problems: list[tuple[str, str]] = []
        SUGGESTIONS(answer, "", problems)
        if not outcome.ok or problems or not answer:
            return refusal("no_response" if not outcome.ok else "invalid_options", messages=worded(problems))
        groups = answer.get("option_groups") or [answer]
        offered = [option for group in groups for option in group.get("options", [])]
        self.workspace.suggested[f"{block_id} {action_id}"] = offered
        return {"ok": True, **answer}

    async def _event(self, inner: dict[str, Any], about: Message | None = None) -> None:
        subscribed, kind = self.workspace.app.events, inner["type"]
        name = f"message.{inner['channel_type']}" if kind == "message" else kind
        if subscribed is None or name in subscribed:
            await self.workspace.delivery.event(
                payloads.event(self.workspace, inner), lambda outcome: self._mark(about, outcome)
            )

    def _mark(self, about: Message | None, outcome: Outcome) -> None:
        if about is not None and about.failed == outcome.ok:
            about.failed = not outcome.ok
            self.workspace.show(about)

    def _who_where(self, user: str, channel: str) -> tuple[Human | None, Channel | None]:
        place = self.workspace.channels.get(channel)
        if place is not None and place.kind == "im" and place.user != user:
            place = None
        return self.workspace.people.get(user), place

    def _file(self, user: str, given: dict[str, str]) -> dict[str, Any]:
        name, content = given.get("name", "file"), given.get("content", "").encode()
        file_id = self.workspace.new_id("F")
        self.workspace.uploads[file_id] = (name, content)
        private = f"{self.workspace.url}/files/{file_id}"
        described = {
            "id": file_id,
            "user": user,
            "size": len(content),
            "name": name,
            "title": name,
            "mimetype": given.get("mimetype", "application/octet-stream"),
            "filetype": name.rpartition(".")[2],
            "url_private": private,
            "url_private_download": f"{private}/download",
        }
        self.workspace.shared[file_id] = described
        return described


def _action(block: dict[str, Any], element: dict[str, Any], taken: dict[str, Any]) -> dict[str, Any]:
    sent = {"action_id": element["action_id"], "block_id": block["block_id"], "action_ts": payloads.action_ts()}
    if element["type"] in ("button", "workflow_button", "icon_button"):
        # What a button carries comes from the block, never from the client.
        kept = ("type", "text", "value", "style", "url")
        return {**sent, **{name: element[name] for name in kept if name in element}}
    kept = ("placeholder", "initial_option", "initial_options", "initial_date", "initial_time")
    return {**sent, **{name: element[name] for name in kept if name in element}, **taken}


def _answered(outcome: Outcome) -> Answer:
    return OK if outcome.ok else refusal("no_response", problem=outcome.problem)


def _parsed(body: str) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {"text": body.strip()}
    return answer if isinstance(answer, dict) else {"text": str(answer)}
