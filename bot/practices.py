"""The practices of this installation: one practice.toml, or a folder of which every *.toml is one.

All problems of all files are listed at once. What two practices may not share is refused here: ids, workspaces,
tenants, the names of secrets, a folder of notes.
"""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from adapters.settings import variable
from bot.domain.errors import UserMistake
from bot.formats_file import load_formats
from bot.practice_file import PracticeFile, PracticeFileError, TargetFile, load_practice
from bot.settings import Settings

_DEFAULT_FOLDER = "filed-notes"


def load_practices(settings: Settings) -> tuple[PracticeFile, ...]:
    """Every practice, in the order of the files' names. Raises PracticeFileError."""
    path, known = settings.practice_file, load_formats()
    if not path.is_dir():
        return (load_practice(path, known_formats=known),)
    files = sorted(file for file in path.glob("*.toml") if file.is_file())
    read: dict[Path, PracticeFile] = {}
    problems: list[str] = [] if files else [f"{path} has no *.toml file: a practice is a file of its own there."]
    for file in files:
        try:
            read[file] = load_practice(file, known_formats=known)
        except PracticeFileError as error:
            problems += [f"{file.name}: {problem}" for problem in error.problems]
    problems += _shared(read) or [*_shared_secrets(read), *_shared_folders(read, settings)]
    if problems:
        raise PracticeFileError(problems)
    return tuple(read.values())


def the_practice(settings: Settings) -> PracticeFile:
    """The practice that a command is about: the only one, or the one of --practice. Raises UserMistake."""
    files = load_practices(settings)
    wanted = settings.practice_id
    ids = ", ".join(file.practice.id for file in files)
    if not wanted and len(files) > 1:
        raise UserMistake("which_practice", f"There are several practices here: add --practice with one of {ids}.")
    found = next((file for file in files if wanted in ("", file.practice.id)), None)
    if found is None:
        raise UserMistake("unknown_practice", f"There is no practice “{wanted[:40]}”; there is {ids}.")
    return found


def home_of(settings: Settings, practice: PracticeFile, *, alone: bool) -> Path:
    """The folder that relative paths of a practice's storage are inside of: one of its own where there are several."""
    return settings.home if alone else settings.home / practice.practice.id


def _shared(read: dict[Path, PracticeFile]) -> list[str]:
    """Ids, workspaces and tenants that more than one file names."""
    keys: tuple[tuple[str, Callable[[PracticeFile], str]], ...] = (
        ("[practice] id", lambda file: file.practice.id),
        ("[chat.slack] team_id", lambda file: file.practice.workspace_on("slack")),
        ("[chat.teams] tenant_id", lambda file: file.practice.workspace_on("teams")),
    )
    problems: list[str] = []
    for key, value_of in keys:
        first: dict[str, Path] = {}
        for file, practice in read.items():
            value = value_of(practice)
            if value and value in first:
                where = _line(file, key, value)
                problems.append(f"{file.name}: {where}{key} {value!r} is also in {first[value].name}.")
            first.setdefault(value, file)
    return problems


def _line(file: Path, key: str, value: str) -> str:
    """`line 3: `, where the file says it, or nothing."""
    name = key.rpartition(" ")[2]
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if line.partition("=")[0].strip() == name and value.casefold() in line.casefold():
            return f"line {number}: "
    return ""


def _shared_secrets(read: dict[Path, PracticeFile]) -> list[str]:
    """A target whose secrets another practice's target would read: `a`'s `b-c` and `a-b`'s `c`, or a target `a-b`."""
    problems: list[str] = []
    for (file, one), (other_file, other) in combinations(read.items(), 2):
        own, others = _own_variables(one), _own_variables(other)
        for name in sorted((own & (others | _variables(other))) | (others & _variables(one))):
            problems.append(
                f"{other_file.name}: [adapter] {name}… would be read by a target of {file.name}, too: "
                "rename the target or the practice."
            )
    return problems


def _own_variables(file: PracticeFile) -> set[str]:
    return {variable(f"{file.practice.id}_{target.name}", "") for target in file.targets}


def _variables(file: PracticeFile) -> set[str]:
    return {variable(target.name, "") for target in file.targets}


def _shared_folders(read: dict[Path, PracticeFile], settings: Settings) -> list[str]:
    problems: list[str] = []
    taken: dict[Path, Path] = {}
    for file, practice in read.items():
        home = home_of(settings, practice, alone=len(read) == 1)
        for target in practice.targets:
            path = _folder(target, home)
            if path is None:
                continue
            if taken.setdefault(path, file) != file:
                problems.append(f"{file.name}: [adapter.{target.name}] path is also that of {taken[path].name}.")
    return problems


def _folder(target: TargetFile, home: Path) -> Path | None:
    path = target.settings.get("path", _DEFAULT_FOLDER)
    if target.kind != "folder" or not isinstance(path, str):
        return None
    try:
        return (home / Path(path.strip()).expanduser()).resolve()
    except RuntimeError:  # an unknown ~user: the adapter says so
        return None
