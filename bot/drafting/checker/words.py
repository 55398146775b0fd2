"""Cuts a text into words with their places, spelled out where they are shorthand, and reduced to a stem."""

import re
from dataclasses import dataclass
from functools import cache

from bot.drafting.lexicon import table
from bot.drafting.shorthand import expansions

WORD, NUMBER, MARK = "word", "number", "mark"

_DAY_SPANS = frozenset({"m-f", "m-th", "m-w", "tu-th", "t-f"})
_VOWEL = re.compile(r"[aeiouyáéíóú]")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})
_CONTRACTIONS = frozenset(
    {"it's", "that's", "he's", "she's", "what's", "there's", "let's", "who's", "here's", "how's", "q's"}
)
_NO_VERBS = frozenset(
    {
        "be",
        "have",
        "do",
        "will",
        "can",
        "child",
        "person",
        "man",
        "woman",
        "wife",
        "foot",
        "life",
        "knife",
        "shelf",
        "self",
        "tooth",
        "crisis",
        "diagnosis",
        "hypothesis",
        "good",
        "bad",
        "news",
        "this",
        "his",
        "her",
    }
)
_SHORTEST_ROOT = 4
_ENDINGS = (
    "ization", "isation", "fulness", "iveness", "ation", "ition", "ement", "ively", "ingly", "edly", "ments", "ment",
    "ness", "ance", "ence", "ancy", "ency", "able", "ible", "ical", "ally", "ious", "ness", "tion", "sion", "ions",
    "ity", "ion", "ive", "ous", "ial", "ual", "ing", "ize", "ise", "ify", "ist", "ism", "ant", "ent", "ure", "ory",
    "ary", "al", "ic", "ly", "er", "or", "en", "iv", "ur", "abl", "ibl", "anc", "enc", "i", "t",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word, number or mark. `start` and `end` are where it was typed; a spelled-out word keeps the shorthand's."""

    kind: str
    text: str
    lower: str
    stem: str
    start: int
    end: int
    spaced: bool = True

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


@cache
def _pattern() -> re.Pattern[str]:
    known = (*expansions(), *table("checker")["shorthand"])
    slashed = sorted(
        (word for word in known if ("/" in word or word in _DAY_SPANS) and word[-1].isalpha()), key=len, reverse=True
    )
    return re.compile(
        rf"""(?P<clock>\d{{1,2}}:\d{{2}}(?:\s?[ap]\.?m\b\.?)?|(?<![\w/.])\d{{1,2}}(?:\s?[ap]\.m\.?|\s?[ap]m\b|[ap]\b))
        |(?P<slash>\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?){{1,2}}(?!\w|/\d))
        |(?P<number>\d[\d,]*(?<!,)(?:\.\d+)?|(?<!\w)\.\d+)
        |(?P<short>(?<![\w/])(?:{"|".join(map(re.escape, slashed))})(?![\w/])|[wW]/(?=\s|[A-Za-z"\u201c\d]))
        |(?P<initials>(?-i:(?:[A-Z]\.){{2,}}))
        |(?P<word>[^\W\d_]+(?:['\u2019\u2018][^\W\d_]+)*|(?<!\w)'[a-z]+)
        |(?P<mark>-+>|\u2192|--+|[^\w\s])""",
        re.VERBOSE | re.IGNORECASE,
    )


def words_of(text: str) -> tuple[Word, ...]:
    """The words, numbers and marks of a text, in order. A hyphen inside a word is no mark: `self-harm` is two words."""
    found: list[Word] = []
    end = -1
    for piece in _pattern().finditer(text):
        typed, kind = piece[0], piece.lastgroup or MARK
        spaced = piece.start() != end
        end = piece.end()
        if kind == MARK and typed == "-" and _inside(text, piece.start()):
            if found and found[-1].kind == NUMBER and text[piece.end()].isdigit():
                found.append(Word(MARK, "-", "-", "-", piece.start(), piece.end(), False))
            continue
        if kind == "initials":
            found.append(Word(WORD, typed, typed.lower(), typed.lower(), piece.start(), piece.end(), spaced))
        elif kind in ("word", "short"):
            found.extend(_spelled(typed, piece.start(), piece.end(), spaced, found))
        else:
            lower = typed.lower()
            found.append(Word(MARK if kind == MARK else kind, typed, lower, lower, piece.start(), piece.end(), spaced))
    return tuple(found)


def _inside(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()


def _spelled(typed: str, start: int, end: int, spaced: bool, before: list[Word]) -> list[Word]:
    """The word as typed, or what its shorthand stands for."""
    lower = typed.lower().translate(_APOSTROPHES)
    if lower.endswith("'s") and lower not in _CONTRACTIONS:
        lower = lower[:-2]
    full = _full_form(typed, lower, before[-1].lower if before else "", first=not before)
    if full is None:
        return [Word(WORD, typed, lower, stem_of(lower), start, end, spaced)]
    return [Word(WORD, part, part, stem_of(part), start, end, spaced) for part in re.findall(r"[a-z']+", full.lower())]


def _full_form(typed: str, lower: str, previous: str, first: bool) -> str | None:
    data = table("shorthand")
    barred = data["not_after"].get(typed) or data["not_after"].get(lower) or ()
    if previous in barred:
        return None
    if typed in data["capitals"]:
        return data["capitals"][typed]
    if typed.isupper() and len(typed) == 2 and lower in ("ct", "cl", "pt"):
        return None
    extra: dict[str, str] = table("checker")["shorthand"]
    full: str | None = data["words"].get(lower) or extra.get(lower)
    return full or (data["first"].get(lower) if first and not typed.isupper() else None)


@cache
def stem_of(word: str) -> str:
    """The word without its inflection: `skipped`, `skips` and `skipping` are one. Irregular forms are data."""
    word = word.removesuffix("'s").removesuffix("s'") if "'" in word else word
    irregular: str | None = _irregular().get(word)
    if irregular is not None:
        word = irregular
    if len(word) <= 3:
        return word
    return _tail(_uninflected(word))


@cache
def _irregular() -> dict[str, str]:
    return {form: word for word, forms in table("checker")["irregular"].items() for form in forms}


@cache
def is_past(word: str) -> bool:
    """Whether a word has the form of a past tense: `used`, `told`, `left`."""
    if word.endswith("ed"):
        return len(word) > 3
    return (
        _irregular().get(word, "be") not in _NO_VERBS
        and not word.endswith(("s", "ing"))
        and "'" not in word
        and len(word) > 2
    )


def _uninflected(word: str) -> str:
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")):
        return _uninflected(word[:-1]) if word.endswith("ings") else word[:-1]
    for ending in ("ing", "ed"):
        bare = word.removesuffix(ending)
        if bare != word and len(bare) >= 2 and _VOWEL.search(bare) and not bare.endswith("e"):
            return bare
    return word


def _tail(word: str) -> str:
    """One spelling for a bare verb and what is left of its inflected forms: `expose`, `expos`; `stop`, `stopp`."""
    word = word.replace("our", "or") if len(word) > 5 else word
    word = word.removesuffix("e") if len(word) > 3 else word
    word = word[:-1] + "z" if len(word) > 5 and word.endswith("is") else word
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeious":
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 2 and word[-2] not in "aeiou" else word


@cache
def root_of(stem: str) -> str:
    """A stem without endings that make a noun, verb or adjective of it: `avoidance` and `avoid` share a root."""
    for ending in _ENDINGS:
        if stem.endswith(ending) and len(stem) - len(ending) >= _SHORTEST_ROOT:
            return root_of(stem[: -len(ending)])
    return stem


def similar(one: str, other: str) -> bool:
    """Whether two longer words differ by one slip of the keyboard: a letter wrong, missing, extra or two swapped."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 5 or one[0] != other[0]:
        return False
    if len(one) == len(other):
        wrong = [at for at in range(len(one)) if one[at] != other[at]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return (len(wrong) == 1 and len(one) > 6) or (
            swapped and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
        )
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    at = next((at for at in range(len(shorter)) if longer[at] != shorter[at]), len(shorter))
    return longer[at + 1 :] == shorter[at:]
