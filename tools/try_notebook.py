"""Try `descend.watch` in a real JupyterLab, in a headless Chromium; say what was seen, and exit 1 if it is not right.

A training is shown live, in a thread of the kernel; a node that is hovered shows its numbers; the notebook, once saved,
shows the last picture without the widget.

Usage: ``python tools/try_notebook.py [FOLDER]``, in the environment of ``make notebook``; screenshots go to FOLDER.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from playwright.sync_api import Page, expect, sync_playwright

from install_browser import found

CELLS = (
    'import descend\nwidget = descend.watch(data="moons", hidden=[4], restarts=4, epochs=20000, speed=40)\nwidget',
    "widget.play()",
)
WAIT = 60_000  # ms
EPOCH = re.compile(r"Epoch\s+([\d,]+)\s+of")
WIDGET = ".descend[data-host=notebook]"


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
    with (
        open(folder / "jupyter.log", "w") as log,
        subprocess.Popen(command, env=os.environ | home, stdout=log, stderr=subprocess.STDOUT) as server,
    ):
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
    shown = EPOCH.search(page.locator(WIDGET).first.inner_text())
    return int(shown[1].replace(",", "")) if shown else -1


def until(seen: Callable[[], Any], page: Page, what: str) -> None:
    """Wait until something is so."""
    for _ in range(WAIT // 100):
        if seen():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"waited {WAIT // 1000} s for {what}")


def opened(page: Page, address: str) -> None:
    """Open the notebook, with the kernel that it names."""
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=WAIT)
    select = page.get_by_role("button", name="Select Kernel")
    page.wait_for_timeout(2000)  # the question comes late, if it comes
    if select.is_visible():
        select.click()


def seen_live(page: Page, pictures: Path) -> None:
    """Run the cells, watch the training, hover over a node, pause."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    widget = page.locator(WIDGET).first
    expect(widget).to_be_visible(timeout=WAIT)
    until(lambda: epoch(page) > 0, page, "a training that runs")
    first = epoch(page)
    until(lambda: epoch(page) > first + 20, page, "the training to go on, live")
    node = widget.locator("svg.net [data-layer='1'][data-index='2']").first
    node.hover(force=True)
    numbers = widget.get_by_text("∂L/∂v").first
    expect(numbers).to_be_visible(timeout=WAIT)
    page.screenshot(path=pictures / "live.png")
    assert page.locator(".descend-still:visible").count() == 0, "the still picture is seen beside the widget that lives"
    widget.get_by_role("button", name="Pause").click()
    print(f"live: epoch {first}, later {epoch(page)}; a node that is pointed at shows its numbers")


def epochs_kept(notebook: dict[str, Any]) -> list[int]:
    """The epochs of the pictures in a notebook, by the words in them."""
    outputs = [one.get("data", {}) for cell in notebook["cells"] for one in cell["outputs"]]
    svgs = [ElementTree.fromstring("".join(one["image/svg+xml"])) for one in outputs if "image/svg+xml" in one]
    return [int(one[1]) for svg in svgs if (one := re.search(r"epoch (\d+)", " ".join(svg.itertext())))]


def kept(page: Page, path: Path) -> int:
    """Save, and return the epoch of the picture that the file holds."""
    page.wait_for_timeout(2000)
    paused = epoch(page)
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="Save Notebook", exact=False).first.click()

    def saved() -> bool:
        with contextlib.suppress(ValueError):  # while it is being written
            return paused in epochs_kept(json.loads(path.read_text(encoding="utf-8")))
        return False

    until(saved, page, f"a saved picture of epoch {paused}")
    return paused


def seen_without_widget(page: Page, pictures: Path) -> None:
    """The picture is seen where no widget lives."""
    still = page.locator("img.descend-still").first
    expect(still).to_be_visible(timeout=WAIT)
    assert still.evaluate("image => image.naturalWidth") > 100
    page.screenshot(path=pictures / "saved.png")


def main(arguments: list[str]) -> int:
    """Try it; return the exit code."""
    chromium = found()
    if chromium is None:
        print("no Chromium: make browser installs it")
        return 1
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        pictures = Path(arguments[0]) if arguments else folder
        pictures.mkdir(parents=True, exist_ok=True)
        write_notebook(folder / "try.ipynb")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        with jupyter(folder) as address:
            opened(page, address)
            seen_live(page, pictures)
            print(f"saved: the picture of epoch {kept(page, folder / 'try.ipynb')}")
        with jupyter(folder) as address:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            opened(page, address)
            seen_without_widget(page, pictures)
            print("opened again, with no kernel that knows it: the picture is there")
        browser.close()
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
