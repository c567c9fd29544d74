"""Rows that never were, drawn from a summary: each column as it was distributed, and together about as they varied.

A Gaussian copula: scores are drawn from the normal distribution that has their means and covariances; each column then
takes its values in the order of its scores, spread evenly over its distribution. So the distribution of each column is
met as exactly as so many rows can, and the dependence as far as means and covariances of scores tell it.
"""

from __future__ import annotations

import numpy as np

from descend.preprocessing.encoders.eigenvectors import cholesky
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import LevelSummary, NumberSummary
from descend.preprocessing.summaries.table import MISSING, VALUE, Score, TableSummary
from descend.tables.columns.column import Column, make_column
from descend.typing import Array, Floats

_KEY = 0x64726177  # "draw"


def draw(summary: TableSummary, rows: int, seed: int = 0) -> Inputs:
    """Return made rows.

    Parameters
    ----------
    summary : TableSummary
        What is known of the rows.
    rows : int
        How many are made, at least 1.
    seed : int, default 0
        Who draws; the same rows for the same seed on every machine.

    Examples
    --------
    >>> from descend.preprocessing.summaries.table import summarise
    >>> columns = make_column("a", "number", np.arange(100.0)), make_column("b", "category", ["x"] * 75 + ["y"] * 25)
    >>> made = draw(summarise(Inputs({one.name: one for one in columns})), 4)
    >>> sorted(made.columns["a"].values.tolist()), sorted(made.columns["b"].values.tolist())
    ([12.0, 37.0, 62.0, 87.0], ['x', 'x', 'x', 'y'])
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_KEY,))))
    latent = _normal(random, rows, len(summary.scores))
    Z = np.einsum("nk,jk->nj", latent, cholesky(summary.covariance)) + summary.mean
    place = {score: k for k, score in enumerate(summary.scores)}
    columns = {}
    for name, one in summary.columns.items():
        alone = random.random((rows, 2))
        own = Z[:, place[Score(name, MISSING)]] if Score(name, MISSING) in place else alone[:, 0]
        missing = np.zeros(rows, dtype=bool)
        missing[np.argsort(-own, kind="stable")[: _share(one.missing, one.rows, rows, random)]] = True
        there = np.flatnonzero(~missing)
        if isinstance(one, NumberSummary):
            known = Score(name, VALUE) in place
            columns[name] = _numbers(one, Z[:, place[Score(name, VALUE)]] if known else alone[:, 1], there, rows)
        else:
            levels = {k: Z[:, place[s]] for k in range(len(one.levels)) if (s := Score(name, "level", k)) in place}
            columns[name] = _levels(one, levels, alone[:, 1], there, random)
    return Inputs(columns)


def _normal(random: np.random.Generator, rows: int, columns: int) -> Floats:
    """Return normal numbers, each column spread evenly."""
    from scipy.special import ndtri

    order = np.argsort(random.random((columns, rows)), axis=1, kind="stable")
    return np.asarray(ndtri((order.T + 0.5) / rows))


def _share(count: int, of: int, rows: int, random: np.random.Generator) -> int:
    """Return how many of the made rows have what `count` of the training rows had; the fraction by chance."""
    return min(rows, int(np.floor(rows * count / max(of, 1) + random.random())))


def _numbers(one: NumberSummary, latent: Array, there: Array, rows: int) -> Column:
    values = np.full(rows, np.nan)
    if len(one.quantiles):
        rank = np.empty(len(there))
        rank[np.argsort(latent[there], kind="stable")] = (np.arange(len(there)) + 0.5) / max(len(there), 1)
        values[there] = one.at(rank)
    return make_column(one.name, one.kind, values)


def _levels(
    one: LevelSummary, latent: dict[int, Array], alone: Array, there: Array, random: np.random.Generator
) -> Column:
    """Give each level its share of the rows, the rarest first, those in which its score is largest."""
    rows = len(alone)
    codes = np.full(rows, -1, dtype=np.int64)
    counts = np.array(one.counts, dtype=np.float64)
    free = there[np.argsort(alone[there], kind="stable")]
    if len(counts) and len(free) and counts.sum() > 0:
        wanted = _rounded(counts * (len(free) / counts.sum()), random)
        for place in np.argsort(counts, kind="stable"):
            if place in latent:
                free = free[np.argsort(-latent[place][free], kind="stable")]
            codes[free[: wanted[place]]] = place
            free = free[wanted[place] :]
    if one.kind == "boolean":
        return make_column(one.name, "boolean", np.where(codes < 0, np.nan, codes.astype(np.float64)))
    texts = np.array([*one.levels, ""], dtype=object)
    return make_column(one.name, "category", texts[codes])


def _rounded(shares: Array, random: np.random.Generator) -> Array:
    """Return whole numbers of the same sum, each share rounded down or up, evenly (systematic sampling)."""
    ends = np.floor(np.cumsum(shares) + random.random() * (1.0 - 1e-9)).astype(np.int64)
    ends[-1] = round(float(shares.sum()))
    return np.diff(np.minimum(ends, ends[-1]), prepend=0)
