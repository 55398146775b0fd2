"""The people a text may speak of, and whether two mentions can be one person."""

from dataclasses import dataclass
from functools import cache

from bot.drafting.checker import lexicons
from bot.drafting.checker.cast import Cast, gender_of
from bot.drafting.lexicon import table


@dataclass(frozen=True, slots=True)
class Person:
    """`kind`: client, clinician, relation, name, pronoun or anyone. `owner`: whose relation, where said."""

    kind: str
    key: str = ""
    owner: str = ""

    @property
    def told(self) -> bool:
        return self.kind != "anyone"


CLIENT, CLINICIAN, ANYONE = Person("client"), Person("clinician"), Person("anyone")


def gender(person: Person, cast: Cast) -> str:
    return cast.gender(person.kind, person.key)


def same(one: Person, other: Person, cast: Cast) -> bool | None:
    """Whether two mentions can be one person; None where nobody can tell."""
    if ANYONE in (one, other):
        return None
    if one.kind == other.kind and one.key == other.key:
        return True
    kinds = {one.kind, other.kind}
    genders = {gender(one, cast), gender(other, cast)} - {""}
    if "pronoun" in kinds:
        if CLINICIAN in (one, other) or len(genders) == 2:
            return False
        return None
    if kinds == {"relation"}:
        return _related(one.key, other.key, cast)
    if kinds == {"name"}:
        return _one_name(one.key, other.key, cast)
    if "member" in kinds:
        return None if kinds & {"name", "relation"} else False
    if "name" in kinds:
        name, someone = (one, other) if one.kind == "name" else (other, one)
        return _name_and(name, someone, cast)
    return False


def _above(relation: str) -> frozenset[str]:
    return lexicons.wider(lexicons.RELATION).get(relation, frozenset({relation}))


@cache
def _groups() -> dict[str, frozenset[str]]:
    """For each relation the groups it is in: nobody is of two (a partner is no captain)."""
    found: dict[str, set[str]] = {}
    for group, relations in table("roles")["groups"].items():
        for relation in relations:
            found.setdefault(relation, set()).add(group)
    return {relation: frozenset(groups) for relation, groups in found.items()}


def _related(one: str, other: str, cast: Cast) -> bool | None:
    if one in _above(other) or other in _above(one):
        return True
    if any(one in bound and other in bound for bound in cast.bound.values()):
        return True
    mine, theirs = _groups().get(one, frozenset()), _groups().get(other, frozenset())
    if mine and theirs and not mine & theirs:
        return False
    open_ended: frozenset[str] = frozenset(table("roles")["open"]["relations"])
    return None if {one, other} & open_ended else False


def _one_name(one: str, other: str, cast: Cast) -> bool | None:
    if other in cast.fuller.get(one, ()):
        return True
    if 1 in (len(one), len(other)) or "." in one or "." in other:
        return one[0] == other[0]
    known = one in cast.names and other in cast.names
    full = len(one) > 2 < len(other) and not {one, other} & cast.titled
    return False if known or full else None


def _name_and(name: Person, someone: Person, cast: Cast) -> bool | None:
    bound = _bound(name.key, cast)
    if someone.kind == "relation":
        if bound:
            return any(_related(relation, someone.key, cast) is not False for relation in bound)
        others = [other for other, relations in cast.bound.items() if someone.key in relations]
        genders = {gender(name, cast), gender_of(someone.key)} - {""}
        if (name.key, someone.key) in cast.apart:
            return False
        return (
            False
            if len(genders) == 2 or (others and name.key in cast.names and name.key[0] not in {o[0] for o in others})
            else None
        )
    if someone == CLINICIAN:
        return False if bound or (len(name.key) > 2 and name.key not in cast.titled) else None
    return False if bound else None


def _bound(name: str, cast: Cast) -> frozenset[str]:
    names = [name, *cast.fuller.get(name, ())]
    if len(name) == 1:
        names += [other for other in cast.bound if other.startswith(name)]
    return frozenset(relation for one in names for relation in cast.bound.get(one, ()))
