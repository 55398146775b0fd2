"""The workspace: who is in it, what has been said, which views are open, and who is watching.

It holds state and tells watchers about changes; `demo.webapi` changes it for the app, `demo.client` for people.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from demo.cast import App, Channel, Human, Timing
from demo.delivery import Delivery
from demo.faults import Faults, RateLimits
from demo.messages import SLACKBOT, Message, MessageBook
from demo.state import Blocks, identified
from demo.tickets import ResponseUrls, Tokens, Triggers
from demo.views import OpenView, ViewStacks


class Sent(NamedTuple):
    """One body that the app sent: an API method, `response_url`, or `ack` for the answer to a delivery."""

    method: str
    body: bytes


class Workspace:
    """One Slack workspace with one installed app. `clock` counts seconds for deadlines only."""

    def __init__(
        self,
        team_id: str,
        team_name: str,
        people: Iterable[Human],
        channels: Iterable[Channel],
        app: App,
        request_url: str | None = None,
        *,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
        notes_folder: Path | None = None,
        on_samples: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self.team_id, self.team_name, self.app = team_id, team_name, app
        self.people = {person.id: person for person in people}
        self.channels = {channel.id: channel for channel in (*channels, *map(self.im, self.people))}
        self.timing, self.clock = timing or Timing(), clock
        self.notes_folder, self.on_samples = notes_folder, on_samples
        self.url = ""
        self.filed_page = ""  # where the page links to for filed documents, if anywhere
        self.sent: list[Sent] = []
        self.faults, self.rates = Faults(), RateLimits(clock)
        self.messages = MessageBook()
        self.views = ViewStacks(self.new_id, lambda: f"{int(time.time())}.{secrets.token_hex(4)}")
        self.triggers, self.response_urls = Triggers(clock, self.timing), ResponseUrls(clock, self.timing)
        self.tokens = Tokens(app, clock)
        self.uploads: dict[str, tuple[str, bytes | None]] = {}
        self.shared: dict[str, dict[str, Any]] = {}  # what people sent, as Slack describes it
        self.suggested: dict[str, list[dict[str, Any]]] = {}
        self.delivery = Delivery(app, self.timing, self.faults, self.record)
        self.delivery.request_url = request_url
        self._watchers: list[tuple[str, asyncio.Queue[dict[str, Any]]]] = []
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def request_url(self) -> str | None:
        """Where the app listens; None delivers over Socket Mode."""
        return self.delivery.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.delivery.request_url = url

    @property
    def ids(self) -> tuple[str, str, str]:
        """Team, app and bot id, as message and view objects carry them."""
        return self.team_id, self.app.app_id, self.app.bot_id

    def new_id(self, prefix: str) -> str:
        return prefix + secrets.token_hex(5).upper()

    def record(self, method: str, body: bytes) -> None:
        self.sent.append(Sent(method, body))

    def im(self, user: str) -> Channel:
        """The direct conversation of this person with the bot."""
        return Channel(f"D{user[1:]}", self.app.name, "im", user)

    def conversation(self, id_: str) -> Channel | None:
        """A channel by id; a person's id means the direct conversation."""
        return self.channels.get(self.im(id_).id if id_ in self.people else id_)

    def conversations_of(self, user: str) -> list[Channel]:
        return [each for each in self.channels.values() if each.kind == "channel" or each.user == user]

    def post(self, channel: str, user: str, text: str, blocks: Blocks | None = None, **settings: Any) -> Message:
        """Add a message and show it to those who are in the channel."""
        named = identified(blocks or [], lambda: self.new_id("b"))
        message = Message(ts=self.messages.new_ts(), channel=channel, user=user, text=text, blocks=named, **settings)
        self.show(self.messages.add(message))
        return message

    def edit(self, message: Message, text: str | None = None, blocks: Blocks | None = None) -> None:
        """Change what a message says; None leaves that part alone."""
        if text is not None:
            message.text = text
        if blocks is not None:
            message.blocks = identified(blocks, lambda: self.new_id("b"))
        message.edited = True
        self.show(message)

    def remove(self, message: Message) -> None:
        self.messages.remove(message)
        gone = {"type": "message_deleted", "channel": message.channel, "ts": message.ts}
        self._push(self._viewers(message), gone)

    def show(self, message: Message) -> None:
        """Tell watchers about a new or changed message."""
        news = {"type": "message", "channel": message.channel, "message": message.as_page()}
        self._push(self._viewers(message), news)

    def show_views(self, user: str) -> None:
        self._push([user], self.views_news(user))

    def show_view(self, view: OpenView) -> None:
        """Tell the watcher about a change of a modal or of the Home tab, whichever this view is."""
        home = self.views.homes.get(view.user) is view
        self._push([view.user], self.home_news(view.user) if home else self.views_news(view.user))

    def views_news(self, user: str) -> dict[str, Any]:
        return {"type": "views", "stack": [view.as_page() for view in self.views.stack(user)]}

    def home_news(self, user: str) -> dict[str, Any]:
        home = self.views.homes.get(user)
        return {"type": "home", "view": home.as_page() if home else None}

    def notice(self, user: str, text: str, level: Literal["info", "error"] = "info") -> None:
        """Show a line that belongs to no message."""
        self._push([user], {"type": "notice", "text": text, "level": level})

    def files_changed(self) -> None:
        self._push(list(self.people), {"type": "files"})

    def tell(self, user: str, channel: str, text: str) -> None:
        """A message from Slackbot that only this person sees."""
        self.post(channel, SLACKBOT, text, ephemeral_to=user)

    def watch(self, user: str) -> asyncio.Queue[dict[str, Any]]:
        """From now on every change that this person sees."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._watchers.append((user, queue))
        return queue

    def unwatch(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        self._watchers = [each for each in self._watchers if each[1] is not queue]

    async def changed(self) -> None:
        """Wait for the next change of anything that a person sees."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    async def stop(self) -> None:
        await self.delivery.stop()

    def _viewers(self, message: Message) -> list[str]:
        if message.ephemeral_to is not None:
            return [message.ephemeral_to]
        channel = self.channels[message.channel]
        return [channel.user] if channel.kind == "im" else list(self.people)

    def _push(self, users: list[str], news: dict[str, Any]) -> None:
        for user, queue in self._watchers:
            if user in users:
                queue.put_nowait(news)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
