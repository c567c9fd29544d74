"""Rows by index: what columns they stand for, how they are joined, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.indexed_rows import COLUMNS, FIELDS, indexed_rows

from descend import Field, IndexedRows, SpecError
from descend.spec.indexed import below, beside, expanded, problems_of_rows
from descend.spec.network import make_spec, spec_from_dict

NONE = np.empty((1, 0))


def written_out(rows):
    """Column by column, row by row, from the words of the module."""
    X = np.zeros(rows.shape)
    for t in range(len(rows)):
        covered, ramps = set(), 0
        for place, field in enumerate(rows.fields):
            covered.update(field.columns)
            code = int(rows.codes[t, place])
            z = rows.shares[t, ramps] if field.kind == "ramps" else None
            ramps += field.kind == "ramps"
            if code == field.count:
                continue
            X[t, field.first + code] = field.value if z is None else z
            for column in range(field.first, field.first + code) if z is not None else ():
                X[t, column] = 1.0
        free = [column for column in range(rows.n_0) if column not in covered]
        X[t, free] = rows.numbers[t]
    return X


def test_rows_stand_for_the_columns_that_their_codes_say():
    rows = indexed_rows(200)
    np.testing.assert_array_equal(rows.expanded(), written_out(rows))


def test_some_rows_are_the_rows_of_all_columns():
    rows, X = indexed_rows(30), indexed_rows(30).expanded()
    for some in (slice(3, 9), np.array([5, 0, 5]), X[:, 0] > 0.0):
        part = rows[some]
        np.testing.assert_array_equal(part.expanded(), X[some])
        assert all(array.flags.c_contiguous for array in part.arrays)


def test_columns_and_rows_are_joined_as_arrays_are():
    one, other = indexed_rows(10), indexed_rows(10, (Field("ramps", 0, 5),), 5, seed=1)
    X = np.arange(20.0).reshape(10, 2)
    for parts in ([one, X, other], [X, one], [X, X], [other], [X]):
        np.testing.assert_array_equal(expanded(beside(parts)), np.hstack([expanded(part) for part in parts]))
    for parts in ([one, indexed_rows(4, seed=2)], [X, X], [one]):
        np.testing.assert_array_equal(expanded(below(parts)), np.vstack([expanded(part) for part in parts]))
    assert isinstance(beside([X, other]), IndexedRows)


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        (
            {"codes": np.array([[4]], np.uint16)},
            "`X.codes` must be 0 to 3 for `fields[0]` (3: none of its columns); row 1 has 4.",
        ),
        ({"codes": np.array([[1]])}, "`X.codes` must be an array of uint16; got int64."),
        (
            {"codes": np.zeros((2, 1), np.uint16)},
            "`X.numbers` must have shape (m, 0) with m ≥ 1, and the same m as the other arrays; got (1, 0).",
        ),
        (
            {"codes": np.zeros((1, 2), np.uint16)},
            "`X.codes` must have shape (m, 1) with m ≥ 1, and the same m as the other arrays; got (1, 2).",
        ),
        (
            {"codes": np.zeros((0, 1), np.uint16), "numbers": np.empty((0, 0)), "shares": np.empty((0, 0))},
            "`X.codes` must have shape (m, 1) with m ≥ 1, and the same m as the other arrays; got (0, 1).",
        ),
        ({"numbers": [[]]}, "`X.numbers` must be an array of float32 or float64; got list."),
        ({"shares": np.empty((1, 0), np.int32)}, "`X.shares` must be an array of float32 or float64; got int32."),
    ],
)
def test_what_is_wrong_with_arrays_is_said(arrays, problem):
    parts = {"numbers": NONE, "codes": np.array([[2]], np.uint16), "shares": NONE} | arrays
    assert problem in problems_of_rows(IndexedRows((Field("one-hot", 0, 3),), 3, **parts), "X")


def test_numbers_and_shares_must_be_finite():
    rows = indexed_rows(5)
    rows.numbers[3, 1] = np.nan
    rows.shares[1, 0] = np.inf
    assert problems_of_rows(rows, "X") == [
        "`X.numbers` must be finite; row 4, column 2 is nan (1 such entries). Fill or remove them.",
        "`X.shares` must be finite; row 2, column 1 is inf (1 such entries). Fill or remove them.",
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (3, "`fields` must be a list or tuple of Field; got 3."),
        ([("ramps", 0, 2)], "`fields[0]` must be a Field of kind one-hot or ramps; got ('ramps', 0, 2)."),
        ([Field("steps", 0, 2)], "`fields[0]` must be a Field of kind one-hot or ramps; got Field(kind='steps',"),
        (
            [Field("ramps", 0.5, 2)],
            "`fields[0]` must have whole numbers `first` and `count`, and a number `value`; got",
        ),
        (
            [Field("ramps", 0, "2")],
            "`fields[0]` must have whole numbers `first` and `count`, and a number `value`; got",
        ),
        ([Field("ramps", -1, 2)], "`fields[0]` must have whole numbers `first` and `count`, and a number `value`; got"),
        ([Field("ramps", 0, 0)], "`fields[0]` must have 1 to 65,535 columns; got 0."),
        ([Field("one-hot", 0, 65_536)], "`fields[0]` must have 1 to 65,535 columns; got 65536."),
        ([Field("ramps", 0, 2, 0.5)], "`fields[0]` must have a finite value, ramps 1; got 0.5."),
        ([Field("one-hot", 0, 2, 10**400)], "`fields[0]` must have a finite value, ramps 1; got inf."),
        ([Field("one-hot", 0, 2, 1j)], "`fields[0]` must have whole numbers `first` and `count`, and a number `value`"),
        ([Field("one-hot", 0, 2, float("nan"))], "`fields[0]` must have a finite value, ramps 1; got nan."),
        (
            [Field("ramps", 2, 2), Field("ramps", 3, 2)],
            "`fields[1]` must lie behind the field before it and within 6 inputs; it covers columns 3 to 4.",
        ),
        (
            [Field("ramps", 4, 3)],
            "`fields[0]` must lie behind the field before it and within 6 inputs; it covers columns 4 to 6.",
        ),
    ],
)
def test_fields_that_cannot_be_are_refused(fields, problem):
    with pytest.raises(SpecError) as error:
        make_spec([6, 1], fields=fields)
    assert problem in str(error.value)


def test_a_spec_comes_back_from_plain_data_with_its_fields():
    numpy_sizes = Field("ramps", np.int64(18), np.int32(2), np.float32(1.0))
    spec = make_spec([COLUMNS + 2, 1], fields=[*FIELDS, numpy_sizes])
    assert spec.to_dict()["fields"][-1] == ["ramps", 18, 2, 1.0]
    assert {type(one) for one in spec.to_dict()["fields"][-1]} == {str, int, float}
    assert spec_from_dict(spec.to_dict()) == spec
    assert "fields" not in make_spec([2, 1]).to_dict()
