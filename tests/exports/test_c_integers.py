"""Layers in integers: C has the bits of NumPy, little is lost, binary steps lose nothing."""

import ctypes

import numpy as np
import pytest

from c_programs import compiled, fast_only, need, put
from descend import Network
from descend.exports.c.fixed import quantised
from descend.exports.c.integers import in_integers
from descend.exports.c.steps import in_whole_numbers
from descend.exports.c.write import ask_library
from descend.exports.door import export
from descend.exports.fitted import described
from descend.exports.rows import ProofRows
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.tables.datasets import dataset_path


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


@pytest.mark.long
def test_numbers_lose_little(tmp_path):
    diamonds = dataset_path("diamonds")
    model = train(understand(diamonds, "price", TrainOptions(preset="single", epochs=8, restarts=1, seed=0))).model
    found = export(model, tmp_path / "diamonds.c", fixed="int8", table=diamonds)
    lost = float(found.notes[1].split("(")[1].split(" ")[0])
    assert -0.5 < lost <= 2.0


def test_rows_are_needed_to_scale_by(tmp_path):
    from descend.errors import DescendError

    net = Network([2, 3, 1], seed=0)
    with pytest.raises(DescendError):
        export(net, tmp_path / "net.c", fixed="int8", table=np.zeros((0, 2)))
