"""The target: classes or numbers, Y, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import DataError
from descend.preprocessing.roles import Roles, assign_roles
from descend.preprocessing.transform import Preprocessing, fit_preprocessing
from descend.tables.convert import as_table

N = 40


X = [float(i * i) for i in range(N)]


def roles(y, task="auto", **columns) -> Roles:
    return assign_roles(as_table({"x": X, **columns, "y": y}), "y", task)


def role_refusal(columns, target="y", *arguments, **options) -> str:
    with pytest.raises(DataError) as caught:
        assign_roles(as_table(columns), target, *arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("y", "kind", "classes", "reason"),
    [
        (
            ["b", "a", "c", "a"] * 10,
            "classify",
            ("a", "b", "c"),
            'The target "y" holds text, so its 3 different values are classes.',
        ),
        (
            [True, False] * 20,
            "classify",
            (False, True),
            'The target "y" holds true and false, so its 2 different values are classes.',
        ),
        (
            [3, 1, 10, 2] * 10,
            "classify",
            (1, 2, 3, 10),
            'The target "y" holds whole numbers with only 4 different values (at most 20), so they are classes.',
        ),
        (
            [*range(21), *range(19)],
            "regress",
            (),
            'The target "y" holds whole numbers with 21 different values (more than 20), so numbers are predicted.',
        ),
        ([0.5, 1.5] * 20, "regress", (), 'The target "y" holds numbers, so numbers are predicted.'),
    ],
)
def test_the_task_follows_from_the_target(y, kind, classes, reason):
    task = roles(y).task
    assert (task.kind, task.classes, task.reason) == (kind, classes, reason)
    assert [type(name) for name in task.classes] == [type(name) for name in classes]


@pytest.mark.parametrize(("distinct", "kind"), [(20, "classify"), (21, "regress")])
def test_twenty_whole_numbers_are_the_most_that_are_classes(distinct, kind):
    assert roles([i % distinct for i in range(N)]).task.kind == kind


@pytest.mark.parametrize(
    ("y", "asked", "classes", "reason"),
    [
        ([1, 2] * 20, "regress", (), 'The target "y" holds whole numbers, taken as numbers as asked for.'),
        ([True, False] * 20, "regress", (), 'The target "y" holds true and false, taken as numbers as asked for.'),
        ([0.5, 1.5] * 20, "classify", (0.5, 1.5), 'The target "y" holds numbers, taken as 2 classes as asked for.'),
        (
            [i % 25 for i in range(N)],
            "classify",
            tuple(range(25)),
            'The target "y" holds whole numbers, taken as 25 classes as asked for.',
        ),
    ],
)
def test_the_task_can_be_asked_for(y, asked, classes, reason):
    task = roles(y, asked).task
    assert (task.kind, task.classes, task.reason) == (asked, classes, reason)


DATES = [f"2024-01-{1 + i % 28:02d}" for i in range(N)]


UNSUITABLE = [
    (
        [i / 7 for i in range(N)],
        "classify",
        'table: the target "y" must be text, booleans, whole numbers, or at most 20 different numbers for '
        'task="classify"; it has 40 different numbers such as 0.0. Use task="regress".',
    ),
    (
        ["cheap", "dear"] * 20,
        "regress",
        'table: the target "y" must hold numbers for task="regress"; it is text such as "cheap". '
        'Use task="classify", or write numbers without units and thousands separators.',
    ),
    (
        ["1,000", "2,000"] * 20,
        "regress",
        'table: column "y": "1,000" in row 1 can be 1000 or 1.000, and nothing in the table tells which. Say '
        "--decimal . or --decimal , (decimal= in Python), or --type y=category.",
    ),
    (
        [f"name {i}" for i in range(N)],
        "auto",
        'table: the target "y" must have values that repeat, to be classes; 40 of its 40 values are different, such as '
        '"name 0". Choose another target.',
    ),
    (
        list(range(N)),
        "classify",
        'table: the target "y" must have values that repeat, to be classes; 40 of its 40 values are different, such as '
        "0. Choose another target.",
    ),
    (["a"] * N, "auto", 'table: the target "y" must have at least two different values; it is "a" in every row.'),
    ([2.5] * N, "auto", 'table: the target "y" must have at least two different values; it is 2.5 in every row.'),
    (
        DATES,
        "auto",
        'table: the target "y" must be classes or numbers; it holds dates. '
        "Make a number of it, such as days since a first day.",
    ),
    ([0, 1] * 20, "guess", 'table: task: must be "auto", "classify" or "regress"; got \'guess\'.'),
]


@pytest.mark.parametrize(("y", "task", "expected"), UNSUITABLE, ids=range(len(UNSUITABLE)))
def test_a_target_that_does_not_suit_the_task_is_refused(y, task, expected):
    assert role_refusal({"x": X, "y": y}, "y", task) == expected


def test_missing_cells_of_the_target_are_refused_with_their_rows():
    y = ["a", None, "b", "a", None, "b"]
    assert role_refusal({"x": X[:6], "y": y}) == (
        'table: the target "y" must have a value in every row; it is missing in rows 2, 5 (2 of 6). Remove those rows, '
        "or leave them out with --missing ''."
    )


def test_missing_and_infinite_numbers_of_the_target_are_refused_with_their_rows():
    y = [1.5, float("inf"), 2.5, float("nan"), 1.0, float("-inf")]
    assert role_refusal({"x": X[:6], "y": y}) == (
        "table: 2 problems:\n"
        '  - the target "y" must have a value in every row; it is missing in row 4 (1 of 6). Remove those rows, '
        "or leave them out with --missing ''.\n"
        '  - the target "y" must be finite; it is infinite in rows 2, 6. Correct or remove those rows.'
    )


# ---------------------------------------------------------------- Y, and back


Y = [1.5, 2.0, 4.0, 8.0, 16.0, 32.5]


FINITE = st.floats(allow_nan=False, allow_infinity=False)


def fitted(columns, target="y", task="auto", rows=None) -> Preprocessing:
    table = as_table(columns)
    return fit_preprocessing(table, assign_roles(table, target, task), rows)


def refusal(error, function, *arguments) -> str:
    with pytest.raises(error) as caught:
        function(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(("y", "shown"), [(["a"] * 5 + ["b"], '"a"'), ([2.5] * 5 + [3.5], "2.5")])
def test_a_target_that_never_differs_in_training_rows_is_refused(y, shown):
    assert refusal(DataError, fitted, {"a": Y, "y": y}, "y", "auto", range(5)) == (
        'table: the target "y" must have at least two different values in the training rows; '
        f"it is {shown} in all 5. Split the rows otherwise."
    )


TRAINING = {
    "mass": [1.0, 2.0, 3.0, 4.5, 5.0, 6.0],
    "zip": ["1", "A", "2", "1", "B", "2"],
    "flag": [True, False, True, True, False, False],
    "when": ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"],
    "y": Y,
}


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
        'table: there is no column "y". Did you mean "Y"?'
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
