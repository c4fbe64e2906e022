"""Which addresses may be connected to: public ones, and those that KAIROS_FETCH_ALLOW names."""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from state.errors import KairosError
from state.settings import settings

Address = IPv4Address | IPv6Address

# Where clouds answer with keys; some of these are ordinary addresses otherwise.
_METADATA = [
    ip_network(net)
    for net in (
        "169.254.0.0/16",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::/32",
        "fd20:ce::/32",
    )
]
_NAT64 = [IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")]
_IPV6_PUBLIC = IPv6Network("2000::/3")
_IPV6_TUNNELS = [IPv6Network("2001::/32"), IPv6Network("2002::/16")]
_IPV4_SPECIAL = [IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24")]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, if every one of them may be connected to.

    Raises KairosError `fetch_refused` for one that may not, `fetch_failed` for an unknown host.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise KairosError("fetch_failed", f"The host {host} is not known.") from error
    addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
    for address in addresses:
        if not is_allowed(ip_address(address), host, settings().fetch_allow):
            raise KairosError(
                "fetch_refused",
                f"{host} leads to {address}, which is not a public address: KAIROS_FETCH_ALLOW may allow it.",
            )
    return addresses


def is_allowed(address: Address, host: str, allow: Sequence[str]) -> bool:
    """Whether an address is public, or its host or network is allowed; for metadata only its network counts."""
    real = _embedded(address)
    if any(real in network or address in network for network in map(_network, allow) if network):
        return True
    if any(real in network for network in _METADATA):
        return False
    return host.lower().rstrip(".") in map(str.lower, allow) or _is_public(real)


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, else itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if any(address in network for network in _NAT64):
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        special = address not in _IPV6_PUBLIC or any(address in network for network in _IPV6_TUNNELS)
    else:
        special = any(address in network for network in _IPV4_SPECIAL)
    return address.is_global and not address.is_multicast and not address.is_reserved and not special


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None
