"""`sessions` in every chat: the day's sessions, typed a line each, on one's own list."""

from bot.acts.day import Doing, Feature, Sends
from bot.acts.sent_forms import Sent
from bot.calendars.reading import Reading
from bot.calendars.typed_reader import read_typed
from bot.cards import sessions_words as words
from bot.cards.backlog_words import BACK
from bot.cards.elements import Actions, Button, Card, Element, Form, Heading, Remark, Sentence, Style, TextInput
from bot.domain.appointments import RefusedRow
from bot.domain.errors import UserMistake
from bot.domain.policy import ActKind, allow
from bot.drafting.guards import check_client_code
from bot.workflows.import_sessions import ImportReport, import_sessions

_MOST_WRONG = 5
_MOST_TOLD = 15


async def open_sessions(doing: Doing, typed: str = "") -> Form:
    """The form; what follows the word stands in it already. Raises NotAllowed."""
    allow(doing.person, ActKind.LIST)
    return sessions_form(typed)


def sessions_form(typed: str = "") -> Form:
    """A line a session."""
    lines = TextInput("lines", words.LABEL, typed, "", words.PLACEHOLDER, multiline=True, optional=False)
    return Form("day_sessions", words.TITLE, (Remark(words.HINT), lines), words.SUBMIT, "Cancel")


async def _put(doing: Doing, sent: Sent) -> Card:
    """All lines or none: what cannot be read is named by its line, and nothing typed is lost."""
    person, desk = allow(doing.person, ActKind.LIST), doing.desk
    known = {client.code for client in desk.practice.clients}
    reading = Reading(person.timezone, codes=known.__contains__ if known else None, check_code=check_client_code)
    rows = list(read_typed(sent.values.get("lines", ""), reading, desk.today(person)))
    wrong = [row for row in rows if isinstance(row, RefusedRow)]
    if wrong:
        said = " ".join(words.WRONG_LINE.format(line=row.line, sentence=row.sentence) for row in wrong[:_MOST_WRONG])
        raise UserMistake("bad_sessions", words.WRONG.format(lines=said))
    if not rows:
        raise UserMistake("no_sessions", words.EMPTY)
    report = await import_sessions(desk, person, iter(rows), "typed", doing.via, clinician=person.id)
    return report_card(report)


async def _again(doing: Doing, sent: Sent) -> Form:
    return await open_sessions(doing, sent.values.get("lines", ""))


def report_card(report: ImportReport) -> Card:
    """What became of the lines, with the way to the backlog."""
    count = sum(report.counts.values())
    counts = ", ".join(f"{many} {words.FATES[fate]}" for fate, many in sorted(report.counts.items()))
    elements: list[Element] = [Heading(words.TITLE)]
    elements.append(Sentence((words.DONE_ONE if count == 1 else words.DONE).format(count=count, counts=counts)))
    elements += [
        Remark(words.LINE.format(line=row.line, about=row.about, sentence=row.sentence))
        for row in report.fates[:_MOST_TOLD]
    ]
    back = Button("day_backlog", BACK, "list", Style.PRIMARY)
    return Card(words.NOTICE, (*elements, Actions("sessions", (back,))))


FEATURE = Feature(commands={"sessions": open_sessions}, forms={"day_sessions": Sends(words.TITLE, _put, _again)})
