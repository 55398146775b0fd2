"""The calls that filing needs of a FHIR server, over JSON. Never a PUT with an id of ours, never a conditional one.

What a server says in words is not looked at: an OperationOutcome may quote the note.
"""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import quote, urlencode, urljoin

from adapters.http import Answer, AnswerLost, HttpClient, refusal
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of

KIND = "fhir"
Resource = Mapping[str, Any]
_JSON = "application/fhir+json"
_MOST_PAGES = 200
_LOCATION = re.compile(r"\b(DocumentReference|Provenance)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/?#]*)?/?$")


class Credentials(Protocol):
    """What a request is allowed by."""

    async def header(self) -> str:
        """The value of Authorization, empty for none. Raises Temporary or Permanent."""
        ...

    def forget(self, header: str) -> bool:
        """The server did not take this value; whether a new one can be had."""
        ...


class StaticToken:
    """A token that an administrator set, or none."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    async def header(self) -> str:
        return f"Bearer {self._token}" if self._token else ""

    def forget(self, header: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Created:
    """What came of a POST. `new`: the server says that it made the resource. `reference` may be empty.

    `several`: nothing was made, more than one resource fits the condition.
    """

    new: bool
    reference: str
    several: bool = False


class Broken(AnswerLost):
    """The server or a gateway failed on a POST, which may have been carried out. `error`: if it was not."""

    def __init__(self, error: EffectError) -> None:
        super().__init__()
        self.error = error


class FhirClient:
    """One server. Every call ends within `timeout` seconds, with AnswerLost for what may have been carried out."""

    def __init__(self, base_url: str, http: HttpClient, credentials: Credentials, timeout: float) -> None:
        self.base = base_url.rstrip("/")
        self._http, self._credentials, self._timeout = http, credentials, timeout

    async def metadata(self) -> Answer:
        """The CapabilityStatement, asked for without credentials where that is enough."""
        answer = await self._reading(f"{self.base}/metadata", anonymous=True)
        return await self._reading(f"{self.base}/metadata") if answer.status in (401, 403) else answer

    async def search(
        self, kind: str, params: Mapping[str, str | Sequence[str]], enough: int | None = None
    ) -> Sequence[Resource]:
        """What is found, over its pages; `enough`: where all is not needed. Raises Temporary or Permanent."""
        found: list[Resource] = []
        async with aclosing(self.pages(kind, params)) as pages:
            async for page in pages:
                found += page
                if enough and len(found) >= enough:
                    break
        return found

    async def pages(
        self, kind: str, params: Mapping[str, str | Sequence[str]]
    ) -> AsyncGenerator[Sequence[Resource], None]:
        """What is found, a page at a time. Raises Temporary or Permanent, also for pages without end."""
        answer = await self._reading(f"{self.base}/{kind}?{urlencode(params, doseq=True)}")
        for _ in range(_MOST_PAGES):
            bundle = _bundle(answer)
            found = mappings([entry.get("resource") for entry in mappings(bundle.get("entry"))])
            following = self._next(bundle)
            yield [resource for resource in found if resource.get("resourceType") == kind]
            if not following:
                return
            answer = await self._reading(following)
        raise Permanent(code_of(KIND, Reason.NONSENSE, "pages"))

    async def read(self, reference: str) -> Resource | None:
        """One resource by `Type/id`, None when there is none (any more). Raises Temporary or Permanent."""
        answer = await self._reading(f"{self.base}/{reference}")
        if answer.status in (404, 410):
            return None
        found = _parsed(answer)
        if f"{found.get('resourceType')}/{found.get('id')}" != reference:
            raise Temporary(code_of(KIND, Reason.NONSENSE))
        return found if version_of(found) else _with_version(found, answer)

    async def create(self, resource: Mapping[str, object], if_none_exist: str) -> Created:
        """POST it unless one fits the search `if_none_exist`. Raises AnswerLost, Temporary, Permanent.

        Broken for the server's own failures: a gateway says 504 of what went through, HAPI says 409 to who lost a race.
        """
        content = json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": _JSON, "If-None-Exist": if_none_exist}
        answer = await self._send("POST", f"{self.base}/{resource['resourceType']}", headers=headers, content=content)
        if answer.status in (500, 502, 504):
            raise Broken(refusal(KIND, answer))
        if answer.status in (202, 204, 409):
            raise Broken(Temporary(code_of(KIND, Reason.BUSY, answer.status)))
        if answer.status == 412:
            return Created(False, "", several=True)
        if answer.status not in (200, 201):
            raise refusal(KIND, answer)
        return Created(answer.status == 201, _reference_in(answer, str(resource["resourceType"])))

    async def update(self, resource: Resource) -> None:
        """PUT what was read, changed. Raises AnswerLost, Temporary, Permanent.

        Nothing happens when somebody was faster, or it is gone: read again to see what came of it.
        """
        version = version_of(resource)
        if not version:
            raise Permanent(code_of(KIND, Reason.NONSENSE, "version"))
        content = json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": _JSON, "If-Match": f'W/"{version}"'}
        url = f"{self.base}/{resource['resourceType']}/{resource['id']}"
        answer = await self._send("PUT", url, headers=headers, content=content)
        if answer.status not in (200, 201, 204, 404, 409, 410, 412):
            raise refusal(KIND, answer)

    async def bytes_of(self, attachment: Mapping[str, Any]) -> bytes | None:
        """An attachment's bytes, inline or from the address it names on this server; None when they cannot be had."""
        if isinstance(attachment.get("data"), str):
            return _decoded(attachment["data"])
        url = urljoin(f"{self.base}/", str(attachment.get("url", "")))
        if not attachment.get("url") or not self._ours(url):
            return None
        answer = await self._reading(url, accept=str(attachment.get("contentType") or "*/*"))
        if answer.status != 200:
            raise refusal(KIND, answer)
        if answer.headers.get("content-type", "").startswith(_JSON):
            return _decoded(str(_parsed(answer).get("data", "")))
        return answer.body

    async def close(self) -> None:
        await self._http.close()

    def _next(self, bundle: Resource) -> str:
        """The next page's address, empty on the last one. What cannot be followed would hide notes: an error."""
        links = [link for link in mappings(bundle.get("link")) if link.get("relation") == "next"]
        if not links:
            return ""
        url = urljoin(f"{self.base}/", str(links[0].get("url", "")))
        if not self._ours(url):
            raise Permanent(code_of(KIND, Reason.NONSENSE, "next"))
        return url

    def _ours(self, url: str) -> bool:
        """A token goes to no other server, whatever an answer says."""
        return url.startswith(f"{self.base}/") or url.startswith(f"{self.base}?")

    async def _reading(self, url: str, *, accept: str = _JSON, anonymous: bool = False) -> Answer:
        try:
            return await self._send("GET", url, headers={"Accept": accept}, anonymous=anonymous)
        except AnswerLost:
            raise Temporary(code_of(KIND, Reason.TIMEOUT)) from None

    async def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        anonymous: bool = False,
    ) -> Answer:
        for last in (False, True):
            allowed = "" if anonymous else await self._credentials.header()
            sent = {"Accept": _JSON, **headers} | ({"Authorization": allowed} if allowed else {})
            answer = await self._in_time(method, url, sent, content)
            if answer.status != 401 or last or anonymous or not self._credentials.forget(allowed):
                return answer
        raise AssertionError("the second try returns")

    async def _in_time(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        """HttpClient waits that long for each piece; a server that drips must not hold a note up."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._http.send(method, url, headers=headers, content=content)
        except TimeoutError:
            raise AnswerLost from None


def token(system: str, value: str) -> str:
    """A search by identifier, as the value of a parameter."""
    return f"{_escaped(system)}|{_escaped(value)}"


def condition(system: str, value: str) -> str:
    """A search by identifier, as the value of If-None-Exist."""
    return f"identifier={quote(token(system, value), safe='')}"


def has_identifier(resource: Resource, system: str, value: str) -> bool:
    """Whether the resource carries this identifier, to the letter."""
    own = [*mappings(resource.get("identifier")), member(resource, "masterIdentifier")]
    return any((one.get("system"), one.get("value")) == (system, value) for one in own)


def reference_of(resource: Resource) -> str:
    """`Type/id`."""
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def version_of(resource: Resource) -> str:
    """The server's version of it, empty when it tells none."""
    return str(member(resource, "meta").get("versionId", ""))


def _escaped(text: str) -> str:
    return re.sub(r"([\\,$|])", r"\\\1", text)


def points_to(reference: object, wanted: str) -> bool:
    """Whether a Reference's text means `Type/id` here: servers also write whole addresses, or name a version."""
    return f"/{reference}".partition("/_history/")[0].endswith(f"/{wanted}")


def _with_version(found: Resource, answer: Answer) -> Resource:
    """Some servers tell a resource's version in the ETag only."""
    tag = answer.headers.get("etag", "").removeprefix("W/").strip('"')
    return {**found, "meta": {**member(found, "meta"), "versionId": tag}} if tag else found


def _reference_in(answer: Answer, kind: str) -> str:
    """Where the created resource is, as Location or the body says; empty when neither does.

    The body may be something else, such as an OperationOutcome.
    """
    match = _LOCATION.search(answer.headers.get("location", ""))
    if match and match[1] == kind:
        return f"{kind}/{match[2]}"
    try:
        bodies = mappings([json.loads(answer.body)])
    except (ValueError, RecursionError):
        return ""
    made = [one for one in bodies if one.get("resourceType") == kind and one.get("id")]
    return reference_of(made[0]) if made else ""


def _bundle(answer: Answer) -> Resource:
    found = _parsed(answer)
    if found.get("resourceType") != "Bundle":
        raise Temporary(code_of(KIND, Reason.NONSENSE))
    return found


def _parsed(answer: Answer) -> Resource:
    """The resource of an answer of success. Raises what a refusal comes to, or NONSENSE for what is no resource."""
    if answer.status != 200:
        raise refusal(KIND, answer)
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Temporary(code_of(KIND, Reason.NONSENSE)) from None
    if not isinstance(found, dict):
        raise Temporary(code_of(KIND, Reason.NONSENSE))
    return cast(Resource, found)


def mappings(found: object) -> Sequence[Resource]:
    """The objects of a list, whatever else is in it or stands in its place."""
    items = cast(Sequence[object], found) if isinstance(found, list) else ()
    return [cast(Resource, item) for item in items if isinstance(item, Mapping)]


def member(resource: Resource, name: str) -> Resource:
    """The object under this name; an empty one where there is none."""
    return next(iter(mappings([resource.get(name)])), cast(Resource, {}))


def _decoded(data: str) -> bytes | None:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
