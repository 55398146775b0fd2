"""Every cell of the policy: somebody in each role, a note in each relation to them and each state, each act."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.note import Note, State
from bot.domain.people import Person, Role
from bot.domain.policy import ActKind, may
from bot.domain.review import Outcome, Review
from bot.domain.supervision import Mode, Supervision

OURS, THEIRS = PracticeId("larkspur"), PracticeId("harbor")
ME, AUTHOR, COLLEAGUE = PersonId("me"), PersonId("author"), PersonId("colleague")
AT = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
COSIGNED = Supervision(ME, (COLLEAGUE,), Mode.COSIGN)


def person(*roles: Role, supervision: Supervision | None = None) -> Person:
    return Person(ME, "Me", "", frozenset(roles), practice_id=OURS, supervision=supervision)


ACTORS: Mapping[str, Person | None] = {
    "clinician": person(Role.CLINICIAN),
    "clinician, reviewed": person(Role.CLINICIAN, supervision=COSIGNED),
    "associate": person(Role.ASSOCIATE, supervision=COSIGNED),
    "associate, nobody's supervisee": person(Role.ASSOCIATE),
    "supervisor": person(Role.SUPERVISOR),
    "administrator": person(Role.ADMINISTRATOR),
    "auditor, biller": person(Role.AUDITOR),
    "deactivated": replace(person(*Role, supervision=COSIGNED), active=False),
    "not on the roster": None,
}
NOT_ON_ROSTER = ("deactivated", "not on the roster")


@dataclass(frozen=True, slots=True)
class Relating:
    """How a note is to stand to somebody. `asked` who is asked to review it; `by` who decided, when that is over."""

    author: PersonId = AUTHOR
    supervised: bool = False
    asked: PersonId = COLLEAGUE
    by: PersonId = COLLEAGUE
    practice: PracticeId = OURS


RELATIONS: Mapping[str, Relating] = {
    "their own": Relating(author=ME),
    "a supervisee's, whom another supervisor reviews": Relating(supervised=True),
    "a supervisee's, and they are asked to review it": Relating(supervised=True, asked=ME),
    "a supervisee's, and they decided on it": Relating(supervised=True, asked=ME, by=ME),
    "another clinician's": Relating(),
    "another practice's": Relating(author=ME, supervised=True, asked=ME, by=ME, practice=THEIRS),
}


def placed(actor: Person | None, relating: Relating) -> Person | None:
    return replace(actor, supervisees=(AUTHOR,)) if actor and relating.supervised else actor


def note(relating: Relating, state: State) -> Note:
    base = Note(NoteId("n1"), relating.practice, relating.author, state, "soap", "typed", AT, version=1)
    outcome = Outcome.CHANGES if state is State.CHANGES_REQUESTED else Outcome.APPROVED
    review = Review(Mode.COSIGN, 1, AT, (relating.asked, PersonId("third")))
    if state in (State.DRAFTING, State.DRAFT, State.DISCARDED):
        return base
    decided = review if state is State.IN_REVIEW else replace(review, outcome=outcome, by=relating.by, at=AT)
    return replace(base, reviews=(decided,))


@dataclass(frozen=True, slots=True)
class Cell:
    role: str
    relation: str
    act: ActKind
    state: State
    code: str  # of the refusal; empty when they may


def cells() -> Iterator[Cell]:
    for role, actor in ACTORS.items():
        for relation, relating in RELATIONS.items():
            for act in ActKind:
                for state in State:
                    refusal = may(placed(actor, relating), act, note(relating, state))
                    yield Cell(role, relation, act, state, refusal.code if refusal else "")


def as_tables() -> str:
    """The whole matrix as Markdown: a table a relation, a row an act, a column a role, the states in the cell."""
    allowed: dict[tuple[str, str, ActKind], list[State]] = {}
    for cell in cells():
        states = allowed.setdefault((cell.relation, cell.role, cell.act), [])
        if not cell.code:
            states.append(cell.state)
    parts = [_table("### Without a note", lambda role, act: "no" if may(ACTORS[role], act) else "yes")]
    for relation in RELATIONS:
        parts.append(
            _table(f"### A note that is {relation}", lambda role, act, r=relation: _said(allowed[r, role, act]))
        )
    return "\n".join(parts)


def _table(title: str, cell: object) -> str:
    assert callable(cell)
    heads = [role for role in ACTORS if role not in NOT_ON_ROSTER] + ["not on the roster, or deactivated"]
    lines = [title, "", f"| act | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for act in ActKind:
        said = [str(cell(role, act)) for role in ACTORS if role not in NOT_ON_ROSTER]
        outside = {str(cell(role, act)) for role in NOT_ON_ROSTER}
        lines.append(f"| {act} | {' | '.join([*said, *outside])} |")
    return "\n".join([*lines, ""])


def _said(states: Sequence[State]) -> str:
    names = [state.replace("_", " ") for state in states]
    signed = ["approved", "filing", "filed"]
    if len(names) == len(State):
        return "yes"
    if all(name in names for name in signed):
        names = [*(name for name in names if name not in signed), "signed"]
    return ", ".join(names) or "no"
