"""What a model server can do, found out from what it refuses. Pure: `llm.py` sends, this remembers.

Starts with everything wanted and gives up one thing at a time: the strictest form of answer first, then parameters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.completion import Prompt

# `max_completion_tokens` also counts what a reasoning model thinks before it answers.
_ROOM_TO_REASON = 6000
_FORMAT = re.compile(r"response_format|json_schema|json_object|json schema|structured output", re.IGNORECASE)
_LIMITS = ("max_tokens", "max_completion_tokens")
_FIXED: Mapping[str, Any] = {"temperature": 0, "seed": 7}


class Mode(StrEnum):
    """How the form of the answer is asked for, strictest first."""

    SCHEMA = "json_schema"
    SHAPED = "json_object with schema"  # llama-cpp-python, Together, Fireworks
    JSON = "json_object"
    PLAIN = "plain"


@dataclass(slots=True)
class Abilities:
    """What is asked of one server. `settled` once it has answered a request."""

    mode: Mode = Mode.SCHEMA
    limit: str | None = _LIMITS[0]
    fixed: dict[str, Any] = field(default_factory=lambda: dict(_FIXED))
    settled: bool = False

    def arguments(self, prompt: Prompt) -> dict[str, Any]:
        """The request's parameters besides model and messages."""
        found = dict(self.fixed)
        if self.limit:
            found[self.limit] = prompt.max_tokens + (_ROOM_TO_REASON if self.limit == _LIMITS[1] else 0)
        if self.mode is not Mode.PLAIN:
            found["response_format"] = _response_format(self.mode, prompt.schema)
        return found

    def give_up(self, sent: Mapping[str, Any], complaint: str) -> bool:
        """Do without what the server's complaint about the `sent` arguments names. False when it names nothing of
        them. A complaint about something given up meanwhile, by another request, only means: ask again.
        """
        for name in (*_FIXED, *_LIMITS):
            if name in sent and _names(complaint, name):
                self._drop(name)
                return True
        if "response_format" in sent and _FORMAT.search(complaint):
            self._step_down(sent["response_format"])
            return True
        return False

    def _drop(self, name: str) -> None:
        self.fixed.pop(name, None)
        if name == self.limit:
            self.limit = _LIMITS[1] if name == _LIMITS[0] else None

    def _step_down(self, refused: Mapping[str, Any]) -> None:
        if refused == _response_format(self.mode, _schema_in(refused)):
            self.mode = list(Mode)[list(Mode).index(self.mode) + 1]


def _response_format(mode: Mode, schema: Mapping[str, Any]) -> dict[str, Any]:
    if mode is Mode.SCHEMA:
        return {"type": "json_schema", "json_schema": {"name": "statements", "strict": True, "schema": dict(schema)}}
    return {"type": "json_object", "schema": dict(schema)} if mode is Mode.SHAPED else {"type": "json_object"}


def _schema_in(response_format: Mapping[str, Any]) -> Mapping[str, Any]:
    return response_format.get("json_schema", response_format).get("schema", {})


def _names(complaint: str, parameter: str) -> bool:
    """Whether the complaint is about the parameter, not merely about a schema or text with such a word."""
    return re.search(rf"(?<![\w.-]){parameter}(?![\w-])", complaint) is not None and not _FORMAT.search(complaint)
