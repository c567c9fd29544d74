"""Soft labels: probabilities of classes instead of labels, for both classifiers."""

import numpy as np
import pytest

from descend import MLPClassifier, TabularClassifier
from descend.errors import DataError
from descend.estimators.mlp.soft import soft_labels
from descend.models.blends.weights import Judge

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(240, 3))
TRUE = 1.0 / (1.0 + np.exp(-2.0 * X[:, 0]))
TWO = np.column_stack([1.0 - TRUE, TRUE])
THREE = np.column_stack([0.6 * TRUE, 0.4 * TRUE, 1.0 - TRUE])


def tabular(**options):
    return TabularClassifier(quality="fast", random_state=0, **options)


def mlp(**options):
    return MLPClassifier((16,), learning_rate_init=0.02, max_iter=120, random_state=0, **options)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("make", [tabular, mlp])
@pytest.mark.parametrize("shares", [TWO, THREE])
def test_probabilities_are_learnt_as_such(make, shares):
    net = make().fit(X, shares)
    assert net.classes_.tolist() == list(range(shares.shape[1]))
    assert np.abs(net.predict_proba(X) - shares).mean() < 0.04
    assert net.score(X, shares) > 0.9
    assert net.score(X, shares.argmax(axis=1)) == net.score(X, shares)


def test_likeliest_labels_would_teach_something_else():
    hard = tabular().fit(X, TWO.argmax(axis=1)).predict_proba(X)
    assert np.abs(hard - TWO).mean() > 0.1


def test_names_of_columns_are_the_classes_in_any_order():
    import pandas
    import polars

    frame = pandas.DataFrame({"yes": TRUE, "no": 1.0 - TRUE})
    net = tabular().fit(X, frame)
    assert net.classes_.tolist() == ["no", "yes"]
    assert np.abs(net.predict_proba(X)[:, 1] - TRUE).mean() < 0.04
    assert mlp().fit(X, polars.from_pandas(frame)).predict(X[:3]).tolist() == net.predict(X[:3]).tolist()


def test_the_out_of_fold_loss_is_the_cross_entropy_with_the_probabilities():
    net = tabular().fit(X, THREE)
    found = np.clip(net.oof_prediction_, 1e-7, 1.0)
    assert net.oof_loss_ == pytest.approx(-(THREE * np.log(found)).sum(axis=1).mean(), rel=1e-3)


def test_a_judge_of_soft_truths_weighs_every_class():
    judge = Judge("softmax", np.array([[0.25, 0.75], [1.0, 0.0]]))
    outputs = np.array([[0.5, 0.5], [0.8, 0.2]])
    wanted = -(np.log(0.5) + np.log(0.8)) / 2
    assert judge.loss(judge.of_truth(outputs)) == pytest.approx(wanted)


def test_weights_of_classes_count_by_probability():
    heavy = tabular(class_weight={1: 8.0}).fit(X, TWO).predict_proba(X)
    assert heavy[:, 1].mean() > TWO[:, 1].mean() + 0.1
    assert mlp(class_weight="balanced").fit(X[:20], TWO[:20]).score(X, TWO) > 0.8


def test_labels_after_probabilities_in_eval_set_and_refit():
    net = tabular(eval_metric="accuracy").fit(X, TWO, eval_set=(X[:60], TWO[:60].argmax(axis=1)))
    assert net.oof_score_ > 0.85
    again = net.refit(X, TWO.argmax(axis=1)).predict_proba(X)
    assert np.abs(again - TWO).mean() > 0.05


def test_rows_of_one_hot_numbers_are_labels_at_once_as_ever():
    assert soft_labels(np.eye(3), "fit") is None
    assert tabular().fit(X, np.eye(2)[TWO.argmax(axis=1)].astype(int)).predict(X[:2]).shape == (2, 2)


def test_sums_that_miss_one_by_rounding_are_mended():
    soft = soft_labels([[0.333, 0.333, 0.333], [1, 0, 0]], "fit")
    assert np.allclose(soft.shares.sum(axis=1), 1.0, atol=1e-15)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([0.5, 0.6], r"row 2 sums to 1\.1\. Divide each row by its sum"),
        ([-0.5, 1.5], r"row 2 holds -0\.5\. Correct it"),
        ([np.nan, 0.5], r"row 2 holds nan\. Correct it"),
        ([np.inf, 0.5], r"row 2 holds inf\. Correct it"),
    ],
)
@pytest.mark.parametrize("make", [tabular, mlp])
def test_rows_that_are_no_probabilities_are_refused(make, row, said):
    shares = TWO.copy()
    shares[1] = row
    with pytest.raises(DataError, match=r"y has fractions in 2 columns, .*" + said):
        make().fit(X, shares)


def test_columns_that_cannot_be_classes_are_refused():
    import pandas

    with pytest.raises(DataError, match=r'the names of its columns are the classes; "a" is there twice'):
        tabular().fit(X, pandas.DataFrame(TWO, columns=["a", "a"]))
    with pytest.raises(DataError, match=r"all must be text, or all numbers"):
        tabular().fit(X, pandas.DataFrame(TWO, columns=["a", 1]))


def test_other_classes_than_in_fit_are_refused():
    net = tabular().fit(X, TWO)
    with pytest.raises(DataError, match="must hold the classes of the training rows; got 2"):
        net.refit(X, THREE)


def test_a_stream_may_hold_probabilities():
    net = mlp()
    for _ in range(80):
        net.partial_fit(X, TWO, classes=[0, 1])
    assert np.abs(net.predict_proba(X) - TWO).mean() < 0.1


def test_held_out_rows_of_an_mlp_are_split_by_the_likeliest_class():
    net = mlp(early_stopping="loss").fit(X, TWO)
    assert np.abs(net.predict_proba(X) - TWO).mean() < 0.1


@pytest.mark.parametrize("make", [tabular, mlp])
def test_numbers_beyond_0_and_1_in_most_rows_are_refused_with_what_to_do(make):
    said = (
        r"y must hold labels, or probabilities .* in 2 columns, such as \S+ in row 1\. If they are shares, divide each"
    )
    with pytest.raises(ValueError, match=said):
        make().fit(X, 100.0 * TWO)
