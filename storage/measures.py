"""What was measured of one practice's signed notes: ids and times, no text."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.engine import Connection

from bot.day_ports import Measure
from bot.domain.ids import NoteId, PersonId
from storage.models import UtcTime, measures
from storage.transaction import Transaction, no_such_note, refused_as

_PUT = text(
    "INSERT INTO measures (practice_id, note_id, clinician_id, started_at, signed_at, same_day, changed, late)"
    " VALUES (:practice, :note, :clinician, :started, :signed, :same_day, :changed, :late)"
    " ON CONFLICT (practice_id, note_id) DO UPDATE SET signed_at = excluded.signed_at,"
    " same_day = excluded.same_day, changed = excluded.changed, late = excluded.late"
).bindparams(bindparam("started", type_=UtcTime), bindparam("signed", type_=UtcTime))
_SINCE = (
    select(measures)
    .where(measures.c.practice_id == bindparam("practice"), measures.c.signed_at >= bindparam("at", type_=UtcTime))
    .order_by(measures.c.signed_at.desc(), measures.c.note_id)
    .limit(bindparam("most"))
)
_MINE = measures.c.clinician_id == bindparam("clinician")


class SqlMeasures:
    """See `bot.day_ports.Measures`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def put(self, measure: Measure) -> None:
        values = {
            "practice": self._practice,
            "note": measure.note_id,
            "clinician": measure.clinician,
            "started": measure.started_at,
            "signed": measure.signed_at,
            "same_day": int(measure.same_day),
            "changed": measure.changed,
            "late": int(measure.late),
        }

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_PUT, values)

        await self._transaction.write_now(write)

    async def since(self, at: datetime, clinician: PersonId | None, limit: int) -> Sequence[Measure]:
        query = _SINCE if clinician is None else _SINCE.where(_MINE)
        asked = {"practice": self._practice, "at": at, "most": limit}
        values = asked if clinician is None else {**asked, "clinician": clinician}
        rows = await self._transaction.now(lambda connection: connection.execute(query, values).all())
        return [
            Measure(
                NoteId(row.note_id),
                PersonId(row.clinician_id),
                row.started_at,
                row.signed_at,
                bool(row.same_day),
                row.changed,
                bool(row.late),
            )
            for row in rows
        ]
