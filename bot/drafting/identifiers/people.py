"""Names of people: by lists of names, and by what stands beside a capitalised word.

A word that is also a name (Grace, Will, May) counts as a name only where its neighbours say so.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import folded, is_given, is_spanish, is_word, listed
from bot.drafting.identifiers.words import NAME_LIKE, NAMES, Kind, Word, gap, kind_of, looks_like_a_heading

_INITIALS = re.compile(r"(?<![\w.@])(?:[A-Z]\. ?){1,3}(?<! )(?!\w)|(?<![\w.@])[A-Z]\.[A-Z]\b(?![\w.])")
_AFTER_LONE_INITIAL = re.compile(r"(?:'s|\u2019s|,)? +[a-z]|\)|'s|\u2019s")
_BEFORE_LONE_INITIAL = re.compile(r"(?:\A|[.;:!?\n(] ?|\b[a-z]+ |, )\Z")
_EXPLAINED = re.compile(
    r"(?:, | \()(?:the|her|his|their|my|our|a|an|ct's|pt's|client's) (?:[a-z]+(?:['\u2019]s)? ){0,2}?([a-z-]+)(?=[\s,.;)])"
)
_SHORT_TITLES = frozenset({"mr", "mrs", "ms", "mx", "dr", "sr", "sra", "srta", "prof", "rev", "mme", "miss"})
_MONTHS = frozenset({"april", "may", "june", "august", "jan"})
_EVERYBODY = frozenset(
    ["client", "clients", "pt", "pts", "patient", "patients", "ct", "cl", "clt", "member", "members", "parent", "parents", "kid", "child", "group", "peer", "worker", "ex", "mom", "dad", "mother", "father", "baby", "boss", "doctor", "doc", "teacher", "therapist", "friend", "friends"]
)
_ADDRESSED = frozenset(
    ["dr", "coach", "aunt", "auntie", "uncle", "officer", "pastor", "prof", "sr", "sra", "srta", "rev", "rabbi", "judge", "detective", "nurse"]
)
_AS_WELL = frozenset({"and", "&", "or"})
_SHORTEST_TYPED_SMALL = 3


class People:
    """Finds the names in one text; `known` are folded names and parts of names that the caller is sure of."""

    def __init__(
        self, text: str, words: Sequence[Word], taken: Sequence[tuple[int, int]], known: frozenset[str]
    ) -> None:
        self._text = text
        self._words = words
        self._known = known
        self._blocked = _blocked(words, [*_phrases(text), *taken])
        self._all_small = len(words) > 2 and not any(word.capital for word in words)
        self._heading = looks_like_a_heading(words)
        self._sure: set[str] = set()
        self._typed_small: set[str] = set()

    def find(self) -> Iterator[Span]:
        """Names with surrounding initials, nicknames and particles, then other places of the same names."""
        found = [*self._runs(), *self._initials(), *self._small()]
        yield from found
        covered = [(span.start, span.end) for span in found]
        again = _blocked(self._words, covered)
        for place, word in enumerate(self._words):
            if word.bare in self._sure and place not in again and place not in self._blocked and self._same(word):
                yield Span(word.start, word.end, "name")

    def _same(self, word: Word) -> bool:
        kind = kind_of(word)
        if word.bare in _MONTHS and re.search(
            r"\b(?:in|since|until|till|by|early|late|mid|last|next|this|of|from|during|through)[ -]\Z",
            self._text[max(0, word.start - 10) : word.start].lower(),
        ):
            return False
        if word.bare in listed("small_names") and not word.capital:
            return word.bare in self._typed_small
        if kind in (Kind.EITHER, Kind.FAMILY_OR_WORD, Kind.WORD, Kind.EPONYM, Kind.NEEDED):
            return word.capital and not (word.bare in listed("modals") and word.opens)
        return word.capital or len(word.bare) > 3

    # -- runs of capitalised words

    def _runs(self) -> Iterator[Span]:
        place = 0
        while place < len(self._words):
            end = self._name_from(place)
            if end > place:
                yield self._span(place, end)
            place = max(end, place + 1)

    def _span(self, first: int, last: int) -> Span:
        """The words from `first` to before `last`, with the initials and nickname beside them."""
        words = self._words[first:last]
        self._sure.update(word.bare for word in words if len(word.bare) > 1 and word.bare not in listed("particles"))
        start, end = words[0].start, words[-1].end
        if first and self._nicknamed(first):
            start = self._words[first - 1].start
        before = re.search(
            r"(?:(?<![\w.])[A-Z]\.? ){1,2}\Z|(?<!\w)[A-Z]\.(?: ?[A-Z]\.)? ?\Z", self._text[max(0, start - 8) : start]
        )
        if (
            before
            and not self._lettered(start - len(before[0]))
            and before[0].strip().lower() not in listed("abbreviations")
        ):
            start -= len(before[0])
        after = re.match(
            r" [A-Z]\.(?= [a-z(]|[,;:)]|\s*\Z| [A-Z])|(?: [A-Z]\.)(?=['\u2019]s)", self._text[end : end + 6]
        )
        if after:
            end += len(after[0])
        return Span(start, end, "name")

    def _nicknamed(self, place: int) -> bool:
        """Whether the word before belongs to the name (Big Al)."""
        before = self._words[place - 1]
        return (
            before.capital and before.bare in listed("nicknames") and gap(self._text, before, self._words[place]) == " "
        )

    def _lettered(self, start: int) -> bool:
        word = re.search(r"(\w+)\s\Z", self._text[max(0, start - 16) : start])
        return bool(word and word[1].lower() in listed("lettered"))

    def _name_from(self, place: int) -> int:
        """The place after a name that begins here; `place` itself when none does."""
        word = self._words[place]
        if not word.capital or place in self._blocked or len(word.bare) < 2:
            return place
        titled = self._titled(place)
        if not (titled or self._begins(place, word)):
            return place
        return self._extended(place, titled)

    def _extended(self, place: int, titled: bool) -> int:
        last = place + 1
        while last < len(self._words) and last not in self._blocked:
            word, between = self._words[last], gap(self._text, self._words[last - 1], self._words[last])
            if self._words[last - 1].possessive or not re.fullmatch(
                r"[ \u00a0]|(?:[ .][A-Z]\.)+ ?|[ ]?\u201c|[ ]?\"|\" ", between
            ):
                break
            if (word.bare in listed("particles") and (ahead := self._past_particles(last)) > last) or (ahead := self._past_initial(last)) > last:
                last = ahead
            elif word.capital and len(word.bare) > 1:
                short = len(word.bare) < 4 and not word.capitals and not is_word(word.bare)
                if (
                    kind_of(word) not in NAME_LIKE
                    and not short
                    and not self._surname_like(place, last)
                    and not (titled and last == place + 1 and self._words[place].bare in listed("titles"))
                ):
                    break
                if self._verb_like(last) and not self._goes_on(last):
                    break
                last += 1
            else:
                break
        return last

    def _surname_like(self, first: int, place: int) -> bool:
        """Whether an everyday word with a capital closes a name (Rebecca Hides): after a given name, within a sentence."""
        word, before = self._words[place], self._words[place - 1]
        if (
            place != first + 1
            or kind_of(word) is not Kind.WORD
            or word.capitals
            or kind_of(before) is not Kind.GIVEN
            or self._heading
        ):
            return False
        after = self._words[place + 1] if place + 1 < len(self._words) else None
        return self._text[word.end : word.end + 1] != ":" and not (
            after and after.capital and gap(self._text, word, after) == " "
        )

    def _verb_like(self, place: int) -> bool:
        word = self._words[place]
        return word.bare in listed("modals") or (word.bare in _MONTHS)

    def _goes_on(self, place: int) -> bool:
        return False

    def _past_initial(self, place: int) -> int:
        """The place after a middle initial and the name it leads to (Ryan P Costa); else `place`."""
        if place + 1 >= len(self._words) or place + 1 in self._blocked:
            return place
        letter, after = self._words[place], self._words[place + 1]
        between = gap(self._text, letter, after)
        if (
            len(letter.bare) > 1
            or not letter.capital
            or (letter.bare == "i"
            and between == " ")
            or between not in (" ", ". ", ".")
        ):
            return place
        if not after.capital or len(after.bare) < 2:
            return place
        return place + 2 if kind_of(after) in NAME_LIKE or (kind_of(after) is Kind.WORD and between == " ") else place

    def _past_particles(self, place: int) -> int:
        """The place after particles and the capitalised word they lead to (de la Vega, bin Saleh); else `place`."""
        at = place
        while at < len(self._words) and at < place + 3 and self._words[at].bare in listed("particles"):
            if at > place and gap(self._text, self._words[at - 1], self._words[at]) != " ":
                return place
            at += 1
        if at == place or at >= len(self._words) or at in self._blocked:
            return place
        word = self._words[at]
        joined = gap(self._text, self._words[at - 1], word) == " "
        return at + 1 if word.capital and joined and kind_of(word) in NAME_LIKE else place

    # -- what makes a word a name

    def _titled(self, place: int) -> bool:
        if not place:
            return False
        title, word = self._words[place - 1], self._words[place]
        between = gap(self._text, title, word)
        if title.bare not in listed("titles") or between not in (" ", ". ", "."):
            return False
        kind = kind_of(word)
        if title.bare in _SHORT_TITLES:
            return kind is not Kind.NEEDED or word.bare in _MONTHS
        return between == " " and (kind in NAME_LIKE) and not word.opens

    def _begins(self, place: int, word: Word) -> bool:
        kind = kind_of(word)
        if word.bare in listed("titles") and kind is not Kind.GIVEN and self._before_capital(place):
            return False
        if self._names_a_method(place, kind):
            return False
        if word.bare in self._known:
            return not word.capitals or kind in NAMES or len(word.bare) > 2
        if kind in NAMES:
            short = word.opens and len(word.bare) < 3
            return not short or self._acts(place, strong=False) or self._in_company(place) or self._next_is_name(place)
        if self._asked_for(place):
            return True
        if kind is Kind.UNKNOWN:
            return (
                not word.opens
                or self._acts(place, strong=False)
                or self._in_company(place)
                or self._next_is_name(place)
            )
        if kind is Kind.NEEDED:
            if word.capitals:
                return (
                    1 < len(word.bare) < 4 and is_given(word.bare) and not is_word(word.bare) and self._related(place)
                )
            return word.bare in _MONTHS and (self._related(place) or self._says(place) or self._doubled(place))
        if self._related(place):
            return kind is not Kind.WORD or self._plainly_related(place)
        if kind is Kind.EITHER:
            return self._either(place, word)
        if kind is Kind.WORD:
            return word.bare not in listed("relations") | listed("titles") and self._name_after_initial(place)
        if kind is not Kind.FAMILY_OR_WORD or word.opens:
            return False
        return self._initial_before(word) or self._after_and(place) or self._quoted(place)

    def _asked_for(self, place: int) -> bool:
        """Whether a question or a label for a name goes right before: `Last name: …`."""
        before = self._text[max(0, self._words[place].start - 32) : self._words[place].start]
        return bool(re.search(r"\bname(?: on [a-z ]+)?(?:[?:]| is| was)(?: User:)?\s*\Z", before, re.IGNORECASE))

    def _name_after_initial(self, place: int) -> bool:
        """`Sari J. Paavolainen`: an everyday word, an initial, a name."""
        after = self._words[place + 1 : place + 3]
        if len(after) < 2 or len(after[0].bare) > 1 or not after[0].capital or not after[1].capital:
            return False
        between = self._text[self._words[place].end : after[1].start]
        return bool(re.fullmatch(r" [A-Z]\.? ", between)) and kind_of(after[1]) in NAMES | {
            Kind.UNKNOWN,
            Kind.FAMILY_OR_WORD,
        }

    def _quoted(self, place: int) -> bool:
        """`…," says Becker`."""
        before = self._words[place - 1] if place else None
        return (
            before is not None
            and before.bare in ("says", "said", "told", "asked")
            and gap(self._text, before, self._words[place]) == " "
        )

    def _after_and(self, place: int) -> bool:
        """`Marrero and Brown`: joined to a name before."""
        if place and gap(self._text, self._words[place - 1], self._words[place]) == ", ":
            return self._words[place - 1].capital and kind_of(self._words[place - 1]) in NAMES and not self._heading
        if place < 2 or self._words[place - 1].bare not in _AS_WELL:
            return False
        other = self._words[place - 2]
        return (
            other.capital
            and kind_of(other) in NAMES
            and self._text[other.end : self._words[place].start] == f" {self._words[place - 1].bare} "
        )

    def _before_capital(self, place: int) -> bool:
        after = self._words[place + 1] if place + 1 < len(self._words) else None
        return after is not None and after.capital and gap(self._text, self._words[place], after) in (" ", ". ")

    def _names_a_method(self, place: int, kind: Kind) -> bool:
        """Whether a scale, a theory or an illness is called after it (the Snaith-Hamilton scale)."""
        for after in self._words[place + 1 : place + 3]:
            between = self._text[self._words[place].end : after.start]
            if re.search(r"[^\w\s'\u2019-]", between):
                return False
            if after.bare in listed("instruments"):
                return True
            if after.bare in listed("instruments_loose") and kind in (Kind.UNKNOWN, Kind.EITHER):
                return after is self._words[place + 1]
        return False

    def _either(self, place: int, word: Word) -> bool:
        if self._next_is_name(place) and not (word.opens and word.bare in listed("modals")):
            return True
        if word.opens:
            return self._acts(place, strong=True) or self._doubled(place)
        return not self._beside_capital_word(place)

    def _initial_before(self, word: Word) -> bool:
        return bool(re.search(r"(?<!\w)[A-Z]\. \Z", self._text[: word.start][-4:])) and not self._lettered(
            word.start - 3
        )

    def _next_is_name(self, place: int) -> bool:
        """Whether a name or a family name follows at once, also over an initial."""
        if place + 1 >= len(self._words) or self._words[place].possessive:
            return False
        after = self._words[place + 1]
        if self._past_particles(place + 1) > place + 1 and gap(self._text, self._words[place], after) == " ":
            return after.bare not in ("y", "e", "do", "al")
        if len(after.bare) == 1 and after.capital and place + 2 < len(self._words):
            after = self._words[place + 2]
        between = self._text[self._words[place].end : after.start]
        if not after.capital or not re.fullmatch(r" (?:[A-Z]\.? )?", between) or place + 1 in self._blocked:
            return False
        return kind_of(after) in NAMES | {Kind.FAMILY_OR_WORD, Kind.UNKNOWN, Kind.EPONYM} and after.bare not in _MONTHS

    def _beside_capital_word(self, place: int) -> bool:
        """Whether the neighbour is a capitalised everyday word: then it is a title (Hope Box), no person."""
        for other in (place - 1, place + 1):
            if 0 <= other < len(self._words) and self._words[other].capital and not self._words[other].opens:
                left, right = sorted((self._words[other], self._words[place]), key=lambda word: word.start)
                if (
                    gap(self._text, left, right) == " "
                    and kind_of(self._words[other]) is Kind.WORD
                    and len(left.bare) > 1
                ):
                    return True
        return False

    def _acts(self, place: int, strong: bool) -> bool:
        """Whether what follows is what only people do; `strong` for words that can be a thing or an idea."""
        word = self._words[place]
        if place + 1 >= len(self._words):
            return False
        after = self._words[place + 1]
        between = gap(self._text, word, after)
        if word.possessive:
            return not strong
        if re.fullmatch(r" ?\((?:\d{1,2}\))?,? ?", between) and not strong:
            return True
        if between.strip() or after.capital:
            return False
        if after.bare in listed("person_verbs"):
            return (
                not (strong and word.bare in listed("ideas"))
                or after.bare in listed("speech_verbs")
                or self._matching_verb(word, after)
            )
        if after.bare in (
            "is",
            "was",
            "has",
            "had",
            "been",
            "isn't",
            "wasn't",
            "seems",
            "felt",
            "doesn't",
            "didn't",
            "does",
            "did",
        ):
            return not strong or self._state(place + 1)
        return False

    def _matching_verb(self, word: Word, after: Word) -> bool:
        """`Drew drew`, `Rose rose`: the same word as its own verb."""
        return after.bare.startswith(word.bare[:3]) and len(word.bare) > 3

    def _says(self, place: int) -> bool:
        word = self._words[place]
        if place + 1 >= len(self._words) or self._words[place + 1].capital:
            return False
        after = self._words[place + 1]
        return gap(self._text, word, after) == " " and after.bare in listed("speech_verbs")

    def _doubled(self, place: int) -> bool:
        """`May may skip`: the same word again, as a verb."""
        after = self._words[place + 1] if place + 1 < len(self._words) else None
        return after is not None and not after.capital and after.bare == self._words[place].bare

    def _state(self, place: int) -> bool:
        ahead = [word.bare for word in self._words[place + 1 : place + 4]]
        if ahead[:1] in (
            ["very"],
            ["so"],
            ["not"],
            ["still"],
            ["less"],
            ["more"],
            ["quite"],
            ["been"],
            ["really"],
            ["too"],
        ):
            ahead = ahead[1:]
        return bool(ahead) and ahead[0] in listed("states")

    def _in_company(self, place: int) -> bool:
        """Related, or joined to a name by `and` or a comma."""
        if self._related(place):
            return True
        if place + 1 < len(self._words):
            after = self._words[place + 1]
            between = gap(self._text, self._words[place], after)
            if between in (", ", "/", " & ", " + ") and after.capital and kind_of(after) in NAMES:
                return True
            if between == " " and after.bare in _AS_WELL and place + 2 < len(self._words):
                other = self._words[place + 2]
                return other.capital and kind_of(other) in NAMES | {Kind.UNKNOWN, Kind.FAMILY_OR_WORD}
        return False

    def _related(self, place: int) -> bool:
        """Whether the word before is a person (sister, coach, client) or a word for naming."""
        if not place:
            return self._explained(place)
        before, word = self._words[place - 1], self._words[place]
        between = gap(self._text, before, word)
        if before.bare in listed("naming"):
            return between in (" ", ' "', " \u201c", ": ")
        if before.bare in ("is", "was") and place > 1 and between == " ":
            return self._words[place - 2].bare in ("name", "names")
        if before.possessive or before.bare not in listed("relations"):
            return self._explained(place)
        if between in (" ", ", ", ' "', " \u201c"):
            return between != ", " or self._closed_by_comma(word)
        return between in (" (", ": ") and not (
            word.opens and between == ": " and kind_of(word) is Kind.EITHER and not self._acts(place, True)
        )

    def _explained(self, place: int) -> bool:
        """Whether the words after a comma say who it is: `June, the aunt, …`, `Dean, her ex`."""
        after = _EXPLAINED.match(self._text, self._words[place].end)
        return bool(after and after[1].lower() in listed("relations"))

    def _closed_by_comma(self, word: Word) -> bool:
        return self._text[word.end : word.end + 1] in (",", ".", ";", ")", "") or kind_of(word) not in (
            Kind.EITHER,
            Kind.WORD,
        )

    def _plainly_related(self, place: int) -> bool:
        """An everyday word as a nickname: only right after a relation, within a sentence (roommate Storm)."""
        before, word = self._words[place - 1], self._words[place]
        naming = before.bare in listed("naming") or before.bare in ("is", "was")
        if (
            word.opens
            or before.bare in _EVERYBODY
            or (before.capital and not before.opens)
            or gap(self._text, before, word) != " "
        ):
            return False
        after = self._words[place + 1] if place + 1 < len(self._words) else None
        title_case = after and after.capital and gap(self._text, word, after) == " "
        return not title_case and not word.capitals and (naming or word.bare not in listed("bodies_weak"))

    # -- initials, and names typed in small letters

    def _initials(self) -> Iterator[Span]:
        for found in _INITIALS.finditer(self._text):
            if found[0].lower().replace(" ", "") in listed("abbreviations"):
                continue
            if sum(map(str.isalpha, found[0])) > 1 or self._lone_initial(found):
                yield Span(*found.span(), "name")

    def _lone_initial(self, found: re.Match[str]) -> bool:
        before = self._text[max(0, found.start() - 16) : found.start()]
        after = self._text[found.end() : found.end() + 4]
        if self._lettered(found.start()) or found[0][0] == "I":
            return False
        return bool(_BEFORE_LONE_INITIAL.search(before) and _AFTER_LONE_INITIAL.match(after))

    def _small(self) -> Iterator[Span]:
        for place, word in enumerate(self._words):
            if word.capital or place in self._blocked or len(word.bare) < _SHORTEST_TYPED_SMALL:
                continue
            if (
                (word.bare in self._known
                and not is_word(word.bare))
                or self._small_after_title(place, word)
                or self._small_name(place, word)
            ):
                self._sure.add(word.bare)
                self._typed_small.add(word.bare)
                yield Span(word.start, self._end_of_small(place), "name")

    def _among_small_names(self, place: int) -> bool:
        """Whether the neighbour in a list is a name in small letters too."""
        for other in (place - 1, place + 1):
            if 0 <= other < len(self._words):
                word = self._words[other]
                if is_given(word.bare) and not is_word(word.bare) and not is_spanish(word.bare):
                    return True
        return False

    def _possessed(self, place: int) -> bool:
        """Whether a noun of possession goes before: `my sister's jasmine` names nobody."""
        return self._words[place - 1].possessive

    def _end_of_small(self, place: int) -> int:
        """The end of a name in small letters, with an initial and a family name that follow (leidy t muris)."""
        end, last = self._words[place].end, place
        for at in range(place + 1, min(place + 4, len(self._words))):
            word = self._words[at]
            if (
                self._words[at - 1].possessive
                or gap(self._text, self._words[at - 1], word) not in (" ", ". ")
                or word.capital
            ):
                break
            if (
                (len(word.bare) == 1
                and word.bare not in ("a", "i"))
                or word.bare in listed("particles") - {"y", "e", "do"}
            ):
                continue
            if kind_of(word) not in NAMES | {Kind.UNKNOWN} or is_spanish(word.bare) or len(word.bare) < 3:
                break
            end, last = word.end, at
        return end if last > place else self._words[place].end

    def _small_after_title(self, place: int, word: Word) -> bool:
        if not place:
            return False
        before = self._words[place - 1]
        between = gap(self._text, before, word)
        if before.bare not in listed("titles") or between not in (" ", ". "):
            return False
        kind = kind_of(word)
        if before.bare in ("mr", "mrs", "ms", "mx"):
            return kind not in (Kind.WORD, Kind.NEEDED)
        return (
            between == " "
            and kind in NAMES | {Kind.UNKNOWN}
            and not is_spanish(word.bare)
            and before.bare not in ("don", "fr")
        )

    def _small_name(self, place: int, word: Word) -> bool:
        if word.bare in listed("small_names"):
            return (
                place > 0
                and self._words[place - 1].bare in listed("relations") - {"mom", "dad", "client", "friend"}
                and gap(self._text, self._words[place - 1], word) == " "
                and not self._possessed(place)
            )
        if not is_given(word.bare) or is_word(word.bare) or is_spanish(word.bare) or word.bare in listed("particles"):
            return False
        before = self._words[place - 1] if place else None
        after = self._words[place + 1] if place + 1 < len(self._words) else None
        if word.possessive or before is None or self._all_small:
            return True
        lead = gap(self._text, before, word)
        if before.bare in listed("relations") or before.bare in listed("beside_names"):
            return lead in (" ", "/", "/ ", ", ", " (", " & ")
        if re.search(r"(?:[.!?(]|w/|&|\n)\s*\Z", lead):
            return True
        if lead in (", ", ": ") and self._among_small_names(place):
            return True
        return after is not None and gap(self._text, word, after) == " " and after.bare in listed("person_verbs")


@cache
def _phrase_pattern() -> re.Pattern[str]:
    phrases = sorted(listed("phrases"), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)", re.IGNORECASE)


def _phrases(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _phrase_pattern().finditer(text.replace("\u2019", "'")))


def _blocked(words: Sequence[Word], stretches: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The places of the words inside any of the stretches."""
    if not stretches:
        return frozenset()
    inside = sorted(stretches)
    return frozenset(
        place for place, word in enumerate(words) if any(start < word.end and word.start < end for start, end in inside)
    )


def parts_of_names(names: Sequence[str]) -> frozenset[str]:
    """The words of names the caller knows, folded; particles and single letters aside."""
    parts = (folded(part) for name in names for part in re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", name))
    return frozenset(part for part in parts if len(part) > 1 and part not in listed("particles"))
