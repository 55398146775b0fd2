"""What a reader remarks of a row, or refuses it for, has a sentence: no code is dropped on its way to the report."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from adapters.fhir import session_rows, sessions
from bot import calendars
from bot.calendars import ics_reader
from bot.cards import sessions_words
from bot.domain.appointments import SessionRow

CODE = re.compile(r"[a-z]+(?:_[a-z]+)*")
SOURCES = [
    *sorted(Path(inspect.getfile(calendars)).parent.glob("*.py")),
    Path(inspect.getfile(session_rows)),
    Path(inspect.getfile(sessions)),
]


def nodes() -> Iterator[ast.AST]:
    for source in SOURCES:
        yield from ast.walk(ast.parse(source.read_text("utf-8")))


def constants(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and CODE.fullmatch(each.value):
            yield each.value


def is_odd(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Name | ast.Attribute) and ast.unparse(each).endswith("odd") for each in [node])


def remarked() -> set[str]:
    """What is put among a row's oddities, and one-word tuples, by which the readers hand such a word on."""
    found: set[str] = set()
    for node in nodes():
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(is_odd(target) for target in targets):
                for part in ast.walk(node.value):
                    if isinstance(part, ast.Tuple | ast.List):
                        found |= {word for each in part.elts for word in constants(each)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("odd.append"):
            found |= {word for each in node.args for word in constants(each)}
        elif isinstance(node, ast.Tuple) and len(node.elts) == 1 and isinstance(node.elts[0], ast.Constant):
            found |= set(constants(node))
    return found


def documented() -> set[str]:
    said = (SessionRow.__doc__ or "").partition("`odd`:")[2]
    return set(re.findall(r"`(\w+)`", said))


def refused() -> Iterator[tuple[str, ast.Call]]:
    for node in nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func).lower() == "_refused":
            for code in (word for each in node.args[:2] for word in constants(each)):
                yield code, node


def test_every_remark_of_a_reader_has_a_sentence():
    found = remarked()
    assert {"no_end", "bad_end", "zone_unknown", "taken_out", "status_unknown", "afternoon", "whole_day"} <= found
    assert found - documented() == set()
    without = [code for code in sorted(found | documented()) if not sessions_words.ODD.get(code, "").endswith(".")]
    assert without == []
    assert sorted(sessions_words.ODD.keys() - documented()) == []


def test_every_refusal_of_a_reader_has_a_sentence():
    told = vars(ics_reader)["_REFUSALS"]
    without = [
        code
        for code, call in refused()
        if code not in told
        and not any("sentences." in ast.unparse(each) or "_N" in ast.unparse(each) for each in call.args)
    ]
    assert len(list(refused())) > 10
    assert without == []
