"""Where a request really comes from: the socket, unless a proxy that we trust says better."""

import ipaddress
from collections.abc import Sequence

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Addresses:
    """`trusted`: networks, separated by commas, whose X-Forwarded-For is believed."""

    def __init__(self, trusted: str) -> None:
        self._trusted: Sequence[_Network] = [
            ipaddress.ip_network(entry.strip()) for entry in trusted.split(",") if entry.strip()
        ]

    def client(self, socket: str | None, forwarded_for: str | None) -> str:
        """The nearest address that is not one of our proxies; empty when unknown."""
        found = socket or ""
        hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
        while hops and self._is_proxy(found):
            found = hops.pop()
        return found

    def _is_proxy(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._trusted)
