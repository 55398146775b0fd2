"""The Provenance of a filed note: best effort. Its failure never fails the filing."""

import logging
from collections.abc import Mapping
from urllib.parse import quote

from adapters.fhir.client import KIND, FhirClient
from adapters.http import AnswerLost
from bot.domain.errors import EffectError
from bot.domain.filing import Reason, code_of

_log = logging.getLogger(__name__)


async def record(client: FhirClient, target: str, provenance: Mapping[str, object]) -> None:
    """POST it unless the document `target` has one already: a retry of the filing comes by here again."""
    try:
        if not await client.search("Provenance", {"target": target}):
            await client.create(provenance, f"target={quote(target, safe='')}")
    except EffectError as error:
        _log.warning("no provenance recorded: %s", error.code)
    except AnswerLost:
        _log.warning("no provenance recorded: %s", code_of(KIND, Reason.LOST))
