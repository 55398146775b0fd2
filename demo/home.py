"""Where a demo keeps everything: its practice file, its filed notes, and a port of its own."""

import shutil
import socket
from importlib.resources import files
from pathlib import Path


def own_practice_file(folder: Path) -> Path:
    """The demo's own practice.toml, to be changed freely; written once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "practice.toml"
    if not path.exists():
        with (files("demo") / "practice.toml").open("rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    return path


def notes_folder(folder: Path) -> Path:
    """Where signed notes are filed."""
    notes = folder / "filed-notes"
    notes.mkdir(mode=0o700, parents=True, exist_ok=True)
    return notes


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
