"""The fitted state survives the document of a model file; whatever is wrong in one is named."""

import dataclasses
import json

import pytest

from descend.errors import FileError
from descend.preprocessing import serialise
from descend.preprocessing.roles import assign_roles
from descend.preprocessing.target import Task
from descend.preprocessing.transform import Preprocessing, fit_preprocessing
from descend.tables.cells.reading import Reading
from descend.tables.convert import as_table

TRAINING = {
    "mass": [1.0, 2.0, 3.0, 4.5, 5.0, 6.0],
    "zip": ["1", "A", "2", "1", "B", "2"],
    "flag": [True, False, True, True, False, False],
    "when": ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"],
    "price": ["1,5 €", "2,25 €", "n.a.", "0,5 €", "7,125 €", "3 €"],
    "gap": [1, None, 2, 3, 4, 5],
    "one": ["x"] * 6,
    "y": [1.5, 2.0, 4.0, 8.0, 16.0, 32.5],
}


def fitted(**columns) -> Preprocessing:
    table = as_table(TRAINING | columns)
    return fit_preprocessing(table, assign_roles(table, "y"))


def written(prep: Preprocessing) -> dict:
    """What `descend.models.file` writes of a preprocessing."""
    parts = {
        "columns": serialise.column_parts(prep.known_readings()),
        "target": serialise.target_parts(prep.target, prep.task),
        "encoders": [serialise.encoder_parts(encoder)[0] for encoder in prep.encoders],
        "scaling": serialise.scaling_parts(prep.task, prep.target_mean, prep.target_std),
        "left_out": prep.left_out,
        "notes": list(prep.notes),
    }
    return json.loads(json.dumps(parts, allow_nan=False))


def read(parts: dict) -> Preprocessing:
    readings = serialise.columns_from_parts(parts["columns"])
    target, task = serialise.target_from_parts(parts["target"])
    serialise.check_target(readings, target, task)
    encoders = serialise.encoders_from_parts(parts["encoders"], readings, target, "encoders")
    scaling = serialise.scaling_from_parts(parts["scaling"], task, "scaling")
    texts = serialise.texts_from_parts(parts["left_out"], parts["notes"])
    return Preprocessing(encoders, target, task, *scaling, *texts, readings)


@pytest.mark.parametrize("y", [TRAINING["y"], ["p", "q", "r"] * 2, [True, False] * 3, ["TRUE", "FALSE"] * 3])
def test_the_state_survives_json_and_makes_the_same_numbers(y):
    prep = fitted(y=y)
    again = read(written(prep))
    assert again == prep
    assert again.transform(as_table(TRAINING))[0].tobytes() == prep.transform(as_table(TRAINING))[0].tobytes()


def test_how_a_column_is_read_is_written_where_it_is_not_plain():
    parts = {one["name"]: one for one in written(fitted())["columns"]}
    assert parts["mass"] == {"name": "mass", "kind": "number"}
    assert parts["price"] == {
        "name": "price",
        "kind": "number",
        "decimal": ",",
        "suffix": "€",
        "missing": ["n.a."],
    }


FULL = Reading("number", ",", ".", "US$", "kg", True, "dmy", ("-", "~"), ("NA", "None"), True)


def test_every_field_of_a_reading_comes_back():
    parts = serialise.column_parts({"a": FULL, "b": Reading("date", date_format="%d.%m.%Y")})
    assert len(parts[0]) == 1 + len(dataclasses.fields(Reading))
    assert serialise.columns_from_parts(json.loads(json.dumps(parts))) == {
        "a": FULL,
        "b": Reading("date", date_format="%d.%m.%Y"),
    }


COLUMNS = "must be a list with at least two entries"
WORDS = "must be a list of different texts"
LEVELS = "field `encoders[1].levels` must be 1 to 255 texts, sorted, different and not empty; got "
CLASSES = (
    "field `target.classes` must be at least two texts, booleans, whole numbers or numbers, sorted and different; got "
)
MARK = "must be a text of at most 40 letters"
WRONG = [
    (("columns",), [], f"field `columns` {COLUMNS}; got []."),
    (("columns",), {"a": 1}, f"field `columns` {COLUMNS}; got {{'a': 1}}."),
    (("columns", 0), 7, "field `columns[0].name` must be a text; got 7."),
    (
        ("columns", 0, "kind"),
        "text",
        "field `columns[0].kind` must be one of number, category, boolean, date; got 'text'.",
    ),
    (("columns", 0, "name"), ..., "field `columns[0].name` must be a text; got {'kind': 'number'}."),
    (("columns", 0, "weather"), 1, "field `columns[0].weather` is unknown."),
    (("columns", 0, "decimal"), ";", 'field `columns[0].decimal` must be "." or ","; got \';\'.'),
    (("columns", 0, "decimal"), [], 'field `columns[0].decimal` must be "." or ","; got [].'),
    (("columns", 0, "prefix"), "$" * 41, f"field `columns[0].prefix` {MARK}; got '{'$' * 41}'."),
    (("columns", 0, "suffix"), 1, f"field `columns[0].suffix` {MARK}; got 1."),
    (("columns", 0, "date_format"), "x", "field `columns[0].date_format` must be dmy, mdy, ymd or a format; got 'x'."),
    (("columns", 0, "missing"), ["-", "-"], f"field `columns[0].missing` {WORDS}; got ['-', '-']."),
    (("columns", 0, "missing"), "-", f"field `columns[0].missing` {WORDS}; got '-'."),
    (
        ("columns", 0, "kept"),
        ["x"],
        "field `columns[0].kept` must be a list of different words for missing; got ['x'].",
    ),
    (("columns", 0, "asked"), 1, "field `columns[0].asked` must be true or false; got 1."),
    (("target", "name"), ..., "field `target.name` is missing."),
    (("target", "name"), 3, "field `target.name` must be a text; got 3."),
    (("target", "name"), "nowhere", "field `target.name` must be a column of kind category; got 'nowhere'."),
    (("target", "name"), "mass", "field `target.name` must be a column of kind category; got 'mass'."),
    (("target", "task"), "guess", 'field `target.task` must be "classify" or "regress"; got \'guess\'.'),
    (("target", "task"), "regress", "field `target.classes` must be empty for numbers; got ['p', 'q', 'r']."),
    (("target", "reason"), 1, "field `target.reason` must be a text; got 1."),
    (("target", "classes"), ["p"], f"{CLASSES}['p']."),
    (("target", "classes"), ["q", "p"], f"{CLASSES}['q', 'p']."),
    (("target", "classes"), ["p", 1], f"{CLASSES}['p', 1]."),
    (("target", "classes"), [[1], [2]], f"{CLASSES}[[1], [2]]."),
    (("target", "classes"), [0.5, float("inf")], "field `target.classes` must be finite; got [0.5, inf]."),
    (
        ("target", "labels"),
        ["p"],
        "field `target.labels` must be a list of different texts, one for each class, or empty; got ['p'].",
    ),
    (
        ("target", "labels"),
        ["p", "p", "q"],
        "field `target.labels` must be a list of different texts, one for each class, or empty; got ['p', 'p', 'q'].",
    ),
    (("encoders",), [], "field `encoders` must be a list with at least one entry; got []."),
    (("encoders", 0), 7, "field `encoders[0]` must be an object; got 7."),
    (
        ("encoders", 0, "kind"),
        ["x"],
        "field `encoders[0].kind` must be one of number, boolean, category, date; got ['x'].",
    ),
    (("encoders", 0, "column"), None, "field `encoders[0].column` must be a text; got None."),
    (("encoders", 0, "column"), "zip", "field `encoders` must differ in column, also from the target; got "),
    (("encoders", 0, "column"), "y", "field `encoders` must differ in column, also from the target; got "),
    (("encoders", 0, "column"), "one", "field `encoders[0].column` must be a column of kind number; got 'one'."),
    (("encoders", 0, "indicator"), 1, "field `encoders[0].indicator` must be true or false; got 1."),
    (("encoders", 0, "indicator"), ..., "field `encoders[0].indicator` is missing."),
    (("encoders", 0, "center"), "1", "field `encoders[0].center` must be a finite number; got '1'."),
    (("encoders", 0, "center"), float("nan"), "field `encoders[0].center` must be a finite number; got nan."),
    (("encoders", 0, "scale"), -1.0, "field `encoders[0].scale` must be a finite number ≥ 0; got -1.0."),
    (("encoders", 0, "scale"), 10**400, "field `encoders[0].scale` must be a finite number ≥ 0; got 1000"),
    (("encoders", 0, "scale"), 0, "field `encoders[0].indicator` must be true where the scale is 0; got False."),
    (("encoders", 1, "levels"), [], f"{LEVELS}[]."),
    (("encoders", 1, "levels"), ["b", "a"], f"{LEVELS}['b', 'a']."),
    (("encoders", 1, "levels"), ["a", "a"], f"{LEVELS}['a', 'a']."),
    (("encoders", 1, "levels"), ["", "a"], f"{LEVELS}['', 'a']."),
    (("encoders", 1, "levels"), [1, 2], f"{LEVELS}[1, 2]."),
    (("encoders", 1, "rare"), True, "field `encoders[1].rare` must be a count; got True."),
    (
        ("encoders", 3, "parts"),
        ["day", "year"],
        "field `encoders[3].parts` must be some of year, week, day, in this order; got ['day', 'year'].",
    ),
    (("scaling",), None, "field `scaling` must be an object; got None."),
    (("scaling", "kind"), "z-score", "field `scaling.kind` must be \"classes\" for this target; got 'z-score'."),
    (("scaling", "mean"), 0.0, "field `scaling.mean` is unknown."),
    (("left_out",), [1], "field `left_out` must map names to texts; got [1]."),
    (("left_out",), {"a": 1}, "field `left_out` must map names to texts; got {'a': 1}."),
    (("notes",), "x", "field `notes` must be a list of texts; got 'x'."),
]


@pytest.mark.parametrize(("path", "value", "expected"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_field_is_named(path, value, expected):
    parts = written(fitted(y=["p", "q", "r"] * 2))
    place = parts
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    with pytest.raises(FileError) as caught:
        read(parts)
    assert str(caught.value).startswith(f"preprocessing: {expected}")


@pytest.mark.parametrize(("name", "value"), [("mean", None), ("mean", True), ("std", 0.0), ("std", -1), ("std", 1e400)])
def test_a_wrong_scaling_of_numbers_is_named(name, value):
    parts = written(fitted())
    parts["scaling"][name] = value
    with pytest.raises(FileError, match=f"field `scaling.{name}` must be a finite number"):
        read(parts)


def test_a_column_stands_once():
    parts = serialise.column_parts({"a": Reading("number")})
    with pytest.raises(FileError):
        serialise.columns_from_parts(parts * 2)


def test_a_task_with_labels_comes_back():
    task = Task("classify", (False, True), "It holds true and false.", ("FALSE", "TRUE"))
    assert serialise.target_from_parts(serialise.target_parts("y", task)) == ("y", task)
