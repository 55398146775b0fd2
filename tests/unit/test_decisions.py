"""What a draft by a model adds to a note's life: held-out statements, doubts, rewording and Undo."""

from dataclasses import replace

import pytest

from bot.cards.changes import changes_between
from bot.domain.errors import Stale
from bot.domain.ids import StatementId
from bot.domain.note import Asked, Note
from bot.domain.statements import Draft, Origin, Point, Slot, Statement
from bot.domain.support import Doubt, Kind
from demo.screens import drafting

POINTS = (Point(1, "slept 5h"), Point(2, "reviewed the thought record"), Point(3, "ask Anna about Friday"))


def said(key: str, text: str, *sources: int, doubt: Kind | None = None, slot: Slot = Slot.REPORT) -> Statement:
    return Statement(StatementId(key), slot, text, sources, Origin.MODEL, Doubt(doubt) if doubt else None)


SLEPT = said("s1", "Client slept five hours.", 1)
DOUBTFUL = said("s2", "Thought record was helpful.", 2, doubt=Kind.CONTENT)
HELD = said("s3", "Client denied HI.", doubt=Kind.RISK_DENIAL, slot=Slot.RISK)


def draft() -> Note:
    return drafting().drafted(Draft(POINTS, (SLEPT, DOUBTFUL), Origin.MODEL, (HELD,), "draft-1"))


def test_everything_undecided_is_counted():
    assert draft().undecided() == 3  # held, doubtful, unused


def test_what_is_held_out_is_no_part_of_what_is_signed():
    assert draft().version_hash() == replace(draft(), held=()).version_hash()


def test_a_held_statement_enters_as_own_words_only_when_taken():
    note = draft().taken(HELD.id)
    (own,) = [statement for statement in note.statements if statement.origin is Origin.CLINICIAN]
    assert (own.text, own.slot, own.sources, own.doubt) == (HELD.text, Slot.RISK, (), None)
    assert own.id != HELD.id
    assert (note.held, note.version, note.previous_hash) == ((), 2, draft().version_hash())
    assert note.taken(HELD.id) == note, "a second click adds nothing"


def test_what_is_left_out_is_gone_and_signing_needs_no_more_of_it():
    note = draft().left(HELD.id)
    assert (note.held, note.version) == ((), 1)
    gone = note.left(DOUBTFUL.id)
    assert (gone.statements, gone.version) == ((SLEPT,), 2)
    assert gone.left(SLEPT.id) == gone, "a statement without a doubt is not removed by a late click"


def test_a_look_clears_a_doubt_and_changes_no_word():
    note = draft().confirmed(DOUBTFUL.id)
    assert note.doubtful() == ()
    assert note.version_hash() == draft().version_hash()


def test_an_unused_point_is_added_as_typed_or_left_out():
    added = draft().placed(3, Slot.PLAN)
    assert (added.statements[-1].text, added.statements[-1].sources) == ("ask Anna about Friday", (3,))
    assert added.placed(3, Slot.PLAN) == added
    left = draft().placed(3, None)
    assert (left.unused(), left.version) == ((), 1)


def test_undo_brings_back_what_stood_before_and_lasts_over_a_switch_of_format():
    note = draft().asking(Asked("shorter"), 1)
    new = said("s9", "Slept five hours.", 1)
    reworded = note.reworded((*POINTS, Point(4, "own")), (new,), ())
    assert (reworded.asked, reworded.version) == (None, 2)
    back = reworded.arranged("dap").undone()
    assert (back.statements, back.held, back.points) == ((SLEPT, DOUBTFUL), (HELD,), POINTS)
    assert back.format_id == "dap"
    assert back.undone() == back


def test_a_later_edit_ends_the_undo():
    reworded = draft().reworded(POINTS, (SLEPT,), ())
    assert reworded.revised((said("s7", "Other.", 1),), reworded.version).before is None


def test_a_signed_note_takes_no_decisions():
    note = replace(draft(), state=draft().discarded().state)
    for act in (lambda: note.taken(HELD.id), lambda: note.left(HELD.id), lambda: note.confirmed(DOUBTFUL.id)):
        with pytest.raises(Stale):
            act()


def test_changes_are_kept_changed_new_or_gone():
    after = (SLEPT, said("s4", "The thought record was of help.", 2), said("s5", "A quite different matter.", 3))
    found = changes_between((SLEPT, DOUBTFUL, said("s6", "Zebra.", 1)), after)
    assert found.kept == 1
    assert [(old.id, new.id) for old, new in found.changed] == [("s2", "s4")]
    assert [statement.id for statement in found.new] == ["s5"]
    assert [statement.id for statement in found.gone] == ["s6"]
