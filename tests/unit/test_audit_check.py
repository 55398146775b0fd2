"""The check of a chain: whatever is done to rows is found, and what was not touched is never complained of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.cards.audit_words import said
from bot.domain.audit import ChainEnd, ChainRow, digest_of
from bot.domain.audit_check import MOST_FINDINGS, ChainCheck, Trouble, Verdict

PRACTICE = "larkspur"
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def chain(length: int, act: str = "viewed") -> list[ChainRow]:
    """Rows as the product writes them."""
    rows: list[ChainRow] = []
    for seq in range(1, length + 1):
        at = NOON + dt.timedelta(minutes=seq)
        row = ChainRow(seq, "rosa", act, f"n{seq % 3}", seq, "ab", at, "slack", rows[-1].hash if rows else "", "")
        rows.append(replace(row, hash=digest_of(PRACTICE, row)))
    return rows


def end_of(rows: Sequence[ChainRow], *, sealed: bool = True) -> ChainEnd:
    return ChainEnd(rows[-1].seq, rows[-1].hash, sealed)


def checked(rows: Sequence[ChainRow], end: ChainEnd | None) -> Verdict:
    check = ChainCheck(PRACTICE)
    for row in rows:
        check.feed(row)
    return check.verdict(end)


def test_the_spelling_that_is_hashed_never_changes() -> None:
    """Chains of earlier releases must hold: this is what they hashed."""
    row = ChainRow(7, None, "wörd \u202e", None, 3, "ab" * 32, NOON, "", "cd" * 32, "")
    assert digest_of(PRACTICE, row) == "8d5bdf03f2962eb992a80d2d5917585f324c8113b63b504cab1445a020f3f41d"


def test_an_untouched_chain_holds() -> None:
    for length in (1, 2, 3, 100, 1000):
        rows = chain(length)
        assert checked(rows, end_of(rows)).findings == ()
    assert checked([], None).holds


ROWS = chain(12)
_PLACES = st.integers(0, len(ROWS) - 1)
_CHANGES = st.one_of(
    st.tuples(st.just("delete"), _PLACES, _PLACES),
    st.tuples(st.just("swap"), _PLACES, _PLACES),
    st.tuples(st.just("change"), _PLACES, st.sampled_from(["actor", "act", "via", "hash", "previous_hash", "version"])),
    st.tuples(st.just("rehash"), _PLACES, st.sampled_from(["actor", "act", "via", "previous_hash"])),
    st.tuples(st.just("insert"), _PLACES, st.booleans()),
    st.tuples(st.just("number"), _PLACES, st.integers(-3, 30)),
    st.tuples(st.just("close"), st.just(0), st.just(0)),
)


def tampered(rows: Sequence[ChainRow], change: tuple[str, int, object]) -> list[ChainRow]:
    """One thing that somebody without the key may do; the rows in the order in which a database gives them."""
    kind, place, more = change
    rows = list(rows)
    place = min(place, len(rows) - 1)
    if not rows:
        return rows
    if kind == "delete":
        del rows[place : place + 1 + int(str(more)) // 4]
    elif kind == "swap":
        other = min(int(str(more)), len(rows) - 1)
        one, two = rows[place], rows[other]
        rows[place], rows[other] = replace(two, seq=one.seq), replace(one, seq=two.seq)
    elif kind in ("change", "rehash"):
        changed = replace(rows[place], **{str(more): 99 if more == "version" else "x"})
        rows[place] = replace(changed, hash=digest_of(PRACTICE, changed)) if kind == "rehash" else changed
    elif kind == "insert":
        made = replace(rows[place], actor="omar", previous_hash=rows[place - 1].hash if place else "")
        made = replace(made, hash=digest_of(PRACTICE, made)) if more else made
        rows[place:] = [made, *(replace(row, seq=row.seq + 1) for row in rows[place:])]
    elif kind == "number":
        rows[place] = replace(rows[place], seq=int(str(more)))
    else:
        rows = [replace(row, seq=seq) for seq, row in enumerate(rows, start=1)]
    return sorted({row.seq: row for row in rows}.values(), key=lambda row: row.seq)


@given(st.lists(_CHANGES, min_size=1, max_size=4), st.booleans())
def test_whatever_is_done_to_the_rows_is_found(changes: Sequence[tuple[str, int, object]], moved: bool) -> None:
    rows = list(ROWS)
    for change in changes:
        rows = tampered(rows, change)
    sealed_end = end_of(ROWS)
    end = end_of(rows, sealed=rows[-1].hash == ROWS[-1].hash and rows[-1].seq == 12) if moved and rows else sealed_end
    verdict = checked(rows, end)
    assert verdict.holds == (rows == ROWS and end == sealed_end)
    assert all(said(finding) for finding in verdict.findings)


@given(st.integers(0, 11))
def test_one_row_taken_out_is_named(place: int) -> None:
    [finding] = checked([*ROWS[:place], *ROWS[place + 1 :]], end_of(ROWS)).findings
    trouble = Trouble.CUT if place == 11 else Trouble.MISSING
    assert (finding.trouble, finding.seq, finding.last) == (trouble, place + 1, place + 1)


@given(_PLACES, st.sampled_from(["actor", "act", "note_id", "version_hash", "via", "hash", "previous_hash"]))
def test_one_row_changed_is_named(place: int, column: str) -> None:
    rows = [*ROWS]
    rows[place] = replace(rows[place], **{column: "x"})
    [finding] = checked(rows, end_of(ROWS)).findings
    assert (finding.trouble, finding.seq) == (Trouble.CHANGED, place + 1)


@given(_PLACES, _PLACES)
def test_two_rows_swapped_are_named_wherever_they_were(one: int, two: int) -> None:
    found = checked(tampered(ROWS, ("swap", one, two)), end_of(ROWS)).findings
    expected = [] if one == two else sorted([(one + 1, two + 1), (two + 1, one + 1)])
    assert [(f.seq, f.was) for f in found if f.trouble is Trouble.MOVED] == expected
    assert len(found) == len(expected)


@given(_PLACES, st.booleans())
def test_one_row_put_in_is_named(place: int, fits: bool) -> None:
    rows = tampered(ROWS, ("insert", place, fits))
    [finding] = checked(rows, end_of(ROWS)).findings
    assert (finding.trouble, finding.seq, finding.last) == (Trouble.INSERTED, place + 1, place + 1)


def test_a_finding_does_not_hide_the_next_one() -> None:
    rows = [*ROWS[:2], replace(ROWS[2], actor="omar"), *ROWS[3:6], *ROWS[7:]]
    rows[8] = replace(rows[8], via="teams")
    troubles = [(f.trouble, f.seq) for f in checked(rows, end_of(ROWS)).findings]
    assert troubles == [(Trouble.CHANGED, 3), (Trouble.MISSING, 7), (Trouble.CHANGED, 10)]


def test_a_part_of_a_chain_begins_wherever_it_does() -> None:
    check = ChainCheck(PRACTICE, 0)
    for row in ROWS[4:9]:
        check.feed(row)
    verdict = check.verdict(ended=False)
    assert (verdict.holds, verdict.first, verdict.rows, check.last_number) == (True, 5, 5, 9)


def test_a_wholly_spoilt_log_takes_no_longer_than_a_sound_one_and_lists_twenty() -> None:
    rows = [replace(row, act="nothing") for row in chain(3000)]
    verdict = checked(rows, end_of(rows, sealed=False))
    assert len(verdict.findings) == MOST_FINDINGS
    assert verdict.more == 3000 - MOST_FINDINGS + 1
