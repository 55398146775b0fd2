"""How cards reach Teams: where to, in which order, and what happens when Teams is busy, slow, or has lost the card."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest

from bot.cards.elements import Card, Prose
from bot.domain.errors import EffectError, NotFound, Permanent, Temporary
from bot.domain.ids import NoteId
from bot.domain.people import Account
from bot.ports import Conversation, Database, Place, Posted
from bot.teams.chat import CARD_TYPE, TeamsChat
from bot.teams.outgoing import Outgoing
from bot.teams.render import render_card
from bot.workflows.arrange_note import arrange_note
from bot.workflows.desk import Desk
from bot.workflows.draft_note import draft_note
from bot.workflows.revise_note import discard_note
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from tests.doubles.memory_uow import MemoryDatabase
from tests.workflows import factories
from tests.workflows.factories import CANARY, SUMMARY, FixedClock

OURS, TENANT = factories.desk().id, "tenant-1"
ROSA, OMAR = "aad-rosa", "aad-omar"
AT_ROSAS, AT_OMARS = Place("teams", ROSA), Place("teams", OMAR)
BUSY = Temporary("teams_busy")


@dataclass
class Teams:
    """Stands in for Microsoft's connector: keeps what stands, and fails with what `faults` holds, one a call."""

    standing: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str, str]] = field(default_factory=list)  # what, service URL, conversation or person
    typed: list[str] = field(default_factory=list)
    faults: list[EffectError] = field(default_factory=list)
    takes: float = 0.0
    lost: int = 0  # messages whose answer does not come
    under_way: int = 0
    most_at_a_time: int = 0
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def send(self, service_url: str, conversation_id: str, activity: Mapping[str, Any]) -> str:
        await self._called("send", service_url, conversation_id)
        if activity["type"] == "typing":
            self.typed.append(conversation_id)
            return ""
        activity_id = f"{next(self._ids)}"
        self.standing[conversation_id, activity_id] = activity
        if self.lost:
            self.lost -= 1
            raise Temporary("teams_unreachable")
        return activity_id

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: Mapping[str, Any]
    ) -> None:
        await self._called("update", service_url, conversation_id)
        self._expect(conversation_id, activity_id)
        self.standing[conversation_id, activity_id] = activity

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> None:
        await self._called("delete", service_url, conversation_id)
        self._expect(conversation_id, activity_id)
        del self.standing[conversation_id, activity_id]

    async def open_conversation(self, service_url: str, tenant_id: str, bot_id: str, user_id: str) -> str:
        await self._called("open", service_url, user_id)
        assert (tenant_id, bot_id) == (TENANT, "28:bot")
        return f"a:{user_id}"

    async def begin_thread(
        self, service_url: str, tenant_id: str, bot_id: str, channel_id: str, activity: Mapping[str, Any]
    ) -> tuple[str, str]:
        await self._called("thread", service_url, channel_id)
        assert (tenant_id, bot_id) == (TENANT, "28:bot")
        message = f"{next(self._ids)}"
        thread = f"{channel_id};messageid={message}"
        self.standing[thread, message] = activity
        return thread, message

    async def _called(self, what: str, service_url: str, where: str) -> None:
        self.calls.append((what, service_url, where))
        self.under_way += 1
        self.most_at_a_time = max(self.most_at_a_time, self.under_way)
        await asyncio.sleep(self.takes)
        self.under_way -= 1
        if self.faults:
            raise self.faults.pop(0)

    def _expect(self, conversation_id: str, activity_id: str) -> None:
        if (conversation_id, activity_id) not in self.standing:
            raise Permanent("teams_gone")


@pytest.fixture
def teams() -> Teams:
    return Teams()


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def chat(teams: Teams, database: MemoryDatabase) -> TeamsChat:
    return chat_on(teams, database)


def chat_on(teams: Teams, database: MemoryDatabase, outgoing: Outgoing | None = None) -> TeamsChat:
    return TeamsChat(teams, database, OURS, TENANT, FixedClock(), outgoing or Outgoing(waits=(0.01, 0.02)))


def conversation(user: str = ROSA, tenant: str = TENANT, service_url: str = "https://one.example/") -> Conversation:
    return Conversation("teams", tenant, user, f"a:{user}", service_url, "28:bot")


async def met(database: Database, *conversations: Conversation) -> None:
    async with database.writing(OURS) as unit:
        for each in conversations:
            await unit.conversations.remember(each, FixedClock().now())
        await unit.commit()


def card(words: str = f"Mood better, {CANARY}.") -> Card:
    return Card("A draft is ready.", (Prose("Report", (words,)),))


async def test_a_card_goes_to_the_persons_own_conversation(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation(ROSA), conversation(OMAR, service_url="https://two.example/"))
    posted = await chat.post(AT_ROSAS, card())
    assert posted == Posted("teams", TENANT, "a:aad-rosa", "1")
    assert teams.calls == [(what, "https://one.example/", "a:aad-rosa") for what in ("send", "update")]


async def test_what_may_stand_there_twice_holds_nothing(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    """The answer to the first message is lost: it is sent again, and nobody knows of the one that arrived."""
    await met(database, conversation())
    teams.lost = 1
    posted = await chat.post(AT_ROSAS, card())
    orphans = {where: said for where, said in teams.standing.items() if where != (posted.channel, posted.ts)}
    assert len(orphans) == 1
    assert CANARY not in str(orphans)
    assert CANARY in str(teams.standing)


async def test_only_the_notice_stands_beside_the_card(chat: TeamsChat, teams: Teams, database: MemoryDatabase) -> None:
    await met(database, conversation())
    posted = await chat.post(AT_ROSAS, card())
    assert teams.standing[posted.channel, posted.ts] == {
        "type": "message",
        "summary": "A draft is ready.",
        "attachments": [{"contentType": CARD_TYPE, "content": render_card(card())}],
    }
    assert CANARY in str(teams.standing)


@pytest.mark.parametrize("known", [(), (conversation(OMAR, tenant="tenant-2"),), (conversation(ROSA, "tenant-2"),)])
async def test_nobody_is_reached_through_no_or_another_tenants_conversation(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase, known: tuple[Conversation, ...]
) -> None:
    await met(database, *known)
    with pytest.raises(Permanent, match="teams_no_conversation"):
        await chat.post(AT_ROSAS, card())
    assert teams.calls == []


async def test_who_has_not_met_the_bot_is_reached_where_a_colleague_is_and_remembered(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation(ROSA))
    posted = await chat.post(AT_OMARS, card())
    assert posted == Posted("teams", TENANT, "a:aad-omar", "1")
    await chat_on(teams, database).post(AT_OMARS, card())  # after a restart
    assert [what for what, _, _ in teams.calls] == ["open", "send", "update", "send", "update"]
    async with database.reading(OURS) as unit:
        assert await unit.conversations.of_user("teams", OMAR) == conversation(OMAR)


async def test_an_opening_that_is_refused_says_that_there_is_no_conversation(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation(ROSA))
    teams.faults = [Permanent("teams_403")]
    with pytest.raises(Permanent, match="teams_no_conversation"):
        await chat.post(AT_OMARS, card())
    teams.faults = [BUSY] * 3
    with pytest.raises(Temporary, match="teams_busy"):
        await chat.post(AT_OMARS, card())
    async with database.reading(OURS) as unit:
        assert await unit.conversations.of_user("teams", OMAR) is None


async def test_a_card_is_replaced_until_somebody_deletes_it(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation())
    posted = await chat.post(AT_ROSAS, card())
    assert await chat.update(posted, card("Filed."))
    assert "Filed." in str(teams.standing)
    assert CANARY not in str(teams.standing)
    await chat.delete(posted)
    assert teams.standing == {}
    assert not await chat.update(posted, card())
    await chat.delete(posted)


async def test_a_card_is_found_after_its_conversation_moved(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation())
    posted = await chat.post(AT_ROSAS, card())
    await chat.update(posted, card())
    await met(database, conversation(service_url="https://two.example/"))
    teams.faults = [Permanent("teams_403")]
    with pytest.raises(Permanent, match="teams_403"):
        await chat.update(posted, card())
    assert await chat.update(posted, card())
    assert [url for what, url, _ in teams.calls if what == "update"] == [
        "https://one.example/",
        "https://one.example/",
        "https://one.example/",
        "https://two.example/",
    ]


async def test_a_card_whose_person_moved_on_is_reached_through_the_tenant(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation(OMAR))
    assert not await chat.update(Posted("teams", TENANT, "a:former", "1"), card())
    assert teams.calls == [("update", "https://one.example/", "a:former")]


Step = Callable[[TeamsChat, Posted], Awaitable[object]]
STEPS: list[Step] = [
    lambda chat, posted: chat.post(AT_ROSAS, card()),
    lambda chat, posted: chat.update(posted, card()),
    lambda chat, posted: chat.delete(posted),
    lambda chat, posted: chat.say("https://one.example/", posted.channel, "Ready."),
]


@pytest.mark.parametrize("step", STEPS, ids=["post", "update", "delete", "say"])
@pytest.mark.parametrize(
    ("faults", "tries", "raised"),
    [
        ([BUSY, BUSY], 3, None),
        ([BUSY, BUSY, BUSY], 3, "teams_busy"),
        ([Temporary("teams_unreachable"), Temporary("teams_busy", 0.01)], 3, None),
        ([Temporary("teams_busy", 60.0)], 1, "teams_busy"),
        ([Temporary("teams_timeout")], 1, "teams_timeout"),
        ([Permanent("teams_403")], 1, "teams_403"),
    ],
    ids=["busy", "too busy", "unreachable", "told to wait long", "answer lost", "refused"],
)
async def test_what_passes_is_tried_again(
    chat: TeamsChat,
    teams: Teams,
    database: MemoryDatabase,
    step: Step,
    faults: list[EffectError],
    tries: int,
    raised: str | None,
) -> None:
    await met(database, conversation())
    posted = await chat.post(AT_ROSAS, card())
    teams.calls, teams.faults = [], list(faults)
    if raised is None:
        await step(chat, posted)
    else:
        with pytest.raises(EffectError, match=raised) as caught:
            await step(chat, posted)
        assert CANARY not in str(caught.value)
        assert getattr(caught.value, "retry_after", None) == getattr(faults[-1], "retry_after", None)
    brought = step is STEPS[0] and raised is None  # a posted card is brought by an update
    assert len(teams.calls) == tries + brought


async def test_teams_own_wait_is_kept(chat: TeamsChat, teams: Teams, database: MemoryDatabase) -> None:
    await met(database, conversation())
    teams.faults = [Temporary("teams_busy", 0.2)]
    began = time.monotonic()
    await chat.post(AT_ROSAS, card())
    assert time.monotonic() - began >= 0.2


async def test_in_a_conversation_nothing_is_overtaken_and_others_do_not_wait(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation(ROSA), conversation(OMAR))
    posted = await chat.post(AT_ROSAS, card())
    teams.calls, teams.faults = [], [Temporary("teams_busy", 0.1)]
    updates = [asyncio.create_task(chat.update(posted, card(words))) for words in ("First.", "Second.")]
    await asyncio.sleep(0)
    await chat.post(AT_OMARS, card())
    assert not any(update.done() for update in updates)
    assert all(await asyncio.gather(*updates))
    assert [where for _, _, where in teams.calls] == ["a:aad-rosa", *["a:aad-omar"] * 2, *["a:aad-rosa"] * 2]
    assert "Second." in str(teams.standing[posted.channel, posted.ts])


async def test_few_calls_at_a_time_and_no_more_a_second_than_agreed() -> None:
    teams, database = Teams(takes=0.01), MemoryDatabase()
    people = [f"aad-{number}" for number in range(30)]
    await met(database, *(conversation(user) for user in people))
    chat = chat_on(teams, database, Outgoing(per_second=100, at_a_time=4))
    began = time.monotonic()
    await asyncio.gather(*(chat.post(Place("teams", user), card()) for user in people))
    assert time.monotonic() - began >= 0.2  # ten at once, the other twenty 10 ms apart
    assert teams.most_at_a_time <= 4
    assert len(teams.standing) == 30


async def test_typing_is_a_courtesy(chat: TeamsChat, teams: Teams, caplog: pytest.LogCaptureFixture) -> None:
    await chat.typing(conversation())
    assert teams.typed == ["a:aad-rosa"]
    teams.faults = [BUSY]
    with caplog.at_level("INFO"):
        await chat.typing(conversation())
    assert len(teams.calls) == 2
    assert "Temporary(teams_busy)" in caplog.text


async def test_a_sentence_is_said_as_it_was_written(chat: TeamsChat, teams: Teams) -> None:
    posted = await chat.say("https://one.example/", "19:group", "See our *direct* chat.", reply_to="7")
    assert posted == Posted("teams", TENANT, "19:group", "1")
    assert teams.standing[posted.channel, posted.ts] == {
        "type": "message",
        "text": "See our *direct* chat.",
        "textFormat": "plain",
        "replyToId": "7",
    }


async def test_a_card_said_in_a_conversation_can_be_replaced_later(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation())
    posted = await chat.say("https://one.example/", "a:aad-rosa", card("Drafting…"))
    assert await chat.update(posted, card("Here it is."))
    assert "Here it is." in str(teams.standing[posted.channel, posted.ts])


async def test_logs_hold_nothing_of_a_card(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    await met(database, conversation())
    with caplog.at_level("DEBUG"):
        posted = await chat.post(AT_ROSAS, card())
        teams.standing.clear()
        assert not await chat.update(posted, card())
    assert "card is gone" in caplog.text
    assert CANARY not in caplog.text


async def new_note(desk: Desk) -> NoteId:
    """A drafted note of Rosa's, who is in Teams only."""
    started = await start_draft(desk, desk.practice.people[0], NewNote(SUMMARY, "teams:1", "teams", "soap", "JD-014"))
    await draft_note(desk, started.note_id)
    return started.note_id


@pytest.fixture
def desk(database: MemoryDatabase) -> Desk:
    rosa = replace(factories.ROSA, accounts=(Account("teams", ROSA),))
    return replace(factories.desk(people=(rosa,)), database=database)


@pytest.fixture
def screens(desk: Desk, chat: TeamsChat) -> Screens:
    return Screens(desk, {"teams": chat})


async def test_a_note_shown_many_times_at_once_is_one_card(screens: Screens, desk: Desk, teams: Teams) -> None:
    await met(desk.database, conversation())
    note_id, teams.takes = await new_note(desk), 0.01
    await asyncio.gather(*(screens.show(note_id) for _ in range(5)))
    assert [what for what, _, _ in teams.calls] == ["send", "update", "update"]
    assert len(teams.standing) == 1
    assert CANARY in str(teams.standing)


async def test_who_asks_while_a_note_is_shown_sees_what_it_is_by_then(
    screens: Screens, desk: Desk, teams: Teams
) -> None:
    await met(desk.database, conversation())
    note_id, teams.takes = await new_note(desk), 0.02
    shown = [asyncio.create_task(screens.show(note_id))]
    for format_id in ("dap", "girp", "birp"):
        await asyncio.sleep(0.005)
        await arrange_note(desk, desk.practice.people[0], note_id, format_id, "teams")
        shown.append(asyncio.create_task(screens.show(note_id)))
    await asyncio.gather(*shown)
    assert [what for what, _, _ in teams.calls] == ["send", "update", "update"]
    assert "✓ BIRP" in str(teams.standing)


async def test_a_showing_that_failed_serves_nobody_who_waits(screens: Screens, desk: Desk, teams: Teams) -> None:
    await met(desk.database, conversation())
    note_id, teams.takes = await new_note(desk), 0.01
    teams.faults.extend([Permanent("teams_403"), Permanent("teams_403")])
    outcomes = await asyncio.gather(*(screens.show(note_id) for _ in range(4)), return_exceptions=True)
    assert [isinstance(outcome, Permanent) for outcome in outcomes] == [True, True, False, False]
    assert [what for what, _, _ in teams.calls] == ["send", "send", "send", "update"]


async def test_a_note_whose_card_was_deleted_gets_a_new_one_that_is_kept(
    screens: Screens, desk: Desk, teams: Teams
) -> None:
    await met(desk.database, conversation())
    note_id = await new_note(desk)
    await screens.show(note_id)
    teams.standing.clear()
    await screens.show(note_id)
    await screens.show(note_id)
    assert list(teams.standing) == [("a:aad-rosa", "2")]


async def test_the_card_that_was_said_first_becomes_the_note(
    screens: Screens, desk: Desk, chat: TeamsChat, teams: Teams
) -> None:
    await met(desk.database, conversation())
    said = await chat.say("https://one.example/", "a:aad-rosa", card("Drafting…"))
    note_id = await new_note(desk)
    await screens.show(note_id, said)
    await screens.show(note_id)
    assert list(teams.standing) == [(said.channel, said.ts)]
    assert CANARY in str(teams.standing)


async def test_a_note_that_is_not_there_or_anothers_leaves_nothing_to_do(
    screens: Screens, desk: Desk, teams: Teams
) -> None:
    await met(desk.database, conversation())
    note_id = await new_note(desk)
    with pytest.raises(NotFound):
        await screens.show(NoteId("n0000000000000000"))
    await screens.show(note_id, Posted("teams", TENANT, "a:stranger", "1"), factories.TOBIAS.id)
    assert (screens.behind, teams.calls) == (set(), [])
    async with desk.database.reading(OURS) as unit:
        assert await unit.cards.of(note_id) == []


async def test_what_teams_did_not_take_is_shown_later(screens: Screens, desk: Desk, teams: Teams) -> None:
    await met(desk.database, conversation())
    note_id = await new_note(desk)
    teams.faults = [Temporary("teams_busy", 30.0)]
    with pytest.raises(Temporary) as caught:
        await screens.show(note_id)
    assert caught.value.retry_after == 30.0
    assert screens.behind == {note_id}
    await screens.show(note_id)
    assert screens.behind == set()
    assert len(teams.standing) == 1


async def test_a_discarded_note_leaves_no_words_of_the_client(screens: Screens, desk: Desk, teams: Teams) -> None:
    await met(desk.database, conversation())
    note_id = await new_note(desk)
    await screens.show(note_id)
    await discard_note(desk, desk.practice.people[0], note_id, "teams")
    await screens.show(note_id)
    assert len(teams.standing) == 1
    assert CANARY not in str(teams.standing)


async def test_a_channel_gets_a_thread_of_its_own_whose_address_is_kept_whole(
    chat: TeamsChat, teams: Teams, database: MemoryDatabase
) -> None:
    await met(database, conversation())
    posted = await chat.post(Place("teams", "", "19:reviews@thread.tacv2"), card("Waits for review"))
    assert posted == Posted("teams", TENANT, "19:reviews@thread.tacv2;messageid=1", "1")
    assert [what for what, _, _ in teams.calls] == ["thread", "update"]
    assert await chat.update(posted, card("Approved"))
    assert "Approved" in str(teams.standing[posted.channel, posted.ts])


async def test_a_channel_of_a_tenant_where_nobody_met_the_bot_is_out_of_reach(chat: TeamsChat) -> None:
    with pytest.raises(Permanent, match="teams_no_conversation"):
        await chat.post(Place("teams", "", "19:reviews@thread.tacv2"), card())
