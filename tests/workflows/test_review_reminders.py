"""Reviews nobody acts on: reminders, the next supervisor, administrators; once each, and never in quiet hours."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.elements import Actions, Button
from bot.domain.errors import Permanent, Temporary
from bot.domain.ids import NoteId
from bot.domain.people import Person, Role
from bot.domain.review import Comment
from bot.domain.review_times import ReviewRules
from bot.domain.roster import Member
from bot.ports import Place, Posted
from bot.workflows.desk import Desk, open_note
from bot.workflows.review_note import approve_review, request_changes, snooze_review
from bot.workflows.show_note import Screens
from tests.workflows.factories import ASSOCIATE, MIRIAM, NORA, FixedClock, RecordingChat, desk, person
from tests.workflows.test_review import acts_of, submitted

BERLIN = replace(person("berlin", Role.SUPERVISOR), timezone="Europe/Berlin")


class Office:
    """A note of the associate that waits, and its cards. It was signed on a Monday at 14:02 in Chicago."""

    def __init__(self, *others: Person, rules: ReviewRules | None = None) -> None:
        self.clock = FixedClock()
        people = (ASSOCIATE, MIRIAM, NORA, *others)
        self.desk: Desk = replace(desk(self.clock, people), reviewing=rules or ReviewRules(channels={"slack": "C1"}))
        self.chat = RecordingChat()
        self.screens = Screens(self.desk, {"slack": self.chat})
        self.posts: list[str] = []
        posting = self.chat.post

        async def post(place: Place, card):  # what makes a sound
            posted = await posting(place, card)
            self.posts.append(posted.channel)
            return posted

        self.chat.post = post
        self.note_id = NoteId("")

    async def begin(self) -> "Office":
        self.note_id = (await submitted(self.desk)).id
        await self.pass_by(0)
        self.posts.clear()
        return self

    async def pass_by(self, hours: float) -> list[str]:
        """Let time pass, and the reconciler look every hour, twice; where somebody got a new card."""
        self.posts.clear()
        until = self.clock.at + timedelta(hours=hours)
        while True:
            for _ in range(2):
                for note_id in await self.screens.due():
                    await self.screens.show(note_id)
            if self.clock.at >= until:
                return list(self.posts)
            self.clock.at = min(until, self.clock.at + timedelta(hours=1))

    async def acts(self) -> list[str]:
        return [act for act in await acts_of(self.desk, self.note_id) if act.startswith("review ")]

    def at(self, channel: str) -> list[Posted]:
        return [posted for posted in self.chat.cards if posted.channel == channel]


async def test_each_stage_comes_once_and_then_a_reminder_a_day():
    office = await Office(BERLIN, rules=ReviewRules(escalate_to=(MIRIAM.id, ASSOCIATE.id, BERLIN.id))).begin()
    assert await office.pass_by(23) == []
    assert await office.pass_by(3) == ["D-Umiriam"]
    assert await office.pass_by(21) == []
    assert await office.acts() == ["review reminded"]
    assert await office.pass_by(5) == ["D-Umiriam"]
    assert (await open_note(office.desk, office.note_id)).note.review.supervisors == (MIRIAM.id,)
    asked = await office.pass_by(40)  # Berlin's morning comes, then both are reminded
    assert set(asked) == {"D-Umiriam", "D-Uberlin"}
    assert (await open_note(office.desk, office.note_id)).note.review.supervisors == (MIRIAM.id, BERLIN.id)
    await office.pass_by(5 * 24)
    assert len(office.at("D-Unora")) == len(office.at("D-Umiriam")) == len(office.at("D-Uberlin")) == 1
    told = office.chat.cards[office.at("D-Unora")[0]]
    buttons = [
        item.action
        for row in told.elements
        if isinstance(row, Actions)
        for item in row.items
        if isinstance(item, Button)
    ]
    assert buttons == ["review_reassign"]
    acts = await office.acts()
    assert acts[:2] == ["review reminded", "review reminded"]
    assert "review escalated" in acts
    await approve_review(office.desk, MIRIAM, office.note_id, 2, [], "slack")
    await office.pass_by(24)
    assert await office.acts() == acts
    async with office.desk.database.reading(office.desk.id) as unit:
        assert await unit.cards.review_cards(office.note_id) == []


async def test_after_a_downtime_of_days_one_reminder_comes_and_not_five():
    office = await Office().begin()
    office.clock.move(hours=9 * 24)
    posts = await office.pass_by(1)
    assert sorted(posts) == ["D-Umiriam", "D-Unora"]
    assert await office.acts() == ["review escalated"]


async def test_nobody_is_reminded_at_night_or_on_a_day_off():
    quiet = await Office(rules=ReviewRules(remind_after_hours=(8,))).begin()  # at 22:02
    assert await quiet.pass_by(15) == []
    assert await quiet.pass_by(3) == ["D-Umiriam"]
    weekend = Office()
    weekend.clock.at += timedelta(days=4)  # signed on Friday
    await weekend.begin()
    assert await weekend.pass_by(2 * 24 + 20) == []
    assert await weekend.pass_by(6) == ["D-Umiriam"]


async def test_a_snoozed_review_is_left_alone_until_then():
    office = await Office().begin()
    await snooze_review(office.desk, MIRIAM, office.note_id, 40, "slack")
    assert await office.pass_by(39) == []
    assert len(await office.pass_by(4)) == 1
    assert await office.acts() == ["review snoozed", "review reminded"]


async def test_a_review_whose_supervisor_left_is_given_on_and_administrators_hear_when_nobody_is_left():
    office = await Office(BERLIN, rules=ReviewRules(escalate_to=(BERLIN.id,))).begin()
    roster, today = office.desk.roster, office.clock.at.date()
    gone = Member(replace(MIRIAM, active=False))
    roster.renew((gone,), today)
    assert await office.pass_by(0) == ["D-Uberlin"]
    assert await office.acts() == ["review reassigned"]
    roster.renew((gone, Member(replace(BERLIN, active=False))), today)
    assert await office.pass_by(0) == ["D-Unora"]
    assert await office.pass_by(0) == []
    assert await office.screens.due() == []


async def test_a_chat_that_fails_is_tried_again_and_a_deleted_card_comes_back_once():
    office = Office()
    note = await submitted(office.desk)
    office.note_id = note.id
    office.chat.broken = Temporary("slack_busy")
    with pytest.raises(Temporary):
        await office.screens.show(note.id)
    office.chat.broken = None
    await office.pass_by(0)
    assert len(office.at("C1")) == len(office.at("D-Umiriam")) == 1
    await office.chat.delete(office.at("C1")[0])
    await office.screens.show(note.id)
    await office.screens.show(note.id)
    assert len(office.at("C1")) == 1


async def test_a_channel_that_takes_nothing_keeps_no_supervisor_from_hearing(caplog):
    office = Office()
    posting = office.chat.post

    async def refused(place: Place, card):
        if place.channel:
            raise Permanent("slack_not_in_channel")
        return await posting(place, card)

    office.chat.post = refused
    note = await submitted(office.desk)
    await office.screens.show(note.id)
    assert len(office.at("D-Umiriam")) == 1
    assert "is the bot in it? (slack_not_in_channel)" in caplog.text.replace("review channel: ", "")
    assert await office.screens.due() == []  # it is tried again in an hour
    office.clock.move(hours=2)
    assert await office.screens.due() == [note.id]


async def test_cards_left_behind_by_a_process_that_died_are_found_by_the_next_one():
    office = await Office().begin()
    await request_changes(office.desk, MIRIAM, office.note_id, 2, [Comment("", "Please say more.")], "slack")
    following = Screens(office.desk, {"slack": office.chat})
    assert await following.due() == [office.note_id]
    await following.show(office.note_id)
    assert await following.due() == []


async def test_a_process_that_dies_after_posting_leaves_a_line_and_nothing_to_press():
    office = Office()
    note = await submitted(office.desk)
    posting = office.chat.post

    class Died(BaseException):
        """As when the process is ended from outside."""

    async def posted_and_died(place: Place, card):
        posted = await posting(place, card)
        if place.channel:
            raise Died
        return posted

    office.chat.post = posted_and_died
    with pytest.raises(Died):
        await office.screens.show(note.id)
    office.chat.post = posting
    following = Screens(office.desk, {"slack": office.chat})
    assert await following.due() == [note.id]
    for _ in range(2):
        await following.show(note.id)
    cards = [office.chat.cards[posted] for posted in office.at("C1")]
    assert [any(isinstance(element, Actions) for element in card.elements) for card in cards] == [False, True]
