"""The kinds of sink, by name. An adapter's module, with whatever it needs, is imported only when it is chosen."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from bot.ports import Clock, NoteSink

KINDS = {
    "folder": "adapters.folder:FolderSink.from_settings",
}
Opener = Callable[[Mapping[str, object], Path, Clock], NoteSink]


def open_sink(kind: str, settings: Mapping[str, object], home: Path, clock: Clock) -> NoteSink:
    """The sink of `[adapter] kind`, with the settings of `[adapter.<kind>]`.

    `home` is the practice's folder, which relative paths are inside of. Raises ValueError naming the key at fault.
    """
    if kind not in KINDS:
        raise ValueError(f"[adapter] kind: “{kind}” is unknown; known are {', '.join(sorted(KINDS))}")
    return _opener(KINDS[kind])(settings, home, clock)


def _opener(target: str) -> Opener:
    module, _, path = target.partition(":")
    found: object = import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return cast(Opener, found)
