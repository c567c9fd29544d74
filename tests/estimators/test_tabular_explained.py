"""Estimators for tables explain themselves: raw columns, units of y, out of fold; scikit-learn's inspection."""

import functools
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import PartialDependenceDisplay, partial_dependence
from sklearn.inspection import permutation_importance as sklearn_importance

from descend import TabularClassifier, TabularRegressor, load
from descend.errors import DriftWarning

EFFECTS = {"red": 0.0, "green": 2.0, "blue": -1.0}


def frame(rows=160, seed=0):
    random = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "size": random.normal(size=rows),
            "same": 7.0,
            "colour": random.choice(list(EFFECTS), rows),
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 700, rows), unit="D"),
            "gaps": np.where(random.random(rows) < 0.2, np.nan, random.normal(size=rows)),
        }
    )
    y = 3.0 * X["size"] + X["colour"].map(EFFECTS) + np.nan_to_num(X["gaps"], nan=1.0)
    return X, y.to_numpy() * 100.0


@functools.cache
def regressor():
    return TabularRegressor(quality="fast", random_state=0).fit(*frame())


@functools.cache
def classifier():
    X, y = frame()
    return TabularClassifier(quality="fast", random_state=0).fit(X, np.digitize(y, [-200, 200]))


class TestExplain:
    def test_is_in_the_raw_columns_and_the_units_of_y(self):
        X, _ = frame(40, 1)
        found = regressor().explain(X)
        assert found.columns == tuple(X.columns)
        assert np.abs(found.base_value + found.values.sum(axis=1) - regressor().predict(X)).max() < 1e-3
        sizes = found.importance()
        assert list(sizes)[:3] == ["size", "colour", "gaps"]
        assert sizes["same"] == 0.0
        assert np.corrcoef(found.values[:, 0], X["size"])[0, 1] > 0.95
        mean = {one: found.values[X["colour"] == one, 2].mean() for one in EFFECTS}
        assert mean["blue"] < mean["red"] < mean["green"]
        assert sizes["when"] < 0.25 * sizes["gaps"]

    def test_is_of_classes_as_predict_proba(self):
        X, _ = frame(20, 1)
        found = classifier().explain(X)
        assert found.outputs == (0, 1, 2)
        assert np.abs(found.base_value + found.values.sum(axis=1) - classifier().predict_proba(X)).max() < 1e-6
        own = classifier().explain(X, of="predicted")
        assert list(own.outputs) == classifier().predict(X).tolist()
        assert np.array_equal(classifier().explain(X, of=2).values, found.values[..., 2])

    def test_knows_arrays_by_their_places(self):
        X = np.random.default_rng(0).normal(size=(80, 3))
        found = TabularRegressor(quality="fast", random_state=0).fit(X, X[:, 1]).explain(X[:5])
        assert found.columns == ("x0", "x1", "x2")
        assert next(iter(found.importance())) == "x1"

    def test_follows_mended_probabilities(self):
        from dataclasses import replace

        from descend.models.decisions.decision import Decision
        from descend.models.decisions.scaling import Scaling

        X, _ = frame(20, 1)
        net = load_copy(classifier())
        net._sections = replace(net._sections, decision=Decision(scaling=Scaling(0.6, (0.0, 0.0, 0.0))))
        found = net.explain(X)
        assert np.abs(found.base_value + found.values.sum(axis=1) - net.predict_proba(X)).max() < 1e-6
        assert not np.allclose(found.values, classifier().explain(X).values, atol=1e-3)
        assert np.abs(found.rest).mean() < 0.05

    def test_warns_once_of_rows_that_differ(self):
        X, _ = frame(60, 1)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            regressor().explain(X)
            classifier().explain(X.assign(size=X["size"] * 1000))
            regressor().explain(X.assign(size=X["size"] * 1000))
        told = [str(one.message) for one in caught if one.category is DriftWarning]
        names = [one.partition(': 1 column differs from the training rows: "size"')[0] for one in told]
        assert names == ["TabularClassifier", "TabularRegressor"]

    def test_refuses_several_columns_of_classes(self):
        X, y = frame(60)
        both = np.column_stack([np.digitize(y, [0]), np.digitize(y, [-200, 200])]).astype(object)
        net = TabularClassifier(quality="fast", random_state=0).fit(X[["size", "gaps"]], both)
        with pytest.raises(ValueError, match="several columns of classes are not explained"):
            net.explain(X[["size", "gaps"]])


def load_copy(net):
    import pickle

    return pickle.loads(pickle.dumps(net))


class TestPermutationImportance:
    def test_of_rows_that_were_not_learnt(self):
        X, y = frame(100, 1)
        found = regressor().permutation_importance(X, y, repeats=2)
        assert found.columns[0] == "size"
        assert found.metric == "RMSE"
        assert np.isclose(found.loss, np.sqrt(np.mean((regressor().predict(X) - y) ** 2)))
        assert set(found.columns) == {"size", "colour", "when", "gaps"}

    def test_out_of_fold_is_by_networks_that_have_not_learnt_the_rows(self):
        X, y = frame()
        found = regressor().permutation_importance(X, y, repeats=2, out_of_fold=True)
        assert np.isclose(found.loss, np.sqrt(np.mean((regressor().oof_prediction_ - y) ** 2)))
        assert found.loss > 1.05 * regressor().permutation_importance(X, y, repeats=1).loss

    def test_of_classes_is_by_log_loss(self):
        X, y = frame()
        found = classifier().permutation_importance(X, np.digitize(y, [-200, 200]), repeats=1, out_of_fold=True)
        assert found.metric == "log-loss"
        assert np.isclose(found.loss, classifier().oof_loss_, rtol=1e-4)

    def test_out_of_fold_refuses_other_rows_and_networks_that_learnt_all(self, tmp_path):
        X, y = frame()
        with pytest.raises(ValueError, match="must be those that `fit` was given"):
            regressor().permutation_importance(X[::-1], y[::-1], out_of_fold=True)
        regressor().save(tmp_path / "net.descend")
        with pytest.raises(ValueError, match="not read from a file"):
            load(tmp_path / "net.descend").permutation_importance(X, y, out_of_fold=True)


@pytest.mark.filterwarnings("error::descend.errors.DriftWarning")  # columns are set and permuted on purpose
class TestScikitLearnsInspection:
    def test_permutation_importance_of_a_raw_frame(self):
        X, y = frame(40, 1)
        found = sklearn_importance(regressor(), X, y, n_repeats=1, random_state=0)
        assert int(np.argmax(found.importances_mean)) == 0

    def test_partial_dependence_of_numbers_and_categories(self):
        X, _ = frame(40, 1)
        found = partial_dependence(regressor(), X, ["size"], grid_resolution=5)
        assert (np.diff(found["average"][0]) > 0).all()
        found = partial_dependence(regressor(), X, ["colour"], categorical_features=["colour"])
        by_level = dict(zip(found["grid_values"][0], found["average"][0], strict=True))
        assert by_level["blue"] < by_level["red"] < by_level["green"]

    @pytest.mark.long
    def test_displays_are_drawn(self):
        pytest.importorskip("matplotlib").use("Agg")
        X, _ = frame(40, 1)
        PartialDependenceDisplay.from_estimator(
            regressor(), X, ["size", "colour"], categorical_features=["colour"], grid_resolution=4
        )
