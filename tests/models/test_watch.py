"""Models and estimators compare a table with their training rows, warn in one line, and keep it in their files."""

import dataclasses
import json
import warnings

import numpy as np
import pandas
import pytest

from descend import DataError, TabularClassifier, TabularRegressor, load
from descend.errors import DriftWarning
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.sections import Sections
from descend.models.train import train
from descend.models.understand import understand


def frame(rows: int, seed: int) -> pandas.DataFrame:
    random = np.random.default_rng(seed)
    kind = random.choice(["red", "green", "blue"], rows, p=[0.5, 0.3, 0.2])
    mass = np.exp(random.normal(size=rows)) * 100
    return pandas.DataFrame({"mass": mass, "kind": kind, "old": random.random(rows) < 0.3})


def classes(X: pandas.DataFrame) -> np.ndarray:
    return np.where((X["mass"] > 100) ^ (X["kind"] == "red"), "in", "out")


OLD, NEW = frame(600, 0), frame(300, 1)
NUMBERS = np.log(OLD["mass"]) + OLD["old"]
CHANGES = {
    "mass": NEW.assign(mass=NEW["mass"] / 1000),
    "kind": NEW.assign(kind=NEW["kind"].replace("red", "crimson")),
    "old": NEW.assign(old=True),
}
OPTIONS = {
    "one": TrainOptions(hidden=(4,), epochs=200, restarts=2, preset="single", seed=0),
    "blend": TrainOptions(quality="fast", seed=0),
}


@pytest.fixture(scope="module", params=["one", "blend", "classifier", "regressor"])
def made(request):
    if request.param == "classifier":
        return TabularClassifier(quality="fast", random_state=0).fit(OLD, classes(OLD))
    if request.param == "regressor":
        return TabularRegressor(quality="fast", random_state=0).fit(OLD, NUMBERS)
    return train(understand(OLD.assign(y=classes(OLD)), "y", OPTIONS[request.param])).model


def test_rows_of_the_same_source_do_not_differ_and_nothing_is_told(made):
    found = made.drift(NEW)
    assert (found.differs, found.line, found.warnings) == (False, "", ())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rows in (1, 10, 300):
            made.predict(NEW.head(rows))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_one_column_is_told_in_one_line(made, name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made.predict(CHANGES[name])
    told = [str(one.message) for one in caught if one.category is DriftWarning]
    assert len(told) == 1
    assert f'1 column differs from the training rows: "{name}" (' in told[0]
    found = made.drift(CHANGES[name])
    assert [one.name for one in found.columns if one.differs] == [name]
    assert found.together.differs == (name != "kind")  # of a category the most frequent level is no score of its own
    assert found.warnings[0].startswith(f'column "{name}": ')
    assert json.loads(json.dumps(found.to_dict()))["warnings"] == list(found.warnings)


def test_explanations_tell_it_once(made):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made.explain(CHANGES["mass"].head(100), draws=32)
    told = [str(one.message) for one in caught if one.category is DriftWarning]
    assert len(told) == 1
    assert '"mass" (its values look ÷ 1,000)' in told[0]


def test_rows_in_another_unit_are_told_of_when_they_judge_or_are_learnt_by():
    model = train(understand(OLD.assign(y=classes(OLD)), "y", OPTIONS["blend"])).model
    light = CHANGES["mass"].assign(y=classes(NEW))
    words = r'differs from the training rows: "mass" \(its values look ÷ 1,000\)'
    with pytest.warns(DriftWarning, match=words):
        model.evaluate(light)
    with pytest.warns(DriftWarning, match=words):
        model.update(light, epochs=1, n_jobs=1)
    with pytest.warns(DriftWarning, match=words):
        model.distil(light, hidden=(3,), epochs=1)


def test_predictions_are_watched_too(made):
    red = NEW.assign(kind="red", mass=NEW["mass"].min())
    found = made.drift(red)
    assert [one.differs for one in found.predictions] == [True]
    assert found.predictions[0].mean_before == pytest.approx(made.drift(NEW).predictions[0].mean, abs=0.2)


def test_a_file_keeps_what_the_comparison_takes(made, tmp_path):
    made.save(tmp_path / "m.descend")
    again = load(tmp_path / "m.descend")
    assert again.drift(CHANGES["kind"]) == made.drift(CHANGES["kind"])


def test_a_file_of_before_predicts_and_says_what_it_cannot(made, tmp_path):
    made.save(tmp_path / "m.descend")
    bare = load(tmp_path / "m.descend")
    if isinstance(bare, Model):
        bare = dataclasses.replace(bare, sections=Sections())
    else:
        bare._sections = Sections()
    assert bare.predict(CHANGES["mass"]).shape == (300,)
    with pytest.warns(UserWarning, match='unknown category \\("crimson"\\)'):
        bare.predict(CHANGES["kind"])
    with pytest.raises(DataError, match="must keep a summary of its training rows"):
        bare.drift(NEW)
    with pytest.raises(ValueError, match=r"at least one row|0 sample"):
        made.drift(NEW.head(0))


def test_a_surprising_category_is_told_and_a_usual_one_is_not():
    X = frame(600, 3)
    X["id"] = [f"id {k}" if k % 3 == 0 else f"often {k % 7}" for k in range(600)]
    net = TabularRegressor(quality="fast", random_state=0).fit(X, np.arange(600.0) % 5)
    usual = X.head(6).assign(id="never seen")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.predict(usual.head(1))
    assert net.drift(usual.head(1)).columns[3].unseen == 1
    with pytest.warns(UserWarning, match='"crimson"'):
        net.predict(X.head(1).assign(kind="crimson"))


def test_several_outputs_are_watched_each():
    two = np.column_stack([OLD["old"], OLD["mass"] > 100]) * 1
    net = TabularClassifier(quality="fast", random_state=0).fit(OLD, two)
    assert [one.name for one in net.drift(NEW).predictions] == ["1"] or len(net.drift(NEW).predictions) == 2
    both = TabularRegressor(quality="fast", random_state=0).fit(OLD, np.column_stack([NUMBERS, -NUMBERS]))
    assert [one.name for one in both.drift(NEW).predictions] == ["y 0", "y 1"]
    words = TabularClassifier(quality="fast", random_state=0).fit(
        OLD, np.column_stack([classes(OLD), OLD["kind"]]).astype(object)
    )
    assert len(words.drift(NEW).predictions) == 4
