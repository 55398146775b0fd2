"""Deciding before signing: buttons on the card, one dialog for all of it, and the signing dialog that follows."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck

from bot.cards import words
from bot.cards.decisions import decide_form, decisions_in
from bot.cards.elements import Form
from bot.cards.forms import context_of, sign_form
from bot.domain.errors import NotAllowed
from bot.domain.ids import StatementId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.statements import Slot
from bot.slack.front import VIA, Front
from bot.slack.inbound import Pressed, Submitted
from bot.slack.render import render_form
from bot.workflows.clone_check import clone_check
from bot.workflows.decide import Decisions, add_point, decide
from bot.workflows.desk import Desk

DECISIONS = frozenset({"take", "leave", "right", "add_point", "drop_point"})


async def on_decision(front: Front, pressed: Pressed, person: Person | None) -> None:
    """One thing on the card: a statement held out or in doubt, or a point that no statement uses."""
    desk, note_id, item = front.desk, pressed.note_id, pressed.item
    match pressed.action:
        case "take":
            await decide(desk, person, note_id, Decisions(take=(StatementId(item),)), VIA)
        case "leave":
            await decide(desk, person, note_id, Decisions(leave=(StatementId(item),)), VIA)
        case "right":
            await decide(desk, person, note_id, Decisions(right=(StatementId(item),)), VIA)
        case "add_point":
            await add_point(desk, person, note_id, int(item), VIA)
        case _:
            await decide(desk, person, note_id, Decisions(points={int(item): None}), VIA)


async def on_decided(front: Front, ack: AsyncAck, sent: Submitted, person: Person | None) -> None:
    """Keep what was decided; the signing dialog follows in the same place once nothing is open any more."""
    note = await decide(front.desk, person, sent.note_id, _decisions(sent.values), VIA)
    still_open = [name for name, chosen in sent.values.items() if chosen == "later"]
    if note.undecided() and still_open:
        await ack(response_action="errors", errors={still_open[0]: words.STILL_UNDECIDED})
        return
    try:
        signer = allow(person, ActKind.SIGN, note)
    except NotAllowed:
        await ack()
        return
    await ack(response_action="update", view=render_form(await decide_or_sign(front.desk, note, signer)))


async def decide_or_sign(desk: Desk, note: Note, signer: Person) -> Form:
    """Nobody signs past something undecided; once there is nothing, the signing dialog."""
    fmt = desk.formats[note.format_id]
    if note.undecided():
        return decide_form(note, fmt, context_of(note), desk.withheld_of(note))
    return sign_form(note, fmt, signer, await clone_check(desk, note))


def _decisions(values: Mapping[str, str]) -> Decisions:
    chosen = decisions_in(values)
    held, doubt = chosen["held"], chosen["doubt"]
    return Decisions(
        take=tuple(StatementId(item) for item, what in held.items() if what == "take"),
        leave=tuple(StatementId(item) for item, what in (held | doubt).items() if what == "leave"),
        right=tuple(StatementId(item) for item, what in doubt.items() if what == "right"),
        points={int(item): None if what == "out" else Slot(what) for item, what in chosen["point"].items()},
    )
