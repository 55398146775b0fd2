"""With an empty roster, who brings the bot into a practice's workspace becomes its administrator."""

from bot.acts.front import Front
from bot.domain.people import Account
from bot.workflows.people import first_administrator


async def first_person(front: Front, user: str, name: str) -> bool:
    """Whether this user became the practice's first person; False when somebody is on its roster."""
    if not user:
        return False
    made = await first_administrator(front.desk, Account(front.platform, user), name, front.platform)
    return made is not None
