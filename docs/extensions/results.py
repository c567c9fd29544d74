"""The directives ``accuracy`` and ``speed``: two small tables for the front page, from benchmarks/results/."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

from benchmarks.accuracy import compare, records, summary  # noqa: E402
from benchmarks.accuracy.ours import MAIN  # noqa: E402
from benchmarks.accuracy.tables import table  # noqa: E402
from benchmarks.results import number, percent, read  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
PEERS = {
    "CatBoost": "CatBoost",
    "LightGBM": "LightGBM",
    "XGBoost": "XGBoost",
    "HGB": "HistGradientBoosting",
    "sk MLP": "scikit-learn's MLP",
}
WORKS = {"sample-8": "one row, nodes 8-32-1", "sample-784": "one row, 784-128-10", "batch-784": "32 rows, 784-128-10"}
RIVALS = ("PyTorch", "scikit-learn", "JAX")


def accuracy() -> str:
    """Compare ours with each peer, all with their defaults, on the tables that both have.

    Returns
    -------
    str
        A table in Markdown: peer, tables, our error by theirs, tables on which ours is the smaller.

    Examples
    --------
    >>> [line.split(" | ")[0].strip("| ") for line in accuracy().splitlines()[2:4]]
    ['CatBoost', 'LightGBM']
    """
    results = summary.select(records.read(RESULTS / "accuracy"), False)
    rows = []
    for name, words in PEERS.items():
        figures = results.figures([MAIN, name], "error")
        ratio = compare.geometric_mean(compare.log_ratios(results, MAIN, name, "error"))
        better, _, _ = compare.wins(figures, MAIN, name)
        rows.append((words, f"{ratio:.2f}", f"{better} of {len(figures)}"))
    return table(("all with defaults", "our error ÷ theirs", "ours is smaller on"), rows)


def speed() -> str:
    """Tell how long one step takes, its share of the roofline, and how many times longer others take.

    Returns
    -------
    str
        A table in Markdown.

    Examples
    --------
    >>> [line.split(" | ")[0].strip("| ") for line in speed().splitlines()[2:]] == list(WORKS.values())
    True
    """
    rows = []
    for name, words in WORKS.items():
        result, _ = read(RESULTS / f"{name}.json")
        lines = {line.against: line for line in result.lines}
        ratios = [f"{number(lines[rival].ratio.median)} ×" if rival in lines else "–" for rival in RIVALS]
        share = next((percent(line.ratio.median) for line in result.lines if line.is_share), "–")
        rows.append((words, f"{number(result.lines[0].ours)} µs", share, *ratios))
    return table(("one step of SGD", "ours", "of the roofline", *RIVALS), rows)


class Accuracy(SphinxDirective):
    """The table of accuracy."""

    def run(self) -> list[nodes.Node]:
        """Write it."""
        return self.parse_text_to_nodes(accuracy())


class Speed(SphinxDirective):
    """The table of speed."""

    def run(self) -> list[nodes.Node]:
        """Write it."""
        return self.parse_text_to_nodes(speed())


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the directives known."""
    app.add_directive("accuracy", Accuracy)
    app.add_directive("speed", Speed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
