"""Every fitted encoder survives its row and tensors in a model file; whatever is wrong in one is named."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fitted_encoders
from descend.errors import FileError
from descend.preprocessing.serialise import encoder_from_parts, encoder_parts, levels_from_parts, shared_levels
from descend.preprocessing.serialise_encoders.rows import ENCODERS
from descend.tables.cells.reading import Reading

INPUTS = fitted_encoders.table()
FITTED = fitted_encoders.fitted()
KINDS = {name: column.kind for name, column in INPUTS.columns.items()}
READINGS = {name: Reading(kind) for name, kind in KINDS.items()} | {"y": Reading("number")}
SHARED, SOME = shared_levels(FITTED), INPUTS.take(np.arange(20))


def read(row, tensors=None, levels=None):
    return encoder_from_parts(row, tensors or {}, READINGS, "y", "encoders[7]", levels)


def copied(row):
    return json.loads(json.dumps(row, allow_nan=False))


# ---------------------------------------------------------------- round trips


def test_the_fitted_encoders_are_of_every_kind():
    assert {encoder.kind for encoder in FITTED} == set(ENCODERS)


@pytest.mark.parametrize("levels", [{}, SHARED], ids=["alone", "shared"])
@pytest.mark.parametrize("encoder", FITTED, ids=lambda encoder: encoder.kind)
def test_an_encoder_survives_json_and_makes_the_same_bits(encoder, levels):
    row, tensors = encoder_parts(encoder, levels)
    again = read(copied(row), tensors, levels)
    assert again.feature_names == encoder.feature_names
    assert fitted_encoders.encoded(again, INPUTS).tobytes() == fitted_encoders.encoded(encoder, INPUTS).tobytes()
    assert again.words() == encoder.words()
    other, arrays = encoder_parts(again, levels)
    assert repr(other) == repr(row)  # whole numbers stay whole, others do not become so
    assert arrays.keys() == tensors.keys()
    for name, array in tensors.items():
        assert array.dtype.name in ("float64", "float32", "int32", "uint8")
        assert (array.dtype, array.tobytes()) == (arrays[name].dtype, arrays[name].tobytes())


def test_levels_that_a_model_holds_once_are_referred_to():
    assert SHARED.keys() == {"two", "colour", "name"}
    assert SHARED["colour"] == ("blue", "green", "red")
    assert levels_from_parts(copied(SHARED), KINDS) == SHARED
    texts = [json.dumps(encoder_parts(encoder, SHARED)[0]) for encoder in FITTED]
    assert not any('"red"' in text or '"n7"' in text for text in texts)
    assert sum('"levels": "column"' in text for text in texts) >= 5


def test_levels_that_are_not_all_held_are_written_as_texts():
    category = next(encoder for encoder in FITTED if encoder.kind == "category" and encoder.name == "colour")
    row, _ = encoder_parts(category, {"colour": ("blue", "green")})
    assert row["levels"] == ["blue", "green", "red"]
    assert encoder_parts(category, {"colour": ("amber", "blue", "green", "red")})[0]["levels"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("levels", "field"),
    [
        ([], "levels"),
        ({"few": ["a"]}, "levels.few"),
        ({"gone": ["a"]}, "levels.gone"),
        ({"colour": []}, "levels.colour"),
        ({"colour": ["b", "a"]}, "levels.colour"),
        ({"colour": [1]}, "levels.colour"),
    ],
)
def test_wrong_levels_of_a_model_are_named(levels, field):
    with pytest.raises(FileError, match=rf"preprocessing: field `{field}` must be "):
        levels_from_parts(levels, KINDS)


@pytest.mark.parametrize("levels", ["column", [0], [0, 0], [1, 0], [3], [-1], [0, True], [0.0], "some", [0, "blue"]])
def test_a_reference_to_levels_that_are_not_there_is_refused(levels):
    row = {"kind": "category", "column": "colour", "levels": levels, "rare": 0}
    with pytest.raises(FileError, match=r"field `encoders\[7\].levels` must be 1 to 255 texts"):
        read(row, {}, {"name": ("a",)} if levels in ("column", [0]) else SHARED)


# ---------------------------------------------------------------- whatever else is in the file

AWKWARD = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 2, 7, 0.5, 1e300, -1e300, 10**400, 2**63, float("nan"), float("inf"), {}),
        *("", "x", "column", "name", "few", "date", "y", "tree", [], [0], [1, 0], ["a"], [[0, 1]], [[0, 1, 2]], [None]),
    ]
)


def places(value, path=()):
    """All paths into a row."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(*path, key) for key, _ in inner] + [one for key, own in inner for one in places(own, (*path, key))]


def replaced(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def changed_tensor(data, array):
    new = array.copy()
    way = data.draw(st.sampled_from(["number", "number", "number", "shape", "dtype", "rows"]))
    if way == "shape":
        return new.ravel() if new.ndim > 1 else new[None]
    if way == "dtype":
        return np.zeros_like(
            new, dtype={"float64": "float32", "float32": "float64", "int32": "int64", "uint8": "bool"}[array.dtype.name]
        )
    if way == "rows":
        return data.draw(st.sampled_from([new[:0], new[1:], new[:, :0] if new.ndim > 1 else new[:1]]))
    numbers = st.integers(-2, 9) | st.sampled_from([2**31 - 1, -(2**31)])
    if array.dtype.kind == "u":
        numbers = st.integers(0, 255)
    if array.dtype.kind == "f":
        numbers |= st.sampled_from([np.nan, np.inf, 1e30, -1e30, 0.5])
    new.flat[data.draw(st.integers(0, new.size - 1))] = data.draw(numbers)
    return new


@settings(max_examples=300)
@given(st.data())
def test_any_change_is_refused_by_name_or_makes_an_encoder_that_encodes(data):
    encoder = data.draw(st.sampled_from(FITTED))
    levels = data.draw(st.sampled_from([{}, SHARED]))
    row, tensors = encoder_parts(encoder, levels)
    if tensors and data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(tensors)))
        tensors = tensors | {name: changed_tensor(data, tensors[name])}
    else:
        row = replaced(row, data.draw(st.sampled_from(places(row))), data.draw(AWKWARD))
    refused = ""
    try:
        again = read(row, tensors, levels)
    except FileError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(("preprocessing: field `encoders[7]", "preprocessing: tensor `"))
        return
    assert again.words()
    assert np.isfinite(fitted_encoders.encoded(again, SOME)).all()


# ---------------------------------------------------------------- each field

RANK = {"kind": "quantile normal", "column": "few", "part": ""}
RAMPS = {"kind": "piecewise", "column": "date", "part": "days", "borders": [0.0, 1.0, 2.5], "by": "tree"}
VALUES = {"kind": "number levels", "column": "few", "part": "", "levels": [0.0, 1.0, 2.5]}
FREQUENCY = {"kind": "frequency", "column": "name", "levels": ["a", "b"], "counts": [3, 1]}
HASHED = {"kind": "hashed", "column": "name", "levels": ["a", "b"]}
PRINCIPAL = {
    "kind": "principal",
    "inputs": [{"column": "x0", "part": ""}, {"column": "x1", "part": ""}, {"column": "date", "part": "month"}],
}
QUANTILES = {"quantiles": np.array([0.0, 1.0, 1.0, 2.5])}
COMPONENTS = {
    "centers": np.array([0.0, 1.0, 2.0]),
    "scales": np.array([1.0, 2.0, 3.0]),
    "means": np.array([0.0, -3.0, 3.0]),
    "components": np.array([[1.0, 2.0, 3.0], [0.0, 0.0, -1.0]]),
}
RIGHT = [(RANK, QUANTILES), (PRINCIPAL, COMPONENTS), *((row, {}) for row in (RAMPS, VALUES, FREQUENCY, HASHED))]
NOT = float("nan")
ENDLESS = float("inf")
BORDERS = "must be at least 2 finite numbers, ascending and different"
LEVELS = "must be 3 to 40 finite numbers, ascending and different"
COLUMN = "must be a column of numbers, booleans or dates"
PART = "must be empty for numbers, a part for dates"
PARTS = "must be empty or one of days, year, month, day of month, day of year, weekday, hour"


EACH = pytest.mark.parametrize(("row", "tensors"), RIGHT, ids=[row["kind"] for row, _ in RIGHT])


@EACH
def test_the_rows_of_these_tests_are_right_as_they_stand(row, tensors):
    again, arrays = encoder_parts(read(copied(row), tensors))
    assert again == row
    assert {name: array.tolist() for name, array in arrays.items()} == {k: v.tolist() for k, v in tensors.items()}


@EACH
def test_every_field_and_tensor_must_be_there_and_no_other(row, tensors):
    for name in set(row) - {"kind"}:
        with pytest.raises(FileError, match=rf"field `encoders\[7\].{name}` is missing"):
            read({key: value for key, value in row.items() if key != name}, tensors)
    with pytest.raises(FileError, match=r"field `encoders\[7\].weather` is unknown"):
        read(row | {"weather": 1}, tensors)
    for name in tensors:
        with pytest.raises(FileError, match=rf"tensor `{name}` of `encoders\[7\]` is missing"):
            read(row, {key: value for key, value in tensors.items() if key != name})
    with pytest.raises(FileError, match=r"tensor `weather` of `encoders\[7\]` is unknown"):
        read(row, tensors | {"weather": np.zeros(1)})


WRONG = [
    (RANK, "column", 3, "must be a text"),
    (RANK, "column", "nowhere", COLUMN),
    (RANK, "column", "name", COLUMN),
    (RANK, "column", "y", COLUMN),
    (RANK, "column", "date", None),
    (RANK, "part", "days", PART),
    (RANK, "part", "century", PARTS),
    (RANK, "part", None, PARTS),
    (RAMPS, "part", "", PART),
    (RAMPS, "borders", [0.0], BORDERS),
    (RAMPS, "borders", [0.0, 0.0, 1.0], BORDERS),
    (RAMPS, "borders", [0.0, 2.0, 1.0], BORDERS),
    (RAMPS, "borders", [-ENDLESS, 2.0], BORDERS),
    (RAMPS, "by", "hand", 'must be "quantiles" or "tree"'),
    (RAMPS, "by", ["tree"], 'must be "quantiles" or "tree"'),
    (VALUES, "levels", [0.0, 1.0], LEVELS),
    (VALUES, "levels", list(range(41)), LEVELS),
    (VALUES, "levels", [0.0, 1.0, 1.0], LEVELS),
    (VALUES, "levels", ["a", "b", "c"], LEVELS),
    (FREQUENCY, "column", "few", "must be a column of kind category"),
    (FREQUENCY, "column", ["name"], "must be a text"),
    (FREQUENCY, "levels", ["b", "a"], "must be texts, sorted, different and not empty"),
    (FREQUENCY, "levels", [], "must be texts, sorted, different and not empty"),
    (FREQUENCY, "levels", ["", "a"], "must be texts, sorted, different and not empty"),
    (FREQUENCY, "counts", [3], "must be one for each level"),
    (FREQUENCY, "counts", [3, 0], "must be counts of at least 1"),
    (FREQUENCY, "counts", [3, 1.5], "must be counts of at least 1"),
    (FREQUENCY, "counts", [3, True], "must be counts of at least 1"),
    (HASHED, "levels", [f"{k:03d}" for k in range(256)], "must be 1 to 255 texts, sorted, different and not empty"),
    (HASHED, "levels", ["a", "a"], "must be 1 to 255 texts, sorted, different and not empty"),
    (HASHED, "column", "few", "must be a column of kind category"),
    (PRINCIPAL, "inputs", PRINCIPAL["inputs"][:2], "must be a list of at least 3"),
    (PRINCIPAL, "inputs", PRINCIPAL["inputs"][:1] * 3, "must be different"),
]


@pytest.mark.parametrize(("row", "name", "value", "rule"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_field_is_named(row, name, value, rule):
    with pytest.raises(FileError) as caught:
        read(row | {name: value}, QUANTILES if row is RANK else {})
    named, expected = ("part", PART) if rule is None else (name, rule)  # a date needs a part
    assert str(caught.value).startswith(f"preprocessing: field `encoders[7].{named}` {expected}; got ")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (7, "field `encoders[7].inputs[1]` must be an object"),
        ({"column": "x1"}, "field `encoders[7].inputs[1].part` is missing"),
        ({"column": "x1", "part": "", "x": 1}, "field `encoders[7].inputs[1].x` is unknown"),
        ({"column": 1, "part": ""}, "field `encoders[7].inputs[1].column` must be a text"),
        ({"column": "x1", "part": "days"}, f"field `encoders[7].inputs[1].part` {PART}"),
        ({"column": "y", "part": ""}, f"field `encoders[7].inputs[1].column` {COLUMN}"),
    ],
)
def test_a_wrong_input_of_several_is_named(one, expected):
    inputs = PRINCIPAL["inputs"]
    with pytest.raises(FileError) as caught:
        read(PRINCIPAL | {"inputs": [inputs[0], one, inputs[2]]}, COMPONENTS)
    assert str(caught.value).startswith(f"preprocessing: {expected}")


ASCENDING = "must be 2 to 1000 numbers, ascending and not all equal"
WRONG_TENSORS = [
    (RANK, QUANTILES, "quantiles", [1.0], ASCENDING),
    (RANK, QUANTILES, "quantiles", [1.0, 1.0], ASCENDING),
    (RANK, QUANTILES, "quantiles", [2.0, 1.0, 3.0], ASCENDING),
    (RANK, QUANTILES, "quantiles", np.arange(1001.0), ASCENDING),
    (RANK, QUANTILES, "quantiles", [0.0, ENDLESS], "must hold finite numbers"),
    (RANK, QUANTILES, "quantiles", [0.0, NOT, 1.0], "must hold finite numbers"),
    (RANK, QUANTILES, "quantiles", [0, 1], "must be float64 of shape (any); got int64 of shape (2)"),
    (RANK, QUANTILES, "quantiles", [[0.0, 1.0]], "must be float64 of shape (any); got float64 of shape (1, 2)"),
    (PRINCIPAL, COMPONENTS, "centers", [0.0, 1.0], "must be float64 of shape (3); got float64 of shape (2)"),
    (PRINCIPAL, COMPONENTS, "centers", [0.0, 1.0, NOT], "must hold finite numbers"),
    (PRINCIPAL, COMPONENTS, "scales", [1.0, 1.0, 0.0], "must be at least 2.2250738585072014e-308"),
    (PRINCIPAL, COMPONENTS, "means", [0.0, 0.0, 3.5], "must be from -3 to 3"),
    (PRINCIPAL, COMPONENTS, "components", np.zeros((0, 3)), "must have 1 to 64 rows of numbers from -1e100 to 1e100"),
    (PRINCIPAL, COMPONENTS, "components", np.zeros((65, 3)), "must have 1 to 64 rows of numbers from -1e100 to 1e100"),
    (PRINCIPAL, COMPONENTS, "components", [[1e101, 0, 0]], "must have 1 to 64 rows of numbers from -1e100 to 1e100"),
    (PRINCIPAL, COMPONENTS, "components", [[1.0]], "must be float64 of shape (any, 3); got float64 of shape (1, 1)"),
]


@pytest.mark.parametrize(("row", "tensors", "name", "value", "rule"), WRONG_TENSORS, ids=range(len(WRONG_TENSORS)))
def test_a_wrong_tensor_is_named(row, tensors, name, value, rule):
    with pytest.raises(FileError) as caught:
        read(row, tensors | {name: np.array(value)})
    assert str(caught.value) == f"preprocessing: tensor `{name}` of `encoders[7]` {rule}."


@pytest.mark.parametrize("row", [None, [], {"kind": "future"}, {"kind": ["piecewise"]}, {}])
def test_what_is_no_row_or_of_no_known_kind_is_refused(row):
    with pytest.raises(FileError, match=r"must be an object|must be one of number, boolean, .*, leaves"):
        read(row)
