"""Calls of the compiled module for the fuzz test of the door: each function with its arguments, mostly right."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from fuzz_arguments import Arguments, guarded, numbers, odd, wrong_array

# A sanitizer ends the program where an allocation fails, instead of raising MemoryError: nothing huge is asked of it.
SANITISED = "libasan" in os.environ.get("LD_PRELOAD", "")
Call = tuple[Callable[..., Any], list[Any]]


# ---------------------------------------------------------------- plans and states


def fields_of(arguments: Arguments) -> dict[str, Any]:
    """The fields of a native plan."""
    chance = arguments.chance
    engine = native()
    sizes = [chance.choice([1, 2, 3, 5, 8, 16, 17, 33]) for _ in range(chance.randint(2, 5))]
    loss = chance.randrange(len(engine.LOSSES))
    hidden = [k for k, name in enumerate(engine.ACTIVATIONS) if name not in ("softmax",)]
    fits = {"poisson": ["exp"], "log_loss": ["sigmoid", "softmax"]}.get(
        engine.LOSSES[loss], ["identity", "tanh", "gelu"]
    )
    depth = len(sizes) - 1
    fields: dict[str, Any] = {
        "sizes": tuple(sizes),
        "activations": [chance.choice(hidden) for _ in range(depth - 1)]
        + [engine.ACTIVATIONS.index(chance.choice(fits))],
        "loss": loss,
        "loss_parameter": [0.5] * sizes[-1],
        "bias": [chance.choice([0.0, 1.0, 0.5])] * depth,
        "straight_through": chance.randrange(2),
        "is_double": chance.randrange(2),
        "rows": chance.choice([1, 2, 7, 33]),
        "validation_rows": chance.choice([0, 0, 1, 9]),
        "rounds": chance.choice([0, 1, 5, 40]),
        "batch_size": chance.choice([1, 1, 3, 32, 100, 2**53]),
        "block": chance.choice([0, 0, 1, 2, 7, 1024]),
        "optimizer": chance.randrange(len(engine.OPTIMIZERS)),
        "momentum": 0.9,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-8,
        "l2": chance.choice([0.0, 0.1, -1e300]),
        "epsilon_hat": chance.randrange(2),
        "sampling": chance.randrange(len(engine.SAMPLINGS)),
        "validate_every": chance.choice([0, 0, 1, 5, 2**53]),
        "patience": chance.choice([0, 0, 1, 2**53]),
        "dropout": chance.choice([(), (), (0.3,) * (depth - 1)]),
        "front_scale": chance.choice([0, 0, 1]),
        "learning_rate_factors": chance.choice([(), (), (0.5,) * (2 * depth + 1)]),
        "decay_factors": chance.choice([(), (), (1.0,) * (2 * depth + 1)]),
        "decay_varies": chance.choice([0, 0, 1]),
        "fields": some_fields(chance, sizes[0]) if chance.random() < 0.3 else [],
    }
    for name in list(fields):
        if chance.random() < arguments.rare / 4:
            fields[name] = broken_field(chance, fields[name])
        elif chance.random() < arguments.rare / 50:
            del fields[name]
    return fields


def some_fields(chance: random.Random, n_0: int) -> list[tuple[int, int, int, float]]:
    """Fields of n_0 columns, from the first on, now and then one that does not fit."""
    fields, end = [], 0
    while end < n_0:
        ramps, first = chance.randrange(2), end + chance.choice([0, 0, 1, 3])
        count = chance.choice([1, 2, 5, n_0])
        end = first + count
        if end <= n_0 or chance.random() < 0.01:
            fields.append((ramps, first, count, 1.0 if ramps else chance.choice([1.0, -0.5])))
    return fields


def inputs(arguments: Arguments, fields: dict[str, Any], rows: int) -> Any:
    """Rows of inputs as the plan wants them: an array, or numbers, codes and shares."""
    dtype, coded = dtype_of(fields), fields["fields"]
    if not coded:
        return arguments.array((rows, fields["sizes"][0]), dtype)
    codes = guarded((rows, len(coded)), np.uint16)
    draw = np.random.default_rng(arguments.chance.getrandbits(32))
    for place, (_, _, count, _) in enumerate(coded):
        codes[:, place] = draw.integers(0, count + 1, rows)
    if rows and arguments.hit():
        codes.flat[arguments.chance.randrange(codes.size)] = arguments.chance.choice([2**16 - 1, 40, 3])
    numbers = fields["sizes"][0] - sum(count for _, _, count, _ in coded)
    ramps = sum(ramps for ramps, *_ in coded)
    wrong = arguments.hit()
    codes = wrong_array(arguments.chance, codes.shape, "uint16") if wrong else arguments.pick(codes)
    return arguments.tuple(arguments.array((rows, numbers), dtype), codes, arguments.array((rows, ramps), dtype))


def broken_field(chance: random.Random, value: Any) -> Any:
    if not isinstance(value, list | tuple) or chance.random() < 0.5:
        return odd(chance)
    entries = list(value)
    entries[chance.randrange(len(entries))] = odd(chance)
    return chance.choice([entries, entries[:-1], entries * 2, tuple(entries)])


def state_of(arguments: Arguments, plan: Any) -> Any:
    """A state's buffer, now and then with anything in it."""
    chance = arguments.chance
    sections = native().state_sections(plan)
    size = 64 * -(-(sections[-1][3] + sections[-1][2] * 8) // 64)
    if sections[-1][1] == "float32":
        size = 64 * -(-(sections[-1][3] + sections[-1][2] * 4) // 64)
    if size > 10**7:
        return odd(chance)
    buffer = guarded((size,), np.uint8)
    buffer[:] = np.random.default_rng(chance.getrandbits(32)).integers(0, 64, size, np.uint8)
    counters, scalars = buffer[:128].view(np.int64), buffer[128:256].view(np.float64)
    counters[:] = [1, 0, 0, 0, 5, 0, -1, -1, 0, -1, 0, 0, 0, 0, 0, 0]
    scalars[:5] = [np.inf, 0.0, 0.0, np.nan, 1.0]
    corrupt(arguments, counters, scalars)
    if arguments.hit():
        kinds = (buffer[:-1], buffer[1:], np.repeat(buffer, 2)[::2], buffer.tobytes(), buffer.view("i1"), buffer[None])
        return chance.choice(kinds)
    return buffer


def corrupt(arguments: Arguments, counters: np.ndarray, scalars: np.ndarray) -> None:
    chance = arguments.chance
    for k in range(11):
        if arguments.hit() and arguments.hit():
            extremes = [0, 1, 2, 3, 4, 5, 39, 40, 41, -1, 2**31, 2**53, 2**62, 2**63 - 1, -(2**63)]
            counters[k] = chance.choice(extremes)
    if chance.random() < 0.3:  # a place in the middle of the run, perhaps of this plan
        counters[2], counters[3] = chance.randint(0, 41), chance.randint(0, 41)
    if arguments.hit():
        scalars[chance.randrange(5)] = chance.choice([np.nan, np.inf, -np.inf, 1e308, -1.0, 0.0])


# ---------------------------------------------------------------- calls of the compiled module


def native() -> Any:
    return sys.modules["descend.engine._engine"]


PLAIN = {"dropout": (), "front_scale": 0, "learning_rate_factors": (), "decay_factors": (), "decay_varies": 0}
WHOLE: dict[str, Any] = {"fields": []}  # for what takes no inputs by index


def made_plan(arguments: Arguments, training: bool = False, whole: bool = False) -> tuple[Any, dict[str, Any]]:
    """A plan that the door takes; mostly a plain one for calls that train nothing, which refuse a front scale."""
    fields = fields_of(Arguments(arguments.chance, 0.0))
    while not fit_fields(fields):
        fields = fields_of(Arguments(arguments.chance, 0.0))
    if whole and arguments.chance.random() < 0.9:
        fields |= WHOLE
    if not training and arguments.chance.random() < 0.9:
        fields |= PLAIN
    return native().Plan(fields), fields


def fit_fields(fields: dict[str, Any]) -> bool:
    return all(first + count <= fields["sizes"][0] for _, first, count, _ in fields["fields"])


def dtype_of(fields: dict[str, Any]) -> str:
    return "float64" if fields["is_double"] else "float32"


def theta_size(fields: dict[str, Any]) -> int:
    n, bias = fields["sizes"], fields["bias"]
    return sum((n_in + (c != 0)) * n_out for n_in, c, n_out in zip(n, bias, n[1:], strict=False))


def new_plan(arguments: Arguments) -> Call:
    return native().Plan, [odd(arguments.chance) if arguments.hit() else fields_of(arguments)]


def advance(arguments: Arguments) -> Call:
    plan, fields = made_plan(arguments, training=True)
    dtype, rows, looked_at = dtype_of(fields), fields["rows"], fields["validation_rows"]
    n_d = fields["sizes"][-1]
    data = arguments.tuple(
        inputs(arguments, fields, rows),
        arguments.array((rows, n_d), dtype),
        arguments.maybe((rows,), dtype),
        inputs(arguments, fields, looked_at) if looked_at else None,
        arguments.array((looked_at, n_d), dtype) if looked_at else None,
        arguments.maybe((looked_at,), dtype) if looked_at else None,
    )
    states = [state_of(arguments, plan) for _ in range(arguments.chance.choice([0, 1, 2, 5, 9]))]
    if states and arguments.hit():
        states.append(states[0])
    rates = arguments.array((arguments.chance.choice([1, 40, 3]),), "float64")
    decay, dropout = (arguments.pick(np.ones(1), np.ones(1), np.full(40, 0.5)) for _ in range(2))
    schedules = arguments.pick((rates, decay, dropout))
    span = arguments.tuple(arguments.pick(0, 0, 0, 1, 39), arguments.pick(0, 1, 3, 10**6, 2**62 - 1))
    n_jobs, poll = arguments.pick(1, 1, 2, 3), arguments.pick(None, None, lambda: False)
    return native().advance, [plan, data, states, schedules, span, n_jobs, poll]


def predict(arguments: Arguments) -> Call:
    plan, fields = made_plan(arguments)
    dtype, rows = dtype_of(fields), arguments.chance.choice([0, 1, 5, 40])
    theta, output = (arguments.array(shape, dtype) for shape in ((theta_size(fields),), (rows, fields["sizes"][-1])))
    return native().predict, [plan, theta, inputs(arguments, fields, rows), output, arguments.pick(1, 2)]


def input_gradient(arguments: Arguments) -> Call:
    plan, fields = made_plan(arguments, whole=True)
    dtype, rows = dtype_of(fields), arguments.chance.choice([0, 1, 5, 40])
    n_0, n_d = fields["sizes"][0], fields["sizes"][-1]
    arrays = [arguments.array(shape, dtype) for shape in ((theta_size(fields),), (rows, n_0), (rows, n_d), (rows, n_0))]
    return native().input_gradient, [plan, *arrays, arguments.pick(1, 2)]


def loss_and_gradient(arguments: Arguments) -> Call:
    plan, fields = made_plan(arguments)
    dtype, rows = dtype_of(fields), arguments.chance.choice([0, 1, 5, 40])
    X, Y = inputs(arguments, fields, rows), arguments.array((rows, fields["sizes"][-1]), dtype)
    data = arguments.tuple(X, Y, arguments.maybe((rows,), dtype))
    theta, gradient = (arguments.array((theta_size(fields),), dtype) for _ in range(2))
    l2, n_jobs = arguments.pick(0.0, 0.1, 1e300), arguments.pick(1, 2)
    return native().loss_and_gradient, [plan, theta, data, l2, gradient, n_jobs]


def trace(arguments: Arguments) -> Call:
    plan, fields = made_plan(arguments, whole=True)
    dtype, sizes = dtype_of(fields), fields["sizes"]
    out = arguments.tuple(
        *(arguments.array((size,), dtype) for size in (*native().trace_sizes(plan), theta_size(fields)))
    )
    inputs = [arguments.array((size,), dtype) for size in (theta_size(fields), sizes[0], sizes[-1])]
    return native().trace, [plan, *inputs, out]


def predictor(arguments: Arguments) -> Call:
    plan, fields = made_plan(arguments)
    dtype, sizes = dtype_of(fields), fields["sizes"]
    out, chance = arguments.array((sizes[-1],), dtype), arguments.chance
    empty = chance.choice([np.empty, lambda *_: out]) if chance.random() < 0.9 else odd(chance)
    made = native().Predictor(plan, empty, np.dtype(dtype))
    theta, m = arguments.array((theta_size(fields),), dtype), chance.choice([0, 1, 2, 9])
    X = arguments.array((m, sizes[0]), chance.choice(["float32", "float64", dtype]))
    if chance.random() < 0.5:
        turned = [memoryview(X[::-1, ::-1]), np.asfortranarray(X)] if type(X) is np.ndarray and X.ndim == 2 else []
        return made.predict_rows, [theta, arguments.pick(X, *turned)]
    if fields["fields"] and chance.random() < 0.9:
        return made.predict_row, [theta, inputs(arguments, fields, 1)]
    rows = [arguments.array((sizes[0],), dtype) for _ in range(3)]
    row = arguments.pick(*rows, [1.5] * sizes[0], (1,) * sizes[0], [2**70] * sizes[0], [10**400] * sizes[0])
    return made.predict_row, [theta, row]


def new_predictor(arguments: Arguments) -> Call:
    plan = native().Plan(fields_of(Arguments(arguments.chance, 0.0 if SANITISED else arguments.rare)))
    return native().Predictor, [
        arguments.pick(plan, plan, plan),
        arguments.pick(print, np.empty),
        arguments.pick(np.dtype(float)),
    ]


def mostly(arguments: Arguments, right: Any, *wrong: Any) -> Any:
    return arguments.chance.choice(wrong) if arguments.hit() else right


def tree(arguments: Arguments) -> tuple[Any, ...]:
    """Two leaves of a number, and one of a category; now and then something else."""
    variables = arguments.tuple((True, arguments.pick(0, 1), None, arguments.pick(0.5, -np.inf, np.nan)))
    children = [[1, 2], [1, 1], [2, 2], [mostly(arguments, 3, 0, 4, -1)] * 2]
    places = [mostly(arguments, -1, 0), 0, 1, mostly(arguments, 2, 3, -1)]
    whole = [[0, mostly(arguments, 3, 0, 4, -1)], [0] * 4, children, places]
    roots, variable, below, place = (arguments.pick(np.array(one, dtype=np.int64)) for one in whole)
    return "trees", variables, roots, variable, np.zeros(4), below, place, 3, 0.5


def step(arguments: Arguments) -> tuple[Any, ...]:
    """A step of two numbers, a category of four codes and three given numbers."""
    chance, pick = arguments.chance, arguments.pick
    by_code = np.array([mostly(arguments, -1.0, 3.0, 0.5, np.nan), 0.0, 1.0, 2.0])
    codings = ((pick((False, 0, by_code, 0.0)), np.empty(0), 3, -1), ((True, 1, None, np.nan), np.zeros(1), 3, 2))
    place = pick(np.array([0, 1, 2, mostly(arguments, 0, 3, -1, 2**31)], dtype=np.int64))
    columns = pick(np.array([0, mostly(arguments, 1, 2, -1)], dtype=np.int64))
    scaled = columns, arguments.array((3, 2), "float64"), arguments.array((2, 4), "float64")
    return chance.choice(
        [
            ("given", pick(0, 1), pick(1, 2)),
            ("code numbers", mostly(arguments, 0, 1), arguments.array((4, 2), "float32")),
            ("code entries", 0, place, arguments.array((4,), "float32"), mostly(arguments, 3, 2, 2**40)),
            ("ramps", pick(0, 1), arguments.array((mostly(arguments, 3, 1),), "float64")),
            ("levels", pick(0, 1), arguments.array((mostly(arguments, 3, 0),), "float64")),
            ("components", *scaled),
            (
                "cells",
                codings,
                arguments.tuple((mostly(arguments, (0, 1), (0, 2)), arguments.array((9, 2), "float32"))),
            ),
            tree(arguments),
        ]
    )


def inputs_of(made: tuple[Any, ...]) -> int:
    """Rows of weights that a step asks for, if it is as it should be."""
    kind = made[0]
    sizes = {"given": 2, "code entries": 4, "trees": 7}
    if kind in sizes:
        return int(made[sizes[kind]])
    if kind in ("ramps", "levels"):
        return 2 * len(made[2]) - 2 if kind == "ramps" else len(made[2])
    return {"code numbers": 2, "components": 4, "cells": 2}[kind]


def ensemble(arguments: Arguments) -> Call:
    """A new ensemble of one network, or its answer."""
    chance, pick = arguments.chance, arguments.pick
    safe = Arguments(chance, 0.0)
    while (fields := fields_of(safe) | PLAIN | WHOLE)["is_double"]:
        pass
    steps = [step(arguments if chance.random() < 0.2 else safe) for _ in range(chance.randint(1, 4))]
    nodes = fields["sizes"][0]
    try:
        rows = max(0, min(sum(map(inputs_of, steps)), 1000))
    except (TypeError, ValueError, OverflowError):
        rows = 3
    weights = (arguments.array(shape, "float32") for shape in ((rows, nodes), (nodes,), (theta_size(fields),)))
    W, bias, theta = weights
    net = pick((tuple(range(len(steps))), W, bias, pick(1, 3), native().Plan(fields), theta))
    given = [(2, 3, (4,)), steps, [net], [mostly(arguments, (1.0, (0,)), (1.0, ()), (1.0, (1,)))]]
    if arguments.hit():
        return native().Ensemble, [pick(one) for one in given]
    made = native().Ensemble(*given)
    m = chance.choice([0, 1, 2, 300])
    codes = guarded((1, m), np.int64)
    codes[:] = mostly(arguments, 3, 0, 4, -1)
    arrays = arguments.array((2, m), "float64"), pick(codes), arguments.array((m, 3), "float32")
    return made.answer, [*arrays, arguments.array((m, fields["sizes"][-1]), "float64")]


def small_thing(arguments: Arguments) -> Call:
    chance, engine = arguments.chance, native()
    plan, _ = made_plan(arguments)
    n, dtype, out = chance.choice([0, 1, 17]), chance.choice(["float32", "float64"]), guarded((9,), np.int64)
    seed, epoch, kind = arguments.pick(0, 7, 2**64 - 1), arguments.pick(0, 3, 2**61), arguments.pick(0, 1, 2)
    s = [arguments.array((n,), dtype) for _ in range(2)]
    return chance.choice(
        [
            (engine.epoch_order, [seed, epoch, kind, arguments.pick(out, out, numbers(chance, (n,), dtype))]),
            (engine.evaluate, [arguments.pick(*range(26)), arguments.pick(True, False), dtype == "float64", *s]),
            (engine.state_sections, [arguments.pick(plan)]),
            (engine.trace_sizes, [arguments.pick(plan)]),
            (engine.use_isa, [arguments.pick(*engine.isas(), "mmx")]),
            (engine.use_lanes, [arguments.pick("always", "where worth", "never")]),
            (engine.use_teams, [arguments.pick("always", "where worth", "never")]),
            (chance.choice([engine.isas, engine.isa, engine.lanes_use, engine.teams_use]), []),
            (engine.Plan.__new__(engine.Plan).__init__, [odd(chance)]),
            (engine.state_sections, [engine.Plan.__new__(engine.Plan)]),
            (engine.Ensemble.answer, [engine.Ensemble.__new__(engine.Ensemble), *s, *s]),
            (engine.Predictor.predict_row, [engine.Predictor.__new__(engine.Predictor), *s]),
            (engine.Predictor.predict_rows, [engine.Predictor.__new__(engine.Predictor), *s]),
        ]
    )


CALLS = (
    new_plan,
    advance,
    advance,
    advance,
    predict,
    input_gradient,
    loss_and_gradient,
    trace,
    predictor,
    new_predictor,
    small_thing,
    ensemble,
    ensemble,
)
