"""What every audit log promises beyond appending: pages, the newest rows, spans, its end, and signed heads."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.audit import ChainRow, Wanted, digest_of
from bot.domain.ids import NoteId
from bot.ports import Act, Database
from storage.signing import is_genuine
from tests.contract.unit_of_work_contract import NOON, OMAR, OURS, ROSA, THEIRS

WRITTEN = tuple(
    Act(
        (ROSA, OMAR, None)[number % 3],
        ("started", "viewed", "view_%")[number % 3],
        NoteId(f"n{number % 2}"),
        number,
        "",
        NOON + dt.timedelta(hours=number),
        "slack",
    )
    for number in range(9)
)
HOUR = dt.timedelta(hours=1)


async def write(database: Database, acts: Sequence[Act] = WRITTEN) -> None:
    async with database.writing(OURS) as unit:
        for act in acts:
            await unit.audit.append(act)
        await unit.commit()


def numbers(rows: Sequence[ChainRow]) -> list[int]:
    return [row.seq for row in rows]


class AuditContract:
    async def test_pages_go_through_the_log_in_order(self, database: Database) -> None:
        await write(database)
        async with database.reading(OURS) as unit:
            assert numbers(await unit.audit.page(-5, 4)) == [1, 2, 3, 4]
            assert numbers(await unit.audit.page(4, 4)) == [5, 6, 7, 8]
            assert numbers(await unit.audit.page(8, 4)) == [9]
            assert numbers(await unit.audit.page(9, 4)) == []

    async def test_a_row_says_all_that_was_appended_and_its_hash_covers_it(self, database: Database) -> None:
        await write(database)
        async with database.reading(OURS) as unit:
            rows = await unit.audit.page(0, 99)
        said = [(row.actor, row.act, row.note_id, row.version, row.version_hash, row.at, row.via) for row in rows]
        assert said == [(a.actor, a.act, a.note_id, a.version, a.version_hash, a.at, a.via) for a in WRITTEN]
        assert [row.hash for row in rows] == [digest_of(OURS, row) for row in rows]
        assert [row.previous_hash for row in rows] == ["", *(row.hash for row in rows[:-1])]

    async def test_rows_are_found_by_note_person_act_and_time(self, database: Database) -> None:
        await write(database)
        cases = {
            (1, 3, 5, 7, 9): Wanted(note_id="n0"),
            (2, 5, 8): Wanted(actor=OMAR),
            (2, 3, 5, 6, 8, 9): Wanted(act="view"),
            (3, 6, 9): Wanted(act="view_%"),
            (8, 9): Wanted(since=NOON + 7 * HOUR),
            (1, 2): Wanted(until=NOON + 2 * HOUR),
            (5,): Wanted("n0", OMAR, "viewed", NOON + 3 * HOUR, NOON + 5 * HOUR),
            (): Wanted(note_id="n9"),
        }
        async with database.reading(OURS) as unit:
            for expected, wanted in cases.items():
                assert tuple(numbers(await unit.audit.page(0, 99, wanted))) == expected, wanted
                assert tuple(numbers(await unit.audit.newest(2, wanted))) == expected[-2:], wanted

    async def test_a_span_is_the_first_and_the_last_row_of_a_time(self, database: Database) -> None:
        await write(database)
        late = replace(WRITTEN[0], at=NOON + 4 * HOUR)  # a process whose clock was behind
        await write(database, [late])
        async with database.reading(OURS) as unit:
            assert await unit.audit.span(None, None) == (1, 10)
            assert await unit.audit.span(NOON + 2 * HOUR, NOON + 5 * HOUR) == (3, 10)
            assert await unit.audit.span(NOON + 99 * HOUR, None) == (0, 0)

    async def test_the_end_is_the_last_row_sealed(self, database: Database) -> None:
        async with database.reading(OURS) as unit:
            assert await unit.audit.end() is None
        await write(database)
        async with database.reading(OURS) as unit:
            end, [last] = await unit.audit.end(), await unit.audit.newest(1)
        assert end is not None
        assert (end.seq, end.hash, end.sealed) == (9, last.hash, True)

    async def test_a_signed_head_is_known_by_the_practices_key(self, database: Database) -> None:
        await write(database)
        async with database.reading(OURS) as unit:
            head = await unit.audit.sign(9, "ab", NOON)
            assert head.public_key == await unit.audit.public_key()
        assert is_genuine(head)
        for change in ({"seq": 8}, {"hash": "cd"}, {"at": NOON + HOUR}, {"practice": THEIRS}, {"signature": "x"}):
            assert not is_genuine(replace(head, **change)), change
        async with database.writing(THEIRS) as unit:
            await unit.audit.append(WRITTEN[0])
            await unit.commit()
        async with database.reading(THEIRS) as unit:
            assert await unit.audit.public_key() != head.public_key
            assert numbers(await unit.audit.page(0, 99)) == [1]
