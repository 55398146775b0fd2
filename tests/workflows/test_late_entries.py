"""A note that is late says why where its payer wants to know, in the dialog that signs it and on its documents."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.acts.presses import decide_or_sign
from bot.acts.sent_forms import Done, Sent, input_at_fault, submit
from bot.cards.elements import Form, Input
from bot.checks_file import load_profiles
from bot.domain.errors import UserMistake
from bot.domain.note import MOST_LATE, Note, Session, State
from bot.domain.review_times import ReviewRules, SignBy
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import ROSA, desk

SUMMARY = "Reviewed the thought record.\nClient reports sleeping better.\nPlan: next week."
PAYERS = {"JD-014": "medicaid", "MK-003": "commercial"}


def at_desk() -> Desk:
    at = desk()
    by = ReviewRules(sign_by={payer: SignBy(hours=72) for payer in ("medicaid", "commercial")})
    return replace(at, profiles=load_profiles(), payer_by_client=PAYERS, reviewing=by)


async def drafted(at: Desk, *, days_ago: int, client: str = "JD-014") -> Note:
    day = at.today(ROSA) - dt.timedelta(days=days_ago)
    new = NewNote(SUMMARY, f"test:{days_ago}{client}", "test", "soap", client, Session(day, dt.time(9), 50))
    started = await start_draft(at, ROSA, new)
    await draft_note(at, started.note_id)
    return (await open_note(at, started.note_id)).note


async def sent(at: Desk, form: Form, **values: str) -> Done:
    note_id, _, version = form.context.partition(":")
    given = {field.name: str(getattr(field, "value", "") or "") for field in form.fields if isinstance(field, Input)}
    return await submit(at, ROSA, Sent(form.name, note_id, int(version), given | values), "test")  # type: ignore[arg-type]


async def signing(at: Desk, note: Note) -> Form:
    form = await decide_or_sign(at, note, ROSA)
    assert form.name == "sign"
    return form


def asked(form: Form) -> bool:
    return any(getattr(field, "name", "") == "late_reason" for field in form.fields)


@pytest.mark.parametrize(
    ("days_ago", "client", "wanted"), [(1, "JD-014", False), (9, "JD-014", True), (9, "MK-003", False)]
)
async def test_it_is_asked_of_a_late_note_whose_payer_wants_to_know(days_ago: int, client: str, wanted: bool) -> None:
    at = at_desk()
    assert asked(await signing(at, await drafted(at, days_ago=days_ago, client=client))) is wanted


async def test_the_reason_is_part_of_what_is_signed() -> None:
    at = at_desk()
    form = await signing(at, await drafted(at, days_ago=9))
    await sent(at, form, late_reason="  Ill for a week,\nback today. ")
    note = (await open_note(at, form.context.partition(":")[0])).note  # type: ignore[arg-type]
    assert (note.state, note.late_reason) == (State.APPROVED, "Ill for a week, back today.")
    assert note.standing[0].version_hash == note.version_hash() != replace(note, late_reason="").version_hash()
    async with at.database.reading(at.id) as unit:
        assert "Ill for" not in repr(await unit.audit.acts())


@pytest.mark.parametrize(("typed", "code"), [("  ", "needs_late_reason"), ("x" * (MOST_LATE + 1), "long_late_reason")])
async def test_without_a_reason_it_is_not_signed_and_that_stands_beside_its_input(typed: str, code: str) -> None:
    at = at_desk()
    form = await signing(at, await drafted(at, days_ago=9))
    with pytest.raises(UserMistake) as told:
        await sent(at, form, late_reason=typed)
    assert told.value.code == code
    values = {field.name: "" for field in form.fields if isinstance(field, Input)}
    assert input_at_fault(Sent("sign", form.context, 1, values), told.value) == "late_reason"  # type: ignore[arg-type]
    assert (await open_note(at, form.context.partition(":")[0])).note.state is State.DRAFT  # type: ignore[arg-type]


async def test_a_client_or_day_given_in_the_dialog_may_make_it_late_and_it_is_asked_next() -> None:
    at = at_desk()
    form = await signing(at, await drafted(at, days_ago=1))
    assert not asked(form)
    earlier = at.today(ROSA) - dt.timedelta(days=9)
    done = await sent(at, form, date=earlier.isoformat())
    assert done.follows is not None
    assert asked(done.follows)
    assert (await open_note(at, done.note_id)).note.session.date == earlier
    done = await sent(at, done.follows, late_reason="Power cut")
    assert (await open_note(at, done.note_id)).note.state is State.APPROVED


async def test_a_reason_nobody_asked_for_is_not_kept() -> None:
    at = at_desk()
    note = await drafted(at, days_ago=1)
    signed = await approve_note(at, ROSA, note.id, note.version, "test", late_reason="Power cut")
    assert signed.late_reason == ""
