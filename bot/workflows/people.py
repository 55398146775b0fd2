"""The practice's people who come from its chats. Stands in until the roster is kept in the database."""

from bot.domain.people import Account, Person
from bot.workflows.desk import Desk


async def first_administrator(desk: Desk, account: Account, name: str, via: str) -> Person | None:
    """Make who brought the bot the practice's administrator; None when somebody is on the roster."""
    return None
