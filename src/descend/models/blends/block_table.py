"""The table of blocks: what each is made of, by the kinds of the inputs of a table.

A block that needs no target is fitted once, on all training rows. One that needs the target is fitted again for each
fold, on the fold's own training rows, and gives these rows what other rows (of inner folds) say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.models.blends.encoded import leaf_fields
from descend.preprocessing.encoders.boosting import LeafOptions
from descend.preprocessing.encoders.frequencies import fit_frequencies
from descend.preprocessing.encoders.hashed import fit_hashed
from descend.preprocessing.encoders.inputs import Input, Inputs, numeric_inputs
from descend.preprocessing.encoders.interactions import fit_interactions
from descend.preprocessing.encoders.leaves import fit_leaves
from descend.preprocessing.encoders.number_levels import fit_number_levels
from descend.preprocessing.encoders.piecewise import fit_piecewise, fit_piecewise_by_target
from descend.preprocessing.encoders.principal import fit_principal
from descend.preprocessing.encoders.quantile_normal import fit_quantile_normal
from descend.preprocessing.encoders.search import SearchOptions
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.preprocessing.encoders.target_means import fit_target_means
from descend.spec.indexed import IndexedRows, Samples
from descend.typing import Array

MOST_RAMPS, FEWEST_BINS = 320, 4  # columns of all ramps of a block, about; bins of a number
WIDE = 256  # numbers above which none is looked at alone, and only the strongest in pairs and by trees


@dataclass(frozen=True, eq=False)
class Kinds:
    """The inputs of a table by what can be done with them.

    Parameters
    ----------
    numbers : tuple of Input
        Numbers, and parts of dates.
    booleans, categories : tuple of Input
        The others.
    """

    numbers: tuple[Input, ...]
    booleans: tuple[Input, ...]
    categories: tuple[Input, ...]

    @property
    def all(self) -> tuple[Input, ...]:
        """Every input."""
        return self.numbers + self.booleans + self.categories

    @property
    def wide(self) -> bool:
        """Whether there are so many numbers that none is looked at alone."""
        return len(self.numbers) > WIDE

    def among(self, kept: Sequence[Input]) -> Kinds:
        """Return those of the inputs that are kept."""
        own = set(kept)
        parts = (self.numbers, self.booleans, self.categories)
        return Kinds(*(tuple(one for one in part if one in own) for part in parts))

    def bins(self, wanted: int) -> int:
        """Bins of one number, so that the ramps of all are not too many columns."""
        return min(wanted, max(FEWEST_BINS, MOST_RAMPS // max(1, len(self.numbers))))


def kinds_of(inputs: Inputs) -> Kinds:
    """Sort the inputs by what can be done with them."""
    numbers: list[Input] = []
    by_kind: dict[str, list[Input]] = {"boolean": [], "category": []}
    for name, column in inputs.columns.items():
        if column.kind in by_kind:
            by_kind[column.kind].append(Input(name))
        else:
            numbers += numeric_inputs(column)
    return Kinds(tuple(numbers), tuple(by_kind["boolean"]), tuple(by_kind["category"]))


# ---------------------------------------------------------------- blocks that need no target


def _fit_each(fit: Callable[[Inputs, Input], Any], inputs: Inputs, chosen: Sequence[Input]) -> list[Any]:
    return [encoder for one in chosen if (encoder := fit(inputs, one)) is not None]


def _ramps_by_rank(inputs: Inputs, kinds: Kinds) -> list[Any]:
    numbers = () if kinds.wide else kinds.numbers
    return _fit_each(lambda inputs, one: fit_piecewise(inputs, one, kinds.bins(24)), inputs, numbers)


def _components(inputs: Inputs, kinds: Kinds) -> list[Any]:
    encoder = fit_principal(inputs, kinds.numbers)
    return [] if encoder is None else [encoder]


def _frequencies(inputs: Inputs, kinds: Kinds) -> list[Any]:
    fits = (fit_frequencies, fit_hashed)
    return [encoder for fit in fits for encoder in _fit_each(fit, inputs, kinds.categories)]


UNTARGETED: dict[str, Callable[[Inputs, Kinds], list[Any]]] = {
    "ranks": lambda inputs, kinds: _fit_each(fit_quantile_normal, inputs, kinds.numbers),
    "ramps by rank": _ramps_by_rank,
    "levels": lambda inputs, kinds: _fit_each(fit_number_levels, inputs, () if kinds.wide else kinds.numbers),
    "frequencies": _frequencies,
    "components": _components,
}


# ---------------------------------------------------------------- blocks that need the target


@dataclass(frozen=True, eq=False)
class Learning:
    """The training rows of a fold, as encoders that need the target see them.

    Parameters
    ----------
    inputs : Inputs
        Of these rows.
    kinds : Kinds
        Which inputs there are.
    target : ndarray of float64, shape (n, C)
        z-scores, or centred columns of classes (two classes: one).
    inner : ndarray of int64, shape (n,)
        Inner fold of each row.
    weight : ndarray of float64, shape (n,), or None
        As how many rows each row counts, mean 1.
    ordered : bool
        Whether an inner fold may use only those before it.
    seed : int
        Of the trees.
    look : callable
        Called between parts of a fit; what it raises ends it.
    """

    inputs: Inputs
    kinds: Kinds
    target: Array
    inner: Array
    weight: Array | None
    ordered: bool
    seed: int
    look: Look = go_on


Fitted = tuple[list[Any], Samples | None]  # encoders, and what training rows are given; None: what the encoders say


def _ramps(learning: Learning, wanted: int) -> Fitted:
    kinds = learning.kinds
    bins, numbers = kinds.bins(wanted), () if kinds.wide else kinds.numbers
    found = (
        fit_piecewise_by_target(learning.inputs, one, bins, learning.target, learning.weight)
        for one in between(numbers, learning.look)
    )
    return [encoder for encoder in found if encoder is not None], None


def _target_means(learning: Learning) -> Fitted:
    rows = learning
    found = [
        fit_target_means(rows.inputs, one.column, rows.target, rows.inner, rows.weight, rows.ordered)
        for one in between(rows.kinds.categories, rows.look)
    ]
    return _joined([(encoder, block) for encoder, block in found if encoder is not None], len(learning.inner))


def _interactions(learning: Learning, options: SearchOptions, several: bool) -> Fitted:
    if learning.kinds.wide or (learning.target.shape[1] > 1 and not several):
        return [], None
    encoder, block = fit_interactions(
        learning.inputs,
        learning.kinds.all,
        learning.target,
        learning.inner,
        options,
        learning.weight,
        learning.ordered,
        learning.look,
    )
    return ([], None) if encoder is None else ([encoder], block)


def _leaves(learning: Learning) -> Fitted:
    if learning.kinds.wide:
        return [], None
    encoder, codes = fit_leaves(
        learning.inputs,
        learning.kinds.all,
        learning.target,
        learning.inner,
        LeafOptions(seed=learning.seed),
        learning.weight,
        learning.ordered,
        learning.look,
    )
    if encoder is None:
        return [], None
    none = np.empty((len(codes), 0), dtype=np.float32)
    return [encoder], IndexedRows(leaf_fields(encoder, 1.0), sum(encoder.counts), none, codes, none)


def _joined(found: Sequence[tuple[Any, Array]], rows: int) -> Fitted:
    blocks = [block.astype(np.float32) for _, block in found]
    return [encoder for encoder, _ in found], np.concatenate([np.empty((rows, 0), np.float32), *blocks], axis=1)


PAIRS = SearchOptions(pairs=12, triples=0, bins=32, smoothing=4.0, least_gain=0.003)

TARGETED: dict[str, Callable[[Learning], Fitted]] = {
    "ramps": lambda learning: _ramps(learning, 16),
    "fine ramps": lambda learning: _ramps(learning, 32),
    "target means": _target_means,
    "pairs": lambda learning: _interactions(learning, PAIRS, several=False),
    "pairs and triples": lambda learning: _interactions(learning, SearchOptions(), several=True),
    "leaves": _leaves,
}
