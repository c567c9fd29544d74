"""The tables of the whole jobs: a million rows that are made, and the bundled diamonds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.works import Array
from descend.tables.datasets import dataset_path

LEVELS = ("amber", "blue", "coral", "dove", "ebony")
DECIMALS = 5
NOISE = 0.3  # standard deviation; that of the target is 2.1
ROWS, QUICK_ROWS = 1_000_000, 100_000
EVERY = 6  # of the diamonds, every sixth is held out


@dataclass(frozen=True)
class JobTable:
    """A table to learn and rows held out.

    Parameters
    ----------
    title : str
        How the page calls it.
    known, new : polars.DataFrame
        The rows to learn from, and those that judge.
    target : str
        A column of numbers.
    categories : tuple of str
        The columns of words.
    """

    title: str
    known: pl.DataFrame
    new: pl.DataFrame
    target: str
    categories: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Write ``known.csv``, ``new.csv``, and ``known-codes.csv``, ``new-codes.csv`` with a number for each word."""
        coded = self._coded()
        parts = {"known": self.known, "new": self.new}
        parts |= {"known-codes": coded[: len(self.known)], "new-codes": coded[len(self.known) :]}
        for name, part in parts.items():
            part.write_csv(folder / f"{name}.csv")

    def _coded(self) -> pl.DataFrame:
        whole = pl.concat([self.known, self.new])
        return whole.with_columns(pl.col(name).rank("dense").cast(pl.Int32) - 1 for name in self.categories)


def million(quick: bool = False) -> JobTable:
    """Return a million rows × 8 columns and 200,000 more: six numbers, a category of five levels, a number to learn."""
    rows = QUICK_ROWS if quick else ROWS
    whole = made(rows + rows // 5)
    return JobTable(f"{rows:,} rows × {whole.width}", whole[:rows], whole[rows:], "y", ("kind",))


def made(rows: int) -> pl.DataFrame:
    """Return rows with x1 … x6 standard normal, a kind, and y, a smooth function of all of them and noise."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 6)).round(DECIMALS)
    kind = random.integers(len(LEVELS), size=rows)
    y = _signal(x, kind) + NOISE * random.normal(size=rows)
    numbers = {f"x{column + 1}": x[:, column] for column in range(6)}
    return pl.DataFrame(numbers | {"kind": np.array(LEVELS)[kind], "y": y.round(DECIMALS)})


def _signal(x: Array, kind: Array) -> Array:
    smooth = 2 * np.sin(x[:, 0]) + x[:, 1] * x[:, 2] / 2 + x[:, 3] ** 2 / 2 + np.abs(x[:, 4]) - x[:, 5]
    return np.asarray(smooth + np.linspace(-1, 1, len(LEVELS))[kind])


def diamonds() -> JobTable:
    """Return the bundled diamonds, every sixth held out."""
    whole = pl.read_csv(dataset_path("diamonds"))
    held = pl.int_range(pl.len()) % EVERY == 0
    known, new = whole.filter(~held), whole.filter(held)
    title = f"diamonds, {len(known):,} rows × {whole.width}"
    return JobTable(title, known, new, "price", ("cut", "color", "clarity"))
