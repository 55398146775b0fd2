"""Refuses, kindly, what is not a summary (a transcript, a recording, nothing) and what is not a client code."""

import itertools
import re
import unicodedata
from collections.abc import Sequence

from bot.domain.errors import UserMistake

LONGEST = 20_000
LONGEST_CODE = 16

EMPTY = "There is nothing to draft from yet. Type a few lines about the session and send them again."
EMOJI_ONLY = "Only emoji arrived. Add a few words about the session and send them again."
TOO_LONG = (
    "That is longer than {limit:,} characters. Please shorten it to your own summary of the session and send it again."
)
TRANSCRIPT = (
    "This looks like a transcript. Afternote works from your own summary: "
    "please write what happened in a few lines and leave the dialogue out."
)
RECORDING = (
    "Afternote never uses recordings. Please delete the audio or video here and type a few lines of your own instead."
)
LEGAL_NAME = "That looks like a name. Please use a client code such as JD-014 instead."
BAD_CODE = (
    "A client code has up to {limit} letters and digits, with at least one digit, "
    "such as JD-014 or 4711. Please try again."
)

_CAPTION_FILE = re.compile(r"\A\ufeff?\s*WEBVTT\b|\d{1,2}:\d{2}:\d{2}[.,]\d{3}\s*-->\s*\d{1,2}:\d{2}:\d{2}")
_STAMPED = re.compile(
    r"^\s*[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?[\])]?\s*-?\s*[^\W\d][\w .]{0,30}\d{0,2}\s*:", re.MULTILINE
)
_STAMPED_AFTER = re.compile(r"^\s*[^\W\d][\w .]{0,30}\d{0,2}\s*[\[(]?\d{1,2}:\d{2}:\d{2}[\])]?\s*:?\s*$", re.MULTILINE)
_TURN = re.compile(r"^\s*(?:\*\*|[-*]\s+)?([^\W\d_][\w.]{0,20}(?: \d{1,2})?)(?:\*\*)?\s*:\s*\S")
_THERAPIST = frozenset(
    {"t", "th", "therapist", "clinician", "counselor", "counsellor", "interviewer", "provider", "doctor", "dr", "me"}
)
_CLIENT = frozenset({"c", "ct", "cl", "client", "p", "pt", "patient", "interviewee"})
_SPEAKER = re.compile(r"(?:speaker|person|sprecher|hablante) ?\d{0,2}\Z")
_LINE = re.compile(r"[\n\r]+")
_MANY_CHANGES = 8
_MOSTLY = 0.6
_FEWEST_STAMPS = 3
_INLINE_TURN = re.compile(
    r"(?:^|(?<=[.!?\u2026)\"\u201d])\s+|\n\s*)(therapist|client|patient|counselor|clinician):\s", re.IGNORECASE
)

_MEDIA_NAME = re.compile(
    r"\.(?:mp3|m4a|m4b|wav|wave|ogg|oga|opus|flac|aac|aiff?|amr|wma|caf|3gp|3g2|mp4|m4v|mov|avi|mkv|webm|wmv|mpe?g|vtt|srt)\Z",
    re.IGNORECASE,
)
_MEDIA_TYPE = re.compile(r"\A(?:audio|video)/", re.IGNORECASE)

_CODE = re.compile(r"[A-Z]{0,6}[-_./]?[A-Z0-9]*\d[A-Z0-9]*(?:[-_./][A-Z0-9]+)*\Z")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*\.?\Z")
_NAME_AND_NUMBER = re.compile(r"[^\W\d_][a-z]{2,}\d*\Z")
_SHORTEST_NAME = 3


def check_summary(text: str, files: Sequence[str] = ()) -> None:
    """Passes a summary a note can be drafted from; `files` are the names or media types of what was attached.

    Raises UserMistake: `recording`, `empty_summary`, `emoji_only`, `too_long` or `transcript`.
    """
    if any(_is_media(file) for file in files):
        raise UserMistake("recording", RECORDING)
    if not any(character.isalnum() for character in text):
        raise _without_words(text)
    if len(text) > LONGEST:
        raise UserMistake("too_long", TOO_LONG.format(limit=LONGEST))
    if _is_transcript(text):
        raise UserMistake("transcript", TRANSCRIPT)


def check_client_code(code: str) -> str:
    """The client code in capitals.

    Raises UserMistake: `legal_name` for what looks like a person's name, `bad_code` for anything else that is none.
    """
    plain = unicodedata.normalize("NFKC", code).strip()
    if _is_name(plain):
        raise UserMistake("legal_name", LEGAL_NAME)
    upper = plain.upper()
    if len(upper) > LONGEST_CODE or not _CODE.match(upper) or not upper.isascii():
        raise UserMistake("bad_code", BAD_CODE.format(limit=LONGEST_CODE))
    return upper


def _without_words(text: str) -> UserMistake:
    pictures = any(unicodedata.category(character) == "So" for character in text)
    return UserMistake("emoji_only", EMOJI_ONLY) if pictures else UserMistake("empty_summary", EMPTY)


def _is_media(file: str) -> bool:
    return bool(_MEDIA_TYPE.match(file.strip()) or _MEDIA_NAME.search(file.strip()))


def _is_transcript(text: str) -> bool:
    """Captions, repeated time stamps with speakers, or two sides taking turns for most of the text.

    A few quoted lines in a summary are no transcript; nor are labels such as `Plan:`, `Mom:` or `S: O: A: P:`.
    """
    text = "\n".join(line for line in map(str.strip, text.splitlines()) if line)  # blank lines cost the patterns dearly
    if _CAPTION_FILE.search(text):
        return True
    if len(_STAMPED.findall(text)) + len(_STAMPED_AFTER.findall(text)) >= _FEWEST_STAMPS:
        return True
    return _takes_turns(text) or _turns_inline(text)


def _takes_turns(text: str) -> bool:
    spoken = [(found[1].lower().rstrip("."), line) for line in _LINE.split(text) if (found := _TURN.match(line))]
    turns = [(name, line) for name, line in spoken if name in _THERAPIST or name in _CLIENT or _SPEAKER.match(name)]
    changes = sum(a[0] != b[0] for a, b in itertools.pairwise(turns))
    share = sum(len(line) for _, line in turns) / len(text)
    return changes >= 2 and (changes >= _MANY_CHANGES or share >= _MOSTLY)


def _turns_inline(text: str) -> bool:
    names = [name.lower() for name in _INLINE_TURN.findall(text)]
    return len(names) >= 3 and len(set(names)) >= 2


def _is_name(text: str) -> bool:
    words = [word for word in re.split(r"[,\s]+", text) if word]
    if len(words) == 1 and _NAME_AND_NUMBER.match(words[0]) and not words[0].islower():
        return True
    if not words or not all(_NAME_WORD.match(word) for word in words):
        return False
    return len(words) > 1 or len(words[0].rstrip(".")) >= _SHORTEST_NAME


def withheld_points(points):
    return {}
