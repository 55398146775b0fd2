"""How the people of one practice are reached in a chat. Addresses only: nothing here is clinical or sealed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, text, update
from sqlalchemy.engine import Connection

from bot.ports import Conversation
from storage.models import UtcTime, conversations
from storage.transaction import Transaction

_ADD = text(
    "INSERT INTO conversations (practice_id, platform, user_id, workspace, channel, service_url, bot_id, at)"
    " VALUES (:practice, :on, :who, :workspace, :channel, :service_url, :bot_id, :seen) ON CONFLICT DO NOTHING"
).bindparams(bindparam("seen", type_=UtcTime))
_THERE = (conversations.c.practice_id == bindparam("practice"), conversations.c.platform == bindparam("on"))
_THIS = (*_THERE, conversations.c.user_id == bindparam("who"))
_RENEW = (
    update(conversations)
    .where(*_THIS, conversations.c.at <= bindparam("seen", type_=UtcTime))
    .values(
        workspace=bindparam("workspace"),
        channel=bindparam("channel"),
        service_url=bindparam("service_url"),
        bot_id=bindparam("bot_id"),
        at=bindparam("seen", type_=UtcTime),
    )
)
_OF_USER = select(conversations).where(*_THIS)
_LATEST = select(conversations).where(*_THERE).order_by(conversations.c.at.desc()).limit(1)
_BY_CHANNEL = _LATEST.where(conversations.c.channel == bindparam("channel"))
_ANY_OF = _LATEST.where(conversations.c.workspace == bindparam("workspace"))


class SqlConversations:
    """See `bot.ports.Conversations`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def remember(self, conversation: Conversation, at: datetime) -> bool:
        asked = {
            "practice": self._transaction.practice,
            "on": conversation.platform,
            "who": conversation.user,
            "workspace": conversation.workspace,
            "channel": conversation.channel,
            "service_url": conversation.service_url,
            "bot_id": conversation.bot_id,
            "seen": at,
        }

        def write(connection: Connection) -> bool:
            if connection.execute(_ADD, asked).rowcount == 1:
                return True
            connection.execute(_RENEW, asked)
            return False

        return await self._transaction.write_now(write)

    async def of_user(self, platform: str, user: str) -> Conversation | None:
        return await self._one(_OF_USER, {"on": platform, "who": user})

    async def by_channel(self, platform: str, channel: str) -> Conversation | None:
        return await self._one(_BY_CHANNEL, {"on": platform, "channel": channel})

    async def any_of(self, platform: str, workspace: str) -> Conversation | None:
        return await self._one(_ANY_OF, {"on": platform, "workspace": workspace})

    async def _one(self, query: Select[Any], asked: dict[str, str]) -> Conversation | None:
        def read(connection: Connection) -> Conversation | None:
            row = connection.execute(query, {"practice": self._transaction.practice, **asked}).one_or_none()
            if row is None:
                return None
            return Conversation(row.platform, row.workspace, row.user_id, row.channel, row.service_url, row.bot_id)

        return await self._transaction.now(read)
