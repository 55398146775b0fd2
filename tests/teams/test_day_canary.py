"""The canary in Teams: a summary with it is drafted and signed, and no word of it is in Home, backlog or numbers."""

import json

import pytest

from bot.cards import backlog_words, home_words, numbers_words, words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson
from tests.doubles.canary import CODE, WORDS, captured_logs, overheard
from tests.slack.test_backlog import booked


async def test_home_backlog_and_numbers_hold_no_word_of_a_note(
    product: TeamsDemo, rosa: TeamsPerson, capfd: pytest.CaptureFixture[str]
) -> None:
    with captured_logs() as logs:
        await booked(product, CODE, "MK-003")  # type: ignore[arg-type]
        await rosa.say("backlog")
        await rosa.until_notice(backlog_words.NOTICE)
        task = await rosa.open("day_open_write")
        await rosa.submit(task, {"summary": f"- ct spoke of {WORDS}\n- reviewed thought record\n- plan: step 2"})
        draft = await rosa.until_notice(words.DRAFT_NOTICE)
        assert any(word in json.dumps(draft) for word in WORDS.split())
        following = await rosa.submit(await rosa.open("sign"))
        assert "MK-003" in json.dumps(following)
        await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
        shown = [following]
        for word, notice in (
            ("backlog", backlog_words.NOTICE),
            ("stats", numbers_words.NOTICE),
            ("home", home_words.NOTICE),
        ):
            await rosa.say(word)
            shown.append(await rosa.until_notice(notice))
    assert set(overheard(*map(json.dumps, shown))) <= {CODE}
    assert overheard(json.dumps(shown[2])) == []  # numbers do not even say a client's code
    assert overheard(logs.getvalue(), "".join(capfd.readouterr())) == []
