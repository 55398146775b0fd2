"""The boto3 client of the s3 adapter, made from its settings when it is needed first."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.http import trusted_file
from adapters.settings import SinkSettings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

AT_ONCE = 8  # calls


def connector(settings: SinkSettings, home: Path) -> Callable[[], "S3Client"]:
    """How to make the client, which is slow: boto3 has much to read. Raises ValueError for a wrong `ca_file`."""
    by_keys = settings.text("credentials") == "keys"
    ca_file = trusted_file(settings, home)

    def connect() -> "S3Client":
        import boto3
        from botocore.config import Config

        session: Any = boto3.session.Session()
        return session.client(
            "s3",
            region_name=settings.text("region") or "us-east-1",
            endpoint_url=settings.text("endpoint_url") or None,
            verify=ca_file or None,
            aws_access_key_id=_revealed(settings, "access_key_id") if by_keys else None,
            aws_secret_access_key=_revealed(settings, "secret_access_key") if by_keys else None,
            aws_session_token=_revealed(settings, "session_token") if by_keys else None,
            config=Config(**_options(settings)),
        )

    return connect


def _options(settings: SinkSettings) -> dict[str, Any]:
    """Retries are the ledger's; checksums of the newer kind only where asked for, because other stores lack them."""
    seconds = settings.seconds("timeout_seconds")
    return {
        "signature_version": "s3v4",
        "connect_timeout": seconds,
        "read_timeout": seconds,
        "retries": {"total_max_attempts": 1},
        "max_pool_connections": AT_ONCE,
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
        "ignore_configured_endpoint_urls": True,
        "s3": {"addressing_style": settings.text("addressing")},
    }


def _revealed(settings: SinkSettings, key: str) -> str | None:
    secret = settings.secret(key)
    return secret.reveal() if secret else None
