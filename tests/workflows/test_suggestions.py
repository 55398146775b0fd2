"""Client codes that the record knows, in the type-ahead: after one's own, in time or not at all."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.errors import NotAllowed, Permanent, Temporary
from bot.domain.people import Client
from bot.workflows.desk import Desk
from bot.workflows.find_clients import find_clients
from bot.workflows.roster import Roster
from bot.workflows.suggestions import Suggestions
from tests.workflows.factories import CANARY, NORA, ROSA, desk


class Directory:
    """A record that knows these codes. `raises`: instead of an answer; `waits`: seconds before one."""

    def __init__(self, *codes: str) -> None:
        self.codes, self.asked = codes, []
        self.raises: Exception | None = None
        self.waits = 0.0
        self.answered = 0

    async def find_clients(self, typed: str, limit: int) -> Sequence[str]:
        self.asked.append(typed)
        await asyncio.sleep(self.waits)
        self.answered += 1
        if self.raises:
            raise self.raises
        return [code for code in self.codes if typed and code.upper().startswith(typed)][:limit]


def at_a_desk(directory: Directory, patience: float = 0.3) -> Desk:
    return replace(desk(), suggestions=Suggestions(directory, patience))


async def codes(at: Desk, typed: str) -> list[str]:
    """Those that are known, without the one that would be new."""
    return [code for code, label in await find_clients(at, ROSA, typed) if label == code]


async def test_own_codes_come_first_then_the_records_then_a_new_one() -> None:
    at = at_a_desk(Directory("JD-001", "JD-014", "JD-099", "XX-1"))
    assert await codes(at, "jd-0") == ["JD-014", "JD-020", "JD-001", "JD-099"]
    found = await find_clients(at, ROSA, "JD-9")
    assert found == [("JD-9", "JD-9 (new)")]
    assert ("JD-099", "JD-099") in await find_clients(at, ROSA, "JD-09")


async def test_a_colleagues_client_is_not_named() -> None:
    assert await codes(at_a_desk(Directory("AC-010", "ac-010", "AC-011")), "AC-01") == ["AC-011"]


async def test_what_cannot_be_a_code_is_left_out_and_small_letters_are_capitals() -> None:
    names = Directory("Jane Doe", "JA-1", "ja-2", "JA-2", "J" * 200, "JA-3\n")
    assert await codes(at_a_desk(names), "ja") == ["JA-1", "JA-2", "JA-3"]


async def test_the_list_stays_short() -> None:
    many = Directory(*(f"JD-{number}" for number in range(100, 200)))
    found = await codes(at_a_desk(many), "jd-")
    assert found[:2] == ["JD-014", "JD-020"]
    assert len(found) == 20


async def test_who_has_a_full_list_of_own_clients_waits_for_nobody() -> None:
    directory = Directory("JD-500")
    at = at_a_desk(directory)
    clients = tuple(Client(f"JD-{number}", ROSA.id) for number in range(100, 130))
    assert len(await codes(replace(at, roster=Roster(replace(at.practice, clients=clients))), "JD-1")) == 20
    assert directory.asked == []


async def test_who_may_not_write_is_refused_before_anybody_is_asked() -> None:
    directory = Directory("JD-001")
    for actor in (NORA, None):
        with pytest.raises(NotAllowed):
            await find_clients(at_a_desk(directory), actor, "JD")
    assert directory.asked == []


async def test_a_slow_record_is_not_waited_for_and_its_answer_still_comes(caplog: pytest.LogCaptureFixture) -> None:
    directory = Directory("JD-001")
    directory.waits = 0.15
    at = at_a_desk(directory, patience=0.02)
    began = asyncio.get_running_loop().time()
    assert await codes(at, "jd-0") == ["JD-014", "JD-020"]
    assert asyncio.get_running_loop().time() - began < 0.1
    assert "not suggested: late" in caplog.text
    assert at.suggestions is not None
    await asyncio.sleep(0.2)
    assert directory.answered == 1
    await at.suggestions.close()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Temporary("fhir:unreachable"), "fhir:unreachable"),
        (Permanent("fhir:not_allowed:401"), "fhir:not_allowed:401"),
        (RuntimeError(f"the server said {CANARY}"), "unexpected_RuntimeError"),
    ],
)
async def test_a_record_that_fails_is_logged_once_by_code(
    caplog: pytest.LogCaptureFixture, error: Exception, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    directory = Directory("JD-001")
    at = at_a_desk(directory)
    directory.raises = error
    for _ in range(3):
        assert await codes(at, "jd-0") == ["JD-014", "JD-020"]
    assert [record.getMessage() for record in caplog.records if "suggested" in record.getMessage()] == [
        f"client codes of the record are not suggested: {code}"
    ]
    assert CANARY not in caplog.text
    directory.raises = None
    assert "JD-001" in await codes(at, "jd-0")
    directory.raises = error
    await codes(at, "jd-0")
    assert caplog.text.count("not suggested") == 2


async def test_a_record_that_hangs_is_asked_by_few_at_a_time() -> None:
    directory = Directory("JD-001")
    directory.waits = 60
    suggestions = Suggestions(directory, 0.001)
    for _ in range(20):
        assert await suggestions.like("JD", 5) == ()
    assert len(directory.asked) == 8
    await suggestions.close()
    directory.waits = 0
    assert await suggestions.like("JD", 5) == ["JD-001"]


async def test_without_a_record_that_can_be_asked_all_is_as_before() -> None:
    at = desk()
    assert at.suggestions is None
    assert await codes(at, "jd-0") == ["JD-014", "JD-020"]
