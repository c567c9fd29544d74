"""Accuracy of the engine's own functions, in units in the last place, against long double (float64 for float32)."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from descend import engine
from descend.engine import testing
from descend.spec.activations import ACTIVATIONS, STRAIGHT_THROUGH
from engine_cases import using
from exact_functions import FUNCTIONS, LONG, LONGER, VALUES, mish_slope, numbers, ulps

ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]


@pytest.mark.skipif(not LONGER, reason="long double is no longer than double here")
@pytest.mark.parametrize("isa", engine.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_exact_to_a_few_units_in_the_last_place(name, dtype, isa):
    s, truth = numbers_and_truth(name, dtype)
    if isa == "baseline":  # without fused multiply-add products of tiny numbers are flushed
        well_inside = np.abs(truth) > np.finfo(dtype).tiny * LONG(1e20)
        s, truth = s[well_inside], truth[well_inside]
    with using(isa):
        assert ulps(testing.evaluate(name, False, s), truth) <= FUNCTIONS[name][-1]


@cache
def numbers_and_truth(name, dtype):
    """Where a function is looked at, and its exact values there, for all instruction sets."""
    exact, in_float32, in_float64, _ = FUNCTIONS[name]
    s = numbers(dtype, *(in_float32 if dtype == "float32" else in_float64))
    return s, exact(s.astype(LONG))


@pytest.mark.skipif(not LONGER, reason="long double is no longer than double here")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", VALUES)
def test_activations_are_exact_far_into_the_negative_tail(name, dtype):
    exact, allowed = VALUES[name]
    s = numbers(dtype, *((-12.5, 40) if dtype == "float32" else (-36.5, 100)))
    assert ulps(testing.evaluate(name, False, s), exact(s.astype(LONG))) <= allowed


@pytest.mark.skipif(not LONGER, reason="long double is no longer than double here")
def test_the_slope_of_mish_loses_nothing_where_it_is_flat():
    s = numbers("float64", -0.5, 100)
    assert ulps(testing.evaluate("mish", True, s), mish_slope(s.astype(LONG))) <= 8.0


@pytest.mark.parametrize("isa", engine.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("derivative", [False, True])
@pytest.mark.parametrize("name", [*ELEMENTWISE, "straight_through"])
def test_activations_are_those_of_the_python_table(name, derivative, dtype, isa):
    row = STRAIGHT_THROUGH if name == "straight_through" else ACTIVATIONS[name]
    s = np.concatenate([np.linspace(-30, 30, 2001), [-1.0, 1.0, 0.0, -0.0, 1e-20, -1e-20]]).astype(dtype)
    exact = row.derivative(s.astype(float), row.value(s.astype(float))) if derivative else row.value(s.astype(float))
    with using(isa):
        got = testing.evaluate(name, derivative, s)
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
        got = testing.evaluate(name, False, np.array([0.0, -0.0, INF, -INF, NAN], dtype))
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
        assert testing.evaluate("exp", False, np.array([top * 1.0001, 1e30], dtype)).tolist() == [INF, INF]
        assert np.isfinite(testing.evaluate("exp", False, np.array([top * 0.9999], dtype))).all()
        assert testing.evaluate("exp", False, np.array([-1e4, -1e30], dtype)).tolist() == [0.0, 0.0]
        assert testing.evaluate("log", False, np.array([-1.0, -info.tiny], dtype)).tolist() == pytest.approx(
            [NAN, NAN], nan_ok=True
        )
        assert testing.evaluate("log1p", False, np.array([-1.0, -1.5], dtype)).tolist() == pytest.approx(
            [-INF, NAN], nan_ok=True
        )
        assert testing.evaluate("tanh", False, np.array([1e30, -1e30], dtype)).tolist() == [1.0, -1.0]
        assert testing.evaluate("gelu", False, np.array([-1e30, 1e30], dtype)).tolist() == [0.0, np.array(1e30, dtype)]
        assert testing.evaluate("mish", False, np.array([-1e4, 1e30], dtype)).tolist() == [0.0, np.array(1e30, dtype)]
        assert testing.evaluate("erfc", False, np.array([100.0, -100.0], dtype)).tolist() == [0.0, 2.0]


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
                    testing.evaluate(name, which, s) for which in ([False, True] if name in ELEMENTWISE else [False])
                ]
            found.append([np.where(np.isnan(out), NAN, out).astype(dtype).tobytes() for out in outs])
    assert all(one == found[-1] for one in found)
