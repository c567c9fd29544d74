"""Restarts, estimators and blends on a small cluster of Dask have the bits of this machine, workers that die or not."""

import gc
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from descend import MLPClassifier, MLPRegressor, Network, TabularClassifier, TabularRegressor, engine
from descend.clusters import on_dask
from descend.clusters.active import active_tasks, is_active
from descend.clusters.alike import makeup
from descend.errors import ClusterError
from descend.models.blends.file import encoders_of
from descend.models.blends.fit import BlendFit
from descend.models.blends.members import MEMBERS
from descend.models.options import TrainOptions
from descend.models.understand import understand
from descend.training.observers import only_looks

distributed = pytest.importorskip("distributed")

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 3))
Y = np.sin(X[:, 0]) * X[:, 1]
SOME = 120  # rows of blends
HOW = {"epochs": 32, "learning_rate": 0.05, "validation": 0.3, "restarts": 8}
LONG = pytest.mark.long
SINGLE = {"hidden_layer_sizes": (8,), "max_iter": 40, "random_state": 0, "n_iter_no_change": 3}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def cluster():
    """Two processes of one thread; what they say of their end is theirs."""
    for name in ("distributed.nanny", "distributed.scheduler", "distributed.worker", "distributed.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0, silence_logs=logging.CRITICAL
        ) as made,
        distributed.Client(made) as client,
    ):
        yield client
    gc.collect()


@pytest.fixture
def on_it(cluster):
    with joblib.parallel_config("dask", client=cluster):
        yield cluster


@pytest.fixture
def elsewhere(monkeypatch):
    """Nothing may be computed in this process."""

    def refused(*_):
        raise AssertionError("this process computes")

    monkeypatch.setattr(engine._engine, "advance", refused)


def net(**more):
    return Network([3, 6, 1], activation="tanh", seed=0, **more)


def same(one, other):
    for a, b in zip(one.restarts, other.restarts, strict=True):
        assert (a.network.theta == b.network.theta).all()
        assert a.status == b.status
        assert np.array_equal(a.loss_curve, b.loss_curve)
        assert np.array_equal(a.validation_curve, b.validation_curve)
    assert one.winner == other.winner


@pytest.fixture(scope="module")
def here():
    return net().fit(X, Y, race="halving", **HOW)


def test_a_race_on_a_cluster_has_the_bits_of_this_machine(here, on_it, elsewhere):
    far = net().fit(X, Y, race="halving", **HOW)
    same(here, far)
    assert [one.status for one in far.restarts].count("killed") == 7


def test_a_worker_that_is_killed_loses_no_restart(on_it, monkeypatch):
    monkeypatch.setattr("descend.training.far.SLICE_SECONDS", 0.1)
    how = HOW | {"epochs": 8_000, "restarts": 4}
    victims = list(on_it.run(os.getpid).values())[:1]

    @only_looks
    def kill(progress):
        while victims:
            os.kill(victims.pop(), signal.SIGKILL)

    victim = victims[0]
    far = net().fit(X, Y, on_epoch=kill, **how)
    assert victim not in on_it.run(os.getpid).values()
    with joblib.parallel_config("threading"):
        same(net().fit(X, Y, **how), far)


@pytest.mark.parametrize(
    ("early", "restarts"),
    [(True, 2), *((early, k) for early in (False, "loss") for k in (1, 3))],
)
@LONG  # workers import scikit-learn
def test_rules_of_the_estimators_are_kept_on_the_workers(on_it, early, restarts):
    kind, target = (MLPClassifier, Y > 0) if early is True else (MLPRegressor, Y)
    asked = kind(early_stopping=early, restarts=restarts, **SINGLE)
    with joblib.parallel_config("threading"):
        one = clone(asked).fit(X, target)
    far = clone(asked).fit(X, target)
    assert (one.n_iter_, one.loss_curve_) == (far.n_iter_, far.loss_curve_)
    assert all((a == b).all() for a, b in zip(one.coefs_, far.coefs_, strict=True))
    assert getattr(one, "validation_scores_", None) == getattr(far, "validation_scores_", None)


@LONG
def test_a_callback_sees_every_epoch_and_stops_at_the_one_it_chooses(on_it):
    seen = []

    def stop(progress):
        seen.append(progress.epoch)
        return progress.epoch == 3

    far = net().fit(X, Y, on_epoch=stop, **HOW)
    assert seen == [1, 2, 3]
    assert [len(one.loss_curve) for one in far.restarts] == [3] * 8
    with joblib.parallel_config("threading"):
        same(net().fit(X, Y, **HOW), far.resume())
    same(net().fit(X, Y, on_epoch=lambda progress: progress.epoch == 3, **HOW).resume(), far.resume())


@LONG
def test_ctrl_c_cancels_the_tasks_and_keeps_what_came(on_it, tmp_path, monkeypatch):
    monkeypatch.setattr("descend.training.far.SLICE_SECONDS", 0.2)
    kept, how = tmp_path / "kept", HOW | {"epochs": 20_000, "restarts": 2}
    press = only_looks(lambda progress: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt) as caught:
        net().fit(X, Y, checkpoint=kept, on_epoch=press, **how)
    assert max(one.n_iter for one in caught.value.training.restarts) > 0
    deadline = time.monotonic() + 10
    while any(on_it.processing().values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(on_it.processing().values())
    resumed = net().fit(X, Y, checkpoint=kept, resume=True, **how)
    with joblib.parallel_config("threading"):
        same(net().fit(X, Y, **how), resumed)


@LONG
def test_a_time_limit_ends_the_tasks_where_they_are(on_it):
    begun = time.monotonic()
    far = net().fit(X, Y, time_limit=0.5, **HOW | {"epochs": 100_000})
    assert not far.finished
    assert time.monotonic() - begun < 20


def blends(kind, target, **more):
    table = {"a": X[:SOME, 0], "b": X[:SOME, 1], "k": np.where(X[:SOME, 2] > 0, "up", "down")}
    return table, kind(quality="fast", random_state=0, **more), target[:SOME]


@LONG  # workers import all that blends need
def test_networks_of_a_blend_have_the_bits_of_this_machine(on_it, elsewhere, monkeypatch):
    members = [replace(MEMBERS[name], least=2, most=3, samples=1) for name in ("tanhte", "ntp3", "quick")]
    table = {"a": X[:SOME, 0], "k": np.where(X[:SOME, 2] > 0, "up", "down"), "y": Y[:SOME]}
    seen = understand(table, "y", TrainOptions(seed=0, preset="tabular"))
    far = BlendFit(seen.blend.blocks, seen.blend.goal, members).run()
    monkeypatch.undo()
    with joblib.parallel_config("threading"):
        one = BlendFit(seen.blend.blocks, seen.blend.goal, members).run()
    assert np.array_equal(one.outputs, far.outputs, equal_nan=True)
    assert [(a.name, a.weight, a.loss) for a in one.standings] == [(b.name, b.weight, b.loss) for b in far.standings]
    assert len(encoders_of(one.blend)) == len(encoders_of(far.blend))  # the same for all that share a block


@LONG
@pytest.mark.parametrize("kind", [TabularRegressor, TabularClassifier])
def test_a_blend_on_a_cluster_has_the_bits_of_this_machine(on_it, elsewhere, kind, monkeypatch, tmp_path):
    table, asked, target = blends(kind, Y if kind is TabularRegressor else Y > 0)
    far = clone(asked).fit(table, target)
    far.save(tmp_path / "far")
    far.refit(table, target)
    monkeypatch.undo()
    with joblib.parallel_config("threading"):
        one = clone(asked).fit(table, target)
        assert np.array_equal(one.oof_prediction_, far.oof_prediction_)
        one.save(tmp_path / "one")
        assert np.array_equal(one.refit(table, target).predict(table), far.predict(table))
    assert abs((tmp_path / "far").stat().st_size - (tmp_path / "one").stat().st_size) < 200  # encoders stand there once


@LONG
def test_a_task_of_a_user_uses_the_core_of_its_task_and_asks_no_other(on_it):
    def looked():
        from descend.machine import available_cores, resolve_jobs

        return available_cores(), resolve_jobs(4), is_active()

    assert on_it.submit(looked, pure=False).result() == (1, 1, False)
    assert joblib.Parallel(n_jobs=2)(joblib.delayed(looked)() for _ in range(2)) == [(1, 1, False)] * 2
    scores = cross_val_score(MLPRegressor(restarts=2, **SINGLE), X, Y, cv=2, n_jobs=-1)
    with joblib.parallel_config("threading"):
        assert np.array_equal(scores, cross_val_score(MLPRegressor(restarts=2, **SINGLE), X, Y, cv=2))


@LONG
def test_a_time_limit_ends_a_blend_with_what_there_is(on_it):
    table, asked, target = blends(TabularRegressor, Y, time_limit=0.01)  # less than a task takes to come back
    begun = time.monotonic()
    far = asked.fit(table, target)
    assert far.stopped_
    assert far.predict(table).shape == (SOME,)
    assert time.monotonic() - begun < 30


# ---------------------------------------------------------------- other kinds of clusters


@LONG
def test_workers_that_are_threads_of_this_process_do_the_same(here):
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=3, processes=False, dashboard_address=":0") as made,
        distributed.Client(made) as client,
        joblib.parallel_config("dask", client=client),
    ):
        same(here, net().fit(X, Y, race="halving", **HOW))


@LONG
def test_a_cluster_that_adapts_itself_starts_a_worker(here):
    with (
        distributed.LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=":0") as made,
        distributed.Client(made) as client,
        joblib.parallel_config("dask", client=client),
    ):
        made.adapt(minimum=0, maximum=1, interval="100 ms")
        same(here, net().fit(X, Y, race="halving", **HOW))


TERMINAL = """
import os, sys, joblib, numpy as np
from distributed import Client, LocalCluster
from descend import Network
from descend.training import far
from descend.training.observers import only_looks

far.SLICE_SECONDS = 0.3
X = np.random.default_rng(0).normal(size=(300, 3))

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made, Client(made) as client:
        before = sorted(client.run(os.getpid).values())
        tell = only_looks(lambda progress: print("going", flush=True))
        try:
            with joblib.parallel_config("dask", client=client):
                Network([3, 6, 1], seed=0).fit(X, X[:, 0], epochs=100_000, restarts=4, on_epoch=tell)
        except KeyboardInterrupt as interrupt:
            print("kept", max(one.n_iter for one in interrupt.training.restarts) > 0)
        print("workers are there", sorted(client.run(os.getpid).values()) == before)
"""


@LONG
def test_ctrl_c_in_a_terminal_reaches_all_processes_and_workers_leave_it_to_the_parent(tmp_path):
    script = tmp_path / "terminal.py"
    script.write_text(TERMINAL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = subprocess.Popen([sys.executable, script], text=True, start_new_session=True, **pipes)
    assert running.stdout.readline() == "going\n"
    os.killpg(running.pid, signal.SIGINT)
    said, wrong = running.communicate(timeout=100)
    assert said.split("\n")[-3:] == ["kept True", "workers are there True", ""], wrong
    assert "Traceback" not in wrong


# ---------------------------------------------------------------- who cannot help


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("descend", "9.9.9", r"it has descend \S+ \(here: 9.9.9\), so its results would not be those of this machine"),
        ("processor", "vax", r"it has a processor of \S+ \(here: vax\)"),
    ],
)
def test_a_worker_with_other_bits_is_refused(on_it, monkeypatch, field, value, words):
    other = replace(makeup(), **{field: value})
    monkeypatch.setattr(on_dask, "makeup", lambda: other)
    with pytest.raises(ClusterError, match=f"cluster: worker tcp://.* cannot help: {words}"):
        net().fit(X, Y, **HOW)  # before anything is sent
    monkeypatch.setattr(on_dask.DaskTasks, "_check", lambda *_: None)
    with pytest.raises(ClusterError, match=f"cluster: worker tcp://.* cannot help: {words}"):
        net().fit(X, Y, **HOW)  # one that came later says so itself


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        ("descend", r"descend is not installed there. Install descend"),
        (
            "descend.clusters",
            r"it has a descend that cannot be asked \(ModuleNotFoundError: .*'descend.clusters'; here: ",
        ),
        ("numpy", r"it has a descend that cannot be asked \(ModuleNotFoundError: .*'numpy'; here: "),
    ],
)
def test_a_worker_without_descend_is_named(on_it, monkeypatch, lacks, words):
    def absent(packed, arrays=(), *_):
        raise ModuleNotFoundError(f"No module named '{lacks}'", name=lacks)

    monkeypatch.setattr(on_dask, "_by_value", lambda: absent)
    with pytest.raises(ClusterError, match=f"cluster: worker tcp://.* cannot help: {words}"):
        net().fit(X, Y, **HOW)


@LONG
def test_a_cluster_without_a_worker_is_told(monkeypatch):
    monkeypatch.setattr(on_dask, "WORKER_SECONDS", 0.2)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        distributed.Client(empty) as client,
        joblib.parallel_config("dask", client=client),
        pytest.raises(ClusterError, match=r"has had no worker for 0 s. Start workers: dask worker tcp://"),
    ):
        net().fit(X, Y, **HOW)


def test_rows_go_to_those_that_are_left_if_a_worker_dies_while_they_are_sent(on_it, monkeypatch):
    tasks = active_tasks()
    there, gone = list(tasks._workers()), "tcp://127.0.0.1:9"
    scatter = tasks.client.scatter

    def dying(things, workers, **how):
        if gone in workers:
            raise TimeoutError("connection to a worker")
        return scatter(things, workers=workers, **how)

    monkeypatch.setattr(tasks.client, "scatter", dying)
    tasks._things["rows"], tasks._paths["rows"] = np.arange(4.0), {}
    tasks._send("rows", {name: name for name in [*there, gone]})  # nobody waits for the one that has gone
    assert sorted(tasks._paths["rows"]) == sorted(there)
    tasks.close()


@LONG
def test_rows_that_a_machine_has_lost_are_sent_again(on_it):
    tasks = active_tasks()
    token = tasks.share(np.arange(4.0))
    list(tasks.run(_drop_files, token, [tuple]))
    assert [found for _, found in tasks.run(_total, token, [tuple] * 3)] == [6.0] * 3
    tasks.close()


def _drop_files(thing, gone):
    from pathlib import Path

    from distributed import get_worker

    from descend.clusters import work

    work._OPEN.clear()
    for path in Path(get_worker().local_directory).parent.glob("*/descend-*"):
        path.unlink()


def _total(thing, gone):
    return float(thing.sum())
