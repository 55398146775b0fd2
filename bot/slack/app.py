"""Bolt's app with our handlers: few listeners, dispatched by us, acknowledged after the commit."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler, AsyncServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.front import Front
from bot.logs import safe
from bot.slack import (
    day_handlers,
    handlers,
    learning_handlers,
    note_handlers,
    people_handlers,
    plan_handlers,
    review_handlers,
)
from bot.slack.front import greet
from bot.slack.inbound import Payload
from bot.slack.install import authorize_for
from bot.slack.workspaces import (
    Revocations,
    Workspaces,
    refuse_command,
    refuse_lookup,
    refuse_press,
    refuse_view,
)

_log = logging.getLogger("afternote.slack")
_ANY = re.compile(".*")
OnAction = Callable[[Front, AsyncAck, Payload, AsyncWebClient, AsyncBoltContext], Awaitable[None]]
OnSubmit = Callable[[Front, AsyncAck, Payload], Awaitable[None]]
# The first that fits is taken, so what is any comes last.
_ACTIONS: Sequence[tuple[re.Pattern[str], OnAction]] = (
    (day_handlers.ACTIONS, day_handlers.on_action),
    (plan_handlers.ACTIONS, plan_handlers.on_action),
    (learning_handlers.ACTIONS, learning_handlers.on_action),
    (review_handlers.ACTIONS, review_handlers.on_action),
    (_ANY, note_handlers.on_action),
)
_FORMS: Sequence[tuple[re.Pattern[str], OnSubmit]] = (
    (learning_handlers.FORMS, learning_handlers.on_submit),
    (people_handlers.FORMS, people_handlers.on_submit),
    (_ANY, note_handlers.on_submit),
)
COMMAND = "/note"
SHORTCUT = "draft_from_message"


def web_client(session: aiohttp.ClientSession, base_url: str, token: str | None = None) -> AsyncWebClient:
    """One client over one shared session: a new TLS connection per call would cost the three seconds of a dialog."""
    return AsyncWebClient(
        token=token,
        base_url=base_url,
        session=session,
        timeout=10,
        retry_handlers=[
            AsyncRateLimitErrorRetryHandler(max_retry_count=1),
            AsyncServerErrorRetryHandler(max_retry_count=2),
        ],
    )


def build_app(
    workspaces: Workspaces, client: AsyncWebClient, signing_secret: str, revocations: Revocations | None = None
) -> AsyncApp:
    """The app, ready to be mounted in a server or run over a socket. `revocations`: of apps installed by OAuth."""
    app = AsyncApp(
        signing_secret=signing_secret,
        client=client,
        authorize=authorize_for(workspaces.tokens),
        process_before_response=True,
        request_verification_enabled=bool(signing_secret),
    )
    _register(app, workspaces)
    _register_events(app, workspaces, revocations)
    return app


def _register(app: AsyncApp, workspaces: Workspaces) -> None:
    @app.command(COMMAND)
    async def command(ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        if front := await workspaces.front(body):
            await handlers.on_note(front, ack, body, client, context)
            greet(front, body)
        else:
            await refuse_command(ack)

    @app.shortcut(SHORTCUT)
    async def shortcut(ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        if front := await workspaces.front(body):
            await handlers.on_shortcut(front, ack, body, client, context)
        else:
            await refuse_press(ack, context)

    @app.view(plan_handlers.FORMS)
    async def plan_view(ack: AsyncAck, body: Payload, client: AsyncWebClient) -> None:
        if front := await workspaces.front(body):
            await plan_handlers.on_submit(front, ack, body, client)
        else:
            await refuse_view(ack)

    @app.view(day_handlers.FORMS)
    async def day_view(ack: AsyncAck, body: Payload, client: AsyncWebClient) -> None:
        if front := await workspaces.front(body):
            await day_handlers.on_submit(front, ack, body, client)
        else:
            await refuse_view(ack)

    for pattern, on_action in _ACTIONS:
        _register_action(app, workspaces, pattern, on_action)
    for pattern, on_submit in _FORMS:
        _register_view(app, workspaces, pattern, on_submit)

    @app.options(_ANY)
    async def options(ack: AsyncAck, body: Payload) -> None:
        if front := await workspaces.front(body):
            await note_handlers.on_lookup(front, ack, body)
        else:
            await refuse_lookup(ack)

    _ = (command, shortcut, plan_view, day_view, options)


def _register_action(app: AsyncApp, workspaces: Workspaces, pattern: re.Pattern[str], on_action: OnAction) -> None:
    @app.action(pattern)
    async def action(ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        if front := await workspaces.front(body):
            await on_action(front, ack, body, client, context)
        else:
            await refuse_press(ack, context)

    _ = action


def _register_view(app: AsyncApp, workspaces: Workspaces, pattern: re.Pattern[str], on_submit: OnSubmit) -> None:
    @app.view(pattern)
    async def view(ack: AsyncAck, body: Payload) -> None:
        if front := await workspaces.front(body):
            await on_submit(front, ack, body)
        else:
            await refuse_view(ack)

    _ = view


def _register_events(app: AsyncApp, workspaces: Workspaces, revocations: Revocations | None) -> None:
    @app.event("message")
    async def message(body: Payload, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        if front := await workspaces.front(body):
            await handlers.on_message(front, body, client, context)
            greet(front, body)

    @app.event("app_home_opened")
    async def home(body: Payload, client: AsyncWebClient) -> None:
        if front := await workspaces.front(body):
            await handlers.on_home(front, body, client)

    @app.event(re.compile("^(tokens_revoked|app_uninstalled)$"))
    async def revoked(body: Payload) -> None:
        if revocations:
            await revocations.on_event(body)
        else:
            _log.warning("slack took the app's token back: SLACK_BOT_TOKEN is good for nothing any more")

    @app.error
    async def failed(error: Exception) -> BoltResponse:
        """Slack retries an event that got 500, and tells the person when a command or a dialog did."""
        _log.error("handler failed: %s", safe(error))
        return BoltResponse(status=500, body="")

    _ = (message, home, revoked, failed)


async def answer(app: AsyncApp, request: web.Request) -> web.StreamResponse:
    """Bolt's answer. Bolt takes the timestamp for a number before it looks at the signature: what is none ends here."""
    stamp = request.headers.get("X-Slack-Request-Timestamp", "0")
    response = web.Response(status=401)
    if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12:
        try:
            bolt_request = await to_bolt_request(request)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            bolt_request = None  # Bolt reads the body before its signature; what it cannot read is nobody's
        if bolt_request:
            response = await to_aiohttp_response(await app.async_dispatch(bolt_request))
    if response.status == 401:
        _log.warning("slack request refused: %s", secrets.token_hex(4))
    return response
