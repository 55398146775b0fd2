"""A note as a set of files with one stem, for every place that keeps files: a folder, a bucket, a share, a server.

`<stem>.receipt.json`, written last, is the commit mark: without it the note is not filed, with it nothing below the
stem changes any more. Nothing is ever overwritten, so a lost answer or a crash is put right by doing it all again.

To build a sink on this: implement `Store`, put FILE_SETTINGS among the settings of its `About`, keep
`Arrangement.from_settings(settings)`, and let `put` be one call of `commit_note`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.about import Setting
from adapters.paths import check_layout, stem_of
from adapters.render import KINDS
from adapters.settings import SinkSettings
from bot.domain.errors import Conflict, Permanent, Temporary
from bot.domain.filing import Reason, Receipt, code_of
from bot.ports import Clock, FiledNote

DEFAULT_LAYOUT = "{client_code}/{session_date}_{format}_{note_id}"
DEFAULT_FILES = ("pdf", "json", "txt")
MARK = "receipt.json"
FILES_SETTING = Setting("files", f"which files to keep, the one people open first: {', '.join(KINDS)}", DEFAULT_FILES)
FILE_SETTINGS = (
    Setting("layout", "path of a note, without extension; must hold {note_id}", DEFAULT_LAYOUT),
    FILES_SETTING,
    Setting("group_by_year", "put a folder with the session's year before the last part of layout", False),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it stands in the place now. `version`: the place's own name for it (ETag, version id), if any."""

    data: bytes
    version: str = ""


class Store(Protocol):
    """What a place must be able to do. Paths are relative to its root, with `/`, made of [A-Za-z0-9._-] only.

    Both raise Temporary or Permanent with a code, never a library's own error. A lost answer or a time-out is
    Temporary: `put_new` again is harmless.
    """

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        """Create the file, its folders too, unless something is there; True when this call and no other created it.

        False: something is there and stays as it is, whatever it holds; `commit_note` compares. A file must appear
        whole or not at all. Only where the place cannot do that, and `may_complete`, a file that holds nothing but
        the beginning of `data` is an unfinished put of ours and is to be finished (which returns False).
        """
        ...

    async def read(self, path: str) -> Found | None:
        """The file as it stands in the place, None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which files of a note are kept, the one that people open first, and under which stem. Raises ValueError."""

    layout: str = DEFAULT_LAYOUT
    files: Sequence[str] = DEFAULT_FILES

    def __post_init__(self) -> None:
        check_layout(self.layout)
        unknown = [kind for kind in self.files if kind not in KINDS]
        if unknown or not self.files:
            raise ValueError(f"files: {unknown[0] if unknown else 'empty'}; choose from {', '.join(KINDS)}")

    @classmethod
    def from_settings(cls, settings: SinkSettings) -> "Arrangement":
        """From FILE_SETTINGS. Raises ValueError naming table and key."""
        layout = settings.text("layout")
        return cls._of(settings, _by_year(layout) if settings.flag("group_by_year") else layout)

    @classmethod
    def of_files(cls, settings: SinkSettings) -> "Arrangement":
        """For a place without paths: from FILES_SETTING alone. Raises ValueError naming table and key."""
        return cls._of(settings, DEFAULT_LAYOUT)

    @classmethod
    def _of(cls, settings: SinkSettings, layout: str) -> "Arrangement":
        try:
            return cls(layout, tuple(dict.fromkeys(settings.texts("files"))))
        except ValueError as error:
            key, _, sentence = str(error).partition(": ")
            raise settings.problem(key, sentence) from None

    def chosen(self, files: Mapping[str, bytes], kind: str) -> Mapping[str, bytes]:
        """The files to keep, in order. Raises Permanent when one was not rendered."""
        lacking = [name for name in self.files if name not in files]
        if lacking:
            raise Permanent(code_of(kind, Reason.NOT_RENDERED, lacking[0].replace(".", "_")))
        return {name: files[name] for name in self.files}


async def commit_note(
    store: Store,
    arrangement: Arrangement,
    note: FiledNote,
    files: Mapping[str, bytes],
    key: str,
    kind: str,
    clock: Clock,
) -> Receipt:
    """File the note in `store`: each file put if absent and read back, the mark last. `kind`: the adapter's, for codes.

    The receipt's reference is the stem; hash and version are those of the first file, as it was read back. Raises
    Conflict when something else stands under the stem, and what the store raises.
    """
    chosen = arrangement.chosen(files, kind)
    stem = str(stem_of(arrangement.layout, note))
    mark = _mark(note, chosen, key)
    may_complete = not await _is_committed(store, stem, mark, kind)
    kept = [(await _keep(store, stem, name, data, kind, may_complete=may_complete))[1] for name, data in chosen.items()]
    created, _ = await _keep(store, stem, MARK, mark, kind, may_complete=True)
    digest = hashlib.sha256(kept[0].data).hexdigest()
    return Receipt(stem, digest, "stored" if created else "already", clock.now(), kept[0].version)


async def _keep(
    store: Store, stem: str, name: str, data: bytes, kind: str, *, may_complete: bool
) -> tuple[bool, Found]:
    """Whether this call created the file, and the file as it came back, which holds `data`."""
    path = f"{stem}.{name}"
    created = await store.put_new(path, data, may_complete=may_complete)
    found = await store.read(path)
    if found is not None and found.data == data:
        return created, found
    if created or found is None:
        raise Temporary(code_of(kind, Reason.NOT_KEPT))
    raise Conflict(code_of(kind, Reason.OTHER_CONTENT, "receipt" if name == MARK else ""), stem)


async def _is_committed(store: Store, stem: str, mark: bytes, kind: str) -> bool:
    """Whether this very note is filed already. Raises Conflict when another one is."""
    present = await store.read(f"{stem}.{MARK}")
    if present is None or (present.data != mark and mark.startswith(present.data)):
        return False
    if present.data != mark:
        raise Conflict(code_of(kind, Reason.OTHER_CONTENT, "receipt"), stem)
    return True


def _mark(note: FiledNote, chosen: Mapping[str, bytes], key: str) -> bytes:
    """The commit mark. It holds no time, so a retry writes the same bytes and can finish one that a crash cut short."""
    content = {
        "schema": "afternote/receipt/1",
        "key": key,
        "note": note.note_id,
        "version_sha256": note.version_hash,
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in chosen.items()
        },
    }
    return (json.dumps(content, sort_keys=True, indent=2) + "\n").encode()


def _by_year(layout: str) -> str:
    """The year as the last folder: `{client_code}/{year}/…`."""
    folder, _, name = layout.rpartition("/")
    return "/".join(filter(None, (folder, "{year}", name)))
