"""What `afternote check` says of a FHIR server: its CapabilityStatement against what the profile counts on.

No probe document is ever put into a chart, since FHIR cannot surely remove it. That a second note is refused is taken
from the CapabilityStatement, and proven with each note by searching and reading back.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from adapters.fhir.client import KIND, Resource, mappings
from adapters.fhir.profiles import Encounters, Profile
from adapters.http import Answer
from bot.domain.errors import EffectError
from bot.domain.filing import Reason, code_of, reason_in

_SKEW = 120  # seconds
_WORDS = {
    Reason.UNREACHABLE: "cannot be reached: check base_url, and the network of this machine",
    Reason.TIMEOUT: "does not answer in time: try again, or raise timeout_seconds",
    Reason.BUSY: "is busy: try again later",
    Reason.BROKEN: "fails: ask its administrator to look at it",
    Reason.NOT_ALLOWED: "refuses the credentials or their rights: check the token, or client_id, scope and the key"
    " registered for it",
    Reason.UNTRUSTED: "has a certificate that is not trusted: set ca_file to the authority that issued it",
    Reason.NO_PLACE: "has nothing at that address: check base_url",
    Reason.NONSENSE: "gives answers that make no sense: check that base_url is that of a FHIR R4 server",
}
_REFUSED_THERE = "check client_id, scope, the key registered for it (and its key_id), and this machine's clock"


def statement_of(answer: Answer) -> Resource | None:
    """The CapabilityStatement, None when it is something else."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    is_one = isinstance(found, dict) and cast(Mapping[str, Any], found).get("resourceType") == "CapabilityStatement"
    return cast(Resource, found) if answer.status == 200 and is_one else None


def capability_problems(
    statement: Resource, profile: Profile, encounters: Encounters, by_patient: bool
) -> Sequence[str]:
    """What this server says it cannot do although notes need it, a sentence each."""
    version = str(statement.get("fhirVersion", ""))
    if not version.startswith("4.0"):
        return [f"The server speaks FHIR {version or 'of an unknown version'}; notes are filed with R4 (4.0.1)."]
    types = _types(statement)
    document = types.get("DocumentReference", {})
    wanted = {"create", "read", "search-type", *(("update",) if profile.updates else ())}
    problems = [
        f"The server does not offer “{name}” for DocumentReference, which filing needs{_hint(name)}."
        for name in sorted(wanted - _interactions(document))
    ]
    problems += _about_conditions(document, profile)
    if profile.updates and document.get("versioning") == "no-version":
        problems.append(
            "The server keeps no versions of DocumentReference, so a replaced note cannot be marked safely."
        )
    looked_up = (["Patient"] if by_patient else []) + (["Encounter"] if encounters == "require" else [])
    problems += [
        f"The server does not offer a search for {name}, which filing needs."
        for name in looked_up
        if "search-type" not in _interactions(types.get(name, {}))
    ]
    return problems


def searchable(statement: Resource, kind: str) -> bool:
    """Whether the server says that resources of this type can be searched."""
    return "search-type" in _interactions(_types(statement).get(kind, {}))


def skew_problem(answer: Answer, now: datetime) -> str:
    """A sentence when the server's clock and ours are two minutes apart or more."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return ""
    apart = abs(((theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)) - now).total_seconds())
    if apart < _SKEW:
        return ""
    return f"The server's clock and this machine's are {apart / 60:.0f} minutes apart: set this machine's time by NTP."


def words_of(error: EffectError, base: str) -> str:
    """What an administrator can do about an error of a call."""
    if error.code == code_of(KIND, Reason.NOT_ALLOWED, "token"):
        return f"{base} gives no access token: {_REFUSED_THERE}."
    reason = reason_in(error.code)
    said = _WORDS.get(reason, f"declines ({error.code})") if reason else f"declines ({error.code})"
    return f"{base} {said}."


def _about_conditions(document: Resource, profile: Profile) -> Sequence[str]:
    problems: list[str] = []
    if profile.conditional_create and document.get("conditionalCreate") is not True:
        problems.append(
            "The server's CapabilityStatement does not claim conditional create, which keeps a note from being filed"
            ' twice: choose profile = "us-core" (it looks before each note), or switch it on there.'
        )
    named = [one.get("name") for one in mappings(document.get("searchParam"))]
    if profile.search == "identifier" and named and "identifier" not in named:
        problems.append('The server cannot search DocumentReference by identifier: choose profile = "us-core".')
    return problems


def _types(statement: Resource) -> Mapping[str, Resource]:
    servers = [one for one in mappings(statement.get("rest")) if one.get("mode") == "server"]
    return {str(one.get("type")): one for server in servers for one in mappings(server.get("resource"))}


def _interactions(resource: Resource) -> set[str]:
    return {str(one.get("code")) for one in mappings(resource.get("interaction"))}


def _hint(interaction: str) -> str:
    return " to mark a note that was replaced" if interaction == "update" else ""
