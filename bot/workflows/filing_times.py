"""What a failure makes of a filing, and when it is tried again."""

import random
from collections.abc import Callable
from datetime import timedelta

from bot.domain.errors import Conflict, EffectError, Permanent, Temporary, Unknown
from bot.domain.filing import FilingState

LONGEST = timedelta(hours=6)
LONGEST_ASKED = timedelta(hours=24)
_FIRST_SECONDS = 2.0
_JITTER = 0.2
_DOUBLINGS = 14  # 2 s · 2¹⁴ is more than LONGEST, and no float grows without end

_STATES: dict[type[EffectError], FilingState] = {
    Permanent: FilingState.REFUSED,
    Conflict: FilingState.CONFLICT,
    Unknown: FilingState.UNKNOWN,
}


def state_after(error: EffectError) -> FilingState:
    """PENDING for what passes by itself; REFUSED, CONFLICT or UNKNOWN for what a person has to look at."""
    return next((state for kind, state in _STATES.items() if isinstance(error, kind)), FilingState.PENDING)


def wait_after(
    error: EffectError,
    attempts: int,
    spread: Callable[[float, float], float] = random.uniform,
    longest: timedelta = LONGEST,
) -> timedelta:
    """How long to wait after `attempts` failures and this one.

    From 2 seconds doubling to `longest`, each time up to a fifth more or less so that notes do not return all at once.
    It never gives up. What the place asked for is kept, up to a day. What it refused is tried every `longest`: a
    setting that was mended heals by itself.
    """
    factor = spread(1 - _JITTER, 1 + _JITTER)
    if not isinstance(error, Temporary):
        return longest * factor
    doubling = min(timedelta(seconds=_FIRST_SECONDS * 2 ** min(attempts, _DOUBLINGS)), longest) * factor
    return max(doubling, min(timedelta(seconds=error.retry_after or 0.0), LONGEST_ASKED))
