"""Every fitted encoder survives its row of a model file; whatever is wrong in one is named."""

import json

import pytest

import fitted_encoders
from descend.errors import FileError
from descend.preprocessing.encoders.plain import CategoryEncoder, NumberEncoder
from descend.preprocessing.serialise import encoder_from_parts, encoder_parts
from descend.tables.cells.reading import Reading

INPUTS = fitted_encoders.table()
READINGS = {name: Reading(column.kind) for name, column in INPUTS.columns.items()} | {"y": Reading("number")}


def read(row, readings=READINGS):
    return encoder_from_parts(row, readings, "y", "encoders[7]")


def copied(row):
    return json.loads(json.dumps(row, allow_nan=False))


@pytest.mark.parametrize("encoder", fitted_encoders.fitted(INPUTS), ids=lambda encoder: encoder.kind)
def test_an_encoder_survives_json_and_makes_the_same_bits(encoder):
    row = copied(encoder_parts(encoder))
    again = read(row)
    assert again == encoder
    assert repr(again) == repr(encoder)  # whole numbers stay whole, others do not become so
    assert fitted_encoders.encoded(again, INPUTS).tobytes() == fitted_encoders.encoded(encoder, INPUTS).tobytes()


@pytest.mark.parametrize("encoder", [NumberEncoder("few", 1.0, 2.0, True), CategoryEncoder("name", ("a", "b"), 3)])
def test_encoders_of_today_are_read_as_well(encoder):
    assert repr(read(copied(encoder_parts(encoder)))) == repr(encoder)


RANK = {"kind": "quantile normal", "column": "few", "part": "", "quantiles": [0.0, 1, 1, 2.5]}
RAMPS = {"kind": "piecewise", "column": "date", "part": "days", "borders": [0.0, 1.0, 2.5], "by": "tree"}
VALUES = {"kind": "number levels", "column": "few", "part": "", "levels": [0.0, 1.0, 2.5]}
FREQUENCY = {"kind": "frequency", "column": "name", "levels": ["a", "b"], "counts": [3, 1]}
HASHED = {"kind": "hashed", "column": "name", "levels": ["a", "b"]}
PRINCIPAL = {
    "kind": "principal",
    "inputs": [{"column": "x0", "part": ""}, {"column": "x1", "part": ""}, {"column": "date", "part": "month"}],
    "centers": [0.0, 1, 2.0],
    "scales": [1.0, 2.0, 3.0],
    "means": [0.0, -3, 3.0],
    "components": [[1.0, 2.0, 3.0], [0.0, 0.0, -1.0]],
}
NOT = float("nan")
ENDLESS = float("inf")
QUANTILES = "must be 2 to 1000 finite numbers, ascending and not all equal"
BORDERS = "must be at least 2 finite numbers, ascending and different"
LEVELS = "must be 3 to 40 finite numbers, ascending and different"
COLUMN = "must be a column of numbers, booleans or dates"
PART = "must be empty for numbers, a part for dates"
PARTS = "must be empty or one of days, year, month, day of month, day of year, weekday, hour"
COMPONENTS = "must be 1 to 64 lists of finite numbers"


@pytest.mark.parametrize("row", [RANK, RAMPS, VALUES, FREQUENCY, HASHED, PRINCIPAL], ids=lambda row: row["kind"])
def test_the_rows_of_these_tests_are_right_as_they_stand(row):
    assert encoder_parts(read(copied(row))) == row


@pytest.mark.parametrize("row", [RANK, RAMPS, VALUES, FREQUENCY, HASHED, PRINCIPAL], ids=lambda row: row["kind"])
def test_every_field_must_be_there_and_no_other(row):
    for name in set(row) - {"kind"}:
        with pytest.raises(FileError, match=rf"field `encoders\[7\].{name}` is missing"):
            read({key: value for key, value in row.items() if key != name})
    with pytest.raises(FileError, match=r"field `encoders\[7\].weather` is unknown"):
        read(row | {"weather": 1})


WRONG = [
    (RANK, "quantiles", [1.0], QUANTILES),
    (RANK, "quantiles", [1.0, 1.0], QUANTILES),
    (RANK, "quantiles", [2.0, 1.0, 3.0], QUANTILES),
    (RANK, "quantiles", list(range(1001)), QUANTILES),
    (RANK, "quantiles", [0.0, ENDLESS], QUANTILES),
    (RANK, "quantiles", [0.0, NOT, 1.0], QUANTILES),
    (RANK, "quantiles", [0, 10**400], QUANTILES),
    (RANK, "quantiles", [False, True], QUANTILES),
    (RANK, "quantiles", "12", QUANTILES),
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
    (PRINCIPAL, "centers", [0.0, 1.0], "must be one for each input"),
    (PRINCIPAL, "centers", [0.0, 1.0, NOT], "must be finite numbers"),
    (PRINCIPAL, "scales", [1.0, 1.0, 0.0], "must be finite numbers above 0"),
    (PRINCIPAL, "means", [0.0, 0.0, 3.5], "must be numbers from -3 to 3"),
    (PRINCIPAL, "components", [], COMPONENTS),
    (PRINCIPAL, "components", [[1.0, 2.0, 3.0]] * 65, COMPONENTS),
    (PRINCIPAL, "components", [[1.0, 2.0, ENDLESS]], COMPONENTS),
    (PRINCIPAL, "components", [1.0, 2.0, 3.0], COMPONENTS),
]


@pytest.mark.parametrize(("row", "name", "value", "rule"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_field_is_named(row, name, value, rule):
    with pytest.raises(FileError) as caught:
        read(row | {name: value})
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
        read(PRINCIPAL | {"inputs": [inputs[0], one, inputs[2]]})
    assert str(caught.value).startswith(f"preprocessing: {expected}")


def test_a_component_has_a_number_for_each_input():
    with pytest.raises(FileError, match=r"field `encoders\[7\].components\[1\]` must have a number for each input"):
        read(PRINCIPAL | {"components": [[1.0, 2.0, 3.0], [1.0, 2.0]]})


@pytest.mark.parametrize("row", [None, [], {"kind": "future"}, {"kind": ["piecewise"]}, {}])
def test_what_is_no_row_or_of_no_known_kind_is_refused(row):
    with pytest.raises(FileError, match=r"must be an object|must be one of number, boolean, .*, principal"):
        read(row)
