"""``descend predict --explain`` and ``descend evaluate --importance``."""

import csv
import io
from pathlib import Path

import numpy as np

from command_line import PENGUINS, numbers_model, numbers_table, penguins_model, run
from descend import load


def columns(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    return {name: [row[name] for row in rows] for name in rows[0]}


def summed(found):
    """Base value and contributions of each row together."""
    names = [name for name in found if name.startswith("contribution_")]
    return sum(np.array(found[name], dtype=float) for name in ["base_value", *names])


def test_contributions_to_numbers_sum_to_the_prediction():
    done = run("predict", numbers_model(), numbers_table(), "--explain")
    assert done.code == 0
    found = columns(done.out)
    assert list(found) == ["prediction", "contribution_a", "contribution_b", "base_value"]
    assert np.allclose(summed(found), np.array(found["prediction"], dtype=float), atol=1e-3)
    told = load(numbers_model()).explain(numbers_table())
    assert [float(cell) for cell in found["contribution_b"]] == told.values[:, 1].tolist()


def test_draws_may_be_said():
    told = [run("predict", numbers_model(), numbers_table(), "--explain", "--draws", n) for n in (4, 192)]
    assert [one.code for one in told] == [0, 0]
    assert told[0].out != told[1].out == run("predict", numbers_model(), numbers_table(), "--explain").out
    done = run("predict", numbers_model(), numbers_table(), "--explain", "--draws", 0)
    assert (done.code, done.err) == (2, "Error: predict: --draws must be a whole number ≥ 1; got 0.\n")


def test_rows_that_differ_are_told_once(tmp_path):
    table = tmp_path / "new.csv"
    table.write_text(Path(PENGUINS).read_text(encoding="utf-8").replace("Torgersen", "Atlantis"), encoding="utf-8")
    plain, explained = (run("predict", penguins_model(), table, *more).err for more in ((), ("--explain",)))
    assert explained == plain
    assert plain.count("differs from the training rows") == 1


def test_contributions_to_classes_are_to_the_probability_of_the_predicted_one():
    done = run("predict", penguins_model(), PENGUINS, "--explain", "--keep")
    assert done.code == 0
    found = columns(done.out)
    probability = [float(found[f"probability_{one}"][row]) for row, one in enumerate(found["prediction"])]
    assert np.allclose(summed(found), probability, atol=1e-5)


def test_importance_is_a_table_and_says_what_it_means():
    done = run("evaluate", numbers_model(), numbers_table(), "--importance")
    assert done.code == 0
    assert "increase of RMSE" in done.out
    assert "columns that say the same stand in for each other" in " ".join(done.out.split())
    assert "increase of" not in run("evaluate", numbers_model(), numbers_table()).out
