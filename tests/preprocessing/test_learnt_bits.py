"""Encoders that learn from the target: the same bits for a row alone, and whatever instructions NumPy chooses."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.interactions import fit_interactions
from descend.preprocessing.encoders.leaves import LeafOptions, fit_leaves
from descend.preprocessing.encoders.target_means import fit_target_means
from descend.tables.columns.column import make_column
from leakage import centred, encoded, noise_inputs

ROWS = 1_000


def fitted():
    """Each encoder with the block of its training rows, for three classes and awkward weights; and the inputs."""
    rng = np.random.default_rng(0)
    inputs = noise_inputs(rng, ROWS)
    gaps = np.where(rng.random(ROWS) < 0.1, np.nan, inputs.numbers(Input("x0")))
    inputs = Inputs({**inputs.columns, "x0": make_column("x0", "number", gaps)})
    label = ((gaps > 0.5) * 1 + (inputs.columns["c10"].values == "v3")) % 3
    target, inner, weight = centred(label, 3), rng.permutation(ROWS) % 8, rng.random(ROWS) + 0.5
    chosen = [Input(name) for name in ("c10", "c100", "x0", "x1")]
    return inputs, {
        "target mean": fit_target_means(inputs, "c10", target, inner, weight),
        "interactions": fit_interactions(inputs, chosen, target, inner, None, weight),
        "leaves": fit_leaves(inputs, chosen, target, inner, LeafOptions(trees=12), weight),
    }


@pytest.mark.parametrize("kind", ["target mean", "interactions", "leaves"])
def test_a_row_alone_has_the_bits_that_it_has_among_others(kind):
    inputs, encoders = fitted()
    encoder, block = encoders[kind]
    whole = encoded(encoder, inputs)
    assert encoder.kind == kind
    assert encoder.columns
    assert len(encoder.feature_names) == len(set(encoder.feature_names)) == block.shape[1]
    assert np.isfinite(whole).all()
    assert np.isfinite(block).all()
    assert whole.any(axis=0).all()
    for row in range(0, ROWS, 37):
        np.testing.assert_array_equal(encoded(encoder, inputs.take(np.array([row])))[0], whole[row])


@pytest.mark.parametrize("kind", ["target mean", "interactions", "leaves"])
def test_whatever_comes_later_stays_finite(kind):
    _, encoders = fitted()
    texts = ["", "new", "v0", "v3"]
    later = {name: make_column(name, "category", texts) for name in ("c10", "c100")}
    later |= {name: make_column(name, "number", [np.nan, -1e308, 1e308, 5e-324]) for name in ("x0", "x1")}
    assert np.isfinite(encoded(encoders[kind][0], Inputs(later))).all()


def digest() -> str:
    inputs, encoders = fitted()
    found = hashlib.sha256()
    for encoder, block in encoders.values():
        found.update(block.tobytes())
        found.update(encoded(encoder, inputs).tobytes())
    return found.hexdigest()


def chosen_instructions() -> list[str]:
    """What NumPy found on this machine beyond what it always uses; its names differ from version to version."""
    return np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])


def test_bits_do_not_depend_on_the_instructions_that_numpy_chooses():
    helpers = Path(__file__).resolve().parents[1] / "helpers"
    path = os.pathsep.join([str(helpers), str(Path(__file__).parent)])
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(chosen_instructions()), "PYTHONPATH": path}
    code = "import test_learnt_bits as t; print(t.chosen_instructions(), t.digest())"
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"[] {digest()}"
