"""Members of a blend descend by index as with all columns; tables of every kind are learnt that way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.models.test_blend_fit import made_blocks

from descend import TabularClassifier, TabularRegressor
from descend.models.blends.descent import Place, answers_of, descend, net_of, start_descent
from descend.models.blends.members import MEMBERS
from descend.spec.indexed import IndexedRows, expanded
from descend.training.executors import Threads
from descend.training.run import Run


def descended(seen, name, blocks, goal, epochs):
    fold = blocks.folds[0]
    member = replace(MEMBERS[name], least=20, most=20)
    prepared = start_descent(member, Place(name, 0), seen, goal, (fold.train, fold.validation), 3)
    descend(Run(prepared.group, epochs=epochs), Threads(prepared.door))
    return prepared, prepared.group.states[0]


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("name", MEMBERS)
def test_the_first_epochs_of_a_member_are_those_of_all_columns(name, classes):
    blocks, goal = made_blocks(classes=classes)
    seen = blocks.seen(MEMBERS[name].blocks, 0)
    plain = replace(seen, train=expanded(seen.train), validation=expanded(seen.validation))
    assert isinstance(seen.train, IndexedRows)
    assert isinstance(seen.validation, IndexedRows)
    (prepared, one), (dense, other) = (descended(each, name, blocks, goal, 2) for each in (seen, plain))
    np.testing.assert_allclose(one.theta, other.theta, rtol=2e-3, atol=2e-5)
    np.testing.assert_allclose(one.validation_curve[:2], other.validation_curve[:2], rtol=1e-5)
    net, same = net_of(Place(name, 0), prepared, seen), net_of(Place(name, 0), dense, plain)
    assert net.network.spec == same.network.spec  # a plain network, whose file says nothing of fields
    assert net.network.spec.fields == ()
    answers = answers_of(net.network, seen.validation)
    np.testing.assert_allclose(answers, net.network.predict(plain.validation), rtol=1e-5, atol=1e-6)


def test_training_rows_see_leaves_at_full_size_and_others_at_half():
    blocks, _ = made_blocks()
    seen = blocks.seen(("leaves",), 0)
    assert {field.value for field in seen.train.fields} == {1.0}
    assert {field.value for field in seen.validation.fields} == {0.5}


# ---------------------------------------------------------------- tables of every kind


def table(rows=400, seed=0):
    random = np.random.default_rng(seed)
    x, b = random.normal(size=rows), random.random(rows) < 0.4
    many = np.array([f"n{k}" for k in random.integers(0, 300, rows)])
    return {
        "x": np.where(random.random(rows) < 0.2, np.nan, x),
        "few": random.integers(0, 5, rows).astype(float),
        "b": b,
        "same": np.ones(rows),
        "gone": np.full(rows, np.nan),
        "c": random.choice(["red", "green", "blue", ""], rows),
        "many": many,
        "day": (np.datetime64("2024-01-01") + random.integers(0, 500, rows)).astype(str),
    }, x + b


GOALS = {
    "number": lambda y: (TabularRegressor, y),
    "numbers": lambda y: (TabularRegressor, np.stack([y, -y * y], axis=1)),
    "two classes": lambda y: (TabularClassifier, np.where(y > 0.3, "yes", "no")),
    "classes": lambda y: (TabularClassifier, np.digitize(y, [-0.5, 0.3, 1.2])),
    "labels": lambda y: (TabularClassifier, np.stack([y > 0.0, y > 1.0, y < -0.5], axis=1).astype(int)),
}


@pytest.mark.parametrize("goal", GOALS)
def test_every_kind_of_table_and_target_is_learnt(goal):
    pandas = pytest.importorskip("pandas")
    X, y = table()
    Estimator, Y = GOALS[goal](y)
    net = Estimator(quality="fast", random_state=0).fit(pandas.DataFrame(X), Y)
    assert net.score(pandas.DataFrame(X), Y) > 0.3
    one = net.members_[0].nets[0]
    assert one.network.spec.fields == ()
    assert net.oof_prediction_.shape[0] == 400


@pytest.mark.long
def test_a_category_of_very_many_levels_is_learnt():
    pandas = pytest.importorskip("pandas")
    level = np.arange(140_000) % 66_000  # more than a code can be
    X = pandas.DataFrame({"c": [f"n{k}" for k in level], "x": np.sin(np.arange(140_000))})
    net = TabularRegressor(quality="fast", random_state=0, time_limit=30).fit(X, X["x"] + (level < 300))
    assert np.isfinite(net.predict(X[:50])).all()
