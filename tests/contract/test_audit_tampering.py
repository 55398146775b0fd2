"""`afternote audit verify` over a tampered copy of each kind, on SQLite and on PostgreSQL: what it says, word for word.

The expected words are the table of docs/audit.md, so that one cannot be changed without the other.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.cards.audit_words import said
from bot.domain.audit_check import Trouble
from bot.domain.ids import PracticeId
from bot.workflows.audit_verify import Verified, verify_log
from bot.workflows.start_draft import NewNote, start_draft
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.signing import is_genuine
from storage.unit_of_work import SqlDatabase
from tests.contract.audit_log import MONDAY, TUESDAY, Past, desk_on, monday, tuesday
from tests.contract.audit_tampering import TAMPERINGS
from tests.contract.servers import postgres
from tests.contract.sql_practice import administer
from tests.contract.storage_intruder import raw
from tests.workflows.factories import ROSA, SUMMARY, FixedClock

DOCS = Path(__file__).parents[2] / "docs" / "audit.md"
RING = new_key_ring()
NOTHING = "—"
_INFINITE = "UPDATE audit SET at = 'infinity' WHERE seq = 7"
_numbers = count(1)


def table() -> dict[str, tuple[str, str]]:
    """What docs/audit.md says: tampering → what is said, and what signed heads add."""
    section = DOCS.read_text("utf-8").partition("## What verify finds")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    return {name: (alone, more) for name, alone, more in rows[1:]}


async def _filled(url: str) -> Past:
    """Two days' log in a new database."""
    await migrate(url)
    database, clock = SqlDatabase(url, KeyRing.parse(RING)), FixedClock()
    desk = desk_on(database, clock)
    first = await monday(desk, clock)
    with database.readers.engine.connect() as connection:
        seq, digest, seal = connection.execute(text("SELECT seq, hash, seal FROM audit_heads")).one()
    second = await tuesday(desk, clock)
    await database.close()
    return Past(seq, digest, bytes(seal), {MONDAY: first, TUESDAY: second})


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[str, Past]]:
    """Gives a fresh copy of the log, as often as it is called."""
    folder = tmp_path_factory.mktemp("audit")
    past = asyncio.run(_filled(f"sqlite:///{folder / 'whole.db'}"))

    def copy() -> tuple[str, Past]:
        file = folder / f"copy{next(_numbers)}.db"
        shutil.copy(folder / "whole.db", file)
        return f"sqlite:///{file}", past

    return copy


@pytest.fixture(scope="session")
def on_postgres() -> Iterator[Callable[[], tuple[str, Past]]]:
    with postgres() as address:

        def url(name: str) -> str:
            return make_url(address).set(database=name).render_as_string(hide_password=False)

        administer(address, "CREATE DATABASE whole")
        past = asyncio.run(_filled(url("whole")))

        def copy() -> tuple[str, Past]:
            name = f"copy{next(_numbers)}"
            administer(address, f"CREATE DATABASE {name} TEMPLATE whole")
            return url(name), past

        yield copy


@pytest.fixture(params=["sqlite", "postgres"])
def copied(request: pytest.FixtureRequest) -> tuple[str, Past]:
    return request.getfixturevalue(f"on_{request.param}")()


@pytest.fixture
async def log(copied: tuple[str, Past]) -> AsyncIterator[tuple[SqlDatabase, Past]]:
    url, past = copied
    database = SqlDatabase(url, KeyRing.parse(RING))
    yield database, past
    await database.close()


async def verified(database: SqlDatabase, past: Past | None = None) -> Verified:
    return await verify_log(desk_on(database), past.heads if past else {}, is_genuine)


def sentences(found: Verified) -> str:
    return " ".join(said(finding) for finding in found.verdict.findings) or NOTHING


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_what_was_done_is_found_and_named(
    log: tuple[SqlDatabase, Past], name: str, request: pytest.FixtureRequest, record_property: Callable[..., None]
) -> None:
    database, past = log
    TAMPERINGS[name](database, past)
    alone, more = await verified(database), await verified(database, past)
    without, with_heads = sentences(alone), sentences(more)
    added = with_heads.removeprefix("" if without == NOTHING else without).strip() or NOTHING
    if "sqlite" in request.node.name:
        record_property("table: what audit verify says", f"{name}\n    {without}\n    with heads: {added}")
    assert (without, added) == table()[name]
    assert more.verdict.holds == (name == "nothing")


def test_every_tampering_is_in_the_table() -> None:
    assert list(table()) == list(TAMPERINGS)


async def test_going_on_after_the_end_was_cut_does_not_hide_it(log: tuple[SqlDatabase, Past]) -> None:
    """The product seals the end with each act, so it would seal a tampered one, too: it says so in the log first."""
    database, past = log
    TAMPERINGS["rows 19 to 22 cut off, the end moved along"](database, past)
    await start_draft(desk_on(database, FixedClock()), ROSA, NewNote(SUMMARY, "", "slack"))
    found = (await verified(database)).verdict
    assert [(finding.trouble, finding.seq) for finding in found.findings] == [(Trouble.RESEALED, 19)]
    assert found.rows == 20
    assert "row 20 is not the one that was signed" not in sentences(await verified(database))
    assert "it was put back" in sentences(await verified(database, past))


@pytest.mark.parametrize("end", ["DELETE FROM audit_heads", "UPDATE audit_heads SET seq = 3, hash = 'ab'"])
async def test_an_end_that_is_gone_or_moved_stops_nobody_and_stays_told(
    log: tuple[SqlDatabase, Past], end: str
) -> None:
    database, past = log
    raw(database, end)
    for _ in range(2):
        await start_draft(desk_on(database, FixedClock()), ROSA, NewNote(SUMMARY, "", "slack"))
    found = (await verified(database, past)).verdict
    assert [(finding.trouble, finding.seq) for finding in found.findings] == [(Trouble.RESEALED, 23)]
    assert found.rows == 25


async def test_a_time_that_is_none_is_found_not_fallen_over(log: tuple[SqlDatabase, Past]) -> None:
    database, _ = log
    sqlite = database.writers.engine.dialect.name == "sqlite"
    raw(database, "UPDATE audit SET at = 'soon' WHERE seq = 7" if sqlite else _INFINITE)
    assert sentences(await verified(database)) == "Row 7 was changed: what it says does not fit its hash."


async def test_everything_changed_is_listed_to_a_bound(log: tuple[SqlDatabase, Past]) -> None:
    database, _ = log
    raw(database, "UPDATE audit SET act = 'nothing'")
    found = (await verified(database)).verdict
    assert [finding.seq for finding in found.findings] == list(range(1, 21))
    assert found.more == 2


async def test_another_practices_rows_are_not_looked_at(log: tuple[SqlDatabase, Past]) -> None:
    database, past = log
    raw(database, "UPDATE audit SET practice_id = 'harbor' WHERE seq = 7")
    async with database.reading(PracticeId("harbor")) as unit:
        assert len(await unit.audit.page(0, 9)) == 1
    assert (await verified(database, past)).verdict.rows == 21


async def test_an_older_copy_of_the_file_is_found_by_what_was_signed_since(tmp_path: Path) -> None:
    url, clock = f"sqlite:///{tmp_path / 'afternote.db'}", FixedClock()
    await migrate(url)
    database = SqlDatabase(url, KeyRing.parse(RING))
    await monday(desk_on(database, clock), clock)
    await database.close()
    shutil.copy(tmp_path / "afternote.db", tmp_path / "monday.db")
    database = SqlDatabase(url, KeyRing.parse(RING))
    head = await tuesday(desk_on(database, clock), clock)
    await database.close()
    shutil.copy(tmp_path / "monday.db", tmp_path / "afternote.db")
    database = SqlDatabase(url, KeyRing.parse(RING))
    assert sentences(await verified(database)) == NOTHING
    found = await verify_log(desk_on(database), {TUESDAY: head}, is_genuine)
    await database.close()
    assert [finding.trouble for finding in found.verdict.findings] == [Trouble.WENT_BACK]


def test_the_intruder_has_no_trigger_in_the_way(on_sqlite: Callable[[], tuple[str, Past]]) -> None:
    url, _ = on_sqlite()
    engine = create_engine(url)
    with engine.connect() as connection:
        triggers = connection.execute(text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")).scalar_one()
    engine.dispose()
    assert triggers > 0
