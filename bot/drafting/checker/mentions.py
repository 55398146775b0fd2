"""Finds the people in one text: relations, roles, names, pronouns, and the labels before a colon."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.cast import UNCHANGED, Cast, bare, label_names, nameable
from bot.drafting.checker.persons import ANYONE, CLIENT, CLINICIAN, Person
from bot.drafting.checker.words import NUMBER, WORD, is_past
from bot.drafting.lexicon import table

_FIRST = frozenset({"i", "i'm", "i've", "i'd", "i'll", "me", "we", "writer", "th", "myself"})
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "st", "fr", "rev"})
_HE = {"he": "m", "she": "f", "he's": "m", "she's": "f", "he'd": "m", "she'd": "f", "he'll": "m", "she'll": "f"}
OBJECTS = {"him": "m", "her": "f", "them": ""}
_POSSESSIVE = frozenset({"her", "his", "their", "client's", "patient's", "ct's", "pt's"})
BREAKS = frozenset({".", ";", "!", "?", "\u2014", "--", "(", "|", "\u2192", "->"})
JOINS = frozenset({"and", "but", "&", "+", "or", ",", "then"})


@dataclass(frozen=True, slots=True)
class Mention:
    person: Person
    at: int
    end: int
    governed: bool
    genitive: bool


@cache
def words(name: str) -> frozenset[str]:
    """A list of small words by its name in `roles.toml`."""
    data = table("roles")
    return frozenset(data["grammar"].get(name) or data[name]["words"])


class Mentions:
    """One text with its people in place."""

    def __init__(self, text: Analysis, cast: Cast) -> None:
        self.text = text
        self.cast = cast
        self.lowers = [word.lower for word in text.words]
        for at in range(1, len(self.lowers)):
            if self.lowers[at] == "." and self.lowers[at - 1] in _TITLES:
                self.lowers[at] = ""
            initial = text.words[at - 1].text
            if self.lowers[at] == "." and len(initial) == 1 and initial.isupper() and at + 1 < len(self.lowers):
                self.lowers[at] = ""
        self.dialogue = self.lowers[1:2] == [":"] and self.lowers[0] in (
            "c",
            "t",
            "ct",
            "th",
            "client",
            "therapist",
            "pt",
            "p",
        )
        self.mentions = tuple(sorted(self._mentions(), key=lambda one: one.at))
        self._ends = {one.end - 1: one for one in self.mentions}
        self._within = frozenset(at for one in self.mentions for at in range(one.at, one.end))
        self._starts = {one.at: one for one in self.mentions}
        self.labels = tuple(one for one in self.mentions if self._labels(one))
        self.label = self.labels[0].person if self.labels and self.labels[0].at <= 1 else None

    def ending(self, at: int) -> Mention | None:
        return self._ends.get(at)

    def within(self, at: int) -> bool:
        """Whether a word is part of a mention."""
        return at in self._within

    def _labels(self, one: Mention) -> bool:
        """Whether a mention is a label before a colon: `mom: …`, also further on."""
        begins = one.at <= 1 or self.lowers[one.at - 1] in BREAKS
        return begins and self.lowers[one.end : one.end + 1] == [":"]

    def _label_of(self, at: int) -> list[Person]:
        before = [one.person for one in self.labels if one.at < at]
        return before[-1:]

    def _mentions(self) -> Iterator[Mention]:
        taken: set[int] = set()
        for one in self.text.found:
            person = self._from_lexicon(one)
            if person is None or self.text.quoted(one.at) or one.at in taken:
                continue
            end = one.end
            if (
                end < len(self.lowers)
                and one.family == lexicons.RELATION
                and bare(self.lowers[end]) in self.cast.names
                and self.text.words[end].capital
            ):
                end += 1
            taken.update(range(one.at, end))
            yield self._mention(person, one.at, end)
        for at, word in enumerate(self.text.words):
            if at in taken or word.kind != WORD or self.text.quoted(at):
                continue
            if person := self._from_word(at):
                yield self._mention(person, at, at + 1)

    def _from_lexicon(self, one: lexicons.Found) -> Person | None:
        if one.family == lexicons.RELATION:
            return Person("relation", one.concept, self._owner(one.at))
        if one.family == lexicons.ROLE and one.concept == "one_member":
            return Person("member")
        if one.family != lexicons.ROLE or one.concept not in ("client", "clinician"):
            return None
        typed = self.text.words[one.at]
        if typed.lower == "th":
            return None
        if typed.lower in ("my", "i", "me", "myself") or (typed.text == "PT" and one.at > 0):
            return None
        if typed.lower in words("any_helper"):
            return ANYONE
        return CLIENT if one.concept == "client" else CLINICIAN

    def _owner(self, at: int) -> str:
        step = at - 1
        while step >= 0 and self.lowers[step] in words("before_persons") and self.lowers[step] not in _POSSESSIVE:
            step -= 1
        if step < 0:
            return ""
        if self.lowers[step] in _POSSESSIVE:
            return "client"
        return bare(self.lowers[step]) if self._possessed(step) else ""

    def _possessed(self, at: int) -> bool:
        word = self.text.words[at]
        return self.text.text[word.start : word.end].lower().endswith(("'s", "\u2019s", "s'"))

    def _from_word(self, at: int) -> Person | None:
        word = self.text.words[at]
        if (
            word.text == "I"
            and self.lowers[at + 1 : at + 2] == [":"]
            and any(name.startswith("i") for name in self.cast.names)
        ):
            return Person("name", "i")
        if word.text == "T" and self._therapist(at):
            return CLINICIAN
        if word.lower == "th" and at and self.text.words[at - 1].kind == NUMBER:
            return None
        if word.lower in _FIRST and word.text != "i" and (word.lower not in ("me", "myself") or not self.dialogue):
            if self.dialogue:
                return CLIENT if self.lowers[0] in ("c", "ct", "client", "pt", "p") else CLINICIAN
            doubtful = word.lower.startswith("i") and at and self._thought(at)
            return ANYONE if doubtful or word.lower == "we" else CLINICIAN
        if word.lower in _HE:
            return Person("pronoun", _HE[word.lower])
        if word.lower in OBJECTS and not self._determines(at):
            return Person("pronoun", OBJECTS[word.lower])
        if word.lower in words("anyone"):
            return ANYONE
        return self._named(at)

    def _therapist(self, at: int) -> bool:
        """Whether `T` is the therapist: nobody has a name that begins so, and it does something."""
        named = any(name.startswith("t") for name in self.cast.names if len(name) > 1)
        return not named and self._acting(at)

    def _thought(self, at: int) -> bool:
        """Whether an I is the client's, typed without quotation marks: `did I lock it`, `says I'm done`."""
        before = self.lowers[at - 1]
        if before == "that":
            return "i" not in self.lowers[: at - 1]
        return before in words("doubting") or before in words("saying") or before == "me"

    def _determines(self, at: int) -> bool:
        """Whether `her` stands before what is hers."""
        if self.lowers[at] != "her" or at + 1 >= len(self.lowers):
            return False
        after = self.text.words[at + 1]
        plain = after.lower in words("prepositions") | JOINS | words("between") | {
            "that",
            "how",
            "when",
            "what",
            "if",
            "she",
            "he",
            "the",
            "a",
            "an",
            "up",
            "out",
            "i",
        }
        return after.kind == WORD and not plain

    def _named(self, at: int) -> Person | None:
        word = self.text.words[at]
        name = bare(word.lower)
        if word.lower in self.cast.names and self.lowers[at + 1 : at + 2] == [":"] and at in label_names(self.text):
            return Person("name", name)
        if not word.capital:
            return None
        dotted = self.lowers[at + 1 : at + 2] == [""] and len(name) == 1
        if word.text.count(".") > 1 or dotted or (len(name) == 1 and name not in ("i", "a")):
            return Person("name", name)
        if word.text.isupper() and len(name) == 2:
            return Person("name", name) if self._acting(at) else None
        if name in self.cast.names or at in self.text.names:
            return Person("name", name)
        return Person("name", name) if at == 0 and self._begins(name) else None

    def _acting(self, at: int) -> bool:
        """Whether two capitals are somebody who does something, and no abbreviation of a thing."""
        after = self.text.words[at + 1] if at + 1 < len(self.lowers) else None
        return after is not None and (is_past(after.lower) or after.stem in ("be", "hav", "wil"))

    def _begins(self, name: str) -> bool:
        words = self.text.words
        if (
            len(words) < 2
            or words[0].text.isupper()
            or any(one.at == 0 for one in (*self.text.found, *self.text.atoms))
        ):
            return False
        verb = (
            is_past(words[1].lower) or words[1].lower in UNCHANGED or words[1].stem in ("be", "hav", "wil", "do", "can")
        )
        return verb and nameable(words[0])

    def _mention(self, person: Person, at: int, end: int) -> Mention:
        before = at - 1
        while before >= 0 and (
            self.lowers[before] in words("before_persons") or self._genitive_at(before) or self._titling(before)
        ):
            before -= 1
        governed = (before >= 0 and self.lowers[before] in words("prepositions")) or self.compound(end)
        return Mention(person, at, end, governed, self._possessed(end - 1))

    def compound(self, end: int) -> bool:
        """Whether the noun after a person makes a thing of both: `police report`."""
        hyphen = self.text.text[self.text.words[end - 1].end :][:1] == "-"
        if hyphen:
            return True
        return (
            self.lowers[end : end + 1] != [] and self.lowers[end] in words("compound") and not self._possessed(end - 1)
        )

    def _titling(self, at: int) -> bool:
        """Whether capitals stand before a name like a title: `AP Novak`."""
        word = self.text.words[at]
        return word.text.isupper() and 1 < len(word.text) <= 4 and self.text.words[at + 1].capital

    def _genitive_at(self, at: int) -> bool:
        return self.text.words[at].kind == WORD and self._possessed(at)
