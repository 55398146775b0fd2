"""Tells a transcript, or a link to a recording, from a clinician's own summary."""

import itertools
import re
from collections.abc import Sequence

from bot.drafting.features import label_of

_CAPTION_FILE = re.compile(r"\A\ufeff?\s*WEBVTT\b|\d{1,2}:\d{2}:\d{2}[.,]\d{3}\s*-->\s*\d{1,2}:\d{2}:\d{2}")
_VOICES = re.compile(r"<v(?:\.\w+)? [^>\n]{1,60}>")
_AS_DATA = re.compile(r"\"speaker(?:_?(?:id|name|label))?\"\s*:", re.IGNORECASE)
_STAMPED = re.compile(
    r"^\s*[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?[\])]?\s*-?\s*[^\W\d][\w .]{0,30}\d{0,2}\s*:", re.MULTILINE
)
_STAMPED_AFTER = re.compile(r"^\s*[^\W\d][\w .]{0,30}\d{0,2}\s*[\[(]?\d{1,2}:\d{2}:\d{2}[\])]?\s*:?\s*$", re.MULTILINE)
_SPELLED_STAMP = re.compile(r"^\s*(?:\d+ hours? )?\d+ minutes? \d+ seconds?\s*$", re.MULTILINE)
_SPEAKER_LINE = re.compile(r"^\s*([^\W\d][\w .'-]{0,30}?)\s{1,4}\d{1,2}:\d{2}\s*$", re.MULTILINE)
_FROM_ZERO = re.compile(r"\A\s*[\[(]0{1,2}:\d{2}(?::\d{2})?[\])]")
_BRACKETED = re.compile(r"^\s*[\[(]\d{1,2}:\d{2}(?::\d{2})?[\])]", re.MULTILINE)
_FEWEST_STAMPS = 3

_LINE = re.compile(r"[\n\r]+")
_TURN = re.compile(r"^\s*(?:\*\*|[-*]\s+)?([^\W\d_][\w.]{0,20}(?: \d{1,2})?)(?:\*\*)?\s*:\s*\S")
_DASHED = re.compile(r"^\s*([^\W\d_]{1,12})\s*[-\u2013\u2014]+\s+\S")
_NAMED_TURN = re.compile(r"^\s*(?:\*\*)?((?:Dr\.? )?[^\W\d_][\w.'-]{0,20}(?: [A-Z][\w.]{0,20})?)(?:\*\*)?\s*:\s*\S")
_INLINE_TURN = re.compile(
    r"(?:^|(?<=[.!?\u2026)\"\u201d])\s+|\n\s*)(therapist|client|patient|counselor|clinician):\s", re.IGNORECASE
)
_INLINE_NAMED = re.compile(r"(?:^|(?<=[.!?\u2026)\"\u201d])\s+)((?:Dr\.? )?[A-Z][a-z]{1,20}):\s")
_THERAPIST = frozenset(
    {"t", "th", "therapist", "clinician", "counselor", "counsellor", "interviewer", "provider", "doctor", "dr", "me"}
)
_CLIENT = frozenset({"c", "ct", "cl", "client", "p", "pt", "patient", "interviewee"})
_SPEAKER = re.compile(r"(?:speaker|person|sprecher|hablante) ?\d{0,2}\Z")
_SPEECH = re.compile(r"\?|\b(?:i|i'm|i'd|i'll|me|my|you|your|yes|no|ok|okay|yeah|mm|mhm|um|uh|well)\b", re.IGNORECASE)
_MANY_CHANGES = 8
_MOSTLY = 0.6
_ALMOST_ALL = 0.75
_FEWEST_NAMED = 5
_SPOKEN_SHARE = 0.5

_RECORDER = re.compile(
    r"https?://(?:[\w-]+\.)*(?:otter\.ai/|fireflies\.ai/|fathom\.(?:video|ai)/|tldv\.io/|read\.ai/|zoom\.us/rec(?:ording)?/)",
    re.IGNORECASE,
)
_MEDIA_LINK = re.compile(
    r"https?://\S*(?:session|recording|visit|intake|meeting|zoom|gmt\d)[^\s?#]*\.(?:mp3|m4a|wav|ogg|mp4|m4v|mov|webm|vtt|srt)\b",
    re.IGNORECASE,
)


def links_to_recording(text: str) -> bool:
    """Whether the text points to a recording of a session: a recorder's page, or a media file named as one."""
    return bool(_RECORDER.search(text) or _MEDIA_LINK.search(text))


def is_transcript(text: str) -> bool:
    """Captions, repeated time stamps with speakers, or two sides taking turns for most of the text.

    A few quoted lines in a summary are no transcript; nor are labels such as `Plan:`, `Mom:` or `S: O: A: P:`.
    """
    text = "\n".join(line for line in map(str.strip, text.splitlines()) if line)  # blank lines cost the patterns dearly
    if _CAPTION_FILE.search(text) or len(_VOICES.findall(text)) > 1 or len(_AS_DATA.findall(text)) > 1:
        return True
    return _is_stamped(text) or _takes_turns(text) or _turns_inline(text) or _names_take_turns(text)


def _is_stamped(text: str) -> bool:
    if len(_STAMPED.findall(text)) + len(_STAMPED_AFTER.findall(text)) >= _FEWEST_STAMPS:
        return True
    if len(_SPELLED_STAMP.findall(text)) >= _FEWEST_STAMPS:
        return True
    if _FROM_ZERO.match(text) and len(_BRACKETED.findall(text)) >= _FEWEST_STAMPS:
        return True
    speakers = _SPEAKER_LINE.findall(text)
    return len(speakers) >= _FEWEST_STAMPS and len(set(speakers)) < len(speakers)


def _takes_turns(text: str) -> bool:
    lines = _LINE.split(text)
    spoken = [(found[1].lower().rstrip("."), line) for line in lines if (found := _TURN.match(line))]
    asked = {"q", "a"} if any(name == "q" for name, _ in spoken) else set[str]()
    sides = _THERAPIST | _CLIENT | asked
    turns = [(name, line) for name, line in spoken if name in sides or _SPEAKER.match(name)]
    changes = _changes([name for name, _ in turns])
    share = sum(len(line) for _, line in turns) / len(text)
    if changes >= 2 and (changes >= _MANY_CHANGES or share >= _MOSTLY):
        return True
    dashed = [found[1].lower() for line in lines if (found := _DASHED.match(line))]
    therapist = [name in _THERAPIST for name in dashed if name in _THERAPIST or name in _CLIENT]
    return _changes(therapist) >= _FEWEST_NAMED - 1


def _names_take_turns(text: str) -> bool:
    """Two or three people by name (or `Q:` and `A:`) who speak by turns, in the words of people speaking."""
    lines = [(found[1], line) for line in _LINE.split(text) if (found := _NAMED_TURN.match(line))]
    named = [(name, line) for name, line in lines if name.lower() in ("q", "a") or not label_of(line)]
    speech = sum(bool(_SPEECH.search(line.partition(":")[2])) for _, line in named)
    names = [name for name, _ in named]
    few = 2 <= len(set(names)) <= 3 and _changes(names) >= _FEWEST_NAMED
    long = sum(len(line) for _, line in named) >= _ALMOST_ALL * len(text)
    return few and long and speech >= _SPOKEN_SHARE * len(named)


def _turns_inline(text: str) -> bool:
    roles = [name.lower() for name in _INLINE_TURN.findall(text)]
    if len(roles) >= 3 and len(set(roles)) >= 2:
        return True
    names = [name for name in _INLINE_NAMED.findall(text) if not label_of(f"{name}: x")]
    return len(set(names)) == 2 and _changes(names) >= _FEWEST_NAMED and "?" in text


def _changes(names: Sequence[object]) -> int:
    return sum(one != two for one, two in itertools.pairwise(names))
