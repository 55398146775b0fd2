"""Where the bot is: the practice's tenant, and the addresses to which it may send. Everywhere else it is a stranger."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.addresses import is_here
from bot.teams.activity import Activity
from bot.teams.refusal import Refused

CHANNEL = "msteams"
# Where Teams speaks from. Anybody may register a name under trafficmanager.net: that one counts as a whole only.
_HOSTS = frozenset({"smba.trafficmanager.net"})
_DOMAINS = (".teams.microsoft.com", ".botframework.com")
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%-]+)*/?")


@dataclass(frozen=True, slots=True)
class Voucher:
    """What Microsoft's token vouches for: activities of Teams whose answers go to this `service_url`."""

    service_url: str

    def check(self, activity: Activity) -> None:
        """Raises Refused for an activity that the token does not speak of."""
        if activity.channel_id != CHANNEL:
            raise Refused("other_channel")
        if activity.service_url != self.service_url:
            raise Refused("wrong_service_url")


@dataclass(frozen=True, slots=True)
class Place:
    """The tenants that are served, and whether Microsoft's services are stood in for on this machine (`local`).

    `others`: of further practices on this installation, each served by itself.
    """

    tenant_id: str
    local: bool = False
    others: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not all((self.tenant_id, *self.others)):
            raise ValueError("a tenant is needed: without one, everybody's would be served")

    def check(self, activity: Activity) -> None:
        """Raises Refused for another tenant, and for a serviceUrl to which nothing may be sent."""
        if activity.tenant_id not in {tenant.lower() for tenant in (self.tenant_id, *self.others)}:
            raise Refused("other_tenant")
        if not trusted(activity.service_url, local=self.local):
            raise Refused("foreign_service_url")


def trusted(service_url: str, *, local: bool = False) -> bool:
    """Whether the bot's messages and token may go there: Teams over https, or with `local` this machine."""
    try:
        parts = urlsplit(service_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not _PLAIN.fullmatch(service_url):
        return False
    if local:
        return is_here(service_url)
    return parts.scheme == "https" and port in (None, 443) and (host in _HOSTS or host.endswith(_DOMAINS))
