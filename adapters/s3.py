"""Files notes in a bucket: Amazon S3, or a store that speaks its protocol and honours `If-None-Match: *` on PUT.

What a note is there, and when it counts as filed: `file_set`. boto3 is imported when the first file is put.
"""

import asyncio
import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.about import REQUIRED, Ability, About, Setting
from adapters.file_set import FILE_SETTINGS, Arrangement, Found, commit_note
from adapters.http import url_problem
from adapters.media_types import media_type
from adapters.own_threads import OwnThreads
from adapters.problems import problem_of, skew_problem
from adapters.s3_client import AT_ONCE, connector
from adapters.s3_errors import KIND, effect_error, is_skewed, status_and_code
from adapters.settings import SinkSettings
from bot.domain.errors import EffectError, Temporary
from bot.domain.filing import Reason, code_of, reason_in
from bot.ports import Clock, FiledNote, Receipt

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_T = TypeVar("_T")
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*")
_TRIES, _PAUSE = 4, 0.2  # for two conditional writes at once: attempts, and seconds before the second
CHECK_FOLDER = "afternote-check"


class _Put(Enum):
    """What a conditional put came to."""

    CREATED = "created"
    THERE = "there"
    CONTENDED = "contended"


class S3Sink:
    """A NoteSink in a bucket. A receipt's version is the version id, or the ETag where the bucket keeps no versions."""

    ABOUT = About(
        "A bucket: Amazon S3, or a compatible store that refuses to overwrite when asked to.",
        (
            Setting("bucket", "name of the bucket", REQUIRED),
            Setting("prefix", "what every key begins with, such as notes/"),
            Setting("region", "such as eu-central-1; needed for Amazon’s own"),
            Setting("endpoint_url", "address of a compatible store; empty: Amazon’s own"),
            *FILE_SETTINGS,
            Setting("addressing", "the bucket’s name in the host or in the path", "auto", ("auto", "path", "virtual")),
            Setting("encryption", "server-side; bucket: as that is set up", "bucket", ("bucket", "AES256", "aws:kms")),
            Setting("kms_key_id", 'key for encryption = "aws:kms"; empty: the account’s default key'),
            Setting(
                "credentials",
                "keys: the two secrets below; environment: what boto3 finds itself (a role, AWS_PROFILE)",
                "keys",
                ("keys", "environment"),
            ),
            Setting("ca_file", "certificates to trust for endpoint_url; empty: the usual ones"),
            Setting("timeout_seconds", "how long one file may take", 20),
            Setting("access_key_id", "access key", secret=True),
            Setting("secret_access_key", "its secret", secret=True),
            Setting("session_token", "only for temporary credentials", secret=True),
        ),
        (Ability.REFUSES_OVERWRITE, Ability.READS_BACK),
        extra="s3",
        modules=("boto3",),
    )

    def __init__(
        self,
        connect: Callable[[], "S3Client"],
        bucket: str,
        arrangement: Arrangement,
        clock: Clock,
        *,
        prefix: str = "",
        options: Mapping[str, str] | None = None,
        seconds: float = 20.0,
    ) -> None:
        self._connect, self._bucket, self._prefix = connect, bucket, prefix
        self._arrangement, self._clock = arrangement, clock
        self._options: dict[str, Any] = dict(options or {})
        self._threads = OwnThreads("afternote-s3", most=AT_ONCE, seconds=seconds)
        self._connecting = asyncio.Lock()
        self._client: S3Client | None = None

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "S3Sink":
        """Reads and checks the settings; nothing is imported or connected yet. Raises ValueError."""
        _check(settings)
        encryption, key = settings.text("encryption"), settings.text("kms_key_id")
        options = {"ServerSideEncryption": "" if encryption == "bucket" else encryption, "SSEKMSKeyId": key}
        return cls(
            connector(settings, home),
            settings.text("bucket"),
            Arrangement.from_settings(settings),
            clock,
            prefix=_prefix(settings),
            options={name: value for name, value in options.items() if value},
            seconds=settings.seconds("timeout_seconds"),
        )

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """File the note under its stem. See NoteSink; the reference is the stem below `prefix`."""
        return await commit_note(self, self._arrangement, note, files, key, KIND, self._clock)

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        """See `file_set.Store`. Objects appear whole or not at all."""
        for again in range(_TRIES):
            await asyncio.sleep(_PAUSE * 2 ** (again - 1) if again else 0)
            put, _ = await self._call(lambda client: self._put_object(client, path, data))
            if put is not _Put.CONTENDED:
                return put is _Put.CREATED
        raise Temporary(code_of(KIND, Reason.BUSY, 409))

    async def read(self, path: str) -> Found | None:
        """See `file_set.Store`."""
        return await self._call(lambda client: self._get_object(client, path))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            with suppress(TimeoutError):
                await self._threads.run(self._client.close)

    async def check(self) -> Sequence[str]:
        """Credentials, rights, the clock, and a second put to one key that must be refused."""
        place = f"The bucket {self._bucket}"
        try:
            return await self._problems(f"{CHECK_FOLDER}/{secrets.token_hex(8)}", place)
        except EffectError as error:
            return [_sentence(error, place)]

    async def _problems(self, probe: str, place: str) -> Sequence[str]:
        try:
            put, date = await self._call(lambda client: self._put_object(client, probe, b"one"))
            again = await self.put_new(probe, b"two", may_complete=False)
            found = await self.read(probe)
            blind = await self._is_blind(f"{probe}-missing")
        finally:
            await self._forget(probe)
        if put is not _Put.CREATED:
            return [f"{place} says that a new file is there already; notes cannot be filed."]
        if again or found is None or found.data != b"one":
            return [f"{place} lets files be overwritten (it ignores If-None-Match); notes are not safe there."]
        lacks = f"{place}: the credentials lack s3:ListBucket; without it a missing file looks like a forbidden one."
        return [words for words in (lacks if blind else "", skew_problem(date, "the store")) if words]

    async def _is_blind(self, path: str) -> bool:
        """Whether a key that is not there is forbidden, not missing."""
        try:
            await self.read(path)
        except EffectError as error:
            if reason_in(error.code) is Reason.NOT_ALLOWED:
                return True
            raise
        return False

    async def _forget(self, path: str) -> None:
        """Delete a probe. It may stay where nothing can be deleted, which is a good thing in a record."""
        with suppress(EffectError):
            await self._call(lambda client: client.delete_object(Bucket=self._bucket, Key=self._prefix + path))

    async def _call(self, work: Callable[["S3Client"], _T]) -> _T:
        """Work with the client in a thread. Raises EffectErrors only: botocore's own texts quote keys and answers."""
        try:
            async with self._connecting:
                client = self._client = self._client or await self._threads.run(self._connect)
            return await self._threads.run(lambda: work(client))
        except Exception as error:
            raise effect_error(error) from None

    def _put_object(self, client: "S3Client", path: str, data: bytes) -> tuple[_Put, str]:
        """What came of it, and the store's time. Content-MD5: buckets with Object Lock want it."""
        from botocore.exceptions import ClientError

        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        try:
            answer = client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + path,
                Body=data,
                ContentMD5=md5,
                ContentType=media_type(path),
                IfNoneMatch="*",
                **self._options,
            )
        except ClientError as error:
            status, _ = status_and_code(error)
            if status not in (409, 412):
                raise
            return (_Put.THERE if status == 412 else _Put.CONTENDED), ""
        return _Put.CREATED, answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")

    def _get_object(self, client: "S3Client", path: str) -> Found | None:
        from botocore.exceptions import ClientError

        try:
            answer = client.get_object(Bucket=self._bucket, Key=self._prefix + path)
        except ClientError as error:
            status, code = status_and_code(error)
            if status == 404 and code in ("NoSuchKey", "404"):
                return None
            raise
        with answer["Body"] as body:
            data = body.read()
        return Found(data, answer.get("VersionId") or answer.get("ETag", "").strip('"'))


def _sentence(error: EffectError, place: str) -> str:
    if error.code.endswith(":501"):
        return f"{place} does not know If-None-Match, so notes could be overwritten. Use another store."
    if is_skewed(error):
        return f"{place}: this machine’s clock differs too much from the store’s. Set it by NTP."
    if error.code == code_of(KIND, Reason.REFUSED):
        return f"{place} cannot be asked for: `bucket` or `region` is no name of that kind. ({error.code})"
    if error.code.endswith((":301", ":400")) and reason_in(error.code) is Reason.NO_PLACE:
        return f"{place} is elsewhere: `region` or `endpoint_url` is not right. ({error.code})"
    return problem_of(error, place)


def _check(settings: SinkSettings) -> None:
    """What can be wrong with the settings taken together. Raises ValueError."""
    address, by_keys = settings.text("endpoint_url"), settings.text("credentials") == "keys"
    if address and (words := url_problem(address)):
        raise settings.problem("endpoint_url", words)
    if not address and not settings.text("region"):
        raise settings.problem("region", "must be given, such as eu-central-1 (or endpoint_url for another store)")
    if settings.text("kms_key_id") and settings.text("encryption") != "aws:kms":
        raise settings.problem("kms_key_id", 'is of use only with encryption = "aws:kms"')
    for name in ("access_key_id", "secret_access_key"):
        if by_keys and settings.secret(name) is None:
            raise settings.problem(name, 'must be set in the environment, or say credentials = "environment"')


def _prefix(settings: SinkSettings) -> str:
    prefix = settings.text("prefix")
    parts = prefix.removesuffix("/").split("/") if prefix else []
    if not _PREFIX.fullmatch(prefix) or {"", ".", ".."} & set(parts):
        raise settings.problem("prefix", "only letters A-Z, digits, '.', '_', '-' and '/' inside, such as notes/")
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
