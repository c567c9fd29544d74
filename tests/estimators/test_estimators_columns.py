"""Several columns of classes at once: one network, a sigmoid output for each class, shares within a column."""

import numpy as np
import pytest
import sklearn.neural_network as theirs
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.model_selection import KFold, cross_val_predict, train_test_split

from descend import MLPClassifier, SpecError
from descend.estimators.mlp.targets import Classes, ColumnClasses

X, sort = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
width = np.digitize(X[:, 1], [-1, 0, 1])
LONG = np.array(["long", "short"])[(X[:, 0] < 0).astype(int)]
NUMBERS = np.c_[sort, width, X[:, 0] < 0]  # 3, 4 and 2 classes
MIXED = np.array([[int(a), int(b), str(c)] for a, b, c in zip(sort, width, LONG, strict=True)], dtype=object)
LABELS = [[0, 1, 2], [0, 1, 2, 3], ["long", "short"]]
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp`:DeprecationWarning"),  # old scikit-learn, new scipy
]


def net(**more):
    return MLPClassifier(
        **({"hidden_layer_sizes": (12,), "solver": "lbfgs", "max_iter": 300, "random_state": 0} | more)
    )


def one_hot(numbers):
    """The network's targets, made by hand: a column per class; the last column has two classes and needs only one."""
    return np.column_stack([sort == k for k in range(3)] + [width == k for k in range(4)] + [numbers[:, 2]]).astype(int)


def test_the_network_is_scikit_learns_for_the_classes_as_labels():
    options = {"hidden_layer_sizes": (6,), "activation": "tanh", "max_iter": 50, "shuffle": False, "random_state": 1}
    ours = MLPClassifier(**options).fit(X, NUMBERS)
    other = theirs.MLPClassifier(**options).fit(X, one_hot(NUMBERS))
    assert all(np.abs(a - b).max() < 1e-10 for a, b in zip(ours.coefs_, other.coefs_, strict=True))
    labels = other.predict_proba(X)
    shares = [labels[:, :3], labels[:, 3:7], np.c_[1 - labels[:, 7], labels[:, 7]]]
    for found, wanted in zip(ours.predict_proba(X), shares, strict=True):
        assert np.allclose(found, wanted / wanted.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("y", [NUMBERS, MIXED], ids=["numbers", "mixed"])
def test_every_column_is_learnt_and_comes_back_in_its_type(y):
    fitted = net().fit(X, y)
    assert [labels.tolist() for labels in fitted.classes_] == [np.unique(list(column)).tolist() for column in y.T]
    assert fitted.predict(X).dtype == y.dtype
    assert fitted.score(X, y) > 0.98
    assert (fitted.predict(X) == y).all(axis=1).mean() == fitted.score(X, y)
    assert (fitted.predict_one(X[3]) == fitted.predict(X[3:4])[0]).all()


def test_text_in_all_columns():
    words = np.c_[LONG, np.array(["a", "bb", "ccc"])[sort]]
    fitted = net().fit(X, words)
    assert (fitted.predict(X) == words).mean() > 0.98
    assert fitted.predict(X).dtype.kind == "U"


def test_probabilities_are_a_list_that_sums_to_1_and_its_largest_is_predicted():
    fitted = net(alpha=1.0).fit(X, MIXED)
    found = fitted.predict_proba(X)
    assert [one.shape for one in found] == [(150, 3), (150, 4), (150, 2)]
    assert all(np.allclose(one.sum(axis=1), 1) for one in found)
    largest = [labels[one.argmax(axis=1)] for labels, one in zip(fitted.classes_, found, strict=True)]
    assert all((fitted.predict(X)[:, j] == one).all() for j, one in enumerate(largest))
    logs = fitted.predict_log_proba(X)
    assert all(np.allclose(np.exp(a), b) for a, b in zip(logs, found, strict=True))


def test_on_new_rows_one_network_is_as_good_as_one_for_each_column():
    options = {"solver": "adam", "learning_rate_init": 0.02, "max_iter": 300}
    learn, new, y, wanted = train_test_split(X, NUMBERS, random_state=0)
    together = (net(**options).fit(learn, y).predict(new) == wanted).mean(axis=0)
    apart = [np.mean(net(**options).fit(learn, y[:, j]).predict(new) == wanted[:, j]) for j in range(3)]
    assert (together > np.array(apart) - 0.06).all()
    assert together.min() > 0.85


def test_cross_validation_splits_rows_and_predicts_columns():
    assert (
        cross_val_predict(net(alpha=0.1), X, NUMBERS, cv=KFold(3, shuffle=True, random_state=0)) == NUMBERS
    ).mean() > 0.85


def test_restarts_ensembles_and_early_stopping_work():
    fitted = net(solver="adam", restarts=3, select="ensemble", learning_rate_init=0.02).fit(X, MIXED)
    assert fitted.score(X, MIXED) > 0.9
    options = {"solver": "adam", "early_stopping": True, "validation_fraction": 0.2, "learning_rate_init": 0.05}
    stopped = net(**options, n_iter_no_change=50).fit(X, MIXED)
    held = stopped._fitted.split.held
    assert stopped.best_validation_score_ == stopped.score(X[held], MIXED[held]) > 0.8


def test_class_weights_are_one_dict_per_column():
    weights = [{0: 1.0, 1: 4.0, 2: 1.0}, {0: 1, 1: 1, 2: 1, 3: 1}, {"long": 1.0, "short": 2.0}]
    by_hand = np.where(sort == 1, 4.0, 1.0) * np.where(LONG == "short", 2.0, 1.0)
    one = net(class_weight=weights, max_iter=10).fit(X, MIXED)
    other = net(max_iter=10).fit(X, MIXED, sample_weight=by_hand)
    assert (one.coefs_[0] == other.coefs_[0]).all()


def test_partial_fit_is_given_the_labels_of_each_column():
    options = {"solver": "adam", "shuffle": False, "tol": 0, "n_iter_no_change": np.inf}
    stream = net(**options)
    for _ in range(20):
        stream.partial_fit(X, MIXED, classes=LABELS)
    assert (stream.coefs_[0] == net(**options, max_iter=20).fit(X, MIXED).coefs_[0]).all()
    few = net(**options).partial_fit(X[:2], MIXED[:2], classes=LABELS)  # labels that come later are known
    assert [len(labels) for labels in few.classes_] == [3, 4, 2]
    assert few.partial_fit(X, MIXED).t_ == 152


@pytest.mark.parametrize(
    ("y", "classes", "says"),
    [
        (MIXED, [[0, 1], *LABELS[1:]], "is not the same as on last call to partial_fit"),
        (MIXED, [0, 1, 2], "is not the same as on last call to partial_fit"),
        (np.where(MIXED == 2, 9, MIXED), None, "`y` has classes not in `self.classes_`"),
        (MIXED[:, :2], None, "`y` must have 3 columns of classes; got shape (150, 2)."),
        (sort, None, "`y` must have 3 columns of classes; got shape (150,)."),
    ],
)
def test_other_labels_in_partial_fit_are_errors(y, classes, says):
    stream = net(solver="adam").partial_fit(X, MIXED, classes=LABELS)
    with pytest.raises(ValueError) as got:
        stream.partial_fit(X, y, classes=classes)
    assert says in str(got.value)


def test_a_warm_start_needs_the_same_labels():
    warm = net(warm_start=True, max_iter=5).fit(X, NUMBERS)
    warm.fit(X, NUMBERS)
    with pytest.raises(ValueError, match="same classes as in the previous call to fit"):
        warm.fit(X[:50], NUMBERS[:50])


def test_columns_that_are_no_classes_are_errors():
    for wrong, found in (("zero", "'zero', row 1 is 0"), (None, "None")):
        mixed = MIXED.copy()
        mixed[7, 0] = wrong
        with pytest.raises(ValueError, match=f"y must hold labels of one type; row 8 of column 1 is {found}\\."):
            net().fit(X, mixed)
    with pytest.raises(ValueError, match="y must hold labels, or probabilities of classes"):
        net().fit(X, np.c_[X[:, 0], X[:, 1]])


def test_scikit_learns_mlp_has_no_such_thing():
    with pytest.raises(SpecError, match=r"scikit-learn's MLP has no several columns of classes"):
        net(max_iter=2).fit(X, NUMBERS).to_sklearn()


def test_outputs_that_are_all_0_are_equal_shares():
    classes = ColumnClasses((Classes(np.arange(4)), Classes(np.array(["only"]))))
    four, one = classes.probabilities(np.array([[0.0, 0, 0, 0, 0.25], [0, 0.25, 0.5, 0.25, 0]]))
    assert four.tolist() == [[0.25] * 4, [0, 0.25, 0.5, 0.25]]
    assert one.tolist() == [[1.0], [1.0]]
    assert classes.decode(np.zeros((1, 5))).tolist() == [[0, "only"]]


def test_a_trace_shows_the_sample_of_all_columns():
    fitted = net(alpha=1.0).fit(X, MIXED)
    seen = fitted.trace(X[0], MIXED[0])
    assert np.allclose(seen.output, fitted._outputs(X[:1])[0])
    Y = one_hot(NUMBERS)[0]
    assert np.isclose(seen.loss, -np.sum(Y * np.log(seen.output) + (1 - Y) * np.log(1 - seen.output)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_label_is_ever_certain(dtype):
    rows, labels = make_multilabel_classification(50, random_state=0)
    fitted = net(max_iter=500, alpha=0).fit(rows.astype(dtype), labels)
    fitted.coefs_[1][...] *= 1000
    assert fitted._outputs(rows.astype(dtype)).max() == 1
    assert 0.999 < fitted.predict_proba(rows.astype(dtype)).max() < 1
