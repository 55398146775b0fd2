"""What people type to the bot: a summary with or without a first line, a mistyped format, or only a greeting."""

import re
from dataclasses import dataclass, replace

from bot.cards import words
from bot.cards.elements import Card, Form
from bot.cards.forms import INPUT_LIMIT, new_note_form
from bot.cards.usage import usage_card
from bot.domain.errors import UserMistake
from bot.domain.note import Session
from bot.domain.people import Person
from bot.drafting.features import features_of
from bot.drafting.headline import Headline, nearest_format, parse_headline
from bot.workflows.count_usage import count_usage
from bot.workflows.desk import Desk
from bot.workflows.start_draft import NewNote, Started, start_draft

_GREETING = re.compile(r"\W*(hi|hello|hey|help|hallo|good (morning|afternoon|evening)|start)\W*", re.IGNORECASE)
_COURTESY = re.compile(r"\W*(thanks?( you)?( so much)?|thx|ok(ay)?|great|perfect|got it|bye)\W*", re.IGNORECASE)
_HELLO = r"(?:(?:hi|hello|hey)\W+)?"
_VERB = r"(?:can|could|would|will|do|does|did|is|are|am|may|should)(?!['’])"
_QUESTION = r"(?:what|how|who|why|where|when|which)"
_STARTS = re.compile(rf"{_HELLO}(?:{_QUESTION}|{_VERB})\b", re.IGNORECASE)
# The verb before its subject. Shorthand leaves subjects out: “is sleeping better?” tells of the client.
_ASKS = re.compile(rf"{_HELLO}{_QUESTION}(?: \w+)? {_VERB}\b", re.IGNORECASE)
_ASKS_OUTRIGHT = re.compile(
    rf"{_HELLO}(?:{_QUESTION}(?: \w+)? )?{_VERB} (?:i|you|we|it|this|my|your|the bot|anyone)\b", re.IGNORECASE
)
# What only this tool is asked about. “Did it again Saturday” tells of a client.
_OF_THE_BOT = re.compile(
    r"\b(you|yours?|bot|app|afternote|notes?|drafts?|formats?|templates?|sign|hipaa|gdpr)\b", re.IGNORECASE
)
_SURELY_THE_BOT = re.compile(  # of a client nobody says so
    r"\b(you|yours?|bot|app|afternote|hipaa|gdpr|(?:do|can|could|may|should|would|will) (?:i|we))\b", re.IGNORECASE
)
_HOW_IT_WORKS = re.compile(rf"{_HELLO}how do(?:es)? (?:it|this|that|the bot|afternote) works?\W*", re.IGNORECASE)
_USING = r"(?:works?|change|send|write|type|see|keep|delete|later)"  # what one does with a tool
_NO_CLUE = re.compile(rf"\b(?:{_QUESTION}|{_VERB}|{_USING}|i|me|we|us|my|it|this|that)\b", re.IGNORECASE)
_CODE = re.compile(r"\b[a-z]{1,4}-\d{2,6}\b", re.IGNORECASE)
_OF_A_SESSION = re.compile(
    r"\b(c[tl]s?|clt|clients?|pts?|patients?|s?he|they|hers?|him|his|them|their|mom|dad|mother|father|parents?"
    r"|partner|wife|husband|son|daughter)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(r"\b(asked|said|says|told|wondered|den(?:ied|ies)|reported|discussed|reviewed)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"[.?!:;]\s+\S|\s[-–—]\s")
_MISSED = frozenset({"dna", "n/s", "fta"})  # did not attend, no show, failed to attend
# What anybody may say in two words; every other cue of the sorter's tells of a session.
_NO_CUES = frozenset({"cue:negation", "cue:clinician_subject", "cue:other_words", "cue:today"})
_FEWEST_WORDS = 3
_SHORTEST = 2
# Two words of these are said to anybody.
_SMALL_TALK = re.compile(
    r"\W*(?:(?:again|app|asdf|awesome|bot|bye|cool|drafts?|formats?|forms?|good|great|haha|hello|help|hey|hi|hmm?|how|i|is"
    r"|it|job|lol|love|me|mind|morning|my|never|new|nice|night|notes?|now|oh|okay|ok|oops|please|sorry|start|stop|sure"
    r"|test|testing|thanks?|that|there|this|wait|what|when|where|which|who|why|works?|wow|yeah|yes|your?)\b\W*)*",
    re.IGNORECASE,
)
_NO_FORMATS = frozenset({"stop", "pair", "grip", "drip", "trip", "pier", "pile", "bird"})  # near one, but words
_ON_A_DAY = re.compile(r"(?:on|last)\b", re.IGNORECASE)
_SUBJECT = re.compile(r"(?:c[tl]|clt|client|pt|patient)\b", re.IGNORECASE)
_USAGE_DAYS = 30
FORM_WORDS = frozenset({"", "new", "note"})


@dataclass(frozen=True, slots=True)
class Stray:
    """A first word that looks like a mistyped format, and the format it may stand for.

    `meant`: what follows is what follows a format. `apart`: so surely that the word is no part of the summary.
    """

    word: str
    nearest: str
    meant: bool
    apart: bool


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
    if any(char.isalpha() and not char.isascii() for char in text):
        return True  # not in English: nothing of what follows here can be told of it
    if len(text.split()) < _FEWEST_WORDS:
        return text.strip().casefold() in _MISSED or _names_something_of_a_session(text) or not _is_small_talk(text)
    return not _asks_the_bot(text.strip())


def _names_something_of_a_session(text: str) -> bool:
    cues = {feature for feature in features_of(text) if feature.startswith(("cue:", "number"))}
    return bool(cues - _NO_CUES)


def _is_small_talk(text: str) -> bool:
    """One word that says nothing of a session, or two that are said to anybody: `tranquila hoy` is neither."""
    return len(re.findall(r"\w+", text)) < _SHORTEST or _SMALL_TALK.fullmatch(text) is not None


def _asks_the_bot(text: str) -> bool:
    """Whether it is one question, and not about anybody in a session."""
    if _TOLD.search(text) or _GOES_ON.search(re.sub(_HELLO, "", text, count=1, flags=re.IGNORECASE)):
        return False
    if re.search(r"\d", _CODE.sub("", text)):
        return False  # a code may be asked about; any other figure was measured or counted
    if not text.endswith("?"):
        return _asks_without_a_mark(text)
    if _SURELY_THE_BOT.search(text):
        return bool(_STARTS.match(text))
    if _OF_A_SESSION.search(text) or _has_a_clue(text):
        return False
    if _OF_THE_BOT.search(text):
        return bool(_STARTS.match(text))
    return bool(_ASKS.match(text) or _ASKS_OUTRIGHT.match(text))


def _asks_without_a_mark(text: str) -> bool:
    """Without a question mark it must be about this tool, in its own words, and about nothing else."""
    if _HOW_IT_WORKS.fullmatch(text):
        return True
    about_us = _ASKS_OUTRIGHT.match(text) and _OF_THE_BOT.search(text)
    return bool(about_us) and not (re.search(r"[\d,]", text) or _OF_A_SESSION.search(text) or _has_a_clue(text))


def _has_a_clue(text: str) -> bool:
    """Whether anything but the question's own words and those for this tool tells of a session."""
    return _names_something_of_a_session(_OF_THE_BOT.sub("", _NO_CLUE.sub("", text)))


def stray_word(summary: str, headline: Headline, desk: Desk) -> Stray | None:
    """A first word that looks like a mistyped format."""
    if headline.format_id or not summary:
        return None
    first, _, _ = summary.split(maxsplit=1)[0].partition(":")
    acronyms = [fmt.id for fmt in desk.offered.values() if fmt.name.isupper()]
    if first.casefold() in _NO_FORMATS or first.casefold() in desk.startable:
        return None
    near = nearest_format(first, acronyms, likeness=0.75)
    return _stray(first, near, summary.removeprefix(first), desk) if near else None


def _stray(word: str, nearest: str, after: str, desk: Desk) -> Stray:
    """“Slip on Saturday: drank 3 beers” begins like “Sirp on Saturday: …”: only what follows can tell."""
    line = after.partition("\n")[0].strip()
    if not line or line.startswith(":"):
        return Stray(word, nearest, meant=True, apart=True)
    if _ON_A_DAY.match(line):
        return Stray(word, nearest, meant=False, apart=False)
    try:
        follows, _ = parse_headline(f"{nearest} {line}", desk.today(None), desk.startable)
    except UserMistake:  # a code or a day that cannot be
        return Stray(word, nearest, meant=True, apart=False)
    coded = bool(follows.client_code or (follows.date and (follows.start or follows.minutes)))
    return Stray(word, nearest, coded or follows.date is not None, coded or _SUBJECT.match(line) is not None)


def wants_form(summary: str, stray: Stray | None) -> bool:
    """Whether a command goes on in the form: nothing to draft from yet, or a format to set right first."""
    return bool(stray and len(summary) <= INPUT_LIMIT) or summary.strip().casefold() in FORM_WORDS


def filled_form(desk: Desk, clinician: Person, headline: Headline, summary: str, stray: Stray | None) -> Form:
    """The form with all that was understood. A word that was surely meant as a format is left out of the text."""
    remark, text, nearest = "", summary, None
    if stray:
        said = words.UNKNOWN_FORMAT if stray.apart else words.PERHAPS_A_FORMAT
        remark, nearest = said.format(word=stray.word, nearest=stray.nearest), stray.nearest
        text = summary.removeprefix(stray.word).lstrip(": \n") if stray.apart else summary
    return new_note_form(
        desk.offered,
        desk.format_for(clinician, headline.format_id or nearest, headline.kind),
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
