"""`several` in every chat: many summaries at once, their overview, and their notes one after another."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from bot.acts.day import Doing, Feature, Sends, Typed
from bot.acts.presses import Press
from bot.acts.sent_forms import Sent
from bot.cards import several_words as words
from bot.cards.elements import Form
from bot.cards.several_screens import BOX, BOX_NAME, several_form
from bot.domain.errors import EffectError, UserMistake
from bot.domain.ids import AppointmentId, BatchId, new_batch_id
from bot.domain.note import State
from bot.domain.policy import ActKind, allow
from bot.drafting.several import split_summaries
from bot.ports import Posted
from bot.workflows.several import Refused, StartedBatch, choose_session, look_at, start_batch, step

_MOST_TOLD = 5
_FEWEST = 2
_PARTED = "\n---\n"


async def open_several(doing: Doing, _: str = "") -> Form:
    """The form. Raises NotAllowed."""
    allow(doing.person, ActKind.WRITE)
    return several_form(new_batch_id())


async def _take(doing: Doing, sent: Sent) -> Form | None:
    """Begin what can be begun; what cannot stands in the form again, each with its number and what to do."""
    source = f"{doing.via}:several:{sent.note_id}"
    started = await start_batch(doing.desk, doing.person, _texts(sent), source, doing.via)
    if started.batch_id is None:
        raise UserMistake("bad_summaries", words.NONE_TAKEN.format(lines=" ".join(told(started.refused))))
    await begin(doing, started)
    if not started.refused:
        return None
    remarks = (words.RETURNED, *told(started.refused))
    return several_form(f"{sent.note_id}x", _boxes([each.text for each in started.refused]), remarks)


async def begin(doing: Doing, started: StartedBatch) -> None:
    """Have the drafts made, and the overview shown."""
    if not started.again:
        for note_id in started.notes:
            await doing.front.work.draft(doing.desk.id, note_id)
    doing.front.refresh(started.notes[0], doing.person)


async def from_message(doing: Doing, text: str) -> str | None:
    """Begin a message that holds several summaries on clear signs; None for any other. Raises UserMistake.

    What there is to say of those that were not taken, by their number in the message; empty when all were.
    """
    clinician = allow(doing.person, ActKind.WRITE)
    if "\n" not in text.strip():
        return None
    desk = doing.desk
    if len(split_summaries(text, desk.startable, desk.today(clinician), sure=False)) < _FEWEST:
        return None
    started = await start_batch(desk, clinician, [text], doing.delivery, doing.via, sure=False)
    if started.batch_id is None:
        raise UserMistake("bad_summaries", words.NONE_TAKEN.format(lines=" ".join(told(started.refused))))
    await begin(doing, started)
    return words.SOME_NOT_TAKEN.format(lines=" ".join(told(started.refused))) if started.refused else ""


def told(refused: Sequence[Refused]) -> list[str]:
    """What is wrong with each summary that was not taken, by its number."""
    return [words.REFUSED_LINE.format(number=each.number, sentence=each.sentence) for each in refused[:_MOST_TOLD]]


async def _again(doing: Doing, sent: Sent) -> Form:
    allow(doing.person, ActKind.WRITE)
    return replace(several_form(sent.note_id, _texts(sent)), context=f"{sent.note_id}:{sent.version}")


async def _review(doing: Doing, pressed: Press) -> None:
    looked = await look_at(doing.desk, doing.person, BatchId(pressed.note_id))
    doing.front.refresh(looked.note_id, doing.person)
    if looked.before:
        doing.front.later.run(_gone(doing, looked.before))


async def _gone(doing: Doing, posted: Posted) -> None:
    """The card that another one replaces further down; harmless where it stays."""
    with contextlib.suppress(EffectError):
        await doing.front.screens.chats[posted.platform].delete(posted)


async def _next(doing: Doing, pressed: Press) -> None:
    looked = await step(doing.desk, doing.person, pressed.note_id, 1)
    doing.front.refresh(looked.note_id, doing.person)


async def _previous(doing: Doing, pressed: Press) -> None:
    looked = await step(doing.desk, doing.person, pressed.note_id, -1)
    doing.front.refresh(looked.note_id, doing.person)


async def _pick(doing: Doing, pressed: Press) -> None:
    note = await choose_session(doing.desk, doing.person, pressed.note_id, AppointmentId(pressed.chosen), doing.via)
    if note.state is State.DRAFTING:
        await doing.front.work.draft(doing.desk.id, note.id)
    doing.front.refresh(note.id, doing.person)


def _texts(sent: Sent) -> list[str]:
    """What stands in the boxes, in their order."""
    return [sent.values[name] for name in sorted(sent.values, key=_number) if name.startswith(BOX_NAME)]


def _number(name: str) -> int:
    number = name.rpartition("_")[2]
    return int(number) if number.isdecimal() else 0


def _boxes(texts: Sequence[str]) -> list[str]:
    """As few boxes as hold them, each no longer than a chat takes."""
    boxes: list[str] = []
    for text in texts:
        longer = f"{boxes[-1]}{_PARTED}{text}" if boxes else text
        if boxes and len(longer) <= BOX:
            boxes[-1] = longer
        else:
            boxes.append(text)
    return boxes


FEATURE = Feature(
    commands={"several": Typed(open_several)},
    presses={"day_review": _review, "day_next_note": _next, "day_previous_note": _previous, "day_pick_session": _pick},
    forms={"day_several": Sends(words.TITLE, _take, _again)},
)
