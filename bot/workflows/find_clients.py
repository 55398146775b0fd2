"""Type-ahead over one clinician's own clients and, where the practice wants it, the record's."""

from bot.domain.errors import UserMistake
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.drafting.guards import check_client_code
from bot.workflows.desk import Desk

_MOST = 20


async def find_clients(desk: Desk, actor: Person | None, typed: str) -> list[tuple[str, str]]:
    """(code, label) of clients whose code starts with `typed`: this clinician's own, recent ones first, then those that
    the record knows and the practice's file gives to nobody else; a new code comes last.
    """
    clinician = allow(actor, ActKind.WRITE)
    prefix = typed.strip().upper()
    async with desk.database.reading(desk.id) as unit:
        recent = await unit.notes.client_codes(clinician.id, prefix, _MOST)
    listed = [client.code for client in desk.practice.clients_of(clinician.id) if client.code.startswith(prefix)]
    own = list(dict.fromkeys([*recent, *listed]))[:_MOST]
    codes = [*own, *await _of_the_record(desk, clinician, prefix, own)]
    found = [(code, code) for code in codes]
    return found if not prefix or prefix in codes else [*found, *_new(typed)]


async def _of_the_record(desk: Desk, clinician: Person, prefix: str, own: list[str]) -> list[str]:
    """What the record adds. Of a colleague's client nothing is said here, as of before there was a record to ask."""
    if desk.suggestions is None or len(own) >= _MOST:
        return []
    colleagues = {client.code.upper() for client in desk.practice.clients if client.clinician != clinician.id}
    known = {code.upper() for code in own} | colleagues
    found = await desk.suggestions.like(prefix, _MOST + len(known))
    codes = dict.fromkeys(code for each in found if (code := _usable(each)) and code not in known)
    return list(codes)[: _MOST - len(own)]


def _usable(found: str) -> str:
    """The code as a note bears it, empty when none can: a record may hold anything in its place, even a name."""
    try:
        return check_client_code(found)
    except UserMistake:
        return ""


def _new(typed: str) -> list[tuple[str, str]]:
    try:
        code = check_client_code(typed)
    except UserMistake:
        return []  # no code yet, or a name: nothing to offer
    return [(code, f"{code} (new)")]
