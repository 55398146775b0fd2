"""Files notes in a folder: a local disk, a network share, a synced folder. The sink that every practice can use.

A note is a set of files with one stem, and `<stem>.receipt.json`, written last, is the commit mark: without it the note
is not filed, with it nothing below the stem changes any more. Nothing is ever overwritten.
"""

import asyncio
import errno
import hashlib
import json
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.about import Ability, About, Setting
from adapters.paths import check_layout, stem_of
from adapters.put_if_absent import (
    Put,
    make_folders,
    put_if_absent,
    remove_temporaries,
    sync_folder,
    write_exclusively,
)
from adapters.render import KINDS
from adapters.settings import SinkSettings
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary
from bot.ports import Clock, FiledNote, Receipt

MARKER = ".afternote-folder"
DEFAULT_LAYOUT = "{client_code}/{session_date}_{format}_{note_id}"
DEFAULT_FILES = ("pdf", "json", "txt")
_PERMANENT = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ELOOP,
    errno.EINVAL,
    errno.EFBIG,
}


class FolderSink:
    """A NoteSink on a file system. The receipt's SHA-256 is that of the first of `files`, the one a person opens.

    `root` counts as ours when it holds the marker file that `prepare` puts there once. A share that is not mounted
    has no marker, so notes wait instead of landing under an empty mount point.
    """

    def __init__(
        self, root: Path, clock: Clock, layout: str = DEFAULT_LAYOUT, files: Sequence[str] = DEFAULT_FILES
    ) -> None:
        check_layout(layout)
        unknown = [kind for kind in files if kind not in KINDS]
        if unknown or not files:
            raise ValueError(f"files: {unknown[0] if unknown else 'empty'}; choose from {', '.join(KINDS)}")
        self._root, self._clock, self._layout, self._files = root, clock, layout, tuple(dict.fromkeys(files))

    ABOUT = About(
        "A folder: a local disk, a network share, a folder that another program synchronises.",
        (
            Setting("path", "the folder; a relative one is inside the practice's home", "filed-notes"),
            Setting("layout", "path of a note below it, without extension; must hold {note_id}", DEFAULT_LAYOUT),
            Setting("files", f"which files to write, the one people open first: {', '.join(KINDS)}", DEFAULT_FILES),
            Setting("group_by_year", "put a folder with the session's year before the last part of layout", False),
        ),
        (Ability.REFUSES_OVERWRITE, Ability.READS_BACK),
    )

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "FolderSink":
        """A folder inside the practice's home is prepared at once.

        Any other one may be a share, so only a person says that it is the right one (see `check`). Raises ValueError.
        """
        path = Path(settings.text("path") or ".").expanduser()
        layout = settings.text("layout")
        layout = _by_year(layout) if settings.flag("group_by_year") else layout
        try:
            sink = cls(home / path, clock, layout, settings.texts("files"))
        except ValueError as error:
            key, _, sentence = str(error).partition(": ")
            raise settings.problem(key, sentence) from None
        if (home / path).resolve().is_relative_to(home.resolve()):
            sink.prepare()
        return sink

    def prepare(self) -> str:
        """Make the root ours if nobody did: create it inside an existing folder and leave the marker.

        Returns a problem in words, or nothing. `put` and `check` never do this: they cannot tell a first time from a
        share that went away.
        """
        try:
            if not self._root.parent.is_dir():
                return (
                    f"The folder {self._root.parent} does not exist. Create it, or change `path` in [adapter.folder]."
                )
            self._root.mkdir(mode=0o700, exist_ok=True)
            if not (self._root / MARKER).exists():
                write_exclusively(self._root / MARKER, b"Signed notes filed by Afternote. Leave this file here.\n")
                sync_folder(self._root)
        except FileExistsError:
            return "" if self._root.is_dir() else f"{self._root} is not a folder."
        except OSError as error:
            return f"The folder {self._root} cannot be used: {error.strerror}."
        return ""

    async def check(self) -> Sequence[str]:
        """Whether notes can be filed here: the marker, and a put that must refuse to overwrite."""
        return await asyncio.to_thread(self._problems)

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """File the note under its stem. See NoteSink; the reference is the stem below the root."""
        return await asyncio.to_thread(self._put, note, files, key)

    async def close(self) -> None:
        """Nothing is held open."""

    def _problems(self) -> list[str]:
        if not (self._root / MARKER).exists():
            how = f"mount the share, or create an empty file {MARKER} in it if this is the right folder"
            return [f"{self._root} is not known as the folder for filed notes: {how}."]
        probe = self._root / f".afternote-probe-{secrets.token_hex(6)}"
        try:
            created = put_if_absent(probe, b"one", may_complete=False)
            again = put_if_absent(probe, b"two", may_complete=False)
        except OSError as error:
            return [f"{self._root} cannot be written: {error.strerror}."]
        finally:
            _forget(probe)
        kept = (created, again) == (Put.CREATED, Put.OTHER)
        return [] if kept else [f"{self._root} lets files be overwritten; notes are not safe there."]

    def _put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        lacking = [kind for kind in self._files if kind not in files]
        if lacking:
            raise Permanent(f"folder_no_{lacking[0]}_rendered")
        chosen = {kind: files[kind] for kind in self._files}
        stem = stem_of(self._layout, note)
        with _as_effect_errors():
            if not (self._root / MARKER).exists():
                raise Temporary("folder_root_missing")
            make_folders(self._root / stem.parent, self._root)
            outcome = self._commit(self._root / stem, str(stem), chosen, _sidecar(note, chosen, key))
            digest = hashlib.sha256(_with_suffix(self._root / stem, self._files[0]).read_bytes()).hexdigest()
        return Receipt(str(stem), digest, outcome, self._clock.now())

    def _commit(self, stem: Path, reference: str, chosen: Mapping[str, bytes], sidecar: bytes) -> str:
        mark = _with_suffix(stem, "receipt.json")
        committed = _is_committed(mark, sidecar, reference)
        targets = {_with_suffix(stem, kind): data for kind, data in chosen.items()}
        for path, data in targets.items():
            if put_if_absent(path, data, may_complete=not committed) is Put.OTHER:
                raise Conflict("folder_other_content", reference)
        if any(path.read_bytes() != data for path, data in targets.items()):
            raise Temporary("folder_read_back_differs")
        put = put_if_absent(mark, sidecar, may_complete=True)
        if put is Put.OTHER:
            raise Conflict("folder_other_receipt", reference)
        for path in (*targets, mark):
            remove_temporaries(path)
        return "stored" if put is Put.CREATED else "already"


def _is_committed(mark: Path, sidecar: bytes, reference: str) -> bool:
    """Whether this very note is filed already. Raises Conflict when another one is."""
    if not mark.exists():
        return False
    present = mark.read_bytes()
    if present != sidecar and not sidecar.startswith(present):
        raise Conflict("folder_other_receipt", reference)
    return present == sidecar


def _sidecar(note: FiledNote, chosen: Mapping[str, bytes], key: str) -> bytes:
    """The commit mark. It holds no time, so a retry writes the same bytes and can finish one that a crash cut short."""
    content = {
        "schema": "afternote/receipt/1",
        "key": key,
        "note": note.note_id,
        "version_sha256": note.version_hash,
        "files": {
            kind: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for kind, data in chosen.items()
        },
    }
    return (json.dumps(content, sort_keys=True, indent=2) + "\n").encode()


@contextmanager
def _as_effect_errors() -> Generator[None]:
    """OSError as Temporary or Permanent with a code alone: its message would name a path with a client code."""
    try:
        yield
    except OSError as error:
        code = f"folder_{errno.errorcode.get(error.errno or 0, 'error').lower()}"
        kind: type[EffectError] = Permanent if error.errno in _PERMANENT else Temporary
        raise kind(code) from None


def _with_suffix(stem: Path, extension: str) -> Path:
    return stem.with_name(f"{stem.name}.{extension}")


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        remove_temporaries(path)
    except OSError:
        return  # a probe that cannot be removed has been reported as one that cannot be written


def _by_year(layout: str) -> str:
    """The year as the last folder: `{client_code}/{year}/…`."""
    folder, _, name = layout.rpartition("/")
    return "/".join(filter(None, (folder, "{year}", name)))
