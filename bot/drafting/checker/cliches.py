"""Rules for phrases that notes are filled up with: held out unless something in the points is what they stand for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.evidence import Evidence, plain
from bot.drafting.checker.flaws import Flaw
from bot.drafting.lexicon import table


@dataclass(frozen=True, slots=True)
class Cliche:
    """`typed`: beginnings of words, or phrases, one of which the points must hold for the phrase to stand."""

    kind: Kind
    typed: tuple[str, ...]


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    for match in _pattern().finditer(plain(statement.text)):
        phrase = match[1]
        if not _carried(_cliches()[phrase], evidence) and not any(phrase in plain(q.text) for q in statement.quotes):
            yield Flaw("cliche", _cliches()[phrase].kind, phrase)


def _carried(cliche: Cliche, evidence: Evidence) -> bool:
    return any(
        f" {cue}" in evidence.text or any(word.startswith(cue) for word in evidence.lowers) for cue in cliche.typed
    )


@cache
def _cliches() -> Mapping[str, Cliche]:
    return {
        phrase: Cliche(Kind(row["kind"]), tuple(row["typed"]))
        for row in table("cliches")["cliches"].values()
        for phrase in row["says"]
    }


@cache
def _pattern() -> re.Pattern[str]:
    phrases = sorted(_cliches(), key=lambda phrase: -len(phrase))
    return re.compile(rf"(?<= )({'|'.join(map(re.escape, phrases))})(?= )")
