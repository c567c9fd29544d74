"""Who may come in: requests with the token of this start, to this server's name, from this server's own page.

A page of another origin in the same browser knows no token; one that rebinds its name to 127.0.0.1 says another Host.
Whatever does not belong here gets 404, and no reason.
"""

from __future__ import annotations

import secrets
from urllib.parse import quote

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from descend.play.server.door import Names

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """Lets in what carries the token, and gives every answer the headers that keep it to itself.

    The application behind it sees paths after the token. An address that was opened by the command, once, leads to the
    page: programs' arguments can be read by all users of a machine, so the token must not be among a browser's.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    token : str
        The first part of each path.
    names : Names
        Hosts that may be asked for.
    ticket : str
        A path that leads to the page once; "" for none.
    """

    def __init__(self, app: ASGIApp, token: str, names: Names, ticket: str = "") -> None:
        self.app, self.names = app, names
        self._token, self._ticket = token, ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        await self._answering(scope)({**scope, "root_path": f"/{self._token}"}, receive, _with_headers(send))

    def _answering(self, scope: Scope) -> ASGIApp:
        first, slash, _ = scope["path"].removeprefix("/").partition("/")
        if not self._is_ours(scope):
            return refusal()
        if _same(first, self._token):
            return self.app if slash else self._to_page()
        if self._ticket and not slash and scope["type"] == "http" and _same(first, self._ticket):
            self._ticket = ""
            return self._to_page()
        return refusal()

    def _to_page(self) -> Response:
        return RedirectResponse(f"/{quote(self._token)}/", 302)

    def _is_ours(self, scope: Scope) -> bool:
        """Whether Host, and Origin of all that could change something, are this server's."""
        hosts, origins = _said(scope, b"host"), _said(scope, b"origin")
        if len(hosts) != 1 or not self.names.allow(hosts[0]):
            return False
        changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        return not (changes or origins) or origins == [f"http://{hosts[0]}"]


def refusal() -> Response:
    """Return the answer to all that does not belong here."""
    return PlainTextResponse("Not Found", 404)


def _same(first: str, second: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return secrets.compare_digest(first.encode(errors="replace"), second.encode())


def _said(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for key, value in scope["headers"] if key.lower() == name]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            replaced = {name for name, _ in _HEADERS}
            if message["type"].startswith("websocket"):
                replaced.add(b"content-length")  # uvicorn writes its own
            message["headers"] = [one for one in message["headers"] if one[0].lower() not in replaced] + _HEADERS
        await send(message)

    return sending
