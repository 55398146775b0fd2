"""A chart in both chats: drawn by the chat where it can, as text elsewhere, always with the figures in words."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.cards.elements import Card, Chart, ChartPoint
from bot.slack.chart_blocks import slack_draws
from bot.slack.render import fits_message, render_card
from bot.teams.render import LIMIT, size_of
from bot.teams.render import render_card as render_for_teams
from demo.adaptive_cards import check_card, parts_of
from demo.blockkit import check_message, check_view
from demo.chart_examples import TO_SIGNATURE, UNSIGNED, chart_cards, chart_extremes

ALL = {**chart_cards(), **chart_extremes()}


def card(*charts: Chart) -> Card:
    return Card("Your figures are ready.", charts)


def kinds(blocks: list[Any]) -> list[str]:
    return [block["type"] for block in blocks]


def test_slack_draws_the_figures_that_stand_in_words_below():
    line, said, bars, _ = render_card(card(UNSIGNED, TO_SIGNATURE))
    assert (line["title"], line["chart"]["type"]) == (UNSIGNED.title, "line")
    assert line["chart"]["series"][0]["name"] == line["chart"]["axis_config"]["y_label"] == "notes"
    drawn = [(point["label"], point["value"]) for point in line["chart"]["series"][0]["data"]]
    assert drawn == [(point.label, point.value) for point in UNSIGNED.points]
    assert line["chart"]["axis_config"]["categories"] == [label for label, _ in drawn]
    assert said["elements"] == [{"type": "plain_text", "text": UNSIGNED.alt, "emoji": False}]
    assert bars["chart"]["type"] == "bar"


def test_a_message_has_two_charts_at_most_and_the_third_is_text():
    third = replace(UNSIGNED, title="A third")
    blocks = render_card(card(UNSIGNED, TO_SIGNATURE, third))
    assert kinds(blocks) == ["data_visualization", "context"] * 2 + ["rich_text", "context"]
    assert check_message(blocks) == []
    drawn = render_card(card(third))[0]
    assert "no more than 2 data_visualization" in str(check_message([*blocks[:4], drawn]))


@pytest.mark.parametrize(
    "odd",
    [
        replace(UNSIGNED, title="T" * 51),
        replace(UNSIGNED, title=""),
        replace(UNSIGNED, unit="u" * 21),
        replace(UNSIGNED, points=()),
        replace(UNSIGNED, points=(ChartPoint("L" * 21, 1),)),
        replace(UNSIGNED, points=(ChartPoint("", 1),)),
        replace(UNSIGNED, points=(ChartPoint("Mon", 1), ChartPoint("Mon", 2))),
        replace(UNSIGNED, points=(ChartPoint("Mon", float("nan")),)),
    ],
)
def test_what_slack_would_refuse_is_text_and_does_not_use_up_a_drawing(odd: Chart):
    assert not slack_draws(odd)
    blocks = render_card(card(odd, UNSIGNED, TO_SIGNATURE))
    assert kinds(blocks)[0] == "rich_text"
    assert kinds(blocks).count("data_visualization") == 2
    assert check_message(blocks) == []


def test_what_is_just_short_enough_is_drawn():
    edge = Chart("T" * 50, "", (ChartPoint("L" * 20, 1),), unit="u" * 20)
    assert slack_draws(edge)
    assert check_message(render_card(card(edge))) == []
    nameless = replace(edge, unit="")
    assert check_message(render_card(card(nameless))) == []


def test_app_home_has_no_charts_and_gets_them_as_text():
    drawn = {"type": "home", "blocks": render_card(ALL["charts"])}
    text = {"type": "home", "blocks": render_card(ALL["charts"], charts=False)}
    assert "unsupported type: data_visualization" in str(check_view(drawn))
    assert check_view(text) == []
    assert "▇▇▇ 4" in json.dumps(text, ensure_ascii=False).replace("\u00a0", " ")


def test_the_blocks_of_a_chart_are_counted_as_they_are_sent():
    assert fits_message(card(*[UNSIGNED] * 25))
    assert not fits_message(card(*[UNSIGNED] * 26))


def charts_in(rendered: Any) -> list[dict[str, Any]]:
    return [part for part in parts_of(rendered) if part["type"].startswith("Chart.")]


def test_teams_draws_the_same_figures_and_older_clients_get_bars():
    line, bars = charts_in(render_for_teams(card(UNSIGNED, TO_SIGNATURE)))
    assert (line["type"], line["title"], line["yAxisTitle"]) == ("Chart.Line", UNSIGNED.title, "notes")
    values = [(value["x"], value["y"]) for value in line["data"][0]["values"]]
    assert values == [(point.label, point.value) for point in UNSIGNED.points]
    assert (bars["type"], bars["showBarValues"]) == ("Chart.VerticalBar", True)
    assert bars["data"][2] == {"x": "Oct 19", "y": 22.2}
    older = ["".join(run["text"] for run in item["inlines"]) for item in bars["fallback"]["items"]]
    assert older[0] == "Summary to signature, by week (hours)"
    assert older[-1].replace("\u00a0", " ") == "Nov 23 ▇ 0.6"


def test_teams_says_the_figures_in_words_below_whatever_the_client_draws():
    body = render_for_teams(card(UNSIGNED))["body"]
    assert [part["type"] for part in body] == ["Chart.Line", "RichTextBlock"]
    assert body[1]["inlines"][0]["text"] == UNSIGNED.alt


def test_where_there_is_nothing_to_draw_teams_has_no_chart():
    rendered = render_for_teams(card(replace(UNSIGNED, points=())))
    assert charts_in(rendered) == []
    assert "No figures yet." in json.dumps(rendered)


@pytest.mark.parametrize("name", ALL)
def test_every_card_with_charts_is_json_and_of_a_size_that_teams_takes(name: str):
    rendered = render_for_teams(ALL[name])
    assert size_of(rendered) <= LIMIT
    assert check_card(rendered) == []
    json.dumps(rendered, allow_nan=False)
    json.dumps(render_card(ALL[name]), allow_nan=False)


@pytest.mark.parametrize("name", ALL)
def test_older_clients_find_nothing_wrong_either(name: str):
    """Each chart exchanged for what stands in its fallback."""
    rendered = render_for_teams(ALL[name])
    rendered["body"] = [part.get("fallback", part) for part in rendered["body"]]
    assert charts_in(rendered) == []
    assert check_card(rendered) == []
