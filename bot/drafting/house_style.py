"""What a draft has against its practice's house style: banned phrases, required elements, wording. Rewrites nothing.

Pure and without a model, so that the same is found on the card, before signing and in the transaction that signs.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from bot.domain.checks import Check, Profile
from bot.domain.formats import Format, present
from bot.domain.house import Code, Finding, HouseStyle, not_applying, said_not_to_apply
from bot.domain.links import LinkKind
from bot.domain.note import Note
from bot.domain.statements import Slot, Statement, names_goal
from bot.domain.voice import OTHER_WORDS, Banned, Voice
from bot.drafting.gaps import is_said
from bot.drafting.phrases import phrases

_QUOTED = re.compile(r"(?<![\w\"])\"[^\"]+\"|\u201c[^\u201d]+\u201d|\u00ab[^\u00bb]+\u00bb")
_APART = " \x00 "  # in the place of a quotation: no phrase goes on over it


def findings_of(note: Note, fmt: Format, house: HouseStyle, profile: Profile) -> tuple[Finding, ...]:
    """All that is to be said of the note, what stops its signature first. `profile`: of the client's payer."""
    plain = [(statement, unquoted(statement.text)) for statement in note.statements]
    found = [*_banned(note, plain, house.voice)]
    if note.link is None:
        found += _missing(note, fmt, house, profile)
    found += _wording(plain, house.voice)
    return tuple(sorted(found, key=lambda finding: not finding.stops))


def set_aside_of(note: Note, fmt: Format, house: HouseStyle, profile: Profile) -> tuple[Finding, ...]:
    """What would be missing, had the clinician not said that it does not apply: for whoever signs or reviews."""
    off = said_not_to_apply(note)
    if not off:
        return ()
    bare = replace(note, waived=tuple(code for code in note.waived if code not in set(map(not_applying, off))))
    return tuple(finding for finding in findings_of(bare, fmt, house, profile) if finding.item in off)


def stops_of(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that are settled before anybody signs."""
    return tuple(finding for finding in findings if finding.stops)


def unquoted(text: str) -> str:
    """The text without what stands in quotation marks: somebody else's words are theirs."""
    return _QUOTED.sub(_APART, text).replace("\u2019", "'")


def banned_in(text: str, voice: Voice) -> Iterator[Banned]:
    """The banned phrases that a text (without quotations) says, as the practice lists them."""
    if voice.banned and phrases(tuple(each.phrase for each in voice.banned)).search(text):
        yield from (each for each in voice.banned if phrases((each.phrase,)).search(text))


def _banned(note: Note, plain: list[tuple[Statement, str]], voice: Voice) -> Iterator[Finding]:
    stops = note.link is None or note.link.kind is LinkKind.ADDENDUM  # the others repeat what was signed once
    for statement, text in plain:
        for banned in banned_in(text, voice):
            yield Finding(
                Code.BANNED,
                banned.phrase,
                statement.id,
                stops and not names_goal(statement),  # a goal is worded in the plan
                banned.why,
                banned.instead,
            )


def _missing(note: Note, fmt: Format, house: HouseStyle, profile: Profile) -> Iterator[Finding]:
    settled = {*said_not_to_apply(note), *(f"check.{check_id}" for check_id in note.waived)}
    asked: set[Slot] = set()
    for check in _required_checks(note, fmt, profile):
        if f"check.{check.id}" not in settled and not is_said(check, note):
            asked.add(check.slot)
            yield Finding(Code.CHECK, check.title, f"check.{check.id}", True, question=check.question, slot=check.slot)
    said = present(note.statements)
    for element in house.required_of(fmt):
        if isinstance(element, Slot):
            if element not in said and f"slot.{element}" not in settled and element not in asked:
                yield _about_slot(element, profile)
        elif not said & set(element.slots) and f"section.{element.key}" not in settled:
            item, hint = f"section.{element.key}", element.guidance
            yield Finding(Code.SECTION, element.title, item, True, why=hint, slot=element.slots[0])


def _required_checks(note: Note, fmt: Format, profile: Profile) -> Iterator[Check]:
    checks = (profile.checks[check_id] for check_id in profile.required)
    return (check for check in checks if check.applies(fmt, note.session.kind))


def _about_slot(slot: Slot, profile: Profile) -> Finding:
    check = check_about(slot, profile)
    title, question = (check.title, check.question) if check else ("", "")
    return Finding(Code.SLOT, title, f"slot.{slot}", True, question=question, slot=slot)


def check_about(slot: Slot, profile: Profile) -> Check | None:
    """The check whose question asks for this kind of content, when the profile has one."""
    about = (check for check in profile.checks.values() if check.question and check.slots[:1] == (slot,))
    return next((check for check in about if check.slot is slot and not check.only), None)


def _wording(plain: list[tuple[Statement, str]], voice: Voice) -> Iterator[Finding]:
    for word in OTHER_WORDS if voice.word else ():
        if word != voice.word and any(_called(word).search(text) for _, text in plain):
            yield Finding(Code.CLIENT_WORD, word, instead=voice.word)
    if voice.quotes == "none":
        count = sum(len(_QUOTED.findall(statement.text)) for statement, _ in plain)
        if count:
            yield Finding(Code.QUOTATION, str(count))


@cache
def _called(word: str) -> re.Pattern[str]:
    """The word where it surely means the person of the note: not in "was patient with", not in "a client of hers"."""
    start = rf"(?:\A|(?<=[.!?]\s)){word.capitalize()}s?\b(?!-)"
    return re.compile(rf"{start}|\b(?:[Tt]he|[Tt]his)\s+{word}\b(?!-)")
