"""Categories of many levels: by frequency, and the rare ones by a hash of their texts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.preprocessing.encoders.frequencies import FrequencyEncoder, fit_frequencies
from descend.preprocessing.encoders.hashed import HashedEncoder, fit_hashed
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.plain import fit_encoder
from descend.tables.columns.column import make_column

C = Input("c")
TOWNS = [f"t{k:02d}" for k in range(21) for _ in range(k + 1)]
NAMES = [f"n{k:03d}" for k in range(600) for _ in range(1 + (k >= 500))]


def inputs_of(texts) -> Inputs:
    return Inputs({"c": make_column("c", "category", texts)})


def encoded(encoder, texts) -> np.ndarray:
    out = np.zeros((len(texts), len(encoder.feature_names)))
    assert encoder.encode(inputs_of(texts), out) is None
    return out


def test_a_level_becomes_half_the_log_of_its_rows_and_one():
    encoder = fit_frequencies(inputs_of([*TOWNS, ""]), C)
    assert encoder.feature_names == ("c by frequency",)
    X = encoded(encoder, ["t20", "", "t00", "new", "t04"])[:, 0]
    np.testing.assert_allclose(X, [math.log(22) / 2, 0, math.log(2) / 2, 0, math.log(6) / 2], rtol=1e-15)


def test_counts_belong_to_their_levels_in_any_order_of_rows():
    shuffled = list(np.random.default_rng(0).permutation(TOWNS))
    assert fit_frequencies(inputs_of(shuffled), C) == fit_frequencies(inputs_of(TOWNS), C)
    assert fit_frequencies(inputs_of(shuffled), C).counts == tuple(range(1, 22))


def test_levels_of_other_rows_are_not_counted():
    rows = inputs_of(["x", *TOWNS]).take(np.arange(1, len(TOWNS) + 1))
    assert "x" not in fit_frequencies(rows, C).levels


def test_up_to_20_levels_have_no_frequency_and_up_to_255_no_hash():
    assert fit_frequencies(inputs_of([town for town in TOWNS if town != "t07"]), C) is None
    assert fit_frequencies(inputs_of([""] * 3), C) is None
    assert fit_hashed(inputs_of([f"n{k}" for k in range(255)]), C) is None
    assert fit_hashed(inputs_of([f"n{k}" for k in range(256)]), C) is not None


def test_the_levels_without_a_hash_are_those_that_have_a_column():
    column = make_column("c", "category", NAMES)
    assert fit_hashed(Inputs({"c": column}), C).levels == fit_encoder(column).levels


def test_rare_and_unseen_levels_have_one_column_each_and_are_not_all_alike():
    encoder = fit_hashed(inputs_of(NAMES), C)
    rare = sorted(set(NAMES) - set(encoder.levels)) + [f"unseen {k}" for k in range(400)]
    X = encoded(encoder, rare)
    assert (np.abs(X).sum(axis=1) == 1).all()
    assert len(np.unique(X, axis=0)) == 64
    assert np.abs(np.abs(X).sum(axis=0) - len(rare) / 32).max() < 4 * math.sqrt(len(rare) / 32)
    assert abs(X.sum()) < 4 * math.sqrt(len(rare))


def test_missing_and_frequent_levels_have_no_hash():
    encoder = fit_hashed(inputs_of(NAMES), C)
    X = encoded(encoder, ["", encoder.levels[0], "n599", "new"])
    assert np.abs(X).sum(axis=1).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(("text", "column", "sign"), [("123456789", 6, -1), ("Zürich", 30, -1), ("unseen", 25, 1)])
def test_a_hash_is_the_crc_32_of_the_text(text, column, sign):
    register = 0xFFFFFFFF  # bit by bit, as the standard defines it; of "123456789" it is CBF43926
    for byte in text.encode():
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xEDB88320 if register & 1 else 0)
    hash_ = register ^ 0xFFFFFFFF
    assert (hash_ % 32, 1 - 2 * (hash_ >> 31)) == (column, sign)
    X = encoded(HashedEncoder("c", ("x",)), [text])
    assert X[0, column] == sign
    assert np.abs(X).sum() == 1


@given(st.lists(st.text(max_size=5), min_size=1, max_size=20), st.lists(st.text(max_size=5), min_size=1, max_size=5))
def test_any_text_becomes_finite_numbers(levels, later):
    known = tuple(sorted(set(levels) - {""}))
    for encoder in (FrequencyEncoder("c", known, (3,) * len(known)), HashedEncoder("c", known)):
        X = encoded(encoder, levels + later)
        assert np.isfinite(X).all()
        assert np.abs(X).max() <= 1
        np.testing.assert_array_equal(X[-1], encoded(encoder, later[-1:])[0])
