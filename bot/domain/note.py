"""A note and its life: drafting → draft (→ in review → changes requested …) → approved → filing → filed, or discarded.

Transitions return a new note and raise on an illegal move; nothing here touches a clock, a database or a chat.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.ids import BatchId, NoteId, PersonId, PracticeId, StatementId
from bot.domain.links import Link
from bot.domain.review import Comment, Outcome, Review
from bot.domain.statements import Draft, Origin, Point, Slot, Statement, names_goal, own_words


class State(StrEnum):
    DRAFTING = "drafting"
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    FILING = "filing"
    FILED = "filed"
    DISCARDED = "discarded"


OPEN = (State.DRAFT, State.CHANGES_REQUESTED)
"""Where its clinician may change it."""


MOST_LATE = 300
"""Characters of the reason why a note is late, at most."""

REVIEWING_ROLES = ("reviewer", "supervisor")
"""As what a supervisor signs: who read and approved it, and who signs it, too."""


@dataclass(frozen=True, slots=True)
class Session:
    """When and how the client was seen. Everything is optional while drafting; `date` is needed to sign."""

    date: dt.date | None = None
    start: dt.time | None = None
    minutes: int | None = None
    kind: str = "individual"
    modality: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """An authenticated act: who, as what, when, over which exact content, with which words."""

    person_id: PersonId
    name: str
    credentials: str
    role: str
    at: datetime
    version: int
    version_hash: str
    attestation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that the clinician asked the model for. `section`: a section's key, empty for the whole note."""

    instruction: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """What stood before the model's last change, for Undo and for showing what changed."""

    points: tuple[Point, ...]
    statements: tuple[Statement, ...]
    held: tuple[Statement, ...]
    left_out: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `version` counts content changes from 1 (0 while drafting); `previous_hash` chains versions.

    `held`: drafted statements that the points do not carry; no part of the note until the clinician takes them as own
    words. `goals`: ids of plan goals the clinician confirmed, None while undecided. `trouble`: a code, when the last
    change that was asked for did not come about. `waived`: checks the clinician answered or
    chose not to; they are not asked again. `signatures` only grows; the first `void` of them do not count any more:
    the note was withdrawn, or changes were requested. `reviews`: its rounds, the last one being waited for IN_REVIEW.
    """

    id: NoteId
    practice_id: PracticeId
    clinician_id: PersonId
    state: State
    format_id: str
    summary: str
    created_at: datetime
    client_code: str = ""
    session: Session = Session()
    points: tuple[Point, ...] = ()
    statements: tuple[Statement, ...] = ()
    drafted_by: Origin = Origin.SORTER
    left_out: tuple[int, ...] = ()
    version: int = 0
    previous_hash: str = ""
    signatures: tuple[Signature, ...] = ()
    source: str = ""
    held: tuple[Statement, ...] = ()
    prompt_version: str = ""
    fallback: str = ""
    asked: Asked | None = None
    before: Before | None = None
    trouble: str = ""
    suggested_goals: tuple[str, ...] = ()
    goals: tuple[str, ...] | None = None
    waived: tuple[str, ...] = ()
    link: Link | None = None  # what this note is to another one
    reviews: tuple[Review, ...] = ()
    void: int = 0
    format_version: int = 0  # which definition of its format; 0: of before versions were kept
    batch: BatchId | None = None  # the several summaries that this one came with
    position: int = 0  # its place among them, from 1
    late_reason: str = ""  # why it is written late, where the payer wants to know

    @property
    def locked(self) -> bool:
        """A signed or discarded note takes no more changes; neither does one in review."""
        return self.state not in (State.DRAFTING, *OPEN)

    @property
    def standing(self) -> tuple[Signature, ...]:
        """The signatures that count."""
        return self.signatures[self.void :]

    @property
    def review(self) -> Review | None:
        """The last round of review, if there was any."""
        return self.reviews[-1] if self.reviews else None

    def unused(self) -> tuple[Point, ...]:
        """Points that no statement cites and that the clinician has not left out on purpose."""
        unused = Draft(self.points, self.statements, self.drafted_by).unused()
        return tuple(point for point in unused if point.number not in self.left_out)

    def doubtful(self) -> tuple[Statement, ...]:
        """Statements of the note that still need the clinician's look."""
        return tuple(statement for statement in self.statements if statement.doubt)

    def undecided(self) -> int:
        """How much the clinician has yet to decide before the note can be signed."""
        return len(self.held) + len(self.doubtful()) + len(self.unused())

    def version_hash(self) -> str:
        """SHA-256 over the canonical content of this version, chained to the version before."""
        return hashlib.sha256(canonical(self)).hexdigest()

    def drafted(self, draft: Draft) -> "Note":
        """The first version, as a drafter made it."""
        self._expect(State.DRAFTING)
        content = {"points": draft.points, "statements": draft.statements, "drafted_by": draft.origin}
        how = {"held": draft.held, "prompt_version": draft.prompt_version, "fallback": draft.fallback}
        return replace(self, state=State.DRAFT, version=1, **content, **how)

    def arranged(self, format_id: str, format_version: int = 0) -> "Note":
        """The same statements under another format, or another definition of it.

        The content did change (sections are part of it): a new version.
        """
        self._expect_open()
        if (format_id, format_version) == (self.format_id, self.format_version):
            return self
        return self._next(format_id=format_id, format_version=format_version, before=self.before)

    def revised(self, statements: Sequence[Statement], seen_version: int, reason: str | None = None) -> "Note":
        """Edited statements. Refused when the editor saw another version than the current one.

        `reason`: of an amendment or retraction, as it reads now; None leaves it as it is.
        """
        self.seen_at(seen_version)
        link = self.link if self.link is None or reason is None else replace(self.link, reason=reason)
        if (tuple(statements), link) == (self.statements, self.link):
            return self
        return self._next(statements=tuple(statements), link=link)

    def seen_at(self, version: int) -> "Note":
        """This note, if it is a draft and still at the version somebody saw."""
        self._expect_open()
        if version != self.version:
            raise Stale("stale_version", "This draft changed while the form was open.")
        return self

    def completed(
        self,
        statements: Sequence[Statement],
        left_out: Sequence[int],
        seen_version: int,
        session: Session | None = None,
        settled: Sequence[str] = (),
    ) -> "Note":
        """Details added, points placed or left out on purpose. `settled`: checks that need no asking any more."""
        self.seen_at(seen_version)
        self._expect_unlinked()
        content = {"statements": tuple(statements), "session": session or self.session}
        same = content == {"statements": self.statements, "session": self.session}
        completed = self if same else self._next(**content)
        waived = tuple(dict.fromkeys((*self.waived, *settled)))
        return replace(completed, left_out=tuple(sorted({*self.left_out, *left_out})), waived=waived)

    def taken(self, held_id: StatementId) -> "Note":
        """A statement that was held out enters as the clinician's own words. Harmless when it is decided already."""
        self._expect_open()
        held = next((statement for statement in self.held if statement.id == held_id), None)
        if held is None:
            return self
        rest = tuple(statement for statement in self.held if statement is not held)
        return self._next(statements=(*self.statements, own_words(held.text, held.slot)), held=rest)

    def left(self, statement_id: StatementId) -> "Note":
        """A statement that was held out, or is doubtful, is left out for good."""
        self._expect_open()
        held = tuple(statement for statement in self.held if statement.id != statement_id)
        kept = tuple(s for s in self.statements if not (s.id == statement_id and s.doubt))
        if kept != self.statements:
            return self._next(statements=kept, held=held)
        return replace(self, held=held)

    def confirmed(self, statement_id: StatementId) -> "Note":
        """The clinician looked at a doubtful statement: it is right as it stands."""
        self._expect_open()
        looked = tuple(replace(s, doubt=None) if s.id == statement_id else s for s in self.statements)
        return replace(self, statements=looked)

    def placed(self, number: int, slot: Slot | None) -> "Note":
        """An unused point enters as the clinician's own words, as typed; None leaves it out on purpose."""
        self._expect_open()
        point = next((point for point in self.unused() if point.number == number), None)
        if point is None:
            return self
        if slot is None:
            return replace(self, left_out=tuple(sorted({*self.left_out, number})))
        own = replace(own_words(point.text, slot), sources=(number,))
        return self._next(statements=(*self.statements, own))

    def asking(self, asked: Asked, seen_version: int) -> "Note":
        """A change of wording is asked for; a worker brings it about."""
        self._expect_unlinked()
        return replace(self.seen_at(seen_version), asked=asked, trouble="")

    def reworded(
        self,
        points: Sequence[Point],
        statements: Sequence[Statement],
        held: Sequence[Statement],
        prompt_version: str = "",
    ) -> "Note":
        """What came of the change that was asked for. `points`: those of before, and own words that became points."""
        self._expect_open()
        before = Before(self.points, self.statements, self.held, self.left_out)
        content = {"points": tuple(points), "statements": tuple(statements), "held": tuple(held)}
        how = {"drafted_by": Origin.MODEL, "prompt_version": prompt_version}
        return self._next(**content, **how, asked=None, before=before)

    def not_reworded(self, trouble: str) -> "Note":
        """The change that was asked for did not come about; `trouble` is a code. The note stays as it is."""
        return replace(self, asked=None, trouble=trouble)

    def undone(self) -> "Note":
        """Back to what stood before the model's last change. Harmless when there is nothing to undo.

        The goals stay as the clinician confirmed them last.
        """
        self._expect_open()
        if self.before is None:
            return self
        was = self.before
        goals = tuple(statement for statement in self.statements if names_goal(statement))
        others = tuple(statement for statement in was.statements if not names_goal(statement))
        content = {"points": was.points, "statements": (*goals, *others), "held": was.held}
        return self._next(**content, left_out=was.left_out)

    def described(self, client_code: str, session: Session) -> "Note":
        """Whose session it was, and when. Goals confirmed from another client's plan do not come along."""
        self._expect_open()
        if (client_code, session) == (self.client_code, self.session):
            return self
        self._expect_unlinked()
        if client_code == self.client_code:
            return self._next(session=session, before=self.before)
        others = tuple(statement for statement in self.statements if not names_goal(statement))
        of_plan = {"statements": others, "suggested_goals": (), "goals": None}
        return self._next(client_code=client_code, session=session, before=self.before, **of_plan)

    def explained(self, late_reason: str) -> "Note":
        """Why it is written late, in its clinician's words."""
        self._expect_open()
        return self if late_reason == self.late_reason else self._next(late_reason=late_reason, before=self.before)

    def goals_confirmed(self, goals: Sequence[str], named: Sequence[Statement]) -> "Note":
        """Which goals of the plan the session addressed, as the clinician says. `named`: a statement for each.

        Replaces what an earlier answer named; a statement the clinician has reworded since is theirs and stays.
        """
        self._expect_open()
        self._expect_unlinked()
        others = tuple(statement for statement in self.statements if not names_goal(statement))
        statements = (*named, *others)
        if statements == self.statements:
            return replace(self, goals=tuple(goals))
        return self._next(statements=statements, goals=tuple(goals), before=self.before)

    def signed(self, signature: Signature, review: Review | None = None) -> "Note":
        """Signed by its clinician: from here on nothing changes any more, unless a `review` comes first."""
        self._expect_open()
        self._expect_covered(signature)
        signed = replace(self, signatures=(*self.signatures, signature))
        if review is None:
            return replace(signed, state=State.APPROVED)
        return replace(signed, state=State.IN_REVIEW, reviews=(*self.reviews, review))

    def review_approved(self, signature: Signature, comments: Sequence[Comment] = ()) -> "Note":
        """A supervisor approved it, or signed it too: on its way to storage. Raises Stale when somebody was first."""
        self._expect_pending()
        self._expect_covered(signature)
        if signature.person_id == self.clinician_id:
            raise NotAllowed("own_note", "Nobody reviews their own note.")
        closed = self._closed(Outcome.APPROVED, signature.person_id, signature.at, comments)
        return replace(self, state=State.APPROVED, reviews=closed, signatures=(*self.signatures, signature))

    def changes_requested(self, by: PersonId, at: datetime, comments: Sequence[Comment]) -> "Note":
        """A supervisor wants something changed: open to its clinician again, and their signature counts no more."""
        self._expect_pending()
        if by == self.clinician_id:
            raise NotAllowed("own_note", "Nobody reviews their own note.")
        if not any(comment.text.strip() for comment in comments):
            raise UserMistake(
                "needs_comment", "Please write what should be changed, at a section or for the whole note."
            )
        closed = self._closed(Outcome.CHANGES, by, at, comments)
        return replace(self, state=State.CHANGES_REQUESTED, reviews=closed, void=len(self.signatures))

    def withdrawn(self, by: PersonId, at: datetime) -> "Note":
        """Its clinician takes it back from review, as what it was before: a draft, or one with changes requested."""
        self._expect_pending()
        closed = self._closed(Outcome.WITHDRAWN, by, at, ())
        asked = any(review.outcome is Outcome.CHANGES for review in self.reviews)
        state = State.CHANGES_REQUESTED if asked else State.DRAFT
        return replace(self, state=state, reviews=closed, void=len(self.signatures))

    def reassigned(self, supervisors: Sequence[PersonId]) -> "Note":
        """Others review it. Raises UserMistake when that is nobody, or its own clinician."""
        review = self._expect_pending()
        if not supervisors or self.clinician_id in supervisors:
            raise UserMistake("needs_supervisor", "Please choose a supervisor who did not write the note.")
        return replace(self, reviews=(*self.reviews[:-1], replace(review, supervisors=tuple(supervisors))))

    def filing(self) -> "Note":
        """Handed to the practice's storage."""
        return self if self.state is State.FILING else self._moved(State.APPROVED, State.FILING)

    def filed(self) -> "Note":
        """Stored, with a receipt."""
        return self._moved(State.FILING, State.FILED)

    def discarded(self) -> "Note":
        """Given up by its clinician before it was signed."""
        if self.locked:
            self._expect_not_in_review()
            raise Stale("not_open", "This note is no longer a draft.")
        return replace(self, state=State.DISCARDED)

    def _moved(self, expected: State, to: State) -> "Note":
        self._expect(expected)
        return replace(self, state=to)

    def _next(self, **changes: object) -> "Note":
        """The next version. What stood before a model's change can be had back until the next change."""
        chained = {"version": self.version + 1, "previous_hash": self.version_hash()}
        return replace(self, **{"before": None, "trouble": "", **changes, **chained})  # pyright: ignore[reportArgumentType]

    def _closed(self, outcome: Outcome, by: PersonId, at: datetime, comments: Sequence[Comment]) -> tuple[Review, ...]:
        said = tuple(comment for comment in comments if comment.text.strip())
        review = replace(self.reviews[-1], outcome=outcome, by=by, at=at, comments=said)
        return (*self.reviews[:-1], review)

    def _expect_pending(self) -> Review:
        if self.state is not State.IN_REVIEW or self.review is None:
            raise Stale("not_in_review", "This note is not in review any more.")
        return self.review

    def _expect_covered(self, signature: Signature) -> None:
        if (signature.version, signature.version_hash) != (self.version, self.version_hash()):
            raise Stale("stale_signature", "This draft changed while you were signing.")

    def _expect_not_in_review(self) -> None:
        if self.state is State.IN_REVIEW:
            raise Stale("in_review", "This note is in review: take it back first, then you can change it.")

    def _expect_open(self) -> None:
        self._expect_not_in_review()
        if self.state not in OPEN:
            raise Stale("not_draft", "This note is not in the state for that any more.")

    def _expect(self, expected: State) -> None:
        if self.state is not expected:
            raise Stale(f"not_{expected}", "This note is not in the state for that any more.")

    def _expect_unlinked(self) -> None:
        """What follows a signed note is the clinician's own words, of that note's client and session."""
        if self.link is not None:
            raise UserMistake(
                "only_edited", "Press Edit to change this one: client and session stay those of the note."
            )


def signatures_complete(note: Note) -> bool:
    """Whether it may be filed: signed by its clinician in exactly this version, and by a reviewer where one is due.

    One is due for a round of review that was approved; while a round is waited for, or after changes were requested,
    nothing is complete.
    """
    now = (note.version, note.version_hash())
    counting = [signature for signature in note.standing if (signature.version, signature.version_hash) == now]
    own = any(signature.person_id == note.clinician_id for signature in counting)
    reviewed = any(s.person_id != note.clinician_id and s.role in REVIEWING_ROLES for s in counting)
    outcomes = {review.outcome for review in note.reviews}
    return own and (reviewed or outcomes <= {Outcome.WITHDRAWN})


def canonical(note: Note) -> bytes:
    """The content of a version as canonical JSON: what a signature covers. Keys sorted, no white space, UTF-8."""
    session = note.session
    content = {
        "note": note.id,
        "practice": note.practice_id,
        "clinician": note.clinician_id,
        "client": note.client_code,
        "format": note.format_id,
        **({"format_version": note.format_version} if note.format_version else {}),
        "session": {
            "date": session.date.isoformat() if session.date else None,
            "start": session.start.isoformat("minutes") if session.start else None,
            "minutes": session.minutes,
            "kind": session.kind,
            "modality": session.modality,
        },
        "statements": [[s.id, s.slot, s.text, list(s.sources), s.origin] for s in note.statements],
        "version": note.version,
        "previous": note.previous_hash,
        **({"late_reason": note.late_reason} if note.late_reason else {}),
        **({"link": [note.link.kind, note.link.of, note.link.reason]} if note.link else {}),
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
