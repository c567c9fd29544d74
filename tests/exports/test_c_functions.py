"""Functions of one number in exported C: next to the exact ones, and no library's."""

import numpy as np
import pytest

from c_programs import need, of_one_number
from exact_functions import LONG, erf_series, erfc_tail, numbers, ulps

NAMES = ["exp", "expm1", "tanh", "sigmoid", "softplus", "mish", "gelu"]
ENDS = {"exp": (-87.3, 88.7), "expm1": (-100.0, 88.7), "softplus": (-87.0, 1e30)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    need("cc")
    return of_one_number(tmp_path_factory.mktemp("functions"), [*NAMES, "log", "inverse_root", "wave"])


def exact(name: str, x: np.ndarray) -> np.ndarray:
    x = x.astype(LONG)
    e = np.exp(-np.abs(x))
    if name == "gelu":
        a = np.abs(x) / np.sqrt(LONG(2))
        near, far = a < 2, np.maximum(a, 2)
        tail = np.where(near, 1 - erf_series(np.where(near, a, 0)), np.exp(-far * far) * erfc_tail(far)) / 2
        return x * np.where(x < 0, tail, 1 - tail)
    with np.errstate(over="ignore"):
        n = np.exp(np.minimum(x, 30)) * (np.exp(np.minimum(x, 30)) + 2)
    return {
        "exp": np.exp,
        "expm1": np.expm1,
        "tanh": np.tanh,
        "sigmoid": lambda x: np.where(x < 0, e, 1) / (1 + e),
        "softplus": lambda x: np.maximum(x, 0) + np.log1p(e),
        "mish": lambda x: x * n / (n + 2),
        "log": np.log,
        "inverse_root": lambda x: 1 / np.sqrt(x),
    }[name](x)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_within_a_few_units_of_the_exact_one(made, name):
    x = numbers("float32", *ENDS.get(name, (-80.0, 80.0)))
    if name == "gelu":
        x = x[np.abs(x) < 9.0]
    assert ulps(made[name](x), exact(name, x)) < 8.0


@pytest.mark.parametrize("name", ["log", "inverse_root"])
def test_functions_of_positive_numbers_are_within_two_units(made, name):
    x = np.concatenate([np.geomspace(1e-37, 1e37, 5000), np.linspace(0.3, 3.0, 5000)]).astype(np.float32)
    got, right = made[name](x), exact(name, x)
    assert np.abs(got - right).max() / 1e-6 < 90.0 if name == "log" else ulps(got, right) < 2.0
    assert np.max(np.abs(got / right - 1)[np.abs(right) > 0.1]) < 3e-7


def test_the_waves_of_the_calendar_are_sine_and_cosine(made):
    turn = np.linspace(0.0, 1.25, 10_001).astype(np.float32)
    assert np.abs(made["wave"](turn) - np.sin(2 * np.pi * turn.astype(np.float64))).max() < 3e-7


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_finite_has_its_limit(made, name):
    x = np.array([np.inf, -np.inf, np.nan, 0.0], dtype=np.float32)
    got = made[name](x)
    limits = {
        "exp": [np.inf, 0, np.nan, 1],
        "expm1": [np.inf, -1, np.nan, 0],
        "tanh": [1, -1, np.nan, 0],
        "sigmoid": [1, 0, np.nan, 0.5],
    }
    if name in limits:
        assert np.array_equal(got, np.array(limits[name], dtype=np.float32), equal_nan=True)
    assert np.isnan(got[2])
