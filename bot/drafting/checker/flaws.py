"""What a rule finds wrong with a statement."""

from dataclasses import dataclass

from bot.domain.support import Kind


@dataclass(frozen=True, slots=True)
class Flaw:
    """`rule` names the finding among the weights; `strength` runs from 0 to 1; `words` stand so in the statement."""

    rule: str
    kind: Kind
    words: str
    strength: float = 1.0
    certain: bool = False
