"""What every chat's handlers need: whose practice this is, who acts, and how to have a note's cards shown again."""

import contextlib
from dataclasses import dataclass, field

from bot.acts.later import Later
from bot.cards import words
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.ids import NoteId
from bot.domain.people import Person
from bot.ports import Posted, Work
from bot.workflows.desk import Desk
from bot.workflows.first_contact import ask_first
from bot.workflows.show_note import Screens


@dataclass(frozen=True, slots=True)
class Front:
    """One practice in one workspace of one chat. `platform` is also what the audit log says an act came by.

    `samples`: a table of made-up sessions that may be brought in at one click; empty where the clients are real.
    `greets`: who is new is asked the first questions.
    """

    desk: Desk
    work: Work
    screens: Screens
    platform: str
    workspace: str
    later: Later = field(default_factory=Later)
    samples: str = field(default="", repr=False)
    greets: bool = False

    def person(self, workspace: str, user: str) -> Person | None:
        """The person of ours that this user is, if any. Raises NotAllowed for another workspace."""
        if workspace != self.workspace:
            raise NotAllowed("other_workspace", words.NOT_ON_ROSTER)
        return self.desk.practice.by_user(self.platform, user)

    def refresh(self, note_id: NoteId, person: Person | None, card: tuple[str, str] | None = None) -> None:
        """Show the note's cards as they should be: at once, or durably when the chat does not answer.

        For nobody but the note's clinician: a chat vouches for who pressed, not for what is pressed. `card`: the
        address (channel, ts) of the card that was used.
        """
        if person is None:
            return
        also = Posted(self.platform, self.workspace, *card) if card else None
        self.later.run(self._show(note_id, person, also), lambda: self.work.show(self.desk.id, note_id))

    def greet(self, person: Person | None) -> None:
        """Ask who is new the first questions, once everything else that was answered stands there."""
        if self.greets and person:
            asked = self.desk, self.screens.chats, person, self.platform
            self.later.run_last(lambda: ask_first(*asked))

    async def _show(self, note_id: NoteId, person: Person, also: Posted | None) -> None:
        with contextlib.suppress(NotFound):  # an id that is nobody's, or a note that was purged
            await self.screens.show(note_id, also, person.id)

    async def first_time(self, key: str) -> bool:
        """Whether this delivery is the first, so that an answer is given once."""
        async with self.desk.database.writing(self.desk.id) as unit:
            first = await unit.seen.first_time(key, self.desk.clock.now())
            await unit.commit()
        return first
