"""Addresses a person has set: is it one, and how far away is it. Pure; nothing is looked up."""

import ipaddress
from urllib.parse import urlsplit


def address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that `host` is, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def plausible_url(url: str, private: bool) -> bool:
    """Whether it is an https address, or an http one that is near enough (see `is_near`)."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.scheme not in ("http", "https"):
        return False
    return parts.scheme == "https" or is_near(host, private)


def is_here(url: str) -> bool:
    """Whether it is an http address of this machine."""
    return url.startswith("http://") and plausible_url(url, private=False)


def is_near(host: str, private: bool) -> bool:
    """Loopback; with `private` also private addresses and names of one label (containers of the same network)."""
    found = address(host)
    if found:
        return found.is_loopback or (private and found.is_private)
    return host == "localhost" or (private and ("." not in host or host.endswith((".internal", ".local"))))
