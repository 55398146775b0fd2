"""What every Slack handler needs: whose practice this is, who acts, and how to open, refresh and explain."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import logging
from dataclasses import dataclass, field

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import words
from bot.cards.elements import Form
from bot.cards.forms import loading_form, message_form
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.ids import NoteId
from bot.domain.people import Person
from bot.ports import Posted, Work
from bot.slack.inbound import Payload, Sender, parse_sender
from bot.slack.later import Later
from bot.slack.render import Block, render_form
from bot.workflows.desk import Desk
from bot.workflows.show_note import Screens

_log = logging.getLogger("afternote.slack")
VIA = "slack"
_CLOSED = frozenset({"not_found", "hash_conflict"})


@dataclass(frozen=True, slots=True)
class Front:
    """One practice in one Slack workspace."""

    desk: Desk
    work: Work
    screens: Screens
    later: Later = field(default_factory=Later)

    def sender(self, body: Payload) -> tuple[Sender, Person | None]:
        """Who acts, and the person of ours that is. Raises NotAllowed for another workspace."""
        sender = parse_sender(body)
        if sender.team_id != self.screens.workspace:
            raise NotAllowed("other_workspace", words.NOT_ON_ROSTER)
        return sender, self.desk.practice.by_slack_user(sender.user_id)

    def refresh(self, note_id: NoteId, card: tuple[str, str] | None, sender: Sender) -> None:
        """Show the note's cards as they should be: at once, or durably when Slack does not answer."""
        also = Posted(VIA, sender.team_id, *card) if card else None
        self.later.run(self.screens.show(note_id, also), lambda: self.work.show(self.desk.id, note_id))


async def open_loading(client: AsyncWebClient, trigger_id: str, title: str) -> tuple[str, str]:
    """Open a dialog before anything is looked up; Slack gives three seconds. Returns its id and hash."""
    answer = await client.views_open(trigger_id=trigger_id, view=render_form(loading_form(title)))
    view: Block = answer.get("view") or {}
    return str(view["id"]), str(view["hash"])


async def fill(client: AsyncWebClient, view_id: str, view_hash: str, form: Form) -> None:
    """Put the real content in a dialog that was opened as `loading`; one that is closed or replaced is left alone."""
    try:
        await client.views_update(view_id=view_id, hash=view_hash, view=render_form(form))
    except SlackApiError as error:
        if error.response.get("error") not in _CLOSED:
            raise


async def refuse_in(client: AsyncWebClient, view_id: str, view_hash: str, title: str, mistake: UserMistake) -> None:
    """Say in the dialog why it cannot open."""
    await fill(client, view_id, view_hash, message_form(title, words.sentence(mistake)))


async def explain(context: AsyncBoltContext, client: AsyncWebClient, channel: str | None, sentence: str) -> None:
    """Tell one person something, for their eyes only: where they pressed, else in our direct message."""
    user = context.user_id or ""
    try:
        if context.response_url and context.respond:
            answer = await context.respond(text=sentence, response_type="ephemeral", replace_original=False)
            if answer.status_code == 200:
                return
        if channel:
            await client.chat_postEphemeral(channel=channel, user=user, text=sentence)
        else:
            await client.chat_postMessage(channel=user, text=sentence)
    except SlackApiError as error:
        _log.warning("could not explain: %s", error.response.get("error"))
