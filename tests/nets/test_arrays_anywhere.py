"""Arrays that begin anywhere in memory, as they come over a network, from a mapped file or out of a buffer."""

import numpy as np
import pytest

from descend import Field, IndexedRows, MLPClassifier, MLPRegressor, Network

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = X[:, :1] - X[:, 1:2]
WEIGHT = RANDOM.random(60) + 0.5


def shifted(array):
    """The same numbers, from one byte behind a multiple of anything on; nothing can be written there."""
    made = np.frombuffer(b"\0" + array.tobytes(), array.dtype, offset=1).reshape(array.shape)
    assert not made.flags.aligned
    return made


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_networks_take_them(dtype):
    rows, targets, weight = (one.astype(dtype) for one in (X, Y, WEIGHT))
    plain, other = (Network([3, 4, 1], seed=0, dtype=dtype) for _ in range(2))
    plain.fit(rows, targets, epochs=3, sample_weight=weight, validation=(rows, targets))
    validation = shifted(rows), shifted(targets)
    other.fit(shifted(rows), shifted(targets), epochs=3, sample_weight=shifted(weight), validation=validation)
    assert plain.theta.tobytes() == other.theta.tobytes()
    for ask in (lambda net, X: net.predict(X), lambda net, X: net.predict(X[:2]), lambda net, X: net.predict_one(X[0])):
        assert ask(plain, rows).tobytes() == ask(plain, shifted(rows)).tobytes()


def test_rows_by_index_may_be_such():
    fields, codes, shares = (
        (Field("ramps", 2, 8),),
        RANDOM.integers(0, 8, (60, 1)).astype(np.uint16),
        WEIGHT[:, None] / 2,
    )
    numbers = X[:, :2].astype(np.float32)
    parts = [numbers, codes, shares.astype(np.float32)]
    rows, others = (IndexedRows(fields, 10, *given) for given in (parts, [shifted(one) for one in parts]))
    plain, other = (Network([10, 4, 1], fields=fields, seed=0) for _ in range(2))
    plain.fit(rows, Y, epochs=3)
    other.fit(others, Y, epochs=3)
    assert plain.theta.tobytes() == other.theta.tobytes()
    assert plain.predict(rows).tobytes() == plain.predict(others).tobytes()


@pytest.mark.parametrize(
    ("estimator", "y"), [(MLPRegressor, Y[:, 0]), (MLPRegressor, np.hstack([Y, Y])), (MLPClassifier, (Y[:, 0] > 0) * 1)]
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_estimators_take_them(estimator, y, solver):
    plain, other = (estimator((4,), solver=solver, max_iter=3, tol=0.0, random_state=0) for _ in range(2))
    given = shifted(X), shifted(y), shifted(WEIGHT)
    with pytest.warns(match="Maximum iterations|lbfgs failed"):
        plain.fit(X, y, sample_weight=WEIGHT)
    with pytest.warns(match="Maximum iterations|lbfgs failed"):
        other.fit(given[0], given[1], sample_weight=given[2])
    assert all(a.tobytes() == b.tobytes() for a, b in zip(plain.coefs_, other.coefs_, strict=True))
    assert plain.predict(X).tobytes() == plain.predict(given[0]).tobytes()
    if solver == "adam":
        other.partial_fit(*given[:2])
