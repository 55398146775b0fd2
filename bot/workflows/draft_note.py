"""The worker's part of drafting: from the kept summary to a first version."""

import asyncio
import contextlib
import logging
from dataclasses import replace

from bot.domain.errors import EffectError, Stale
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.domain.people import Person
from bot.domain.plan import Plan
from bot.domain.policy import ActKind, allow
from bot.domain.statements import Draft, Origin
from bot.drafting.guards import guarded, withheld_points
from bot.drafting.points import split_points
from bot.drafting.prompt import draft_prompt
from bot.drafting.sorter import sort
from bot.drafting.written import with_headings
from bot.logs import safe, where
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import goals_for, with_suggestion
from bot.workflows.show_note import Screens
from bot.workflows.write_statements import Question, write_statements
from bot.workflows.writer import Writer, voice_for

_LOG = logging.getLogger(__name__)
_PATIENCE = 0.3  # seconds before a person wants to see that something happens
_LOOK_EVERY = 1.0  # seconds between looks whether a draft is still wanted
CHOSEN = "chosen"  # the clinician did not want to wait for the model


async def draft_note(desk: Desk, note_id: NoteId) -> bool:
    """Draft the note unless that is done already; says whether this call did it. No transaction spans the drafting."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        plan = await desk.plan_of(unit, note)
    if note.state is not State.DRAFTING:
        return False
    draft = await _while_wanted(desk, note, plan)
    return draft is not None and await _keep(desk, note, plan, draft)


async def sort_now(desk: Desk, actor: Person | None, note_id: NoteId, via: str) -> None:
    """The clinician does not want to wait for the model: sort their own words. Harmless when the draft is there."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        plan = await desk.plan_of(unit, note)
    person = allow(actor, ActKind.CHANGE, note)
    if note.state is State.DRAFTING:
        await _keep(desk, note, plan, await _sorted(desk, note, CHOSEN), person, via)


async def _keep(
    desk: Desk, note: Note, plan: Plan | None, draft: Draft, asked_by: Person | None = None, via: str = ""
) -> bool:
    """The first version, unless somebody else's was first. `asked_by`: who did not want to wait, and in which chat."""
    drafted = await desk.think(lambda: with_suggestion(note.drafted(draft), plan))
    try:
        async with desk.database.writing(desk.id) as unit:
            await unit.notes.save(drafted, note)
            actor = asked_by.id if asked_by else None
            await unit.audit.append(desk.act(actor, "drafted", drafted, via or draft.origin))
            await unit.commit()
    except Stale:
        return False
    return True


async def _while_wanted(desk: Desk, note: Note, plan: Plan | None) -> Draft | None:
    """The draft; None, and the model's call ended at once, when the note was discarded or sorted meanwhile."""
    drafting = asyncio.create_task(_drafted(desk, note, plan))
    try:
        while not (await asyncio.wait({drafting}, timeout=_LOOK_EVERY))[0]:
            async with desk.database.reading(desk.id) as unit:
                if (await unit.notes.get(note.id)).state is not State.DRAFTING:
                    return None
        return drafting.result()
    finally:
        drafting.cancel()


async def _drafted(desk: Desk, note: Note, plan: Plan | None) -> Draft:
    """By the model when there is one; by the sorter, with the reason, when it is of no use."""
    if desk.writer is None:
        return await _sorted(desk, note)
    try:
        return await _written(desk, desk.writer, note, plan)
    except EffectError as error:
        return await _sorted(desk, note, error.code)
    except Exception as error:  # else every run would ask the model again, and the note would never be drafted
        _LOG.error("draft of note %s: unexpected %s at %s", note.id, safe(error), where(error))
        return await _sorted(desk, note, "unexpected")


async def _sorted(desk: Desk, note: Note, fallback: str = "") -> Draft:
    draft = await desk.think(lambda: guarded(sort(note.summary, desk.house.voice.word)))
    return replace(draft, fallback=fallback)


async def _written(desk: Desk, writer: Writer, note: Note, plan: Plan | None) -> Draft:
    """One call for the note, whatever its format. Raises EffectError."""
    points = split_points(note.summary)
    withheld = await desk.think(lambda: withheld_points(points))
    sent = [point for point in points if point.number not in withheld]
    if not sent:
        return await _sorted(desk, note)
    goals = goals_for(plan)
    question = Question(
        note,
        "draft",
        sent,
        lambda texts, hide: draft_prompt(
            texts, voice_for(writer, note), [hide(goal) for goal in goals], note.session.kind
        ),
    )
    checked = await write_statements(desk, writer, question)
    statements = with_headings(checked.statements, points)
    draft = Draft(points, statements, Origin.MODEL, checked.held, checked.prompt_version)
    return await desk.think(lambda: guarded(draft))


async def draft_and_show(desk: Desk, screens: Screens, note_id: NoteId) -> None:
    """What the person sees of it: the draft, or a card that says “Drafting…” first when that takes a while.

    (A card posted at once would stay behind as “Drafting…” if this process died before it kept the card's address.)
    A chat that does not answer keeps nobody from drafting; the last showing raises Temporary or Permanent.
    """
    drafting = asyncio.create_task(draft_note(desk, note_id))
    try:
        _, unfinished = await asyncio.wait({drafting}, timeout=_PATIENCE)
        if unfinished:
            with contextlib.suppress(EffectError):
                await screens.show(note_id)
        await drafting
    finally:
        drafting.cancel()
    await screens.show(note_id)
