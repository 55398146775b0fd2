"""The week's counts by clinician, for administrators. The notice has the totals alone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import digest_words as words
from bot.cards.elements import Actions, Button, Card, Heading, Remark, Sentence
from bot.cards.screens import short_date

_MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One clinician's: sessions whose note is not signed, how many are overdue, notes signed last week."""

    name: str
    waiting: int
    overdue: int
    signed: int


def digest_card(lines: Sequence[Line], since: dt.date, until: dt.date) -> Card:
    """Who has most overdue stands first."""
    totals = {
        "waiting": sum(line.waiting for line in lines),
        "overdue": sum(line.overdue for line in lines),
        "signed": sum(line.signed for line in lines),
    }
    ordered = sorted(lines, key=lambda line: (-line.overdue, -line.waiting, line.name.casefold()))
    told = [
        Remark(words.LINE.format(name=line.name, waiting=line.waiting, overdue=line.overdue, signed=line.signed))
        for line in ordered[:_MOST_LINES]
    ]
    if len(lines) > _MOST_LINES:
        told.append(Remark(words.MORE.format(count=len(lines) - _MOST_LINES)))
    about = Remark(words.ABOUT.format(since=short_date(since), until=short_date(until)))
    total = words.TOTAL_ONE if totals["waiting"] == 1 else words.TOTAL
    row = Actions("digest", (Button("day_digest_off", words.OFF, "own"),))
    elements = (Heading(words.TITLE), Sentence(total.format(**totals)), *told, about, row)
    return Card(words.NOTICE.format(**totals), elements)
