"""A sitting in Slack: the backlog, the next session written without a date, the next one offered on signing."""

import datetime as dt
import json

from bot.cards import backlog_words, words
from bot.domain.appointments import Appointment
from bot.domain.ids import PersonId, new_appointment_id
from bot.domain.note import Session
from demo.driver import Person
from demo.run import Demo
from tests.slack.test_main_job import SUMMARY, card, posted

DAY = dt.timedelta(days=1)
CODES = ("JD-014", "MK-003", "LM-005")


async def booked(product: Demo, *codes: str) -> list[Appointment]:
    """Sessions of the last days on the clinician's list, the first the longest ago."""
    desk = product.application.desk
    today, sessions = desk.today(None), []
    async with desk.database.writing(desk.id) as unit:
        for number, code in enumerate(codes):
            session = Session(today - (9 - number) * DAY, dt.time(10), 50)
            due = desk.due_of(PersonId("delgado"), code, session)
            found = Appointment(new_appointment_id(), PersonId("delgado"), code, session, "America/Chicago", due_at=due)
            await unit.appointments.add(found, desk.clock.now())
            sessions.append(found)
        await unit.commit()
    return sessions


async def shown(rosa: Person) -> str:
    await rosa.command("/note", "backlog")
    await rosa.until(lambda: posted(rosa) and card(rosa).text == backlog_words.NOTICE)
    return json.dumps(card(rosa).blocks, ensure_ascii=False)


async def test_a_sitting_of_three_notes_without_typing_a_date(product: Demo, rosa: Person):
    await booked(product, *CODES)
    text = await shown(rosa)
    assert "3 sessions wait for their notes, " in text
    assert "of them overdue: 3 no summary yet." in text
    await rosa.click(card(rosa), "day_open_write")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_write")
    for number, code in enumerate(CODES, 1):
        form = rosa.view()
        assert code in json.dumps(form.definition)
        await rosa.submit(form, {"summary": f"{SUMMARY}\n- session number {number}"})
        drafts = [message for message in posted(rosa) if message.text == words.DRAFT_NOTICE]
        await rosa.until(
            lambda code=code: card(rosa).text == words.DRAFT_NOTICE and code in json.dumps(card(rosa).blocks)
        )
        assert len(drafts) <= number
        assert ", 10:00 · 50 min" in card(rosa).blocks[0]["text"]["text"]
        await rosa.click(card(rosa), "sign")
        await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] in ("sign", "decide"))
        while rosa.view().definition["callback_id"] == "decide":
            await rosa.submit(rosa.view())
        await rosa.submit(rosa.view())
        if number == len(CODES):
            break
        await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_next")
        assert CODES[number] in json.dumps(rosa.view().definition)
        await rosa.submit(rosa.view())
        assert rosa.view().definition["callback_id"] == "day_write"
    await rosa.until(lambda: not rosa.views())
    text = await shown(rosa)
    assert backlog_words.NOTHING in text
    assert "3 of 3 sessions" in text


async def test_a_no_show_is_a_brief_note_at_one_click(product: Demo, rosa: Person):
    await booked(product, "JD-014")
    await shown(rosa)
    await rosa.click(card(rosa), "day_no_show")
    await rosa.until(lambda: words.DRAFT_NOTICE in [message.text for message in posted(rosa)])
    draft = next(message for message in posted(rosa) if message.text == words.DRAFT_NOTICE)
    assert "did not attend" in json.dumps(draft.blocks)
    assert "no-show" in draft.blocks[0]["text"]["text"].casefold()


async def test_a_session_that_needs_no_note_leaves_and_comes_back(product: Demo, rosa: Person):
    await booked(product, "JD-014")
    await shown(rosa)
    await rosa.click(card(rosa), "day_set_aside")
    await rosa.until(lambda: "no note needed" in json.dumps(card(rosa).blocks))
    await rosa.click(card(rosa), "day_take_up")
    await rosa.until(lambda: "1 session waits" in json.dumps(card(rosa).blocks))
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        acts = [act.act for act in await unit.audit.acts()]
    assert acts[-2:] == ["session set aside", "session taken up"]


async def test_numbers_are_shown_with_their_chart(product: Demo, rosa: Person):
    await booked(product, *CODES)
    await rosa.command("/note", "stats")
    await rosa.until(lambda: posted(rosa) and card(rosa).text == "Your numbers")
    text = json.dumps(card(rosa).blocks, ensure_ascii=False)
    assert "3 waiting for a note now" in text
    assert not any(code in text for code in CODES)


async def test_sessions_are_typed_a_line_each_and_a_wrong_line_loses_nothing(product: Demo, rosa: Person):
    await rosa.command("/note", "sessions")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_sessions")
    answer = await rosa.submit(rosa.view(), {"lines": "yesterday\nJD-014 9:00 50\nJane Doe 10:00"})
    assert "Line 3" in json.dumps(answer)
    assert "Jane" not in json.dumps(answer)
    assert rosa.views()
    await rosa.submit(rosa.view(), {"lines": "yesterday\nJD-014 9:00 50\nMK-003 10:00 45min"})
    await rosa.until(lambda: posted(rosa) and "2 new" in json.dumps(card(rosa).blocks))
    await rosa.click(card(rosa), "day_backlog")
    await rosa.until(lambda: "2 sessions wait" in json.dumps(card(rosa).blocks))


async def test_home_shows_what_waits_and_opens_the_next_one(product: Demo, rosa: Person):
    await booked(product, *CODES)
    await rosa.open_home()
    await rosa.until(lambda: rosa.home() is not None)
    home = rosa.home()
    assert home is not None
    assert "3 sessions wait" in json.dumps(home.definition)
    await rosa.click(home, "day_open_write")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_write")
    assert CODES[0] in json.dumps(rosa.view().definition)


async def test_a_press_on_home_renews_home(product: Demo, rosa: Person):
    await booked(product, *CODES)
    await rosa.open_home()
    await rosa.until(lambda: rosa.home() is not None)
    home = rosa.home()
    assert home is not None
    assert "Your notes begin as SOAP. You are reminded at 17:30" in json.dumps(home.definition)
    await rosa.click(home, "day_set_aside")
    await rosa.until(lambda: "2 sessions wait" in json.dumps(rosa.home().definition))  # type: ignore[union-attr]
    await rosa.until(lambda: posted(rosa) and "no note needed" in json.dumps(card(rosa).blocks))
    await rosa.click(card(rosa), "day_take_up")
    await rosa.until(lambda: "3 sessions wait" in json.dumps(card(rosa).blocks))
