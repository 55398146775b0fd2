"""Random acts of random people, one after the other: whatever they do, a practice's promises hold.

AFTERNOTE_SEQUENCES says how many sequences are tried; the ordinary run tries a few.
"""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from bot.domain.ids import NoteId, PersonId
from bot.domain.note import State
from bot.domain.people import Person
from bot.domain.review import Comment
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.link_note import add_addendum
from bot.workflows.review_note import (
    approve_review,
    open_review,
    reassign_review,
    request_changes,
    snooze_review,
    withdraw_review,
)
from bot.workflows.revise_note import discard_note, revise_note
from bot.workflows.view_note import view_note
from tests.workflows.factories import CANARY
from tests.workflows.group_practice import AUTHORS, NAMES, SAID, SIGNED, GroupPractice, shown_places

SEQUENCES = int(os.environ.get("AFTERNOTE_SEQUENCES", "0"))
OWN, ASKED = "own", "asked"  # the note's author, and the first supervisor who is asked: so that something happens
AUTHOR = st.sampled_from([OWN] * 12 + [*NAMES, "stranger", ASKED])
REVIEWER = st.sampled_from([ASKED] * 16 + [*NAMES, "stranger", OWN])
MOST_NOTES = 3
BEHIND = st.sampled_from([0] * 7 + [1])  # the version before the present one: somebody who is late


class RandomActs(RuleBasedStateMachine):
    """A few notes, and everybody at them."""

    notes = Bundle("notes")

    def __init__(self) -> None:
        super().__init__()
        self.at = GroupPractice()
        self.count = 0

    def teardown(self) -> None:
        self.at.close()

    def _actor(self, note_id: NoteId, name: str) -> tuple[str, Person | None]:
        note = self.at.notes[note_id]
        if name == ASKED:
            name = note.review.supervisors[0] if note.review else "sam"
        name = note.clinician_id if name == OWN else name
        return name, self.at.person(name)

    def _version(self, note_id: NoteId, behind: int) -> int:
        return max(1, self.at.notes[note_id].version - behind)

    @initialize(target=notes, author=st.sampled_from(AUTHORS))
    def first(self, author: PersonId) -> NoteId:
        return self.draft_and_sign(author)

    @precondition(lambda self: len(self.at.notes) < MOST_NOTES)
    @rule(target=notes, author=st.sampled_from(AUTHORS))
    def draft(self, author: PersonId) -> NoteId:
        return self.at.drafted(author)

    def draft_and_sign(self, author: PersonId) -> NoteId:
        note_id = self.at.drafted(author)
        self._sign(note_id, author, 0)
        return note_id

    @rule(note=notes, name=AUTHOR, behind=BEHIND)
    def sign(self, note: NoteId, name: str, behind: int) -> None:
        name, _ = self._actor(note, name)
        self._sign(note, name, behind)

    def _sign(self, note_id: NoteId, name: str, behind: int) -> None:
        at, person = self.at, self.at.person(name)
        work = approve_note(at.desk, person, note_id, self._version(note_id, behind), "test")
        signed = at.act(note_id, name, work, "signed")
        if signed is None or person is None:
            return
        due = person.supervision is not None and person.supervision.reviews(note_id)
        again = any(review.comments for review in signed.reviews)
        assert (signed.state is State.IN_REVIEW) == (due or again), "who needs a supervisor does not sign alone"
        (at.must_review.add if signed.state is State.IN_REVIEW else at.must_review.discard)(note_id)

    @rule(note=notes, name=AUTHOR, behind=BEHIND)
    def edit(self, note: NoteId, name: str, behind: int) -> None:
        self.count += 1
        name, person = self._actor(note, name)
        texts = {"plan": f"Step {self.count}, {CANARY}."}
        work = revise_note(self.at.desk, person, note, self._version(note, behind), texts, "test")
        self.at.act(note, name, work, "revised")

    @rule(note=notes, name=AUTHOR, form=st.sampled_from(["soap", "dap", "birp"]))
    def arrange(self, note: NoteId, name: str, form: str) -> None:
        name, person = self._actor(note, name)
        self.at.act(note, name, arrange_note(self.at.desk, person, note, form, "test"), "arranged")

    @rule(note=notes, name=AUTHOR)
    def withdraw(self, note: NoteId, name: str) -> None:
        name, person = self._actor(note, name)
        self.at.act(note, name, withdraw_review(self.at.desk, person, note, "test"), "review withdrawn")

    @rule(note=notes, name=REVIEWER, behind=BEHIND, says=st.booleans())
    def approve(self, note: NoteId, name: str, behind: int, says: bool) -> None:
        comments = [Comment("", SAID)] if says else []
        version = self._version(note, behind)
        name, person = self._actor(note, name)
        work = approve_review(self.at.desk, person, note, version, comments, "test")
        self.at.act(note, name, work, "co-signed", "review approved")

    @rule(note=notes, name=REVIEWER, behind=BEHIND, says=st.booleans())
    def ask_for_changes(self, note: NoteId, name: str, behind: int, says: bool) -> None:
        comments = [Comment("plan", SAID)] if says else []
        version = self._version(note, behind)
        name, person = self._actor(note, name)
        work = request_changes(self.at.desk, person, note, version, comments, "test")
        self.at.act(note, name, work, "changes requested")

    @rule(note=notes, name=AUTHOR, to=st.lists(st.sampled_from(NAMES), max_size=3))
    def reassign(self, note: NoteId, name: str, to: list[PersonId]) -> None:
        name, person = self._actor(note, name)
        work = reassign_review(self.at.desk, person, note, to, "test")
        self.at.act(note, name, work, "review reassigned")

    @rule(note=notes, name=REVIEWER, hours=st.integers(0, 80))
    def snooze(self, note: NoteId, name: str, hours: int) -> None:
        name, person = self._actor(note, name)
        work = snooze_review(self.at.desk, person, note, hours, "test")
        self.at.act(note, name, work, "review snoozed")

    @rule(note=notes, name=REVIEWER)
    def read_in_review(self, note: NoteId, name: str) -> None:
        name, person = self._actor(note, name)
        self.at.act(note, name, open_review(self.at.desk, person, note, "test"), "review opened")

    @rule(note=notes, edits=st.booleans())
    def the_whole_way(self, note: NoteId, edits: bool) -> None:
        """Signed (again) and approved without anybody in between, which random steps rarely are."""
        if edits:
            self.edit(note, OWN, 0)
        self.sign(note, OWN, 0)
        self.approve(note, ASKED, 0, False)

    @rule(note=notes, name=AUTHOR)
    def discard(self, note: NoteId, name: str) -> None:
        name, person = self._actor(note, name)
        self.at.act(note, name, discard_note(self.at.desk, person, note, "test"), "discarded")

    @precondition(lambda self: len(self.at.notes) < MOST_NOTES)
    @rule(target=notes, note=notes, name=AUTHOR)
    def add(self, note: NoteId, name: str) -> Any:
        self.count += 1
        name, person = self._actor(note, name)
        work = add_addendum(self.at.desk, person, note, f"Also {CANARY}.", f"form{self.count}", "test")
        begun = self.at.act(note, name, work, "addendum started")
        return begun.note_id if begun else multiple()

    @rule(note=notes, name=AUTHOR)
    def view(self, note: NoteId, name: str) -> None:
        name, person = self._actor(note, name)
        viewed = self.at.act(note, name, view_note(self.at.desk, person, note, "test"), "viewed")
        assert viewed is None or self.at.notes[note].state in SIGNED

    @rule(note=notes)
    def file(self, note: NoteId) -> None:
        self.at.file(note)

    @rule(note=notes)
    def show(self, note: NoteId) -> None:
        self.at.work(self.at.screens.show(note))
        places = shown_places(self.at, note)
        assert len(places) == len(set(places)), "one card a place"
        assert bool(places) == (self.at.notes[note].state is State.IN_REVIEW)

    @rule(hours=st.sampled_from([1, 7, 30, 200]))
    def time_passes(self, hours: int) -> None:
        self.at.clock.move(hours=hours)

    @rule(note=notes)
    def look_again(self, note: NoteId) -> None:
        """As the reconciler does: what is due happens once, by nobody, and stands in the log."""
        before = len(self.at.audit)
        for _ in range(2):
            self.at.work(self.at.screens.show(note))
        new = [act for act in self.at.audit[before:] if act.note_id == note and act.actor is None]
        assert len(new) == len({act.act for act in new}) <= 2, [act.act for act in new]

    @rule(name=st.sampled_from(["sam", "kim", "dual", "ada", "ivan"]), active=st.booleans())
    def change_the_roster(self, name: str, active: bool) -> None:
        self.at.set_active(PersonId(name), active=active)

    @invariant()
    def every_promise_holds(self) -> None:
        self.at.check()


TestRandomActs = RandomActs.TestCase
TestRandomActs.settings = settings(
    max_examples=SEQUENCES or 120,
    stateful_step_count=25,
    deadline=None,
    derandomize=not SEQUENCES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
