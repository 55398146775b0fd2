"""The clinician's whole job in Teams, by signed requests: real token checks, real database, real engine."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.cards import words
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, answer_of, inputs_of, texts_of

CANARY = "zebrafinch-7731"
SUMMARY = (
    f"- ct reports sleep 6h most nights, told me about {CANARY}\n- reviewed thought record\n"
    "- ct tearful then calmer\n- denied SI\n- plan: exposure step 2 next wk"
)


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[TeamsDemo]:
    async with teams_demo(tmp_path / "home") as running:
        yield running


@pytest.fixture
def rosa(product: TeamsDemo) -> TeamsPerson:
    return TeamsPerson(product.service, 4)


async def draft(rosa: TeamsPerson, text: str = f"soap JD-014 yesterday 10:00 50min: {SUMMARY}") -> Any:
    await rosa.say(text)
    return await rosa.until_notice(words.DRAFT_NOTICE)


def title(card: Any) -> str:
    return texts_of(card)[0]


async def test_from_message_to_receipt(product: TeamsDemo, rosa: TeamsPerson):
    card = await draft(rosa)
    assert title(card).startswith("JD-014 · ")
    assert title(card).endswith(", 10:00 · 50 min · SOAP")
    for format_id, name in (("birp", "BIRP"), ("dap", "DAP"), ("soap", "SOAP")):
        answer = await rosa.press(f"format_{format_id}")
        assert answer["statusCode"] == 200
        assert title(answer["value"]).endswith(name)
        assert "Exposure step 2 next week." in texts_of(answer["value"])
        await rosa.until(lambda name=name: title(rosa.card()).endswith(name))
    answer = await rosa.press("format_menu", {"format_menu": "girp"})
    assert title(answer["value"]).endswith("GIRP")
    await rosa.press("format_soap")

    dialog = await rosa.open("edit")
    plan = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("section.plan."))
    typed = inputs_of(dialog["value"]["card"]["content"])[plan] + "\nCall the school on Monday."
    assert await rosa.submit(dialog, {plan: typed}) is None
    await rosa.until(lambda: "Call the school on Monday." in texts_of(rosa.card()))

    dialog = await rosa.open("details")
    question = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("gap."))
    assert await rosa.submit(dialog, {question: "Ct nodded and practiced twice."}) is None
    await rosa.until(lambda: "Client nodded and practiced twice." in texts_of(rosa.card()))

    why = await rosa.open("why")
    assert "denied SI" in json.dumps(why)

    dialog = await rosa.open("sign")
    assert words.ATTESTATION in json.dumps(dialog)
    assert await rosa.submit(dialog) is None
    card = await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    assert CANARY not in json.dumps(card)
    filed = {path.suffix: path for path in (product.folder / "filed-notes" / "JD-014").iterdir()}
    assert {".pdf", ".docx", ".md", ".txt", ".json"} <= set(filed)
    assert "Call the school on Monday." in filed[".txt"].read_text("utf-8")


async def test_a_stale_edit_is_refused_and_keeps_the_text(rosa: TeamsPerson):
    await draft(rosa)
    dialog = await rosa.open("edit")
    plan = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("section.plan."))
    await rosa.press("format_birp")
    task = await rosa.submit(dialog, {plan: "Typed on the second device."})
    card = task["value"]["card"]["content"]
    assert words.CHANGED_ELSEWHERE in texts_of(card)
    assert inputs_of(card)[plan] == "Typed on the second device."
    again = await rosa.submit_data(answer_of(task))
    assert words.CHANGED_ELSEWHERE in texts_of(again["value"]["card"]["content"])
    assert "Typed on the second device." not in json.dumps(rosa.card())
