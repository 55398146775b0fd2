"""Definitions of formats, one row a version. Not clinical, so not sealed; what is there is never replaced."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, text
from sqlalchemy.engine import Connection

from bot.domain.errors import Stale
from bot.practice_ports import FormatVersion
from storage.models import formats
from storage.transaction import Transaction

_OURS = formats.c.practice_id == bindparam("practice")
_KNOWN = select(formats).where(_OURS).order_by(formats.c.format_id, formats.c.version)
_ADD = text(
    "INSERT INTO formats (practice_id, format_id, version, definition, sha256, first_seen)"
    " VALUES (:practice, :format, :version, :definition, :sha256, :first_seen)"
    " ON CONFLICT (practice_id, format_id, version) DO NOTHING"
).bindparams(bindparam("first_seen", type_=formats.c.first_seen.type))
_HASH = select(formats.c.sha256).where(
    _OURS, formats.c.format_id == bindparam("format"), formats.c.version == bindparam("version")
)


class SqlFormats:
    """See `bot.practice_ports.Formats`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def known(self) -> Sequence[FormatVersion]:
        def read(connection: Connection) -> Sequence[FormatVersion]:
            rows = connection.execute(_KNOWN, {"practice": self._transaction.practice})
            return [
                FormatVersion(row.format_id, row.version, row.definition, row.sha256, row.first_seen) for row in rows
            ]

        return await self._transaction.now(read)

    async def add(self, version: FormatVersion) -> None:
        key = {"practice": self._transaction.practice, "format": version.format_id, "version": version.version}
        row = {"definition": version.definition, "sha256": version.sha256, "first_seen": version.first_seen}

        def write(connection: Connection) -> None:
            if connection.execute(_ADD, {**key, **row}).rowcount == 1:
                return
            if connection.execute(_HASH, key).scalar() != version.sha256:
                raise Stale("format_version_taken", "Another definition of this format has this number.")

        await self._transaction.write_now(write)
