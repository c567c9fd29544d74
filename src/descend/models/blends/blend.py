"""`Blend`: networks of several members and folds that answer together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.machine import resolve_jobs
from descend.models.blends.compiled import CompiledBlend, can_compile
from descend.models.blends.descent import Net
from descend.models.blends.encoded import encode
from descend.models.blends.records import BlendRecords
from descend.preprocessing.encoders.inputs import Inputs
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.transform import Preprocessing

CHUNK = 8_192  # rows that are encoded at a time
PARALLEL_FROM = 512  # rows, from which on all cores are used


@dataclass(frozen=True, eq=False)
class BlendMember:
    """A member of a blend: its networks, whose answers are averaged, and what it counts.

    Parameters
    ----------
    name : str
        Of `descend.models.blends.members.MEMBERS`.
    weight : float
        Its share of the answer, above 0.
    nets : tuple of Net
        By fold and start.

    Examples
    --------
    >>> from descend import TabularRegressor
    >>> X = [[i / 50, i % 7] for i in range(100)]
    >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, [row[0] ** 2 for row in X])
    >>> (member,) = net.members_
    >>> member.name, member.weight, len(member.nets)
    ('quick', 1.0, 3)
    """

    name: str
    weight: float
    nets: tuple[Net, ...]


@dataclass(frozen=True, eq=False)
class Blend:
    """Members that answer together: the weighted mean of their answers.

    Where all networks can be compiled together they are, when the first answer is asked for: with the weights that they
    have then. What that computes differs from the networks' own predictions by rounding.

    Parameters
    ----------
    members : tuple of BlendMember
        The heaviest first; their weights sum to 1.
    low, high : ndarray of float64, shape (n_d,), or None
        Numbers: least and largest z-score of the training rows; answers are clipped to them.
    """

    members: tuple[BlendMember, ...]
    low: Array | None = None
    high: Array | None = None

    @property
    def nets(self) -> Iterator[Net]:
        """All networks, member by member."""
        return (net for member in self.members for net in member.nets)

    def of_fold(self, fold: int) -> Blend:
        """Return the networks that have not learnt a fold, as a blend; members without one are left out."""
        own = [(one, tuple(net for net in one.nets if net.place.fold == fold)) for one in self.members]
        total = sum(one.weight for one, nets in own if nets)
        members = tuple(BlendMember(one.name, one.weight / total, nets) for one, nets in own if nets)
        return Blend(members, self.low, self.high)

    def outputs(self, inputs: Inputs, n_jobs: int | None = None) -> Array:
        """Return the answers, float64, shape (m, n_d): probabilities, or z-scores.

        Parameters
        ----------
        inputs : Inputs
            Of the rows.
        n_jobs : int or None, default None
            Threads; None: all cores for many rows. The bits do not depend on it.
        """
        rows = inputs.rows
        if rows <= CHUNK and rows < PARALLEL_FROM:
            return self.clipped(self._answer(inputs))
        jobs = resolve_jobs(n_jobs)
        size = min(CHUNK, -(-rows // jobs))
        _ = self.compiled  # once, not in each thread
        parts = [np.arange(first, min(first + size, rows)) for first in range(0, rows, size)]
        with ThreadPoolExecutor(jobs) as pool:
            found = list(pool.map(lambda part: self._answer(inputs.take(part)), parts))
        return self.clipped(np.concatenate(found))

    @cached_property
    def compiled(self) -> CompiledBlend | None:
        """The networks as the engine answers with all of them at once; None if it cannot."""
        shares = [(member.weight, member.nets) for member in self.members]
        return CompiledBlend(shares) if can_compile(list(self.nets)) else None

    def record_outputs(self, columns: Preprocessing, source: Any) -> Array | None:
        """Return the answers to one record or a few, with the bits of the table of them, in microseconds.

        Parameters
        ----------
        columns : Preprocessing
            Of the inputs that all networks share; always the same.
        source : object
            A dict of cells, or a list of such.

        Returns
        -------
        ndarray of float64, shape (m, n_d), or None
            None if it is no such thing, or has to go the long way, as a table.
        """
        cells = columns.record_plan.all_cells(source)
        if cells is None or self.compiled is None:
            return None
        if "_records" not in self.__dict__:
            self.__dict__["_records"] = BlendRecords(self.compiled, columns.encoders)
        answers = self.__dict__["_records"].outputs(cells)
        return None if answers is None else self.clipped(answers)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("compiled", "_records")}  # anew

    def _answer(self, inputs: Inputs) -> Array:
        if self.compiled is not None:
            return self.compiled.outputs(inputs)
        return self.dense_outputs(inputs)

    def dense_outputs(self, inputs: Inputs) -> Array:
        """Return the mean of the networks' own predictions, float64, (m, n_d), not clipped: the plain way."""
        made: dict[int, Array] = {}
        total = None
        for member in self.members:
            answers = [net.network._outputs(stacked(net.encoders, inputs, made), 1) for net in member.nets]
            part = mean_of(answers) * member.weight
            total = part if total is None else total + part
        assert total is not None
        return total

    def clipped(self, outputs: Array) -> Array:
        """Return outputs, of numbers at least `low` and at most `high`."""
        return outputs if self.low is None else np.clip(outputs, self.low, self.high)


def stacked(encoders: Sequence[Any], inputs: Inputs, made: dict[int, Array]) -> Array:
    """Return what the encoders make of the rows, side by side; what was `made` before, by the encoder's identity."""
    for encoder in encoders:
        if id(encoder) not in made:
            made[id(encoder)] = encode([encoder], inputs)
    return np.concatenate([made[id(encoder)] for encoder in encoders], axis=1)


def mean_of(answers: Sequence[Array]) -> Array:
    """Return the mean of answers, float64, added in their order."""
    total = answers[0].astype(np.float64)
    for answer in answers[1:]:
        total += answer
    return np.asarray(total / len(answers))
