"""Who is asking, from where, and whether they may: pure functions over a request's headers.

Without tokens the service is for the person at this machine: it listens on loopback only, takes
requests only for a loopback name (a page of another site that has its own name point here, DNS
rebinding, sends that name), and none that was forwarded (a proxy in front means tokens). With
tokens the name must be a configured one, and only a trusted proxy's word counts for whom it speaks.

What changes something must be JSON and must not come from another site: a form of another site can
send neither, and a script of one would have to ask first and be refused.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from moodtune.errors import ForbiddenError, MediaTypeError, RequestError, UsageError

Headers: TypeAlias = Mapping[bytes, bytes]
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

COOKIE = "moodtune_session"
#: An address with a port: ``192.0.2.7:443``, ``[2001:db8::7]:443``; in brackets also without one.
_WITH_PORT = re.compile(r"(\d+(?:\.\d+){3}):\d+|\[([0-9A-Fa-f:.]+)\](?::\d+)?")
READING = frozenset({"GET", "HEAD", "OPTIONS"})

_FORWARDING = (b"forwarded", b"via", b"x-real-ip")
_FORWARDED_PREFIX = b"x-forwarded-"
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z._-]+)(?::(\d{1,5}))?")
_REQUEST_ID = re.compile(rb"[0-9A-Za-z_-]{1,64}")
_OWN_SITE = (b"same-origin", b"none")
_JSON = b"application/json"
#: An IPv6 user has a /64 of their own: counting single addresses would count nothing.
_IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Where requests may come from.

    ``loopback``       whether the service listens on loopback only
    ``hosts``          names, as ``name`` or ``name:port``, that requests may be for with tokens
    ``proxies``        networks whose forwarding headers count
    """

    loopback: bool
    hosts: frozenset[str]
    proxies: tuple[_Network, ...] = ()

    @property
    def may_be_local(self) -> bool:
        """Whether the service may work without tokens."""
        return self.loopback and not self.hosts and not self.proxies


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sent a request, as far as the request says.

    ``secret``   the token or session that it carries; nobody has checked it yet
    ``session``  whether it came in the cookie
    ``address``  the client's, a trusted proxy's word taken for it
    ``https``    whether the client's connection was encrypted
    """

    address: str
    secret: str | None = None
    session: bool = False
    https: bool = False


def rules_of(host: str, hosts: Sequence[str], proxies: Sequence[str]) -> Rules:
    """Return the rules that options ask for; UsageError for one that cannot be read."""
    for name in hosts:
        if _HOST.fullmatch(name) is None:
            raise UsageError(f"--allowed-host: expected a host name, or name:port, got {name!r}")
    try:
        networks = tuple(ipaddress.ip_network(proxy) for proxy in proxies)
    except ValueError as error:
        raise UsageError(f"--trusted-proxy: expected an address or a network: {error}") from error
    return Rules(
        loopback=is_loopback(host),
        hosts=frozenset(name.lower() for name in hosts),
        proxies=networks,
    )


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("[::1]")
    (True, True, True)
    >>> is_loopback("0.0.0.0"), is_loopback("127.0.0.1.evil.example")
    (False, False)
    """
    bare = host.removeprefix("[").removesuffix("]")
    if bare.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    return address.is_loopback


def check_start(rules: Rules, *, tokens: bool, host: str) -> None:
    """Refuse to listen where strangers could come in; UsageError with a sentence."""
    if tokens:
        if not rules.loopback and not rules.hosts:
            raise UsageError(
                f"{host} is no loopback address: name the host that requests will be for with "
                "--allowed-host"
            )
        return
    if not rules.loopback:
        raise UsageError(
            f"{host} is no loopback address, and without tokens the service is for this machine "
            "alone: make a token first with moodtune token new --listener NAME, or leave out --host"
        )
    if not rules.may_be_local:
        raise UsageError(
            "--allowed-host and --trusted-proxy are for a service with tokens: make one first "
            "with moodtune token new --listener NAME"
        )


def check_host(headers: Headers, rules: Rules, *, local: bool) -> None:
    """Refuse a request for a name that is not ours, or, without tokens, a forwarded one."""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    found = _HOST.fullmatch(host)
    if found is None:
        raise RequestError("a request names the host that it is for, once, in its Host header")
    if local:
        if not is_loopback(found[1]):
            raise ForbiddenError(
                "without tokens this service answers requests for localhost alone; the Host header "
                "names another"
            )
        if _is_forwarded(headers):
            raise ForbiddenError(
                "without tokens this service answers no forwarded request: a proxy in front needs "
                "tokens, made with moodtune token new"
            )
    elif not (found[1] in rules.hosts or host in rules.hosts) and not (
        rules.loopback and is_loopback(found[1])
    ):
        raise ForbiddenError(
            "the Host header names a host that this service is not for; whoever runs it can allow "
            "one with --allowed-host"
        )


def _is_forwarded(headers: Headers) -> bool:
    return any(name in _FORWARDING or name.startswith(_FORWARDED_PREFIX) for name in headers)


def check_site(method: str, headers: Headers) -> None:
    """Refuse what another site has sent, and a change that is no JSON."""
    site = headers.get(b"sec-fetch-site")
    if site is not None and site not in _OWN_SITE:
        raise ForbiddenError("another site sent this request, and none may")
    if method in READING:
        return
    origin = headers.get(b"origin")
    if origin is not None and origin.partition(b"://")[2].lower() != headers[b"host"].lower():
        raise ForbiddenError("another site sent this request, and none may change anything here")
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind != _JSON and not (method == "DELETE" and not _has_body(headers)):
        raise MediaTypeError("a request that changes something must be application/json")


def _has_body(headers: Headers) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def caller_of(headers: Headers, peer: str, rules: Rules) -> Caller:
    """Return who sent a request, as its headers and the other end of its connection say."""
    address, https = peer, False
    if rules.proxies and is_trusted(peer, rules):
        address = _client_of(headers.get(b"x-forwarded-for", b"").decode("latin-1"), peer, rules)
        https = headers.get(b"x-forwarded-proto", b"").strip().lower() == b"https"
    authorization = headers.get(b"authorization", b"").decode("latin-1")
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() == "bearer" and secret:
        return Caller(address=address, secret=secret.strip(), https=https)
    session = _cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return Caller(address=address, secret=session, session=session is not None, https=https)


def _cookie(text: str) -> str | None:
    for pair in text.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE and value:
            return value
    return None


def _client_of(forwarded: str, peer: str, rules: Rules) -> str:
    """Return the last address of the chain that no trusted proxy has."""
    for name in reversed(forwarded.split(",")):
        address = _address(name.strip())
        if address is None:
            return peer
        if not is_trusted(address, rules):
            return address
    return peer


def _address(text: str) -> str | None:
    """Return an address as proxies write it, without the port that some add; None if it is none."""
    with_port = _WITH_PORT.fullmatch(text)
    try:
        return str(_plain(with_port[1] or with_port[2] if with_port else text))
    except ValueError:
        return None


def _plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address; one of IPv4 in the clothes of IPv6 without them. ValueError for others."""
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def is_trusted(peer: str, rules: Rules) -> bool:
    """Return whether an address is a trusted proxy's."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in rules.proxies)


def neighbourhood(address: str) -> str:
    """Return what is counted as one address: an IPv4 address, or an IPv6 user's network."""
    if ":" not in address:
        return address
    plain = _plain(address)
    if plain.version == 4:  # noqa: PLR2004 - IPv4
        return str(plain)
    return str(ipaddress.ip_network((address.partition("%")[0], _IPV6_PREFIX), strict=False))


def plain_request_id(headers: Headers) -> str | None:
    """Return the id that the client gave its request, where it is short and plain."""
    said = headers.get(b"x-request-id")
    return said.decode() if said is not None and _REQUEST_ID.fullmatch(said) else None


def session_cookie(secret: str, *, days: int, https: bool) -> str:
    """Return the Set-Cookie header that keeps a session; an empty secret clears it."""
    age = days * 86_400 if secret else 0
    secure = "; Secure" if https else ""
    return f"{COOKIE}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
