"""A model whose layers are integers, and what that costs: its answers and scores next to those of the same in float."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.describe.numbers import count
from descend.exports.c.fixed import FixedNet, quantised
from descend.exports.c.fixed_code import fixed_layers, step_layers
from descend.exports.c.scaling import scaling, seen
from descend.exports.c.simulated import out_of, sums_in_float
from descend.exports.c.source import Program, program
from descend.exports.c.steps import StepNet, are_steps, in_whole_numbers
from descend.exports.described import Described
from descend.exports.rows import ProofRows
from descend.typing import Array, Floats

MOST_JUDGED = 50_000  # rows that tell the loss
NEAR, ROUNDED = 0.01, 1e-5  # what rounding may move an input by: of a step between whole numbers, of its size


@dataclass(frozen=True, eq=False)
class InIntegers:
    """A model whose layers are integers.

    Parameters
    ----------
    program : Program
        It in C.
    notes : tuple of str
        What integers cost, in sentences.
    net : FixedNet or StepNet
        Its layers.
    """

    program: Program
    notes: tuple[str, ...]
    net: FixedNet | StepNet

    def out(self, rows: ProofRows) -> tuple[Array, Floats]:
        """Return what the network sees of rows, float32 (m, n_0), and what C answers, (m, outputs)."""
        described = self.program.described
        X = seen(described, described.read(rows.given))
        return X, self._out_of(X)

    def _out_of(self, X: Array) -> Floats:
        return out_of(self.program.described, self.net.outputs(X).astype(np.float64))

    def moved(self, X: Array, out: Floats) -> Floats:
        """Return how far off `out` of X may be as rounding may make an input its other neighbour, (m, outputs)."""
        found = np.zeros_like(out)
        if not self.program.described.columns:  # X is what C is given
            return found
        for step in np.maximum(NEAR * self.net.step, ROUNDED * (1.0 + np.abs(X))) * np.array([-1, 1])[:, None, None]:
            other = (X + step).astype(np.float32)
            for row, column in np.argwhere(self.net.codes(other) != self.net.codes(X)).tolist():
                one = X[[row]]
                one[0, column] = other[row, column]
                found[row] += np.abs(self._out_of(one)[0] - out[row])
        return found


def in_integers(described: Described, prefix: str, table: Any) -> InIntegers:
    """Return a model with its layers in integers, and what that costs.

    Parameters
    ----------
    described : Described
        With one network.
    prefix : str
        What all names begin with.
    table : object
        Rows that scale the layers; None: those of the training, or drawn from what the model keeps of them.

    Raises
    ------
    SpecError
        If there are no rows to scale by, a layer is too wide, or its sums are too large.
    DataError
        If the table does not fit the model, or holds what is no finite number.
    """
    net, rows = described.nets[0], scaling(described, table)
    made: FixedNet | StepNet
    more: list[str] = []
    if are_steps(net):
        made = in_whole_numbers(net, np.concatenate([rows.X, rows.reach]), (rows.low, rows.high))
        layers, more = step_layers(net, made), [made.words()]
    else:
        made = quantised(net, rows.chosen(), rows.reach, (rows.low, rows.high))
        layers = fixed_layers(net, made)
    judged = rows.some(MOST_JUDGED)
    X, truth = rows.X[judged], None if rows.truth is None else rows.truth[judged]
    told = _told(described, X, made.outputs(X).astype(np.float64), truth, rows.words)
    return InIntegers(program(described, prefix, layers), (*told, *more), made)


def _told(described: Described, X: Array, sums: Floats, truth: Array | None, where: str) -> list[str]:
    """What integers cost, on some rows."""
    ours, theirs = (out_of(described, one) for one in (sums_in_float(described, X), sums))
    rows = f"int8, {count(len(X), 'row')}: {where}"
    truth = np.full(len(X), np.nan) if truth is None else truth
    known = ~np.isnan(truth)
    some = "" if known.all() else f" on the {count(int(known.sum()), 'row')} that have a target"
    if described.answer.kind != "classes":
        away = np.sqrt(((ours - theirs) ** 2).mean(axis=0))
        rounding = float(np.finfo(np.float32).eps) * np.abs(ours).max(axis=0)
        spread = np.maximum(ours.std(axis=0), np.maximum(rounding, 1e-30))
        told = [
            f"{rows}; answers differ from those in float by {100 * float((away / spread).max()):.2g} % of their spread."
        ]
        if known.any():
            before, after = (float(np.sqrt(((one[:, 0] - truth)[known] ** 2).mean())) for one in (ours, theirs))
            told.append(f"RMSE {after:.6g} instead of {before:.6g} ({100 * (after / before - 1):+.2f} %){some}.")
        return told
    labels = [described.answer.decision.places(one) for one in (ours, theirs)]
    told = [f"{rows}; {100 * float((labels[0] == labels[1]).mean()):.2f} % of the classes are the same as in float."]
    if known.any():
        before, after = (100 * float((one == truth)[known].mean()) for one in labels)
        told.append(f"Accuracy {after:.2f} % instead of {before:.2f} % ({after - before:+.2f} points){some}.")
    return told
