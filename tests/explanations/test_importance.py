"""Permutation importance: what a column is worth, with a standard error that is right; partial dependence."""

import numpy as np
import pytest

from descend.errors import DataError
from descend.explanations.dependence import average_answers, cells_of, usual_values
from descend.explanations.importance import permutation_importance
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import summarise_column
from descend.tables.columns.column import make_column


def rows_of(m, seed):
    random = np.random.default_rng(seed)
    columns = {name: random.normal(size=m) for name in "abc"}
    return Inputs({name: make_column(name, "number", values) for name, values in columns.items()}), random.normal(
        size=m
    )


def measured(m=400, seed=0, weight=None, metric="RMSE", repeats=5):
    """Of the answer 3 a + b to 3 a + b + noise: MSE 1, without a 1 + 2 · 9, without b 1 + 2."""
    rows, noise = rows_of(m, seed)
    truth = 3.0 * rows.columns["a"].values + rows.columns["b"].values + noise

    def losses(one):
        return (3.0 * one.columns["a"].values + one.columns["b"].values - truth) ** 2

    return permutation_importance(rows, losses, weight, metric, repeats)


class TestImportance:
    def test_is_the_increase_of_the_loss(self):
        found = measured(4_000)
        assert found.columns == ("a", "b", "c")
        assert np.abs(found.increase - [19**0.5 - 1, 3**0.5 - 1, 0.0]).max() < 0.15
        assert np.abs(measured(4_000, metric="log-loss").increase - [18.0, 2.0, 0.0]).max() < 1.5

    @pytest.mark.parametrize("metric", ["RMSE", "log-loss"])
    def test_has_a_standard_error_as_large_as_its_spread(self, metric):
        many = [measured(150, seed, metric=metric) for seed in range(100)]
        for name in "ab":
            each = [(one.increase[k], one.error[k]) for one in many for k in [one.columns.index(name)]]
            increase, error = np.array(each).T
            assert 0.75 < error.mean() / increase.std() < 1.35

    def test_rows_that_count_nothing_do_not(self):
        weight = np.where(np.arange(400) < 200, 1.0, 0.0)
        rows, noise = rows_of(400, 0)
        wild = np.where(weight > 0.0, 0.0, 100.0)

        def losses(one):
            return (one.columns["a"].values - rows.columns["a"].values + wild) ** 2 + noise**2

        found = permutation_importance(rows, losses, weight, "RMSE")
        assert found.loss < 2.0
        assert measured(weight=weight).error[0] > measured().error[0]

    def test_says_the_same_each_time_and_has_columns_for_a_frame(self):
        one, other = measured(), measured()
        assert one.increase.tobytes() == other.increase.tobytes()
        assert list(one.to_dict()) == ["column", "increase", "error"]
        assert "RMSE" in repr(one)

    def test_refuses_what_cannot_be_permuted(self):
        with pytest.raises(DataError, match="at least 2 rows are needed, to change places; got 1"):
            measured(1)
        with pytest.raises(DataError, match="`repeats` must be a whole number ≥ 1; got 0"):
            measured(repeats=0)


class TestDependence:
    def test_is_the_mean_over_the_rows(self):
        rows, _ = rows_of(50, 0)

        def answers(one):
            return np.stack([one.columns["a"].values * one.columns["b"].values, one.columns["c"].values], axis=1)

        found = average_answers(answers, rows, make_column("a", "number", [-1.0, 2.0]))
        assert np.allclose(found[:, 0], [-rows.columns["b"].values.mean(), 2 * rows.columns["b"].values.mean()])
        assert np.allclose(found[:, 1], rows.columns["c"].values.mean())

    def test_has_usual_values_of_every_kind(self):
        number = summarise_column(make_column("n", "number", np.arange(1_000.0) / 3))
        assert len(usual_values(number)) == 20
        level = summarise_column(make_column("c", "category", [f"k{j % 30}" for j in range(300)] + ["k7"]))
        assert cells_of(usual_values(level))[0] == "k7"
        assert len(usual_values(level)) == 20
        assert cells_of(usual_values(summarise_column(make_column("b", "boolean", [1.0, 1.0])))) == [False, True]
        date = summarise_column(make_column("d", "date", np.arange(40) * 86_400.0))
        assert cells_of(usual_values(date))[0] == "1970-01-02"
