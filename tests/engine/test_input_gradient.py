"""`input_gradient`: what the reference computes and differences say, the same bits on every set, alone and together."""

import numpy as np
import pytest

from combinations import specs
from descend import engine, reference
from descend.spec.init import initial_theta
from descend.spec.network import make_spec
from engine_cases import using

WIDE = make_spec([20, 33, 17, 3], "tanh", "softmax", "log_loss")
SPECS = (
    WIDE,
    make_spec([70, 190, 11], "gelu"),
    make_spec([9, 16, 1], "relu", "sigmoid", "log_loss"),
    make_spec([3, 2], bias=0),
)


def case(spec, rows, dtype="float64", seed=0):
    random = np.random.default_rng(seed)
    theta = initial_theta(spec, random) + random.normal(0, 0.1, spec.theta_size)
    X, dL_dv = random.normal(0, 1, (rows, spec.sizes[0])), random.normal(0, 1, (rows, spec.sizes[-1]))
    return [spec, *(array.astype(dtype) for array in (theta, X, dL_dv))]


def test_agrees_with_the_reference():
    for spec in (*SPECS, *specs(3, outputs=(3,), biases=(0.5,))):
        arguments = case(spec, 21)
        found, wanted = engine.input_gradient(*arguments), reference.input_gradient(*arguments)
        assert np.abs(found - wanted).max() <= 1e-12 * max(np.abs(wanted).max(), 1e-3), spec
        single = engine.input_gradient(*case(spec, 21, "float32"))
        assert single.dtype == np.float32
        assert np.abs(single - wanted).max() <= 1e-4 * max(np.abs(wanted).max(), 1.0), spec


def test_agrees_with_differences():
    spec, theta, X, dL_dv = case(WIDE, 5)
    found = engine.input_gradient(spec, theta, X, dL_dv)
    for i in range(spec.sizes[0]):
        step = np.zeros_like(X)
        step[:, i] = 1e-6
        apart = engine.predict(spec, theta, X + step) - engine.predict(spec, theta, X - step)
        assert np.allclose((apart * dL_dv).sum(axis=1) / 2e-6, found[:, i], atol=1e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("isa", [one for one in engine.isas() if one not in ("baseline", "scalar")])
@pytest.mark.parametrize("spec", SPECS, ids=lambda one: "-".join(map(str, one.sizes)))
def test_has_the_bits_of_the_scalar_twin(spec, isa, dtype):
    arguments, found = case(spec, 75, dtype), []
    for one in (isa, "scalar"):
        with using(one):
            found.append(engine.input_gradient(*arguments).tobytes())
    assert found[0] == found[1]


def test_a_row_has_the_same_bits_alone_and_among_others_and_by_any_number_of_threads():
    spec, theta, X, dL_dv = case(WIDE, 9_000, "float32")
    together = engine.input_gradient(spec, theta, X, dL_dv, n_jobs=2)
    assert together.tobytes() == engine.input_gradient(spec, theta, X, dL_dv).tobytes()
    for row in (0, 4_095, 4_096, 8_999):
        assert engine.input_gradient(spec, theta, X[[row]], dL_dv[[row]]).tobytes() == together[row].tobytes()
    assert engine.input_gradient(spec, theta, X[:0], dL_dv[:0]).shape == (0, 20)


def test_refuses_arrays_that_do_not_fit():
    spec, theta, X, dL_dv = case(WIDE, 4)
    with pytest.raises(ValueError, match=r"`dL_dv` must have shape \(4, 3\); got \(3, 3\)"):
        engine.input_gradient(spec, theta, X, dL_dv[:3])
    with pytest.raises(TypeError, match="`X` must be float64; got float32"):
        engine.input_gradient(spec, theta, X.astype(np.float32), dL_dv)
