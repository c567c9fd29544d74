"""Which rows of a table learn, which choose, which judge, and what the trivial model knows of them."""

import numpy as np
import pytest

from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand


def two_classes(rows=60):
    sizes = [float(i % 20) for i in range(rows)]
    return {
        "size": sizes,
        "colour": ["red", "green", "blue"] * (rows // 3),
        "kind": ["low" if size < 10 else "high" for size in sizes],
    }


def numbers(rows=80):
    x = np.random.default_rng(0).normal(size=(rows, 2))
    return {"a": x[:, 0], "b": x[:, 1], "y": 100 + 10 * x[:, 0] - 5 * x[:, 1]}


def quick(**options):
    given = {"hidden": (4,), "epochs": 30, "restarts": 2, "learning_rate": 0.02, "engine": "reference"}
    return TrainOptions(**(given | options))


@pytest.fixture(scope="module")
def trained():
    return train(understand(two_classes(), "kind", quick()))


@pytest.fixture(scope="module")
def number_model():
    return train(understand(numbers(), "y", quick(l2=0.0, epochs=200))).model


def test_the_seed_draws_the_split_too():
    def rows(seed):
        seen = understand(numbers(), "y", quick(seed=seed))
        return [part.truth.tolist() for part in (seen.train_rows, seen.validation_rows, seen.test_rows)]

    assert rows(1) == rows(1)
    for first, second in zip(rows(1), rows(2), strict=True):
        assert len(first) == len(second)
        assert sorted(first) != sorted(second)


def test_the_validation_rows_choose_the_winner_and_its_best_epoch(trained):
    seen = understand(two_classes(), "kind", quick())
    X, Y = seen.validation_rows.X, seen.validation_rows.Y
    for one in trained.training.restarts:
        assert one.best_loss == pytest.approx(one.network.loss(X, Y), rel=1e-6)
        assert one.best_loss != pytest.approx(one.network.loss(seen.train_rows.X, seen.train_rows.Y), rel=1e-3)
    record = trained.model.record
    assert (record["plan"]["rows"], record["plan"]["validation_rows"]) == (38, 10)
    assert record["scores"]["validation"]["scores"] == trained.validation.scores
    assert record["scores"]["validation"]["rows"] == 10


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")
def test_the_trivial_model_knows_the_training_rows_not_those_that_are_judged(trained, number_model):
    seen = understand(numbers(), "y", quick())
    mean = float(np.mean(seen.train_rows.truth))
    assert number_model.record["baseline"]["mean"] == pytest.approx(mean, rel=1e-12)
    high = {name: values[numbers()["y"] > 105] for name, values in numbers().items()}
    baseline = number_model.evaluate(high).baseline
    assert baseline["rmse"] == pytest.approx(np.sqrt(np.mean((high["y"] - mean) ** 2)), rel=1e-12)
    assert baseline["mae"] == pytest.approx(np.mean(np.abs(high["y"] - mean)), rel=1e-12)
    uneven = two_classes() | {"kind": ["low" if i % 20 < 5 else "high" for i in range(60)]}
    known = train(understand(uneven, "kind", quick(epochs=1))).model
    shares = known.record["baseline"]["class_shares"]
    assert shares == understand(uneven, "kind", quick()).train_rows.Y.mean(axis=0, dtype=float).tolist()
    judged = known.evaluate(two_classes()).baseline
    assert judged["log_loss"] == pytest.approx(-np.log(shares).mean(), rel=1e-12)
    assert judged["accuracy"] == 0.5
