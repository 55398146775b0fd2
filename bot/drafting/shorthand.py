"""Spells out clinical shorthand, word by word, from `prompts/words/shorthand.toml`.

Adds nothing: every word of the result was typed or is the listed expansion of something typed. Quotations, numbers,
dates, names and instruments stay as typed, and so does shorthand with more than one meaning. Shorthand for the client
("ct", "pt") becomes the practice's word; a word that was typed out stays.
"""

import re
from functools import cache

from bot.domain.statements import Slot
from bot.domain.voice import OTHER_WORDS
from bot.drafting.features import label_of
from bot.drafting.lexicon import table

_QUOTED = re.compile(r"(?<![\w\"])\"[^\"]*(?:\"|\Z)|\u201c[^\u201d]*(?:\u201d|\Z)|\u00ab[^\u00bb]*(?:\u00bb|\Z)")
_TIMES = re.compile(r"(?<![\w/.-])x(\d{1,2})(?![\w/%.-]|\.\d)")
_LAST_WORD = re.compile(r"([\w&/]+)[^\w&/]*\Z")
_OPEN_END = re.compile(r"[^\W_][)\]%\"\u201d\u00bb']*\Z|[%)\]]\Z")


def as_prose(text: str, slot: Slot, called: str = "") -> str:
    """A point as a sentence: shorthand spelled out, a capital first, a full stop last, a repeating label gone.

    `called`: the practice's word for the client, which shorthand for one becomes.
    """
    body = _without_label(text, slot)
    return _ended(_capitalised(expand(body, called)))


def expand(text: str, called: str = "") -> str:
    """The text with its shorthand spelled out, outside quotation marks. `called`: as in `as_prose`."""
    parts: list[str] = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        parts += [_expand_plain(text[at : quoted.start()], "".join(parts), called), quoted[0]]
        at = quoted.end()
    return "".join([*parts, _expand_plain(text[at:], "".join(parts), called)])


@cache
def expansions() -> dict[str, str]:
    """Every piece of shorthand known, as listed, with what it stands for."""
    data = table("shorthand")
    return {**data["words"], **data["capitals"], **data["first"]}


@cache
def _pattern() -> re.Pattern[str]:
    data = table("shorthand")
    plain = sorted(data["words"], key=len, reverse=True)
    forms = [re.escape(form) for word in plain for form in {word, word if word == "w" else word[0].upper() + word[1:]}]
    capitals = [re.escape(word) for word in sorted(data["capitals"], key=len, reverse=True)]
    glued = r"[wW]/(?=[A-Za-z]{3,}(?![/\w]))"
    ends = r"(?!\w|/|['\u2019](?!s\b)\w|-\w|[.:]\w)"
    return re.compile(
        rf"(?<![\w\u2019'&#@.-])(?<!\w/)(?:(?:{'|'.join(forms)})(?:\.(?=\s+[a-z0-9]))?{ends}|{glued})"
        rf"|(?<=\d/)(?:wk|wks|yr|hrs|mos){ends}"
        rf"|(?<![\w\u2019'&#@.-])(?:{'|'.join(capitals)})(?!\w|['\u2019](?!s\b)\w|-\w|\.\w)"
    )


def _expand_plain(text: str, before: str, called: str) -> str:
    """Expands a stretch without quotations; `before` is what stands in front of it."""
    lead = text if before else _first_word(text, called)
    lead = _TIMES.sub(lambda found: _counted(found, before), lead)
    return _pattern().sub(lambda found: _spelled(found, before, called), lead)


def _spelled(found: re.Match[str], before: str, called: str) -> str:
    typed, after = found[0], found.string[found.end() :]
    bare = typed.rstrip(".")
    if _previous(before + found.string[: found.start()]) in _barred(bare):
        return typed
    if typed != bare and not re.match(r"\s+[a-z0-9]", after):
        bare, stop = typed[:-1], "."
    else:
        stop = ""
    glue = " " if bare.lower() == "w/" and after[:1].isalpha() else ""
    return _full(bare, called) + stop + glue


def _counted(found: re.Match[str], before: str) -> str:
    barred = _previous(before + found.string[: found.start()]) in _barred("times")
    return found[0] if barred else f"{found[1]} times"


def _first_word(text: str, called: str) -> str:
    """Shorthand that is only clear as the first word (`pt`, `cont`)."""
    found = re.match(r"(\s*)([A-Za-z]+)(\.?)(?=\s+\S)", text)
    listed = table("shorthand")["first"].get(found[2].lower()) if found and not found[2].isupper() else None
    full = _in_house(listed, called) if listed else ""
    return f"{found[1]}{full[0].upper()}{full[1:]}{text[found.end() :]}" if found and full else text


def _in_house(full: str, called: str) -> str:
    """The practice's word where shorthand stands for the client."""
    of_client = full.removesuffix("s")
    return called + full[len(of_client) :] if called and of_client in OTHER_WORDS else full


def _full(typed: str, called: str) -> str:
    data = table("shorthand")
    if typed in data["capitals"]:
        return data["capitals"][typed]
    full = _in_house(data["words"][typed.lower()], called)
    return full[0].upper() + full[1:] if typed[0].isupper() else full


def _previous(before: str) -> str:
    found = _LAST_WORD.search(before)
    return found[1].lower() if found else ""


def _barred(typed: str) -> frozenset[str]:
    return frozenset(table("shorthand")["not_after"].get(typed, ()))


def _without_label(text: str, slot: Slot) -> str:
    label = label_of(text)
    if not label or label[0] not in table("shorthand")["labels"].get(slot.value, ()):
        return text
    return text[label[1] :].strip() or text


def _capitalised(text: str) -> str:
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    if not word[:1].islower() or any(letter.isupper() or letter.isdigit() for letter in word):
        return text
    raised = text[0].upper()
    return raised + text[1:] if len(raised) == 1 else text


def _ended(text: str) -> str:
    """With a full stop, when the text ends in a word and not in a mark of its own."""
    tail = text.rstrip(")]\"\u201d\u00bb'%")
    if not _OPEN_END.search(text) or tail[-1:] in ".!?\u2026":
        return text
    return text + "."
