"""Accuracy of the engine's own functions, in units in the last place, against long double (float64 for float32)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descend import engine
from descend.activations import ACTIVATIONS, STRAIGHT_THROUGH
from engine_cases import using

LONG = np.longdouble
LONGER = np.finfo(LONG).eps < 2e-19
ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]


def numbers(dtype: str, low: float, high: float) -> np.ndarray:
    """Numbers of every size between two bounds: evenly spread, and evenly spread in their exponents."""
    random = np.random.default_rng(1)
    spread = random.uniform(low, high, 20_000)
    sizes = 10.0 ** random.uniform(-30, math.log10(max(abs(low), abs(high))), 20_000) * random.choice([-1, 1], 20_000)
    near = np.concatenate([x + x * np.arange(-50, 51) * 1e-7 for x in (0.3465735, 0.7071068, 1.4142136, 0.5, 1.0)])
    both = np.concatenate([spread, sizes, near, -near, [low, high]])
    return np.ascontiguousarray(both[(both >= low) & (both <= high)].astype(dtype))


def ulps(got: np.ndarray, exact: np.ndarray) -> float:
    """The largest error in units in the last place of `exact`; what is below the normal range counts as 0."""
    info = np.finfo(got.dtype)
    size = np.maximum(np.abs(exact), LONG(info.tiny))
    unit = np.exp2(np.floor(np.log2(size))) * LONG(info.eps)
    error = np.abs(got.astype(LONG) - exact)
    flushed = (np.abs(exact) <= info.tiny * (1 + 4 * info.eps)) & (got == 0)
    return float(np.max(np.where(flushed, 0, error / unit)))


def erfc_tail(x: np.ndarray) -> np.ndarray:
    """e^(x²) erfc(x) for x ≥ 2 by its continued fraction, in long double."""
    fraction = np.zeros_like(x)
    for k in range(400, 0, -1):
        fraction = (LONG(k) / 2) / (x + fraction)
    return 1 / (np.sqrt(LONG(math.pi) + LONG(1.2246467991473532e-16)) * (x + fraction))


def erf_series(x: np.ndarray) -> np.ndarray:
    """erf(x) for |x| ≤ 2 by a series of positive terms: 2/√π e^(−x²) Σ 2^n x^(2n+1) / (1·3···(2n+1))."""
    term = total = x.astype(LONG)
    for n in range(1, 80):
        term = term * 2 * x * x / (2 * n + 1)
        total = total + term
    return 2 / np.sqrt(LONG(math.pi) + LONG(1.2246467991473532e-16)) * np.exp(-x * x) * total


def exp_of_square(x: np.ndarray, half: bool) -> np.ndarray:
    """e^(−x²) or e^(−x²/2), x² split so that nothing is lost."""
    high = x.astype(np.float32).astype(LONG)
    rest = (x - high) * (x + high)
    share = LONG(0.5) if half else LONG(1)
    return np.exp(-share * high * high) * np.exp(-share * rest)


def erfc(x: np.ndarray) -> np.ndarray:
    x = x.astype(LONG)
    size = np.maximum(np.abs(x), 2)
    far = exp_of_square(size, half=False) * erfc_tail(size)
    return np.where(np.abs(x) <= 2, 1 - erf_series(np.clip(x, -2, 2)), np.where(x > 0, far, 2 - far))


def erf(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) <= 2, erf_series(np.clip(x.astype(LONG), -2, 2)), np.sign(x) * (1 - erfc(np.abs(x))))


def normal_cdf(x: np.ndarray) -> np.ndarray:
    x = x.astype(LONG)
    scaled = np.abs(x) / np.sqrt(LONG(2))
    far = exp_of_square(np.abs(x), half=True) * erfc_tail(np.maximum(scaled, 2)) / 2
    near = (1 - erf_series(np.minimum(scaled, 2))) / 2
    lower = np.where(scaled <= 2, near, far)
    return np.where(x <= 0, lower, 1 - lower)


# name -> (function in long double, range in float32, range in float64, allowed ULP)
FUNCTIONS = {
    "exp": (np.exp, (-87.3, 88.7), (-708.3, 709.7), 1.5),
    "expm1": (np.expm1, (-100, 88.7), (-800, 709.7), 2.5),
    "log": (np.log, (1e-37, 3e38), (1e-307, 1e308), 1.5),
    "log1p": (np.log1p, (-0.9999, 3e38), (-0.9999, 1e308), 2.5),
    "tanh": (np.tanh, (-100, 100), (-1000, 1000), 3.5),
    "sigmoid": (lambda s: 1 / (1 + np.exp(-s)), (-87, 200), (-708, 1000), 3.5),
    "erf": (erf, (-10, 10), (-30, 30), 3.5),
    "erfc": (erfc, (-12, 9.1), (-30, 26.5), 4.0),
    "normal_cdf": (normal_cdf, (-12.9, 20), (-37.4, 40), 4.0),
}


@pytest.mark.skipif(not LONGER, reason="long double is no longer than double here")
@pytest.mark.parametrize("isa", engine.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_exact_to_a_few_units_in_the_last_place(name, dtype, isa):
    exact, in_float32, in_float64, allowed = FUNCTIONS[name]
    s = numbers(dtype, *(in_float32 if dtype == "float32" else in_float64))
    truth = exact(s.astype(LONG))
    if isa == "baseline":  # without fused multiply-add products of tiny numbers are flushed
        well_inside = np.abs(truth) > np.finfo(dtype).tiny * LONG(1e20)
        s, truth = s[well_inside], truth[well_inside]
    with using(isa):
        assert ulps(engine.evaluate(name, False, s), truth) <= allowed


def mish_slope(s: np.ndarray) -> np.ndarray:
    n = np.exp(s) * (np.exp(s) + 2)
    return n / (n + 2) + s / (1 + np.exp(-s)) * 4 * (n + 1) / (n + 2) ** 2


def selu(s: np.ndarray) -> np.ndarray:
    return LONG(1.0507009873554805) * np.where(s >= 0, s, LONG(1.6732632423543772) * np.expm1(np.minimum(s, 0)))


# activations that are made of several functions, where nothing cancels: (function, allowed ULP)
VALUES = {
    "elu": (lambda s: np.where(s >= 0, s, np.expm1(np.minimum(s, 0))), 3.0),
    "selu": (selu, 5.0),
    "gelu": (lambda s: s * normal_cdf(s), 5.0),
    "silu": (lambda s: s / (1 + np.exp(-s)), 5.0),
    "mish": (lambda s: s * np.exp(s) * (np.exp(s) + 2) / (np.exp(s) * (np.exp(s) + 2) + 2), 7.0),
    "softplus": (lambda s: np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s))), 4.0),
}


@pytest.mark.skipif(not LONGER, reason="long double is no longer than double here")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", VALUES)
def test_activations_are_exact_far_into_the_negative_tail(name, dtype):
    exact, allowed = VALUES[name]
    s = numbers(dtype, *((-12.5, 40) if dtype == "float32" else (-36.5, 100)))
    assert ulps(engine.evaluate(name, False, s), exact(s.astype(LONG))) <= allowed


@pytest.mark.skipif(not LONGER, reason="long double is no longer than double here")
def test_the_slope_of_mish_loses_nothing_where_it_is_flat():
    s = numbers("float64", -0.5, 100)
    assert ulps(engine.evaluate("mish", True, s), mish_slope(s.astype(LONG))) <= 8.0


@pytest.mark.parametrize("isa", engine.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("derivative", [False, True])
@pytest.mark.parametrize("name", [*ELEMENTWISE, "straight_through"])
def test_activations_are_those_of_the_python_table(name, derivative, dtype, isa):
    row = STRAIGHT_THROUGH if name == "straight_through" else ACTIVATIONS[name]
    s = np.concatenate([np.linspace(-30, 30, 2001), [-1.0, 1.0, 0.0, -0.0, 1e-20, -1e-20]]).astype(dtype)
    exact = row.derivative(s.astype(float), row.value(s.astype(float))) if derivative else row.value(s.astype(float))
    with using(isa):
        got = engine.evaluate(name, derivative, s)
    tolerance = 1e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(got, exact, rtol=tolerance, atol=tolerance)


INF, NAN = math.inf, math.nan
SPECIAL = {
    # name: (values at 0, -0, inf, -inf, nan)
    "exp": (1.0, 1.0, INF, 0.0, NAN),
    "expm1": (0.0, -0.0, INF, -1.0, NAN),
    "log": (-INF, -INF, INF, NAN, NAN),
    "log1p": (0.0, -0.0, INF, NAN, NAN),
    "tanh": (0.0, -0.0, 1.0, -1.0, NAN),
    "sigmoid": (0.5, 0.5, 1.0, 0.0, NAN),
    "erf": (0.0, -0.0, 1.0, -1.0, NAN),
    "erfc": (1.0, 1.0, 0.0, 2.0, NAN),
    "normal_cdf": (0.5, 0.5, 1.0, 0.0, NAN),
    "relu": (0.0, -0.0, INF, 0.0, NAN),
    "leaky_relu": (0.0, -0.0, INF, -INF, NAN),
    "identity": (0.0, -0.0, INF, -INF, NAN),
    "step": (0.0, -0.0, 1.0, -1.0, NAN),
    "softplus": (math.log(2), math.log(2), INF, 0.0, NAN),
    "elu": (0.0, -0.0, INF, -1.0, NAN),
}


@pytest.mark.parametrize("isa", engine.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SPECIAL)
def test_zeros_infinities_and_nan(name, dtype, isa):
    with using(isa):
        got = engine.evaluate(name, False, np.array([0.0, -0.0, INF, -INF, NAN], dtype))
    expected = np.array(SPECIAL[name], dtype)
    np.testing.assert_allclose(got, expected, rtol=2 * np.finfo(dtype).eps, atol=0)
    zeros = expected == 0
    assert (np.signbit(got[zeros]) == np.signbit(expected[zeros])).all()


@pytest.mark.parametrize("isa", engine.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ends_of_the_range(dtype, isa):
    info = np.finfo(dtype)
    top = float(np.log(info.max.astype(LONG)))
    with using(isa):
        assert engine.evaluate("exp", False, np.array([top * 1.0001, 1e30], dtype)).tolist() == [INF, INF]
        assert np.isfinite(engine.evaluate("exp", False, np.array([top * 0.9999], dtype))).all()
        assert engine.evaluate("exp", False, np.array([-1e4, -1e30], dtype)).tolist() == [0.0, 0.0]
        assert engine.evaluate("log", False, np.array([-1.0, -info.tiny], dtype)).tolist() == pytest.approx(
            [NAN, NAN], nan_ok=True
        )
        assert engine.evaluate("log1p", False, np.array([-1.0, -1.5], dtype)).tolist() == pytest.approx(
            [-INF, NAN], nan_ok=True
        )
        assert engine.evaluate("tanh", False, np.array([1e30, -1e30], dtype)).tolist() == [1.0, -1.0]
        assert engine.evaluate("gelu", False, np.array([-1e30, 1e30], dtype)).tolist() == [0.0, np.array(1e30, dtype)]
        assert engine.evaluate("mish", False, np.array([-1e4, 1e30], dtype)).tolist() == [0.0, np.array(1e30, dtype)]
        assert engine.evaluate("erfc", False, np.array([100.0, -100.0], dtype)).tolist() == [0.0, 2.0]


@pytest.mark.skipif(set(engine.isas()) <= {"baseline", "scalar"}, reason="no instruction set with fused multiply-add")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [*ELEMENTWISE, *FUNCTIONS, "straight_through"])
def test_every_instruction_set_gives_the_bits_of_the_scalar_twin(name, dtype):
    random = np.random.default_rng(3)
    words = random.integers(0, 2**32, 50_000, np.uint64) << np.uint64(32) | random.integers(0, 2**32, 50_000, np.uint64)
    patterns = words.astype(np.uint32).view(np.float32) if dtype == "float32" else words.view(np.float64)
    s = np.concatenate([patterns, numbers(dtype, -50, 50)])
    found = []
    for isa in engine.isas():
        if isa != "baseline":
            with using(isa):
                outs = [
                    engine.evaluate(name, which, s) for which in ([False, True] if name in ELEMENTWISE else [False])
                ]
            found.append([np.where(np.isnan(out), NAN, out).astype(dtype).tobytes() for out in outs])
    assert all(one == found[-1] for one in found)
