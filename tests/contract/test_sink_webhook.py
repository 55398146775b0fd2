"""The webhook sink against a receiver that verifies with the `standardwebhooks` library.

A webhook cannot look, compare or read back. Where the contract asks for that, the test here says what holds instead.
"""

import asyncio
import base64
import datetime as dt
import json
import ssl
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.file_set import Arrangement
from adapters.public_address import is_public, resolver
from adapters.registry import open_sink
from adapters.webhook import WebhookSink
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.ids import NoteId, PersonId
from bot.domain.links import LinkKind
from bot.ports import FiledNote, Related
from tests.contract.note_sink_contract import FILES, NOTE, NoteSinkContract, StoppedClock
from tests.doubles import canary
from tests.doubles.fault_proxy import Fault, FaultProxy
from tests.doubles.plain_secret import PlainSecret
from tests.doubles.webhook_receiver import WebhookReceiver

OLD = "whsec_" + base64.b64encode(b"the secret until now, 32 bytes..").decode()
NEW = "whsec_" + base64.b64encode(b"the secret from now on, 32 bytes").decode()
ID = f"{NOTE.note_id}_note_filed"


@pytest.fixture
def receiver() -> WebhookReceiver:
    return WebhookReceiver(OLD)


@pytest.fixture
async def port(receiver: WebhookReceiver) -> AsyncIterator[int]:
    runner = web.AppRunner(receiver.app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def proxy(port: int) -> AsyncIterator[FaultProxy]:
    async with FaultProxy("127.0.0.1", port) as proxy:
        yield proxy


def opened(port: int, secret: str = OLD, **more: object) -> WebhookSink:
    values = {"url": f"http://127.0.0.1:{port}/in", "allow_private": True, "timeout_seconds": 10, **more}
    sink = open_sink("hook", "webhook", values, {"secret": PlainSecret(secret)}, Path("/nowhere"), StoppedClock())
    assert isinstance(sink, WebhookSink)
    return sink


def files_of(event: Mapping[str, Any]) -> Mapping[str, bytes]:
    return {kind: base64.b64decode(file["base64"]) for kind, file in event["data"]["files"].items()}


class TestWebhookSink(NoteSinkContract):
    @pytest.fixture
    async def sink(self, receiver: WebhookReceiver, port: int) -> AsyncIterator[WebhookSink]:
        self.receiver = receiver
        sink = opened(port)
        yield sink
        await sink.close()

    async def held(self, sink: WebhookSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        event = self.receiver.kept[f"{note.note_id}_note_filed"]
        assert event["data"]["key"] == key
        return files_of(event)

    async def test_the_same_put_again_is_already_there(self, sink: WebhookSink) -> None:
        """Only the receiver can know that: it gets the same id again and keeps one."""
        first = await sink.put(NOTE, FILES, "k1")
        second = await sink.put(NOTE, FILES, "k1")
        assert (second.outcome, second.verified) == ("stored", False)
        assert (second.reference, second.sha256) == (first.reference, first.sha256)
        assert len(self.receiver.seen) == 2
        assert list(self.receiver.kept) == [ID]

    @pytest.mark.parametrize("kind", ["pdf", "json", "txt"])
    async def test_other_bytes_under_the_key_are_refused_and_the_first_ones_stay(
        self, sink: WebhookSink, kind: str
    ) -> None:
        """Nothing can be compared: the first ones stay because the receiver drops an id that it has."""
        await sink.put(NOTE, FILES, "k1")
        await sink.put(NOTE, {**FILES, kind: FILES[kind] + b" and more"}, "k1")
        assert await self.held(sink, NOTE, "k1") == FILES

    async def test_of_eight_at_once_one_stores(self, sink: WebhookSink) -> None:
        """All eight are told that theirs was taken; one is kept."""
        receipts = await asyncio.gather(*(sink.put(NOTE, FILES, "k1") for _ in range(8)))
        assert {receipt.reference for receipt in receipts} == {ID}
        assert await self.held(sink, NOTE, "k1") == FILES

    async def test_of_two_different_ones_at_once_one_wins_whole(self, sink: WebhookSink) -> None:
        """As above: neither is told."""
        other = {kind: b"!" + data for kind, data in FILES.items()}
        await asyncio.gather(*(sink.put(NOTE, files, "k1") for files in (FILES, other)))
        assert await self.held(sink, NOTE, "k1") in (FILES, other)


RELATED = {
    "note.filed": None,
    "note.addendum": Related(LinkKind.ADDENDUM, NoteId("n0"), "n0_note_filed"),
    "note.amended": Related(LinkKind.AMENDMENT, NoteId("n0"), "n0_note_filed"),
    "note.retracted": Related(LinkKind.RETRACTION, NoteId("n0"), ""),
}


@pytest.mark.parametrize("kind", RELATED)
async def test_an_event_fits_its_schema(receiver: WebhookReceiver, port: int, kind: str) -> None:
    sink = opened(port)
    signed = dt.datetime(2026, 11, 20, 20, 0, tzinfo=dt.UTC)
    note = replace(NOTE, related=RELATED[kind], clinician_id=PersonId("p1"), signed_at=signed)
    receipt = await sink.put(note, FILES, "k1")
    await sink.close()
    event = receiver.kept[receipt.reference]
    schema = json.loads(resources.files("adapters").joinpath("webhook.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(event)
    assert receipt.reference == f"{NOTE.note_id}_{kind.replace('.', '_')}"
    assert (event["type"], event["timestamp"]) == (kind, "2026-11-20T20:00:00+00:00")
    assert (event["data"]["related"] or {}).get("note_id") == ("n0" if RELATED[kind] else None)
    assert event["data"]["files"]["pdf"]["sha256"] == receipt.sha256
    del event["data"]["note_id"]
    assert not validator.is_valid(event)


async def test_every_try_has_the_id_and_body_of_the_first_and_a_signature_of_its_own(
    receiver: WebhookReceiver, port: int, proxy: FaultProxy
) -> None:
    sink = opened(proxy.port)
    proxy.next(Fault("lost"))
    with pytest.raises(Temporary, match=r"^webhook:timeout$"):
        await sink.put(NOTE, FILES, "k1")
    await asyncio.sleep(1.1)
    await sink.put(NOTE, FILES, "k1")
    await sink.close()
    first, second = proxy.seen
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    for name in ("webhook-timestamp", "webhook-signature"):
        assert first.headers[name] != second.headers[name]
    assert list(receiver.kept) == [ID]


@pytest.mark.parametrize("signing", [OLD, f"{NEW} {OLD}", f"{OLD}\n{NEW}"])
async def test_a_receiver_with_the_old_secret_is_served_while_it_is_replaced(
    receiver: WebhookReceiver, port: int, signing: str
) -> None:
    sink = opened(port, signing)
    assert await sink.check() == []
    await sink.put(NOTE, FILES, "k1")
    await sink.close()
    (*_, headers) = receiver.seen
    assert len(headers["webhook-signature"].split(" ")) == len(signing.split())
    assert receiver.kept


async def test_the_library_refuses_a_body_that_was_changed(port: int, proxy: FaultProxy) -> None:
    sink = opened(proxy.port)
    await sink.put(NOTE, FILES, "k1")
    await sink.close()
    (request,) = proxy.seen
    Webhook(OLD).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(request.body.replace(b"JD-014", b"JD-015"), dict(request.headers))


async def test_a_wrong_secret(port: int) -> None:
    sink = opened(port, NEW)
    with pytest.raises(Permanent, match=r"^webhook:not_allowed:401$"):
        await sink.put(NOTE, FILES, "k1")
    assert "does not accept the signature" in (await sink.check())[0]
    await sink.close()


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        *((status, Temporary, f"webhook:busy:{status}") for status in (408, 409, 425, 429, 503)),
        (500, Temporary, "webhook:broken:500"),
        (502, Temporary, "webhook:broken:502"),
        (507, Temporary, "webhook:full:507"),
        (410, Permanent, "webhook:no_place:410"),
        (404, Permanent, "webhook:no_place:404"),
        (307, Permanent, "webhook:no_place:307"),
        (413, Permanent, "webhook:too_large:413"),
        (422, Permanent, "webhook:refused:422"),
        (403, Permanent, "webhook:not_allowed:403"),
    ],
)
async def test_what_a_receiver_answers(proxy: FaultProxy, status: int, kind: type[EffectError], expected: str) -> None:
    sink = opened(proxy.port)
    proxy.next(Fault("answer", status=status, headers={"Retry-After": "7", "Location": f"{proxy.url}/in"}))
    with pytest.raises(kind) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert type(refused.value) is kind
    assert str(refused.value) == expected
    if isinstance(refused.value, Temporary) and status != 507:
        assert refused.value.retry_after == 7
    assert len(proxy.seen) == 1
    await sink.close()


async def test_down_slow_garbage_and_half(proxy: FaultProxy) -> None:
    down = opened(1)
    with pytest.raises(Temporary, match=r"^webhook:unreachable$"):
        await down.put(NOTE, FILES, "k1")
    assert "cannot be reached" in (await down.check())[0]
    slow = opened(proxy.port, timeout_seconds=1)
    for fault in (Fault("pass", delay=3), Fault("garbage"), Fault("drop")):
        proxy.next(fault)
        with pytest.raises(Temporary, match=r"^webhook:timeout$"):
            await slow.put(NOTE, FILES, "k1")
    await down.close()
    await slow.close()


async def test_an_event_that_is_too_large_is_not_sent(receiver: WebhookReceiver, port: int) -> None:
    sink = opened(port, max_megabytes=1)
    with pytest.raises(Permanent, match=r"^webhook:too_large$"):
        await sink.put(NOTE, {**FILES, "pdf": bytes(1 << 20)}, "k1")
    assert receiver.seen == []
    await sink.close()


async def test_a_clock_that_is_wrong_is_told(proxy: FaultProxy) -> None:
    sink = opened(proxy.port)
    proxy.next(Fault("answer", status=204, headers={"Date": "Mon, 02 Nov 2026 10:00:00 GMT"}))
    assert "minutes ahead of that of the receiver" in (await sink.check())[0]
    await sink.close()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("answer", status=400, quote=True),
        Fault("answer", status=500, quote=True),
        Fault("garbage", quote=True),
        Fault("lost"),
    ],
)
async def test_nothing_of_the_note_is_overheard(proxy: FaultProxy, fault: Fault) -> None:
    with canary.captured_logs() as logs:
        sink = opened(proxy.port)
        await sink.put(replace(NOTE, client_code=canary.CODE), canary.FILES, "k1")
        proxy.next(fault)
        with pytest.raises(EffectError) as failed:
            await sink.put(replace(NOTE, client_code=canary.CODE), canary.FILES, "k1")
        await sink.check()
        await sink.close()
    encoded = base64.b64encode(canary.FILES["txt"]).decode()
    assert any(encoded.encode() in request.body for request in proxy.seen)
    assert canary.overheard(logs.getvalue(), failed.value) == []
    assert encoded not in logs.getvalue()
    assert OLD.removeprefix("whsec_") not in logs.getvalue()


class TestWhereItMayGo:
    """A name may mean another machine from one look-up to the next."""

    def sink(self, url: str, *answers: Sequence[str], private: bool = False, ca_file: str = "") -> WebhookSink:
        left = list(answers)

        async def resolver(host: str, port: int) -> Sequence[str]:
            if not left:
                raise OSError("no such name")
            return left.pop(0)

        return WebhookSink(
            url, [OLD], Arrangement(), StoppedClock(), allow_private=private, ca_file=ca_file, resolve=resolver
        )

    @pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.7"], ["::1"], ["169.254.169.254"]])
    async def test_a_name_that_means_a_private_address_is_refused(
        self, receiver: WebhookReceiver, port: int, addresses: list[str]
    ) -> None:
        sink = self.sink(f"http://hook.example.org:{port}/in", addresses, addresses)
        with pytest.raises(Permanent, match=r"^webhook:refused:private$"):
            await sink.put(NOTE, FILES, "k1")
        assert "allow_private = true" in (await sink.check())[0]
        assert receiver.seen == []
        await sink.close()

    async def test_the_judged_address_is_connected_to_and_looked_up_once_a_try(
        self, receiver: WebhookReceiver, port: int
    ) -> None:
        sink = self.sink(f"http://hook.example.org:{port}/in", ["127.0.0.1"], private=True)
        assert (await sink.put(NOTE, FILES, "k1")).reference == ID
        assert receiver.seen[0]["host"] == f"hook.example.org:{port}"
        with pytest.raises(Temporary, match=r"^webhook:unreachable$"):  # the second look-up finds nothing
            await sink.put(NOTE, FILES, "k1")
        await sink.close()

    async def test_the_next_address_is_tried(self, receiver: WebhookReceiver, port: int) -> None:
        sink = self.sink(f"http://hook.example.org:{port}/in", ["::1", "127.0.0.1"], private=True)
        assert (await sink.put(NOTE, FILES, "k1")).reference == ID
        await sink.close()

    @pytest.mark.parametrize(("name", "trusted"), [("hook.example.org", True), ("other.example.org", False)])
    async def test_the_certificate_must_be_that_of_the_name(
        self, receiver: WebhookReceiver, tmp_path: Path, name: str, trusted: bool
    ) -> None:
        authority, context = certified(tmp_path, "hook.example.org")
        runner = web.AppRunner(receiver.app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        url = f"https://{name}:{runner.addresses[0][1]}/in"
        sink = self.sink(url, ["127.0.0.1"], private=True, ca_file=str(authority))
        if trusted:
            assert (await sink.put(NOTE, FILES, "k1")).reference == ID
        else:
            with pytest.raises(Permanent, match=r"^webhook:untrusted$"):
                await sink.put(NOTE, FILES, "k1")
        await sink.close()
        await runner.cleanup()


def certified(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for `name` that signs itself: the file to trust, and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


async def test_look_ups_that_hang_are_given_up_and_hold_two_threads_at_most() -> None:
    goes_on = threading.Event()

    def hangs(host: str, port: int) -> Sequence[str]:
        goes_on.wait(10)
        return ["192.0.2.1"]

    resolve = resolver(0.1, hangs)
    for _ in range(5):
        with pytest.raises(OSError, match=r"^$"):
            await resolve("hook.example.org", 443)
    assert sum(thread.name == "afternote-lookup" for thread in threading.enumerate()) == 2
    goes_on.set()
    await asyncio.sleep(0.05)
    assert await resolve("hook.example.org", 443) == ["192.0.2.1"]


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
        *("fec0::1", "::127.0.0.1", "::10.0.0.1", "64:ff9b:1::a00:1"),
        *("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "no address"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


GOOD = {"url": "https://hook.example.org/in"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "url: must be given"),
        ({"url": "http://hook.example.org/in"}, "url: must be an https"),
        ({"url": "https://u:p@hook.example.org/in"}, "url: must not hold a user"),
        ({"url": "https://10.0.0.7/in"}, "url: is not public"),
        ({"url": "https://[::1]/in"}, "url: is not public"),
        ({"url": "http://localhost:9/in"}, "url: is not public"),
        ({**GOOD, "files": ["exe"]}, "files: exe"),
        ({**GOOD, "files": []}, "files: empty"),
        ({**GOOD, "max_megabytes": 0}, "max_megabytes: must be 1"),
        ({**GOOD, "timeout_seconds": 0}, "timeout_seconds: must be 1"),
        ({**GOOD, "ca_file": "none.pem"}, "ca_file: there is no such file"),
        ({**GOOD, "ca_file": __file__}, "ca_file: cannot be read as PEM"),
        ({**GOOD, "allow_private": "yes"}, "allow_private: must be true or false"),
        ({**GOOD, "secret": OLD}, "secret: a secret does not belong"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=r"^\[adapter\.hook\] ") as wrong:
        open_sink("hook", "webhook", settings, {"secret": PlainSecret(OLD)}, Path("/nowhere"), StoppedClock())
    assert f"[adapter.hook] {words}" in str(wrong.value)


@pytest.mark.parametrize("secret", ["", "c2VjcmV0", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", f"{OLD} whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_named_and_not_quoted(secret: str) -> None:
    with pytest.raises(ValueError, match=r"^AFTERNOTE_ADAPTER_HOOK_SECRET: ") as wrong:
        open_sink("hook", "webhook", GOOD, {"secret": PlainSecret(secret)}, Path("/nowhere"), StoppedClock())
    assert "c2" not in str(wrong.value)
