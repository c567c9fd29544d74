"""`Network` and rows by index: every door takes them, what does not fit is refused in words, files keep the fields."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.indexed_rows import COLUMNS, FIELDS, indexed_rows
from tests.helpers.model_files import opened, refusal, sealed

import descend
from descend import DataError, Field, FileError, IndexedRows, Network

ROWS = indexed_rows(60)
X = ROWS.expanded()
Y = np.sin(X[:, 0]) + X[:, 2] - X[:, 8]
HELD = indexed_rows(20, seed=5)
Y_HELD = np.sin(HELD.expanded()[:, 0])
OPTIONS = {"epochs": 4, "batch_size": 8, "learning_rate": 0.01, "optimizer": "adamw", "l2": 0.01, "restarts": 3}


def network(engine="reference", **more):
    return Network([COLUMNS, 6, 1], seed=2, fields=FIELDS, engine=engine, dtype="float64", **more)


def same(one, other):
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_every_look_at_a_network_takes_rows_by_index():
    net = network()
    same(net.predict(ROWS), net.predict(X))
    same(net.predict_one(ROWS[3:4]), net.predict_one(X[3]))
    same(net.loss(ROWS, Y, 0.1), net.loss(X, Y, 0.1))
    same(net.input_gradient(ROWS), net.input_gradient(X))
    (loss, gradient), (other_loss, other_gradient) = (net.loss_and_gradient(rows, Y, 0.1) for rows in (ROWS, X))
    same(loss, other_loss)
    for one, other in zip(gradient, other_gradient, strict=True):
        same(one, other)
    seen, other = net.trace(ROWS[3:4], Y[3]), net.trace(X[3], Y[3])
    same(seen.v[0], other.v[0])
    same(seen.dL_dW[0], other.dL_dW[0])
    scale = np.random.default_rng(0).uniform(0.5, 2.0, COLUMNS)
    assert net.gradient_check(ROWS, Y, 0.1, dropout=0.3, front_scale=scale).passed
    twin = network()
    same(net.step(ROWS[3:4], Y[3]).W_new[0], twin.step(X[3], Y[3]).W_new[0])
    same(net.theta, twin.theta)


def test_rows_of_another_float_type_are_converted():
    single = ROWS.astype(np.float32)
    same(network().predict(single), network().predict(single.astype(np.float64)))
    mixed = IndexedRows(ROWS.fields, ROWS.n_0, ROWS.numbers, ROWS.codes, ROWS.shares.astype(np.float32))
    assert network().predict(mixed).dtype == np.float64


@pytest.mark.parametrize("number", [np.int64, np.float32])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_a_code_stands_for_may_be_a_number_of_numpy(number, dtype):
    codes, none = np.array([[0], [2], [3]], np.uint16), np.empty((3, 0))
    rows = IndexedRows((Field("one-hot", 0, 3, number(2)),), 3, none, codes, none)
    net = Network([3, 2, 1], seed=0, fields=rows.fields, dtype=dtype)
    np.testing.assert_allclose(net.predict(rows), net.predict(rows.expanded()), rtol=1e-6)
    assert net.fit(rows, [0.0, 1.0, 2.0], epochs=2, batch_size=2).best is not None


@pytest.mark.parametrize("validation", [0.2, (HELD, Y_HELD), (HELD, Y_HELD, np.arange(1.0, 21.0)), None])
@pytest.mark.parametrize("more", [{}, {"race": "halving", "order": "own"}, {"dropout": 0.2, "front_scale": True}])
def test_a_training_by_index_is_that_of_all_columns(validation, more):
    if more.get("race") and validation is None:
        more = {"order": "own"}
    given = validation
    if isinstance(validation, tuple):
        given = (HELD.expanded(), *validation[1:])
    by_index = network().fit(ROWS, Y, validation=validation, **OPTIONS, **more)
    plain = network().fit(X, Y, validation=given, **OPTIONS, **more)
    assert [one.status for one in by_index.restarts] == [one.status for one in plain.restarts]
    assert by_index.winner == plain.winner
    for one, other in zip(by_index.restarts, plain.restarts, strict=True):
        same(one.network.theta, other.network.theta)
        same(one.best_loss, other.best_loss)
    assert (by_index.corrected_loss is None) == (plain.corrected_loss is None)
    if plain.corrected_loss is not None:
        same(by_index.corrected_loss, plain.corrected_loss)
    assert by_index.best.spec.fields == FIELDS


UNKNOWN = IndexedRows(FIELDS, COLUMNS, ROWS.numbers, None, ROWS.shares)
OTHER = "`X` must have the network's `fields`; got rows by index with {}. Make them with those fields."


@pytest.mark.parametrize(
    ("net", "rows", "text"),
    [
        (
            Network([COLUMNS, 1], engine="reference"),
            indexed_rows(1),
            "`X` holds rows by index, but the network has no `fields`. Make the network with those of X, or give "
            "X.expanded().",
        ),
        (network(), indexed_rows(1, FIELDS[:-1]), OTHER.format("4 fields instead of 5")),
        (network(), indexed_rows(1, FIELDS, COLUMNS + 1), OTHER.format("19 columns instead of 18")),
        (
            network(),
            indexed_rows(1, (Field("ramps", 1, 4), *FIELDS[1:])),
            OTHER.format(f"{Field('ramps', 1, 4)} at place 0 instead of {FIELDS[0]}"),
        ),
        (
            network(),
            IndexedRows("no", 3, None, None, None),
            "`fields[0]` must be a Field of kind one-hot or ramps; got 'n'.",
        ),
        (network(), UNKNOWN, "`X.codes` must be an array of uint16; got NoneType."),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_every_door(net, rows, text):
    doors = {
        "predict": lambda: net.predict(rows),
        "fit": lambda: net.fit(rows, 0.0),
        "input_gradient": lambda: net.input_gradient(rows),
        "loss": lambda: net.loss(rows, 0.0),
        "loss_and_gradient": lambda: net.loss_and_gradient(rows, 0.0),
        "gradient_check": lambda: net.gradient_check(rows, 0.0),
        "trace": lambda: net.trace(rows, 0.0),
    }
    for where, call in doors.items():
        with pytest.raises(DataError) as error:
            call()
        assert str(error.value).startswith(f"{where}: ")
        assert text in str(error.value)
    with pytest.raises(DataError, match=r"^predict_one: "):
        net.predict_one(rows)


def test_numbers_that_are_too_large_are_refused():
    rows = IndexedRows(FIELDS, COLUMNS, np.full((3, 3), 1e300), ROWS.codes[:3], ROWS.shares[:3])
    with pytest.raises(DataError) as error:
        Network([COLUMNS, 1], fields=FIELDS).predict(rows)
    assert str(error.value) == ('predict: `X` has numbers too large for float32. Scale them, or use dtype="float64".')


def test_one_row_is_asked_for_and_many_are_refused():
    with pytest.raises(DataError, match=r"`row` must be one row by index; got 60\. `predict` takes many rows\."):
        network().predict_one(ROWS)


@pytest.mark.parametrize(
    ("rows", "held", "text"),
    [
        (ROWS, HELD.expanded(), "validation X must be by index, as `X` is; got an array."),
        (X, HELD, "validation X must be an array, as `X` is; got rows by index."),
    ],
)
def test_rows_that_train_and_rows_that_choose_are_of_one_kind(rows, held, text):
    with pytest.raises(DataError) as error:
        network().fit(rows, Y, validation=(held, Y_HELD))
    assert f"{text} Give both by index, or `expanded()` rows for both." in str(error.value)


def test_a_killed_training_goes_on_with_its_own_rows_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("descend.training.checkpoint.CHECKPOINT_SECONDS", 0.0)
    path = tmp_path / "run.checkpoint"

    def killed(progress):
        if progress.epoch == 2:
            raise KeyError("killed")

    whole = network().fit(ROWS, Y, **OPTIONS)
    with pytest.raises(KeyError):
        network().fit(ROWS, Y, checkpoint=path, on_epoch=killed, **OPTIONS)
    for part in range(3):
        arrays = [array.copy() for array in ROWS.arrays]
        arrays[part][7, 0] = 0 if arrays[part][7, 0] else 1
        other = IndexedRows(ROWS.fields, ROWS.n_0, *arrays)
        with pytest.raises(FileError, match="belongs to other data"):
            network().fit(other, Y, checkpoint=path, resume=True, **OPTIONS)
    with pytest.raises(FileError, match="belongs to other data"):
        network().fit(X, Y, checkpoint=path, resume=True, **OPTIONS)
    resumed = network().fit(ROWS, Y, checkpoint=path, resume=True, **OPTIONS)
    np.testing.assert_array_equal(resumed.best.theta, whole.best.theta)


# ---------------------------------------------------------------- files


def test_a_file_keeps_the_fields(tmp_path):
    net = network()
    net.save(tmp_path / "net")
    back = descend.load(tmp_path / "net")
    assert back.spec == net.spec
    same(back.predict(ROWS), net.predict(X))
    back.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "net").read_bytes()


LISTS = "field `network.fields` must be a list of [kind, first, count, value], or absent; got "


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ([], LISTS),
        ([["ramps", 1, 2]], LISTS),
        ([["ramps", 1, 2, "1"]], LISTS),
        ([["ramps", -1, 2, 1.0]], LISTS),
        ([["ramps", 1.0, 2, 1.0]], LISTS),
        ([[3, 1, 2, 1.0]], LISTS),
        ({}, LISTS),
        ("ramps", LISTS),
        (
            [["steps", 1, 2, 1.0]],
            "field `network`: Network: `fields[0]` must be a Field of kind one-hot or ramps; got Field(kind='steps', "
            "first=1, count=2, value=1.0).",
        ),
        (
            [["ramps", 1, 200, 1.0]],
            "field `network`: Network: `fields[0]` must lie behind the field before it and within 18 inputs; it covers "
            "columns 1 to 200.",
        ),
        ([["ramps", 1, 2, 0.5]], "field `network`: Network: `fields[0]` must have a finite value, ramps 1; got 0.5."),
    ],
)
def test_a_file_with_broken_fields_is_refused(tmp_path, broken, text):
    network().save(tmp_path / "net")
    document, tensors = opened((tmp_path / "net").read_bytes())
    document["network"]["fields"] = broken
    found = refusal(tmp_path, sealed(document, tensors))
    assert found.startswith(text)
    assert found.endswith("The file is damaged; use a copy, or train anew.")


def test_notebooks_and_reports_say_what_comes_by_index():
    assert "inputs by index: 15 of 18 columns, in 2 one-hot and 3 ramps fields" in network()._repr_html_()
    assert "by index" not in Network([2, 1])._repr_html_()
