"""What a member sees: blocks of inputs, each made by encoders of one kind (`block_table`), joined for each fold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from descend.errors import DataError
from descend.models.blends.block_table import TARGETED, UNTARGETED, Learning, kinds_of
from descend.models.blends.encoded import encode_by_index
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.encoders.screening import strongest
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.preprocessing.folds import Dealing, Fold, fold_numbers
from descend.spec.data import normalised
from descend.spec.indexed import Samples, arrays_of, below, beside
from descend.typing import Array

INNER_FOLDS = 8
KEPT, MOST_CELLS = 128, 20_000_000  # inputs kept of very many; rows × numbers of a wide table, above which none is
_LEARNING = "learning"  # what all blocks of a fold are made of
LARGE = 16_000_000  # bytes of a block that is rather computed again than kept
AT_ONCE = 65_536  # rows of a fold that are taken at a time, to be encoded
_INNER_KEY, _TREES_KEY = 0x696E6E6572, 0x7472656573  # "inner", "trees"


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
    by_block : dict of str to tuple of encoder
        The encoders of each block.
    """

    encoders: tuple[Any, ...]
    train: Samples
    validation: Samples
    widths: dict[str, int]
    by_block: dict[str, tuple[Any, ...]] = field(default_factory=dict)


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
    _encoders: dict[str, Sequence[Any]] = field(default_factory=dict, repr=False)
    _locks: dict[Hashable, threading.Lock] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.kinds = kinds_of(self.inputs)

    def __getstate__(self) -> dict[str, Any]:
        """All but what can be made again: it goes to other machines, which make what they need."""
        made = ("_made", "_encoders", "_locks", "_lock")
        return {name: value for name, value in self.__dict__.items() if name not in made}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept, _made={}, _encoders={}, _locks={}, _lock=threading.Lock())

    def seen(self, names: Sequence[str], fold: int, look: Look = go_on) -> Seen:
        """Return what the networks of a fold see of the blocks with these names.

        `look` is called between parts of the work: what it raises ends it, and nothing half-done stays.
        """
        made = [self._block(name, fold, look) for name in between(names, look)]
        look()
        encoders = tuple(encoder for block in made for encoder in block.encoders)
        train = beside([block.train for block in made], [block.train_rows for block in made])
        validation = beside([block.validation for block in made], [block.validation_rows for block in made])
        widths = {name: block.train.shape[1] for name, block in zip(names, made, strict=True)}
        by_block = {name: tuple(block.encoders) for name, block in zip(names, made, strict=True)}
        return Seen(encoders, train, validation, widths, by_block)

    def _block(self, name: str, fold: int, look: Look) -> _Block:
        if name in TARGETED:
            return _Block(*self.of_fold(name, fold, look))
        (encoders, X), rows = self.shared(name, look), self.folds[fold]
        return _Block(encoders, X, X, rows.train, rows.validation)

    def shared(self, name: str, look: Look = go_on) -> tuple[Sequence[Any], Samples]:
        """Return the encoders of a block that needs no target, and the block of all training rows."""
        X = self._once(name, lambda: self._shared(name, look))
        return self._encoders[name], X

    def of_fold(self, name: str, fold: int, look: Look = go_on) -> tuple[Sequence[Any], Samples, Samples]:
        """Return the encoders of a block that needs the target, and the block of the fold's training and other rows."""
        return self._once((name, fold), lambda: self._of_fold(name, fold, look))  # type: ignore[no-any-return]

    def forget(self, needed: Collection[tuple[str, int]]) -> None:
        """Let go of all blocks but those, by name and fold; of what all folds share only if it is large.

        Encoders of a shared block stay: who asks for it again gets the same.
        """
        names, folds = {name for name, _ in needed}, {fold for _, fold in needed}
        with self._lock:
            for key, made in list(self._made.items()):
                if isinstance(key, tuple):
                    kept = key in needed or (key[0] == _LEARNING and key[1] in folds)
                else:
                    kept = key in names or sum(array.nbytes for array in arrays_of(made)) < LARGE
                if not kept:
                    del self._made[key]

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def _shared(self, name: str, look: Look) -> Samples:
        if name not in self._encoders:
            self._encoders[name] = self.plain if name == "plain" else UNTARGETED[name](self.inputs, self.kinds)
        parts = [self.inputs] if self.held is None else [self.inputs, self.held]
        return below([encode_by_index(self._encoders[name], part, look) for part in parts])

    def _of_fold(self, name: str, fold: int, look: Look) -> tuple[Sequence[Any], Samples, Samples]:
        learning = replace(self._once((_LEARNING, fold), lambda: self._learning(fold)), look=look)
        encoders, block = TARGETED[name](learning)
        if block is None:
            block = encode_by_index(encoders, learning.inputs, look)
        if self.held is not None:
            return encoders, block, encode_by_index(encoders, self.held, look)
        rows = self.folds[fold].validation
        parts = [rows[first : first + AT_ONCE] for first in range(0, max(1, len(rows)), AT_ONCE)]
        return encoders, block, below([encode_by_index(encoders, self.inputs.take(part), look) for part in parts])

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
