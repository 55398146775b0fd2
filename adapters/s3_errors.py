"""What botocore's errors come to. None of their texts is kept: they quote keys, and a store's own words."""

import logging
from typing import Any, cast

from adapters.http import Answer, refusal
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of

KIND = "s3"
_log = logging.getLogger(__name__)
# Codes that mean something else than their status: a 400 for a token that ran out, a 403 for a quota.
_BY_CODE: dict[str, tuple[type[EffectError], Reason]] = {
    "ExpiredToken": (Permanent, Reason.NOT_ALLOWED),
    "InvalidToken": (Permanent, Reason.NOT_ALLOWED),
    "AuthorizationHeaderMalformed": (Permanent, Reason.NO_PLACE),
    "PermanentRedirect": (Permanent, Reason.NO_PLACE),
    "TemporaryRedirect": (Temporary, Reason.BUSY),  # a bucket made a minute ago
    "NoSuchBucket": (Permanent, Reason.NO_PLACE),
    "InvalidBucketName": (Permanent, Reason.NO_PLACE),
    "EntityTooLarge": (Permanent, Reason.TOO_LARGE),
    "NotImplemented": (Permanent, Reason.REFUSED),
    "RequestTimeout": (Temporary, Reason.BUSY),
    "SlowDown": (Temporary, Reason.BUSY),
    "QuotaExceeded": (Temporary, Reason.FULL),
    "XMinioStorageFull": (Temporary, Reason.FULL),
    "XMinioAdminBucketQuotaExceeded": (Temporary, Reason.FULL),
}
_SKEWED = "RequestTimeTooSkewed"
_BY_TYPE: tuple[tuple[tuple[str, ...], type[EffectError], Reason], ...] = (
    (("SSLError",), Permanent, Reason.UNTRUSTED),
    (("ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError"), Temporary, Reason.UNREACHABLE),
    (("ReadTimeoutError",), Temporary, Reason.TIMEOUT),
    (("HTTPClientError", "IncompleteReadError", "HTTPError", "OSError"), Temporary, Reason.BROKEN),
    (("ResponseParserError", "ChecksumError", "FlexibleChecksumError"), Temporary, Reason.NONSENSE),
    (("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"), Permanent, Reason.NOT_ALLOWED),
    (("CredentialRetrievalError", "TokenRetrievalError", "SSOError"), Temporary, Reason.NOT_ALLOWED),
    (("ParamValidationError", "ValidationError", "InvalidRegionError"), Permanent, Reason.REFUSED),
)


def effect_error(error: Exception) -> EffectError:
    """Any error of a call as Temporary or Permanent. urllib3's own reach us while a body is read."""
    if isinstance(error, TimeoutError):
        return Temporary(code_of(KIND, Reason.TIMEOUT))
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ClientError" in names:
        return _refusal(error)
    for known, kind, reason in _BY_TYPE:
        if names & set(known):
            return kind(code_of(KIND, reason))
    _log.warning("An error that the s3 adapter does not know.", exc_info=error)
    return Temporary(code_of(KIND, Reason.UNEXPECTED))


def status_and_code(error: Exception) -> tuple[int, str]:
    """Of a ClientError: the HTTP status (0 when there is none) and the store's code, a bare word."""
    response = _response(error)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return int(status), str(response.get("Error", {}).get("Code", ""))


def is_skewed(error: EffectError) -> bool:
    """Whether the store refused because the clocks differ too much."""
    return error.code.endswith(":clock")


def _refusal(error: Exception) -> EffectError:
    status, code = status_and_code(error)
    if code == _SKEWED:
        return Permanent(code_of(KIND, Reason.NOT_ALLOWED, "clock"))
    headers = _response(error).get("ResponseMetadata", {}).get("HTTPHeaders", {})
    usual = refusal(KIND, Answer(status, headers, b""))
    if code not in _BY_CODE:
        return usual
    kind, reason = _BY_CODE[code]
    words = code_of(KIND, reason, status)
    wait = usual.retry_after if isinstance(usual, Temporary) else None
    return Temporary(words, wait) if kind is Temporary else kind(words)


def _response(error: Exception) -> dict[str, Any]:
    return cast(dict[str, Any], getattr(error, "response", {}))
