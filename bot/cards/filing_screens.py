"""What cards say of a note on its way into storage, to its clinician and to administrators. Nothing clinical."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards import filing_words as words
from bot.cards.elements import Actions, Button, Card, Confirm, Element, Heading, Remark, Rule, Sentence
from bot.domain.filing import Filing, FilingState, Receipt, was_removed
from bot.domain.ids import NoteId
from bot.domain.note import Note

NEEDS_A_PERSON = frozenset({FilingState.CONFLICT, FilingState.UNKNOWN, FilingState.REFUSED})
THERE, ABSENT, AGAIN = "filing_there", "filing_absent", "filing_again"
ACTIONS = frozenset({THERE, ABSENT, AGAIN})
FAILING_LONG = timedelta(hours=1)  # then administrators hear of it
_WORTH_SAYING = timedelta(minutes=1)
_SAYS = {
    FilingState.REFUSED: words.REFUSED,
    FilingState.CONFLICT: words.CONFLICT,
    FilingState.UNKNOWN: words.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Count:
    """Of one target: how many notes are not there, since when the first, and the code that most of them have."""

    target: str
    notes: int
    since: datetime
    code: str


def to_show(filings: Sequence[Filing]) -> tuple[Filing, ...]:
    """Without copies for places that the practice gave up: that was an administrator's doing and needs nobody."""
    return tuple(filing for number, filing in enumerate(filings) if number == 0 or not was_removed(filing.error_code))


def is_retried(filing: Filing) -> bool:
    """Whether it has failed for longer than is worth no words: twice, or with more than a minute until the next try."""
    waits = filing.state in (FilingState.PENDING, FilingState.SENDING)
    if not waits or not filing.error_code or filing.failing_since is None:
        return False
    return filing.attempts > 1 or filing.next_at - filing.failing_since > _WORTH_SAYING


def in_trouble(filing: Filing, now: datetime) -> bool:
    """Whether administrators should know: a person has to act, or it has failed for more than an hour."""
    if was_removed(filing.error_code):
        return False
    if filing.state in NEEDS_A_PERSON:
        return True
    failing = filing.state is not FilingState.STORED and bool(filing.error_code)  # none: a person just had it sent
    return failing and filing.failing_since is not None and now - filing.failing_since > FAILING_LONG


def status_line(filing: Filing | None, timezone: str, *, copy: bool = False) -> str:
    """Where a note stands on its way to one place, in a sentence. `copy`: the place is not the record."""
    if filing is None or filing.state is FilingState.STORED:
        return words.FILING_NOW
    not_yet = words.NOT_COPIED.format(target=filing.target) if copy else words.NOT_FILED
    said = {"target": filing.target, "wrong": words.wrong(filing.error_code, filing.target), "not_yet": not_yet}
    if filing.state in _SAYS:
        return _SAYS[filing.state].format(**said)
    if filing.failing_since is None or not is_retried(filing):
        return words.FILING_NOW
    since, following = _both(filing.failing_since, filing.next_at, timezone)
    says = words.RETRYING if filing.state is FilingState.PENDING else words.RETRYING_NOW
    return says.format(**said, since=since, next=following)


def record_elements(note: Note, filings: Sequence[Filing], timezone: str, *, administers: bool) -> list[Element]:
    """Under the line of a signed note that is not filed: what its clinician can do, place by place.

    `administers`: they also administer the practice, so that nobody else is to be told.
    """
    found: list[Element] = []
    for number, filing in enumerate(filings):
        if filing.state in NEEDS_A_PERSON:
            found += [Sentence(status_line(filing, timezone, copy=True))] if number else []
            found += _to_do(note.id, filing, timezone, administers=administers)
        elif number == 0 and is_retried(filing):
            waits = Remark(words.for_clinician(filing.error_code, filing.target))
            found.append(_for_administrator(filing) if administers else waits)
    return found


def copy_elements(note: Note, filings: Sequence[Filing], timezone: str, *, administers: bool) -> list[Element]:
    """On a receipt: where else the note is, and where it is not yet. Nothing where there are no copies."""
    copies = filings[1:]
    there = [filing.target for filing in copies if filing.state is FilingState.STORED]
    on_the_way = [f for f in copies if f.state in (FilingState.PENDING, FilingState.SENDING) and not is_retried(f)]
    found: list[Element] = []
    if there:
        found.append(Remark(words.ALSO_IN.format(targets=_listed(there))))
    if on_the_way:
        found.append(Remark(words.NOT_YET_IN.format(targets=_listed(filing.target for filing in on_the_way))))
    for filing in copies:
        if is_retried(filing):
            found.append(Remark(status_line(filing, timezone, copy=True)))
        if filing.state in NEEDS_A_PERSON:
            found.append(Sentence(status_line(filing, timezone, copy=True)))
            found += _to_do(note.id, filing, timezone, administers=administers)
    return found


def proof(receipt: Receipt) -> str:
    """How it is known that the note is there."""
    if receipt.outcome == "confirmed":
        return words.CONFIRMED
    return words.READ_BACK if receipt.verified else words.NOT_READ_BACK


def notice_card(note: Note, clinician: str, filings: Sequence[Filing], timezone: str, now: datetime) -> Card:
    """To an administrator, about one note that is not filed. Between a press and what comes of it, one line."""
    troubled = [filing for filing in filings if in_trouble(filing, now)]
    if not troubled and all(filing.state is FilingState.STORED for filing in to_show(filings)):
        return Card(words.NOTICE_SOLVED_NOTICE, (Remark(_about(words.NOTICE_SOLVED, note, clinician)),))
    if not troubled:
        return Card(words.NOTICE, (Remark(_about(words.NOTICE_AGAIN, note, clinician)),))
    elements: list[Element] = [Heading(words.NOTICE_TITLE), Sentence(_about(words.NOTICE_ABOUT, note, clinician))]
    for number, filing in enumerate(troubled):
        elements += [Rule()] if number else []
        since = moment(filing.failing_since or filing.next_at, timezone)
        wrong = words.wrong(filing.error_code, filing.target)
        elements.append(Sentence(words.NOTICE_SINCE.format(since=since, wrong=wrong)))
        elements.append(_for_administrator(filing))
        elements += _question(note.id, filing) if filing.state in NEEDS_A_PERSON else []
        elements.append(_code_line(note.id, filing, timezone))
    return Card(words.NOTICE, tuple(elements))


def board_card(counts: Sequence[Count], timezone: str) -> Card:
    """To an administrator, about more notes than they should get messages for: a count a place."""
    if not counts:
        return Card(words.BOARD_SOLVED_NOTICE, (Remark(words.BOARD_SOLVED),))
    elements: list[Element] = [Heading(words.BOARD_TITLE)]
    for count in counts:
        since, wrong = moment(count.since, timezone), words.wrong(count.code, count.target)
        line = words.BOARD_LINE.format(target=count.target, count=count.notes, since=since, wrong=wrong)
        elements += [Sentence(line), Remark(words.for_administrator(count.code, count.target))]
    return Card(words.BOARD_NOTICE, (*elements, Remark(words.BOARD_LIST)))


def moment(at: datetime, timezone: str) -> str:
    """`23 Nov, 14:02` in this zone."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b}, {local:%H:%M}"


def _both(since: datetime, following: datetime, timezone: str) -> tuple[str, str]:
    """Two times, with their days only when these differ."""
    zone = ZoneInfo(timezone)
    first, second = since.astimezone(zone), following.astimezone(zone)
    if first.date() == second.date():
        return f"{first:%H:%M}", f"{second:%H:%M}"
    return moment(since, timezone), moment(following, timezone)


def _to_do(note_id: NoteId, filing: Filing, timezone: str, *, administers: bool) -> list[Element]:
    given_up = filing.state is FilingState.REFUSED
    to_clinician = Sentence(words.for_clinician(filing.error_code, filing.target, given_up=given_up))
    to_do = _for_administrator(filing) if administers else to_clinician
    return [to_do, *_question(note_id, filing), _code_line(note_id, filing, timezone)]


def _for_administrator(filing: Filing) -> Sentence:
    return Sentence(words.for_administrator(filing.error_code, filing.target))


def _question(note_id: NoteId, filing: Filing) -> list[Element]:
    asks = [Sentence(words.CHECK_THE_CHART)] if filing.state is FilingState.UNKNOWN else []
    return [*asks, _buttons(note_id, filing)]


def _buttons(note_id: NoteId, filing: Filing) -> Actions:
    row = f"filing-{filing.target}"
    if filing.state is not FilingState.UNKNOWN:
        return Actions(row, (Button(AGAIN, words.AGAIN, note_id),))
    sure = Confirm(words.ABSENT_TITLE, words.ABSENT_TEXT, words.ABSENT_YES, words.ABSENT_NO)
    there = Button(THERE, words.THERE, note_id)
    return Actions(row, (there, Button(ABSENT, words.ABSENT, note_id, confirm=sure)))


def _code_line(note_id: NoteId, filing: Filing, timezone: str) -> Remark:
    code = words.CODE.format(code=filing.error_code, note=note_id)
    if filing.state in (FilingState.CONFLICT, FilingState.UNKNOWN):
        return Remark(code)
    return Remark(f"{words.NEXT.format(next=moment(filing.next_at, timezone))} {code}")


def _about(template: str, note: Note, clinician: str) -> str:
    day = note.session.date
    session = f"{day.day} {day:%b} {day.year}" if day else ""
    return template.format(client=note.client_code, session=session, clinician=clinician, note=note.id)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
