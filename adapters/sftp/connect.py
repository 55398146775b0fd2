"""One connection to an SSH server whose key is known beforehand, kept alive, opened anew when it was lost.

Nothing of the machine's own SSH set-up is used: no agent, no ~/.ssh/config, no default keys, no unknown host.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.settings import SinkSettings
from adapters.sftp.errors import KIND, of_connection
from bot.domain.errors import Temporary
from bot.domain.filing import Reason, code_of

if TYPE_CHECKING:
    from asyncssh import SFTPClient, SSHClientConnection

_KEEPALIVE = 15  # seconds; a peer that misses three is lost


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect to, and as whom. `options`: trust and credentials, as asyncssh takes them."""

    host: str
    port: int
    username: str
    options: Mapping[str, Any] = field(repr=False)
    seconds: float


def server_of(settings: SinkSettings, home: Path) -> Server:
    """From the settings, keys read and tried. Raises ValueError naming the key."""
    host, port = settings.text("host"), settings.number("port")
    options = {**_trust(settings, home, host, port), **_credentials(settings, home)}
    return Server(host, port, settings.text("username"), options, settings.seconds("timeout_seconds"))


class Line:
    """The connection, shared by all who put at once. `client` opens it when there is none."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._opening = asyncio.Lock()
        self._connection: SSHClientConnection | None = None
        self._client: SFTPClient | None = None

    async def client(self) -> "SFTPClient":
        """Raises Temporary or Permanent; nothing was sent then."""
        async with self._opening:
            if self._client is None or self._connection is None or self._connection.is_closed():
                self.drop(self._client)
                self._client = await self._opened()
            return self._client

    def drop(self, client: "SFTPClient | None") -> None:
        """End this client's connection at once: it broke, or it does not answer. One opened since then stays."""
        if client is self._client and self._connection is not None:
            self._connection.abort()
            self._connection = self._client = None

    async def close(self) -> None:
        """End it in good order, or after a second without."""
        connection = self._connection
        self._connection = self._client = None
        if connection is not None:
            connection.close()
            with suppress(TimeoutError, OSError):
                await asyncio.wait_for(connection.wait_closed(), 1)

    async def _opened(self) -> "SFTPClient":
        import asyncssh

        server = self._server
        try:
            async with asyncio.timeout(server.seconds):
                self._connection = await asyncssh.connect(
                    server.host,
                    server.port,
                    username=server.username,
                    config=None,
                    agent_path=None,
                    gss_auth=False,
                    gss_kex=False,
                    keepalive_interval=_KEEPALIVE,
                    **server.options,
                )
                return await self._connection.start_sftp_client()
        except TimeoutError:
            raise Temporary(code_of(KIND, Reason.UNREACHABLE)) from None
        except (asyncssh.Error, OSError, ValueError) as error:
            if self._connection is not None and self._connection.is_closed():
                raise Temporary(code_of(KIND, Reason.UNREACHABLE)) from None  # it broke before SFTP began
            raise of_connection(error) from None


def _trust(settings: SinkSettings, home: Path, host: str, port: int) -> Mapping[str, Any]:
    """The server's key, from a line or a file. There is no way to do without."""
    import asyncssh

    line, file = settings.text("host_key"), settings.text("known_hosts")
    if bool(line) == bool(file):
        how = (
            f"ask for it with `ssh-keyscan -p {port} {host}`, compare `ssh-keygen -lf` of it with the server’s "
            "administrator by phone, and put the line after the host’s name here"
        )
        raise settings.problem("host_key", f"either this or known_hosts must be given, the server’s public key: {how}")
    try:
        if line:
            return {"known_hosts": ([asyncssh.import_public_key(line)], [], [])}
        path = settings.path("known_hosts", home)
        asyncssh.read_known_hosts(str(path))
        return {"known_hosts": str(path)}
    except (ValueError, OSError):
        key = "host_key" if line else "known_hosts"
        words = "is no public key such as `ssh-ed25519 AAAA…`" if line else f"{file} cannot be read as known hosts"
        raise settings.problem(key, words) from None


def _credentials(settings: SinkSettings, home: Path) -> Mapping[str, Any]:
    """A password, or a key; both where the server asks for both."""
    import asyncssh

    password, text, secret = (settings.secret(key) for key in ("password", "private_key", "passphrase"))
    file = settings.text("key_file")
    if password is None and text is None and not file:
        raise settings.problem("password", "must be set, or private_key, or key_file in practice.toml")
    passphrase = secret.reveal() if secret else None
    key = "key_file" if file else "private_key"
    try:
        keys: list[Any] = []
        if file:
            keys = [asyncssh.read_private_key(str(settings.path("key_file", home)), passphrase)]
        elif text is not None:
            keys = [asyncssh.import_private_key(text.reveal(), passphrase)]
    except (ValueError, OSError, asyncssh.KeyEncryptionError):
        raise settings.problem(key, "is no private key that can be read; is the passphrase right?") from None
    return {"client_keys": keys or None, "password": password.reveal() if password else None}
