"""Slack's payloads as our own values. Pure; what people typed comes out as the characters they typed."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.ids import NoteId
from bot.domain.note import Session

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
    """A button, menu or picker that was used. `card` is (channel, ts) when it stands in a message.

    `item`: the opaque id of a part of the note (a statement, a point's number) when the button is about one.
    """

    action: str
    note_id: NoteId
    item: str
    chosen: str
    trigger_id: str
    card: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A dialog that was sent, or saved from within. `values`: input name → what stands in it, empty when nothing."""

    form: str
    note_id: NoteId
    version: int
    view_id: str
    values: Mapping[str, str]


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
    return Pressed(
        action=str(action.get("action_id", "")),
        note_id=NoteId(note_id),
        item=row.partition("-")[2],
        chosen=str(option.get("value") or action.get("selected_date") or ""),
        trigger_id=str(body.get("trigger_id", "")),
        card=card,
    )


def parse_submitted(body: Payload) -> Submitted:
    """A view with its state, from view_submission or from a button inside the view."""
    view = body["view"]
    note_id, _, version = str(view.get("private_metadata", "")).partition(":")
    return Submitted(
        form=str(view["callback_id"]),
        note_id=NoteId(note_id),
        version=int(version) if version.isdigit() else 0,
        view_id=str(view["id"]),
        values=parse_values(view),
    )


def parse_values(view: Payload) -> dict[str, str]:
    """Input name → text, date, time or chosen value; several that are ticked, with commas between."""
    state = _part(_part(view, "state"), "values")
    return {name: _value(next(iter(elements.values()))) for name, elements in state.items() if elements}


def parse_session(values: Mapping[str, str]) -> Session:
    """The session as filled in a form. Raises ValueError when a picker sent something impossible."""
    modality = values.get("modality", "")
    return Session(
        date=dt.date.fromisoformat(values["date"]) if values.get("date") else None,
        start=dt.time.fromisoformat(values["start"]) if values.get("start") else None,
        minutes=int(values["minutes"]) if values.get("minutes") else None,
        kind=values.get("kind") or "individual",
        modality="" if modality == "none" else modality,
    )


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
        _part(element, "selected_option").get("value") or element.get("selected_date") or element.get("selected_time")
    )
    return str(chosen or element.get("value") or "")
