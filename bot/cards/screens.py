"""The cards of a note's life, as pure functions of what the note is. Forms are in `cards/forms.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.cards import after_words, review_words, words
from bot.cards.after_screens import after_elements, draft_elements, name_of
from bot.cards.author_screens import (
    Telling,
    answers,
    asked_elements,
    comments_elsewhere,
    comments_on,
    comments_row,
    signed_by,
    signers,
    since_review_elements,
    waiting_elements,
)
from bot.cards.changes import change_elements
from bot.cards.decisions import undecided_elements
from bot.cards.elements import (
    Actions,
    Button,
    Card,
    Choice,
    ClientPicker,
    Confirm,
    DatePicker,
    Element,
    Heading,
    Menu,
    Prose,
    Remark,
    Rule,
    Sentence,
    Style,
)
from bot.cards.filing_screens import (
    NEEDS_A_PERSON,
    copy_elements,
    is_retried,
    proof,
    record_elements,
    status_line,
)
from bot.cards.filing_words import FILING_AFTER, FILING_NOW, TROUBLE_NOTICE
from bot.cards.gap_screens import diagnosis_elements, gap_elements, slots_asked
from bot.cards.house_screens import house_elements, slots_needed
from bot.cards.house_words import MOVED_ON
from bot.cards.plan_screens import goal_elements
from bot.domain.after_filing import ALONE, Around, may_follow
from bot.domain.checks import Gap
from bot.domain.filing import Filing
from bot.domain.formats import Format, arrange, missing
from bot.domain.house import Finding
from bot.domain.ids import PersonId
from bot.domain.links import LinkKind
from bot.domain.note import Note, State
from bot.domain.plan import Plan
from bot.domain.statements import Origin

QUICK_FORMATS = ("soap", "dap", "birp", "progress")
_CARD_TEXT = 9000  # characters of clinical text on a card; the edit form always holds all of it


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen needs beside the note.

    `by_model`: whether there is a language model to ask. `gaps`: what to ask about the note. `findings`: what it has
    against the house style. `withheld`: unused points that belong in no progress note, by number. `guessed`: whether
    the summary guesses at a diagnosis. `around`: the notes that belong to this one. `administers`: whether who reads it
    also administers the practice. `moved_on`: whether the draft's format has another definition by now. `names`: the
    practice's people. `due_at`: until when the review that is waited for is asked for. `card_shows`: what
    of a note the practice lets a review channel see.
    """

    formats: Mapping[str, Format]
    timezone: str
    filings: tuple[Filing, ...] = ()
    offered: tuple[str, ...] = ()
    by_model: bool = False
    gaps: tuple[Gap, ...] = ()
    findings: tuple[Finding, ...] = ()
    withheld: Mapping[int, str] = field(default_factory=dict[int, str])
    guessed: bool = False
    plan: Plan | None = None
    today: date | None = None
    around: Around = ALONE
    administers: bool = False
    moved_on: bool = False
    names: Mapping[PersonId, str] = field(default_factory=dict[PersonId, str])
    now: datetime | None = None
    due_at: datetime | None = None
    card_shows: tuple[str, ...] = ("client_code", "format", "clinician", "status", "age")

    @property
    def telling(self) -> Telling:
        """In whose words a review is told."""
        return Telling(self.names, self.timezone)

    @property
    def record(self) -> Filing | None:
        """How the note's way into the practice's record stands, once it is signed."""
        return self.filings[0] if self.filings else None

    def may_choose(self, format_id: str) -> bool:
        """Whether the practice offers this format."""
        fmt = self.formats.get(format_id)
        return fmt is not None and not fmt.linked and (not self.offered or format_id in self.offered)


def card_for(note: Note, shown: Shown) -> Card:
    """The one card that fits the note's state."""
    match note.state:
        case State.DRAFTING:
            return drafting_card(note, shown)
        case State.DRAFT | State.CHANGES_REQUESTED if note.link:
            return linked_draft_card(note, note.link.kind, shown)
        case State.DRAFT | State.CHANGES_REQUESTED:
            return draft_card(note, shown)
        case State.IN_REVIEW:
            return in_review_card(note, shown)
        case State.APPROVED | State.FILING:
            return signed_card(note, shown)
        case State.FILED:
            return receipt_card(note, shown)
        case State.DISCARDED:
            return Card(words.DISCARDED_NOTICE, (Remark(words.DISCARDED),))


def draft_card(note: Note, shown: Shown) -> Card:
    """The interactive draft: header, sections, what was not used, what is missing, formats, acts."""
    fmt = shown.formats[note.format_id]
    elements: list[Element] = [Heading(title_of(note, fmt)), Remark(_byline(note))]
    elements += [*_ask_for_session(note), *asked_elements(note, shown.telling)]
    elements += [*_sections(note, fmt, shown), *since_review_elements(note)]
    elements += [*change_elements(note), *undecided_elements(note, shown.withheld)]
    elements += [*gap_elements(shown.gaps, note.id), *diagnosis_elements(shown.guessed)]
    elements += house_elements(shown.findings, note.id)
    asked = slots_asked(shown.gaps) | slots_needed(shown.findings)
    absent = [slot for slot in missing(note.statements, fmt) if slot not in asked]
    if absent:
        names = ", ".join(words.SHORT_SLOT_NAMES[slot] for slot in absent)
        elements.append(Remark(words.MISSING.format(names=names)))
    elements += goal_elements(note, shown.plan, shown.today)
    elements += [Rule(), *([Remark(MOVED_ON.format(name=fmt.name))] if shown.moved_on else [])]
    elements += [_format_row(note, shown), _act_row(note, shown.by_model)]
    return Card(_draft_notice(note), tuple(elements))


def linked_draft_card(note: Note, kind: LinkKind, shown: Shown) -> Card:
    """A draft of what follows a signed note: what it says, to be signed, edited or given up."""
    of, fmt = shown.around.about, shown.formats[note.format_id]
    named = of or note
    title = after_words.HEADINGS[kind].format(title=title_of(named, shown.formats[named.format_id]))
    elements: list[Element] = [Heading(title), *draft_elements(note, shown.around)]
    elements += [*asked_elements(note, shown.telling), *_sections(note, fmt, shown)]
    elements += [*since_review_elements(note), *house_elements(shown.findings, note.id), Rule()]
    if of is None or not may_follow(kind, of, [each.note for each in shown.around.about_later]):
        return Card(_draft_notice(note), (*elements, Actions("acts", (_discard(note),))))
    elements += [] if fmt.linked else [_format_row(note, shown)]
    return Card(_draft_notice(note), (*elements, _act_row(note, by_model=False)))


def drafting_card(note: Note, shown: Shown) -> Card:
    """While a model writes one can have one's own words sorted instead."""
    instead = Actions("drafting", (Button("sort_now", words.SORT_NOW, note.id),))
    return Card(words.DRAFTING_NOTICE, (Remark(words.DRAFTING), *((instead,) if shown.by_model else ())))


def in_review_card(note: Note, shown: Shown) -> Card:
    """While a supervisor has it: nothing to edit, and the way back. Without clinical text."""
    name = name_of(note, shown.formats, shown.around.about)
    said = waiting_elements(note, name, _for_client(note), shown.due_at, shown.telling)
    return Card(review_words.IN_REVIEW_NOTICE, tuple(said))


def signed_card(note: Note, shown: Shown) -> Card:
    """Between the signature and the receipt; without clinical text."""
    status = status_line(shown.record, shown.timezone)
    line = words.SIGNED.format(
        format=name_of(note, shown.formats, shown.around.about),
        client=_for_client(note),
        at=clock_time(note.standing[-1].at, shown.timezone),
        who=signed_by(note),
        status=FILING_AFTER if note.link and status == FILING_NOW else status,
    )
    to_do = record_elements(note, shown.filings, shown.timezone, administers=shown.administers)
    return Card(_signed_notice(shown), (Sentence(line), *to_do, *comments_row(note)))


def _signed_notice(shown: Shown) -> str:
    if any(filing.state in NEEDS_A_PERSON for filing in shown.filings):
        return TROUBLE_NOTICE
    return words.RETRY_NOTICE if shown.record and is_retried(shown.record) else words.SIGNED_NOTICE


def receipt_card(note: Note, shown: Shown) -> Card:
    """What stays in the chat: code, date, time, hash, how it is known to be there, and copies. Nothing clinical."""
    receipt = shown.record.receipt if shown.record else None
    day = f"{short_date(note.session.date)}, " if note.session.date else ""
    line = words.RECEIPT.format(
        format=name_of(note, shown.formats, shown.around.about),
        client=_for_client(note),
        session=day,
        at=clock_time(receipt.at, shown.timezone) if receipt else "",
    )
    detail = words.RECEIPT_DETAIL.format(who=signers(note), note=note.id, hash=receipt.sha256[:12] if receipt else "")
    known = f"{detail} · {proof(receipt)}" if receipt else detail
    copies = copy_elements(note, shown.filings, shown.timezone, administers=shown.administers)
    after = after_elements(note, shown.around, shown.timezone)
    return Card(words.RECEIPT_NOTICE, (Sentence(line), Remark(known), *copies, *comments_row(note), *after))


def help_card(formats: Mapping[str, Format], examples: Sequence[str], greeting: bool = False, remark: str = "") -> Card:
    """What to type, by `examples` of the chat one is in. `remark`: why this comes instead of a draft."""
    names = ", ".join(f"`{fmt.id}`" for fmt in formats.values())
    lines = [Sentence(text) for text in (remark, words.GREETING if greeting else words.HELP_OPENING, *examples) if text]
    return Card(words.HELP_TITLE, (Heading(words.HELP_TITLE), *lines, Remark(words.HELP_FORMATS.format(names=names))))


def form_over_card() -> Card:
    """What stands in the place of a form on a card of its own, once its note is no draft any more."""
    return Card(words.FORM_CLOSED_NOTICE, (Remark(words.FORM_OVER),))


def title_of(note: Note, fmt: Format) -> str:
    """`JD-014 · 23 Nov 2026, 10:00 · 50 min · SOAP`: what is known, in this order."""
    session = note.session
    parts = [note.client_code or words.NO_CLIENT]
    if session.date:
        at = f", {session.start:%H:%M}" if session.start else ""
        parts.append(f"{short_date(session.date)} {session.date.year}{at}")
    if session.minutes:
        parts.append(f"{session.minutes} min")
    if session.kind != "individual":
        parts.append(words.KINDS.get(session.kind, session.kind))
    return " · ".join([*parts, fmt.name])


def short_date(day: date | None) -> str:
    """`23 Nov`."""
    return f"{day.day} {day:%b}" if day else ""


def clock_time(at: datetime, timezone: str) -> str:
    """`14:02` in the person's own time zone."""
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"


def _made_by(note: Note) -> str:
    if note.drafted_by is Origin.MODEL:
        return words.MODELLED
    if note.fallback == "chosen":
        return words.CHOSE_SORTER
    return words.FELL_BACK.format(why=words.why(note.fallback)) if note.fallback else words.SORTED


def _byline(note: Note) -> str:
    made = _made_by(note)
    return f"{made} · version {note.version} · not signed"


def _for_client(note: Note) -> str:
    return f" for {note.client_code}" if note.client_code else ""


def _ask_for_session(note: Note) -> list[Element]:
    items: list[Button | Menu | ClientPicker | DatePicker] = []
    if not note.client_code:
        items.append(ClientPicker("pick_client", words.CLIENT_BUTTON, note.id))
    if note.session.date is None:
        items.append(DatePicker("pick_date", words.DATE_BUTTON, note.id))
    return [Sentence(words.ASK_SESSION), Actions("session", tuple(items))] if items else []


def _draft_notice(note: Note) -> str:
    return review_words.CHANGES_NOTICE if note.state is State.CHANGES_REQUESTED else words.DRAFT_NOTICE


def _sections(note: Note, fmt: Format, shown: Shown) -> list[Element]:
    """The sections that hold something, each with what a supervisor said of it; the others in one line."""
    sections, telling = arrange(note.statements, fmt), shown.telling
    parts: list[Element] = []
    room = _CARD_TEXT
    shortened = False
    for section in sections:
        paragraphs: list[str] = []
        for statement in section.statements:
            text = statement.text[: max(room, 0)]
            shortened |= len(text) < len(statement.text)
            room -= len(text)
            if text:
                paragraphs.append(words.MARK + text if statement.doubt else text)
        if paragraphs:
            parts.append(Prose(section.spec.title, tuple(paragraphs)))
        parts += comments_on(note, section.spec.key, telling, section.spec.title)
    parts += comments_elsewhere(note, [spec.key for spec in fmt.sections], telling)
    empty = [section.spec.title for section in sections if not section.statements]
    if empty:
        parts.append(Remark(words.EMPTY_SECTIONS.format(names=", ".join(empty))))
    return [*parts, Remark(words.SHORTENED)] if shortened else parts


def _format_row(note: Note, shown: Shown) -> Actions:
    quick = [
        Button(f"format_{format_id}", _chosen(shown.formats[format_id], note), note.id)
        for format_id in QUICK_FORMATS
        if shown.may_choose(format_id)
    ]
    others = [f for f in shown.formats.values() if f.id not in QUICK_FORMATS and shown.may_choose(f.id)]
    if not others:
        return Actions("formats", tuple(quick))
    choices = tuple(Choice(f.id, f.name) for f in others[:100])
    chosen = note.format_id if note.format_id not in QUICK_FORMATS else ""
    return Actions("formats", (*quick, Menu("format_menu", words.FORMATS_LABEL, note.id, choices, chosen)))


def _chosen(fmt: Format, note: Note) -> str:
    return f"✓ {fmt.name}" if fmt.id == note.format_id else fmt.name


def _act_row(note: Note, by_model: bool) -> Actions:
    return Actions(
        "acts",
        (
            *_first_acts(note),
            *(() if note.link else (Button("details", words.DETAILS, note.id),)),
            *((Button("ask", words.ASK, note.id),) if by_model else ()),
            *(() if note.link else (Button("why", words.WHY, note.id),)),
            _discard(note),
        ),
    )


def _first_acts(note: Note) -> tuple[Button, Button]:
    """Signing comes first, except where changes are asked for and none is made yet."""
    if note.state is State.CHANGES_REQUESTED and answers(note):
        return Button("sign", review_words.SIGN_AGAIN, note.id, Style.PRIMARY), Button("edit", words.EDIT, note.id)
    if note.state is State.CHANGES_REQUESTED:
        edit = Button("edit", review_words.EDIT_RESUBMIT, note.id, Style.PRIMARY)
        return edit, Button("sign", review_words.SIGN_AGAIN, note.id)
    return Button("sign", words.SIGN, note.id, Style.PRIMARY), Button("edit", words.EDIT, note.id)


def _discard(note: Note) -> Button:
    really = Confirm(words.DISCARD_TITLE, words.DISCARD_TEXT, words.DISCARD_YES, words.DISCARD_NO)
    return Button("discard", words.DISCARD, note.id, Style.DANGER, really)
