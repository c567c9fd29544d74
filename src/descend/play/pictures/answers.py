"""What the network answers: over the plane, along a curve, and on the rows that judge it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from descend.describe.numbers import count
from descend.engine import predict
from descend.models.scores import LIKELIEST, Evaluation, as_probabilities, evaluate_classes, evaluate_numbers
from descend.play.rows.problem import CLASSES, Part, Problem
from descend.spec.network import NetworkSpec
from descend.typing import Array

CURVE_POINTS = 161
JUDGE_WORK = 5_000_000  # multiply-adds that judging may take in one picture
MOST_POINTS = 2_000  # of true against predicted
SURFACE_WORK, FINEST, COARSEST = 4_000_000, 64, 16


def surface_side(spec: NetworkSpec) -> int:
    """Return how fine the surface is."""
    return int(max(COARSEST, min(FINEST, (SURFACE_WORK / (spec.theta_size + 10 * sum(spec.sizes[1:]))) ** 0.5)))


def curve_arrays(spec: NetworkSpec, theta: Array, extent: list[float]) -> dict[str, Array]:
    """Return the fit along x, and what each node of the last hidden layer adds to it."""
    from descend.reference.forward import forward

    x = np.linspace(extent[0], extent[1], CURVE_POINTS)
    W = spec.weights(theta)
    passed = forward(spec, W, x[:, None])
    n = spec.sizes[-2]
    parts = passed.v[-2][:, :n] * W[-1][:n, 0]
    one = {"curve_x": x, "curve_y": passed.output[:, 0], "curve_parts": parts.T}
    return {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in one.items()}


@dataclass
class Judged:
    """Outputs for the rows that judge, computed a part at a time: a picture has little time, a pause has much.

    Parameters
    ----------
    problem : Problem
        Whose rows; those that choose, or train, where none judge.
    """

    problem: Problem
    done: int = 0
    _key: object = None
    _outputs: Array = field(default_factory=lambda: np.empty((0, 0)))
    _evaluation: Evaluation | None = None

    @property
    def part(self) -> Part:
        """The rows that judge."""
        return next((part for part in reversed(self.problem.parts) if len(part.X)), self.problem.parts[0])

    @property
    def complete(self) -> bool:
        """Whether all rows have been judged."""
        return self.done >= len(self.part.X)

    def look(self, spec: NetworkSpec, theta: Array, key: object) -> None:
        """Judge some more rows by these weights; from the beginning if `key` is another than before."""
        part = self.part
        if key != self._key:
            self._key, self.done = key, 0
            self._outputs = np.empty((len(part.X), spec.sizes[-1]), part.X.dtype)
        if self.complete:
            return
        rows = max(20, JUDGE_WORK // (spec.theta_size + 10 * sum(spec.sizes[1:])))
        until = min(len(part.X), self.done + rows)
        self._outputs[self.done : until] = predict(spec, theta.astype(part.X.dtype), part.X[self.done : until])
        self.done, self._evaluation = until, None

    def arrays(self) -> dict[str, Array]:
        """Return the confusion matrix, or true against predicted."""
        truth = self.part.truth[: self.done]
        if self.problem.task == CLASSES:
            matrix = self.evaluation.confusion
            assert matrix is not None
            return {"confusion": matrix.astype(np.int32)}
        shown = slice(0, min(self.done, MOST_POINTS))
        predicted = self.problem.decode(self._outputs[shown]).astype(np.float32)
        return {"true": truth[shown].astype(np.float32), "predicted": predicted}

    @property
    def evaluation(self) -> Evaluation:
        """Scores of the rows that have been judged."""
        if self._evaluation is None:
            outputs, truth = self._outputs[: self.done], self.part.truth[: self.done]
            with np.errstate(all="ignore"):
                self._evaluation = self._judge(outputs, truth)
        return self._evaluation

    def _judge(self, outputs: Array, truth: Array) -> Evaluation:
        if self.problem.task == CLASSES:
            both = np.concatenate([1.0 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs
            return evaluate_classes(
                as_probabilities(np.nan_to_num(both)), truth, None, self.problem.classes, None, LIKELIEST
            )
        return evaluate_numbers(self.problem.decode(outputs).astype(np.float64), truth)

    def words(self) -> str:
        """Say which rows are judged."""
        names = ("training rows", "rows that choose", "rows that took no part in learning")
        if self.problem.network is not None:  # what it learnt from before it came here is not known
            names = (*names[:2], "rows left out here, which the given network may have learnt from")
        place = max(i for i, part in enumerate(self.problem.parts) if part is self.part)
        rows = len(self.part.X)
        return (
            count(rows, names[place][:-1].replace("rows", "row"))
            if rows == 1
            else (f"{rows:,} {names[place]}" if self.complete else f"{self.done:,} of {rows:,} {names[place]}")
        )
