"""The server while it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path

import uvicorn

from descend.play.server.app import make_app
from descend.play.server.door import Door
from descend.play.server.guard import Guard
from descend.play.server.page import Send, Session
from descend.play.server.page_files import page_files
from descend.play.server.pages import Pages
from descend.play.server.uploads import MOST_BYTES
from descend.play.server.worker import Worker

SECONDS_TO_STOP = 2.0
MOST_MESSAGE_BYTES = 1_000_000  # of a page's message: settings and edits of weights


class PlayServer:
    """The server behind a door.

    Parameters
    ----------
    door : Door
        Where it listens, and who may come in.
    make_session : callable
        Makes the session of a page from the function by which it sends.
    unexpected : callable
        Is told of errors that are no words for the user.
    folder : Path or None, default None
        Of the page's files.
    most_bytes : int, default 200,000,000
        That an upload may have.

    Raises
    ------
    FileError
        If the page is not built.
    """

    def __init__(
        self,
        door: Door,
        make_session: Callable[[Send], Session],
        unexpected: Callable[[Exception], None],
        folder: Path | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._door, self._pages = door, Pages(make_session, unexpected)
        app = Guard(make_app(self._pages, page_files(folder), most_bytes), door.token, door.names, door.ticket)
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)  # it would write about every stranger's request
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="websockets-sansio",
                ws_max_size=MOST_MESSAGE_BYTES,
                ws_per_message_deflate=False,
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )

    def run(self) -> None:
        """Serve until a signal ends the process or `stop` is called; then end the sessions.

        The server has a thread of its own, so that a signal ends the one that waits here, whatever the server does.
        """
        thread = Worker()
        served = thread.do(self._server.run, [self._door.socket])
        thread.stop()
        try:
            while not served.done():
                wait([served], timeout=0.2)  # on Windows Ctrl-C is heard in between
            served.result()
        finally:
            self.stop()
            wait([served], timeout=SECONDS_TO_STOP)
            self._pages.wait()

    def stop(self) -> None:
        """End the server; may be called from any thread."""
        self._server.should_exit = True
