"""The words of a report of a training without a table: its rows, outputs, plan and call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, listing, number
from descend.typing import Array

if TYPE_CHECKING:
    from descend.spec.network import NetworkSpec

TITLE = "A training of Network.fit"
TARGET, LOSS, OUTPUT = "the target", "loss", "output"
INPUTS, CONTENT = "The inputs, in the rows that learnt", "Content"
CHOSEN_BY = "The validation rows chose the restart that is kept and its best epoch: these scores are optimistic."
TRAINING_ONLY = (
    "There were no validation rows: these are the rows that were learnt, and scores on new ones will be worse. Give "
    "validation=0.2 to hold some out."
)


def judged_on(rows: int, held: bool) -> str:
    """Say which rows judge.

    Examples
    --------
    >>> judged_on(60, True), judged_on(60, False)
    ('60 validation rows', '60 training rows')
    """
    return count(rows, f"{'validation' if held else 'training'} row")


def kind_of(output: str, loss: str) -> str:
    """Return what the outputs of a network are: "classes" that exclude one another, "labels", or "numbers".

    Examples
    --------
    >>> kind_of("softmax", "log_loss"), kind_of("sigmoid", "log_loss"), kind_of("identity", "squared")
    ('classes', 'labels', 'numbers')
    """
    if output == "softmax":
        return "classes"
    return "labels" if loss == "log_loss" else "numbers"


def output_names(spec: NetworkSpec) -> tuple[str, ...]:
    """Return names of the outputs.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> output_names(make_spec([2, 1])), output_names(make_spec([2, 2]))
    (('the output',), ('output 0', 'output 1'))
    """
    size = spec.sizes[-1]
    return ("the output",) if size == 1 else tuple(f"output {k}" for k in range(size))


def input_names(size: int) -> tuple[str, ...]:
    """Return names of the inputs, as the estimators have them.

    Examples
    --------
    >>> input_names(2)
    ('x0', 'x1')
    """
    return tuple(f"x{k}" for k in range(size))


def data_facts(learnt: int, held: int, inputs: int, outputs: int) -> list[Fact]:
    """Say what was learnt from what.

    Examples
    --------
    >>> data_facts(240, 60, 3, 1)
    [('Rows', '240 to learn from, 60 to choose the best by'), ('Arrays', '3 inputs, 1 output')]
    """
    rows = f"{learnt:,} to learn from" + (f", {held:,} to choose the best by" if held else "")
    return [("Rows", rows), ("Arrays", f"{count(inputs, 'input')}, {count(outputs, 'output')}")]


def inputs_grid(X: Array) -> Grid:
    """Return the inputs: mean, deviation, least and largest value.

    Parameters
    ----------
    X : ndarray, shape (m, n_0)
        The rows that learnt.

    Examples
    --------
    >>> import numpy as np
    >>> inputs_grid(np.array([[1.0], [3.0]])).rows
    (('x0', '2', '1', '1 … 3'),)
    """
    each = zip(X.mean(axis=0), X.std(axis=0), X.min(axis=0), X.max(axis=0), strict=True)
    rows = [
        (name, number(float(mean)), number(float(deviation)), f"{number(float(low))} … {number(float(high))}")
        for name, (mean, deviation, low, high) in zip(input_names(X.shape[1]), each, strict=True)
    ]
    return Grid(("input", "mean", "deviation", "values"), tuple(rows), words=(0, 3))


def plan_facts(plan: Mapping[str, Any]) -> list[Fact]:
    """Say how the descents go.

    Parameters
    ----------
    plan : mapping
        Of `Training.record`.

    Examples
    --------
    >>> plan = {"optimizer": "sgd", "learning_rate": 0.1, "schedule": "constant", "l2": 0.0, "dropout": []}
    >>> plan_facts(plan | {"rows": 240, "batch_size": 1, "rounds": 7200})
    [('Descent', 'sgd, η = 0.1 constant; one sample a round, 7,200 rounds: 30 epochs')]
    """
    rate = plan["learning_rate"]
    step = number(rate) if isinstance(rate, int | float) else "by a list"
    parts = [f"{plan['optimizer']}, η = {step} {plan['schedule']}"]
    parts += [f"λ = {number(plan['l2'])}"] if plan["l2"] else []
    parts += [f"dropout {listing(number(p) for p in plan['dropout'])}"] if plan["dropout"] else []
    size = plan["batch_size"]
    samples = "one sample a round" if size == 1 else f"{size:,} samples a round"
    epochs = plan["rounds"] / max(1, -(-plan["rows"] // size))
    return [("Descent", "; ".join([*parts, f"{samples}, {plan['rounds']:,} rounds: {number(epochs)} epochs"]))]


def call_words(plan: Mapping[str, Any]) -> list[str]:
    """Return the call of the library that makes such a training, but for its data.

    Examples
    --------
    >>> network = {"sizes": [2, 8, 1], "activation": ["tanh"], "output": "identity", "loss": "squared"}
    >>> plan = {"network": network, "dtype": "float32", "optimizer": "sgd", "learning_rate": 0.1, "batch_size": 1}
    >>> call_words(plan | {"l2": 0.0, "rounds": 40, "rows": 20})[0]
    "Network([2, 8, 1], activation=['tanh'], output='identity', loss='squared', dtype='float32')"
    """
    network = plan["network"]
    given = ", ".join(f"{name}={network[name]!r}" for name in ("activation", "output", "loss") if network[name])
    made = f"Network({network['sizes']}, {given}, dtype={plan['dtype']!r})"
    epochs = plan["rounds"] // max(1, -(-plan["rows"] // plan["batch_size"]))
    options = ", ".join(f"{name}={plan[name]!r}" for name in ("optimizer", "learning_rate", "batch_size", "l2"))
    return [made, f".fit(X, Y, epochs={epochs}, {options}, …)"]
