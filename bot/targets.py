"""The practice's places for signed notes, opened and looked at: what an administrator must be told of them."""

import asyncio
import logging
import time
from collections.abc import Sequence
from itertools import chain

from adapters.registry import open_sink, sink_class
from adapters.render import ALWAYS_MADE, KINDS
from adapters.settings import variable
from bot.domain.errors import UserMistake
from bot.ports import Clock
from bot.practice_file import PracticeFile, TargetFile
from bot.practices import home_of
from bot.settings import Settings
from bot.workflows.cabinet import Target

_log = logging.getLogger("afternote")
LOOK_SECONDS = 30.0
WELL_SECONDS = 900.0


def open_target(settings: Settings, target: TargetFile, clock: Clock, practice: PracticeFile | None = None) -> Target:
    """A place, without touching the network. Raises ValueError naming the setting at fault, a line each.

    `practice`: whose it is, where there are several: then its secrets and its relative paths are its own.
    """
    home = settings.home
    if practice:
        home = home_of(settings, practice, alone=False)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = settings.adapter_secrets(target.name, practice.practice.id if practice else "")
    sink = open_sink(target.name, target.kind, target.settings, secrets, home, clock)
    return Target(target.name, target.kind, sink)


def open_targets(settings: Settings, practice: PracticeFile, clock: Clock, *, alone: bool = True) -> dict[str, Target]:
    """Every place by name, the record first. Raises UserMistake with everything that is wrong with any of them.

    `alone`: whether there is no other practice.
    """
    opened: dict[str, Target] = {}
    problems: list[str] = []
    where = practice.file_name
    for target in practice.targets:
        try:
            opened[target.name] = open_target(settings, target, clock, None if alone else practice)
        except ValueError as error:
            problems += [f"{where}: {line}" if line.startswith("[") else line for line in str(error).splitlines()]
    if problems:
        raise UserMistake("adapter_settings", "\n".join(problems))
    return opened


async def problems_of(target: Target, seconds: float = LOOK_SECONDS) -> Sequence[str]:
    """What `check` finds, in `seconds` at most: a place that hangs is a problem like any other."""
    looking = asyncio.create_task(_looked(target))
    try:
        done, _ = await asyncio.wait({looking}, timeout=seconds)
    finally:
        looking.cancel()  # harmless when it is done
    if done:
        return looking.result()
    return [f"It did not answer within {seconds:.0f} seconds. Look whether it can be reached from this machine."]


async def warn_about(targets: Sequence[Target]) -> None:
    """Look at every place at once and log what is wrong."""
    for target, problems in zip(targets, await asyncio.gather(*map(problems_of, targets)), strict=True):
        for problem in problems:
            _log.warning("storage %s (%s): %s", target.name, target.kind, problem)


def primary_files(practice: PracticeFile) -> dict[str, str]:
    """Target → the first kind of file that it gets, which its receipts are about; none where it does not say."""
    return {target.name: kinds[0] for target in practice.targets if (kinds := _files_of(target))}


def kinds_to_make(practice: PracticeFile) -> tuple[str, ...]:
    """The documents that a note is made into: what any place takes, and what View and an export need.

    Every kind where a place does not say what it takes.
    """
    taken = [_files_of(target) for target in practice.targets]
    wanted = {*ALWAYS_MADE, *chain(*taken)}
    return tuple(kind for kind in KINDS if kind in wanted) if all(taken) else KINDS


def _files_of(target: TargetFile) -> tuple[str, ...]:
    try:
        return sink_class(target.kind).ABOUT.files_of(target.settings)
    except ValueError:  # an unknown kind is reported where it is opened
        return ()


def stray_variables(settings: Settings, *practices: PracticeFile) -> Sequence[str]:
    """Secrets in the environment that no place of any practice asks for: most likely a misspelt name."""
    known: set[str] = set()
    for whose, target in ((practice, target) for practice in practices for target in practice.targets):
        own = [f"{whose.practice.id}_{target.name}"] if len(practices) > 1 else []
        for name in (target.name, *own):
            known |= _variables_of(settings, name, target.kind)
    return sorted(set(settings.adapter_variables) - known)


def _variables_of(settings: Settings, name: str, kind: str) -> set[str]:
    try:
        about = sink_class(kind).ABOUT
    except ValueError:  # an unknown kind is reported where it is opened; any of its variables may be right
        return {known for known in settings.adapter_variables if known.startswith(variable(name, ""))}
    return {variable(name, setting.key) for setting in about.settings if setting.secret}


class Readiness:
    """Whether the record can be reached, tried seldom: anybody who reaches the port may ask.

    A look leaves traces in some places (a version in a bucket, an event at a webhook's receiver), so while all is well
    it is taken every `well` seconds only, and every `every` while something is wrong.
    """

    def __init__(
        self, record: Target, every: float = LOOK_SECONDS, seconds: float = 10.0, well: float = WELL_SECONDS
    ) -> None:
        self._record, self._every, self._seconds, self._well = record, every, seconds, well
        self._found: list[str] = []
        self._looked = float("-inf")

    async def problems(self) -> list[str]:
        """What was found when it was looked at last; who asks meanwhile does not wait."""
        if time.monotonic() - self._looked >= (self._every if self._found else self._well):
            self._looked = time.monotonic()
            self._found = [f"{self._record.name}: {line}" for line in await problems_of(self._record, self._seconds)]
        return self._found


async def _looked(target: Target) -> Sequence[str]:
    try:
        return await target.sink.check()
    except Exception as error:
        _log.error("storage %s: looking at it failed: %s", target.name, type(error).__name__)
        return [f"Looking at it failed in an unexpected way ({type(error).__name__})."]
