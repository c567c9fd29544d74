"""Encoders as steps of the engine: what a row is for networks whose inputs come by index (`descend.engine.ensemble`).

Each kind of encoder is a row of `_STEPS`. One that is not there, such as a scale or a rank, makes its columns itself:
they are *given*. Numbers and codes of rows have a place each in the arrays that the engine is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.engine.ensemble import (
    Cells,
    CodeEntries,
    CodeNumbers,
    Coding,
    Components,
    Given,
    Levels,
    Ramps,
    Step,
    Trees,
    Variable,
)
from descend.models.blends.encoded import encode
from descend.preprocessing.encoders.codes import Coding as InputCoding
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.ranking import MISSING, Ranking
from descend.tables.columns.column import make_column
from descend.typing import Array

GONE, UNSEEN, FIRST = 0, 1, 2  # codes: missing, no known level, the first level


@dataclass(frozen=True, eq=False)
class Asked:
    """What encoders ask of a row, each with its place.

    Parameters
    ----------
    numbers : dict of Input to int
        Numbers, booleans, parts of dates: row of the array of numbers.
    levels : dict of str to tuple of str
        Categories, in the order of the array of codes: all levels that any encoder knows.
    given : tuple of encoder
        Those that make their columns themselves.
    """

    numbers: dict[Input, int]
    levels: dict[str, tuple[str, ...]]
    given: tuple[Any, ...]

    def code_column(self, name: str) -> int:
        """Return the row of the array of codes that a category has."""
        return list(self.levels).index(name)

    def given_column(self, encoder: Any) -> int:
        """Return the first column of an encoder among those that are given."""
        before = self.given[: next(k for k, one in enumerate(self.given) if one is encoder)]
        return sum(len(one.feature_names) for one in before)


def asked_by(encoders: Iterable[Any]) -> Asked:
    """Return what encoders ask of a row; an encoder that is there several times counts once."""
    numbers: dict[Input, int] = {}
    levels: dict[str, set[str]] = {}
    given = []
    for encoder in {id(one): one for one in encoders}.values():
        if encoder.kind not in _STEPS:
            given.append(encoder)
        for one, texts in _read_by(encoder):
            if texts is None:
                numbers.setdefault(one, len(numbers))
            else:
                levels.setdefault(one.column, set()).update(texts)
    return Asked(numbers, {name: tuple(sorted(texts)) for name, texts in levels.items()}, tuple(given))


def _read_by(encoder: Any) -> list[tuple[Input, tuple[str, ...] | None]]:
    """Inputs that a step reads: with levels as codes, without (None) as numbers."""
    if encoder.kind in ("piecewise", "number levels"):
        return [(encoder.input, None)]
    if encoder.kind in ("category", "frequency"):
        return [(Input(encoder.name), encoder.levels)]
    if encoder.kind == "target mean":
        return [(encoder.coding.input, encoder.coding.levels)]
    if encoder.kind == "interactions":
        return [(one.input, one.levels if one.borders is None else None) for one in encoder.codings]
    if encoder.kind == "leaves":
        return [(one.input, one.levels or None) for one in encoder.rankings]
    if encoder.kind == "principal":
        return [(one, None) for one in encoder.inputs]
    return []


def step_of(encoder: Any, asked: Asked) -> Step:
    """Return the step that makes the inputs of an encoder.

    Examples
    --------
    >>> from descend.preprocessing.encoders.piecewise import PiecewiseEncoder
    >>> encoder = PiecewiseEncoder(Input("a"), (0.0, 1.0, 3.0), "tree")
    >>> step_of(encoder, asked_by([encoder])).borders.tolist()
    [0.0, 1.0, 3.0]
    """
    make = _STEPS.get(encoder.kind)
    return Given(asked.given_column(encoder), len(encoder.feature_names)) if make is None else make(encoder, asked)


def rows_of(step: Step, weights: Array) -> tuple[Array, Array]:
    """Return the rows of W_0 of a step, of its numbers and of its entries, float32, from those of its encoder.

    Parameters
    ----------
    step : step
        Of `step_of`.
    weights : ndarray of float32, shape (columns of the encoder, n_1)
        Rows of W_0.

    Examples
    --------
    >>> rows_of(Ramps(0, np.array([0.0, 1.0, 3.0])), np.array([[5.0], [7.0]], dtype=np.float32))[1].ravel().tolist()
    [0.0, 5.0, 5.0, 7.0]
    """
    nothing = weights[:0]
    if isinstance(step, Given | CodeNumbers | Components | Cells):
        return weights, nothing
    if not isinstance(step, Ramps):
        return nothing, weights
    sums = np.add.accumulate(weights.astype(np.float64), axis=0)
    below = np.concatenate([np.zeros_like(sums[:1]), sums[:-1]]).astype(np.float32)
    return nothing, np.stack([below, weights], axis=1).reshape(2 * len(weights), -1)


# ---------------------------------------------------------------- one function for each kind


def _of_codes(encoder: Any, name: str, asked: Asked) -> Step:
    """What an encoder of one category makes of each code, by itself."""
    texts = ["", _none_of(asked.levels[name]), *asked.levels[name]]
    table = encode([encoder], Inputs({name: make_column(name, "category", texts)}))
    column, some = asked.code_column(name), table != 0.0
    if table.shape[1] == 1 or np.add.reduce(some, axis=1).max() > 1:
        return CodeNumbers(column, table)
    place = np.argmax(some, axis=1).astype(np.int64)
    factor = np.ascontiguousarray(table[np.arange(len(table)), place])
    return CodeEntries(column, place, factor, table.shape[1])


def _none_of(levels: Iterable[str]) -> str:
    """Return a text that is no level."""
    return "?" + "?".join(sorted(levels, key=len)[-1:])


def _components(encoder: Any, asked: Asked) -> Step:
    return Components(
        np.array([asked.numbers[one] for one in encoder.inputs], dtype=np.int64),
        np.array([encoder.centers, encoder.scales, encoder.means], dtype=np.float64),
        np.ascontiguousarray(np.array(encoder.components, dtype=np.float64).T),
    )


def _interactions(encoder: Any, asked: Asked) -> Step:
    codings = tuple(_coding(one, asked) for one in encoder.codings)
    return Cells(codings, tuple(zip(encoder.terms, map(np.ascontiguousarray, encoder.tables), strict=True)))


def _coding(coding: InputCoding, asked: Asked) -> Coding:
    missing = coding.known if coding.missing else -1
    if coding.borders is None:
        variable = _by_code(coding.input.column, coding.levels, asked, float(missing), -1.0)
        return Coding(variable, np.empty(0), coding.size, -1)
    variable = Variable(True, asked.numbers[coding.input], None, np.nan)
    return Coding(variable, np.ascontiguousarray(coding.borders, dtype=np.float64), coding.size, missing)


def _leaves(encoder: Any, asked: Asked) -> Step:
    return Trees(
        tuple(_ranking(one, asked) for one in encoder.rankings),
        np.ascontiguousarray(encoder.roots, dtype=np.int64),
        np.ascontiguousarray(encoder.feature, dtype=np.int64),
        np.ascontiguousarray(encoder.threshold, dtype=np.float64),
        np.ascontiguousarray(encoder.children, dtype=np.int64),
        np.ascontiguousarray(encoder.column, dtype=np.int64),
        len(encoder.feature_names),
        float(encoder.size),
    )


def _ranking(ranking: Ranking, asked: Asked) -> Variable:
    gone = MISSING if ranking.instead is None else ranking.instead
    if not ranking.levels:
        return Variable(True, asked.numbers[ranking.input], None, gone)
    return _by_code(ranking.input.column, ranking.levels, asked, gone, gone)


def _by_code(name: str, levels: Iterable[str], asked: Asked, gone: float, unseen: float) -> Variable:
    """A category as the number of its level among `levels`."""
    number = {level: float(k) for k, level in enumerate(levels)}
    known = [number.get(level, unseen) for level in asked.levels[name]]
    return Variable(False, asked.code_column(name), np.array([gone, unseen, *known]), 0.0)


_STEPS: dict[str, Callable[[Any, Asked], Step]] = {
    "category": lambda encoder, asked: _of_codes(encoder, encoder.name, asked),
    "frequency": lambda encoder, asked: _of_codes(encoder, encoder.name, asked),
    "target mean": lambda encoder, asked: _of_codes(encoder, encoder.coding.input.column, asked),
    "piecewise": lambda encoder, asked: Ramps(asked.numbers[encoder.input], np.array(encoder.borders)),
    "number levels": lambda encoder, asked: Levels(asked.numbers[encoder.input], np.array(encoder.levels)),
    "principal": _components,
    "interactions": _interactions,
    "leaves": _leaves,
}
