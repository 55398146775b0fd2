"""The kinds of sink, by name. An adapter's module is imported only when it is chosen or listed; it imports what it
needs beyond the product's own requirements only when it is opened.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from adapters.about import About
from adapters.settings import Secret, SinkSettings
from bot.ports import Clock, NoteSink

KINDS = {
    "folder": "adapters.folder:FolderSink",
    "fhir": "adapters.fhir.sink:FhirSink",
    "s3": "adapters.s3:S3Sink",
    "sftp": "adapters.sftp.sink:SftpSink",
    "smb": "adapters.smb.sink:SmbSink",
    "webdav": "adapters.webdav:WebdavSink",
    "sql": "adapters.sql.sink:SqlSink",
    "webhook": "adapters.webhook:WebhookSink",
}


class SinkClass(Protocol):
    """What an adapter's module offers."""

    ABOUT: About

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> NoteSink:
        """A sink, without touching the network. `home`: the practice's folder. Raises ValueError naming the key."""
        ...


def sink_class(kind: str) -> SinkClass:
    """The adapter of this kind. Raises ValueError when there is none."""
    if kind not in KINDS:
        raise ValueError(f"[adapter] kind: “{kind}” is unknown; known are {', '.join(sorted(KINDS))}")
    module, _, name = KINDS[kind].partition(":")
    return cast(SinkClass, getattr(import_module(module), name))


def lacking(about: About) -> str:
    """The extra that must be installed first, empty when nothing is lacking."""
    return about.extra if any(find_spec(name) is None for name in about.modules) else ""


def open_sink(
    name: str, kind: str, values: Mapping[str, object], secrets: Mapping[str, Secret], home: Path, clock: Clock
) -> NoteSink:
    """The sink of target `name`, with the settings of `[adapter.<name>]` and the secrets of the environment.

    `home` is the practice's folder, which relative paths are inside of. Raises ValueError naming the key at fault.
    """
    chosen = sink_class(kind)
    settings = SinkSettings(name, chosen.ABOUT, values, secrets)
    if extra := lacking(chosen.ABOUT):
        raise ValueError(f"[adapter.{name}] needs more than is installed: pip install 'afternote[{extra}]'")
    return chosen.from_settings(settings, home, clock)
