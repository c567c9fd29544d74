"""Distillation: rows around given ones, a student that answers like its teacher, and what is told of it."""

import numpy as np
import pytest

import descend
from descend.errors import DataError, SpecError
from descend.models.blends.encoded import encode
from descend.models.distil.around import nearest_of_some, rows_around
from descend.models.distil.figures import likeness
from descend.models.distil.of_model import distil_model, held_out
from descend.models.distil.student import DistilOptions, Lesson
from descend.models.options import TrainOptions
from descend.models.rows import inputs_of
from descend.models.sections import Sections
from descend.models.train import train
from descend.models.understand import understand

QUICK = {"hidden": (12,), "epochs": 12, "restarts": 1, "n_jobs": 1}


def table(rows=240):
    random = np.random.default_rng(1)
    a, b = random.normal(size=rows), random.choice(["x", "y", "z"], rows)
    number = np.where(b == "x", 2.0 * a, a * a) + 3.0
    return {
        "a": np.where(np.arange(rows) % 10, a, np.nan).tolist(),
        "b": b.tolist(),
        "whole": random.integers(0, 4, rows).tolist(),
        "kind": np.where(number > 3.0, "high", "low").tolist(),
        "number": number.tolist(),
    }


def blend_of(target):
    drop = ("number",) if target == "kind" else ("kind",)
    return train(understand(table(), target, TrainOptions(quality="fast", drop=drop)), n_jobs=1).model


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    """Fewer made rows than usual, to be quick."""
    for name, rows in (("ROWS", 8_000), ("LEAST_MADE", 4_000), ("CHOOSING", 1_000)):
        monkeypatch.setattr(f"descend.models.distil.student.{name}", rows)


@pytest.fixture(scope="module")
def classes():
    return blend_of("kind")


@pytest.fixture(scope="module")
def numbers():
    return blend_of("number")


# ---------------------------------------------------------------- rows


def inputs_and_X(model):
    prep = model.preprocessing
    inputs = inputs_of(prep, prep.table_of(table(), with_target=False))
    return inputs, encode(prep.encoders, inputs)


def test_cells_of_made_rows_stand_in_the_table(classes):
    inputs, X = inputs_and_X(classes)
    made = rows_around(inputs, X, 1_000, np.random.default_rng(0))
    assert made.rows == 1_000
    for name, column in made.columns.items():
        assert set(column.distinct().tolist()) <= set(inputs.columns[name].distinct().tolist())
    assert 50 < made.columns["a"].missing.sum() < 150


def test_made_rows_are_new_but_near(classes):
    inputs, X = inputs_and_X(classes)
    made = encode(classes.preprocessing.encoders, rows_around(inputs, X, 240, np.random.default_rng(0)))
    moved = ((made - X) ** 2).sum(axis=1)
    shuffled = ((X[np.random.default_rng(1).permutation(240)] - X) ** 2).sum(axis=1)
    assert (moved > 0).mean() > 0.3
    assert moved.mean() < 0.2 * shuffled.mean()


def test_the_nearest_is_another_row_and_of_many_candidates_the_true_one():
    X = np.arange(20.0)[:, None] ** 2
    near = nearest_of_some(X, np.arange(20), np.random.default_rng(0))
    assert (near != np.arange(20)).all()
    assert (near[1:] == np.arange(19)).mean() > 0.8
    assert nearest_of_some(X[:1], np.zeros(3, dtype=np.int64), np.random.default_rng(0)).tolist() == [0, 0, 0]


def test_held_out_rows_are_others():
    learn, held = held_out(500, 3)
    assert len(held) == 50
    assert sorted([*learn, *held]) == list(range(500))
    assert held_out(500, 4)[1].tolist() != held.tolist()


# ---------------------------------------------------------------- students


def test_a_student_of_classes_answers_like_the_blend(classes):
    small = classes.distil(table(), hidden=(24,), epochs=80, restarts=1, n_jobs=1)
    assert small.blend is None
    assert small.network.spec.sizes == (classes.preprocessing.n_features, 24, 2)
    gap = np.abs(small.predict_probability(table()) - classes.predict_probability(table()))
    assert gap.mean() < 0.03
    told = small.record["distilled"]
    assert told["likeness"]["rows"] == 24
    assert not told["likeness"]["made"]
    assert told["likeness"]["agreement"] > 0.9
    assert told["likeness"]["distance"] < 0.05
    assert (told["given"], told["rows"], told["networks"]) == (216, 8_000, 3)


def test_a_student_of_numbers_is_nearer_than_the_same_network_alone(numbers):
    rows = table(800)
    small = numbers.distil(table(), hidden=(24,), epochs=80, restarts=1, n_jobs=1)
    options = TrainOptions(preset="single", hidden=(24,), restarts=2, drop=("kind",))
    alone = train(understand(table(), "number", options)).model
    teacher = numbers.predict(rows)
    apart = [float(np.mean((model.predict(rows) - teacher) ** 2)) for model in (small, alone)]
    assert apart[0] < 0.5 * apart[1]
    assert small.record["distilled"]["likeness"]["agreement"] > 0.98


def test_scores_of_both_stand_side_by_side_and_know_what_the_blend_has_learnt(classes):
    found = distil_model(classes, table(), DistilOptions(**QUICK))
    held = held_out(240, 0)[1]
    cells = {name: [cells[i] for i in held] for name, cells in table().items()}
    assert found.teacher.scores == classes.evaluate(cells).scores
    assert found.student.scores["log_loss"] == pytest.approx(found.model.evaluate(cells).scores["log_loss"], rel=1e-5)
    assert found.teacher.learnt == classes.evaluate(cells).learnt > 0
    assert found.model.record["scores"]["test"]["scores"] == found.student.scores


def test_without_targets_there_are_no_scores(classes):
    cells = {name: column for name, column in table().items() if name not in ("kind", "number")}
    found = distil_model(classes, cells, DistilOptions(**QUICK))
    assert (found.teacher, found.student) == (None, None)
    assert found.likeness.rows == 24


def test_without_a_table_rows_are_drawn_from_the_summary(classes):
    small = classes.distil(hidden=(24,), epochs=80, restarts=1, n_jobs=1)
    told = small.record["distilled"]
    assert (told["given"], told["likeness"]["made"]) == (0, True)
    assert (small.predict(table()) == classes.predict(table())).mean() > 0.9


def test_without_table_and_summary_it_is_said_what_to_do(classes):
    from dataclasses import replace

    with pytest.raises(DataError, match=r"distil: this model keeps no summary .* Give a table to learn by"):
        replace(classes, sections=Sections()).distil()


def test_few_rows_are_all_learnt_and_made_ones_compare(classes):
    few = {name: column[:30] for name, column in table().items()}
    told = classes.distil(few, **QUICK).record["distilled"]
    assert (told["given"], told["likeness"]["made"]) == (30, True)


def test_a_student_can_be_distilled_again(classes):
    small = classes.distil(table(), **QUICK)
    again = small.distil(table(), **QUICK)
    assert again.record["distilled"]["networks"] == 1
    assert again.record["distilled"]["weights"] == len(small.network.theta)


def test_bits_depend_on_the_seed_alone(classes):
    thetas = [
        classes.distil(table(), hidden=(6,), epochs=2, restarts=2, seed=seed, n_jobs=jobs).network.theta.tobytes()
        for seed, jobs in ((0, 1), (0, 2), (1, 1))
    ]
    assert thetas[0] == thetas[1] != thetas[2]


def test_what_is_saved_comes_back(classes, tmp_path):
    small = classes.distil(table(), **QUICK)
    small.save(tmp_path / "small.descend")
    back = descend.load(tmp_path / "small.descend")
    assert (back.predict_probability(table()) == small.predict_probability(table())).all()
    assert back.record["distilled"] == small.record["distilled"]
    assert back.sections.summary is not None


def test_all_that_is_wrong_with_options_is_told_at_once(classes):
    with pytest.raises(SpecError, match=r"`hidden` must be .* `epochs` must be .* `restarts` must be .* `seed` must"):
        classes.distil(table(), hidden=(), epochs=0, restarts=0, seed=-1)


def test_answers_of_several_labels_are_compared_label_by_label():
    teacher, student = np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([[0.8, 0.2], [0.6, 0.6]])
    found = likeness(teacher, student, "sigmoid", False)
    assert (found.agreement, found.distance) == (0.5, pytest.approx(0.1))
    assert likeness(np.ones((2, 1)), np.ones((2, 1)), "identity", True).to_dict()["agreement"] is None


def test_shares_that_a_student_learns_sum_to_one(classes):
    inputs, _ = inputs_and_X(classes)
    lesson = Lesson((), None, None, lambda rows: np.full((rows.rows, 4), 0.5), "softmax", "log_loss")
    assert np.allclose(lesson.answers(inputs), 0.25)
