"""The order of rows that are too many for memory: blocks, dealt to windows, and who carries descents through them.

Rows that train are numbered 0 … N − 1 as they lie on the disk. Neighbours make blocks of `BLOCK` rows. An epoch has W
windows of R = ⌊N / W⌋ rows each; W is the least number with which a window takes no more than its bytes.

    epoch e      the blocks, end to end, in the order  epoch_order(block seed, e, number of blocks)
    window w     rows w R … (w + 1) R − 1 of that; the fewer than W rows behind the last window sit this epoch out
    in a window  rows stand as on the disk; a descent visits them in  epoch_order(order seed, e W + w, R)

So a window is what the engine calls an epoch, and one window of all rows is a training in memory, to the bit. Nothing
here knows how much memory there is, how many threads, or where a training was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from descend.reference.forward import forward, sample_losses
from descend.reference.order import epoch_order
from descend.spec.data import Data
from descend.spec.patience import LossPatience
from descend.spec.plan import Plan
from descend.spec.state import RUNNING
from descend.training.executors import Group
from descend.training.options import FitOptions
from descend.typing import Array, is_whole

BLOCK = 8192  # rows
WINDOW_BYTES = 64_000_000  # of the rows of a window, where nobody says anything


@dataclass(frozen=True)
class Windows:
    """How rows are dealt to windows.

    Parameters
    ----------
    rows : int
        N, that train.
    count : int
        W, windows of an epoch; 1 holds all rows.
    seed : int
        Of the order of blocks, 0 … 2⁶⁴ − 1.

    Examples
    --------
    >>> windows = Windows(rows=20_001, count=2, seed=7)
    >>> windows.size, windows.ranges(0, 0), windows.ranges(0, 1)
    (10000, [(0, 1808), (8192, 16384)], [(1808, 8192), (16384, 20000)])
    """

    rows: int
    count: int
    seed: int

    @property
    def size(self) -> int:
        """R, rows of a window."""
        return self.rows // self.count

    def ranges(self, epoch: int, window: int) -> list[tuple[int, int]]:
        """Return the rows of a window as ranges (start, stop), ascending."""
        order = epoch_order(self.seed, epoch, -(-self.rows // BLOCK))
        starts = order * BLOCK
        stops = np.minimum(starts + BLOCK, self.rows)
        ends = np.cumsum(stops - starts)  # of each block in the row of blocks
        begins = ends - (stops - starts)
        low, high = window * self.size, (window + 1) * self.size
        taken = np.flatnonzero((ends > low) & (begins < high))
        first = starts[taken] + np.maximum(low - begins[taken], 0)
        last = stops[taken] - np.maximum(ends[taken] - high, 0)
        return _joined(sorted(zip(first.tolist(), last.tolist(), strict=True)))


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges that touch as one."""
    made: list[tuple[int, int]] = []
    for start, stop in ranges:
        if made and made[-1][1] == start:
            made[-1] = made[-1][0], stop
        else:
            made.append((start, stop))
    return made


def windows_of(rows: int, row_bytes: int, seed: int, window_bytes: int = WINDOW_BYTES) -> Windows:
    """Return the windows of an epoch.

    Parameters
    ----------
    rows, row_bytes : int
        Rows that train, and what one takes.
    seed : int
        Of the order of blocks.
    window_bytes : int, default 64 MB
        What the rows of a window may take.

    Examples
    --------
    >>> windows_of(3_200_000, 200, seed=0).count
    10
    """
    most = max(1, window_bytes // max(row_bytes, 1))
    return Windows(rows, -(-rows // most), seed)


class RowsOnDisk(Protocol):
    """What windows are read from."""

    @property
    def windows(self) -> Windows:
        """How they are dealt to windows."""

    @property
    def digest(self) -> str:
        """A hash of all bytes."""

    def read(self, ranges: list[tuple[int, int]], into: Data | None) -> Data:
        """Return the rows of some ranges; `into`: arrays of an earlier call that nobody needs any more."""


class WindowReader:
    """Hands out window after window; the next one is read while a descent is in this one.

    Parameters
    ----------
    rows : RowsOnDisk
        Where they are.
    validation : Data
        Whose validation rows go with every window.
    ahead : bool, default True
        Whether to read ahead, for which two windows are in memory.
    """

    def __init__(self, rows: RowsOnDisk, validation: Data, ahead: bool = True) -> None:
        self.rows, self.validation, self.ahead = rows, validation, ahead
        self._held: dict[int, Data] = {}
        self._coming: tuple[int, Future[Data]] | None = None
        self._free: Data | None = None
        self._reader: ThreadPoolExecutor | None = None

    def window(self, number: int) -> Data:
        """Return window `number` of the training, counted through all epochs; it may be changed by the next call."""
        windows = self.rows.windows
        if windows.count == 1:
            number = 0
        if number not in self._held:
            self._free = next(iter(self._held.values()), self._free)
            self._held = {number: self._come(number)}
        if self.ahead and windows.count > 1 and self._coming is None:
            self._reader = self._reader or ThreadPoolExecutor(1, "descend-read")
            self._coming = number + 1, self._reader.submit(self._read, number + 1, self._taken())
        return self._held[number]

    def _come(self, number: int) -> Data:
        coming, self._coming = self._coming, None
        if coming is not None:
            there = coming[1].result()
            if coming[0] == number:
                return there
            self._free = there
        return self._read(number, self._taken())

    def _taken(self) -> Data | None:
        free, self._free = self._free, None
        return free

    def _read(self, number: int, into: Data | None) -> Data:
        windows, validation = self.rows.windows, self.validation
        data = self.rows.read(windows.ranges(*divmod(number, windows.count)), into)
        return replace(
            data,
            X_validation=validation.X_validation,
            Y_validation=validation.Y_validation,
            validation_weight=validation.validation_weight,
        )

    def rest(self) -> None:
        """Wait for what is being read, and let all go; the next window is read when it is asked for."""
        if self._reader is not None:
            self._reader.shutdown(wait=True, cancel_futures=True)
        self._reader, self._held, self._coming, self._free = None, {}, None, None


@dataclass(frozen=True)
class ThroughWindows:
    """An executor: all states of a group share each window."""

    door: ModuleType
    reader: WindowReader
    n_jobs: int = 1

    def __call__(
        self,
        group: Group,
        until_epoch: int,
        poll: Callable[[], bool] | None = None,
        loss_patience: LossPatience | None = None,
    ) -> None:
        """Advance the states of a group; epochs are counted in windows."""
        if loss_patience is not None:
            raise ValueError("windows: a `loss_patience` belongs to training in memory.")
        while going := [one for one in group.states if one.status == RUNNING and one.epoch < until_epoch]:
            number = min(one.epoch for one in going)
            here = [one for one in going if one.epoch == number]
            data = self.reader.window(number)
            self.door.advance(group.plan, data, here, number + 1, self.n_jobs, poll, None)
            if any(one.status == RUNNING and one.epoch == number for one in here):
                return  # the poll has stopped it in the middle


def rounds_of_windows(windows: Windows, options: FitOptions) -> dict[str, Any]:
    """Return what the engine is told of epochs and looks, where the user's epoch has several windows."""
    if not (is_whole(options.batch_size, 1) and is_whole(options.epochs, 1)):
        return {}  # told as a problem elsewhere
    looks = windows.count * -(-windows.size // min(options.batch_size, windows.size))
    chosen = options.validation is not None
    return {
        "epochs": options.epochs * windows.count,
        "validate_every": options.validate_every or (looks if chosen else None),
    }


def loss_through_windows(reader: WindowReader, plan: Plan, theta: Array, _: Data) -> float:
    """The data loss of weights (theta_size,) over the rows of the first epoch, window after window."""
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        W = plan.spec.weights(theta.astype(np.float64))
        for number in range(plan.windows):
            rows = reader.window(number)
            for start in range(0, plan.rows, BLOCK):
                part = slice(start, min(start + BLOCK, plan.rows))
                weight = None if rows.sample_weight is None else rows.sample_weight[part]
                own = np.ones(part.stop - start) if weight is None else weight
                losses = sample_losses(plan.spec, forward(plan.spec, W, rows.X[part]), rows.Y[part])
                total += float(losses @ own)
    return total / (plan.rows * plan.windows)


def mean_of_windows(curve: Array, windows: int) -> Array:
    """Return the loss of each whole epoch, of the losses of its windows.

    Examples
    --------
    >>> mean_of_windows(np.array([1.0, 3.0, 2.0, 2.0, 5.0]), 2).tolist()
    [2.0, 2.0]
    """
    whole = len(curve) // windows * windows
    return np.asarray(curve[:whole].reshape(-1, windows).mean(axis=1))
