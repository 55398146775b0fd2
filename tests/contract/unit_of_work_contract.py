"""What every unit of work promises, inherited by the tests of each implementation.

A subclass gives the fixture `database` and, in `change_an_audit_row`, the nearest thing to an intruder's raw SQL.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.errors import NotFound, Stale
from bot.domain.filing import FilingState, Receipt
from bot.domain.ids import NoteId, PersonId, PracticeId, new_note_id
from bot.domain.links import Link, LinkKind
from bot.domain.note import Asked, Note, Session, Signature, State
from bot.domain.people import Account, Person, Role
from bot.domain.plan import Addressed, Diagnosis, Plan, Status, Wording
from bot.domain.review import Outcome as ReviewOutcome
from bot.domain.roster import Member
from bot.domain.statements import Draft, Origin, Point, Slot, Statement, StatementId, own_words
from bot.domain.supervision import Mode, Supervision
from bot.domain.support import Doubt, Kind
from bot.domain.usage import Call, Limits, Outcome
from bot.ports import Act, Conversation, Database, Notice, Posted, ReviewCard, UnitOfWork
from bot.practice_ports import ReviewRow

OURS, THEIRS = PracticeId("willow"), PracticeId("harbor")
ROSA, OMAR = PersonId("rosa"), PersonId("omar")
NOON = dt.datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=dt.UTC)
NASTY = "🧑🏽‍⚕️ שלום \u202e‏ nul:\x00 bell:\x07 tab:\t crlf:\r\n ﬁ é é '; DROP TABLE notes;--"


def note_of(practice: PracticeId = OURS, **changes: Any) -> Note:
    """A note that waits for its draft."""
    fresh = Note(
        id=new_note_id(),
        practice_id=practice,
        clinician_id=ROSA,
        state=State.DRAFTING,
        format_id="soap",
        summary="Talked about work. Tried box breathing.",
        created_at=NOON,
    )
    return replace(fresh, **changes)


def drafted(note: Note, words: str = "Client talked about work.") -> Note:
    """The same note with its first version."""
    statement = Statement(StatementId("s1"), Slot.REPORT, words, (1,), Origin.MODEL)
    points = (Point(1, "Talked about work."), Point(2, "Tried box breathing."))
    return note.drafted(Draft(points, (statement,), Origin.MODEL))


def signed(note: Note) -> Note:
    """The same draft, signed by its clinician."""
    attestation = "I wrote this."
    signature = Signature(
        ROSA, "Rosa Delgado", "LPC", "clinician", NOON, note.version, note.version_hash(), attestation
    )
    return note.signed(signature)


def act_on(note: Note, act: str = "started") -> Act:
    """A line for the audit log."""
    return Act(ROSA, act, note.id, note.version, "", NOON, "slack")


def talk_with(user: str, **changes: str) -> Conversation:
    """How somebody is reached in Teams."""
    fresh = Conversation("teams", "tenant-1", user, f"a:{user}", "https://one.example/amer/", "28:bot")
    return replace(fresh, **changes)


async def stored(database: Database, note: Note) -> Note:
    """The note, after it was added and committed."""
    async with database.writing(note.practice_id) as unit:
        await unit.notes.add(note)
        await unit.commit()
    return note


async def read(database: Database, note_id: NoteId, practice: PracticeId = OURS) -> Note:
    async with database.reading(practice) as unit:
        return await unit.notes.get(note_id)


async def saved(database: Database, note: Note, seen: Note) -> Note:
    """The note, after it replaced `seen`."""
    async with database.writing(note.practice_id) as unit:
        await unit.notes.save(note, seen)
        await unit.commit()
    return note


ATTACHMENTS: list[Callable[[UnitOfWork, NoteId], Awaitable[object]]] = [
    lambda unit, note_id: unit.cards.remember(note_id, Posted("slack", "T1", "D1", "1.2")),
    lambda unit, note_id: unit.documents.add(note_id, {"txt": b"final"}),
    lambda unit, note_id: unit.ledger.open(note_id, ["ehr"], NOON),
    lambda unit, note_id: unit.ledger.failed(note_id, "ehr", "w1", FilingState.PENDING, "x", NOON, NOON),
    lambda unit, note_id: unit.ledger.stored(note_id, "ehr", Receipt("r", "h", "stored", NOON)),
    lambda unit, note_id: unit.ledger.again(note_id, "ehr", NOON, absent=True),
]


def member(name: str, key: str = "robin", credentials: str = "LPC", slack: str = "U7") -> Member:
    accounts = (Account("slack", slack), Account("teams", "00000000-0000-4000-8000-000000000007"))
    roles = frozenset({Role.CLINICIAN, Role.SUPERVISOR})
    return Member(Person(PersonId(key), name, credentials, roles, "America/Denver", "dap", accounts))


class UnitOfWorkContract:
    async def change_an_audit_row(self, database: Database, practice: PracticeId, seq: int) -> None:
        """Change what row `seq` says, behind the back of the ports."""
        raise NotImplementedError

    async def test_a_note_comes_back_as_it_was(self, database: Database) -> None:
        session = Session(dt.date(2026, 3, 1), dt.time(14, 30, 15), 53, "couples", "telehealth")
        note = note_of(summary=NASTY, client_code="JD-014", session=session, source="slack:E1", left_out=(2, 5))
        await stored(database, note)
        assert await read(database, note.id) == note
        draft = await saved(database, drafted(note, NASTY), note)
        assert await read(database, note.id) == draft
        final = await saved(database, signed(draft), draft)
        assert await read(database, note.id) == final
        assert (await read(database, note.id)).signatures[0].at.utcoffset() == dt.timedelta(0)

    async def test_a_writer_sees_its_own_writes_at_once(self, database: Database) -> None:
        note = note_of(source="slack:E1")
        async with database.writing(OURS) as unit:
            await unit.notes.add(note)
            assert await unit.notes.get(note.id) == note
            assert await unit.notes.by_source("slack:E1") == note.id
            await unit.notes.save(drafted(note), note)
            assert await unit.notes.get(note.id) == drafted(note)

    async def test_leaving_without_commit_rolls_back(self, database: Database) -> None:
        kept, note = await stored(database, note_of()), note_of()
        async with database.writing(OURS) as unit:
            await unit.notes.add(note)
            await unit.notes.save(drafted(kept), kept)
            await unit.audit.append(act_on(note))
            assert await unit.seen.first_time("E1", NOON)
        async with database.reading(OURS) as unit:
            with pytest.raises(NotFound):
                await unit.notes.get(note.id)
            assert await unit.notes.get(kept.id) == kept
            assert await unit.audit.acts() == []
        async with database.writing(OURS) as unit:
            assert await unit.seen.first_time("E1", NOON)

    async def test_an_error_rolls_back(self, database: Database) -> None:
        note = note_of()

        async def fail() -> None:
            async with database.writing(OURS) as unit:
                await unit.notes.add(note)
                assert await unit.notes.get(note.id)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        with pytest.raises(NotFound):
            await read(database, note.id)

    async def test_a_cancelled_writer_rolls_back_and_lets_the_next_one_in(self, database: Database) -> None:
        note, inside = note_of(), asyncio.Event()

        async def write() -> None:
            async with database.writing(OURS) as unit:
                await unit.notes.add(note)
                await unit.notes.get(note.id)
                inside.set()
                while True:
                    await unit.notes.in_states([State.DRAFTING], 5)
                    await asyncio.sleep(0)

        writer = asyncio.create_task(write())
        await inside.wait()
        writer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writer
        other = await stored(database, note_of())
        assert await read(database, other.id) == other
        with pytest.raises(NotFound):
            await read(database, note.id)

    async def test_a_unit_is_over_after_its_commit(self, database: Database) -> None:
        async with database.writing(OURS) as unit:
            await unit.commit()
            with pytest.raises(RuntimeError):
                await unit.notes.add(note_of())

    async def test_reading_refuses_to_write(self, database: Database) -> None:
        note = await stored(database, note_of())
        async with database.reading(OURS) as unit:
            with pytest.raises(RuntimeError):
                await unit.notes.add(note_of())
            with pytest.raises(RuntimeError):
                await unit.notes.save(drafted(note), note)
            with pytest.raises(RuntimeError):
                await unit.seen.first_time("E1", NOON)
            with pytest.raises(RuntimeError):
                await unit.conversations.remember(talk_with("rosa"), NOON)
            with pytest.raises(RuntimeError):
                await unit.commit()
        assert await read(database, note.id) == note

    async def test_a_reader_keeps_its_snapshot_and_does_not_wait(self, database: Database) -> None:
        note = await stored(database, note_of())
        async with database.reading(OURS) as reader:
            assert await reader.notes.in_states([State.DRAFTING], 9) == [note.id]
            async with database.writing(OURS) as writer:
                await writer.notes.save(drafted(note), note)
                assert await reader.notes.in_states([State.DRAFTING], 9) == [note.id]
                await writer.commit()
            assert await reader.notes.in_states([State.DRAFTING], 9) == [note.id]
        assert await read(database, note.id) == drafted(note)

    async def test_a_unit_needs_a_practice(self, database: Database) -> None:
        with pytest.raises(ValueError, match="practice"):
            async with database.reading(PracticeId("")):
                pass

    async def test_another_practices_note_is_not_found(self, database: Database) -> None:
        note = await stored(database, note_of(client_code="JD-014", source="slack:E1"))
        async with database.writing(OURS) as unit:
            await unit.ledger.open(note.id, ["ehr"], NOON)
            await unit.cards.remember(note.id, Posted("slack", "T1", "D1", "1.2"))
            await unit.documents.add(note.id, {"txt": b"final"})
            await unit.audit.append(act_on(note))
            assert await unit.seen.first_time("E1", NOON)
            await unit.commit()
        async with database.writing(THEIRS) as unit:
            with pytest.raises(NotFound):
                await unit.notes.get(note.id)
            with pytest.raises(NotFound):
                await unit.notes.save(drafted(note), note)
            with pytest.raises(NotFound):
                await unit.notes.add(note_of(OURS))
            assert await unit.notes.by_source("slack:E1") is None
            assert await unit.notes.in_states(list(State), 10) == []
            assert await unit.notes.client_codes(ROSA, "", 10) == []
            assert await unit.cards.of(note.id) == []
            assert await unit.documents.of(note.id) == {}
            assert list(await unit.ledger.of(note.id)) == []
            assert list(await unit.ledger.due(NOON, 10)) == list(await unit.ledger.listed([], "", 10)) == []
            with pytest.raises(NotFound):
                await unit.ledger.lease(note.id, "ehr", "w1", NOON, 60)
            assert await unit.audit.acts() == []
            assert await unit.seen.first_time("E1", NOON)

    @pytest.mark.parametrize("attach", ATTACHMENTS)
    async def test_nothing_can_be_attached_to_another_practices_note(
        self, database: Database, attach: Callable[[UnitOfWork, NoteId], Awaitable[object]]
    ) -> None:
        note = await stored(database, note_of())

        async def try_it() -> None:
            async with database.writing(THEIRS) as unit:
                await attach(unit, note.id)
                await unit.commit()

        with pytest.raises(NotFound):
            await try_it()

    async def test_save_refuses_who_saw_an_older_note(self, database: Database) -> None:
        note = await stored(database, note_of())
        draft = await saved(database, drafted(note), note)
        for late in (drafted(note), replace(note, client_code="JD-1"), draft):
            with pytest.raises(Stale):
                await saved(database, late, note)
        # What has no version of its own counts too.
        aside = await saved(database, replace(draft, left_out=(2,)), draft)
        with pytest.raises(Stale):
            await saved(database, draft.discarded(), draft)
        assert await read(database, note.id) == aside

    async def test_save_after_stale_can_be_tried_again_in_the_same_unit(self, database: Database) -> None:
        note = await stored(database, note_of())
        async with database.writing(OURS) as unit:
            with pytest.raises(Stale):
                await unit.notes.save(drafted(note), replace(note, summary="other"))
            now = await unit.notes.get(note.id)
            await unit.notes.save(drafted(now), now)
            await unit.commit()
        assert await read(database, note.id) == drafted(note)

    async def test_save_refuses_another_note_and_a_lost_signature(self, database: Database) -> None:
        final = await stored(database, signed(drafted(note_of())))
        with pytest.raises(ValueError, match="own next value"):
            await saved(database, note_of(), final)
        with pytest.raises(ValueError, match="signature"):
            await saved(database, replace(final, signatures=()), final)
        assert await read(database, final.id) == final

    async def test_of_two_writers_one_has_the_effect(self, database: Database) -> None:
        for _ in range(200):
            draft = await stored(database, drafted(note_of()))

            async def write(words: str, draft: Note = draft) -> Note | None:
                try:
                    revised = draft.revised([own_words(words, Slot.REPORT)], draft.version)
                    return await saved(database, revised, draft)
                except Stale:
                    return None

            results = await asyncio.gather(write("one"), write("two"))
            winners = [note for note in results if note is not None]
            assert len(winners) == 1
            assert await read(database, draft.id) == winners[0]

    async def test_writers_that_read_first_take_turns(self, database: Database) -> None:
        draft = await stored(database, drafted(note_of()))

        async def write(number: int) -> None:
            async with database.writing(OURS) as unit:
                note = await unit.notes.get(draft.id)
                words = [*note.statements, own_words(str(number), Slot.PLAN)]
                await unit.notes.save(note.revised(words, note.version), note)
                await unit.audit.append(act_on(note, "revised"))
                await unit.commit()

        await asyncio.gather(*(write(number) for number in range(20)))
        note = await read(database, draft.id)
        assert note.version == 21
        assert {s.text for s in note.statements[1:]} == {str(number) for number in range(20)}

    async def test_a_source_starts_one_note(self, database: Database) -> None:
        note = await stored(database, note_of(source="slack:E1"))
        await stored(database, note_of(THEIRS, source="slack:E1"))
        with pytest.raises(Stale):
            await stored(database, note_of(source="slack:E1"))
        await stored(database, note_of(source=""))
        await stored(database, note_of(source=""))
        async with database.reading(OURS) as unit:
            assert await unit.notes.by_source("slack:E1") == note.id
            assert await unit.notes.by_source("slack:E2") is None
            assert await unit.notes.by_source("") is None

    async def test_one_delivery_many_times_at_once_starts_one_note(self, database: Database) -> None:
        async def deliver() -> bool:
            note = note_of(source="slack:E1")
            try:
                async with database.writing(OURS) as unit:
                    if await unit.notes.by_source(note.source):
                        return False
                    await unit.notes.add(note)
                    await unit.audit.append(act_on(note))
                    await unit.commit()
            except Stale:
                return False
            return True

        assert sum(await asyncio.gather(*(deliver() for _ in range(10)))) == 1
        async with database.reading(OURS) as unit:
            assert len(await unit.audit.acts()) == 1

    async def test_in_states_gives_the_oldest_first(self, database: Database) -> None:
        notes = [note_of(created_at=NOON + dt.timedelta(minutes=minute)) for minute in (3, 1, 2)]
        for note in notes:
            await stored(database, note)
        draft = await saved(database, drafted(notes[1]), notes[1])
        async with database.reading(OURS) as unit:
            assert await unit.notes.in_states([State.DRAFTING], 9) == [notes[2].id, notes[0].id]
            both = await unit.notes.in_states([State.DRAFTING, State.DRAFT], 2)
            assert both == [draft.id, notes[2].id]
            assert await unit.notes.in_states([], 9) == []

    async def test_client_codes_by_prefix_most_recent_first(self, database: Database) -> None:
        for minute, code in enumerate(["JD-014", "jd-200", "MK-1", "JD-014", "Ünal-1"]):
            await stored(database, note_of(client_code=code, created_at=NOON + dt.timedelta(minutes=minute)))
        await stored(database, note_of(client_code="JD-999", clinician_id=OMAR))
        async with database.reading(OURS) as unit:
            assert await unit.notes.client_codes(ROSA, "Jd", 9) == ["JD-014", "jd-200"]
            assert await unit.notes.client_codes(ROSA, "", 3) == ["Ünal-1", "JD-014", "MK-1"]
            assert await unit.notes.client_codes(ROSA, "ü", 3) == ["Ünal-1"]
            assert await unit.notes.client_codes(ROSA, "x", 3) == []

    async def test_a_client_of_years_ago_is_found_when_no_later_one_fits(self, database: Database) -> None:
        codes = ["JD-01", "MK-9", *(f"JD-{number}" for number in range(100, 160)), "JD-011"]
        async with database.writing(OURS) as unit:
            for minute, code in enumerate(codes):
                await unit.notes.add(note_of(client_code=code, created_at=NOON + dt.timedelta(minutes=minute)))
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.notes.client_codes(ROSA, "jd-01", 9) == ["JD-011"]
            assert await unit.notes.client_codes(ROSA, "JD-01", 9) == ["JD-01", "JD-011"]
            assert await unit.notes.client_codes(ROSA, "mk", 9) == ["MK-9"]
            assert await unit.notes.client_codes(ROSA, "JD", 3) == ["JD-011", "JD-159", "JD-158"]
            assert await unit.notes.client_codes(ROSA, "x", 9) == []

    async def test_a_slip_of_a_client_code_is_not_offered_again(self, database: Database) -> None:
        draft = await stored(database, drafted(note_of(client_code="JD-041")))
        right = await saved(database, draft.described("JD-014", draft.session), draft)
        other = await stored(database, note_of(client_code="MK-9"))
        async with database.writing(OURS) as unit:
            await unit.notes.save(other.discarded(), other)
            assert await unit.notes.client_codes(ROSA, "", 9) == ["JD-014"]
            await unit.notes.save(right.discarded(), right)
            assert await unit.notes.client_codes(ROSA, "", 9) == []

    async def test_cards_are_remembered_once_in_order(self, database: Database) -> None:
        note = await stored(database, note_of())
        first, second = Posted("slack", "T1", "D1", "9.1"), Posted("slack", "T1", "C2", "1.2")
        form = Posted("teams", "T1", "D1", "2.1")
        for posted in (first, second, first, form):
            async with database.writing(OURS) as unit:
                await unit.cards.remember(note.id, posted, form=posted == form)
                await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.cards.of(note.id) == [first, second]
            assert await unit.cards.forms(note.id) == [form]
        for posted in (form, form, first):
            async with database.writing(OURS) as unit:
                await unit.cards.forget(note.id, posted)
                await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.cards.forms(note.id) == []
            assert await unit.cards.of(note.id) == [first, second]

    async def test_what_administrators_were_told_is_kept_apart_from_the_notes_cards(self, database: Database) -> None:
        note, other = await stored(database, note_of()), await stored(database, note_of())
        card = Posted("slack", "T1", "D1", "1.1")
        told = Notice(note.id, OMAR, Posted("slack", "T1", "D2", "1.2"))
        elsewhere = Notice(other.id, OMAR, Posted("teams", "T2", "D2", "1.3"))
        board = Notice(note.id, OMAR, Posted("slack", "T1", "D2", "1.4"), board=True)
        to_rosa = Notice(note.id, ROSA, Posted("slack", "T1", "D3", "1.5"))
        async with database.writing(OURS) as unit:
            await unit.cards.remember(note.id, card)
            for notice in (told, elsewhere, board, to_rosa):
                await unit.cards.remember_notice(notice)
            await unit.commit()
        async with database.writing(OURS) as unit:
            assert await unit.cards.of(note.id) == [card]
            assert await unit.cards.forms(note.id) == []
            assert await unit.cards.notices(note.id) == [told, board, to_rosa]
            assert await unit.cards.notices_to(OMAR) == [told, elsewhere, board]
            await unit.cards.forget(note.id, told.posted)  # a form at that address, which there is not
            await unit.cards.forget_notice(board)
            await unit.cards.forget_notice(board)
            await unit.cards.forget_notice(Notice(note.id, ROSA, card))  # the note's own card is no notice
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.cards.notices(note.id) == [told, to_rosa]
            assert await unit.cards.notices_to(OMAR) == [told, elsewhere]
            assert await unit.cards.of(note.id) == [card]
        async with database.reading(THEIRS) as unit:
            assert await unit.cards.notices(note.id) == await unit.cards.notices_to(OMAR) == []

    async def test_what_is_said_of_a_review_is_kept_apart_from_all_other_cards(self, database: Database) -> None:
        note = await stored(database, note_of())
        other = await stored(database, note_of(source="slack:2"))
        elsewhere = ReviewCard(other.id, None, Posted("slack", "T1", "C1", "1.4"))
        in_channel = ReviewCard(note.id, None, Posted("slack", "T1", "C1", "1.1"))
        to_omar = ReviewCard(note.id, OMAR, Posted("slack", "T1", "D2", "1.2"))
        told = Notice(note.id, OMAR, Posted("slack", "T1", "D2", "1.3"))
        async with database.writing(OURS) as unit:
            for card in (in_channel, to_omar, to_omar, elsewhere):
                await unit.cards.remember_review(card)
            await unit.cards.remember_notice(told)
            await unit.commit()
        async with database.writing(OURS) as unit:
            assert await unit.cards.review_cards(note.id) == [in_channel, to_omar]
            assert await unit.cards.review_cards(other.id, note.id) == [in_channel, to_omar, elsewhere]
            assert await unit.cards.review_cards() == []
            assert await unit.cards.notices(note.id) == await unit.cards.notices_to(OMAR) == [told]
            assert await unit.cards.of(note.id) == []
            await unit.cards.forget_notice(Notice(note.id, OMAR, to_omar.posted))  # it is no notice
            await unit.cards.forget_review(in_channel)
            await unit.cards.forget_review(in_channel)
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.cards.review_cards(note.id) == [to_omar]
        async with database.reading(THEIRS) as unit:
            assert await unit.cards.review_cards(note.id) == []

    async def test_people_are_kept_as_they_were_set_and_a_second_change_of_the_same_is_refused(
        self, database: Database
    ) -> None:
        robin, supervision = member("Robin Ünal", "robin"), Supervision(PersonId("robin"), (OMAR,), Mode.SAMPLE)
        held = replace(supervision, since=NOON.date(), until=NOON.date(), sample_percent=20)
        async with database.writing(OURS) as unit:
            assert (await unit.people.all(), await unit.people.revision()) == ([], 0)
            await unit.people.save(robin, 0, None, NOON)
            await unit.people.save(member("Abel", "abel"), 0, ROSA, NOON)
            await unit.commit()
        async with database.writing(OURS) as unit:
            assert await unit.people.all() == [replace(member("Abel", "abel"), revision=1), replace(robin, revision=1)]
            changed = replace(robin, supervision=held, person=replace(robin.person, active=False))
            await unit.people.save(changed, 1, ROSA, NOON)
            await unit.commit()
        for seen in (0, 1, 3):
            with pytest.raises(Stale, match="stale_person"):
                async with database.writing(OURS) as unit:
                    await unit.people.save(robin, seen, ROSA, NOON)
        async with database.reading(OURS) as unit:
            assert await unit.people.revision() == 3
            assert (await unit.people.all())[1] == replace(changed, revision=2)
        async with database.reading(THEIRS) as unit:
            assert (await unit.people.all(), await unit.people.revision()) == ([], 0)

    async def test_who_changes_people_waits_for_who_looked_at_them_first(self, database: Database) -> None:
        """Two who each leave the other as the last one: the second sees what the first did."""

        async def add_if_alone(name: str) -> bool:
            async with database.writing(OURS) as unit:
                alone = not await unit.people.all()
                await asyncio.sleep(0.05)
                if alone:
                    await unit.people.save(member(name, name), 0, None, NOON)
                    await unit.commit()
                return alone

        assert sorted(await asyncio.gather(*(add_if_alone(name) for name in ("abel", "bea", "cy")))) == [
            False,
            False,
            True,
        ]

    async def test_rounds_of_review_are_found_by_who_is_asked_and_by_when_something_is_due(
        self, database: Database
    ) -> None:
        ids = [(await stored(database, note_of(source=f"slack:r{number}"))).id for number in range(3)]
        first, second, third = (round_of(note_id, number) for number, note_id in enumerate(ids))
        over = replace(third, outcome=ReviewOutcome.CHANGES, decided_by=OMAR, decided_at=NOON, next_at=None)
        again = replace(
            third, round=2, findings=("progress", "risk"), changed=250, asked_at=NOON + dt.timedelta(days=1)
        )
        async with database.writing(OURS) as unit:
            for row in (second, first, third, over, again, replace(first, supervisors=(ROSA, OMAR), stage=2)):
                await unit.reviews.put(row)
            await unit.commit()
        first = replace(first, supervisors=(ROSA, OMAR), stage=2)
        async with database.reading(OURS) as unit:
            assert await unit.reviews.of(ids[2]) == [over, again]
            assert await unit.reviews.of(ids[0]) == [first]
            assert await unit.reviews.waiting(None, 10) == [first, second, again]
            assert await unit.reviews.waiting(ROSA, 10) == [first]
            assert await unit.reviews.waiting(OMAR, 2) == [first, second]
            assert await unit.reviews.due(second.next_at or NOON, 10) == [first, second]
            assert await unit.reviews.due(NOON - dt.timedelta(days=1), 10) == []
            assert await unit.reviews.since(NOON + dt.timedelta(hours=2), 10) == [again, over]
            assert await unit.reviews.since(NOON, 1) == [again]
        async with database.reading(THEIRS) as unit:
            assert await unit.reviews.waiting(None, 10) == await unit.reviews.of(ids[0]) == []
        async with database.writing(THEIRS) as unit:
            with pytest.raises(NotFound):
                await unit.reviews.put(first)

    async def test_documents_keep_every_byte_and_the_first_rendering(self, database: Database) -> None:
        note = await stored(database, note_of())
        pdf = bytes(range(256)) * 1000
        for files in ({"pdf": pdf, "txt": NASTY.encode()}, {"pdf": b"rendered again"}):
            async with database.writing(OURS) as unit:
                await unit.documents.add(note.id, files)
                await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.documents.of(note.id) == {"pdf": pdf, "txt": NASTY.encode()}

    async def test_the_audit_log_keeps_order_and_holds(self, database: Database) -> None:
        note, other = note_of(), note_of()
        acts = [act_on(note), act_on(other), Act(None, "filed", note.id, 3, "ab" * 32, NOON), act_on(note, NASTY[:6])]
        async with database.reading(OURS) as unit:
            assert await unit.audit.verify() is None
        for act in acts:
            async with database.writing(OURS) as unit:
                await unit.audit.append(act)
                await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.audit.acts() == acts
            assert await unit.audit.acts(note.id) == [acts[0], acts[2], acts[3]]
            assert await unit.audit.verify() is None

    async def test_concurrent_appends_make_one_chain(self, database: Database) -> None:
        async def append(number: int, practice: PracticeId) -> None:
            async with database.writing(practice) as unit:
                await unit.audit.append(act_on(note_of(), f"act {number}"))
                await unit.commit()

        await asyncio.gather(*(append(number, practice) for number in range(30) for practice in (OURS, THEIRS)))
        for practice in (OURS, THEIRS):
            async with database.reading(practice) as unit:
                assert {act.act for act in await unit.audit.acts()} == {f"act {number}" for number in range(30)}
                assert await unit.audit.verify() is None

    async def test_a_changed_audit_row_is_named(self, database: Database) -> None:
        for practice in (OURS, THEIRS):
            async with database.writing(practice) as unit:
                for number in range(5):
                    await unit.audit.append(act_on(note_of(), f"act {number}"))
                await unit.commit()
        await self.change_an_audit_row(database, OURS, 3)
        async with database.reading(OURS) as unit:
            assert await unit.audit.verify() == "The audit log was changed: row 3 does not hold."
        async with database.reading(THEIRS) as unit:
            assert await unit.audit.verify() is None

    async def test_a_delivery_is_new_once(self, database: Database) -> None:
        for expected in (True, False):
            async with database.writing(OURS) as unit:
                assert await unit.seen.first_time("slack:E1", NOON) is expected
                assert await unit.seen.first_time("slack:E1", NOON) is False
                await unit.commit()

    async def test_old_deliveries_are_forgotten(self, database: Database) -> None:
        later = NOON + dt.timedelta(hours=1)
        async with database.writing(OURS) as unit:
            assert await unit.seen.first_time("old", NOON)
            assert await unit.seen.first_time("new", later)
            await unit.seen.forget(later)
            assert await unit.seen.first_time("old", later)
            assert not await unit.seen.first_time("new", later)

    async def test_a_purged_note_is_gone_and_its_traces_tell_nothing(self, database: Database) -> None:
        final = await stored(database, signed(drafted(note_of(client_code="JD-014"))))
        async with database.writing(OURS) as unit:
            await unit.documents.add(final.id, {"txt": b"final"})
            await unit.ledger.open(final.id, ["ehr"], NOON)
            await unit.ledger.stored(final.id, "ehr", Receipt("JD-014/x.pdf", "ab" * 32, "stored", NOON))
            await unit.audit.append(act_on(final, "signed"))
            await unit.notes.purge(final.id)
            await unit.commit()
        async with database.writing(OURS) as unit:
            for gone in (unit.notes.get(final.id), unit.notes.save(final.filing(), final), unit.notes.purge(final.id)):
                with pytest.raises(NotFound):
                    await gone
            assert await unit.notes.in_states(list(State), 9) == []
            assert await unit.notes.client_codes(ROSA, "", 9) == []
            assert await unit.documents.of(final.id) == {}
            (filing,) = await unit.ledger.of(final.id)
            assert filing.receipt == Receipt("", "ab" * 32, "stored", NOON)
            assert len(await unit.audit.acts(final.id)) == 1
            assert await unit.audit.verify() is None

    async def test_everything_of_a_draft_by_a_model_comes_back(self, database: Database) -> None:
        note = await stored(database, note_of())
        doubtful = Statement(
            StatementId("s2"), Slot.RISK, "Denied HI.", (2,), Origin.MODEL, Doubt(Kind.RISK_DENIAL, "HI")
        )
        draft = Draft(
            drafted(note).points, (doubtful,), Origin.MODEL, (replace(doubtful, id=StatementId("s3")),), "draft-1"
        )
        first = await saved(database, note.drafted(draft), note)
        asked = await saved(database, first.asking(Asked("shorter", "plan"), 1), first)
        points = (*asked.points, Point(3, "Own words."))
        reworded = replace(asked.reworded(points, (), ()), suggested_goals=("1", "1a"), goals=(), waived=("goal",))
        assert await read(database, (await saved(database, reworded, asked)).id) == reworded
        assert reworded.before is not None
        assert (await read(database, note.id)).undone().statements == (doubtful,)

    async def test_a_draft_with_a_change_asked_for_waits_until_it_is_reworded(self, database: Database) -> None:
        note = await stored(database, note_of())
        first = await saved(database, drafted(note), note)
        asked = await saved(database, first.asking(Asked("shorter"), 1), first)
        async with database.reading(OURS) as unit:
            assert list(await unit.notes.waiting(10)) == [note.id]
        async with database.reading(THEIRS) as unit:
            assert list(await unit.notes.waiting(10)) == []
        await saved(database, asked.not_reworded("model_busy"), asked)
        async with database.reading(OURS) as unit:
            assert list(await unit.notes.waiting(10)) == []

    async def test_the_notes_of_a_client_are_found_newest_first(self, database: Database) -> None:
        old = await stored(database, note_of(client_code="JD-014", created_at=NOON - dt.timedelta(days=7)))
        new = await stored(database, note_of(client_code="JD-014", clinician_id=OMAR))
        await stored(database, note_of(client_code="JD-020"))
        await stored(database, note_of(practice=THEIRS, client_code="JD-014"))
        async with database.reading(OURS) as unit:
            assert [note.id for note in await unit.notes.of_client("JD-014", 10)] == [new.id, old.id]
            assert [note.id for note in await unit.notes.of_client("JD-014", 1)] == [new.id]
            assert list(await unit.notes.of_client("XX-1", 10)) == []

    async def test_every_note_of_a_client_is_listed_oldest_first(self, database: Database) -> None:
        times = [NOON - dt.timedelta(minutes=minutes) for minutes in range(60)]
        made = [await stored(database, note_of(client_code="JD-014", created_at=at)) for at in times]
        await stored(database, note_of(client_code="JD-020"))
        await stored(database, note_of(practice=THEIRS, client_code="JD-014"))
        async with database.reading(OURS) as unit:
            listed = list(await unit.notes.ids_of_client("JD-014"))
            assert listed == [note.id for note in reversed(made)]
            assert list(await unit.notes.ids_of_client("jd-014")) == listed
            assert list(await unit.notes.ids_of_client("XX-1")) == []
            assert list(await unit.notes.ids_of_client("")) == []

    async def test_a_note_is_found_under_the_client_it_was_given_later(self, database: Database) -> None:
        note = await stored(database, note_of(client_code="JD-014"))
        first = await saved(database, drafted(note), note)
        await saved(database, first.described("MK-003", first.session), first)
        async with database.reading(OURS) as unit:
            assert [found.id for found in await unit.notes.of_client("MK-003", 10)] == [note.id]
            assert list(await unit.notes.of_client("JD-014", 10)) == []

    async def test_what_is_about_a_note_is_found_oldest_first_as_it_was(self, database: Database) -> None:
        of = await stored(database, note_of(client_code="JD-014"))
        links = [Link(kind, of.id, NASTY) for kind in LinkKind]
        begun = [note_of(link=link, created_at=NOON + dt.timedelta(hours=3 - n)) for n, link in enumerate(links)]
        for note in begun:
            await stored(database, note)
        await stored(database, note_of(link=Link(LinkKind.ADDENDUM, new_note_id())))
        await stored(database, note_of(practice=THEIRS, link=Link(LinkKind.ADDENDUM, of.id)))
        async with database.reading(OURS) as unit:
            assert list(await unit.notes.linked_to(of.id)) == begun[::-1]
            assert list(await unit.notes.linked_to(begun[0].id)) == []
            assert [note.id for note in await unit.notes.of_client("JD-014", 10)] == [of.id]

    async def test_what_is_about_a_note_is_there_in_any_state_and_not_once_purged(self, database: Database) -> None:
        of = await stored(database, note_of())
        draft = await stored(database, note_of(link=Link(LinkKind.AMENDMENT, of.id, "why")))
        first = await saved(database, drafted(draft), draft)
        final = await saved(database, signed(first), first)
        async with database.writing(OURS) as unit:
            assert list(await unit.notes.linked_to(of.id)) == [final]
            await unit.notes.save(final.filing(), final)
            assert list(await unit.notes.linked_to(of.id)) == [final.filing()]
            await unit.commit()
        async with database.writing(OURS) as unit:
            await unit.notes.purge(final.id)
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert list(await unit.notes.linked_to(of.id)) == []

    async def test_of_two_who_close_a_note_at_once_the_second_sees_the_first(self, database: Database) -> None:
        """Each holds its own draft, then waits for the note that both are about; none waits for the other's draft."""
        of = await stored(database, note_of())
        drafts = [drafted(note_of(link=Link(LinkKind.AMENDMENT, of.id, "why"))) for _ in range(2)]
        for draft in drafts:
            await stored(database, draft)

        async def close(draft: Note) -> bool:
            async with database.writing(OURS) as unit:
                seen = await unit.notes.get(draft.id)
                await unit.notes.get(of.id)
                if any(note.signatures for note in await unit.notes.linked_to(of.id)):
                    return False
                await asyncio.sleep(0.05)
                await unit.notes.save(signed(seen), seen)
                await unit.commit()
                return True

        assert sorted(await asyncio.gather(*(close(draft) for draft in drafts))) == [False, True]

    async def test_the_notes_of_a_clinician_since_a_time(self, database: Database) -> None:
        await stored(database, note_of(created_at=NOON - dt.timedelta(days=2)))
        new = await stored(database, note_of())
        await stored(database, note_of(clinician_id=OMAR))
        async with database.reading(OURS) as unit:
            since = NOON - dt.timedelta(days=1)
            assert [note.id for note in await unit.notes.of_clinician(ROSA, since, 10)] == [new.id]

    async def test_places_for_the_model_are_limited_and_come_back(self, database: Database) -> None:
        limits = Limits(concurrency=2, per_minute=100)
        assert await take(database, "a", limits) == 0.0
        assert await take(database, "b", limits) == 0.0
        assert await take(database, "c", limits) > 0.0
        await end(database, "a")
        assert await take(database, "c", limits) == 0.0
        assert await take(database, "d", limits, NOON + dt.timedelta(seconds=61)) == 0.0, "leases of the dead run out"

    async def test_calls_within_a_minute_are_limited(self, database: Database) -> None:
        limits = Limits(concurrency=100, per_minute=2)
        assert await take(database, "a", limits) == 0.0
        assert await take(database, "b", limits, NOON + dt.timedelta(seconds=20)) == 0.0
        await end(database, "a")
        wait = await take(database, "c", limits, NOON + dt.timedelta(seconds=30))
        assert wait == pytest.approx(30.0)
        assert await take(database, "c", limits, NOON + dt.timedelta(seconds=60.5)) == 0.0

    async def test_a_plan_comes_back_as_it_was_and_by_its_id(self, database: Database) -> None:
        plan = plan_of(NASTY.strip() + "!")
        async with database.writing(OURS) as unit:
            assert await unit.plans.get("JD-014") is None
            plan_id = await unit.plans.id_of("JD-014")
            await unit.plans.save(plan, None)
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.plans.get("jd-014") == plan
            assert await unit.plans.id_of("jd-014") == plan_id
            assert await unit.plans.by_id(plan_id) == plan
            assert list(await unit.plans.all()) == [plan]
            assert "JD" not in plan_id
            assert await unit.plans.by_id(await unit.plans.id_of("JD-015")) is None
        async with database.reading(THEIRS) as unit:
            assert await unit.plans.get("JD-014") is None
            assert await unit.plans.by_id(plan_id) is None
            assert list(await unit.plans.all()) == []

    async def test_a_plan_that_moved_on_is_not_overwritten(self, database: Database) -> None:
        plan, other = plan_of(), plan_of("Another day").closed("1", Status.ENDED, dt.date(2026, 4, 1))
        async with database.writing(OURS) as unit:
            await unit.plans.save(plan, None)
            await unit.plans.save(other, plan)
            await unit.commit()
        for seen in (plan, None):
            async with database.writing(OURS) as unit:
                with pytest.raises(Stale):
                    await unit.plans.save(plan, seen)
        async with database.reading(OURS) as unit:
            assert await unit.plans.get("JD-014") == other
            with pytest.raises(RuntimeError):
                await unit.plans.save(plan, other)

    async def test_two_who_start_a_plan_at_once_make_one(self, database: Database) -> None:
        async def start(words: str) -> bool:
            try:
                async with database.writing(OURS) as unit:
                    await unit.plans.save(plan_of(words), None)
                    await unit.commit()
            except Stale:
                return False
            return True

        assert sorted(await asyncio.gather(start("One"), start("Two"))) == [False, True]

    async def test_how_somebody_is_reached_is_kept_once_and_the_latest_wins(self, database: Database) -> None:
        first, moved = talk_with("rosa"), talk_with("rosa", channel="a:2", service_url="https://two.example/")
        later, latest = NOON + dt.timedelta(hours=1), NOON + dt.timedelta(hours=2)
        for conversation, at, new in ((first, NOON, True), (moved, latest, False), (first, later, False)):
            async with database.writing(OURS) as unit:
                assert await unit.conversations.remember(conversation, at) is new
                await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.conversations.of_user("teams", "rosa") == moved
            assert await unit.conversations.by_channel("teams", "a:2") == moved
            assert await unit.conversations.by_channel("teams", first.channel) is None
            assert await unit.conversations.of_user("slack", "rosa") is None
            assert await unit.conversations.of_user("teams", "omar") is None

    async def test_of_a_workspace_the_conversation_seen_last(self, database: Database) -> None:
        rosa, omar = talk_with("rosa"), talk_with("omar")
        elsewhere = talk_with("nora", workspace="tenant-2")
        async with database.writing(OURS) as unit:
            for hours, conversation in enumerate((rosa, omar, elsewhere)):
                await unit.conversations.remember(conversation, NOON + dt.timedelta(hours=hours))
            assert await unit.conversations.any_of("teams", "tenant-1") == omar
            await unit.conversations.remember(rosa, NOON + dt.timedelta(hours=9))
            assert await unit.conversations.any_of("teams", "tenant-1") == rosa
            assert await unit.conversations.any_of("teams", "tenant-3") is None
            assert await unit.conversations.any_of("slack", "tenant-1") is None

    async def test_another_practice_reaches_nobody_of_ours(self, database: Database) -> None:
        ours, theirs = talk_with("rosa"), talk_with("rosa", bot_id="28:theirs")
        async with database.writing(OURS) as unit:
            await unit.conversations.remember(ours, NOON)
            await unit.commit()
        async with database.writing(THEIRS) as unit:
            assert await unit.conversations.of_user("teams", "rosa") is None
            assert await unit.conversations.by_channel("teams", ours.channel) is None
            assert await unit.conversations.any_of("teams", "tenant-1") is None
            assert await unit.conversations.remember(theirs, NOON)
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.conversations.of_user("teams", "rosa") == ours

    async def test_of_many_first_meetings_at_once_one_is_new(self, database: Database) -> None:
        async def meet() -> bool:
            async with database.writing(OURS) as unit:
                new = await unit.conversations.remember(talk_with("rosa"), NOON)
                await unit.commit()
                return new

        assert sum(await asyncio.gather(*(meet() for _ in range(8)))) == 1

    async def test_a_conversation_is_rolled_back_with_its_unit(self, database: Database) -> None:
        async with database.writing(OURS) as unit:
            assert await unit.conversations.remember(talk_with("rosa"), NOON)
        async with database.reading(OURS) as unit:
            assert await unit.conversations.of_user("teams", "rosa") is None

    async def test_what_each_note_took_is_counted_once(self, database: Database) -> None:
        await take(database, "a", Limits())
        await take(database, "b", Limits(), NOON + dt.timedelta(seconds=1))
        await end(database, "a", Outcome("done", "m", 900, 400, 100, 1200))
        await end(database, "a", Outcome("done", "m", 900, 400, 100, 1200))
        await end(database, "b", Outcome("model_busy"))
        async with database.reading(OURS) as unit:
            (usage,) = await unit.calls.usage(NOON)
        assert (usage.calls, usage.failed) == (2, 1)
        assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (900, 400, 100)
        async with database.reading(THEIRS) as unit:
            assert list(await unit.calls.usage(NOON)) == []


def plan_of(words: str = "Sleep through the night", code: str = "JD-014") -> Plan:
    """A plan with a history: a goal reworded, an objective closed, a session that addressed it."""
    day = dt.date(2026, 2, 1)
    plan = Plan(code, ROSA, day, dt.date(2026, 5, 1), (Diagnosis(words, "F51.01"),), words)
    plan = plan.goal_added(Wording(words), day).objective_added("1", Wording(words, words, words, words, day), day)
    plan = plan.reworded("1", Wording(f"{words}, every night"), dt.date(2026, 3, 1))
    plan = plan.closed("1a", Status.MET, dt.date(2026, 3, 2))
    return plan.signed(Addressed(NoteId("n1"), day, ("1", "1a")))


async def take(database: Database, call_id: str, limits: Limits, at: dt.datetime = NOON) -> float:
    async with database.writing(OURS) as unit:
        wait = await unit.calls.take(Call(call_id, NoteId("n1"), "draft", at), limits, 60)
        await unit.commit()
    return wait


async def end(database: Database, call_id: str, outcome: Outcome | None = None) -> None:
    async with database.writing(OURS) as unit:
        await unit.calls.ended(call_id, outcome or Outcome("done"), NOON)
        await unit.commit()


def round_of(note_id: NoteId, number: int) -> ReviewRow:
    """A first round; of several the one with the lower number is asked for, and due, earlier."""
    later = dt.timedelta(hours=number)
    times = (NOON + later, NOON + dt.timedelta(days=2) + later, NOON + dt.timedelta(days=1) + later)
    return ReviewRow(note_id, 1, ROSA, (OMAR,), Mode.COSIGN, *times)
