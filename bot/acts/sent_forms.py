"""Forms that were sent: what was typed in a dialog comes to one workflow, in every chat the same."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.acts.presses import decide_or_sign, note_in, parse_day
from bot.acts.reviews import begin_reviewed, is_review, submit_review
from bot.cards import words
from bot.cards.decisions import decisions_in
from bot.cards.elements import Form
from bot.cards.forms import edit_form, section_texts
from bot.cards.gap_screens import gap_answers
from bot.cards.house_screens import open_words, settled_in, still_open
from bot.cards.plan_screens import ticked_goals
from bot.cards.review_forms import comments_in
from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.ids import NoteId, StatementId
from bot.domain.note import Asked, Note, Session, State
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.statements import Slot
from bot.drafting.guards import check_client_code
from bot.drafting.headline import Headline, parse_headline
from bot.ports import Work
from bot.workflows.approve_note import approve_note
from bot.workflows.confirm_goals import confirm_goals
from bot.workflows.decide import Decisions, decide
from bot.workflows.desk import Desk, open_note
from bot.workflows.link_note import add_addendum, amend_note, retract_note
from bot.workflows.revise_note import add_details, describe_session, revise_note
from bot.workflows.reword_note import ask_change
from bot.workflows.settle_house_style import Settled, settle_house_style
from bot.workflows.start_draft import NewNote, start_draft

T = TypeVar("T")
_MOST_MINUTES = 24 * 60
# Where in a dialog a mistake is shown; anything else stands at the dialog's first input.
_INPUT_OF = {
    "legal_name": "client",
    "bad_code": "client",
    "needs_client": "client",
    "needs_date": "date",
    "future_date": "date",
    "bad_date": "date",
    "unknown_format": "format",
    "empty_summary": "summary",
    "emoji_only": "summary",
    "too_long": "summary",
    "transcript": "summary",
    "bad_headline": "summary",
    "recording": "summary",
    "sent_before": "summary",
    "bad_minutes": "minutes",
    "needs_text": "text",
    "bad_sessions": "lines",
    "no_sessions": "lines",
    "no_summaries": "summaries",
    "too_many_summaries": "summaries",
    "bad_summaries": "summaries",
    "needs_reason": "reason",
    "needs_late_reason": "late_reason",
    "long_late_reason": "late_reason",
    "needs_comment": "comment",
    "needs_supervisor": "supervisor",
    "empty_instruction": "instruction",
    "long_instruction": "instruction",
    "needs_why": "why",
    "long_why": "why",
    # one's own settings
    "quiet_time": "remind_at",
    "bad_time": "remind_at",
    "half_quiet": "quiet_until",
    "no_days": "days",
    "away_over": "away_until",
    "bad_before": "before",
    "bad_calendar_address": "calendar",
    # people
    "needs_name": "name",
    "long_name": "name",
    "needs_role": "roles",
    "last_administrator": "roles",
    "only_supervisor": "roles",
    "reviews_wait": "roles",
    "bad_timezone": "timezone",
    "bad_slack_id": "slack",
    "slack_taken": "slack",
    "bad_teams_id": "teams",
    "teams_taken": "teams",
    "supervises_nothing": "mode",
    "needs_supervisors": "supervisors",
    "own_supervisor": "supervisors",
    "no_supervisor": "supervisors",
    "bad_percent": "sample_percent",
    "bad_until": "until",
    # treatment plans
    "review_before_start": "review_due",
    "long_diagnosis": "diagnosis",
    "long_frequency": "frequency",
    "long_measure": "measure",
    "long_baseline": "baseline",
    "long_target": "target",
    "needs_status": "status",
    "closed_before_opened": "closed",
    "closed_in_future": "closed",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A form with what stands in its inputs (name → text, empty when nothing), opened on `version`.

    `delivery` names this sending: a second one of the same starts nothing new.
    """

    form: str
    note_id: NoteId
    version: int
    values: Mapping[str, str]
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a sent form. `follows`: the form that stands next in the same place.

    `still_open`: the input that must be answered first, with `open_words` beside it; everything else is kept.
    """

    note_id: NoteId
    follows: Form | None = None
    still_open: str = ""
    open_words: str = words.STILL_UNDECIDED

    def began(self, form: str) -> str:
        """The form whose work begins by this; none where another form has to follow first."""
        return "" if self.follows else form


async def submit(desk: Desk, person: Person | None, sent: Sent, via: str) -> Done:
    """Do what the form says. Raises UserMistake; the text is the caller's to keep on the screen."""
    values, note_id = sent.values, sent.note_id
    match sent.form:
        case "new_note":
            return Done(await _started(desk, person, new_note_in(desk, sent, person, via)))
        case "edit":
            texts = _parsed(section_texts, values)
            await revise_note(desk, person, note_id, sent.version, texts, via, values.get("reason"))
        case "details":
            answers, places = _parsed(_details, values)
            await add_details(desk, person, note_id, sent.version, answers, places, via, gap_answers(values))
        case "ask":
            section = "" if values.get("section", "all") == "all" else values["section"]
            asked = Asked(values.get("instruction", ""), section)
            await ask_change(desk, person, note_id, sent.version, asked, via)
        case "goals":
            await confirm_goals(desk, person, note_id, sent.version, ticked_goals(dict(values)), via)
        case "decide":
            return await _decided(desk, person, sent, via)
        case "settle":
            return await _settled(desk, person, sent, via)
        case "addendum" | "amend" | "retract":
            return await _followed(desk, person, sent, via)
        case name if is_review(name):
            await submit_review(desk, person, name, note_id, sent.version, values, via)
            return Done(note_in(note_id))
        case "sign":
            return await _signed(desk, person, sent, via)
        case _:
            raise UserMistake("unknown_form", words.TROUBLE)
    return Done(note_id)


async def begin_work(work: Work, desk: Desk, form: str, note_id: NoteId) -> None:
    """Have the work done that a sent form causes, if any. Starting it twice is harmless."""
    match form:
        case "new_note":
            await work.draft(desk.id, note_id)
        case name if is_review(name):
            await begin_reviewed(work, desk, note_id)
        case "sign" if (await open_note(desk, note_id)).note.state is State.IN_REVIEW:
            await work.show(desk.id, note_id)
        case "sign":
            for target in desk.targets:
                await work.file(desk.id, note_id, target)
        case "ask":
            await work.reword(desk.id, note_id)
        case _:
            return


def sentence_for(form: str, mistake: UserMistake) -> str:
    """What to tell the person about a form that was not taken."""
    stale_sign = form == "sign" and mistake.code in ("stale_version", "stale_signature")
    return words.CHANGED_BEFORE_SIGNING if stale_sign else words.sentence(mistake)


def is_over(sent: Sent, mistake: UserMistake) -> bool:
    """Whether the form has nothing typed to lose and nothing left to do: the sentence may take its place."""
    if sent.form == "review" and comments_in(sent.values):
        return False
    settled = sent.form == "sign" or is_review(sent.form)
    return not sent.values or (settled and isinstance(mistake, (Stale, NotAllowed)))


def input_at_fault(sent: Sent, mistake: UserMistake) -> str:
    """The input beside which the sentence stands: the one it is about, else the first."""
    default = {"bad_date": "start"}.get(mistake.code, "decision")
    wanted = _INPUT_OF.get(mistake.code, "")
    return next((name for name in (wanted, default) if name in sent.values), next(iter(sent.values), ""))


async def _started(desk: Desk, person: Person | None, new: NewNote) -> NoteId:
    """The note of this form, which starts one: anything else that comes with it would be lost. Raises UserMistake."""
    started = await start_draft(desk, person, new)
    if started.again:
        note = (await open_note(desk, started.note_id)).note
        code, day = check_client_code(new.client_code) if new.client_code else "", new.session.date
        same_session = code in ("", note.client_code) and day in (None, note.session.date)
        if note.summary != new.summary or not same_session:
            raise UserMistake("sent_before", words.SENT_BEFORE)
    return started.note_id


async def _followed(desk: Desk, person: Person | None, sent: Sent, via: str) -> Done:
    """The draft of what follows a signed note. One whose text did not fit into the form is edited in the same place."""
    values, about, source = sent.values, note_in(sent.note_id), sent.delivery
    if sent.form == "addendum":
        return Done((await add_addendum(desk, person, about, values.get("text", ""), source, via)).note_id)
    if sent.form == "retract":
        return Done((await retract_note(desk, person, about, values.get("reason", ""), source, via)).note_id)
    texts = _parsed(section_texts, values)
    begun = await amend_note(desk, person, about, texts, values.get("reason", ""), source, via)
    if texts:
        return Done(begun.note_id)
    note = (await open_note(desk, begun.note_id)).note
    return Done(note.id, follows=edit_form(note, desk.format_of(note)))


async def _decided(desk: Desk, person: Person | None, sent: Sent, via: str) -> Done:
    """Keep what was decided; the signing dialog follows in the same place once nothing is open any more."""
    note = await decide(desk, person, sent.note_id, _parsed(_decisions, sent.values), via)
    still_open = [name for name, chosen in sent.values.items() if chosen == "later"]
    if note.undecided() and still_open:
        return Done(note.id, still_open=still_open[0])
    return Done(note.id, follows=await _signing(desk, note, person))


async def _settled(desk: Desk, person: Person | None, sent: Sent, via: str) -> Done:
    """Keep what was changed and answered; what is still open is asked again, else the signing dialog follows."""
    answers, off, texts = settled_in(sent.values)
    settled = Settled(answers, off, texts)
    note = await settle_house_style(desk, person, sent.note_id, sent.version, settled, via)
    name = "" if note.undecided() else still_open(desk.findings_of(note), sent.values)
    if name and note.version == sent.version:
        return Done(note.id, still_open=name, open_words=open_words(name))
    return Done(note.id, follows=await _signing(desk, note, person))


async def _signed(desk: Desk, person: Person | None, sent: Sent, via: str) -> Done:
    """Sign. The client given here may bring in what another payer requires: it is kept, and that is asked first."""
    code, day = sent.values.get("client", ""), parse_day(sent.values["date"]) if sent.values.get("date") else None
    late = sent.values.get("late_reason", "")
    try:
        await approve_note(desk, person, sent.note_id, sent.version, via, code, day, late)
    except UserMistake as mistake:
        unasked = mistake.code == "needs_late_reason" and "late_reason" not in sent.values
        if mistake.code != "house_style" and not unasked:
            raise
        note = (await open_note(desk, sent.note_id)).note
        if not note.link:
            note = await describe_session(desk, person, sent.note_id, code or None, day, via)
        return Done(note.id, follows=await _signing(desk, note, person))
    return Done(sent.note_id)


async def _signing(desk: Desk, note: Note, person: Person | None) -> Form | None:
    try:
        signer = allow(person, ActKind.SIGN, note)
    except NotAllowed:
        return None
    return await decide_or_sign(desk, note, signer)


def _parsed(parse: Callable[[Mapping[str, str]], T], values: Mapping[str, str]) -> T:
    """What a chat sent for choices and numbers, which a person cannot type. Raises UserMistake for what never was."""
    try:
        return parse(values)
    except ValueError:
        raise UserMistake("bad_form", words.TROUBLE) from None


def _decisions(values: Mapping[str, str]) -> Decisions:
    chosen = decisions_in(values)
    held, doubt = chosen["held"], chosen["doubt"]
    return Decisions(
        take=tuple(StatementId(item) for item, what in held.items() if what == "take"),
        leave=tuple(StatementId(item) for item, what in (held | doubt).items() if what == "leave"),
        right=tuple(StatementId(item) for item, what in doubt.items() if what == "right"),
        points={int(item): None if what == "out" else Slot(what) for item, what in chosen["point"].items()},
    )


def _details(values: Mapping[str, str]) -> tuple[dict[Slot, str], dict[int, Slot | None]]:
    answers = {Slot(k.removeprefix("missing.")): v for k, v in values.items() if k.startswith("missing.") and v}
    chosen = {int(k.removeprefix("point.")): v for k, v in values.items() if k.startswith("point.")}
    places = {number: None if v == "out" else Slot(v) for number, v in chosen.items() if v not in ("", "later")}
    return answers, places


def new_note_in(desk: Desk, sent: Sent, person: Person | None, via: str) -> NewNote:
    """The form's summary. One that begins as a command would (`birp JD-014 yesterday: …`) fills what is left empty."""
    values, summary, headline = sent.values, sent.values.get("summary", ""), Headline()
    zone = ZoneInfo(person.timezone if person else desk.practice.timezone)
    try:
        found, rest = parse_headline(summary, desk.clock.now().astimezone(zone).date(), desk.startable)
    except UserMistake as mistake:
        raise UserMistake("bad_headline", mistake.sentence) from None
    if found.client_code or found.date:
        headline, summary = found, rest
    session = _parsed(_session, values)
    return NewNote(
        summary=summary,
        source=sent.delivery,
        via=via,
        format_id=headline.format_id or values.get("format") or None,
        client_code=values.get("client") or headline.client_code or "",
        session=replace(
            session,
            date=session.date or headline.date,
            start=session.start or headline.start,
            minutes=session.minutes or headline.minutes,
        ),
    )


def _session(values: Mapping[str, str]) -> Session:
    """The session as filled in. Raises UserMistake; ValueError when a picker sent something impossible."""
    kind, modality = values.get("kind") or "individual", values.get("modality") or "none"
    if kind not in words.KINDS or (modality != "none" and modality not in words.MODALITIES):
        raise ValueError
    return Session(
        date=dt.date.fromisoformat(values["date"]) if values.get("date") else None,
        start=dt.time.fromisoformat(values["start"]) if values.get("start") else None,
        minutes=_minutes(values.get("minutes", "").strip()),
        kind=kind,
        modality="" if modality == "none" else modality,
    )


def _minutes(typed: str) -> int | None:
    """A session's length. Some clients send whatever was typed, others check it first. Raises UserMistake."""
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", typed) or not 1 <= int(typed) <= _MOST_MINUTES:
        raise UserMistake("bad_minutes", words.BAD_MINUTES.format(most=_MOST_MINUTES, typed=typed[:20]))
    return int(typed)
