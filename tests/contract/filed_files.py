"""A note as the places that keep files hold it, looked at from outside."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from bot.ports import FiledNote
from tests.contract.note_sink_contract import NOTE


def filed_in(root: Path, note: FiledNote = NOTE, key: str = "k1") -> Mapping[str, bytes]:
    """The note's files below a folder: those that its one receipt lists, as it lists them, and nothing unfinished."""
    (mark,) = root.rglob(f"*{note.note_id}.receipt.json")
    stem = mark.name.removesuffix("receipt.json")
    found = {path.name.removeprefix(stem): path.read_bytes() for path in mark.parent.glob(f"{stem}*")}
    receipt = json.loads(found.pop("receipt.json"))
    assert receipt["key"] == key
    assert {kind: listed["sha256"] for kind, listed in receipt["files"].items()} == {
        kind: hashlib.sha256(data).hexdigest() for kind, data in found.items()
    }
    assert not [path for path in root.rglob("*afternote-*") if path.name != ".afternote-folder"]
    return found
