"""A note as a set of files, on a store in memory that can be told to misbehave."""

import pytest

from adapters.file_set import Arrangement, Found, commit_note
from bot.domain.errors import Conflict, Permanent, Temporary
from bot.domain.filing import Receipt
from tests.contract.note_sink_contract import FILES, NOTE, StoppedClock

STEM = "JD-014/2026-11-20_soap_n0123456789abcdefg"


class MemoryStore:
    """Files by path; `spoiled`: kinds of file that it gives back changed, `forgotten`: that it does not keep."""

    def __init__(self, spoiled: str = "", forgotten: str = "") -> None:
        self.files: dict[str, bytes] = {}
        self._spoiled, self._forgotten = spoiled, forgotten

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        if path in self.files:
            return False
        if not self._forgotten or not path.endswith(self._forgotten):
            self.files[path] = data
        return True

    async def read(self, path: str) -> Found | None:
        if path not in self.files:
            return None
        changed = b"!" if self._spoiled and path.endswith(self._spoiled) else b""
        return Found(self.files[path] + changed, f"v-{path[-3:]}")


async def commit(store: MemoryStore, key: str = "k1", arrangement: Arrangement | None = None) -> Receipt:
    return await commit_note(store, arrangement or Arrangement(), NOTE, FILES, key, "memory", StoppedClock())


async def test_files_come_first_and_the_mark_last() -> None:
    store = MemoryStore()
    receipt = await commit(store)
    assert list(store.files) == [f"{STEM}.{kind}" for kind in ("pdf", "json", "txt", "receipt.json")]
    assert (receipt.reference, receipt.version, receipt.outcome) == (STEM, "v-pdf", "stored")
    assert (await commit(store)).outcome == "already"


@pytest.mark.parametrize("kind", ["pdf", "json", "txt", "receipt.json"])
async def test_what_does_not_come_back_as_it_was_given_is_not_kept(kind: str) -> None:
    for store in (MemoryStore(spoiled=f".{kind}"), MemoryStore(forgotten=f".{kind}")):
        with pytest.raises(Temporary, match=r"^memory:not_kept$"):
            await commit(store)
        assert kind == "receipt.json" or f"{STEM}.receipt.json" not in store.files


@pytest.mark.parametrize(("kind", "code"), [("txt", "memory:other_content"), ("receipt.json", r".*:receipt")])
async def test_what_stands_there_already_stays(kind: str, code: str) -> None:
    store = MemoryStore()
    store.files[f"{STEM}.{kind}"] = b"somebody else's"
    with pytest.raises(Conflict, match=f"^{code}$") as conflict:
        await commit(store)
    assert conflict.value.reference == STEM
    assert store.files[f"{STEM}.{kind}"] == b"somebody else's"


async def test_a_mark_of_another_filing_writes_nothing() -> None:
    store = MemoryStore()
    await commit(store, "another key", Arrangement(files=("txt",)))
    before = dict(store.files)
    with pytest.raises(Conflict, match=r"^memory:other_content:receipt$"):
        await commit(store)
    assert store.files == before


async def test_a_kind_that_was_not_rendered_is_named() -> None:
    with pytest.raises(Permanent, match=r"^memory:not_rendered:docx$"):
        await commit(MemoryStore(), arrangement=Arrangement(files=("pdf", "docx")))
