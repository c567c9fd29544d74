"""Models of tables say how far they may be off, by their own rows: those out of fold, or of validation."""

import functools

import numpy as np
import pytest

import descend
from descend.errors import DataError
from descend.models.train import TrainOptions, train, understand


def table(rows=500, seed=0):
    random = np.random.default_rng(seed)
    size, mass = random.random(rows), random.random(rows)
    y = size + mass + (0.05 + 0.5 * size) * random.normal(size=rows)
    return {"size": size, "mass": mass, "y": y, "kind": np.where(y > 1.2, "high", "low")}


@functools.cache
def model(target="y", **options):
    drop = ("kind",) if target == "y" else ("y",)
    return train(understand(table(), target, TrainOptions(drop=drop, test=0.0, **options)), n_jobs=1).model


def blend(target="y", **options):
    return model(target, quality="fast", **options)


def single(target="y", **options):
    return model(target, hidden=(8,), restarts=2, epochs=60, **options)


def share(of, fresh):
    low, high = of.predict_interval(fresh).T
    return np.mean((low <= fresh["y"]) & (fresh["y"] <= high))


@pytest.mark.parametrize("of", [blend, single])
def test_intervals_and_sets_cover_new_rows(of):
    fresh = table(2000, seed=1)
    assert 0.84 < share(of(), fresh) < 0.96
    places = [of("kind").preprocessing.task.classes.index(kind) for kind in fresh["kind"]]
    sets = of("kind").predict_set(fresh)
    assert 0.84 < sets[np.arange(2000), places].mean() < 0.96
    assert of("kind").predict_set(fresh, allow_empty=False).any(axis=1).all()


def test_a_blend_keeps_the_residuals_of_all_rows_and_one_network_those_of_its_validation_rows():
    assert blend().sections.uncertainty.outputs[0].scores.rows == 500
    assert single().sections.uncertainty.outputs[0].scores.rows == 100
    assert single("kind").sections.uncertainty.scores.rows == 100


def test_a_record_and_a_table_of_it_have_the_same_interval():
    record = {"size": 0.5, "mass": 0.25}
    for one in (blend(), single()):
        found = one.predict_interval(record)
        assert found.shape == (1, 2)
        assert np.array_equal(found, one.predict_interval({"size": [0.5], "mass": [0.25]}))
        assert found[0, 0] < one.predict(record)[0] < found[0, 1]
        assert one.predict_quantiles(record, 0.5).shape == (1, 1)


@pytest.mark.parametrize("of", [blend, single])
@pytest.mark.parametrize("target", ["y", "kind"])
def test_what_is_known_comes_back_from_a_file(of, target, tmp_path):
    one, fresh = of(target), table(50, seed=2)
    one.save(tmp_path / "model.descend")
    back = descend.load(tmp_path / "model.descend")
    asked = "predict_interval" if target == "y" else "predict_set"
    assert np.array_equal(getattr(back, asked)(fresh), getattr(one, asked)(fresh))


def test_networks_learnt_again_keep_the_residuals_of_before_and_reach_to_all_rows():
    rows = table()
    rows["y"][17] = 9.0
    options = TrainOptions(drop=("kind",), quality="fast", refit=True, seed=0)
    seen = understand(rows, "y", options)
    known = train(seen, n_jobs=1).model.sections.uncertainty
    assert known.outputs[0].scores.rows == len(seen.train_rows.Y) < 500
    assert known.units.high[0] == 9.0


def test_a_blend_of_classes_is_asked_fold_by_fold_and_one_that_learnt_again_as_a_whole():
    known, fresh = blend("kind").sections.uncertainty, table(300, seed=1)
    assert known.folds.rows == known.scores.rows == 500
    whole = known.sets(blend("kind").outputs(fresh), known.most(0.8))
    found = blend("kind").predict_set(fresh, 0.8)
    assert not np.array_equal(found, whole)
    assert np.array_equal(blend("kind").sets(fresh, blend("kind").outputs(fresh), 0.8), found)
    assert np.array_equal(
        blend("kind").predict_set({"size": fresh["size"][:1], "mass": fresh["mass"][:1]}, 0.8), found[:1]
    )
    assert np.array_equal(
        blend("kind").predict_set({"size": fresh["size"][0], "mass": fresh["mass"][0]}, 0.8), found[:1]
    )
    assert single("kind").sections.uncertainty.folds is None
    again = train(understand(table(), "kind", TrainOptions(drop=("y",), quality="fast", refit=True)), n_jobs=1).model
    assert again.sections.uncertainty.folds is None
    assert again.sections.uncertainty.scores.rows > 300
    assert again.predict_set(fresh, allow_empty=False).any(axis=1).all()


def test_weights_of_a_column_count_and_those_of_classes_do_not():
    rows = table() | {"w": np.where(np.arange(500) % 2, 1.0, 3.0)}
    options = {"quality": "fast", "test": 0.0, "drop": ("y",)}
    plain = train(understand(rows, "kind", TrainOptions(**options, class_weight="balanced")), n_jobs=1).model
    assert plain.sections.uncertainty.scores.rows == 500
    weighed = train(understand(rows, "kind", TrainOptions(**options, weight="w")), n_jobs=1).model
    assert weighed.sections.uncertainty.scores.rows == pytest.approx(500 * 4 / 5)
    assert weighed.sections.uncertainty.folds.rows == pytest.approx(500 * 4 / 5)


def test_what_cannot_be_asked_says_what_to_do():
    with pytest.raises(DataError, match=r"it predicts classes. Use `predict_set`"):
        blend("kind").predict_interval(table(3))
    with pytest.raises(DataError, match=r"it predicts classes. Use `predict_set`"):
        blend("kind").predict_quantiles(table(3))
    with pytest.raises(DataError, match=r"it predicts numbers. Use `predict_interval`"):
        blend().predict_set(table(3))
    with pytest.raises(DataError, match=r"needs 199 held-out rows or more; there are 100\. .* Ask for 0.98 at most"):
        single().predict_interval(table(3), 0.99)
    unknown = single(validation=0.0)
    assert unknown.sections.uncertainty is None
    with pytest.raises(DataError, match=r"this one, of descend .*, has none: .*Train it again, with validation rows"):
        unknown.predict_quantiles(table(3))
