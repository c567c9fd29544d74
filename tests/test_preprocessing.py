"""Tables become numbers and targets come back; everything is learnt from training rows only."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import DataError
from descend.preprocessing import Preprocessing, fit_preprocessing
from descend.roles import assign_roles
from descend.table import as_table

Y = [1.5, 2.0, 4.0, 8.0, 16.0, 32.5]
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def fitted(columns, target="y", task="auto", rows=None) -> Preprocessing:
    table = as_table(columns)
    return fit_preprocessing(table, assign_roles(table, target, task), rows)


def refusal(error, function, *arguments) -> str:
    with pytest.raises(error) as caught:
        function(*arguments)
    return str(caught.value)


# ---------------------------------------------------------------- what is left out


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


@pytest.mark.parametrize(("y", "shown"), [(["a"] * 5 + ["b"], '"a"'), ([2.5] * 5 + [3.5], "2.5")])
def test_a_target_that_never_differs_in_training_rows_is_refused(y, shown):
    assert refusal(DataError, fitted, {"a": Y, "y": y}, "y", "auto", range(5)) == (
        'table: the target "y" must have at least two different values in the training rows; '
        f"it is {shown} in all 5. Split the rows otherwise."
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


# ---------------------------------------------------------------- another table, later


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
        ("flag", "yes", "true or false", '"yes"'),
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


# ---------------------------------------------------------------- target


@pytest.mark.parametrize(
    "y",
    [["b", "a", "b", "a", "a", "b"], [True, False, True, True, True, False], [3, 1, 2, 1, 2, 3]],
)
def test_classes_become_one_hot_rows_and_come_back_in_their_own_type(y):
    prep = fitted({"a": Y, "y": y})
    encoded_y = prep.encode_target(as_table({"a": Y, "y": y}))
    assert encoded_y.shape == (6, len(set(y))) == (6, prep.n_outputs)
    assert (encoded_y.sum(axis=1) == 1).all()
    assert encoded_y.argmax(axis=1).tolist() == [sorted(set(y)).index(value) for value in y]
    labels = prep.decode(encoded_y)
    assert labels.tolist() == y
    assert [type(label) for label in labels.tolist()] == [type(value) for value in y]


def test_numbers_asked_for_as_classes_come_back():
    y = [0.5, 1.5, 0.5, 2.5, 0.5, 1.5]
    prep = fitted({"a": Y, "y": y}, task="classify")
    assert prep.decode(prep.encode_target(as_table({"y": y}))).tolist() == y


@pytest.mark.parametrize("unit", [1.0, 2.0**-40])
def test_a_number_to_predict_is_z_scored_by_the_training_rows(unit):
    y = [unit * value for value in Y]
    table = as_table({"a": Y, "y": y})
    prep = fitted({"a": Y, "y": y}, rows=range(4))
    z = prep.encode_target(table)
    assert z.shape == (6, 1) == (6, prep.n_outputs)
    np.testing.assert_allclose(z[:, 0], (np.array(Y) - np.mean(Y[:4])) / np.std(Y[:4]), rtol=1e-14)
    np.testing.assert_allclose(prep.decode(z), y, rtol=1e-14)
    np.testing.assert_array_equal(prep.decode(z[:, 0]), prep.decode(z))


@given(st.lists(FINITE, min_size=5, max_size=20))
def test_any_numbers_to_predict_come_back(y):
    if min(y) == max(y):
        return
    columns = {"a": Y[:5] * 4, "y": y}
    columns["a"] = columns["a"][: len(y)]
    prep = fitted(columns, task="regress")
    z = prep.encode_target(as_table(columns))
    assert np.isfinite(z).all()
    back = prep.decode(z)
    largest = np.abs(y).max()
    np.testing.assert_allclose(back / largest, np.array(y) / largest, atol=1e-12)


def test_outputs_beyond_the_largest_number_decode_to_it():
    prep = fitted({"a": Y, "y": [-1e308, 1e308, 0, 0, 1, 2]}, task="regress")
    assert np.isfinite(prep.decode(np.array([[100.0], [-100.0]]))).all()


def test_true_and_false_can_be_predicted_as_numbers():
    y = [True, False, True, True, False, False]
    prep = fitted({"a": Y, "y": y}, task="regress")
    np.testing.assert_allclose(prep.decode(prep.encode_target(as_table({"y": y}))), [1, 0, 1, 1, 0, 0], atol=1e-15)


@pytest.mark.parametrize(
    ("y", "now", "expected"),
    [
        (
            ["b", "a"] * 3,
            ["a", "c", None, "c"],
            'table: the target "y" must have a value in every row; it is missing in row 3 (1 of 4). Remove those rows.',
        ),
        (
            ["b", "a"] * 3,
            ["a", "c", "d", "c"],
            'table: the target "y" must be one of the classes "a", "b"; got "c" in rows 2, 3, 4. '
            "Correct or remove those rows, or train anew.",
        ),
        (
            [1, 2] * 3,
            [1, 2.5],
            'table: the target "y" must be one of the classes 1, 2; got 2.5 in row 2. '
            "Correct or remove those rows, or train anew.",
        ),
        (
            [1, 2] * 3,
            ["one", 2],
            'table: the target column "y", row 1: must be numbers, as in training; got "one". '
            "Correct the cell, or leave it empty (missing).",
        ),
        (
            Y,
            [1.0, float("inf")],
            'table: the target "y" must be finite; it is infinite in row 2. Correct or remove those rows.',
        ),
    ],
)
def test_a_target_that_cannot_be_judged_is_refused(y, now, expected):
    prep = fitted({"a": Y, "y": y})
    assert refusal(DataError, prep.encode_target, as_table({"y": now})) == expected


def test_a_table_without_the_target_cannot_be_judged():
    prep = fitted(TRAINING)
    assert refusal(DataError, prep.encode_target, as_table({"Y": [1]})) == (
        'table: there is no column "y". There are: "Y".'
    )


@pytest.mark.parametrize(
    ("y", "now", "rows"),
    [
        (["1", "2", "x"] * 2, [1, 2.0], [0, 1]),
        ([1, 2] * 3, ["2", "1"], [1, 0]),
        ([True, False] * 3, ["true", "0"], [1, 0]),
    ],
)
def test_classes_in_another_type_are_understood(y, now, rows):
    prep = fitted({"a": Y, "y": y})
    assert prep.encode_target(as_table({"y": now})).argmax(axis=1).tolist() == rows
