"""Columns that number the rows are left out; others that may do so are named."""

import numpy as np
import pytest

from descend.preprocessing.roles import assign_roles, is_row_number_name
from descend.tables.convert import as_table

N = 40
COUNTING = list(range(1, N + 1))
GAPS = [3 * i + i // 7 for i in range(N)]
SHUFFLED = np.random.default_rng(0).permutation(N).tolist()
OTHER = [float(i * i % 17) for i in range(N)]
NAMES = ["id", "ID", "Id", "index", "Unnamed: 0", "Unnamed: 0.1", "", " ", "#", "PassengerId", "row_number", "rownames"]
NAMES += [
    "customer_id",
    "order-no",
    "No.",
    "nr",
    "sno",
    "obs",
    "record",
    "level_0",
    "column_1",
    "RowNumber",
    "key",
    "_id",
]


def roles(name, values, **options):
    return assign_roles(as_table({name: values, "x": OTHER, "y": ["p", "q"] * (N // 2)}, **options), "y")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("values", [COUNTING, GAPS, SHUFFLED], ids=["counting", "gaps", "shuffled"])
def test_row_numbers_are_left_out(name, values):
    found = roles(name, values)
    assert found.inputs == ("x",)
    assert found.left_out[name].startswith("it numbers the rows (whole numbers, all different); --type ")


@pytest.mark.parametrize("name", ["price", "humid", "paid", "width", "year", "mass", "grid", "kid", "video", "period"])
@pytest.mark.parametrize("values", [COUNTING, GAPS, SHUFFLED], ids=["counting", "gaps", "shuffled"])
def test_another_column_of_different_whole_numbers_gets_a_note(name, values):
    assert not is_row_number_name(name)
    found = roles(name, values)
    assert found.inputs == (name, "x")
    (note,) = found.notes
    assert note.startswith(f'table: column "{name}" holds whole numbers that are all different.')
    assert note.endswith(f"--drop {name}.")


@pytest.mark.parametrize(
    "values",
    [[i % 39 for i in range(N)], [i + 0.5 for i in range(N)], [None, *range(1, N)]],
    ids=["one twice", "no whole numbers", "a gap in the rows"],
)
def test_what_cannot_number_the_rows_is_an_input(values):
    found = roles("id", values)
    assert (found.inputs, found.notes) == (("id", "x"), ())


def test_a_users_word_keeps_a_row_number():
    assert roles("id", COUNTING, types={"id": "number"}).inputs == ("id", "x")


def test_row_numbers_written_as_texts_are_left_out_too():
    assert roles("id", [str(i) for i in COUNTING]).inputs == ("x",)
    assert roles("id", [f"{i:04d}" for i in COUNTING]).inputs == ("x",)
