"""Answers of servers, well formed and not."""

import json
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.completion import Completion
from bot.domain.errors import Permanent, Temporary
from bot.drafting.protocol import complaint_of, completion_of, failure_of, retry_after


def test_a_whole_answer() -> None:
    body = {
        "model": "m-1",
        "choices": [{"finish_reason": "length", "message": {"content": "text", "refusal": None}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}},
    }
    assert completion_of(json.dumps(body), "m") == Completion("text", "m-1", 9, 4, 5, refused=False, cut_short=True)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "[]",
        "{}",
        '{"choices": []}',
        '{"choices": [null], "usage": null}',
        '{"choices": [{"message": {"content": ["part"]}}], "usage": {"prompt_tokens": "many"}}',
        '{"choices": {"0": 1}, "model": 4, "usage": {"prompt_tokens_details": null, "completion_tokens": -1}}',
    ],
)
def test_anything_else_is_an_empty_answer(body: str) -> None:
    assert completion_of(body, "m") == Completion("", "m")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage", "prompt_tokens"]), inner)
    ),
)


@given(JSON.map(json.dumps) | st.text())
def test_no_answer_raises(body: str) -> None:
    assert isinstance(completion_of(body, "m").text, str)


@pytest.mark.parametrize(
    ("status", "code", "wanted"),
    [
        (429, None, Temporary("model_busy")),
        (429, "insufficient_quota", Permanent("model_out_of_credit")),
        (408, None, Temporary("model_busy")),
        (529, None, Temporary("model_busy")),
        (401, None, Permanent("model_refused_key")),
        (404, None, Permanent("model_not_found")),
        (400, None, Permanent("model_bad_request")),
        (301, None, Permanent("model_bad_request")),
    ],
)
def test_what_to_do_about_an_error(status: int, code: str | None, wanted: Temporary | Permanent) -> None:
    found = failure_of(status, code, {})
    assert (type(found), found.code) == (type(wanted), wanted.code)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "9", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    found = retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert found is not None
    assert 57 < found <= 60
    assert retry_after({"retry-after": formatdate(time.time() - 60, usegmt=True)}) == 0


def test_a_complaint_is_where_and_what_but_not_the_input_it_quotes() -> None:
    body = {"detail": [{"loc": ["body", "seed"], "msg": "not permitted", "input": "temperature of the client"}]}
    assert complaint_of(body, None, "") == "['body', 'seed'] not permitted"
    assert complaint_of({"message": "no"}, "seed", "Error code: 400") == "seed no"
    assert complaint_of(None, None, "Error code: 400") == " Error code: 400"
