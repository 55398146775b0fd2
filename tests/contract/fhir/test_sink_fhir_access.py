"""How requests to a FHIR server are allowed, what `check` finds, and settings that are wrong."""

import asyncio
import datetime
import io
import ipaddress
import json
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from adapters.fhir.smart import SmartToken, signing_key
from adapters.http import HttpClient
from bot.domain.errors import Permanent, Temporary
from tests.contract.note_sink_contract import FILES, NOTE
from tests.fhir_parts import FhirServer, Opens

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP384R1())
SMART = {"auth": "smart", "client_id": "afternote", "encounter": "off"}


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def in_one_line(key: Any) -> str:
    return pem(key).replace("\n", "\\n")


def jwk(key: Any) -> dict[str, Any]:
    is_rsa = isinstance(key, (rsa.RSAPrivateKey, rsa.RSAPublicKey))
    return json.loads(RSAAlgorithm.to_jwk(key) if is_rsa else ECAlgorithm.to_jwk(key))


def jwk_text(key: Any) -> str:
    return json.dumps(jwk(key))


def public(key: Any) -> dict[str, Any]:
    """What a server has registered."""
    return {"keys": [{**jwk(key.public_key()), "kid": "k1", "alg": "RS384" if key is RSA else "ES384"}]}


def tokens_asked_for(server: FhirServer) -> int:
    return len([one for one in server.log() if one["url"] == "/oauth2/token"])


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS384", "ES384"])
@pytest.mark.parametrize("written", [pem, in_one_line, jwk_text], ids=["pem", "line", "jwk"])
async def test_a_registered_key_opens_the_server(
    opens: Opens, server: FhirServer, key: Any, written: Callable[[Any], str]
) -> None:
    server.behave(jwks=public(key))
    sink = opens({"private_key": written(key)}, key_id="k1", **SMART)
    assert list(await sink.check()) == []
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    assert tokens_asked_for(server) == 1


async def test_eight_at_once_share_one_token(opens: Opens, server: FhirServer) -> None:
    server.behave(jwks=public(RSA))
    sink = opens({"private_key": pem(RSA)}, **SMART)
    await asyncio.gather(*(sink.put(NOTE, FILES, "k1") for _ in range(8)))
    assert tokens_asked_for(server) == 1


async def test_a_token_that_was_revoked_is_fetched_once_more(opens: Opens, server: FhirServer) -> None:
    server.behave(jwks=public(RSA))
    sink = opens({"private_key": pem(RSA)}, **SMART)
    await sink.put(NOTE, FILES, "k1")
    server.behave(jwks=public(RSA), revoke=True)
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
    assert tokens_asked_for(server) == 2


async def test_who_was_refused_with_the_old_token_does_not_throw_the_new_one_away(server: FhirServer) -> None:
    server.behave(jwks=public(RSA))
    http = HttpClient("fhir")
    smart = SmartToken(server.base, http, client_id="afternote", scope="s", key=signing_key(pem(RSA)))
    try:
        old = await smart.header()
        assert smart.forget(old)
        new = await smart.header()
        assert smart.forget(old)  # another call, refused at the same time
        assert await smart.header() == new
    finally:
        await http.close()
    assert tokens_asked_for(server) == 2


async def test_a_server_that_never_takes_the_token_is_asked_twice_only(opens: Opens, server: FhirServer) -> None:
    server.behave(jwks=public(RSA))
    server.fail(401, 401)
    with pytest.raises(Permanent, match=r"^fhir:not_allowed:401$"):
        await opens({"private_key": pem(RSA)}, **SMART).put(NOTE, FILES, "k1")
    assert tokens_asked_for(server) == 2


async def test_a_key_that_is_not_registered_is_for_a_person(opens: Opens, server: FhirServer) -> None:
    server.behave(jwks=public(EC))
    sink = opens({"private_key": pem(RSA)}, **SMART)
    with pytest.raises(Permanent, match=r"^fhir:not_allowed:token$"):
        await sink.put(NOTE, FILES, "k1")
    (sentence,) = await sink.check()
    assert "gives no access token: check client_id, scope, the key registered for it" in sentence


async def test_assertions_are_short_lived_and_each_has_its_own_id(server: FhirServer) -> None:
    server.behave(jwks=public(RSA))
    http = HttpClient("fhir")
    smart = SmartToken(server.base, http, client_id="afternote", scope="s", key=signing_key(pem(RSA), "k1"))
    try:
        seen: list[dict[str, Any]] = []
        for _ in range(2):
            smart.forget(await smart.header())
            seen.append(jwt.decode(smart.assertion("aud"), options={"verify_signature": False}))
    finally:
        await http.close()
    assert all(0 < claims["exp"] - claims["iat"] <= 300 for claims in seen)
    assert {(claims["iss"], claims["sub"], claims["aud"]) for claims in seen} == {("afternote", "afternote", "aud")}
    assert seen[0]["jti"] != seen[1]["jti"]
    assert jwt.get_unverified_header(smart.assertion("aud"))["kid"] == "k1"
    assert tokens_asked_for(server) == 2


async def test_a_token_is_kept_until_shortly_before_its_end(server: FhirServer) -> None:
    server.behave(jwks=public(RSA))
    ahead = [0.0]
    http = HttpClient("fhir")
    smart = SmartToken(
        server.base,
        http,
        client_id="afternote",
        scope="s",
        key=signing_key(pem(RSA)),
        now=lambda: time.time() + ahead[0],
    )
    try:
        first = await smart.header()
        ahead[0] = 200.0
        assert await smart.header() == first
        ahead[0] = 280.0
        with pytest.raises(Permanent):  # the server's clock did not move: an assertion of the future is none
            await smart.header()
    finally:
        await http.close()
    assert tokens_asked_for(server) == 2


@pytest.mark.parametrize("endpoint", ["http://192.0.2.1/token", "ftp://x", 7, None])
async def test_an_announced_endpoint_that_is_not_safe_is_not_used(
    opens: Opens, server: FhirServer, endpoint: object
) -> None:
    server.behave(jwks=public(RSA), smart={"token_endpoint": endpoint})
    with pytest.raises(Permanent, match=r"^fhir:nonsense:token_endpoint$"):
        await opens({"private_key": pem(RSA)}, **SMART).put(NOTE, FILES, "k1")


async def test_a_token_server_that_is_not_there_is_tried_later(opens: Opens, server: FhirServer) -> None:
    sink = opens({"private_key": pem(RSA)}, token_url="http://127.0.0.1:9/token", **SMART)
    with pytest.raises(Temporary, match=r"^fhir:unreachable$"):
        await sink.put(NOTE, FILES, "k1")


@pytest.mark.parametrize(("given", "right"), [("right", True), ("wrong", False)])
async def test_a_static_token(opens: Opens, server: FhirServer, given: str, right: bool) -> None:
    server.behave(token="right")
    sink = opens({"token": given}, auth="token")
    assert (not await sink.check()) == right
    if right:
        assert (await sink.put(NOTE, FILES, "k1")).verified
        return
    with pytest.raises(Permanent, match=r"^fhir:not_allowed:401$"):
        await sink.put(NOTE, FILES, "k1")


async def test_no_secret_is_logged_or_shown(opens: Opens, server: FhirServer, log: io.StringIO) -> None:
    server.behave(token=(canary := "zebra-canary-7731"))
    right, wrong = opens({"token": canary}, auth="token"), opens({"token": canary[::-1]}, auth="token")
    await right.put(NOTE, FILES, "k1")
    shown = [*await right.check(), *await wrong.check(), repr(right), repr(wrong)]
    server.behave(jwks=public(RSA))
    smart, refused = (opens({"private_key": pem(key)}, **SMART) for key in (RSA, EC))
    await smart.put(NOTE, FILES, "k1")
    token = (await smart._client._credentials.header()).removeprefix("Bearer ")  # pyright: ignore[reportPrivateUsage]
    shown += [*await smart.check(), *await refused.check(), repr(smart), repr(signing_key(pem(RSA))), log.getvalue()]
    text = "".join(shown)
    assert len(token) > 20
    for secret in (canary, canary[::-1], token, "client_assertion", "PRIVATE KEY", str(jwk(RSA)["d"])):
        assert secret not in text


async def test_a_slash_at_the_end_of_the_address_is_none(opens: Opens, server: FhirServer) -> None:
    sink = opens(base_url=f"{server.base}/")
    assert list(await sink.check()) == []
    await sink.put(NOTE, FILES, "k1")
    assert [one for one in server.log() if "//" in one["url"]] == []


@pytest.mark.parametrize(
    ("odd", "settings", "sentence"),
    [
        ({"statement": {"fhirVersion": "5.0.0"}}, {}, "speaks FHIR 5.0.0"),
        ({"statement": {"rest": []}}, {}, "does not offer “create” for DocumentReference"),
        ({"document": {"conditionalCreate": False}}, {}, 'choose profile = "us-core"'),
        ({"document": {"interaction": [{"code": "read"}, {"code": "create"}]}}, {}, "does not offer “search-type”"),
        (
            {"document": {"interaction": [{"code": "read"}]}},
            {},
            "“update” for DocumentReference, which filing needs to",
        ),
        ({"document": {"searchParam": [{"name": "patient"}]}}, {}, "cannot search DocumentReference by identifier"),
        ({"document": {"versioning": "no-version"}}, {}, "keeps no versions"),
        ({"statement": {"resourceType": "Bundle"}}, {}, "is no CapabilityStatement"),
        ({"dateSkew": 600}, {}, "minutes apart"),
        ({"dateSkew": -150}, {}, "minutes apart"),
        ({}, {"practitioners": {"dana": "Practitioner/none"}}, "practitioners: dana is mapped to Practitioner/none"),
        ({}, {"practitioners": {"dana": "urn:npi|12"}}, "practitioners: dana is mapped to urn:npi|12"),
        ({}, {"custodian": "Organization/none"}, "custodian is mapped to Organization/none"),
        ({}, {"base_url": "/nothing"}, "has nothing at that address"),
    ],
)
async def test_check_says_in_a_sentence_what_is_wrong(
    opens: Opens, server: FhirServer, odd: dict[str, Any], settings: dict[str, Any], sentence: str
) -> None:
    server.behave(**odd)
    if "base_url" in settings:
        settings = {"base_url": server.root + settings["base_url"]}
    problems = await opens(**settings).check()
    assert any(sentence in problem for problem in problems)
    assert all(problem.endswith(".") for problem in problems)


@pytest.mark.parametrize("skew", [-90, 90])
async def test_clocks_a_minute_and_a_half_apart_are_well(opens: Opens, server: FhirServer, skew: int) -> None:
    server.behave(dateSkew=skew)
    assert list(await opens().check()) == []


async def test_check_leaves_nothing_in_a_chart(opens: Opens, server: FhirServer) -> None:
    before = len(server.log())
    await opens().check()
    assert {one["method"] for one in server.log()[before:] if one["url"].startswith("/fhir")} == {"GET"}


async def test_check_tries_the_rights_to_search_notes_by_patient_too(opens: Opens, server: FhirServer) -> None:
    server.fail(None, 403)
    assert "refuses the credentials or their rights" in (await opens(profile="us-core").check())[0]
    server.fail(None, 400)
    assert list(await opens(profile="us-core").check()) == []


async def test_check_survives_a_server_that_fails_at_each_step(opens: Opens, server: FhirServer) -> None:
    for position in range(3):
        for fault in ("drop", "html", 503, 401):
            server.fail(*([None] * position), fault)
            assert all(isinstance(sentence, str) for sentence in await opens().check())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"base_url": "http://ehr.example/fhir"}, "base_url"),
        ({"base_url": "https://ehr.example/fhir?x=1"}, "base_url"),
        ({"base_url": ""}, "base_url"),
        ({"profile": "cerner"}, "profile"),
        ({"patient_system": ""}, "patient_system"),
        ({"patient_system": "clients"}, "patient_system"),
        ({"note_system": "no uri"}, "note_system"),
        ({"files": []}, "files"),
        ({"files": ["tiff"]}, "files"),
        ({"files": ["pdf"], "profile": "epic"}, "files"),
        ({"practitioners": {"dana": "Dana Reyes"}}, "practitioners: dana"),
        ({"practitioners": {"dana": "Patient/1"}}, "practitioners: dana"),
        ({"types": {"soap": "progress"}}, "types: soap"),
        ({"custodian": "Larkspur"}, "custodian"),
        ({"encounter": "always"}, "encounter"),
        ({"subject": "name"}, "subject"),
        ({"subject": "identifier", "profile": "us-core"}, "subject"),
        ({"subject": "identifier", "encounter": "require"}, "encounter"),
        ({"largest_attachment": 0}, "largest_attachment"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"timeout_seconds": "soon"}, "timeout_seconds"),
        ({"ca_file": "/nowhere.pem"}, "ca_file"),
        ({"auth": "basic"}, "auth"),
        ({"auth": "smart"}, "client_id"),
        ({"auth": "smart", "token_url": "http://ehr.example/token"}, "token_url"),
        ({"auth": "token"}, "AFTERNOTE_ADAPTER_EHR_TOKEN"),
        ({"auth": "smart", "client_id": "x"}, "AFTERNOTE_ADAPTER_EHR_PRIVATE_KEY"),
        ({"token": "secret-in-the-file"}, "AFTERNOTE_ADAPTER_EHR_TOKEN"),
    ],
)
async def test_a_wrong_setting_is_named(opens: Opens, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named) as raised:
        opens(None, **changes)
    assert "secret-in-the-file" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "not-a-key",
        "{}",
        "{broken",
        json.dumps({"kty": "oct", "k": "c2VjcmV0"}),
        json.dumps(public(RSA)["keys"][0]),
        pem(ec.generate_private_key(ec.SECP256R1())),
        RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")).decode(),
    ],
    ids=["words", "empty", "broken", "symmetric", "public", "P-256", "password"],
)
async def test_a_key_that_cannot_sign_is_named_and_not_shown(opens: Opens, text: str) -> None:
    with pytest.raises(ValueError, match=r"^AFTERNOTE_ADAPTER_EHR_PRIVATE_KEY: ") as raised:
        opens({"private_key": text}, **SMART)
    assert text not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("text", ["", " ", "two words", "Bearer x", "ключ"])
async def test_a_token_that_is_none_is_named_and_not_shown(opens: Opens, text: str) -> None:
    with pytest.raises(ValueError, match=r"^AFTERNOTE_ADAPTER_EHR_TOKEN: ") as raised:
        opens({"token": text}, auth="token")
    assert not text.strip() or text not in str(raised.value)


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that signed itself, with its key, as one PEM file."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now, a_day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(RSA.public_key())
    builder = builder.serial_number(1).add_extension(here, critical=False)
    made = builder.not_valid_before(now - a_day).not_valid_after(now + a_day).sign(RSA, hashes.SHA256())
    path = folder / "server.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM) + pem(RSA).encode())
    return path


async def test_a_certificate_is_trusted_only_when_its_authority_is_named(opens: Opens, tmp_path: Path) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path := certificate(tmp_path))
    async with await asyncio.start_server(busy, "127.0.0.1", 0, ssl=context) as listening:
        base = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/fhir"
        stranger, known = opens(base_url=base), opens(base_url=base, ca_file=str(path))
        with pytest.raises(Permanent, match=r"^fhir:untrusted$"):
            await stranger.put(NOTE, FILES, "k1")
        assert "set ca_file" in (await stranger.check())[0]
        with pytest.raises(Temporary, match=r"^fhir:busy:503$"):
            await known.put(NOTE, FILES, "k1")
