"""A saved model or a network: with rows it goes on learning from its weights, without it can be looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from descend.describe.numbers import count, plain
from descend.describe.table import task_words
from descend.models.blends.descent import Net
from descend.models.blends.encoded import encode
from descend.models.file import document_of
from descend.models.model import Model
from descend.models.rows import prepare_rows
from descend.nets.network import Network
from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.play.rows.problem import CLASSES, NUMBERS, Part, Problem
from descend.play.rows.tables import cells_of, output_names
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.draw import draw
from descend.tables.table import Table
from descend.typing import Array

DRAWN_ROWS = 100
GOES_ON = "restart 0 goes on from its weights; the other restarts begin with new ones, to compare."
SHARES = (0.6, 0.8)
_KEY = 0x726F7773  # "rows"


class ModelSource:
    """A model of tables.

    Parameters
    ----------
    model : Model
        Is not changed.
    table : Table or None
        To go on learning from; None: it can be looked at.
    words : str
        What it is called.
    """

    def __init__(self, model: Model, table: Table | None, words: str) -> None:
        self.model, self.table, self.words = model, table, words
        blend = model.blend
        self._nets = (
            [(1.0, model.net())] if blend is None else [(m.weight, net) for m in blend.members for net in m.nets]
        )

    def problem(self, settings: Settings) -> Problem:
        """Return the network that is looked at, with its rows."""
        if settings.member >= len(self._nets):
            raise SettingError("member", f"`member` must be from 0 to {len(self._nets) - 1}; got {settings.member}.")
        net, model, prep = self._nets[settings.member][1], self.model, self.model.preprocessing
        given = self.table is not None
        parts, chosen = self._rows(net, settings.seed) if given else self._drawn(net, settings.seed)
        rows = f"{count(len(parts[0].X), 'row')} drawn from the summary that the model keeps of its training rows"
        said = "rows of the table, of which the model may have learnt some" if given else rows
        return Problem(
            title=f"{self.words}: {prep.target} from {count(len(prep.input_names), 'column')}",
            task=CLASSES if prep.task.kind == "classify" else NUMBERS,
            inputs=net.feature_names,
            outputs=output_names(prep),
            parts=parts,
            decode=prep.decode,
            chosen=chosen,
            classes=tuple(prep.task.written),
            name=self.words.partition(".")[0],
            dtype=net.network.dtype.name,
            network=_copy(net.network),
            members=self._members() if model.blend is not None else (),
            keep=_keeper(model) if model.blend is None else None,
            facts=(("Target", task_words(prep.task)), ("Rows", said if len(parts[0].X) else "none")),
            notes=(f"{self.words}: {GOES_ON}",) if given else (),
        )

    def _members(self) -> tuple[str, ...]:
        told = []
        for weight, net in self._nets:
            start = f", start {net.place.start}" if net.place.start else ""
            told.append(f"{net.place.member}, fold {net.place.fold}{start} ({weight:.1%})")
        return tuple(told)

    def _encoded(self, net: Net, inputs: Inputs) -> Array:
        if self.model.blend is not None:
            return encode(net.encoders, inputs)
        return self.model.preprocessing.encoded([*inputs.columns.values()], net.network.dtype)[0]

    def _rows(self, net: Net, seed: int) -> tuple[tuple[Part, Part, Part], Callable[[int], list[tuple[str, str]]]]:
        prep = self.model.preprocessing
        table = prep.table_of(self.table)
        rows, _ = prepare_rows(prep, table, net.network.dtype, columns=True)
        assert rows.inputs is not None
        X = self._encoded(net, rows.inputs) if self.model.blend is not None else rows.X
        parts, order = dealt(X, rows.Y, rows.truth, seed)
        return parts, cells_of(prep, table, order)

    def _drawn(self, net: Net, seed: int) -> tuple[tuple[Part, Part, Part], Callable[[int], list[tuple[str, str]]]]:
        summary, network = self.model.sections.summary, net.network
        if summary is None:
            return nothing(np.zeros((1, network.spec.sizes[0]), network.dtype)), lambda row: []
        inputs = draw(summary, DRAWN_ROWS, seed)
        columns = inputs.columns

        def chosen(row: int) -> list[tuple[str, str]]:
            return [(name, plain(column[row])) for name, column in columns.items()]

        return nothing(self._encoded(net, inputs)), chosen


class NetworkSource:
    """A network alone, or with rows.

    Parameters
    ----------
    network : Network
        Is not changed.
    rows : tuple of (X, Y), default ()
        Pairs of arrays: one, which is split, or two: rows that train and rows that choose.
    words : str
        What it is called.
    """

    def __init__(self, network: Network, words: str, rows: tuple[tuple[Array, Array], ...] = ()) -> None:
        self.network, self.words, self._given = network, words, rows

    def problem(self, settings: Settings) -> Problem:
        """Return the network with its rows; without any, some drawn evenly from −1 to 1."""
        spec, dtype = self.network.spec, self.network.dtype
        classes = spec.loss.name == "log_loss"
        parts = self._parts(settings.seed)
        train = parts[0]
        names = tuple(f"x_{i + 1}" for i in range(spec.sizes[0])) if spec.sizes[0] > 1 else ("x",)
        labels = tuple(str(k) for k in range(max(2, spec.sizes[-1]))) if classes else ()
        outputs = labels if len(labels) == spec.sizes[-1] else tuple(f"y_{j}" for j in range(spec.sizes[-1]))

        def chosen(row: int) -> list[tuple[str, str]]:
            cells = [(name, plain(float(x))) for name, x in zip(names, train.X[row].tolist(), strict=True)]
            return cells + ([("y", ", ".join(plain(float(y)) for y in train.Y[row].tolist()))] if train.Y.size else [])

        return Problem(
            title=self.words,
            task=CLASSES if classes else NUMBERS,
            inputs=names,
            outputs=outputs if spec.sizes[-1] > 1 else ("y",),
            parts=parts,
            decode=_decoder(spec.sizes[-1], classes),
            chosen=chosen,
            classes=labels,
            dtype=dtype.name,
            network=_copy(self.network),
            facts=(("Rows", "yours" if self._given else "none; those shown are drawn evenly from −1 to 1"),),
            notes=(f"{self.words}: {GOES_ON}",) if self._given else (),
        )

    def _parts(self, seed: int) -> tuple[Part, Part, Part]:
        spec, dtype = self.network.spec, self.network.dtype
        if not self._given:
            random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_KEY,))))
            return nothing((2.0 * random.random((DRAWN_ROWS, spec.sizes[0])) - 1.0).astype(dtype))
        each = [
            _part_of(np.asarray(X, dtype), np.asarray(Y, dtype), spec.loss.name == "log_loss") for X, Y in self._given
        ]
        if len(each) == 1:
            return dealt(each[0].X, each[0].Y, each[0].truth, seed)[0]
        return each[0], each[1], Part(each[0].X[:0], each[0].Y[:0], each[0].truth[:0])


def _part_of(X: Array, Y: Array, classes: bool) -> Part:
    rows = Y.reshape(len(X), -1)
    if classes:
        return Part(X, rows, rows.argmax(axis=1) if rows.shape[1] > 1 else (rows[:, 0] > 0.5).astype(np.int64))
    return Part(X, rows, rows[:, 0].astype(np.float64))


def _decoder(outputs: int, classes: bool) -> Callable[[Array], Array]:
    if not classes:
        return lambda output: output[:, 0]
    if outputs == 1:
        return lambda output: (output[:, 0] > 0.5).astype(np.int64)
    return lambda output: np.asarray(output.argmax(axis=1))


def _copy(network: Network) -> Network:
    return network._successor(network.theta)


def _keeper(model: Model) -> Callable[[Network], tuple[dict[str, Any], dict[str, Array]]]:
    def keep(network: Network) -> tuple[dict[str, Any], dict[str, Array]]:
        other = replace(model, network=network)
        return document_of(other.network, other.preprocessing, other.record, None, None, other.sections)

    return keep


def nothing(X: Array) -> tuple[Part, Part, Part]:
    """Return rows that can be looked at, without targets: nothing can be learnt from them."""
    empty = np.zeros((len(X), 0), X.dtype)
    none = Part(X[:0], empty[:0], np.zeros(0))
    return Part(X, empty, np.zeros(len(X))), none, none


def dealt(X: Array, Y: Array, truth: Array, seed: int) -> tuple[tuple[Part, Part, Part], Array]:
    """Deal rows at random to those that train, choose and judge; returns the numbers of those that train, too."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_KEY,))))
    order = np.argsort(random.random(len(X)), kind="stable")
    ends = [0, *(max(1, round(share * len(X))) for share in SHARES), len(X)]
    places = [order[a:b] for a, b in pairwise(ends)]
    first, second, third = (Part(X[rows], Y[rows], truth[rows]) for rows in places)
    return (first, second, third), places[0]
