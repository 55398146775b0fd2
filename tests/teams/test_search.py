"""Client codes of the record in a form's type-ahead, on Teams: a real FHIR server, the real application."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.teams.blocks import CLIENT_CODES
from demo.adaptive_cards import check_card
from demo.fhir_storage import CLIENTS
from demo.home import own_practice_file
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, parts_of
from tests.fhir_parts import running_fhir_server

ADAPTER = """\
[adapter]
record = "fhir"
copies = ["folder"]

[adapter.fhir]
base_url = "{base}"
patient_system = "{clients}"
auth = "none"
suggest_clients = {wanted}
"""


@pytest.fixture(params=["true"])
async def with_record(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[TeamsDemo]:
    """The product with a FHIR server that knows JD-777 as its record."""
    with running_fhir_server() as server:
        server.add({"resourceType": "Patient", "identifier": [{"system": CLIENTS, "value": "JD-777"}]})
        adapter = ADAPTER.format(base=server.base, clients=CLIENTS, wanted=request.param)
        own_practice_file(tmp_path, adapter=adapter)
        async with teams_demo(tmp_path) as running:
            yield running


def search(typed: Any, dataset: Any = CLIENT_CODES) -> dict[str, Any]:
    return {"queryText": typed, "queryOptions": {"skip": 0, "top": 15}, "dataset": dataset}


async def found(person: TeamsPerson, value: dict[str, Any]) -> list[str]:
    answer = await person.invoke("application/search", value)
    assert (answer["statusCode"], answer["type"]) == (200, "application/vnd.microsoft.search.searchResponse")
    return [result["value"] for result in answer["value"]["results"]]


async def form_of(person: TeamsPerson) -> dict[str, Any]:
    value = {"commandId": "newNote", "commandContext": "compose"}
    answer = await person.invoke("composeExtension/fetchTask", value)
    return answer["task"]["value"]["card"]["content"]


async def test_codes_of_the_record_are_found_after_ones_own(with_record: TeamsDemo) -> None:
    rosa = TeamsPerson(with_record.service, 4)
    card = await form_of(rosa)
    assert check_card(card) == []
    (client,) = [part for part in parts_of(card) if "choices.data" in part]
    assert client["choices.data"] == {"type": "Data.Query", "dataset": CLIENT_CODES}
    assert "JD-777" not in [choice["value"] for choice in client["choices"]]
    assert await found(rosa, search("jd")) == ["JD-014", "JD-777"]


async def test_odd_questions_find_nothing(with_record: TeamsDemo) -> None:
    rosa = TeamsPerson(with_record.service, 4)
    for value in (search(7), search(None), search("jd", "notes"), search("jd", None), {}):
        assert await found(rosa, value) == []
    assert await found(rosa, search("x" * 5000)) == []


async def test_who_writes_no_notes_is_told_no_codes(with_record: TeamsDemo) -> None:
    for number in (5, 99):  # the administrator, and somebody who is not of the practice
        assert await found(TeamsPerson(with_record.service, number), search("jd")) == []


@pytest.mark.parametrize("with_record", ["false"], indirect=True)
async def test_a_practice_that_does_not_want_it_is_not_asked(with_record: TeamsDemo) -> None:
    assert await found(TeamsPerson(with_record.service, 4), search("jd")) == ["JD-014"]
