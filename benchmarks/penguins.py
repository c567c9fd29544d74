"""Penguins: 64 restarts of 4-8-3 for 200 epochs, next to one fit of scikit-learn."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks import measure
from benchmarks.results import Line, Result
from benchmarks.table import Options
from benchmarks.works import Array
from descend import Network
from descend.tables.datasets import dataset_path

RESTARTS, EPOCHS, RATE = 64, 200, 0.01
OURS = "ours"
PLAIN, DEFAULTS = "scikit-learn, one fit, batch 1", "scikit-learn, one fit, Adam, batch 200 (its defaults)"


def run_penguins(options: Options) -> Result:
    """Whole trainings on one core, our checks and choice of the winner included; each in its own order of rows."""
    X, labels = load_penguins()
    title = f"penguins, {RESTARTS} restarts of 4-8-3, {EPOCHS} epochs"
    kept: dict[str, Any] = {}
    runs: dict[str, measure.Run] = {OURS: partial(_fit_ours, X, labels, options.engine, kept)}
    notes = []
    try:
        runs |= _peers(X, labels, kept)
    except ImportError as error:
        notes.append(f"scikit-learn is skipped: {error}")
    for run in runs.values():
        run()
    times = measure.in_turn(runs, min(3, options.repeats))
    lines = [_line(title, name, times) for name in runs if name != OURS]
    losses = {name: _log_loss(predict(X), labels) for name, predict in kept.items()}
    details = {"log_loss_on_training_rows": losses, "seconds": {name: one.wall for name, one in times.items()}}
    return Result("penguins", title, lines, notes, details)


def load_penguins() -> tuple[Array, Array]:
    """Return the four measures, standardised, of the complete rows, and the species as 0, 1, 2."""
    with dataset_path("penguins").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name.endswith(("_mm", "_length", "_depth", "_mass", "_g"))]
    whole = [row for row in rows if all(_is_number(row[name]) for name in names)]
    X = np.array([[float(row[name]) for name in names] for row in whole])
    species = sorted({row["species"] for row in whole})
    return (X - X.mean(axis=0)) / X.std(axis=0), np.array([species.index(row["species"]) for row in whole])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _fit_ours(X: Array, labels: Array, engine: str, kept: dict[str, Any]) -> None:
    net = Network((X.shape[1], 8, 3), "tanh", output="softmax", loss="log_loss", seed=0, engine=engine)
    training = net.fit(X, np.eye(3)[labels], epochs=EPOCHS, learning_rate=RATE, restarts=RESTARTS, n_jobs=1)
    kept[OURS] = training.best.predict


def _peers(X: Array, labels: Array, kept: dict[str, Any]) -> dict[str, Callable[[], None]]:
    from sklearn.neural_network import MLPClassifier

    same = {"hidden_layer_sizes": (8,), "activation": "tanh", "max_iter": EPOCHS, "tol": 0.0, "random_state": 0}
    plain = {"solver": "sgd", "batch_size": 1, "learning_rate_init": RATE, "momentum": 0.0, "alpha": 0.0}

    def fit(name: str, options: dict[str, Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that 200 epochs are not convergence
            net = MLPClassifier(**same, n_iter_no_change=EPOCHS, **options).fit(X, labels)
        kept[name] = net.predict_proba

    return {name: partial(fit, name, options) for name, options in ((PLAIN, plain), (DEFAULTS, {}))}


def _line(title: str, name: str, times: dict[str, measure.Times]) -> Line:
    ratio = measure.ratio(times[name].wall, times[OURS].wall)
    return Line(title, times[OURS].median, name, times[name].median, "s", ratio)


def _log_loss(probabilities: Array, labels: Array) -> float:
    return float(-np.log(np.asarray(probabilities, float)[np.arange(len(labels)), labels]).mean())
