"""Slack's payloads as our own values. Pure; what people typed comes out as the characters they typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.acts.presses import Press
from bot.acts.sent_forms import Sent
from bot.domain.ids import NoteId

Payload = Mapping[str, Any]
_LINK = re.compile(r"<(?P<target>(?:https?|mailto|tel):[^|>]*)(?:\|(?P<label>[^>]*))?>")
_MENTION = re.compile(r"<[@#!](?P<id>[^|>]+)(?:\|(?P<label>[^>]*))?>")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who acted, in which workspace."""

    team_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed, and how to answer. `card` is (channel, ts) when it stands in a message."""

    press: Press
    trigger_id: str
    card: tuple[str, str] | None


def parse_sender(body: Payload) -> Sender:
    """Who acted; interactions, commands and events name it in three ways."""
    user = _part(body, "user")
    team_id = body.get("team_id") or _part(body, "team").get("id") or user.get("team_id") or ""
    return Sender(str(team_id), str(body.get("user_id") or user.get("id") or _part(body, "event").get("user") or ""))


def parse_pressed(body: Payload) -> Pressed:
    """The first action of a block_actions payload."""
    action = body["actions"][0]
    option = _part(action, "selected_option")
    container = _part(body, "container")
    card = (container["channel_id"], container["message_ts"]) if container.get("type") == "message" else None
    row, _, note_id = str(action.get("block_id", "")).partition(":")
    press = Press(
        action=str(action.get("action_id", "")),
        note_id=NoteId(note_id),
        item=row.partition("-")[2],
        chosen=str(option.get("value") or action.get("selected_date") or ""),
    )
    return Pressed(press, str(body.get("trigger_id", "")), card)


def parse_submitted(body: Payload) -> Sent:
    """A view with its state, from view_submission or from a button inside the view."""
    view = body["view"]
    note_id, _, version = str(view.get("private_metadata", "")).partition(":")
    return Sent(
        form=str(view["callback_id"]),
        note_id=NoteId(note_id),
        version=int(version) if version.isdigit() else 0,
        values=parse_values(view),
        delivery=f"slack:view:{view['id']}",
    )


def parse_values(view: Payload) -> dict[str, str]:
    """Input name → text, date, time or chosen value; several that are ticked, with commas between."""
    state = _part(_part(view, "state"), "values")
    return {name: _value(next(iter(elements.values()))) for name, elements in state.items() if elements}


def plain_text(text: str) -> str:
    """Undo Slack's wire encoding: links and mentions as they read, then `&amp;`, `&lt;`, `&gt;`."""
    text = _LINK.sub(lambda m: m["label"] or m["target"].removeprefix("mailto:").removeprefix("tel:"), text)
    text = _MENTION.sub(lambda m: m["label"] or f"@{m['id']}", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _part(body: Payload, key: str) -> Payload:
    """A nested object; empty when it is absent or null."""
    part: Payload | None = body.get(key)
    return part or {}


def _value(element: Payload) -> str:
    ticked: Sequence[Payload] | None = element.get("selected_options")
    if ticked is not None:
        return ",".join(str(option["value"]) for option in ticked)
    chosen = (
        _part(element, "selected_option").get("value")
        or element.get("selected_user")
        or element.get("selected_date")
        or element.get("selected_time")
    )
    return str(chosen or element.get("value") or "")
