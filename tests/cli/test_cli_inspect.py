"""`descend inspect` tells a record number by number: one made by hand, none of whose numbers could be another's."""

import pytest

from command_line import run
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.understand import understand
from descend.nets.network import Network

TABLE = {"a": [float(i % 9) for i in range(40)], "day": [f"2024-03-{1 + i % 28:02d}" for i in range(40)]}
TABLE |= {"code": [f"c{i % 3}" for i in range(40)], "y": [0.5 + i for i in range(40)]}
RECIPE = {
    "optimizer": "adamw",
    "learning_rate": 0.03,
    "schedule": "cosine",
    "l2": 0.4,
    "dropout": 0.2,
    "epochs": 33,
    "batch_size": 64,
    "patience": 8,
    "race": "halving",
}
RECORD = {
    "preset": "tabular",
    "recipe": RECIPE,
    "task": {"reason": "It was asked for."},
    "table": {
        "source": "fish.csv",
        "rows": 1234,
        "columns": 7,
        "content_hash": "0123456789abcdef0123",
        "left_out": {"id": "it numbers the rows"},
    },
    "split": {"train": 1000, "validation": 200, "test": 34, "description": "drawn by hand"},
    "restarts": [
        {"number": 5, "status": "killed", "best_loss": 0.75, "best_epoch": 2.0, "epochs": 3},
        {"number": 6, "status": "finished", "best_loss": 0.25, "best_epoch": 17.5, "epochs": 33},
        {"number": 7, "status": "killed", "best_loss": 0.5, "best_epoch": 9.0, "epochs": 11},
    ],
    "seed": 77,
    "order": "own",
    "selected_on": "validation",
    "winner": 1,
    "corrected_loss": 0.3125,
    "descend": "9.8.7",
    "numpy": "1.2.3",
    "python": "3.99.1",
    "isa": "abacus",
    "scores": {
        "test": {
            "rows": 34,
            "scores": {"r2": 0.5, "rmse": 1.5, "mae": 1.25},
            "baseline": {"r2": -0.25, "rmse": 3.5, "mae": 3.25},
        },
        "validation": {
            "rows": 200,
            "scores": {"r2": 0.625, "rmse": 1.125, "mae": 1.0625},
            "baseline": {"r2": -0.125, "rmse": 4.5, "mae": 4.25},
        },
    },
}


@pytest.fixture(scope="module")
def preprocessing():
    return understand(TABLE, "y", TrainOptions(hidden=(), epochs=1, validation=0, test=0)).preprocessing


@pytest.fixture
def said(preprocessing, tmp_path):
    """What inspect says of a model with a record, its words parted by single spaces."""

    def say(**changes):
        net = Network([preprocessing.n_features, 3, 1], seed=21, dtype="float64")
        path = tmp_path / "model.descend"
        Model(net, preprocessing, {**RECORD, **changes}).save(path)
        shown = run("inspect", path)
        assert (shown.code, shown.err) == (0, "")
        assert shown.out.splitlines()[0] == f"{path}, {path.stat().st_size:,} bytes"
        return " ".join(shown.out.split())

    return say


@pytest.mark.parametrize(
    "words",
    [
        "Target y: a number to predict It was asked for. Left out id: it numbers the rows column type",
        "weights of type float64, seed 21",
        "adamw, η = 0.03 cosine; λ = 0.4; dropout 0.2; 33 epochs, batches of 64; stops after 8 epochs without "
        "improvement; the worse half of the restarts is stopped on the way",
        "Data fish.csv: 1,234 rows, 7 columns content hash 0123456789abcdef…",
        "Split 1,000 rows to learn from, 200 to choose the best by, 34 untouched; drawn by hand",
        "Restarts 3: 2 killed, 1 finished; seed 77, order own",
        "Winner restart 6: validation loss 0.25 at epoch 17.5; corrected for being the best: 0.3125 Made by",
        "Made by descend 9.8.7, numpy 1.2.3, python 3.99.1, isa abacus",
        "R² 0.5000 0.6250 -0.2500 root mean squared error 1.5000 1.1250 3.5000 "
        "mean absolute error 1.2500 1.0625 3.2500",
    ],
)
def test_every_number_of_the_record_is_shown_with_its_name(said, words):
    assert words in said()


def test_the_heads_of_the_scores_say_whose_rows_they_are(said):
    assert "untouched rows validation rows (optimistic) baseline" in said()
    chosen = said(scores={"test": None, "validation": RECORD["scores"]["validation"]})
    assert "untouched rows" not in chosen
    assert "R² 0.6250 -0.1250 root mean squared error 1.1250 4.5000 mean absolute error 1.0625 4.2500" in chosen
    assert "R²" not in said(scores={"test": None, "validation": None})


def test_what_was_not_done_is_not_told(said):
    words = said(
        recipe=RECIPE | {"l2": 0.0, "dropout": 0.0, "batch_size": 1, "patience": None, "race": None},
        corrected_loss=None,
        selected_on="training",
    )
    assert "adamw, η = 0.03 cosine; 33 epochs, one sample a round Data" in words
    assert "Winner restart 6: training loss 0.25 at epoch 17.5 Made by" in words


def test_one_restart_was_not_the_best_of_several(said):
    words = said(restarts=RECORD["restarts"][:1], winner=0)
    assert "Restarts 1: 1 killed; seed 77, order own Winner restart 5: validation loss 0.75 at epoch 2 Made by" in words


def test_the_columns_are_told_as_they_are_given_to_the_network(said):
    words = said()
    assert "a number (x − 3.5) / 4.25, clipped smoothly 1 day date (days − " in words  # median and quartiles
    assert "; sine and cosine of the year; sine and cosine of the week 5 " in words
    assert "code category 0 or 1 for each of c0, c1, c2 3 Network" in words
