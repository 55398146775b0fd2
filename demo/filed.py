"""`/filed`: what stands on the demo's FHIR server, read from it anew each time. Only reads."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from demo import filed_page
from demo.filed_page import Document

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# An attachment is shown as what it says only if a browser runs nothing of it.
SHOWN_AS = {"application/pdf": "application/pdf"}
PLAIN = ("text/plain", "text/markdown", "application/json", "application/fhir+json")
MOST = 200
PATIENCE = ClientTimeout(total=10)


class Unreadable(Exception):
    """The server does not answer, or not with what was asked for."""


class FiledPages:
    """The handlers of `/filed`. `base`: the FHIR server's address."""

    def __init__(self, base: str) -> None:
        self.base = base

    def routes(self) -> list[web.RouteDef]:
        """To be added before the page's catch-all."""
        one = r"/filed/{id:[A-Za-z0-9.\-]{1,64}}"
        return [
            web.get("/filed", self._list),
            web.get(one, self._one),
            web.get(one + "/resource", self._resource),
            web.get(one + r"/attachment/{number:\d{1,2}}", self._attachment),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        try:
            return _html(filed_page.listing(await self._documents(), self.base))
        except Unreadable:
            return _html(filed_page.trouble(self.base), 502)

    async def _one(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        try:
            documents = await self._documents()
            found = next((document for document in documents if document.id == wanted), None)
            if found is None:
                return _html(filed_page.missing(), 404)
            provenances = await self._search("Provenance", target=f"DocumentReference/{wanted}")
        except Unreadable:
            return _html(filed_page.trouble(self.base), 502)
        return _html(filed_page.detail(found, documents, provenances))

    async def _resource(self, request: web.Request) -> web.Response:
        try:
            resource = await self._get(f"DocumentReference/{request.match_info['id']}")
        except Unreadable:
            return _html(filed_page.missing(), 404)
        return web.Response(text=filed_page.pretty(resource), headers={**HEADERS, "Content-Type": _plain("text/plain")})

    async def _attachment(self, request: web.Request) -> web.Response:
        try:
            resource = await self._get(f"DocumentReference/{request.match_info['id']}")
            attachment = resource["content"][int(request.match_info["number"])]["attachment"]
            data = base64.b64decode(attachment["data"], validate=True)
        except (Unreadable, LookupError, binascii.Error):
            return _html(filed_page.missing(), 404)
        kind = str(attachment.get("contentType", "")).partition(";")[0]
        shown = SHOWN_AS.get(kind) or (_plain("text/plain") if kind in PLAIN else "application/octet-stream")
        headers = {"Content-Type": shown, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, headers=headers)

    async def _documents(self) -> Sequence[Document]:
        """The documents, those signed last in front, each with its client's code."""
        found = await self._search("DocumentReference", _sort="-_lastUpdated", _count=str(MOST))
        patients = await self._search("Patient", _count="1000") if found else []
        codes = {f"Patient/{each['id']}": _code(each) for each in patients}
        found.sort(key=lambda each: str(each.get("date", "")), reverse=True)  # a mark is a change: it would move one up
        return [Document(resource, codes) for resource in found]

    async def _search(self, kind: str, **query: str) -> list[dict[str, Any]]:
        bundle = await self._get(kind, **query)
        return [entry["resource"] for entry in bundle.get("entry", [])]

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        try:
            async with (
                ClientSession(timeout=PATIENCE) as session,
                session.get(f"{self.base}/{path}", params=query) as got,
            ):
                if got.status != 200:
                    raise Unreadable
                return await got.json(content_type=None)
        except (ClientError, TimeoutError, ValueError) as error:
            raise Unreadable from error


def _code(patient: dict[str, Any]) -> str:
    return next((str(each.get("value", "")) for each in patient.get("identifier", [])), "")


def _plain(kind: str) -> str:
    return f"{kind}; charset=utf-8"


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
