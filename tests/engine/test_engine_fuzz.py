"""The door never crashes: whatever it is given, it works or raises. `make test-long` makes many more calls."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descend import engine
from descend.engine import _engine
from descend.engine.checks import NO_OPTIONS
from descend.spec.data import Data
from descend.spec.network import make_spec
from engine_cases import run_of
from fuzz_arguments import broken_guards, guarded

SPEC = make_spec([2, 3, 1], "tanh")


def native_plan(**options: Any) -> _engine.Plan:
    network = {"sizes": SPEC.sizes, "activations": [3, 1], "loss": 0, "loss_parameter": SPEC.loss_parameter}
    return _engine.Plan(network | {"bias": SPEC.bias, "straight_through": 0, "is_double": 1} | NO_OPTIONS | options)


def test_thousands_of_calls_with_arguments_of_every_kind_work_or_raise():
    command = [sys.executable, str(Path(__file__).with_name("fuzz_door.py")), "--calls", "2000", "--seed", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"seed 0, call {done.stdout.splitlines()[-1:]}:\n{done.stderr[-3000:]}"
    outcomes = dict(one.rsplit(" ", 1) for one in done.stdout.splitlines()[-1].split(", "))
    assert all(int(outcomes[name]) > 200 for name in ("worked", "TypeError", "ValueError"))


def test_the_fuzz_test_notices_a_byte_written_beside_a_buffer():
    for place in (63, 64 + 12):
        values = guarded((3,), "float32")
        assert not broken_guards([(values,)])
        values.base[values.ctypes.data - values.base.ctypes.data - 64 + place] = 0
        assert broken_guards([(values,)])


class TestWhatOnceCrashed:
    def test_tuples_that_are_too_short(self):
        plan, theta, x, y = native_plan(), np.ones(13), np.ones((1, 2)), np.ones((1, 1))
        with pytest.raises(ValueError, match="`span` must hold 2 entries; got 0"):
            _engine.advance(plan, (x, y, None, None, None, None), [], (np.ones(1),) * 3, (), 1, None)
        with pytest.raises(ValueError, match="`data` must hold 3 entries; got 1"):
            _engine.loss_and_gradient(plan, theta, (x,), 0.0, np.ones(13), 1)
        with pytest.raises(ValueError, match="`out` must hold 5 entries; got 0"):
            _engine.trace(plan, theta, x[0], y[0], ())

    def test_a_plan_with_scales_behind_its_weights(self):
        plan, theta, x, y = native_plan(front_scale=1), np.ones(13), np.ones((1, 2)), np.ones((1, 1))
        for call, *given in (
            (_engine.predict, theta, x, y, 1),
            (_engine.loss_and_gradient, theta, (x, y, None), 0.0, np.ones(13), 1),
            (_engine.trace, theta, x[0], y[0], tuple(np.ones(9) for _ in range(5))),
        ):
            with pytest.raises(ValueError, match="`plan` must be without `front_scale`"):
                call(plan, *given)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_a_row_whose_buffer_has_no_strides(self, dtype):
        kind = ctypes.c_float if dtype == "float32" else ctypes.c_double
        one = engine.predictor(SPEC, np.dtype(dtype))
        assert one.predict_row(np.ones(13, dtype), (kind * 2)(1.0, 2.0)) is None
        assert one.predict_rows(np.ones(13, dtype), (kind * 2 * 3)()) is None

    def test_results_that_are_objects(self):
        with pytest.raises(TypeError, match="`result of empty` must be float64"):
            _engine.Predictor(native_plan(), lambda *_: np.ones(1, object), float)

    def test_numbers_beyond_every_float(self):
        with pytest.raises(ValueError, match="`l2` must be finite"):
            native_plan(l2=10**400)

    @pytest.mark.parametrize("value", [2**63 - 1, -1, 5])
    def test_a_counter_of_looks_that_no_run_could_have(self, value):
        run = run_of(SPEC, validation_rows=3)
        state = run.states()[0]
        state.looks_since_improvement = value
        with pytest.raises(ValueError, match=r"`states\[0\]` does not fit the plan"):
            engine.advance(run.plan, run.data, [state], 1)

    def test_a_batch_and_a_look_of_2_to_the_53_rounds(self):
        run = run_of(SPEC, validation_rows=3, rounds=3).changed(batch_size=2**53, validate_every=2**53)
        state = run.states()[0]
        engine.advance(run.plan, run.data, [state], 10**6)
        assert state.round == 3

    def test_things_that_are_not_descends_own(self):
        run = run_of(SPEC)
        for plan, data, states in ((None, run.data, []), (run.plan, (), []), (run.plan, run.data, [None])):
            with pytest.raises(TypeError, match=r"engine: `.*` must be a .*; got "):
                engine.advance(plan, data, states, 1)
        with pytest.raises(TypeError, match="`states` must be a list or tuple; got memoryview"):
            engine.advance(run.plan, Data(run.data.X, run.data.Y), memoryview(np.ones((2, 2))), 1)
