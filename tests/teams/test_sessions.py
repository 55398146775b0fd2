"""Sessions in Teams: the demo's samples at one click."""

import json

from bot.cards import sessions_words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson


async def test_one_click_brings_in_the_samples_and_leads_to_the_first_note(product: TeamsDemo, rosa: TeamsPerson):
    assert product.application.desk.id
    await rosa.say("sessions")
    await rosa.until(lambda: rosa.messages() and "day_open_samples" in json.dumps(rosa.messages()[-1]))
    task = await rosa.open("day_open_samples")
    shown = json.dumps(task, ensure_ascii=False)
    assert " sessions read: " in shown
    assert sessions_words.OVERLAPS in shown
    assert "day_write" in json.dumps(await rosa.submit(task))
