"""What a member sees: blocks of inputs, each made by encoders of one kind.

A block that needs no target is fitted and computed once, on all training rows. One that needs the target is fitted
again for each fold, on the fold's own training rows, and gives these rows what other rows (of inner folds) say.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from descend.errors import DataError
from descend.models.blends.encoded import as_learnt, encode_by_index, leaf_fields
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
from descend.preprocessing.encoders.screening import strongest
from descend.preprocessing.encoders.search import SearchOptions
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.preprocessing.encoders.target_means import fit_target_means
from descend.preprocessing.folds import Dealing, Fold, fold_numbers
from descend.spec.data import normalised
from descend.spec.indexed import IndexedRows, Samples, below, beside
from descend.typing import Array

INNER_FOLDS = 8
MOST_RAMPS, FEWEST_BINS = 320, 4  # columns of all ramps of a block, about; bins of a number
WIDE, KEPT = 256, 128  # numbers above which only the strongest inputs, so many, are looked at by trees and in pairs
MOST_CELLS = 20_000_000  # rows × numbers of a wide table, above which none is
_OF_ALL = ("learning", "others")  # what all blocks of a fold are made of
_INNER_KEY, _TREES_KEY = 0x696E6E6572, 0x7472656573  # "inner", "trees"


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


# ---------------------------------------------------------------- all blocks of a table


@dataclass(frozen=True, eq=False)
class Seen:
    """What the networks of a member see in a fold.

    Parameters
    ----------
    encoders : tuple of encoder
        In the order of their columns.
    train, validation : ndarray of float32, or IndexedRows
        The rows that train, and that choose; both by index, or neither.
    widths : dict of str to int
        Columns of each block.
    """

    encoders: tuple[Any, ...]
    train: Samples
    validation: Samples
    widths: dict[str, int]


@dataclass(frozen=True, eq=False)
class _Block:
    """A block as a fold sees it: rows that train and choose, and which of them; None: all."""

    encoders: Sequence[Any]
    train: Samples
    validation: Samples
    train_rows: Array | None = None
    validation_rows: Array | None = None


@dataclass(eq=False)
class Blocks:
    """All blocks of the training rows of a table; each is computed when it is first asked for, whoever asks.

    Parameters
    ----------
    inputs : Inputs
        All training rows.
    plain : sequence of encoder
        The block "plain": one encoder for each column.
    target : ndarray of float64, shape (n, C)
        z-scores, or columns of 0 and 1 (two classes: one).
    weight : ndarray of float64, shape (n,), or None
        What each row counts.
    dealing : Dealing
        Which rows belong together.
    folds : sequence of Fold
        Which rows train, and which choose.
    seed : int
        Of inner folds and trees.
    held : Inputs or None
        Rows of their own that choose, numbered behind all others: no encoder is fitted on them. They are then the
        validation rows of every fold.
    """

    inputs: Inputs
    plain: Sequence[Any]
    target: Array
    weight: Array | None
    dealing: Dealing
    folds: Sequence[Fold]
    seed: int
    held: Inputs | None = None
    _made: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    _locks: dict[Hashable, threading.Lock] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.kinds = kinds_of(self.inputs)

    def seen(self, names: Sequence[str], fold: int, look: Look = go_on) -> Seen:
        """Return what the networks of a fold see of the blocks with these names.

        `look` is called between parts of the work: what it raises ends it, and nothing half-done stays.
        """
        made = [self._block(name, fold, look) for name in between(names, look)]
        look()
        encoders = tuple(encoder for block in made for encoder in block.encoders)
        train = as_learnt(beside([block.train for block in made], [block.train_rows for block in made]))
        validation = as_learnt(beside([block.validation for block in made], [block.validation_rows for block in made]))
        widths = {name: block.train.shape[1] for name, block in zip(names, made, strict=True)}
        return Seen(encoders, train, validation, widths)

    def _block(self, name: str, fold: int, look: Look) -> _Block:
        if name in TARGETED:
            return _Block(*self.of_fold(name, fold, look))
        (encoders, X), rows = self.shared(name, look), self.folds[fold]
        return _Block(encoders, X, X, rows.train, rows.validation)

    def shared(self, name: str, look: Look = go_on) -> tuple[Sequence[Any], Samples]:
        """Return the encoders of a block that needs no target, and the block of all training rows."""
        return self._once(name, lambda: self._shared(name, look))  # type: ignore[no-any-return]

    def of_fold(self, name: str, fold: int, look: Look = go_on) -> tuple[Sequence[Any], Samples, Samples]:
        """Return the encoders of a block that needs the target, and the block of the fold's training and other rows."""
        return self._once((name, fold), lambda: self._of_fold(name, fold, look))  # type: ignore[no-any-return]

    def forget(self, needed: Collection[tuple[str, int]], shared: Collection[str]) -> None:
        """Let go of all blocks but those: of folds by name and fold, and others by name."""
        folds = {fold for _, fold in needed}
        with self._lock:
            for key in list(self._made):
                of_fold = isinstance(key, tuple) and (key in needed or (key[0] in _OF_ALL and key[1] in folds))
                if not (of_fold if isinstance(key, tuple) else key in shared):
                    del self._made[key]

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def _shared(self, name: str, look: Look) -> tuple[Sequence[Any], Samples]:
        encoders = self.plain if name == "plain" else UNTARGETED[name](self.inputs, self.kinds)
        parts = [self.inputs] if self.held is None else [self.inputs, self.held]
        return encoders, below([encode_by_index(encoders, part, look) for part in parts])

    def _of_fold(self, name: str, fold: int, look: Look) -> tuple[Sequence[Any], Samples, Samples]:
        learning = replace(self._once(("learning", fold), lambda: self._learning(fold)), look=look)
        encoders, block = TARGETED[name](learning)
        if block is None:
            block = encode_by_index(encoders, learning.inputs, look)
        others = self.held or self._once(("others", fold), lambda: self.inputs.take(self.folds[fold].validation))
        return encoders, block, encode_by_index(encoders, others, look)

    def _learning(self, fold: int) -> Learning:
        rows = self.folds[fold].train
        weight = None if self.weight is None else normalised(self.weight[rows], len(rows))
        target = self.target[rows]
        counted = target if weight is None else target * weight[:, None]
        target = target - np.add.reduce(counted, axis=0) / len(target)
        dealing = self.dealing.take(rows)
        inner = inner_folds(dealing, generator(self.seed, _INNER_KEY, fold))
        trees = int(generator(self.seed, _TREES_KEY, fold).integers(2**31))
        own, ordered = self.inputs.take(rows), dealing.moments is not None
        kinds = self.kinds
        if kinds.wide and len(rows) * len(kinds.numbers) <= MOST_CELLS:
            kinds = kinds.among(strongest(own, kinds.all, target, KEPT, weight))
        return Learning(own, kinds, target, inner, weight, ordered, trees)


def inner_folds(dealing: Dealing, random: np.random.Generator) -> Array:
    """Return the inner fold of each row; one for all where rows cannot be told apart, so that no target is seen."""
    try:
        return fold_numbers(dealing, INNER_FOLDS, random)
    except DataError:
        return np.zeros(dealing.rows, dtype=np.int64)


def generator(seed: int, *key: int) -> np.random.Generator:
    """Return random numbers for one purpose, named by a key of whole numbers."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
