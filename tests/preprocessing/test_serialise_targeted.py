"""Rows and tensors of encoders that learn from the target: whatever would be looked up out of range is refused."""

import numpy as np
import pytest

from descend.errors import FileError
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.serialise import encoder_from_parts, encoder_parts
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import make_column
from fitted_encoders import encoded

KINDS = {"c": "category", "e": "category", "a": "number", "d": "date", "b": "boolean", "y": "number"}
READINGS = {name: Reading(kind) for name, kind in KINDS.items()}
LEVELS = {"column": "c", "part": "", "levels": ["u", "v", "w"], "missing": True}
BINS = {"column": "a", "part": "", "borders": [0.5, 2.0], "missing": False}
MONTH = {"column": "d", "part": "month", "borders": [6.5], "missing": False}
MEANS = {"kind": "target mean", "column": "c", "levels": ["u", "v", "w"], "missing": True, "smoothing": 10.0}
TERMS = {"kind": "interactions", "codings": [LEVELS, BINS, MONTH], "terms": [[0, 1], [0, 1, 2]]}
RANKED = [
    {"column": "c", "part": "", "levels": ["w", "u"], "instead": None},
    {"column": "a", "part": "", "instead": 1.5},
]
LEAVES = {"kind": "leaves", "rankings": RANKED, "size": 0.5}
OWN = {
    "target mean": {"means": np.arange(8, dtype=np.float32).reshape(4, 2)},
    # of 12 and 24 combinations all but the first of each term and the last two
    "interactions": {
        "seen": np.packbits(~np.isin(np.arange(36), [0, 12, 34, 35])),
        "tables": np.delete(np.arange(36, dtype=np.float32), [0, 12, 34, 35])[:, None],
    },
    # two trees: one of three leaves, one of two
    "leaves": {
        "feature": np.array([0, 0, 1, 0, 0, 1, 0, 0], dtype=np.int32),
        "threshold": np.array([1.0, 0.0, 2.5, 0.0, 0.0, -1.0, 0.0, 0.0]),
        "children": np.array([[1, 2], [1, 1], [3, 4], [3, 3], [4, 4], [6, 7], [6, 6], [7, 7]], dtype=np.int32),
    },
}
ROWS = Inputs(
    {
        "c": make_column("c", "category", ["u", "w", "", "new"]),
        "a": make_column("a", "number", [0.0, 2.0, 9.0, np.nan]),
        "d": make_column("d", "date", np.array([0.0, 200.0, 20.0, 300.0]) * 86_400.0),
    }
)


def read(row, tensors=None):
    return encoder_from_parts(row, OWN[row["kind"]] if tensors is None else tensors, READINGS, "y", "encoders[7]")


def refusal(row, tensors=None) -> str:
    with pytest.raises(FileError) as caught:
        read(row, tensors)
    return str(caught.value)


@pytest.mark.parametrize("row", [MEANS, TERMS, LEAVES], ids=lambda row: row["kind"])
def test_the_rows_of_these_tests_are_right_as_they_stand(row):
    again, tensors = encoder_parts(read(row))
    assert again == row
    for name, array in OWN[row["kind"]].items():
        assert tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(tensors[name], array)


def test_what_is_read_encodes_as_is_written():
    assert encoded(read(MEANS), ROWS).tolist() == [[0, 1], [4, 5], [6, 7], [0, 0]]
    # codes: c 0, 2, 3, unseen; a 0, 2, 2, missing for the first time; month 0, 1, 0, 1
    assert encoded(read(TERMS), ROWS).tolist() == [[0, 0], [8, 12 + 17], [11, 0], [0, 0]]
    # ranks: c 1, 0, missing, missing; a 0, 2, 9, 1.5
    expected = np.zeros((4, 5))
    expected[np.arange(4)[:, None], [[1, 4], [0, 4], [0, 4], [0, 4]]] = 0.5
    assert encoded(read(LEAVES), ROWS).tolist() == expected.tolist()


@pytest.mark.parametrize("row", [MEANS, TERMS, LEAVES], ids=lambda row: row["kind"])
def test_every_field_and_tensor_must_be_there_and_no_other(row):
    own = OWN[row["kind"]]
    for name in set(row) - {"kind"}:
        if name not in ("levels", "borders"):
            without = {key: value for key, value in row.items() if key != name}
            assert refusal(without) == f"preprocessing: field `encoders[7].{name}` is missing."
    assert refusal(row | {"weather": 1}) == "preprocessing: field `encoders[7].weather` is unknown."
    for name in own:
        without = {key: value for key, value in own.items() if key != name}
        assert refusal(row, without) == f"preprocessing: tensor `{name}` of `encoders[7]` is missing."
    assert refusal(row, own | {"w": np.zeros(1)}) == "preprocessing: tensor `w` of `encoders[7]` is unknown."


TEXTS = "must be texts, sorted, different and not empty"
DIFFERENT = "must be of different inputs"
PAIRS = "must be 1 to 2,000 different pairs and triples of numbers from 0 to 2, ascending"
ASCENDING = "must be finite numbers, ascending and different"
NUMBERS = "must be a column of numbers, booleans or dates"
CATEGORY = "must be a column of kind category"
MANY = {"column": "e", "part": "", "levels": [f"{k:04}" for k in range(1999)], "missing": False}
FIELDS = [
    (MEANS, {"column": 3}, "column", "must be a text"),
    (MEANS, {"column": "a"}, "column", CATEGORY),
    (MEANS, {"column": "y"}, "column", CATEGORY),
    (MEANS, {"levels": []}, "levels", TEXTS),
    (MEANS, {"levels": ["v", "u", "w"]}, "levels", TEXTS),
    (MEANS, {"levels": ["u", "u", "w"]}, "levels", TEXTS),
    (MEANS, {"levels": ["", "u", "w"]}, "levels", TEXTS),
    (MEANS, {"missing": 1}, "missing", "must be true or false"),
    (MEANS, {"smoothing": 0}, "smoothing", "must be a finite number above 0"),
    (MEANS, {"smoothing": float("inf")}, "smoothing", "must be a finite number above 0"),
    (TERMS, {"codings": [LEVELS]}, "codings", "must be a list of at least 2"),
    (TERMS, {"codings": [LEVELS, BINS, BINS]}, "codings", DIFFERENT),
    (TERMS, {"codings": [LEVELS, BINS, LEVELS | {"column": "a"}]}, "codings", DIFFERENT),
    (TERMS, {"codings": [LEVELS, BINS, 3]}, "codings[2]", "must be an object"),
    (TERMS, {"codings": [LEVELS, BINS | {"borders": [2.0, 0.5]}, MONTH]}, "codings[1].borders", ASCENDING),
    (TERMS, {"codings": [LEVELS, BINS | {"borders": [0.5, 0.5]}, MONTH]}, "codings[1].borders", ASCENDING),
    (TERMS, {"codings": [LEVELS, BINS | {"borders": [0.5, float("nan")]}, MONTH]}, "codings[1].borders", ASCENDING),
    (TERMS, {"codings": [LEVELS, BINS | {"borders": None}, MONTH]}, "codings[1].borders", ASCENDING),
    (TERMS, {"codings": [LEVELS | {"levels": ["u"] * 3}, BINS, MONTH]}, "codings[0].levels", TEXTS),
    (TERMS, {"codings": [LEVELS, BINS | {"missing": None}, MONTH]}, "codings[1].missing", "must be true or false"),
    (TERMS, {"codings": [LEVELS, BINS | {"column": "e"}, MONTH]}, "codings[1].column", NUMBERS),
    (TERMS, {"codings": [LEVELS | {"column": "b"}, BINS, MONTH]}, "codings[0].column", CATEGORY),
    (TERMS, {"codings": [LEVELS | {"part": "days"}, BINS, MONTH]}, "codings[0].part", "must be empty for a category"),
    (TERMS, {"codings": [LEVELS, BINS | {"part": "century"}, MONTH]}, "codings[1].part", "must be empty or one of"),
    (TERMS, {"codings": [LEVELS, BINS, MONTH | {"part": ""}]}, "codings[2].part", "must be empty for numbers, a part"),
    (TERMS, {"terms": []}, "terms", PAIRS),
    (TERMS, {"terms": [[0]]}, "terms", PAIRS),
    (TERMS, {"terms": [[0, 3]]}, "terms", PAIRS),
    (TERMS, {"terms": [[-1, 1]]}, "terms", PAIRS),
    (TERMS, {"terms": [[1, 1]]}, "terms", PAIRS),
    (TERMS, {"terms": [[1, 0]]}, "terms", PAIRS),
    (TERMS, {"terms": [[False, True]]}, "terms", PAIRS),
    (TERMS, {"terms": [[0, 1.0]]}, "terms", PAIRS),
    (TERMS, {"terms": [[0, 1], [0, 1]]}, "terms", PAIRS),
    (TERMS, {"codings": [MANY, LEVELS]} | {"terms": [[0, 1]]}, "terms", "must have at most 6,000 combinations"),
    (LEAVES, {"rankings": []}, "rankings", "must be a list of at least 1"),
    (LEAVES, {"rankings": RANKED + RANKED[:1]}, "rankings", DIFFERENT),
    (LEAVES, {"rankings": [RANKED[0], None]}, "rankings[1]", "must be an object"),
    (
        LEAVES,
        {"rankings": [RANKED[0], RANKED[1] | {"instead": "x"}]},
        "rankings[1].instead",
        "must be null or a finite",
    ),
    (
        LEAVES,
        {"rankings": [RANKED[0], RANKED[1] | {"instead": float("inf")}]},
        "rankings[1].instead",
        "must be null or",
    ),
    (LEAVES, {"rankings": [RANKED[0], RANKED[1] | {"column": "c"}]}, "rankings", DIFFERENT),
    (LEAVES, {"rankings": [RANKED[0], RANKED[1] | {"column": "e"}]}, "rankings[1].column", NUMBERS),
    (LEAVES, {"rankings": [RANKED[0] | {"column": "d"}, RANKED[1]]}, "rankings[0].column", CATEGORY),
    (
        LEAVES,
        {"rankings": [RANKED[0] | {"levels": ["u", "u"]}, RANKED[1]]},
        "rankings[0].levels",
        "must be texts, diff",
    ),
    (LEAVES, {"rankings": [RANKED[0] | {"levels": []}, RANKED[1]]}, "rankings[0].levels", "must be texts, different"),
    (LEAVES, {"size": 0}, "size", "must be a number above 0 and at most 1"),
    (LEAVES, {"size": 2}, "size", "must be a number above 0 and at most 1"),
    (LEAVES, {"size": True}, "size", "must be a number above 0 and at most 1"),
]


@pytest.mark.parametrize(("row", "change", "name", "rule"), FIELDS, ids=range(len(FIELDS)))
def test_a_wrong_field_is_named(row, change, name, rule):
    assert refusal(row | change).startswith(f"preprocessing: field `encoders[7].{name}` {rule}")


def changed(kind, name, place, value):
    array = OWN[kind][name].copy()
    array[place] = value
    return array


F32, NODES = np.float32, "must be a leaf's own number, or two later nodes of the same tree, each the child of one"
COLUMN, FROM_0, ZERO = "must have a column", "must hold whole numbers from 0 to ", "must be 0 in leaves"
DIRECTIONS = "must have 1 to 4 columns, and no row of zeros"
TENSORS = [
    (MEANS, "means", np.zeros((3, 2), F32), "must be float32 of shape (4, any); got float32 of shape (3, 2)"),
    (MEANS, "means", np.zeros((4, 2)), "must be float32 of shape (4, any); got float64 of shape (4, 2)"),
    (MEANS, "means", np.zeros(4, F32), "must be float32 of shape (4, any); got float32 of shape (4)"),
    (MEANS, "means", np.zeros((4, 0), F32), COLUMN),
    (MEANS, "means", changed("target mean", "means", (1, 1), np.nan), "must hold finite numbers"),
    (TERMS, "seen", np.zeros(4, np.uint8), "must be uint8 of shape (5); got uint8 of shape (4)"),
    (TERMS, "seen", changed("interactions", "seen", 4, 0b1100_1000), "must have no bit set beyond 36"),
    (TERMS, "seen", changed("interactions", "seen", 0, 0), None),
    (TERMS, "tables", np.zeros((31, 1), F32), "must be float32 of shape (32, any); got float32 of shape (31, 1)"),
    (TERMS, "tables", np.zeros((32, 0), F32), DIRECTIONS),
    (TERMS, "tables", np.ones((32, 5), F32), DIRECTIONS),
    (TERMS, "tables", changed("interactions", "tables", 7, 0.0), DIRECTIONS),
    (TERMS, "tables", changed("interactions", "tables", 1, np.inf), "must hold finite numbers"),
    (LEAVES, "feature", np.zeros(0, np.int32), "must have a node"),
    (LEAVES, "feature", changed("leaves", "feature", 0, 2), FROM_0 + "1"),
    (LEAVES, "feature", changed("leaves", "feature", 0, -1), FROM_0 + "1"),
    (LEAVES, "feature", changed("leaves", "feature", 1, 1), ZERO),
    (LEAVES, "threshold", np.zeros(7), "must be float64 of shape (8); got float64 of shape (7)"),
    (LEAVES, "threshold", changed("leaves", "threshold", 0, np.nan), "must hold finite numbers"),
    (LEAVES, "threshold", changed("leaves", "threshold", 1, 1.0), ZERO),
    (LEAVES, "children", np.zeros((8, 3), np.int32), "must be int32 of shape (8, 2); got int32 of shape (8, 3)"),
    (LEAVES, "children", changed("leaves", "children", 0, [1, 8]), FROM_0 + "7"),
    (LEAVES, "children", changed("leaves", "children", 0, [-1, 2]), FROM_0 + "7"),
    (LEAVES, "children", changed("leaves", "children", 2, [0, 4]), NODES),  # back to the root: for ever
    (LEAVES, "children", changed("leaves", "children", 2, [2, 4]), NODES),  # half a leaf
    (LEAVES, "children", changed("leaves", "children", 2, [3, 3]), NODES),  # one child twice
    (LEAVES, "children", changed("leaves", "children", 0, [2, 1]), ""),  # the other way round is a tree, too
    (LEAVES, "children", changed("leaves", "children", 0, [1, 5]), NODES),  # another tree in between
    (LEAVES, "children", changed("leaves", "children", 5, [4, 7]), NODES),  # an earlier one
]


@pytest.mark.parametrize(("row", "name", "value", "rule"), TENSORS, ids=range(len(TENSORS)))
def test_a_wrong_tensor_is_named(row, name, value, rule):
    tensors = OWN[row["kind"]] | {name: value}
    if rule is None:  # then the number of rows is wrong
        assert refusal(row, tensors).endswith("must be float32 of shape (25, any); got float32 of shape (32, 1).")
    elif rule:
        assert refusal(row, tensors) == f"preprocessing: tensor `{name}` of `encoders[7]` {rule}."
    else:
        assert encoded(read(row, tensors), ROWS).any(axis=1).all()


def test_nodes_in_a_circle_are_refused():
    circle = np.array([[0, 0], [2, 3], [1, 4], [3, 3], [4, 4]], dtype=np.int32)
    tensors = {"feature": np.zeros(5, np.int32), "threshold": np.zeros(5), "children": circle}
    assert refusal(LEAVES, tensors) == f"preprocessing: tensor `children` of `encoders[7]` {NODES}."
