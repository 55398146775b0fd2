"""What one process does for all practices that it serves: each request, job and look goes to the practice it is of.

Trouble of one practice (a dead store, a workspace that took the app out) is none of the others'.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.errors import AfternoteError, Permanent
from bot.domain.filing import FilingState
from bot.domain.ids import NoteId, PracticeId
from bot.domain.note import State
from bot.jobs import Handlers, Job
from bot.logs import safe, where
from bot.practice_file import PracticeFile
from bot.server import Ready, Waiting
from bot.targets import Readiness
from bot.workflows.cabinet import Cabinet
from bot.workflows.desk import Desk
from bot.workflows.draft_note import draft_and_show
from bot.workflows.due_work import due_work
from bot.workflows.file_note import file_and_show
from bot.workflows.first_contact import ask_after_draft
from bot.workflows.reword_note import reword_and_show
from bot.workflows.show_note import Screens

_log = logging.getLogger("afternote")
FileLater = Callable[[PracticeId, NoteId, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hosted:
    """One practice that is served. `greets`: who is new is asked the first questions."""

    file: PracticeFile
    desk: Desk
    cabinet: Cabinet
    screens: Screens
    greets: bool = False

    @property
    def id(self) -> PracticeId:
        return self.desk.id


Practices = Mapping[PracticeId, Hosted]


def handlers_of(practices: Practices, file_later: FileLater) -> Handlers:
    """What is done for a note, with the desk, the cabinet and the screens of the practice that the job names."""

    def of(practice: PracticeId) -> Hosted:
        if practice not in practices:
            raise Permanent("practice_not_served")  # its file was taken away; its work begins again when it is back
        return practices[practice]

    async def draft(practice: PracticeId, note_id: NoteId) -> None:
        hosted = of(practice)
        await draft_and_show(hosted.desk, hosted.screens, note_id)
        if hosted.greets:
            await ask_after_draft(hosted.desk, hosted.screens.chats, note_id)

    async def reword(practice: PracticeId, note_id: NoteId) -> None:
        hosted = of(practice)
        await reword_and_show(hosted.desk, hosted.screens, note_id)

    async def file(practice: PracticeId, note_id: NoteId, target: str) -> None:
        hosted = of(practice)
        await file_and_show(hosted.desk, hosted.cabinet, hosted.screens, note_id, target, file_later)

    async def show(practice: PracticeId, note_id: NoteId) -> None:
        await of(practice).screens.show(note_id)

    return Handlers(draft, reword, file, show)


def due_of(practices: Practices) -> Callable[[], Awaitable[Sequence[Job]]]:
    """What should be under way, of every practice; one that cannot be asked keeps nothing from the others."""

    async def due() -> Sequence[Job]:
        jobs: list[Job] = []
        for hosted in practices.values():
            try:
                jobs += await _due(hosted)
            except Exception as error:
                _log.error("practice %s: its due work is not known: %s at %s", hosted.id, safe(error), where(error))
        return jobs

    return due


async def _due(hosted: Hosted) -> list[Job]:
    desk = hosted.desk
    behind = [Job("show", desk.id, note_id) for note_id in await hosted.screens.due()]
    return [*(Job(kind, desk.id, note_id, target) for kind, note_id, target in await due_work(desk)), *behind]


def readiness(practices: Practices) -> Ready:
    """Whether notes can be taken and filed. With several practices one whose record is away is logged, and the
    process is ready for the others; it is not when every record is away, or the database.
    """
    records = {hosted.id: Readiness(hosted.cabinet.targets[hosted.desk.targets[0]]) for hosted in practices.values()}

    async def ready() -> list[str]:
        looks = await asyncio.gather(*(record.problems() for record in records.values()))
        found = dict(zip(records, looks, strict=True))
        problems = [problem for of_one in found.values() for problem in of_one]
        if not all(found.values()):
            for practice, of_one in found.items():
                for problem in of_one:
                    _log.warning("practice %s: %s", practice, problem)
            problems = []
        return [*problems, *await _database(practices)]

    return ready


async def _database(practices: Practices) -> list[str]:
    desk = next(iter(practices.values())).desk
    try:
        async with desk.database.reading(desk.id) as unit:
            await unit.notes.in_states([State.DRAFTING], 1)
    except AfternoteError as error:
        return [f"The database does not answer ({error})."]
    return []


def waiting(practices: Practices) -> Waiting:
    """What is not filed yet, with a nought for every place and state; nothing while the database does not answer.

    The practice is named where there are several.
    """
    states = [state for state in FilingState if state is not FilingState.STORED]

    async def counted() -> Mapping[tuple[str, str, str], int]:
        counts: dict[tuple[str, str, str], int] = {}
        for hosted in practices.values():
            desk, named = hosted.desk, hosted.id if len(practices) > 1 else ""
            try:
                async with desk.database.reading(desk.id) as unit:
                    found = await unit.ledger.counts()
            except AfternoteError:
                return {}
            counts |= {(named, target, state): 0 for target in desk.targets for state in states}
            counts |= {(named, target, state): count for (target, state), count in found.items()}
        return counts

    return counted
