"""What every NoteSink keeps. A sink's test class inherits `NoteSinkContract` and hands it a sink and a way to look."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.errors import Conflict, EffectError
from bot.domain.ids import NoteId, PracticeId
from bot.ports import FiledNote, NoteSink
from tests.doubles import canary

NOW = datetime(2026, 11, 20, 21, 5, tzinfo=UTC)
OWN_WAIT = 30
"""Seconds after which a call counts as hanging here; the libraries by themselves wait for a minute or for ever."""

FILES: Mapping[str, bytes] = {"pdf": b"%PDF-1.7 note", "json": b'{"note": 1}', "txt": b"SUBJECTIVE\nSlept well.\n"}
NOTE = FiledNote(NoteId("n0123456789abcdefg"), PracticeId("larkspur"), "JD-014", "soap", "2026-11-20", "ab" * 32)


class StoppedClock:
    """A clock that says NOW."""

    def now(self) -> datetime:
        return NOW


class NoteSinkContract:
    """Inherit, provide the fixture `sink`, and `held`: the files the sink holds for a note and key."""

    @pytest.fixture
    def sink(self) -> NoteSink:
        raise NotImplementedError

    async def held(self, sink: NoteSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        raise NotImplementedError

    async def test_a_note_is_stored_whole_with_a_receipt(self, sink: NoteSink) -> None:
        receipt = await sink.put(NOTE, FILES, "k1")
        assert receipt.outcome == "stored"
        assert receipt.sha256 == hashlib.sha256(FILES["pdf"]).hexdigest()
        assert receipt.reference
        assert receipt.at == NOW
        assert await self.held(sink, NOTE, "k1") == FILES

    async def test_the_same_put_again_is_already_there(self, sink: NoteSink) -> None:
        first = await sink.put(NOTE, FILES, "k1")
        second = await sink.put(NOTE, FILES, "k1")
        assert second.outcome == "already"
        assert (second.reference, second.sha256) == (first.reference, first.sha256)

    @pytest.mark.parametrize("kind", ["pdf", "json", "txt"])
    async def test_other_bytes_under_the_key_are_refused_and_the_first_ones_stay(
        self, sink: NoteSink, kind: str
    ) -> None:
        await sink.put(NOTE, FILES, "k1")
        with pytest.raises(Conflict):
            await sink.put(NOTE, {**FILES, kind: FILES[kind] + b" and more"}, "k1")
        assert await self.held(sink, NOTE, "k1") == FILES

    async def test_of_eight_at_once_one_stores(self, sink: NoteSink) -> None:
        receipts = await asyncio.gather(*(sink.put(NOTE, FILES, "k1") for _ in range(8)))
        assert sorted(receipt.outcome for receipt in receipts) == ["already"] * 7 + ["stored"]
        assert await self.held(sink, NOTE, "k1") == FILES

    async def test_of_two_different_ones_at_once_one_wins_whole(self, sink: NoteSink) -> None:
        other = {kind: b"!" + data for kind, data in FILES.items()}
        results = await asyncio.gather(
            *(sink.put(NOTE, files, "k1") for files in (FILES, other)), return_exceptions=True
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert await self.held(sink, NOTE, "k1") in (FILES, other)

    async def test_words_of_any_script_come_back_unchanged(self, sink: NoteSink) -> None:
        files = {kind: "Пациентка 患者 שלום 😀 \x00\x1b".encode() for kind in FILES}
        await sink.put(NOTE, files, "k1")
        assert await self.held(sink, NOTE, "k1") == files

    async def test_five_megabytes_come_back_unchanged(self, sink: NoteSink) -> None:
        files = {**FILES, "pdf": bytes(range(256)) * 20_480}
        await sink.put(NOTE, files, "k1")
        assert await self.held(sink, NOTE, "k1") == files

    async def test_two_notes_of_one_client_on_one_day_stand_side_by_side(self, sink: NoteSink) -> None:
        other = replace(NOTE, note_id=NoteId("n2222222222222222"))
        first, second = await sink.put(NOTE, FILES, "k1"), await sink.put(other, FILES, "k2")
        assert first.reference != second.reference
        assert second.outcome == "stored"

    async def test_a_fresh_sink_has_no_problems(self, sink: NoteSink) -> None:
        assert list(await sink.check()) == []

    async def test_nothing_of_a_note_is_logged_or_told_by_an_error(self, sink: NoteSink) -> None:
        """What a place quotes in its errors is for each sink's own tests; this is what every sink does by itself."""
        with canary.captured_logs() as logs:
            await sink.put(NOTE, canary.FILES, "k1")
            other = {kind: data[::-1] for kind, data in canary.FILES.items()}
            coded = replace(NOTE, note_id=NoteId("n2222222222222222"), client_code=canary.CODE)
            puts = (sink.put(coded, canary.FILES, "k2"), sink.put(NOTE, other, "k1"), sink.put(NOTE, {}, "k1"))
            told = [*await asyncio.gather(*puts, return_exceptions=True), *await sink.check()]
        errors = [error for error in told if isinstance(error, BaseException)]
        assert errors  # at the least, that nothing was rendered
        assert all(isinstance(error, EffectError) for error in errors)
        assert canary.overheard(logs.getvalue(), *errors) == []
