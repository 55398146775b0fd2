"""One target's settings: its table of practice.toml and its secrets, read by type and checked against its `About`.

Every problem is a ValueError whose lines name table and key, or the variable; none quotes a secret.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

from adapters.about import REQUIRED, About, Setting


class Secret(Protocol):
    """A value that shows itself only when asked to."""

    def reveal(self) -> str: ...


class SinkSettings:
    """The values of one target, defaults filled in. `name`: the target's; the table is `[adapter.<name>]`."""

    def __init__(
        self, name: str, about: About, values: Mapping[str, object], secrets: Mapping[str, Secret] | None = None
    ) -> None:
        self.name, self._about = name, about
        self._values, self._secrets = values, secrets or {}
        self._known = {setting.key: setting for setting in about.settings}
        if problems := [*self._unknown(), *self._wrong()]:
            raise ValueError("\n".join(problems))

    def text(self, key: str) -> str:
        """A text, without white space around it."""
        return str(self._value(key)).strip()

    def path(self, key: str, home: Path) -> Path:
        """A path; a relative one is inside `home`, the practice's folder. Raises ValueError for an unknown `~user`."""
        try:
            return home / Path(self.text(key)).expanduser()
        except RuntimeError:
            raise self.problem(key, "begins with ~ and the name of a user that this machine does not know") from None

    def number(self, key: str) -> int:
        """A whole number."""
        return cast(int, self._value(key))

    def seconds(self, key: str) -> float:
        """A time limit. Raises ValueError for 0, which would let nothing through."""
        if (seconds := self.number(key)) < 1:
            raise self.problem(key, "must be 1 second or more")
        return float(seconds)

    def flag(self, key: str) -> bool:
        """True or false."""
        return cast(bool, self._value(key))

    def texts(self, key: str) -> Sequence[str]:
        """A list of texts."""
        return tuple(cast(Sequence[str], self._value(key)))

    def table(self, key: str) -> Mapping[str, str]:
        """A table of texts."""
        return cast(Mapping[str, str], self._value(key))

    def secret(self, key: str) -> Secret | None:
        """A secret of the environment, None when it is not set or has nothing in it, as a line left open in .env."""
        found = self._secrets.get(key)
        return found if found and found.reveal().strip() else None

    def problem(self, key: str, sentence: str) -> ValueError:
        """To raise: what is wrong with a value, in the same words as everything else."""
        secret = key in self._known and self._known[key].secret
        return ValueError(f"{variable(self.name, key)}: {sentence}" if secret else f"{self._table} {key}: {sentence}")

    @property
    def _table(self) -> str:
        return f"[adapter.{self.name}]"

    def _value(self, key: str) -> object:
        setting = self._known[key]
        return self._values.get(key, "" if setting.default is REQUIRED else setting.default)

    def _unknown(self) -> Sequence[str]:
        open_keys = [setting.key for setting in self._about.settings if not setting.secret]
        in_toml = [key for key in self._values if key not in open_keys]
        named = {key for key in in_toml if key in self._known}
        return [
            f"{self._table} {key}: a secret does not belong in this file; set {variable(self.name, key)}."
            if key in named
            else f"{self._table} {key}: unknown key; known are {', '.join(open_keys)}"
            for key in in_toml
        ]

    def _wrong(self) -> Sequence[str]:
        found = ((setting, _wrong(setting, self._value(setting.key))) for setting in self._about.settings)
        return [f"{self._table} {setting.key}: {words}" for setting, words in found if words and not setting.secret]


def variable(name: str, key: str) -> str:
    """The environment variable that holds a target's secret."""
    return f"AFTERNOTE_ADAPTER_{name}_{key}".upper().replace("-", "_")


def _wrong(setting: Setting, value: object) -> str:
    """What is wrong with a value, empty when nothing is."""
    example = "" if setting.default is REQUIRED else setting.default
    if isinstance(example, bool):
        return "" if isinstance(value, bool) else "must be true or false"
    if isinstance(example, int):
        return "" if type(value) is int and value >= 0 else "must be a whole number"
    if isinstance(example, (tuple, list)):
        return "" if _texts(value) else "must be a list of text"
    if isinstance(example, Mapping):
        return (
            ""
            if isinstance(value, Mapping) and _texts([*cast(Mapping[object, object], value).values()])
            else ("must be a table of text")
        )
    if not isinstance(value, str) or (example and not value.strip()):
        return "must be text"
    if setting.default is REQUIRED and not value.strip():
        return f"must be given: {setting.meaning}"
    if setting.choices and value not in setting.choices:
        return f"must be one of {', '.join(setting.choices)}"
    return ""


def _texts(value: object) -> bool:
    items = cast(Sequence[object], value)
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in items)
