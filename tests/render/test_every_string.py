"""Every string of every screen reaches both renderings: what one platform says, the other does not swallow."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from bot.cards.elements import Card, Form
from bot.slack import render as slack
from bot.teams import pages
from bot.teams import render as teams
from demo import screens

# Not shown as text: how things are called and looked up.
INTERNAL = {"name", "action", "value", "values", "context", "source", "style", "notice", "chosen", "platform"}
SHOWN_BY_TEAMS = {"text", "title", "label", "placeholder", "errorMessage"}
ALL = screens.examples()


def in_slack(screen: Card | Form) -> str:
    rendered: Any = slack.render_card(screen) if isinstance(screen, Card) else slack.render_form(screen)
    text = "\n".join(values(rendered, None))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def in_teams(screen: Card | Form) -> str:
    """What stands between backticks is in another font there, and the backticks are gone."""
    if isinstance(screen, Card):
        return shown_by_teams(teams.render_card(screen))
    parts = pages.pages(screen)
    return "\n".join([teams.title_of(screen), *(shown_by_teams(teams.render_form(part)) for part in parts)])


def shown_by_teams(card: Any) -> str:
    return "\n".join(values(card, SHOWN_BY_TEAMS))


def values(part: Any, under: set[str] | None, name: str = "") -> Iterator[str]:
    """The strings of JSON that stand under these names, all of them by default; text runs side by side are one."""
    if isinstance(part, dict):
        if "inlines" in part:
            yield "".join(run["text"] for run in part["inlines"])
            return
        for key, value in part.items():
            if key != "data":
                yield from values(value, under, key)
    elif isinstance(part, list):
        for value in part:
            yield from values(value, under, name)
    elif isinstance(part, str) and (under is None or name in under):
        yield part


def strings(part: Any) -> Iterator[str]:
    """Every string a person should read somewhere on the screen."""
    if isinstance(part, tuple):
        for item in part:
            yield from strings(item)
    elif is_dataclass(part):
        for field in fields(part):
            if field.name not in INTERNAL:
                yield from strings(getattr(part, field.name))
    elif isinstance(part, str) and part and not hasattr(part, "name"):
        yield part


@pytest.mark.parametrize("platform", [in_slack, in_teams])
@pytest.mark.parametrize("name", ALL)
def test_every_string_of_a_screen_reaches_its_rendering(name: str, platform: Any):
    text = platform(ALL[name])
    lost = [s for s in strings(ALL[name]) if s not in text and s.replace("`", "") not in text]
    assert lost == [], json.dumps(lost, ensure_ascii=False)
