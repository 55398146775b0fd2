"""The clone meter: what counts as the same sentence, and what does not count at all."""

import datetime as dt
import time

import pytest

from bot.domain.checks import Cloned
from bot.domain.statements import Slot, Statement, own_words
from bot.drafting.clones import Earlier, cloned

DAY = dt.date(2026, 11, 12)
SAME = "Client reported feeling tired most of the day and skipped two meals."


def said(*texts: str, slot: Slot = Slot.REPORT) -> list[Statement]:
    return [own_words(text, slot) for text in texts]


def count(one: str, other: str, slot: Slot = Slot.REPORT) -> int:
    return cloned(said(one, slot=slot), [Earlier(said(other, slot=slot), DAY)], []).of_client


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (SAME, 1),
        (SAME.upper().replace(".", "!"), 1),
        (SAME.replace("feeling", "being"), 1),
        (SAME.replace("two", "three").replace("tired", "exhausted").replace("day", "week"), 0),
        ("Client walked the dog and called her sister on Sunday.", 0),
    ],
)
def test_almost_the_same_is_the_same(other: str, same: int) -> None:
    assert count(SAME, other) == same


def test_another_number_is_another_sentence() -> None:
    long = "Client rated her worry at {} of 10 on most days of the past week at work."
    assert count(long.format(7), long.format(7)) == 1
    assert count(long.format(7), long.format(4)) == 0


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("Session held by video, client at home.", Slot.LOGISTICS),
        ("Client denied suicidal ideation, homicidal ideation and self-harm.", Slot.RISK),
        ("Major depressive disorder, recurrent, moderate, as charted.", Slot.DIAGNOSIS),
        ("Goal 1: client will sleep six hours on five nights.", Slot.GOAL),
        ("Continue weekly sessions.", Slot.PLAN),
    ],
)
def test_what_has_to_be_the_same_each_time_does_not_count(text: str, slot: Slot) -> None:
    assert cloned(said(text, slot=slot), [Earlier(said(text, slot=slot))], []) == Cloned(0)


def test_a_copied_risk_inquiry_counts() -> None:
    text = "Client described passive ideation on two nights without plan or intent and named a sister as reason."
    assert count(text, text, Slot.RISK) == 1


def test_the_note_that_shares_most_is_named_and_each_sentence_counts_once() -> None:
    other = "Client was late because the bus broke down on Main Street."
    now = said(SAME, other, "Client finished three thought records this week at home.")
    one, both = Earlier(said(SAME), dt.date(2026, 11, 19)), Earlier(said(SAME, other), DAY)
    assert cloned(now, [one, both], [one]) == Cloned(3, of_client=2, of_others=1, day=DAY)


def test_members_of_a_group_share_what_was_done_with_all() -> None:
    shared = said("Leaders taught cognitive defusion and led the leaves on a stream exercise.", slot=Slot.INTERVENTION)
    own = said("Client listened closely and shared how panic on the bus felt.", slot=Slot.RESPONSE)
    assert cloned([*shared, *own], [], [Earlier([*shared, *own])], group=True).of_others == 1
    assert cloned([*shared, *own], [], [Earlier([*shared, *own])]).of_others == 2


@pytest.mark.parametrize(
    ("sentences", "same", "much"), [(12, 7, True), (10, 3, True), (11, 3, False), (2, 2, False), (0, 0, False)]
)
def test_much_is_three_sentences_and_near_a_third(sentences: int, same: int, much: bool) -> None:
    assert Cloned(sentences, of_client=same).much_of_client is much
    assert Cloned(sentences, of_others=same).much_of_others is much


def test_sixty_notes_of_forty_sentences_take_little_time() -> None:
    words = [
        f"{a}{b}{c}" for a in "bcdfghjklmnprst" for b in ("alt", "end", "ist", "ork") for c in ("ing", "ed", "er", "y")
    ]

    def note(seed: int) -> Earlier:
        line = [words[(seed * 7 + n * 13 + n * n) % len(words)] for n in range(480)]
        return Earlier(said(*(f"Client reported {' '.join(line[n : n + 12])}." for n in range(0, 480, 12))), DAY)

    notes = [note(seed) for seed in range(60)]
    fastest = min(_timed(note(99), notes) for _ in range(5))
    assert fastest < 0.15  # of the processor; about 25 ms


def _timed(now: Earlier, notes: list[Earlier]) -> float:
    started = time.process_time()
    cloned(now.statements, notes[:12], notes[12:])
    return time.process_time() - started
