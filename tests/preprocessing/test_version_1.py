"""Preprocessing of model files of version 1 is still read; whatever is wrong in one is named."""

import copy

import numpy as np
import pytest

from descend.errors import FileError
from descend.preprocessing.encoders.plain import BooleanEncoder, CategoryEncoder, DateEncoder, NumberEncoder
from descend.preprocessing.target import Task
from descend.preprocessing.version_1 import encoders_from_parts, task_from_parts

PARTS = {
    "target": "y",
    "task": {"kind": "classify", "classes": ["p", "q", "r"], "reason": "It is text."},
    "columns": [
        {"name": "mass", "kind": "number", "indicator": False},
        {"name": "zip", "kind": "category", "levels": ["1", "2", "A"], "rare": 1},
        {"name": "flag", "kind": "boolean"},
        {"name": "when", "kind": "date", "parts": ["year", "week"], "indicator": False},
        {"name": "gap", "kind": "number", "indicator": True},
    ],
    "left_out": {"one": "it has the same value in all rows"},
    "notes": ["a note"],
}
ARRAYS = {
    "center": np.array([3.0, 0.0, 0.0, 19000.0, 2.5]),
    "scale": np.array([1.5, 1.0, 1.0, 30.0, 0.0]),
    "target_scaling": np.array([0.0, 1.0]),
}


def refusal(function, *arguments) -> str:
    with pytest.raises(FileError) as caught:
        function(*arguments)
    return str(caught.value)


def test_parts_and_tensors_make_the_encoders_and_the_task():
    encoders, scaling, (left_out, notes) = encoders_from_parts(PARTS, ARRAYS)
    assert encoders == (
        NumberEncoder("mass", 3.0, 1.5, False),
        CategoryEncoder("zip", ("1", "2", "A"), 1),
        BooleanEncoder("flag"),
        DateEncoder("when", 19000.0, 30.0, ("year", "week"), False),
        NumberEncoder("gap", 2.5, 0.0, True),
    )
    assert (scaling, left_out, notes) == ((0.0, 1.0), PARTS["left_out"], ("a note",))
    assert task_from_parts(PARTS["task"]) == Task("classify", ("p", "q", "r"), "It is text.")


def changed(path, value):
    data = copy.deepcopy(PARTS)
    place = data
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


def read(data):
    encoders_from_parts(data, ARRAYS)
    task_from_parts(data["task"])


LEVELS = "field `columns[1].levels` must be 1 to 255 texts, sorted, different and not empty; got "
CLASSES = (
    "field `task.classes` must be at least two texts, booleans, whole numbers or numbers, sorted and different; got "
)
WRONG = [
    (("target",), ..., "field `target` is missing."),
    (("more",), 1, "field `more` is unknown."),
    (("target",), 3, "field `target` must be a text; got 3."),
    (
        ("target",),
        "mass",
        "field `columns` must differ in name, also from the target; got ['mass', 'zip', 'flag', 'when', 'gap'].",
    ),
    (("columns",), [], "field `columns` must be a list with at least one entry; got []."),
    (("columns", 0), 7, "field `columns[0]` must be an object; got 7."),
    (
        ("columns", 0, "kind"),
        "text",
        "field `columns[0].kind` must be one of number, boolean, category, date; got 'text'.",
    ),
    (
        ("columns", 0, "kind"),
        ["x"],
        "field `columns[0].kind` must be one of number, boolean, category, date; got ['x'].",
    ),
    (("columns", 0, "name"), None, "field `columns[0].name` must be a text; got None."),
    (("columns", 0, "indicator"), 1, "field `columns[0].indicator` must be true or false; got 1."),
    (("columns", 0, "indicator"), ..., "field `columns[0].indicator` is missing."),
    (("columns", 1, "levels"), [], f"{LEVELS}[]."),
    (("columns", 1, "levels"), ["b", "a"], f"{LEVELS}['b', 'a']."),
    (("columns", 1, "levels"), ["a", "a"], f"{LEVELS}['a', 'a']."),
    (("columns", 1, "levels"), ["", "a"], f"{LEVELS}['', 'a']."),
    (("columns", 1, "levels"), [1, 2], f"{LEVELS}[1, 2]."),
    (("columns", 1, "rare"), -1, "field `columns[1].rare` must be a count; got -1."),
    (("columns", 1, "rare"), True, "field `columns[1].rare` must be a count; got True."),
    (
        ("columns", 3, "parts"),
        ["day", "year"],
        "field `columns[3].parts` must be some of year, week, day, in this order; got ['day', 'year'].",
    ),
    (
        ("columns", 3, "parts"),
        ["hour"],
        "field `columns[3].parts` must be some of year, week, day, in this order; got ['hour'].",
    ),
    (("left_out",), [1], "field `left_out` must map names to texts; got [1]."),
    (("left_out",), {"a": 1}, "field `left_out` must map names to texts; got {'a': 1}."),
    (("notes",), "x", "field `notes` must be a list of texts; got 'x'."),
    (("task",), None, "field `task` must be an object; got None."),
    (("task", "kind"), "guess", 'field `task.kind` must be "classify" or "regress"; got \'guess\'.'),
    (("task", "kind"), "regress", "field `task.classes` must be empty for numbers; got ['p', 'q', 'r']."),
    (("task", "reason"), 1, "field `task.reason` must be a text; got 1."),
    (("task", "classes"), ["p"], f"{CLASSES}['p']."),
    (("task", "classes"), ["p", 1], f"{CLASSES}['p', 1]."),
    (("task", "classes"), [2, 1], f"{CLASSES}[2, 1]."),
    (("task", "classes"), [[1], [2]], f"{CLASSES}[[1], [2]]."),
    (("task", "classes"), [0.5, float("inf")], "field `task.classes` must be finite; got [0.5, inf]."),
]


@pytest.mark.parametrize(("path", "value", "expected"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_field_is_named(path, value, expected):
    assert refusal(read, changed(path, value)) == f"preprocessing: {expected}"


def test_a_state_that_is_no_object_is_refused():
    assert refusal(encoders_from_parts, [], {}) == "preprocessing: it must be an object; got []."


@pytest.mark.parametrize(
    ("name", "array", "expected"),
    [
        ("scale", None, "tensor `scale` is missing."),
        ("more", np.zeros(1), "tensor `more` is unknown."),
        ("center", np.zeros(4), "tensor `center` must be float64 of shape (5,); got float64 of shape (4,)."),
        (
            "center",
            np.zeros(5, np.float32),
            "tensor `center` must be float64 of shape (5,); got float32 of shape (5,).",
        ),
        ("center", np.full(5, np.nan), "tensor `center` must hold finite numbers; got nan."),
        ("scale", np.full(5, -1.0), "tensor `scale` must not be negative; got -1.0."),
        ("scale", np.zeros(5), "field `columns[0].indicator` must be true where the scale is 0; got False."),
        ("target_scaling", np.array([0.0, 0.0]), "tensor `target_scaling` must end in a positive number; got 0.0."),
    ],
)
def test_a_wrong_tensor_is_named(name, array, expected):
    arrays = {key: value for key, value in (ARRAYS | {name: array}).items() if value is not None}
    assert refusal(encoders_from_parts, PARTS, arrays) == f"preprocessing: {expected}"
