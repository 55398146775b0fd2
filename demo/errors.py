"""The one way in which the stand-in says no."""

from typing import Any


class Refused(Exception):
    """An answer with `ok` false: Slack's error code and, where there are any, its further fields."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields

    @classmethod
    def invalid(cls, code: str, messages: list[str]) -> "Refused":
        """A refused payload with Slack's explanation."""
        return cls(code, response_metadata={"messages": messages})

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.fields}
