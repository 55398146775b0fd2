"""Settings in Slack: one form, mistakes beside their inputs, and nothing typed is lost."""

import json

from bot.cards import settings_words as words
from demo.driver import Person
from demo.run import Demo


async def opened(rosa: Person) -> None:
    await rosa.command("/note", "settings")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_settings")


async def test_a_mistake_stands_at_its_input_and_what_is_saved_is_there_the_next_time(product: Demo, rosa: Person):
    await opened(rosa)
    answer = await rosa.submit(rosa.view(), {"remind_at": "21:00", "credentials": "LPC"})
    assert "quiet hours" in json.dumps(answer)
    assert "remind_at" in json.dumps(answer)
    await rosa.submit(rosa.view(), {"remind_at": "16:45", "credentials": "LPC", "before": "15"})
    assert words.SAVED in json.dumps(rosa.view().definition)
    await rosa.close(everything=True)
    await opened(rosa)
    text = json.dumps(rosa.view().definition)
    assert '"16:45"' in text
    assert '"LPC"' in text
    practice = product.application.desk.practice
    assert next(p for p in practice.people if p.id == "delgado").signature_line.endswith(", LPC")


async def test_home_opens_it_too(product: Demo, rosa: Person):
    await rosa.open_home()
    await rosa.until(lambda: rosa.home() is not None)
    home = rosa.home()
    assert home is not None
    await rosa.click(home, "day_open_settings")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_settings")
