"""A real Chromium on the playground's own server: what goes over the wire is kept, what must never happen is noted."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from descend.play.server.page_files import FOLDER

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")  # as make browser
WAIT_MS = 20_000  # for anything that shall be seen; it is there much sooner
Arrays = dict[str, Any]


def chromium_path() -> str | None:
    """Where Chromium is on this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def why_not() -> str:
    """Why browser tests cannot run here; "" if they can."""
    if chromium_path() is None:
        return "no Chromium: make browser installs it"
    return "" if (FOLDER / "descend.js").exists() else "the page is not built: make front builds it"


def read_frame(frame: bytes) -> tuple[dict[str, Any], Arrays]:
    """Read a message of Python from its frame, as `descend/play/README.md` says; apart from the product's own code."""
    (length,) = struct.unpack_from("<I", frame)
    message = json.loads(frame[4 : 4 + length])
    start, arrays = 4 + length, {}
    for head in message.get("arrays", []):
        start = -(-start // 8) * 8
        dtype = np.dtype(head["dtype"])
        count = int(np.prod(head["shape"], dtype=int))
        arrays[head["name"]] = np.frombuffer(frame, dtype, count, start).reshape(head["shape"])
        start += count * dtype.itemsize
    return message, arrays


@dataclass
class Page:
    """A page of the playground, and all that was heard of it."""

    page: Any
    address: str
    heard: list[tuple[dict[str, Any], Arrays]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, experiment: str) -> None:
        """Open an experiment by its address, and wait for its picture."""
        self.page.goto("about:blank")
        self.heard.clear()
        self.page.goto(f"{self.address}#{experiment}")
        self.until(lambda: self.last("picture") is not None, "a picture")

    def last(self, kind: str) -> tuple[dict[str, Any], Arrays] | None:
        """The last message of a type."""
        return next((one for one in reversed(self.heard) if one[0]["type"] == kind), None)

    @property
    def picture(self) -> dict[str, Any]:
        """The last picture, without its arrays."""
        return self.last("picture")[0]

    @property
    def arrays(self) -> Arrays:
        """Arrays of the last picture."""
        return self.last("picture")[1]

    def until(self, seen, what: str, ms: int = WAIT_MS) -> None:
        """Wait until something is so."""
        for _ in range(ms // 20):
            if seen():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"waited {ms / 1000:g} s for {what}; the last picture: {self.last('picture')}")

    def until_epoch(self, epoch: int) -> None:
        """Wait until a picture shows that epoch."""
        self.until(lambda: self.picture["epoch"] >= epoch and not self.picture["running"], f"epoch {epoch}")


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """Run ``descend play`` as a user would, without its browser; yields the address that it prints."""
    command = [sys.executable, "-m", "descend", "play", *arguments, "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            found = None
            while found is None:
                line = process.stdout.readline()
                assert line, "descend play ended without an address"
                found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", line)
            yield found.group(0)
        finally:
            process.terminate()


@contextmanager
def browser() -> Iterator[Any]:
    """Start Chromium; as root it needs --no-sandbox."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield running
        running.close()


@contextmanager
def profile(running: Any, address: str, **options: Any) -> Iterator[Page]:
    """A profile of its own with one page; its faults are for the test to assert."""
    context = running.new_context(**{"viewport": {"width": 1280, "height": 800}, "accept_downloads": True} | options)
    seen = Page(context.new_page(), address)
    watch(seen)
    yield seen
    context.close()


def watch(seen: Page) -> None:
    """Keep all messages; note errors of the console, and every request that leaves this machine."""

    def request(one: Any) -> None:
        parts = urlsplit(one.url)
        if parts.scheme not in ("about", "data", "blob") and parts.hostname != "127.0.0.1":
            seen.faults.append(f"a request left the machine: {one.url}")

    def console(said: Any) -> None:
        if said.type in ("error", "warning"):
            seen.faults.append(f"console {said.type}: {said.text}")

    def socket(one: Any) -> None:
        assert urlsplit(one.url).hostname == "127.0.0.1"
        one.on("framereceived", lambda frame: seen.heard.append(read_frame(frame)))

    seen.page.set_default_timeout(WAIT_MS)
    seen.page.context.on("request", request)
    seen.page.on("console", console)
    seen.page.on("pageerror", lambda error: seen.faults.append(f"page error: {error}"))
    seen.page.on("websocket", socket)


def weights(sizes: Sequence[int], theta: Any) -> list[Any]:
    """W_0 … W_{d−1} of a theta with bias nodes everywhere."""
    found, start = [], 0
    for rows, columns in zip([n + 1 for n in sizes[:-1]], sizes[1:], strict=True):
        found.append(theta[start : start + rows * columns].reshape(rows, columns))
        start += rows * columns
    return found
