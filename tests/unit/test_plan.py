"""A plan's transitions keep its history; what is untouched or overdue follows from it."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.note import Note, Session, State
from bot.domain.people import Client, Person, Practice, Role
from bot.domain.plan import (
    HISTORY,
    MOST_GOALS,
    Addressed,
    Diagnosis,
    Earlier,
    Plan,
    Status,
    Wording,
    goal_statements,
    review_overdue,
    standing,
    untouched,
)
from bot.domain.plan_policy import allow_plan, may_change_plan, may_read_plan
from bot.domain.statements import Origin, Slot, own_words

ROSA = PersonId("rosa")
START, LATER = dt.date(2026, 1, 5), dt.date(2026, 3, 2)


def plan() -> Plan:
    made = Plan("JD-014", ROSA, START).goal_added(Wording(" Sleep through the night "), START)
    made = made.objective_added("1", Wording("Sleep six hours", "log", "4", "6", LATER), START)
    return made.goal_added(Wording("See friends again!"), START)


def session(number: int, *ids: str, day: dt.date | None = None) -> Addressed:
    return Addressed(NoteId(f"n{number}"), day or START + dt.timedelta(days=7 * number), ids)


def note(**changes: object) -> Note:
    base = Note(NoteId("n1"), PracticeId("p"), ROSA, State.DRAFT, "soap", "typed", dt.datetime.now(dt.UTC), "JD-014")
    return replace(base, version=1, **changes)  # type: ignore[arg-type]


def test_goals_and_objectives_are_numbered_and_never_twice():
    made = plan().objective_added("1", Wording("Wind down by ten"), START)
    assert [item.id for item, _ in made.items()] == ["1", "1a", "1b", "2"]
    assert made.goals[0].wording.text == "Sleep through the night"
    with pytest.raises(UserMistake, match="goal_id_taken"):
        made.goal_added(Wording("Another"), START, "1A")
    closed = made.closed("2", Status.MET, LATER).goal_added(Wording("Third"), LATER)
    assert [goal.id for goal in closed.goals] == ["1", "2", "3"]


def test_a_wording_that_changes_stays_in_the_history():
    made = plan().reworded("1a", Wording("Sleep seven hours"), LATER)
    objective = made.goals[0].objectives[0]
    assert objective.wording.text == "Sleep seven hours"
    assert objective.earlier == (Earlier(Wording("Sleep six hours", "log", "4", "6", LATER), LATER),)
    assert made.reworded("1a", Wording("Sleep seven hours "), LATER) is made
    assert made.version == plan().version + 1


def test_closing_keeps_the_goal_and_reopening_takes_it_up_again():
    closed = plan().closed("1", Status.PARTLY_MET, LATER)
    assert (closed.goals[0].status, closed.goals[0].closed) == (Status.PARTLY_MET, LATER)
    assert [item.id for item, _ in closed.open_items()] == ["2"], "an objective of a closed goal is over too"
    again = closed.reopened("1")
    assert again.goals == plan().goals
    with pytest.raises(UserMistake, match="closed_before_opened"):
        plan().closed("1", Status.MET, START - dt.timedelta(days=1))
    with pytest.raises(UserMistake, match="needs_status"):
        plan().closed("1", Status.OPEN, LATER)


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        (Wording(" … "), "empty_goal"),
        (Wording("x" * 501), "long_text"),
        (Wording("Sleep", baseline="x" * 201), "long_baseline"),
    ],
)
def test_what_cannot_be_a_goal_is_refused_kindly(wording: Wording, code: str):
    with pytest.raises(UserMistake, match=code) as refused:
        plan().goal_added(wording, START)
    assert refused.value.sentence.startswith("Please")
    assert "x" * 9 not in refused.value.sentence


def test_a_plan_has_limits_that_closed_goals_do_not_count_against():
    made = plan()
    for _ in range(MOST_GOALS - 2):
        made = made.goal_added(Wording("More"), START)
    with pytest.raises(UserMistake, match="too_many_goals"):
        made.goal_added(Wording("One too many"), START)
    assert made.closed("2", Status.MET, LATER).goal_added(Wording("Room again"), LATER).goals[-1].id == "11"


def test_the_review_comes_after_the_start():
    with pytest.raises(UserMistake, match="review_before_start"):
        plan().described(LATER, START, (), "")
    described = plan().described(START, LATER, (Diagnosis("Insomnia disorder", "F51.01"),), "weekly")
    assert review_overdue(described, LATER + dt.timedelta(days=1))
    assert not review_overdue(described, LATER)
    assert not review_overdue(plan(), LATER)


def test_another_version_than_the_one_seen_is_stale():
    with pytest.raises(Stale):
        plan().seen_at(plan().version + 1)


def test_a_signed_note_counts_once_and_the_history_is_bounded():
    made = plan().signed(session(1, "1")).signed(session(1, "2"))
    assert made.addressed == (session(1, "2"),)
    assert made.version == plan().version, "an open dialog is not outrun by a signed note"
    for number in range(2, HISTORY + 10):
        made = made.signed(session(number))
    assert len(made.addressed) == HISTORY
    assert made.addressed[-1].note_id == f"n{HISTORY + 9}"


def test_a_goal_that_the_last_sessions_did_not_name_is_untouched():
    made = plan()
    for number in range(1, 5):
        made = made.signed(session(number, "1a"))
    assert [goal.id for goal in untouched(made)] == ["2"]
    assert untouched(made, sessions=5) == (), "too few notes to say so"
    assert untouched(made.closed("2", Status.ENDED, LATER)) == ()
    assert untouched(made.signed(session(9, "2"))) == ()
    new = made.goal_added(Wording("New"), LATER)
    assert [goal.id for goal in untouched(new)] == ["2"], "a goal younger than the sessions is not late"


def test_a_note_that_is_signed_late_takes_its_place_by_the_day_of_the_session():
    made = plan()
    for number in (5, 6, 7, 8):
        made = made.signed(session(number, "1"))
    made = made.signed(session(9, "2", day=START))
    assert made.addressed[0].note_id == "n9"
    assert [goal.id for goal in untouched(made)] == ["2"]


def test_confirmed_goals_stand_in_the_note_in_the_plans_words():
    made = plan()
    first = note(statements=(own_words("Client slept.", Slot.REPORT),))
    confirmed = first.goals_confirmed(("1a", "2"), goal_statements(made, ("2", "1a")))
    assert [s.text for s in confirmed.statements if s.slot is Slot.GOAL] == [
        "Goal 1, objective 1a: Sleep six hours.",
        "Goal 2: See friends again!",
    ]
    assert {s.origin for s in confirmed.statements} == {Origin.CLINICIAN}
    assert (confirmed.goals, confirmed.version) == (("1a", "2"), 2)
    fewer = confirmed.goals_confirmed(("2",), goal_statements(made, ("2",)))
    assert [s.text for s in fewer.statements] == ["Goal 2: See friends again!", "Client slept."]
    none = fewer.goals_confirmed((), ())
    assert (none.statements, none.goals) == (first.statements, ())
    assert first.goals_confirmed((), ()).version == 1, "no sentence came or went"


def test_a_goal_whose_sentence_was_edited_out_is_not_claimed_any_more():
    confirmed = note().goals_confirmed(("1", "2"), goal_statements(plan(), ("1", "2")))
    without = replace(confirmed, statements=(*confirmed.statements[1:], own_words("Slept.", Slot.REPORT)))
    assert standing(without) == ("2",)
    reworded = replace(without, statements=(*without.statements, own_words("Goal 1 came up briefly.", Slot.GOAL)))
    assert standing(reworded) == ("1", "2")


def test_another_clients_note_names_none_of_the_goals():
    confirmed = note(suggested_goals=("1",)).goals_confirmed(("1",), goal_statements(plan(), ("1",)))
    moved = confirmed.described("MK-003", Session())
    assert (moved.statements, moved.goals, moved.suggested_goals) == ((), None, ())
    same = confirmed.described("JD-014", Session(date=START))
    assert (same.statements, same.goals) == (confirmed.statements, ("1",))


def test_undo_brings_no_goal_of_another_client_back_and_takes_none_away():
    typed = own_words("Client slept.", Slot.REPORT)
    confirmed = note(statements=(typed,)).goals_confirmed(("1",), goal_statements(plan(), ("1",)))
    reworded = confirmed.reworded((), (*confirmed.statements[:1], own_words("Slept.", Slot.REPORT)), ())
    assert reworded.undone().statements == confirmed.statements
    again = reworded.goals_confirmed(("2",), goal_statements(plan(), ("2",)))
    assert [s.text for s in again.undone().statements] == ["Goal 2: See friends again!", "Client slept."]
    assert reworded.described("MK-003", Session()).undone().statements == (typed,)


def person(key: str, *roles: Role) -> Person:
    return Person(PersonId(key), key.title(), "", frozenset(roles))


OMAR, NORA = person("omar", Role.CLINICIAN), person("nora", Role.ADMINISTRATOR)
SUE = replace(person("sue", Role.SUPERVISOR), supervisees=(ROSA,))
ANN = person("ann", Role.SUPERVISOR)  # supervises nobody of this plan
ROSA_ = person("rosa", Role.CLINICIAN)
PRACTICE = Practice(
    PracticeId("p"), "P", "UTC", (ROSA_, OMAR, SUE, NORA), (Client("JD-014", ROSA), Client("TO-001", OMAR.id))
)


@pytest.mark.parametrize(
    ("actor", "reads", "changes", "code"),
    [
        (ROSA_, True, True, ""),
        (OMAR, False, False, "not_your_client"),
        (SUE, True, False, "plan_read_only"),
        (ANN, False, False, "not_your_supervisee"),
        (replace(ANN, supervisees=(OMAR.id,)), False, False, "not_your_supervisee"),
        (replace(SUE, roles=frozenset({Role.AUDITOR})), False, False, "no_plans"),
        (replace(ROSA_, active=False), False, False, "not_on_roster"),
        (NORA, False, False, "no_plans"),
        (None, False, False, "not_on_roster"),
    ],
)
def test_who_reads_and_who_changes_a_plan(actor: Person | None, reads: bool, changes: bool, code: str):
    assert may_read_plan(PRACTICE, actor, "JD-014", plan()) is reads
    assert may_change_plan(PRACTICE, actor, "jd-014", plan()) is changes
    if not changes:
        with pytest.raises(NotAllowed, match=code):
            allow_plan(PRACTICE, actor, "JD-014", plan(), change=True)
    assert not may_change_plan(PRACTICE, actor, "TO-001", None) or actor is OMAR
    assert may_change_plan(PRACTICE, actor, "NEW-9", None) is (actor in (ROSA_, OMAR)), "nobody's client yet"
    assert may_change_plan(PRACTICE, OMAR, "TO-001", plan()), "handed over: the caseload's clinician, too"
