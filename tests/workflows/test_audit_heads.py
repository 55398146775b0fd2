"""The log's end, signed once a day to a folder: by one of several writers, though the folder may be away a while."""

import asyncio
import datetime as dt
import json
import logging
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.audit_head_file import HeadFolder, head_in, head_text
from bot.domain.audit import SignedHead
from bot.domain.errors import UserMistake
from bot.workflows.audit_heads import keep_head, keep_heads, signed_end
from bot.workflows.desk import Desk
from bot.workflows.start_draft import NewNote, start_draft
from demo.run import demo
from storage.crypto import KeyRing, new_key_ring, rotated_key_ring
from storage.migrate import migrate
from storage.rotation import rewrap
from storage.signing import is_genuine
from storage.unit_of_work import SqlDatabase
from tests.contract.audit_log import desk_on
from tests.contract.storage_intruder import raw
from tests.workflows.factories import ROSA, SUMMARY, FixedClock, desk

# The example of docs/audit.md for whoever has none of our programs.
DOCS = Path(__file__).parents[2] / "docs" / "audit.md"


async def act(at: Desk) -> None:
    await start_draft(at, ROSA, NewNote(SUMMARY, "", "slack"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def modes(folder: Path) -> list[int]:
    return [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()]


async def until_there_is_one(folder: Path) -> None:
    async with asyncio.timeout(20):
        while not names(folder):  # noqa: ASYNC110 - nobody tells of a file
            await asyncio.sleep(0.02)


async def test_a_head_a_day_where_the_practice_is(tmp_path: Path) -> None:
    clock = FixedClock(dt.datetime(2026, 11, 24, 5, 59, tzinfo=dt.UTC))  # a minute to midnight in Chicago
    at, folder = desk(clock), HeadFolder(tmp_path)
    assert await keep_head(at, folder) is False  # nothing is in the log
    await act(at)
    assert await keep_head(at, folder) is True
    await act(at)
    assert await keep_head(at, folder) is False
    assert names(tmp_path) == ["audit-head-larkspur-2026-11-23.json"]
    assert head_in(tmp_path / names(tmp_path)[0]).seq == 1
    clock.move(minutes=2)
    assert await keep_head(at, folder) is True
    assert names(tmp_path)[1:] == ["audit-head-larkspur-2026-11-24.json"]
    heads = folder.heads(at.id)
    assert [(name[-15:-5], head.seq, is_genuine(head)) for name, head in heads.items()] == [
        ("2026-11-23", 1, True),
        ("2026-11-24", 2, True),
    ]
    assert modes(tmp_path) == [0o600, 0o600]


async def test_after_days_of_downtime_the_day_it_comes_back_has_its_head(tmp_path: Path) -> None:
    clock = FixedClock()
    at, folder = desk(clock), HeadFolder(tmp_path)
    await act(at)
    await keep_head(at, folder)
    clock.move(days=5)
    await keep_head(at, folder)
    assert names(tmp_path) == ["audit-head-larkspur-2026-11-23.json", "audit-head-larkspur-2026-11-28.json"]


async def test_of_many_writers_at_once_one_writes(tmp_path: Path) -> None:
    at, folder = desk(), HeadFolder(tmp_path)
    await act(at)
    wrote = await asyncio.gather(*(keep_head(at, folder) for _ in range(20)))
    assert names(tmp_path) == ["audit-head-larkspur-2026-11-23.json"]
    assert is_genuine(head_in(tmp_path / names(tmp_path)[0]))
    assert sum(wrote) >= 1


async def test_a_folder_that_is_away_is_told_of_once_and_used_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    at, share = desk(), tmp_path / "share"
    await act(at)
    with caplog.at_level(logging.ERROR, "afternote.audit"):
        keeping = asyncio.create_task(keep_heads(at, HeadFolder(share), every=0.01))
        await asyncio.sleep(0.1)
        assert [record.getMessage() for record in caplog.records] == ["audit head of 2026-11-23 is not kept: ENOENT"]
        share.mkdir()
        await until_there_is_one(share)
    keeping.cancel()
    await asyncio.wait({keeping})
    assert names(share) == ["audit-head-larkspur-2026-11-23.json"]


async def test_a_folder_of_our_own_is_made_private(tmp_path: Path) -> None:
    at = desk()
    await act(at)
    await keep_head(at, HeadFolder(tmp_path / "audit-heads", make=True))
    assert stat.S_IMODE((tmp_path / "audit-heads").stat().st_mode) == 0o700


async def test_an_end_that_somebody_else_wrote_is_not_signed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path / 'afternote.db'}"
    await migrate(url)
    database = SqlDatabase(url, KeyRing.parse(new_key_ring()))
    at = desk_on(database)
    await act(at)
    raw(database, "UPDATE audit_heads SET hash = 'ab'")
    with pytest.raises(UserMistake, match="audit_end_not_sealed"):
        await signed_end(at)
    keeping = asyncio.create_task(keep_heads(at, HeadFolder(tmp_path)))
    await asyncio.sleep(0.2)
    keeping.cancel()
    await asyncio.wait({keeping})
    await database.close()
    assert "is not kept: UserMistake(audit_end_not_sealed)" in caplog.text


async def test_the_key_is_the_same_after_a_restart_and_after_rotation(tmp_path: Path) -> None:
    url, ring = f"sqlite:///{tmp_path / 'afternote.db'}", new_key_ring()
    await migrate(url)
    keys: list[str] = []
    for text in (ring, ring, rotated_key_ring(ring)):
        database = SqlDatabase(url, KeyRing.parse(text))
        await act(desk_on(database))
        head = await signed_end(desk_on(database))
        assert head is not None
        keys.append(head.public_key)
        await rewrap(database)
        await database.close()
    assert len(set(keys)) == 1


async def head_and_text(tmp_path: Path) -> tuple[SignedHead, Path]:
    at = desk()
    await act(at)
    head = await signed_end(at)
    assert head is not None
    (tmp_path / "head.json").write_bytes(head_text(head))
    return head, tmp_path / "head.json"


async def test_a_file_is_read_as_it_was_written_and_another_is_refused(tmp_path: Path) -> None:
    head, path = await head_and_text(tmp_path)
    assert head_in(path) == head
    found = json.loads(path.read_bytes())
    for spoilt in (
        b"",
        b"\xff",
        b"[]",
        json.dumps({**found, "more": 1}).encode(),
        json.dumps({**found, "seq": "9"}).encode(),
        json.dumps({**found, "seq": True}).encode(),
        json.dumps({**found, "at": "2026-11-23"}).encode(),
        json.dumps({name: value for name, value in found.items() if name != "hash"}).encode(),
    ):
        path.write_bytes(spoilt)
        with pytest.raises(ValueError, match="is not a signed head"):
            head_in(path)


async def test_the_program_of_the_docs_proves_a_head_and_refuses_a_changed_one(tmp_path: Path) -> None:
    head, path = await head_and_text(tmp_path)
    program = tmp_path / "prove.py"
    program.write_text(DOCS.read_text("utf-8").partition("```python\n")[2].partition("```")[0])

    def prove() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, program, path], capture_output=True)

    assert (await asyncio.to_thread(prove)).returncode == 0
    path.write_bytes(head_text(replace(head, seq=head.seq + 1)))
    assert b"InvalidSignature" in (await asyncio.to_thread(prove)).stderr


def test_another_practices_heads_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "audit-head-larkspur-east-2026-11-23.json").write_text("{}")
    (tmp_path / "audit-head-larkspur-notes.json").write_text("{}")
    assert HeadFolder(tmp_path).heads("larkspur") == {}


async def test_a_running_service_keeps_a_head(tmp_path: Path) -> None:
    async with demo(tmp_path / "demo", 0, 0):
        pass  # the demo's plans are in the log from here on
    async with demo(tmp_path / "demo", 0, 0):
        await until_there_is_one(tmp_path / "demo" / "audit-heads")
    assert [name[:20] for name in names(tmp_path / "demo" / "audit-heads")] == ["audit-head-larkspur-"]
