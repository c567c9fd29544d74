"""Which column plays which part, and why."""

import pytest

from descend.errors import DataError
from descend.preprocessing.roles import Roles, assign_roles
from descend.tables.convert import as_table

N = 40


X = [float(i * i) for i in range(N)]


def roles(y, task="auto", **columns) -> Roles:
    return assign_roles(as_table({"x": X, **columns, "y": y}), "y", task)


def refusal(columns, target="y", *arguments, **options) -> str:
    with pytest.raises(DataError) as caught:
        assign_roles(as_table(columns), target, *arguments, **options)
    return str(caught.value)


DATES = [f"2024-01-{1 + i % 28:02d}" for i in range(N)]


@pytest.mark.parametrize("rows", [1, 4])
def test_too_few_rows_are_refused(rows):
    remedy = " 2 are enough if none are held out: --test 0 --validation 0 (test=0, validation=0)." if rows > 1 else ""
    text = f"table: a table needs at least 5 rows to learn from; got {rows}.{remedy}"
    assert refusal({"x": X[:rows], "y": X[:rows]}) == text


def test_a_table_without_rows_is_refused():
    assert refusal({"x": [], "y": []}) == "table: a table needs at least 5 rows to learn from; got 0."


def test_all_names_that_are_absent_are_told_at_once_with_the_closest():
    text = refusal({"x": X, "island": X, "y": X}, "Y", drop=["ilsand"], group="g", time="x ", weight="w")
    assert text == (
        "table: 5 problems:\n"
        '  - target: there is no column "Y". Did you mean "y"?\n'
        '  - drop: there is no column "ilsand". Did you mean "island"?\n'
        '  - group: there is no column "g". There are: "x", "island", "y".\n'
        '  - time: there is no column "x ". Did you mean "x"?\n'
        '  - weight: there is no column "w". There are: "x", "island", "y".'
    )


def test_the_target_cannot_play_another_part():
    assert refusal({"x": X, "y": X}, "y", drop=["y"], group="y", weight="y") == (
        "table: 3 problems:\n"
        '  - drop: the target "y" cannot be left out.\n'
        '  - group: the target "y" cannot also split the rows. Name another column.\n'
        '  - weight: the target "y" cannot also weight the rows. Name another column.'
    )


def test_columns_that_cannot_help_are_left_out_with_the_reason():
    left_out = roles(
        X,
        unit=["cm"] * N,
        one=[1.0] * N,
        nothing=[None] * N,
        name=[f"n{i}" for i in range(N)],
        rownames=list(range(1, N + 1)),
        Id=list(range(N)),
    ).left_out
    assert left_out == {
        "unit": 'it has the same value in all rows, "cm"',
        "one": "it has the same value in all rows, 1",
        "nothing": "it has no values",
        "name": "nearly every row has its own text (40 different values), so it is an identifier",
        "rownames": "it numbers the rows (whole numbers, all different); --type rownames=number keeps it",
        "Id": "it numbers the rows (whole numbers, all different); --type Id=number keeps it",
    }


def test_columns_that_can_help_are_inputs():
    inputs = roles(
        X,
        half=["a", None] * 20,
        counting=list(range(N)),
        id=[7, *range(1, N)],
        texts=[f"t{i // 2}" for i in range(N)],
        date=DATES,
        flag=[True, False] * 20,
    ).inputs
    assert inputs == ("x", "half", "counting", "id", "texts", "date", "flag")


@pytest.mark.parametrize(
    ("rows", "distinct", "out"), [(20, 20, False), (21, 21, True), (40, 38, True), (40, 37, False)]
)
def test_text_is_an_identifier_if_nearly_all_of_more_than_twenty_values_differ(rows, distinct, out):
    name = [f"n{i % distinct}" for i in range(rows)]
    table = as_table({"x": X[:rows], "name": name, "y": [0, 1] * (rows // 2) + [0] * (rows % 2)})
    assert ("name" in assign_roles(table, "y").left_out) is out


def test_columns_for_the_split_and_dropped_ones_are_no_inputs():
    columns = {"x": X, "g": ["a", "b"] * 20, "when": DATES, "step": X, "out": X, "y": X}
    found = assign_roles(as_table(columns), "y", drop=["out"], group="g", time="step")
    assert found.inputs == ("x", "when")
    assert found.left_out == {
        "g": "it names the groups by which rows are split",
        "step": "it is the time by which rows are split",
        "out": "it was dropped on request",
    }
    assert "when" in assign_roles(as_table(columns), "y", time="when").inputs
    assert "when" not in assign_roles(as_table(columns), "y", drop=["when"], time="when").inputs


def test_a_table_without_a_useful_input_is_refused_with_all_reasons():
    assert refusal({"unit": ["cm"] * 6, "gone": [None] * 6, "y": X[:6]}) == (
        "table: at least one input column is needed; none is left "
        '("unit": it has the same value in all rows, "cm"; "gone": it has no values).'
    )
    assert refusal({"y": X}) == (
        "table: at least one input column is needed; none is left (the target is the only column)."
    )
