"""Bars of text: what is read where no chat draws a chart."""

import pytest

from bot.cards.charts import MOST_POINTS, beside, figure, latest, number, text_lines
from bot.cards.elements import Chart, ChartPoint


def chart(*values: float, labels: tuple[str, ...] = ("Mon", "Tuesday", "Wed")) -> Chart:
    points = tuple(ChartPoint(label, value) for label, value in zip(labels, values, strict=False))
    return Chart("Notes signed", "Signed: some.", points, unit="notes")


def plainly(lines: tuple[str, ...]) -> list[str]:
    return [line.replace("\u00a0", " ") for line in lines]


def test_bars_stand_below_each_other_and_the_longest_is_twelve_cells():
    assert plainly(text_lines(chart(3, 6, 0.5))) == [
        "Mon     ▇▇▇▇▇▇ 3",
        "Tuesday ▇▇▇▇▇▇▇▇▇▇▇▇ 6",
        "Wed     ▇ 0.5",
    ]


def test_nothing_has_no_bar_and_next_to_nothing_has_one():
    assert plainly(text_lines(chart(0, 0.01, 1000))) == ["Mon     0", "Tuesday ▇ 0", "Wed     ▇▇▇▇▇▇▇▇▇▇▇▇ 1,000"]
    assert plainly(text_lines(chart(0, 0))) == ["Mon     0", "Tuesday 0"]


def test_a_label_as_long_as_a_phone_has_a_line_of_its_own():
    assert plainly(text_lines(chart(2, 1, labels=("Group therapy by video", "Crisis")))) == [
        "Group therapy by video",
        "▇▇▇▇▇▇▇▇▇▇▇▇ 2",
        "Crisis",
        "▇▇▇▇▇▇ 1",
    ]


def test_no_figures_are_said_and_not_drawn():
    assert text_lines(chart()) == ("No figures yet.",)
    assert beside(Chart("Late entries", "", ())) == ()


def test_figures_that_are_none_and_figures_below_nothing_have_no_bar():
    assert plainly(text_lines(chart(float("nan"), -4, float("inf")))) == ["Mon     –", "Tuesday -4", "Wed     –"]


@pytest.mark.parametrize(
    ("value", "read", "sent"),
    [(0, "0", 0), (3.0, "3", 3), (41.54, "41.5", 41.5), (0.04, "0", 0), (1204.0, "1,204", 1204), (-2.5, "-2.5", -2.5)],
)
def test_a_figure_is_whole_or_has_one_decimal(value: float, read: str, sent: float):
    assert figure(value) == read
    assert number(value) == sent
    assert isinstance(number(value), int) == isinstance(sent, int)


def test_of_very_many_points_the_latest_are_shown_and_that_is_said():
    many = Chart("Notes", "All of them.", tuple(ChartPoint(str(n), n) for n in range(60)))
    assert [point.label for point in latest(many).points] == [str(n) for n in range(40, 60)]
    assert len(text_lines(many)) == MOST_POINTS
    assert beside(many) == ("All of them.", "The latest 20 of 60 are shown.")
    assert latest(latest(many)) == latest(many)
