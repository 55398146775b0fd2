"""Where a demo keeps everything: its practice file, its filed notes, and a port of its own; and how fast it looks."""

import socket
from importlib.resources import files
from pathlib import Path

from bot.jobs import Pace

# Whoever tries something out waits for it: what a practice may find again after half a minute, a demo finds in seconds.
PACE = Pace(delays={**Pace().delays, "show": (0.5, 1.0, 2.0)}, reconcile_every=5.0, again_after=4.0, poll=0.04)


def own_practice_file(folder: Path, name: str = "practice.toml", teams: str = "", adapter: str = "") -> Path:
    """The demo's own practice.toml, to be changed freely; written once. `teams`: a line for its [chat.teams].

    `adapter`: what stands in place of its [adapter].
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        text = (files("demo") / "practice.toml").read_text("utf-8")
        if teams:
            text = text.replace("[chat.teams]\n", f"[chat.teams]\n{teams}\n")
        if adapter:
            text = text.replace('[adapter]\nkind = "folder"\n', adapter)
        path.write_text(text, "utf-8")
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


def sample_sessions() -> str:
    """Made-up sessions of the practice's people, as a table."""
    return (files("demo") / "samples" / "sessions.csv").read_text("utf-8")
