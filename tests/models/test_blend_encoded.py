"""What encoders make of rows by index: the same columns as without, to the bit; what a member sees is joined of it."""

from __future__ import annotations

import numpy as np
import pytest

import fitted_encoders
from descend.models.blends.encoded import encode, encode_by_index, leaf_fields
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.number_levels import NumberLevelsEncoder
from descend.preprocessing.encoders.piecewise import PiecewiseEncoder
from descend.preprocessing.encoders.plain import CategoryEncoder
from descend.spec.indexed import Field, IndexedRows, expanded, problems_of_rows
from descend.tables.columns.column import make_column

ENCODERS = fitted_encoders.fitted()
BY_INDEX = ("piecewise", "number levels", "category", "leaves")


def later():
    """Rows that no training had: missing, infinite, far outside, new levels."""
    numbers = [np.nan, -np.inf, np.inf, -1e308, 1e308, 5e-324, 0.0, -0.0]
    texts = ["", "new", "n7", "red", "left", "", "green", "x"]
    columns = {}
    for name, column in fitted_encoders.table().columns.items():
        other = np.nan_to_num(np.array(numbers), posinf=1.0, neginf=0.0).clip(0.0, 1.0)
        values = {"category": texts, "number": numbers}.get(column.kind, other)
        columns[name] = make_column(name, column.kind, values)
    return Inputs(columns)


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.kind)
def test_rows_by_index_stand_for_the_columns_that_an_encoder_makes(encoder):
    for inputs in (fitted_encoders.table(), later()):
        found = encode_by_index([encoder], inputs)
        assert expanded(found).tobytes() == encode([encoder], inputs).tobytes()
        if isinstance(found, IndexedRows):
            assert encoder.kind in BY_INDEX
            assert problems_of_rows(found, "X") == []


def test_every_kind_that_makes_codes_is_there():
    kinds = {one.kind for one in ENCODERS if isinstance(encode_by_index([one], fitted_encoders.table()), IndexedRows)}
    assert kinds == set(BY_INDEX)


def test_many_encoders_side_by_side():
    inputs = fitted_encoders.table()
    for some in (ENCODERS, ENCODERS[::-1], ENCODERS[::3]):
        found = encode_by_index(some, inputs)
        assert expanded(found).tobytes() == encode(some, inputs).tobytes()
        assert found.dtype == np.float32
        assert found.nbytes < encode(some, inputs).nbytes


def test_a_category_of_two_levels_is_a_number():
    inputs = Inputs({"c": make_column("c", "category", ["a", "b", ""])})
    assert encode_by_index([CategoryEncoder("c", ("a", "b"))], inputs).tolist() == [[-1.0], [1.0], [0.0]]
    assert encode_by_index([CategoryEncoder("c", ("a", "b"), 7)], inputs).tolist() == [[1, 0], [0, 1], [0, 0]]
    assert encode_by_index([CategoryEncoder("c", ("a", "b", "d"))], inputs).codes.tolist() == [[0], [1], [3]]


def test_codes_and_shares_by_hand():
    inputs = Inputs({"a": make_column("a", "number", [1.5, np.nan, -7.0, 9.0, 2.0])})
    ramps = PiecewiseEncoder(Input("a"), (0.0, 1.0, 2.0, 4.0), "tree")
    levels = NumberLevelsEncoder(Input("a"), (1.5, 2.0, 9.0))
    found = encode_by_index([ramps, levels], inputs)
    assert found.fields == (Field("ramps", 0, 3), Field("one-hot", 3, 3))
    assert found.codes.tolist() == [[1, 0], [3, 3], [0, 3], [2, 2], [2, 1]]
    assert found.shares.ravel().tolist() == [0.5, 0.0, 0.0, 1.0, 0.0]


def test_leaves_have_a_field_for_each_tree():
    leaves = next(one for one in ENCODERS if one.kind == "leaves")
    fields = leaf_fields(leaves, 0.25)
    assert [field.count for field in fields] == list(leaves.counts)
    assert sum(leaves.counts) == len(leaves.feature_names)
    assert {field.value for field in fields} == {0.25}
