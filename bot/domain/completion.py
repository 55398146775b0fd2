"""What a language model is asked, and what it answered. No model library is known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question. `constant` comes first and is the same for every note, so that a server can keep it in its cache;
    `question` is this note's. `schema` is the JSON schema of the answer. `version` names the wording of the prompt."""

    version: str
    constant: str
    question: str
    schema: Mapping[str, Any] = field(repr=False)
    max_tokens: int = 2000


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer as the server gave it, with what it cost in tokens. `cached_tokens` are part of `prompt_tokens`."""

    text: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    refused: bool = False
    cut_short: bool = False  # the answer ran into the token limit
