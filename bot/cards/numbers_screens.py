"""Somebody's numbers, and the practice's, as a card: measured figures in words, and the backlog as a chart."""

from datetime import timedelta

from bot.cards import numbers_words as words
from bot.cards.charts import figure
from bot.cards.elements import Card, Chart, ChartKind, ChartPoint, Element, Heading, Remark, Rule, Sentence
from bot.domain.numbers import Numbers

_MOST_PEOPLE = 20


def stats_card(
    days: int, own: Numbers | None, practice: Numbers | None, people: tuple[Numbers, ...], minutes_before: int
) -> Card:
    """One's own numbers first, then the practice's and who makes them up."""
    elements: list[Element] = []
    if own:
        elements += [Heading(words.TITLE), Remark(words.ABOUT.format(days=days)), *_of_one(own, days)]
        elements += _saved(own, minutes_before)
    if practice:
        title = Heading(words.PRACTICE_TITLE)
        elements += [*([Rule()] if own else []), title, Remark(words.ABOUT.format(days=days))]
        elements += [*_of_one(practice, days), *([Sentence(words.BY_CLINICIAN)] if people else [])]
        elements += [Remark(f"{each.name}: {line(each, days)}") for each in people[:_MOST_PEOPLE]]
    return Card(words.NOTICE, tuple(elements))


def line(numbers: Numbers, days: int) -> str:
    """All figures of one in a sentence."""
    waiting = words.WAITING.format(count=numbers.backlog[-1][1]) if numbers.backlog else ""
    if not numbers.signed:
        return " · ".join(filter(None, [words.NONE_SIGNED.format(days=days).rstrip("."), waiting]))
    signed = words.SIGNED_ONE if numbers.signed == 1 else words.SIGNED.format(count=numbers.signed)
    parts = [
        signed,
        words.TOOK.format(took=duration(numbers.took)),
        words.SAME_DAY.format(percent=numbers.same_day),
        words.CHANGED.format(percent=numbers.changed),
        words.LATE.format(percent=numbers.late) if numbers.late else "",
        waiting,
    ]
    return " · ".join(filter(None, parts))


def backlog_chart(numbers: Numbers) -> Chart:
    """How many sessions waited for a note, week by week."""
    points = tuple(ChartPoint(f"{day.day} {day:%b}", count) for day, count in numbers.backlog)
    figures = ", ".join(f"{point.label} {figure(point.value)}" for point in points)
    alt = words.BACKLOG_ALT.format(figures=figures)
    return Chart(words.BACKLOG_TITLE, alt, points, ChartKind.LINE, words.BACKLOG_UNIT)


def duration(took: timedelta | None) -> str:
    """`12 min`, `3 h 05 min`, `2 days 4 h`."""
    minutes = round(took.total_seconds() / 60) if took else 0
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h"


def _of_one(numbers: Numbers, days: int) -> list[Element]:
    return [Sentence(line(numbers, days)), *([backlog_chart(numbers)] if numbers.backlog else [])]


def _saved(own: Numbers, before: int) -> list[Element]:
    """Time saved is said only against what this person once said that a note took them."""
    if not before or own.took is None:
        return []
    now = round(own.took.total_seconds() / 60)
    what = words.SAVED_SAME
    if now != before:
        what = (words.SAVED_LESS if now < before else words.SAVED_MORE).format(minutes=abs(before - now))
    return [Remark(words.SAVED.format(before=before, took=duration(own.took), what=what))]
