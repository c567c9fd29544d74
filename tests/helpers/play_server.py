"""A server of the playground on a free port, with sessions that learn nothing, and a browser's requests to it."""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from websockets.sync.client import ClientConnection, connect

from descend.play.messages import Said
from descend.play.server.door import Door
from descend.play.server.page_files import KINDS
from descend.play.server.serve import PlayServer
from descend.tables.read import read_table

PAGE = "0123456789abcdef" * 2
TOKEN = "a-token-of-the-tests"


@dataclass(frozen=True)
class Seen:
    """A picture that a number tells from others."""

    number: int
    type: str = "picture"


@dataclass
class FakeSession:
    """Answers each message by its own words; a file by names of its columns; its pictures are numbered."""

    send: Any
    heard: list[dict[str, Any]] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    closed: threading.Event = field(default_factory=threading.Event)
    looking: bool = False
    pictures: int = 0

    def receive(self, message):
        self.threads.add(threading.current_thread().name)
        self.heard.append(message)
        if message["type"] == "fail":
            raise RuntimeError("a fault of ours")
        if message["type"] == "look":
            self.looking = True
        if message["type"] == "wait":
            time.sleep(message["seconds"])
        if message["type"] == "much":
            self.send(Said("much"), {"numbers": np.arange(message["count"], dtype=np.float64)})
            return
        self.send(Said(json.dumps(message)), {})

    def picture(self):
        self.threads.add(threading.current_thread().name)
        if not self.looking:
            return None
        self.pictures += 1
        return Seen(self.pictures), {}

    def open(self, path, said):
        self.heard.append({"type": "open", "path": path, "said": said})
        self.send(Said(" ".join(read_table(path).names)), {})

    def close(self):
        self.threads.add(threading.current_thread().name)
        self.closed.set()


@dataclass
class Running:
    """A server that runs, its sessions in the order of their pages, and the errors that it told of."""

    door: Door
    sessions: list[FakeSession]
    unexpected: list[Exception]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path as a browser would, with other headers if they are given."""
        return httpx.get(self.origin + path, headers=headers)

    def page(self, name: str = PAGE, **options: Any) -> ClientConnection:
        """Open the WebSocket of a page."""
        address = f"ws://127.0.0.1:{self.door.port}/{TOKEN}/ws?page={name}"
        return connect(address, **{"origin": self.origin, "open_timeout": 10, **options})

    def upload(self, name: str, content: Any, *, page: str = PAGE, **headers: str) -> httpx.Response:
        """Send a file as the page does."""
        address = f"{self.origin}/{TOKEN}/upload"
        return httpx.post(
            address,
            params={"name": name, "page": page},
            content=content,
            headers={"origin": self.origin, **headers},
            timeout=60,
        )


def message_of(data: bytes) -> dict[str, Any]:
    """The JSON of a frame."""
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


def until(true: Any, seconds: float = 10.0) -> bool:
    """Wait until something is true; the answer is whether it came to be."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())


def write_page(folder: Path) -> Path:
    """Files by the names of the page's, each with its name in it."""
    for name in KINDS:
        (folder / name).write_text(f"this is {name}", encoding="utf-8")
    return folder


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Running]:
    """Run a server in a thread."""
    sessions, unexpected = [], []

    def make_session(send):
        sessions.append(FakeSession(send))
        return sessions[-1]

    door = Door(token=TOKEN)
    server = PlayServer(door, make_session, unexpected.append, write_page(folder), **options)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Running(door, sessions, unexpected)
    finally:
        server.stop()
        thread.join(20)
        door.socket.close()
    assert not thread.is_alive()
