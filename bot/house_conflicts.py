"""Where a practice's house style contradicts itself or what Afternote writes, for `afternote check`.

Each finding is a sentence that names file, line or key, and what to do. What cannot be read at all is said elsewhere.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.cards.after_words import ATTESTATIONS
from bot.cards.words import ATTESTATION, KINDS
from bot.domain.checks import Check
from bot.domain.formats import Format
from bot.domain.house import ALL
from bot.domain.statements import Slot
from bot.domain.voice import OTHER_WORDS, Banned
from bot.drafting.house_style import banned_in
from bot.drafting.prompt import wording
from bot.drafting.risk_words import families
from bot.drafting.shorthand import expansions
from bot.practice_file import PracticeFile
from bot.toml_table import lines_of

_SLOTS = frozenset(slot.value for slot in Slot)


@dataclass(frozen=True, slots=True)
class Conflict:
    """`serious`: somebody has to decide; else it is good to know."""

    sentence: str
    serious: bool = True


def house_conflicts(path: Path, practice: PracticeFile, formats: Mapping[str, Format]) -> tuple[Conflict, ...]:
    """All of them. `formats`: shipped ones and the practice's own. `path`: of practice.toml, for its lines."""
    files = _Files(path)
    offered = [formats[name] for name in _offered(practice, formats)]
    return (
        *_of_phrases(files, practice, offered),
        *_of_required(files, practice, formats, offered),
        *_of_payers(files, practice, offered),
        *_of_formats(practice, formats),
    )


def unknown_elements(fmt: Format, names: Iterable[str]) -> list[str]:
    """What is wrong with what a practice requires in this format: without it, a slip would require nothing."""
    sections = [spec.key for spec in fmt.sections]
    return [
        f"names {name!r}, which is no slot and no section of {fmt.id}: its sections are {', '.join(sections)}."
        for name in names
        if name not in _SLOTS and name not in sections
    ]


class _Files:
    """practice.toml and the file of banned phrases, as text: to say on which line something stands."""

    def __init__(self, path: Path) -> None:
        text = path.read_text("utf-8")
        beside = str(tomllib.loads(text).get("voice", {}).get("banned_file", ""))
        self._texts = {path.name: text} | ({beside: (path.parent / beside).read_text("utf-8")} if beside else {})
        self._lines, self._name = lines_of(text), path.name

    def banned(self, phrase: str) -> str:
        """`banned.toml line 4: “phrase”`, as near as it can be found."""
        begins = self._lines.get(("voice", "banned"), 1)
        for name, text in self._texts.items():
            for number, line in enumerate(text.splitlines(), start=1):
                other = name == self._name and number < begins  # `person` may say the same word
                if not other and (f'"{phrase}"' in line or f"'{phrase}'" in line):
                    return f"{name} line {number}: the banned phrase “{phrase}”"
        return f"{self._name} [voice]: the banned phrase “{phrase}”"

    def key(self, *path: str) -> str:
        """`practice.toml line 40: [formats.required] soap`."""
        line = self._lines.get(path, 0)
        where = f"{self._name} line {line}:" if line else f"{self._name}:"
        return f"{where} [{'.'.join(path[:-1])}] {path[-1]}"


def _offered(practice: PracticeFile, formats: Mapping[str, Format]) -> Sequence[str]:
    by_kind = (format_id for _, format_id in practice.practice.format_by_kind)
    own = (person.default_format for person in practice.practice.people)
    return [name for name in dict.fromkeys((*practice.offered_formats, *by_kind, *own)) if name in formats]


def _of_phrases(files: _Files, practice: PracticeFile, offered: Sequence[Format]) -> Iterator[Conflict]:
    voice = practice.voice
    for banned in voice.banned:
        where = files.banned(banned.phrase)
        if _says(voice.called, banned, practice):
            yield Conflict(
                f"{where} is what drafts call the client ([voice] person): take one of the two out, or choose another "
                "word for person."
            )
        if banned.instead and (other := next(banned_in(banned.instead, voice), None)):
            yield Conflict(f"{where} is to be replaced by “{banned.instead}”, in which “{other.phrase}” is banned.")
        for place in _places_of(banned, practice, offered):
            yield Conflict(f"{where} {place}: choose a longer phrase that says what you mean, or take it out.")
        for known in _known_of(banned, practice, offered):
            yield Conflict(f"{where} {known}.", serious=False)


def _places_of(banned: Banned, practice: PracticeFile, offered: Sequence[Format]) -> Iterator[str]:
    """Where Afternote itself writes the phrase into a note or its document."""
    if any(_says(text, banned, practice) for text in (ATTESTATION, *ATTESTATIONS.values())):
        yield "stands in the words that everybody signs"
    for fmt in offered:
        titles = [fmt.name, *(spec.title for spec in fmt.sections)]
        if title := next((title for title in titles if _says(title, banned, practice)), ""):
            yield f"stands in the format {fmt.id} as “{title}”, so also in each of its notes"
    none = [check.none for check in _checks(practice)] + [family.none for family in families()]
    if sentence := next((text for text in none if _says(text, banned, practice)), ""):
        yield f"stands in “{sentence}”, which Afternote writes for the answer “not assessed” or “none”"


def _known_of(banned: Banned, practice: PracticeFile, offered: Sequence[Format]) -> Iterator[str]:
    """Where it may come from without anybody typing it."""
    others = {each: full for each, full in expansions().items() if full.removesuffix("s") not in OTHER_WORDS}
    short = [typed for typed, full in others.items() if _says(full, banned, practice)]
    if short:
        typed = ", ".join(f"“{each}”" for each in short[:3])
        yield f"is what the shorthand {typed} is spelled out as; who types it is asked to change the sentence"
    if guidance := next((s.title for f in offered for s in f.sections if _says(s.guidance, banned, practice)), ""):
        yield f"stands in the guidance of the section “{guidance}”, which clinicians read while they write"
    if _says(wording("draft").text, banned, practice):
        yield "stands in the model's own rules (prompts/draft.md); it is told not to write it, and may forget"


def _says(text: str, banned: Banned, practice: PracticeFile) -> bool:
    return any(found.phrase == banned.phrase for found in banned_in(text.replace("\u2019", "'"), practice.voice))


def _of_required(
    files: _Files, practice: PracticeFile, formats: Mapping[str, Format], offered: Sequence[Format]
) -> Iterator[Conflict]:
    for format_id, names in practice.required.items():
        where = files.key("formats", "required", format_id)
        if format_id == ALL or format_id not in formats:
            continue
        yield from (Conflict(f"{where} {wrong}") for wrong in unknown_elements(formats[format_id], names))
        if formats[format_id] not in offered:
            yield Conflict(f"{where} asks for something in a format that is not offered: offer it, or take this out.")


def _of_payers(files: _Files, practice: PracticeFile, offered: Sequence[Format]) -> Iterator[Conflict]:
    for payer, deadline in practice.deadlines.payers.items():
        where = files.key("deadlines", "payers", payer, "required_checks")
        checks = practice.deadlines.profiles[payer].checks
        for check in (checks[check_id] for check_id in deadline.required_checks):
            if not check.question:
                yield Conflict(
                    f"{where}: {check.id} has no question, because it is looked at for every note anyway; it changes "
                    "nothing here.",
                    serious=False,
                )
            elif not _asked_anywhere(check, offered):
                yield Conflict(
                    f"{where}: {check.id} is asked in none of the offered formats (its only and never leave none): "
                    "offer one that has it, or take it out."
                )


def _asked_anywhere(check: Check, offered: Sequence[Format]) -> bool:
    return any(check.applies(fmt, kind) for fmt in offered for kind in KINDS)


def _of_formats(practice: PracticeFile, formats: Mapping[str, Format]) -> Iterator[Conflict]:
    names = Counter(fmt.name.casefold() for fmt in formats.values())
    for name, count in names.items():
        if count > 1:
            alike = _listed(fmt.id for fmt in formats.values() if fmt.name.casefold() == name)
            yield Conflict(f"The formats {alike} have the same name, so nobody can tell them apart: change one's name.")


def _checks(practice: PracticeFile) -> Iterable[Check]:
    return {id(c): c for profile in practice.deadlines.profiles.values() for c in profile.checks.values()}.values()


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)
