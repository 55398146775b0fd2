"""`sessions` in every chat: the day's sessions, typed a line each, on one's own list."""

from bot.acts.day import Doing, Feature, Sends, Typed
from bot.acts.sent_forms import Sent
from bot.calendars.typed_reader import read_typed
from bot.cards import sessions_words as words
from bot.cards.elements import Card, Form
from bot.cards.sessions_screens import sessions_card, sessions_form
from bot.domain.appointments import RefusedRow
from bot.domain.errors import UserMistake
from bot.domain.policy import ActKind, allow
from bot.workflows.import_sessions import import_sessions, reading_for

_MOST_WRONG = 5


async def open_sessions(doing: Doing, typed: str = "") -> Form:
    """The form; what follows the word stands in it already. Raises NotAllowed."""
    allow(doing.person, ActKind.LIST)
    return sessions_form(typed)


async def _put(doing: Doing, sent: Sent) -> Card:
    """All lines or none: what cannot be read is named by its line, and nothing typed is lost."""
    person, desk = allow(doing.person, ActKind.LIST), doing.desk
    reading = reading_for(desk, person.timezone)
    rows = list(read_typed(sent.values.get("lines", ""), reading, desk.today(person)))
    wrong = [row for row in rows if isinstance(row, RefusedRow)]
    if wrong:
        said = " ".join(words.WRONG_LINE.format(line=row.line, sentence=row.sentence) for row in wrong[:_MOST_WRONG])
        raise UserMistake("bad_sessions", words.WRONG.format(lines=said))
    if not rows:
        raise UserMistake("no_sessions", words.EMPTY)
    report = await import_sessions(desk, person, iter(rows), "typed", doing.via, clinician=person.id)
    told = [words.LINE.format(line=row.line, about=row.about, sentence=row.sentence) for row in report.fates]
    return sessions_card({fate.value: many for fate, many in report.counts.items()}, told)


async def _again(doing: Doing, sent: Sent) -> Form:
    return await open_sessions(doing, sent.values.get("lines", ""))


FEATURE = Feature(commands={"sessions": Typed(open_sessions)}, forms={"day_sessions": Sends(words.TITLE, _put, _again)})
