"""Several summaries in Slack: one form, one overview, one card that leads from note to note."""

import json
from typing import Any

from bot.cards import words
from demo.driver import Person
from demo.run import Demo
from tests.slack.test_backlog import booked
from tests.slack.test_main_job import posted, text_of

TRANSCRIPT = "Therapist: how are you\nClient: fine\nTherapist: and the week?\nClient: so so\nTherapist: tell me"
TEXT = (
    f"JD-014 yesterday\nct slept 6h, zebrafinch-7731\n---\n{TRANSCRIPT}\n---\nMK-003 yesterday\nct calmer, walked daily"
)


def overview(rosa: Person) -> Any:
    return next(message for message in posted(rosa) if "drafts are ready" in message.text)


async def test_several_in_one_form_are_looked_at_one_by_one(product: Demo, rosa: Person):
    await booked(product, "LM-005")
    await rosa.command("/note", "several")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_several")
    await rosa.submit(rosa.view(), {"summaries": TEXT})
    returned = json.dumps(rosa.view().definition)
    assert "Number 2" in returned
    assert "Therapist: how are you" in returned
    assert "zebrafinch" not in returned
    await rosa.close()
    await rosa.until(lambda: [each for each in posted(rosa) if each.text == "2 summaries: 2 drafts are ready"])
    assert len(posted(rosa)) == 1
    assert "zebrafinch" not in text_of(overview(rosa))
    await rosa.click(overview(rosa), "day_review")
    await rosa.until(lambda: "zebrafinch" in text_of(posted(rosa)[-1]))
    await rosa.click(posted(rosa)[-1], "day_next_note")
    await rosa.until(lambda: "walked daily" in text_of(posted(rosa)[-1]))
    assert len(posted(rosa)) == 2
    await rosa.click(posted(rosa)[-1], "sign")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] in ("sign", "decide"))
    while rosa.view().definition["callback_id"] == "decide":
        await rosa.submit(rosa.view())
    await rosa.submit(rosa.view())
    assert not rosa.views()
    await rosa.until(lambda: len(posted(rosa)) == 3 and "zebrafinch" in text_of(posted(rosa)[2]))
    await rosa.until(lambda: posted(rosa)[1].text == words.RECEIPT_NOTICE)
    await rosa.until(lambda: "1 signed or in review" in text_of(overview(rosa)))


async def test_a_message_with_several_is_taken_for_several(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), TEXT)
    await rosa.until(lambda: [each for each in posted(rosa) if each.text == "2 summaries: 2 drafts are ready"])
    await rosa.until(lambda: [each for each in rosa.messages(rosa.dm()) if "Number 2: This looks like" in each.text])
    assert not [each for each in posted(rosa) if each.text == words.DRAFT_NOTICE]


async def test_paragraphs_of_one_message_are_one_summary(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), "JD-014 yesterday\nct slept 6h\n\nreviewed thought record\n\nplan: next week")
    await rosa.until(lambda: [each for each in posted(rosa) if each.text == words.DRAFT_NOTICE])
    await product.application.work.idle()
    assert [each.text for each in posted(rosa)].count(words.DRAFT_NOTICE) == 1
