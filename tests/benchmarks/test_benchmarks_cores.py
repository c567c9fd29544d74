"""Rows with all cores: processes that run when asked, numbers of threads, lines."""

import doctest
import os
import sys
from contextlib import ExitStack, nullcontext
from dataclasses import asdict
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.crew import Member, Turn, run_together  # noqa: E402
from benchmarks.table import Options  # noqa: E402
from benchmarks.works import Work  # noqa: E402

from benchmarks import all_cores, crew, machine, peers  # noqa: E402

TINY = Work("cores-batch", (3, 5, 2), batch=8)
QUICK = Options(engine="native", repeats=2, seconds=1e-3)
PREPARE = {"do": "prepare", "check": True, "threads": 1, "engine": "native", "seconds": 1e-3}


def test_examples_run():
    found = doctest.testmod(all_cores)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.fixture(scope="module")
def member():
    one = Member("ours", sorted(os.sched_getaffinity(0)))
    yield one
    one.end()


def test_a_member_prepares_then_runs(member):
    told = member.ask(**PREPARE, work=asdict(Work("a", (3, 5, 2), batch=8)))
    assert told["seconds"] > 0
    assert told["distance"] == 0.0
    turn = run_together([member])
    assert turn.wall > 0
    assert turn.steps >= 1


def test_a_member_tells_its_error_and_goes_on(member):
    with pytest.raises(RuntimeError, match=r"^ours: TypeError: .*no_such_field"):
        member.ask(**PREPARE, work={**asdict(Work("a", (3, 2))), "no_such_field": 1})
    assert member.ask(**PREPARE, work=asdict(Work("a", (3, 2))))["distance"] == 0.0


def test_a_member_that_ends_is_an_error():
    one = Member("nobody", [sorted(os.sched_getaffinity(0))[0]])
    one._process.kill()
    with pytest.raises(RuntimeError, match=r"^nobody: its process ended with -9$"):
        one.answer()
    one.end()


def test_members_together_do_all_their_steps_in_the_time_of_the_slowest(monkeypatch):
    class Told:
        def __init__(self, wall):
            self.wall = wall

        def tell(self, **order):
            assert order == {"do": "run"}

        def answer(self):
            return {"wall": self.wall, "processor": self.wall, "steps": 10.0}

    clock = iter([0.0, 3.0])
    monkeypatch.setattr(crew.time, "sleep", lambda _: None)
    monkeypatch.setattr(crew.time, "perf_counter", lambda: next(clock))
    busy = iter([100.0, 105.0])
    monkeypatch.setattr(crew, "busy_seconds", lambda: next(busy))
    turn = run_together([Told(1.0), Told(2.0)])
    assert (turn.wall, turn.steps) == (3.0, 20.0)
    assert turn.others == (5.0 - 3.0) / len(os.sched_getaffinity(0))


def test_a_free_process_has_no_settings_of_the_pinned_one(monkeypatch):
    for name, value in machine.ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    many, one = crew._environment(2), crew._environment(1)
    assert "OPENBLAS_NUM_THREADS" not in many
    assert "XLA_FLAGS" not in many
    assert one["XLA_FLAGS"] == "--xla_cpu_multi_thread_eigen=false"


def test_the_threads_of_blas_are_those_that_it_is_told():
    with threadpool_limits():  # gives them back
        for wanted in (2, 1):
            crew.set_threads("scikit-learn", wanted)
            assert {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"} == {wanted}


class Fake:
    """A member whose seconds of a step depend on its threads."""

    def __init__(self, name, cores):
        self.name, self.cores, self.asked, self.checked = name, list(cores), [], []

    def ask(self, **order):
        self.asked.append(order["threads"])
        self.checked.append(order["check"])
        return {"seconds": {1: 3.0, 2: 1.0, 3: 2.0}[order["threads"]]}

    def end(self):
        self.asked.append("end")


@pytest.fixture
def fakes(monkeypatch):
    made = []
    monkeypatch.setattr(all_cores, "Member", lambda *given: made.append(Fake(*given)) or made[-1])
    monkeypatch.setattr(all_cores, "all_cores", lambda: {0, 1, 2})
    return made


def test_the_best_number_of_threads_is_found_and_prepared_last(fakes):
    with ExitStack() as stack:
        best = all_cores._with_threads("PyTorch", TINY, [1, 2, 3], QUICK, stack)
    (one,) = fakes
    assert (best.threads, best.members) == (2, [one])
    assert one.asked == [1, 2, 3, 2, "end"]
    assert one.checked == [True, False, False, False]


def test_jax_has_a_process_for_each_number_of_threads(fakes):
    with ExitStack() as stack:
        best = all_cores._with_threads("JAX", TINY, [1, 2, 3], QUICK, stack)
    assert [one.cores for one in fakes] == [[2], [1, 2], [0, 1, 2]]
    assert [one.asked for one in fakes] == [[1, "end"], [2, "end"], [3, "end"]]
    assert (best.threads, best.members) == (2, [fakes[1]])


def test_peers_of_one_net_train_many_side_by_side(fakes, monkeypatch):
    monkeypatch.setattr(peers, "load", lambda restarts: (dict.fromkeys(["PyTorch", "JAX vmap"]), ["a line"]))
    work = Work("cores", (3, 5, 2), restarts=6)
    with ExitStack() as stack:
        found, skipped = all_cores._contestants(work, 3, QUICK, stack)
    assert [one.cores for one in found["PyTorch"].members] == [[0], [1], [2]]
    assert {name: one.threads for name, one in found.items()} == {"ours": 3, "one core": 1, "PyTorch": 1, "JAX vmap": 2}
    assert [all_cores._in_words(found[name]) for name in ("PyTorch", "JAX vmap")] == ["3 processes", "2 threads"]
    assert skipped == ["a line"]


def test_a_row_on_all_cores_is_measured(monkeypatch):
    monkeypatch.setattr(peers, "load", lambda restarts: ({}, ["JAX is skipped: missing"]))
    monkeypatch.setattr(all_cores, "unpinned", lambda: nullcontext(2))
    found = all_cores.run_all_cores([TINY], QUICK)
    title = "batch 8, 3-5-2, on 2 cores"
    assert [(line.work, line.against.split(":")[0]) for line in found.lines] == [
        (title, "roofline"),
        (title, "one core"),
    ]
    assert [line.must for line in found.lines] == [None, None]
    assert set(found.details["us_per_step"]["batch 8, 3-5-2"]) == {"ours", "one core"}
    assert found.notes == ["JAX is skipped: missing"]


def test_one_core_measures_nothing(monkeypatch):
    monkeypatch.setattr(machine, "all_cores", lambda: {sorted(os.sched_getaffinity(0))[0]})
    found = all_cores.run_all_cores([TINY], QUICK)
    assert (found.lines, found.notes) == ((), ["Several cores are skipped: there is one."])


@pytest.mark.parametrize(
    ("work", "must"),
    [
        (Work("a", (8, 32, 1), restarts=64), 1.8),
        (Work("a", (784, 128, 10), batch=32), 1.6),
        (Work("a", (784, 128, 10)), None),
        (Work("a", (8, 32, 1), batch=32), None),
    ],
)
def test_how_much_faster_than_one_core_a_row_must_be(work, must):
    one, two = (all_cores.Times((s,), (s,)) for s in (3.0, 2.0))
    assert all_cores._line("a", "one core", one, two, work, 2).must == must
    assert all_cores._line("a", "JAX, 2 threads", one, two, work, 2).must is None


def test_disturbance_is_the_share_of_others():
    assert all_cores._disturbed([Turn(1.0, 0.5, 1.0), Turn(3.0, 0.5, 1.0)]) == 0.25
