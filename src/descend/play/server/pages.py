"""All open pages: how many there may be, and which one a file is for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from weakref import WeakSet

from starlette.websockets import WebSocket

from descend.machine import available_memory
from descend.play.server.page import Page, Send, Session

MOST_PAGES = 8
LEAST_MEMORY = 300_000_000  # bytes that must be free for one more page
TRY_LATER = 1013  # the code with which a page is turned away
SECONDS_TO_END = 2.0  # all together

FULL = f"There are {MOST_PAGES} open pages, the most there may be. Close one, then load this one again."
NO_MEMORY = "There is too little free memory for one more page. Close another, then load this one again."


class Pages:
    """The open pages of a server, by the names that they give themselves.

    Parameters
    ----------
    make_session : callable
        Makes a session from the function by which it sends.
    unexpected : callable
        Is told of errors that are no words for the user.
    """

    def __init__(self, make_session: Callable[[Send], Session], unexpected: Callable[[Exception], None]) -> None:
        self._make_session, self._unexpected = make_session, unexpected
        self._open: dict[str, Page] = {}
        self._ending: WeakSet[Page] = WeakSet()

    def __len__(self) -> int:
        return len(self._open)

    def page(self, name: str) -> Page | None:
        """Return the open page of that name, if there is one."""
        return self._open.get(name)

    async def run(self, name: str, socket: WebSocket) -> None:
        """Serve a page, an accepted WebSocket, until it is closed, or turn it away with the reason."""
        if reason := self._no_room():
            await socket.close(TRY_LATER, reason)
            return
        page = Page(socket, self._make_session, self._unexpected)
        self._open[name] = page
        self._ending.add(page)
        try:
            await page.run()
        finally:
            del self._open[name]

    def wait(self, seconds: float = SECONDS_TO_END) -> None:
        """Wait until the sessions of closed pages have ended, `seconds` at most."""
        end = time.monotonic() + seconds
        for page in self._ending:
            page.wait(max(0.0, end - time.monotonic()))

    def may_be(self, name: str) -> bool:
        """Whether a page may call itself so."""
        return re.fullmatch(r"[0-9a-f]{32}", name) is not None and name not in self._open

    def _no_room(self) -> str:
        free = available_memory()
        if len(self._open) >= MOST_PAGES:
            return FULL
        return NO_MEMORY if free is not None and free < LEAST_MEMORY else ""
