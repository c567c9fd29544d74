"""A blend of rows on the disk: encoders and members are chosen on a sample, networks learn from all rows.

The sample is in memory: `Blocks` are fitted on it as on a table, and the answers to its rows, each by networks that
have not learnt it, say what members count and how far answers may be off. A network of a fold sees the rows of the
other folds window after window; what it sees is encoded when a window is read. Rows of the sample are seen as a table's
rows are: with what other rows say of their target.
"""

from __future__ import annotations

import hashlib
import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from descend.machine import collect_memory, give_back_memory, resolve_jobs
from descend.models.blends.blocks import Seen
from descend.models.blends.descent import Net, Patience, Place, by_index, descend, descent_options, net_of
from descend.models.blends.encoded import encode_by_index
from descend.models.blends.fit import BlendFit
from descend.models.blends.members import MEMBERS, Member
from descend.models.blends.result import BlendTraining, NetDone
from descend.models.on_disk import DTYPE, OnDisk
from descend.models.recipe import BlendRecipe
from descend.spec.data import Data
from descend.spec.indexed import IndexedRows, Samples, arrays_of
from descend.spec.init import initial_theta
from descend.tables.files.limits import allowed
from descend.training.cache_folder import DESCENT
from descend.training.executors import scaled_weights
from descend.training.joined import JoinedPart
from descend.training.prepare import Prepared, Start, prepare_windows
from descend.training.run import Run
from descend.training.seeds import block_seed, restart_seed
from descend.training.windows import WindowReader, Windows, windows_of
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.understand import Understanding

AT_ONCE = 4096  # rows that are encoded at a time
FEWEST_EPOCHS, SAMPLES = 2, 20_000_000  # of very many rows; samples that a network visits then, about
BLEND_WINDOW = 36_000_000  # bytes of the rows of a window, where nobody says anything
GRACE = 5.0  # seconds that a network is given to stop at least: it may be reading a window
OF_CHOICE = 0.25  # share of a time limit that choosing members may take


@dataclass(frozen=True, eq=False)
class FoldRows:
    """The rows that a network learns from, encoded as they are read.

    Parameters
    ----------
    on_disk : OnDisk
        All rows.
    part : JoinedPart
        Those that the fold does not hold out.
    seen : Seen
        What the network sees of the sample.
    sample : ndarray of int64
        Of each row of the sample its place in `seen.train`; −1: it is held out.
    windows : Windows
        How rows are dealt to windows.
    digest : str
        A hash of all that determines them.
    """

    on_disk: OnDisk
    part: JoinedPart
    seen: Seen
    sample: Array
    windows: Windows
    digest: str

    def read(self, ranges: list[tuple[int, int]], into: Data | None) -> Data:
        """Return the rows of some ranges; `into`: arrays of an earlier call that nobody needs any more."""
        rows = sum(stop - start for start, stop in ranges)
        out = self._empty(rows) if into is None or len(into.Y) != rows else into
        at = 0
        for some in _cut(ranges):
            arrays = self.part.arrays(some)
            self._fill(out, slice(at, at + len(arrays["Y"])), arrays)
            at += len(arrays["Y"])
        return out

    def _fill(self, out: Data, rows: slice, arrays: Mapping[str, Array]) -> None:
        assert self.on_disk.raw is not None
        X = encode_by_index(self.seen.encoders, self.on_disk.raw.columns.inputs(arrays))
        places = np.where(arrays["place"] < 0, -1, self.sample[arrays["place"]])
        known = np.flatnonzero(places >= 0)
        places = places[known]
        for whole, own, sampled in zip(*map(arrays_of, (out.X, X, self.seen.train)), strict=True):
            whole[rows] = own
            whole[rows][known] = sampled[places]
        out.Y[rows] = arrays["Y"]
        if out.sample_weight is not None:
            out.sample_weight[rows] = arrays["sample_weight"]

    def _empty(self, rows: int) -> Data:
        X, Y = _like(self.seen.train, rows), self.part.layout.kinds
        width = next(kind.width for kind in Y if kind.name == "Y")
        counted = any(kind.name == "sample_weight" for kind in Y)
        return Data(X, np.empty((rows, width or 1), DTYPE), np.empty(rows, DTYPE) if counted else None)


def _like(samples: Samples, rows: int) -> Samples:
    made = [np.empty((rows, one.shape[1]), one.dtype) for one in arrays_of(samples)]
    return IndexedRows(samples.fields, samples.n_0, *made) if isinstance(samples, IndexedRows) else made[0]


def _cut(ranges: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Cut ranges into lists of at most `AT_ONCE` rows each."""
    pieces = [(first, min(first + AT_ONCE, stop)) for start, stop in ranges for first in range(start, stop, AT_ONCE)]
    made: list[list[tuple[int, int]]] = []
    left = 0
    for start, stop in pieces:
        if stop - start > left:
            made.append([])
            left = AT_ONCE
        made[-1].append((start, stop))
        left -= stop - start
    return made


class Choice(BlendFit):
    """All members on the first fold of the sample: which of them are worth to learn from all rows."""

    goes_far: ClassVar[bool] = False

    def best(self) -> list[str]:
        """Return their names, after `run`."""
        return self._best_members(self._keep)

    def _everything(self) -> None:
        self._restore(self.planned)
        names = [member.name for member in self.members]
        self._descend([Place(name, 0) for name in names], self.planned)
        if not self._held:
            self._at_least_one(names)
        self._forget([])


@dataclass(eq=False)
class StreamedFit(BlendFit):
    """A blend whose networks learn from rows on the disk; all else is as in memory, of the sample.

    Parameters
    ----------
    on_disk : OnDisk
        The rows.
    window : int
        Bytes of the rows of a window, as a network sees them.
    """

    goes_far: ClassVar[bool] = False
    on_disk: OnDisk | None = None
    window: int = BLEND_WINDOW

    def __post_init__(self) -> None:
        super().__post_init__()
        assert self.on_disk is not None
        known = super()._identity(), self.on_disk.digest, self.window
        self._grace = max(self._grace, GRACE)
        self._known_as = hashlib.sha256(repr(known).encode()).hexdigest()

    def _identity(self) -> str:
        return self._known_as

    def _everything(self) -> None:
        if self._kept is not None:
            self._kept.save(empty=True)  # descents that go on are kept beside the rows
        super()._everything()

    def _descended(self, place: Place, seen: Seen, patient: bool) -> Net | None:
        rows = self._rows(place, seen)
        prepared, reader, run = self._prepared(place, seen, rows)
        assert prepared.checkpoint is not None
        try:
            if patient:
                run = Run(prepared.group, epochs=rows.windows.count)
            elif self._deadline < math.inf:
                run.deadline = self._deadline
            with self._lock:
                self._runs.append(run)
                if self._stopped and not patient:
                    return None
            descend(run, prepared.executor_here, [prepared.checkpoint])
        finally:
            with self._lock:
                self._runs = [one for one in self._runs if one is not run]
            prepared.checkpoint.unlock()
            reader.rest()
            give_back_memory()
        net = net_of(place, prepared, seen)
        return None if net is None else replace(net, best_epoch=net.best_epoch / rows.windows.count)

    def _rows(self, place: Place, seen: Seen) -> FoldRows:
        """The rows that a network learns from."""
        assert self.on_disk is not None
        part, fold = self.on_disk.parts["train"], self.blocks.folds[place.fold]
        parts = part.parts if isinstance(part, JoinedPart) else (part,)
        if len(parts) > 1:
            parts = tuple(one for number, one in enumerate(parts) if number != place.fold)
        joined = JoinedPart(parts)
        places = np.full(len(self.goal.Y), -1, dtype=np.int64)
        places[fold.train] = np.arange(len(fold.train))
        row = sum(one.itemsize * one.shape[1] for one in arrays_of(seen.train)) + 4 * (self.goal.Y.shape[1] + 1)
        windows = windows_of(joined.rows, row, block_seed(place.seed(self._seed)), self.window)
        known = (joined.digest, self._known_as, place)
        digest = hashlib.sha256(repr(known).encode()).hexdigest()
        return FoldRows(self.on_disk, joined, seen, places, windows, digest)

    def _prepared(self, place: Place, seen: Seen, rows: FoldRows) -> tuple[Prepared, WindowReader, Run]:
        """Set one descent up, or take it from where it was killed."""
        assert self.on_disk is not None
        member, own = _of_many(self._table[place.member], rows.part.rows), place.seed(self._seed)
        inputs, goal, held = seen.train.shape[1], self.goal, self.blocks.folds[place.fold].validation
        spec = by_index(member.spec(inputs, goal.Y.shape[1], goal.output, goal.loss), seen.train)
        theta = initial_theta(spec, np.random.Generator(np.random.PCG64(restart_seed(own, 0)))).astype(DTYPE)
        Y, weight = goal.rows(held)
        nothing = Data(_like(seen.train, 0), goal.Y[:0])
        data = replace(
            nothing, X_validation=seen.validation, Y_validation=Y, validation_weight=scaled_weights(weight, DTYPE)
        )
        name = hashlib.sha256(repr(place).encode()).hexdigest()[:16]
        options = descent_options(member, inputs, rows.part.rows, (seen.validation, Y, None), None)
        place_of = self.on_disk.folder / f"{DESCENT}{name}"
        start = Start(spec, theta, theta.dtype, own, "native")
        prepared, reader = prepare_windows(
            start, rows, data, replace(options, n_jobs=1, checkpoint=place_of, resume=self.resume), False
        )
        rule = Patience()  # by its looks alone: how often somebody else looks changes nothing
        rule.take(prepared.group.states[0], range(0))
        return prepared, reader, Run(prepared.group, rules=[rule], deadline=sys.float_info.max)


def _of_many(member: Member, rows: int) -> Member:
    """The member with fewer epochs where there are very many rows."""
    epochs = max(FEWEST_EPOCHS, round(SAMPLES / rows))
    return replace(member, least=epochs, most=epochs) if epochs < member.epochs(rows) else member


def learn_there(
    understanding: Understanding,
    n_jobs: int | None,
    on_net: Callable[[NetDone], object] | None,
    checkpoint: Path | None,
    resume: bool,
) -> BlendTraining:
    """Learn a blend of rows on the disk; arguments and errors as of `descend.models.train.train`."""
    recipe, data, on_disk = understanding.recipe, understanding.blend, understanding.on_disk
    assert isinstance(recipe, BlendRecipe)
    assert data is not None
    assert on_disk is not None
    assert on_disk.raw is not None
    collect_memory()
    began, limit = time.monotonic(), recipe.time_limit
    options = data.options(recipe, at_once(understanding, n_jobs))
    members, choice = data.members(recipe), None
    if recipe.keep is not None and recipe.keep < len(members):
        first = replace(options, starts=1, time_limit=None if limit is None else OF_CHOICE * limit)
        told = None if on_net is None else (lambda done: on_net(replace(done, done=0, planned=recipe.networks)))
        place = on_disk.folder / f"{DESCENT}choice"
        choosing = Choice(data.blocks, data.goal, members, first, told, checkpoint=place, resume=resume)
        choice = choosing.run()
        collect_memory()
        members = [MEMBERS[name] for name in choosing.best()]
    left = None if limit is None else max(0.0, limit - (time.monotonic() - began))
    options = replace(options, keep=None, time_limit=left)
    fit = StreamedFit(
        data.blocks,
        data.goal,
        members,
        options,
        on_net,
        checkpoint=checkpoint,
        resume=resume,
        on_disk=on_disk,
        window=on_disk.raw.window,
    )
    found = fit.run()
    if choice is None:
        return found
    return replace(found, finished=found.finished and choice.finished, choice=choice.standings)


def at_once(understanding: Understanding, n_jobs: int | None) -> int:
    """Networks that descend at once: as many as threads, if the memory is there; it changes no bit."""
    jobs, free, on_disk = resolve_jobs(n_jobs), allowed(), understanding.on_disk
    if free is None or on_disk is None or on_disk.raw is None:
        return jobs
    return max(1, min(jobs, 1 + (free - understanding.memory) // on_disk.raw.each))
