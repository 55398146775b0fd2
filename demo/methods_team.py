"""Who is there and who may call: `auth.*`, `users.*`, `conversations.*`, `team.info`, `oauth.v2.access`, `apps.*`."""

from typing import Any

from demo import payloads
from demo.blockkit import check_message, check_view
from demo.cast import Channel, Human
from demo.errors import Refused
from demo.methods_chat import channel_of, needed
from demo.workspace import Workspace

Arguments = dict[str, Any]
Answer = dict[str, Any]


async def auth_test(workspace: Workspace, arguments: Arguments) -> Answer:
    return {
        "url": f"{workspace.url}/",
        "team": workspace.team_name,
        "team_id": workspace.team_id,
        "user": workspace.app.name.lower(),
        "user_id": workspace.app.bot_user_id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


async def api_test(workspace: Workspace, arguments: Arguments) -> Answer:
    return {"args": arguments}


async def auth_revoke(workspace: Workspace, arguments: Arguments) -> Answer:
    await revoke_tokens(workspace)
    return {"revoked": True}


async def uninstall(workspace: Workspace, arguments: Arguments) -> Answer:
    _check_client(workspace, arguments)
    await uninstall_app(workspace)
    return {}


async def revoke_tokens(workspace: Workspace) -> None:
    """Revoke the app's bot tokens and tell the app."""
    workspace.tokens.revoke()
    tokens = {"oauth": [], "bot": [workspace.app.bot_user_id]}
    inner = {"type": "tokens_revoked", "tokens": tokens, "event_ts": payloads.action_ts()}
    workspace.delivery.spawn(workspace.delivery.event(payloads.event(workspace, inner)))


async def uninstall_app(workspace: Workspace) -> None:
    """Take the app out of the workspace, as an administrator would, and tell the app."""
    await revoke_tokens(workspace)
    inner = {"type": "app_uninstalled", "event_ts": payloads.action_ts()}
    workspace.delivery.spawn(workspace.delivery.event(payloads.event(workspace, inner)))


async def users_info(workspace: Workspace, arguments: Arguments) -> Answer:
    needed(arguments, "user")
    if arguments["user"] == workspace.app.bot_user_id:
        return {"user": _bot(workspace)}
    person = workspace.people.get(str(arguments["user"]))
    if person is None:
        raise Refused("user_not_found")
    return {"user": _person(workspace, person)}


async def users_list(workspace: Workspace, arguments: Arguments) -> Answer:
    members = [_person(workspace, person) for person in workspace.people.values()]
    return {"members": [*members, _bot(workspace)], "response_metadata": {"next_cursor": ""}}


async def conversations_open(workspace: Workspace, arguments: Arguments) -> Answer:
    if arguments.get("channel"):
        return {"channel": {"id": channel_of(workspace, arguments).id}}
    needed(arguments, "users")
    users = arguments["users"] if isinstance(arguments["users"], list) else str(arguments["users"]).split(",")
    if len(users) != 1:
        raise Refused("not_enough_users" if not users else "method_not_supported_for_channel_type")
    if users[0] not in workspace.people:
        raise Refused("user_not_found")
    return {"channel": {"id": workspace.im(users[0]).id}, "no_op": True, "already_open": True}


async def conversations_info(workspace: Workspace, arguments: Arguments) -> Answer:
    return {"channel": _channel(channel_of(workspace, arguments))}


async def team_info(workspace: Workspace, arguments: Arguments) -> Answer:
    domain = workspace.team_name.lower().replace(" ", "-")
    return {"team": {"id": workspace.team_id, "name": workspace.team_name, "domain": domain}}


async def connections_open(workspace: Workspace, arguments: Arguments) -> Answer:
    return {"url": f"ws{workspace.url.removeprefix('http')}/link/?ticket={workspace.delivery.sockets.ticket()}"}


async def oauth_access(workspace: Workspace, arguments: Arguments) -> Answer:
    """A token for a code, or the next one for a refresh token."""
    _check_client(workspace, arguments)
    if arguments.get("grant_type") == "refresh_token":
        issued = workspace.tokens.exchange_refresh(str(arguments.get("refresh_token", "")))
    else:
        issued = workspace.tokens.exchange_code(str(arguments.get("code", "")), arguments.get("redirect_uri"))
    return {
        "app_id": workspace.app.app_id,
        "authed_user": {"id": next(iter(workspace.people))},
        "scope": ",".join(workspace.app.scopes),
        "token_type": "bot",
        "bot_user_id": workspace.app.bot_user_id,
        "team": {"id": workspace.team_id, "name": workspace.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
        **issued,
    }


async def blocks_validate(workspace: Workspace, arguments: Arguments) -> Answer:
    """Check blocks or a view without showing them."""
    problems = check_view(arguments["view"]) if "view" in arguments else check_message(arguments.get("blocks"))
    if problems:
        raise Refused.invalid("invalid_blocks", problems)
    return {}


async def set_status(workspace: Workspace, arguments: Arguments) -> Answer:
    """Accepted and not shown: the stand-in has no assistant threads."""
    needed(arguments, "channel_id", "thread_ts")
    return {}


def _check_client(workspace: Workspace, arguments: Arguments) -> None:
    if arguments.get("client_id") != workspace.app.client_id:
        raise Refused("invalid_client_id")
    if arguments.get("client_secret") != workspace.app.client_secret:
        raise Refused("bad_client_secret")


def _person(workspace: Workspace, person: Human) -> Answer:
    profile = {"real_name": person.real_name, "display_name": person.name, "title": person.title}
    return {
        "id": person.id,
        "team_id": workspace.team_id,
        "name": person.name,
        "deleted": False,
        "real_name": person.real_name,
        "tz": "America/New_York",
        "tz_offset": -18000,
        "locale": "en-US",
        "profile": {**profile, "team": workspace.team_id},
        "is_admin": False,
        "is_bot": False,
        "is_app_user": False,
    }


def _bot(workspace: Workspace) -> Answer:
    app = workspace.app
    person = _person(workspace, Human(app.bot_user_id, app.name.lower(), app.name))
    return {**person, "is_bot": True, "profile": {**person["profile"], "bot_id": app.bot_id, "api_app_id": app.app_id}}


def _channel(channel: Channel) -> Answer:
    if channel.kind == "im":
        return {"id": channel.id, "is_im": True, "is_channel": False, "user": channel.user, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_im": False,
        "is_private": False,
        "is_archived": False,
        "is_member": True,
    }


TEAM = {
    "api.test": api_test,
    "auth.test": auth_test,
    "auth.revoke": auth_revoke,
    "apps.uninstall": uninstall,
    "apps.connections.open": connections_open,
    "users.info": users_info,
    "users.list": users_list,
    "conversations.open": conversations_open,
    "conversations.info": conversations_info,
    "team.info": team_info,
    "oauth.v2.access": oauth_access,
    "blocks.validate": blocks_validate,
    "assistant.threads.setStatus": set_status,
}
