"""The first three questions in Teams: after the welcome, once, and skipped at one press."""

import json
from pathlib import Path

from bot.cards import first_words
from demo.teams import teams_demo
from demo.teams_person import TeamsPerson


async def test_after_the_answer_and_once(tmp_path: Path):
    async with teams_demo(tmp_path / "home", remind_every=3600) as product:
        rosa = TeamsPerson(product.service, 4)
        await rosa.say("backlog")
        await rosa.until_notice(first_words.NOTICE)
        assert len(rosa.messages()) == 2
        task = await rosa.open("day_open_first")
        assert first_words.TITLE in json.dumps(task)
        answer = await rosa.press("day_first_skip")
        assert "To set it later, type settings" in json.dumps(answer)
        await rosa.say("backlog")
        await rosa.until(lambda: len(rosa.messages()) == 3)
        assert "first" not in json.dumps(rosa.messages()[-1])
