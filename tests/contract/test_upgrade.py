"""Databases of earlier releases: their notes are read, changed, signed and found by client after the upgrade."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import create_engine, text

from bot.domain.filing import Filing, FilingState
from bot.domain.statements import own_words
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import HEAD, migrate
from storage.unit_of_work import SqlDatabase
from tests.contract.ledger_contract import DAY, RECEIPT, brought, leased, opened, rows
from tests.contract.unit_of_work_contract import NOON, OURS, drafted, note_of, read, saved, signed, stored, talk_with

PENDING, STORED = FilingState.PENDING, FilingState.STORED
_BACK_TO_0006 = (
    *(f"DROP TABLE {table}" for table in ("appointments", "batches", "choices", "reminders", "measures")),
    *(f"DROP INDEX ix_notes_{index}" for index in ("clinician", "unsigned", "batch")),
    *(f"ALTER TABLE notes DROP COLUMN {column}" for column in ("batch", "batch_position")),
    "UPDATE alembic_version SET version_num = '0006'",
)
_BACK_TO_0005 = (
    *_BACK_TO_0006,
    "ALTER TABLE notes DROP COLUMN format_version",
    *(f"DROP TABLE {table}" for table in ("people", "reviews", "examples", "formats", "oauth_states")),
    *(
        f"ALTER TABLE installations DROP COLUMN {column}"
        for column in ("installer_user_id", "enterprise_id", "revoked_at", "refreshing_until")
    ),
    "UPDATE alembic_version SET version_num = '0005'",
)
_BACK_TO_0003 = (
    *_BACK_TO_0005,
    "CREATE TABLE filings_of_old AS SELECT * FROM filings",
    "DROP TABLE filings",
    "CREATE TABLE filings (practice_id TEXT NOT NULL, note_id TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
    " next_at DATETIME NOT NULL, lease_holder TEXT NOT NULL DEFAULT '', lease_until DATETIME,"
    " error_code TEXT NOT NULL DEFAULT '', receipt_reference BLOB, receipt_sha256 TEXT NOT NULL DEFAULT '',"
    " receipt_outcome TEXT NOT NULL DEFAULT '', receipt_at DATETIME,"
    " CONSTRAINT pk_filings PRIMARY KEY (practice_id, note_id),"
    " CONSTRAINT fk_filings_notes FOREIGN KEY(practice_id, note_id) REFERENCES notes (practice_id, id)) WITHOUT ROWID",
    "INSERT INTO filings SELECT practice_id, note_id, attempts, next_at, lease_holder, lease_until, error_code,"
    " receipt_reference, receipt_sha256, receipt_outcome, receipt_at FROM filings_of_old",
    "DROP TABLE filings_of_old",
    "DROP INDEX ix_notes_link",
    "ALTER TABLE notes DROP COLUMN link_of",
    "DROP INDEX ix_cards_person",
    "ALTER TABLE cards DROP COLUMN person_id",
    "UPDATE alembic_version SET version_num = '0003'",
)
_BACK_TO_0002 = (
    *_BACK_TO_0003,
    "DROP TABLE conversations",
    "ALTER TABLE cards RENAME COLUMN form TO revision",
    "UPDATE alembic_version SET version_num = '0002'",
)
_BACK_TO_0001 = (
    *_BACK_TO_0002,
    "DROP INDEX ix_notes_waiting",
    "DROP INDEX ix_notes_client",
    "ALTER TABLE notes DROP COLUMN waiting",
    "ALTER TABLE notes DROP COLUMN client_lookup",
    "DROP TABLE plans",
    "DROP TABLE model_calls",
    "UPDATE alembic_version SET version_num = '0001'",
)


def _taken_back(url: str, steps: tuple[str, ...]) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in steps:
            connection.execute(text(statement))
    engine.dispose()


def _revision(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    engine.dispose()
    return found


async def test_filings_from_before_there_were_targets_go_on(tmp_path: Path) -> None:
    url, ring = f"sqlite:///{tmp_path / 'old.db'}", KeyRing.parse(new_key_ring())
    await migrate(url)
    old = SqlDatabase(url, ring)
    filed, waits, died = [await opened(old, "folder") for _ in range(3)]
    await brought(old, filed, replace(RECEIPT, version="", verified=True), "folder")
    await leased(old, died, "w1", target="folder")
    await old.close()
    _taken_back(url, _BACK_TO_0003)

    await migrate(url)
    assert _revision(url) == HEAD
    database = SqlDatabase(url, ring)
    (row,) = await rows(database, filed)
    assert row == Filing(filed, "folder", STORED, 0, NOON, receipt=replace(RECEIPT, version="", verified=True))
    assert await rows(database, waits) == [Filing(waits, "folder", PENDING, 0, NOON)]
    taken = await leased(database, died, "w2", NOON + DAY, "folder")
    assert taken
    assert taken.maybe_sent
    assert await opened(database, "folder", "ehr")
    await database.close()


async def test_people_can_be_reached_in_a_database_from_before_teams(tmp_path: Path) -> None:
    url, ring = f"sqlite:///{tmp_path / 'old.db'}", KeyRing.parse(new_key_ring())
    await migrate(url)
    old = SqlDatabase(url, ring)
    final = await stored(old, signed(drafted(note_of(client_code="JD-014"))))
    await old.close()
    _taken_back(url, _BACK_TO_0002)

    await migrate(url)
    assert _revision(url) == HEAD
    database = SqlDatabase(url, ring)
    assert await read(database, final.id) == final
    async with database.writing(OURS) as unit:
        assert await unit.conversations.any_of("teams", "tenant-1") is None
        assert await unit.conversations.remember(talk_with("rosa"), NOON)
        await unit.commit()
    async with database.reading(OURS) as unit:
        assert await unit.conversations.of_user("teams", "rosa") == talk_with("rosa")
        assert [note.id for note in await unit.notes.of_client("JD-014", 10)] == [final.id]
    await database.close()


async def test_notes_from_before_drafts_by_a_model_live_on(tmp_path: Path) -> None:
    url, ring = f"sqlite:///{tmp_path / 'old.db'}", KeyRing.parse(new_key_ring())
    await migrate(url)
    old = SqlDatabase(url, ring)
    draft = await stored(old, drafted(note_of(client_code="JD-014")))
    final = await stored(old, signed(drafted(note_of(client_code="JD-014"))))
    await old.close()
    _taken_back(url, _BACK_TO_0001)

    await migrate(url)
    assert _revision(url) == HEAD
    database = SqlDatabase(url, ring)
    assert await read(database, final.id) == final
    assert await database.fill_client_lookups(OURS) == 2
    assert await database.fill_client_lookups(OURS) == 0
    async with database.reading(OURS) as unit:
        assert {note.id for note in await unit.notes.of_client("JD-014", 10)} == {draft.id, final.id}
    changed = draft.revised((own_words("Own words.", draft.statements[0].slot),), draft.version)
    await saved(database, changed, draft)
    await saved(database, signed(changed), changed)
    assert replace(await read(database, draft.id), signatures=()).statements == changed.statements
    await database.close()


async def test_every_note_can_be_found_by_client_however_many_have_none(tmp_path: Path) -> None:
    url, ring = f"sqlite:///{tmp_path / 'old.db'}", KeyRing.parse(new_key_ring())
    await migrate(url)
    database = SqlDatabase(url, ring)
    codes = ("JD-014", "", "", "", "JD-014", "MK-003", "", "JD-014", "")
    kept = [await stored(database, drafted(note_of(client_code=code))) for code in codes]
    _taken_back(url, ("UPDATE notes SET client_lookup = NULL",))
    await database.fill_all_client_lookups(OURS, at_once=2)
    async with database.reading(OURS) as unit:
        found = await unit.notes.ids_of_client("jd-014")
    assert sorted(found) == sorted(note.id for note in kept if note.client_code == "JD-014")
    await database.close()
