"""What the language model may take and what it took: places, calls, tokens."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import NoteId


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls at a time, and how many may begin within a minute, over all workers of a practice."""

    concurrency: int = 4
    per_minute: int = 60


@dataclass(frozen=True, slots=True)
class Call:
    """One call to be made. `purpose`: draft, repair or reword."""

    id: str
    note_id: NoteId
    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: `done` or an error's code. `cached_tokens` are part of `prompt_tokens`."""

    code: str
    model: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one note took of the model in all."""

    note_id: NoteId
    calls: int
    failed: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in the currency the practice is billed in; 0 for a server of one's own."""

    prompt: float = 0.0
    cached: float = 0.0
    completion: float = 0.0
    currency: str = "USD"

    @property
    def known(self) -> bool:
        """Whether there is a price to count with."""
        return bool(self.prompt or self.cached or self.completion)

    def cost(self, usage: Usage) -> float:
        """The cost of what was used, in `currency`."""
        fresh = usage.prompt_tokens - usage.cached_tokens
        parts = fresh * self.prompt + usage.cached_tokens * self.cached + usage.completion_tokens * self.completion
        return parts / 1_000_000
