"""Sessions in Slack: the demo's samples at one click."""

import json

from bot.cards import sessions_words, words
from demo.driver import Person
from demo.run import Demo


async def test_one_click_brings_in_the_samples_and_leads_to_the_first_note(product: Demo, rosa: Person):
    await rosa.command("/note", "sessions")
    await rosa.until(rosa.views)
    await rosa.click(rosa.view(), "day_open_samples")
    await rosa.until(lambda: rosa.view().definition["callback_id"] == "day_next")
    shown = json.dumps(rosa.view().definition, ensure_ascii=False)
    assert " sessions read: " in shown
    assert " new" in shown
    assert sessions_words.OVERLAPS in shown
    assert sessions_words.SENTENCES["cancelled"] in shown
    assert sessions_words.SENTENCES["elsewhere"] not in shown
    await rosa.submit(rosa.view())
    assert rosa.view().definition["callback_id"] == "day_write"
    await rosa.submit(rosa.view(), {"summary": "- ct slept 6h\n- reviewed thought record\n- plan: next wk"})
    await rosa.until(lambda: words.DRAFT_NOTICE in [message.text for message in rosa.messages()])


async def test_the_samples_come_once(product: Demo, rosa: Person):
    for _ in range(2):
        await rosa.command("/note", "sessions")
        await rosa.until(rosa.views)
        await rosa.click(rosa.view(), "day_open_samples")
        await rosa.until(lambda: rosa.view().definition["callback_id"] == "day_next")
        shown = json.dumps(rosa.view().definition, ensure_ascii=False)
        await rosa.close()
    assert " there already" in shown
    assert " new" not in shown
