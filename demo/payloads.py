"""The bodies that Slack sends: slash commands, interactions and events, with every field an app may read."""

import html
import re
import secrets
import time
from typing import Any

from demo.cast import Channel, Human
from demo.messages import Message
from demo.state import Values
from demo.views import OpenView
from demo.workspace import Workspace

Payload = dict[str, Any]


def escaped(text: str) -> str:
    """Text as Slack keeps and sends it: control characters as entities, mentions as they are."""
    parts = re.split(r"(<[@#!][\w|^.-]+>)", text)
    return "".join(part if index % 2 else html.escape(part, quote=False) for index, part in enumerate(parts))


def _domain(workspace: Workspace) -> str:
    return "".join(c for c in workspace.team_name.lower().replace(" ", "-") if c.isalnum() or c == "-")


def _channel_name(channel: Channel) -> str:
    return "directmessage" if channel.kind == "im" else channel.name


def slash_command(workspace: Workspace, person: Human, channel: Channel, command: str, text: str) -> dict[str, str]:
    """The form of a slash command."""
    return {
        "token": workspace.app.verification_token,
        "team_id": workspace.team_id,
        "team_domain": _domain(workspace),
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": escaped(text),
        "api_app_id": workspace.app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url(workspace, channel, person),
        "trigger_id": workspace.triggers.issue(person.id),
    }


def response_url(workspace: Workspace, channel: Channel, person: Human, message_ts: str | None = None) -> str:
    return f"{workspace.url}/response/{workspace.response_urls.issue(channel.id, person.id, message_ts)}"


def _interaction(workspace: Workspace, kind: str, person: Human, in_view: bool = False) -> Payload:
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": workspace.team_id,
        },
        "api_app_id": workspace.app.app_id,
        "token": workspace.app.verification_token,
        "team": {"id": workspace.team_id, "domain": _domain(workspace)},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": workspace.triggers.issue(person.id, in_view),
    }


def _from_message(workspace: Workspace, message: Message, channel: Channel) -> Payload:
    ephemeral = message.ephemeral_to is not None
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    place: Payload = {"container": container, "channel": {"id": channel.id, "name": _channel_name(channel)}}
    # Slack does not send the content of an ephemeral message back.
    return place if ephemeral else {**place, "message": message.as_slack(*workspace.ids)}


def block_actions_in_message(
    workspace: Workspace, person: Human, channel: Channel, message: Message, action: Payload, values: Values
) -> Payload:
    """A click or choice in a message."""
    return {
        **_interaction(workspace, "block_actions", person),
        **_from_message(workspace, message, channel),
        "state": {"values": values},
        "response_url": response_url(workspace, channel, person, message.ts),
        "actions": [action],
    }


def block_actions_in_view(workspace: Workspace, person: Human, view: OpenView, action: Payload) -> Payload:
    """A click or choice in a modal or Home view."""
    return {
        **_interaction(workspace, "block_actions", person, in_view=view.definition["type"] == "modal"),
        "container": {"type": "view", "view_id": view.id},
        "view": view.as_slack(*workspace.ids),
        "actions": [action],
    }


def view_submission(workspace: Workspace, person: Human, view: OpenView) -> Payload:
    """The person has pressed a modal's submit button."""
    return {
        **_interaction(workspace, "view_submission", person, in_view=True),
        "view": view.as_slack(*workspace.ids),
        "response_urls": [],
    }


def view_closed(workspace: Workspace, person: Human, view: OpenView, is_cleared: bool) -> Payload:
    """The person has closed a modal (`is_cleared`: the whole stack at once)."""
    payload = _interaction(workspace, "view_closed", person)
    del payload["trigger_id"]
    return {**payload, "view": view.as_slack(*workspace.ids), "is_cleared": is_cleared}


def block_suggestion(
    workspace: Workspace, person: Human, place: Message | OpenView, block_id: str, action_id: str, value: str
) -> Payload:
    """A type-ahead query of an external select."""
    payload = _interaction(workspace, "block_suggestion", person)
    del payload["trigger_id"]
    asked = {"action_id": action_id, "block_id": block_id, "value": value}
    if isinstance(place, OpenView):
        container = {"type": "view", "view_id": place.id}
        return {**payload, **asked, "container": container, "view": place.as_slack(*workspace.ids)}
    return {**payload, **asked, **_from_message(workspace, place, workspace.channels[place.channel])}


def message_shortcut(
    workspace: Workspace, person: Human, channel: Channel, message: Message, callback_id: str
) -> Payload:
    """A shortcut from a message's menu."""
    return {
        **_interaction(workspace, "message_action", person),
        "callback_id": callback_id,
        "action_ts": action_ts(),
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "message": message.as_slack(*workspace.ids),
        "response_url": response_url(workspace, channel, person, message.ts),
    }


def global_shortcut(workspace: Workspace, person: Human, callback_id: str) -> Payload:
    """A shortcut from the search bar or composer."""
    shortcut = _interaction(workspace, "shortcut", person)
    return {**shortcut, "callback_id": callback_id, "action_ts": action_ts()}


def action_ts() -> str:
    return f"{time.time():.6f}"


def event(workspace: Workspace, inner: Payload) -> Payload:
    """An event in its envelope."""
    authorization = {
        "enterprise_id": None,
        "team_id": workspace.team_id,
        "user_id": workspace.app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": workspace.app.verification_token,
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(time.time()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": secrets.token_urlsafe(24),
    }


def said(workspace: Workspace, message: Message, typed: str, channel: Channel, client_msg_id: str) -> Payload:
    """The inner event for what a person wrote: `message` in the bot's conversation, else `app_mention`."""
    inner: Payload = {
        "type": "message" if channel.kind == "im" else "app_mention",
        "user": message.user,
        "ts": message.ts,
        "client_msg_id": client_msg_id,
        "text": message.text,
        "team": workspace.team_id,
        "channel": channel.id,
        "event_ts": message.ts,
    }
    if channel.kind == "im":
        inner["channel_type"] = "im"
    if message.files:
        inner |= {"subtype": "file_share", "files": message.files, "upload": False}
    else:
        inner["blocks"] = [_as_rich_text(workspace, typed)]
    return inner


def _as_rich_text(workspace: Workspace, text: str) -> Payload:
    elements = [{"type": "text", "text": text}] if text else []
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": workspace.new_id("b"), "elements": [section]}


def home_opened(workspace: Workspace, person: Human, channel: Channel) -> Payload:
    """The inner event for opening the app's Home tab."""
    inner: Payload = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": "home",
        "event_ts": action_ts(),
    }
    home = workspace.views.homes.get(person.id)
    return inner if home is None else {**inner, "view": home.as_slack(*workspace.ids)}
