"""What the adapters say of themselves, as Markdown: `docs/adapters.md`, and `afternote adapters --markdown`. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from adapters.about import REQUIRED, About, Setting
from adapters.settings import variable

_INTRO = """\
# The adapters

Where signed notes can go. This page is what `afternote adapters --markdown` prints; a test compares it. Settings stand
in `[adapter.<name>]` of practice.toml, secrets in the environment. [operations.md](operations.md) says how one or
several are chosen, [adding-an-adapter.md](adding-an-adapter.md) how another one is made.
"""


def describe_all(adapters: Mapping[str, About]) -> str:
    """The whole page: the adapters by kind, in the order given."""
    return "\n".join([_INTRO, *(describe(kind, about) for kind, about in adapters.items())])


def describe(kind: str, about: About) -> str:
    """One adapter: what it is, what it can do, what must be installed, its settings."""
    return "\n".join(_lines(kind, about)) + "\n"


def _lines(kind: str, about: About) -> Iterator[str]:
    yield from (f"## {kind}", "", about.what)
    yield f"It {_listed(about.abilities)}." if about.abilities else "It stores, and can do no more."
    if about.extra:
        yield f"It needs `pip install 'afternote[{about.extra}]'`."
    open_settings = [setting for setting in about.settings if not setting.secret]
    if open_settings:
        yield from ("", f"| in `[adapter.{kind}]` | meaning | default |", "|---|---|---|")
        yield from (f"| `{each.key}` | {_meaning(each)} | {_default(each)} |" for each in open_settings)
    secrets = [setting for setting in about.settings if setting.secret]
    if secrets:
        yield from ("", "| in the environment | meaning |", "|---|---|")
        yield from (f"| `{variable(kind, each.key)}` | {_meaning(each)} |" for each in secrets)


def _meaning(setting: Setting) -> str:
    choices = f" (one of {', '.join(f'`{choice}`' for choice in setting.choices)})" if setting.choices else ""
    return _cell(setting.meaning) + choices


def _default(setting: Setting) -> str:
    if setting.default is REQUIRED:
        return "must be given"
    return f"`{_cell(_toml(setting.default))}`" if setting.default not in ("", (), {}, []) else "none"


def _toml(value: object) -> str:
    """A value as it would stand in practice.toml."""
    if isinstance(value, Mapping):
        table = cast(Mapping[str, object], value)
        return f"{{ {', '.join(f'{key} = {_toml(each)}' for key, each in table.items())} }}"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(_toml(each) for each in cast(Sequence[object], value))}]"
    return json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
