"""Refuses, kindly, what is not a summary (a transcript, a recording, nothing) and what is not a client code.

Finds the points of a summary that no draft may use.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.errors import UserMistake
from bot.domain.statements import Draft, Point
from bot.drafting.diagnosis import settle_diagnoses
from bot.drafting.transcripts import is_transcript, links_to_recording
from bot.drafting.withheld import command_points, process_points, record_points

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
    if links_to_recording(text):
        raise UserMistake("recording", RECORDING)
    if is_transcript(text):
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


def withheld_points(points: Sequence[Point]) -> Mapping[int, str]:
    """Which points enter no draft and go to no model, by number, and why: `process`, `command` or `record`.

    They stay unused until the clinician places or leaves them out by hand.
    """
    codes = dict.fromkeys(record_points(points), "record")
    codes |= dict.fromkeys(process_points(points), "process")
    return dict(sorted((codes | dict.fromkeys(command_points(points), "command")).items()))


def guarded(draft: Draft) -> Draft:
    """The draft without statements from points that are withheld, and with no diagnosis but the clinician's."""
    withheld = withheld_points(draft.points)
    allowed = tuple(s for s in draft.statements if not any(number in withheld for number in s.sources))
    return settle_diagnoses(replace(draft, statements=allowed))


def _without_words(text: str) -> UserMistake:
    pictures = any(unicodedata.category(character) == "So" for character in text)
    return UserMistake("emoji_only", EMOJI_ONLY) if pictures else UserMistake("empty_summary", EMPTY)


def _is_media(file: str) -> bool:
    return bool(_MEDIA_TYPE.match(file.strip()) or _MEDIA_NAME.search(file.strip()))


def _is_name(text: str) -> bool:
    words = [word for word in re.split(r"[,\s]+", text) if word]
    if len(words) == 1 and _NAME_AND_NUMBER.match(words[0]) and not words[0].islower():
        return True
    if not words or not all(_NAME_WORD.match(word) for word in words):
        return False
    return len(words) > 1 or len(words[0].rstrip(".")) >= _SHORTEST_NAME
