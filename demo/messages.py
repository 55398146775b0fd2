"""The messages of a workspace: unique, rising timestamps, edits, and messages that only one person sees."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from demo.state import Blocks, Values, fresh

SLACKBOT = "USLACKBOT"


@dataclass(slots=True, kw_only=True)
class Message:
    """One message. `ephemeral_to` names the only person who sees it; `states` holds what each person entered in it."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: Blocks = field(default_factory=list)
    bot: bool = False
    ephemeral_to: str | None = None
    edited: bool = False
    failed: bool = False
    files: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    states: dict[str, Values] = field(default_factory=dict)

    def state_of(self, user: str) -> Values:
        """What this person sees entered in the message now."""
        self.states[user] = fresh(self.blocks, self.states.get(user))
        return self.states[user]

    def as_page(self) -> dict[str, Any]:
        """The message as the browser page gets it."""
        return {
            "ts": self.ts,
            "user": self.user,
            "text": self.text,
            "blocks": self.blocks,
            "edited": self.edited,
            "ephemeral": self.ephemeral_to is not None,
            "bot": self.bot,
            "failed": self.failed,
            "files": self.files,
            "thread_ts": self.thread_ts,
            "username": "Slackbot" if self.user == SLACKBOT else None,
        }

    def as_slack(self, team_id: str, app_id: str, bot_id: str) -> dict[str, Any]:
        """The message object of API answers and payloads."""
        message: dict[str, Any] = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        message["team"] = team_id
        if self.bot:
            message |= {"bot_id": bot_id, "app_id": app_id}
        if self.blocks:
            message["blocks"] = self.blocks
        if self.edited:
            message["edited"] = {"user": self.user, "ts": self.ts}
        optional = {"files": self.files, "thread_ts": self.thread_ts, "metadata": self.metadata}
        return message | {name: value for name, value in optional.items() if value}


class MessageBook:
    """Every message by channel and timestamp, in the order of posting."""

    def __init__(self) -> None:
        self._by_channel: dict[str, dict[str, Message]] = {}
        self._last = 0

    def new_ts(self) -> str:
        """A timestamp later than every one before."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def add(self, message: Message) -> Message:
        self._by_channel.setdefault(message.channel, {})[message.ts] = message
        return message

    def get(self, channel: str, ts: str) -> Message | None:
        return self._by_channel.get(channel, {}).get(ts)

    def remove(self, message: Message) -> None:
        self._by_channel[message.channel].pop(message.ts, None)

    def seen_by(self, user: str, channel: str) -> list[Message]:
        """What this person sees in the channel, oldest first."""
        return [each for each in self._by_channel.get(channel, {}).values() if each.ephemeral_to in (None, user)]

    def everything(self) -> list[Message]:
        return list(itertools.chain.from_iterable(each.values() for each in self._by_channel.values()))
