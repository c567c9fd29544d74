"""Estimators for tables that go on with new rows."""

import numpy as np
import pytest

from descend import TabularClassifier, TabularRegressor, load
from descend.errors import DataError, SpecError
from fitted_blends import table

X, NUMBERS = table(240)
CLASSES = np.digitize(NUMBERS, [0.0, 3.0])
SHIFTED = NUMBERS + 4.0


@pytest.fixture
def regressor():
    return TabularRegressor(quality="fast", random_state=0, n_jobs=1).fit(X, NUMBERS)


@pytest.fixture(scope="module")
def classifier():
    return TabularClassifier(quality="fast", random_state=0, n_jobs=1).fit(X, CLASSES)


def test_what_has_changed_is_learnt_and_told(regressor):
    before = regressor.score(X, SHIFTED)
    assert regressor.update(X, SHIFTED, step=0.3) is regressor
    assert regressor.score(X, SHIFTED) > before + 0.1
    told = regressor.updates_[-1]
    assert told["comparison"]["better"]
    assert (told["learnt"], told["comparison"]["rows"]) == (192, 48)


def test_what_makes_it_no_better_changes_nothing(classifier):
    before, networks = classifier.predict_proba(X), classifier.members_
    classifier.update(X, CLASSES)  # what it knows already
    assert not classifier.updates_[-1]["comparison"]["better"]
    assert (classifier.predict_proba(X) == before).all()
    assert classifier.members_ is networks


def test_classes_go_on_and_new_ones_are_refused(classifier):
    other = (CLASSES + 1) % 3
    found = TabularClassifier(quality="fast", random_state=0, n_jobs=1).fit(X, CLASSES).update(X, other, step=1.0)
    assert found.updates_[-1]["comparison"]["better"]
    assert found.score(X, other) > classifier.score(X, other)
    with pytest.raises(
        DataError, match=r"must hold the classes of the training rows; got 7\. Leave .* or fit with them"
    ):
        classifier.update(X, np.where(CLASSES == 2, 7, CLASSES))


def test_groups_and_times_say_which_rows_judge(regressor):
    regressor.update(X, SHIFTED, groups=np.arange(240) // 60)
    assert regressor.updates_[-1]["comparison"]["rows"] == 60
    regressor.update(X, SHIFTED, time=np.arange(240))
    assert regressor.updates_[-1]["learnt"] == 192


def test_history_is_saved_and_a_new_fit_forgets_it(regressor, tmp_path):
    regressor.update(X, SHIFTED, step=0.3)
    regressor.save(tmp_path / "a.descend")
    back = load(tmp_path / "a.descend")
    assert back.updates_ == regressor.updates_
    assert (back.predict(X) == regressor.predict(X)).all()
    assert not hasattr(back.fit(X, NUMBERS), "updates_")


def test_a_distilled_network_goes_on_too(regressor, monkeypatch):
    monkeypatch.setattr("descend.models.distil.student.ROWS", 4_000)
    monkeypatch.setattr("descend.models.distil.student.LEAST_MADE", 3_000)
    small = regressor.distil(X, hidden=(16,), epochs=20, restarts=1)
    small.update(X, SHIFTED, step=1.0)
    assert small.updates_[-1]["comparison"]["better"]
    assert small.members_[0].name == "distilled"


def test_an_error_leaves_it_as_it_was(regressor):
    before = regressor.predict(X)
    with pytest.raises(SpecError, match="TabularRegressor: update: `step` must be above 0"):
        regressor.update(X, SHIFTED, step=2.0)
    with pytest.raises(DataError, match="TabularRegressor: update: at least 25 new rows"):
        regressor.update(X[:10], SHIFTED[:10])
    assert (regressor.predict(X) == before).all()
    assert not hasattr(regressor, "updates_")
