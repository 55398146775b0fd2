"""A sitting in Teams: the backlog, the next session written without a date, the next one offered on signing."""

import json

from bot.cards import backlog_words, words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson, answer_of, texts_of
from tests.slack.test_backlog import booked
from tests.teams.test_main_job import SUMMARY


async def test_two_notes_without_typing_a_date(product: TeamsDemo, rosa: TeamsPerson):
    await booked(product, "JD-014", "MK-003")  # type: ignore[arg-type]
    await rosa.say("backlog")
    card = await rosa.until_notice(backlog_words.NOTICE)
    assert "2 sessions wait for their notes" in json.dumps(card)
    task = await rosa.open("day_open_write")
    assert "JD-014" in json.dumps(task)
    assert await rosa.submit(task, {"summary": SUMMARY}) is None
    draft = await rosa.until_notice(words.DRAFT_NOTICE)
    assert texts_of(draft)[0].startswith("JD-014")
    dialog = await rosa.open("sign")
    following = await rosa.submit(dialog)
    assert "MK-003" in json.dumps(following)
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    writing = await rosa.submit(following)
    assert "day_write" in json.dumps(answer_of(writing)) or "MK-003" in json.dumps(writing)


async def test_home_sessions_and_numbers_are_words_of_a_chat(product: TeamsDemo, rosa: TeamsPerson):
    await booked(product, "JD-014")  # type: ignore[arg-type]
    await rosa.say("home")
    assert "1 session waits for its note" in json.dumps(await rosa.until_notice("Afternote: your day"))
    await rosa.say("stats")
    assert "1 waiting for a note now" in json.dumps(await rosa.until_notice("Your numbers"))
