"""Pages of reports that several tests look at, and what a strict parser and a reader of tables find in them."""

from __future__ import annotations

import functools
import re
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import html5lib
import numpy as np

from command_line import PENGUINS, blend_model, folder_of_models, run
from descend import Network
from descend.report import columns as report_columns
from descend.report import tabular as report_tabular
from descend.report import training as report_training

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ('"<script>alert(1)</script>', 'a"\x1b[31m$x_1$& b', "]]> --><!-- 0.12345678", "y<b>")


@contextmanager
def few_figures():
    """Draw how answers depend on two columns only: drawing is what takes the time."""
    with ExitStack() as patches:
        for room, most in ((report_columns, 2), (report_training, 1), (report_tabular, 1)):
            patches.enter_context(patch.object(room, "MOST_DEPENDENCES", most))
        yield


@functools.cache
def blend_page() -> Path:
    """Of a blend of the penguins, by ``descend report``."""
    path = folder_of_models() / "blend.html"
    with few_figures():
        done = run("report", blend_model(), PENGUINS, "-o", path)
    assert done.code == 0, done.err
    return path


@functools.cache
def hostile_model() -> tuple[Path, Path, Path]:
    """A table whose names and cells are hostile, its model and report, by ``descend train --report``."""
    folder = folder_of_models()
    table, model, page = (folder / f"hostile.{ending}" for ending in ("csv", "descend", "html"))
    cells = [(i % 7, ["<i>no", "\x1b[2Jyes&amp;"][i % 2], i % 5, i % 7 + 2 * (i % 2) + i / 400) for i in range(120)]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in NAMES)
    table.write_text("\n".join([header, *(",".join(map(str, row)) for row in cells)]) + "\n", encoding="utf-8")
    options = ("--preset", "textbook", "--hidden", "4", "--restarts", 3, "--epochs", 5, "--jobs", 1, "--report", page)
    with few_figures():
        done = run("train", table, "--target", NAMES[-1], "-o", model, *options)
    assert done.code == 0, done.err
    return table, model, page


def training(kind: str, restarts: int = 3):
    """A training of arrays: "numbers", three of them; "labels", two; or "classes", three."""
    random = np.random.default_rng(0)
    X = random.uniform(-1.0, 1.0, (200, 2))
    product = X[:, 0] * X[:, 1]
    Y = {
        "numbers": np.column_stack([product, X[:, 0], X[:, 1] ** 2]),
        "labels": np.column_stack([product > 0, X[:, 0] > 0.2]).astype(float),
        "classes": np.eye(3)[np.digitize(product, [-0.2, 0.2])],
    }[kind]
    end = {"numbers": {}, "labels": {"output": "sigmoid"}, "classes": {"output": "softmax"}}[kind]
    loss = {} if kind == "numbers" else {"loss": "log_loss"}
    net = Network([2, 6, Y.shape[1]], activation="tanh", seed=0, **end, **loss)
    return net.fit(X, Y, epochs=10, restarts=restarts, validation=0.25 if kind != "labels" else None)


def parsed(path: Path):
    """The page as html5lib's strict parser reads it; any fault is an error."""
    return html5lib.HTMLParser(strict=True).parse(path.read_text(encoding="utf-8"))


def words_of(element) -> str:
    """All text in an element, in one line."""
    return " ".join("".join(element.itertext()).split())


def table_of(page, caption: str) -> dict[str, dict[str, str]]:
    """The cells of the table below a caption: first cell of a row -> head -> cell."""
    captions = ((one, one.find(f"{HTML}caption")) for one in page.iter(f"{HTML}table"))
    found = next(one for one, told in captions if told is not None and caption in words_of(told))
    heads = [words_of(one) for one in found.find(f"{HTML}thead")[0]]
    rows = [[words_of(cell) for cell in row] for row in found.find(f"{HTML}tbody")]
    return {row[0]: dict(zip(heads, row, strict=True)) for row in rows}


def faults(path: Path) -> list[str]:
    """What a page must not have: scripts, things from outside, names twice, headings that jump, pictures unnamed."""
    text, page = path.read_text(encoding="utf-8"), parsed(path)
    ids = re.findall(r' id="([^"]*)"', text)
    levels = [int(one.tag[-1]) for one in page.iter() if re.fullmatch(rf"{re.escape(HTML)}h[1-6]", str(one.tag))]
    found = [f"{one.tag} is there" for one in page.iter() if one.tag in (f"{HTML}script", f"{HTML}link", f"{HTML}i")]
    links = [value for one in page.iter() for name, value in one.attrib.items() if str(name).endswith(("href", "src"))]
    found += [f"leads outside: {one[:60]}" for one in links if not one.startswith(("#", "data:image/png;base64,"))]
    found += [f"the name {one} twice" for one in set(ids) if ids.count(one) > 1]
    found += [f"h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1]
    found += ["a picture without a title" for one in page.iter(f"{SVG}svg") if not words_of(one.find(f"{SVG}title"))]
    found += [f"a control character {sign!r}" for sign in set(text) if not sign.isprintable() and sign != "\n"]
    return found + (["more than 500 kB"] if len(text.encode()) > 500_000 else [])
