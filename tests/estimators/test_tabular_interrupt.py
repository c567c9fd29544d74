"""What ends a fit of the estimators for tables before its time: Ctrl-C, a time limit."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from descend import TabularRegressor
from descend.models.blends.blocks import Blocks

ROWS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
from descend import TabularRegressor
random = np.random.default_rng(0)
X = random.normal(size=(1000, 8))
y = np.sin(3 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * random.normal(size=1000)
"""

ONCE = """
import sys, warnings
from descend.progress import bar
bar.LINE_SECONDS = 0.0
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    net = TabularRegressor(quality="best", verbose=True, random_state=0).fit(X, y)
nets = sum(row["networks"] for row in net.leaderboard_)
print("kept", nets, net.stopped_, net.score(X, y) > 0.5, len(told), told[0].message)
"""

# networks that do not stop when they are asked to: the first Ctrl-C waits for them, the second does not
TWICE = """
import os, threading, time
from descend.models.blends.fit import BlendFit
stopped, asleep = [], threading.Event()
BlendFit._descended = lambda self, *given: asleep.wait(20) and None
BlendFit.stop = lambda self, stop=BlendFit.stop: (stopped.append(time.monotonic()), stop(self))
def press(): os.kill(os.getpid(), signal.SIGINT)
for seconds in (0.5, 1.5): threading.Timer(seconds, press).start()
net = TabularRegressor(random_state=0)
try:
    net.fit(X[:200], y[:200])
except KeyboardInterrupt:
    print("twice", len(stopped), round(time.monotonic() - stopped[0]), hasattr(net, "members_"))
asleep.set()
"""

# nothing has been trained: the interrupt goes on
NOTHING = """
stopping = threading.Event()
BlendFit._descended = lambda self, *given: stopping.wait(20) and None
BlendFit.stop = lambda self, stop=BlendFit.stop: (stopping.set(), stop(self))
threading.Timer(0.3, press).start()
try:
    net.fit(X[:200], y[:200])
except KeyboardInterrupt:
    print("nothing", hasattr(net, "members_"))
"""

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process there")


def started(program):
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


@POSIX
def test_ctrl_c_keeps_what_has_been_trained_and_a_second_one_ends_at_once():
    process = started(ROWS + ONCE + TWICE + NOTHING)
    first = process.stdout.readline()
    assert first.startswith("1 of 160 networks · ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    kept, *others = out.splitlines()[-3:]
    _, nets, stopped, good, warnings, *text = kept.split()
    assert (stopped, good, warnings) == ("True", "True", "1"), out
    assert 1 <= int(nets) < 80
    assert " ".join(text).startswith(f"TabularRegressor: the fit was interrupted; {nets} network")
    assert others == ["twice 1 1 False", "nothing False"], err


@pytest.mark.parametrize("limit", [1e-6, 0.3])
def test_a_time_limit_keeps_what_has_been_trained(limit):
    random = np.random.default_rng(0)
    X = random.normal(size=(2000, 6))
    y = X[:, 0] * X[:, 1]
    net = TabularRegressor(time_limit=limit, random_state=0).fit(X, y)
    assert net.stopped_
    assert np.isfinite(net.predict(X)).all()
    assert not TabularRegressor(quality="fast", time_limit=600, random_state=0).fit(X[:60], y[:60]).stopped_


def test_a_time_limit_does_not_wait_for_who_still_prepares_what_it_sees(monkeypatch):
    asleep, inner = threading.Event(), Blocks.seen
    waiting = []

    def slow(self, names, fold, look):
        if "levels" in names:  # the member "tri"
            waiting.append(asleep.wait(60))
        return inner(self, names, fold, look)

    monkeypatch.setattr(Blocks, "seen", slow)
    random = np.random.default_rng(0)
    X = random.normal(size=(600, 6)).round(1)
    net = TabularRegressor(quality="best", time_limit=1.0, n_jobs=2, random_state=0).fit(X, X[:, 0])
    assert not waiting  # it still sleeps
    assert net.stopped_
    members = {row["member"] for row in net.leaderboard_}
    asleep.set()
    assert members
    assert "tri" not in members
    assert net.score(X, X[:, 0]) > 0.5
