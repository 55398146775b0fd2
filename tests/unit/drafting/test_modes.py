"""What a complaint of a server makes us give up, and what it does not."""

import pytest

from bot.domain.completion import Prompt
from bot.drafting.modes import Abilities, Mode

PROMPT = Prompt("v", "c", "q", {"type": "object"}, 500)


@pytest.mark.parametrize(
    "complaint",
    [
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        'response_format type must be one of "text" or "json_object", but got: json_schema',
        "response_format.type Input should be 'text' or 'json_object'",
        "Invalid schema for response_format 'statements': 'max_tokens' is not permitted.",
        "Structured output is not available for this deployment",
    ],
)
def test_complaints_about_the_form_of_the_answer_step_down_once(complaint: str) -> None:
    able = Abilities()
    sent = able.arguments(PROMPT)
    assert able.give_up(sent, complaint)
    assert able.mode is Mode.SHAPED
    assert able.give_up(sent, complaint), "the same complaint, late, from a request sent before"
    assert able.mode is Mode.SHAPED
    assert able.limit == "max_tokens"


def test_all_the_way_down_and_no_further() -> None:
    able = Abilities()
    while able.give_up(able.arguments(PROMPT), "response_format is unknown"):
        pass
    assert able.mode is Mode.PLAIN
    assert "response_format" not in able.arguments(PROMPT)


def test_the_other_name_of_the_limit_leaves_room_to_reason() -> None:
    able = Abilities()
    assert able.arguments(PROMPT)["max_tokens"] == 500
    assert able.give_up(able.arguments(PROMPT), "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.")
    assert able.arguments(PROMPT)["max_completion_tokens"] > 500
    assert able.give_up(able.arguments(PROMPT), "max_completion_tokens: extra fields not permitted")
    assert able.limit is None


@pytest.mark.parametrize(
    "complaint", ["", "Bad request", "the client's temperatures", "maximum context length is 4096 tokens", "seeds"]
)
def test_other_complaints_change_nothing(complaint: str) -> None:
    able = Abilities()
    assert not able.give_up(able.arguments(PROMPT), complaint)
    assert able == Abilities()
