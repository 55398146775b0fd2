"""Reads all word lists once, so that the first draft of a process is as quick as the next ones."""

import gc

from bot.drafting.deidentify import Mask
from bot.drafting.guards import guarded
from bot.drafting.sorter import sort
from bot.drafting.support import Checker

_SUMMARY = "Ct slept ok, talked w/ Ana on 3/4. Reviewed thought record.\nDenied SI. Plan: call Mon."


def get_ready() -> None:
    """Takes about a second: run it in a thread.

    What was read stays for good, so the garbage collector is told to look past it: going through it all in the middle
    of a draft costs 50 to 100 ms.
    """
    draft = guarded(sort(_SUMMARY))
    checker = Checker(draft.points)
    for statement in draft.statements:
        checker.check(statement.text, statement.sources)
    Mask().hide(_SUMMARY)
    gc.collect()
    gc.freeze()
