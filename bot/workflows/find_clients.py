"""Type-ahead over one clinician's own clients."""

from bot.domain.errors import UserMistake
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.drafting.guards import check_client_code
from bot.workflows.desk import Desk

_MOST = 20


async def find_clients(desk: Desk, actor: Person | None, typed: str) -> list[tuple[str, str]]:
    """(code, label) of this clinician's clients that start with `typed`, recent ones first; a new code comes last."""
    clinician = allow(actor, ActKind.WRITE)
    prefix = typed.strip().upper()
    async with desk.database.reading(desk.id) as unit:
        recent = await unit.notes.client_codes(clinician.id, prefix, _MOST)
    listed = [client.code for client in desk.practice.clients_of(clinician.id) if client.code.startswith(prefix)]
    codes = list(dict.fromkeys([*recent, *listed]))[:_MOST]
    found = [(code, code) for code in codes]
    return found if not prefix or prefix in codes else [*found, *_new(typed)]


def _new(typed: str) -> list[tuple[str, str]]:
    try:
        code = check_client_code(typed)
    except UserMistake:
        return []  # no code yet, or a name: nothing to offer
    return [(code, f"{code} (new)")]
