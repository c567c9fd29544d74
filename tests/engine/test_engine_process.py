"""The engine as part of a process: signals, polls, other threads, forks, memory, the processor's settings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from descend import engine
from descend.engine import testing
from descend.spec.network import make_spec
from descend.spec.state import RUNNING
from engine_cases import bits, end_bits, run_of, using

BIG = make_spec([20, 64, 64, 3], "tanh")

HELPERS = str(Path(__file__).parents[1] / "helpers")
# Ctrl-C is heard by who is started in the background too, where the shell has it ignored.
LONG_RUN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {tests!r})
from engine_cases import bits, run_of
from descend import engine
from descend.spec.network import make_spec
run = run_of(make_spec([20, 64, 64, 3], "tanh"), restarts=2, rows=5000, rounds={rounds}, learning_rate=1e-6)
states = run.states()
"""


def script(body: str, rounds: int = 10**9) -> list[str]:
    return [sys.executable, "-c", LONG_RUN.format(tests=HELPERS, rounds=rounds) + body]


def long_run(**options):
    return run_of(BIG, rows=5000, rounds=10**9, learning_rate=1e-6, **options)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process there")
def test_ctrl_c_in_a_long_run_raises_keyboard_interrupt_soon():
    body = """
print("ready", flush=True)
try:
    engine.advance(run.plan, run.data, states, 10**9, 2)
except KeyboardInterrupt:
    print("interrupted", [state.round > 0 for state in states], [state.status for state in states])
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
    assert output == "interrupted [True, True] [0, 0]\n"


class TestPoll:
    def test_what_it_raises_reaches_the_caller_after_all_workers_stopped(self):
        run = long_run(restarts=3)
        states = run.states()

        def poll() -> bool:
            raise LookupError("enough")

        with pytest.raises(LookupError, match="enough"):
            engine.advance(run.plan, run.data, states, 10**9, 2, poll)
        before = [bits(state) for state in states]
        time.sleep(0.1)
        assert [bits(state) for state in states] == before
        begun = [state.round > 0 for state in states]
        assert begun in ([True, True, False], [True, False, False])  # the third found no worker, or the second late

    def test_it_is_called_again_and_again_by_the_calling_thread(self):
        run, threads = long_run(), []

        def poll() -> bool:
            threads.append(threading.get_ident())
            return len(threads) == 3

        state = run.states()[0]
        engine.advance(run.plan, run.data, [state], 10**9, 1, poll)
        assert threads == [threading.get_ident()] * 3
        assert state.status == RUNNING

    def test_it_can_read_how_far_the_runs_are(self):
        run = long_run()
        state, seen = run.states()[0], []

        def poll() -> bool:
            seen.append(state.round)
            return len(seen) == 3

        engine.advance(run.plan, run.data, [state], 10**9, 1, poll)
        assert 0 < seen[0] < seen[1] < seen[2] <= state.round


def test_the_instruction_set_may_be_changed_meanwhile():
    run = run_of(BIG, restarts=4, rows=2000, rounds=2000)
    expected, states, calls = end_bits(run), run.states(), []

    def poll() -> None:
        calls.append(None)
        engine.use_isa(engine.isas()[0])

    with using("scalar"):
        engine.advance(run.plan, run.data, states, 1, 1, poll)
    assert calls
    assert engine.isas()[0] == "baseline" or [bits(state) for state in states] == expected


def test_other_python_threads_run_meanwhile():
    run, counts = long_run(), []
    ticking = threading.Event()

    def tick() -> None:
        while not ticking.is_set():
            counts.append(None)
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    before = len(counts)
    polls = iter([False, False, True])
    engine.advance(run.plan, run.data, run.states(), 10**9, 1, lambda: next(polls))
    after = len(counts)
    ticking.set()
    thread.join()
    assert after - before > 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_forked_child_can_train():
    body = """
import os
engine.advance(run.plan, run.data, states, 1, 2)
child = os.fork()
if child == 0:
    engine.advance(run.plan, run.data, states, 2, 2)
    os._exit(7 if [state.epoch for state in states] == [2, 2] else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(script(body), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "7\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit of address space")
def test_a_worker_without_memory_raises_memory_error():
    body = """
import resource
run = run_of(make_spec([3000, 3000, 1], "relu"), rows=4)
states = run.states()
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + 40 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    engine.advance(run.plan, run.data, states, 1)
except MemoryError:
    print("no memory", states[0].status, states[0].round)
"""
    done = subprocess.run(script(body), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "no memory 0 0\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_large_memory_of_a_worker_changes_no_bit_and_is_given_back():
    run = run_of(make_spec([300, 900, 3], "tanh"), "float64", rows=40, batch_size=40, optimizer="adamw")
    expected = end_bits(run, "scalar")

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident()
    assert all(end_bits(run) == expected for _ in range(20))
    assert resident() < before + 20 * run.plan.spec.theta_size * 8  # each call takes four times that and more


def test_the_callers_treatment_of_denormals_is_not_touched():
    run = run_of(BIG, rows=50)
    tiny = np.array([1e-40], np.float32)
    theta = np.zeros(BIG.theta_size, np.float32)
    engine.advance(run.plan, run.data, run.states(), 1, 1, lambda: False)
    engine.predict(BIG, theta, np.zeros((1, 20), np.float32))
    engine.loss_and_gradient(BIG, theta, np.zeros((1, 20), np.float32), np.zeros((1, 3), np.float32))
    assert testing.evaluate("identity", False, tiny * 0.5)[0] >= 0
    assert (tiny * np.float32(0.5))[0] > 0


class TestTheEnvironmentVariable:
    def isa_of(self, name: str) -> subprocess.CompletedProcess[str]:
        code = "from descend import engine; print(engine.isa())"
        environment = os.environ | {"DESCEND_ISA": name}
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
        )

    def test_forces_an_instruction_set(self):
        assert self.isa_of("scalar").stdout == "scalar\n"

    def test_empty_means_the_best(self):
        assert self.isa_of("").stdout == engine.isas()[0] + "\n"

    def test_is_refused_if_unknown(self):
        done = self.isa_of("mmx")
        known = ", ".join(engine.isas())
        assert done.stderr.endswith(
            f'ValueError: engine: instruction set "mmx" is not there; this machine has: {known}.\n'
        )


HELD_AT_THE_END = """
import sys, threading, time
from descend import Network
net = Network([2, 3, 1], seed=0)
net.predict_one([0.0, 1.0])
sys.modules["kept"] = [net, net.predict_one]
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""


def test_a_network_that_is_still_held_when_python_ends_is_no_complaint():
    done = subprocess.run([sys.executable, "-c", HELD_AT_THE_END], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
