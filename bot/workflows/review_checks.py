"""What the deterministic checks find in a note that was signed: for who reviews it, and for a practice's counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.house_screens import title_of_need
from bot.domain.checks import Gap
from bot.domain.house import Code, Finding, said_not_to_apply
from bot.domain.note import Note
from bot.drafting.gaps import unmet
from bot.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Checked:
    """`gaps`: all that the payer's checks ask for still. `findings`: what is against the house style.

    `aside`: titles of what would be open, had the author not put it aside.
    """

    gaps: tuple[Gap, ...]
    findings: tuple[Finding, ...]
    aside: tuple[str, ...]

    @property
    def codes(self) -> Sequence[str]:
        """A code for each kind of thing that is open: the check's id where there is one."""
        house = (f.item.removeprefix("check.") if f.code is Code.CHECK else f.code.value for f in self.findings)
        return tuple(dict.fromkeys([*(gap.check_id for gap in self.gaps), *house]))


def checked(desk: Desk, note: Note) -> Checked:
    """Everything, where the author's own card asks a few questions only."""
    off = {*note.waived, *(item.removeprefix("check.") for item in said_not_to_apply(note))}
    asked = () if note.link else unmet(note, desk.format_of(note), desk.profile_for(note))
    aside = [gap.title for gap in asked if gap.check_id in off]
    aside += [title_of_need(finding) for finding in desk.set_aside_of(note)]
    still = tuple(gap for gap in asked if gap.check_id not in off)
    return Checked(still, desk.findings_of(note), tuple(dict.fromkeys(aside)))
