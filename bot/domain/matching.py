"""Which session on a clinician's list each of several summaries is about, and how sure that is.

A summary that names a client never goes to another client's session, one that names a day never silently to another
day's. Pure and deterministic: the same summaries and sessions always give the same answer.
"""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.appointments import Appointment
from bot.domain.ids import AppointmentId

SEVERAL_FIT = "several_fit"
NO_CODE = "no_code"
OTHER_DAY = "other_day"
OTHER_TIME = "other_time"
NOTHING_FITS = "nothing_fits"
NO_SESSION = "no_session"

MOST_OTHERS = 9
_LOOKED_AT = 4 * MOST_OTHERS
_FARTHEST = 7  # days between the day that was typed and the session's
_NEAR = 30  # minutes between the start that was typed and the session's, below which nothing is said
_UNTIMED = 60  # minutes: what a session without a start counts as, beside others


class Said(Protocol):
    """What a summary's heading says; None for what it does not say."""

    @property
    def client_code(self) -> str | None: ...
    @property
    def date(self) -> dt.date | None: ...
    @property
    def start(self) -> dt.time | None: ...


@dataclass(frozen=True, slots=True)
class Match:
    """The session that a summary goes to. `position`: of the summary, from 0.

    `others`: what else it may be, best first, also what went to another summary. `doubt`: empty when sure;
    `several_fit`: the oldest of several, or none of several; `no_code`: by day and time alone; `other_day`,
    `other_time`: the nearest to what was typed; `no_session`: that client has none that fits; `nothing_fits`: nothing
    says which.
    """

    position: int
    appointment_id: AppointmentId | None
    doubt: str
    others: tuple[AppointmentId, ...] = ()


def match(pieces: Sequence[Said], appointments: Iterable[Appointment]) -> tuple[Match, ...]:
    """One answer a summary, in their order; each session is used once at most.

    `appointments`: one clinician's, those that are over; what waits for no note, or has one, is left out here.
    """
    waiting = sorted((one for one in appointments if one.waits and one.note_id is None), key=_age)
    return _Matching(pieces, waiting).all()


@dataclass(frozen=True, slots=True)
class _Found:
    appointment: Appointment | None
    doubt: str


class _Matching:
    """One run: the surest pairs first, so that what is less sure cannot take their sessions."""

    def __init__(self, pieces: Sequence[Said], waiting: Sequence[Appointment]) -> None:
        self._pieces = pieces
        self._waiting = waiting
        self._found: dict[int, _Found] = {}
        self._taken: set[AppointmentId] = set()
        self._of_client: dict[str, list[Appointment]] = defaultdict(list)
        self._of_day: dict[dt.date, list[Appointment]] = defaultdict(list)
        for one in waiting:
            self._of_client[_exact(one.client_code)].append(one)
            if one.session.date:
                self._of_day[one.session.date].append(one)
        self._codes = _codes(pieces, self._of_client)

    def all(self) -> tuple[Match, ...]:
        for dated in (True, False):
            for code, positions in self._coded(dated=dated).items():
                (self._by_day if dated else self._by_age)(code, positions)
        self._near_days()
        self._without_codes()
        return tuple(self._match(position) for position in range(len(self._pieces)))

    def _coded(self, *, dated: bool) -> dict[str, list[int]]:
        positions: dict[str, list[int]] = defaultdict(list)
        for position, code in enumerate(self._codes):
            if code and (self._pieces[position].date is not None) == dated:
                positions[code].append(position)
        return positions

    def _free(self, sessions: Iterable[Appointment]) -> list[Appointment]:
        return [one for one in sessions if one.id not in self._taken]

    def _take(self, position: int, appointment: Appointment, doubt: str) -> None:
        self._found[position] = _Found(appointment, doubt)
        self._taken.add(appointment.id)

    def _by_day(self, code: str, positions: Sequence[int]) -> None:
        days: dict[dt.date, list[int]] = defaultdict(list)
        for position in positions:
            if day := self._pieces[position].date:
                days[day].append(position)
        for day, on_day in days.items():
            self._on_day([one for one in self._of_client[code] if one.session.date == day], on_day)

    def _on_day(self, sessions: Sequence[Appointment], positions: Sequence[int]) -> None:
        """One client's summaries of one day: by equal starts, then by near ones, the rest in order of time."""
        for position in positions:
            start = self._pieces[position].start
            same = [one for one in self._free(sessions) if start and one.session.start == start]
            if same:
                self._take(position, same[0], "")
        self._timed(sessions, [at for at in positions if at not in self._found and self._pieces[at].start])
        rest, free = [at for at in positions if at not in self._found], self._free(sessions)
        for position, one in zip(rest, free, strict=False):
            self._take(position, one, SEVERAL_FIT if len(free) > len(rest) else "")

    def _timed(self, sessions: Sequence[Appointment], positions: Sequence[int]) -> None:
        """Pairs in order of time with the fewest minutes between what was typed and what is on the list."""
        in_order = sorted(positions, key=lambda at: (self._pieces[at].start or dt.time(), at))
        free = self._free(sessions)
        for position, one in _aligned(in_order, free, self._minutes_apart):
            apart = self._minutes_apart(position, one)
            near = one.session.start is None or apart < _NEAR
            self._take(position, one, "" if near else OTHER_TIME)

    def _minutes_apart(self, position: int, one: Appointment) -> int:
        start = self._pieces[position].start
        if start is None or one.session.start is None:
            return _UNTIMED
        return abs(_minutes(start) - _minutes(one.session.start))

    def _by_age(self, code: str, positions: Sequence[int]) -> None:
        """Summaries that name a client and no day: those with a start that is on the list, then from the oldest on."""
        free = self._free(self._of_client[code])
        doubt = SEVERAL_FIT if len(free) > 1 else ""
        for position in positions:
            start = self._pieces[position].start
            same = [one for one in self._free(free) if start and one.session.start == start]
            if same:
                self._take(position, same[0], SEVERAL_FIT if len(same) > 1 else "")
        left = iter(self._free(free))
        for position, one in zip([at for at in positions if at not in self._found], left, strict=False):
            timed = self._pieces[position].start is not None and one.session.start is not None
            apart = timed and self._minutes_apart(position, one) >= _NEAR
            self._take(position, one, doubt or (OTHER_TIME if apart else ""))

    def _near_days(self) -> None:
        """Summaries of a day on which their client has no session: the nearest within a week, told as a doubt."""
        held = {(code, one.session.date) for code, sessions in self._of_client.items() for one in sessions}
        pairs = sorted(
            (abs((one.session.date - day).days), position, age, one)
            for position, code in enumerate(self._codes)
            if code and position not in self._found and (day := self._pieces[position].date)
            if (code, day) not in held
            for age, one in enumerate(_around(self._of_client[code], day))
            if one.session.date and abs((one.session.date - day).days) <= _FARTHEST
        )
        for _, position, _, one in pairs:
            if position not in self._found and one.id not in self._taken:
                self._take(position, one, OTHER_DAY)

    def _without_codes(self) -> None:
        """By day and start, where only one session is left that begins then, and only one summary asks for it."""
        asking: dict[tuple[dt.date, dt.time], list[int]] = defaultdict(list)
        for position, piece in enumerate(self._pieces):
            if not self._codes[position] and piece.client_code is None and piece.date and piece.start:
                asking[piece.date, piece.start].append(position)
        for (day, start), positions in asking.items():
            then = [one for one in self._free(self._of_day.get(day, ())) if one.session.start == start]
            if len(then) == len(positions) == 1:
                self._take(positions[0], then[0], NO_CODE)
                continue
            for position in positions if then else ():
                self._found[position] = _Found(None, SEVERAL_FIT)

    def _match(self, position: int) -> Match:
        found = self._found.get(position) or _Found(None, self._why_none(position))
        chosen = found.appointment.id if found.appointment else None
        return Match(position, chosen, found.doubt, self._others(position, chosen))

    def _why_none(self, position: int) -> str:
        return NO_SESSION if self._pieces[position].client_code else NOTHING_FITS

    def _others(self, position: int, chosen: AppointmentId | None) -> tuple[AppointmentId, ...]:
        """The client's own other sessions, or without a client those of that day, then the oldest; free ones first."""
        piece, code = self._pieces[position], self._codes[position]
        if piece.client_code is not None:
            sessions = _around(self._of_client[code], piece.date) if code else []
        else:
            sessions = [*(self._of_day.get(piece.date, []) if piece.date else []), *_around(self._waiting, piece.date)]
        ranked = sorted(
            {one.id: one for one in sessions if one.id != chosen}.values(),
            key=lambda one: (one.id in self._taken, self._days_apart(piece, one), self._minutes_apart(position, one)),
        )
        return tuple(one.id for one in ranked[:MOST_OTHERS])

    @staticmethod
    def _days_apart(piece: Said, one: Appointment) -> int:
        return abs((one.session.date - piece.date).days) if piece.date and one.session.date else 0


def _age(one: Appointment) -> tuple[bool, dt.date, bool, dt.time, str]:
    """Oldest first; what has no day last, what has no start last of its day."""
    session = one.session
    return (
        session.date is None,
        session.date or dt.date.min,
        session.start is None,
        session.start or dt.time(),
        one.id,
    )


def _around(sessions: Sequence[Appointment], day: dt.date | None) -> list[Appointment]:
    """The sessions nearest to a day, or the oldest, of a list from the oldest on: more than are shown, never all."""
    if day is None:
        return list(sessions[:_LOOKED_AT])
    at = bisect_left(sessions, (False, day), key=lambda one: _age(one)[:2])
    return list(sessions[max(0, at - _LOOKED_AT // 2) : at + _LOOKED_AT // 2])


def _exact(code: str) -> str:
    return code.strip().casefold()


def _codes(pieces: Iterable[Said], known: Collection[str]) -> list[str | None]:
    """The client of each summary as the list writes it: `JD014` is `JD-014` unless both are there."""
    loosely: dict[str, list[str]] = defaultdict(list)
    for code in known:
        loosely[code.replace("-", "")].append(code)
    found: list[str | None] = []
    for piece in pieces:
        code = _exact(piece.client_code or "")
        alike = loosely.get(code.replace("-", ""), [])
        found.append(code if code in known else alike[0] if code and len(alike) == 1 else None)
    return found


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _aligned(
    positions: Sequence[int], sessions: Sequence[Appointment], apart: Callable[[int, Appointment], int]
) -> list[tuple[int, Appointment]]:
    """As many pairs as there can be, in the order of both, with the smallest sum of `apart`."""
    if len(positions) > len(sessions):
        positions = positions[: len(sessions)]
    spare = len(sessions) - len(positions)
    # best[skipped]: the least sum when that many sessions were passed over, and which ones were taken.
    best: list[tuple[int, tuple[int, ...]]] = [(0, ())] * (spare + 1)
    for at, position in enumerate(positions):
        least: tuple[int, tuple[int, ...]] | None = None
        row: list[tuple[int, tuple[int, ...]]] = []
        for skipped in range(spare + 1):
            total, taken = best[skipped]
            here = (total + apart(position, sessions[at + skipped]), (*taken, at + skipped))
            least = here if least is None or here < least else least
            row.append(least)
        best = row
    return list(zip(positions, [sessions[number] for number in best[spare][1]], strict=True))
