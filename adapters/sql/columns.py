"""One column of theirs with one field of ours in it: whether it fits, how the value is written, how it is read."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import types

from adapters.sql.fields import FIELDS, IDENTITY, Shape, Value
from bot.domain.errors import Permanent
from bot.domain.filing import Reason, code_of

_NEARLY = timedelta(seconds=1)  # some databases round a moment to the second


@dataclass(frozen=True, slots=True)
class Column:
    """`type`: theirs, as reflected. `nullable`: whether it takes NULL."""

    name: str
    field: str
    type: types.TypeEngine[Any]
    nullable: bool

    def problem(self) -> str:
        """Why the field does not fit into the column, as the rest of a sentence; empty when it does."""
        field, kind = FIELDS[self.field], self.type
        if isinstance(kind, types.CHAR | types.NCHAR) and field.shape in _DOCUMENTS:
            return "is padded with blanks (CHAR), which would change the document; use a text type"
        if isinstance(kind, types.Enum):
            return "is an ENUM; use a text type"
        if not (isinstance(kind, _TAKES[field.shape]) or (field.shape in _DOCUMENTS and _is_binary(kind))):
            return f"is {_named(kind)}, which cannot hold {field.shape.value}"
        if field.shape is Shape.MOMENT and isinstance(kind, types.Date):
            return "is a DATE, which would lose the time; use a timestamp or text"
        if field.shape is Shape.DATE and isinstance(kind, types.DateTime) and kind.timezone:
            return "has a time zone, which would move the date; use a DATE or text"
        length = getattr(kind, "length", None)
        if isinstance(kind, types.String) and length and length < field.longest:
            return f"takes {length} characters, {self.field} needs {field.longest}"
        if self.field == "note_id" and self.nullable:
            return "may be NULL, and NULLs are not unique; make it NOT NULL"
        if field.may_lack and not self.nullable and not isinstance(kind, types.String):
            return f"is NOT NULL, and a note may lack its {self.field}; allow NULL"
        return ""

    @property
    def keeps_bytes(self) -> bool:
        """Whether what is read is byte for byte what was written, as a receipt needs it."""
        return not isinstance(self.type, types.JSON)

    def written(self, value: Value) -> object:
        """The value as it is bound. Raises Permanent when this one does not fit."""
        if value is None:
            return "" if not self.nullable and isinstance(self.type, types.String) else None
        bound = self._bound(value)
        length = getattr(self.type, "length", None)
        if isinstance(bound, str | bytes) and length and len(bound) > length:
            raise Permanent(code_of("sql", Reason.TOO_LARGE, self.field))
        return bound

    def same(self, written: object, read: object) -> bool:
        """Whether a value read from the column is what was written into it."""
        if isinstance(written, datetime) and isinstance(read, datetime):
            return abs(_aware(written) - _aware(read)) < _NEARLY
        if isinstance(read, memoryview):
            return written == bytes(cast("memoryview[int]", read))
        if isinstance(self.type, types.CHAR | types.NCHAR) and isinstance(read, str) and isinstance(written, str):
            return read.rstrip(" ") == written.rstrip(" ")
        return written == read

    @property
    def tells_identity(self) -> bool:
        """Whether another value here means another note, and not a correction by the practice."""
        return self.field in IDENTITY

    def _bound(self, value: Value) -> object:
        if isinstance(value, bytes):
            return self._document(value)
        if isinstance(value, datetime):
            moment = value.astimezone(UTC)
            if isinstance(self.type, types.String):
                return moment.isoformat(timespec="seconds")
            return moment if getattr(self.type, "timezone", False) else moment.replace(tzinfo=None)
        if isinstance(value, date):
            if isinstance(self.type, types.String):
                return value.isoformat()
            return datetime.combine(value, time()) if isinstance(self.type, types.DateTime) else value
        return str(value) if isinstance(self.type, types.String) else value

    def _document(self, data: bytes) -> object:
        if _is_binary(self.type):
            return data
        text = data.decode()
        return json.loads(text) if isinstance(self.type, types.JSON) else text


def as_bytes(value: object) -> bytes:
    """A document as read from a column that keeps bytes."""
    return value.encode() if isinstance(value, str) else bytes(cast(bytes, value or b""))


_DOCUMENTS = (Shape.WORDS, Shape.JSON, Shape.BYTES)
_TAKES: dict[Shape, tuple[type[types.TypeEngine[Any]], ...]] = {
    Shape.TEXT: (types.String,),
    Shape.NUMBER: (types.Integer, types.Numeric, types.String),
    Shape.DATE: (types.Date, types.DateTime, types.String),
    Shape.MOMENT: (types.DateTime, types.Date, types.String),
    Shape.WORDS: (types.String,),
    Shape.JSON: (types.String, types.JSON),
    Shape.BYTES: (),
}


def _is_binary(kind: types.TypeEngine[Any]) -> bool:
    return not isinstance(kind, types.NullType) and kind.python_type is bytes


def _named(kind: types.TypeEngine[Any]) -> str:
    return "of an unknown type" if isinstance(kind, types.NullType) else f"a {type(kind).__name__.upper()}"


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
