"""Placeholders: what stands for an identifier in a prompt, and how a model's bent copy of one is read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import folded

_KINDS = (
    "NAME", "PHONE", "EMAIL", "URL", "USERNAME", "ADDRESS", "DATE_OF_BIRTH", "DATE", "SSN", "RECORD_NUMBER",
    "ORGANISATION", "ORGANIZATION", "AGE", "ACCOUNT", "IP", "PLATE", "TEXT",
)  # fmt: skip
_FORMS = ("FULL", "FIRST", "LAST", "INITIALS")
_SEP = r"(?:[ \-]|\\?_)"
_KIND = "|".join(kind.replace("_", _SEP) for kind in _KINDS)
_FORM = rf"(?:{_SEP}(?P<{{form}}>{'|'.join(_FORMS)}|V{_SEP}?\d+))?"
_BENT = re.compile(
    rf"\[ ?(?P<kind>{_KIND}){_SEP}?(?P<number>\d+){_FORM.format(form='form')}(?P<ending>['\u2019]?s|['\u2019])? ?\]"
    rf"|(?<![\w\[\\])(?P<kind2>{_KIND})\\?_(?P<number2>\d+){_FORM.format(form='form2')}(?![\d_]|(?!s\b)[^\W_])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


@dataclass(slots=True)
class _Person:
    """One person's number, the forms of the name that were typed, and the words of the fullest one."""

    number: int
    words: list[str]
    forms: dict[str, str] = field(default_factory=dict[str, str])  # form → as typed


class Placeholders:
    """Gives out placeholders for one note and reads them back."""

    def __init__(self, known_names: Sequence[str] = ()) -> None:
        self._typed: dict[str, str] = {}  # placeholder without brackets → what was typed
        self._given: dict[tuple[str, str], str] = {}  # kind and what was typed → placeholder without brackets
        self._counts: dict[str, int] = {}
        self._people: list[_Person] = []
        for name in known_names:
            self._person(name)

    def put_into(self, text: str, spans: Sequence[Span]) -> str:
        """The text with placeholders for the spans, and for whatever in it already looks like one."""
        hidden, placed = self._replaced(text, list(_with_lookalikes(text, spans)))
        if [found.span() for found in _BENT.finditer(hidden)] != placed:
            return f"[{self._for('TEXT', text)}]"
        return hidden

    def take_out_of(self, text: str) -> str:
        """The text with what each known placeholder stands for; unknown ones stay as they are."""
        return _BENT.sub(self._original, text)

    def _replaced(self, text: str, spans: Sequence[Span]) -> tuple[str, list[tuple[int, int]]]:
        parts: list[str] = []
        placed: list[tuple[int, int]] = []
        at = length = 0
        for span in spans:
            name = self._for(span.type.upper(), text[span.start : span.end])
            before, mark = text[at : span.start], f"[{name}]"
            parts += [before, mark]
            length += len(before) + len(mark)
            placed.append((length - len(mark), length))
            at = span.end
        return "".join([*parts, text[at:]]), placed

    def _for(self, kind: str, typed: str) -> str:
        if (kind, typed) not in self._given:
            name = self._for_person(typed) if kind == "NAME" else f"{kind}_{self._count(kind)}"
            self._given[kind, typed] = name
            self._typed[name] = typed
        return self._given[kind, typed]

    def _count(self, kind: str) -> int:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind]

    def _for_person(self, typed: str) -> str:
        person = self._person(typed)
        form = _form_of(typed, person.words)
        if (form == "FULL" and "" not in person.forms) or (not person.forms and form in ("FULL", "FIRST")):
            form = ""
        if form in person.forms:
            form = f"V{len(person.forms) + 1}"
        person.forms[form] = typed
        return f"NAME_{person.number}" + (f"_{form}" if form else "")

    def _person(self, typed: str) -> _Person:
        """Whose name this is: somebody's known here, or a new person's."""
        words = [folded(word) for word in _WORD.findall(typed)]
        for person in self._people:
            if _same_person(words, person.words):
                if len(words) > len(person.words) and len(words[0]) > 1:
                    person.words = words
                return person
        person = _Person(len(self._people) + 1, words)
        self._people.append(person)
        return person

    def _original(self, found: re.Match[str]) -> str:
        kind = re.sub(r"[ \\_-]+", "_", found["kind"] or found["kind2"]).upper().replace("ZATION", "SATION")
        form = (found["form"] or found["form2"] or "").upper()
        form = re.sub(r"[ \\_-]", "", form)
        name = f"{kind}_{int(found['number'] or found['number2'])}"
        typed = self._typed.get(f"{name}_{form}" if form else name)
        if typed is None and kind == "NAME":
            typed = self._derived(int(found["number"] or found["number2"]), form)
        return found[0] if typed is None else typed + (found["ending"] or "")

    def _derived(self, number: int, form: str) -> str | None:
        """A form of a known person's name that nobody typed: the first or last word of what was typed."""
        if not 0 < number <= len(self._people) or form.startswith("V"):
            return None
        typed = max(self._people[number - 1].forms.values(), key=len, default=None)
        words = _WORD.findall(typed) if typed else []
        if not typed or not words:
            return typed
        shapes = {"FIRST": words[0], "LAST": words[-1], "INITIALS": "".join(f"{word[0].upper()}." for word in words)}
        return shapes.get(form, typed)


def _with_lookalikes(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The spans, and as TEXT what looks like a placeholder already, with every span it touches."""
    looks = [found.span() for found in _BENT.finditer(text)]
    merged: list[Span] = []
    for start, end in looks:
        touched = [span for span in spans if span.start < end and start < span.end]
        merged.append(Span(min([start, *(s.start for s in touched)]), max([end, *(s.end for s in touched)]), "text"))
    kept = [span for span in spans if not any(span.start < other.end and other.start < span.end for other in merged)]
    yield from sorted(_joined([*kept, *merged]), key=lambda span: span.start)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans of which none overlap: those that do become one."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda each: each.start):
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end), "text")
        else:
            joined.append(span)
    return joined


def _form_of(typed: str, words: Sequence[str]) -> str:
    """Which form of a person's name this is."""
    own = [folded(word) for word in _WORD.findall(typed)]
    if own == list(words) and len(own) > 1:
        return "FULL"
    if all(len(word) == 1 for word in own):
        return "INITIALS"
    if own and own[0] == words[0] and len(own) == 1:
        return "FIRST"
    return "LAST" if len(own) == 1 and own[0] == words[-1] else "FULL"


def _same_person(own: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two names can be one person's: first name, last name, initials or the whole of one in the other."""
    if not own or not theirs:
        return not own and not theirs
    if list(own) == list(theirs):
        return True
    shorter, longer = sorted((own, theirs), key=len)
    if all(len(word) == 1 for word in shorter) and len(longer) > 1:
        return [word[0] for word in longer][: len(shorter)] == list(shorter) and len(shorter) > 1
    if len(shorter) == 1:
        return shorter[0] in (longer[0], longer[-1])
    return shorter[-1] == longer[-1] and (shorter[0] == longer[0] or shorter[0] == longer[0][0])
