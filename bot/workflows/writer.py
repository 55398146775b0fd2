"""One question to the language model: a place among all workers' calls, the call, and what it took."""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field, replace

from bot.domain.completion import Completion, Prompt
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.ids import NoteId, PracticeId
from bot.domain.note import Note
from bot.domain.usage import Call, Limits, Outcome, Prices
from bot.domain.voice import Voice
from bot.ports import Clock, Database, Model

CLIENT = "[CLIENT]"  # stands for the client's initials while identifiers are hidden


@dataclass(frozen=True, slots=True)
class Books:
    """Where a practice's calls are counted."""

    database: Database
    clock: Clock
    practice: PracticeId


@dataclass(frozen=True, slots=True)
class Writer:
    """The model a practice drafts with. `masked`: identifiers are replaced before anything is sent.

    `patience`: seconds for places and answers of one draft together, a repair included; after that the sorter drafts.
    """

    model: Model
    voice: Voice = field(default_factory=Voice)
    limits: Limits = field(default_factory=Limits)
    prices: Prices = field(default_factory=Prices)
    masked: bool = True
    patience: float = 90.0


def voice_for(writer: Writer, note: Note) -> Voice:
    """The practice's voice; a client called by initials is called by the letters of the client code, or what hides
    them.
    """
    initials = initials_of(note) if writer.voice.person == "initials" else ""
    return replace(writer.voice, initials=CLIENT if initials and writer.masked else initials)


def initials_of(note: Note) -> str:
    """The letters of the client code."""
    return "".join(letter for letter in note.client_code if letter.isalpha())


async def ask(
    books: Books, writer: Writer, note_id: NoteId, purpose: str, prompt: Prompt, deadline: float
) -> Completion:
    """The model's answer, by `deadline` (of `time.monotonic`).

    Raises Temporary (busy, out of reach, too late) or Permanent, with codes only.
    """
    call = Call(secrets.token_hex(8), note_id, purpose, books.clock.now())
    call = await _placed(books, writer, call, deadline)
    begun = time.monotonic()
    outcome = Outcome("cancelled")
    try:
        async with asyncio.timeout(deadline - time.monotonic()):
            answer = await writer.model.complete(prompt)
        outcome = Outcome(
            "refused" if answer.refused else "done",
            answer.model,
            answer.prompt_tokens,
            answer.cached_tokens,
            answer.completion_tokens,
        )
        return answer
    except EffectError as error:
        outcome = Outcome(error.code)
        raise
    except TimeoutError:
        outcome = Outcome("model_timeout")
        raise Temporary("model_timeout") from None
    except Exception as error:
        outcome = Outcome("unexpected")
        raise Permanent(f"unexpected_{type(error).__name__}") from None
    finally:
        spent = int((time.monotonic() - begun) * 1000)
        await asyncio.shield(_ended(books, call.id, replace(outcome, milliseconds=spent)))


async def _placed(books: Books, writer: Writer, call: Call, deadline: float) -> Call:
    """Wait for a place among all workers' calls. Raises Temporary when there is none in time."""
    while True:
        call = replace(call, at=books.clock.now())
        async with books.database.writing(books.practice) as unit:
            wait = await unit.calls.take(call, writer.limits, int(writer.patience) + 5)
            await unit.commit()
        if not wait:
            return call
        if time.monotonic() + wait > deadline:
            raise Temporary("model_places_taken", wait)
        await asyncio.sleep(min(wait, 1.0))


async def _ended(books: Books, call_id: str, outcome: Outcome) -> None:
    with contextlib.suppress(Temporary):  # the lease ends by itself
        async with books.database.writing(books.practice) as unit:
            await unit.calls.ended(call_id, outcome, books.clock.now())
            await unit.commit()
