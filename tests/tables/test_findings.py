"""What is found out about a column: of pieces it adds up to what is found in the whole."""

import dataclasses
import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from awkward import THEMES
from descend.tables.cells.findings import LOOKED_AT, MOST_TEXTS, Findings, find_out
from descend.tables.cells.texts import Texts
from descend.tables.columns.decide import decide

CELLS = st.one_of(
    st.sampled_from([cell for theme in THEMES for cell in theme]), st.text(max_size=4), st.integers().map(str)
)


def parts(values, cuts):
    ends = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    return [values[start:end] for start, end in itertools.pairwise(ends)]


def added(pieces, **words) -> Findings:
    total = Findings()
    for piece in pieces:
        total = total.plus(find_out(Texts.of(piece), **words))
    return total


@given(st.lists(CELLS, max_size=60), st.lists(st.integers(0, 60), max_size=4))
def test_findings_of_pieces_add_up_to_those_of_the_whole(values, cuts):
    whole = find_out(Texts.of(values), words=["red"], kept=["NA"])
    assert added(parts(values, cuts), words=["red"], kept=["NA"]) == whole


@given(
    st.lists(st.sampled_from([f"{i % 45}.{i % 3}" for i in range(200)]), min_size=50, max_size=120), st.integers(0, 120)
)
def test_pieces_forget_spellings_where_the_whole_does(values, cut):
    assert added(parts(values, [cut])).spellings == find_out(Texts.of(values)).spellings


def test_their_size_is_bounded():
    words = [f"word {i}" for i in range(3 * MOST_TEXTS)]
    for found in (find_out(Texts.of(words)), added(parts(words, [100, 2500]))):
        assert len(found.texts) == MOST_TEXTS
        assert found.other == (2 * MOST_TEXTS, MOST_TEXTS, f"word {MOST_TEXTS}")
        assert found.count("texts") == len(words)
    numbers = find_out(Texts.of([f"{i}.5" for i in range(5000)]))
    assert (len(numbers.numbers), numbers.spellings) == (1, None)


def test_the_first_row_of_each_way_of_writing_is_kept():
    pieces = [["1", "x"], ["", "NA", "2.5"], ["x", "$3", "007", "2.5"]]
    found = added(pieces)
    assert {
        style.shape: (one.cells, one.row, one.text) for style, one in found.numbers.items() if not style.prefix
    } == {
        "few digits": (1, 0, "1"),
        "dot": (2, 4, "2.5"),
        "zeros": (1, 7, "007"),
    }
    assert (found.texts["x"], found.missing["NA"], found.rows, found.empty) == ((2, 1, "x"), (1, 3, "NA"), 9, 1)


SERIES = {
    "whole": [str(i) for i in range(LOOKED_AT + 500)],
    "decimals": [f"{i}.{i % 10}" for i in range(LOOKED_AT + 500)],
    "with words": ["NA" if i % 7 == 0 else f"{i}.5" for i in range(LOOKED_AT + 500)],
    "exponents": [f"{i}e3" for i in range(LOOKED_AT + 500)],
    "large": [str(2**53 + i) for i in range(LOOKED_AT + 500)],
    "a slip": [*map(str, range(LOOKED_AT + 400)), "x"],
    "late zeros": [*map(str, range(LOOKED_AT + 400)), "007"],
    "late dots": [*map(str, range(LOOKED_AT + 400)), "1.5"],
    "late ends": [*(f"{i}.5" for i in range(LOOKED_AT + 400)), "1.50"],
    "infinite": [*map(str, range(LOOKED_AT + 400)), "inf"],
}


@pytest.mark.parametrize("name", SERIES)
def test_a_long_column_of_plain_numbers_is_decided_as_cell_by_cell(name):
    values = SERIES[name]
    fast = find_out(Texts.of_series(pl.Series(values)))
    slow = find_out(Texts.of(values))
    for count in ("numbers", "texts", "missing", "dates"):
        assert fast.count(count) == slow.count(count), count
    made = [decide({"a": one})["a"] for one in (fast, slow)]
    assert made[0].reading == made[1].reading
    assert [note.rule for note in made[0].notes] == [note.rule for note in made[1].notes]
    assert (fast.beyond is None) == (slow.beyond is None)


def test_every_field_counts():
    """A field that `plus` forgets would be that of an empty piece."""
    values = ["1.10", "2.5", "x", "NA", "", "2024-01-02", "15.04.2021", "9" * 20, "1.234.567"]
    found, nothing = find_out(Texts.of(values)), Findings()
    one_by_one = added([[value] for value in values])
    for each in dataclasses.fields(Findings):
        assert getattr(one_by_one, each.name) == getattr(found, each.name), each.name
        if each.name not in ("other",):
            assert getattr(found, each.name) != getattr(nothing, each.name), each.name
