"""The canary over a clinician's day: sessions brought in, backlog, Home, numbers, reminders, and the commands.

Its words stand in calendars' titles and remarks, in summaries, sections, comments and reasons, and come out of none of
these. Cards and reports say a client's code; logs, numbers and what notifications show do not.
"""

import asyncio
import datetime as dt
import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cards import backlog_words, numbers_words, review_words, words
from bot.cards.reminder_screens import reminder_card
from bot.cli import app
from bot.workflows.desk import Desk
from bot.workflows.remind_day import remind_all
from demo.driver import Person
from demo.run import Demo
from tests.doubles.canary import CODE, WORDS, captured_logs, overheard
from tests.slack.conftest import BRANDT, WEISS
from tests.slack.test_main_job import card, dialog, initial, posted, text_of
from tests.slack.test_reviews import HAYES, opened, waiting
from tests.workflows.factories import FixedClock, RecordingChat

SUMMARY = f"- ct spoke of {WORDS}\n- reviewed thought record\n- ct tearful then calmer\n- plan: exposure step 2"
# Two rows that are read, with remarks; then one each whose client, clinician and date are the canary.
CSV = (
    "session_id,client_code,clinician,date,start,stop,status,remark,title\n"
    "K-1,{code},delgado,{day},09:00,09:50,completed,{words},{words}\n"
    "K-2,HR-053,hayes,{day},09:00,09:50,completed,{words},{words}\n"
    "K-3,{words},delgado,{day},10:00,10:50,completed,,\n"
    "K-4,{code},{words},{day},11:00,11:50,completed,,\n"
    "K-5,{code},delgado,{words},12:00,12:50,completed,,\n"
)
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:1@example\r\n"
    "DTSTART;TZID=America/Chicago:{day}T130000\r\nDTEND;TZID=America/Chicago:{day}T135000\r\n"
    "SUMMARY:MK-003 {words}\r\nDESCRIPTION:{words}\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:2@example\r\nDTSTART;TZID=America/Chicago:{day}T140000\r\n"
    "DTEND;TZID=America/Chicago:{day}T145000\r\nSUMMARY:{words}\r\nDESCRIPTION:{words}\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)


async def test_the_canary_comes_out_nowhere_in_a_day(
    product: Demo,
    rosa: Person,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    sam, miriam = (Person(product.workspace, user) for user in (HAYES, WEISS))
    administrator = Person(product.workspace, BRANDT)
    calendars = tmp_path_factory.mktemp("calendars")  # the practice's own files, which are looked at by nobody here
    monkeypatch.setenv("AFTERNOTE_HOME", str(product.folder))
    day = product.application.desk.today(None) - dt.timedelta(days=5)
    (calendars / "sessions.csv").write_text(CSV.format(code=CODE, day=day, words=WORDS), "utf-8")
    (calendars / "sessions.ics").write_text(ICS.format(day=f"{day:%Y%m%d}", words=WORDS), "utf-8")
    with captured_logs() as logs:
        reports = [
            await command("sessions", "import", str(calendars / "sessions.csv"), *more)
            for more in (("--dry-run",), (), ("--json",))
        ]
        reports.append(await command("sessions", "import", str(calendars / "sessions.ics"), "--clinician", "delgado"))
        reports.append(await command("sessions", "import", str(calendars / f"{WORDS}.csv")))
        await rosa.command("/note", "sessions")
        await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_sessions")
        refused = await rosa.submit(rosa.view(), {"lines": f"yesterday\n{WORDS} 9:00"})
        assert "Line 2" in json.dumps(refused)
        await rosa.close(everything=True)

        await write(rosa)
        await write(sam)
        await sam.until(lambda: waiting(sam))
        view = await opened(miriam, waiting(miriam)[-1])
        on_section = next(name for name in initial(view) if name.startswith("comment."))
        await miriam.submit(view, {on_section: WORDS, "comment": WORDS, "decision": "changes"})
        await sam.until(lambda: card(sam).text == review_words.CHANGES_NOTICE, within=15)
        receipt = next(message for message in posted(rosa) if message.text == words.RECEIPT_NOTICE)
        form = await opened(rosa, receipt, "amend")
        plan = next(name for name in initial(form) if name.startswith("section.plan."))
        await rosa.submit(form, {"reason": WORDS, plan: f"Exposure step 3. {WORDS}"})
        await rosa.until(lambda: card(rosa).text == words.DRAFT_NOTICE)

        for person in (rosa, sam, administrator):
            await shown(person)
        numbers = [
            await command("stats", *more)
            for more in ((), ("--csv",), ("--json",), ("--person", "delgado"), ("--person", WORDS[:40]))
        ]
        reminders = await reminded(product.application.desk)
        await product.application.work.idle()
        logging.getLogger("afternote.reminders").debug("the log is heard to the end")
    assert "the log is heard to the end" in logs.getvalue()
    assert [report.exit_code for report in reports] == [0, 0, 0, 0, 2]
    assert [result.exit_code for result in numbers] == [0, 0, 0, 0, 2]
    assert not [word for report in reports[:4] for word in WORDS.split() if word in report.output]
    assert overheard(*(result.output for result in numbers[:4])) == []
    assert "1 notes signed" not in numbers[0].output
    assert "1 note signed" in numbers[0].output
    assert reminders
    assert overheard(*map(repr, reminders)) == []
    assert overheard(logs.getvalue(), "".join(capfd.readouterr())) == []
    sealed(product)
    assert sum(only_as_text(sent.body) for sent in product.workspace.sent) > 5


async def command(*arguments: str) -> Result:
    """What an operator sees. It has an event loop of its own, hence a thread of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env={"COLUMNS": "400"})


async def write(person: Person) -> None:
    """The next note of the backlog, with a section in one's own words, to its signature."""
    await person.command("/note", "backlog")
    await person.until(lambda: posted(person) and card(person).text == backlog_words.NOTICE)
    await person.click(card(person), "day_open_write")
    await person.until(lambda: person.views() and person.view().definition["callback_id"] == "day_write")
    await person.submit(person.view(), {"summary": SUMMARY})
    await person.until(lambda: card(person).text == words.DRAFT_NOTICE, within=15)
    form = await dialog(person, "edit", "edit")
    plan = next(name for name in initial(form) if name.startswith("section.plan."))
    await person.submit(form, {plan: f"{initial(form)[plan]}\nAsk about {WORDS}."})
    await person.until(lambda: "Ask about" in text_of(card(person)))
    await person.click(card(person), "sign")
    await person.until(lambda: person.views() and person.view().definition["callback_id"] in ("sign", "decide"))
    for _ in range(3):
        if person.views() and person.view().definition["callback_id"] in ("sign", "decide"):
            await person.submit(person.view())
    if person.views():  # the next one is offered
        await person.close(everything=True)
    noticed = (words.RECEIPT_NOTICE, review_words.IN_REVIEW_NOTICE)
    await person.until(lambda: card(person).text in noticed, within=15)


async def shown(person: Person) -> None:
    """Home, the backlog and the numbers: codes and counts."""
    await person.open_home()
    await person.until(lambda: person.home() is not None)
    seen: list[Any] = [person.home()]
    for word, notice in (("backlog", backlog_words.NOTICE), ("stats", numbers_words.NOTICE)):
        before = len(posted(person))
        await person.command("/note", word)
        if person.id == BRANDT and word == "backlog":  # writes no notes
            continue
        await person.until(lambda before=before: len(posted(person)) > before)
        assert card(person).text == notice
        seen.append(card(person))
    for each in seen:
        said = json.dumps(each.definition if hasattr(each, "definition") else each.blocks, ensure_ascii=False)
        assert not [word for word in WORDS.split() if word in said]


async def reminded(desk: Desk) -> list[Any]:
    """What is sent on the next working day at the end of it."""
    chat, start = RecordingChat(), dt.datetime.now(dt.UTC).replace(hour=23, minute=35)
    for ahead in range(8):
        if await remind_all(replace(desk, clock=FixedClock(start + dt.timedelta(days=ahead))), {"slack": chat}, "w"):
            break
    return [*chat.cards.values(), reminder_card(3, 1)]


def sealed(product: Demo) -> None:
    """In no file that is Afternote's own: not in the database, and not in what the engine keeps of a job."""
    for path in product.folder.rglob("*"):
        if path.is_file() and "filed-notes" not in path.parts:
            heard = overheard(path.read_bytes().decode("latin-1"))  # as base64, too, in which jobs may be kept
            assert set(heard) <= {CODE}, path.name


def only_as_text(body: bytes) -> bool:
    """Whether the canary stands in it: then in text that nothing parses and in what is typed, and nowhere else."""
    if not _hears(body.decode()):
        return False
    sent = json.loads(body)
    view = sent.get("view") or {}
    view = json.loads(view) if isinstance(view, str) else view
    blocks = sent.get("blocks") or view.get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    for block in blocks:
        assert block["type"] in ("rich_text", "input") or not _hears(json.dumps(block)), block["type"]
        assert not _hears(str(block.get("block_id")))
    rest = {key: value for key, value in sent.items() if key not in ("blocks", "view")}
    assert not _hears(json.dumps(rest))
    assert not _hears(json.dumps({key: value for key, value in view.items() if key != "blocks"}))
    return True


def _hears(text: str) -> bool:
    return any(word in text for word in WORDS.split())
