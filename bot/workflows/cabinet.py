"""Where a practice's notes go, and the sending of one: in a time of its own, whatever the place does."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, Receipt, code_of
from bot.domain.note import Note
from bot.ports import FiledNote, NoteSink
from bot.workflows.filing_times import LONGEST

LEASE_SECONDS = 180
_LATE_AT_ONCE = 2  # sendings to one place that nobody waits for any more; each may hold a thread
_CLOSING_SECONDS = 2.0

_log = logging.getLogger("afternote.filing")

Render = Callable[[Note, Note | None, Mapping[str, bytes]], Mapping[str, bytes]]
"""A signed note, the note it is about if it is an addendum, amendment or retraction, and those of its files that are
stored already → files by kind. What is stored is not made a second time.
"""


def _nothing_late() -> "dict[str, asyncio.Task[Receipt]]":
    return {}


@dataclass(frozen=True, slots=True)
class Target:
    """One place by its name in practice.toml. `late`: sendings that took too long and still go on, by their key."""

    name: str
    kind: str
    sink: NoteSink
    late: "dict[str, asyncio.Task[Receipt]]" = field(default_factory=_nothing_late, compare=False, repr=False)

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str, seconds: float) -> Receipt:
        """Send, waiting `seconds` at most. Raises EffectError; see `may_have_arrived`.

        What takes longer is left to end by itself: a thread cannot be stopped. Until then the same is not sent beside
        it; and while such sendings take every place that this target has, nothing new is sent to it.
        """
        if key in self.late or len(self.late) >= _LATE_AT_ONCE:
            raise Temporary(code_of(self.kind, Reason.TIMEOUT, "stuck"))
        sending = asyncio.create_task(self.sink.put(note, files, key))
        try:
            done, _ = await asyncio.wait({sending}, timeout=seconds)
        except asyncio.CancelledError:
            sending.cancel()
            raise
        if done:
            return await self._outcome(note, sending)
        self.late[key] = sending
        sending.add_done_callback(lambda _: self._ended_late(key, sending))
        raise TookTooLong(code_of(self.kind, Reason.TIMEOUT))

    async def close(self) -> None:
        """Let go of the place, and of what is still being sent there."""
        late = set(self.late.values())
        for sending in late:
            sending.cancel()
        if late:
            await asyncio.wait(late, timeout=_CLOSING_SECONDS)
        closing = asyncio.create_task(self.sink.close())
        done, _ = await asyncio.wait({closing}, timeout=_CLOSING_SECONDS)
        if not done:
            closing.cancel()
            _log.warning("%s does not let go; it is left behind", self.name)
        elif error := closing.exception():
            _log.warning("letting go of %s failed: %s", self.name, type(error).__name__)

    async def _outcome(self, note: FiledNote, sending: "asyncio.Task[Receipt]") -> Receipt:
        try:
            return await sending
        except EffectError:
            raise
        except Exception as error:
            _log.error("note %s was not filed at %s: %s", note.note_id, self.name, type(error).__name__)
            raise Broke(code_of(self.kind, Reason.UNEXPECTED)) from None

    def _ended_late(self, key: str, sending: "asyncio.Task[Receipt]") -> None:
        del self.late[key]
        error = None if sending.cancelled() else sending.exception()
        ended = "was cancelled" if sending.cancelled() else f"failed ({type(error).__name__})" if error else "arrived"
        _log.warning("a sending to %s that took too long %s", self.name, ended)


class TookTooLong(Temporary):
    """No outcome in time: what was sent may arrive or have arrived."""


class Broke(Permanent):
    """A fault of ours in the middle of it: what was sent may have arrived."""


def may_have_arrived(error: EffectError) -> bool:
    """Whether the place may have the note although this went wrong."""
    return isinstance(error, TookTooLong | Broke)


@dataclass(frozen=True, slots=True)
class Cabinet:
    """This practice's places by name, and how its notes are rendered. `render` may be slow: it runs in a thread.

    `kinds`: the files that each note gets; empty for all that `render` gives. `lease_seconds`: how long a worker that
    died keeps others from filing the note at a place. `longest_wait`: between two tries at a place that does not take
    it.
    """

    targets: Mapping[str, Target]
    render: Render
    lease_seconds: int = LEASE_SECONDS
    longest_wait: timedelta = LONGEST
    kinds: tuple[str, ...] = ()

    @property
    def put_seconds(self) -> float:
        """How long a sending may take: well within its lease."""
        return self.lease_seconds * 2 / 3

    async def close(self) -> None:
        """Let go of every place, whatever the others do."""
        await asyncio.gather(*(target.close() for target in self.targets.values()))
