"""Clinicians at work while the application is killed under them: commands, direct messages, signatures.

Every summary holds a marker of its own. What counts is what was acknowledged; the rest is counted as sent only.
"""

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field
from itertools import count

from bench.stage import Stage
from bot.cards import words
from bot.domain.ids import NoteId
from demo import payloads
from demo.driver import Person
from demo.messages import Message
from demo.state import find
from demo.views import OpenView

_CLIENTS = {"U0EXAMPLE01": "LP-008", "U0EXAMPLE02": "RW-006", "U0EXAMPLE03": "JH-012", "U0EXAMPLE04": "MK-003"}
_SUMMARY = (
    "{client} yesterday 50min\n"
    "- Client reports mood a notch better, still waking 4am most nights\n"
    "- Reviewed the thought record, worked on being a burden with Socratic questions\n"
    "- Client was tearful, then brighter. Denies SI\n"
    "- Next week behavioral activation menu\n"
    "- Homework thought record daily, song on the way home was {marker}"
)
_DIALOG_WITHIN = 1.5


@dataclass(slots=True)
class Done:
    """Markers and notes by what became of them. A value says whether it was acknowledged."""

    commands: dict[str, bool] = field(default_factory=dict)
    messages: dict[str, tuple[str, str]] = field(default_factory=dict)  # channel and time stamp
    signatures: dict[NoteId, bool] = field(default_factory=dict)
    refused: int = 0

    def delivered(self, where: Stage) -> list[str]:
        """Markers of the messages that the application took, at whichever try."""
        found = ((marker, where.workspace.messages.get(*at)) for marker, at in self.messages.items())
        return [marker for marker, message in found if message and not message.failed]


class Load:
    """Clinicians who act at random moments until told to stop."""

    def __init__(self, where: Stage, seed: int, pause: float) -> None:
        self.done = Done()
        self._stage, self._pause, self._seed = where, pause, seed
        self._numbers = count(1)
        self.acknowledged = asyncio.Event()  # set again and again; whoever waits for the next one clears it first
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Everybody begins."""
        for number, user in enumerate(self._stage.clinicians):
            self._tasks.append(asyncio.create_task(self._act(user, random.Random(self._seed * 100 + number))))

    async def stop(self) -> None:
        """Nobody begins anything new; what is under way ends. Raises what went wrong in the load itself."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def _act(self, user: str, chance: random.Random) -> None:
        person = Person(self._stage.workspace, user)
        while not self._stopping.is_set():
            act = chance.choices((self._command, self._say, self._sign), (4, 3, 5))[0]
            went = await act(person, chance)
            if went:
                self.acknowledged.set()
            wait = chance.uniform(0.2, 1.8) * self._pause
            await asyncio.sleep(wait if went else max(wait, 0.5))

    async def _command(self, person: Person, _: random.Random) -> bool:
        """Sent past the driver, which does not hand out the answer's text."""
        workspace, marker = self._stage.workspace, self._marker()
        text = "soap " + self._summary(person, marker)
        human, channel = workspace.people[person.id], workspace.im(person.id)
        outcome = await workspace.delivery.command(payloads.slash_command(workspace, human, channel, "/note", text))
        self.done.commands[marker] = outcome.ok and _text(outcome.body) in (words.POINTER, words.POINTER_AGAIN)
        self.done.refused += outcome.ok and not self.done.commands[marker]
        return outcome.ok

    async def _say(self, person: Person, _: random.Random) -> bool:
        marker = self._marker()
        answer = await person.say(person.dm(), self._summary(person, marker))
        self.done.messages[marker] = person.dm(), str(answer["ts"])
        message = self._stage.workspace.messages.get(person.dm(), str(answer["ts"]))
        return bool(message and not message.failed)

    async def _sign(self, person: Person, chance: random.Random) -> bool:
        """Press Sign on a card, read, submit. Acknowledged: answered with nothing, so the dialog closed."""
        cards = [message for message in person.messages() if find(message.blocks, "sign")]
        acknowledged = False
        with contextlib.suppress(TimeoutError, LookupError, IndexError):
            view = await self._dialog(person, chance.choice(cards))
            note_id = NoteId(str(view.definition["private_metadata"]).partition(":")[0])
            answer = await person.submit(view)
            closed = self._stage.workspace.views.get(view.id) is None
            acknowledged = bool(answer["ok"]) and closed
            self.done.signatures[note_id] = self.done.signatures.get(note_id, False) or acknowledged
        self._stage.workspace.views.clear(person.id)
        return acknowledged

    async def _dialog(self, person: Person, card: Message) -> OpenView:
        await person.click(card, "sign")

        def filled() -> OpenView | None:
            return next((view for view in person.views() if view.definition.get("callback_id") == "sign"), None)

        return await person.until(filled, within=_DIALOG_WITHIN)

    def _marker(self) -> str:
        return f"Kestrel{next(self._numbers):05d}"

    def _summary(self, person: Person, marker: str) -> str:
        return _SUMMARY.format(client=_CLIENTS.get(person.id, "MK-003"), marker=marker)


def _text(body: str) -> str:
    try:
        return str(json.loads(body).get("text", ""))
    except (ValueError, AttributeError):
        return ""
