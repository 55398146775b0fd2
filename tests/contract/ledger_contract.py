"""What every ledger of filings promises, inherited by the tests of each database. A subclass gives `database`."""

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.errors import NotFound, Stale
from bot.domain.filing import Filing, FilingState, Receipt
from bot.domain.ids import NoteId, new_note_id
from bot.ports import Database, UnitOfWork
from tests.contract.unit_of_work_contract import NOON, OURS, note_of, stored

SECOND, MINUTE, DAY = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
RECEIPT = Receipt("JD-014/2026-03-02.pdf", "ab" * 32, "stored", NOON, "v7", verified=False)
BUSY = "s3:busy:503"


async def opened(database: Database, *targets: str, at: dt.datetime = NOON) -> NoteId:
    """A note that is on its way to these targets."""
    note = await stored(database, note_of())
    async with database.writing(OURS) as unit:
        await unit.ledger.open(note.id, targets or ("ehr",), at)
        await unit.commit()
    return note.id


async def rows(database: Database, note_id: NoteId) -> list[Filing]:
    async with database.reading(OURS) as unit:
        return list(await unit.ledger.of(note_id))


async def leased(
    database: Database, note_id: NoteId, holder: str, at: dt.datetime = NOON, target: str = "ehr"
) -> Filing | None:
    """Who takes the lease for a minute."""
    async with database.writing(OURS) as unit:
        filing = await unit.ledger.lease(note_id, target, holder, at, 60)
        await unit.commit()
    return filing


async def fail(unit: UnitOfWork, note_id: NoteId, holder: str, state: FilingState, **told: Any) -> bool:
    at = told.pop("at", NOON)
    next_at = told.pop("next_at", at + MINUTE)
    return await unit.ledger.failed(note_id, "ehr", holder, state, told.pop("code", BUSY), at, next_at, **told)


async def failed(database: Database, note_id: NoteId, holder: str, state: FilingState, **told: Any) -> bool:
    async with database.writing(OURS) as unit:
        taken = await fail(unit, note_id, holder, state, **told)
        await unit.commit()
    return taken


async def brought(database: Database, note_id: NoteId, receipt: Receipt = RECEIPT, target: str = "ehr") -> bool:
    async with database.writing(OURS) as unit:
        first = await unit.ledger.stored(note_id, target, receipt)
        await unit.commit()
    return first


async def asked_again(database: Database, note_id: NoteId, at: dt.datetime, *, absent: bool = False) -> Filing:
    async with database.writing(OURS) as unit:
        filing = await unit.ledger.again(note_id, "ehr", at, absent=absent)
        await unit.commit()
    return filing


async def due(database: Database, at: dt.datetime, limit: int = 10) -> list[tuple[NoteId, str]]:
    async with database.reading(OURS) as unit:
        return list(await unit.ledger.due(at, limit))


class LedgerContract:
    async def test_a_note_has_a_row_a_target_and_the_first_is_the_record(self, database: Database) -> None:
        note_id = await opened(database, "share", "ehr")
        async with database.writing(OURS) as unit:
            await unit.ledger.open(note_id, ("attic", "ehr", "share"), NOON + DAY)
            await unit.commit()
        found = await rows(database, note_id)
        assert found[0] == Filing(note_id, "share", FilingState.PENDING, 0, NOON)
        assert [(row.target, row.next_at) for row in found] == [("share", NOON), ("ehr", NOON), ("attic", NOON + DAY)]
        assert await rows(database, new_note_id()) == []

    async def test_a_lease_is_exclusive_until_it_expires(self, database: Database) -> None:
        note_id = await opened(database)
        expected = Filing(note_id, "ehr", FilingState.SENDING, 0, NOON)
        assert await leased(database, note_id, "w1") == expected
        assert await leased(database, note_id, "w2", NOON + 59 * SECOND) is None
        assert await leased(database, note_id, "w1") == expected
        assert await leased(database, note_id, "w2", NOON + MINUTE) == replace(expected, maybe_sent=True)
        assert await leased(database, note_id, "w1", NOON + MINUTE) is None
        async with database.writing(OURS) as unit:
            for stranger in (lambda: (new_note_id(), "ehr"), lambda: (note_id, "attic")):
                with pytest.raises(NotFound):
                    await unit.ledger.lease(*stranger(), "w1", NOON, 60)

    async def test_a_lease_at_one_target_holds_up_no_other(self, database: Database) -> None:
        note_id = await opened(database, "ehr", "share")
        assert await leased(database, note_id, "w1")
        assert await leased(database, note_id, "w2", target="share")
        assert [row.state for row in await rows(database, note_id)] == [FilingState.SENDING] * 2

    async def test_of_many_workers_one_gets_the_lease(self, database: Database) -> None:
        note_id = await opened(database)
        taken = await asyncio.gather(*(leased(database, note_id, f"w{number}") for number in range(20)))
        assert sum(filing is not None for filing in taken) == 1

    async def test_of_many_workers_one_takes_over(self, database: Database) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "dead")
        later = NOON + MINUTE
        taken = await asyncio.gather(*(leased(database, note_id, f"w{number}", later) for number in range(20)))
        assert [filing.maybe_sent for filing in taken if filing] == [True]

    async def test_a_failure_frees_the_lease_and_counts(self, database: Database) -> None:
        note_id, later = await opened(database), NOON + 5 * MINUTE
        await leased(database, note_id, "w1")
        assert await failed(database, note_id, "w1", FilingState.PENDING, next_at=later)
        expected = Filing(note_id, "ehr", FilingState.PENDING, 1, later, BUSY, failing_since=NOON)
        assert await rows(database, note_id) == [expected]
        assert await leased(database, note_id, "w2", later) == replace(expected, state=FilingState.SENDING)
        assert await failed(database, note_id, "w2", FilingState.REFUSED, at=later, next_at=later, code="s3:no_place")
        refused = replace(expected, state=FilingState.REFUSED, attempts=2, error_code="s3:no_place")
        assert await rows(database, note_id) == [refused]
        assert await leased(database, note_id, "w3", later) == replace(refused, state=FilingState.SENDING)

    @pytest.mark.parametrize(
        ("state", "told", "maybe"),
        [
            (FilingState.PENDING, {}, False),
            (FilingState.PENDING, {"maybe_sent": True}, True),
            (FilingState.UNKNOWN, {}, True),
            (FilingState.CONFLICT, {}, False),
        ],
    )
    async def test_what_may_have_been_sent(
        self, database: Database, state: FilingState, told: dict[str, bool], maybe: bool
    ) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "w1")
        await failed(database, note_id, "w1", state, **told)
        (row,) = await rows(database, note_id)
        assert (row.state, row.maybe_sent) == (state, maybe)

    async def test_what_may_have_been_sent_is_not_forgotten_by_a_later_failure(self, database: Database) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "w1")
        await leased(database, note_id, "w2", NOON + MINUTE)
        await failed(database, note_id, "w2", FilingState.PENDING)
        filing = await leased(database, note_id, "w3", NOON + DAY)
        assert filing
        assert filing.maybe_sent

    @pytest.mark.parametrize("state", [FilingState.CONFLICT, FilingState.UNKNOWN])
    async def test_only_a_person_moves_it_on_from_what_no_worker_can_decide(
        self, database: Database, state: FilingState
    ) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "w1")
        await failed(database, note_id, "w1", state)
        assert await leased(database, note_id, "w2", NOON + DAY) is None
        assert await due(database, NOON + DAY) == []
        filing = await asked_again(database, note_id, NOON + DAY)
        assert filing == Filing(
            note_id,
            "ehr",
            FilingState.PENDING,
            0,
            NOON + DAY,
            maybe_sent=state is FilingState.UNKNOWN,
            failing_since=NOON,
        )
        assert await due(database, NOON + DAY) == [(note_id, "ehr")]
        assert not (await asked_again(database, note_id, NOON + DAY, absent=True)).maybe_sent
        assert await leased(database, note_id, "w2", NOON + DAY)

    async def test_a_zombie_neither_fails_nor_frees_its_successors_lease(self, database: Database) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "zombie")
        held = await leased(database, note_id, "w2", NOON + MINUTE)
        for state in (FilingState.PENDING, FilingState.REFUSED, FilingState.CONFLICT, FilingState.UNKNOWN):
            assert not await failed(database, note_id, "zombie", state, at=NOON + MINUTE)
        assert await rows(database, note_id) == [held]
        assert await leased(database, note_id, "w3", NOON + 90 * SECOND) is None

    async def test_a_zombie_does_not_undo_what_a_person_or_its_successor_did(self, database: Database) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "zombie")
        asked = await asked_again(database, note_id, NOON + MINUTE)
        assert not await failed(database, note_id, "zombie", FilingState.CONFLICT)
        assert await rows(database, note_id) == [asked]
        assert await brought(database, note_id)
        assert not await failed(database, note_id, "zombie", FilingState.CONFLICT)
        assert (await rows(database, note_id))[0].state is FilingState.STORED

    async def test_the_receipt_of_a_zombie_is_a_receipt(self, database: Database) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "zombie")
        await leased(database, note_id, "w2", NOON + MINUTE)
        assert await brought(database, note_id)
        assert not await failed(database, note_id, "w2", FilingState.PENDING)
        assert not await brought(database, note_id, replace(RECEIPT, outcome="already"))
        (row,) = await rows(database, note_id)
        assert (row.state, row.receipt) == (FilingState.STORED, RECEIPT)

    async def test_what_is_stored_is_never_leased_again_and_its_first_receipt_stands(self, database: Database) -> None:
        note_id = await opened(database, "ehr", "folder")
        await leased(database, note_id, "w1")
        await failed(database, note_id, "w1", FilingState.UNKNOWN)
        assert await brought(database, note_id)
        assert not await brought(database, note_id, replace(RECEIPT, reference="elsewhere"))
        assert await brought(database, note_id, replace(RECEIPT, reference="JD-014/copy", version=""), "folder")
        record, copy = await rows(database, note_id)
        assert record == Filing(note_id, "ehr", FilingState.STORED, 1, NOON + MINUTE, receipt=RECEIPT)
        assert copy.receipt == replace(RECEIPT, reference="JD-014/copy", version="")
        assert await leased(database, note_id, "w2", NOON + DAY) is None
        with pytest.raises(Stale):
            await asked_again(database, note_id, NOON + DAY, absent=True)

    async def test_nothing_is_sent_again_under_a_live_lease(self, database: Database) -> None:
        note_id = await opened(database)
        await leased(database, note_id, "w1")
        with pytest.raises(Stale):
            await asked_again(database, note_id, NOON + 59 * SECOND, absent=True)
        assert (await asked_again(database, note_id, NOON + MINUTE)).maybe_sent

    async def test_due_is_what_may_be_leased_now_and_the_longest_due_comes_first(self, database: Database) -> None:
        last, sending, first, *over = [
            await opened(database, at=NOON - minutes * MINUTE) for minutes in (1, 2, 3, 4, 5, 6, 7)
        ]
        await leased(database, sending, "w1", NOON - MINUTE)
        for note_id, state in zip(
            over, (FilingState.REFUSED, FilingState.CONFLICT, FilingState.UNKNOWN, FilingState.STORED), strict=True
        ):
            await leased(database, note_id, "w1", NOON - MINUTE)
            if state is FilingState.STORED:
                await brought(database, note_id)
            else:
                await failed(database, note_id, "w1", state, at=NOON - MINUTE, next_at=NOON)
        assert await due(database, NOON - SECOND) == [(first, "ehr"), (last, "ehr")]
        assert await due(database, NOON) == [(first, "ehr"), (sending, "ehr"), (last, "ehr"), (over[0], "ehr")]
        assert await due(database, NOON, 1) == [(first, "ehr")]

    async def test_what_waits_for_one_target_leaves_room_for_the_others(self, database: Database) -> None:
        dead = [await opened(database, "dead", at=NOON - minutes * MINUTE) for minutes in (5, 4, 3)]
        healthy = await opened(database, "ehr", at=NOON - MINUTE)
        assert await due(database, NOON, 2) == [(dead[0], "dead"), (dead[1], "dead"), (healthy, "ehr")]

    async def test_times_of_a_clock_that_ran_ahead_hold_nothing_up(self, database: Database) -> None:
        waiting, sending = await opened(database, at=NOON + 400 * DAY), await opened(database, at=NOON + 400 * DAY)
        await leased(database, sending, "w1", NOON + 400 * DAY)
        assert sorted(await due(database, NOON)) == sorted([(waiting, "ehr"), (sending, "ehr")])
        taken = await leased(database, sending, "w2", NOON)
        assert taken
        assert taken.maybe_sent
        assert await leased(database, sending, "w3", NOON) is None
        await leased(database, waiting, "w1", NOON + 400 * DAY)
        assert (await asked_again(database, waiting, NOON)).state is FilingState.PENDING

    async def test_another_target_becomes_the_record(self, database: Database) -> None:
        note_id = await opened(database, "folder", "share")
        for target, order in (("ehr", ["ehr", "folder", "share"]), ("share", ["share", "ehr", "folder"])):
            async with database.writing(OURS) as unit:
                await unit.ledger.lead(note_id, target, NOON + MINUTE)
                await unit.commit()
            found = await rows(database, note_id)
            assert [row.target for row in found] == order
            assert found[0] == Filing(note_id, target, FilingState.PENDING, 0, NOON + MINUTE)
        held = await leased(database, note_id, "w1", target="folder")
        await brought(database, note_id, target="ehr")
        async with database.writing(OURS) as unit:
            await unit.ledger.lead(note_id, "folder", NOON + DAY)
            await unit.ledger.lead(note_id, "ehr", NOON + DAY)
            await unit.commit()
        async with database.writing(OURS) as unit:
            with pytest.raises(NotFound):
                await unit.ledger.lead(new_note_id(), "ehr", NOON)
        stored_row, folder, _ = await rows(database, note_id)
        assert (stored_row.receipt, folder) == (RECEIPT, held), "what is under way or stored stays as it is"

    async def test_what_is_put_off_is_due_later_and_was_no_attempt(self, database: Database) -> None:
        note_id = await opened(database)
        async with database.writing(OURS) as unit:
            await unit.ledger.put_off(note_id, "ehr", NOON + MINUTE)
            with pytest.raises(NotFound):
                await unit.ledger.put_off(note_id, "attic", NOON)
            await unit.commit()
        assert await rows(database, note_id) == [Filing(note_id, "ehr", FilingState.PENDING, 0, NOON + MINUTE)]
        assert await due(database, NOON) == []
        held = await leased(database, note_id, "w1", NOON)
        async with database.writing(OURS) as unit:
            await unit.ledger.put_off(note_id, "ehr", NOON + DAY)
            await unit.commit()
        assert await rows(database, note_id) == [held]

    async def test_a_purged_note_is_never_due(self, database: Any) -> None:
        note_id = await opened(database)
        async with database.writing(OURS) as unit:
            await unit.notes.purge(note_id)
            await unit.commit()
        assert await due(database, NOON + DAY) == []
        assert [row.note_id for row in await rows(database, note_id)] == [note_id]

    async def test_what_is_not_there_is_counted_by_target_and_state(self, database: Database) -> None:
        refused, *_ = [await opened(database, "ehr", "share") for _ in range(3)]
        await leased(database, refused, "w1")
        await failed(database, refused, "w1", FilingState.REFUSED)
        await brought(database, refused, target="share")
        async with database.reading(OURS) as unit:
            assert await unit.ledger.counts() == {
                ("ehr", FilingState.REFUSED): 1,
                ("ehr", FilingState.PENDING): 2,
                ("share", FilingState.PENDING): 2,
            }

    async def test_rows_are_listed_by_state_and_target(self, database: Database) -> None:
        later, there = await opened(database, "ehr", "share", at=NOON + MINUTE), await opened(database)
        await brought(database, there)
        async with database.reading(OURS) as unit:
            listed = unit.ledger.listed
            assert [(row.note_id, row.target) for row in await listed([], "", 10)] == [
                (there, "ehr"),
                (later, "ehr"),
                (later, "share"),
            ]
            assert [row.receipt for row in await listed([FilingState.STORED], "", 10)] == [RECEIPT]
            assert [row.note_id for row in await listed([FilingState.PENDING, FilingState.STORED], "ehr", 10)] == [
                there,
                later,
            ]
            assert list(await listed([FilingState.CONFLICT], "", 10)) == []
            assert list(await listed([], "attic", 10)) == []
            assert len(await listed([], "", 2)) == 2
