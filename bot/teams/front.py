"""What every Teams handler needs: the practice's front, the chat, and meeting the people who write to the bot."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from bot.acts.front import Front
from bot.cards import words
from bot.cards.elements import Card, Form, Remark
from bot.domain.errors import EffectError, Temporary, UserMistake
from bot.domain.ids import NoteId
from bot.domain.people import Person
from bot.ports import Conversation, Posted
from bot.teams.activity import Activity
from bot.teams.blocks import Block
from bot.teams.chat import PLATFORM, TeamsChat
from bot.teams.replies import FORMS_OF_NOTES, READING, Shown
from bot.workflows.desk import open_note
from bot.workflows.find_clients import find_clients

_WAITS = (2.0, 5.0, 15.0, 60.0)  # seconds between tries, beside those of the chat itself


@dataclass(frozen=True, slots=True)
class Teams:
    """One practice in one tenant."""

    front: Front
    chat: TeamsChat
    _met: dict[str, Conversation] = field(default_factory=dict[str, Conversation])

    def actor(self, activity: Activity) -> Person | None:
        """The person of ours who acted. Raises NotAllowed for another tenant."""
        return self.front.person(activity.tenant_id, activity.user_id.lower())

    async def meet(self, activity: Activity) -> bool:
        """Remember where this person of ours is reached, so that the bot can write first: whether that is new.

        Strangers are not kept.
        """
        here = conversation_of(activity)
        if not activity.personal or self.actor(activity) is None or self._met.get(here.user) == here:
            return False
        async with self.front.desk.database.writing(self.front.desk.id) as unit:
            new = await unit.conversations.remember(here, self.front.desk.clock.now())
            await unit.commit()
        self._met[here.user] = here
        return new

    @property
    def searched(self) -> bool:
        """Whether the record knows more client codes than a form lists."""
        return self.front.desk.suggestions is not None

    async def clients(self, person: Person | None) -> list[str]:
        """The client codes this person chooses from in a form."""
        return [code for code, _ in await self.clients_like(person, "")]

    async def shown(self, person: Person | None, form: Form, page: int = 0) -> Shown:
        """A form with the client codes to choose from, where it asks for one."""
        asks_client = any(getattr(field, "name", "") == "client" for field in form.fields)
        return Shown(form, page, clients=await self.clients(person) if asks_client else (), searched=self.searched)

    async def clients_like(self, person: Person | None, typed: str) -> list[tuple[str, str]]:
        """(code, label) of the client codes that begin with what is typed; none for who writes no notes."""
        try:
            return await find_clients(self.front.desk, person, typed)
        except UserMistake:
            return []

    def say(self, activity: Activity, said: str | Card | Block) -> None:
        """Answer in the conversation at hand, later. Only in a direct one may it be about a note."""
        self.front.later.run(self._say(activity, said))

    def say_form(self, activity: Activity, shown: Shown, note_id: NoteId) -> None:
        """A form on a card of its own, in a direct conversation; it is closed when its note is over.

        One to read a signed note is closed when that note is shown the next time, at the latest for reading it again.
        """
        self.front.later.run(self._say_form(activity, shown, note_id))

    async def _say_form(self, activity: Activity, shown: Shown, note_id: NoteId) -> None:
        if shown.form.name == READING:
            with contextlib.suppress(EffectError):
                await self.front.screens.show(note_id)
        waiting = Card(shown.form.title, (Remark(words.LOADING),))
        url, conversation = activity.service_url, activity.conversation_id
        posted = await self.chat.say_in_two(url, conversation, waiting, shown.block(inline=True))
        if not note_id or shown.form.name not in FORMS_OF_NOTES | {READING}:
            return
        await self.front.screens.remember(note_id, posted, form=True)
        if shown.form.name == READING:
            return
        if (await open_note(self.front.desk, note_id)).note.locked:  # it was signed or given up meanwhile
            await self.front.screens.close_form(note_id, posted)

    async def _say(self, activity: Activity, said: str | Card | Block) -> Posted:
        """Who did not hear that something was refused believes that it was taken: this is tried for minutes."""
        reply_to = "" if activity.personal else activity.id
        for wait in _WAITS:
            try:
                return await self.chat.say(activity.service_url, activity.conversation_id, said, reply_to)
            except Temporary as error:
                await asyncio.sleep(error.retry_after or wait)
        return await self.chat.say(activity.service_url, activity.conversation_id, said, reply_to)

    def typing(self, activity: Activity) -> None:
        """Show that the bot is at work."""
        self.front.later.run(self.chat.typing(conversation_of(activity)))

    def replace(self, activity: Activity, said: Card | Block) -> None:
        """What stands from now on in the place of the message that was pressed, on every device."""
        if activity.reply_to:
            posted = Posted(PLATFORM, activity.tenant_id, activity.conversation_id, activity.reply_to)
            self.front.later.run(self.chat.replace(posted, said))


def conversation_of(activity: Activity) -> Conversation:
    """The conversation an activity came from, as one to write to."""
    return Conversation(
        PLATFORM,
        activity.tenant_id,
        activity.user_id.lower(),
        activity.conversation_id,
        activity.service_url,
        activity.bot_id,
    )
