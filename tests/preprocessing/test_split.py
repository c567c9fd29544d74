"""Every row is in exactly one part; parts have their shares; nothing leaks by group or time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import DataError, SpecError
from descend.preprocessing.roles import assign_roles
from descend.preprocessing.split import Split, train_validation_test_split
from descend.tables.convert import as_table


def split(columns, **options) -> Split:
    table = as_table(columns)
    used = {name: options[name] for name in ("group", "time") if name in options}
    return train_validation_test_split(table, assign_roles(table, "y", **used), **options)


def refusal(error, columns, **options) -> str:
    with pytest.raises(error) as caught:
        split(columns, **options)
    return str(caught.value)


def numbers(rows: int) -> dict[str, list[float]]:
    return {"x": [float(i) for i in range(rows)], "y": [i + 0.5 for i in range(rows)]}


def parts(found: Split) -> list[np.ndarray]:
    return [found.train, found.validation, found.test]


def assert_partition(found: Split, rows: int) -> None:
    assert np.sort(np.concatenate(parts(found))).tolist() == list(range(rows))
    assert all(part.dtype == np.int64 and (np.diff(part) > 0).all() for part in parts(found))


SHARES = st.sampled_from([0, 0.1, 0.2, 0.5, 0.9, 0.99])


@given(st.integers(5, 60), SHARES, SHARES, st.integers(0, 3), st.integers(2, 8))
def test_every_row_is_in_exactly_one_part_and_no_part_is_empty(rows, test, validation, seed, classes):
    for y in (numbers(rows)["y"], [f"c{min(i, classes) % classes}" for i in range(rows)]):
        found = split({"x": numbers(rows)["x"], "y": y}, test=test, validation=validation, seed=seed)
        assert_partition(found, rows)
        assert len(found.train) > 0
        assert (len(found.test) > 0) == (test > 0)
        assert (len(found.validation) > 0) == (validation > 0)


def test_parts_have_their_shares():
    found = split(numbers(100))
    assert [len(part) for part in parts(found)] == [64, 16, 20]
    assert found.description == "drawn at random"


def test_rows_without_a_test_or_validation_share_all_train():
    found = split(numbers(10), test=0, validation=0)
    assert found.train.tolist() == list(range(10))
    assert len(found.validation) == len(found.test) == 0


def test_one_seed_gives_one_split_and_another_seed_another():
    assert [part.tolist() for part in parts(split(numbers(50), seed=3))] == [
        part.tolist() for part in parts(split(numbers(50), seed=3))
    ]
    assert split(numbers(50), seed=3).test.tolist() != split(numbers(50), seed=4).test.tolist()


def test_every_row_is_as_likely_to_be_a_test_row():
    counts = np.zeros(20)
    for seed in range(400):
        counts[split(numbers(20), seed=seed).test] += 1
    assert counts.sum() == 1600
    assert counts.min() > 80 - 5 * 8  # 5 standard deviations of a binomial(400, 0.2)
    assert counts.max() < 80 + 5 * 8


@given(st.lists(st.integers(1, 40), min_size=2, max_size=6), st.integers(0, 5))
def test_classes_have_the_same_shares_in_all_parts(sizes, seed):
    y = [f"c{k}" for k, size in enumerate(sizes) for _ in range(size)]
    if len(y) < 5:
        return
    found = split({"x": numbers(len(y))["x"], "y": y}, seed=seed)
    labels = np.array(y)
    for k, size in enumerate(sizes):
        got = [int((labels[part] == f"c{k}").sum()) for part in parts(found)]
        assert got[0] >= 1
        if min(sizes) >= 5:
            assert abs(got[2] - 0.2 * size) < 1.5
            assert abs(got[1] - 0.16 * size) < 2


def test_a_class_with_one_row_trains():
    y = ["a"] * 10 + ["b"] * 10 + ["rare"]
    for seed in range(20):
        assert 20 in split({"x": numbers(21)["x"], "y": y}, seed=seed).train


# ---------------------------------------------------------------- groups


@given(st.lists(st.integers(1, 30), min_size=3, max_size=12), st.integers(0, 5))
def test_whole_groups_stay_together(sizes, seed):
    group = [f"g{k}" for k, size in enumerate(sizes) for _ in range(size)]
    if len(group) < 5:
        return
    order = np.random.default_rng(0).permutation(len(group))
    group = [group[i] for i in order]
    found = split(numbers(len(group)) | {"g": group}, group="g", seed=seed)
    assert_partition(found, len(group))
    names = [{group[i] for i in part} for part in parts(found)]
    assert all(names)
    assert sum(map(len, names)) == len(sizes)


@given(st.lists(st.integers(1, 30), min_size=3, max_size=8), SHARES, SHARES, st.integers(0, 5))
def test_a_part_of_groups_is_empty_only_if_its_share_is_0(sizes, test, validation, seed):
    group = [k for k, size in enumerate([*sizes, 2]) for _ in range(size)]
    found = split(numbers(len(group)) | {"g": group}, group="g", test=test, validation=validation, seed=seed)
    assert_partition(found, len(group))
    assert [len(part) > 0 for part in parts(found)] == [True, validation > 0, test > 0]


def test_a_group_is_left_to_validate_when_the_test_group_was_large():
    columns = numbers(14) | {"g": [0] * 12 + [1, 2]}
    for seed in range(6):
        found = split(columns, group="g", test=0.5, validation=0.2, seed=seed)
        assert found.description == 'in whole groups of "g" (1, 1 and 1 groups)'


def test_groups_of_equal_size_give_parts_of_the_right_size():
    found = split(numbers(200) | {"g": [i // 4 for i in range(200)]}, group="g")
    assert [len(part) for part in parts(found)] == [128, 32, 40]
    assert found.description == 'in whole groups of "g" (32, 8 and 10 groups)'


def test_a_class_that_lies_in_one_held_out_group_is_told():
    columns = {"x": numbers(12)["x"], "g": ["p"] * 4 + ["q"] * 4 + ["r"] * 4, "y": ["a", "b"] * 4 + ["c"] * 4}
    told = [split(columns, group="g", seed=seed).description for seed in range(6)]
    assert 'in whole groups of "g" (1, 1 and 1 groups); no training row has the class "c"' in told
    assert 'in whole groups of "g" (1, 1 and 1 groups)' not in told


# ---------------------------------------------------------------- time


def test_the_last_rows_by_time_are_test_rows_and_those_before_them_validation_rows():
    order = np.random.default_rng(1).permutation(100)
    found = split(numbers(100) | {"t": order.astype(float) / 4}, time="t")
    assert sorted(order[found.test]) == list(range(80, 100))
    assert sorted(order[found.validation]) == list(range(64, 80))
    assert found.description == 'in the order of "t" (validation from 16, test from 20)'


def test_a_split_by_dates_names_them():
    days = [f"2024-01-{day:02d}" for day in range(1, 11)]
    found = split(numbers(10) | {"day": days}, time="day")
    assert [len(part) for part in parts(found)] == [6, 2, 2]
    assert found.description == 'in the order of "day" (validation from 2024-01-07, test from 2024-01-09)'


@given(st.lists(st.integers(0, 6), min_size=5, max_size=60))
def test_rows_of_the_same_time_stay_together(times):
    if len(set(times)) < 3:
        return
    found = split(numbers(len(times)) | {"t": times}, time="t")
    assert_partition(found, len(times))
    moments = [np.array(times)[part] for part in parts(found)]
    assert moments[0].max() < moments[1].min()
    assert moments[1].max() < moments[2].min()


def test_a_split_by_time_without_test_or_validation_rows_is_possible():
    columns = numbers(10) | {"t": list(range(10))}
    assert split(columns, time="t", test=0).validation.tolist() == [8, 9]
    assert split(columns, time="t", validation=0).test.tolist() == [8, 9]
    assert split(columns, time="t", test=0, validation=0).train.tolist() == list(range(10))


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("share", [1, -0.1, float("nan"), True])
def test_a_share_outside_its_range_is_refused(share):
    assert (
        refusal(SpecError, numbers(10), test=share) == f"split: `test` must be a share of rows in [0, 1); got {share}."
    )


def test_group_and_time_exclude_each_other_and_all_problems_are_told():
    columns = numbers(10) | {"g": [0, 1] * 5, "t": list(range(10))}
    assert refusal(SpecError, columns, test=2, validation=-1, group="g", time="t") == (
        "split: 3 problems:\n"
        "  - `test` must be a share of rows in [0, 1); got 2.\n"
        "  - `validation` must be a share of rows in [0, 1); got -1.\n"
        '  - rows can be split by `group` or by `time`, not both; got group="g" and time="t".'
    )


@pytest.mark.parametrize(
    ("columns", "options", "expected"),
    [
        (
            {"g": [0, 1] * 5},
            {"group": "g"},
            'table: 3 parts need at least 3 groups of rows in "g"; got 2.',
        ),
        ({"t": [0, 1] * 5}, {"time": "t"}, 'table: 3 parts need at least 3 different times in "t"; got 2.'),
        (
            {"g": [0, 1, None, 2, None] * 2},
            {"group": "g"},
            'table: the group column "g" must have a value in every row; it is missing in rows 3, 5, 8, 10. '
            "Remove those rows, or fill the cells.",
        ),
        (
            {"t": ["late", "soon"] * 5},
            {"time": "t"},
            'table: the time column "t" must hold dates (such as 2024-02-29) or numbers; it holds text such as "late".',
        ),
        (
            {"t": [True, False] * 5},
            {"time": "t"},
            'table: the time column "t" must hold dates (such as 2024-02-29) or numbers; it holds booleans.',
        ),
    ],
)
def test_a_column_that_cannot_split_is_refused(columns, options, expected):
    assert refusal(DataError, numbers(10) | columns, **options) == expected
