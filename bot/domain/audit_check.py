"""Whether a chain holds, row by row and in bounded memory: which row is changed, missing, inserted or out of order.

What can be told rests on two things: a row's hash covers its own number, and the number's row before it.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.audit import SEAL_BROKEN, ChainEnd, ChainRow, SignedHead, digest_of

MOST_FINDINGS = 20
_WINDOW = 500  # how far from its place a row is looked for
_BUDGET = 50_000  # hashes that may be spent on looking
_REMEMBERED = 64


class Trouble(StrEnum):
    """What is wrong with a row, or with the end of the chain."""

    CHANGED = "changed"
    REHASHED = "hashed anew"  # it holds by itself, but the row after it was written after another one
    MISSING = "missing"
    INSERTED = "inserted"
    MOVED = "out of order"
    RESEALED = "resealed"
    CUT = "end cut"
    AFTER_END = "after the end"
    NO_END = "end missing"
    UNSEALED = "not sealed"
    OTHER_HASH = "not as signed"  # a signed head knows this row by another hash
    WENT_BACK = "shorter than signed"
    FORGED = "head not genuine"
    OTHER_KEY = "head of another key"
    OTHER_PRACTICE = "head of another practice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `seq`: the first row it is about, `last` the last; `was`: the number it was written as.

    `head` is the signed head that shows it, under the name of its file; `holds` the last head that still agrees.
    """

    trouble: Trouble
    seq: int
    last: int = 0
    was: int = 0
    at: datetime | None = None
    head: SignedHead | None = None
    name: str = ""
    holds: SignedHead | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it. `more`: findings beyond those that are listed."""

    first: int
    rows: int
    findings: tuple[Finding, ...]
    more: int = 0

    @property
    def holds(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class _Run:
    """Rows whose number is not what their place says, until it shows whether all that follow stand elsewhere, too."""

    rows: list[ChainRow] = field(default_factory=list[ChainRow])
    numbers: list[int | None] = field(default_factory=list[int | None])


class ChainCheck:
    """Fed with every row in the order in which they stand, then asked for the verdict.

    `first`: the number of the first row; 0 for a part of a chain, which begins wherever it does. `watched`: rows whose
    hash is wanted in the end; that of the last one is known anyway.
    """

    def __init__(self, practice: str, first: int = 1, watched: Sequence[int] = ()) -> None:
        self._practice = practice
        self._first = self._next = first
        self._offset = 0  # how many places later than its number a row stands, after an insertion
        self._before: str | None = "" if first == 1 else None  # the hash to be followed; None: it is not known
        self._last: ChainRow | None = None
        self._told_of_last = False
        self._run = _Run()
        self._trail: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)
        self._budget = _BUDGET
        self._watched = frozenset(watched)
        self._count = self._more = 0
        self._findings: list[Finding] = []
        self.seen: dict[int, str] = {}

    def feed(self, row: ChainRow) -> None:
        """The next row as it stands."""
        self._count += 1
        if not self._first:
            row = self._begun(row)
        if row.seq < self._next:
            self._stray(row)
            return
        if row.seq > self._next:
            self._settle()
            self._tell(Finding(Trouble.MISSING, self._next, row.seq - 1))
            self._before = None
        self._next = row.seq + 1
        number = self._number(row)
        if number is not None and number == row.seq - self._offset:
            self._regular(row, number)
        else:
            self._odd(row, number)
        self._trail.append((row.seq, row.hash))

    def _begun(self, row: ChainRow) -> ChainRow:
        """The first row of a part, under the number that its hash tells."""
        number = self._number(row) or row.seq
        if number != row.seq:
            self._tell(Finding(Trouble.MOVED, row.seq, was=number, at=row.at))
        self._first = self._next = number
        self._before = "" if number == 1 else None
        return replace(row, seq=number)

    def verdict(self, end: ChainEnd | None = None, *, ended: bool = True) -> Verdict:
        """With the end as it is kept apart; `ended=False` for a part of a chain, which has none."""
        self._settle(final=True)
        if ended:
            self._compare(end)
        if self._last and not self._told_of_last:
            self.seen[self.last_number] = self._last.hash
        return Verdict(self._first, self._count, tuple(self._findings), self._more)

    @property
    def last_number(self) -> int:
        """The number of the last row, as it was written."""
        return self._next - 1 - self._offset

    def _regular(self, row: ChainRow, number: int) -> None:
        self._settle()
        if self._before is not None and row.previous_hash != self._before and not self._told_of_last:
            known = self._last
            self._tell(Finding(Trouble.REHASHED, known.seq if known else row.seq, at=known.at if known else row.at))
        if row.act == SEAL_BROKEN:
            self._tell(Finding(Trouble.RESEALED, row.seq, at=row.at))
        self._accept(row, number)

    def _accept(self, row: ChainRow, number: int) -> None:
        self._before, self._last, self._told_of_last = row.hash, row, False
        if number in self._watched:
            self.seen[number] = row.hash

    def _odd(self, row: ChainRow, number: int | None) -> None:
        self._run.rows.append(row)
        self._run.numbers.append(number)
        if self._two_alike():
            self._shifted(len(self._run.rows) - 2)
        elif len(self._run.rows) >= _REMEMBERED - 2:
            self._settle()

    def _two_alike(self) -> bool:
        """Whether the last two rows stand equally far from where they were written, one after the other."""
        rows, numbers = self._run.rows[-2:], self._run.numbers[-2:]
        if len(rows) < 2 or None in numbers:
            return False
        first, second = (row.seq - (number or 0) for row, number in zip(rows, numbers, strict=True))
        return first == second and rows[1].previous_hash == rows[0].hash

    def _shifted(self, start: int) -> None:
        """From `start` of the run on every row stands later (inserted before) or earlier (missing before) than it did.

        What stands in the run before that is judged by itself.
        """
        rows, numbers = self._run.rows, self._run.numbers
        first, number = rows[start], numbers[start] or 0
        moved_by = first.seq - number - self._offset
        trail = dict(self._trail)
        if moved_by > 0 and self._follows(first, moved_by, trail):
            self._tell(Finding(Trouble.INSERTED, first.seq - moved_by, first.seq - 1))
        elif moved_by < 0:
            self._each(rows[:start], numbers[:start])
            lost = rows[0].seq - self._offset + start
            self._tell(Finding(Trouble.MISSING, lost, number - 1))
        else:
            self._each(rows[:start], numbers[:start])
            self._tell(Finding(Trouble.MOVED, first.seq, was=number, at=first.at))
        self._offset += moved_by
        for row, known in list(zip(rows, numbers, strict=True))[start:]:
            self._accept(row, known or 0)
        self._run = _Run()

    def _follows(self, row: ChainRow, moved_by: int, trail: Mapping[int, str]) -> bool:
        """Whether this row was written right after the one that stands before what was put in between."""
        place = row.seq - moved_by - 1
        return row.previous_hash == (trail.get(place) if place >= self._first else "")

    def _settle(self, *, final: bool = False) -> None:
        """The run is over: each of its rows by itself, unless its last row shows that something stands before it."""
        run, last = self._run, len(self._run.rows) - 1
        if last < 0:
            return
        if final and self._shows_a_shift(last):
            self._shifted(last)
            return
        self._run = _Run()
        self._each(run.rows, run.numbers)

    def _shows_a_shift(self, last: int) -> bool:
        row, number = self._run.rows[last], self._run.numbers[last]
        if number is None or any(known is not None for known in self._run.numbers[:last]):
            return False
        if any(one.seq <= number <= max(one.seq, one.last) for one in self._findings):
            return False  # it is known to be absent from its own place, so it is this one that was moved
        moved_by = row.seq - number - self._offset
        return moved_by < 0 or self._follows(row, moved_by, dict(self._trail))

    def _each(self, rows: Sequence[ChainRow], numbers: Sequence[int | None]) -> None:
        for row, number in zip(rows, numbers, strict=True):
            if number is None:
                self._tell(Finding(Trouble.CHANGED, row.seq, at=row.at))
            else:
                self._tell(Finding(Trouble.MOVED, row.seq, was=number, at=row.at))
            self._before, self._last, self._told_of_last = row.hash, row, True

    def _stray(self, row: ChainRow) -> None:
        """A row that stands behind a later one (in a file), or before the first."""
        if row.seq < self._first or digest_of(self._practice, row) != row.hash:
            self._tell(Finding(Trouble.INSERTED, row.seq, row.seq))
            return
        found = [one for one in self._findings if one.trouble is Trouble.MISSING and one.seq <= row.seq <= one.last]
        twice = not found
        if found and found[0].seq == found[0].last:
            self._findings.remove(found[0])
        self._tell(Finding(Trouble.INSERTED if twice else Trouble.MOVED, row.seq, row.seq, row.seq, row.at))
        if row.seq in self._watched:
            self.seen.setdefault(row.seq, row.hash)

    def _number(self, row: ChainRow) -> int | None:
        """The number under which the row was written, as its hash tells; None when it tells none near its place."""
        here = row.seq - self._offset
        if digest_of(self._practice, row, here) == row.hash:
            return here
        near = (here + sign * step for step in range(1, _WINDOW) for sign in (-1, 1))
        for number in (row.seq, *near):
            if number < 1:
                continue
            if self._budget <= 0:
                return None
            self._budget -= 1
            if digest_of(self._practice, row, number) == row.hash:
                return number
        return None

    def _compare(self, end: ChainEnd | None) -> None:
        # An end that somebody without the key wrote goes by the places, not by the numbers that the rows had before.
        number = self._next - 1 if end and not end.sealed else self.last_number
        if end is None:
            if self._count:
                self._tell(Finding(Trouble.NO_END, number))
            return
        if end.seq > number:
            self._tell(Finding(Trouble.CUT, number + 1, end.seq))
        elif end.seq < number:
            self._after(end.seq, number)
        elif self._last and self._last.hash != end.hash and not self._told_of_last:
            self._tell(Finding(Trouble.REHASHED, self._last.seq, at=self._last.at))
        if not end.sealed:
            self._tell(Finding(Trouble.UNSEALED, end.seq))

    def _after(self, end: int, last: int) -> None:
        """What stands beyond the end was never there, so nothing is missing before it."""
        gaps = [one for one in self._findings if one.trouble is Trouble.MISSING and one.seq > end]
        self._findings = [one for one in self._findings if one not in gaps]
        if not any(one.trouble is Trouble.MOVED and one.seq > end for one in self._findings):
            self._tell(Finding(Trouble.AFTER_END, last if gaps else end + 1, last))

    def _tell(self, finding: Finding) -> None:
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(finding)
        else:
            self._more += 1


def compare_heads(check: ChainCheck, verdict: Verdict, heads: Mapping[str, SignedHead]) -> list[Finding]:
    """What signed heads (by the names of their files) say against a chain that was checked, the earliest first.

    Heads of rows before the first one checked, and of rows that are known to be missing, say nothing.
    """
    findings: list[Finding] = []
    holds: SignedHead | None = None
    for name, head in sorted(heads.items(), key=lambda each: (each[1].seq, each[1].at)):
        if head.seq < verdict.first:
            continue
        if head.seq > check.last_number:
            findings.append(Finding(Trouble.WENT_BACK, check.last_number, head=head, name=name, holds=holds))
        elif head.seq in check.seen and check.seen[head.seq] != head.hash:
            findings.append(Finding(Trouble.OTHER_HASH, head.seq, head=head, name=name, holds=holds))
        elif head.seq in check.seen and not findings:
            holds = head
    return findings
