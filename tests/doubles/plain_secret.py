"""A secret for tests."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlainSecret:
    """Hides itself from `repr`, as the product's own secrets do."""

    value: str = field(repr=False)

    def reveal(self) -> str:
        return self.value
