"""Take pictures of ten pages of the built site in a real Chromium, light and dark, 1280 px wide, to be looked at.

Usage: ``make docs``, then ``python tools/pictures/site_pictures.py FOLDER [WORD …]``; WORDs choose among their names.
``python tools/pictures/site_pictures.py --report`` takes the picture of a report that stands on the page *Start*.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from playground_pictures import smaller  # noqa: E402

from browser import browser  # noqa: E402
from descend.tables.datasets import dataset_path  # noqa: E402

BUILT = ROOT / "docs" / "_build" / "html"
PAGES = {
    "front": "index.html",
    "start": "start.html",
    "guide": "guide/index.html",
    "reading": "guide/how-a-table-is-read.html",
    "mathematics": "mathematics/index.html",
    "engine": "engine/index.html",
    "gallery": "gallery/index.html",
    "api": "reference/index.html",
    "network": "reference/api/descend.Network.html",
    "accuracy": "accuracy.html",
}
SIZE = {"width": 1280, "height": 800}
LONGEST = 4000  # pixels of a page that are looked at


def main(folder: Path, words: list[str]) -> None:
    """Write two pictures of each page: ``NAME-light.png`` and ``NAME-dark.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as running:
        for scheme in ("light", "dark"):
            page = running.new_context(viewport=SIZE, color_scheme=scheme).new_page()
            for name, file in PAGES.items():
                if words and name not in words:
                    continue
                page.goto((BUILT / file).as_uri())
                height = min(page.evaluate("document.documentElement.scrollHeight"), LONGEST)
                clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": height if name != "front" else SIZE["height"]}
                page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True, clip=clip)
                print(folder / f"{name}-{scheme}.png")


def report() -> Path:
    """Write docs/pictures/start-report.png: the first screen of the report that the page *Start* makes."""
    path = ROOT / "docs" / "pictures" / "start-report.png"
    with tempfile.TemporaryDirectory() as folder, browser() as running:
        told = ["--target", "rentals", "--report", "report.html", "-o", "bikes.descend"]
        subprocess.run([sys.executable, "-m", "descend", "train", dataset_path("bikes"), *told], cwd=folder, check=True)
        page = running.new_context(viewport=SIZE, color_scheme="light").new_page()
        page.goto((Path(folder) / "report.html").as_uri())
        path.write_bytes(smaller(page.screenshot()))
    return path


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--report":
        print(report())
    else:
        main(Path(sys.argv[1]), sys.argv[2:])
