"""`TabularClassifier` answers by thresholds and costs; scikit-learn's own ways work on both classifiers."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import f1_score

from descend import FileError, MLPClassifier, TabularClassifier, load
from model_files import opened, sealed

ROWS = 150
COSTS = [[0, 1], [20, 0]]


def rows(n=ROWS, seed=0):
    random = np.random.default_rng(seed)
    X = pd.DataFrame({"a": random.normal(size=n), "b": random.normal(size=n)})
    y = np.where(random.uniform(size=n) < 1 / (1 + np.exp(2.0 - 2.0 * X["a"])), "yes", "no")
    return X, y


def fitted(*, X=None, y=None, fit=None, **parameters):
    if X is None:
        X, y = rows()
    return TabularClassifier(quality="fast", random_state=0, n_jobs=1, **parameters).fit(X, y, **(fit or {}))


@pytest.fixture(scope="module")
def plain():
    return fitted()


@pytest.fixture(scope="module")
def dear():
    return fitted(costs=COSTS)


def test_nothing_asked_answers_the_likeliest_class(plain):
    X, _ = rows()
    p = plain.predict_proba(X)
    assert plain.predict(X).tolist() == plain.classes_[p.argmax(axis=1)].tolist()
    assert (plain.threshold_, plain.decision_) == (0.5, None)
    assert (plain.calibration_["of"], plain.calibration_["rows"]) == ("second class", ROWS)
    assert not hasattr(TabularClassifier(), "threshold_")


def test_a_threshold_answers_and_probabilities_stay(plain):
    X, y = rows()
    net = fitted(threshold="f1")
    assert (net.predict_proba(X) == plain.predict_proba(X)).all()
    assert net.predict(X).tolist() == np.where(net.predict_proba(X)[:, 1] >= net.threshold_, "yes", "no").tolist()
    out_of_fold = np.where(net.oof_prediction_[:, 1] >= net.threshold_, "yes", "no")
    assert net.decision_["score"] == pytest.approx(f1_score(y, out_of_fold, pos_label="yes"))
    assert net.decision_["score"] > net.decision_["plain_score"]
    assert '"yes" is answered from a probability of' in net.notes_[-1]
    assert fitted(threshold=0.125).threshold_ == 0.125


def test_costs_answer_and_records_too(dear, plain):
    X, y = rows()
    fresh, truth = rows(500, 1)

    def paid(net):
        said = net.predict(fresh)
        return (20 * ((said == "no") & (truth == "yes")) + ((said == "yes") & (truth == "no"))).mean()

    assert paid(dear) < paid(plain)
    one = X.iloc[:5].to_dict("records")
    assert dear.predict(one).tolist() == dear.predict(X[:5]).tolist()
    assert dear.score(X, y) == (dear.predict(X) == y).mean()


def test_costs_of_three_classes():
    X, _ = rows()
    y = np.digitize(X["a"] + 0.5 * X["b"], [-0.5, 0.5])
    costs = np.array([[0, 1, 1], [1, 0, 1], [9, 9, 0]])
    net = fitted(X=X, y=y, costs=costs)
    assert net.predict(X).tolist() == (net.predict_proba(X) @ costs).argmin(axis=1).tolist()
    assert net.threshold_ is None
    assert net.calibration_["of"] == "likeliest class"


def test_weights_of_rows_choose_and_rows_of_weight_0_do_not():
    X, y = rows()
    heavy = fitted(threshold="accuracy", fit={"sample_weight": np.where(y == "yes", 9.0, 1.0)})
    assert (heavy.predict(X) == "yes").mean() > (fitted(threshold="accuracy").predict(X) == "yes").mean()
    some = np.arange(ROWS) % 3 > 0
    left = fitted(threshold="f1", fit={"sample_weight": some.astype(float)})
    alone = fitted(X=X[some], y=y[some], threshold="f1")
    assert left.threshold_ == alone.threshold_
    assert left.calibration_ == alone.calibration_


def test_weights_of_classes_are_put_back_or_told():
    X, _ = rows()
    weight = {"yes": 6.0, "no": 1.0}
    shifted, back = fitted(class_weight=weight), fitted(class_weight=weight, prior_correction=True)
    p, q = shifted.predict_proba(X), back.predict_proba(X)
    assert not back.calibration_["mended"]["used"]
    assert q[:, 1] / q[:, 0] == pytest.approx(p[:, 1] / p[:, 0] / 6.0, rel=1e-5)
    assert back.predict(X).tolist() == shifted.predict(X).tolist()
    assert back.threshold_ == pytest.approx(1 / 7)
    assert "`prior_correction` puts them back" in shifted.notes_[-1]
    assert back.calibration_["error"] < shifted.calibration_["error"]
    balanced = fitted(class_weight="balanced", prior_correction=True, fit={"sample_weight": np.ones(ROWS) * 2})
    assert balanced.decision_["by"] == "class weights"


def test_the_users_own_rows_choose():
    X, y = rows()
    own = rows(60, 2)
    net = fitted(threshold="f1", fit={"eval_set": own})
    assert net.calibration_["rows"] == 60
    assert net.decision_["score"] == pytest.approx(f1_score(own[1], net.predict(own[0]), pos_label="yes"))
    assert X.shape == (ROWS, 2)
    assert set(y) == {"no", "yes"}


def test_soft_labels_count_each_class_by_its_share():
    X, y = rows()
    shares = np.where(y[:, None] == np.array(["no", "yes"]), 1.0, 0.0)
    soft = fitted(X=X, y=pd.DataFrame(0.8 * shares + 0.1, columns=["no", "yes"]), threshold="balanced_accuracy")
    assert 0.0 < soft.threshold_ < 0.5
    assert soft.calibration_["rows"] == ROWS
    assert sum(one["rows"] for one in soft.calibration_["bins"]) == ROWS
    assert soft.calibration_["error"] < 0.1
    with pytest.raises(ValueError, match="`threshold` is for labels, where classes are weighted; y holds soft ones"):
        fitted(X=X, y=pd.DataFrame(0.8 * shares + 0.1), threshold="f1", class_weight="balanced")


def test_a_student_answers_as_its_teacher_decides(dear):
    X, _ = rows()
    small = dear.distil(X, hidden=(8,), epochs=5, restarts=1)
    assert small.threshold_ == dear.threshold_
    said = np.where(small.predict_proba(X)[:, 1] >= dear.threshold_, "yes", "no")
    assert small.predict(X).tolist() == said.tolist()


def test_several_columns_have_nothing_of_it():
    X, y = rows()
    both = np.column_stack([y, y])
    net = fitted(X=X, y=both)
    assert (net.threshold_, net.decision_, net.calibration_) == (None, None, None)
    with pytest.raises(ValueError, match="`costs` is for one column of classes; y has several labels or columns"):
        fitted(X=X, y=both, costs=COSTS)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"threshold": "f2", "quality": "slow"}, "2 problems"),
        ({"threshold": 0.3, "costs": COSTS}, "both say which class is answered"),
        ({"costs": COSTS, "class_weight": "balanced"}, "would both make a class count more"),
        ({"prior_correction": True}, "got no `class_weight`"),
        ({"costs": [[0, 1, 1], [1, 0, 1], [1, 1, 0]]}, "for each of the 2 classes, in their order: no, yes"),
        ({"class_weight": {"yes": 0.0, "no": 1.0}, "prior_correction": True}, "got 0 for yes"),
    ],
)
def test_what_cannot_be(parameters, words):
    with pytest.raises(ValueError, match=words):
        TabularClassifier(**({"quality": "fast"} | parameters)).fit(*rows(60))


def test_a_file_and_a_refit_keep_it(dear, tmp_path):
    X, y = rows()
    dear.save(tmp_path / "n.descend")
    again = load(tmp_path / "n.descend")
    for name in ("threshold_", "decision_", "calibration_", "notes_"):
        assert getattr(again, name) == getattr(dear, name)
    assert again.predict(X).tolist() == dear.predict(X).tolist()
    assert clone(again).get_params()["costs"] == ((0, 1), (20, 0))
    assert again.refit(X, y).threshold_ == dear.threshold_


def test_a_file_of_before_is_read(plain, tmp_path):
    plain.save(tmp_path / "n.descend")
    document, tensors = opened((tmp_path / "n.descend").read_bytes())
    for name in ("threshold", "costs", "prior_correction"):
        del document["parameters"][name]
    del document["decision"], document["scores"]
    (tmp_path / "n.descend").write_bytes(sealed(document, tensors))
    again = load(tmp_path / "n.descend")
    assert (again.threshold_, again.calibration_, again.threshold) == (0.5, None, None)
    assert again.predict(rows()[0]).tolist() == plain.predict(rows()[0]).tolist()


def test_a_file_whose_decision_does_not_fit_is_refused(dear, tmp_path):
    dear.save(tmp_path / "n.descend")
    document, tensors = opened((tmp_path / "n.descend").read_bytes())
    document["decision"]["scaling"] = {"slope": 1.0, "shifts": [0.0, 0.0, 0.0]}
    (tmp_path / "n.descend").write_bytes(sealed(document, tensors))
    with pytest.raises(FileError, match="decision: does not fit the classes"):
        load(tmp_path / "n.descend")


@pytest.mark.parametrize("made", ["tabular", "mlp"])
def test_scikit_learns_threshold_and_calibration_work(made):
    selection = pytest.importorskip("sklearn.model_selection")
    if not hasattr(selection, "TunedThresholdClassifierCV"):
        pytest.skip("an older scikit-learn")
    X, y = rows()
    net = MLPClassifier((3,), solver="lbfgs", max_iter=20, random_state=0)
    if made == "tabular":
        net = TabularClassifier(quality="fast", random_state=0, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tuned = selection.TunedThresholdClassifierCV(net, scoring="balanced_accuracy", cv=2).fit(X, y)
        smooth = CalibratedClassifierCV(net, cv=2).fit(X, y)
    p = tuned.predict_proba(X)[:, 1]
    assert tuned.predict(X).tolist() == np.where(p >= tuned.best_threshold_, "yes", "no").tolist()
    assert np.allclose(smooth.predict_proba(X).sum(axis=1), 1.0)
