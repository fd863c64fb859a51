"""What is kept of where a person comes from: less than was sent."""

import ipaddress

_USER_AGENT = 512


def truncated(address: str | None) -> str | None:
    """The network of an address (/24, /48): enough to recognise a place, too little for a person.

    None for what is no address.
    """
    network = _network(address, v4=24, v6=48)
    return str(network.network_address) if network else None


def counted_as(address: str | None) -> str:
    """The name under which requests of this address are counted: an IPv6 /64 is one visitor."""
    network = _network(address, v4=32, v6=64)
    return str(network) if network else "unknown"


def shortened(user_agent: str | None) -> str | None:
    return user_agent[:_USER_AGENT] if user_agent else None


def _network(
    address: str | None, *, v4: int, v6: int
) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ipaddress.ip_network((ip, v4 if ip.version == 4 else v6), strict=False)
