"""Reads who does what in one text: each mention of a person, and the subject of a word."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.cast import UNCHANGED, Cast, bare, gender_of, label_names, nameable
from bot.drafting.checker.words import NUMBER, WORD, is_past
from bot.drafting.lexicon import table

_FIRST = frozenset({"i", "me", "we", "writer", "th", "myself"})
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "st", "fr", "rev"})
_HE = {"he": "m", "she": "f", "he's": "m", "she's": "f", "he'd": "m", "she'd": "f", "he'll": "m", "she'll": "f"}
_OBJECTS = {"him": "m", "her": "f", "them": ""}
_OBJECT_FORMS = frozenset({"me", "him", "them"})
_OTHERS = frozenset({"they", "it", "who", "both", "each", "everyone", "nobody", "someone", "somebody", "anyone", "others", "this", "that", "which", "these"})
_PREPOSITIONS = frozenset(
    {"of", "with", "to", "at", "from", "by", "about", "for", "w/", "regarding", "re", "against", "on", "toward", "towards", "over",
     "like", "than", "without", "between", "per", "in", "into", "concerning", "around", "after", "before", "until", "till", "via", "as", "through"}
)  # fmt: skip
OWNERS = frozenset(
    {"her", "his", "their", "the", "a", "an", "my", "client's", "dr", "mr", "ms", "mrs", "older", "younger", "little", "best", "old",
     "new", "foster", "biological", "bio", "step", "ex", "another", "other", "former", "late", "maternal", "paternal", "", "school", "own"}
)  # fmt: skip
_POSSESSIVE = frozenset({"her", "his", "their", "client's", "patient's", "ct's", "pt's"})
_BREAKS = frozenset({".", ";", "!", "?", "\u2014", "--", "(", "|", "\u2192", "->"})
_ANY_HELPER = frozenset({"counselor", "counsellor", "provider", "psychologist", "leader", "individual", "participant", "participants"})
_CONJUNCTIONS = frozenset({"after", "before", "until", "till", "as", "than", "like"})
_SUBORDINATE = frozenset({"after", "because", "when", "that", "since", "while", "before", "if", "who", "which", "until", "as", "how", "where", "what"})
_DOUBTING = frozenset({"did", "if", "should", "am", "could", "might", "because", "do", "would", "can", "will", "what"})
_AFTER_NOUN_WORDS = frozenset({"a", "an", "the", "her", "his", "their", "of", "in", "on", "at", "with", "no", "w/", "for", "from", "when", "as", "if", "once", "unless", "than"})
_JOINS = frozenset({"and", "but", "&", "+", "or", ",", "then"})
_GERUND_SUBJECT = frozenset({"about", "of", "w/", "with", "at", "saw", "heard", "by", "on", "re"})


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
_WHOSE = {"his": Person("pronoun", "m"), "her": Person("pronoun", "f"), "their": ANYONE, "my": CLINICIAN, "our": ANYONE}


@dataclass(frozen=True, slots=True)
class Mention:
    person: Person
    at: int
    end: int
    governed: bool
    genitive: bool


@cache
def _sets() -> dict[str, frozenset[str]]:
    data = table("roles")
    return {name: frozenset(data[name]["words"]) for name in ("between", "loose", "reports", "mutual", "compound", "saying", "seeming")}


def between() -> frozenset[str]:
    return _sets()["between"]


class Frames:
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
        self.dialogue = self.lowers[1:2] == [":"] and self.lowers[0] in ("c", "t", "ct", "th", "client", "therapist", "pt", "p")
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

    def starting(self, at: int) -> Mention | None:
        return self._starts.get(at)

    def _labels(self, one: Mention) -> bool:
        """Whether a mention is a label before a colon: `mom: …`, also further on."""
        begins = one.at <= 1 or self.lowers[one.at - 1] in _BREAKS
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
            if end < len(self.lowers) and one.family == lexicons.RELATION and bare(self.lowers[end]) in self.cast.names and self.text.words[end].capital:
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
        if typed.lower in _ANY_HELPER:
            return ANYONE
        return CLIENT if one.concept == "client" else CLINICIAN

    def _owner(self, at: int) -> str:
        step = at - 1
        while step >= 0 and self.lowers[step] in OWNERS and self.lowers[step] not in _POSSESSIVE:
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
        if word.text == "I" and self.lowers[at + 1 : at + 2] == [":"] and any(name.startswith("i") for name in self.cast.names):
            return Person("name", "i")
        if word.lower == "th" and at and self.text.words[at - 1].kind == NUMBER:
            return None
        if word.lower in _FIRST and word.text != "i" and (word.lower not in ("me", "myself") or not self.dialogue):
            if self.dialogue:
                return CLIENT if self.lowers[0] in ("c", "ct", "client", "pt", "p") else CLINICIAN
            doubtful = word.lower == "i" and at and self.lowers[at - 1] in _DOUBTING
            return ANYONE if doubtful or word.lower == "we" else CLINICIAN
        if word.lower in _HE:
            return Person("pronoun", _HE[word.lower])
        if word.lower in _OBJECTS and not self._determines(at):
            return Person("pronoun", _OBJECTS[word.lower])
        if word.lower in _OTHERS:
            return ANYONE
        return self._named(at)

    def _determines(self, at: int) -> bool:
        """Whether `her` stands before what is hers."""
        if self.lowers[at] != "her" or at + 1 >= len(self.lowers):
            return False
        after = self.text.words[at + 1]
        plain = after.lower in _PREPOSITIONS | _JOINS | between() | {"that", "how", "when", "what", "if", "she", "he", "the", "a", "an", "up", "out", "i"}
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
        return after is not None and (is_past(after.lower) or after.stem in ("be", "hav", "will"))

    def _begins(self, name: str) -> bool:
        words = self.text.words
        if len(words) < 2 or words[0].text.isupper() or any(one.at == 0 for one in (*self.text.found, *self.text.atoms)):
            return False
        verb = is_past(words[1].lower) or words[1].lower in UNCHANGED or words[1].stem in ("be", "hav", "will", "do", "can")
        return verb and nameable(words[0])

    def _mention(self, person: Person, at: int, end: int) -> Mention:
        before = at - 1
        while before >= 0 and (self.lowers[before] in OWNERS or self._genitive_at(before) or self._titling(before)):
            before -= 1
        governed = (before >= 0 and self.lowers[before] in _PREPOSITIONS) or self.compound(end)
        return Mention(person, at, end, governed, self._possessed(end - 1))

    def compound(self, end: int) -> bool:
        """Whether the noun after a person makes a thing of both: `police report`."""
        hyphen = self.text.text[self.text.words[end - 1].end :][:1] == "-"
        if hyphen:
            return True
        return self.lowers[end : end + 1] != [] and self.lowers[end] in _sets()["compound"] and not self._possessed(end - 1)

    def _titling(self, at: int) -> bool:
        """Whether capitals stand before a name like a title: `AP Novak`."""
        word = self.text.words[at]
        return word.text.isupper() and 1 < len(word.text) <= 4 and self.text.words[at + 1].capital

    def _genitive_at(self, at: int) -> bool:
        return self.text.words[at].kind == WORD and self._possessed(at)

    def subjects(self, at: int) -> list[Person]:
        """Who the word at this place is said of: one person, several joined by `and`, or nobody who is named."""
        return self._subjects(at) or ([CLINICIAN] if self._oneself(at) else [])

    def _oneself(self, at: int) -> bool:
        """`teared up a bit myself`: the writer."""
        while at < len(self.lowers) and self.lowers[at] not in _BREAKS and self.lowers[at] not in _JOINS:
            if self.lowers[at] == "myself" and not self.text.quoted(at) and not self.dialogue:
                return True
            at += 1
        return False

    def _subjects(self, at: int) -> list[Person]:
        if agent := self._by(at):
            return [agent]
        place = self._step_back(at)
        if place < 0:
            return self._label_of(at)
        if (one := self._ends.get(place)) and not one.genitive and (not one.governed or self._gerund(at, one) or self.conjoined(one)):
            return self._joined(one)
        if self.lowers[place] == "for" and self.lowers[at].endswith("ing"):
            return [ANYONE]
        if self._thing(place) and is_verb(self, at):
            return [ANYONE]
        if self.lowers[place] in _JOINS and (verb := self._verb_before(place)) is not None:
            doubtful = self.lowers[place] == "," or self._subordinate(place)
            return [*self._subjects(verb), *([ANYONE] if doubtful else [])]
        return self._search(place)

    def _subordinate(self, place: int) -> bool:
        """Whether a word that begins a clause stands between here and the beginning of the sentence."""
        while place >= 0 and self.lowers[place] not in _BREAKS:
            if self.lowers[place] in _SUBORDINATE:
                return True
            place -= 1
        return False

    def _thing(self, place: int) -> bool:
        """Whether what does it is no person: `her church is helping`."""
        noun = place > 0 and place not in self._ends and self.text.words[place].kind == WORD
        return noun and self.lowers[place - 1] in ("the", "her", "his", "their", "my", "our", "this")

    def _step_back(self, at: int) -> int:
        place = self._outside(at - 1)
        while place >= 0 and place not in self._ends and self._passed(place):
            place = self._outside(place - 1)
        return place

    def _passed(self, place: int) -> bool:
        lower = self.lowers[place]
        return lower in between() or (lower.endswith("ly") and len(lower) > 4)

    def _outside(self, place: int) -> int:
        """The place before a bracket that ends here: `Sam (8) has`."""
        if place >= 0 and self.lowers[place] == ")":
            while place >= 0 and self.lowers[place] != "(":
                place -= 1
            return place - 1
        return place

    def _gerund(self, at: int, one: Mention) -> bool:
        return self.lowers[at].endswith("ing") and self.lowers[one.at - 1 : one.at] != ["to"]

    def speakers(self, at: int) -> list[Person]:
        """Who says what begins here: the label, the person right before it, or the subject of the verb before it."""
        if self.dialogue:
            return [CLIENT if self.lowers[0] in ("c", "ct", "client", "pt", "p") else CLINICIAN]
        place = at - 1
        while place >= 0 and (self.lowers[place] in (",", ":", "that", '"', "\u201c") or self.text.quoted(place)):
            place -= 1
        one = self._ends.get(place)
        if one and not one.governed and not one.genitive and self.lowers[place] not in _OBJECTS:
            return self._joined(one)
        verb = self._verb_before(place + 1, saying=True) if place >= 0 else None
        if verb is not None and self.lowers[verb] in _sets()["saying"]:
            return self.subjects(verb)
        return [*self._earlier(place), *self._label_of(at)]

    def _earlier(self, place: int) -> list[Person]:
        """Everybody named before in the sentence."""
        found: list[Person] = []
        while place >= 0 and self.lowers[place] not in _BREAKS:
            if one := self._ends.get(place):
                found.append(one.person)
            place -= 1
        return found

    def predicated(self, at: int) -> list[Person]:
        """Of whom a feeling is plainly said: `mom worried`, `client felt queasy`, `a bit queasy myself`."""
        place = self._step_back(at)
        while place >= 0 and place not in self._ends and self.lowers[place] in _sets()["seeming"]:
            place = self._step_back(place)
        one = self._ends.get(place)
        if one and not one.governed and not one.genitive:
            return self._joined(one)
        return [CLINICIAN] if self._oneself(at) else []

    def conjoined(self, one: Mention) -> bool:
        """`after her landlord served notice`: the word before the person begins a clause."""
        before = one.at - 1
        while before >= 0 and self.lowers[before] in OWNERS:
            before -= 1
        return before >= 0 and self.lowers[before] in _CONJUNCTIONS

    def _by(self, at: int) -> Person | None:
        """The agent of a passive: `was taught by her brother`."""
        if not is_past(self.lowers[at]):
            return None
        for place in range(at + 1, min(at + 6, len(self.lowers))):
            if self.lowers[place] in _BREAKS or self.lowers[place] in ("and", "but", ","):
                return None
            if self.lowers[place] == "by":
                step = place + 1
                while step < len(self.lowers) and step not in self._starts and self.lowers[step] in OWNERS:
                    step += 1
                one = self._starts.get(step)
                return one.person if one and not one.genitive else ANYONE
        return None

    def passive(self, at: int) -> bool:
        place = at - 1
        while place >= 0 and self.lowers[place].endswith("ly"):
            place -= 1
        being = place >= 0 and (self.text.words[place].stem == "be" or self.lowers[place] in ("be", "been", "being", "got", "not", "were", "was"))
        return is_past(self.lowers[at]) and being

    def _verb_before(self, place: int, *, saying: bool = False) -> int | None:
        step = place - 1
        while step >= 0 and self.lowers[step] not in _BREAKS:
            if is_verb(self, step) and not (saying and self.text.words[step].stem in ("be", "hav")):
                return step
            step -= 1
        return None

    def _search(self, place: int) -> list[Person]:
        at = place + 1
        while (place := self._outside(place)) >= 0 and self.lowers[place] not in _BREAKS:
            one = self._ends.get(place)
            if one and not one.governed and not one.genitive and self.lowers[place] not in _OBJECT_FORMS:
                return self._joined(one)
            place = one.at - 1 if one else place - 1
        return self._label_of(at)

    def _joined(self, one: Mention) -> list[Person]:
        before = one.at - 1
        while before >= 0 and self.lowers[before] in OWNERS:
            before -= 1
        if before > 0 and self.lowers[before] in ("and", "&", "+", "nor", "or") and (other := self._ends.get(before - 1)):
            return [one.person, *self._joined(other)]
        return [one.person]

    def owner_of(self, at: int) -> Person | None:
        """Whose a thing is: the person in the genitive right before it, or one word further; also `his`, `my`."""
        for place in (at - 1, at - 2):
            one = self._ends.get(place)
            if one and one.genitive:
                return one.person
            if one:
                return None
            if place >= 0 and self.lowers[place] in _WHOSE:
                return _WHOSE[self.lowers[place]]
            if place < 0 or self.text.words[place].kind != WORD:
                return None
        return None

    def receiver(self, at: int) -> Person | None:
        """The person right after a verb: `told her mom`, `gave ct a card`."""
        place = at + 1
        while place < len(self.lowers) and place not in self._starts and self.lowers[place] in OWNERS:
            place += 1
        one = self._starts.get(place)
        return one.person if one and not one.genitive else None

    def objects(self, at: int) -> list[Person]:
        """The people named after a verb, up to the end of its clause or the next verb with a subject of its own."""
        found: list[Person] = []
        place = at + 1
        while place < len(self.lowers) and place <= at + 12 and self.lowers[place] not in _BREAKS and self.lowers[place] not in ("but", "because", "that", ","):
            one = self._starts.get(place)
            if one:
                found.append(one.person)
            place = one.end if one else place + 1
        return found


def is_verb(frames: Frames, at: int) -> bool:
    """Whether a word is plainly what somebody does."""
    word = frames.text.words[at]
    if word.kind != WORD or frames.text.quoted(at) or frames.within(at):
        return False
    before = frames.lowers[at - 1] if at else ""
    if word.stem == "hav":
        return _owning(frames, at)
    if is_past(word.lower):
        return before not in _AFTER_NOUN_WORDS
    if word.lower.endswith("ing"):
        return _retold(frames, at) or before in ("is", "was", "are", "were", "been", "am")
    one = frames.ending(at - 1)
    if one and not one.genitive and (not one.governed or frames.conjoined(one)):
        return word.lower in UNCHANGED or (word.lower.endswith("s") and not word.lower.endswith("ss")) or word.stem == "be"
    if word.lower.endswith("s") and not word.lower.endswith("ss"):
        return False
    if before in ("will", "would", "can", "could", "may", "should", "didn't", "doesn't", "not", "did"):
        return True
    return before == "to" and frames.lowers[at - 2 : at - 1] not in (["prior"], ["due"], ["next"], ["according"], ["back"])


def _retold(frames: Frames, at: int) -> bool:
    """Whether a gerund is what the speaker did: `recalled nearly drowning`."""
    place = at - 1
    while place >= 0 and frames.lowers[place].endswith("ly"):
        place -= 1
    return place >= 0 and frames.lowers[place] in _sets()["reports"]


def _owning(frames: Frames, at: int) -> bool:
    """Whether `has` says what somebody has, and is no auxiliary."""
    after = [word for word in frames.text.words[at + 1 : at + 4] if word.lower not in between()][:1]
    return bool(after) and after[0].kind == WORD and not is_past(after[0].lower) and after[0].lower not in ("been", "not", "no", "none", "nothing", "any")


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
    if other in cast.partners.get(one, ()):
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
        return False if len(genders) == 2 or (others and name.key in cast.names and name.key[0] not in {o[0] for o in others}) else None
    if someone == CLINICIAN:
        return False if bound or (len(name.key) > 2 and name.key not in cast.titled) else None
    return False if bound else None


def _bound(name: str, cast: Cast) -> frozenset[str]:
    names = [name, *cast.partners.get(name, ())]
    if len(name) == 1:
        names += [other for other in cast.bound if other.startswith(name)]
    return frozenset(relation for one in names for relation in cast.bound.get(one, ()))
