"""Microsoft's side of `bench teams`: switches of format that are written and signed beforehand, and how they are sent.

It shares the machine with what it measures, so it is as cheap as can be: finished bytes, connections that stay.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.arrange import DRAFT
from bench.stage import TeamsStage
from bot.cards import words
from bot.cards.screens import QUICK_FORMATS
from bot.teams.app import ROUTE
from demo.teams_person import TeamsPerson, button_of, card_of, inputs_of, is_coming

_SHOWS_A_CARD = b'"type":"application/vnd.microsoft.card.adaptive"'


@dataclass(slots=True)
class Pressed:
    """A note's card in a chat, whose formats are switched in a circle. `answer`: the last body that came back."""

    person: TeamsPerson
    at: str
    buttons: Sequence[dict[str, Any]]
    beside: dict[str, str]
    turn: int = 0
    answer: bytes = b""

    def next(self) -> bytes:
        """The request of the next switch, signed for itself."""
        button = self.buttons[self.turn % len(self.buttons)]
        self.turn += 1
        data = {**button["data"], **self.beside}
        value = {"action": {"type": "Action.Execute", "verb": button["verb"], "data": data}, "trigger": "manual"}
        service, fields = self.person.service, {"name": "adaptiveCard/action", "value": value, "replyToId": self.at}
        activity = service.activity("invoke", person=self.person.number, **fields)
        body = json.dumps(activity).encode()
        head = (
            f"POST {ROUTE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"Authorization: {service.sign(activity)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    @property
    def shown(self) -> bool:
        """Whether the chat shows the card that was answered last."""
        card = self.person.service.shown[self.person.chat, self.at]["attachments"][0]["content"]
        return bool(self.answer) and json.loads(self.answer)["value"] == card


@dataclass(slots=True)
class Shots:
    """Milliseconds of what was answered with a card, how many were not, and the seconds it all took."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    def add(self, other: "Shots") -> None:
        """One more round."""
        self.latencies += other.latencies
        self.errors += other.errors
        self.seconds += other.seconds


class _Line:
    """One connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer; nothing when its status is not 200. Raises OSError or EOFError."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        body = await self._reader.readexactly(length)
        return body if head.startswith(b"http/1.1 200 ") else b""

    def close(self) -> None:
        self._writer.close()


async def _connected(port: int) -> _Line:
    return _Line(*await asyncio.open_connection("127.0.0.1", port, limit=1024 * 1024))


async def drafts(where: TeamsStage, count: int) -> list[Pressed]:
    """So many notes of the practice's clinicians, drafted by the product."""
    numbers = where.clinicians
    people = [TeamsPerson(where.service, number) for number in numbers]
    for number in range(count):
        await people[number % len(people)].say(f"soap {DRAFT}")

    def drafted() -> list[Pressed]:
        return [
            _pressed(person, at, card_of(message))
            for person in people
            for (chat, at), message in where.service.shown.items()
            if chat == person.chat and message.get("summary") == words.DRAFT_NOTICE and not is_coming(message)
        ]

    await people[0].until(lambda: len(drafted()) >= count, within=60)
    return drafted()


def _pressed(person: TeamsPerson, at: str, card: dict[str, Any]) -> Pressed:
    buttons = [button_of(card, f"format_{name}") for name in (*QUICK_FORMATS[1:], QUICK_FORMATS[0])]
    return Pressed(person, at, buttons, inputs_of(card))


async def paced(port: int, cards: Sequence[Pressed], count: int, per_second: float) -> Shots:
    """One switch after another at fixed times; latency counts from when each was due."""
    requests = [(card, card.next()) for number in range(count) for card in [cards[number % len(cards)]]]
    shots, line = Shots(), await _connected(port)
    began = time.perf_counter() + 0.1
    for number, (card, request) in enumerate(requests):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await _shoot(line, card, request, due, shots)
    shots.seconds = time.perf_counter() - began
    line.close()
    return shots


async def busy(port: int, cards: Sequence[Pressed], each: int) -> Shots:
    """`each` switches of every card one after another, all cards at the same time."""
    requests = [[card.next() for _ in range(each)] for card in cards]
    lines = [await _connected(port) for _ in cards]
    shots, began = Shots(), time.perf_counter()
    await asyncio.gather(*(_series(line, *mine, shots) for line, *mine in zip(lines, cards, requests, strict=True)))
    shots.seconds = time.perf_counter() - began
    for line in lines:
        line.close()
    return shots


async def _series(line: _Line, card: Pressed, requests: Sequence[bytes], shots: Shots) -> None:
    for request in requests:
        await _shoot(line, card, request, time.perf_counter(), shots)


async def _shoot(line: _Line, card: Pressed, request: bytes, since: float, shots: Shots) -> None:
    body = await line.ask(request)
    if _SHOWS_A_CARD in body:
        shots.latencies.append((time.perf_counter() - since) * 1000)
        card.answer = body
    else:
        shots.errors += 1


async def settled(cards: Sequence[Pressed], longest: float) -> float:
    """Wait until every chat shows what was answered last; the seconds it took. Raises TimeoutError."""
    began = time.perf_counter()
    async with asyncio.timeout(longest):
        while not all(card.shown for card in cards):  # noqa: ASYNC110 - the chats change from outside
            await asyncio.sleep(0.02)
    return time.perf_counter() - began
