"""Runs by index for the tests: networks with fields among numbers, rows that hold codes, and the same expanded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np

from combinations import HIDDEN, endings, targets
from descend.spec.data import Data
from descend.spec.indexed import Field, IndexedRows, number_columns
from descend.spec.init import initial_theta
from descend.spec.network import NetworkSpec, make_spec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from engine_cases import Run

# name -> n_0 and fields: first, last, between numbers; without a number; alone; of one column; of more than a byte
LAYOUTS: dict[str, tuple[int, tuple[Field, ...]]] = {
    "between numbers": (17, (Field("ramps", 1, 4), Field("one-hot", 5, 3), Field("ramps", 10, 5))),
    "first and last": (12, (Field("one-hot", 0, 3, -0.5), Field("ramps", 8, 4))),
    "no numbers": (9, (Field("ramps", 0, 4), Field("one-hot", 4, 5))),
    "one column each": (4, (Field("one-hot", 0, 1, 2.0), Field("ramps", 2, 1), Field("one-hot", 3, 1))),
    "one-hot alone": (7, (Field("one-hot", 0, 7),)),
    "more codes than a byte": (605, (Field("one-hot", 1, 300), Field("ramps", 302, 303))),
}


def indexed_rows(n_0: int, fields: Sequence[Field], m: int, random: np.random.Generator, dtype: Any) -> IndexedRows:
    """Random rows: about one code in six says none, shares may be 0 and 1."""
    codes = np.empty((m, len(fields)), np.uint16)
    shares = np.zeros((m, sum(field.kind == "ramps" for field in fields)), dtype)
    ramps = 0
    for place, field in enumerate(fields):
        code = random.integers(0, field.count, m)
        code[random.random(m) < 1 / 6] = field.count
        codes[:, place] = code
        if field.kind == "ramps":
            share = np.clip(random.uniform(-0.1, 1.1, m), 0.0, 1.0)
            shares[:, ramps] = np.where(code < field.count, share, 0.0)
            ramps += 1
    numbers = random.normal(size=(m, len(number_columns(fields, n_0)))).astype(dtype)
    return IndexedRows(tuple(fields), n_0, numbers, codes, shares)


def indexed_run(spec: NetworkSpec, dtype: str = "float32", *, weighted: bool = False, **options: Any) -> Run:
    """A short run by index on random rows; `options` are those of `engine_cases.run_of`."""
    random = np.random.default_rng(spec.theta_size)
    rows, looked_at = options.pop("rows", 37), options.pop("validation_rows", 0)
    rounds = options.pop("rounds", 3 * -(-rows // options.get("batch_size", 1)))
    steps = StepSizes(options.pop("learning_rate", 0.02), options.pop("schedule", "constant"), rounds)
    plan = Plan(spec, np.dtype(dtype), rows, looked_at, rounds, steps, **options)

    def draw(m: int) -> tuple[Any, ...]:
        X = indexed_rows(spec.sizes[0], spec.fields, m, random, np.dtype(dtype))
        weight = random.uniform(0.0, 2.0, m).astype(dtype) if weighted else None
        return X, targets(spec, m, random).astype(dtype), weight

    given = draw(rows), draw(looked_at) if looked_at else (None, None, None)
    return Run(plan, Data(*given[0], *given[1]), ((0.5 * initial_theta(spec, random)).astype(dtype),))


def expanded(run: Run) -> Run:
    """The same run on all columns."""
    X, looked_at = run.data.X, run.data.X_validation
    looked_at = None if looked_at is None else looked_at.expanded()
    return replace(run, data=replace(run.data, X=X.expanded(), X_validation=looked_at))


def indexed_grid(part: int = 0, parts: int = 1) -> Iterator[tuple[str, Run]]:
    """Every hidden activation with a third of the endings; layouts, widths, optimisers and options take turns."""
    layouts, widths = cycle(LAYOUTS.items()), cycle([1, 17, 64, 5, 100])
    optimizers, batches = cycle(["adamw", "sgd", "momentum", "nesterov", "adam"]), cycle([1, 5, 37, 300, 3, 64, 33])
    ways = [(hidden, *ending) for hidden in (*HIDDEN, "step") for ending in endings(3)][::3]
    for dtype in ("float32", "float64"):
        for turn, (hidden, output, loss) in enumerate(ways):
            name, (n_0, fields) = next(layouts)
            middle = [[next(widths)], [next(widths), 9], []][turn % 3]
            sizes = [n_0, *middle, 3 if output == "softmax" or turn % 2 else 1]
            bias = [1.0, 0.5, 0.0][turn % 3 - turn % 2]
            spec = make_spec(sizes, hidden, output, loss, bias=bias, step_surrogate="straight_through", fields=fields)
            options: dict[str, Any] = {"optimizer": next(optimizers), "batch_size": next(batches)}
            options |= {"l2": [0.0, 0.1][turn // 2 % 2], "validation_rows": [0, 9, 300][turn % 3]}
            options |= {"weighted": turn % 5 == 0, "learning_rate": 0.005, "schedule": "cosine"}
            options |= {"front_scale": turn % 4 == 1, "dropout": ((0.3,) * (spec.depth - 1), ())[turn % 2]}
            options["sampling"] = ("shuffle", "replacement", "sequential")[turn % 3]
            if options["batch_size"] == 300:
                options |= {"rows": 700, "rounds": 5}  # chunks of a batch
            if turn % parts == part:
                text = f"{dtype} {name} {sizes} {hidden} {output} {loss} bias {bias} {options}"
                yield text, indexed_run(spec, dtype, **options)
