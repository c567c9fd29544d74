"""What encoders make of a row depends on nothing but the row: no other rows, no instructions that NumPy may choose."""

import os
import subprocess
import sys

import numpy as np
import pytest

import fitted_encoders
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.encoders.plain import BooleanEncoder, CategoryEncoder, DateEncoder, NumberEncoder
from descend.tables.columns.column import make_column

ENCODERS = fitted_encoders.fitted()
EACH = pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.kind)


@pytest.mark.long
def test_bits_do_not_depend_on_the_instructions_of_numpy():
    used = fitted_encoders.instructions()
    if not used:
        pytest.skip("NumPy uses no instructions here that can be switched off")
    command, switched_off = [sys.executable, fitted_encoders.__file__], {"NPY_DISABLE_CPU_FEATURES": " ".join(used)}
    done = subprocess.run(command, env=os.environ | switched_off, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [fitted_encoders.digest()]  # and no instructions


def test_reading_encoders_imports_nothing_that_takes_long():
    code = "import sys, descend.preprocessing.serialise; print({'sklearn', 'scipy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@EACH
def test_a_row_has_the_same_bits_alone_and_among_others(encoder):
    X = fitted_encoders.encoded(encoder, fitted_encoders.table())
    assert np.isfinite(X).all()
    for rows in ([5], [699], [3, 3, 600], range(650, 700)):
        some = fitted_encoders.encoded(encoder, fitted_encoders.table().take(np.array(rows)))
        assert some.tobytes() == X[list(rows)].tobytes()


@EACH
def test_a_block_of_float32_inside_a_wider_one_is_the_same_rounded(encoder):
    X = fitted_encoders.encoded(encoder, fitted_encoders.table())
    wide = np.zeros((len(X), X.shape[1] + 2), dtype=np.float32)
    fitted_encoders.encode_into(encoder, fitted_encoders.table(), wide[:, 1:-1])
    np.testing.assert_array_equal(wide[:, 1:-1], X.astype(np.float32))
    assert not wide[:, [0, -1]].any()


@EACH
def test_whatever_comes_later_stays_finite(encoder):
    numbers, texts = [np.nan, -1e308, 1e308, 5e-324, 0.0], ["", "new", "n7", "red", "left"]
    later = {}
    for name, column in fitted_encoders.table().columns.items():
        values = {"category": texts, "number": numbers}.get(column.kind, [np.nan, 0.0, 1.0, 1.0, 0.0])
        later[name] = make_column(name, column.kind, values)
    assert np.isfinite(fitted_encoders.encoded(encoder, Inputs(later))).all()


@pytest.mark.parametrize(("encoder", "block"), fitted_encoders.targeted(), ids=lambda one: getattr(one, "kind", ""))
def test_training_rows_have_a_block_of_the_same_columns(encoder, block):
    assert block.shape == (fitted_encoders.ROWS, len(encoder.feature_names))
    assert np.isfinite(block).all()
    assert block.any(axis=0).all()


@EACH
def test_an_encoder_says_what_it_reads_makes_and_does(encoder):
    columns = (encoder.name,) if encoder.kind in fitted_encoders.PLAIN else encoder.columns
    assert set(columns) <= set(fitted_encoders.table().columns)
    assert len(set(columns)) == len(columns)
    assert len(set(encoder.feature_names)) == len(encoder.feature_names)
    assert "missing" in encoder.words()
    assert encoder.words()[-1] != "."


MISSING = "missing: 0, the median"
WORDS = [
    (
        NumberEncoder("a", 44.5, 9.25, True),
        f"(x − 44.5) / 9.25, clipped smoothly to ± 3; {MISSING}, and 1 in a second column",
    ),
    (NumberEncoder("a", 44.5, 9.25, False), f"(x − 44.5) / 9.25, clipped smoothly to ± 3; {MISSING}"),
    (NumberEncoder("a", 44.5, 0.0, True), "1 where it is missing, else 0"),
    (BooleanEncoder("a"), "1 for yes, −1 for no; missing: 0"),
    (CategoryEncoder("a", ("x", "y")), "−1 for the first of its two levels, 1 for the second; missing or unseen: 0"),
    (
        CategoryEncoder("a", ("x", "y"), 1200),
        "1 or 0 in a column for each of 2 levels; missing, one of 1,200 rarer ones or unseen: 0 in all",
    ),
    (DateEncoder("a", 0.0, 0.0, (), True), "1 where it is missing, else 0"),
    (
        DateEncoder("a", 10.0, 2.0, ("year",), True),
        "(days − 10) / 2, clipped smoothly to ± 3; sine and cosine of the time of year; missing: 0 in all, and 1 in a "
        "column of its own",
    ),
    (ENCODERS[7], "its rank in 630 quantiles of the training rows, as a normal number; missing: 0"),
    (ENCODERS[10], "piecewise linear between 25 borders, quantiles of the training rows; missing: 0 in all"),
    (ENCODERS[17], "1 in one column for each of its 9 values; missing or another: 0 in all"),
]


@pytest.mark.parametrize(("encoder", "words"), WORDS, ids=range(len(WORDS)))
def test_words_name_the_numbers(encoder, words):
    assert encoder.words() == words
