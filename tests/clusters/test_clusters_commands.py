"""Searches, schedulers and workers as a user starts them: by scikit-learn, by `dask scheduler`, by `dask worker`."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from descend import MLPClassifier, MLPRegressor, Network, TabularClassifier, TabularRegressor
from descend.errors import ClusterError

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:cluster. the solver"),
]

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 3))
Y = np.sin(X[:, 0]) * X[:, 1]
HOW = {"hidden_layer_sizes": (8,), "max_iter": 20, "random_state": 0}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def started(*words, **environment):
    command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment)


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder):
        self.folder, self.address = folder, f"tcp://127.0.0.1:{free_port()}"
        host, port = self.address.removeprefix("tcp://").split(":")
        self.scheduler = started("scheduler", "--host", host, "--port", port, "--dashboard-address", ":0")
        self.workers = []

    def worker(self, **environment):
        words = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", str(self.folder))
        self.workers.append(started("worker", self.address, *words, **environment))

    def end(self):
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.communicate()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path / "workers")
    yield made
    made.end()


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made,
        distributed.Client(made) as one,
    ):
        yield one


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
@pytest.mark.parametrize(
    ("asked", "target", "grid"),
    [
        (MLPClassifier(**HOW, restarts=2), Y > 0, {"alpha": [1e-4, 1.0]}),
        (MLPRegressor(**HOW, restarts=2, n_jobs=2), Y, {"alpha": [1e-4, 1.0]}),
        (MLPRegressor(**HOW, restarts=3, n_jobs=2, solver="lbfgs"), Y, {"alpha": [1e-4, 1.0]}),
        (TabularClassifier(quality="fast", random_state=0), Y > 0, {"restarts": [1, 2]}),
        (TabularRegressor(quality="fast", random_state=0, n_jobs=-1), Y, {"select": ["best", "blend"]}),
    ],
    ids=["classifier", "regressor", "lbfgs", "tabular-classifier", "tabular-regressor"],
)
def test_a_search_over_estimators_finds_what_this_machine_finds(client, asked, target, grid, n_jobs):
    def searched():
        found = GridSearchCV(asked, grid, cv=2, n_jobs=n_jobs).fit(X, target)
        return found.cv_results_["mean_test_score"].tolist(), found.best_params_, found.predict(X).tolist()

    with joblib.parallel_config("dask", client=client):
        far = searched()
    assert far == searched()


def test_a_worker_without_fused_multiply_add_is_refused(cluster):
    cluster.worker(DESCEND_ISA="baseline")
    with (
        distributed.Client(cluster.address, timeout=60) as client,
        joblib.parallel_config("dask", client=client),
    ):
        client.wait_for_workers(1, timeout=60)
        with pytest.raises(ClusterError, match=r"worker tcp://\S+ cannot help: it has a processor of .* without fused"):
            Network([3, 6, 1], seed=0).fit(X, Y, epochs=4, restarts=4)


def _train(folder, name, *more):
    table = folder / "t.csv"
    if not table.exists():
        rows = np.random.default_rng(1).normal(
            size=(800, 4)
        )  # whatever was drawn before; so many that no restart has ended when the first ones come back
        np.savetxt(table, rows, delimiter=",", header="a,b,c,y", comments="", fmt="%.6g")
    how = (
        "--validation",
        "0",
        "--hidden",
        "24",
        "--restarts",
        "8",
        "--epochs",
        "30000",
        "--batch-size",
        "1",
        "--optimizer",
        "sgd",
    )
    words = [sys.executable, "-m", "descend", "train", table, "--target", "y", *how, "-o", folder / name, *more]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def _until(there, seconds=120):
    deadline = time.monotonic() + seconds
    while not there() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert there()


@pytest.mark.parametrize("victim", ["scheduler", "all workers"])
def test_a_cluster_that_dies_leaves_a_checkpoint_that_goes_on_here(cluster, tmp_path, victim):
    cluster.worker()
    running = _train(tmp_path, "far", "--cluster", f"dask:{cluster.address}")
    _until((tmp_path / "far.checkpoint").exists)
    for one in [cluster.scheduler] if victim == "scheduler" else cluster.workers:
        one.send_signal(signal.SIGKILL)
    _, said = running.communicate(timeout=100)
    assert running.returncode == 1
    assert said.count("\n") <= 2
    assert "Error: cluster: " in said
    assert f"What was reached is kept in {tmp_path / 'far.checkpoint'}; go on with: descend train" in said
    assert sorted(path.name for path in tmp_path.glob("far*")) == ["far.checkpoint"]
    for running in (_train(tmp_path, "far", "--resume"), _train(tmp_path, "here")):
        running.communicate(timeout=200)
        assert running.returncode == 0
    assert Path(tmp_path / "far").read_bytes() == Path(tmp_path / "here").read_bytes()
