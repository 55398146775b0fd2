"""Reads who does, says or feels what in one text."""

from bot.drafting.checker.cast import UNCHANGED
from bot.drafting.checker.mentions import BREAKS, JOINS, OBJECTS, Mention, Mentions, words
from bot.drafting.checker.persons import ANYONE, CLIENT, CLINICIAN, Person
from bot.drafting.checker.words import WORD, is_past

_OBJECT_FORMS = frozenset({"me", "him", "them"})
_WHOSE = {
    "his": Person("pronoun", "m"),
    "her": Person("pronoun", "f"),
    "their": ANYONE,
    "my": CLINICIAN,
    "our": ANYONE,
}


class Frames(Mentions):
    """One text with its people in place and the subject of each word."""

    def subjects(self, at: int) -> list[Person]:
        """Who the word at this place is said of: one person, several joined by `and`, or nobody who is named."""
        return self._subjects(at) or ([CLINICIAN] if self._oneself(at) else [])

    def _oneself(self, at: int) -> bool:
        """`teared up a bit myself`: the writer."""
        while at < len(self.lowers) and self.lowers[at] not in BREAKS and self.lowers[at] not in JOINS:
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
        if (
            (one := self._ends.get(place))
            and not one.genitive
            and (not one.governed or self._gerund(at, one) or self.conjoined(one))
        ):
            return self._joined(one)
        if self.lowers[place] == "for" and self.lowers[at].endswith("ing"):
            return [ANYONE]
        if self._thing(place) and is_verb(self, at):
            return [ANYONE]
        if self.lowers[place] in JOINS and (verb := self._verb_before(place)) is not None:
            doubtful = self.lowers[place] == "," or self._subordinate(place)
            return [*self._subjects(verb), *([ANYONE] if doubtful else [])]
        return self._search(place)

    def _subordinate(self, place: int) -> bool:
        """Whether a word that begins a clause stands between here and the beginning of the sentence."""
        while place >= 0 and self.lowers[place] not in BREAKS:
            if self.lowers[place] in words("subordinate"):
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
        return lower in words("between") or (lower.endswith("ly") and len(lower) > 4)

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
        if one and not one.governed and not one.genitive and self.lowers[place] not in OBJECTS:
            return self._joined(one)
        verb = self._verb_before(place + 1, saying=True) if place >= 0 else None
        if verb is not None and self.lowers[verb] in words("saying"):
            return self.subjects(verb)
        return [*self._earlier(place), *self._label_of(at)]

    def _earlier(self, place: int) -> list[Person]:
        """Everybody named before in the sentence."""
        found: list[Person] = []
        while place >= 0 and self.lowers[place] not in BREAKS:
            if one := self._ends.get(place):
                found.append(one.person)
            place -= 1
        return found

    def predicated(self, at: int) -> list[Person]:
        """Of whom a feeling is plainly said: `mom worried`, `client felt queasy`, `a bit queasy myself`."""
        place = self._step_back(at)
        while place >= 0 and place not in self._ends and self.lowers[place] in words("seeming"):
            place = self._step_back(place)
        one = self._ends.get(place)
        if one and not one.governed and not one.genitive:
            return self._joined(one)
        return [CLINICIAN] if self._oneself(at) else []

    def conjoined(self, one: Mention) -> bool:
        """`after her landlord served notice`: the word before the person begins a clause."""
        before = one.at - 1
        while before >= 0 and self.lowers[before] in words("before_persons"):
            before -= 1
        return before >= 0 and self.lowers[before] in words("conjunctions")

    def _by(self, at: int) -> Person | None:
        """The agent of a passive: `was taught by her brother`."""
        if not is_past(self.lowers[at]):
            return None
        for place in range(at + 1, min(at + 6, len(self.lowers))):
            if self.lowers[place] in BREAKS or self.lowers[place] in ("and", "but", ","):
                return None
            if self.lowers[place] == "by":
                step = place + 1
                while (
                    step < len(self.lowers)
                    and step not in self._starts
                    and self.lowers[step] in words("before_persons")
                ):
                    step += 1
                one = self._starts.get(step)
                return one.person if one and not one.genitive else ANYONE
        return None

    def passive(self, at: int) -> bool:
        place = at - 1
        while place >= 0 and self.lowers[place].endswith("ly"):
            place -= 1
        being = place >= 0 and (
            self.text.words[place].stem == "be"
            or self.lowers[place] in ("be", "been", "being", "got", "not", "were", "was")
        )
        return is_past(self.lowers[at]) and being

    def _verb_before(self, place: int, *, saying: bool = False) -> int | None:
        step = place - 1
        while step >= 0 and self.lowers[step] not in BREAKS:
            if is_verb(self, step) and not (saying and self.text.words[step].stem in ("be", "hav")):
                return step
            step -= 1
        return None

    def _search(self, place: int) -> list[Person]:
        at = place + 1
        while (place := self._outside(place)) >= 0 and self.lowers[place] not in BREAKS:
            one = self._ends.get(place)
            if one and not one.governed and not one.genitive and self.lowers[place] not in _OBJECT_FORMS:
                return self._joined(one)
            place = one.at - 1 if one else place - 1
        return self._label_of(at)

    def _joined(self, one: Mention) -> list[Person]:
        before = one.at - 1
        while before >= 0 and self.lowers[before] in words("before_persons"):
            before -= 1
        if (
            before > 0
            and self.lowers[before] in ("and", "&", "+", "nor", "or")
            and (other := self._ends.get(before - 1))
        ):
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
        while place < len(self.lowers) and place not in self._starts and self.lowers[place] in words("before_persons"):
            place += 1
        one = self._starts.get(place)
        return one.person if one and not one.genitive else None

    def objects(self, at: int) -> list[Person]:
        """The people named after a verb, up to the end of its clause or the next verb with a subject of its own."""
        found: list[Person] = []
        place = at + 1
        while (
            place < len(self.lowers)
            and place <= at + 12
            and self.lowers[place] not in BREAKS
            and self.lowers[place] not in ("but", "because", "that", ",")
        ):
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
        return before not in words("no_verb_after")
    if word.lower.endswith("ing"):
        return _retold(frames, at) or before in ("is", "was", "are", "were", "been", "am")
    one = frames.ending(at - 1)
    if one and not one.genitive and (not one.governed or frames.conjoined(one)):
        return (
            word.lower in UNCHANGED or (word.lower.endswith("s") and not word.lower.endswith("ss")) or word.stem == "be"
        )
    if word.lower.endswith("s") and not word.lower.endswith("ss"):
        return False
    if before in ("will", "would", "can", "could", "may", "should", "didn't", "doesn't", "not", "did"):
        return True
    return before == "to" and frames.lowers[at - 2 : at - 1] not in (
        ["prior"],
        ["due"],
        ["next"],
        ["according"],
        ["back"],
    )


def _retold(frames: Frames, at: int) -> bool:
    """Whether a gerund is what the speaker did: `recalled nearly drowning`."""
    place = at - 1
    while place >= 0 and frames.lowers[place].endswith("ly"):
        place -= 1
    return place >= 0 and frames.lowers[place] in words("reports")


def _owning(frames: Frames, at: int) -> bool:
    """Whether `has` says what somebody has, and is no auxiliary."""
    after = [word for word in frames.text.words[at + 1 : at + 4] if word.lower not in words("between")][:1]
    return (
        bool(after)
        and after[0].kind == WORD
        and not is_past(after[0].lower)
        and after[0].lower not in ("been", "not", "no", "none", "nothing", "any")
    )
