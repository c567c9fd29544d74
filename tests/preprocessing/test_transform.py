"""Tables become numbers; everything is learnt from training rows only."""

import numpy as np
import pandas as pd
import pytest

from descend.errors import DataError
from descend.preprocessing.roles import assign_roles
from descend.preprocessing.transform import Preprocessing, fit_preprocessing
from descend.tables.convert import as_table

Y = [1.5, 2.0, 4.0, 8.0, 16.0, 32.5]


def fitted(columns, target="y", task="auto", rows=None) -> Preprocessing:
    table = as_table(columns)
    return fit_preprocessing(table, assign_roles(table, target, task), rows)


def refusal(error, function, *arguments) -> str:
    with pytest.raises(error) as caught:
        function(*arguments)
    return str(caught.value)


def test_a_column_that_never_differs_in_training_rows_is_left_out_aloud():
    columns = {"a": [1, 2, 3, 4, 5, 6], "b": [1, 1, 1, 1, 1, 2], "c": [None] * 5 + [3], "u": ["cm"] * 6, "y": Y}
    prep = fitted(columns, rows=range(5))
    assert prep.input_names == ("a",)
    assert prep.left_out == {
        "u": 'it has the same value in all rows, "cm"',
        "b": "it has the same value in all training rows, 1",
        "c": "it has no values in the training rows",
    }
    assert prep.notes == (
        'column "b" is left out: it has the same value in all training rows, 1',
        'column "c" is left out: it has no values in the training rows',
    )


def test_training_rows_without_any_difference_are_refused():
    columns = {"a": [1, 1, 1, 1, 1, 2], "b": [1, 1, 1, 1, 1, 2], "y": Y}
    assert refusal(DataError, fitted, columns, "y", "auto", range(5)) == (
        'table: at least one input must differ between training rows; "a", "b" are the same in all of them. '
        "Add rows or columns."
    )


def test_infinite_inputs_are_refused_with_column_row_and_value():
    columns = {"a": [1, 2, float("inf"), 4, float("-inf"), 6], "b": [float("-inf"), 2, 3, 4, 5, 6], "y": Y}
    expected = (
        "table: 2 problems:\n"
        '  - column "a", row 3: numbers must be finite; got inf (and 1 more). '
        "Correct the cell, or leave it empty (missing).\n"
        '  - column "b", row 1: numbers must be finite; got -inf. Correct the cell, or leave it empty (missing).'
    )
    assert refusal(DataError, fitted, columns) == expected
    prep = fitted({"a": Y, "b": Y, "y": Y})
    assert refusal(DataError, prep.transform, as_table(columns)) == expected


TRAINING = {
    "mass": [1.0, 2.0, 3.0, 4.5, 5.0, 6.0],
    "zip": ["1", "A", "2", "1", "B", "2"],
    "flag": [True, False, True, True, False, False],
    "when": ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"],
    "y": Y,
}


def test_columns_may_come_in_any_order_with_others():
    prep = fitted(TRAINING)
    table = as_table(TRAINING)
    shuffled = as_table({"more": ["?"] * 6} | dict(reversed(TRAINING.items())))
    np.testing.assert_array_equal(prep.transform(shuffled)[0], prep.transform(table)[0])


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("mass", ["1", "2", "3.0", "4.5", "5", "6e0"]),
        ("mass", pd.array([1, 2, 3, 4.5, 5, 6])),
        ("flag", [1, 0, 1, 1, 0, 0]),
        ("flag", ["TRUE", "false", "True", "1", "0", "false"]),
        ("when", pd.to_datetime(TRAINING["when"]).to_numpy()),
        ("zip", [1, "A", 2.0, 1, "B", 2]),
    ],
)
def test_the_same_values_in_another_type_are_understood(name, now):
    prep = fitted(TRAINING)
    other = as_table(TRAINING | {name: list(now)})
    np.testing.assert_array_equal(prep.transform(other)[0], prep.transform(as_table(TRAINING))[0])


def test_numbers_and_booleans_find_the_categories_that_they_spell():
    prep = fitted({"c": ["1", "2", "true", "x", "2.5", "1"], "y": Y})
    names = [name.removeprefix("c = ") for name in prep.feature_names]
    for now, level in [(1.0, "1"), (2.5, "2.5"), (True, "true")]:
        X, notes = prep.transform(as_table({"c": [now]}))
        assert [names[j] for j in np.flatnonzero(X[0])] == [level]
        assert notes == ()


def test_a_date_where_text_was_is_an_unknown_category():
    prep = fitted({"c": ["1", "2", "x", "x", "2", "1"], "y": Y})
    _, notes = prep.transform(as_table({"c": ["2024-01-01"]}))
    assert notes == ('column "c": 1 cell with an unknown category ("2024-01-01") treated as missing',)


def test_a_column_that_is_all_missing_now_is_fine_whatever_it_was():
    prep = fitted(TRAINING)
    X, notes = prep.transform(as_table({name: [None] for name in TRAINING}))
    assert X.tolist() == [[0.0] * prep.n_features]
    assert notes == ()


def test_no_rows_make_no_rows():
    prep = fitted(TRAINING)
    assert prep.transform(as_table(TRAINING).take([]))[0].shape == (0, prep.n_features)


def test_all_absent_columns_are_named_at_once_with_the_closest():
    prep = fitted(TRAINING)
    assert refusal(DataError, prep.transform, as_table({"Mass": [1], "flags": [True], "zip": ["1"]})) == (
        "table: 3 problems:\n"
        '  - the model needs the column "mass", which is absent. Did you mean "Mass"?\n'
        '  - the model needs the column "flag", which is absent. Did you mean "flags"?\n'
        '  - the model needs the column "when", which is absent. Add it.'
    )
    assert refusal(DataError, prep.transform, as_table({"mass": [1], "x": [True], "zip": ["1"]})) == (
        'table: the model needs 2 columns that are absent: "flag", "when". There are: "mass", "x", "zip".'
    )
    one = {name: column for name, column in TRAINING.items() if name != "when"}
    assert refusal(DataError, prep.transform, as_table(one)) == (
        'table: the model needs the column "when", which is absent. There are: "mass", "zip", "flag", "y".'
    )


def test_all_columns_of_another_kind_are_named_at_once_with_row_and_value():
    table = as_table({"mass": [None, "3", "heavy"], "zip": ["1"] * 3, "flag": [1, 0, 2], "when": [None, 5, 6]}).take(
        [1, 2]
    )
    assert refusal(DataError, fitted(TRAINING).transform, table) == (
        "table: 3 problems:\n"
        '  - column "mass", row 3: must be numbers, as in training; got "heavy". '
        "Correct the cell, or leave it empty (missing).\n"
        '  - column "flag", row 3: must be true or false, as in training; got 2. '
        "Correct the cell, or leave it empty (missing).\n"
        '  - column "when", row 2: must be dates, as in training; got 5. Correct the cell, or leave it empty (missing).'
    )


@pytest.mark.parametrize(
    ("name", "value", "must", "got"),
    [
        ("mass", "2024-01-01", "numbers", '"2024-01-01"'),
        ("flag", "2024-01-01", "true or false", '"2024-01-01"'),
        ("flag", "maybe", "true or false", '"maybe"'),
        ("when", "soon", "dates", '"soon"'),
        ("when", True, "dates", "True"),
        ("mass", "1_000", "numbers", '"1_000"'),
    ],
)
def test_a_value_of_another_kind_is_refused(name, value, must, got):
    table = as_table({column: [values[0]] for column, values in TRAINING.items()} | {name: [value]})
    assert refusal(DataError, fitted(TRAINING).transform, table) == (
        f'table: column "{name}", row 1: must be {must}, as in training; got {got}. '
        "Correct the cell, or leave it empty (missing)."
    )
