"""The sink of the other tests keeps the contract too."""

from collections.abc import Mapping

import pytest

from bot.domain.errors import Temporary, Unknown
from bot.ports import FiledNote
from tests.contract.note_sink_contract import FILES, NOTE, NoteSinkContract, StoppedClock
from tests.doubles.memory_sink import MemorySink


class TestMemorySink(NoteSinkContract):
    @pytest.fixture
    def sink(self) -> MemorySink:
        return MemorySink(StoppedClock())

    async def held(self, sink: MemorySink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        return sink.stored[key]


async def test_a_fault_is_raised_once_and_nothing_is_stored() -> None:
    sink = MemorySink(StoppedClock())
    sink.fail_with(Temporary("down"))
    with pytest.raises(Temporary):
        await sink.put(NOTE, FILES, "k1")
    assert not sink.stored
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"


async def test_a_lost_answer_leaves_the_note_stored() -> None:
    sink = MemorySink(StoppedClock())
    sink.fail_with(Unknown("lost"), after=True)
    with pytest.raises(Unknown):
        await sink.put(NOTE, FILES, "k1")
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
