"""Reads a practice's house style: `[voice]` of practice.toml with banned phrases, also of a file beside it.

What contradicts something else in the practice's files is not found here but in `bot/house_conflicts.py`.
"""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from bot.domain.statements import Slot
from bot.domain.voice import LENGTHS, PERSONS, QUOTES, TENSES, Banned, Voice
from bot.toml_table import Problems, Table, lines_of

_LONGEST = 80


def read_voice(table: Table, folder: Path) -> Voice:
    """The practice's way of wording notes. `folder`: where practice.toml stands."""
    voice = Voice(
        length=table.choice("length", LENGTHS, "standard"),
        person=table.choice("person", PERSONS, ""),
        quotes=table.choice("quotes", QUOTES, "some"),
        tense=table.choice("tense", TENSES, "past"),
        banned=_each_once(table, [*_listed(table, "banned"), *_in_file(table, folder)]),
    )
    table.close()
    return voice


def read_required(table: Table) -> dict[str, tuple[str, ...]]:
    """`[formats.required]`: format id or `all` → slots and section keys. Whether a format has such a section is asked
    once the formats are read.
    """
    required: dict[str, tuple[str, ...]] = {}
    for key in table.data:
        names = table.items(key, str, "texts in quotes")
        required[key] = tuple(name for name in names if key != "all" or table.one_of(key, name, tuple(Slot)))
    return required


def _listed(table: Table, key: str) -> Iterator[Banned]:
    """Phrases in quotes, and tables of `phrase`, `why` and `instead`, in any mixture."""
    values: list[Any] = table.mixed(key, "phrases")
    for number, value in enumerate(values):
        if isinstance(value, str):
            yield Banned(" ".join(value.split()))
        elif isinstance(value, dict):
            row = Table(
                cast("dict[str, Any]", value), (*table.path, key, number), f"{table.name} {key}", table.problems
            )
            yield Banned(" ".join(row.text("phrase", None).split()), row.text("why"), row.text("instead"))
            row.close()
        else:
            table.problem(key, f"{key} must be a list of texts in quotes, or of tables with phrase, why and instead.")


def _in_file(table: Table, folder: Path) -> Sequence[Banned]:
    """The `[[banned]]` tables of the file that `banned_file` names."""
    name = table.text("banned_file")
    if not name:
        return ()
    try:
        text = (folder / name).read_text("utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        table.problem("banned_file", f"banned_file {name!r} does not exist beside the practice file.")
    except (OSError, UnicodeDecodeError) as error:
        table.problem("banned_file", f"banned_file {name!r} cannot be read ({type(error).__name__}).")
    except tomllib.TOMLDecodeError as error:
        table.problem("banned_file", f"banned_file {name!r} is not valid TOML: {error}.")
    else:
        problems = Problems(lines_of(text))
        top = Table(data, (), "the file", problems)
        found = list(_listed(top, "banned"))
        _each_once(top, found)
        top.close()
        for _, sentence in sorted(problems.found, key=lambda problem: problem[0]):
            table.problem("banned_file", f"{name} {sentence}")
        return found
    return ()


def _each_once(table: Table, found: Sequence[Banned]) -> tuple[Banned, ...]:
    kept: dict[str, Banned] = {}
    for banned in found:
        phrase = banned.phrase
        if len(phrase) > _LONGEST:
            table.problem("banned", f"banned {phrase[:20]!r}… has more than {_LONGEST} characters.")
        elif not phrase.strip("*# "):
            table.problem("banned", f"banned {phrase!r} would match anything.")
        elif phrase.casefold() in kept:
            table.problem("banned", f"banned {phrase!r} is listed twice.")
        else:
            kept[phrase.casefold()] = banned
    return tuple(kept.values())
