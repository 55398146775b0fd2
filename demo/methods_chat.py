"""The `chat.*` methods and the answers that come over a response URL."""

from typing import Any

from demo.blockkit import check_message
from demo.cast import Channel
from demo.errors import Refused
from demo.messages import Message
from demo.tickets import ResponseUrl
from demo.workspace import Workspace

Arguments = dict[str, Any]
TEXT = 40_000


def needed(arguments: Arguments, *names: str) -> None:
    """Refuse a call that lacks one of these arguments."""
    absent = [name for name in names if arguments.get(name) in (None, "")]
    if absent:
        raise Refused.invalid("invalid_arguments", [f"[ERROR] missing required field: {name}" for name in absent])


def channel_of(workspace: Workspace, arguments: Arguments) -> Channel:
    needed(arguments, "channel")
    channel = workspace.conversation(str(arguments["channel"]))
    if channel is None:
        raise Refused("channel_not_found")
    return channel


def content(arguments: Arguments, required: bool = True) -> tuple[str | None, list[dict[str, Any]] | None]:
    """The text and blocks to show; None where the call says nothing about them."""
    text, blocks = arguments.get("text"), arguments.get("blocks")
    if (markdown := arguments.get("markdown_text")) is not None:
        if text or blocks:
            raise Refused("markdown_text_conflict")
        text, blocks = "", [{"type": "markdown", "text": markdown}]
    if required and not text and not blocks:
        raise Refused("no_text")
    if text is not None and len(str(text)) > TEXT:
        raise Refused("msg_too_long")
    problems = check_message(blocks) if blocks is not None else []
    if problems:
        raise Refused.invalid("invalid_blocks", problems)
    return (None if text is None else str(text)), blocks


async def post_message(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    channel = channel_of(workspace, arguments)
    text, blocks = content(arguments)
    extra = {"thread_ts": arguments.get("thread_ts"), "metadata": arguments.get("metadata")}
    message = workspace.post(channel.id, workspace.app.bot_user_id, text or "", blocks, bot=True, **extra)
    return {"channel": channel.id, "ts": message.ts, "message": message.as_slack(*workspace.ids)}


async def post_ephemeral(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    channel = channel_of(workspace, arguments)
    needed(arguments, "user")
    if arguments["user"] not in workspace.people:
        raise Refused("user_not_in_channel")
    text, blocks = content(arguments)
    bot, user = workspace.app.bot_user_id, str(arguments["user"])
    message = workspace.post(channel.id, bot, text or "", blocks, bot=True, ephemeral_to=user)
    return {"message_ts": message.ts}


async def update(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    """Blocks that the call does not mention stay; an empty list removes them."""
    channel = channel_of(workspace, arguments)
    message = _own(workspace, channel, arguments, "cant_update_message")
    text, blocks = content(arguments, required=arguments.get("blocks") is None)
    workspace.edit(message, text, blocks)
    shown = message.as_slack(*workspace.ids)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


async def delete(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    channel = channel_of(workspace, arguments)
    message = _own(workspace, channel, arguments, "cant_delete_message")
    workspace.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def _own(workspace: Workspace, channel: Channel, arguments: Arguments, otherwise: str) -> Message:
    needed(arguments, "ts")
    message = workspace.messages.get(channel.id, str(arguments["ts"]))
    if message is None or message.ephemeral_to is not None:
        raise Refused("message_not_found")
    if not message.bot:
        raise Refused(otherwise)
    return message


def respond(workspace: Workspace, url: ResponseUrl, body: Arguments) -> None:
    """An answer over a response URL: a new message, a replacement of the original, or its deletion."""
    original = workspace.messages.get(url.channel, url.message_ts or "")
    if body.get("delete_original"):
        if original is None:
            raise Refused("message_not_found")
        workspace.remove(original)
        return
    text, blocks = content(body)
    if body.get("replace_original") and original is not None and original.bot:
        workspace.edit(original, text or "", blocks or [])
        return
    if body.get("replace_original") and url.message_ts is not None:
        raise Refused("message_not_found")
    only = None if body.get("response_type") == "in_channel" else url.user
    workspace.post(url.channel, workspace.app.bot_user_id, text or "", blocks, bot=True, ephemeral_to=only)


CHAT = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
}
