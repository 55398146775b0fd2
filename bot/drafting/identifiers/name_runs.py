"""Names with capitals: where a name begins, how far it goes, and which initials and nicknames belong to it."""

import re
from collections.abc import Iterator

from bot.drafting.identifiers import neighbours
from bot.drafting.identifiers.passage import Passage
from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import is_given, is_word, listed
from bot.drafting.identifiers.words import NAME_LIKE, NAMES, Kind, Word

_WITHIN = re.compile(r"[ \u00a0]|(?:[ .][A-Z]\.)+ ?|[ ]?\u201c|[ ]?\"|\" ")
_BEFORE = re.compile(r"(?:(?<![\w.])[A-Z]\.? ){1,2}\Z|(?<!\w)[A-Z]\.(?: ?[A-Z]\.)? ?\Z")
_AFTER = re.compile(r" [A-Z]\.(?= [a-z(]|[,;:)]|\s*\Z| [A-Z])|(?: [A-Z]\.)(?=['\u2019]s)")
_SHORTEST_ALONE = 3


def find_runs(passage: Passage) -> Iterator[tuple[Span, list[str]]]:
    """Each name, and its words, by which it is known again in the same text."""
    place = 0
    while place < len(passage.words):
        end = _name_from(passage, place)
        if end > place:
            words = [word.bare for word in passage.words[place:end]]
            yield (
                _with_initials(passage, place, end),
                [bare for bare in words if len(bare) > 1 and bare not in listed("particles")],
            )
        place = max(end, place + 1)


def _name_from(passage: Passage, place: int) -> int:
    """The place after a name that begins here; `place` itself when none does."""
    if not passage.may_begin(place):
        return place
    has_title = neighbours.titled(passage, place)
    if not has_title and not _begins(passage, place, passage.words[place]):
        return place
    return _extended(passage, place, has_title)


def _begins(passage: Passage, place: int, word: Word) -> bool:
    kind = passage.kind(place)
    if word.bare in listed("titles") and kind is not Kind.GIVEN and neighbours.before_capital(passage, place):
        return False
    if neighbours.names_a_method(passage, place):
        return False
    if word.bare in passage.known and word.bare not in listed("modals") | neighbours.MONTHS:
        return not word.capitals or kind in NAMES or len(word.bare) > 2
    if neighbours.asked_for(passage, place):
        return True
    if kind in NAMES:
        weak = word.opens and (len(word.bare) < _SHORTEST_ALONE or word.bare in listed("towns_first"))
        return not weak or _has_evidence(passage, place)
    if kind is Kind.UNKNOWN:
        return not word.opens or _has_evidence(passage, place)
    if kind is Kind.NEEDED:
        return _begins_all_the_same(passage, place, word)
    return _word_begins(passage, place, word, kind)


def _has_evidence(passage: Passage, place: int) -> bool:
    return (
        neighbours.acts(passage, place, strong=False)
        or neighbours.in_company(passage, place)
        or neighbours.next_is_name(passage, place)
    )


def _begins_all_the_same(passage: Passage, place: int, word: Word) -> bool:
    """An abbreviation after a relation (brother TJ), a month that does something (May says)."""
    if word.capitals:
        return word.bare in listed("initial_names") and neighbours.related(passage, place)
    if word.bare in listed("states_us") and is_given(word.bare) and not word.opens:
        return passage.bare(place - 1) not in listed("toward") | {"of", "and"} and passage.gap(place - 1, place) == " "
    if word.bare not in neighbours.MONTHS:
        return False
    return neighbours.related(passage, place) or neighbours.says(passage, place) or neighbours.doubled(passage, place)


def _word_begins(passage: Passage, place: int, word: Word, kind: Kind) -> bool:
    """A word that is an everyday word too, or nothing else: its neighbours must say that it is a name."""
    if neighbours.related(passage, place):
        return kind is not Kind.WORD or neighbours.plainly_related(passage, place)
    if kind is Kind.EITHER:
        return _either_begins(passage, place, word)
    if kind is Kind.WORD:
        person = word.bare in listed("relations") | listed("titles")
        return not person and neighbours.name_after_initial(passage, place)
    if kind is Kind.FAMILY_OR_WORD and "-" in passage.bare(place + 1) and neighbours.next_is_name(passage, place):
        return True
    if kind is not Kind.FAMILY_OR_WORD or word.opens:
        return False
    return (
        neighbours.initial_before(passage, place)
        or neighbours.after_a_name(passage, place)
        or neighbours.quoted(passage, place)
    )


def _either_begins(passage: Passage, place: int, word: Word) -> bool:
    if neighbours.next_is_name(passage, place) and not (word.opens and word.bare in listed("modals")):
        return True
    if word.opens:
        return (
            neighbours.acts(passage, place, strong=True)
            or neighbours.doubled(passage, place)
            or neighbours.in_company(passage, place)
        )
    return not neighbours.beside_capital_word(passage, place)


def _extended(passage: Passage, place: int, has_title: bool) -> int:
    """The place after the last word of the name that begins at `place`."""
    last = place + 1
    while last < len(passage.words) and last not in passage.blocked:
        if passage.words[last - 1].possessive or not _WITHIN.fullmatch(passage.gap(last - 1, last)):
            break
        further = max(neighbours.past_particles(passage, last), _past_initial(passage, last))
        if further == last and _goes_on(passage, place, last, has_title):
            further = last + 1
        if further == last:
            break
        last = further
    return last


def _goes_on(passage: Passage, first: int, place: int, has_title: bool) -> bool:
    """Whether the capitalised word at `place` belongs to the name."""
    word = passage.words[place]
    if not word.capital or len(word.bare) < 2 or word.bare in listed("modals") | neighbours.MONTHS:
        return False
    if passage.kind(place) in NAME_LIKE or _surname_like(passage, first, place):
        return True
    if len(word.bare) < 4 and not word.capitals and not is_word(word.bare):
        return True
    return has_title and place == first + 1 and passage.bare(first) in listed("titles")


def _surname_like(passage: Passage, first: int, place: int) -> bool:
    """Whether an everyday word with a capital closes a name (Rebecca Hides): after a given name, within a sentence."""
    word = passage.words[place]
    if place != first + 1 or passage.kind(place) is not Kind.WORD or word.capitals or passage.heading:
        return False
    if passage.kind(first) is not Kind.GIVEN or passage.text.startswith(":", word.end):
        return False
    after = passage.word(place + 1)
    return not (after and after.capital and passage.gap(place, place + 1) == " ")


def _past_initial(passage: Passage, place: int) -> int:
    """The place after a middle initial and the name it leads to (Ryan P Costa); else `place`."""
    letter, after = passage.words[place], passage.word(place + 1)
    if after is None or place + 1 in passage.blocked or len(letter.bare) > 1 or not letter.capital:
        return place
    between = passage.gap(place, place + 1)
    if between not in (" ", ". ", ".") or (letter.bare == "i" and between == " "):
        return place
    if not after.capital or len(after.bare) < 2:
        return place
    kind = passage.kind(place + 1)
    return place + 2 if kind in NAME_LIKE or (kind is Kind.WORD and between == " ") else place


def _with_initials(passage: Passage, first: int, end_place: int) -> Span:
    """The span of a name, with the initials and the nickname beside it (R. Novak, Carlos M., Big Al)."""
    start, end = passage.words[first].start, passage.words[end_place - 1].end
    if _nicknamed(passage, first):
        start = passage.words[first - 1].start
    before = _BEFORE.search(passage.ahead_of(start, 8))
    if before and before[0].strip().lower() not in listed("abbreviations"):
        start -= 0 if neighbours.lettered(passage, start - len(before[0])) else len(before[0])
    after = _AFTER.match(passage.text, end)
    return Span(start, end + len(after[0]) if after else end, "name")


def _nicknamed(passage: Passage, place: int) -> bool:
    before = passage.word(place - 1)
    if before is None or not before.capital or passage.gap(place - 1, place) != " ":
        return False
    return before.bare in listed("nicknames")
