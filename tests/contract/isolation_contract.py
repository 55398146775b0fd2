"""One practice's unit of work with the ids of another: every question finds nothing, every write changes nothing.

A subclass gives `database`. The table of cases is printed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import create_engine, select

from bot.day_ports import Batch, Measure
from bot.domain.audit import Wanted
from bot.domain.errors import AfternoteError
from bot.domain.filing import FilingState, Receipt
from bot.domain.ids import BatchId, PersonId
from bot.domain.note import Note, State
from bot.domain.people import Person, Role
from bot.domain.plan import Plan, PlanId
from bot.domain.preferences import Preferences
from bot.domain.roster import Member
from bot.domain.supervision import Mode
from bot.domain.usage import Call, Limits, Outcome
from bot.ports import Notice, Posted, ReviewCard
from bot.practice_ports import Example, FormatVersion, ReviewRow
from storage.models import metadata
from storage.unit_of_work import SqlDatabase
from tests.contract.day_contract import booked, session_of
from tests.contract.unit_of_work_contract import (
    NOON,
    OURS,
    ROSA,
    THEIRS,
    act_on,
    drafted,
    note_of,
    plan_of,
    saved,
    signed,
    stored,
    talk_with,
)

TABLE = "Another practice's rows, from the repositories"
CODE = "ZZ-999"
MIRIAM = PersonId("miriam")
MEMBER = Member(Person(MIRIAM, "Miriam", "PsyD", frozenset({Role.SUPERVISOR}), "UTC"), None, 1)
EXAMPLE = Example("e1", "soap", "plan", "Theirs.", "Says how.", MIRIAM, NOON)
FORMAT = FormatVersion("soap", 1, "{}", "ab" * 32, NOON)
CARD = Posted("slack", "T2", "D2", "9.9")
SOURCE = "slack:message:D2:9.9:U2"


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody of another practice may have come to know."""

    note: Note
    plan: PlanId


def review_of(note: Note) -> ReviewRow:
    return ReviewRow(note.id, 1, ROSA, (MIRIAM,), Mode.COSIGN, NOON, NOON, NOON)


BOOKED = booked("uid-1", wanted=True)
BATCH = Batch(BatchId("b1"), ROSA, NOON, 1, "slack:batch")


def measure_of(note: Note, changed: int = 1) -> Measure:
    return Measure(note.id, ROSA, NOON, NOON, same_day=True, changed=changed)


async def _known(unit: Any) -> list[object]:
    return [found for found in await unit.appointments.known([BOOKED]) if found]


async def _chosen(unit: Any) -> bool:
    return await unit.choices.of(ROSA) != Preferences(ROSA)


async def _some(asked: Awaitable[tuple[int, int]]) -> bool:
    return await asked != (0, 0)


Ask = Callable[[Any, Theirs], Awaitable[Any]]
FOUND_NOTHING: dict[str, Ask] = {
    "notes.get": lambda unit, x: unit.notes.get(x.note.id),
    "notes.by_source": lambda unit, x: unit.notes.by_source(SOURCE),
    "notes.in_states": lambda unit, x: unit.notes.in_states(list(State), 99),
    "notes.client_codes": lambda unit, x: unit.notes.client_codes(ROSA, "", 99),
    "notes.waiting": lambda unit, x: unit.notes.waiting(99),
    "notes.of_client": lambda unit, x: unit.notes.of_client(CODE, 99),
    "notes.ids_of_client": lambda unit, x: unit.notes.ids_of_client(CODE),
    "notes.linked_to": lambda unit, x: unit.notes.linked_to(x.note.id),
    "notes.of_clinician": lambda unit, x: unit.notes.of_clinician(ROSA, NOON.replace(year=2000), 99),
    "cards.of": lambda unit, x: unit.cards.of(x.note.id),
    "cards.forms": lambda unit, x: unit.cards.forms(x.note.id),
    "cards.notices": lambda unit, x: unit.cards.notices(x.note.id),
    "cards.notices_to": lambda unit, x: unit.cards.notices_to(ROSA),
    "cards.review_cards": lambda unit, x: unit.cards.review_cards(x.note.id),
    "documents.of": lambda unit, x: unit.documents.of(x.note.id),
    "ledger.of": lambda unit, x: unit.ledger.of(x.note.id),
    "ledger.due": lambda unit, x: unit.ledger.due(NOON.replace(year=2100), 99),
    "ledger.listed": lambda unit, x: unit.ledger.listed((), "", 99),
    "ledger.counts": lambda unit, x: unit.ledger.counts(),
    "audit.acts": lambda unit, x: unit.audit.acts(),
    "audit.acts of a note": lambda unit, x: unit.audit.acts(x.note.id),
    "audit.end": lambda unit, x: unit.audit.end(),
    "audit.newest": lambda unit, x: unit.audit.newest(99),
    "audit.newest of a note": lambda unit, x: unit.audit.newest(99, Wanted(note_id=x.note.id)),
    "audit.page": lambda unit, x: unit.audit.page(0, 99),
    "audit.page of a person": lambda unit, x: unit.audit.page(0, 99, Wanted(actor=ROSA)),
    "audit.span": lambda unit, x: _some(unit.audit.span(None, None)),
    "calls.usage": lambda unit, x: unit.calls.usage(NOON.replace(year=2000)),
    "plans.get": lambda unit, x: unit.plans.get(CODE),
    "plans.by_id": lambda unit, x: unit.plans.by_id(x.plan),
    "plans.all": lambda unit, x: unit.plans.all(),
    "conversations.of_user": lambda unit, x: unit.conversations.of_user("teams", "rosa"),
    "conversations.by_channel": lambda unit, x: unit.conversations.by_channel("teams", "a:rosa"),
    "conversations.any_of": lambda unit, x: unit.conversations.any_of("teams", "tenant-1"),
    "reviews.of": lambda unit, x: unit.reviews.of(x.note.id),
    "reviews.waiting": lambda unit, x: unit.reviews.waiting(None, 99),
    "reviews.waiting of a supervisor": lambda unit, x: unit.reviews.waiting(MIRIAM, 99),
    "reviews.due": lambda unit, x: unit.reviews.due(NOON.replace(year=2100), 99),
    "reviews.since": lambda unit, x: unit.reviews.since(NOON.replace(year=2000), 99),
    "people.all": lambda unit, x: unit.people.all(),
    "people.revision": lambda unit, x: unit.people.revision(),
    "examples.of_format": lambda unit, x: unit.examples.of_format("soap", 99),
    "examples.get": lambda unit, x: unit.examples.get(EXAMPLE.id),
    "formats.known": lambda unit, x: unit.formats.known(),
    "notes.unsigned": lambda unit, x: unit.notes.unsigned(ROSA, 99),
    "notes.recent": lambda unit, x: unit.notes.recent(ROSA, State.APPROVED, 99),
    "appointments.get": lambda unit, x: unit.appointments.get(BOOKED.id),
    "appointments.of_note": lambda unit, x: unit.appointments.of_note(x.note.id),
    "appointments.known": lambda unit, x: _known(unit),
    "appointments.on_day": lambda unit, x: unit.appointments.on_day(ROSA, "JD-014", NOON.date()),
    "appointments.waiting": lambda unit, x: unit.appointments.waiting(ROSA, NOON.replace(year=2100), 99),
    "appointments.standing": lambda unit, x: unit.appointments.standing(NOON.replace(year=2100)),
    "appointments.between": lambda unit, x: unit.appointments.between(
        ROSA, NOON.replace(year=2000), NOON.replace(year=2100), 99
    ),
    "appointments.spans": lambda unit, x: unit.appointments.spans(
        None, NOON.replace(year=2000), NOON.replace(year=2100)
    ),
    "batches.get": lambda unit, x: unit.batches.get(BATCH.id),
    "batches.by_source": lambda unit, x: unit.batches.by_source(BATCH.source),
    "batches.open_ones": lambda unit, x: unit.batches.open_ones(99),
    "batches.notes_of": lambda unit, x: unit.batches.notes_of(BATCH.id),
    "choices.of": lambda unit, x: _chosen(unit),
    "choices.all": lambda unit, x: unit.choices.all(),
    "reminders.settled": lambda unit, x: unit.reminders.settled("day", NOON.date()),
    "measures.since": lambda unit, x: unit.measures.since(NOON.replace(year=2000), None, 99),
}
CHANGED_NOTHING: dict[str, Ask] = {
    "notes.save": lambda unit, x: unit.notes.save(
        replace(x.note, practice_id=OURS, left_out=(1,)), replace(x.note, practice_id=OURS)
    ),
    "notes.purge": lambda unit, x: unit.notes.purge(x.note.id),
    "seen.forget": lambda unit, x: unit.seen.forget(NOON.replace(year=2100)),
    "cards.remember": lambda unit, x: unit.cards.remember(x.note.id, CARD, form=True),
    "cards.forget": lambda unit, x: unit.cards.forget(x.note.id, CARD),
    "cards.remember_notice": lambda unit, x: unit.cards.remember_notice(Notice(x.note.id, ROSA, CARD)),
    "cards.remember_review": lambda unit, x: unit.cards.remember_review(ReviewCard(x.note.id, None, CARD)),
    "cards.forget_review": lambda unit, x: unit.cards.forget_review(ReviewCard(x.note.id, None, CARD)),
    "cards.forget_notice": lambda unit, x: unit.cards.forget_notice(Notice(x.note.id, ROSA, CARD)),
    "documents.add": lambda unit, x: unit.documents.add(x.note.id, {"txt": b"mine now"}),
    "ledger.open": lambda unit, x: unit.ledger.open(x.note.id, ["share"], NOON),
    "ledger.lead": lambda unit, x: unit.ledger.lead(x.note.id, "folder", NOON),
    "ledger.lease": lambda unit, x: unit.ledger.lease(x.note.id, "folder", "w9", NOON, 60),
    "ledger.failed": lambda unit, x: unit.ledger.failed(
        x.note.id, "folder", "w9", FilingState.REFUSED, "x", NOON, NOON
    ),
    "ledger.put_off": lambda unit, x: unit.ledger.put_off(x.note.id, "folder", NOON),
    "ledger.stored": lambda unit, x: unit.ledger.stored(x.note.id, "folder", Receipt("r", "ab" * 32, "stored", NOON)),
    "ledger.again": lambda unit, x: unit.ledger.again(x.note.id, "folder", NOON, absent=False),
    "calls.ended": lambda unit, x: unit.calls.ended("c1", Outcome("failed", "m", 1, 1, 1, 1), NOON),
    "plans.save": lambda unit, x: unit.plans.save(plan_of("mine now", CODE), plan_of("theirs", CODE)),
    "reviews.put": lambda unit, x: unit.reviews.put(replace(review_of(x.note), supervisors=(ROSA,))),
    "people.save": lambda unit, x: unit.people.save(Member(MEMBER.person, None, 0), 1, ROSA, NOON),
    "examples.remove": lambda unit, x: unit.examples.remove(EXAMPLE.id, NOON),
    "appointments.save": lambda unit, x: unit.appointments.save(replace(BOOKED, wanted=False), BOOKED),
    "appointments.remove": lambda unit, x: unit.appointments.remove(BOOKED.id),
    "batches.save": lambda unit, x: unit.batches.save(replace(BATCH, current=1), BATCH),
    "choices.save": lambda unit, x: unit.choices.save(Preferences(ROSA, revision=1), NOON),
    "reminders.done": lambda unit, x: unit.reminders.done(MIRIAM, "day", NOON.date(), "w1", NOON),
    "reminders.release": lambda unit, x: unit.reminders.release(MIRIAM, "day", NOON.date(), "w1"),
    "reminders.forget": lambda unit, x: unit.reminders.forget(NOON.date().replace(year=2100)),
    "measures.put": lambda unit, x: unit.measures.put(measure_of(x.note, 999)),
}


async def theirs_in(database: SqlDatabase) -> Theirs:
    """A note with everything that can hang on one, a plan, a conversation: all of the other practice."""
    note = await stored(database, note_of(THEIRS, client_code=CODE, source=SOURCE))
    draft = await saved(database, drafted(note), note)
    final = await saved(database, signed(draft), draft)
    async with database.writing(THEIRS) as unit:
        await unit.documents.add(final.id, {"txt": b"theirs"})
        await unit.cards.remember(final.id, CARD)
        await unit.cards.remember(final.id, replace(CARD, ts="9.8"), form=True)
        await unit.cards.remember_notice(Notice(final.id, ROSA, replace(CARD, ts="9.7")))
        await unit.cards.remember_review(ReviewCard(final.id, None, replace(CARD, ts="9.6")))
        await unit.ledger.open(final.id, ["folder"], NOON)
        await unit.audit.append(act_on(final, "signed"))
        await unit.calls.take(Call("c1", final.id, "draft", NOON), Limits(), 60)
        await unit.plans.save(plan_of("theirs", CODE), None)
        await unit.conversations.remember(talk_with("rosa"), NOON)
        await unit.seen.first_time("delivery", NOON)
        await unit.reviews.put(review_of(final))
        await unit.people.save(MEMBER, 0, MIRIAM, NOON)
        await unit.examples.add(EXAMPLE)
        await unit.formats.add(FORMAT)
        await unit.appointments.add(BOOKED, NOON)
        await unit.appointments.add(session_of(hour=15, note_id=final.id), NOON)
        await unit.batches.add(BATCH)
        await unit.choices.save(Preferences(ROSA, minutes_before=9), NOON)
        assert await unit.reminders.claim(ROSA, "day", NOON.date(), "w1", NOON, 60)
        assert await unit.reminders.done(ROSA, "day", NOON.date(), "w1", NOON)
        assert await unit.reminders.claim(MIRIAM, "day", NOON.date(), "w1", NOON, 60)
        await unit.measures.put(measure_of(final))
        plan = await unit.plans.id_of(CODE)
        await unit.commit()
    await stored(database, note_of(THEIRS, batch=BATCH.id, position=1))
    return Theirs(final, plan)


def rows_of(database: SqlDatabase, practice: str) -> dict[str, list[tuple[object, ...]]]:
    engine = create_engine(database.writers.engine.url)
    try:
        with engine.connect() as connection:
            return {
                table.name: [tuple(r) for r in connection.execute(select(table).where(table.c.practice_id == practice))]
                for table in metadata.sorted_tables
                if "practice_id" in table.c
            }
    finally:
        engine.dispose()


NONE_THERE = ("notes.waiting", "notes.linked_to", "calls.usage")
# What begins with nothing of anybody's: it names no row that is there already.
OF_ONES_OWN = {
    "notes.code_of",  # a part of the ledger's question, on its connection
    "notes.add",
    "audit.append",
    "audit.verify",
    "seen.first_time",
    "calls.take",
    "conversations.remember",
    "plans.id_of",
    "audit.public_key",  # of the practice's own key; that each has another is held below
    "audit.sign",
    "examples.add",
    "formats.add",
    "appointments.add",
    "batches.add",
    "reminders.claim",
}


class IsolationContract:
    async def test_no_question_and_no_write_is_left_out(self, database: SqlDatabase) -> None:
        async with database.reading(OURS) as unit:
            repositories = {name: found for name, found in vars(unit).items() if not name.startswith("_")}
        methods = {
            f"{name}.{method}"
            for name, repository in repositories.items()
            for method in dir(repository)
            if not method.startswith("_") and callable(getattr(repository, method))
        }
        covered = {case.partition(" ")[0] for case in (*FOUND_NOTHING, *CHANGED_NOTHING, *OF_ONES_OWN)}
        assert sorted(covered ^ methods) == []

    async def test_every_question_about_another_practices_rows_finds_nothing(
        self, database: SqlDatabase, record_property: Callable[[str, Any], None]
    ) -> None:
        known = await theirs_in(database)
        for case, ask in FOUND_NOTHING.items():
            found: object = None
            async with database.reading(OURS) as unit:
                try:
                    found = await ask(unit, known)
                except AfternoteError as error:
                    found = None if error.__class__.__name__ == "NotFound" else error
            record_property(f"table: {TABLE}", f"{case:<28}{'nothing' if not found else 'SOMETHING'}")
            assert not found, case
            async with database.reading(THEIRS) as unit:
                assert await ask(unit, known) or case in NONE_THERE, case

    async def test_every_write_to_another_practices_rows_changes_nothing_of_theirs(
        self, database: SqlDatabase, record_property: Callable[[str, Any], None]
    ) -> None:
        known = await theirs_in(database)
        before = rows_of(database, THEIRS)
        for case, ask in CHANGED_NOTHING.items():
            try:
                async with database.writing(OURS) as unit:
                    await ask(unit, known)
                    await unit.commit()
                how = "nothing"
            except AfternoteError as error:
                how = f"refused ({type(error).__name__})"
            same = rows_of(database, THEIRS) == before
            record_property(f"table: {TABLE}", f"{case:<28}{how if same else 'CHANGED THEIRS'}")
            assert same, case

    async def test_the_same_delivery_is_new_to_each_practice(self, database: SqlDatabase) -> None:
        await theirs_in(database)
        async with database.writing(OURS) as unit:
            assert await unit.seen.first_time("delivery", NOON)
            await unit.commit()

    async def test_one_practices_plan_does_not_open_under_anothers_key(self, database: SqlDatabase) -> None:
        ours: Plan = plan_of("ours", CODE)
        await theirs_in(database)
        async with database.writing(OURS) as unit:
            await unit.plans.save(ours, None)
            assert await unit.plans.get(CODE) == ours
            await unit.commit()
        async with database.reading(THEIRS) as unit:
            kept = await unit.plans.get(CODE)
        assert kept
        assert kept.frequency == "theirs"

    async def test_an_id_that_both_use_is_a_thing_of_each(self, database: SqlDatabase) -> None:
        await theirs_in(database)
        before = rows_of(database, THEIRS)
        async with database.writing(OURS) as unit:
            await unit.examples.add(replace(EXAMPLE, text="Ours."))
            await unit.formats.add(replace(FORMAT, definition='{"ours": 1}', sha256="cd" * 32))
            await unit.people.save(replace(MEMBER, person=replace(MEMBER.person, name="Ours")), 0, ROSA, NOON)
            await unit.commit()
        assert rows_of(database, THEIRS) == before
        async with database.reading(OURS) as unit:
            kept = await unit.examples.get(EXAMPLE.id)
            assert kept
            assert kept.text == "Ours."
            assert [member.person.name for member in await unit.people.all()] == ["Ours"]
            ours = await unit.audit.public_key()
        async with database.reading(THEIRS) as unit:
            assert await unit.audit.public_key() != ours
