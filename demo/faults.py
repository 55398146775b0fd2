"""Trouble on purpose: faults that a test injects, and Slack's rate limits (off until switched on)."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["status", "error", "ratelimited", "slow", "lost", "duplicate"]

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
TIERS = {
    "apps.connections.open": 1,
    "users.list": 2,
    "chat.update": 3,
    "chat.delete": 3,
    "conversations.open": 3,
    "conversations.info": 3,
    "team.info": 3,
    "auth.revoke": 3,
    "apps.uninstall": 1,
    "chat.postEphemeral": 4,
    "views.open": 4,
    "views.update": 4,
    "views.push": 4,
    "views.publish": 4,
    "users.info": 4,
    "oauth.v2.access": 4,
}


@dataclass(slots=True)
class Fault:
    """One kind of trouble for one API method (or for `event`, `response_url`), a number of times.

    `status`: answer with HTTP status `value`. `error`: answer ok false with code `value`. `ratelimited`: 429 with
    Retry-After `value`. `slow`: wait `value` seconds first. `lost`: do it, then drop the connection without an answer.
    `duplicate`: deliver the event twice (`value` "new_id": under two event ids).
    """

    method: str
    kind: Kind
    value: str | float = 0
    times: int = 1


class Faults:
    """The faults still to come, in order."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, method: str, kind: Kind, value: str | float = 0, times: int = 1) -> None:
        """Arrange trouble for the next `times` calls of `method`; `*` stands for every method."""
        self._waiting.append(Fault(method, kind, value, times))

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that hits this call, if one does; each call uses up one of its times."""
        for fault in self._waiting:
            if fault.method in (method, "*") and fault.times > 0:
                fault.times -= 1
                return fault
        return None


class RateLimits:
    """Calls per method and minute by tier, and one message a second in each channel, with Slack's short bursts."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.enabled = False
        self.message_burst = 5
        self.per_minute = dict(PER_MINUTE)
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, method: str, channel: str = "") -> int | None:
        """Count a call. None when it may pass, else whole seconds for Retry-After."""
        if not self.enabled:
            return None
        if method == "chat.postMessage":
            return self._counted(f"{method} {channel}", self.message_burst, float(self.message_burst))
        tier = TIERS.get(method)
        return None if tier is None else self._counted(method, self.per_minute[tier], 60.0)

    def _counted(self, key: str, most: int, window: float) -> int | None:
        calls, now = self._calls[key], self._clock()
        while calls and calls[0] <= now - window:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + window - now))
        calls.append(now)
        return None
