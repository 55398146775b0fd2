"""`afternote adapters`: the kinds of place that signed notes can go to, their settings and what each can do."""

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import typer

from adapters.about import REQUIRED, About, Setting
from adapters.describe import describe_all
from adapters.registry import KINDS, lacking, sink_class
from adapters.settings import variable
from bot.console import fail


def adapters(
    kind: Annotated[str, typer.Argument(help="Show this kind only, such as folder.")] = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/adapters.md instead.")] = False,
) -> None:
    """List the kinds of storage, with their settings, what each can do, and what must be installed for it."""
    if kind and kind not in KINDS:
        fail([f"There is no adapter “{kind}”. There are: {', '.join(sorted(KINDS))}."])
    if markdown:
        typer.echo(describe_all({name: sink_class(name).ABOUT for name in sorted(KINDS)}), nl=False)
        return
    typer.echo("\n\n".join(described(name, sink_class(name).ABOUT) for name in ([kind] if kind else sorted(KINDS))))


def described(kind: str, about: About) -> str:
    """One kind, as `afternote adapters` prints it; variables are those of a target that is called like its kind."""
    width = max(len(setting.key) for setting in about.settings)
    lines = [kind, f"  {about.what}", f"  It {', '.join(about.abilities)}.", f"  {_installed(about)}"]
    lines += [f"  {setting.key:<{width}}  {_meaning(kind, setting)}" for setting in about.settings]
    return "\n".join(lines)


def _installed(about: About) -> str:
    if not about.extra:
        return "Nothing more needs to be installed."
    install = f"pip install 'afternote[{about.extra}]'"
    return f"Not installed yet: {install}" if lacking(about) else f"Installed ({install})."


def _meaning(kind: str, setting: Setting) -> str:
    choices = f" One of {', '.join(setting.choices)}." if setting.choices else ""
    return f"{setting.meaning} [{_given(kind, setting)}]{choices}"


def _given(kind: str, setting: Setting) -> str:
    """Where the value comes from, and what stands there when it is left out."""
    if setting.secret:
        return f"secret, in the environment: {variable(kind, setting.key)}"
    if setting.default is REQUIRED:
        return "required"
    return "default: " + _as_toml(setting.default)


def _as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_as_toml, cast(Sequence[object], value))) + "]"
    if isinstance(value, Mapping):
        pairs = cast(Mapping[str, object], value).items()
        return "{" + ", ".join(f"{key} = {_as_toml(item)}" for key, item in pairs) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)
