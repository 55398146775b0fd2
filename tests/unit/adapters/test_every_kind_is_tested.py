"""No adapter without the contract: its class is what shows that a kind is exact, idempotent and silent (the canary)."""

import base64
import inspect
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest

from adapters.registry import KINDS
from bot.domain.errors import Permanent
from tests.contract.note_sink_contract import NoteSinkContract
from tests.doubles import canary

CONTRACT = Path(__file__).parents[2] / "contract"


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_a_class_that_inherits_the_contract_with_its_canary(kind: str) -> None:
    found = [*CONTRACT.rglob(f"test_sink_{kind}.py")]
    assert found, f"tests/contract/test_sink_{kind}.py is missing: see docs/adding-an-adapter.md"
    name = ".".join(found[0].relative_to(CONTRACT.parents[1]).with_suffix("").parts)
    classes = [each for _, each in inspect.getmembers(import_module(name), inspect.isclass)]
    assert any(issubclass(each, NoteSinkContract) and each is not NoteSinkContract for each in classes)


@pytest.mark.parametrize("before", ["", "a", "ab", "SUBJECTIVE\nSlept well.\n"])
def test_the_canary_is_heard_in_clear_and_in_disguise(before: str) -> None:
    data = f"{before}{canary.WORDS} and more".encode()
    for heard in (data.decode(), data.hex(), base64.b64encode(data).decode(), f"?note={quote(data)}"):
        assert canary.overheard(f"a line with {heard} in it")
    assert canary.overheard("nothing and nobody", base64.b64encode(b"SUBJECTIVE and CN-0000").decode()) == []


def test_the_canary_is_heard_in_the_cause_of_an_error_and_not_in_what_is_never_printed() -> None:
    def failed(hide: bool) -> Permanent:
        try:
            try:
                raise ValueError(canary.CODE)
            except ValueError as error:
                raise Permanent("s3:refused") from (None if hide else error)
        except Permanent as shown:
            return shown

    assert canary.overheard(failed(hide=False)) == [canary.CODE]
    assert canary.overheard(failed(hide=True)) == []
