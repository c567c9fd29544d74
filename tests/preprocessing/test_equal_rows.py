"""Rows that are equal: kept on one side of a split, and known again when a model is judged on what it has learnt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.preprocessing.equal_rows import by_nature, equal_rows, row_hashes
from descend.preprocessing.learnt import MOST_BYTES, LearntRows
from descend.preprocessing.roles import assign_roles
from descend.preprocessing.split import train_validation_test_split
from descend.tables.convert import as_table

CELLS = st.one_of(st.none(), st.sampled_from(["a", "b", "1", "1.0", ""]))


@given(st.lists(st.tuples(st.sampled_from([1.0, -0.0, 0.0, None, 2.5]), CELLS, st.booleans()), min_size=1, max_size=30))
def test_rows_are_equal_where_all_their_cells_are(rows):
    a, b, c = zip(*rows, strict=True)
    table = as_table({"a": a, "b": ["x" if one is None else f"t{one}" for one in b], "c": c})
    groups = equal_rows(table, ["a", "b", "c"])
    cells = [tuple(table.raw_row(row).values()) for row in range(table.rows)]
    for one in range(len(rows)):
        for other in range(len(rows)):
            assert (groups[one] == groups[other]) == (cells[one] == cells[other])
    assert groups.tolist() == [list(dict.fromkeys(groups.tolist())).index(group) for group in groups]


def repeated(different: int, times: int, seed: int = 0) -> dict:
    rows = np.random.default_rng(seed).permutation(np.repeat(np.arange(different), times))
    return {"x": (rows * 1.37).tolist(), "w": (rows * 0.61 % 7).tolist(), "y": [f"c{row % 2}" for row in rows]}


@pytest.mark.parametrize(("different", "times"), [(90, 2), (60, 3), (150, 2)])
def test_equal_rows_stay_on_one_side_aloud(different, times):
    columns = repeated(different, times)
    extra = {name: values + values[:5] for name, values in columns.items()}
    table = as_table(extra)
    roles = assign_roles(table, "y")
    for seed in range(3):
        split = train_validation_test_split(table, roles, 0.2, 0.2, seed=seed)
        groups = equal_rows(table, ["x", "w", "y"])
        sides = [set(groups[part].tolist()) for part in (split.train, split.validation, split.test)]
        assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]
        assert all(sides)
    (note,) = split.notes
    assert note.endswith("rows repeat others; equal rows stay on one side of the split.")


def test_one_row_that_repeats_another_is_told_in_the_singular():
    rows = [*range(30), 0]
    table = as_table({"x": [float(k) for k in rows], "y": [k * k + 0.5 for k in rows]})
    (note,) = train_validation_test_split(table, assign_roles(table, "y"), 0.2, 0.2).notes
    assert note == "table: 1 of 31 rows repeats another; equal rows stay on one side of the split."


def test_where_few_rows_differ_by_nature_it_is_only_noted():
    votes = as_table({"a": ["y", "n"] * 60, "b": ["y", "y", "n"] * 40, "party": ["left", "right"] * 60})
    split = train_validation_test_split(votes, assign_roles(votes, "party"), 0.2, 0.2)
    assert split.notes == (
        "table: 116 of 120 rows repeat others; most rows do, so equal rows may stand on both sides of the split.",
    )
    assert by_nature(votes, ["a", "b"], equal_rows(votes, ["a", "b", "party"]))
    copies = as_table(repeated(60, 3))
    assert not by_nature(copies, ["x", "w"], equal_rows(copies, ["x", "w", "y"]))


def test_without_equal_rows_nothing_is_said():
    table = as_table(repeated(100, 1))
    assert train_validation_test_split(table, assign_roles(table, "y"), 0.2, 0.2).notes == ()


# ---------------------------------------------------------------- rows that were learnt


@pytest.mark.parametrize("rows", [1, 5, 48, 1000, 100_000])
def test_all_rows_that_were_learnt_are_found_and_hardly_another(rows):
    drawn = np.random.default_rng(rows).integers(0, 2**63, size=rows + 100_000, dtype=np.uint64)
    learnt = LearntRows.of(drawn[:rows], b"salt")
    assert learnt.count(drawn[:rows]) == rows
    assert learnt.count(drawn[rows:]) < (200 if rows > 40 else 2000)  # of 100,000
    assert learnt.bits.nbytes <= min(2 * rows, MOST_BYTES)


def test_of_many_rows_the_hashes_stay_small_and_the_count_about_right():
    drawn = np.random.default_rng(1).integers(0, 2**63, size=600_000, dtype=np.uint64)
    learnt = LearntRows.of(drawn[:500_000], b"salt")
    assert (learnt.bits.nbytes, learnt.one_in) == (MOST_BYTES, 4)
    assert learnt.count(drawn[400_000:]) == pytest.approx(100_000, rel=0.03)
    assert learnt.count(drawn[500_000:]) < 1000
    assert learnt.count(drawn[:0]) == 0


def test_equal_rows_have_other_hashes_in_another_model():
    hashes = np.arange(1000, dtype=np.uint64)
    one, other = (LearntRows.of(hashes, salt) for salt in (b"one", b"other"))
    assert one.salt != other.salt
    assert (one.bits != other.bits).mean() > 0.9


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=8))
def test_a_hash_depends_on_every_cell_and_its_place(cells):
    X, Y = np.array([cells[:-1]]), np.array([cells[-1:]])
    (whole,) = row_hashes(X, Y)
    assert row_hashes(X.astype(np.float32), Y.astype(np.float32))[0] == whole
    for place in range(len(cells) - 1):
        other = X.copy()
        other[0, place] = 1.5 if X[0, place] != 1.5 else 2.5
        assert row_hashes(other, Y)[0] != whole
    if len(cells) > 2 and cells[0] != cells[1]:
        assert row_hashes(X[:, [1, 0, *range(2, X.shape[1])]], Y)[0] != whole


def trained(**options):
    rows = np.random.default_rng(0).normal(size=(200, 3))
    columns = {"a": rows[:, 0], "b": rows[:, 1], "y": ["p" if one > 0 else "q" for one in rows.sum(axis=1)]}
    given = {
        "hidden": (2,),
        "epochs": 1,
        "restarts": 1,
        "engine": "reference",
        "validation": 0.2,
        "test": 0.2,
    } | options
    return columns, train(understand(columns, "y", TrainOptions(**given)))


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")
def test_a_model_says_how_many_rows_of_a_table_it_has_learnt():
    columns, done = trained()
    assert done.test.learnt == 0
    learnt = done.model.learnt
    assert (learnt.rows, learnt.bits.nbytes) == (160, 320)
    assert done.model.evaluate(columns).learnt == 160
    new = {"a": [9.5, 8.25], "b": [1.0, 2.0], "y": ["p", "q"]}
    assert done.model.evaluate(new).learnt == 0
    some = {name: [*values[:40], *new[name]] for name, values in columns.items()}
    assert 25 <= done.model.evaluate(some).learnt <= 40


def test_rows_of_a_test_table_that_were_learnt_are_counted():
    columns, done = trained(test=0, validation=0)
    test = as_table({name: values[:50] for name, values in columns.items()})
    assert trained(test=test, validation=0)[1].test.learnt == 50
    assert done.test is None


def test_the_hashes_can_be_left_out():
    columns, done = trained(row_hashes=False)
    assert done.model.learnt is None
    assert done.model.evaluate(columns).learnt is None
