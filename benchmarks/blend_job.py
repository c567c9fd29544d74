"""One fit on a million rows × 20 numbers in a process of its own; started by `blend_million`.

Usage: ``python -m benchmarks.blend_job CONTESTANT ROWS``. It writes ``CONTESTANT.json``: R² on rows that nobody has
seen, and the seconds of fit and predict by themselves.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.works import Array

COLUMNS, NEW, NOISE = 20, 200_000, 0.3  # standard deviation of the noise; that of the target is 2.0


def made(rows: int, seed: int) -> tuple[Array, Array]:
    """Return standard normal numbers, and a smooth function of six of them with noise.

    Examples
    --------
    >>> X, y = made(1000, 0)
    >>> X.shape, bool(np.corrcoef(np.sin(X[:, 0]), y)[0, 1] > 0.5)
    ((1000, 20), True)
    """
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, COLUMNS))
    signal = 2 * np.sin(X[:, 0]) + X[:, 1] * X[:, 2] / 2 + X[:, 3] ** 2 / 2 + np.abs(X[:, 4]) - X[:, 5]
    return X, signal + NOISE * random.normal(size=rows)


def ours(quality: str) -> Callable[[], Any]:
    """Return how to make our estimator of a quality."""

    def make() -> Any:
        from descend import TabularRegressor

        return TabularRegressor(quality=quality, random_state=0)

    return make


def lightgbm() -> Any:
    """Return LightGBM's estimator with its defaults."""
    from lightgbm import LGBMRegressor

    return LGBMRegressor(random_state=0, verbose=-1)


def catboost() -> Any:
    """Return CatBoost's estimator with its defaults."""
    from catboost import CatBoostRegressor

    return CatBoostRegressor(random_seed=0, verbose=False, allow_writing_files=False)


MAKERS: dict[str, Callable[[], Any]] = {
    "ours": ours("good"),
    "fast": ours("fast"),
    "lightgbm": lightgbm,
    "catboost": catboost,
}


def main(arguments: Sequence[str]) -> None:
    """Fit, predict, write what came out."""
    name, rows = arguments
    X, y = made(int(rows), seed=0)
    begun = time.perf_counter()
    fitted = MAKERS[name]().fit(X, y)
    between = time.perf_counter()
    new, truth = made(NEW, seed=1)
    start = time.perf_counter()
    found = np.asarray(fitted.predict(new))
    seconds = {"fit": between - begun, "predict": time.perf_counter() - start}
    score = 1.0 - float(((truth - found) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())
    Path(f"{name}.json").write_text(json.dumps({"r2": score, "seconds": seconds}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
