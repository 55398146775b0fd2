"""What the words beside a word say about it: a relation, a title, a verb that only people do, another name."""

import re

from bot.drafting.identifiers.passage import Passage
from bot.drafting.identifiers.wordlists import listed
from bot.drafting.identifiers.words import NAME_LIKE, NAMES, Kind, Word, kind_of

MONTHS = frozenset({"april", "may", "june", "august", "jan"})
_AND = frozenset({"and", "&", "or"})
_PRONOUNS = frozenset({"she", "he", "they", "we", "you"})
_NO_PARTICLES = frozenset({"y", "e", "do", "al"})
_EXPLAINED = re.compile(
    r"(?:, (?:the|her|his|their|my|our|a|an|ct's|pt's|client's) | \()"
    r"((?:[a-z-]+(?:['\u2019]s)?,? ?){1,3})(?=[,.;)]|\s|\Z)"
)
_AGED = re.compile(r"(?:, | \()(?:aged? )?\d{1,2}(?=[,)]|,? ?(?:yo|y/o|years?|yrs?)\b)")
_ASKED = re.compile(r"\bname(?: on [a-z ]+)?(?:[?:]| is| was)(?: User:)?\s*\Z", re.IGNORECASE)
_LAST_WORD = re.compile(r"(\w+)\s\Z")


def titled(passage: Passage, place: int) -> bool:
    """Whether a title goes before: `Dr. Young`, `Judge Alvarez`."""
    title, word = passage.word(place - 1), passage.words[place]
    if title is None or title.bare not in listed("titles") or passage.gap(place - 1, place) not in (" ", ". ", "."):
        return False
    kind = kind_of(word)
    if title.bare in listed("titles_short"):
        return kind is not Kind.NEEDED or word.bare in MONTHS
    return passage.gap(place - 1, place) == " " and kind in NAME_LIKE and not word.opens


def related(passage: Passage, place: int) -> bool:
    """Whether a person (sister, coach, client) or a word for naming goes before, or who it is comes after a comma."""
    before, word = passage.word(place - 1), passage.words[place]
    if before is None:
        return _explained(passage, place)
    between = passage.gap(place - 1, place)
    if before.bare in listed("naming"):
        return between in (" ", ' "', " \u201c", ": ")
    if (
        before.bare in ("him", "her", "them")
        and between == " "
        and passage.bare(place - 2) in ("call", "calls", "called")
    ):
        return True
    if before.bare in ("is", "was") and between == " ":
        return any(passage.bare(at) in ("name", "names", "nickname") for at in range(place - 5, place - 1))
    if before.possessive or before.bare not in listed("relations"):
        return _explained(passage, place)
    if between in (" ", ", ", ' "', " \u201c"):
        return between != ", " or _closed(passage, word)
    labelled = between == ": " and word.opens and kind_of(word) is Kind.EITHER
    return between in (" (", ": ") and not (labelled and not acts(passage, place, strong=True))


def _explained(passage: Passage, place: int) -> bool:
    """`June, the aunt, …`, `Dean, her ex`."""
    after = _EXPLAINED.match(passage.text, passage.words[place].end)
    return bool(after and not listed("relations").isdisjoint(re.split(r"[\s,]+", after[1])))


def _closed(passage: Passage, word: Word) -> bool:
    closing = passage.text[word.end : word.end + 1] in (",", ".", ";", ")", "")
    return closing or kind_of(word) not in (Kind.EITHER, Kind.WORD)


def plainly_related(passage: Passage, place: int) -> bool:
    """An everyday word as a nickname: only right after a relation, within a sentence (roommate Storm)."""
    before, word = passage.words[place - 1], passage.words[place]
    if (
        word.opens
        or word.capitals
        or "-" in word.bare
        or before.bare in listed("roles_of_many")
        or passage.gap(place - 1, place) != " "
    ):
        return False
    if before.capital and not before.opens:
        return False
    after = passage.word(place + 1)
    if after and after.capital and passage.gap(place, place + 1) == " ":
        return False
    return before.bare in listed("naming") | {"is", "was"} or word.bare not in listed("bodies_weak")


def acts(passage: Passage, place: int, strong: bool) -> bool:
    """Whether what follows is what only people do; `strong` for words that can be a thing or an idea."""
    word, after = passage.words[place], passage.word(place + 1)
    if after is None:
        return False
    if word.possessive:
        return not strong or after.bare in listed("relations")
    if _AGED.match(passage.text, word.end):
        return True
    between = passage.gap(place, place + 1)
    if not strong and between == " (":
        return True
    if between.strip() or after.capital:
        return False
    if after.bare in listed("person_verbs"):
        idea = strong and word.bare in listed("ideas")
        return not idea or after.bare in listed("speech_verbs") or _own_verb(word, after)
    if after.bare not in listed("being"):
        return False
    return (
        not strong or _state(passage, place + 1) or (after.bare in listed("doing") and word.bare not in listed("ideas"))
    )


def _own_verb(word: Word, after: Word) -> bool:
    """`Drew drew`, `Rose rose`: the same word as its own verb."""
    return after.bare.startswith(word.bare[:3]) and len(word.bare) > 3


def says(passage: Passage, place: int) -> bool:
    """Whether a verb of speech or feeling follows at once."""
    after = passage.word(place + 1)
    if after is None or after.capital or passage.gap(place, place + 1) != " ":
        return False
    return after.bare in listed("speech_verbs")


def doubled(passage: Passage, place: int) -> bool:
    """`May may skip`: the same word again, as a verb."""
    after = passage.word(place + 1)
    return after is not None and not after.capital and after.bare == passage.words[place].bare


def _state(passage: Passage, place: int) -> bool:
    """Whether a person's state follows: `is very worried`."""
    at = place + 2 if passage.bare(place + 1) in listed("degrees") else place + 1
    return passage.bare(at) in listed("states") or passage.bare(at) == passage.bare(place - 1)


def in_company(passage: Passage, place: int) -> bool:
    """Related, or joined to a name that follows by `and`, a comma or a stroke."""
    if related(passage, place):
        return True
    between, after = passage.gap(place, place + 1), passage.word(place + 1)
    if after is None:
        return False
    if between in (", ", "/", " & ", " + "):
        return after.capital and kind_of(after) in NAMES
    other = passage.word(place + 2)
    if between != " " or after.bare not in _AND or other is None:
        return False
    if passage.text[other.start : other.end] == "I":
        return True
    return other.capital and kind_of(other) in NAMES | {Kind.UNKNOWN, Kind.FAMILY_OR_WORD}


def after_a_name(passage: Passage, place: int) -> bool:
    """Whether a list of names goes on here: `Marrero and Brown`, `Torres, Park`."""
    joined = passage.gap(place - 1, place) == ", "
    if not joined and passage.bare(place - 1) not in _AND:
        return False
    at = place - 1 if joined else place - 2
    other = passage.word(at)
    if other is None or not other.capital or kind_of(other) not in NAMES or passage.heading:
        return False
    return joined or (passage.gap(at, at + 1), passage.gap(at + 1, place)) == (" ", " ")


def quoted(passage: Passage, place: int) -> bool:
    """`…," says Becker`."""
    return passage.bare(place - 1) in ("says", "said", "told", "asked") and passage.gap(place - 1, place) == " "


def asked_for(passage: Passage, place: int) -> bool:
    """Whether a question or a label for a name goes right before: `Last name: …`."""
    return bool(_ASKED.search(passage.ahead_of(passage.words[place].start, 32)))


def lettered(passage: Passage, start: int) -> bool:
    """Whether a capital letter at `start` counts something: `Plan B`, `vitamin D`."""
    word = _LAST_WORD.search(passage.ahead_of(start, 16))
    return bool(word and word[1].lower() in listed("lettered"))


def initial_before(passage: Passage, place: int) -> bool:
    start = passage.words[place].start
    return bool(re.search(r"(?<!\w)[A-Z]\. \Z", passage.ahead_of(start, 4))) and not lettered(passage, start - 3)


def name_after_initial(passage: Passage, place: int) -> bool:
    """`Sari J. Paavolainen`: an everyday word, an initial, a name."""
    letter, name = passage.word(place + 1), passage.word(place + 2)
    if letter is None or name is None or len(letter.bare) > 1 or not letter.capital or not name.capital:
        return False
    initial = re.fullmatch(r" [A-Z]\.? ", passage.text[passage.words[place].end : name.start])
    return bool(initial) and kind_of(name) in NAMES | {Kind.UNKNOWN, Kind.FAMILY_OR_WORD}


def next_is_name(passage: Passage, place: int) -> bool:
    """Whether a name or a family name follows at once, also over an initial or particles."""
    word, after = passage.words[place], passage.word(place + 1)
    if after is None or word.possessive:
        return False
    if past_particles(passage, place + 1) > place + 1 and passage.gap(place, place + 1) == " ":
        return after.bare not in _NO_PARTICLES
    far = passage.word(place + 2)
    if len(after.bare) == 1 and after.capital and far is not None:
        after = far
    between = passage.text[word.end : after.start]
    if not after.capital or place + 1 in passage.blocked or not re.fullmatch(r" (?:[A-Z]\.? )?", between):
        return False
    return kind_of(after) in NAME_LIKE - {Kind.EITHER} and after.bare not in MONTHS


def past_particles(passage: Passage, place: int) -> int:
    """The place after particles and the capitalised word they lead to (de la Vega, bin Saleh); else `place`."""
    at = place
    while at < place + 3 and passage.bare(at) in listed("particles"):
        if at > place and passage.gap(at - 1, at) != " ":
            return place
        at += 1
    word = passage.word(at)
    if at == place or word is None or at in passage.blocked or passage.gap(at - 1, at) != " ":
        return place
    return at + 1 if word.capital and kind_of(word) in NAME_LIKE else place


def beside_capital_word(passage: Passage, place: int) -> bool:
    """Whether the neighbour is a capitalised everyday word: then it is a heading or a list (Hope Box; Blue, Green)."""
    for other, left in ((place - 1, place - 1), (place + 1, place)):
        word = passage.word(other)
        if word is None or not word.capital or len(passage.words[left].bare) < 2 or _is_person(word):
            continue
        between = passage.gap(left, left + 1)
        if kind_of(word) is Kind.WORD and (between == ", " or (between == " " and not word.opens)):
            return True
    first = passage.word(place - 2)
    if passage.bare(place - 1) != "and" or first is None or not first.capital or _is_person(first):
        return False
    return kind_of(first) is Kind.WORD and passage.gap(place - 2, place - 1) == " "


def _is_person(word: Word) -> bool:
    return word.bare in listed("relations") | listed("titles") | _PRONOUNS


def before_capital(passage: Passage, place: int) -> bool:
    after = passage.word(place + 1)
    return after is not None and after.capital and passage.gap(place, place + 1) in (" ", ". ")


def names_a_method(passage: Passage, place: int) -> bool:
    """Whether a scale, a theory or an illness is called after it (the Snaith-Hamilton scale)."""
    for at in (place + 1, place + 2):
        after = passage.word(at)
        if after is None or re.search(r"[^\w\s'\u2019-]", passage.text[passage.words[place].end : after.start]):
            return False
        if after.bare in listed("instruments"):
            return True
        if after.bare in listed("instruments_loose") and passage.kind(place) in (Kind.UNKNOWN, Kind.EITHER):
            return at == place + 1
    return False
