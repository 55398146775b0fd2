"""Reads a file that somebody sent in Slack: into memory only, of a limited size, and only for whom it belongs to."""

# slack_sdk leaves type parameters open in its signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.day import SentFile
from bot.cards import sessions_words as words
from bot.domain.errors import UserMistake
from bot.slack.inbound import Payload, parse_sender

MOST_BYTES = 2 * 1024 * 1024
_log = logging.getLogger("afternote.slack")
_NO_ACCESS = frozenset({"missing_scope", "not_allowed_token_type", "no_permission"})
_GONE = frozenset({"file_not_found", "file_deleted"})
_SECONDS = aiohttp.ClientTimeout(total=20)


def fetching(client: AsyncWebClient, body: Payload) -> Callable[[str], Awaitable[SentFile]]:
    """Reads files of whoever acted."""
    user = parse_sender(body).user_id

    async def fetch(file_id: str) -> SentFile:
        return await read_file(client, file_id, user)

    return fetch


async def read_file(client: AsyncWebClient, file_id: str, user: str) -> SentFile:
    """The file's name and text. Raises UserMistake: somebody else's, gone, too large, or out of reach."""
    try:
        answer = await client.files_info(file=file_id)
        described: dict[str, Any] = answer.get("file") or {}
        if described.get("user") != user:
            raise UserMistake("not_your_file", words.NOT_YOUR_FILE)
        content = await _downloaded(client, str(described.get("url_private_download") or described.get("url_private")))
    except SlackApiError as error:
        raise _refused(str(error.response.get("error", "")) if error.response else "") from None
    except (aiohttp.ClientError, TimeoutError) as error:
        _log.warning("a file cannot be read: %s", type(error).__name__)  # its own words hold the file's name
        raise UserMistake("file_trouble", words.FILE_TROUBLE) from None
    return SentFile(str(described.get("name") or ""), content.decode("utf-8-sig", "replace"))


async def _downloaded(client: AsyncWebClient, url: str) -> bytes:
    """Raises UserMistake. The token goes to Slack only."""
    if client.session is None or not _is_slacks(url, client.base_url):
        raise UserMistake("file_trouble", words.FILE_TROUBLE)
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(url, headers=headers, allow_redirects=False, timeout=_SECONDS) as response:
        if response.status in (301, 302, 303, 307, 401, 403):
            raise UserMistake("no_file_access", words.NO_FILE_ACCESS)
        if response.status == 404:
            raise UserMistake("file_gone", words.FILE_GONE)
        response.raise_for_status()
        content = bytearray()
        async for piece in response.content.iter_chunked(65_536):
            content += piece
            if len(content) > MOST_BYTES:
                raise UserMistake("file_too_large", words.TOO_LARGE.format(most=MOST_BYTES // 1024 // 1024))
    return bytes(content)


def _is_slacks(url: str, base_url: str) -> bool:
    """Whether this is an address of Slack, or of what stands in for it."""
    try:
        asked, ours = urlsplit(url), urlsplit(base_url)
        if (asked.scheme, asked.hostname, asked.port) == (ours.scheme, ours.hostname, ours.port):
            return True
        return asked.scheme == "https" and f".{asked.hostname}".endswith(".slack.com") and asked.port in (None, 443)
    except ValueError:
        return False


def _refused(code: str) -> UserMistake:
    _log.warning("a file cannot be read: %s", code)
    if code in _NO_ACCESS:
        return UserMistake("no_file_access", words.NO_FILE_ACCESS)
    if code in _GONE:
        return UserMistake("file_gone", words.FILE_GONE)
    return UserMistake("file_trouble", words.FILE_TROUBLE)
