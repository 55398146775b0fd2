"""Nothing reads or writes a row without saying whose: held for every table, every statement and every caller.

A table, statement or module that is meant to be an exception stands here with its reason.
"""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Delete, Insert, Select, TextClause, Update, bindparam, select, text
from sqlalchemy.sql.elements import ClauseElement

import storage
from bot.domain.ids import PracticeId
from storage.crypto import KeyRing, new_key_ring
from storage.engine import Lane, writing_engine
from storage.models import metadata
from storage.transaction import Transaction, Vault

ROOT = Path(__file__).parents[3]
WITHOUT_PRACTICE = {
    "oauth_states": "begun by a browser before anybody knows whose workspace it is; holds a digest and a time",
}
NOT_IN_THE_KEY = {
    "installations": "found by the workspace, which is how the practice of a request becomes known",
}
EVERY_PRACTICE = {
    "storage.installations": "looks up whose workspace it is; the caller compares the practice that it finds",
    "storage.rotation": "brings the secrets of all practices under a new key, and opens no content",
}
# The expressions by which units of work may be opened: each is a practice that its holder was built with.
OWN_PRACTICE = {
    "desk.id",
    "self.desk.id",
    "front.desk.id",
    "self.front.desk.id",
    "teams.front.desk.id",
    "hosted.id",
    "filed.id",
    "books.practice",
    "self._practice_id",
}
SCOPED = sorted(name for name, table in metadata.tables.items() if "practice_id" in table.c)
_STATEMENTS = (Select, Update, Delete, TextClause)


def modules() -> Iterator[str]:
    for found in pkgutil.iter_modules(storage.__path__, "storage."):
        if not found.ispkg:
            yield found.name


def test_every_table_says_whose_its_rows_are() -> None:
    without = {name for name, table in metadata.tables.items() if "practice_id" not in table.c}
    assert without == set(WITHOUT_PRACTICE) & set(metadata.tables)
    not_first = {name for name in SCOPED if not _leads_with_practice(name)}
    assert not_first == set(NOT_IN_THE_KEY)


def _leads_with_practice(name: str) -> bool:
    """Whether rows are told apart by practice: in the key, or in each constraint that makes rows unique."""
    table = metadata.tables[name]
    return "practice_id" in table.primary_key.columns or any(
        "practice_id" in getattr(constraint, "columns", {}) for constraint in table.constraints
    )


@pytest.mark.parametrize("module", [name for name in modules() if name not in EVERY_PRACTICE])
def test_every_statement_that_is_kept_names_the_practice(module: str) -> None:
    for name, statement in vars(import_module(module)).items():
        if isinstance(statement, _STATEMENTS) and touches(str(statement)):
            assert names_practice(statement), f"{module}.{name} reads or writes every practice's rows"


def test_a_statement_that_forgets_the_practice_is_found() -> None:
    notes = metadata.tables["notes"]
    one = select(notes.c.id).where(notes.c.id == bindparam("note"))
    assert touches(str(one))
    assert not names_practice(one)
    assert not names_practice(select(notes.c.practice_id).where(notes.c.id == bindparam("note")))
    assert not names_practice(text("DELETE FROM cards WHERE note_id = :note"))
    assert names_practice(one.where(notes.c.practice_id == bindparam("practice")))
    code = "def f(c, note):\n    return c.execute(select(notes.c.id).where(notes.c.id == note))\n"
    [made] = made_in_functions(ast.parse(code))
    assert "practice" not in ast.unparse(made)


def names_practice(statement: ClauseElement) -> bool:
    return "practice_id" in str(statement) and binds_practice(statement)


def touches(sql: str) -> bool:
    words = set(sql.replace("(", " ").replace(",", " ").replace(".", " ").split())
    return bool(words & set(SCOPED))


def binds_practice(statement: ClauseElement) -> bool:
    return any("practice" in str(name) for name in statement.compile().params)


@pytest.mark.parametrize("module", [name for name in modules() if name not in EVERY_PRACTICE])
def test_every_statement_that_is_made_on_the_way_names_the_practice(module: str) -> None:
    path = ROOT / (module.replace(".", "/") + ".py")
    for statement in made_in_functions(ast.parse(path.read_text("utf-8"))):
        assert "practice" in ast.unparse(statement), f"{path.name}:{statement.lineno} names no practice"


def made_in_functions(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls of select, update, delete, insert and text within a function, with all that is chained to them."""
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS):
            continue
        if not (node.args and touches(ast.unparse(node).replace('"', " ").replace("'", " "))):
            continue
        around: ast.AST = node
        while not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            around = parents[around]
        if isinstance(around, ast.Module):
            continue  # kept by the module: looked at as it is
        outer: ast.AST = node
        while isinstance(parents[outer], ast.Attribute | ast.Call) and not isinstance(outer, ast.stmt):
            outer = parents[outer]
        if isinstance(outer, ast.Call):
            yield outer


_MAKERS = {"select", "update", "delete", "insert", "text"}


@pytest.mark.parametrize("module", [name for name in modules() if name not in EVERY_PRACTICE])
def test_every_row_that_is_added_names_the_practice(module: str) -> None:
    """An insert takes its columns as they are given: whoever gives them gives practice_id."""
    loaded = import_module(module)
    inserts = [value for value in vars(loaded).values() if isinstance(value, Insert) and touches(str(value))]
    source = inspect.getsource(loaded)
    assert not inserts or "practice_id" in source or "practice" in source


def test_a_repository_needs_a_transaction_and_that_needs_a_practice(tmp_path: Path) -> None:
    repositories = [
        found
        for module in modules()
        for name, found in vars(import_module(module)).items()
        if inspect.isclass(found) and name.startswith("Sql") and found.__module__ == module and name != "SqlDatabase"
    ]
    assert len(repositories) >= 9
    for repository in repositories:
        parameters = [p for p in inspect.signature(repository).parameters.values() if p.default is p.empty]
        assert [parameter.annotation for parameter in parameters] == [Transaction], repository.__name__
    lane = Lane(writing_engine(f"sqlite:///{tmp_path / 'afternote.db'}"), 1)
    try:
        with pytest.raises(ValueError, match="practice"):
            Transaction(PracticeId(""), lane, Vault(KeyRing.parse(new_key_ring())), _no_clock, writes=False)
        with pytest.raises(TypeError):
            Transaction(lane, Vault(KeyRing.parse(new_key_ring())), _no_clock, writes=False)  # type: ignore[call-arg]
    finally:
        lane.close()


def _no_clock() -> None:
    raise AssertionError


@pytest.mark.parametrize("path", sorted((ROOT / "bot").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_opens_another_practice_than_its_own(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _OPENED:
            if not ast.unparse(node.func.value).endswith("database"):
                continue
            given = [ast.unparse(argument) for argument in node.args]
            assert len(given) == 1
            assert given[0] in OWN_PRACTICE, f"{path.name}:{node.lineno} opens {given[0]}"


_OPENED = {"reading", "writing"}
