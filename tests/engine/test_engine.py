"""The door of the compiled engine: what it does to states, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from combinations import specs
from descend import engine
from descend.engine import _engine, testing
from descend.engine.checks import NO_OPTIONS
from descend.engine.native import native_run
from descend.spec.activations import ACTIVATIONS
from descend.spec.data import Data
from descend.spec.losses import LOSSES
from descend.spec.network import make_spec
from descend.spec.plan import OPTIMIZERS, SAMPLINGS, Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import DIVERGED, FINISHED, RUNNING, STOPPED_EARLY, RunState
from engine_cases import Run, run_of

NET = make_spec([2, 3, 1], "tanh")
ORDERS = [(0, 0, 1), (0, 0, 2), (7, 3, 10), (2**64 - 1, 10**6, 257), *((5, 1, rows) for rows in range(31, 68))]
THETA, X_1 = np.zeros(NET.theta_size), np.zeros((1, 2))


class TestOneMeaningOnBothSidesOfTheDoor:
    def test_names_are_those_of_the_python_tables(self):
        assert list(_engine.ACTIVATIONS) == list(ACTIVATIONS)
        assert list(_engine.LOSSES) == list(LOSSES)
        assert list(_engine.OPTIMIZERS) == list(OPTIMIZERS)
        assert tuple(_engine.SAMPLINGS) == SAMPLINGS

    def test_the_version_of_the_order_of_additions_is_that_of_the_contract(self):
        contract = (Path(engine.__file__).parent / "README.md").read_text(encoding="utf-8")
        assert f"## Order of additions, version {engine.ORDER_VERSION} " in contract
        assert engine.NAME == "native"

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_sections_of_a_state(self, optimizer, dtype):
        for looked_at, every, rounds, batch in ((0, 0, 1, 1), (5, 0, 100, 3), (5, 7, 100, 3), (5, 50, 9, 40)):
            options = {"validation_rows": looked_at, "validate_every": every, "rounds": rounds, "batch_size": batch}
            plan = run_of(NET, dtype, optimizer=optimizer, **options).plan
            seen = testing.state_sections(plan)
            assert [(n, np.dtype(d), c) for n, d, c, _ in seen] == plan.state_sections()
            state = RunState(plan)
            start = state.buffer.ctypes.data
            assert [offset for *_, offset in seen] == [
                getattr(state, name).ctypes.data - start if count else offset for name, _, count, offset in seen
            ]

    @pytest.mark.parametrize("sampling", SAMPLINGS)
    def test_epoch_order_is_the_formula(self, sampling):
        for seed, epoch, rows in ORDERS:
            assert testing.epoch_order(seed, epoch, rows, sampling).tolist() == order_by_hand(
                seed, epoch, rows, sampling
            )

    def test_the_order_differs_between_epochs_and_seeds(self):
        orders = [tuple(testing.epoch_order(seed, epoch, 20, "shuffle")) for seed in range(20) for epoch in range(20)]
        assert len(set(orders)) == 400


def hashed(z: int) -> int:
    """SplitMix64's finaliser."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def order_by_hand(seed: int, epoch: int, rows: int, sampling: str) -> list[int]:
    golden = 0x9E3779B97F4A7C15
    key = hashed((hashed((seed + golden) % 2**64) + (epoch + 1) * golden) % 2**64)

    def below(i: int, n: int) -> int:
        return ((hashed((key + (i + 1) * golden) % 2**64) >> 32) * n) >> 32

    if sampling == "replacement":
        return [below(i, rows) for i in range(rows)]
    order = list(range(rows))
    if sampling == "sequential":
        return order
    for i in range(rows - 1, 0, -1):
        k = below(i, i + 1)
        order[i], order[k] = order[k], order[i]
    return order


# ---------------------------------------------------------------- what a run does


def ended(run: Run) -> RunState:
    state = run.states()[0]
    engine.advance(run.plan, run.data, [state], 10**6)
    return state


class TestLinearRuns:
    """y = w x with one weight: every number of a run can be followed by hand."""

    SPEC = make_spec([1, 1], bias=0)

    def run(self, *, rows=((1.0, 2.0),), rounds=3, learning_rate=0.25, start=0.0, looks=None, **options) -> RunState:
        X, Y = (np.array(column)[:, None] for column in zip(*rows, strict=True))
        looks = np.empty((0, 2)) if looks is None else np.array(looks)
        steps = StepSizes(learning_rate, "constant", rounds)
        plan = Plan(self.SPEC, np.dtype(float), len(rows), len(looks), rounds, steps, **options)
        validation = (np.ascontiguousarray(looks[:, :1]), np.ascontiguousarray(looks[:, 1:])) if len(looks) else ()
        state = RunState(plan)
        state.theta[:] = start
        engine.advance(plan, Data(X, Y, None, *validation), [state], 10**6)
        return state

    def test_three_rounds_by_hand(self):
        # w: 0 -> 0.5 -> 0.875 -> 1.15625, by w += 0.25 (2 - w); losses (2 - w)^2 / 2
        state = self.run()
        assert state.theta.tolist() == [1.15625]
        assert state.loss_curve.tolist() == [2.0, 1.125, 0.6328125]
        assert (state.status, state.round, state.epoch, state.epoch_rows) == (FINISHED, 3, 3, 0)

    def test_l2_is_in_the_gradient_and_in_the_loss(self):
        # w: 0 -> 0.5 -> 0.5 + 0.25 (1.5 - 0.5 * 0.5)
        state = self.run(rounds=2, l2=0.5)
        assert state.theta.tolist() == [0.8125]
        assert state.loss_curve.tolist() == [2.0 + 0.25 * 0.25, 1.125 + 0.25 * 0.8125**2]

    def test_momentum_by_hand(self):
        # V: 0.5, then 0.5 * 0.5 + 0.25 * 1.5
        assert self.run(rounds=2, optimizer="momentum", momentum=0.5).theta.tolist() == [0.5 + 0.625]

    def test_the_last_epoch_may_be_cut_short(self):
        state = self.run(rows=[(1.0, 0.0)] * 4, rounds=6, start=1.0, learning_rate=0.0)
        assert state.loss_curve.tolist() == [0.5, 0.5]
        assert (state.epoch, state.round, state.epoch_rows) == (2, 6, 0)

    def test_the_latest_of_equal_looks_is_kept_but_is_no_improvement(self):
        state = self.run(rounds=4, learning_rate=0.0, looks=[(1.0, 2.0)])
        assert (state.best_loss, state.best_look, state.best_round) == (2.0, 3, 4)
        assert state.looks_since_improvement == 3
        assert state.validation_curve.tolist() == [2.0] * 4

    def test_the_best_iterate_is_kept(self):
        # validation wants w = 0.5, which is reached after one round and left again
        state = self.run(looks=[(1.0, 0.5)])
        assert (state.best_look, state.best_round, state.best_loss) == (0, 1, 0.0)
        assert state.best_theta.tolist() == [0.5]
        assert state.theta.tolist() == [1.15625]

    def test_patience_ends_the_run_at_once(self):
        state = self.run(rounds=30, looks=[(1.0, 0.5)], patience=2)
        assert (state.status, state.round, state.looks, state.epoch) == (STOPPED_EARLY, 3, 3, 3)
        assert np.isnan(state.loss_curve[3:]).all()
        assert np.isnan(state.validation_curve[3:]).all()

    def test_patience_within_an_epoch_leaves_the_epoch_open(self):
        rows = [(1.0, 2.0)] * 10
        state = self.run(rows=rows, rounds=30, looks=[(1.0, 0.5)], validate_every=2, patience=1)
        assert (state.status, state.round, state.looks, state.epoch, state.epoch_rows) == (STOPPED_EARLY, 4, 2, 0, 4)
        assert np.isnan(state.loss_curve).all()

    def test_patience_wins_over_the_end_of_the_run(self):
        assert self.run(rounds=3, looks=[(1.0, 0.5)], patience=2).status == STOPPED_EARLY

    def test_a_last_look_at_the_end_of_the_run(self):
        state = self.run(rounds=5, looks=[(1.0, 2.0)], validate_every=3)
        assert (state.looks, state.best_round) == (2, 5)

    def test_a_round_that_leaves_the_finite_numbers_ends_the_run_before_its_update(self):
        # w: 0 -> 2e200; its loss is (2e200)^2 / 2 = inf
        state = self.run(learning_rate=1e200)
        assert (state.status, state.round, state.diverged_round, state.epoch) == (DIVERGED, 1, 1, 1)
        assert state.diverged_learning_rate == 1e200
        assert state.theta.tolist() == [2e200]
        assert state.loss_curve[0] == 2.0
        assert np.isnan(state.loss_curve[1:]).all()

    def test_weights_that_leave_the_finite_numbers_end_the_run_with_the_epoch(self):
        state = self.run(rows=[(1e10, 2e10)], learning_rate=1e300)
        assert (state.status, state.round, state.diverged_round, state.epoch) == (DIVERGED, 1, 0, 0)
        assert np.isnan(state.loss_curve).all()

    def test_step_sizes_are_those_of_their_rounds_in_every_piece(self):
        rates = (0.5, 0.25, 0.125, 0.0625)
        plan = Plan(self.SPEC, np.dtype(float), 1, 0, 4, StepSizes(rates, "constant", 4))
        data, state, w = Data(np.ones((1, 1)), np.full((1, 1), 2.0)), RunState(plan), 0.0
        for epoch, eta in enumerate(rates):
            engine.advance(plan, data, [state], epoch + 1)
            w += eta * (2.0 - w)
            assert state.theta.tolist() == [w]


def test_states_at_different_rounds_advance_together():
    run = run_of(NET, "float64", restarts=2, schedule="linear", rounds=200)
    states = run.states()
    engine.advance(run.plan, run.data, states[:1], 2)
    engine.advance(run.plan, run.data, states, 10**6)
    alone = run.states()[1]
    engine.advance(run.plan, run.data, [alone], 10**6)
    assert [state.status for state in states] == [FINISHED, FINISHED]
    assert states[1].theta.tobytes() == alone.theta.tobytes()


def test_time_spent_is_added_up():
    run = run_of(NET)
    state = run.states()[0]
    engine.advance(run.plan, run.data, [state], 1)
    first = state.seconds
    engine.advance(run.plan, run.data, [state], 2)
    assert 0 < first < state.seconds


def test_no_rounds_or_no_states_are_nothing_to_do():
    run = run_of(NET, rounds=0)
    engine.advance(run.plan, run.data, [], 1)
    assert ended(run).status == FINISHED


def test_the_engine_leaves_the_counter_of_races_alone():
    run = run_of(NET)
    state = run.states()[0]
    state.races = 3
    engine.advance(run.plan, run.data, [state], 10**6)
    assert state.races == 3


class TestGradient:
    def test_is_the_slope_of_the_loss(self):
        random = np.random.default_rng(0)
        spec = make_spec([3, 5, 4, 2], "mish", "softplus", "huber", bias=0.5)
        theta, X, Y = random.normal(0, 0.5, spec.theta_size), random.normal(0, 1, (40, 3)), random.normal(0, 1, (40, 2))
        weight = random.uniform(0, 2, 40)
        _, gradient = engine.loss_and_gradient(spec, theta, X, Y, weight, 0.1)
        slopes = []
        for k in range(spec.theta_size):
            step = np.zeros_like(theta)
            step[k] = 1e-6
            up, down = (engine.loss_and_gradient(spec, theta + s, X, Y, weight, 0.1)[0] for s in (step, -step))
            slopes.append((up - down) / 2e-6)
        np.testing.assert_allclose(gradient, slopes, atol=1e-8)

    def test_trace_is_consistent_with_the_gradient_of_one_row(self):
        random = np.random.default_rng(1)
        for spec in specs(3, outputs=(3,), biases=(1.0,)):
            theta, x = random.normal(0, 0.5, spec.theta_size), random.normal(0, 1, 2)
            y = np.full(3, 1 / 3)
            seen = testing.trace(spec, theta, x, y)
            _, gradient = engine.loss_and_gradient(spec, theta, x[None], y[None])
            assert seen.dL_dW.tobytes() == gradient.tobytes()
            assert seen.v[-3:].tobytes() == engine.predict(spec, theta, x[None]).tobytes()

    def test_flat_sizes_of_a_trace(self):
        spec = make_spec([2, 4, 3], "tanh", bias=[1.0, 0.0])
        seen = testing.trace(spec, np.ones(spec.theta_size), np.ones(2), np.ones(3))
        assert [len(part) for part in seen] == [4 + 3, 3 + 4 + 3, 4 + 3, 2 + 4 + 3, spec.theta_size]


# ---------------------------------------------------------------- what the door refuses

TWO = {"sizes": [1, 1, 1], "activations": [1, 1], "bias": [1, 1]}  # two layers of weights


def refused(error: type[Exception], text: str, call, *args, **kwargs) -> None:
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    assert str(caught.value) == text


class TestTheDoorRefuses:
    RUN = run_of(NET, "float64", restarts=2, validation_rows=5)

    def advance(self, *, plan=None, states=None, until=10**6, n_jobs=1, poll=None, **data) -> None:
        states = self.RUN.states() if states is None else states
        engine.advance(plan or self.RUN.plan, replace(self.RUN.data, **data), states, until, n_jobs, poll)

    @pytest.mark.parametrize(
        ("field", "value", "error", "text"),
        [
            ("X", np.zeros((37, 2), np.float32), TypeError, "`X` must be float64; got float32."),
            ("X", np.zeros((37, 2), ">f8"), TypeError, '`X` must be float64; got format ">d".'),
            ("X", [[1.0, 2.0]], TypeError, "`X` must be an array; got list."),
            ("X", np.zeros((36, 2)), ValueError, "`X` must have shape (37, 2); got (36, 2)."),
            ("X", np.zeros(74), ValueError, "`X` must have shape (37, 2); got (74,)."),
            ("X", np.zeros((2, 37)).T, ValueError, "`X` must be C-contiguous; pass numpy.ascontiguousarray of it."),
            ("Y", np.zeros((37, 2)), ValueError, "`Y` must have shape (37, 1); got (37, 2)."),
            ("sample_weight", np.zeros(36), ValueError, "`sample_weight` must have shape (37,); got (36,)."),
            ("X_validation", None, TypeError, "`X_validation` must be an array; got NoneType."),
            ("Y_validation", np.zeros((5, 2)), ValueError, "`Y_validation` must have shape (5, 1); got (5, 2)."),
            (
                "validation_weight",
                np.zeros((5, 1)),
                ValueError,
                "`validation_weight` must have shape (5,); got (5, 1).",
            ),
        ],
    )
    def test_arrays_that_do_not_fit(self, field, value, error, text):
        refused(error, f"engine: {text}", self.advance, **{field: value})

    def test_an_array_that_begins_between_its_numbers(self):
        bytes_ = np.zeros(37 * 2 * 8 + 1, np.uint8)
        shifted = bytes_[1:].view(np.float64).reshape(37, 2)
        text = "engine: `X` must begin at a multiple of 8 bytes in memory."
        refused(ValueError, text, self.advance, X=shifted)

    def test_a_buffer_of_the_wrong_size(self):
        state, size = self.RUN.states()[0], self.RUN.plan.state_bytes()
        state.buffer = state.buffer[:-64]
        text = f"engine: `states[0]` must have shape ({size},); got ({size - 64},)."
        refused(ValueError, text, self.advance, states=[state])

    def test_a_buffer_that_is_not_aligned(self):
        state, size = self.RUN.states()[0], self.RUN.plan.state_bytes()
        room = np.zeros(size + 128, np.uint8)
        start = -room.ctypes.data % 64 + 8
        state.buffer = room[start : start + size]
        refused(
            ValueError,
            "engine: `states[0]` must begin at a multiple of 64 bytes in memory.",
            self.advance,
            states=[state],
        )

    def test_a_buffer_that_is_read_only(self):
        states = self.RUN.states()
        states[1].buffer.flags.writeable = False
        refused(ValueError, "engine: `states[1]` must be writable; it is read-only.", self.advance, states=states)

    def test_one_state_given_twice(self):
        state = self.RUN.states()[0]
        refused(ValueError, "engine: `states` must not share memory.", self.advance, states=[state, state])

    @pytest.mark.parametrize(
        ("counter", "value", "text"),
        [
            (0, 2, "`states[0]` has format 2; this engine knows 1."),
            (1, 9, "`states[0]` has the unknown status 9."),
            (3, 5, "`states[0]` does not fit the plan: round 0, epoch 5, looks 0."),
            (3, -1, "`states[0]` does not fit the plan: round 0, epoch -1, looks 0."),
            (2, -1, "`states[0]` does not fit the plan: round -1, epoch 0, looks 0."),
            (5, 1, "`states[0]` does not fit the plan: round 0, epoch 0, looks 1."),
            (10, 38, "`states[0]` does not fit the plan: round 0, epoch 0, looks 0."),
        ],
    )
    def test_counters_that_lead_nowhere(self, counter, value, text):
        state = self.RUN.states()[0]
        state.counters[counter] = value
        rates = (self.RUN.plan, self.RUN.data)
        native = native_run(self.RUN.plan)
        arrays = tuple(vars(rates[1]).values())
        refused(
            (TypeError, ValueError),
            f"engine: {text}",
            _engine.advance,
            native,
            arrays,
            [state.buffer],
            (np.zeros(1), np.ones(1), np.ones(1)),
            (0, 9),
            1,
            None,
        )

    def test_too_few_step_sizes(self):
        native, state = native_run(self.RUN.plan), self.RUN.states()[0]
        text = "engine: `learning_rates` must be one number, or cover the rounds 0 to 110; got 110 from round 0 on."
        call, one = (native, tuple(vars(self.RUN.data).values()), [state.buffer]), np.ones(1)
        refused(ValueError, text, _engine.advance, *call, (np.zeros(110), one, one), (0, 9), 1, None)
        text = "engine: `learning_rates` must be one number, or cover the rounds 0 to 110; got 111 from round 1 on."
        refused(ValueError, text, _engine.advance, *call, (np.zeros(111), one, one), (1, 9), 1, None)

    def test_schedules_of_decay_and_dropout_that_do_not_fit(self):
        native, state, one = native_run(self.RUN.plan), self.RUN.states()[0], np.ones(1)
        call = (native, tuple(vars(self.RUN.data).values()), [state.buffer])
        text = "engine: `dropout` must be one number, or cover the rounds 0 to 110; got 2 from round 0 on."
        refused(ValueError, text, _engine.advance, *call, (one, one, np.ones(2)), (0, 9), 1, None)
        text = "engine: `decay` must be the one number 1 in a plan without `decay_varies`."
        refused(ValueError, text, _engine.advance, *call, (one, np.zeros(1), one), (0, 9), 1, None)
        refused(
            ValueError,
            "engine: `schedules` must hold 3 entries; got 1.",
            _engine.advance,
            *call,
            (one,),
            (0, 9),
            1,
            None,
        )

    def test_no_threads(self):
        refused(ValueError, f"engine: `n_jobs` must be from 1 to {2**62 - 1}; got 0.", self.advance, n_jobs=0)

    def test_a_poll_that_cannot_be_called(self):
        refused(TypeError, "engine: `poll` must be callable or None.", self.advance, poll=1)

    @pytest.mark.parametrize(
        ("options", "error", "text"),
        [
            ({"batch_size": 0}, ValueError, "`batch_size` must be from 1 to 9007199254740992; got 0."),
            ({"batch_size": 2**70}, ValueError, f"`batch_size` must be from 1 to 9007199254740992; got {2**70}."),
            ({"batch_size": 2.0}, TypeError, "`batch_size` must be an int; got float."),
            ({"rows": 0}, ValueError, "`rows` must be from 1 to 4294967295; got 0."),
            ({"l2": math.nan}, ValueError, "`l2` must be finite; got nan."),
            ({"l2": "1"}, TypeError, "`l2` must be a float."),
            ({"patience": -1}, ValueError, "`patience` must be from 0 to 9007199254740992; got -1."),
            ({"dtype": np.dtype(np.float16)}, TypeError, "`dtype` must be float32 or float64; got float16."),
            (
                {"optimizer": "newton"},
                ValueError,
                '`optimizer` "newton" is not known to the engine; it knows: sgd, momentum, nesterov, adam, adamw.',
            ),
        ],
    )
    def test_options_out_of_range(self, options, error, text):
        refused(error, f"engine: {text}", testing.state_sections, replace(self.RUN.plan, **options))

    def test_a_users_own_activation(self):
        spec = make_spec([1, 1, 1], (np.sin, np.cos))
        with pytest.raises(
            ValueError, match='engine: `activation` "custom" is not known to the engine; it knows: step, '
        ):
            engine.predict(spec, np.zeros(4), np.zeros((1, 1)))

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"activations": [99]}, "`activations` must be from 0 to 13; got 99."),
            ({"loss": 6}, "`loss` must be from 0 to 5; got 6."),
            ({"loss": 5}, "`loss` log_loss does not fit the output identity."),
            ({"sampling": 3}, "`sampling` must be from 0 to 2; got 3."),
            ({"sizes": [1]}, "`sizes` must have at least 2 entries."),
            ({"sizes": [2**31, 2**31]}, f"`sizes` make more than {2**40} weights."),
            ({"bias": [1.0, 1.0]}, "`bias` must have 1 entries; got 2."),
            ({"dropout": [0.5]}, "`dropout` must have 0 entries, or none; got 1."),
            (TWO | {"dropout": [1.0]}, "`dropout` must be below 1."),
            (TWO | {"dropout": [-0.5]}, "`dropout` must be at least 0."),
            (TWO | {"dropout": [float("nan")]}, "`dropout` must be finite; got nan."),
            (TWO | {"dropout": [0.5, 0.5]}, "`dropout` must have 1 entries, or none; got 2."),
            ({"learning_rate_factors": [1.0, 1.0]}, "`learning_rate_factors` must have 3 entries, or none; got 2."),
            ({"decay_factors": [1.0, 0.0, -1.0]}, "`decay_factors` must be at least 0."),
            ({"front_scale": 2}, "`front_scale` must be from 0 to 1; got 2."),
            (
                {"sizes": [1, 1, 1], "activations": [12, 1], "bias": [1, 1]},
                "`activations`: softmax may stand in the output layer only.",
            ),
        ],
    )
    def test_codes_out_of_range(self, fields, text):
        network = {"sizes": [1, 1], "activations": [1], "loss": 0, "loss_parameter": [0.0], "bias": [1.0]}
        plain = network | {"straight_through": 0, "is_double": 1} | NO_OPTIONS
        _engine.Plan(plain)
        refused(ValueError, f"engine: {text}", _engine.Plan, plain | fields)

    def test_a_plan_with_a_field_missing(self):
        refused(TypeError, "engine: plan: field `sizes` is missing.", _engine.Plan, {})

    @pytest.mark.parametrize(
        ("call", "error", "text"),
        [
            (lambda: engine.predict(NET, [0.0], X_1), TypeError, "`theta` must be an array; got list."),
            (lambda: engine.predict(NET, THETA[:12], X_1), ValueError, "`theta` must have shape (13,); got (12,)."),
            (
                lambda: engine.predict(NET, THETA.astype(int), X_1),
                TypeError,
                "`dtype` must be float32 or float64; got int64.",
            ),
            (lambda: engine.predict(NET, THETA, [[0.0, 0.0]]), TypeError, "`X` must be an array; got list."),
            (lambda: engine.predict(NET, THETA, X_1[0]), ValueError, "`X` must have 2 dimensions; got shape (2,)."),
            (
                lambda: engine.predict(NET, THETA, np.zeros((1, 3))),
                ValueError,
                "`X` must have shape (1, 2); got (1, 3).",
            ),
            (
                lambda: engine.predict(NET, THETA, X_1.astype(np.float32)),
                TypeError,
                "`X` must be float64; got float32.",
            ),
            (
                lambda: engine.predict(NET, THETA, X_1, -2),
                ValueError,
                f"`n_jobs` must be from 1 to {2**62 - 1}; got -2.",
            ),
            (lambda: engine.predict(NET, THETA, X_1, 1.5), TypeError, "`n_jobs` must be an int; got float."),
            (
                lambda: engine.loss_and_gradient(NET, THETA, X_1[:0], X_1[:0, :1]),
                ValueError,
                "`rows of X` must be from 1 to 4294967295; got 0.",
            ),
            (lambda: testing.trace(NET, THETA, X_1[0], X_1[0]), ValueError, "`y` must have shape (1,); got (2,)."),
            (lambda: testing.epoch_order(0, -1, 5), ValueError, f"`epoch` must be from 0 to {2**62 - 1}; got -1."),
            (lambda: testing.epoch_order(-1, 0, 5), ValueError, f"`order_seed` must be from 0 to {2**64 - 1}; got -1."),
            (lambda: testing.epoch_order(0, 0, 0), ValueError, "`rows` must be from 1 to 4294967295; got 0."),
            (
                lambda: testing.epoch_order(0, 0, 5, "sorted"),
                ValueError,
                '`sampling` "sorted" is not known to the engine; it knows: shuffle, replacement, sequential.',
            ),
            (lambda: testing.evaluate("softmax", False, THETA), ValueError, "`name` is no function of one number."),
            (lambda: testing.evaluate("erf", True, THETA), ValueError, "`derivative` is for activations only."),
            (lambda: testing.evaluate("exp", False, 1.0), TypeError, "`s` must be an array; got float."),
        ],
    )
    def test_arguments_of_the_other_functions(self, call, error, text):
        refused(error, f"engine: {text}", call)

    def test_an_instruction_set_that_is_not_there(self):
        text = f'engine: instruction set "mmx" is not there; this machine has: {", ".join(engine.isas())}.'
        refused(ValueError, text, engine.use_isa, "mmx")


def test_predicting_no_rows():
    assert engine.predict(NET, np.zeros(NET.theta_size), np.zeros((0, 2))).shape == (0, 1)


def test_a_fresh_state_is_running():
    assert RunState(run_of(NET).plan).status == RUNNING
