"""Whether the clinician's points carry a statement. Deterministic: rules and word lists, no model, no network.

The rules live in `bot.drafting.checker`; what each looks for and which data file it reads is in `docs/checker.md`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from bot.domain.statements import Point
from bot.domain.support import Support, Verdict
from bot.drafting.checker import (
    bindings,
    cliches,
    clinical,
    coherence,
    counting,
    dates,
    doing,
    edits,
    formers,
    medicines,
    people,
    placing,
    rates,
    risk,
    roles,
    scores,
    turned,
    wording,
)
from bot.drafting.checker.analysis import Analysis, Content, analyse
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import RELATION
from bot.drafting.checker.pasted import is_pasted
from bot.drafting.checker.scoring import judge

_MOST_POINTS = 4
_LEAST_GAIN = 0.3
_ANY_GAIN = 0.1
# Other points than the cited ones are believed only when they carry a statement with little doubt left.
_CLEARLY = 0.15
_SAYING = 0.3
_WEIGHTY = 0.6
# The cited points tell it of somebody else, or the other way about: no other point mends that.
_CONTRADICTED = roles.AGAINST | turned.AGAINST


class Checker:
    """Reads a summary's points once; then cheap to ask about any number of statements."""

    def __init__(self, points: Sequence[Point]) -> None:
        self._points = {point.number: analyse(point.text) for point in points if not is_pasted(point.text)}
        self._sets: dict[tuple[int, ...], Evidence] = {}

    def check(self, text: str, cited: Sequence[int] = ()) -> Support:
        """What carries `text`: the cited points (numbers from 1), else any others, else nothing.

        Supported: `sources` are the points that carry it. Otherwise the points that come nearest, the kind of what is
        wrong and the words in question.
        """
        statement = analyse(text)
        known = tuple(sorted({number for number in cited if number in self._points}))
        if not known:
            found = self._found_elsewhere(statement, cited=False)
            return found or self._judged(statement, self._nearest(statement, _ANY_GAIN)[:1])
        flaws = self._flaws(statement, known)
        first = judge(flaws, known)
        if first.verdict is Verdict.SUPPORTED or any(flaw.rule in _CONTRADICTED for flaw in flaws):
            return first
        return self._found_elsewhere(statement, cited=True) or first

    def _found_elsewhere(self, statement: Analysis, *, cited: bool) -> Support | None:
        """The fewest other points that carry a statement; stricter where a draft had cited some."""
        nearest = self._nearest(statement, _LEAST_GAIN if cited else _ANY_GAIN)
        answer: Support | None = None
        for count in range(1, len(nearest) + 1):
            numbers = tuple(sorted(nearest[:count]))
            if cited and not self._full(statement, numbers):
                continue
            flaws = self._flaws(statement, numbers)
            answer = judge(flaws, numbers)
            if cited and answer.score < _CLEARLY:
                strangers = any(flaw.rule.startswith(("name", "relation")) for flaw in flaws)
                return None if strangers else answer
            if not cited and answer.verdict is Verdict.SUPPORTED:
                return answer
        return None if cited else answer

    def flaws(self, text: str, cited: Sequence[int]) -> list[Flaw]:
        """What the rules find against these points alone (for the training script)."""
        known = tuple(sorted({number for number in cited if number in self._points}))
        return self._flaws(analyse(text), known)

    @cached_property
    def _summary(self) -> Evidence:
        return Evidence(tuple(self._points.values()))

    def _evidence(self, numbers: tuple[int, ...]) -> Evidence:
        if numbers not in self._sets:
            self._sets[numbers] = Evidence([self._points[number] for number in numbers])
        return self._sets[numbers]

    def _flaws(self, statement: Analysis, numbers: tuple[int, ...]) -> list[Flaw]:
        evidence = self._evidence(numbers)
        found = list(self._found(statement, evidence))
        return [*found, *clinical.medicine_doubts(statement, found)]

    def _found(self, statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
        yield from counting.check(statement, evidence)
        yield from placing.check(statement, evidence)
        yield from scores.check(statement, evidence)
        yield from bindings.check(statement, evidence)
        yield from formers.check(statement, evidence)
        yield from rates.check(statement, evidence)
        yield from dates.check(statement, evidence)
        yield from medicines.check(statement, evidence)
        yield from wording.quotations(statement, evidence)
        yield from wording.opposites(statement, evidence)
        yield from turned.check(statement, evidence)
        yield from wording.endings(statement, evidence)
        yield from wording.amounts(statement, evidence)
        yield from wording.uncued(statement, evidence)
        yield from wording.novelty(statement, evidence)
        yield from people.check(statement, evidence, self._summary)
        yield from doing.check(statement, evidence)
        yield from roles.check(statement, evidence, self._summary)
        yield from risk.check(statement, evidence)
        yield from clinical.check(statement, evidence)
        yield from edits.check(statement, evidence)
        yield from coherence.check(statement, evidence)
        yield from cliches.check(statement, evidence)

    def _judged(self, statement: Analysis, numbers: tuple[int, ...]) -> Support:
        return judge(self._flaws(statement, numbers), numbers)

    def _nearest(self, statement: Analysis, least: float) -> tuple[int, ...]:
        """The few points that share most with a statement, the best first, each adding a part of its own.

        People do not count: a point that shares only `mother` with the statement is about something else.
        """
        wanted = {c.at: c for c in statement.content if not any(f == RELATION for f, _ in c.concepts)}
        total = sum(content.weight for content in wanted.values()) or 1.0
        chosen: list[int] = []
        while wanted and len(chosen) < _MOST_POINTS:
            gains = {number: self._carried(number, wanted) for number in self._points if number not in chosen}
            best = max(gains, key=lambda number: (sum(gains[number].values()), -number), default=None)
            if best is None or sum(gains[best].values()) < least * total:
                break
            chosen.append(best)
            for at in gains[best]:
                del wanted[at]
        return tuple(chosen)

    def _full(self, statement: Analysis, numbers: tuple[int, ...]) -> bool:
        """Whether these points carry every word that says something, and at least two of weight."""
        evidence = self._evidence(numbers)
        saying = [content for content in statement.content if content.weight >= _SAYING and not content.quoted]
        weighty = sum(content.weight >= _WEIGHTY for content in saying)
        return weighty >= 2 and all(evidence.match(content)[0] >= 1 for content in saying)

    def _carried(self, number: int, wanted: Mapping[int, Content]) -> dict[int, float]:
        """How much of the wanted words one point carries."""
        evidence = self._evidence((number,))
        levels = {at: evidence.match(content)[0] * content.weight for at, content in wanted.items()}
        return {at: level for at, level in levels.items() if level}
