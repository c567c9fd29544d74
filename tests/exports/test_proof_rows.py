"""The rows that prove an export touch every branch of a model, few as they are; a user's own come on top."""

import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from descend import DataError, MLPRegressor, Network
from descend.exports.columns import raw_columns
from descend.exports.described import RawColumn
from descend.exports.fitted import described
from descend.exports.rows import proof_rows
from descend.exports.special import UNSEEN, known_cells
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.number_levels import NumberLevelsEncoder
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import make_column
from model_files import TABLE, blended, trained

X = np.random.default_rng(0).normal(size=(60, 3))


@pytest.fixture(scope="module")
def models():
    return {"classes": trained("kind"), "numbers": trained("size", task="regress"), "blend": blended("kind")}


def test_made_rows_touch_every_branch_of_a_preprocessing(models):
    for name in ("classes", "numbers"):
        plain = described(models[name])
        rows = proof_rows(plain)
        assert rows.ordinary.sum() == 64
        for column in plain.columns:
            cells = rows.cells[column.name]
            assert None in cells
            if column.kind == "category":
                assert set(column.levels) | {UNSEEN} <= set(cells)
            if column.kind == "boolean":
                assert {True, False} <= set(cells)
            if column.kind == "number":
                known = np.array([one for one in cells if one is not None])
                assert known.min() == -1e30
                assert known.max() == 1e30
                assert 0.0 in known
                assert set(column.values) <= set(known.tolist())
                assert np.nextafter(column.values[0], -np.inf) in known
            if column.kind == "date":
                moments = [one for one in cells if one is not None]
                assert {one.month for one in moments} == set(range(1, 13))
                assert {one.weekday() for one in moments} == set(range(7))
                assert len({one.hour for one in moments}) > 12
                assert min(moments).year < 1970 < 2090 < max(moments).year
        together = list(zip(*rows.cells.values(), strict=True))
        assert (None,) * len(plain.columns) in together
        X = models[name].preprocessing.transform(models[name].preprocessing.table_of(dict(rows.cells)))[0]
        assert (X.std(axis=0) > 0).all()


def test_made_rows_of_a_blend_reach_the_values_that_encoders_know(models):
    plain = described(models["blend"])
    (size,) = [one for one in plain.columns if one.name == "size"]
    assert len(size.values) > 5
    assert {None, *size.values} <= set(proof_rows(plain).cells["size"])


def test_rows_of_a_very_wide_table_stay_few(models):
    plain = described(models["numbers"])
    (colour,) = [one for one in plain.columns if one.name == "colour"]
    columns = tuple(replace(colour, name=f"c{j}") for j in range(150))
    rows = proof_rows(replace(plain, columns=columns, summary=None, read=inputs_of, ask=lambda cells: None))
    assert len(rows) < 1_700
    assert all({None, UNSEEN, *colour.levels} <= set(rows.cells[one.name]) for one in columns)


def test_every_level_and_every_value_is_reached_however_many_there_are(models):
    plain = described(models["numbers"])
    (colour,) = [one for one in plain.columns if one.name == "colour"]
    levels = tuple(f"level {k}" for k in range(700))
    columns = tuple(replace(colour, name=f"c{j}", levels=levels[: 700 - j]) for j in range(10))
    rows = proof_rows(replace(plain, columns=columns, summary=None, read=inputs_of, ask=lambda cells: None))
    assert all(set(one.levels) <= set(rows.cells[one.name]) for one in columns)
    assert len(rows) < 700 + 10 * 12 + 64 + 4
    values = [float(v) for v in known_cells(RawColumn("n", Reading("number"), values=tuple(range(1_900))), 8_000)]
    assert {*range(1_900), np.nextafter(7.0, 8.0), np.nextafter(7.0, 6.0), 7.5} <= set(values)
    assert len(known_cells(RawColumn("c", Reading("category"), tuple(map(str, range(9_000)))), 8_000)) == 8_000


@pytest.mark.parametrize("n", [2, 501])
def test_every_column_of_rows_x_is_far_out_in_some_row(n):
    rows = proof_rows(described(Network([n, 1], seed=0)))
    far = np.abs(rows.X[64:])
    assert (far.max(axis=0) == 100.0).all()
    assert (far.min(axis=0) == 0.0).all()
    assert len(rows) <= 64 + 2 + 1_503


def test_parts_of_dates_are_reached_where_encoders_know_of_values():
    parts = {"days": (18_000.5,), "year": (2_021.0,), "hour": (13.25,)}
    encoders = [NumberLevelsEncoder(Input("d", part), levels) for part, levels in parts.items()]
    (column,) = raw_columns({"d": Reading("date")}, ["d"], encoders)
    made = make_column("d", "date", [(one - datetime(1970, 1, 1)).total_seconds() for one in known_cells(column, 99)])
    for part, (level,) in parts.items():
        values = Inputs({"d": made}).numbers(Input("d", part))
        assert level in values
        assert values.min() < level < values.max()
    for part, different in {"month": 12, "day of month": 31, "day of year": 366, "weekday": 7}.items():
        assert len(set(Inputs({"d": made}).numbers(Input("d", part)).tolist())) == different


@pytest.mark.parametrize(
    ("named", "columns", "said"),
    [
        (False, {"a": [1.0], "b": ["?"]}, '`table`: column "b" must hold numbers; it is read as category'),
        (False, {"a": [1.0]}, 'for each of the 2 inputs: so many, or "x0", "x1"; got 1 column'),
        (True, {"size": [1.0], "hihgt": [2.0]}, 'needs the column "height", which is absent. Did you mean "hihgt"?'),
        (False, [["a", "b"]], "`table` must hold numbers: could not convert"),
        (False, {"x1": [1.0], "x0": [2.0], "y": ["?"]}, ""),
        (True, {"height": [1.0], "size": [2.0], "y": ["?"]}, ""),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_table_of_rows_x_has_their_columns_or_the_one_that_is_wrong_is_named(named, columns, said):
    import pandas

    table = pandas.DataFrame(columns) if isinstance(columns, dict) else columns
    net = Network([2, 1], seed=0)
    if named:
        frame = pandas.DataFrame({"size": X[:, 0], "height": X[:, 1]})
        net = MLPRegressor(hidden_layer_sizes=(2,), max_iter=1, random_state=0).fit(frame, X[:, 2])
    if said:
        with pytest.raises(DataError, match=re.escape(said)):
            described(net).read(table)
    else:
        assert described(net).read(table).tolist() == [[2.0, 1.0]]


def inputs_of(cells):
    return Inputs(
        {name: make_column(name, "category", [one or "" for one in column]) for name, column in cells.items()}
    )


def test_rows_that_predict_refuses_are_left_out():
    """e^s of a large s is too large for any number: `predict` says so, and there is nothing to compare with."""
    net = Network([2, 1], output="exp", loss="poisson", seed=0)
    net.W = [[[5.0], [-5.0], [0.0]]]
    rows = proof_rows(described(net))
    assert 64 <= len(rows) < 74
    assert np.isfinite(net.predict(rows.X)).all()


def test_an_export_of_which_no_row_is_answered_is_not_proved(tmp_path):
    net = Network([2, 1], output="exp", loss="poisson", seed=0)
    net.W = [[[0.0], [0.0], [500.0]]]
    assert "not proved: predict refuses all rows" in str(net.export(tmp_path / "a", "json").proof)
    told = net.export(tmp_path / "a.c", table=X[:, :2]).proof
    assert not told.proved
    assert "SELF_TEST" not in (tmp_path / "a.h").read_text() + (tmp_path / "a.c").read_text()


def test_rows_of_a_users_table_are_run_too(models, tmp_path):
    model = models["numbers"]
    alone, more = (model.export(tmp_path / "a.json", table=one).proof.rows for one in (None, TABLE))
    assert more == alone + 60
    with pytest.raises(DataError, match="colour"):
        model.export(tmp_path / "a.json", table={"size": [1.0]})
    net = Network([3, 1], seed=0)
    broken = X.copy()
    broken[[4, 7], [0, 2]] = np.nan, np.inf
    proof = net.export(tmp_path / "a.json", table=broken).proof
    assert (proof.rows, proof.left_out) == (75 + 58, (4, 7))
    said = "no difference; 2 rows of the table were left out, as predict refuses them (the first is row 5)"
    assert str(proof).endswith(said)
    assert net.export(tmp_path / "a.json", table=X).proof.rows == 75 + 60
    with pytest.raises(DataError, match="a column of numbers for each of the 3 inputs"):
        net.export(tmp_path / "a.json", table=X[:, :2])
