"""A file in the direct conversation: a calendar or a table of sessions is told about, anything else refused kindly.

Recordings are refused where summaries are read; what is typed beside a calendar is a summary like any other.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.day import Doing
from bot.acts.front import Front
from bot.acts.sessions import preview
from bot.cards import sessions_words, words
from bot.domain.errors import UserMistake
from bot.slack.day_handlers import say_card
from bot.slack.files import fetching
from bot.slack.front import actor, explain
from bot.slack.inbound import Payload

_CALENDARS = (".ics", ".ical", ".csv", ".tsv")
_MEDIA = ("audio/", "video/")


async def took_file(
    front: Front, body: Payload, text: str, source: str, client: AsyncWebClient, context: AsyncBoltContext
) -> bool:
    """Whether nothing is left of this message: its file is answered here, and nothing was typed beside it."""
    files = body["event"].get("files") or ()
    if not files or any(str(file.get("mimetype") or "").startswith(_MEDIA) for file in files):
        return False
    channel = str(body["event"]["channel"])
    calendars = [file for file in files if str(file.get("name") or "").lower().endswith(_CALENDARS)]
    if not calendars and text.strip():
        return False
    if await front.first_time(f"{source}:file"):
        if calendars:
            telling = [_tell(front, body, str(file["id"]), channel, client, context) for file in calendars]
        else:
            telling = [explain(context, client, channel, sessions_words.OTHER_FILE)]
        for one in telling:
            front.later.run(one, lambda: explain(context, client, channel, words.TROUBLE))
    return not text.strip()


async def _tell(
    front: Front, body: Payload, file_id: str, channel: str, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    try:
        card = await preview(Doing(front, actor(front, body), fetch=fetching(client, body)), file_id)
    except UserMistake as mistake:
        await explain(context, client, channel, words.sentence(mistake))
        return
    await say_card(client, channel, card)
