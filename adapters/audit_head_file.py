"""Signed heads of the audit log as files: one a practice and day, written once, private to its owner."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from adapters.put_if_absent import Put, put_if_absent
from bot.domain.audit import HEAD_SCHEMA, SignedHead, instant

_FIELDS = {"schema": str, "practice": str, "seq": int, "hash": str, "at": str, "public_key": str, "signature": str}
_LONGEST = 10_000


class HeadFolder:
    """The folder that a practice keeps its heads in; see `HeadPlace`. `make`: it is ours, and made when absent."""

    def __init__(self, root: Path, *, make: bool = False) -> None:
        self.root, self._make = root, make

    def has(self, practice: str, day: dt.date) -> bool:
        return (self.root / name_of(practice, day)).exists()

    def keep(self, head: SignedHead, day: dt.date) -> bool:
        if self._make:
            self.root.mkdir(mode=0o700, exist_ok=True)
        written = put_if_absent(self.root / name_of(head.practice, day), head_text(head), may_complete=False)
        return written is Put.CREATED

    def heads(self, practice: str) -> dict[str, SignedHead]:
        """This practice's heads by the names of their files. Raises OSError; ValueError, with a sentence."""
        found = sorted(self.root.glob(f"{_PREFIX}{practice}-*.json"))
        return {path.name: head_in(path) for path in found if path.name == name_of(practice, _day(path))}


_PREFIX = "audit-head-"


def name_of(practice: str, day: dt.date) -> str:
    """What a day's file is called."""
    return f"{_PREFIX}{practice}-{day.isoformat()}.json"


def head_text(head: SignedHead) -> bytes:
    """The file. What is signed is its object without the signature, keys sorted and without spaces."""
    return json.dumps(head_object(head), indent=2).encode() + b"\n"


def head_object(head: SignedHead) -> dict[str, Any]:
    """As JSON has it."""
    return {
        "schema": HEAD_SCHEMA,
        "practice": head.practice,
        "seq": head.seq,
        "hash": head.hash,
        "at": instant(head.at),
        "public_key": head.public_key,
        "signature": head.signature,
    }


def head_in(path: Path) -> SignedHead:
    """The head that a file holds. Raises ValueError with a sentence, and OSError."""
    with path.open("rb") as file:
        data = file.read(_LONGEST)
    try:
        return head_of(json.loads(data))
    except ValueError:  # also of text that is no UTF-8, and of what is no JSON
        raise ValueError(f"{path} is not a signed head of an audit log.") from None


def head_of(found: object) -> SignedHead:
    """The head of a JSON object. Raises ValueError."""
    if not isinstance(found, dict):
        raise ValueError("no object")
    values = cast("Mapping[str, Any]", found)
    if set(values) != set(_FIELDS) or values["schema"] != HEAD_SCHEMA:
        raise ValueError("no head")
    if any(type(values[name]) is not kind for name, kind in _FIELDS.items()):
        raise ValueError("no head")
    at = dt.datetime.fromisoformat(values["at"])
    if at.tzinfo is None:
        raise ValueError("no zone")
    return SignedHead(values["practice"], values["seq"], values["hash"], at, values["public_key"], values["signature"])


def _day(path: Path) -> dt.date:
    try:
        return dt.date.fromisoformat(path.stem[-10:])
    except ValueError:
        return dt.date.min
