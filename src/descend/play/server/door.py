"""Where the server listens, under which names and with which token: all that its address says."""

from __future__ import annotations

import errno
import ipaddress
import re
import secrets
import socket
import sys

from descend.errors import SpecError, quoted

HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # what --host says to listen on every network
TOKEN = re.compile(r"[A-Za-z0-9_~-]{16,200}")


def new_token() -> str:
    """Return a token of 192 random bits, as it stands in an address.

    Examples
    --------
    >>> len(new_token()), new_token() == new_token()
    (32, False)
    """
    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens there.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0"), is_loopback("example.org")
    (True, True, False, False)
    """
    return host == "localhost" or (_is_number(host) and ipaddress.ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def door_problem(host: str, token: str | None) -> str:
    """Say what is wrong with a host and a token, or nothing.

    Examples
    --------
    >>> door_problem("127.0.0.1", None), door_problem("127.0.0.1", "short")[:40]
    ('', '--token must be 16 to 200 letters, digit')
    """
    if token is not None and not TOKEN.fullmatch(token):
        rule = 'must be 16 to 200 letters, digits, "_", "-" or "~", for whoever guesses it comes in'
        return f"--token {rule}; got {len(token)} signs."
    if token is None and not is_loopback(host):
        return (
            f"--host {quoted(host)} lets other machines in: whoever has the address sees your table and can train "
            "here, and what is sent is not encrypted. If that is meant, choose a --token of at least 16 signs."
        )
    return ""


class Names:
    """The names under which this server may be asked for: what the header Host says.

    Parameters
    ----------
    host : str
        What the server listens on. "0.0.0.0" and "::" allow this machine's name and every address in numbers, which
        no page elsewhere can have as its name.
    port : int
        The port, 1 to 65535.

    Examples
    --------
    >>> names = Names("127.0.0.1", 8765)
    >>> [names.allow(said) for said in ("localhost:8765", "127.0.0.1:8765", "127.0.0.1", "evil.example:8765")]
    [True, True, False, False]
    >>> Names("0.0.0.0", 80).allow("192.168.1.7")
    True
    """

    def __init__(self, host: str, port: int) -> None:
        self._end = f":{port}"
        self._port_may_lack = port == 80
        self._everywhere = host in EVERYWHERE
        self._hosts = {*LOOPBACK, host.lower()}
        if self._everywhere:
            name = socket.gethostname().lower()
            self._hosts |= {name, f"{name}.local"}

    def allow(self, said: str) -> bool:
        """Whether a Host, as the header says it, is one of this server's."""
        said = said.lower()
        if not said.endswith(self._end) and not self._port_may_lack:
            return False
        host = said.removesuffix(self._end)
        host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        return host in self._hosts or (self._everywhere and _is_number(host))


class Door:
    """A socket that listens, and what one must know to come in.

    Parameters
    ----------
    host : str, default "127.0.0.1"
        Where to listen.
    port : int, default 0
        0 to 65535; 0 takes a free one.
    token : str or None, default None
        The first part of every path: 16 to 200 letters, digits, "_", "-" or "~". None makes one of 192 random bits,
        which is right for this machine alone.

    Attributes
    ----------
    socket : socket
        Listens already: who comes before the server runs waits.
    ticket : str
        Another path that leads to the page, once. The command opens the browser with it: what a program is started
        with can be read by everybody on a machine.

    Raises
    ------
    SpecError
        If the host is unknown, the port is taken, or a host that others reach has no token of the user's.

    Examples
    --------
    >>> door = Door(token="sixteen-letters-")
    >>> door.address == f"http://127.0.0.1:{door.port}/sixteen-letters-/"
    True
    >>> door.socket.close()
    """

    def __init__(self, host: str = HOST, port: int = 0, token: str | None = None) -> None:
        if problem := door_problem(host, token):
            raise SpecError(problem)
        self.token, self.ticket = token or new_token(), new_token()
        self.host = host
        self.socket = _listening(host, port)
        self.port: int = self.socket.getsockname()[1]
        self.names = Names(host, self.port)

    @property
    def address(self) -> str:
        """The page's address."""
        return f"{self._start}/{self.token}/"

    @property
    def ticket_address(self) -> str:
        """The address that leads to the page once."""
        return f"{self._start}/{self.ticket}"

    @property
    def _start(self) -> str:
        host = socket.gethostname() if self.host in EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SpecError(f"--host {quoted(host)} is not known ({error}). Leave it out for this machine.") from None
    try:
        if sys.platform != "win32":  # there it would let others take the port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(place)
        made.listen()
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise SpecError(f"--port {port} is taken by another program. Leave it out for a free one.") from None
        raise SpecError(f"cannot listen on {quoted(host)}, port {port}: {error.strerror or error}.") from None
    return made
