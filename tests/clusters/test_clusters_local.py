"""What goes to other machines, which context means them, and what is said where they cannot be."""

import errno
import importlib.util
import io
import socket
import threading
from dataclasses import replace

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import run
from descend import MLPRegressor, Network, TabularRegressor
from descend.clusters import dask_address
from descend.clusters.active import active_tasks, is_active, most_tasks
from descend.clusters.alike import differences, makeup
from descend.clusters.dask_address import connected, scheduler_address
from descend.clusters.on_joblib import JoblibTasks
from descend.clusters.sealed import open_sealed, write_sealed
from descend.clusters.work import Missing, SealedFile, Shared, carry_out
from descend.errors import ClusterError
from descend.machine import available_cores, resolve_jobs
from descend.models.options import TrainOptions
from descend.models.streamed import choose
from descend.models.streamed.choose import understand_table
from descend.models.train import train
from descend.progress.clock import Clock
from descend.training.far import dealt
from descend.training.observers import Progress

X = np.random.default_rng(0).normal(size=(60, 2))
Y = X[:, 0] * X[:, 1]


# ---------------------------------------------------------------- which context


@pytest.mark.parametrize("name", ["loky", "threading", "multiprocessing", "sequential"])
def test_engines_for_one_machine_are_no_cluster(name):
    with joblib.parallel_config(name, n_jobs=2):
        assert not is_active()
        assert active_tasks() is None
    assert not is_active()


class Processes(joblib._parallel_backends.LokyBackend):
    """An engine that joblib does not know itself, as Ray is one."""


@pytest.fixture
def foreign():
    joblib.register_parallel_backend("foreign", Processes)
    with joblib.parallel_config("foreign", n_jobs=2):
        yield
    joblib.parallel.BACKENDS.pop("foreign")


@pytest.mark.long
def test_any_other_engine_of_joblib_has_the_bits_of_this_machine(foreign):
    how = {"epochs": 20, "validation": 0.3, "learning_rate": 0.05, "restarts": 6, "race": "halving"}
    assert is_active()
    far = Network([2, 5, 1], seed=0).fit(X, Y, **how)
    blend = TabularRegressor(quality="fast", random_state=0).fit(X, Y)
    with joblib.parallel_config("threading"):
        one = Network([2, 5, 1], seed=0).fit(X, Y, **how)
        same = TabularRegressor(quality="fast", random_state=0).fit(X, Y)
    assert [a.network.theta.tobytes() for a in one.restarts] == [b.network.theta.tobytes() for b in far.restarts]
    assert [a.status for a in one.restarts] == [b.status for b in far.restarts]
    assert np.array_equal(blend.predict(X), same.predict(X))


def test_a_call_of_partial_fit_does_not_leave_the_machine(foreign, monkeypatch):
    monkeypatch.setattr("descend.training.far.active_tasks", lambda: pytest.fail("asked for machines"))
    with pytest.warns(UserWarning, match="cluster: `partial_fit` is done by this machine alone"):
        assert MLPRegressor((3,)).partial_fit(X, Y).n_iter_ == 1


@pytest.mark.long
def test_an_error_of_a_task_is_told_as_it_is(foreign):
    tasks = active_tasks()
    token = tasks.share(X)
    with pytest.raises(ZeroDivisionError):
        list(tasks.run(_divide, token, [lambda: (0,)]))
    tasks.close()


def _divide(thing, gone, by):
    return 1 / by


def test_spark_without_what_it_needs_says_so(monkeypatch):
    backend = type("SparkDistributedBackend", (), {"__module__": "joblibspark.backend"})()
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "packaging" else find("os"))
    with pytest.raises(ClusterError, match=r"Spark needs packaging; install it with: pip install packaging.*Java 17.*"):
        JoblibTasks(backend, None)


def test_a_failure_of_spark_names_what_it_needs(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)

    def fails(self, n_jobs):
        raise TypeError("'NoneType' object is not iterable")

    backend = type("Backend", (), {"__module__": "joblibspark.backend", "effective_n_jobs": fails})()
    with pytest.raises(ClusterError, match=r"not iterable.*PYSPARK_PYTHON"):
        JoblibTasks(backend, None).slots()


def test_jobs_are_tasks_at_once():
    assert [most_tasks(n) for n in (None, -1, 1, 5)] == [None, None, 1, 5]


# ---------------------------------------------------------------- blocks


@given(st.integers(1, 200), st.integers(1, 40), st.floats(0, 1e6))
def test_every_state_is_in_one_block_and_blocks_differ_by_one_at_most(count, slots, work):
    blocks = dealt(range(count), slots, work)
    assert [place for block in blocks for place in block] == list(range(count))
    assert max(map(len, blocks)) - min(map(len, blocks)) <= 1
    assert len(blocks) <= min(slots, max(1, int(work) + 1))


# ---------------------------------------------------------------- what is sent


@given(st.lists(st.integers(0, 200), max_size=4), st.text(max_size=5))
def test_a_sealed_thing_is_read_as_it_was_written(tmp_path_factory, sizes, text):
    path = tmp_path_factory.mktemp("sealed") / "thing"
    thing = text, [np.arange(n, dtype=np.float32) for n in sizes], {"f": np.asfortranarray(np.ones((3, 2)))}
    write_sealed(thing, path)
    found = open_sealed(path)
    assert found[0] == text
    assert [array.tolist() for array in found[1]] == [array.tolist() for array in thing[1]]
    assert all(array.ctypes.data % 64 == 0 for array in found[1] if array.size)
    assert found[2]["f"].tolist() == [[1, 1]] * 3


def test_what_is_mapped_stays_when_the_file_goes_and_cannot_be_changed(tmp_path):
    write_sealed(np.arange(1000.0), tmp_path / "a")
    found = open_sealed(tmp_path / "a")
    (tmp_path / "a").unlink()
    assert found.sum() == 499_500
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


def test_a_full_disk_leaves_no_half(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, part):
            if len(part) > 500:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(part)

    def opened(path, mode):
        path.touch()
        return Full()

    monkeypatch.setattr("builtins.open", opened)
    with pytest.raises(OSError, match="No space left"):
        write_sealed(np.zeros(100), tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_the_file_says_who_it_is(tmp_path):
    shared = Shared("nothing", SealedFile(str(tmp_path / "gone")))
    assert isinstance(carry_out(_divide, shared, makeup(), 2), Missing)


def test_a_task_asked_by_another_version_is_refused(tmp_path):
    write_sealed(1.0, tmp_path / "a")
    asked_by = replace(makeup(), descend="0.0.1", numpy="1.0")
    with pytest.raises(ClusterError, match=r"worker of process \d+ on .*: it has descend .* and NumPy .*here: 1.0"):
        carry_out(_divide, Shared("one", SealedFile(str(tmp_path / "a"))), asked_by, 2)


def test_an_instruction_set_outside_the_contract_is_another_processor(monkeypatch):
    own = makeup()
    monkeypatch.setattr("descend.clusters.alike.engine.isa", lambda: "baseline")
    assert differences(own, makeup()) != []
    monkeypatch.setattr("descend.clusters.alike.engine.isa", lambda: "avx2")
    assert differences(own, makeup()) == []


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "typed",
    ["dask:tcp://10.0.0.5:8786", "dask:localhost:8786", "dask:tls://a.b-c.d:1", "dask:[::1]:8786", "dask:tcp://h:1/"],
)
def test_addresses_of_schedulers(typed):
    assert scheduler_address(typed) == typed.partition(":")[2]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("tcp://10.0.0.5:8786", 'must begin with "dask:"'),
        ("dsk:localhost:8786", 'must begin with "dask:"'),
        ("", 'must begin with "dask:"'),
        ("dask:", "has no address"),
        ("dask:localhost", "is no address of a scheduler: HOST:PORT"),
        ("dask:localhost:port", "is no address"),
        ("dask:localhost:99999", "is no address"),
        ("dask:tcp:/localhost:8786", "is no address"),
        ("dask:http://localhost:8787", "is no address"),
    ],
)
def test_what_is_no_address(typed, words):
    with pytest.raises(ClusterError, match=words):
        scheduler_address(typed)


def test_without_dask_the_extra_is_named(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("descend.errors.find_spec", lambda name: None if name == "distributed" else find(name))
    with pytest.raises(
        ValueError, match=r"--cluster needs distributed; install it with: pip install 'descend\[dask\]'"
    ):
        connected("dask:localhost:8786").__enter__()


def test_an_address_where_nobody_listens(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask_address, "CONNECT_SECONDS", 0.4)
    with pytest.raises(ClusterError, match=r"no scheduler answers at localhost:1 within 0.4 s \(.*\)"):
        connected("dask:localhost:1").__enter__()


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["nothing", "http"])
def test_an_address_where_something_else_listens(monkeypatch, says):
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask_address, "CONNECT_SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, kept = server.getsockname()[1], []

        def answer():
            while says is not None:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return
                kept[-1].sendall(says)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ClusterError, match=f"127.0.0.1:{port} within 0.4 s .*does not speak as Dask does"):
            connected(f"dask:127.0.0.1:{port}").__enter__()
        for one in kept:
            one.close()


# ---------------------------------------------------------------- what no worker does


def _batches():
    for start in range(0, 3000, 1000):
        x = np.arange(start, start + 1000) % 37
        yield {"x": x, "large": np.where(x > 18, "yes", "no")}


def test_rows_that_stay_on_the_disk_are_refused(foreign, tmp_path, monkeypatch):
    words, table = "cluster: .*rows that stay on the disk are learnt by this machine alone", tmp_path / "t.csv"
    table.write_text("x,y\n" + "".join(f"{i % 7},{i % 3}\n" for i in range(90)))
    options = TrainOptions(hidden=(3,), epochs=1, restarts=1, cache=tmp_path / "cache")
    for source, target, asked in ((_batches, "large", options), (table, "y", replace(options, out_of_core=True))):
        with pytest.raises(ClusterError, match=words):
            understand_table(source, target, asked)
    monkeypatch.setattr(choose, "allowed", lambda: 1000)
    with pytest.raises(ClusterError, match=r"t.csv: .*, 0.0 MB may be taken, so rows that stay on the disk"):
        understand_table(table, "y", options)
    assert not (tmp_path / "cache").exists()


def test_a_training_of_rows_on_the_disk_does_not_begin_or_go_on_there(tmp_path):
    joblib.register_parallel_backend("foreign", Processes)
    options = TrainOptions(hidden=(3,), epochs=3, restarts=1, cache=tmp_path / "cache")
    understood = understand_table(_batches, "large", options)
    part = train(understood, on_epoch=lambda progress: progress.epoch == 1).training
    for go_on in (lambda: train(understood), part.resume):
        with joblib.parallel_config("foreign"), pytest.raises(ClusterError, match="rows that stay on the disk"):
            go_on()
    assert part.resume().finished


def test_options_that_exclude_each_other():
    said = run("train", "t.csv", "--target", "y", "--cluster", "dask:h:1", "--out-of-core")
    assert said.code == 2
    assert "--cluster and --out-of-core: rows that stay on the disk are learnt by this machine alone" in said.err


def test_what_this_machine_does_alone_is_said(foreign):
    with pytest.warns(UserWarning, match='cluster: the solver "lbfgs" is done by this machine alone'):
        MLPRegressor((3,), solver="lbfgs", max_iter=500).fit(X, Y)


# ---------------------------------------------------------------- the cores of a task


def test_a_task_of_joblib_has_its_share_of_the_cores():
    def cores():
        return available_cores(), resolve_jobs(-1), resolve_jobs(None), resolve_jobs(3)

    found = joblib.Parallel(n_jobs=2, backend="threading")(joblib.delayed(cores)() for _ in range(2))
    assert found == [(1, 1, 1, 3)] * 2
    assert joblib.Parallel(n_jobs=1)([joblib.delayed(cores)()]) == [cores()]


@pytest.mark.long
@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_a_process_of_joblib_has_its_share_of_the_cores(backend):
    share = max(1, available_cores() // 2) if backend == "loky" else 1
    found = joblib.Parallel(n_jobs=2, backend=backend)(joblib.delayed(available_cores)() for _ in range(4))
    assert found == [share] * 4


def _weights(kind, n_jobs):
    how = {"epochs": 20, "validation": 0.3, "learning_rate": 0.05, "restarts": 5, "race": "halving", "n_jobs": n_jobs}
    if kind == "network":
        return [one.network.theta.tobytes() for one in Network([2, 5, 1], seed=0).fit(X, Y, **how).restarts]
    estimator = {"mlp": MLPRegressor((4,), restarts=3, max_iter=40), "tabular": TabularRegressor(quality="fast")}[kind]
    return estimator.set_params(random_state=0, n_jobs=n_jobs).fit(X, Y).predict(X).tobytes()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["network", "mlp", pytest.param("tabular", marks=pytest.mark.long)])
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_engines_for_one_machine_have_the_same_bits(kind, backend):
    expected = _weights(kind, 1)
    for n_jobs in (1, 2, 3):
        with joblib.parallel_config(backend, n_jobs=n_jobs):
            assert _weights(kind, None) == expected


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["network", "mlp", "tabular"])
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_fits_within_tasks_of_these_engines_have_the_same_bits(kind, backend):
    expected = _weights(kind, 1)
    for n_jobs in (1, 2, 3):
        tasks = (joblib.delayed(_weights)(kind, own) for own in (None, 2))
        assert joblib.Parallel(n_jobs=n_jobs, backend=backend)(tasks) == [expected] * 2


def test_the_time_that_is_left_is_measured_from_what_comes_back_first(monkeypatch):
    now, nan = [100.0], np.array([np.nan])
    monkeypatch.setattr("descend.progress.clock.time.monotonic", lambda: now[0])
    clock = Clock()
    words = []
    for now[0], epoch in ((105.0, 2000), (110.0, 4000)):
        seen = Progress(epoch, 10_000, np.array([0.5]), nan, np.array([np.inf]), ("running",), 0)
        clock.see(seen)
        words.append(clock.words(seen).partition("running · ")[2])
    assert words == ["5.0 s", "10 s, about 15 s left"]
