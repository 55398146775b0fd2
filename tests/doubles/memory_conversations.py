"""How people are reached, in memory."""

from collections.abc import Callable
from datetime import datetime

from bot.ports import Conversation

_Kept = dict[tuple[str, str], tuple[datetime, Conversation]]


class MemoryConversations:
    """See `bot.ports.Conversations`. `reads` and `changes` give those of the unit's store, or refuse."""

    def __init__(self, reads: Callable[[], _Kept], changes: Callable[[], _Kept]) -> None:
        self._reads, self._changes = reads, changes

    async def remember(self, conversation: Conversation, at: datetime) -> bool:
        kept, key = self._changes(), (conversation.platform, conversation.user)
        known = kept.get(key)
        if known is None or known[0] <= at:
            kept[key] = (at, conversation)
        return known is None

    async def of_user(self, platform: str, user: str) -> Conversation | None:
        _, known = self._reads().get((platform, user), (None, None))
        return known

    async def by_channel(self, platform: str, channel: str) -> Conversation | None:
        return self._latest(lambda known: (known.platform, known.channel) == (platform, channel))

    async def any_of(self, platform: str, workspace: str) -> Conversation | None:
        return self._latest(lambda known: (known.platform, known.workspace) == (platform, workspace))

    def _latest(self, wanted: Callable[[Conversation], bool]) -> Conversation | None:
        found = [(at, known) for at, known in self._reads().values() if wanted(known)]
        return max(found, key=lambda pair: pair[0])[1] if found else None
