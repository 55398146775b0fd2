"""Every screen side by side, as Slack and as Teams show it: one HTML page of example data that needs no server.

Slack's side is drawn by the demo page's own modules, the side of Teams by Microsoft's renderer; all is in the page.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from bot.cards.elements import Card, Form
from bot.domain.errors import UserMistake
from bot.slack import render as slack
from bot.teams import render as teams
from bot.teams.pages import pages as teams_pages
from demo import screens

HERE = Path(__file__).parent
PAGE, OWN = HERE / "page", HERE / "gallery_page"
RENDERER = HERE.parent / "tests/node/node_modules/adaptivecards/dist/adaptivecards.min.js"
INSTALL = "npm ci --prefix tests/node"
CLIENTS = ("JD-014", "KL-122", "MW-007")
# What a screen looks like when it is as long as it can be: not among the examples, which are of usual length.
LONGEST = (
    "huge_soap_card",
    "huge_soap_open",
    "huge_soap_edit",
    "huge_soap_decide",
    "huge_review",
    "huge_plan",
    "huge_goals",
    "huge_goals_card",
)
IN_TEAMS = "_in_teams"  # ends the name of an example that only Teams shows
_IMPORT = re.compile(r'^(import (?:[^"\n]* from )?)"\./([\w-]+\.js)";', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen on both platforms. `said`: the notification of a message, the title of a dialog."""

    name: str
    group: str
    said: str
    slack: Any
    teams: tuple[Any, ...]  # a card for each page of a dialog, else one

    @property
    def heading(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def dialog(self) -> bool:
        return isinstance(self.slack, dict)


def write_gallery(out: Path, renderer: Path | None = None) -> int:
    """Write the page to `out`; returns how many screens it shows.

    UserMistake when the renderer is not there, or the page cannot be written.
    """
    shown = all_screens()
    try:
        out.write_text(gallery_page(shown, _renderer(renderer)), "utf-8")
    except OSError as error:
        raise UserMistake("not_written", f"{error.filename}: {error.strerror}.") from error
    return len(shown)


def _renderer(named: Path | None) -> bytes:
    path = named or RENDERER
    if path.is_file():
        return path.read_bytes()
    where = f"There is no file {named}" if named else "Microsoft's renderer of Adaptive Cards is not installed here"
    raise UserMistake(
        "no_renderer",
        f"{where}: run “{INSTALL}” in a checkout, or name adaptivecards.min.js with --renderer.",
    )


def all_screens() -> list[Screen]:
    """Messages, then dialogs, then the longest ones."""
    examples, longest = screens.examples(), screens.extremes()
    shown = [_screen(name, examples[name], examples.get(name + IN_TEAMS)) for name in names(examples)]
    messages, dialogs = [s for s in shown if not s.dialog], [s for s in shown if s.dialog]
    long = [replace(_screen(name, longest[name]), group="As long as can be") for name in LONGEST]
    return [*messages, *dialogs, *long]


def names(examples: Mapping[str, Card | Form]) -> list[str]:
    """The screens to show: what Teams says in words of its own stands beside what it stands for in Slack."""
    return [name for name in examples if not (name.endswith(IN_TEAMS) and name.removesuffix(IN_TEAMS) in examples)]


def _screen(name: str, screen: Card | Form, in_teams: Card | Form | None = None) -> Screen:
    group, said = ("Messages", screen.notice) if isinstance(screen, Card) else ("Dialogs", screen.title)
    return Screen(name, group, said, _in_slack(screen), _in_teams(in_teams or screen))


def _in_slack(screen: Card | Form) -> Any:
    return slack.render_card(screen) if isinstance(screen, Card) else slack.render_form(screen)


def _in_teams(screen: Card | Form) -> tuple[Any, ...]:
    if isinstance(screen, Card):
        return (teams.render_card(screen),)
    return tuple(teams.render_form(part, CLIENTS, page) for page, part in enumerate(teams_pages(screen)))


def gallery_page(shown: list[Screen], renderer: bytes) -> str:
    """The whole page as text. `renderer`: the script of Microsoft's renderer."""
    groups = {screen.group: [each for each in shown if each.group == screen.group] for screen in shown}
    data = {
        "at": screens.AT.timestamp(),
        "hosts": json.loads((OWN / "hosts.json").read_text("utf-8")),
        "screens": [
            {"name": each.name, "title": each.said, "dialog": each.dialog, "slack": each.slack, "teams": each.teams}
            for each in shown
        ],
    }
    return Template((OWN / "gallery.html").read_text("utf-8")).substitute(
        styles="\n".join(file.read_text("utf-8") for file in _styles()),
        contents="\n".join(_contents(title, those) for title, those in groups.items()),
        screens="\n".join(_section(screen) for screen in shown),
        count=len(shown),
        data=_as_data(data),
        modules=_as_data({"imports": {name: _as_url(text.encode()) for name, text in modules("gallery.js").items()}}),
        renderer=_as_url(renderer),
    )


def _styles() -> tuple[Path, ...]:
    return PAGE / "style.css", PAGE / "blocks.css", OWN / "gallery.css", OWN / "teams.css"


def _contents(title: str, those: list[Screen]) -> str:
    links = "\n".join(f'<li><a href="#screen-{each.name}">{escape(each.heading)}</a></li>' for each in those)
    return f"<h2>{escape(title)}</h2>\n<ul>\n{links}\n</ul>"


def _section(screen: Screen) -> str:
    word = "Title" if screen.dialog else "Notification"
    said = f'<p class="notice">{word}: {escape(screen.said)}</p>'
    panes = "\n".join(_pane(screen, platform) for platform in ("Slack", "Teams"))
    link = f'<a href="#screen-{screen.name}">{escape(screen.heading)}</a>'
    head = f"<header><h2>{link}</h2><code>{escape(screen.name)}</code>{said}</header>"
    inner = f'{head}\n<div class="panes">\n{panes}\n</div>'
    return f'<section class="screen" id="screen-{screen.name}">\n{inner}\n</section>'


def _pane(screen: Screen, platform: str) -> str:
    key = f'data-screen="{screen.name}" data-platform="{platform.lower()}"'
    return f'<figure class="pane" {key}><figcaption>{platform}</figcaption><div class="stage"></div></figure>'


def _as_data(value: object) -> str:
    """JSON that can stand in a script element: nothing in it can end the element or open a comment."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _as_url(script: bytes) -> str:
    return "data:text/javascript;base64," + b64encode(script).decode("ascii")


def modules(entry: str) -> Mapping[str, str]:
    """The module and all that it imports, under names without a path: a page that is a file cannot load others.

    The gallery's own modules come before those of the demo's page: its `stream.js` sends nothing.
    """
    found: dict[str, str] = {}
    wanted = [entry]
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        source = next(folder / name for folder in (OWN, PAGE) if (folder / name).exists()).read_text("utf-8")
        found[name] = _IMPORT.sub(r'\1"\2";', source)
        wanted += [match[2] for match in _IMPORT.finditer(source)]
    return found
