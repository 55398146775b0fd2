"""How a call to the connector is written, paths and bodies. Pure; whether it may be made is others' matter."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.domain.errors import Permanent

CONVERSATIONS = "/v3/conversations"


def messages_path(conversation_id: str) -> str:
    """Where messages of a conversation are posted."""
    return f"{CONVERSATIONS}/{quote(conversation_id, safe='')}/activities"


def message_path(conversation_id: str, activity_id: str) -> str:
    """Where one message is. Raises Permanent `teams_no_id` for one that Teams gave no id."""
    return f"{messages_path(conversation_id)}/{quote(needed(activity_id), safe='')}"


def needed(found: str) -> str:
    """An id without which nothing can go on. Raises Permanent `teams_no_id` for none."""
    if not found:
        raise Permanent("teams_no_id")
    return found


def direct_conversation(tenant_id: str, bot_id: str, user_id: str) -> dict[str, Any]:
    """Asks for the 1:1 chat of the bot with a person."""
    return {
        "isGroup": False,
        "bot": {"id": bot_id},
        "members": [{"id": user_id}],
        "tenantId": tenant_id,
        "channelData": {"tenant": {"id": tenant_id}},
    }


def channel_post(tenant_id: str, bot_id: str, channel_id: str, activity: Mapping[str, Any]) -> dict[str, Any]:
    """Begins a thread in a channel of a team with this message."""
    return {
        "isGroup": True,
        "bot": {"id": bot_id},
        "tenantId": tenant_id,
        "channelData": {"channel": {"id": channel_id}, "tenant": {"id": tenant_id}},
        "activity": dict(activity),
    }


def written(body: Mapping[str, Any]) -> bytes:
    """As cards are measured: the SDK writes a letter beyond ASCII in six bytes, and 20 KB of Cyrillic become 59."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
