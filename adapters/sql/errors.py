"""What a database's error comes to, told by its number: its words quote values and are looked at by nobody.

The only exception is a connection that was refused: PostgreSQL's library gives it no number, so its words are searched
for two or three of the server's own, and dropped.
"""

import sqlite3
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of

KIND = "sql"
_PERMANENT = {
    *(Reason.NOT_ALLOWED, Reason.UNTRUSTED, Reason.NO_PLACE, Reason.TOO_LARGE),
    *(Reason.REFUSED, Reason.UNEXPECTED, Reason.NOT_KEPT),
}
# By SQLSTATE, the longest beginning that is known.
_STATES: Mapping[str, Reason] = {
    "08": Reason.UNREACHABLE,
    "22": Reason.REFUSED,
    "23": Reason.REFUSED,
    "25006": Reason.READ_ONLY,
    "28": Reason.NOT_ALLOWED,
    "3D000": Reason.NO_PLACE,
    "3F000": Reason.NO_PLACE,
    "40": Reason.BUSY,
    "42": Reason.REFUSED,
    "42501": Reason.NOT_ALLOWED,
    "42P01": Reason.NO_PLACE,
    "42703": Reason.NO_PLACE,
    "53": Reason.BUSY,
    "53100": Reason.FULL,
    "54": Reason.TOO_LARGE,
    "55P03": Reason.BUSY,
    "57014": Reason.TIMEOUT,
    "57P03": Reason.BUSY,
    "P0": Reason.REFUSED,
}
_SQLITE: Mapping[int, Reason] = {
    sqlite3.SQLITE_PERM: Reason.NOT_ALLOWED,
    sqlite3.SQLITE_AUTH: Reason.NOT_ALLOWED,
    sqlite3.SQLITE_BUSY: Reason.BUSY,
    sqlite3.SQLITE_LOCKED: Reason.BUSY,
    sqlite3.SQLITE_READONLY: Reason.READ_ONLY,
    sqlite3.SQLITE_FULL: Reason.FULL,
    sqlite3.SQLITE_CANTOPEN: Reason.AWAY,
    sqlite3.SQLITE_NOTADB: Reason.NONSENSE,
    sqlite3.SQLITE_TOOBIG: Reason.TOO_LARGE,
    sqlite3.SQLITE_CONSTRAINT: Reason.REFUSED,
}
_MYSQL: Mapping[int, Reason] = {
    1021: Reason.FULL,
    1040: Reason.BUSY,
    1044: Reason.NOT_ALLOWED,
    1045: Reason.NOT_ALLOWED,
    1049: Reason.NO_PLACE,
    1114: Reason.FULL,
    1142: Reason.NOT_ALLOWED,
    1146: Reason.NO_PLACE,
    1153: Reason.TOO_LARGE,
    1205: Reason.BUSY,
    1213: Reason.BUSY,
    1290: Reason.READ_ONLY,
}
_REFUSED_CONNECTION: Mapping[Reason, tuple[str, ...]] = {
    Reason.UNTRUSTED: ("certificate", "SSL", "sslmode"),
    Reason.NOT_ALLOWED: ("authentication", "pg_hba.conf", "role ", "no password supplied", "Login failed"),
    Reason.NO_PLACE: ('database "', "Cannot open database"),
}


def of_statement(error: SQLAlchemyError) -> EffectError:
    """A statement's error as Temporary or Permanent."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    reason, detail = _by_number(orig)
    if reason is None:
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        reason = Reason.UNREACHABLE if lost else _by_class(error)
    return _made(reason, detail)


def of_connection(error: SQLAlchemyError) -> EffectError:
    """The error of a connection that did not come to be: nothing was sent."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    reason, detail = _by_number(orig)
    words = str(orig)
    if reason is None:
        told = (reason for reason, marks in _REFUSED_CONNECTION.items() if any(mark in words for mark in marks))
        reason = next(told, Reason.UNREACHABLE)
    return _made(reason, detail)


def was_lost(error: SQLAlchemyError) -> bool:
    """Whether the connection broke, so that what was sent may or may not have been carried out."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _made(reason: Reason, detail: str) -> EffectError:
    kind: type[EffectError] = Permanent if reason in _PERMANENT else Temporary
    return kind(code_of(KIND, reason, detail))


def _by_number(orig: BaseException | None) -> tuple[Reason | None, str]:
    """The reason that a driver's error tells by number, and that number."""
    if isinstance(orig, sqlite3.Error):
        number = getattr(orig, "sqlite_errorcode", 0)
        return _SQLITE.get(number & 0xFF), str(number or "")
    state = getattr(orig, "sqlstate", None)
    if isinstance(state, str) and state.isalnum() and state.isascii():
        known = (state[:length] for length in (5, 2))
        return next((_STATES[part] for part in known if part in _STATES), None), state
    first = orig.args[0] if orig is not None and orig.args else None
    return (_MYSQL.get(first), str(first)) if type(first) is int else (None, "")


def _by_class(error: SQLAlchemyError) -> Reason:
    """What is left to go by when a driver gives no number that is known."""
    return {
        "IntegrityError": Reason.REFUSED,
        "DataError": Reason.REFUSED,
        "ProgrammingError": Reason.REFUSED,
        "NotSupportedError": Reason.REFUSED,
        "StatementError": Reason.REFUSED,
        "TimeoutError": Reason.BUSY,
    }.get(type(error).__name__, Reason.BROKEN)
