"""One connection and session of our own to a file server: signed always, encrypted unless the practice says no.

smbprotocol is not typed and waits without limit, so this module keeps hold of the socket: `drop` ends every wait.
"""

import socket
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from adapters.settings import SinkSettings
from adapters.smb.errors import KIND, of_connection
from bot.domain.errors import Permanent, Temporary
from bot.domain.filing import Reason, code_of

_FORBIDDEN = set('\\/:*?"<>|')


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect to, and as whom. `seconds`: how long a connection may take."""

    host: str
    port: int
    share: str
    username: str
    password: str = field(repr=False)
    encrypt: bool
    protocol: str
    seconds: float


def server_of(settings: SinkSettings) -> Server:
    """From the settings. Raises ValueError naming the key."""
    password = settings.secret("password")
    if password is None:
        raise settings.problem("password", "must be set: the user’s password")
    server, share = settings.text("server"), settings.text("share").strip("\\/")
    for key, value in (("server", server), ("share", share)):
        if not value or _FORBIDDEN & set(value):
            raise settings.problem(key, "must be a bare name, as in \\\\server\\share")
    domain, user = settings.text("domain"), settings.text("username")
    return Server(
        host=server,
        port=settings.number("port"),
        share=share,
        username=f"{domain}\\{user}" if domain else user,
        password=password.reveal(),
        encrypt=settings.flag("encrypt"),
        protocol=settings.text("auth"),
        seconds=settings.seconds("timeout_seconds"),
    )


class Line:
    """The connection, shared by all threads. Blocking; call `drop` from anywhere."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._opening = threading.Lock()
        self._connection: Any = None
        self._cache: dict[str, Any] = {}

    def arguments(self, given_up: threading.Event) -> Mapping[str, Any]:
        """What smbclient's calls take to use this connection, which is opened if need be and anybody still waits.

        Raises Temporary or Permanent; nothing was sent then.
        """
        server = self._server
        chosen = {
            "username": server.username,
            "password": server.password,
            "port": server.port,
            "encrypt": server.encrypt or None,  # False would turn down a server that insists on it
            "auth_protocol": server.protocol,
            "connection_timeout": int(server.seconds),
            "require_signing": True,
        }
        with self._opening:
            if given_up.is_set():
                raise Temporary(code_of(KIND, Reason.TIMEOUT))
            if self._connection is None or not self._connection.transport.connected:
                self._open(chosen)
            return {**chosen, "connection_cache": self._cache}

    def drop(self, used: object = None) -> None:
        """End the connection at once; every call that waits on it fails. One opened since `used` stays."""
        connection = self._connection
        if used is not None and used is not self._cache:
            return
        self._connection, self._cache = None, {}
        _cut(connection)

    def close(self) -> None:
        """End the session in good order."""
        connection, self._connection, self._cache = self._connection, None, {}
        if connection is not None:
            with suppress(Exception):
                connection.disconnect(close=True, timeout=2)
            _cut(connection)

    def _open(self, chosen: Mapping[str, Any]) -> None:
        """A connection, a session and the share. `_connection` is set first, so that `drop` can end a wait in here."""
        smbclient: Any = import_module("smbclient")
        protocol: Any = import_module("smbprotocol.connection")
        server = self._server
        connection = protocol.Connection(uuid.uuid4(), server.host, server.port, require_signing=True)
        self._connection, self._cache = connection, {f"{server.host.lower()}:{server.port}": connection}
        try:
            connection.connect(timeout=int(server.seconds))
            if server.encrypt and not connection.supports_encryption:
                raise Permanent(code_of(KIND, Reason.UNTRUSTED, "encryption"))
            smbclient.register_session(server.host, connection_cache=self._cache, **chosen)
        except Permanent:
            self.drop()
            raise
        except Exception as error:
            self.drop()
            raise of_connection(error) from None


def _cut(connection: Any) -> None:
    """Shut the socket down without waiting for whoever writes to it; smbprotocol's own thread then cleans up."""
    own = getattr(getattr(connection, "transport", None), "_sock", None)
    if own is not None:
        with suppress(OSError):
            own.shutdown(socket.SHUT_RDWR)
