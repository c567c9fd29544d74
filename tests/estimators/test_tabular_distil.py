"""Estimators for tables as one network that imitates their blend."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from descend import TabularClassifier, TabularRegressor, load
from descend.errors import DataError, SpecError
from descend.models.sections import Sections
from fitted_blends import table

X, NUMBERS = table(240)
CLASSES = np.digitize(NUMBERS, [0.0, 3.0])
QUICK = {"hidden": (16,), "epochs": 40, "restarts": 1}


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    """Fewer made rows than usual, to be quick."""
    for name, rows in (("ROWS", 6_000), ("LEAST_MADE", 3_000), ("CHOOSING", 500)):
        monkeypatch.setattr(f"descend.models.distil.student.{name}", rows)


@pytest.fixture(scope="module")
def regressor():
    return TabularRegressor(quality="fast", random_state=0, n_jobs=1).fit(X, NUMBERS)


@pytest.fixture(scope="module")
def classifier():
    return TabularClassifier(quality="fast", random_state=0, n_jobs=1).fit(X, CLASSES)


def test_one_network_answers_for_the_blend(regressor):
    small = regressor.distil(X, **QUICK)
    assert type(small) is TabularRegressor
    assert [(one.name, one.weight, len(one.nets)) for one in small.members_] == [("distilled", 1.0, 1)]
    found, wanted = small.predict(X), regressor.predict(X)
    assert 1.0 - ((found - wanted) ** 2).sum() / ((wanted - wanted.mean()) ** 2).sum() > 0.9
    assert small.distilled_["networks"] == 3
    assert small.leaderboard_[0]["member"] == "distilled"
    assert (small.oof_loss_, small.oof_score_, hasattr(small, "oof_prediction_")) == (None, None, False)
    assert len(regressor.members_[0].nets) == 3  # the blend is as it was
    assert not hasattr(regressor, "distilled_")


def test_probabilities_are_imitated_with_a_table_or_without(classifier):
    wanted = classifier.predict_proba(X)
    for given, made in ((X, False), (None, True)):
        small = classifier.distil(given, **QUICK)
        assert small.distilled_["likeness"]["made"] is made
        assert np.abs(small.predict_proba(X) - wanted).mean() < 0.1
        assert small.classes_.tolist() == classifier.classes_.tolist()


def test_several_labels_at_once_are_imitated():
    labels = np.column_stack([NUMBERS > 0, CLASSES == 1]).astype(int)
    blend = TabularClassifier(quality="fast", random_state=0, n_jobs=1).fit(X, labels)
    small = blend.distil(X, **QUICK)
    assert small.predict(X).shape == (240, 2)
    assert (small.predict(X) == blend.predict(X)).mean() > 0.85


def test_what_is_saved_comes_back(regressor, tmp_path):
    small = regressor.distil(X, **QUICK)
    small.save(tmp_path / "small.descend")
    back = load(tmp_path / "small.descend")
    assert (back.predict(X) == small.predict(X)).all()
    assert back.distilled_ == small.distilled_


def test_one_record_takes_the_short_way_with_the_bits_of_the_long(regressor):
    small = regressor.distil(X, **QUICK)
    names = small._columns.input_names
    record = dict(zip(names, X[5], strict=True))
    assert small._blend.record_outputs(small._columns, record) is not None
    assert small.predict(record)[0] == pytest.approx(small.predict(X[5:6])[0], rel=1e-6)


def test_it_cannot_be_refitted_and_says_what_can(regressor):
    small = regressor.distil(X, **QUICK)
    with pytest.raises(SpecError, match=r"refit: a network that was distilled .* Refit its blend, then distil\."):
        small.refit(X, NUMBERS)


def test_what_cannot_be_is_refused(regressor):
    with pytest.raises(NotFittedError):
        TabularRegressor().distil(X)
    with pytest.raises(SpecError, match="TabularRegressor: distil: `hidden` must be whole numbers ≥ 1"):
        regressor.distil(X, hidden=(0,))
    from copy import copy

    old = copy(regressor)
    old._sections = Sections()
    with pytest.raises(DataError, match="TabularRegressor: distil: this model keeps no summary"):
        old.distil()
