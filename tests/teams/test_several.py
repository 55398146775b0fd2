"""Several summaries in Teams: one form, one overview, one card that leads from note to note."""

import json

from bot.cards import words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson

TEXT = "JD-014 yesterday\nct slept 6h, zebrafinch-7731\n---\nMK-003 yesterday\nct calmer, walked daily"


async def test_several_in_one_form_are_looked_at_one_by_one(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say("several")
    await rosa.until(lambda: rosa.messages() and "day_several" in json.dumps(rosa.messages()))
    await rosa.press("submit", {"summaries": TEXT})
    overview = await rosa.until_notice("2 summaries: 2 drafts are ready")
    assert "zebrafinch" not in json.dumps(overview)
    await rosa.press("day_review")
    card = await rosa.until_notice(words.DRAFT_NOTICE)
    assert "zebrafinch" in json.dumps(card)
    await rosa.press("day_next_note", card=card)
    await rosa.until(lambda: "walked daily" in json.dumps(rosa.card()))


async def test_a_message_with_several_is_taken_for_several(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say(TEXT)
    await rosa.until_notice("2 summaries: 2 drafts are ready")
