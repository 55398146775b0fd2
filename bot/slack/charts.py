"""Sends cards with charts: a workspace that has no charts yet, or refuses one, gets the same figures as text."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError

from bot.cards.elements import Card
from bot.slack.render import Block, render_card

_Answer = TypeVar("_Answer")
_log = logging.getLogger("afternote.slack")
_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})


async def sent(card: Card, send: Callable[[list[Block]], Awaitable[_Answer]]) -> _Answer:
    """What `send` answers to the card's blocks. Raises what it raises, unless it is that Slack refuses the charts."""
    blocks = render_card(card)
    try:
        return await send(blocks)
    except SlackApiError as error:
        if _code(error) not in _REFUSED or not any(block["type"] == "data_visualization" for block in blocks):
            raise
    _log.info("charts are refused here: sent as text")
    return await send(render_card(card, charts=False))


def _code(error: SlackApiError) -> str:
    answer: Any = error.response
    return str(answer.get("error", "")) if answer else ""
