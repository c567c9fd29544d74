"""One open page: what it says goes to its session, what the session says goes to it, pictures ten times a second."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from descend.errors import DescendError, cut, message
from descend.play.messages import Refused
from descend.play.server.outgoing import Outgoing
from descend.play.server.worker import Worker
from descend.play.wire import frame

PICTURE_SECONDS = 0.1
MOST_WAITING = 100  # messages of a page that its session has not heard yet; then the page has to wait
NOT_UNDERSTOOD = 1007  # codes with which a WebSocket is closed
WENT_WRONG = 1011
MOST_REASON = 40  # letters of any alphabet: the frame that closes a WebSocket holds 123 bytes

Send = Callable[[Any, dict[str, Any]], None]


class Session(Protocol):
    """What a page needs of `descend.play.session.Session`; it is asked from one thread, and may send from others."""

    def receive(self, message: dict[str, Any]) -> None:
        """Do what a message says."""

    def picture(self) -> tuple[Any, dict[str, Any]] | None:
        """Return what there is new to be seen, None if there is nothing."""

    def open(self, path: Path, said: str) -> None:
        """Read the user's file, of whose name the words are `said`."""

    def close(self) -> None:
        """End all work."""


class Page:
    """A WebSocket and its session.

    Parameters
    ----------
    socket : WebSocket
        Accepted.
    make_session : callable
        Makes the session from the function by which it sends.
    unexpected : callable
        Is told of errors that are no words for the user.
    """

    def __init__(
        self, socket: WebSocket, make_session: Callable[[Send], Session], unexpected: Callable[[Exception], None]
    ) -> None:
        self._socket, self._make_session, self.unexpected = socket, make_session, unexpected
        self._loop = asyncio.get_running_loop()
        self._outgoing, self._worker = Outgoing(), Worker()
        self._heard = asyncio.Event()
        self._session: Session | None = None
        self._open = True
        self.uploading = False

    async def run(self) -> None:
        """Go on until the page is closed, then free all that was its own."""
        jobs: list[asyncio.Task[None]] = []
        try:
            await asyncio.wrap_future(self._worker.do(self._begin))
            jobs = [asyncio.create_task(one()) for one in (self._hear, self._tell, self._look)]
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        except Exception as error:  # there is no session
            self.unexpected(error)
            await self._socket.close(WENT_WRONG, cut(f"Unexpected {type(error).__name__}: {error}", MOST_REASON))
        finally:
            self._open = False
            self._worker.do(self._end)
            self._worker.stop()
            for job in jobs:
                job.cancel()
            for ended in await asyncio.gather(*jobs, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, WebSocketDisconnect):
                    self.unexpected(ended)

    async def read(self, path: Path, said: str) -> None:
        """Give the session a file of the user; errors are those of reading it."""
        await asyncio.wrap_future(self._worker.do(self._open_file, path, said))

    def wait(self, seconds: float) -> None:
        """Wait until the session has ended, `seconds` at most."""
        self._worker.wait(seconds)

    # ---------------------------------------------------------------- in the event loop

    async def _hear(self) -> None:
        while (event := await self._socket.receive())["type"] == "websocket.receive":
            heard = _message(event.get("text"))
            if heard is None:
                await self._socket.close(NOT_UNDERSTOOD, "A message was no JSON object with a type.")
                return
            if heard["type"] == "taken":
                self._outgoing.taken()
                continue
            done = self._worker.do(self._receive, heard)
            self._heard.set()
            if self._worker.waiting > MOST_WAITING:
                await asyncio.wrap_future(done)
                await self._outgoing.sent()

    async def _tell(self) -> None:
        while True:
            await self._socket.send_bytes(await self._outgoing.next())

    async def _look(self) -> None:
        """Ask for a picture after each message, otherwise ten times a second; but only when it could be sent."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), PICTURE_SECONDS)
            self._heard.clear()
            await self._outgoing.picture_wanted()
            await asyncio.wrap_future(self._worker.do(self._picture))

    # ---------------------------------------------------------------- in the worker's thread, and the session's

    def _send(self, said: Any, arrays: dict[str, Any]) -> None:
        """Send a message; its arrays may change afterwards."""
        data = frame(said, arrays)
        if self._open:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._outgoing.put, said.type, data)

    def _begin(self) -> None:
        self._session = self._make_session(self._send)

    def _open_file(self, path: Path, said: str) -> None:
        if self._session is not None:
            self._session.open(path, said)

    def _receive(self, heard: dict[str, Any]) -> None:
        self._guarded(lambda session: session.receive(heard))

    def _picture(self) -> None:
        def look(session: Session) -> None:
            if (seen := session.picture()) is not None:
                self._send(*seen)

        self._guarded(look)

    def _guarded(self, call: Callable[[Session], None]) -> None:
        """Call the session; an error ends neither it nor the page."""
        if self._session is None or not self._open:
            return
        try:
            call(self._session)
        except DescendError as error:
            self._send(Refused("", str(error)), {})
        except Exception as error:
            self.unexpected(error)
            self._send(Refused("", message(f"Unexpected {type(error).__name__}: {error}")), {})

    def _end(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def _message(text: str | None) -> dict[str, Any] | None:
    """Return a page's message; None if it is none."""
    try:
        heard = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return heard if isinstance(heard, dict) and isinstance(heard.get("type"), str) else None
