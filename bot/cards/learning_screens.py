"""A supervisor's page as a card: counts, times, codes of notes that wait. No text of any note stands there."""

from collections.abc import Iterator
from datetime import timedelta

from bot.cards import learning_words as words
from bot.cards.elements import Actions, Button, Card, Element, Heading, Prose, Remark, Rule, Sentence
from bot.cards.words import NO_CLIENT
from bot.domain.standing import Standing, SupervisionPage, WaitingNote

_MOST_PEOPLE = 12  # with all that waits, a card of 25 KB
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def supervision_card(page: SupervisionPage) -> Card:
    """What waits for the reader, to be opened; then how it stands, by name."""
    elements: list[Element] = [*_to_review(page), Heading(words.SUPERVISION_TITLE)]
    elements.append(Remark(words.SUPERVISION_ABOUT.format(days=page.days)))
    if not page.people:
        elements.append(Sentence(words.NOBODY_OWN if page.own else words.NOBODY))
    elements += [Prose(each.name, standing_lines(each)) for each in page.people[:_MOST_PEOPLE]]
    if (more := len(page.people) - _MOST_PEOPLE) > 0:
        elements.append(Remark(words.MORE_PEOPLE.format(count=more)))
    return Card(words.SUPERVISION_NOTICE, tuple(elements))


def _to_review(page: SupervisionPage) -> Iterator[Element]:
    if page.waiting:
        yield Heading(words.WAITING_TITLE)
    for waiting in page.waiting:
        yield Sentence(_line(waiting))
        yield Actions(f"waiting-{waiting.note_id}", (Button("review", words.REVIEW, waiting.note_id),))
    if page.more:
        yield Remark(words.MORE_WAITING.format(count=page.more))
    if page.waiting:
        yield Rule()


def standing_lines(standing: Standing) -> tuple[str, ...]:
    """One clinician's counts as sentences."""
    return (_waiting(standing), *_of_the_days(standing))


def span_of(time: timedelta) -> str:
    """`12 min`, `5 h`, `3 days`: as exact as one would say it."""
    seconds = time.total_seconds()
    if seconds < _HOUR:
        return f"{max(1, round(seconds / _MINUTE))} min"
    if seconds < 2 * _DAY:
        return f"{round(seconds / _HOUR)} h"
    return f"{round(seconds / _DAY)} days"


def _waiting(standing: Standing) -> str:
    if not standing.waiting or standing.oldest is None:
        return words.WAIT_NONE
    template = words.WAIT_OVERDUE if standing.overdue else words.WAIT
    notes = words.counted(standing.waiting, "note waits", "notes wait")
    return template.format(notes=notes, age=span_of(standing.oldest), overdue=standing.overdue)


def _of_the_days(standing: Standing) -> list[str]:
    if not standing.notes:
        return [words.NO_ROUNDS]
    lines = [words.UNDECIDED]
    if standing.median is not None and standing.longest is not None:
        times = {"median": span_of(standing.median), "longest": span_of(standing.longest)}
        lines = [words.TURNAROUND.format(decided=standing.decided, **times)]
    notes = words.counted(standing.notes, "note", "notes")
    asked = words.ROUNDS if standing.changes else words.NO_CHANGES
    lines.append(asked.format(changes=words.counted(standing.changes, "time", "times"), notes=notes))
    if standing.changed is not None:
        lines.append(words.CHANGED.format(share=standing.changed) if standing.changed else words.CHANGED_NONE)
    named = [words.FINDING.format(what=what, count=count, notes=standing.notes) for what, count in standing.findings]
    return [*lines, words.FINDINGS.format(what="; ".join(named)) if named else words.NO_FINDINGS]


def _line(waiting: WaitingNote) -> str:
    template = words.WAITING_OVERDUE if waiting.overdue else words.WAITING_LINE
    return template.format(
        client=waiting.client_code or NO_CLIENT,
        format=waiting.format_name,
        clinician=waiting.clinician,
        age=span_of(waiting.waits),
    )
