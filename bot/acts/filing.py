"""Presses of cards: of reviews, of a note's filing (which goes on to a worker), and of everything that changes it."""

from collections.abc import Mapping

from bot.acts.front import Front
from bot.acts.presses import Press, press
from bot.acts.reviews import do_review_press, is_review
from bot.cards.filing_screens import ABSENT, AGAIN, THERE
from bot.domain.people import Person
from bot.workflows.answer_filing import Answer, answer_filing
from bot.workflows.filing_receipt import begin_waiting

ANSWERS: Mapping[str, Answer] = {THERE: Answer.THERE, ABSENT: Answer.ABSENT, AGAIN: Answer.AGAIN}


async def do_press(front: Front, person: Person | None, pressed: Press) -> None:
    """Do what a button, menu or picker says, at once. Raises UserMistake when that cannot be."""
    if is_review(pressed.action):
        await do_review_press(front, person, pressed)
        return
    answer = ANSWERS.get(pressed.action)
    if answer is None:
        await press(front.desk, person, pressed, front.platform)
        return
    await answer_filing(front.desk, person, pressed.note_id, pressed.item, answer, front.platform)
    await front.work.file(front.desk.id, pressed.note_id, pressed.item)
    await begin_waiting(front.desk, pressed.note_id, pressed.item, front.work.file)
    await front.work.show(front.desk.id, pressed.note_id)  # also the cards of those who did not press
