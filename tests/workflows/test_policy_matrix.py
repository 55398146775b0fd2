"""The policy's whole matrix: the printed one is the real one, and rules that no cell may break."""

import os
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from bot.domain.errors import NotAllowed, Stale
from bot.domain.note import State
from bot.domain.people import Role
from bot.domain.policy import ActKind, allow, may
from bot.domain.review import Outcome
from bot.domain.supervision import Mode, Supervision
from tests.workflows.policy_matrix import (
    ACTORS,
    AT,
    AUTHOR,
    COLLEAGUE,
    COSIGNED,
    ME,
    NOT_ON_ROSTER,
    RELATIONS,
    Relating,
    as_tables,
    cells,
    note,
    person,
    placed,
)

PAGE = Path("docs/people.md")
BEGIN, END = "<!-- the matrix: generated -->\n", "<!-- the matrix ends -->\n"
SIGNED = {State.APPROVED, State.FILING, State.FILED}
TEXT = {ActKind.VIEW, ActKind.REVIEW, ActKind.TEACH}
AUTHORS = {ActKind.CHANGE, ActKind.SIGN, ActKind.DISCARD, ActKind.FOLLOW, ActKind.WITHDRAW, ActKind.WRITE}


def test_the_page_prints_the_matrix_as_it_is():
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    printed, _, after = rest.partition(END)
    if os.environ.get("AFTERNOTE_WRITE_GOLDEN"):
        PAGE.write_text(f"{before}{BEGIN}{as_tables()}{END}{after}", "utf-8")
    else:
        assert printed == as_tables(), "run this test with AFTERNOTE_WRITE_GOLDEN=1, and read what changed"


def test_every_cell_is_walked_and_every_refusal_says_what_is_the_matter():
    walked = list(cells())
    assert len(walked) == len(set(walked)) == len(ACTORS) * len(RELATIONS) * len(ActKind) * len(State)
    for cell in walked:
        relating = RELATIONS[cell.relation]
        refusal = may(placed(ACTORS[cell.role], relating), cell.act, note(relating, cell.state))
        assert refusal is None or (refusal.sentence[0].isupper() and refusal.sentence.endswith(".")), cell


def test_who_is_not_on_the_roster_and_who_is_of_another_practice_gets_one_answer():
    for cell in cells():
        if cell.role in NOT_ON_ROSTER:
            assert cell.code == "not_on_roster", cell
        elif cell.relation == "another practice's":
            assert cell.code == "note_not_found", cell


def test_no_text_reaches_administrators_and_auditors():
    for cell in cells():
        if cell.role in ("administrator", "auditor, biller"):
            assert cell.code or cell.act not in TEXT | AUTHORS | {ActKind.LEARN}, cell


def test_only_its_author_touches_a_note_and_a_draft_is_read_by_nobody_else():
    for cell in cells():
        own = cell.relation == "their own"
        if cell.act in AUTHORS:
            writer = cell.role.startswith(("clinician", "associate"))
            unsupervised = cell.act is ActKind.SIGN and cell.role == "associate, nobody's supervisee"
            assert (cell.code == "") == (own and writer and not unsupervised), cell
        if cell.act is ActKind.VIEW and not own:
            supervisor = cell.role == "supervisor" and cell.relation.startswith("a supervisee's")
            assert (cell.code == "") == (supervisor and cell.state in SIGNED), cell


def test_a_review_is_its_assigned_supervisors_and_what_they_decided_on_stays_readable():
    for cell in cells():
        if cell.act is not ActKind.REVIEW:
            continue
        asked = cell.relation == "a supervisee's, and they are asked to review it"
        decided = cell.relation == "a supervisee's, and they decided on it"
        readable = {State.CHANGES_REQUESTED, *SIGNED} if decided else set[State]()
        fits = ((asked or decided) and cell.state is State.IN_REVIEW) or cell.state in readable
        assert (cell.code == "") == (cell.role == "supervisor" and fits), cell


def test_nobody_reviews_their_own_note_even_when_they_are_named_and_hold_every_role():
    everything = replace(person(*Role, supervision=COSIGNED), supervisees=(ME,))
    for state in State:
        refused = may(everything, ActKind.REVIEW, note(Relating(author=ME, asked=ME, by=ME), state))
        assert refused is not None
        assert refused.code == "own_note"


def test_a_supervisor_who_is_not_one_any_more_is_refused_what_they_were_asked():
    asked = RELATIONS["a supervisee's, and they are asked to review it"]
    former = placed(person(Role.CLINICIAN), asked)
    for act in (ActKind.REVIEW, ActKind.SNOOZE, ActKind.REASSIGN, ActKind.TEACH, ActKind.VIEW):
        for state in State:
            assert may(former, act, note(asked, state)), (act, state)


def test_who_was_given_a_review_may_what_the_first_one_might():
    given = Relating(supervised=False, asked=ME)
    for act in ActKind:
        for state in (State.IN_REVIEW, *SIGNED):
            supervised = may(placed(person(Role.SUPERVISOR), replace(given, supervised=True)), act, note(given, state))
            assert may(person(Role.SUPERVISOR), act, note(given, state)) == supervised, (act, state)


def test_roles_add_up_but_an_associate_stays_one():
    single = {role: person(role, supervision=COSIGNED) for role in Role}
    for few in range(2, len(Role) + 1):
        for roles in combinations(Role, few):
            for relation, relating in RELATIONS.items():
                for act in ActKind:
                    for state in State:
                        of_each = [may(placed(single[role], relating), act, note(relating, state)) for role in roles]
                        both = may(placed(person(*roles, supervision=COSIGNED), relating), act, note(relating, state))
                        assert (both is None) == (None in of_each), (roles, relation, act, state)
    also_clinician = person(Role.CLINICIAN, Role.ASSOCIATE)
    assert may(also_clinician, ActKind.SIGN, note(Relating(author=ME), State.DRAFT))


@pytest.mark.parametrize(
    "held",
    [None, Supervision(ME, (COLLEAGUE,), Mode.SAMPLE, sample_percent=100), Supervision(ME, (), Mode.COSIGN)],
    ids=["none", "only a sample", "of nobody"],
)
def test_an_associate_signs_only_while_every_note_is_reviewed(held: Supervision | None):
    own = note(Relating(author=ME), State.DRAFT)
    with pytest.raises(NotAllowed, match="needs_supervisor"):
        allow(person(Role.ASSOCIATE, supervision=held), ActKind.SIGN, own)
    assert may(person(Role.ASSOCIATE, supervision=held), ActKind.CHANGE, own) is None, "the draft is kept"


def test_who_is_second_in_a_review_hears_that_it_is_over_and_not_that_they_may_not():
    asked = RELATIONS["a supervisee's, and they are asked to review it"]
    me = placed(person(Role.SUPERVISOR), asked)
    for state in (State.CHANGES_REQUESTED, *SIGNED):
        with pytest.raises(Stale, match="not_in_review"):
            allow(me, ActKind.REVIEW, note(asked, state))
    pending = note(asked, State.IN_REVIEW)
    taken_back = pending.withdrawn(AUTHOR, AT)
    assert taken_back.review
    assert taken_back.review.outcome is Outcome.WITHDRAWN
    with pytest.raises(Stale, match="not_in_review"):
        allow(me, ActKind.REVIEW, taken_back)
    given = pending.reassigned([COLLEAGUE])
    with pytest.raises(NotAllowed, match="not_reviewer"):
        allow(me, ActKind.REVIEW, given)
