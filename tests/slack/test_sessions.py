"""Sessions in Slack: the demo's samples at one click, and a calendar's file that is sent to the bot."""

import datetime as dt
import json

from _pytest.logging import LogCaptureFixture as Caplog

from bot.cards import sessions_words, words
from bot.domain.ids import PersonId
from bot.slack.files import MOST_BYTES
from demo.driver import Person
from demo.run import Demo
from tests.slack.conftest import WEISS


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


TABLE = (
    "session_id,client_code,clinician,date,start,stop\n"
    "A-1,JD-014,,2026-11-19,09:00,09:50\n"
    "A-2,MK-003,,2026-11-19,09:30,\n"
    "A-3,,,2026-11-19,11:00,11:50\n"
    "A-4,JD-014,weiss,2026-11-19,12:00,12:50\n"
)


def sent(name: str, content: str = TABLE, mimetype: str = "text/csv") -> list[dict[str, str]]:
    return [{"name": name, "mimetype": mimetype, "content": content}]


async def on_list(product: Demo) -> int:
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        since, until = dt.datetime(2026, 11, 1, tzinfo=dt.UTC), dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
        return len(await unit.appointments.between(PersonId("delgado"), since, until, 100))


async def test_a_table_is_told_about_and_put_on_the_list_at_a_press(product: Demo, rosa: Person, caplog: Caplog):
    caplog.set_level("DEBUG")
    await rosa.say(rosa.dm(), "", sent("canary-clients.csv"))
    await rosa.until(lambda: rosa.messages()[-1].text == sessions_words.PREVIEW_NOTICE)
    card = rosa.messages()[-1]
    shown = json.dumps(card.blocks, ensure_ascii=False)
    assert "3 rows read: 2 new, 1 not read." in shown
    assert f"{sessions_words.ODD['no_end']}" in shown
    assert sessions_words.NOT_YET in shown
    assert await on_list(product) == 0
    await rosa.click(card, "day_sessions_file")
    await rosa.until(lambda: rosa.messages()[-1].text == sessions_words.NOTICE)
    assert "3 sessions read: 2 new, 1 not read." in json.dumps(rosa.messages()[-1].blocks, ensure_ascii=False)
    assert await on_list(product) == 2
    await rosa.click(card, "day_sessions_file")
    await rosa.until(lambda: "2 there already" in json.dumps(rosa.messages()[-1].blocks))
    assert await on_list(product) == 2
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("afternote"))
    assert "JD-014" not in logged
    assert "canary" not in logged
    kept = [path for path in product.folder.rglob("*") if path.is_file() and b"canary-clients" in path.read_bytes()]
    assert kept == []


async def test_a_calendar_is_read_too_and_a_summary_beside_it_is_still_a_summary(product: Demo, rosa: Person):
    event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261119T150000Z\r\nSUMMARY:JD-014\r\nEND:VEVENT\r\n"
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n"
    summary = "JD-014 2026-11-20 50min\n- ct slept 6h\n- reviewed thought record\n- plan: next wk"
    await rosa.say(rosa.dm(), summary, sent("week.ics", calendar, "text/calendar"))
    await rosa.until(
        lambda: {sessions_words.PREVIEW_NOTICE, words.DRAFT_NOTICE} <= {message.text for message in rosa.messages()}
    )
    card = next(message for message in rosa.messages() if message.text == sessions_words.PREVIEW_NOTICE)
    assert "1 row read: 1 new." in json.dumps(card.blocks)


async def test_another_kind_of_file_and_what_is_none_inside_get_a_sentence(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), "", sent("plan.xlsx", "PK\x03\x04", "application/octet-stream"))
    await rosa.until(lambda: sessions_words.OTHER_FILE in [message.text for message in rosa.messages()])
    await rosa.say(rosa.dm(), "", sent("list.csv", "%PDF-1.7 nothing"))
    await rosa.until(lambda: sessions_words.NO_CALENDAR in [message.text for message in rosa.messages()])
    await rosa.say(rosa.dm(), "", sent("list.csv", TABLE + "x" * MOST_BYTES))
    await rosa.until(lambda: any("larger than 2 MB" in message.text for message in rosa.messages()))
    assert await on_list(product) == 0


async def test_nobody_puts_another_ones_file_on_a_list_and_a_scope_that_lacks_is_named(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), "", sent("list.csv"))
    await rosa.until(lambda: rosa.messages()[-1].text == sessions_words.PREVIEW_NOTICE)
    weiss = Person(product.workspace, WEISS)
    theirs = product.workspace.post(
        weiss.dm(), product.workspace.app.bot_user_id, "Card", rosa.messages()[-1].blocks, bot=True
    )
    await weiss.click(theirs, "day_sessions_file")
    await weiss.until(lambda: sessions_words.NOT_YOUR_FILE in [message.text for message in weiss.messages()])
    product.workspace.faults.add("files.info", "error", "missing_scope")
    await rosa.click(rosa.messages()[-1], "day_sessions_file")
    await rosa.until(lambda: sessions_words.NO_FILE_ACCESS in [message.text for message in rosa.messages()])
    assert await on_list(product) == 0
