"""Whether an export is whole and agrees with itself. Needs the folder alone: no database, no keys.

It cannot show that somebody rewrote everything consistently. For that, the index's SHA-256 as it was printed at the
export is compared (`expected`), or the hashes with the practice's audit log.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from adapters.export_folder import INDEX, SUMS

_FOLLOWERS = {"addendum": "addenda", "amendment": "superseded_by", "retraction": "retracted_by"}
Json = Mapping[str, Any]


class NotAnExport(ValueError):
    """The folder is not one that `afternote export` made. Its words are a sentence."""


@dataclass(slots=True)
class Verified:
    """`problems`: what is not as it was exported. `remarks`: what could not be compared, and why."""

    notes: int = 0
    files: int = 0
    index_sha256: str = ""
    problems: list[str] = field(default_factory=list[str])
    remarks: list[str] = field(default_factory=list[str])


def verify_export(root: Path, expected: str = "") -> Verified:
    """Compare everything with everything. Raises NotAnExport."""
    data = _index_of(root)
    found = Verified(index_sha256=hashlib.sha256(data).hexdigest())
    if expected and expected.lower() != found.index_sha256:
        found.problems.append(f"{INDEX} has not the SHA-256 that was expected, but {found.index_sha256}.")
    index = _parsed(data)
    faults = ["it is not JSON"] if index is None else list(_faults(index, "export"))
    if index is None or faults:
        found.problems += [f"{INDEX} does not follow its schema: {fault}." for fault in faults]
        return found
    files = [*index["other_files"], *(file for note in index["notes"] for file in note["files"])]
    present = _present(root)
    found.notes, found.files = len(index["notes"]), len(files)
    found.problems += _list_problems(files, present)
    problems = {str(file["path"]): _file_problem(root, file, present) for file in files}
    found.problems += filter(None, problems.values())
    sound = {path for path, problem in problems.items() if not problem}
    found.problems += _sums_problems(
        root, present, {file["path"]: file["sha256"] for file in files}, found.index_sha256
    )
    found.problems += [*_kind_problems(index), *_link_problems(index)]
    found.remarks += [*_lacking(index), *_outside(index)]
    for note in index["notes"]:
        _compare_document(root, note, index, sound, found)
    found.problems += _trail_problems(root, index, sound)
    return found


def _index_of(root: Path) -> bytes:
    if not root.is_dir():
        raise NotAnExport(f"{root} is not a folder.")
    try:
        return (root / INDEX).read_bytes()
    except FileNotFoundError:
        raise NotAnExport(f"{root} holds no {INDEX}: it is no export, or one that was not finished.") from None
    except OSError as error:
        raise NotAnExport(f"{root / INDEX} cannot be read: {error.strerror}.") from None


def _parsed(data: bytes) -> Json | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return cast("Json", value) if isinstance(value, dict) else None


@cache
def _schema(name: str) -> Any:
    return json.loads(resources.files("adapters").joinpath(f"{name}.schema.json").read_bytes())


def _faults(value: Json, schema: str) -> Iterator[str]:
    """Where a value leaves its schema; never what it says there."""
    from jsonschema import Draft202012Validator

    validator: Any = Draft202012Validator(_schema(schema))
    for error in validator.iter_errors(value):
        where = ".".join(str(step) for step in error.absolute_path) or "the whole"
        yield f"{where} ({error.validator})"


def _present(root: Path) -> set[str]:
    """Every file below the folder by its path; a link counts as one, and so does what is no file at all."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_symlink() or not path.is_dir()}


def _list_problems(files: list[Json], present: set[str]) -> Iterator[str]:
    paths = Counter(str(file["path"]) for file in files)
    yield from (f"{path} stands in {INDEX} {count} times." for path, count in paths.items() if count > 1)
    for extra in sorted(present - set(paths) - {INDEX, SUMS}):
        yield f"{extra} is not part of the export."


def _file_problem(root: Path, file: Json, present: set[str]) -> str:
    path = str(file["path"])
    if path not in present:
        return f"{path} is missing."
    if (root / path).is_symlink() or not (root / path).is_file():
        return f"{path} is a link, not the file itself."
    try:
        size, sha256 = (root / path).stat().st_size, _sha256(root / path)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}."
    same = (size, sha256) == (file["bytes"], file["sha256"])
    return "" if same else f"{path} was changed: its SHA-256 is not that of {INDEX}."


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sums_problems(root: Path, present: set[str], listed: Mapping[str, str], index_sha256: str) -> Iterator[str]:
    if SUMS not in present:
        yield f"{SUMS} is missing."
        return
    wanted = {**listed, INDEX: index_sha256}
    lines = (root / SUMS).read_text("utf-8", "replace").splitlines()
    sums = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
    for path in sorted({*wanted, *sums}):
        if path not in sums:
            yield f"{path} is missing in {SUMS}."
        elif path not in wanted:
            yield f"{SUMS} names {path}, which is not part of the export."
        elif sums[path] != wanted[path]:
            yield f"{SUMS} has another SHA-256 for {path} than {INDEX if path != INDEX else 'the file itself'}."


def _kind_problems(index: Json) -> Iterator[str]:
    """Each note is of the client, and has every kind that was asked for or is said to lack it."""
    for note in index["notes"]:
        if note["client_code"].upper() != index["client_code"].upper():
            yield f"Note {note['note']} is of another client."
        kinds = [*(file["kind"] for file in note["files"]), *note["lacking"]]
        if sorted(kinds) != sorted(index["kinds"]):
            yield f"Note {note['note']}: its files are not the kinds that were asked for."
    if index["complete"] == any(note["lacking"] for note in index["notes"]):
        yield f"{INDEX} does not say rightly whether the export is complete."


def _lacking(index: Json) -> Iterator[str]:
    for note in index["notes"]:
        if note["lacking"]:
            yield f"Note {note['note']} was exported without {', '.join(note['lacking'])}: not stored at that time."


def _link_problems(index: Json) -> Iterator[str]:
    """Each note is there once, and the two ends of a link agree."""
    counts = Counter(str(note["note"]) for note in index["notes"])
    yield from (f"Note {note} stands in {INDEX} {count} times." for note, count in counts.items() if count > 1)
    for note in index["notes"]:
        for kind, name in _FOLLOWERS.items():
            true = {n["note"] for n in index["notes"] if n["link"] == {"kind": kind, "note": note["note"]}}
            if true != set(note[name]):
                yield f"Note {note['note']}: {name} does not agree with the links of the other notes."


def _outside(index: Json) -> Iterator[str]:
    inside = {note["note"] for note in index["notes"]}
    for note in index["notes"]:
        if note["link"] and note["link"]["note"] not in inside:
            yield f"Note {note['note']} is about note {note['link']['note']}, which is not in this export."


def _compare_document(root: Path, note: Json, index: Json, sound: set[str], found: Verified) -> None:
    """A note's JSON document beside its row of the index, where it was exported and is unchanged."""
    name = note["note"]
    if any(signature["version_sha256"] != note["version"]["sha256"] for signature in note["signatures"]):
        found.problems.append(f"Note {name}: a signature is over another version than the one exported.")
    path = next((str(file["path"]) for file in note["files"] if file["kind"] == "json"), "")
    if not path:
        found.remarks.append(f"Note {name} has no JSON document here: its signatures were compared with nothing.")
    elif path in sound:
        document = _parsed((root / path).read_bytes())
        faults = ["it is not JSON"] if document is None else list(_faults(document, "note"))
        found.problems += [f"{path} does not follow its schema: {fault}." for fault in faults]
        if document is not None and not faults:
            found.problems += [f"{path}: {what}." for what in _disagreements(document, note, index)]


def _disagreements(document: Json, note: Json, index: Json) -> Iterator[str]:
    if document["note"] != note["note"]:
        yield f"it is the document of another note than {note['note']}"
        return
    if document["client_code"] != note["client_code"]:
        yield f"its client code is not that of {INDEX}"
    elif document["client_code"].upper() != index["client_code"].upper():
        yield "it is of another client"
    if any(document["version"][key] != note["version"][key] for key in ("number", "sha256")):
        yield f"its version is not that of {INDEX}"
    if document["session"]["date"] != note["date_of_service"]:
        yield f"its date of service is not that of {INDEX}"
    if document["format"]["id"] != note["format"]["id"]:
        yield f"its format is not that of {INDEX}"
    if document["created_at"] != note["created_at"]:
        yield f"it was not written when {INDEX} says"
    keys = ("name", "role", "at", "version_sha256")
    theirs, ours = ([[s[key] for key in keys] for s in each["signatures"]] for each in (document, note))
    if theirs != ours:
        yield f"its signatures are not those of {INDEX}"
    about = document.get("about")
    if (about and {"kind": about["kind"], "note": about["note"]}) != note["link"]:
        yield f"what it is to another note does not agree with {INDEX}"
    elif about and about["version_sha256"]:
        versions = [other["version"]["sha256"] for other in index["notes"] if other["note"] == about["note"]]
        if versions and about["version_sha256"] not in versions:
            yield "it is about another version of that note than the one exported"


def _trail_problems(root: Path, index: Json, sound: set[str]) -> Iterator[str]:
    """Every line of the audit trail is of an exported note, and each signature is an act of it."""
    path = next((str(file["path"]) for file in index["other_files"] if file["kind"] == "audit"), "")
    if path not in sound:
        return
    lines = [_parsed(line) or {} for line in (root / path).read_bytes().splitlines()]
    notes = {str(note["note"]): note for note in index["notes"]}
    if any(str(line.get("note")) not in notes for line in lines):
        yield f"{path} has a line that is of none of these notes."
    signed = Counter(
        (str(line.get("note")), str(line.get("version_sha256")))
        for line in lines
        if line.get("act") == "signed" and line.get("actor")
    )
    for name, note in notes.items():
        wanted = Counter((name, str(signature["version_sha256"])) for signature in note["signatures"])
        if wanted - signed:
            yield f"Note {name}: {path} does not know of a signature."
