"""Cards that appear or change later than the act that caused them: Microsoft's connector as our `Chat`.

Teams gives no address to a person: the bot writes into conversations it has met, which are kept in our database.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from bot.cards import words
from bot.cards.elements import Card, Remark
from bot.domain.errors import EffectError, Permanent
from bot.domain.ids import PracticeId
from bot.logs import safe
from bot.ports import Clock, Conversation, Database, Place, Posted
from bot.teams.blocks import Block
from bot.teams.outgoing import Outgoing
from bot.teams.render import render_card

_log = logging.getLogger("afternote.teams")
PLATFORM = "teams"
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
_GONE = "teams_gone"


class Sending(Protocol):
    """What we ask of Microsoft's connector, one try each. Raises Temporary or Permanent (`teams_gone` for a 404)."""

    async def send(self, service_url: str, conversation_id: str, activity: Mapping[str, Any]) -> str: ...

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: Mapping[str, Any]
    ) -> object: ...

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> object: ...

    async def open_conversation(self, service_url: str, tenant_id: str, bot_id: str, user_id: str) -> str: ...

    async def begin_thread(
        self, service_url: str, tenant_id: str, bot_id: str, channel_id: str, activity: Mapping[str, Any]
    ) -> tuple[str, str]: ...


class TeamsChat:
    """Posts into the direct conversations of one practice's people with the bot, and into channels of its tenant.

    `dialogs`: whether their clients can open dialogs from a card.
    """

    def __init__(
        self,
        connector: Sending,
        database: Database,
        practice_id: PracticeId,
        tenant_id: str,
        clock: Clock,
        outgoing: Outgoing | None = None,
        *,
        dialogs: bool = True,
    ) -> None:
        self.dialogs = dialogs
        self._connector = connector
        self._database = database
        self._practice_id = practice_id
        self._tenant_id = tenant_id
        self._clock = clock
        self._outgoing = outgoing or Outgoing()
        self._service_urls: dict[str, str] = {}

    async def post(self, place: Place, card: Card) -> Posted:
        """Post a card. Raises Temporary when Teams is busy or unreachable, Permanent when it refuses.

        A message has no key by which a second one could be told: when its answer is lost, it stands there twice, and
        one of the two is never updated. So the first holds nothing, and what it is for comes as its update.
        `teams_no_conversation`: the person has not met the bot, and it cannot open a conversation with them.
        """
        waiting = Card(card.notice, (Remark(words.LOADING),))
        if place.channel:
            return await self._brought(await self._thread(place.channel, waiting), card)
        conversation = await self._conversation(place.user)
        return await self.say_in_two(conversation.service_url, conversation.channel, waiting, card)

    async def say_in_two(self, service_url: str, conversation_id: str, waiting: Card, said: Card | Block) -> Posted:
        """Post what holds nothing and bring `said` as its update; nothing is left behind when that fails."""
        posted = await self._sent(service_url, conversation_id, self._message(waiting))
        if not posted.ts:  # Teams gave no id, so there is nothing to bring it to
            return await self._sent(service_url, conversation_id, self._message(said))
        return await self._brought(posted, said)

    async def _brought(self, posted: Posted, said: Card | Block) -> Posted:
        try:
            await self.replace(posted, said)
        except EffectError:
            with contextlib.suppress(EffectError):  # what is left then is a line that says “One moment…”
                await self.delete(posted)
            raise
        return posted

    async def _thread(self, channel: str, said: Card) -> Posted:
        """A thread of its own in a channel. Its address is that of the thread, with its `;messageid=`."""
        async with self._database.reading(self._practice_id) as unit:
            known = await unit.conversations.any_of(PLATFORM, self._tenant_id)
        if known is None:
            raise _no_conversation()
        url, tenant, bot_id, activity = known.service_url, self._tenant_id, known.bot_id, self._message(said)
        thread, message = await self._outgoing.patiently(
            channel, lambda: self._connector.begin_thread(url, tenant, bot_id, channel, activity)
        )
        return Posted(PLATFORM, tenant, thread, message or thread.rpartition(";messageid=")[2])

    async def update(self, posted: Posted, card: Card) -> bool:
        """Replace a card; False when somebody deleted it."""
        return await self.replace(posted, card)

    async def replace(self, posted: Posted, said: Card | Block) -> bool:
        """What stands from now on in the place of a message; False when somebody deleted it."""
        activity = self._message(said)
        return await self._changed(posted, lambda url: self._connector.update(url, posted.channel, posted.ts, activity))

    async def delete(self, posted: Posted) -> None:
        """Remove a card; harmless when it is gone."""
        await self._changed(posted, lambda url: self._connector.delete(url, posted.channel, posted.ts))

    async def say(self, service_url: str, conversation_id: str, said: str | Card | Block, reply_to: str = "") -> Posted:
        """Say something in a conversation that is at hand, a sentence, a card or a form. Fails as `post` does.

        Others may read along unless the conversation is a direct one.
        """
        activity = self._message(said)
        return await self._sent(
            service_url, conversation_id, activity | {"replyToId": reply_to} if reply_to else activity
        )

    async def typing(self, conversation: Conversation) -> None:
        """Show that the bot is at work. A courtesy: a failure is logged and nothing else."""
        url, channel = conversation.service_url, conversation.channel
        try:
            await self._outgoing.once(channel, lambda: self._connector.send(url, channel, {"type": "typing"}))
        except EffectError as error:
            _log.info("typing is not shown: %s", safe(error))

    async def _sent(self, service_url: str, channel: str, activity: Mapping[str, Any]) -> Posted:
        activity_id = await self._outgoing.patiently(
            channel, lambda: self._connector.send(service_url, channel, activity)
        )
        return Posted(PLATFORM, self._tenant_id, channel, activity_id)

    async def _changed(self, posted: Posted, change: Callable[[str], Awaitable[object]]) -> bool:
        """Whether the card was there to be changed. What stands in another tenant is none of this practice's.

        A card to which Teams gave no id stands, and can never be changed.
        """
        if posted.workspace != self._tenant_id or not posted.ts:
            return posted.workspace == self._tenant_id
        known = posted.channel in self._service_urls
        url = await self._service_url(posted.channel)
        if await self._changed_at(url, posted, change):
            return True
        self._service_urls.pop(posted.channel, None)
        moved = await self._service_url(posted.channel) if known else url
        return moved != url and await self._changed_at(moved, posted, change)

    async def _changed_at(self, url: str, posted: Posted, change: Callable[[str], Awaitable[object]]) -> bool:
        try:
            await self._outgoing.patiently(posted.channel, lambda: change(url))
        except EffectError as error:
            if error.code != _GONE:
                self._service_urls.pop(posted.channel, None)  # it may have moved
                raise
            _log.info("card is gone: %s", error.code)
            return False
        return True

    async def _conversation(self, user: str) -> Conversation:
        """Where this person is reached; a conversation is opened when there is none."""
        async with self._database.reading(self._practice_id) as unit:
            known = await unit.conversations.of_user(PLATFORM, user)
            if known and known.workspace == self._tenant_id:
                return known
            other = await unit.conversations.any_of(PLATFORM, self._tenant_id)
        if other is None:
            raise _no_conversation()
        return await self._opened(user, other)

    async def _opened(self, user: str, other: Conversation) -> Conversation:
        """A new conversation where `other` of the same tenant is. Opening it twice gives the same one."""
        url, bot_id = other.service_url, other.bot_id
        try:
            channel = await self._outgoing.patiently(
                user, lambda: self._connector.open_conversation(url, self._tenant_id, bot_id, user)
            )
        except Permanent as error:
            _log.warning("a conversation cannot be opened: %s", safe(error))
            raise _no_conversation() from None
        opened = Conversation(PLATFORM, self._tenant_id, user, channel, url, bot_id)
        async with self._database.writing(self._practice_id) as unit:
            await unit.conversations.remember(opened, self._clock.now())
            await unit.commit()
        return opened

    async def _service_url(self, channel: str) -> str:
        if channel not in self._service_urls:
            async with self._database.reading(self._practice_id) as unit:
                found = await unit.conversations.by_channel(PLATFORM, channel)
                if found is None or found.workspace != self._tenant_id:
                    found = await unit.conversations.any_of(PLATFORM, self._tenant_id)
            if found is None:
                raise _no_conversation()
            self._service_urls[channel] = found.service_url
        return self._service_urls[channel]

    def _message(self, said: str | Card | Block) -> dict[str, Any]:
        """The activity that says it. Beside a card stands only its notice: notifications show that."""
        if isinstance(said, str):
            return {"type": "message", "text": said, "textFormat": "plain"}
        content = render_card(said, self.dialogs) if isinstance(said, Card) else said
        attachment = {"contentType": CARD_TYPE, "content": content}
        return {"type": "message", "summary": content["fallbackText"], "attachments": [attachment]}


def _no_conversation() -> Permanent:
    return Permanent("teams_no_conversation")
