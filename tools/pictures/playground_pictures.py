"""Take the pictures of docs/guide/playground.md in a real Chromium: fixed experiments, learnt to their end.

Usage: ``python tools/pictures/playground_pictures.py`` writes docs/pictures/; with ``--all FOLDER [WORD …]``: each
view on three networks, in two sizes, as a presentation, light and dark, to be looked at; WORDs choose among names.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from descend.tables.datasets import dataset_path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from browser import Page, browser, profile, served, why_not  # noqa: E402

COLOURS = 128  # of a picture: an eighth of the bytes, and no difference to be seen
SIZES = {"1280": (1280, 800), "1920": (1920, 1080)}


@dataclass(frozen=True)
class Shot:
    """One picture.

    Parameters
    ----------
    name : str
        The file's, without its ending.
    experiment : str
        The address's part after the #.
    source : str
        What the command is given; "": nothing.
    clicks : tuple of str
        What is clicked at before, by playwright's selectors.
    train : bool
        Whether it is trained to its end before.
    part : str
        What is taken, by a selector; "": all that the window shows.
    size : tuple of int
        Of the window.
    """

    name: str
    experiment: str
    source: str = ""
    clicks: tuple[str, ...] = ()
    train: bool = True
    part: str = ""
    size: tuple[int, int] = SIZES["1280"]


SPIRAL = "data=spiral&noise=0.05&hidden=16,16&learning_rate=0.01&batch_size=16&optimizer=adam&epochs=150&speed=0"
CIRCLES = "data=circles&restarts=4&epochs=40&seed=1&speed=0"
PENGUINS = "data=table:penguins&hidden=8&epochs=60&restarts=8&speed=0"
MIDDLE, RESULTS = "main.column", "[aria-label=Results]"
EDGE, BLOCK = ".net-edge >> nth=1", ".net-block"
BACKWARD = "text=backward: δ, ∂L/∂w"

DOCS = (
    Shot("playground", f"{SPIRAL}&theme=light"),
    Shot("playground-dark", f"{SPIRAL}&theme=dark&view=round"),
    Shot("playground-network", f"{CIRCLES}&theme=light", clicks=(EDGE,), part=MIDDLE),
    Shot("playground-backward", f"{CIRCLES}&theme=light", clicks=(BACKWARD,), part=".net-view"),
    Shot("playground-round", f"{CIRCLES}&theme=light&view=round", clicks=("text=next ▶",) * 3, part=MIDDLE),
    Shot("playground-table", f"{PENGUINS}&theme=light", part=RESULTS, size=(1400, 960)),
    Shot("playground-curve", "data=curve&hidden=6&restarts=8&speed=0&theme=light", part=f"{RESULTS} .card >> nth=0"),
    Shot("playground-lesson", "data=xor&hidden=2&theme=light&lesson=list", train=False, clicks=("text=chain rule",)),
)


def digits(folder: Path) -> str:
    """Write a table of 28 × 28 points of scikit-learn's digits, none of them constant; return its path."""
    from sklearn.datasets import load_digits

    random = np.random.default_rng(0)
    drawn, names = load_digits(return_X_y=True)
    wide = np.pad(np.kron(drawn[:600].reshape(-1, 8, 8), np.ones((3, 3))), ((0, 0), (2, 2), (2, 2))).reshape(-1, 784)
    wide = wide + random.normal(0, 0.3, wide.shape)
    lines = [",".join(f"p{i}" for i in range(784)) + ",digit"]
    lines += [",".join(f"{v:.2f}" for v in row) + f",d{name}" for row, name in zip(wide, names[:600], strict=True)]
    path = folder / "digits.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return str(path)


def views(network: str) -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    """Yield what is looked at of each network: name, page's part of the address, clicks, trained or not."""
    yield "start", "", (), False
    yield "forward", "", (EDGE if network == "small" else BLOCK,), True
    yield "backward", "", (BACKWARD, ".net-node >> nth=-1" if network != "digits" else BLOCK), True
    yield "round", "view=round", ("text=next ▶",) * 3, True
    yield "end", "view=round", ("[aria-label='last step']",), True
    yield "answers", "view=answers", (), True
    yield "restarts", "view=restarts", (), True


def matrix(folder: Path) -> Iterator[Shot]:
    """Yield all pictures that are to be looked at."""
    networks = {
        "small": (CIRCLES, ""),
        "penguins": ("target=species&hidden=64,64&epochs=20&restarts=4&speed=0", str(dataset_path("penguins"))),
        "digits": ("hidden=128&epochs=4&restarts=2&speed=0", digits(folder)),
    }
    others = {
        "curve": ("data=curve&hidden=6&restarts=8&speed=0&view=answers", ()),
        "bumps": ("data=bumps&hidden=8&restarts=4&epochs=40&speed=0&view=answers", ()),
        "numbers": ("data=table:diamonds&hidden=8&restarts=4&epochs=20&speed=0&view=answers", ()),
        "many": ("data=xor&hidden=2&restarts=64&epochs=100&speed=0&view=restarts", ()),
        "settings": ("data=xor&hidden=4,3&view=settings", ()),
        "lessons": ("lesson=list", ()),
        "lesson": ("lesson=list", ("text=sixteen descents",)),
        "about": ("", ("text=What is this?",)),
        "share": (f"{CIRCLES}", ("[aria-label='Link and downloads']",)),
        "keys": ("", ()),
    }
    for (size, window), talk, theme in product(SIZES.items(), ("", "talk"), ("light", "dark")):
        looks, name = f"&theme={theme}" + ("&talk=1" if talk else ""), f"{size}{talk}-{theme}"
        for network, (experiment, source) in networks.items():
            for view, own, clicks, train in views(network):
                if not (talk and view == "start"):
                    yield Shot(
                        f"{network}-{view}-{name}", f"{experiment}&{own}{looks}", source, clicks, train, "", window
                    )
        for view, (experiment, clicks) in others.items():
            train = "speed=0" in experiment
            yield Shot(f"{view}-{name}", f"{experiment}{looks}", "", clicks, train, "", window)


def take(page: Page, shot: Shot) -> bytes:
    """Bring a page to what is to be seen, and return the picture as PNG."""
    page.page.set_viewport_size({"width": shot.size[0], "height": shot.size[1]})
    page.open(shot.experiment)
    if shot.train:
        page.page.keyboard.press("Space")
        page.until(lambda: page.picture["finished"], "the end", 120_000)
    for selector in shot.clicks:
        page.page.locator(selector).first.click(force=True, timeout=5000)
    if shot.name.startswith("keys"):
        page.page.keyboard.press("?")
    page.page.mouse.move(2, 2)
    page.page.wait_for_timeout(400)
    taken: Any = page.page.locator(shot.part).first if shot.part else page.page
    return taken.screenshot()


def smaller(png: bytes) -> bytes:
    """The same picture of a few colours."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def take_all(shots: list[Shot], folder: Path, finish: Callable[[bytes], bytes]) -> None:
    """Write pictures into a folder; a server for each source."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as running:
        for source in dict.fromkeys(shot.source for shot in shots):
            with served(*([source] if source else [])) as address, profile(running, address) as page:
                for shot in (one for one in shots if one.source == source):
                    path = folder / f"{shot.name}.png"
                    path.write_bytes(finish(take(page, shot)))
                    print(f"{path}: {path.stat().st_size / 1000:.0f} kB", *page.faults)
                    page.faults.clear()


def main() -> int:
    """Follow the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    if reason := why_not():
        print(reason)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        shots = list(matrix(Path(folder))) if given.all else list(DOCS)
        chosen = [one for one in shots if all(word in one.name for word in given.words)]
        if given.all:
            take_all(chosen, given.all, bytes)
        else:
            take_all(chosen, ROOT / "docs" / "pictures", smaller)
    return 0


if __name__ == "__main__":
    sys.exit(main())
