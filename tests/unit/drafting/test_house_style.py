"""What a note has against its practice's house style, and what never counts against it."""

import datetime as dt
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.checks_file import load_profiles
from bot.domain.checks import NO_PROFILE
from bot.domain.house import Code, Finding, HouseStyle, not_applying
from bot.domain.ids import NoteId, PersonId, PracticeId, new_statement_id
from bot.domain.links import Link, LinkKind
from bot.domain.note import Note, Session, State
from bot.domain.statements import Slot, Statement, goal_statement
from bot.domain.voice import Banned, Voice
from bot.drafting.house_style import findings_of
from bot.drafting.sorter import sort
from bot.formats_file import load_formats

FORMATS, PROFILES = load_formats(), load_profiles()
STRICT = PROFILES["medicaid"].requiring(["goal_named", "start_and_stop", "response"])
BANNED = Voice(banned=(Banned("manipulat*", "It blames.", "describe what was done"), Banned("non-compliant")))


def note(*said: tuple[Slot, str], format_id: str = "soap", **changes: object) -> Note:
    statements = tuple(Statement(new_statement_id(), slot, text) for slot, text in said)
    blank = Note(
        NoteId("n1"),
        PracticeId("p"),
        PersonId("rosa"),
        State.DRAFT,
        format_id,
        "typed",
        datetime(2026, 11, 23, tzinfo=UTC),
        session=Session(dt.date(2026, 11, 23)),
        statements=statements,
    )
    return replace(blank, **changes)  # type: ignore[arg-type]


def found(of: Note, house: HouseStyle | Voice, profile: object = NO_PROFILE) -> list[Finding]:
    style = HouseStyle(house) if isinstance(house, Voice) else house
    return list(findings_of(of, FORMATS[of.format_id], style, profile))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Client was manipulative today.", ["manipulat*"]),
        ("Client was NON-COMPLIANT  with homework and manipulating.", ["manipulat*", "non-compliant"]),
        ("Client said, “he is manipulative”.", []),
        ('Client called her "manipulative and non-compliant".', []),
        ("Mother said “she lies” and manipulates.", ["manipulat*"]),
        ("Client was compliant.", []),
        ('An open quotation " hides nothing: manipulative.', ["manipulat*"]),
    ],
)
def test_banned_phrases_are_found_outside_of_quotations_and_stop(text: str, phrases: list[str]) -> None:
    findings = found(note((Slot.REPORT, text)), BANNED)
    assert [finding.about for finding in findings] == phrases
    assert all(finding.stops and finding.code is Code.BANNED for finding in findings)


def test_a_finding_says_why_and_what_to_write_and_nothing_of_the_note() -> None:
    (finding,) = found(note((Slot.REPORT, "zebrafinch manipulative")), BANNED)
    assert (finding.why, finding.instead) == ("It blames.", "describe what was done")
    assert "zebrafinch" not in repr(finding)


def test_a_goal_is_worded_in_the_plan_and_amended_text_was_signed_once() -> None:
    goal = note(statements=(goal_statement("g1", "Be less manipulative"),))
    assert [finding.stops for finding in found(goal, BANNED)] == [False]
    for kind, stops in [(LinkKind.ADDENDUM, True), (LinkKind.AMENDMENT, False), (LinkKind.RETRACTION, False)]:
        linked = note((Slot.REPORT, "was manipulative"), link=Link(kind, NoteId("n0"), "why"))
        assert [finding.stops for finding in found(linked, BANNED)] == [stops]
        assert [finding.code for finding in found(linked, HouseStyle(BANNED, {"all": ("risk",)}))] == [Code.BANNED]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Client slept well.", True),
        ("It rained. The client's mood lifted.", True),
        ("Taught client-centered listening.", False),
        ("Argued with a client at work.", False),
        ("Patient slept well; said “the client is always right”.", False),
    ],
)
def test_the_other_word_for_the_client_is_a_hint(text: str, seen: bool) -> None:
    findings = found(note((Slot.REPORT, text)), Voice(person="patient"))
    assert [(f.code, f.about, f.instead, f.stops) for f in findings] == (
        [(Code.CLIENT_WORD, "client", "patient", False)] if seen else []
    )


def test_being_patient_is_no_word_for_a_client_and_no_word_chosen_is_no_hint() -> None:
    assert found(note((Slot.REPORT, "Client was patient with her son.")), Voice(person="client")) == []
    assert found(note((Slot.REPORT, "Patient slept. The client woke.")), Voice()) == []
    assert found(note((Slot.REPORT, "The patient slept.")), Voice(person="initials")) == []


def test_quotations_are_counted_where_the_practice_wants_none() -> None:
    quoting = note((Slot.REPORT, "Said “no” and “never”."), (Slot.PLAN, 'Will say "yes".'))
    assert [(f.code, f.about, f.stops) for f in found(quoting, Voice(quotes="none"))] == [(Code.QUOTATION, "3", False)]
    assert found(quoting, Voice()) == []


def test_what_a_payer_requires_stops_until_it_is_said_answered_or_does_not_apply() -> None:
    bare = note((Slot.REPORT, "Slept badly."))
    assert {f.item for f in found(bare, HouseStyle(), STRICT)} == {
        "check.goal_named",
        "check.start_and_stop",
        "check.response",
    }
    timed = replace(bare, session=Session(dt.date(2026, 11, 23), dt.time(10), 50))
    answered = replace(timed, waived=("response", not_applying("check.goal_named")))
    assert found(answered, HouseStyle(), STRICT) == []
    decided = replace(timed, goals=(), waived=("response",))
    assert found(decided, HouseStyle(), STRICT) == []
    assert found(note(format_id="no_show"), HouseStyle(), STRICT) == []  # the checks say where they do not belong


def test_what_was_typed_but_is_not_in_the_note_does_not_count() -> None:
    typed = sort("Ct tolerated exposure well.\nCt slept badly.")
    without = note(points=typed.points, statements=typed.statements[1:], left_out=(1,))
    assert "check.response" in {f.item for f in found(without, HouseStyle(), STRICT)}


def test_required_slots_and_sections_of_practice_and_format() -> None:
    bare = note((Slot.REPORT, "Slept badly."), (Slot.HOMEWORK, "Diary."))
    house = HouseStyle(required={"all": ("plan", "risk"), "soap": ("assessment", "objective", "no_such_section")})
    items = [finding.item for finding in found(bare, house, PROFILES["default"])]
    assert items == ["slot.risk", "slot.assessment", "section.objective"]  # homework is a plan
    questions = {finding.item: finding.question for finding in found(bare, house, PROFILES["default"])}
    assert questions["slot.risk"].startswith("What did you assess about risk?")
    off = replace(bare, waived=tuple(map(not_applying, items)))
    assert found(off, house) == []
    assert found(replace(bare, format_id="no_show"), house) == []  # brief formats have no part in `all`


def test_a_format_may_need_sections_and_slots_itself() -> None:
    soap = FORMATS["soap"]
    plan = replace(soap.sections[3], needed=True)
    house = replace(soap, sections=(*soap.sections[:3], plan), needed=(Slot.RISK,))
    items = [f.item for f in findings_of(note((Slot.REPORT, "Slept.")), house, HouseStyle(), NO_PROFILE)]
    assert items == ["slot.risk", "section.plan"]


def test_one_thing_is_asked_for_once() -> None:
    house = HouseStyle(required={"all": ("response",)})
    items = [finding.item for finding in found(note((Slot.REPORT, "Slept.")), house, STRICT)]
    assert items.count("check.response") == 1
    assert "slot.response" not in items


def test_what_stops_comes_first() -> None:
    both = note((Slot.REPORT, "Client was “fine” and manipulative."))
    voice = replace(BANNED, person="patient", quotes="none")
    assert [f.stops for f in found(both, voice)] == [True, False, False]


@pytest.mark.parametrize(("called", "begins"), [("", "Patient reports"), ("client", "Client reports")])
def test_shorthand_becomes_the_practices_word_and_nothing_else_does(called: str, begins: str) -> None:
    draft = sort('Pt reports better sleep, "ct has no faith in me".\nThe patient portal was explained to ct.', called)
    assert draft.statements[0].text.startswith(begins)
    assert '"ct has no faith in me"' in draft.statements[0].text
    assert "The patient portal was explained to client." in draft.statements[1].text
