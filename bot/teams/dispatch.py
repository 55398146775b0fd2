"""Which handler an activity goes to. What Teams sends and we have no use for is taken and left."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping

from bot.domain.errors import NotAllowed
from bot.teams import handlers, note_handlers
from bot.teams.activity import Activity
from bot.teams.app import Dispatch, Reply
from bot.teams.front import Teams

_Handler = Callable[[Teams, Activity], Awaitable[Reply]]
_NOT_OURS = Reply(status=501)
_INVOKES: Mapping[str, _Handler] = {
    "adaptiveCard/action": note_handlers.on_execute,
    "task/fetch": note_handlers.on_fetch,
    "task/submit": note_handlers.on_submit,
    "composeExtension/fetchTask": handlers.on_extension,
    "application/search": handlers.on_search,
    note_handlers.EXTENSION_SENT: note_handlers.on_submit,
}
_OTHERS: Mapping[str, _Handler] = {
    "message": handlers.on_message,
    "messageUpdate": handlers.on_edit,
    "conversationUpdate": handlers.on_arrival,
    "installationUpdate": handlers.on_arrival,
}
_MEETINGS = (handlers.on_message, handlers.on_arrival)


def dispatcher(teams: Teams) -> Dispatch:
    """The one entry for what Teams sends to this practice."""

    async def dispatch(activity: Activity) -> Reply:
        if activity.type == "invoke":
            handler = _INVOKES.get(activity.name)
            return await handler(teams, activity) if handler else _NOT_OURS
        other = _OTHERS.get(activity.type)
        reply = await other(teams, activity) if other else Reply()
        if other in _MEETINGS and activity.personal:
            with contextlib.suppress(NotAllowed):
                teams.front.greet(teams.actor(activity))
        return reply

    return dispatch


def by_tenant(dispatchers: Mapping[str, Dispatch]) -> Dispatch:
    """The practice whose tenant it comes from, which the place check has let in."""

    async def dispatch(activity: Activity) -> Reply:
        return await dispatchers[activity.tenant_id](activity)

    return dispatch
