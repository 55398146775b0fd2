"""Microsoft's SDK as its samples use it, for comparison only: credentials and a connector client for each turn."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msal
import requests
from botbuilder.schema import Activity
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import MicrosoftAppCredentials

from bot.teams.botframework import Identity, Services


class _Credentials(MicrosoftAppCredentials):
    """The SDK's own, except that msal goes to the stand-in: it takes nothing but https."""

    def __init__(self, identity: Identity, services: Services) -> None:
        super().__init__(identity.app_id, identity.password, identity.tenant_id, services.scope)
        self._identity, self._login = identity, services.login_url.removeprefix("http://")

    def get_access_token(self, force_refresh: bool = False) -> str:
        self.app = self.app or msal.ConfidentialClientApplication(
            self._identity.app_id,
            client_credential=self._identity.password,
            authority=f"https://{self._login}",
            validate_authority=False,
            http_client=_Plain(),
        )
        return super().get_access_token(force_refresh)


class _Plain(requests.Session):
    """http where https is asked for."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        return super().request(method, url.replace("https://", "http://", 1), *args, **kwargs)


@asynccontextmanager
async def sdk(
    identity: Identity, services: Services, service_url: str
) -> AsyncGenerator[Callable[[str], Awaitable[object]]]:
    """Gives what posts a message into a conversation."""

    async def send(chat: str) -> object:
        client = ConnectorClient(_Credentials(identity, services), base_url=service_url)
        return await client.conversations.send_to_conversation(chat, Activity(type="message", text="Constant"))

    yield send
