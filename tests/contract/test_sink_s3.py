"""The s3 sink against moto's S3, and behind a proxy that loses, delays and quotes.

moto's conditional put is a look and then a put, which S3's own is not: so it gets one request at a time.
"""

import logging
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from adapters.registry import open_sink
from adapters.s3 import CHECK_FOLDER, S3Sink
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary
from bot.ports import FiledNote
from tests.contract.killed_sender import all_filed_once, killed_runs
from tests.contract.note_sink_contract import FILES, NOTE, NoteSinkContract, StoppedClock
from tests.doubles import canary
from tests.doubles.fault_proxy import Fault, FaultProxy
from tests.doubles.plain_secret import PlainSecret

BUCKET = "larkspur-notes"
STEM = "notes/JD-014/2026-11-20_soap_n0123456789abcdefg"
KEYS = {"access_key_id": PlainSecret("testing"), "secret_access_key": PlainSecret("testing-secret")}
OVERWRITES = Fault("answer", status=200, headers={"ETag": '"x"'})


@pytest.fixture(scope="module")
def moto() -> Iterator[tuple[str, int]]:
    """Where moto listens."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app: Any = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield "127.0.0.1", server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def tell(moto: tuple[str, int], command: str, data: bytes = b"") -> None:
    """Give moto an order of its own."""
    url, headers = "http://{}:{}/moto-api/{}".format(*moto, command), {"Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, data=data, headers=headers, method="POST")  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310 - this machine's moto


@pytest.fixture
def store(moto: tuple[str, int]) -> Iterator[Any]:
    """A client of the test's own, on an empty bucket."""
    url = "http://{}:{}".format(*moto)
    tell(moto, "reset")
    client: Any = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="t", aws_secret_access_key="t", region_name="us-east-1"
    )
    client.create_bucket(Bucket=BUCKET)
    yield client
    client.close()


@pytest.fixture
async def proxy(moto: tuple[str, int]) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(*moto) as proxy:
        yield proxy


def values_of(url: str) -> dict[str, object]:
    return {"bucket": BUCKET, "prefix": "notes", "endpoint_url": url, "timeout_seconds": 10}


def opened(url: str, secrets: Mapping[str, PlainSecret] = KEYS, **more: object) -> S3Sink:
    sink = open_sink("bucket", "s3", {**values_of(url), **more}, secrets, Path("/nowhere"), StoppedClock())
    assert isinstance(sink, S3Sink)
    return sink


def keys_of(store: Any) -> list[str]:
    return [item["Key"] for item in store.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


class TestS3Sink(NoteSinkContract):
    @pytest.fixture
    async def sink(self, store: Any, moto: tuple[str, int]) -> AsyncIterator[S3Sink]:
        self.store = store
        sink = opened("http://{}:{}".format(*moto))
        yield sink
        await sink.close()

    async def held(self, sink: S3Sink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        stem = next(name for name in keys_of(self.store) if name.endswith(f"{note.note_id}.receipt.json"))[:-13]
        names = [name for name in keys_of(self.store) if name.startswith(f"{stem}.")]
        read = {n: self.store.get_object(Bucket=BUCKET, Key=n)["Body"].read() for n in names}
        assert f'"key": "{key}"'.encode() in read.pop(f"{stem}.receipt.json")
        return {name.removeprefix(f"{stem}."): data for name, data in read.items()}


@pytest.fixture
async def sink(store: Any, proxy: FaultProxy) -> AsyncIterator[S3Sink]:
    """On an empty bucket, through the proxy."""
    sink = opened(proxy.url)
    yield sink
    await sink.close()


async def test_keys_types_and_version(sink: S3Sink, store: Any) -> None:
    receipt = await sink.put(NOTE, FILES, "k1")
    assert f"notes/{receipt.reference}" == STEM
    assert receipt.version == store.head_object(Bucket=BUCKET, Key=f"{STEM}.pdf")["ETag"].strip('"')
    assert store.head_object(Bucket=BUCKET, Key=f"{STEM}.txt")["ContentType"] == "text/plain; charset=utf-8"
    store.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    receipt = await sink.put(replace(NOTE, client_code="JD-015"), FILES, "k1")
    key = f"notes/{receipt.reference}.pdf"
    assert receipt.version == store.head_object(Bucket=BUCKET, Key=key)["VersionId"]


async def test_encryption_is_asked_for(store: Any, proxy: FaultProxy) -> None:
    sink = opened(proxy.url, encryption="aws:kms", kms_key_id="alias/notes")
    await sink.put(NOTE, FILES, "k1")
    await sink.close()
    head = store.head_object(Bucket=BUCKET, Key=f"{STEM}.pdf")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "alias/notes")


@pytest.mark.parametrize("kind", ["lost", "drop"])
@pytest.mark.parametrize("number", range(4))
async def test_a_lost_answer_is_temporary_and_a_retry_completes(
    sink: S3Sink, store: Any, proxy: FaultProxy, kind: Any, number: int
) -> None:
    proxy.next(*[Fault("pass")] * number, Fault(kind), method="PUT")
    with pytest.raises(Temporary, match=r"^s3:broken$"):
        await sink.put(NOTE, FILES, "k1")
    receipt = await sink.put(NOTE, FILES, "k1")
    assert receipt.outcome == ("already" if number == 3 and kind != "drop" else "stored")
    assert len(keys_of(store)) == 4


async def test_killed_five_times_every_note_is_complete_and_there_once(store: Any, moto: tuple[str, int]) -> None:
    url = "http://{}:{}".format(*moto)
    last = killed_runs("s3", values_of(url), KEYS, 5)
    assert last >= 0, "the children never got anywhere"
    sink = opened(url)
    await all_filed_once(sink, last, lambda path: store.get_object(Bucket=BUCKET, Key=f"notes/{path}")["Body"].read())
    await sink.close()
    assert len(keys_of(store)) == 4 * (last + 2)


async def test_half_an_object_is_not_the_object(sink: S3Sink, proxy: FaultProxy) -> None:
    proxy.next(Fault("pass"), Fault("cut"), method="GET")
    with pytest.raises(Temporary, match=r"^s3:broken$"):
        await sink.put(NOTE, {**FILES, "pdf": bytes(9999)}, "k1")
    assert (await sink.put(NOTE, {**FILES, "pdf": bytes(9999)}, "k1")).outcome == "stored"


async def test_down_slow_and_garbage_are_temporary(sink: S3Sink, store: Any, proxy: FaultProxy) -> None:
    down = opened("http://127.0.0.1:1")
    with pytest.raises(Temporary, match=r"^s3:unreachable$"):
        await down.put(NOTE, FILES, "k1")
    assert "cannot be reached" in (await down.check())[0]
    slow = opened(proxy.url, timeout_seconds=2)
    await slow.read("warm/up")
    proxy.next(Fault("pass", delay=8))
    with pytest.raises(Temporary, match=r"^s3:timeout$"):
        await slow.put(NOTE, FILES, "k1")
    await slow.close()
    proxy.next(Fault("garbage", quote=True), method="PUT")
    with pytest.raises(Temporary):
        await sink.put(NOTE, FILES, "k1")
    proxy.next(Fault("answer", status=200, body=b"<html>Please log in</html>"), method="GET")
    with pytest.raises(Conflict):  # a mark with other content: nothing is written over it
        await sink.put(NOTE, FILES, "k1")
    assert keys_of(store) == []


def error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()


@pytest.mark.parametrize(
    ("status", "code", "kind", "expected"),
    [
        (503, "SlowDown", Temporary, "s3:busy:503"),
        (429, "TooManyRequests", Temporary, "s3:busy:429"),
        (400, "RequestTimeout", Temporary, "s3:busy:400"),
        (500, "InternalError", Temporary, "s3:broken:500"),
        (507, "XMinioStorageFull", Temporary, "s3:full:507"),
        (403, "QuotaExceeded", Temporary, "s3:full:403"),
        (403, "AccessDenied", Permanent, "s3:not_allowed:403"),
        (403, "RequestTimeTooSkewed", Permanent, "s3:not_allowed:clock"),
        (400, "ExpiredToken", Permanent, "s3:not_allowed:400"),
        (400, "AuthorizationHeaderMalformed", Permanent, "s3:no_place:400"),
        (400, "EntityTooLarge", Permanent, "s3:too_large:400"),
        (501, "NotImplemented", Permanent, "s3:refused:501"),
        (400, "InvalidArgument", Permanent, "s3:refused:400"),
    ],
)
async def test_what_a_store_answers(
    sink: S3Sink, proxy: FaultProxy, status: int, code: str, kind: type[EffectError], expected: str
) -> None:
    proxy.next(Fault("answer", status=status, headers={"Retry-After": "7"}, body=error(code)), method="PUT")
    with pytest.raises(kind) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert type(refused.value) is kind
    assert str(refused.value) == expected
    if status in (429, 503):
        assert isinstance(refused.value, Temporary)
        assert refused.value.retry_after == 7


async def test_a_bucket_that_says_it_is_elsewhere(sink: S3Sink, proxy: FaultProxy) -> None:
    there = {"x-amz-bucket-region": "eu-central-1"}
    proxy.always(Fault("answer", status=301, headers=there, body=error("PermanentRedirect")))
    with pytest.raises(Permanent, match=r"^s3:no_place:301$"):
        await sink.put(NOTE, FILES, "k1")


async def test_two_conditional_writes_at_once_are_tried_again(sink: S3Sink, proxy: FaultProxy) -> None:
    contended = Fault("answer", status=409, body=error("ConditionalRequestConflict"))
    proxy.next(contended, contended, method="PUT")
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    proxy.always(contended, method="PUT")
    with pytest.raises(Temporary, match=r"^s3:busy:409$"):
        await sink.put(replace(NOTE, client_code="JD-015"), FILES, "k1")


async def test_a_bucket_that_is_not_there(sink: S3Sink, store: Any, proxy: FaultProxy) -> None:
    elsewhere = opened(proxy.url, bucket="another-one")
    with pytest.raises(Permanent, match=r"^s3:no_place:404$"):
        await elsewhere.put(NOTE, FILES, "k1")
    assert await elsewhere.check() == ["The bucket another-one does not exist. (s3:no_place:404)"]
    await elsewhere.close()


async def test_a_name_or_a_region_that_is_not_right_is_said(store: Any, proxy: FaultProxy) -> None:
    odd = opened(proxy.url, bucket="Notes of ours")
    assert "`bucket` or `region` is no name of that kind" in (await odd.check())[0]
    await odd.close()
    sink = opened(proxy.url)
    moved = Fault("answer", status=400, body=error("AuthorizationHeaderMalformed"))
    proxy.always(moved, method="PUT")
    assert "`region` or `endpoint_url` is not right" in (await sink.check())[0]
    proxy.always(Fault("answer", status=307, body=error("TemporaryRedirect")), method="PUT")
    with pytest.raises(Temporary, match=r"^s3:busy:307$"):
        await sink.put(NOTE, FILES, "k1")
    await sink.close()


async def test_a_probe_whose_answer_was_lost_is_removed_again(sink: S3Sink, store: Any, proxy: FaultProxy) -> None:
    proxy.next(Fault("lost"), method="PUT")
    assert "s3:" in (await sink.check())[0]
    assert keys_of(store) == []


@pytest.fixture
def guarded(moto: tuple[str, int], store: Any) -> Iterator[None]:
    """A moto that knows no key of ours."""
    tell(moto, "reset-auth", b"0")
    yield
    tell(moto, "reset-auth", b"inf")


@pytest.mark.usefixtures("guarded")
async def test_wrong_credentials(proxy: FaultProxy) -> None:
    wrong = opened(proxy.url)
    with pytest.raises(Permanent, match=r"^s3:not_allowed:403$"):
        await wrong.put(NOTE, FILES, "k1")
    (words,) = await wrong.check()
    assert "does not accept the credentials" in words
    await wrong.close()


async def test_check_leaves_nothing_and_says_what_is_wrong(sink: S3Sink, store: Any, proxy: FaultProxy) -> None:
    assert await sink.check() == []
    assert keys_of(store) == []
    forbidden = Fault("answer", status=403, body=error("AccessDenied"))
    proxy.next(forbidden, method="DELETE")
    assert await sink.check() == []
    assert [key.rpartition("/")[0] for key in keys_of(store)] == [f"notes/{CHECK_FOLDER}"]
    proxy.next(Fault("pass"), forbidden, method="GET")
    assert "s3:ListBucket" in (await sink.check())[0]
    proxy.next(Fault("answer", status=403, body=error("RequestTimeTooSkewed")), method="PUT")
    assert "clock" in (await sink.check())[0]
    proxy.next(Fault("answer", status=501, body=error("NotImplemented")), method="PUT")
    assert "does not know If-None-Match" in (await sink.check())[0]
    exists = Fault("answer", status=412, body=error("PreconditionFailed"))
    old = Fault("answer", status=200, headers={"Date": "Mon, 02 Nov 2026 10:00:00 GMT"})
    proxy.next(old, exists, method="PUT")
    proxy.next(Fault("answer", status=200, body=b"one"), method="GET")
    assert "minutes ahead of that of the store" in (await sink.check())[0]
    proxy.next(exists, method="PUT")
    assert "is there already" in (await sink.check())[0]


async def test_a_store_that_overwrites_is_refused_in_words(sink: S3Sink, proxy: FaultProxy) -> None:
    proxy.next(Fault("pass"), OVERWRITES, method="PUT")
    assert "lets files be overwritten" in (await sink.check())[0]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("answer", status=400, body=b"<Error><Code>Odd</Code><Message>", quote=True),
        Fault("answer", status=500, body=b"<Error><Code>", quote=True),
        Fault("answer", status=500, quote=True),
        Fault("garbage", quote=True),
        Fault("lost"),
        Fault("cut"),
    ],
)
async def test_nothing_of_the_note_is_overheard(store: Any, proxy: FaultProxy, fault: Fault) -> None:
    note = replace(NOTE, client_code=canary.CODE)
    with canary.captured_logs() as logs:
        sink = opened(proxy.url)
        await sink.put(note, canary.FILES, "k1")
        with pytest.raises(Conflict) as conflict:
            await sink.put(note, FILES, "k1")
        proxy.next(fault, method="PUT")
        proxy.next(fault, method="GET")
        with pytest.raises(EffectError) as failed:
            await sink.put(replace(note, format_id="dap"), canary.FILES, "k1")
        await sink.check()
        await sink.close()
    assert canary.overheard(logs.getvalue(), failed.value, conflict.value) == []
    assert any(canary.WORDS.encode() in request.body for request in proxy.seen)


GOOD = {"bucket": BUCKET, "region": "eu-central-1"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"region": "eu-central-1"}, "[adapter.bucket] bucket: must be given"),
        ({"bucket": BUCKET}, "[adapter.bucket] region: must be given"),
        ({**GOOD, "endpoint_url": "http://minio.example.org"}, "[adapter.bucket] endpoint_url: must be an https"),
        ({**GOOD, "prefix": "/notes"}, "[adapter.bucket] prefix: only"),
        ({**GOOD, "prefix": "notes/../others"}, "[adapter.bucket] prefix: only"),
        ({**GOOD, "prefix": "notes//x"}, "[adapter.bucket] prefix: only"),
        ({**GOOD, "prefix": "notes of ours"}, "[adapter.bucket] prefix: only"),
        ({**GOOD, "layout": "{client_code}"}, "[adapter.bucket] layout: must hold"),
        ({**GOOD, "files": ["exe"]}, "[adapter.bucket] files: exe"),
        ({**GOOD, "encryption": "rot13"}, "[adapter.bucket] encryption: must be one of"),
        ({**GOOD, "kms_key_id": "k"}, "[adapter.bucket] kms_key_id: is of use only"),
        ({**GOOD, "addressing": "x"}, "[adapter.bucket] addressing: must be one of"),
        ({**GOOD, "timeout_seconds": 0}, "[adapter.bucket] timeout_seconds: must be 1"),
        ({**GOOD, "ca_file": "none.pem"}, "[adapter.bucket] ca_file: there is no such file"),
        ({**GOOD, "ca_file": __file__}, "[adapter.bucket] ca_file: cannot be read as PEM"),
        ({**GOOD, "access_key_id": "AKIA"}, "AFTERNOTE_ADAPTER_BUCKET_ACCESS_KEY_ID"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=r"^\[adapter\.bucket\] ") as wrong:
        open_sink("bucket", "s3", settings, KEYS, Path("/nowhere"), StoppedClock())
    assert str(wrong.value).startswith(words) or words in str(wrong.value)


def test_missing_keys_are_named_unless_the_environment_has_them() -> None:
    with pytest.raises(ValueError, match=r"^AFTERNOTE_ADAPTER_BUCKET_SECRET_ACCESS_KEY: must be set"):
        open_sink("bucket", "s3", GOOD, {"access_key_id": PlainSecret("a")}, Path("/nowhere"), StoppedClock())
    open_sink("bucket", "s3", {**GOOD, "credentials": "environment"}, {}, Path("/nowhere"), StoppedClock())
