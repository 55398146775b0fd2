"""What an answer about a note's filing sets going: the note's own filing, and that of what waited for it."""

from dataclasses import dataclass, field

from bot.acts.filing import do_press
from bot.acts.front import Front
from bot.acts.presses import Press
from bot.cards.filing_screens import THERE
from bot.domain.filing import FilingState
from bot.domain.ids import NoteId, PracticeId
from bot.domain.links import Link, LinkKind
from bot.workflows.show_note import Screens
from tests.workflows.factories import ROSA, FixedClock, desk
from tests.workflows.test_filing import signed


@dataclass
class RecordingWork:
    """Keeps what is asked for."""

    filings: list[tuple[NoteId, str]] = field(default_factory=list[tuple[NoteId, str]])
    shown: list[NoteId] = field(default_factory=list[NoteId])

    async def draft(self, practice: PracticeId, note_id: NoteId) -> None: ...

    async def reword(self, practice: PracticeId, note_id: NoteId) -> None: ...

    async def file(self, practice: PracticeId, note_id: NoteId, target: str) -> None:
        self.filings.append((note_id, target))

    async def show(self, practice: PracticeId, note_id: NoteId) -> None:
        self.shown.append(note_id)


async def test_what_waited_for_a_note_is_begun_when_somebody_found_it_in_the_chart() -> None:
    at = desk(FixedClock())
    note_id = await signed(at)
    addendum = await signed(at, "test:2", Link(LinkKind.ADDENDUM, note_id))
    async with at.database.writing(at.id) as unit:
        now = at.clock.now()
        await unit.ledger.lease(note_id, "folder", "worker", now, 60)
        await unit.ledger.failed(note_id, "folder", "worker", FilingState.UNKNOWN, "folder:lost", now, now)
        await unit.commit()
    work = RecordingWork()
    await do_press(Front(at, work, Screens(at, {}), "slack", "T1"), ROSA, Press(THERE, note_id, "folder"))
    assert work.filings == [(note_id, "folder"), (addendum, "folder")]
    assert work.shown == [note_id]
