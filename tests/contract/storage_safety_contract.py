"""What the SQL databases promise beyond the ports: secrecy, tamper evidence, rotation, installations, migrations."""

import datetime as dt
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from bot.day_ports import Batch, Measure
from bot.domain.errors import NotFound, Temporary
from bot.domain.filing import Receipt
from bot.domain.ids import BatchId, PracticeId
from bot.domain.note import Session, State
from bot.domain.preferences import Preferences
from bot.domain.review import Comment, Review
from bot.domain.supervision import Mode
from bot.domain.usage import Call, Limits, Outcome
from bot.ports import Posted
from bot.practice_ports import Example
from storage.crypto import KeyRing, Unreadable, new_key_ring, rotated_key_ring
from storage.installations import Installation, Installations
from storage.migrate import migrate
from storage.models import metadata
from storage.rotation import rewrap
from storage.transaction import DatabaseRefused
from storage.unit_of_work import SqlDatabase
from tests.contract.day_contract import session_of
from tests.contract.storage_intruder import raw
from tests.contract.unit_of_work_contract import (
    NOON,
    OMAR,
    OURS,
    ROSA,
    THEIRS,
    act_on,
    drafted,
    member,
    note_of,
    plan_of,
    read,
    round_of,
    saved,
    signed,
    stored,
    talk_with,
)

CANARY = "CANARY-the-client-keeps-a-canary"
INSTALLED = Installation("T1", OURS, "xoxb-" + CANARY, "U1", "B1", NOON, ("commands", "chat:write"), "xoxe-" + CANARY)


async def write_everything(database: SqlDatabase) -> None:
    """One note through its whole life, the canary in every place where clinical text can be."""
    session = Session(dt.date(1987, 11, 23), kind=CANARY, modality=CANARY)
    note = await stored(database, note_of(summary=f"{CANARY} in the summary", client_code=CANARY, session=session))
    draft = await saved(database, drafted(note, f"{CANARY} in a statement"), note)
    asked = Review(Mode.COSIGN, draft.version, NOON, (OMAR,), draft.statements)
    in_review = await saved(database, replace(signed(draft), state=State.IN_REVIEW, reviews=(asked,)), draft)
    comments = [Comment("plan", f"{CANARY} in a comment"), Comment("", f"{CANARY} in another")]
    changed = await saved(database, in_review.changes_requested(OMAR, NOON, comments), in_review)
    final = await saved(database, signed(changed), changed)
    async with database.writing(OURS) as unit:
        await unit.reviews.put(round_of(final.id, 1))
        await unit.documents.add(final.id, {"txt": f"{CANARY} in a document".encode() * 50})
        await unit.cards.remember(final.id, Posted("slack", "T1", "D1", "1.2"))
        await unit.ledger.open(final.id, ["folder"], NOON)
        await unit.ledger.stored(final.id, "folder", Receipt(f"{CANARY}/path.pdf", "ab" * 32, "stored", NOON))
        await unit.audit.append(act_on(final, "filed"))
        await unit.calls.take(Call("c1", final.id, "draft", NOON), Limits(), 60)
        await unit.calls.ended("c1", Outcome("done", "a-model", 900, 0, 100, 1200), NOON)
        await unit.plans.save(plan_of(f"{CANARY} in a goal", CANARY), None)
        await unit.conversations.remember(talk_with("rosa"), NOON)
        shared = Example("e1", "soap", "plan", f"{CANARY} in an example", f"{CANARY} in its reason", ROSA, NOON)
        await unit.examples.add(shared)
        await unit.people.save(member(CANARY, credentials=CANARY, slack=CANARY), 0, ROSA, NOON)
        kept = session_of(client_code=CANARY, place=CANARY, key=CANARY, timezone="UTC", note_id=final.id)
        await unit.appointments.add(replace(kept, session=replace(kept.session, kind=CANARY, modality=CANARY)), NOON)
        await unit.batches.add(Batch(BatchId("b1"), ROSA, NOON, 1))
        await unit.choices.save(Preferences(ROSA, voice=CANARY, calendar_url=f"https://c.example/{CANARY}"), NOON)
        await unit.reminders.claim(ROSA, "day", NOON.date(), "w1", NOON, 60)
        await unit.measures.put(Measure(final.id, ROSA, NOON, NOON, same_day=True, changed=0))
        await unit.commit()
    await Installations(database).save(INSTALLED)


EMPTY = {"seen", "formats", "oauth_states"}  # nothing of a note is stored there


class StorageSafetyContract:
    """A subclass gives `database` and `url`."""

    async def test_no_table_holds_clinical_text_in_clear(self, database: SqlDatabase) -> None:
        await write_everything(database)
        engine = create_engine(database.writers.engine.url)
        with engine.connect() as connection:
            rows = {table.name: connection.execute(table.select()).all() for table in metadata.sorted_tables}
        engine.dispose()
        assert {name for name, found in rows.items() if not found} == EMPTY
        clear = repr(
            [bytes(value) if isinstance(value, memoryview) else value for r in rows.values() for x in r for value in x]
        )
        assert CANARY not in clear
        assert "1987-11-23" not in clear

    async def test_a_row_changed_behind_our_back_does_not_open(self, database: SqlDatabase) -> None:
        changes = (
            "UPDATE notes SET state = 'draft'",
            "UPDATE notes SET clinician_id = 'omar'",
            "UPDATE notes SET version = 7",
            "UPDATE notes SET waiting = 'reword'",
            "UPDATE notes SET link_of = 'n1'",
            "UPDATE notes SET batch = 'b1'",
            "UPDATE signatures SET name = 'Somebody Else'",
            "DELETE FROM signatures",
        )
        for change in changes:
            final = await stored(database, signed(drafted(note_of())))
            column = "id" if "notes" in change else "note_id"
            raw(database, f"{change} WHERE {column} = :note", note=final.id)
            with pytest.raises(Unreadable):
                await read(database, final.id)

    async def test_a_plan_moved_or_changed_behind_our_back_does_not_open(self, database: SqlDatabase) -> None:
        plan = plan_of()
        async with database.writing(OURS) as unit:
            await unit.plans.save(plan, None)
            await unit.commit()
        [(before,)] = raw(database, "SELECT content FROM plans")
        async with database.writing(OURS) as unit:
            await unit.plans.save(replace(plan, frequency="weekly"), plan)
            lookup = bytes.fromhex(await unit.plans.id_of("MK-003"))
            await unit.commit()
        [was] = raw(database, "SELECT content, clinician_id, client_lookup FROM plans")
        for change, value in (
            ("UPDATE plans SET content = :value", before),
            ("UPDATE plans SET clinician_id = :value", "omar"),
            ("UPDATE plans SET client_lookup = :value", lookup),
        ):
            raw(database, change, value=value)
            with pytest.raises(Unreadable):
                async with database.reading(OURS) as unit:
                    await unit.plans.all()
            put_back = "UPDATE plans SET content = :content, clinician_id = :clinician, client_lookup = :lookup"
            raw(database, put_back, content=was[0], clinician=was[1], lookup=was[2])
            async with database.reading(OURS) as unit:
                assert [each.frequency for each in await unit.plans.all()] == ["weekly"]

    async def test_an_example_moved_or_changed_behind_our_back_does_not_open(self, database: SqlDatabase) -> None:
        for example_id in ("e1", "e2"):
            async with database.writing(OURS) as unit:
                await unit.examples.add(Example(example_id, "soap", "plan", "text", "why", ROSA, NOON))
                await unit.commit()
        changes = (
            "UPDATE examples SET content = (SELECT content FROM examples WHERE id = 'e2') WHERE id = 'e1'",
            "UPDATE examples SET format_id = 'birp' WHERE id = 'e2'",
        )
        for change, format_id in zip(changes, ("soap", "birp"), strict=True):
            raw(database, change)
            with pytest.raises(Unreadable):
                async with database.reading(OURS) as unit:
                    await unit.examples.of_format(format_id, 9)

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE appointments SET clinician_id = 'omar'",
            "UPDATE appointments SET revision = 4",
            "UPDATE appointments SET settled_at = due_at",
            "UPDATE appointments SET due_at = starts_at",
            "UPDATE appointments SET note_id = NULL",
        ],
    )
    async def test_a_session_changed_behind_our_back_does_not_open(self, database: SqlDatabase, change: str) -> None:
        note = await stored(database, note_of())
        kept = session_of(note_id=note.id)
        async with database.writing(OURS) as unit:
            await unit.appointments.add(kept, NOON)
            await unit.commit()
        raw(database, change)
        with pytest.raises(Unreadable):
            async with database.reading(OURS) as unit:
                await unit.appointments.get(kept.id)

    async def test_nothing_is_left_of_the_text_of_a_removed_example(self, database: SqlDatabase) -> None:
        async with database.writing(OURS) as unit:
            await unit.examples.add(Example("e1", "soap", "plan", "text", "why", ROSA, NOON))
            await unit.commit()
        async with database.writing(OURS) as unit:
            await unit.examples.remove("e1", NOON)
            await unit.commit()
        [(content, removed)] = raw(database, "SELECT content, removed_at FROM examples")
        assert bytes(content) == b""
        assert removed is not None

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE people SET revision = 2",
            "UPDATE people SET id = 'sam'",
            "UPDATE people SET changed_by = 'omar'",
            "UPDATE people SET practice_id = 'harbor'",
        ],
    )
    async def test_a_person_moved_or_changed_behind_our_back_does_not_open(
        self, database: SqlDatabase, change: str
    ) -> None:
        for practice in (OURS, THEIRS):
            async with database.writing(practice) as unit:
                await unit.people.save(member("Robin" if practice == OURS else "Sam", "of" + practice), 0, ROSA, NOON)
                await unit.commit()
        raw(database, change + " WHERE id = 'ofwillow'")
        with pytest.raises(Unreadable):
            async with database.reading(THEIRS if "practice" in change else OURS) as unit:
                await unit.people.all()

    async def test_an_older_content_put_back_does_not_open(self, database: SqlDatabase) -> None:
        note = await stored(database, note_of())
        [(before,)] = raw(database, "SELECT content FROM notes")
        await saved(database, replace(note, left_out=(1,)), note)
        raw(database, "UPDATE notes SET content = :content", content=before)
        with pytest.raises(Unreadable):
            await read(database, note.id)

    async def test_every_version_is_kept_and_its_hash_covers_it(self, database: SqlDatabase) -> None:
        draft = await stored(database, drafted(note_of()))
        second = await saved(database, draft.arranged("dap"), draft)
        await saved(database, signed(second), second)
        rows = raw(database, "SELECT version, hash, previous_hash FROM versions ORDER BY version")
        assert rows == [(1, draft.version_hash(), ""), (2, second.version_hash(), draft.version_hash())]

    @pytest.mark.parametrize("change", ["UPDATE {} SET version = 9", "DELETE FROM {}"])
    @pytest.mark.parametrize("table", ["versions", "signatures", "audit"])
    async def test_what_is_append_only_refuses_changes(self, database: SqlDatabase, table: str, change: str) -> None:
        await write_everything(database)
        engine = create_engine(database.writers.engine.url)
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change.format(table)))
        engine.dispose()

    @pytest.mark.parametrize(
        ("change", "row"),
        [
            ("DELETE FROM audit WHERE seq = 2", 2),
            ("DELETE FROM audit WHERE seq = 5", 5),
            ("UPDATE audit SET seq = 50 WHERE seq = 5", 5),
            ("UPDATE audit SET hash = 'x' WHERE seq = 1", 1),
            ("DELETE FROM audit_heads", 5),
        ],
    )
    async def test_the_audit_log_names_the_first_bad_row(self, database: SqlDatabase, change: str, row: int) -> None:
        async with database.writing(OURS) as unit:
            for _ in range(5):
                await unit.audit.append(act_on(note_of()))
            await unit.commit()
        raw(database, change)
        async with database.reading(OURS) as unit:
            said = await unit.audit.verify()
        assert said is not None
        assert f"row {row}" in said

    async def test_a_chain_cut_short_with_a_matching_head_lacks_the_seal(self, database: SqlDatabase) -> None:
        async with database.writing(OURS) as unit:
            for _ in range(3):
                await unit.audit.append(act_on(note_of()))
            await unit.commit()
        cut = "UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)"
        raw(database, "DELETE FROM audit WHERE seq = 3", cut)
        async with database.reading(OURS) as unit:
            assert (
                await unit.audit.verify() == "The audit log was changed: row 2 is not sealed with this practice's key."
            )

    async def test_rotation_lets_the_old_key_go(self, database: SqlDatabase, url: str, ring: str) -> None:
        await write_everything(database)
        note = await stored(database, note_of(THEIRS, client_code="MK-1"))
        rotated = rotated_key_ring(ring)
        both = SqlDatabase(url, KeyRing.parse(rotated))
        assert await rewrap(both) == 6  # two notes, two practices, two tokens
        assert await rewrap(both) == 0
        await both.close()
        new = SqlDatabase(url, KeyRing.parse(rotated.split(",")[0]))
        assert await read(new, note.id, THEIRS) == note
        async with new.reading(OURS) as unit:
            assert await unit.notes.client_codes(ROSA, "", 9) == [CANARY]
            assert await unit.audit.verify() is None
        assert await Installations(new).find("T1") == INSTALLED
        await new.close()

    async def test_rotation_goes_beyond_one_batch(
        self, database: SqlDatabase, url: str, ring: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.rotation._BATCH", 2)
        for practice in (OURS, THEIRS):
            for _ in range(5):
                await stored(database, note_of(practice))
        both = SqlDatabase(url, KeyRing.parse(rotated_key_ring(ring)))
        assert await rewrap(both) == 10
        await both.close()

    async def test_without_the_key_nothing_opens(self, database: SqlDatabase, url: str) -> None:
        note = await stored(database, note_of())
        stranger = SqlDatabase(url, KeyRing.parse(new_key_ring()))
        with pytest.raises(Unreadable):
            await read(stranger, note.id)
        await stranger.close()

    async def test_a_purge_takes_the_key_from_every_copy(self, database: SqlDatabase) -> None:
        final = await stored(database, signed(drafted(note_of())))
        async with database.writing(OURS) as unit:
            await unit.reviews.put(round_of(final.id, 1))
            await unit.notes.purge(final.id)
            await unit.commit()
        await database.scrub()
        assert raw(database, "SELECT wrapped_key, content FROM notes") == [(None, b"")]
        async with database.reading(OURS) as unit:
            assert await unit.reviews.waiting(None, 9) == [], "nobody is reminded of it"
        assert raw(database, "SELECT count(*) FROM versions") == [(1,)]

    async def test_an_installation_is_found_and_replaced(self, database: SqlDatabase) -> None:
        installations = Installations(database)
        assert await installations.find("T1") is None
        await installations.save(replace(INSTALLED, bot_token="xoxb-old", refresh_token="", expires_at=NOON))
        await installations.save(INSTALLED)
        assert await installations.find("T1") == INSTALLED
        assert CANARY not in repr(INSTALLED)

    async def test_a_token_moved_to_another_practice_does_not_open(self, database: SqlDatabase) -> None:
        await Installations(database).save(INSTALLED)
        raw(database, "UPDATE installations SET practice_id = 'harbor'")
        with pytest.raises(Unreadable):
            await Installations(database).find("T1")

    async def test_models_and_migrations_agree(self, database: SqlDatabase) -> None:
        with database.readers.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []

    async def test_migrating_again_changes_nothing(self, database: SqlDatabase, url: str) -> None:
        note = await stored(database, note_of())
        await migrate(url)
        assert await read(database, note.id) == note

    async def test_a_database_without_its_schema_is_refused_not_retried(self, database: SqlDatabase) -> None:
        raw(database, "DROP TABLE cards")
        with pytest.raises(DatabaseRefused):
            async with database.reading(OURS) as unit:
                await unit.cards.of(note_of().id)

    async def test_errors_hold_no_text_of_the_row(self, database: SqlDatabase) -> None:
        raw(database, "ALTER TABLE notes RENAME COLUMN source TO sources")
        note = note_of(summary=CANARY, client_code=CANARY, source=CANARY)
        with pytest.raises((DatabaseRefused, Temporary)) as error:
            await stored(database, note)
        assert CANARY not in str(error.getrepr(chain=True))
        assert error.value.__suppress_context__

    async def test_the_double_note_of_a_practice_stays_unknown(self, database: SqlDatabase) -> None:
        note = await stored(database, note_of())
        twin = replace(note, practice_id=PracticeId("harbor"), summary="another practice's")
        await stored(database, twin)
        assert await read(database, note.id) == note
        assert await read(database, note.id, THEIRS) == twin
        with pytest.raises(NotFound):
            await read(database, note.id, PracticeId("elsewhere"))
