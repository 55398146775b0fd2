"""`sessions` in every chat: typed a line each, sent as a file, or made-up ones at one click, on one's own list.

A file is first only told about. What puts it on the list reads it again from the chat, so that nothing is kept between.
"""

from dataclasses import replace

from bot.acts.day import Doing, Feature, Opens, Sends, Typed
from bot.acts.presses import Press
from bot.acts.sent_forms import Sent
from bot.calendars.typed_reader import read_typed
from bot.cards import sessions_words as words
from bot.cards.elements import Card, Form
from bot.cards.sessions_screens import preview_card, samples_form, sessions_card, sessions_form
from bot.domain.appointments import RefusedRow
from bot.domain.errors import UserMistake
from bot.domain.policy import ActKind, allow
from bot.workflows.backlog import next_session
from bot.workflows.import_sessions import Fate, ImportReport, import_sessions
from bot.workflows.read_sessions import read_file, reading_for

_MOST_WRONG = 5


async def open_sessions(doing: Doing, typed: str = "") -> Form:
    """The form; what follows the word stands in it already. Raises NotAllowed."""
    allow(doing.person, ActKind.LIST)
    return sessions_form(typed, samples=bool(doing.front.samples))


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
    return sessions_card(_counts(report), _told(report))


async def _again(doing: Doing, sent: Sent) -> Form:
    return await open_sessions(doing, sent.values.get("lines", ""))


async def _samples(doing: Doing, _: Press) -> Form:
    """One's own of the sample sessions; a second click changes nothing."""
    person, desk = allow(doing.person, ActKind.LIST), doing.desk
    if not doing.front.samples:
        raise UserMistake("no_samples", words.NO_SAMPLES)
    kind, rows = read_file(desk, doing.front.samples.splitlines(keepends=True), "samples.csv")
    report = _own(await import_sessions(desk, person, rows, kind, doing.via, clinician=person.id))
    found = await next_session(desk, person)
    return samples_form(_counts(report), _told(report), found.appointment.id if found else "")


async def preview(doing: Doing, file_id: str) -> Card:
    """What would become of a sent file's rows, and the button that keeps them. Raises UserMistake, NotAllowed."""
    report = await _of_file(doing, file_id, keep=False)
    return preview_card(_counts(report), _told(report), file_id)


async def _keep_file(doing: Doing, pressed: Press) -> Card:
    report = await _of_file(doing, pressed.note_id, keep=True)
    return sessions_card(_counts(report), _told(report))


async def _of_file(doing: Doing, file_id: str, *, keep: bool) -> ImportReport:
    person, desk = allow(doing.person, ActKind.LIST), doing.desk
    if doing.fetch is None:
        raise UserMistake("no_files_here", words.NO_FILES_HERE)
    sent = await doing.fetch(file_id)
    kind, rows = read_file(desk, sent.text.splitlines(keepends=True), sent.name, person.timezone)
    return _own(await import_sessions(desk, person, rows, kind, doing.via, keep=keep))


def _own(report: ImportReport) -> ImportReport:
    """Without what is somebody else's: that there is some is no news."""
    counts = {fate: many for fate, many in report.counts.items() if fate is not Fate.ELSEWHERE}
    return replace(report, counts=counts, fates=tuple(row for row in report.fates if row.fate is not Fate.ELSEWHERE))


def _counts(report: ImportReport) -> dict[str, int]:
    return {fate.value: many for fate, many in report.counts.items()}


def _told(report: ImportReport) -> list[str]:
    return [words.LINE.format(line=row.line, about=row.about, sentence=row.sentence) for row in report.fates]


FEATURE = Feature(
    commands={"sessions": Typed(open_sessions)},
    opens={"day_open_samples": Opens(words.SAMPLES_TITLE, _samples)},
    presses={"day_sessions_file": _keep_file},
    forms={"day_sessions": Sends(words.TITLE, _put, _again)},
)
