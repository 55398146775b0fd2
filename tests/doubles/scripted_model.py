"""A model that answers what a test told it to, in order; the last answer again and again."""

import asyncio
import json
from collections.abc import Sequence

from bot.domain.completion import Completion, Prompt
from bot.domain.errors import EffectError

Said = tuple[str, str, tuple[int, ...]]


def answer(*said: Said) -> str:
    """Statements (slot, text, cited points) as a model would give them back."""
    return json.dumps({"statements": [{"slot": slot, "text": text, "points": list(c)} for slot, text, c in said]})


class ScriptedModel:
    """`script`: texts, errors to raise, or seconds to be silent for before the next one. `prompts`: what was asked."""

    def __init__(self, *script: str | EffectError | float | Completion) -> None:
        self._script = list(script)
        self.prompts: list[Prompt] = []
        self.cancelled = 0
        self.closed = False

    async def complete(self, prompt: Prompt) -> Completion:
        self.prompts.append(prompt)
        while isinstance(self._script[0], float):
            await self._silent(self._script.pop(0) if len(self._script) > 1 else self._script[0])
        said = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(said, EffectError):
            raise said
        if isinstance(said, Completion):
            return said
        return Completion(str(said), "scripted", 900, 100, 400)

    async def close(self) -> None:
        self.closed = True

    async def _silent(self, seconds: object) -> None:
        try:
            await asyncio.sleep(float(str(seconds)))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def texts_of(prompts: Sequence[Prompt]) -> str:
    """Everything that was sent."""
    return "\n".join(prompt.constant + prompt.question for prompt in prompts)
