"""Files that the app sends: `files.getUploadURLExternal`, the upload itself, `files.completeUploadExternal`."""

from typing import Any

from demo.errors import Refused
from demo.methods_chat import channel_of, needed
from demo.workspace import Workspace

Arguments = dict[str, Any]


async def upload_url(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    needed(arguments, "filename", "length")
    file_id = workspace.new_id("F")
    workspace.uploads[file_id] = (str(arguments["filename"]), None)
    return {"file_id": file_id, "upload_url": f"{workspace.url}/upload/{file_id}"}


async def complete(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    """Show the uploaded files in a channel, where one is named."""
    needed(arguments, "files")
    files = [_file(workspace, each) for each in arguments["files"]]
    if arguments.get("channel_id"):
        channel = channel_of(workspace, {"channel": arguments["channel_id"]})
        bot, text = workspace.app.bot_user_id, str(arguments.get("initial_comment") or "")
        workspace.post(channel.id, bot, text, bot=True, files=files, thread_ts=arguments.get("thread_ts"))
    return {"files": files}


async def info(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    """A file that somebody sent."""
    needed(arguments, "file")
    if (found := workspace.shared.get(str(arguments["file"]))) is None:
        raise Refused("file_not_found")
    return {"file": found}


def _file(workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
    name, content = workspace.uploads.get(str(given.get("id")), ("", None))
    if content is None:
        raise Refused("file_not_found")
    private = f"{workspace.url}/files/{given['id']}"
    return {
        "id": given["id"],
        "name": name,
        "title": given.get("title") or name,
        "filetype": name.rpartition(".")[2],
        "size": len(content),
        "url_private": private,
        "url_private_download": f"{private}/download",
    }


FILES = {"files.info": info, "files.getUploadURLExternal": upload_url, "files.completeUploadExternal": complete}
