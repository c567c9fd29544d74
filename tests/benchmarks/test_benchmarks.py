"""The benchmark harness without its peers: statistics, agreement, tables, and a whole row against a loop in NumPy."""

import doctest
import gzip
import importlib
import os
import sys
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.__main__ import ENTRIES, main  # noqa: E402
from benchmarks.measure import Ratio  # noqa: E402
from benchmarks.works import Trainer, Work  # noqa: E402

from benchmarks import (  # noqa: E402
    agreement,
    fashion,
    growth,
    machine,
    measure,
    ours,
    peaks,
    peers,
    penguins,
    plots,
    results,
    table,
    works,
)

TINY = growth.SizedWork("tiny", (3, 5, 4, 2), data_rows=32)
QUICK = table.Options(engine="reference", repeats=2, seconds=1e-3)


@pytest.mark.parametrize("module", [measure, agreement, results, works, plots])
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


# ---------------------------------------------------------------- a peer in NumPy: plain loops, float64


def make_numpy_trainer(problem, steps):
    X, Y = (rows.astype(float) for rows in problem.ordered())
    nets = [[W.astype(float) for W in net] for net in problem.start]
    size = problem.work.batch

    def run():
        for step in range(steps):
            at = step % problem.one_pass * size
            for net in nets:
                numpy_step(net, X[at : at + size], Y[at : at + size], problem.work.learning_rate)

    return Trainer(run, lambda: nets, len(nets))


def numpy_step(net, x, y, rate):
    ones = np.ones((len(x), 1))
    v = [np.hstack([x, ones])]
    for W in net[:-1]:
        v.append(np.hstack([np.maximum(v[-1] @ W, 0.0), ones]))
    delta = (v[-1] @ net[-1] - y) / len(x)
    for layer in reversed(range(len(net))):
        gradient = v[layer].T @ delta
        delta = (delta @ net[layer][:-1].T) * (v[layer][:, :-1] > 0)
        net[layer] -= rate * gradient


@dataclass(frozen=True)
class FasterWork(Work):
    """A work whose step size is 2 % too large."""

    @property
    def learning_rate(self):
        return 1.02 * super().learning_rate


# ---------------------------------------------------------------- agreement


@pytest.mark.parametrize("work", [TINY, replace(TINY, batch=4), replace(TINY, restarts=3)], ids=lambda w: w.title)
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_a_loop_in_numpy_gets_our_weights(work, engine):
    assert table.agrees("NumPy", make_numpy_trainer, work, engine) < 1e-4


def test_a_step_size_that_is_a_little_wrong_is_noticed():
    def make_wrong(problem, steps):
        wrong = FasterWork("wrong", problem.work.sizes)
        return make_numpy_trainer(replace(problem, work=wrong), steps)

    with pytest.raises(agreement.DisagreementError, match=r"^NumPy, per-sample 3-5-4-2: after the same steps"):
        table.agrees("NumPy", make_wrong, TINY, "reference")


def test_another_order_of_the_samples_is_noticed():
    def make_wrong(problem, steps):
        return make_numpy_trainer(replace(problem, visited=np.sort(problem.visited)), steps)

    with pytest.raises(agreement.DisagreementError):
        table.agrees("NumPy", make_wrong, TINY, "reference")


@pytest.mark.parametrize("theirs", [1.5, np.nan, 0.0], ids=["other weights", "not a number", "nothing was trained"])
def test_weights_that_differ_are_an_error(theirs):
    start = [[np.zeros((2, 1))]]
    with pytest.raises(agreement.DisagreementError):
        agreement.check("peer", [[np.ones((2, 1))]], [[np.full((2, 1), theirs)]], start)


def test_the_error_says_who_differs_and_by_how_much():
    with pytest.raises(agreement.DisagreementError) as caught:
        agreement.check("peer", [[np.array([1.0])]], [[np.array([2.0])]], [[np.array([0.0])]])
    assert str(caught.value) == (
        "peer: after the same steps its weights differ from ours by 0.5 of the way that training went; at most 0.001. "
        "Times of different computations are not compared."
    )


def test_a_peer_that_trained_fewer_nets_is_compared_on_those():
    mine = [[np.array([1.0])], [np.array([5.0])]]
    start = [[np.array([0.0])], [np.array([0.0])]]
    assert agreement.check("peer", mine, [[np.array([1.0])]], start) == 0.0


def test_outputs_that_differ_are_an_error():
    assert agreement.check_outputs("peer", np.array([2.0, 1.0]), np.array([[2.0], [1.0]])) == 0.0
    with pytest.raises(agreement.DisagreementError, match=r"^peer: its output differs from ours by 0\.0005; at most"):
        agreement.check_outputs("peer", np.array([2.0, 1.0]), np.array([2.0, 1.001]))


def test_problems_visit_every_row_once_an_epoch():
    problem, steps = table.check_problem(replace(TINY, batch=4), "reference")
    first, second = np.split(problem.visited, 2)
    assert steps == 64
    assert sorted(first) == sorted(second) == list(range(128))
    assert (first != second).any()
    assert (problem.ordered()[0] == problem.X[problem.visited]).all()


# ---------------------------------------------------------------- a whole row


def test_a_row_of_the_table_is_measured(monkeypatch):
    monkeypatch.setattr(peers, "load", lambda restarts: ({"NumPy": make_numpy_trainer}, ["JAX is skipped: missing"]))
    found = table.run_work(TINY, QUICK)
    share, line = found.lines
    assert (share.work, share.unit, share.is_share, share.must) == ("per-sample 3-5-4-2", "µs", True, None)
    assert (line.work, line.against, line.unit, line.is_share) == ("per-sample 3-5-4-2", "NumPy", "µs", False)
    assert found.notes == ["JAX is skipped: missing"]
    assert set(found.details["us_per_step"]) == {"ours", "NumPy"}
    assert found.details["distance_after_same_steps"]["NumPy"] < 1e-4
    assert line.ratio.low <= line.ratio.median <= line.ratio.high
    assert found.details["us_per_step"]["ours"] == line.ours == share.ours
    assert 0 < share.ratio.median < 1  # the reference in NumPy is far from what the machine can do


def test_without_a_compiler_a_row_has_no_share_and_says_so(monkeypatch):
    def fail():
        raise OSError("c++ is not there")

    monkeypatch.setattr(peaks, "compiled", fail)
    monkeypatch.setattr(peers, "load", lambda restarts: ({"NumPy": make_numpy_trainer}, []))
    found = table.run_work(TINY, QUICK)
    assert [line.against for line in found.lines] == ["NumPy"]
    assert found.notes == ["Shares of the roofline are skipped: c++ is not there"]


def test_a_sum_that_is_zero_but_for_rounding_is_no_disagreement(monkeypatch):
    seen = []

    def make_unlucky(problem, steps):
        seen.append(len(problem.X))
        other = make_numpy_trainer(problem, steps)
        return Trainer(other.run, (lambda: problem.start) if len(seen) < 3 else other.weights)

    assert table.agrees("NumPy", make_unlucky, replace(TINY, batch=16), "reference") < 1e-4
    assert seen == [128, 64, 32]


def test_a_row_whose_peer_disagrees_is_not_measured(monkeypatch):
    def make_idle(problem, steps):
        return Trainer(lambda: None, lambda: problem.start[:1])

    monkeypatch.setattr(peers, "load", lambda restarts: ({"idle": make_idle}, []))
    with pytest.raises(agreement.DisagreementError):
        table.run_work(TINY, QUICK)


def test_a_peer_that_is_missing_is_skipped_with_a_line(monkeypatch):
    monkeypatch.setattr(peers, "TRAINERS", dict.fromkeys(peers.TRAINERS, ("peers_of_nobody", "make_trainer")))
    found, skipped = peers.load()
    assert found == {}
    assert skipped[0] == "PyTorch is skipped: No module named 'benchmarks.peers_of_nobody'"
    assert len(skipped) == 3


def test_runs_that_diverge_are_an_error():
    wild = replace(works.Problem(TINY, *works.make_data(TINY.sizes, 32), np.arange(32), []), X=np.full((32, 3), 1e30))
    with (
        np.errstate(all="ignore"),
        pytest.raises(RuntimeError, match=r"our runs must end finished; got \['diverged'\]"),
    ):
        ours.make_trainer("reference")(wild, 32).run()


def test_adam_stands_in_where_a_peer_has_no_adamw():
    work = replace(TINY, optimizer="adamw")
    assert table.same_for("scikit-learn", work).optimizer == "adam"
    assert table.same_for("PyTorch", work) is work


# ---------------------------------------------------------------- statistics


def test_ratios_are_taken_repeat_by_repeat():
    assert measure.ratio([10.0, 30.0], [1.0, 3.0]) == Ratio(10.0, 10.0, 10.0)


@pytest.mark.long
def test_contestants_run_in_turn():
    calls = []
    measure.in_turn({name: lambda name=name: calls.append(name) for name in "abc"}, 3)
    assert calls == list("abcabcabc")


def test_calibration_makes_warm_runs_of_whole_passes():
    made, ran = [], []

    def make(count):
        made.append(count)
        return Trainer(lambda: ran.append(count), list)

    trainer, steps = measure.calibrated(make, 4, 10, 1e6)
    trainer.run()
    assert made[0] == 4
    assert steps == made[-1] == ran[-1]
    assert steps % 10 == 0
    assert all(ran.count(count) >= 1 for count in made)


def test_calibration_keeps_runs_that_cannot_be_shorter():
    assert measure.calibrated(lambda count: Trainer(lambda: None, list), 1, 10, 1e-12)[1] == 1


def test_cores_are_taken_back_after_a_row_of_several(monkeypatch):
    before = os.sched_getaffinity(0)
    with machine.unpinned() as cores:
        assert cores == len(machine.all_cores())
    assert os.sched_getaffinity(0) == before


# ---------------------------------------------------------------- trainings


def images():
    blank = np.zeros((0, 1))
    return fashion.Images(blank, blank, blank, X_test=np.array([[1.0], [-1.0]]), labels_test=np.array([1, 0]))


RIGHT, WRONG = [np.array([[-1.0, 1.0], [0.0, 0.0]])], [np.array([[1.0, -1.0], [0.0, 0.0]])]


def test_a_curve_ends_at_the_first_whole_epoch_with_the_wanted_accuracy():
    seen = iter([WRONG, RIGHT, RIGHT, WRONG, RIGHT, WRONG, RIGHT, RIGHT])
    curve = fashion.follow(repeat(lambda: None), lambda: next(seen), images(), cap=1e9, parts=2)
    assert curve.epochs == [0.0, 0.5, 1.0]
    assert curve.accuracy == [0.0, 1.0, 1.0]
    assert curve.seconds_to_target == curve.seconds[-1]


def test_a_curve_ends_at_the_cap_and_is_not_extrapolated():
    curve = fashion.follow(repeat(lambda: None), lambda: WRONG, images(), cap=0.0, parts=4)
    assert curve.epochs == [0.0, 0.25]
    assert curve.seconds_to_target is None


def test_idx_files_are_read(tmp_path):
    path = tmp_path / "rows.gz"
    path.write_bytes(gzip.compress(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])))
    assert fashion.read_idx(path).tolist() == [[1, 2, 3], [4, 5, 6]]
    path.write_bytes(gzip.compress(b"GIF89a"))
    with pytest.raises(OSError, match="begins with 00 00 08; got 47 49 46"):
        fashion.read_idx(path)


def test_missing_images_are_skipped_with_a_line(monkeypatch):
    def fail():
        raise FileNotFoundError("apt-get")

    monkeypatch.setattr(fashion, "load_images", fail)
    found = fashion.run_fashion(QUICK)
    assert (list(found.lines), list(found.notes)) == ([], ["Fashion-MNIST is skipped: apt-get"])


def test_penguins_are_standardised_complete_rows():
    X, labels = penguins.load_penguins()
    assert X.shape == (342, 4)
    assert np.allclose(X.mean(axis=0), 0.0)
    assert np.allclose(X.std(axis=0), 1.0)
    assert np.bincount(labels).tolist() == [151, 68, 123]


# ---------------------------------------------------------------- command line


def test_list_names_all_entries(capsys):
    assert main(["--list"]) == 0
    shown = [name for text in capsys.readouterr().out.splitlines() for name in text.split(": ")[1].split()]
    assert shown == list(ENTRIES)


def test_an_unknown_entry_is_refused(monkeypatch):
    monkeypatch.setattr(machine, "pin", lambda: None)
    with pytest.raises(SystemExit, match=r"^--only: not known: sample-9\. Known: table, cores, growth"):
        main(["--only", "sample-9"])


def test_a_failed_entry_ends_with_code_1_and_is_not_written(monkeypatch, tmp_path, capsys):
    program = importlib.import_module("benchmarks.__main__")
    monkeypatch.setattr(machine, "pin", lambda: None)
    monkeypatch.setattr(machine, "sgemm_peak", lambda: (165.0, 1024))

    def fail(options):
        raise agreement.DisagreementError("it differs")

    monkeypatch.setitem(program.ENTRIES, "size", fail)
    assert main(["--only", "size", "--out", str(tmp_path)]) == 1
    assert "size: FAILED: it differs" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
