"""Which addresses a flow may reach. Whoever can draw a flow must not thereby reach the inside of
the network that the studio stands in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from flowloft.core.errors import FlowError

ALLOW_ENV = "FLOWLOFT_ALLOW_PRIVATE_HOSTS"
"""Set by the owner: hosts, addresses or networks in CIDR form, with commas between; or ``all``."""

PROXY_ENV = "FLOWLOFT_PROXY"
"""Set by the owner: the proxy through which models are asked that are not on this machine or network."""

_CLOSED_V4 = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's metadata service on a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_OPEN_V6 = ip_network("2000::/3")
_CLOSED_V6 = tuple(
    ip_network(net)
    for net in (
        "2001::/23",  # Teredo, benchmarking, ORCHID: may hide a closed IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4, the same
        "3fff::/20",
    )
)


def is_open(address: str) -> bool:
    """Says whether an address lies in the public internet.

    An explicit list, since ``ipaddress.is_global`` of Python 3.11 also says yes to multicast,
    ``64:ff9b::/96`` and ``2002::/16``.
    """
    ip = _parsed(address)
    if isinstance(ip, IPv4Address):
        return not any(ip in net for net in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in net for net in _CLOSED_V6)


def require_open(host: str, addresses: list[str]) -> None:
    """Checks every address that a host name stands for.

    Raises:
        FlowError: ``address_refused``: one of them is closed and the owner has not allowed it.
    """
    for address in addresses:
        if not is_open(address) and not _allowed(host, address):
            raise FlowError(
                f"“{host}” is an address inside this machine or network.",
                code="address_refused",
                hint=f"Use a public address. The owner of the studio can allow this one by {ALLOW_ENV}.",
                extra={"host": host},
            )


def outgoing_proxy(url: str, environ: Mapping[str, str] = os.environ) -> str:
    """Returns the owner's proxy for an address; empty where there is none, or none is needed: a name
    without a dot and an address inside the network are reached directly."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        direct = not is_open(host)
    except ValueError:
        direct = "." not in host or host.endswith(".localhost")
    return "" if direct else environ.get(PROXY_ENV, "")


def _allowed(host: str, address: str) -> bool:
    ip = _parsed(address)
    for entry in os.environ.get(ALLOW_ENV, "").split(","):
        wanted = entry.strip().lower()
        if wanted == "all" or (wanted and wanted == host.lower().strip("[]")):
            return True
        try:
            if wanted and ip in ip_network(wanted, strict=False):
                return True
        except ValueError:
            continue
    return False


def _parsed(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address.split("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip
