"""Reads payer profiles: those that ship in `prompts/checks`, and a practice's own folder that adds or overrides.

Every profile starts from the checks of `default.toml`. All that is wrong with all files is said at once.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from bot.domain.checks import RISK_WORDS, Check, Profile
from bot.domain.note import Session
from bot.domain.statements import Slot
from bot.toml_table import Problems, Table, TomlFile, UnusableFiles, lines_of

DEFAULT = "default"
_ID = (r"[a-z][a-z0-9_]{0,31}", "lower-case letters, digits and _, starting with a letter")
_SLOTS = tuple(slot.value for slot in Slot)
_SESSION = ("client_code", *(field.name for field in fields(Session)))
_LONGEST_QUESTION = 150


class ChecksError(UnusableFiles):
    """Payer profiles that cannot be used."""


def load_profiles(extra: Path | None = None) -> Mapping[str, Profile]:
    """All profiles by id. A file in `extra` replaces the profile of the same id. Raises ChecksError."""
    if extra is None:
        return _built_in()
    if not extra.is_dir():
        raise ChecksError([f"{extra}: not a folder; a practice's own payer profiles are expected there"])
    own = sorted((path for path in extra.glob("*.toml") if not path.name.startswith(".")), key=lambda path: path.name)
    default = next((path for path in own if path.stem == DEFAULT), None)
    shipped = _built_in()
    checks = dict(shipped[DEFAULT].checks)
    asks = shipped[DEFAULT].asks
    problems: list[str] = []
    read: dict[str, Profile] = {}
    if default:
        profile = _parse(default, checks, asks, problems)
        checks, asks, read[DEFAULT] = dict(profile.checks), profile.asks, profile
    read |= {path.stem: _parse(path, checks, asks, problems) for path in own if path.stem != DEFAULT}
    if problems:
        raise ChecksError(problems)
    return {**shipped, **read}


@cache
def _built_in() -> Mapping[str, Profile]:
    folder = resources.files("prompts").joinpath("checks")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda f: f.name)
    problems: list[str] = []
    default = _parse(next(file for file in files if file.name == f"{DEFAULT}.toml"), {}, (), problems)
    others = [file for file in files if file.name != f"{DEFAULT}.toml"]
    read = {DEFAULT: default} | {
        file.name.removesuffix(".toml"): _parse(file, default.checks, default.asks, problems) for file in others
    }
    if problems:
        raise ChecksError(problems)
    return read


def _parse(file: TomlFile, known: Mapping[str, Check], asks: tuple[str, ...], problems: list[str]) -> Profile:
    """One profile on top of the checks that are known; what is wrong goes to `problems`, and reading goes on."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        problems.append(f"{file.name}: cannot be read ({error.strerror})")
        return Profile("", "", known, asks)
    except UnicodeDecodeError as error:
        problems.append(f"{file.name}: not UTF-8 (byte {error.start})")
        return Profile("", "", known, asks)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file.name}: not valid TOML: {error}")
        return Profile("", "", known, asks)
    noted = Problems(lines_of(text))
    profile = _profile(Table(data, (), "the file", noted), file.name, known, asks)
    problems += [f"{file.name}: {sentence}" for _, sentence in sorted(noted.found, key=lambda found: found[0])]
    return profile


def _profile(top: Table, file_name: str, known: Mapping[str, Check], asks: tuple[str, ...]) -> Profile:
    name = top.text("id", None, _ID)
    if name and f"{name}.toml" != file_name:
        top.problem("id", f"id {name!r} must be the file's name ({file_name.removesuffix('.toml')}).")
    checks, seen = dict(known), set[str]()
    for table in top.tables("checks", "id"):
        check = _check(table, known)
        table.unique("id", check.id, seen)
        checks[check.id] = check
    profile = Profile(
        name,
        top.text("name", None),
        checks,
        top.choices("asks", checks, asks),
        top.choices("required", checks),
        top.flag("late_reason", False),
    )
    for silent in [check_id for check_id in profile.asks if not checks[check_id].question]:
        top.problem("asks", f"asks {silent!r} has no question to ask.")
    top.close()
    return profile


def _check(table: Table, known: Mapping[str, Check]) -> Check:
    """A check as the table says; what it does not say is as in the check of the same id, if there is one."""
    check_id = table.text("id", None, _ID)
    if check_id.startswith(RISK_WORDS):
        table.problem("id", f"id {check_id!r} begins like the questions about risk words; choose another.")
    old = known.get(check_id, Check(check_id, ""))
    texts: Any = "texts in quotes"
    check = Check(
        id=check_id,
        title=table.text("title", old.title or None),
        question=table.text("question", old.question),
        slot=Slot(table.choice("slot", _SLOTS, old.slot.value) or old.slot),
        none=table.text("none", old.none),
        session=table.choices("session", _SESSION, old.session),
        slots=tuple(Slot(slot) for slot in table.choices("slots", _SLOTS, tuple(slot.value for slot in old.slots))),
        saying=table.items("saying", str, texts, old.saying),
        vague=table.items("vague", str, texts, old.vague),
        anywhere=table.items("anywhere", str, texts, old.anywhere),
        only=table.items("only", str, texts, old.only),
        never=table.items("never", str, texts, old.never),
    )
    _check_sense(table, check)
    table.close()
    return check


def _check_sense(table: Table, check: Check) -> None:
    if len(check.question) > _LONGEST_QUESTION:
        table.problem("question", f"question has more than {_LONGEST_QUESTION} characters; ask for one thing.")
    if check.question and not (check.session or check.slots or check.anywhere):
        table.problem("question", "nothing says how an answer is recognised: give session, slots or anywhere.")
    if check.saying and not check.slots:
        table.problem("saying", "saying goes with slots: it is looked for in statements of these.")
    for key, words in (("saying", check.saying), ("anywhere", check.anywhere)):
        if any(not word.strip("*# ") and "#" not in word for word in words):
            table.problem(key, f"{key} holds a phrase that would match anything.")
