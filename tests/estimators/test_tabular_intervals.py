"""`predict_interval`, `predict_quantiles` and `predict_set` of the estimators for tables."""

import functools

import numpy as np
import pytest

import descend
from descend import TabularClassifier, TabularRegressor


def table(rows=400, seed=0):
    """Two inputs; noise that grows with the first."""
    random = np.random.default_rng(seed)
    X = random.random((rows, 2))
    return X, X[:, 0] + X[:, 1] + (0.05 + 0.5 * X[:, 0]) * random.normal(size=rows)


@functools.cache
def numbers():
    return TabularRegressor(quality="fast", random_state=0).fit(*table())


@functools.cache
def classes():
    X, y = table()
    return TabularClassifier(quality="fast", random_state=0).fit(X, np.digitize(y, [0.7, 1.2]))


def share(net, X, y, coverage=0.9):
    low, high = net.predict_interval(X, coverage).T
    return np.mean((low <= y) & (y <= high))


def test_intervals_cover_new_rows_and_are_wider_where_the_noise_is_large():
    net, (X, y) = numbers(), table(2000, seed=1)
    assert 0.86 < share(net, X, y) < 0.95
    assert 0.44 < share(net, X, y, 0.5) < 0.58
    width = np.diff(net.predict_interval(X))[:, 0]
    assert width[X[:, 0] > 0.8].mean() > 1.5 * width[X[:, 0] < 0.2].mean()


def test_quantiles_are_in_the_order_in_which_they_are_asked_and_an_interval_is_around_the_answer():
    net, (X, _) = numbers(), table(300, seed=1)
    found = net.predict_quantiles(X, (0.9, 0.1, 0.5))
    assert found.shape == (300, 3)
    assert (found[:, 1] < found[:, 2]).all()
    assert (found[:, 2] < found[:, 0]).all()
    low, high = net.predict_interval(X).T
    assert (low <= net.predict(X)).all()
    assert (net.predict(X) <= high).all()
    assert net.predict_quantiles(X).shape == (300, 3)
    assert (low >= table()[1].min()).all()
    assert (high <= table()[1].max()).all()


def test_sets_cover_new_rows_and_hold_the_likeliest():
    net, (X, y) = classes(), table(2000, seed=1)
    sets, true = net.predict_set(X, allow_empty=False), np.digitize(y, [0.7, 1.2])
    assert sets.shape == (2000, 3)
    assert 0.86 < sets[np.arange(2000), true].mean() < 0.95
    assert sets[np.arange(2000), net.predict(X)].all()
    assert not net.predict_set(X, 0.3).any(axis=1).all()


def test_answers_about_uncertainty_come_back_from_a_file_with_the_same_bits(tmp_path):
    X, _ = table(50, seed=2)
    for net, asked in ((numbers(), "predict_interval"), (classes(), "predict_set")):
        net.save(tmp_path / "net.descend")
        assert np.array_equal(getattr(descend.load(tmp_path / "net.descend"), asked)(X), getattr(net, asked)(X))


def test_sets_do_not_depend_on_threads_or_on_how_many_rows_are_asked():
    X, y = table()
    fresh, _ = table(1100, seed=3)
    alone = TabularClassifier(quality="fast", random_state=0, n_jobs=1).fit(X, np.digitize(y, [0.7, 1.2]))
    for allow_empty in (True, False):
        whole = classes().predict_set(fresh, 0.7, allow_empty)
        assert np.array_equal(alone.predict_set(fresh, 0.7, allow_empty), whole)
        assert np.array_equal(classes().predict_set(fresh[:7], 0.7, allow_empty), whole[:7])


def test_an_easy_table_has_the_coverage_that_was_asked_for_or_full_sets():
    random = np.random.default_rng(0)
    place = np.arange(1500) % 2
    X = random.normal(size=(1500, 2)) + 8.0 * place[:, None]
    net = TabularClassifier(quality="fast", random_state=0).fit(X[:500], place[:500])
    assert (net.predict(X[500:]) == place[500:]).all()
    assert (net.predict_proba(X[500:]).max(axis=1) > 0.99).all()
    inside = net.predict_set(X[500:])[np.arange(1000), place[500:]].mean()
    assert 0.84 < inside < 0.96
    assert np.array_equal(net.predict_set(X[500:], allow_empty=False), np.eye(2, dtype=bool)[place[500:]])


def test_after_a_refit_there_are_no_folds_and_before_it_they_are_kept_in_the_file(tmp_path):
    X, y = table()
    goal = np.digitize(y, [0.7, 1.2])
    net = TabularClassifier(quality="fast", random_state=0).fit(X, goal)
    net.save(tmp_path / "net.descend")
    back = descend.load(tmp_path / "net.descend")
    assert back._sections.uncertainty.folds.rows == 400
    assert {one.place.fold for one in back._blend.nets} == set(back._sections.uncertainty.folds.of)
    again = back.refit(X, goal)
    assert again._sections.uncertainty.folds is None
    again.save(tmp_path / "again.descend")
    sets = descend.load(tmp_path / "again.descend").predict_set(X)
    assert np.array_equal(sets, again.predict_set(X))
    assert sets[np.arange(400), goal].mean() > 0.85


def test_several_numbers_have_an_interval_each():
    X, y = table()
    net = TabularRegressor(quality="fast", random_state=0).fit(X, np.column_stack([y, -10.0 * y]))
    found = net.predict_interval(X[:5])
    assert found.shape == (5, 2, 2)
    assert net.predict_quantiles(X[:5], (0.25,)).shape == (5, 2, 1)
    assert (np.diff(found[:, 1]) > 5.0 * np.diff(found[:, 0])).all()


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")  # other rows, on purpose
def test_after_a_refit_intervals_reach_to_the_new_rows_numbers():
    X, y = table()
    net = TabularRegressor(quality="fast", random_state=0).fit(X, y)
    before = net.predict_interval(X).max()
    again = net.refit(np.vstack([X, X + 1.0]), np.concatenate([y, y + 2.0]))
    assert before <= y.max() < again.predict_interval(X + 1.0).max()
    assert share(again, X, y) > 0.8


def test_the_users_own_rows_calibrate_where_they_choose():
    X, y = table()
    net = TabularRegressor(quality="fast", random_state=0).fit(X[:250], y[:250], eval_set=(X[250:], y[250:]))
    assert net._sections.uncertainty.outputs[0].scores.rows == 150
    assert 0.84 < share(net, *table(1000, seed=1)) < 0.96
    goal = np.digitize(y, [0.7, 1.2])
    net = TabularClassifier(quality="fast", random_state=0).fit(X[:250], goal[:250], eval_set=(X[250:], goal[250:]))
    assert [(fold, one.rows) for fold, one in net._sections.uncertainty.folds.of.items()] == [(0, 150.0)]
    fresh, y = table(1000, seed=1)
    assert 0.84 < net.predict_set(fresh)[np.arange(1000), np.digitize(y, [0.7, 1.2])].mean() < 0.96


def test_class_weights_change_probabilities_but_not_what_sets_cover():
    X, y = table(600)
    goal = np.digitize(y, [1.6])
    net = TabularClassifier(quality="fast", random_state=0, class_weight="balanced").fit(X, goal)
    assert net._sections.uncertainty.scores.rows == 600
    fresh, y = table(3000, seed=1)
    sets = net.predict_set(fresh)
    assert 0.86 < sets[np.arange(3000), np.digitize(y, [1.6])].mean() < 0.94


def test_what_cannot_be_asked_is_an_error_that_says_what_to_do():
    X, y = table()
    with pytest.raises(ValueError, match=r"`coverage` must be a number between 0 and 1, such as 0\.9; got 95"):
        numbers().predict_interval(X, 95)
    with pytest.raises(ValueError, match="needs 1,999 held-out rows or more; there are 400"):
        numbers().predict_interval(X, 0.999)
    with pytest.raises(ValueError, match="needs 9,999 held-out rows or more"):
        classes().predict_set(X, 0.9999)
    labels = TabularClassifier(quality="fast", random_state=0).fit(X, np.column_stack([y > 0.7, y > 1.2]).astype(int))
    with pytest.raises(ValueError, match="y must be one column of classes"):
        labels.predict_set(X)
    assert not hasattr(classes(), "predict_interval")
    assert not hasattr(numbers(), "predict_set")


def test_a_file_of_before_says_that_it_has_no_residuals(tmp_path):
    net = TabularRegressor(quality="fast", random_state=0).fit(*table(60))
    net._sections = type(net._sections)()
    net.save(tmp_path / "net.descend")
    with pytest.raises(ValueError, match="must keep residuals of rows that it has not learnt"):
        descend.load(tmp_path / "net.descend").predict_interval(table()[0])


def test_the_bits_do_not_depend_on_threads_or_on_how_many_rows_are_asked():
    X, _ = table(1100, seed=3)
    net = numbers()
    whole = net.predict_interval(X)
    alone = TabularRegressor(quality="fast", random_state=0, n_jobs=1).fit(*table())
    assert np.array_equal(alone.predict_interval(X), whole)
    assert np.array_equal(net.predict_interval(X[:7]), whole[:7])


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")
def test_residuals_with_groups_are_of_groups_that_were_not_learnt():
    random = np.random.default_rng(0)
    place, effect, group = random.normal(size=(400, 3)), random.normal(size=400), np.repeat(np.arange(400), 5)
    X, y = place[group] + 0.001 * random.normal(size=(2000, 3)), effect[group] + 0.1 * random.normal(size=2000)
    learn, new = group < 200, group >= 200
    alone, together = (
        TabularRegressor(quality="fast", random_state=0).fit(X[learn], y[learn], groups=groups)
        for groups in (None, group[learn])
    )
    assert share(alone, X[new], y[new]) < 0.4  # rows of a known group say what its others are
    assert 0.84 < share(together, X[new], y[new]) < 0.96


def test_residuals_with_time_are_of_later_rows():
    random = np.random.default_rng(0)
    day, X = np.arange(760), random.normal(size=(760, 1))
    y = X[:, 0] + 0.004 * day + 0.2 * random.normal(size=760)  # prices rise, and no column says when
    alone, ordered = (
        TabularRegressor(quality="fast", random_state=0).fit(X[:700], y[:700], time=time) for time in (None, day[:700])
    )
    late = X[700:]
    shifts = [(net.predict_quantiles(late, 0.5)[:, 0] - net.predict(late)).mean() for net in (alone, ordered)]
    assert abs(shifts[0]) < 0.1
    assert shifts[1] > 0.5  # later rows were above what earlier ones say
    assert share(ordered, late, y[700:]) > share(alone, late, y[700:]) + 0.1
