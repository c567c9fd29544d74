"""Calls of the engine's door with arguments of every kind, right and wrong: each works or raises, none may crash.

``python tests/engine/fuzz_door.py [--calls 5000] [--seed 0] [--first 0] [--module PATH]``

Every call is drawn from (seed, number) alone, so that one that crashes can be made again:
``--seed 0 --first 1234 --calls 1``. The number is the last line of the output. Around every buffer that the engine
writes to lie bytes that must not change. ``--module`` loads another build of the compiled module, for instance one with
sanitizers. Exit code 0 if every call worked or raised TypeError, ValueError or MemoryError, or found no thread to be
had."""

from __future__ import annotations

import argparse
import dataclasses
import errno
import faulthandler
import importlib.util
import os
import random
import sys
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from fuzz_arguments import Arguments, OddError, broken_guards, odd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))
ALLOWED = (TypeError, ValueError, MemoryError, OddError)


def load(path: str) -> None:
    """Put another build of the compiled module in the place of the installed one."""
    name = "descend.engine._engine"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def limit_memory() -> None:
    """Let what is far too large fail at once."""
    if sys.platform == "linux":
        import resource

        limit = 4 * 2**30
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


# ---------------------------------------------------------------- calls of descend.engine


def python_call(arguments: Arguments) -> tuple[Any, list[Any]]:
    """A call of the door in Python."""
    from descend import engine
    from descend.engine import testing
    from descend.spec.network import make_spec

    chance = arguments.chance
    loss, output = chance.choice([("squared", "identity"), ("log_loss", "softmax"), ("huber", "tanh")])
    sizes = [chance.choice([1, 3, 17]) for _ in range(chance.randint(1, 3))] + [chance.choice([2, 5])]
    spec = make_spec(sizes, chance.choice(["relu", "tanh", "gelu"]), output, loss, bias=chance.choice([0, 1]))
    dtype, rows = chance.choice(["float32", "float64"]), chance.choice([0, 1, 9, 40])
    theta, x, y = (arguments.array((n,), dtype) for n in (spec.theta_size, sizes[0], sizes[-1]))
    X, Y = (arguments.array((rows, n), dtype) for n in (sizes[0], sizes[-1]))
    weight, spec = arguments.maybe((rows,), dtype), arguments.pick(spec)
    return chance.choice(
        [
            (engine.predict, [spec, theta, X, arguments.pick(1, 2)]),
            (engine.input_gradient, [spec, theta, X, Y, arguments.pick(1, 2)]),
            (engine.loss_and_gradient, [spec, theta, X, Y, weight, arguments.pick(0.0, 0.1, 1)]),
            (testing.trace, [spec, theta, x, y]),
            (lambda *given: engine.predictor(*given).predict_row(theta, x), [spec, arguments.pick(np.dtype(dtype))]),
            (lambda *given: engine.predictor(*given).predict_rows(theta, X), [spec, arguments.pick(np.dtype(dtype))]),
            (
                testing.epoch_order,
                [arguments.pick(0, 2**64 - 1), arguments.pick(0, 5), rows, arguments.pick("shuffle")],
            ),
            (testing.epoch_order, [1, 2, arguments.pick(0, 1, 9)]),
            (testing.evaluate, [arguments.pick("relu", "exp", "softmax"), arguments.pick(True, False), x]),
            (engine.use_isa, [arguments.pick(*engine.isas(), "mmx")]),
            python_advance(arguments, dtype),
            python_advance(arguments, dtype),
        ]
    )


def run_for_advance(arguments: Arguments, dtype: str) -> Any:
    """Plan, data and states made for one another, of whole inputs or by index."""
    from descend.spec.indexed import Field
    from descend.spec.network import make_spec
    from engine_cases import run_of
    from indexed_cases import indexed_run

    chance = arguments.chance
    options = {"validation_rows": chance.choice([0, 7]), "patience": chance.choice([0, 2])}
    options |= {"rows": 9, "rounds": 30, "schedule": "cosine"}
    if chance.random() < 0.5:
        return run_of(make_spec([3, 5, 2], "tanh"), dtype, 6, **options)
    fields = [Field("ramps", 0, 3), Field("one-hot", 4, 2)]
    run = indexed_run(make_spec([6, 5, 2], "tanh", fields=fields), dtype, **options)
    X = run.data.X
    if arguments.hit():
        name = chance.choice(["fields", "numbers", "codes", "shares"])
        wrong = chance.choice([odd(chance), getattr(X, name)[:1], np.full((9, 2), 2**16 - 1, np.uint16)])
        X = dataclasses.replace(X, **{name: wrong})
    return dataclasses.replace(run, thetas=run.thetas * 6, data=dataclasses.replace(run.data, X=X))


def python_advance(arguments: Arguments, dtype: str) -> tuple[Any, list[Any]]:
    """A run, perhaps with something wrong in it."""
    from descend import engine

    chance, run = arguments.chance, run_for_advance(arguments, dtype)
    plan, data, states = run.plan, run.data, run.states()
    for state in states:
        if arguments.hit():
            extremes = [0, 1, 4, 5, 29, 30, 31, -1, 2**31, 2**62, 2**63 - 1, -(2**63)]
            state.counters[chance.randrange(11)] = chance.choice(extremes)
    if arguments.hit():
        name = chance.choice([field.name for field in dataclasses.fields(plan) if field.name != "rounds"])
        plan = dataclasses.replace(plan, **{name: odd(chance)})
    if arguments.hit():
        name = chance.choice([field.name for field in dataclasses.fields(data)])
        data = dataclasses.replace(data, **{name: odd(chance)})
    if arguments.hit():
        states[chance.randrange(6)] = odd(chance)
    if arguments.hit() and hasattr(states[0], "buffer"):
        states[0].buffer = odd(chance)
    until, n_jobs = arguments.pick(0, 1, 2, 100), arguments.pick(1, 2, 3)
    return engine.advance, [arguments.pick(plan), arguments.pick(data), arguments.pick(states), until, n_jobs]


# ---------------------------------------------------------------- the loop


def call(seed: int, number: int) -> str:
    """Make one call; what came of it."""
    from fuzz_calls import CALLS

    chance = random.Random(f"{seed}-{number}")
    arguments = Arguments(chance, chance.choice([0.0, 0.02, 0.1]))
    try:
        function, given = chance.choice([*CALLS, python_call])(arguments)
        if arguments.hit() and given:
            given[chance.randrange(len(given))] = odd(chance)
        if arguments.hit() and arguments.hit():
            given = chance.choice([given[:-1], [*given, None], []])
        function(*given)
    except ALLOWED as error:
        return type(error).__name__
    except RuntimeError as error:
        if os.strerror(errno.EAGAIN) not in str(error):
            raise
        return "no thread to be had"
    if broken_guards(given):
        raise AssertionError("something was written beside a buffer")
    return "worked"


def main() -> int:
    """Make the calls; print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("calls", 5000), ("seed", 0), ("first", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--module")
    options = parser.parse_args()
    faulthandler.enable()
    warnings.simplefilter("ignore")
    if options.module:
        load(options.module)
    import descend.engine
    from fuzz_calls import SANITISED

    assert not options.module or descend.engine._engine.__file__ == options.module

    if not SANITISED:
        limit_memory()
    isa, outcomes = descend.engine.isa(), Counter[str]()
    for number in range(options.first, options.first + options.calls):
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        descend.engine.use_isa(isa)
        descend.engine._engine.use_lanes("always")
        descend.engine._engine.use_teams("always")
        try:
            outcomes[call(options.seed, number)] += 1
        except Exception:
            traceback.print_exc()
            sys.stderr.write(f"again with: --seed {options.seed} --first {number} --calls 1\n")
            return 1
    sys.stdout.write(", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
