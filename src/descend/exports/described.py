"""A fitted model in plain data, the same for networks, models and estimators: what every format writes from.

Cells of raw columns, or rows X
→ encoders of each network (`Net.encoders`; none where X is read)
→ its layers (`Net.spec`, `Net.weights`)
→ the weighted mean of all networks (`Net.share`), clipped (`Described.clip`)
→ answers (`Answer`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.models.decisions.decision import Decision
from descend.preprocessing.summaries.table import TableSummary
from descend.spec.network import NetworkSpec
from descend.tables.cells.notation import dissect
from descend.tables.cells.reading import Reading
from descend.tables.cells.texts import MISSING_WORDS
from descend.tables.columns.column import number_text
from descend.tables.columns.values import missing_dates, missing_numbers
from descend.typing import Array, Floats

DISTIL = "descend distil MODEL TABLE -o SMALL"  # the command that makes one network of a model
LABEL, PROBABILITIES, PREDICTION = "label", "probabilities", "prediction"  # names of answers, the same in all formats
Cells = Mapping[str, Sequence[Any]]  # by column: float, str, bool or datetime; None is missing
Answers = dict[str, Array]  # (m,) or (m, k) by name


@dataclass(frozen=True)
class RawColumn:
    """A column of a table that the model reads.

    Parameters
    ----------
    name : str
        Its name.
    reading : Reading
        How cells that are texts are read; its words for "missing" too.
    levels : tuple of str
        Of a category: all that an encoder knows, in their order.
    values : tuple of float
        Of a number or a date (in seconds since 1970): values that encoders know of, ascending: where they are centred,
        bend or jump.
    """

    name: str
    reading: Reading
    levels: tuple[str, ...] = ()
    values: tuple[float, ...] = ()

    @property
    def kind(self) -> str:
        """What its values are: "number", "category", "boolean" or "date"."""
        return self.reading.kind

    @cached_property
    def missing_numbers(self) -> tuple[float, ...]:
        """Numbers that mean "missing" where a number is given, ascending; of a truth value whole ones beside 0 and 1.

        Of a date its seconds since 1970, of a category whose levels are numbers those that are not spelled like a
        level.

        Examples
        --------
        >>> RawColumn("dose", Reading("number", missing=("-", "-9", "-99.9"))).missing_numbers
        (-99.9, -9.0)
        """
        found = sorted(set((missing_dates if self.kind == "date" else missing_numbers)(self.reading)))
        if self.kind == "boolean":
            return tuple(one for one in found if one not in (0.0, 1.0) and abs(one) < 2**31 and one == int(one))
        if self.kind == "category" and any(map(dissect, self.levels)):
            return tuple(one for one in found if isfinite(one) and number_text(one) not in self.levels)
        return tuple(found) if self.kind in ("number", "date") else ()

    @cached_property
    def missing_texts(self) -> tuple[str, ...]:
        """Of a category, the texts that mean "missing", beside the empty one; they come before levels.

        Examples
        --------
        >>> zone = RawColumn("zone", Reading("category", missing=("-9.0", "none")), ("1", "2"))
        >>> zone.missing_texts[:4], len(zone.missing_texts)
        (('-9.0', 'none', '-9', 'NA'), 24)
        """
        if self.kind != "category":
            return ()
        spelled = [spell(one) for one in self.missing_numbers for spell in (number_text, repr)]
        words = [*self.reading.missing, *(text for text in spelled if text not in self.levels)]
        return tuple(dict.fromkeys([*words, *(word for word in MISSING_WORDS if word not in self.reading.kept)]))


@dataclass(frozen=True, eq=False)
class Net:
    """One network of those that answer together.

    Parameters
    ----------
    spec : NetworkSpec
        Sizes, activations, bias constants.
    weights : tuple of ndarray
        W_0 … W_{d−1}, (n_l + 1, n_{l+1}) with the bias node's row last, float32 or float64; (n_l, n_{l+1}) without.
    encoders : tuple of encoder
        What makes its inputs of raw columns, side by side; those that several networks have are the same objects.
        Empty: it reads X.
    share : float
        What its outputs count; the shares of all sum to 1.
    member : str
        Of a blend, the name of its member.
    fold : int
        Of a blend, the fold that it has not learnt.
    """

    spec: NetworkSpec
    weights: tuple[Array, ...]
    encoders: tuple[Any, ...] = ()
    share: float = 1.0
    member: str = ""
    fold: int = 0


@dataclass(frozen=True, eq=False)
class ClassColumn:
    """One column of classes, answered from some of the outputs.

    Parameters
    ----------
    labels : tuple
        The classes in the order of their probabilities: str, bool, int or float.
    outputs : slice
        Which outputs are its own: one (the probability of the second class), or one for each class.
    divided : bool
        Whether its outputs are divided by their sum (equal shares if all are 0).
    """

    labels: tuple[Any, ...]
    outputs: slice
    divided: bool

    @property
    def width(self) -> int:
        """Number of its outputs."""
        return int(self.outputs.stop - self.outputs.start)


@dataclass(frozen=True, eq=False)
class Answer:
    """What outputs become.

    Parameters
    ----------
    kind : {"outputs", "classes", "columns", "multilabel", "numbers"}
        "outputs": as they are, of a bare network. "classes": one column of classes, "columns": several. "multilabel":
        0 or 1 for each output (1 above ½), and the outputs as probabilities. "numbers": `mean` + `scale` · output,
        clipped.
    columns : tuple of ClassColumn
        Of "classes" and "columns".
    decision : Decision
        Of "classes": mends probabilities, then chooses: a threshold, costs, or the likeliest.
    mean, scale : ndarray of float64, shape (n_d,)
        Of "numbers".
    low, high : ndarray of float64, shape (n_d,)
        Of "numbers": answers are clipped to them; infinite where they are not.
    levels : tuple of float
        Of "numbers", if they are several quantiles of one number: their levels. Answers are sorted, so that none cross.
    flat : bool
        Whether numbers are answered as (m,); else as (m, n_d).
    uncertainty : object or None
        What residuals say (`descend.models.uncertainty`), for formats that give intervals.
    """

    kind: str
    columns: tuple[ClassColumn, ...] = ()
    decision: Decision = field(default_factory=Decision)
    mean: Floats = field(default_factory=lambda: np.zeros(1))
    scale: Floats = field(default_factory=lambda: np.ones(1))
    low: Floats = field(default_factory=lambda: np.full(1, -np.inf))
    high: Floats = field(default_factory=lambda: np.full(1, np.inf))
    levels: tuple[float, ...] = ()
    flat: bool = False
    uncertainty: Any = None


@dataclass(frozen=True, eq=False)
class Described:
    """A fitted model in plain data.

    Parameters
    ----------
    source : str
        What it is: "Network", "Model", or the estimator's class.
    columns : tuple of RawColumn
        What is read of a table, in the order of the model; empty: it reads rows X.
    features : tuple of str
        Names of the columns of X, where it reads X; made up if nobody named them.
    nets : tuple of Net
        At least one.
    clip : tuple of ndarray or None
        Least and largest mean output, float64 (n_d,), if the mean is clipped before it is answered from.
    answer : Answer
        What outputs become.
    ask : callable
        What the fitted object itself answers, for the proof: from cells, or from X (m, n_0), to `Answers` by the names
        `LABEL`, `PROBABILITIES` and `PREDICTION`; of several columns of classes ``label_0``, ``probabilities_0``, ….
    read : callable
        From a table of any kind, or rows X, to the input columns as `Inputs`, or to X, float64 (m, n_0).
    parts : callable
        The document and the tensors of its model file (`descend.files.container.pack`).
    summary : TableSummary or None
        The training rows in short, if they are known.
    rows : ndarray or None
        Some training rows X, where it reads X and they are known.
    truth : callable
        From a table to the places of its classes, or its numbers, (m,), NaN where missing; None if it has no target.
    interval : callable or None
        What its `predict_interval` answers: from what `ask` takes, and a coverage, to (m, 2) or (m, n_d, 2); None where
        it keeps no residuals of numbers.
    """

    source: str
    columns: tuple[RawColumn, ...]
    features: tuple[str, ...]
    nets: tuple[Net, ...]
    clip: tuple[Floats, Floats] | None
    answer: Answer
    ask: Callable[[Any], Answers]
    read: Callable[[Any], Any]
    parts: Callable[[], tuple[dict[str, Any], dict[str, Array]]]
    summary: TableSummary | None = None
    rows: Array | None = None
    truth: Callable[[Any], Array | None] = lambda table: None
    interval: Callable[[Any, float], Array] | None = None

    @property
    def single(self) -> bool:
        """Whether one network answers alone."""
        return len(self.nets) == 1

    @property
    def outputs(self) -> int:
        """Number of outputs of each network, n_d."""
        return self.nets[0].spec.sizes[-1]


def only_net(described: Described, form: str) -> Net:
    """Return the one network of a model, for formats that hold one.

    Raises
    ------
    SpecError
        If several answer together, with the commands that make one of them.
    """
    if described.single:
        return described.nets[0]
    why = f"export to {form}: it holds one network; {len(described.nets):,} answer together here."
    if not described.columns:
        raise SpecError(f'{why} Fit with select="best", which keeps the best restart alone; or export to onnx or json.')
    raise SpecError(
        f"{why} Distil them into one first, by `{DISTIL}` or in Python by `small = model.distil(table)`, and export "
        "that; or export to onnx or json."
    )
