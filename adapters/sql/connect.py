"""An engine for the practice’s database: driver, time limits, encryption that is checked. Touches no network."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from bot.domain.errors import Temporary
from bot.domain.filing import Reason, code_of

POOL = 4
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_ENCRYPTS = {
    "mysql": ("ssl", "?ssl_ca=/path/of/the/authority.pem"),
    "mariadb": ("ssl", "?ssl_ca=/path/of/the/authority.pem"),
    "mssql": ("encrypt", "&Encrypt=yes"),
}
_NEAR = ("", "localhost", "127.0.0.1", "::1")


def parsed(url: str) -> URL:
    """The address with the driver we use. Raises ValueError with a sentence that does not quote it."""
    try:
        parts = make_url(url)
    except ArgumentError:
        raise ValueError("is not a database address, such as postgresql://user:password@host/database") from None
    parts = parts.set(drivername=_DRIVERS.get(parts.drivername, parts.drivername))
    if parts.get_backend_name() == "sqlite" and parts.database in (None, "", ":memory:"):
        raise ValueError("must name a file: sqlite:////srv/records/notes.db")
    return _checked(parts)


def engine_of(url: URL, home: Path, seconds: float) -> Engine:
    """An engine that shows no values. Raises ValueError when the driver is not installed."""
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": POOL, "max_overflow": 0, "pool_timeout": seconds}
    if url.get_backend_name() == "sqlite":
        return _sqlite(home / Path(url.database or "").expanduser(), seconds, common)
    try:
        return create_engine(url, connect_args=_limits(url, seconds), **common)
    except (ImportError, NoSuchModuleError):
        extra = "pip install 'afternote[postgres]'" if url.get_backend_name() == "postgresql" else "install its driver"
        raise ValueError(f"nothing here speaks {url.drivername.partition('+')[0]}: {extra}") from None


def limit_statements(connection: Connection, seconds: float) -> None:
    """In this transaction a statement ends after `seconds`, where the database can see to it.

    Speaks to the server in any case, so that a connection which broke in the pool shows it before it is used.
    """
    limited = f"SET LOCAL statement_timeout = {int(seconds * 1000)}"
    connection.exec_driver_sql(limited if connection.dialect.name == "postgresql" else "SELECT 1")


def _checked(url: URL) -> URL:
    """A server elsewhere is spoken to over TLS. To PostgreSQL with a certificate that is checked, unless the address
    says how; for others it must say how, because their drivers would go without. Raises ValueError.
    """
    host = url.host or str(url.query.get("host", url.query.get("hostaddr", "")))
    if host in _NEAR or host.startswith("/"):
        return url
    option, example = _ENCRYPTS.get(url.get_backend_name(), ("", ""))
    if option and option not in str(dict(url.query)).lower():
        raise ValueError(f"must say how the connection is encrypted, such as {example}")
    if url.get_backend_name() != "postgresql" or "sslmode" in url.query:
        return url
    return url.update_query_dict({"sslmode": "verify-full", "sslrootcert": url.query.get("sslrootcert", "system")})


def _limits(url: URL, seconds: float) -> Mapping[str, Any]:
    if url.drivername == "postgresql+psycopg":
        return {
            "connect_timeout": max(2, int(seconds)),  # libpq takes 1 for 2
            "tcp_user_timeout": int(seconds * 1000),
            "keepalives_idle": 30,
            "prepare_threshold": None,  # a pooler between us and the server may not keep statements
        }
    if url.get_driver_name() in ("pymysql", "mysqldb", "mariadbconnector"):
        return {"connect_timeout": int(seconds), "read_timeout": int(seconds), "write_timeout": int(seconds)}
    return {}


def _sqlite(path: Path, seconds: float, common: Mapping[str, Any]) -> Engine:
    engine = create_engine("sqlite://", creator=_opener(path, seconds), poolclass=QueuePool, **common)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _opener(path: Path, seconds: float) -> Callable[[], sqlite3.Connection]:
    def opened() -> sqlite3.Connection:
        if not path.is_file():  # opening it would make one
            raise Temporary(code_of("sql", Reason.AWAY))
        address = f"file:{quote(str(path))}?mode=rw"
        connection = sqlite3.connect(address, seconds, isolation_level=None, check_same_thread=False, uri=True)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    return opened
