"""Take the picture of docs/guide/report.md in a real Chromium: the beginning of a report of the bundled diamonds.

Usage: ``python tools/pictures/report_pictures.py`` writes docs/pictures/report.png; with ``--pages FOLDER FILE.html …``
each page as a whole picture and as a PDF, to be looked at.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from descend.cli import main as descend
from descend.tables.datasets import dataset_path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from browser import browser  # noqa: E402

PICTURE = ROOT / "docs" / "pictures" / "report.png"
SIZE = {"width": 900, "height": 1020}
COLOURS = 256  # of a picture: a fifth of the bytes, and no difference to be seen


def made(folder: Path) -> Path:
    """Train on the diamonds, and return the report of that."""
    page = folder / "report.html"
    words = ["train", str(dataset_path("diamonds")), "--target", "price", "--quality", "fast"]
    try:
        descend([*words, "-o", str(folder / "diamonds.descend"), "--report", str(page)])
    except SystemExit as left:
        if left.code:
            raise
    return page


def looked_at(running: Any, pages: list[Path], folder: Path) -> None:
    """Write each page as a picture and as a PDF."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in pages:
        page = running.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(one.resolve().as_uri())
        page.screenshot(path=folder / f"{one.stem}.png", full_page=True)
        page.pdf(path=folder / f"{one.stem}.pdf", prefer_css_page_size=True)


def main(arguments: list[str]) -> None:
    """Take the picture, or look at pages."""
    with browser() as running, tempfile.TemporaryDirectory() as folder:
        if arguments[:1] == ["--pages"]:
            looked_at(running, [Path(one) for one in arguments[2:]], Path(arguments[1]))
            return
        page = running.new_context(viewport=SIZE, device_scale_factor=1.5).new_page()
        page.goto(made(Path(folder)).as_uri())
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        taken.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
