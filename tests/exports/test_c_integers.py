"""Layers in integers: C has the bits of NumPy, little is lost, binary steps lose nothing."""

import ctypes
import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest

from c_programs import compiled, fast_only, need, put
from descend import DataError, MLPRegressor, Network, SpecError, load
from descend.exports.c import source
from descend.exports.c.encoders import KINDS
from descend.exports.c.fixed import MOST_BIAS, MOST_INPUTS, MOST_SHIFT, quantised
from descend.exports.c.integers import in_integers
from descend.exports.c.reach import BOUNDS
from descend.exports.c.scaling import seen
from descend.exports.c.simulated import out_of
from descend.exports.c.steps import in_whole_numbers
from descend.exports.c.write import ask_library
from descend.exports.door import export
from descend.exports.fitted import described
from descend.exports.rows import ProofRows
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.tables.datasets import dataset_path
from model_files import trained


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    fast_only(monkeypatch)


def out_of_c(tmp_path, net, X, ordinary=None):
    """What C answers, of a network with identity outputs, and what NumPy says that it must; some rows scale layers."""
    need("cc")
    found = in_integers(described(net), "m", X[:ordinary])
    put(tmp_path, found.program, "m", found)
    strict = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-O2"]
    checked = ["-fsanitize=undefined,float-cast-overflow", "-fno-sanitize-recover=all"]
    compiled(tmp_path, ["cc", *strict, *checked, "-shared", "-fPIC", "-o", "m.so", "m.c"])
    library = ctypes.CDLL(str(tmp_path / "m.so"))
    rows = ProofRows(None, X, ("",) * len(X), np.ones(len(X), bool))
    with np.errstate(invalid="ignore"):
        return ask_library(found.program, library, rows)[0], found.net.outputs(np.asarray(X, np.float32))


@pytest.mark.parametrize("activation", [["tanh", "relu"], ["step", "mish"], "step"])
def test_c_has_the_bits_of_numpy(tmp_path, activation):
    X = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32).astype(np.float64)
    X[-20:] *= 1e6  # far outside
    got, right = out_of_c(tmp_path, Network([5, 9, 7, 3], activation=activation, seed=3), X, -20)
    assert (got.view(np.uint32) == right.view(np.uint32)).all()


def test_binary_steps_on_whole_numbers_are_exact(tmp_path):
    X = np.random.default_rng(0).integers(-50, 50, size=(2000, 6)).astype(np.float64)
    net = Network([6, 12, 8, 2], activation="step", dtype="float64", seed=1)
    net.theta[:] = net.theta.astype(np.float32)
    got, _ = out_of_c(tmp_path, net, X)
    assert np.allclose(got, net.predict(X), rtol=1e-6, atol=1e-7)


def test_weights_too_different_in_size_are_said_to_be_rounded():
    net = Network([2, 1, 1], activation="step", seed=0)
    X = np.zeros((1, 2), np.float32)
    assert in_whole_numbers(described(net).nets[0], X).exact
    net.W = [[[2.0**60], [1.5 * 2.0**-20], [1.0]], [[1.0], [1.0]]]
    assert not in_whole_numbers(described(net).nets[0], X).exact


@pytest.mark.parametrize(
    "name", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus"]
)
def test_little_is_lost_of_any_activation(name):
    X = np.random.default_rng(0).normal(size=(500, 8)).astype(np.float32)
    net = Network([8, 32, 32, 1], activation=name, seed=0)
    right = net.predict(X)[:, 0]
    got = quantised(described(net).nets[0], X).outputs(X)[:, 0]
    weights = np.abs(np.concatenate([np.ravel(one) for one in net.W[1:]])).max()
    assert np.sqrt(np.mean((got - right) ** 2)) < 0.03 * max(right.std(), 0.2 * weights)


def test_what_a_table_loses_is_told(tmp_path):
    need("cc")
    penguins = dataset_path("penguins")
    options = TrainOptions(preset="single", hidden=(16,), epochs=40, restarts=1, seed=0)
    model = train(understand(penguins, "species", options)).model
    found = export(model, tmp_path / "penguins.c", fixed="int8", table=penguins)
    assert found.notes[0].startswith("int8, 344 rows: rows of the table; ")
    assert "points" in found.notes[1]
    lost = float(found.notes[1].split("(")[1].split(" ")[0])
    assert abs(lost) <= 1.0


def test_the_score_is_of_the_rows_with_a_target_and_an_input_between_two_steps_may_be_either():
    x = np.random.default_rng(0).normal(size=(60, 2))
    table = {"a": x[:, 0], "b": x[:, 1], "y": ["?" if i < 5 else str(one) for i, one in enumerate(x.sum(axis=1))]}
    options = TrainOptions(preset="single", hidden=(4,), epochs=2, restarts=1, missing=["?"])
    made = in_integers(described(train(understand(table, "y", options)).model), "m", table)
    assert "on the 55 rows that have a target" in made.notes[1]
    assert made.notes[0].startswith("int8, 60 rows")
    middle, unit = (np.array([[100, 150]]) - made.net.zero + 0.5) / made.net.factor, made.net.step
    below = middle - unit * [0.4999, 0.0]
    for X, moves in ((middle, False), (below, True)):
        X = X.astype(np.float32)
        out = made._out_of(X)
        other = np.abs(made._out_of((X - unit * [0.001, 0]).astype(np.float32)) - out)
        assert (made.moved(X, out) == other).all()
        assert (other > 0).all() == moves


@pytest.mark.long
def test_numbers_lose_little(tmp_path):
    diamonds = dataset_path("diamonds")
    model = train(understand(diamonds, "price", TrainOptions(preset="single", epochs=8, restarts=1, seed=0))).model
    found = export(model, tmp_path / "diamonds.c", fixed="int8", table=diamonds)
    lost = float(found.notes[1].split("(")[1].split(" ")[0])
    assert -0.5 < lost <= 2.0


# ---------------------------------------------------------------- rows that scale


def quickly_fitted(X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MLPRegressor(hidden_layer_sizes=(6,), max_iter=30, random_state=0).fit(X, X.sum(axis=1))


def test_rows_are_needed_to_scale_by(tmp_path):
    net = Network([2, 3, 1], seed=0)
    with pytest.raises(SpecError, match="the table has none"):
        export(net, tmp_path / "net.c", fixed="int8", table=np.zeros((0, 2)))
    fitted = quickly_fitted(np.random.default_rng(0).normal(size=(99, 2)) * 100.0)
    fitted.save(tmp_path / "net.descend")
    steps = Network([2, 3, 1], activation="step", seed=0)
    earlier = trained("size", task="regress")
    earlier = replace(earlier, sections=replace(earlier.sections, summary=None))
    for one in (net, steps, earlier, load(tmp_path / "net.descend"), pickle.loads(pickle.dumps(fitted))):
        with pytest.raises(SpecError, match=r"none are known here.*--table FILE"):
            export(one, tmp_path / "net.c", fixed="int8")
    assert [path.name for path in tmp_path.iterdir()] == ["net.descend"]


def test_an_estimator_is_scaled_by_the_rows_of_its_training():
    X = np.random.default_rng(0).integers(0, 256, size=(300, 3)).astype(np.float64)
    fitted = quickly_fitted(X)
    found = in_integers(described(fitted), "m", None)
    assert found.notes[0].startswith("int8, 300 rows: rows of the training; ")
    right = fitted.predict(X)
    assert np.sqrt(np.mean((found.net.outputs(np.float32(X))[:, 0] - right) ** 2)) < 0.02 * right.std()


@pytest.mark.parametrize(("value", "said"), [(np.nan, "nan"), (-np.inf, "-inf"), (1e39, r"1e\+39")])
@pytest.mark.parametrize("activation", ["tanh", "step"])
def test_a_row_that_is_not_finite_is_named(value, said, activation, tmp_path):
    X = np.ones((9, 2))
    X[[4, 7], 1] = value
    net = Network([2, 3, 1], activation=activation, seed=0)
    with pytest.raises(DataError, match=f"row 5 has {said} in x1, and 1 other row has such numbers"):
        export(net, tmp_path / "net.c", fixed="int8", table=X)
    assert not [*tmp_path.iterdir()]


def table_of_levels(rows=3000):
    """A table whose numbers hang on a level, a truth and a mark that few rows have."""
    random = np.random.default_rng(0)
    x, rare, gone, truth = random.normal(size=rows), np.arange(rows) % 300 == 0, *(random.random((2, rows)) < 0.1)
    y = x + 40.0 * rare + 3.0 * gone + 2.0 * truth
    columns = {"level": np.where(rare, "rare", np.where(x > 1, "high", "low")), "truth": truth, "y": y}
    return {"x": x, "dose": np.where(gone, np.nan, random.random(rows)), **columns}


def test_levels_and_marks_that_no_row_has_keep_their_effect():
    table = table_of_levels()
    options = TrainOptions(preset="single", hidden=(16,), activation="relu", epochs=40, restarts=1, seed=0)
    model = train(understand(table, "y", options)).model
    plain = described(model)
    common = (table["level"] != "rare") & ~np.isnan(table["dose"]) & ~table["truth"]
    lacking = {name: column[common] for name, column in table.items()}
    for rows in (None, lacking):
        made = in_integers(plain, "m", rows)
        assert ("drawn from the summary" if rows is None else "rows of the table") in made.notes[0]
        got = out_of(plain, made.net.outputs(seen(plain, plain.read(table))).astype(np.float64))[:, 0]
        away = np.abs(got - model.predict(table))
        assert away[~common].max() < 1.0
        assert away[table["level"] == "rare"].mean() < 0.3


def test_what_encoders_can_make_is_known_of_all_of_them():
    assert set(BOUNDS) == set(KINDS)


# ---------------------------------------------------------------- biases


def test_a_bias_beside_small_weights_or_none_is_kept(tmp_path):
    """The oracle is the network itself: a node without weights, targets far from 0, a hidden node that is constant."""
    X = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32).astype(np.float64)
    net = Network([3, 4, 2], activation="relu", seed=0)
    W = net.W
    W[0][:, 0] = [0.0, 0.0, 0.0, 7.0]
    W[0][:, 1] = [1e-9, 0.0, 0.0, -3.0]
    W[1][:, 0] = [0.0, 0.0, 0.0, 0.0, 5.0]
    W[1][:, 1] = [1.0, 0.5, 0.3, 0.2, 1e6]
    net.W = W
    got, right = out_of_c(tmp_path, net, X)
    assert (got.view(np.uint32) == right.view(np.uint32)).all()
    exact = np.float64(net.predict(X))
    assert (got[:, 0] == 5.0).all()
    assert np.abs(got[:, 1] - exact[:, 1]).max() < 0.25
    assert np.ptp(exact[:, 1]) > 0.4
    assert "answers differ from those in float by 0 %" not in in_integers(described(net), "m", X).notes[0]


def test_numbers_that_vary_little_far_from_zero_keep_their_spread():
    X = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    net = Network([3, 8, 1], seed=0)
    W = net.W
    W[-1][-1] = 1e6
    net.W = W
    got, right = quantised(described(net).nets[0], X).outputs(X)[:, 0], net.predict(X)[:, 0]
    assert np.abs(got - right).max() <= 0.25
    W[-1][-1] = 0.0
    net.W = W
    assert np.corrcoef(got, net.predict(X)[:, 0])[0, 1] > 0.99


def test_sums_of_the_most_inputs_stay_within_32_bits():
    n = MOST_INPUTS
    X = np.ones((2, n), np.float32)
    X[1] = -1.0
    net = Network([n, 1, 1], activation="tanh", seed=0)
    net.W = [np.full((n + 1, 1), 1.0), [[1.0], [0.0]]]
    layer = quantised(described(net).nets[0], X).layers[0]
    weights = layer.W.astype(np.int64)
    reached = layer.b + np.cumsum(np.where(np.arange(2)[:, None], 255, 0)[:, :, None] * weights[0], axis=-1)
    assert np.abs(reached).max() < 2**31
    assert MOST_BIAS + MOST_SHIFT + 255 * 127 * n < 2**31
    with pytest.raises(SpecError, match="at most 40,000 inputs"):
        quantised(described(Network([n + 1, 1, 1], seed=0)).nets[0], np.ones((1, n + 1), np.float32))


# ---------------------------------------------------------------- binary steps of any size


@pytest.mark.parametrize("scale", [100.0, 2.0**-20, 2.0**16])
def test_binary_steps_are_exact_whatever_the_size_of_the_inputs(scale, tmp_path):
    X = np.random.default_rng(0).integers(-999, 999, size=(2000, 4)) * scale
    X[:, 3] /= 1024.0  # each input has its own unit
    net = Network([4, 9, 2], activation="step", dtype="float64", seed=1)
    net.theta[:] = net.theta.astype(np.float32)
    W = net.W
    W[0][:-1] /= scale
    net.W = W
    net.theta[:] = net.theta.astype(np.float32)
    found = in_integers(described(net), "m", X[:1000])
    assert (found.net.exact, found.net.whole) == (True, True)
    got, right = out_of_c(tmp_path, net, X, 1000)
    assert (got.view(np.uint32) == right.view(np.uint32)).all()
    assert np.allclose(got, net.predict(X), rtol=1e-6, atol=1e-7)


def test_inputs_of_binary_steps_that_are_rounded_or_cut_are_told(tmp_path):
    """Air pressures in Pa, to a half: 101,325.5 counts as itself, what is far beyond counts as the end."""
    X = 101_325.0 + np.random.default_rng(0).integers(-2000, 2000, size=(500, 1)) * 0.5
    net = Network([1, 4, 1], activation="step", dtype="float64", seed=0)
    net.W = [[[1.0, -1.0, 0.5, 1.0], [-101_000.0, 101_325.25, -50_700.0, -(2.0**40)]], [[1.0]] * 4 + [[0.0]]]
    found = in_integers(described(net), "m", X)
    assert found.notes[-1] == found.net.words()
    assert found.notes[-1].startswith("Inputs are rounded to 2^-1; beyond ±")
    assert "beyond ±" in source.header(found.program, "m")
    far = np.array([[1e30], [-1e30], [np.nan], [101_325.5]])
    got, right = out_of_c(tmp_path, net, np.concatenate([X, far]), len(X))
    assert np.array_equal(got[[*range(len(X) + 2), -1]], right[[*range(len(X) + 2), -1]])
    assert np.array_equal(got[: len(X), 0], net.predict(X)[:, 0])
    assert got[-1, 0] == net.predict(far[-1:])[0, 0]
    assert np.isnan(got[-2, 0])


def test_halves_are_rounded_away_from_0_and_sums_have_room(tmp_path):
    """Inputs of 2^20 with 30 bits behind the point get 19; the sums of weights of all sizes get 61 bits."""
    net = Network([1, 2, 2], activation="step", dtype="float64", seed=0)
    unit = 2.0**-19
    net.W = [[[1.0, 1.0], [-0.5 * unit, 0.5 * unit]], [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]]
    X = np.array([[2.0**20], [2.0**-30], *([k * unit / 4.0] for k in range(-4, 5)), [(0.5 - 2.0**-25) * unit]])
    got, right = out_of_c(tmp_path, net, X, 2)
    assert np.array_equal(got, right)
    assert got[2:].tolist() == [[-1, -1]] * 3 + [[-1, 1]] * 3 + [[1, 1]] * 3 + [[-1, 1]]

    rough = Network([3, 5, 1], activation="step", dtype="float64", seed=0)
    rough.W = [1.999 * 2.0 ** (np.array([0.0, 8, 16, 24, 32]) * [[1.0], [-1], [1], [0]]), [[1.0]] * 6]
    X = np.random.default_rng(0).normal(size=(50, 3)) * 100.0
    X[40:] = 1e30
    assert not in_integers(described(rough), "m", X[:40]).net.exact
    (tmp_path / "rough").mkdir()
    got, right = out_of_c(tmp_path / "rough", rough, X, 40)
    assert np.array_equal(got, right)
    assert np.array_equal(got, rough.predict(X))
