"""What the house style asks for before signing: sentences changed, elements answered, or said not to apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.house import Finding, not_applying, said_not_to_apply
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.domain.statements import Slot, Statement, own_words
from bot.drafting.gaps import Answered, answered, is_nothing
from bot.drafting.house_style import check_about
from bot.drafting.shorthand import as_prose
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Settled:
    """`answers`: item (`check.ID`, `slot.ID`, `section.KEY`) → as typed. `off`: items that do not apply.

    `texts`: statement id → how it reads now, empty when it is taken out.
    """

    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    off: Sequence[str] = ()
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


async def settle_house_style(
    desk: Desk, actor: Person | None, note_id: NoteId, seen_version: int, settled: Settled, via: str
) -> Note:
    """Carry it out in one version. Only what is open is settled; an answer counts more than “does not apply”.

    Raises Stale when the draft moved on since `seen_version`.
    """

    def change(note: Note) -> Note:
        note.seen_at(seen_version)
        statements = tuple(_reworded(note.statements, settled.texts))
        if note.link:
            return note.revised(statements, seen_version)
        needed = {finding.item: finding for finding in desk.findings_of(note) if finding.missing}
        answers = [(needed[item], text) for item, text in settled.answers.items() if item in needed and text.strip()]
        found = _answered(desk, note, answers)
        off = [item for item in settled.off if item in needed and item not in settled.answers]
        codes = (*found.settled, *map(not_applying, off))
        return note.completed((*statements, *found.statements), (), seen_version, found.session, codes)

    return await change_note(desk, actor, note_id, ActKind.CHANGE, _acts, change, via)


def _acts(before: Note, after: Note) -> list[str]:
    """What is set aside is an act of its own, which names the elements by id, beside what was written."""
    off = [item for item in said_not_to_apply(after) if item not in said_not_to_apply(before)]
    completed = after.version != before.version or not off
    return ["completed for signing"] * completed + [f"said not to apply: {', '.join(off)}"] * bool(off)


def _reworded(statements: Sequence[Statement], texts: Mapping[str, str]) -> list[Statement]:
    """Own words in the place of what was changed; they cite the same points."""
    kept: list[Statement] = []
    for statement in statements:
        text = " ".join(texts.get(statement.id, statement.text).split())
        if text == " ".join(statement.text.split()):
            kept.append(statement)
        elif text:
            kept.append(replace(own_words(text, statement.slot), sources=statement.sources))
    return kept


def _answered(desk: Desk, note: Note, answers: Sequence[tuple[Finding, str]]) -> Answered:
    """Answers, as to the card's questions where a check asks. One that says nothing says that it does not apply."""
    profile, called = desk.profile_for(note), desk.house.voice.word
    own: list[Statement] = []
    codes: list[str] = []
    session = note.session
    for finding, text in answers:
        kind, _, name = finding.item.partition(".")
        about = check_about(finding.slot, profile) if kind == "slot" else None
        check_id = name if kind == "check" else about.id if about else ""
        found = Answered((), session, ())
        if check_id:
            found = answered(replace(note, session=session), profile, {check_id: text}, (), called)
        elif not is_nothing(text):
            found = Answered((_in_slot(text, finding.slot, called),), session, ())
        session = found.session
        own += found.statements
        codes += found.settled if found.statements or kind == "check" else [not_applying(finding.item)]
    return Answered(tuple(own), session, tuple(codes))


def _in_slot(text: str, slot: Slot, called: str) -> Statement:
    prose = as_prose(text.strip(), slot, called)
    return own_words(prose[:1].upper() + prose[1:], slot)
