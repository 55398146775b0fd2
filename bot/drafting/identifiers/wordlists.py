"""Which kind of word a word is: a name, an everyday word, a word of the trade. Read once, when first asked.

The lists are data in `prompts/words` (`names_*.txt`, `words_*.txt`, `identifiers.toml`).
"""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from bot.drafting.lexicon import table

_REMEMBERED = 8192
_ALSO_NAMES = frozenset({"ma", "do", "ba", "jr", "sr", "ii", "iii", "iv", "lac", "mo", "ed"})
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "ı": "i", "æ": "ae", "ð": "d", "þ": "th", "’": "'"})
_ENDINGS = (
    ("ies", ("y",)), ("ied", ("y",)), ("ier", ("y",)), ("iest", ("y",)), ("ily", ("y",)), ("es", ("", "e")),
    ("s", ("",)), ("ed", ("", "e")), ("ing", ("", "e")), ("ly", ("", "le")), ("er", ("", "e")), ("est", ("", "e")),
    ("ness", ("",)), ("less", ("",)), ("ful", ("",)), ("ers", ("", "e")), ("ings", ("", "e")), ("able", ("", "e")),
    ("men", ("man",)), ("women", ("woman",)), ("ment", ("",)), ("ation", ("e",)), ("ability", ("",)),
    ("ish", ("",)), ("like", ("",)), ("wise", ("",)),
)  # fmt: skip
_BEGINNINGS = ("un", "re", "non", "pre", "post", "over", "under", "mis", "dis", "self", "co", "sub", "inter", "psycho")
_SCHOLARLY = re.compile(
    r"(?:tion|tions|ism|(?:olog|therap|ion|ical|ional|iv|ativ|gon)ists?|ology|ological|ologist|graphy|therapy|therapies"
    r"|pathy|phobia|phobic|osis|itis|emia|ivity|ality|ative|ating|ized|izing|ised|ising|izes|ization|gram|grams|oid"
    r"|aemia|uria|mania|manic|thymic|thymia|philia|genic|scopy|tropic|lytic|azepam|azole|idone|etine|pramine|triptyline"
    r"|statin|olol|pril|sartan)\Z"
)


def folded(word: str) -> str:
    """A word in small letters without accents, as the lists have it."""
    small = word.lower()
    if small.isascii():
        return small
    split = unicodedata.normalize("NFKD", small.translate(_PLAIN))
    return "".join(letter for letter in split if not unicodedata.combining(letter))


@cache
def listed(name: str) -> frozenset[str]:
    """The words of a list in `identifiers.toml`."""
    found: str | list[str] = table("identifiers")[name]
    return frozenset(found.split() if isinstance(found, str) else found)


@cache
def _from_file(name: str) -> frozenset[str]:
    text = files("prompts").joinpath("words", f"{name}.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


@cache
def _spanish() -> frozenset[str]:
    return frozenset(map(folded, _from_file("words_spanish")))


@cache
def _shorthand() -> frozenset[str]:
    data = table("shorthand")
    return frozenset(word.lower() for key in ("words", "capitals", "first") for word in data[key])


@cache
def needed() -> frozenset[str]:
    """Words a note needs: methods, instruments, medicines, days, peoples; no identifiers by themselves."""
    lists = ("eponyms", "medication", "terms", "states_us", "credentials")
    return _shorthand().union(*map(listed, lists)) - _ALSO_NAMES


@lru_cache(maxsize=_REMEMBERED)
def is_word(word: str) -> bool:
    """Whether a word (folded) is an everyday or clinical word, endings and common beginnings aside."""
    words = _from_file("words_english")
    if word in words or word in needed() or _stem_listed(word, words) or bool(_SCHOLARLY.search(word)):
        return True
    return any(word.startswith(start) and _plain_word(word[len(start) :]) for start in _BEGINNINGS)


def is_listed_word(word: str) -> bool:
    """Whether a word stands in the list of everyday words just so, without regard to endings."""
    return word in _from_file("words_english")


def _plain_word(word: str) -> bool:
    words = _from_file("words_english")
    return len(word) > 3 and (word in words or _stem_listed(word, words))


def _stem_listed(word: str, words: frozenset[str], again: bool = True) -> bool:
    """Whether a listed word is left when one ending is taken off, or two (offer-ed-s)."""
    for ending, instead in _ENDINGS:
        if not word.endswith(ending) or len(word) - len(ending) < 2:
            continue
        stem = word[: -len(ending)]
        stems = [stem + letters for letters in instead]
        if len(stem) > 3 and stem[-1] == stem[-2]:
            stems.append(stem[:-1])
        if any(each in words or (again and len(each) > 3 and _stem_listed(each, words, again=False)) for each in stems):
            return True
    return False


@lru_cache(maxsize=_REMEMBERED)
def is_given(word: str) -> bool:
    return word in _from_file("names_given")


@lru_cache(maxsize=_REMEMBERED)
def is_family(word: str) -> bool:
    return word in _from_file("names_family")


@lru_cache(maxsize=_REMEMBERED)
def is_family_word(word: str) -> bool:
    """A family name that is an everyday word too."""
    return word in _from_file("names_family_words")


def is_spanish(word: str) -> bool:
    """A frequent Spanish word, folded."""
    return word in _spanish()
