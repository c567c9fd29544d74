"""Our contestants: the estimators for tables in each quality, and one net alone."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.peers import Array, Fit, Job, Peer, Predict, predictor

PACKAGE = "descend"
MAIN, SINGLE = "descend", "descend single"


def tabular(quality: str) -> Fit:
    """Return the contestant `TabularClassifier` / `TabularRegressor` of that quality: a raw table in."""

    def fit(job: Job) -> Predict:
        import descend

        maker = descend.TabularClassifier if job.classify else descend.TabularRegressor
        model = maker(quality=quality, random_state=job.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is told about columns
            model.fit(job.train, job.y)
        return predictor(model, job, job.test)

    return fit


def single(job: Job) -> Predict:
    """`descend train` of one net: the best of 16 restarts, a fifth of the rows to choose it."""
    from descend.models.train import TrainOptions, train, understand

    target = _free_name(job.train)
    y = np.array([_word(code) for code in job.y], object) if job.classify else job.y
    options = TrainOptions(task=job.kind, preset=_single_preset(), test=0.0, seed=job.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = train(understand(job.train.assign(**{target: y}), target, options)).model
    return lambda: _answer(model, job)


def _answer(model: Any, job: Job) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not job.classify:
            return np.asarray(model.predict(job.test), float)
        probability = model.predict_probability(job.test)
    task = model.preprocessing.task
    places = [int(str(word)[1:]) for word in (task.labels or task.classes)]
    found = np.zeros((len(job.test), int(job.y.max()) + 1))
    found[:, places] = probability
    return found


def _single_preset() -> str:
    from descend.models.presets import PRESETS

    return "single" if "single" in PRESETS else "tabular"  # before there were blends, `tabular` was one net


def _word(code: int) -> str:
    return f"k{code}"


def _free_name(X: Any) -> str:
    return next(name for name in ("y", *(f"y{i}" for i in range(X.shape[1] + 1))) if name not in X.columns)


def _estimators() -> bool:
    import descend

    return "TabularClassifier" in dir(descend) or hasattr(descend, "TabularClassifier")


def _installed() -> bool:
    from importlib.util import find_spec

    return find_spec(PACKAGE) is not None


OURS = {
    "descend fast": Peer(tabular("fast"), PACKAGE),
    MAIN: Peer(tabular("good"), PACKAGE, "quality good, the default"),
    "descend best": Peer(tabular("best"), PACKAGE),
    SINGLE: Peer(single, PACKAGE, "one net, the best of 16"),
}


def missing(name: str) -> str | None:
    """Return why one of ours cannot run, None if it can."""
    if not _installed():
        return "descend is not installed here."
    if name != SINGLE and not _estimators():
        return "this descend has no TabularClassifier."
    return None


def tag(given: str | None, describe: Callable[[], str] | None = None) -> str:
    """Return the version that our results belong to: what the user says, or the commit.

    Examples
    --------
    >>> tag("try-3"), tag(None, lambda: "a1b2c3d")
    ('try-3', 'a1b2c3d')
    """
    return given or (describe or _commit)()


def _commit() -> str:
    words = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    here = Path(__file__).parent
    return subprocess.run(words, cwd=here, capture_output=True, text=True, check=True).stdout.strip()
