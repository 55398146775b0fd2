"""Who and what a workspace starts with: people, channels, the installed app, and how long Slack waits."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Human:
    """A person of the workspace."""

    id: str
    name: str
    real_name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation. For an `im`, `user` is the person on the other side of the bot."""

    id: str
    name: str
    kind: Literal["channel", "im"] = "channel"
    user: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as the manifest declares it."""

    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A global or message shortcut as the manifest declares it."""

    callback_id: str
    name: str
    type: Literal["message", "global"]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Slack's waits in seconds; tests shorten them. `retries` are the waits before the second, third and fourth try."""

    ack: float = 3.0
    trigger: float = 3.0
    response_url: float = 1800.0
    retries: tuple[float, ...] = (0.0, 60.0, 300.0)


def _secret(value: str) -> Any:
    return field(default=value, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The app under test as Slack knows it. `events` None delivers every event type, subscribed or not."""

    app_id: str
    bot_user_id: str
    bot_id: str
    name: str = "Afternote"
    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    app_token: str = _secret("xapp-1-local")
    client_id: str = "1.1"
    client_secret: str = _secret("local-client-secret")
    verification_token: str = _secret("local-verification-token")
    token_rotation: bool = False
    scopes: tuple[str, ...] = ("commands", "chat:write", "files:read", "im:history", "im:write", "users:read")
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: frozenset[str] | None = None

    @classmethod
    def from_manifest(cls, path: Path, **settings: Any) -> "App":
        """Read name, commands, shortcuts, scopes and event subscriptions from a Slack app manifest."""
        manifest = json.loads(path.read_text(encoding="utf-8"))
        features = manifest.get("features", {})
        subscribed = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events")
        scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot")
        read: dict[str, Any] = {
            "commands": commands_of(features.get("slash_commands", [])),
            "shortcuts": shortcuts_of(features.get("shortcuts", [])),
            "events": None if subscribed is None else frozenset(subscribed),
        }
        if scopes:
            read["scopes"] = tuple(scopes)
        if name := features.get("bot_user", {}).get("display_name"):
            read["name"] = name
        return cls(**{**read, **settings})


def commands_of(declared: Iterable[dict[str, Any]]) -> tuple[Command, ...]:
    """The manifest's `features.slash_commands`."""
    return tuple(Command(each["command"], each.get("description", ""), each.get("usage_hint", "")) for each in declared)


def shortcuts_of(declared: Iterable[dict[str, Any]]) -> tuple[Shortcut, ...]:
    """The manifest's `features.shortcuts`."""
    return tuple(
        Shortcut(each["callback_id"], each["name"], each["type"], each.get("description", "")) for each in declared
    )
