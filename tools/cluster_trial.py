"""Try descents on clusters of this machine: bits, a worker that is killed, time, what is sent, Ctrl-C; Dask and Ray.

Usage: ``python tools/cluster_trial.py [bits] [blend] [time] [sent] [interrupt] [ray] [spark]``; all by default that the
installed packages allow. Each prints what it measured, and the first that fails ends the trial with exit code 1.
``make cluster`` calls this.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from descend import Network, TabularRegressor

RESTARTS = 64
ROUNDS = 2
LEAST_SECONDS = 20.0  # of work, for which workers are compared
SHARE = 0.65  # of the time of one worker that two may take
GIGABYTE = 1_000_000_000


def rows(count: int, inputs: int = 6) -> tuple[Any, Any]:
    """Return made rows."""
    random = np.random.default_rng(0)
    X = random.normal(size=(count, inputs)).astype(np.float32)
    return X, np.sin(X[:, 0]) * X[:, 1]


@contextlib.contextmanager
def dask_cluster(workers: int) -> Iterator[Any]:
    """Start workers of one thread each, and a client that joblib's context takes."""
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0", memory_limit=0)
    with cluster, Client(cluster) as client:
        client.wait_for_workers(workers)
        with joblib.parallel_config("dask", client=client):
            yield client


def same(one: Any, other: Any) -> bool:
    """Whether two trainings have the same bits, restart by restart."""
    return len(one.restarts) == len(other.restarts) and all(
        np.array_equal(a.network.theta, b.network.theta)
        and a.status == b.status
        and np.array_equal(a.loss_curve, b.loss_curve)
        for a, b in zip(one.restarts, other.restarts, strict=True)
    )


def check(true: bool, what: str) -> None:
    """Say what holds, or end the trial."""
    print(f"  {'yes' if true else 'NO'}: {what}", flush=True)
    if not true:
        raise SystemExit(1)


# ---------------------------------------------------------------- Dask


def bits() -> None:
    """64 restarts with a race on two processes, one of which is killed in the middle."""
    X, Y = rows(20_000)
    how = {"epochs": 200, "learning_rate": 0.01, "validation": 0.2, "restarts": RESTARTS, "race": "halving"}
    net = Network([6, 24, 1], activation="tanh", seed=0)
    begun = time.monotonic()
    here = net.fit(X, Y, n_jobs=2, **how)
    alone = time.monotonic() - begun
    with dask_cluster(2) as client:
        victim = next(iter(client.run(os.getpid).values()))
        threading.Timer(0.4 * alone, os.kill, (victim, signal.SIGKILL)).start()
        begun = time.monotonic()
        far = net.fit(X, Y, **how)
        seconds = time.monotonic() - begun
        killed = victim not in client.run(os.getpid).values()
    print(f"  two threads here {alone:.1f} s, two workers of which one dies {seconds:.1f} s")
    check(killed, "a worker was killed by SIGKILL in the middle")
    check(len(far.restarts) == RESTARTS and far.finished, f"none of {RESTARTS} restarts is lost")
    check(same(here, far), "all weights, curves and ends have the bits of this machine")


def blend() -> None:
    """A blend on two processes, one of which is killed in the middle."""
    X, y = rows(4_000)
    here = TabularRegressor(random_state=0, n_jobs=2).fit(X, y)
    with dask_cluster(2) as client:
        victim = next(iter(client.run(os.getpid).values()))
        threading.Timer(3.0, os.kill, (victim, signal.SIGKILL)).start()
        begun = time.monotonic()
        far = TabularRegressor(random_state=0).fit(X, y)
        seconds = time.monotonic() - begun
        again = far.refit(X, y)
    nets = sum(len(member.nets) for member in far.members_)
    print(f"  {nets} networks that answer, learnt in {seconds:.1f} s")
    check(bool((here.oof_prediction_ == far.oof_prediction_).all()), "a blend has the bits of this machine")
    check(bool((here.refit(X, y).predict(X) == again.predict(X)).all()), "and learnt again on all rows, too")


def _timed(workers: int, net: Network, X: Any, Y: Any, how: dict[str, Any]) -> float:
    with dask_cluster(workers):
        net.fit(X, Y, **how | {"epochs": 1})  # workers have imported what they need
        begun = time.monotonic()
        net.fit(X, Y, **how)
        return time.monotonic() - begun


def scaling() -> None:
    """The time of two workers against that of one."""
    X, Y = rows(20_000)
    how = {"epochs": 80, "learning_rate": 0.01, "validation": 0.2, "restarts": RESTARTS}
    net = Network([6, 24, 1], activation="tanh", seed=0)

    def here() -> float:
        begun = time.monotonic()
        net.fit(X, Y, n_jobs=1, **how)
        return time.monotonic() - begun

    how["epochs"] = math.ceil(how["epochs"] * 1.25 * LEAST_SECONDS / here())  # of a fast processor more
    alone = here()
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):  # in turn, and the shortest counts: what else this machine does makes two longer than one
        for workers, found in times.items():
            found.append(_timed(workers, net, X, Y, how))
    one, two = min(times[1]), min(times[2])
    print(f"  {RESTARTS} restarts of {how['epochs']} epochs: one thread here {alone:.1f} s")
    told = {workers: " and ".join(f"{seconds:.1f}" for seconds in found) for workers, found in times.items()}
    print(f"  one worker {told[1]} s, two {told[2]} s; the shortest of each: {two / one:.3f} of it", flush=True)
    check(one >= LEAST_SECONDS, f"the work takes {LEAST_SECONDS:g} s or more")
    check(two <= SHARE * one, f"two workers take at most {SHARE} of the time of one")


def sent() -> None:
    """What goes over the network for a gigabyte of rows, and what the workers hold."""
    X, Y = rows(GIGABYTE // 4 // 101, 100)
    net = Network([100, 4, 1], seed=0)
    with dask_cluster(2) as client:
        net.fit(X[:1000], Y[:1000], epochs=1, restarts=2)
        before, begun = _loopback(), time.monotonic()
        net.fit(X, Y, epochs=2, batch_size=256, learning_rate=0.01, restarts=4, on_epoch=lambda progress: None)
        seconds, gigabytes = time.monotonic() - begun, (_loopback() - before) / 1e9
        held = ", ".join(f"{one:.2f} GB" for one in client.run(_resident).values())
    size = (X.nbytes + Y.nbytes) / 1e9
    print(f"  {size:.2f} GB of rows, two calls of 4 restarts: {gigabytes:.2f} GB sent in {seconds:.1f} s")
    print(f"  memory of the workers' own, without pages of the file: {held}")
    check(gigabytes < 1.1 * size, "the rows are sent once to the machine of both workers")


def _loopback() -> int:
    """Bytes that this machine has sent to itself."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, colon, numbers = line.partition(":")
        if colon and name.strip() == "lo":
            return int(numbers.split()[8])
    return 0


def _resident() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1e6
    return float("nan")


def interrupt() -> None:
    """Ctrl-C in a command that uses a cluster: the workers stop, what was reached is kept, and it goes on."""
    with tempfile.TemporaryDirectory() as folder, dask_cluster(2) as client:
        table, model, other = (str(Path(folder, name)) for name in ("rows.csv", "far.descend", "here.descend"))
        X, y = rows(20_000)
        np.savetxt(table, np.column_stack([X, y]), delimiter=",", header="a,b,c,d,e,f,y", comments="", fmt="%.6g")
        more = ("--hidden", "24", "--restarts", "16", "--epochs", "3000", "--batch-size", "1", "--optimizer", "sgd")
        command = [sys.executable, "-m", "descend", "train", table, "--target", "y", *more, "--learning-rate", "0.001"]
        far = [*command, "--cluster", f"dask:{client.scheduler.address}", "-o", model]
        running = subprocess.Popen(far, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(12.0)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate()
        print("  " + told.strip().replace(folder, "…"))
        check(running.returncode == 130 and "kept in" in told, "Ctrl-C keeps what was reached")
        time.sleep(1.5)
        before = client.run(time.process_time)
        time.sleep(2.0)
        busy = max(after - before[name] for name, after in client.run(time.process_time).items())
        check(busy < 0.5, f"the workers have stopped (busiest of 2 s: {busy:.2f} s)")
        subprocess.run([*far, "--resume"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run([*command, "-o", other], check=True, stdout=subprocess.DEVNULL)
        check(Path(model).read_bytes() == Path(other).read_bytes(), "resumed, the model is that of this machine")


# ---------------------------------------------------------------- the recipes of docs/guide/on-a-cluster.md


def _recipe(context: Any) -> None:
    X, Y = rows(20_000)
    how = {"epochs": 100, "learning_rate": 0.01, "validation": 0.2, "restarts": 16, "race": "halving"}
    net = Network([6, 24, 1], activation="tanh", seed=0)
    here = net.fit(X, Y, n_jobs=2, **how)
    blend = TabularRegressor(quality="fast", random_state=0).fit(X[:2000], Y[:2000])
    begun = time.monotonic()
    with context:
        far = net.fit(X, Y, **how)
        seconds = time.monotonic() - begun
        other = TabularRegressor(quality="fast", random_state=0).fit(X[:2000], Y[:2000])
    print(f"  16 restarts in {seconds:.1f} s")
    check(same(here, far), "the bits are those of this machine")
    check(bool((blend.predict(X) == other.predict(X)).all()), "and those of a blend")


def ray() -> None:
    """The recipe for Ray."""
    begun = time.monotonic()
    import ray as engine
    from ray.util.joblib import register_ray

    engine.init(num_cpus=2, include_dashboard=False, logging_level="ERROR")
    register_ray()
    print(f"  Ray {engine.__version__} has started after {time.monotonic() - begun:.1f} s")
    _recipe(joblib.parallel_config("ray"))
    engine.shutdown()


def spark() -> None:
    """The recipe for Spark."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from joblibspark import register_spark
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    register_spark()
    _recipe(joblib.parallel_config("spark", n_jobs=2))
    session.stop()


PARTS: dict[str, tuple[Callable[[], None], str]] = {
    "bits": (bits, "distributed"),
    "blend": (blend, "distributed"),
    "time": (scaling, "distributed"),
    "sent": (sent, "distributed"),
    "interrupt": (interrupt, "distributed"),
    "ray": (ray, "ray"),
    "spark": (spark, "joblibspark"),
}


def main(wanted: list[str]) -> None:
    """Do the parts of these names."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background jobs ignore it, and hand that on
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in wanted or PARTS:
        part, package = PARTS[name]
        print(f"{name}: {(part.__doc__ or '').splitlines()[0]}", flush=True)
        if find_spec(package) is None:
            print(f"  left out: {package} is not installed")
            continue
        if name == "spark" and shutil.which("java") is None:
            print("  left out: there is no Java")
            continue
        part()


if __name__ == "__main__":
    main(sys.argv[1:])
