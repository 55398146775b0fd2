"""The server that `bench filing` files to, in a process of its own: enough of FHIR, and everything that goes wrong.

It keeps every document that was ever created, also a second one of the same note: that is what the benchmark counts.
A share of the calls fails, drawn from a seed: the connection is dropped before anything is done, the answer is lost
after it was, 503 and 429 with Retry-After, an answer that comes too late, an answer that is no JSON.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import random
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

FAULTS = ("drop", "lost", "503", "429", "late", "garbage")
_FHIR = "application/fhir+json"
_LARGEST = 32 << 20
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Target:
    """What is kept, and how much of it fails."""

    def __init__(self, share: float, seed: int, late: float) -> None:
        self.share, self.late, self.down = share, late, False
        self.chance = random.Random(seed)
        self.kept: list[dict[str, Any]] = []
        self.by_identifier: dict[str, list[dict[str, Any]]] = {}
        self.by_id: dict[str, dict[str, Any]] = {}
        self.met = dict.fromkeys((*FAULTS, "down", "well"), 0)

    def keep(self, resource: dict[str, Any]) -> dict[str, Any]:
        """A new resource, whatever is there already."""
        made = {**resource, "id": uuid.uuid4().hex, "meta": {**resource.get("meta", {}), "versionId": "1"}}
        self.kept.append(made)
        self.by_id[made["id"]] = made
        for identifier in resource.get("identifier", []):
            self.by_identifier.setdefault(f"{identifier['system']}|{identifier['value']}", []).append(made)
        return made

    def found(self, query: str) -> list[dict[str, Any]]:
        """What a search by identifier finds."""
        return self.by_identifier.get(parse_qs(query).get("identifier", [""])[0], [])


def application(target: Target) -> web.Application:
    """The routes of FHIR below /fhir, and those of the benchmark below /bench."""
    app = web.Application(client_max_size=_LARGEST, middlewares=[_failing(target)])
    app.add_routes(
        [
            web.get("/healthz", _well),
            web.post("/bench/share", _change_share(target)),
            web.get("/bench/documents", _documents(target)),
            web.post("/plain", _plain),
            web.get("/fhir/metadata", _metadata),
            web.get("/fhir/Patient", _patient),
            web.get("/fhir/DocumentReference", _search(target)),
            web.get("/fhir/DocumentReference/{id}", _read(target)),
            web.post("/fhir/DocumentReference", _create(target)),
        ]
    )
    return app


def _failing(target: Target) -> Any:
    @web.middleware
    async def fail(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/fhir/") or request.path.endswith("/metadata"):
            return await handler(request)
        if target.down:
            return _dropped(request, target, "down")
        fault = target.chance.choice(FAULTS) if target.chance.random() < target.share else "well"
        target.met[fault] += 1
        match fault:
            case "drop":
                return _dropped(request, target)
            case "503" | "429":
                return web.json_response({}, status=int(fault), headers={"Retry-After": "1"})
            case "lost":
                await handler(request)
                return _dropped(request, target)
            case "late":
                answer = await handler(request)
                await asyncio.sleep(target.late)
                return answer
            case "garbage":
                await handler(request)
                return web.Response(text="<html>The note says: slept badly", content_type=_FHIR)
            case _:
                return await handler(request)

    return fail


def _dropped(request: web.Request, target: Target, counted: str = "") -> web.StreamResponse:
    if counted:
        target.met[counted] += 1
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


def _change_share(target: Target) -> Handler:
    async def change(request: web.Request) -> web.StreamResponse:
        """`share`: of calls that fail; `down`: whether nothing is answered at all."""
        wanted = await request.json()
        target.share, target.down = wanted.get("share", target.share), wanted.get("down", target.down)
        return web.json_response({})

    return change


def _documents(target: Target) -> Handler:
    async def documents(_: web.Request) -> web.StreamResponse:
        """Every document there: the note's id, and the SHA-256 of its first attachment."""
        rows = [
            [kept["identifier"][0]["value"], hashlib.sha256(base64.b64decode(_data(kept))).hexdigest()]
            for kept in target.kept
        ]
        return web.json_response({"documents": rows, "met": target.met})

    return documents


def _data(resource: dict[str, Any]) -> str:
    return str(resource["content"][0]["attachment"]["data"])


def _create(target: Target) -> Handler:
    async def create(request: web.Request) -> web.StreamResponse:
        resource = await request.json()
        there = target.found(request.headers.get("If-None-Exist", ""))
        if len(there) > 1:
            return web.json_response({}, status=412, content_type=_FHIR)
        made = there[0] if there else target.keep(resource)
        headers = {"Location": f"/fhir/DocumentReference/{made['id']}/_history/1", "ETag": 'W/"1"'}
        return web.json_response(made, status=200 if there else 201, headers=headers, content_type=_FHIR)

    return create


def _search(target: Target) -> Handler:
    async def search(request: web.Request) -> web.StreamResponse:
        entries = [{"resource": found} for found in target.found(request.query_string)]
        bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
        return web.json_response(bundle, content_type=_FHIR)

    return search


def _read(target: Target) -> Handler:
    async def read(request: web.Request) -> web.StreamResponse:
        found = target.by_id.get(request.match_info["id"])
        return web.json_response(found or {}, status=200 if found else 404, content_type=_FHIR)

    return read


async def _patient(request: web.Request) -> web.StreamResponse:
    """Everybody is a patient here; their id is their code."""
    system, _, code = request.query.get("identifier", "").partition("|")
    patient = {"resourceType": "Patient", "id": code or system, "identifier": [{"system": system, "value": code}]}
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": patient}]}
    return web.json_response(bundle, content_type=_FHIR)


async def _metadata(_: web.Request) -> web.StreamResponse:
    interactions = [{"code": code} for code in ("read", "create", "update", "search-type")]
    resources = [
        {"type": name, "interaction": interactions, "conditionalCreate": True}
        for name in ("Patient", "DocumentReference")
    ]
    statement = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": resources}],
    }
    return web.json_response(statement, content_type=_FHIR)


async def _plain(request: web.Request) -> web.StreamResponse:
    """What the bare client posts to: takes the body and says so."""
    return web.json_response({"bytes": len(await request.read())}, status=201)


async def _well(_: web.Request) -> web.StreamResponse:
    return web.json_response({})


async def _serve(options: argparse.Namespace) -> None:
    runner = web.AppRunner(application(Target(options.share, options.seed, options.late)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", options.port).start()
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=json.dumps(__doc__))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--share", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late", type=float, default=3.0)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
