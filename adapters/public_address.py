"""Which machine a name stands for, and whether that is on the public internet. For addresses that people type in.

A name can be made to mean this machine, the practice's network or a cloud's metadata service, and can change its
meaning between two look-ups. So it is looked up once, every address is judged, and one of those is connected to.
"""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

from adapters.own_threads import OwnThreads

_COMPATIBLE = ipaddress.IPv6Network("::/96")  # an old way to write an IPv4 address
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


LookUp = Callable[[str, int], Sequence[str]]


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, best first. Blocking. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolver(seconds: float, look_up: LookUp = look_up) -> Resolve:
    """Look-ups that end: in OSError after `seconds`, and with two threads at most however many of them hang."""
    threads = OwnThreads("afternote-lookup", most=2, seconds=seconds)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return await threads.run(lambda: look_up(host, port))

    return resolve


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public internet. What is wrapped inside an IPv6 address counts."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    inner = _inside(address) if isinstance(address, ipaddress.IPv6Address) else None
    return (
        address.is_global
        and not address.is_multicast
        and not (isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address in _LOCAL_NAT64))
        and (inner is None or (inner.is_global and is_public(str(inner))))
    )


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
