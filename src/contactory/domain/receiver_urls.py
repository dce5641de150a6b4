"""Which URLs and addresses of receivers may be called: not those inside our own network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address

_SHARED: Final = ip_network("100.64.0.0/10")
_NAT64: Final = ip_network("64:ff9b::/96")
_LAST_32: Final = 2**32 - 1


def url_problem(url: str, *, allows_private: bool) -> str | None:
    """Why a receiver cannot have this URL, as the rest of a sentence; None where it can.

    An address in it is looked at; that of a name is, whenever it is called.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        port = host = None
    schemes = ("https", "http") if allows_private else ("https",)
    if not host or not url.isascii() or any(one.isspace() for one in url):
        return "must be a URL such as https://example.com/hook"
    if parts.scheme not in schemes:
        return f"must begin with {' or '.join(f'{one}://' for one in schemes)}"
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        return "must have no user name, no password, no fragment, and a port from 1 to 65535"
    address = _literal(host)
    why = None if address is None or allows_private else address_problem(address)
    return None if why is None else f"must not be an address that is {why}"


def address_problem(address: Address) -> str | None:
    """What keeps an address from being called, such as `loopback`; None where nothing does."""
    inner = _inner(address)
    if inner is not None:
        return address_problem(inner)
    for kind in ("loopback", "link_local", "multicast", "unspecified", "private", "reserved"):
        if getattr(address, f"is_{kind}"):
            return kind.replace("_", "-")
    if address.version == 4 and address in _SHARED:
        return "shared by a provider's customers"
    return None if address.is_global else "not public"


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _inner(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 address stands for, in the ways there are."""
    if address.version == 4:
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & _LAST_32)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
