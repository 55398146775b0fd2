"""An export on disk: each note's files under the names they are filed with, an index, an audit trail, `SHA256SUMS`.

Nothing is overwritten, everything is private to its owner, and the index comes last but for the sums: without it an
export is not whole.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.export_page import render_page
from adapters.folder import DEFAULT_LAYOUT
from adapters.paths import stem_of
from adapters.put_if_absent import make_folders, write_exclusively
from bot.ports import FiledNote

INDEX, PAGE, AUDIT, SUMS = "index.json", "index.html", "audit.jsonl", "SHA256SUMS"


class ExportFolder:
    """A folder for one export; see `ExportPlace`. Raises OSError."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sums: dict[str, str] = {}
        self._trail: list[bytes] = []

    @classmethod
    def at(cls, root: Path) -> "ExportFolder":
        """A folder that is empty or not there yet. Raises ValueError, with a sentence, for any other."""
        try:
            if root.exists() and any(root.iterdir()):
                raise ValueError(f"{root} is not empty. Name a new folder: an export never mixes with other files.")
        except OSError as error:
            raise ValueError(f"{root} cannot be used as a folder: {error.strerror}.") from None
        return cls(root)

    def add(self, note: FiledNote, files: Mapping[str, bytes]) -> Sequence[Mapping[str, Any]]:
        stem = stem_of(DEFAULT_LAYOUT, note)
        return [self._write(f"{stem}.{kind}", data, kind) for kind, data in files.items()]

    def add_acts(self, lines: Sequence[Mapping[str, Any]]) -> None:
        self._trail += [json.dumps(line, sort_keys=True, ensure_ascii=False).encode() + b"\n" for line in lines]

    def finish(self, index: Mapping[str, Any]) -> str:
        others = [self._write(AUDIT, b"".join(self._trail), "audit")]
        others.append(self._write(PAGE, render_page(index), "page"))
        whole = json.dumps({**index, "other_files": others}, sort_keys=True, indent=2, ensure_ascii=False)
        digest = str(self._write(INDEX, whole.encode() + b"\n", "index")["sha256"])
        sums = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(self._sums.items()))
        write_exclusively(self._root / SUMS, sums.encode())
        return digest

    def _write(self, path: str, data: bytes, kind: str) -> dict[str, Any]:
        if not self._sums:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._root.chmod(0o700)
        make_folders((self._root / path).parent, self._root)
        write_exclusively(self._root / path, data)
        self._sums[path] = hashlib.sha256(data).hexdigest()
        return {"kind": kind, "path": path, "sha256": self._sums[path], "bytes": len(data)}
