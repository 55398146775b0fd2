"""Who the points speak of: names, the relations they are bound to, and which pronouns fit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, is_grammar, light_stems, weight_of
from bot.drafting.checker.words import MARK, WORD, Word, is_past
from bot.drafting.lexicon import table

_TITLES = {"mr": "m", "mrs": "f", "ms": "f", "miss": "f", "dr": "", "mx": "", "fr": "m", "rev": ""}
_ABSTRACT = ("ion", "ment", "ness", "ity", "ing", "ance", "ence", "ism", "ly", "ed")
_RARE = 0.94
_BEFORE_TASK = 0.8
# Verbs whose past looks like their present.
UNCHANGED = frozenset(
    {"read", "let", "put", "set", "hit", "cut", "hurt", "quit", "beat", "bet", "spread", "shut", "split", "sat"}
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is who. `bound`: each name with the relations it goes by; `titled`: names after Dr., Mr. or Ms.

    `fuller`: first and last names of one person; `apart`: a name and a relation that a point keeps apart.
    """

    names: frozenset[str]
    bound: dict[str, frozenset[str]]
    titled: frozenset[str]
    genders: dict[str, str]
    fuller: dict[str, frozenset[str]]
    apart: frozenset[tuple[str, str]]

    def gender(self, kind: str, key: str) -> str:
        """`m`, `f`, or nothing where no pronoun can be told."""
        if kind == "pronoun":
            return key
        if kind == "relation":
            return gender_of(key)
        return self.genders.get(key, "") if kind == "name" else ""


@cache
def gender_of(relation: str) -> str:
    row = table("relations")["relations"].get(relation)
    return row["gender"] if row else ""


def cast_of(points: Iterable[Analysis]) -> Cast:
    """Reads the people out of a whole summary once."""
    names: set[str] = set()
    titled: set[str] = set()
    genders: dict[str, str] = {}
    bound: dict[str, set[str]] = {}
    fuller: dict[str, set[str]] = {}
    read = tuple(points)
    for point in read:
        names.update(bare(point.words[at].lower) for at in (*point.names, *label_names(point), *_first_names(point)))
    for point in read:
        for at, title in _titled(point):
            name = bare(point.words[at].lower)
            names.add(name)
            titled.add(name)
            if _TITLES[title]:
                genders[name] = _TITLES[title]
        for name, relation in bindings(point, frozenset(names)):
            bound.setdefault(name, set()).add(relation)
            if gender_of(relation):
                genders.setdefault(name, gender_of(relation))
        for one, other in _fuller(point, frozenset(names)):
            fuller.setdefault(one, set()).add(other)
            fuller.setdefault(other, set()).add(one)
    return Cast(
        frozenset(names),
        {name: frozenset(found) for name, found in bound.items()},
        frozenset(titled),
        genders,
        {name: frozenset(found) for name, found in fuller.items()},
        frozenset(_apart(read, names, bound)),
    )


def _apart(points: Iterable[Analysis], names: set[str], bound: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """A name and a relation side by side in one point, never said to be one: `mom to lock it, Jonah logs sleep`."""
    for point in points:
        relations = [one for one in point.of(lexicons.RELATION) if not point.quoted(one.at)]
        for at, word in enumerate(point.words):
            name = bare(word.lower)
            if not word.capital or name not in names or point.quoted(at):
                continue
            for one in relations:
                if name not in bound and not one.at - 3 <= at < one.end + 3:
                    yield name, one.concept


def bare(lower: str) -> str:
    """A name without the genitive."""
    return lower.removesuffix("'s").removesuffix("\u2019s").removesuffix("s'")


def label_names(point: Analysis) -> Iterator[int]:
    """A name before a colon where a sentence begins (`wen: had …`); at the very beginning also without a capital."""
    words = point.words
    for at in range(len(words) - 2):
        begins = at == 0 or words[at - 1].lower in ".;|"
        if words[at + 1].lower != ":" or not begins or words[at].kind != WORD or len(words[at].text) < 3:
            continue
        known = (
            any(one.at <= at < one.end for one in point.found)
            or words[at].stem in light_stems()
            or is_grammar(words[at])
        )
        after = words[at + 2]
        verb = is_past(after.lower) or after.lower in ("has", "is", "was", "had", "says", "will")
        capital = words[at].capital and after.kind == WORD and nameable(words[at])
        if not known and (capital or (verb and at == 0)):
            yield at


def _first_names(point: Analysis) -> Iterator[int]:
    """A name that begins a sentence: a word that neither vocabulary nor prose holds, before a verb."""
    for at, word in enumerate(point.words[:-1]):
        begins = at == 0 or point.words[at - 1].lower in ".!?;:"
        after = point.words[at + 1]
        aged = after.lower == "(" and at + 3 < len(point.words) and point.words[at + 3].lower == ")"
        if (
            not begins
            or not word.capital
            or word.kind != WORD
            or not (aged or nameable(word, _BEFORE_TASK if after.lower == "to" else _RARE))
        ):
            continue
        verb = (
            aged
            or is_past(after.lower)
            or after.lower in UNCHANGED
            or after.stem in ("be", "hav", "wil", "do", "can", "to")
            or after.lower.endswith("s")
        )
        if verb and word.stem not in light_stems() and not any(one.at <= at < one.end for one in point.found):
            yield at


def nameable(word: Word, least: float = _RARE) -> bool:
    """Whether a word may be a name: rare in prose, and without the endings of abstract nouns and plurals."""
    plural = word.lower.endswith("s") and word.stem != word.lower
    abstract = word.lower.endswith(_ABSTRACT) or plural
    return not word.text.isupper() and not abstract and weight_of(word.stem) >= least


def _titled(point: Analysis) -> Iterator[tuple[int, str]]:
    for at, word in enumerate(point.words):
        if word.lower in _TITLES and word.capital:
            step = at + 1
            if step < len(point.words) and point.words[step].lower == ".":
                step += 1
            if step < len(point.words) and point.words[step].capital and point.words[step].kind == WORD:
                yield step, word.lower


def bindings(text: Analysis, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """`his brother Wade`, `wife, Sachiko`, `Kenji (son)`, `Wade is her brother`: a name and the relation it goes by."""
    words = text.words
    for one in text.of(lexicons.RELATION):
        if not gender_of(one.concept) and one.concept in ("family", "member", "peer"):
            continue
        if (at := _name_after(text, one.end, names)) is not None:
            yield bare(words[at].lower), one.concept
        elif one.at > 1 and bare(words[one.at - 2].lower) in names and words[one.at - 1].lower in ("(", ","):
            after = words[one.end].lower if one.end < len(words) else ")"
            if after in (")", ",") and words[one.at - 2].capital:
                yield bare(words[one.at - 2].lower), one.concept


def _name_after(text: Analysis, end: int, names: frozenset[str]) -> int | None:
    words = text.words
    relation = text.text[words[end - 1].start : words[end - 1].end].lower()
    if relation.endswith(("'s", "\u2019s", "s")) and not (end + 2 < len(words) and words[end].lower == "name"):
        return None
    step = end
    if step < len(words) and words[step].lower == "name":
        step += 1
    if step < len(words) and (words[step].lower == "(" or _between_commas(text, step)):
        step += 1
    while step < len(words) and (words[step].lower in _TITLES or words[step].lower == "."):
        if words[step].lower == "." and words[step - 1].lower not in _TITLES:
            return None
        step += 1
    if step > end and words[end].lower == "name" and step < len(words) and words[step].lower in ("is", "was"):
        step += 1
    fits = step < len(words) and words[step].kind != MARK and words[step].capital
    return step if fits and bare(words[step].lower) in names and not text.quoted(step) else None


def _between_commas(text: Analysis, at: int) -> bool:
    """`her daughter, Ines, started`: a name between commas that is no item of a list."""
    lowers = [word.lower for word in text.words[at : at + 4]]
    return len(lowers) == 4 and lowers[0] == lowers[2] == "," and lowers[3] not in ("and", "&", "or")


def _fuller(point: Analysis, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """First and last name side by side are one person's."""
    for at in range(1, len(point.words)):
        one, other = point.words[at - 1], point.words[at]
        if (
            one.capital
            and other.capital
            and bare(one.lower) in names
            and bare(other.lower) in names
            and one.lower == bare(one.lower)
        ):
            yield bare(one.lower), bare(other.lower)
