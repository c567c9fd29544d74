"""Fits of encoders look between parts of their work whether they are to go on, and end if not."""

import numpy as np
import pytest

from descend.models.blends.block_table import TARGETED, UNTARGETED
from descend.models.blends.blocks import Blocks
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.interactions import fit_interactions
from descend.preprocessing.encoders.leaves import LeafOptions, fit_leaves
from descend.preprocessing.encoders.search import SearchOptions
from descend.preprocessing.encoders.stopping import FitStopped
from descend.preprocessing.folds import Dealing, make_folds
from descend.spec.indexed import expanded
from descend.tables.columns.column import make_column

ROWS, COLUMNS = 320, 6
RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(ROWS, COLUMNS)).round(1)
TARGET = ((X[:, 0] > 0) ^ (X[:, 1] > 0))[:, None] - 0.5
INNER = np.arange(ROWS) % 8
NAMES = [f"x{j}" for j in range(COLUMNS)]
TABLE = Inputs({name: make_column(name, "number", X[:, j]) for j, name in enumerate(NAMES)})


class Watch:
    """A look that counts, and ends the work when it is asked for the last time."""

    def __init__(self, last=None):
        self.looks, self.last = 0, last

    def __call__(self):
        self.looks += 1
        if self.looks == self.last:
            raise FitStopped


FITS = {
    "interactions": lambda look: fit_interactions(
        TABLE, list(map(Input, NAMES)), TARGET, INNER, SearchOptions(bins=8), look=look
    ),
    "leaves": lambda look: fit_leaves(TABLE, list(map(Input, NAMES)), TARGET, INNER, LeafOptions(trees=20), look=look),
}


@pytest.mark.parametrize(("fit", "parts"), [("interactions", COLUMNS + 2 + 2 + 8), ("leaves", COLUMNS + 20)])
def test_a_fit_looks_before_each_part_and_gives_the_same_as_without(fit, parts):
    watch = Watch()
    encoder, block = FITS[fit](watch)
    assert watch.looks == parts  # inputs, 15 pairs and 20 triples a dozen at a time, inner folds; inputs and trees
    assert encoder is not None
    calm, own = FITS[fit](lambda: None)
    assert np.array_equal(own, block)
    assert calm.feature_names == encoder.feature_names


@pytest.mark.parametrize("last", [1, 7, 15])
@pytest.mark.parametrize("fit", FITS)
def test_a_look_that_raises_ends_the_fit_at_once(fit, last):
    watch = Watch(last)
    with pytest.raises(FitStopped):
        FITS[fit](watch)
    assert watch.looks == last


def made_blocks():
    folds = make_folds(Dealing(order=TARGET[:, 0]), 3, np.random.default_rng(0))
    return Blocks(TABLE, [], TARGET + 0.5, None, Dealing(order=TARGET[:, 0]), folds, 0)


def test_blocks_look_at_every_input_and_keep_nothing_half_done():
    names, watch = [*UNTARGETED, *TARGETED], Watch()
    whole = made_blocks().seen(names, 0, watch)
    assert watch.looks > len(names) * COLUMNS
    for last in (8, watch.looks // 2, watch.looks):
        blocks = made_blocks()
        with pytest.raises(FitStopped):
            blocks.seen(names, 0, Watch(last))
        assert np.array_equal(expanded(blocks.seen(names, 0).train), expanded(whole.train))
