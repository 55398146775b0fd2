"""Settings in Teams: one form, and the second of two that were opened is told."""

import json

from bot.cards import settings_words as words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson


async def test_the_second_of_two_forms_is_told_and_keeps_what_was_typed(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say("home")
    home = await rosa.until_notice("Afternote: your day")
    first, second = await rosa.open("day_open_settings", home), await rosa.open("day_open_settings", home)
    saved = await rosa.submit(first, {"before": "15"})
    assert saved["value"] == words.SAVED
    told = await rosa.submit(second, {"before": "9"})
    assert words.CHANGED in json.dumps(told, ensure_ascii=False)
    assert '"value": 9' in json.dumps(told) or '"value": "9"' in json.dumps(told)


async def test_the_word_shows_the_form(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say("settings")
    await rosa.until(lambda: any(words.FORMAT_LABEL in json.dumps(message) for message in rosa.messages()))
