"""Try `descend.watch` in a real JupyterLab, in a headless Chromium; say what was seen, and exit 1 if it is not right.

A training is shown live, in a thread of the kernel; a node that is hovered shows its numbers; the notebook, once saved,
shows the last picture without the widget.

Usage: ``python tools/try_notebook.py [FOLDER]``, in an environment with the groups of ``make notebook``; pictures of what
was seen go to FOLDER.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from install_browser import found
from playwright.sync_api import Page, expect, sync_playwright

CELLS = (
    'import descend\nwidget = descend.watch(data="moons", hidden=[4], restarts=4, epochs=20000, speed=40)\nwidget',
    "widget.play()",
    "import time; time.sleep(4); widget.pause()",
)
WAIT = 60_000  # ms
EPOCH = re.compile(r"[Ee]poch\s*(\d+)")


def write_notebook(path: Path) -> None:
    """Write a notebook with the cells, not run."""
    cells = [
        {"cell_type": "code", "id": f"cell-{i}", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
        for i, text in enumerate(CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


@contextlib.contextmanager
def jupyter(folder: Path) -> Iterator[str]:
    """Run a JupyterLab; yields the address of the notebook."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    options += ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--LabApp.news_url="]
    home = {name: str(folder / ".jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    command = [sys.executable, "-m", "jupyterlab", *options]
    with open(folder / "jupyter.log", "w") as log, subprocess.Popen(
        command, env=os.environ | home, stdout=log, stderr=subprocess.STDOUT
    ) as server:
        try:
            for _ in range(300):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=5).close()
                    break
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/lab/tree/try.ipynb?token={token}"
        finally:
            server.terminate()


def epoch(page: Page) -> int:
    """The epoch that the widget shows."""
    shown = EPOCH.search(page.locator(".descend[data-host=notebook]").first.inner_text())
    return int(shown[1]) if shown else -1


def until(seen: Any, page: Page, what: str) -> None:
    """Wait until something is so."""
    for _ in range(WAIT // 100):
        if seen():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"waited {WAIT // 1000} s for {what}")


def live(page: Page, folder: Path) -> None:
    """Run the cells, watch the training, hover, save."""
    select = page.get_by_role("button", name="Select Kernel")
    page.wait_for_timeout(3000)
    if select.is_visible():
        select.click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    widget = page.locator(".descend[data-host=notebook]").first
    expect(widget).to_be_visible(timeout=WAIT)
    until(lambda: epoch(page) > 0, page, "a training that runs")
    first = epoch(page)
    until(lambda: epoch(page) > first, page, "the training to go on, live")
    print(f"live: epoch {first}, then {epoch(page)}")
    expect(page.locator(".descend-still:visible")).to_have_count(0)
    page.screenshot(path=folder / "live.png")


def main(arguments: list[str]) -> int:
    """Try it; return the exit code."""
    chromium = found()
    if chromium is None:
        print("no Chromium: make browser installs it")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        seen = Path(arguments[0]) if arguments else folder
        seen.mkdir(parents=True, exist_ok=True)
        write_notebook(folder / "try.ipynb")
        with jupyter(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.goto(address)
            page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=WAIT)
            page.screenshot(path=seen / "opened.png")
            live(page, seen)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
