"""What C answers: what float blurs is told; steep networks; the test that a source brings passes where it must."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from c_programs import fast_only, need
from descend import MLPClassifier, MLPRegressor, Network
from descend.errors import SpecError
from descend.exports import alike
from descend.exports.c.answers import LARGEST
from descend.exports.c.self_test import _expected
from descend.exports.c.source import program
from descend.exports.described import PREDICTION
from descend.exports.door import export
from descend.exports.fitted import described
from descend.exports.proof import compared
from descend.exports.rows import proof_rows
from descend.models.decisions.decision import Decision
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    fast_only(monkeypatch)


def trained(y, center=0.0, **options):
    columns = {"x": (center + np.random.default_rng(0).normal(size=len(y))).tolist(), "y": list(y)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan = understand(columns, "y", TrainOptions(preset="single", hidden=(3,), epochs=2, restarts=1, **options))
        return train(plan).model


def test_numbers_that_float_blurs_are_told(tmp_path):
    noise = np.random.default_rng(1).normal(size=80)
    (note,) = export(trained(1.7e9 + 1e5 * noise), tmp_path / "far.c").notes
    assert note.startswith("Float holds predictions about 1.7e+09 in steps of 128, 0.001")
    assert "Float holds predictions about 1.7e+09 in steps of 128" in (tmp_path / "far.h").read_text()
    assert export(trained(20.0 + noise), tmp_path / "near.c").notes == ()
    net = Network([2, 3, 1], seed=0, dtype="float64")
    net.theta[-1] = 1e8
    assert export(net, tmp_path / "net.c").notes[0].startswith("Float holds predictions about 1e+08 in steps of 8")


@pytest.mark.parametrize(
    ("size", "words"), [(1e-33, "must spread by 1e-30 or more"), (1e300, "whose largest is 3.4e38")]
)
def test_numbers_that_float_does_not_have_are_refused(tmp_path, size, words):
    with pytest.raises(SpecError, match=words):
        export(trained(size * np.random.default_rng(1).normal(size=80)), tmp_path / "net.c")


@pytest.mark.parametrize("ending", ["c", "f90"])
def test_answers_beyond_float_are_infinite_and_said(tmp_path, ending):
    need("cc")
    net, rows = Network([3, 6, 2], "relu", "exp", "poisson", seed=2, dtype="float64"), np.eye(3) * 60.0
    net.theta *= 2.0
    answers = net.predict(rows)
    assert (answers > 3.5e38).any()
    assert (answers < 1e30).any()
    proof = export(net, tmp_path / f"net.{ending}", table=rows).proof
    assert proof.rows > 3
    assert proof.difference.share <= 1e-5
    assert "out is infinity where the model answers more than 3.4e38" in (tmp_path / "net.h").read_text()
    assert "inff" not in (tmp_path / "net.c").read_text()


@pytest.mark.parametrize(("answer", "same"), [(np.inf, True), (-np.inf, False), (3.0e38, False), (np.nan, False)])
def test_only_what_is_beyond_float_may_be_infinite(monkeypatch, answer, same):
    monkeypatch.setattr(alike, "_own_rounding", lambda _, __, ___, ours, ____: np.zeros_like(ours))  # of made answers
    model = described(Network([1, 1], output="exp", loss="poisson", seed=0, dtype="float64"))
    rows = proof_rows(model, np.arange(3.0)[:, None]).take(np.arange(3))
    ours, theirs = np.array([1.0, 1e30, 1e39])[:, None], np.array([1.0, 1e30, answer])[:, None]
    for most, right in ((LARGEST, same), (np.inf, False)):
        found = compared(model, rows, {PREDICTION: ours}, {PREDICTION: theirs}, most)[0]
        assert (found.share == 0.0) is right
    within = compared(
        model, rows, {PREDICTION: ours * 1e-2}, {PREDICTION: np.where(theirs > 1.0, np.inf, 1e-2)}, LARGEST
    )
    assert within[0].share == np.inf


@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize("estimator", [MLPRegressor, MLPClassifier])
@pytest.mark.parametrize(("columns", "size"), [(200, 1.0), (3, 1e5)])
def test_what_float_costs_is_forgiven_and_told(tmp_path, activation, estimator, columns, size):
    need("cc")
    random = np.random.default_rng(columns)
    X = size * (3.0 + random.normal(size=(150, columns)))
    y = (X - 3.0 * size) @ random.normal(size=columns) / size
    net = estimator((20,), activation=activation, max_iter=5, random_state=0)
    with pytest.warns(match="Maximum iterations"):
        net.fit(X, y if estimator is MLPRegressor else y > 0)
    proof = export(net, tmp_path / "net.c", table=X).proof
    assert proof.difference.share <= 1e-5
    assert ("float32 costs up to" in str(proof)) == (proof.difference.rounding > 1e-5)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("ending", ["c", "f90"])
def test_one_class_needs_no_output_of_the_network(tmp_path, ending):
    need("cc")
    net = MLPClassifier((3,), max_iter=1).fit(np.eye(4), ["a"] * 4)
    assert export(net, tmp_path / f"net.{ending}").proof.proved


def test_a_steep_network_on_a_column_away_from_0_answers_as_predict_does(tmp_path):
    need("cc")
    model = trained(np.random.default_rng(1).normal(size=80), center=15.0)
    first, last = model.network.spec.weights(model.network.theta)
    first[:] = np.array([[300.0], [0.0]])
    last[:] = 0.25
    (encoder,) = model.preprocessing.encoders
    assert 10.0 < encoder.center / encoder.scale < 16.0
    near = {"x": (encoder.center + np.linspace(-0.01, 0.01, 99)).tolist()}
    assert export(model, tmp_path / "net.c", table=near).proof.difference.share < 1e-7


def test_the_test_of_a_source_is_run_by_the_proof(tmp_path, monkeypatch):
    need("cc")
    monkeypatch.setattr("descend.exports.c.self_test.ALIKE", -1.0)
    with pytest.raises(SpecError, match="rows of the test that the C brings answer otherwise"):
        export(Network([2, 3, 1], seed=0), tmp_path / "net.c")


@pytest.mark.parametrize("decided", ["threshold", "costs"])
def test_a_class_that_rounding_decides_is_no_part_of_the_test(decided):
    plain = described(trained(["a" if k % 3 else "b" for k in range(80)]))
    rows = proof_rows(plain)
    p = plain.ask(rows.given)["probabilities"][0].tolist()
    # to answer 1 costs p₀ · p₁, to answer 0 the same
    ways = {"threshold": {"threshold": p[1]}, "costs": {"costs": ((0.0, p[1]), (p[0], 0.0))}}
    tied = replace(plain, answer=replace(plain.answer, decision=Decision(**ways[decided])))
    returned = _expected(program(tied, "m"), rows)[2]
    assert returned[0] == -1
    assert (returned[1:] >= 0).any()
