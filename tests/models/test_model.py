"""From a table to a model with honest scores; the reference engine keeps the numbers the same everywhere."""

import json
import pickle
import warnings

import numpy as np
import pytest

from descend.errors import DataError, DivergenceError, SpecError
from descend.files.load import load
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.scores import as_probabilities, evaluate_classes
from descend.models.train import judge, train
from descend.models.understand import Understanding, understand
from descend.nets.network import Network
from descend.tables.convert import as_table
from descend.tables.datasets import dataset_path


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


# ---------------------------------------------------------------- records


def test_a_record_is_answered_with_the_bits_of_its_row(trained, number_model):
    for model, columns in ((trained.model, two_classes()), (number_model, numbers())):
        whole = model.predict(columns)
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        alone = [model.predict(row) for row in rows]
        assert {one.shape for one in alone} == {(1,)}
        assert {one.dtype for one in alone} == {whole.dtype}
        assert np.concatenate(alone).tolist() == whole.tolist() == model.predict(rows).tolist()
        assert model.predict(rows[:2]).tolist() == whole[:2].tolist()
        assert model.predict(rows * 3).tolist() == [*whole.tolist() * 3]
        assert model.evaluate(rows).scores == model.evaluate(columns).scores


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")  # other rows, on purpose
def test_probabilities_of_a_record_are_those_of_its_row(trained):
    columns = two_classes()
    whole = trained.model.predict_probability(columns)
    row = {name: values[7] for name, values in columns.items()}
    assert trained.model.predict_probability(row).tobytes() == whole[7:8].tobytes()
    assert trained.model.predict_probability([row] * 200).tobytes() == whole[7:8].tobytes() * 200


def test_a_record_with_an_unseen_category_is_answered_and_told(trained):
    with pytest.warns(UserWarning, match=r'1 cell with an unknown category \("pink"\) treated as missing'):
        unseen = trained.model.predict_probability({"size": 3, "colour": "pink"})
    assert unseen.tobytes() == trained.model.predict_probability({"size": 3, "colour": None}).tobytes()


def test_a_model_may_be_trained_on_records_and_saved_after_it_has_answered_one(trained, tmp_path):
    columns = two_classes()
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    model = train(understand(rows, "kind", quick())).model
    assert (model.network.theta == trained.model.network.theta).all()
    before = model.predict(rows[0])
    model.save(tmp_path / "m.descend")
    again = pickle.loads(pickle.dumps(model))
    assert load(tmp_path / "m.descend").predict(rows[0]) == again.predict(rows[0]) == before


# ---------------------------------------------------------------- understanding


def test_what_was_understood_is_told():
    seen = understand(two_classes() | {"id": [f"n{i}" for i in range(60)]}, "kind", quick(drop=["colour"]))
    assert isinstance(seen, Understanding)
    assert (seen.target, seen.task.kind, seen.task.classes) == ("kind", "classify", ("high", "low"))
    assert seen.roles.inputs == ("size",)
    assert set(seen.roles.left_out) == {"colour", "id"}
    assert seen.rows == {"table": 60, "train": 38, "validation": 10, "test": 12}
    assert seen.spec.sizes == (1, 4, 2)
    assert seen.n_features == 1
    assert (seen.recipe.epochs, seen.recipe.restarts, seen.recipe.output) == (30, 2, "softmax")
    assert seen.memory > 0


def test_the_rows_are_prepared_in_the_networks_precision():
    seen = understand(numbers(), "y", quick())
    for rows in (seen.train_rows, seen.validation_rows, seen.test_rows):
        assert rows.X.dtype == rows.Y.dtype == np.float32
        assert rows.truth.dtype == np.float64
    assert seen.train_rows.Y.mean() == pytest.approx(0, abs=1e-6)
    assert seen.train_rows.Y.std() == pytest.approx(1, abs=1e-6)


def test_preprocessing_is_fitted_on_training_rows_only():
    table = numbers()
    first = understand(table, "y", quick())
    untouched = first.test_rows.truth
    for row in np.flatnonzero(np.isin(table["y"], untouched)):
        table["a"][row] *= 1000
        table["y"][row] = 1e6 + row
    second = understand(table, "y", quick())
    assert second.preprocessing == first.preprocessing
    assert second.train_rows.X.tobytes() == first.train_rows.X.tobytes()
    assert second.test_rows.X.tobytes() != first.test_rows.X.tobytes()


def test_parts_may_be_tables_of_their_own():
    other = as_table({name: values[:30] for name, values in two_classes().items()})
    seen = understand(two_classes(), "kind", quick(test=other, validation=0.25))
    assert seen.rows == {"table": 60, "train": 45, "validation": 15, "test": 30}
    assert seen.split.endswith("; test rows: the 30 rows of table")
    both = understand(two_classes(), "kind", quick(test=other, validation=other))
    assert both.rows == {"table": 60, "train": 60, "validation": 30, "test": 30}


def test_without_held_out_rows_the_training_loss_chooses():
    seen = understand(two_classes(), "kind", quick(test=0, validation=0, epochs=3))
    assert (seen.validation_rows, seen.test_rows, seen.recipe.patience) == (None, None, None)
    trained = train(seen)
    assert (trained.validation, trained.test) == (None, None)
    assert trained.training.selected_on == "training"
    assert set(trained.model.record["scores"].values()) == {None}


def test_all_bad_options_and_columns_are_reported_at_once():
    with pytest.raises(SpecError) as caught:
        understand(two_classes(), "knid", quick(restarts=0, hidden=(0,), drop=["colur"]))
    assert str(caught.value).splitlines() == [
        "train: 4 problems:",
        "  - `hidden` must be whole numbers ≥ 1, one per hidden layer, such as 64,64; got (0,).",
        "  - `restarts` must be a whole number ≥ 1; got 0.",
        '  - target: there is no column "knid". Did you mean "kind"?',
        '  - drop: there is no column "colur". Did you mean "colour"?',
    ]


def test_an_absent_target_alone_is_an_error_of_the_data():
    with pytest.raises(DataError) as caught:
        understand(two_classes(), "knid")
    assert str(caught.value) == 'table: target: there is no column "knid". Did you mean "kind"?'


def test_what_does_not_fit_into_memory_is_refused_with_the_sum(monkeypatch):
    monkeypatch.setattr("descend.models.memory.available_memory", lambda: 1_000_000)
    with pytest.raises(SpecError) as caught:
        understand(numbers(), "y", quick(hidden=(1000, 1000), restarts=7))
    assert str(caught.value) == (
        "train: 80 rows × 3 inputs and outputs × 12 bytes = 0.00 MB; 7 restarts for 1,005,001 weights: states "
        "112.57 MB, networks 48.24 MB; together 160.81 MB; 1.00 MB of "
        "memory are free. Use fewer rows or columns (`drop`), fewer `restarts`, or smaller `hidden` layers."
    )


def test_sizes_beyond_the_limit_are_refused():
    with pytest.raises(SpecError) as caught:
        understand(numbers(), "y", quick(hidden=(60_000, 60_000)))
    assert "the limit is 2,147,483,647" in str(caught.value)


def test_what_had_to_be_made_up_is_noted():
    table = two_classes()
    other = as_table(table | {"colour": ["purple"] * 60})
    seen = understand(table, "kind", quick(test=other))
    assert next(note for note in seen.notes if "purple" in note).startswith("test rows: ")


# ---------------------------------------------------------------- training


def test_scores_are_those_of_rows_that_took_no_part(trained):
    seen = understand(two_classes(), "kind", quick())
    for evaluation, rows in ((trained.test, seen.test_rows), (trained.validation, seen.validation_rows)):
        expected = evaluate_classes(as_probabilities(trained.model.network.predict(rows.X)), rows.truth)
        assert evaluation.scores == expected.scores
        assert evaluation.rows == len(rows.X)
    assert trained.test.baseline["accuracy"] == 0.5


def test_the_record_tells_how_the_model_came_about(trained):
    record = trained.model.record
    assert record == json.loads(json.dumps(record))
    assert record["table"] == {
        "source": "table",
        "rows": 60,
        "columns": 3,
        "inputs": {"size": "number", "colour": "category"},
        "left_out": {},
        "content_hash": as_table(two_classes()).content_hash(),
    }
    assert record["task"]["target"] == "kind"
    assert record["split"]["test"] == 12
    assert record["recipe"]["hidden"] == [4]
    assert record["preset"] == "single"
    assert record["seed"] == 0
    assert record["finished"] is True
    assert [one["number"] for one in record["restarts"]] == [0, 1]
    assert record["scores"]["test"]["scores"] == trained.test.scores
    assert record["baseline"] == {"class_shares": [0.5, 0.5]}


def test_equal_seeds_give_equal_models(trained):
    again = train(understand(two_classes(), "kind", quick()))
    assert again.model.network.theta.tobytes() == trained.model.network.theta.tobytes()
    other = train(understand(two_classes(), "kind", quick(seed=1)))
    assert other.model.network.theta.tobytes() != trained.model.network.theta.tobytes()
    assert other.model.preprocessing != trained.model.preprocessing  # other rows were drawn, too


def test_a_training_that_is_stopped_gives_the_best_so_far():
    seen = understand(two_classes(), "kind", quick())
    part = train(seen, on_epoch=lambda progress: progress.epoch == 5)
    assert not part.training.finished
    assert part.model.record["finished"] is False
    assert judge(seen, part.training).test.scores == part.test.scores


def test_ctrl_c_leaves_what_a_model_can_be_made_of():
    def interrupt(progress):
        if progress.epoch == 3:
            raise KeyboardInterrupt

    seen = understand(two_classes(), "kind", quick())
    with pytest.raises(KeyboardInterrupt) as caught:
        train(seen, on_epoch=interrupt)
    assert isinstance(judge(seen, caught.value.training).model, Model)


def test_a_training_goes_on_from_its_checkpoint_with_the_same_bits(tmp_path):
    path = tmp_path / "m.checkpoint"
    seen = understand(two_classes(), "kind", quick())

    def interrupt(progress):
        if progress.epoch == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        train(seen, on_epoch=interrupt, checkpoint=path)
    assert not caught.value.training.finished
    resumed = train(seen, checkpoint=path, resume=True)
    assert resumed.model.network.theta.tobytes() == train(seen).model.network.theta.tobytes()
    assert path.exists()  # until the caller has saved the model


def test_divergence_names_rate_epoch_and_remedy():
    with pytest.raises(DivergenceError) as caught:
        train(understand(numbers(), "y", quick(optimizer="sgd", learning_rate=1e20, activation="relu")))
    assert "all 2 restarts diverged" in str(caught.value)
    assert "1e+20" in str(caught.value)


@pytest.mark.parametrize("preset", ["textbook", "single"])
@pytest.mark.parametrize("target", ["kind", "size"])
def test_both_presets_learn_both_tasks(preset, target):
    table = two_classes() | {"twice": [2.0 * (i % 20) + 1 for i in range(60)]}
    task, score = ("classify", "accuracy") if target == "kind" else ("regress", "r2")
    options = TrainOptions(preset=preset, task=task, restarts=1, engine="reference", epochs=60)
    trained = train(understand(table, target, options))
    assert trained.test.scores[score] > 0.9


# ---------------------------------------------------------------- predicting


def test_labels_are_those_of_the_table(trained):
    assert trained.model.predict({"size": [2.0, 17.0], "colour": ["red", "blue"]}).tolist() == ["low", "high"]


def test_columns_may_come_in_any_order_with_others(trained):
    table = two_classes()
    turned = {"other": [None] * 60} | dict(reversed(table.items()))
    assert trained.model.predict(turned).tolist() == trained.model.predict(table).tolist()


def test_probabilities_sum_to_1_and_their_largest_is_the_label(trained):
    probability = trained.model.predict_probability(two_classes())
    assert probability.shape == (60, 2)
    assert probability.dtype == np.float64
    assert np.abs(probability.sum(axis=1) - 1).max() < 1e-12
    labels = np.array(["high", "low"], dtype=object)[probability.argmax(axis=1)]
    assert trained.model.predict(two_classes()).tolist() == labels.tolist()


def test_sigmoid_outputs_are_normalised_to_probabilities():
    model = train(understand(two_classes(), "kind", quick(preset="textbook", epochs=2))).model
    X = model.inputs_and_targets(two_classes())[0]
    output = model.network.predict(X).astype(np.float64)
    assert not np.allclose(output.sum(axis=1), 1, atol=1e-3)
    expected = output / output.sum(axis=1, keepdims=True)
    assert model.predict_probability(two_classes()) == pytest.approx(expected, rel=1e-12)


def test_numbers_come_in_the_targets_units(number_model):
    predicted = number_model.predict(numbers())
    assert predicted.dtype == np.float64
    assert np.corrcoef(predicted, numbers()["y"])[0, 1] > 0.99
    assert predicted.mean() == pytest.approx(100, abs=2)


def test_numbers_have_no_probability(number_model):
    with pytest.raises(DataError) as caught:
        number_model.predict_probability(numbers())
    words = "predict_probability: the model must predict classes; it predicts numbers. Use `predict`."
    assert str(caught.value) == words


def test_an_unknown_category_gives_a_warning(trained):
    with pytest.warns(UserWarning, match="purple"):
        trained.model.predict({"size": [2.0], "colour": ["purple"]})


def test_known_values_give_no_warning(trained):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained.model.predict(two_classes())


def test_an_absent_column_is_named(trained):
    with pytest.raises(DataError) as caught:
        trained.model.predict({"sice": [2.0], "colour": ["red"]})
    words = 'table: the model needs the column "size", which is absent. Did you mean "sice"?'
    assert str(caught.value) == words


# ---------------------------------------------------------------- evaluating


def test_evaluate_compares_with_the_trivial_model(trained, number_model):
    evaluation = trained.model.evaluate(two_classes())
    assert (evaluation.task, evaluation.rows, evaluation.classes) == ("classify", 60, ("high", "low"))
    assert evaluation.baseline["accuracy"] == 0.5
    assert evaluation.confusion.sum() == 60
    judged = number_model.evaluate(numbers())
    assert judged.scores["r2"] > 0.98
    assert judged.baseline["r2"] == pytest.approx(0, abs=0.1)
    assert judged.scores["rmse"] == pytest.approx(
        float(np.sqrt(np.mean((number_model.predict(numbers()) - numbers()["y"]) ** 2)))
    )


def test_evaluate_needs_the_target_column(trained):
    table = {"size": [1.0], "colour": ["red"], "kid": ["low"]}
    with pytest.raises(DataError) as caught:
        trained.model.evaluate(table)
    assert str(caught.value) == 'evaluate: table must have the target column "kind". Did you mean "kid"?'


def test_evaluate_refuses_a_class_that_the_model_does_not_know(trained):
    with pytest.raises(DataError) as caught:
        trained.model.evaluate({"size": [1.0, 2.0], "colour": ["red"] * 2, "kind": ["low", "middle"]})
    assert str(caught.value) == (
        'table: the target "kind" must be one of the classes "high", "low"; got "middle" in row 2. '
        "Correct or remove those rows, or train anew."
    )


def test_a_model_without_record_has_no_baseline(trained):
    bare = Model(trained.model.network, trained.model.preprocessing)
    assert bare.evaluate(two_classes()).baseline == {}
    assert repr(bare).startswith('Model("kind", 2 classes from 2 columns, Network(')


# ---------------------------------------------------------------- odd tables


@pytest.mark.parametrize("preset", ["textbook", "single"])
def test_tiny_tables_with_rare_classes_are_learnt(preset):
    """30 rows, a class of 2 rows, more columns than rows."""
    random = np.random.default_rng(0)
    table = {f"x{j}": random.normal(size=30) for j in range(40)}
    table["kind"] = ["a"] * 20 + ["b"] * 8 + ["c"] * 2
    table["x0"] = np.arange(30.0)
    options = TrainOptions(preset=preset, restarts=2, epochs=40, engine="reference")
    trained = train(understand(table, "kind", options))
    assert trained.model.predict_probability(table).shape == (30, 3)
    assert np.isfinite(list(trained.test.scores.values())).all()


def test_the_record_says_which_penalty_there_was():
    record = train(understand(numbers(), "y", quick(l2=0.25, epochs=2))).model.record
    assert record["recipe"]["l2"] == record["plan"]["l2"] == 0.25


def test_five_rows_are_enough_to_run():
    table = {"a": [1.0, 2.0, 3.0, 4.0, 5.0], "y": [1.5, 2.5, 3.5, 4.5, 5.5]}
    trained = train(understand(table, "y", quick(epochs=3)))
    assert trained.test.rows == 1
    assert np.isfinite(trained.model.predict(table)).all()


def test_missing_cells_are_predicted_from(trained):
    assert trained.model.predict({"size": [None], "colour": [None]}).tolist()[0] in ("low", "high")


def test_penguins_are_told_apart():
    options = TrainOptions(restarts=2, epochs=60, engine="reference")
    trained = train(understand(dataset_path("penguins"), "species", options))
    assert trained.test.rows == 69
    assert trained.test.scores["accuracy"] >= 0.97


def test_a_model_is_made_of_public_parts(trained):
    model = trained.model
    X, Y = model.inputs_and_targets(two_classes())
    assert X.shape == (60, 4)
    assert X.dtype == np.float32
    assert Y.sum(axis=1).tolist() == [1.0] * 60
    assert isinstance(model.network, Network)
