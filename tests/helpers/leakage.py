"""Noise tables, and the question whether what an encoder tells training rows of their own target fools a model."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from descend.preprocessing.encoders.inputs import Inputs
from descend.tables.columns.column import make_column

FRESH = 4_000


def noise_inputs(rng: np.random.Generator, rows: int, numbers: int = 3) -> Inputs:
    """Categories of 10, 100 and 1,000 levels (c10, …), and numbers (x0, …), all random."""
    levels = {f"c{k}": [f"v{i}" for i in rng.integers(0, k, rows)] for k in (10, 100, 1000)}
    columns = {name: make_column(name, "category", values) for name, values in levels.items()}
    drawn = {f"x{j}": rng.random(rows) for j in range(numbers)}
    return Inputs(columns | {name: make_column(name, "number", values) for name, values in drawn.items()})


def noise_classes(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Two classes, nearly as many rows of each."""
    return rng.permutation(np.arange(rows) % 2)


def centred(classes: np.ndarray, count: int = 2) -> np.ndarray:
    """Centred one-hot; two classes: one column."""
    target = np.eye(count)[classes][:, 1:] if count == 2 else np.eye(count)[classes]
    return target - target.mean(axis=0)


def encoded(encoder, inputs: Inputs) -> np.ndarray:
    """What the encoder makes of rows that were not in the fit."""
    out = np.zeros((inputs.rows, len(encoder.feature_names)))
    assert encoder.encode(inputs, out) is None
    return out


def problems(block, classes, fresh, fresh_classes) -> list[str]:
    """What a tree and a logistic regression, trained on the block, show of a leak of a noise target; nothing: [].

    On fresh rows each must be at chance; on the training rows no better than that by more than what it reaches there
    with the rows of the block shuffled, so that they tell nothing. Both within three standard errors.
    """
    shuffled = np.random.default_rng(0).permutation(block)
    error = 0.5 / np.sqrt(len(fresh_classes))
    own = 0.5 / np.sqrt(len(classes))
    found = []
    for model in (DecisionTreeClassifier(max_depth=4, min_samples_leaf=20, random_state=0), LogisticRegression()):
        with threadpool_limits(1):  # several threads only wait for one another here
            chance = max(model.fit(shuffled, classes).score(shuffled, classes) - 0.5, 0.0)
            model.fit(block, classes)
        seen, unseen = model.score(block, classes), model.score(fresh, fresh_classes)
        name = type(model).__name__
        if abs(unseen - 0.5) > 3.0 * error:
            found.append(f"{name}: {unseen:.3f} on fresh rows of a noise target")
        if seen - unseen > chance + 3.0 * float(np.hypot(error, own)):
            found.append(f"{name}: {seen:.3f} on training rows, {unseen:.3f} on fresh rows, {chance:.3f} by chance")
    return found


def leaf_columns(encoder, codes):
    """Columns of leaves, written out from the codes of training rows: 1 in the column of the row's leaf."""
    if encoder is None:
        return codes
    columns = [np.arange(count) == own[:, None] for count, own in zip(encoder.counts, codes.T, strict=True)]
    return np.concatenate(columns, axis=1).astype(np.float32)
