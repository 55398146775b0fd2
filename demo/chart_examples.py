"""Example data for charts: what is usual, and what is long, empty, one or the same."""

from bot.cards.elements import Card, Chart, ChartKind, ChartPoint, Heading, Rule, Sentence

_WEEKS = ("Oct 5", "Oct 12", "Oct 19", "Oct 26", "Nov 2", "Nov 9", "Nov 16", "Nov 23")


def _points(*values: float, labels: tuple[str, ...] = _WEEKS) -> tuple[ChartPoint, ...]:
    return tuple(ChartPoint(label, value) for label, value in zip(labels, values, strict=False))


UNSIGNED = Chart(
    "Unsigned notes over 8 weeks",
    "Unsigned notes at the end of each week: 14, 17, 12, 9, 11, 6, 4 and 3.",
    _points(14, 17, 12, 9, 11, 6, 4, 3),
    ChartKind.LINE,
    "notes",
)
TO_SIGNATURE = Chart(
    "Summary to signature, by week",
    "Median hours from summary to signature, by week: 41.5, 38, 22.2, 26, 19, 7.4, 5 and 0.6.",
    _points(41.5, 38, 22.24, 26, 19, 7.4, 5, 0.6),
    ChartKind.BARS,
    "hours",
)


def chart_cards() -> dict[str, Card]:
    """Every way a chart is shown, by name."""
    figures = (Heading("Your last 8 weeks"), UNSIGNED, TO_SIGNATURE, Rule(), Sentence("Measured from your own notes."))
    return {
        "charts": Card("Your figures are ready.", figures),
        "charts_odd": Card("Your figures are ready.", _odd()),
    }


def _odd() -> tuple[Chart, ...]:
    """One point, nothing at all, only zeros, a third chart, and labels that no chart of a chat takes."""
    long = ("Individual therapy by video", "Group <therapy> & *family* sessions", "Crisis")
    return (
        Chart("Signed the same day", "One week so far: 62.5 percent.", _points(62.5), ChartKind.LINE, "percent"),
        Chart("Notes signed", "No notes were signed in the last three weeks.", _points(0, 0, 0), unit="notes"),
        Chart("Late entries", "There are no late entries to count yet.", (), ChartKind.LINE, "notes"),
        Chart(
            "Draft changed before signing",
            "Share of the draft changed: 12.3, 8 and 0.1 percent.",
            _points(12.3, 8, 0.1),
            unit="percent",
        ),
        Chart(
            "Minutes to write, by kind of session",
            "Minutes by kind: 11, 1,204 and 6.",
            _points(11, 1204, 6, labels=long),
            unit="minutes",
        ),
    )


def chart_extremes() -> dict[str, Card]:
    """More, longer and odder than any figures of ours."""
    many = tuple(ChartPoint(f"Week {number}", number * 1_000_003.7) for number in range(200))
    same = tuple(ChartPoint("Mon", value) for value in (-3, float("nan"), float("inf"), 2.0))
    wide = tuple(ChartPoint("слово 🙂 " * 12, value) for value in (1, 2.5))
    return {
        "chart_of_many": Card("n", (Chart("Title " * 30, "Said. " * 400, many, ChartKind.LINE, "units " * 10),)),
        "charts_many": Card(
            "n", tuple(Chart(f"Chart {at}", "Said.", many, ChartKind.BARS, "notes") for at in range(12))
        ),
        "chart_of_the_same": Card("n", (Chart("Odd", "Odd.", same), Chart("Wide", "", wide), Chart("None", "", ()))),
    }
