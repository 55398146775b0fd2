"""Who is new is asked three questions: once ever, after the card of their note, and never by two at a time."""

import asyncio
from dataclasses import replace

from bot.cards import first_words
from bot.domain.errors import Temporary
from bot.domain.ids import NoteId
from bot.domain.people import Person
from bot.workflows.desk import Desk
from bot.workflows.draft_note import draft_and_show
from bot.workflows.first_contact import ask_after_draft, ask_first
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import NORA, ROSA, SUMMARY, RecordingChat, desk


def notices(chat: RecordingChat) -> list[str]:
    return [card.notice for card in chat.cards.values()]


async def asked(at: Desk, chat: RecordingChat, who: Person | None = ROSA) -> bool:
    return await ask_first(at, {"slack": chat}, who, "slack")


async def begun(at: Desk, source: str) -> NoteId:
    return (await start_draft(at, ROSA, NewNote(SUMMARY, source, "slack"))).note_id


async def test_once_ever_however_many_ask_at_a_time() -> None:
    at, chat = desk(), RecordingChat()
    assert sorted(await asyncio.gather(*(asked(at, chat) for _ in range(4)))) == [False, False, False, True]
    assert not await asked(at, chat)
    assert notices(chat) == [first_words.NOTICE]
    async with at.database.reading(at.id) as unit:
        assert [act.act for act in await unit.audit.acts()] == ["first questions asked: rosa"]


async def test_the_card_of_the_note_comes_first() -> None:
    at, chat = desk(), RecordingChat()
    first, second = await begun(at, "slack:message:1"), await begun(at, "slack:message:2")
    assert not await asked(at, chat)
    screens = Screens(at, {"slack": chat})
    await draft_and_show(at, screens, first)
    assert not await ask_after_draft(at, screens.chats, first)
    await draft_and_show(at, screens, second)
    assert await ask_after_draft(at, screens.chats, second)
    assert notices(chat)[-1] == first_words.NOTICE
    assert len(notices(chat)) == 3


async def test_who_writes_nothing_or_is_no_one_of_ours_is_not_asked() -> None:
    at, chat = desk(), RecordingChat()
    for who in (None, NORA, replace(ROSA, active=False), replace(ROSA, accounts=())):
        assert not await asked(at, chat, who)
    assert not chat.cards


async def test_a_chat_that_did_not_take_it_is_tried_when_they_come_back() -> None:
    at, chat = desk(), RecordingChat(broken=Temporary("slack_busy"))
    assert not await asked(at, chat)
    chat.broken = None
    assert await asked(at, chat)
