"""Explanations of a function that is known: y = 3 x1 + 1.25 step(x2) + effects of levels + x3 x4, and columns of noise.

The truth is the exact Shapley value of each column, between each row and each row of the background.
"""

import functools

import numpy as np
import pandas as pd
import pytest

from descend import TabularRegressor

EFFECTS = {"a": 0.0, "b": 1.0, "c": -1.5, "d": 2.0}
TOLD = ["x1", "x2", "level", "x3", "x4"]


def table(rows, seed, noise):
    random = np.random.default_rng(seed)
    columns = {name: random.normal(size=rows) for name in ("x1", "x3", "x4")}
    columns["x2"] = random.uniform(-1, 1, rows)
    columns["level"] = random.choice(list(EFFECTS), rows, p=[0.4, 0.3, 0.2, 0.1])
    for k in range(3):  # correlated with x1
        columns[f"like x1, {k}"] = 0.8 * columns["x1"] + 0.6 * random.normal(size=rows)
    for k in range(noise):
        columns[f"noise {k}"] = random.normal(size=rows)
    return pd.DataFrame(columns)


def truth(X):
    return (3 * X.x1 + 1.25 * (X.x2 > 0.2) + X.level.map(EFFECTS) + X.x3 * X.x4).to_numpy()


def shapley(X, background):
    found = {
        "x1": 3 * (X.x1 - background.x1.mean()),
        "x2": 1.25 * ((X.x2 > 0.2) - (background.x2 > 0.2).mean()),
        "level": X.level.map(EFFECTS) - background.level.map(EFFECTS).mean(),
    }
    for one, other in (("x3", "x4"), ("x4", "x3")):
        x, y, b, c = (rows[name].to_numpy() for rows in (X, background) for name in (one, other))
        found[one] = ((x[:, None] - b) * (y[:, None] + c) / 2).mean(axis=1)
    return np.column_stack([found[name] for name in TOLD])


@functools.cache
def explained(quality, rows, noise):
    X = table(rows, 0, noise)
    y = truth(X) + 0.3 * np.random.default_rng(5).normal(size=rows)
    net = TabularRegressor(quality=quality, random_state=0).fit(X, y)
    new = table(min(rows, 1_000), 1, noise)
    return net.explain(new), shapley(new, X), net, new


def compare(quality, rows, noise, size, correlation, nothing):
    found, wanted, net, new = explained(quality, rows, noise)
    names = list(found.columns)
    values = found.values[:, [names.index(name) for name in TOLD]]
    sizes, true_sizes = np.abs(values).mean(axis=0), np.abs(wanted).mean(axis=0)
    assert np.abs(sizes / true_sizes - 1).max() < size
    assert list(found.importance())[:3] == [TOLD[k] for k in np.argsort(-true_sizes)[:3]]
    assert set(list(found.importance())[:5]) == set(TOLD)
    for k in range(len(TOLD)):
        assert np.corrcoef(values[:, k], wanted[:, k])[0, 1] > correlation
        clear = np.abs(wanted[:, k]) > true_sizes[k]
        assert (np.sign(values[clear, k]) == np.sign(wanted[clear, k])).mean() > 0.97
    others = [np.abs(found.values[:, k]).mean() for k, name in enumerate(names) if name not in TOLD]
    assert max(others) < nothing * sizes.min()
    assert np.abs(found.base_value + found.values.sum(axis=1) - net.predict(new)).max() < 1e-5


def test_one_member_comes_near():
    compare("fast", 400, 0, size=0.25, correlation=0.9, nothing=0.3)


@pytest.mark.long
def test_a_blend_is_right_within_a_tenth():
    compare("good", 3_000, 12, size=0.1, correlation=0.97, nothing=0.1)
