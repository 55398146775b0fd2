"""What people type to the bot: a summary with or without a first line, a mistyped format, or only a greeting."""

import re
from dataclasses import replace

from bot.cards import words
from bot.cards.elements import Card, Form
from bot.cards.forms import INPUT_LIMIT, new_note_form
from bot.cards.usage import usage_card
from bot.domain.note import Session
from bot.domain.people import Person
from bot.drafting.headline import Headline, nearest_format
from bot.workflows.count_usage import count_usage
from bot.workflows.desk import Desk
from bot.workflows.start_draft import NewNote, Started, start_draft

_GREETING = re.compile(r"\W*(hi|hello|hey|help|hallo|good (morning|afternoon|evening)|start)\W*", re.IGNORECASE)
_COURTESY = re.compile(r"\W*(thanks?( you)?( so much)?|thx|ok(ay)?|great|perfect|got it|bye)\W*", re.IGNORECASE)
_TO_THE_BOT = re.compile(
    r"(hi|hello|hey)?\W*(what|how|who|why|where|when|which|can|could|would|will|do|does|did|is|are|am|may|should)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS = 3
_NO_FORMATS = frozenset({"stop", "pair", "grip", "drip", "trip", "pier", "pile", "bird"})  # near one, but words
_USAGE_DAYS = 30
FORM_WORDS = frozenset({"", "new", "note"})


def is_greeting(text: str) -> bool:
    """Whether somebody only says hello, or asks for help."""
    return _GREETING.fullmatch(text) is not None


def is_courtesy(text: str) -> bool:
    """Whether somebody only says thanks or okay: that needs no answer."""
    return _COURTESY.fullmatch(text) is not None


def reads_like_a_summary(text: str, headline: Headline) -> bool:
    """Whether something typed to the bot tells of a session, rather than asks the bot something or is only a word.

    What is taken for no summary is answered with help and drafts nothing; in doubt it is a summary.
    """
    if headline != Headline() or "\n" in text.strip():
        return True
    asks = _TO_THE_BOT.match(text) is not None and text.rstrip().endswith("?")
    return not asks and len(text.split()) >= _FEWEST_WORDS


def stray_word(summary: str, headline: Headline, desk: Desk) -> tuple[str, str] | None:
    """A first word that looks like a mistyped format, with the format it may stand for."""
    if headline.format_id or not summary:
        return None
    first = summary.split(maxsplit=1)[0].rstrip(":")
    acronyms = [fmt.id for fmt in desk.offered.values() if fmt.name.isupper()]
    if first.casefold() in _NO_FORMATS or first.casefold() in desk.formats:
        return None
    near = nearest_format(first, acronyms, likeness=0.75)
    return (first, near) if near else None


def wants_form(summary: str, stray: tuple[str, str] | None) -> bool:
    """Whether a command goes on in the form: nothing to draft from yet, or a format to set right first."""
    return bool(stray and len(summary) <= INPUT_LIMIT) or summary.strip().casefold() in FORM_WORDS


def filled_form(desk: Desk, clinician: Person, headline: Headline, summary: str, stray: tuple[str, str] | None) -> Form:
    """The form with all that was understood; a word that was meant as a format is said and left out of the text."""
    remark = words.UNKNOWN_FORMAT.format(word=stray[0], nearest=stray[1]) if stray else ""
    text = summary.removeprefix(stray[0]).lstrip(": ") if stray else summary
    return new_note_form(
        desk.offered,
        desk.format_for(clinician, headline.format_id or (stray[1] if stray else None), headline.kind),
        headline.client_code or "",
        _session(headline),
        "" if text.casefold() in FORM_WORDS else text,
        remark,
    )


async def start(
    desk: Desk,
    person: Person | None,
    headline: Headline,
    summary: str,
    source: str,
    via: str,
    files: tuple[str, ...] = (),
) -> Started:
    """Keep what was typed as a note that waits for its draft. `source` names the delivery."""
    new = NewNote(
        summary=summary,
        source=source,
        via=via,
        format_id=headline.format_id,
        client_code=headline.client_code or "",
        session=_session(headline),
        files=files,
    )
    return await start_draft(desk, person, new)


async def usage(desk: Desk, person: Person | None) -> Card:
    """What the language model took of late, for administrators: figures and note ids."""
    count = await count_usage(desk, person, _USAGE_DAYS)
    return usage_card(count.notes, count.prices, _USAGE_DAYS)


def _session(headline: Headline) -> Session:
    session = Session(date=headline.date, start=headline.start, minutes=headline.minutes)
    return replace(session, kind=headline.kind) if headline.kind else session
