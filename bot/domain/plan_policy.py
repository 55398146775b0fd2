"""Whose plan it is: who may read it, who may change it. Asked by every workflow that touches a plan."""

from bot.domain.errors import NotAllowed
from bot.domain.people import Person, Practice, Role
from bot.domain.plan import Plan

_NOT_ON_ROSTER = "You are not on this practice's list yet. Ask your administrator to add you."
_NOT_CLINICIAN = "Your role does not read treatment plans. If that is wrong, your administrator can change it."
_NOT_YOUR_CLIENT = "This client is in another clinician's care, so their treatment plan stays with that clinician."
_ONLY_READ = "You may read this plan as a supervisor; only the client's own clinician can change it."


def may_read_plan(practice: Practice, actor: Person | None, client_code: str, plan: Plan | None) -> bool:
    """Whether this person may see the client's plan: their clinician, or a supervisor."""
    return actor is not None and (_is_supervisor(actor) or _cares_for(practice, actor, client_code, plan))


def may_change_plan(practice: Practice, actor: Person | None, client_code: str, plan: Plan | None) -> bool:
    """Whether this person may start or change it: the clinician of the plan, or of the caseload."""
    return actor is not None and _cares_for(practice, actor, client_code, plan)


def allow_plan(
    practice: Practice, actor: Person | None, client_code: str, plan: Plan | None, *, change: bool = False
) -> Person:
    """The actor, when they may. Raises NotAllowed with the reason in words."""
    if actor is None:
        raise NotAllowed("not_on_roster", _NOT_ON_ROSTER)
    if may_change_plan(practice, actor, client_code, plan):
        return actor
    if _is_supervisor(actor):
        if change:
            raise NotAllowed("plan_read_only", _ONLY_READ)
        return actor
    if not actor.writes:
        raise NotAllowed("no_plans", _NOT_CLINICIAN)
    raise NotAllowed("not_your_client", _NOT_YOUR_CLIENT)


def _cares_for(practice: Practice, person: Person, client_code: str, plan: Plan | None) -> bool:
    """The plan's own clinician, the caseload's; for a client whom neither names, any clinician may start a plan."""
    if not person.writes:
        return False
    listed = {client.clinician for client in practice.clients if client.code.upper() == client_code.upper()}
    carers = listed | {plan.clinician_id} if plan else listed
    return person.id in carers or not carers


def _is_supervisor(person: Person) -> bool:
    return Role.SUPERVISOR in person.roles
