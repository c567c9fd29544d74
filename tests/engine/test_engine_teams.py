"""Threads that share one descent: the same bits, and as many threads as the rule says, no more than processors.

Whether all members take part is up to the system; the program without Python (teams.cpp) begins when they are there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, product
from pathlib import Path

import numpy as np
import pytest

from descend import engine
from descend.engine import _engine
from descend.machine import available_cores
from descend.spec.network import make_spec
from descend.spec.plan import OPTIMIZERS
from engine_cases import Run, bits, run_of, using

EXACT = [isa for isa in engine.isas() if isa not in ("baseline", "scalar")]
WIDE = make_spec([300, 200, 3], "relu", "softmax", "log_loss")
NETS = {
    "deep": make_spec([20, 70, 40, 33, 17], "gelu", "sigmoid", "log_loss", bias=0.5),
    "turned": make_spec([30, 65, 10], "tanh", "softmax", "log_loss"),
    "few outputs": make_spec([40, 100, 2], "elu", loss="huber"),
    "one output": make_spec([12, 50, 20, 1], "relu"),
    "shallow": make_spec([5, 300, 2], "relu"),
    "one layer": make_spec([50, 20], loss="huber", bias=0),
    "wide": WIDE,
}
OPTIONS = {
    "plain": {},
    "with L2": {"l2": 0.1},
    "with a front scale": {"front_scale": True, "l2": 0.01},
    "with dropout": {"dropout": 0.3},
}


@contextmanager
def teams(use: str) -> Iterator[None]:
    """Share descents never, where worth, or always."""
    before = _engine.teams_use()
    _engine.use_teams(use)
    try:
        yield
    finally:
        _engine.use_teams(before)


def end_bits(run: Run, n_jobs: int, use: str = "always") -> list[bytes]:
    states = run.states()
    with teams(use):
        engine.advance(run.plan, run.data, states, 10**9, n_jobs)
    return [bits(state) for state in states]


def case(net: str, option: str, optimizer: str, dtype: str, batch: int) -> Run:
    spec, options = NETS[net], dict(OPTIONS[option])
    if "dropout" in options:
        options["dropout"] = (0.3,) * (len(spec.sizes) - 2)
    rounds = max(30, 3000 // batch)
    more = {"optimizer": optimizer, "validation_rows": 201, "validate_every": 7, "weighted": batch != 64}
    return run_of(
        spec, dtype, rows=5 * batch - 3, rounds=rounds, batch_size=batch, learning_rate=0.002, **more, **options
    )


# ---------------------------------------------------------------- bits


@pytest.mark.skipif(not EXACT, reason="this machine has no instruction set with fused multiply-add")
@pytest.mark.parametrize(
    "optimizer", [pytest.param(one, marks=[] if one in ("sgd", "adamw") else pytest.mark.long) for one in OPTIMIZERS]
)
@pytest.mark.parametrize("net", NETS)
def test_the_bits_do_not_depend_on_who_shares_a_descent(net, optimizer):
    """Batches of 32 rows, of less than a chunk and of more than one take turns with all else."""
    turns = cycle(product((32, 64, 129, 300), ("float32", "float64")))
    for option, isa in product(OPTIONS, EXACT):
        batch, dtype = next(turns)
        run = case(net, option, optimizer, dtype, batch)
        with using("scalar" if net in ("turned", "one layer") else isa):
            truth = end_bits(run, 1, "never")
        with using(isa):
            for n_jobs in (2, 3, 7):
                assert end_bits(run, n_jobs) == truth, (option, isa, batch, dtype, n_jobs)


@pytest.mark.parametrize("batch", [64, 300])
def test_a_run_in_pieces_by_changing_threads_ends_with_the_same_bits(batch):
    run = run_of(WIDE, rows=1000, rounds=-(-1000 // batch) * 6, batch_size=batch, optimizer="adamw", validation_rows=90)
    truth, state = end_bits(run, 1, "never"), run.states()[0]
    stops = 0

    def stop() -> bool:
        nonlocal stops
        stops += 1
        return True

    with teams("always"):
        for epoch, n_jobs in zip((1, 1, 2, 4, 5, 6), (3, 1, 2, 1, 7, 2), strict=True):
            while state.epoch < epoch and state.status == 0:
                engine.advance(run.plan, run.data, [state], epoch, n_jobs, stop)  # stopped every 50 ms
    assert [bits(state)] == truth


def test_several_descents_share_the_threads():
    run = run_of(WIDE, rows=500, rounds=60, batch_size=50, restarts=5, optimizer="momentum", learning_rate=0.001)
    truth = end_bits(run, 1, "never")
    for n_jobs in (2, 3, 4, 9):
        assert end_bits(run, n_jobs) == truth


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("net", NETS)
def test_predictions_and_gradients_have_the_same_bits(net, dtype):
    run = case(net, "plain", "sgd", dtype, 300)
    spec, data, theta = NETS[net], run.data, run.thetas[0]

    def found(n_jobs: int) -> list[bytes]:
        output = engine.predict(spec, theta, data.X, n_jobs)
        inputs = engine.input_gradient(spec, theta, data.X, data.Y, n_jobs)
        loss, weights = engine.loss_and_gradient(spec, theta, data.X, data.Y, data.sample_weight, 0.1, n_jobs)
        return [output.tobytes(), inputs.tobytes(), np.float64(loss).tobytes(), weights.tobytes()]

    with teams("never"):
        alone = found(1)
    with teams("always"):
        for n_jobs in (2, 3, 7):
            assert found(n_jobs) == alone


# ---------------------------------------------------------------- how many threads


def threads_now() -> int:
    """Threads of this process; those that have ended may be listed a moment longer."""
    counts = []
    for _ in range(5):
        counts.append(len(os.listdir("/proc/self/task")))
        time.sleep(0.01)
    return min(counts)


def workers_of(run: Run, n_jobs: int) -> int:
    """Threads that a call has made, when it asks whether to stop."""
    before, seen = threads_now(), []

    def poll() -> bool:
        seen.append(threads_now() - before)
        return True

    engine.advance(run.plan, run.data, run.states(), 10**9, n_jobs, poll)
    return seen[0]


def long(spec, batch: int, restarts: int = 1) -> Run:
    return run_of(spec, rows=600, rounds=10**8, batch_size=batch, restarts=restarts, learning_rate=1e-6)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
class TestHowManyThreads:
    def test_a_wide_descent_in_batches_has_more_than_one_if_there_are_processors(self):
        for n_jobs in (1, 2, 64):
            wanted = min(n_jobs, available_cores(), 4)  # blocks of 16 rows in a batch of 64; 60,803 weights
            assert workers_of(long(WIDE, 64), n_jobs) == min(wanted, 64 * WIDE.theta_size // 1_500_000)
        assert workers_of(long(WIDE, 256), 64) == min(
            available_cores(), 256 * WIDE.theta_size // 1_500_000
        )  # that is 10

    @pytest.mark.parametrize(("spec", "batch"), [(WIDE, 1), (WIDE, 31), (make_spec([100, 100, 100, 1]), 600)])
    def test_small_batches_and_small_networks_have_one(self, spec, batch):
        assert workers_of(long(spec, batch), 64) == 1

    def test_as_many_as_are_asked_for_where_a_test_wants_them(self):
        with teams("always"):
            assert workers_of(long(make_spec([3, 4, 1]), 40), 7) == 7

    def test_one_if_teams_are_never_made(self):
        with teams("never"):
            assert workers_of(long(WIDE, 64), 64) == 1

    def test_the_environment_variable_forbids_teams(self):
        code = "from descend.engine import _engine; print(_engine.teams_use())"
        for value, printed in (("0", "never"), ("1", "where worth"), ("", "where worth")):
            environment = {**os.environ, "DESCEND_TEAMS": value}
            command = [sys.executable, "-c", code]
            said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            assert said.stdout.strip() == printed

    def test_restarts_have_theirs_whatever_the_processors(self):
        assert workers_of(long(WIDE, 31, restarts=3), 3) == 3

    @pytest.mark.skipif(available_cores() < 2, reason="one processor alone")
    def test_who_may_use_one_processor_gets_one(self):
        body = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        code = "from test_engine_teams import *; print(workers_of(long(WIDE, 64), 2))"
        folders = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "helpers")]
        start = f"import sys; sys.path[:0] = {folders!r}\n"
        counted = [
            subprocess.run(
                [sys.executable, "-c", start + one + code], capture_output=True, text=True, check=True
            ).stdout
            for one in (body, "")
        ]
        assert counted == ["1\n", "2\n"]


# ---------------------------------------------------------------- part of a process

SHARED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path[:0] = {folders!r}
from test_engine_teams import *
from descend.engine import _engine
_engine.use_teams("always")
run = long(WIDE, 64)
state = run.states()[0]
"""


def script(body: str) -> list[str]:
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "helpers")]
    return [sys.executable, "-c", SHARED.format(folders=folders) + body]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process there")
def test_ctrl_c_ends_a_shared_descent():
    body = """
print("ready", flush=True)
try:
    engine.advance(run.plan, run.data, [state], 10**9, 5)
except KeyboardInterrupt:
    print("interrupted", state.round > 0, state.status)
"""
    with subprocess.Popen(script(body), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        try:
            output, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert output == "interrupted True 0\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_forked_child_can_share_a_descent():
    body = """
engine.advance(run.plan, run.data, [state], 1, 3)
child = os.fork()
if child == 0:
    engine.advance(run.plan, run.data, [state], 2, 3)
    os._exit(7 if state.epoch == 2 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(script(body), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "7\n"
