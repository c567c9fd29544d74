"""What encoders make of a row depends on nothing but the row: no other rows, no instructions that NumPy may choose."""

import os
import subprocess
import sys

import numpy as np
import pytest

import fitted_encoders

INPUTS = fitted_encoders.table()
ENCODERS = fitted_encoders.fitted(INPUTS)


def test_bits_do_not_depend_on_the_instructions_of_numpy():
    used = fitted_encoders.instructions()
    if not used:
        pytest.skip("NumPy uses no instructions here that can be switched off")
    command, switched_off = [sys.executable, fitted_encoders.__file__], {"NPY_DISABLE_CPU_FEATURES": " ".join(used)}
    done = subprocess.run(command, env=os.environ | switched_off, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [fitted_encoders.digest()]  # and no instructions


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.kind)
def test_a_row_has_the_same_bits_alone_and_among_others(encoder):
    X = fitted_encoders.encoded(encoder, INPUTS)
    assert np.isfinite(X).all()
    for rows in ([5], [699], [3, 3, 600], range(650, 700)):
        some = fitted_encoders.encoded(encoder, INPUTS.take(np.array(rows)))
        assert some.tobytes() == X[list(rows)].tobytes()


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.kind)
def test_a_block_of_float32_inside_a_wider_one_is_the_same_rounded(encoder):
    X = fitted_encoders.encoded(encoder, INPUTS)
    wide = np.zeros((len(X), X.shape[1] + 2), dtype=np.float32)
    encoder.encode(INPUTS, wide[:, 1:-1])
    np.testing.assert_array_equal(wide[:, 1:-1], X.astype(np.float32))
    assert not wide[:, [0, -1]].any()


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.kind)
def test_an_encoder_says_what_it_reads_makes_and_does(encoder):
    assert set(encoder.columns) <= set(INPUTS.columns)
    assert len(set(encoder.feature_names)) == len(encoder.feature_names)
    assert "missing" in encoder.words()
    assert encoder.words()[-1] != "."


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (0, "its rank in 638 quantiles of the training rows, as a normal number; missing: 0"),
        (3, "piecewise linear between 25 borders, quantiles of the training rows; missing: 0 in all"),
        (10, "1 in one column for each of its 9 values; missing or another: 0 in all"),
    ],
)
def test_words_name_the_numbers(place, words):
    assert ENCODERS[place].words() == words
