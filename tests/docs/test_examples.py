"""The examples of the gallery run, and their numbers are what their prose says, within tolerances.

They run in this process, not in one each, which would all import scikit-learn anew. What an example called `name` holds
when it ends is what is checked.
"""

import ast
import contextlib
import importlib.util
import io
import runpy
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run an example in an empty folder; return what it holds at its end, and under "printed" what it printed."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)

    def one(name):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), threadpool_limits(1):  # the trees' threads would wait by spinning
            left = runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        return left | {"printed": said.getvalue(), "figures": plt.get_fignums()}

    yield one
    plt.close("all")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short_and_has_a_title_and_prose(name):
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    title, line, *_ = ast.get_docstring(ast.parse(text)).splitlines()
    assert line == "=" * len(title)
    code = [row for row in text.splitlines() if row.strip() and not row.startswith("#")]
    assert len(code) <= 60
    assert text.count("\n# %%\n") >= 2


def test_the_gallery_shows_every_example_in_an_order():
    spec = importlib.util.spec_from_file_location("gallery_order", ROOT / "docs" / "extensions" / "gallery_order.py")
    order = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(order)
    assert sorted(order.ORDER) == NAMES
    assert sorted(["xor.py", "drift.py"], key=order.InOrder("examples")) == ["xor.py", "drift.py"]


def test_every_example_has_a_test_of_its_numbers():
    asked = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in NAMES if f'run("{name}")' not in asked] == []


def test_one_round_by_hand(run):
    left = run("one_round_by_hand")
    assert left["check"].passed
    assert left["round_"].loss == pytest.approx(0.763722, abs=1e-6)
    assert "loss 0.763722 before the round, 0.284525 after it" in left["printed"]


def test_xor(run):
    left = run("xor")
    assert left["answers"].tolist() == [0, 1, 1, 0]
    assert 24 <= left["learnt"] < 32
    assert left["losses"][[0, -1]] == pytest.approx(0, abs=1e-3)
    assert left["losses"].max() > 0.1  # a hill between two valleys
    assert left["losses"] == pytest.approx(left["losses"][::-1], abs=1e-9)  # the way back is the same


def test_how_many_restarts(run):
    left = run("how_many_restarts")
    spread, of_k = left["spread"], left["of_k"]
    assert spread.worst > 1.5 * spread.best
    assert 2 < spread.enough < 64
    assert of_k[0] == pytest.approx(np.mean(left["ends"]))
    assert of_k[-1] == pytest.approx(spread.best)
    assert (np.diff(of_k) < 0).all()
    assert of_k[0] - of_k[3] > 10 * (of_k[15] - of_k[63])  # the first ones bring most


@pytest.mark.long
def test_dask_cluster(run):
    left = run("dask_cluster")
    assert left["same"]
    assert left["ends"].count("killed") == 15


def test_what_a_node_has_learnt(run):
    left = run("what_a_node_has_learnt")
    assert left["accuracy"] > 0.94
    x = left["bills"][0]
    first = left["best"].trace(left["X"][0], [1, 0, 0])
    assert x @ left["slopes"] + left["constants"] == pytest.approx(
        first.s[1], abs=1e-4
    )  # the lines in millimetres are its sums


def test_binary_step(run):
    left = run("binary_step")
    assert 'step_surrogate="straight_through"' in left["refused"]
    assert left["right"]["step"] == pytest.approx(0.96, abs=0.03)
    assert left["right"]["tanh"] == pytest.approx(0.96, abs=0.03)
    assert set(np.unique(left["signs"])) == {-1, 1}
    x, y = left["X_test"][0], left["y_test"][:1]
    assert left["nets"]["step"].trace(x, y).v[1][:8] == pytest.approx(left["signs"][0])
    assert left["rows"].sum() == 228


def test_l2_and_batches(run):
    size = run("l2_and_batches")["size"]
    ours, theirs = (np.array(size[name]) for name in ("descend", "scikit-learn"))
    assert ours.max() < 1.15 * ours.min()
    assert theirs.max() > 3 * theirs.min()
    assert (np.diff(theirs) > 0).all()


@pytest.mark.long
def test_penguins_report(run):
    left = run("penguins_report")
    assert left["score"].rows == 69
    assert left["score"].scores["accuracy"] >= 0.95
    assert left["score"].confusion.sum() == 69
    assert left["answer"].tolist() == ["Gentoo"]
    assert len(left["headings"]) >= 5
    assert len(left["text"].encode()) <= 500_000
    assert not left["page"].exists()  # nothing is left behind


def test_bike_rentals(run):
    left = run("bike_rentals")
    assert left["inside"] == pytest.approx(0.9, abs=0.06)
    assert left["width"]["in the rush hour"] > 2 * left["width"]["at night"]
    rented, ready = left["y"][500:], left["ready"]
    assert np.mean(rented <= ready) == pytest.approx(0.95, abs=0.04)
    assert left["net"].score(left["X"][500:], rented) > 0.8
    idle = np.mean(np.maximum(ready - rented, 0))
    assert idle < 0.5 * np.mean(np.maximum(left["fixed"] - rented, 0))


def test_rare_class(run):
    left = run("rare_class")
    plain, f1, costs = left["found"].values()
    assert plain["threshold"] == 0.5
    assert f1["F1"] == pytest.approx(plain["F1"], abs=0.06)  # "little changes"
    assert costs["threshold"] < 0.2
    assert costs["cost"] < 0.75 * plain["cost"]
    assert costs["missed"] < 0.6 * plain["missed"]
    assert left["probability"].mean() == pytest.approx(np.mean(left["fair"][left["judge"]]), abs=0.01)


def test_against_boosting(run):
    left = run("against_boosting")
    mine, theirs = (left["misses"][name].mean() for name in ("descend", "boosted trees"))
    assert mine < 450
    assert left["difference"].mean() == pytest.approx(mine - theirs)
    assert left["error"] < 25
    mine, theirs = (np.quantile(left["misses"][name], [0.5, 0.95]) for name in ("descend", "boosted trees"))
    assert theirs[0] < mine[0]  # the trees are nearer for most stones,
    assert theirs[1] > mine[1]  # and farther off where they miss


def test_sklearn_classification(run):
    left = run("sklearn_classification")
    assert "accuracy on the test rows: 1.000" in left["printed"]
    assert left["scores"].mean() == pytest.approx(0.967, abs=0.02)


def test_sklearn_grid_search(run):
    left = run("sklearn_grid_search")
    assert left["search"].best_score_ == pytest.approx(0.54, abs=0.04)
    assert len(left["labels"]) == 8


def test_sklearn_online(run):
    left = run("sklearn_online")
    assert np.mean(left["right"][2000:]) == pytest.approx(0.96, abs=0.02)
    assert left["running"][-1] == pytest.approx(np.mean(left["right"][-200:]))


def test_drift(run):
    right = run("drift")["right"]
    assert right["frozen"][:500].mean() > 0.85
    assert right["frozen"][-1000:].mean() < 0.5
    assert right["learning on"][-1000:].mean() > 0.95


def test_surrogate(run):
    left = run("surrogate")
    assert left["same"]
    assert left["error"] < 0.6
    assert left["gradient"][:, 1] == pytest.approx(left["true_slope"], abs=4)
    assert np.degrees(left["farthest"]) == pytest.approx(45, abs=1)
