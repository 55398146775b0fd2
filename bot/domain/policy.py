"""Who may do what: one pure table, asked by every workflow. Hiding a button is never the check.

What each row of `_GRANTS` comes to is printed in docs/people.md, cell by cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import NotAllowed, Stale
from bot.domain.note import Note, State
from bot.domain.people import WRITING, Person, Role
from bot.domain.review import Outcome


class ActKind(StrEnum):
    WRITE = "write"
    VIEW = "view"
    CHANGE = "change"
    SIGN = "sign"
    DISCARD = "discard"
    FOLLOW = "follow"  # write what follows a signed note: an addendum, an amendment, a retraction
    ANSWER = "answer"  # say what is with a signed note that the storage did not take, or have it sent again
    COUNT = "count"  # see what the model took and cost: figures, no text
    WITHDRAW = "withdraw"  # take one's own note back from review
    REVIEW = "review"  # read a note in review and its comments, and decide on it
    REASSIGN = "reassign"  # say who reviews it; no text is seen for that
    SNOOZE = "snooze"  # put a reminder of a review off
    SUPERVISE = "supervise"  # see how the notes of one's supervisees stand
    TEACH = "teach"  # make a section, de-identified, an example for the practice
    LEARN = "learn"  # read the practice's examples
    PEOPLE = "people"  # say who is on the roster, as what, and who supervises whom
    LIST = "list"  # see and change one's own sessions, what of them waits for a note, and one's own numbers
    SCHEDULE = "schedule"  # bring in, move or cancel the sessions of others
    MEASURE = "measure"  # see the practice's numbers, by clinician: counts and times, no text
    CHOOSE = "choose"  # say when one is reminded, what one's own notes begin with, and one's credentials
    AUDIT = "audit"  # read the audit log: ids, times and acts, no text


class Relation(StrEnum):
    """How a note stands to somebody. `SUPERVISEES`: of a clinician they supervise, or they are asked to review it."""

    OWN = "own"
    SUPERVISEES = "supervisee's"
    OTHERS = "other's"
    OTHER_PRACTICE = "other practice's"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `sentence` is for the person and says what to do; `late`: they might have, it is over by now."""

    code: str
    sentence: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class _Grant:
    """Holders of one of `roles` may, about notes in `relations` for which `when` holds. `alone`: also without one."""

    roles: frozenset[Role]
    relations: frozenset[Relation]
    alone: bool = True
    when: Callable[[Person, Note], bool] = lambda actor, note: True


SIGNED = frozenset({State.APPROVED, State.FILING, State.FILED})
_DECIDED = SIGNED | {State.CHANGES_REQUESTED}
_SUPERVISOR, _ADMINISTRATOR = frozenset({Role.SUPERVISOR}), frozenset({Role.ADMINISTRATOR})
_AUDITORS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
_OWN, _SUPERVISEES = frozenset({Relation.OWN}), frozenset({Relation.SUPERVISEES})
_OURS = frozenset({Relation.OWN, Relation.SUPERVISEES, Relation.OTHERS})


def relation(actor: Person, note: Note) -> Relation:
    """How this note stands to this person. Ids are a practice's own: elsewhere the same id is somebody else."""
    if actor.practice_id is not None and actor.practice_id != note.practice_id:
        return Relation.OTHER_PRACTICE
    if note.clinician_id == actor.id:
        return Relation.OWN
    supervises = note.clinician_id in actor.supervisees or _asked(actor, note)
    return Relation.SUPERVISEES if supervises else Relation.OTHERS


def may(actor: Person | None, act: ActKind, note: Note | None = None) -> Refusal | None:
    """None when this person may do this (to this note), else the reason in words.

    A draft is its author's alone; nobody reviews their own note; what the state of a note is too late for is told by
    its transitions. Roles add up, but who is an associate stays one.
    """
    if actor is None or not actor.active:
        return _NOT_ON_ROSTER
    if note is not None and relation(actor, note) is Relation.OTHER_PRACTICE:
        return _NO_SUCH_NOTE
    grants = [grant for grant in _GRANTS[act] if grant.roles & actor.roles]
    if not grants:
        return _NO_ROLE.get(act, _NOT_CLINICIAN)
    if any(_covers(grant, actor, note) for grant in grants):
        return _NEEDS_SUPERVISOR if act is ActKind.SIGN and _is_unsupervised(actor) else None
    return _refusal(actor, act, note)


def allow(actor: Person | None, act: ActKind, note: Note | None = None) -> Person:
    """The actor, when they may do this. Raises NotAllowed with the reason in words; Stale when somebody was first."""
    refusal = may(actor, act, note)
    if refusal is not None or actor is None:
        refusal = refusal or _NOT_ON_ROSTER
        raise (Stale if refusal.late else NotAllowed)(refusal.code, refusal.sentence)
    return actor


def _covers(grant: _Grant, actor: Person, note: Note | None) -> bool:
    if note is None:
        return grant.alone
    return relation(actor, note) in grant.relations and grant.when(actor, note)


def _asked(actor: Person, note: Note) -> bool:
    """Whether they are asked to review it, or were in its last round."""
    return note.review is not None and actor.id in note.review.supervisors


def _pending(actor: Person, note: Note) -> bool:
    return note.state is State.IN_REVIEW and _asked(actor, note)


def _reviews(actor: Person, note: Note) -> bool:
    """While it waits for them; afterwards who decided may read again what they decided on."""
    if note.state is State.IN_REVIEW:
        return _asked(actor, note)
    return note.state in _DECIDED and note.review is not None and note.review.by == actor.id


def _signed(_: Person, note: Note) -> bool:
    return note.state in SIGNED


def _teaches(actor: Person, note: Note) -> bool:
    return note.state in SIGNED or _pending(actor, note)


def _is_unsupervised(actor: Person) -> bool:
    """An associate for whom no supervision in force reviews every note."""
    supervised = actor.reviewed and actor.supervision is not None and actor.supervision.supervisors
    return Role.ASSOCIATE in actor.roles and not supervised


_WRITERS_OWN = (_Grant(WRITING, _OWN),)
_GRANTS: Mapping[ActKind, tuple[_Grant, ...]] = {
    ActKind.WRITE: _WRITERS_OWN,
    ActKind.VIEW: (*_WRITERS_OWN, _Grant(_SUPERVISOR, _SUPERVISEES, alone=False, when=_signed)),
    ActKind.CHANGE: _WRITERS_OWN,
    ActKind.SIGN: _WRITERS_OWN,
    ActKind.DISCARD: _WRITERS_OWN,
    ActKind.FOLLOW: _WRITERS_OWN,
    ActKind.WITHDRAW: _WRITERS_OWN,
    ActKind.ANSWER: (_Grant(WRITING, _OWN, alone=False), _Grant(_ADMINISTRATOR, _OURS)),
    ActKind.COUNT: (_Grant(_ADMINISTRATOR, _OURS),),
    ActKind.REVIEW: (_Grant(_SUPERVISOR, _SUPERVISEES, when=_reviews),),
    ActKind.REASSIGN: (_Grant(_SUPERVISOR, _SUPERVISEES, when=_pending), _Grant(_ADMINISTRATOR, _OURS)),
    ActKind.SNOOZE: (_Grant(_SUPERVISOR, _SUPERVISEES, when=_pending),),
    ActKind.SUPERVISE: (_Grant(_SUPERVISOR | _ADMINISTRATOR, _OURS),),
    ActKind.TEACH: (
        _Grant(_SUPERVISOR, _SUPERVISEES, when=_teaches),
        _Grant(_SUPERVISOR, _OWN, when=_signed),
    ),
    ActKind.LEARN: (_Grant(WRITING | _SUPERVISOR, _OURS),),
    ActKind.PEOPLE: (_Grant(_ADMINISTRATOR, _OURS),),
    ActKind.LIST: _WRITERS_OWN,
    ActKind.SCHEDULE: (_Grant(_ADMINISTRATOR, _OURS),),
    ActKind.MEASURE: (_Grant(_SUPERVISOR | _ADMINISTRATOR, _OURS),),
    ActKind.CHOOSE: (_Grant(frozenset(Role), _OWN),),
    ActKind.AUDIT: (_Grant(_AUDITORS, _OURS),),
}

_OF_REVIEW = frozenset({ActKind.REVIEW, ActKind.REASSIGN, ActKind.SNOOZE, ActKind.TEACH})


def _refusal(actor: Person, act: ActKind, note: Note | None) -> Refusal:
    """Why not, of somebody who has a role for acts like this one."""
    if act is ActKind.ANSWER or note is None:
        return _NO_ROLE.get(act, _NOT_CLINICIAN)
    if act in _OF_REVIEW:
        return _refused_review(actor, act, note)
    if act is not ActKind.VIEW:
        return _NOT_YOURS
    if relation(actor, note) is Relation.OWN:
        return _NOT_CLINICIAN
    if relation(actor, note) is Relation.SUPERVISEES and Role.SUPERVISOR in actor.roles:
        return _IN_REVIEW if _pending(actor, note) else _NOT_SIGNED_YET
    return _NOT_YOURS_TO_READ


def _refused_review(actor: Person, act: ActKind, note: Note) -> Refusal:
    if act is ActKind.TEACH:
        return _NOT_TO_TEACH
    if relation(actor, note) is Relation.OWN:
        return _OWN_NOTE
    if not _asked(actor, note):
        return _NOT_ASKED
    withdrawn = note.review is not None and note.review.outcome is Outcome.WITHDRAWN
    return _WITHDRAWN if withdrawn else _REVIEW_OVER


_NOT_ON_ROSTER = Refusal(
    "not_on_roster", "You are not on this practice's list yet. Ask your administrator to add you, then try again."
)
_NO_SUCH_NOTE = Refusal("note_not_found", "I can't find that note any more. It may have been discarded.")
_NOT_CLINICIAN = Refusal(
    "not_clinician", "Your role does not write notes. If that is wrong, your administrator can change it."
)
_NOT_YOURS = Refusal("not_yours", "This note belongs to another clinician, so only they can change it.")
_NOT_YOURS_TO_READ = Refusal(
    "not_yours_to_read", "This note belongs to another clinician, so only they and their supervisor can read it."
)
_NOT_SIGNED_YET = Refusal(
    "not_signed_yet",
    "A draft is its author's alone. You can read this note once it is signed, or sent to you for review.",
)
_IN_REVIEW = Refusal("in_review", "This note waits for your review. Press Review on its card to read it.")
_NEEDS_SUPERVISOR = Refusal(
    "needs_supervisor",
    "Your notes need a supervisor, and nobody is named as yours at present. Your draft is kept: ask your "
    "administrator to name one, then sign it.",
)
_OWN_NOTE = Refusal("own_note", "Nobody reviews their own note. Another supervisor has to.")
_NOT_ASKED = Refusal(
    "not_reviewer", "This review is another supervisor's. If it should be yours, ask them to reassign it to you."
)
_REVIEW_OVER = Refusal(
    "not_in_review",
    "This note is not in review any more: somebody was first. Its card shows where it stands.",
    late=True,
)
_WITHDRAWN = Refusal(
    "not_in_review", "Its clinician took this note back from review. You will hear when it is sent again.", late=True
)
_NOT_TO_TEACH = Refusal(
    "not_to_teach", "An example can be taken from a signed note of your own or of somebody you supervise."
)
_NOT_SUPERVISOR = Refusal(
    "not_supervisor", "Only a supervisor can do that. If you should be one, your administrator can change your role."
)
_NO_ROLE: Mapping[ActKind, Refusal] = {
    ActKind.ANSWER: Refusal(
        "not_yours_to_answer", "Only the note's clinician or an administrator of your practice can answer this."
    ),
    ActKind.COUNT: Refusal("not_administrator", "Only your practice's administrator sees what the model cost."),
    ActKind.PEOPLE: Refusal(
        "not_administrator", "Only an administrator of your practice can see and change who is on its list. Ask them."
    ),
    ActKind.AUDIT: Refusal(
        "not_auditor", "Only an administrator or an auditor of your practice can read the audit log. Ask them."
    ),
    ActKind.LIST: Refusal("not_clinician", "Your role does not write notes, so you have no sessions of your own here."),
    ActKind.SCHEDULE: Refusal(
        "not_administrator", "Only an administrator of your practice can bring in sessions of others. Ask them."
    ),
    ActKind.MEASURE: Refusal(
        "not_administrator", "Only an administrator or a supervisor of your practice sees the practice's numbers."
    ),
    ActKind.LEARN: Refusal("not_learner", "The examples are for who writes or supervises notes."),
    ActKind.REVIEW: _NOT_SUPERVISOR,
    ActKind.SNOOZE: _NOT_SUPERVISOR,
    ActKind.TEACH: _NOT_SUPERVISOR,
    ActKind.SUPERVISE: _NOT_SUPERVISOR,
    ActKind.REASSIGN: Refusal(
        "not_yours_to_reassign", "Only the supervisor who is asked or an administrator can give a review to another."
    ),
}
