"""What is said of a training: how the restarts ended, how much was luck, which one won, and how to repeat it."""

from types import SimpleNamespace as Plain

import numpy as np
import pytest

from descend.describe.training import luck_words, restart_facts, spread_facts, training_facts, winner_facts
from descend.nets.network import Network


def training(
    losses=(0.5, 0.25, 1.0), status=None, epochs=None, selected_on="validation", chance=0.25, enough=11, corrected=0.375
):
    """A training that ended as the arguments say."""
    status = status or ("finished",) * len(losses)
    epochs = epochs or (9,) * len(losses)
    restarts = [
        Plain(number=r, status=one, best_loss=loss, best_epoch=float(n), loss_curve=np.zeros(n))
        for r, (loss, one, n) in enumerate(zip(losses, status, epochs, strict=True))
    ]
    ended = sorted(loss for loss, one in zip(losses, status, strict=True) if one not in ("killed", "diverged"))
    spread = Plain(
        best=ended[0],
        median=float(np.median(ended)),
        worst=ended[-1],
        killed=status.count("killed"),
        diverged=status.count("diverged"),
        chance=chance,
        enough=enough,
    )
    winner = losses.index(ended[0])
    return Plain(restarts=restarts, spread=spread, winner=winner, selected_on=selected_on, corrected_loss=corrected)


LUCK = (
    "A single run comes within 5% of the best loss with a chance of 25%; "
    "11 restarts are enough to do so with a chance of 95%."
)


def test_several_restarts_are_told_with_their_spread_and_the_luck():
    assert spread_facts(training(), 12.3) == [
        ("Restarts", "3 restarts in 12 s"),
        ("", "validation loss: best 0.25, median 0.5, worst 1"),
        ("", LUCK),
    ]


def test_one_restart_says_how_to_try_several_if_the_face_knows():
    assert spread_facts(training((0.5,)), 0.25) == [("Restarts", "1 restart in 0.2 s.")]
    assert spread_facts(training((0.5,)), 0.25, "Click here.") == [("Restarts", "1 restart in 0.2 s. Click here.")]


def test_how_restarts_ended_is_counted():
    some = training(status=("stopped early", "finished", "diverged"))
    assert spread_facts(some, 1.0)[0] == ("Restarts", "3 restarts in 1.0 s: 1 stopped early, 1 diverged")


def test_after_a_race_nothing_is_claimed_about_a_single_run():
    raced = training(status=("killed", "finished", "killed"), epochs=(2, 9, 4))
    assert spread_facts(raced, 1.0) == [
        ("Restarts", "3 restarts in 1.0 s: 2 killed"),
        ("", "validation loss: 0.25, of the only one that was neither killed nor diverged"),
        (
            "",
            "The race stopped 2 restarts after 2, 4 epochs: where they would have ended is unknown, and so is the "
            "chance of a single run.",
        ),
    ]
    assert winner_facts(raced) == [("Winner", "restart 1: validation loss 0.25 at epoch 9")]
    alone = training((0.5, 0.25), status=("killed", "finished"), epochs=(1, 9))
    assert luck_words(alone).startswith("The race stopped 1 restart after 1 epoch: where it would have ended ")


@pytest.mark.parametrize("one", [training((0.5,)), training(enough=0)])
def test_of_luck_nothing_is_said_where_nothing_is_known(one):
    assert luck_words(one) == ""
    assert LUCK not in str(spread_facts(one, 1.0))


def test_one_restart_that_is_enough_is_told_in_the_singular():
    assert luck_words(training(chance=1.0, enough=1)).endswith(
        "a chance of 100%; 1 restart is enough to do so with a chance of 95%."
    )


def test_the_winner_is_told_with_what_chose_it_and_without_its_luck():
    assert winner_facts(training()) == [
        ("Winner", "restart 1: validation loss 0.25 at epoch 9"),
        ("", "corrected for being the best of 3: 0.375"),
    ]
    assert winner_facts(training(corrected=None)) == winner_facts(training())[:1]
    assert winner_facts(training(selected_on="training")) == [
        (
            "Winner",
            "restart 1: training loss 0.25 at epoch 9; there were no validation rows, so the training rows chose",
        )
    ]


def test_the_words_of_a_real_training_hold_its_numbers():
    X, y = np.linspace(-1.0, 1.0, 40)[:, None], np.linspace(-1.0, 1.0, 40) ** 2
    real = Network([1, 3, 1], seed=0).fit(X, y, epochs=5, restarts=4, validation=(X, y))
    told = dict(spread_facts(real, 1.0)[1:2] + winner_facts(real)[:1])
    spread = real.spread
    assert told[""] == f"validation loss: best {spread.best:.4g}, median {spread.median:.4g}, worst {spread.worst:.4g}"
    assert told["Winner"].startswith(f"restart {real.winner}: validation loss {spread.best:.4g} at epoch ")
    assert f"a chance of {spread.chance:.0%}; {spread.enough} restarts are enough" in luck_words(real)


# ---------------------------------------------------------------- from a record

RECORD = {
    "table": {"source": "penguins.csv", "rows": 1344, "columns": 7, "content_hash": "0123456789abcdef0123456789"},
    "split": {"description": "drawn at random", "train": 1000, "validation": 244, "test": 100},
    "restarts": [
        {"number": 0, "status": "finished", "best_loss": 0.5, "best_epoch": 7.0},
        {"number": 1, "status": "stopped early", "best_loss": 0.25, "best_epoch": 3.0},
        {"number": 2, "status": "finished", "best_loss": 1.0, "best_epoch": 9.0},
    ],
    "winner": 1,
    "seed": 4,
    "order": "shared",
    "selected_on": "validation",
    "corrected_loss": 0.375,
    "descend": "0.1",
    "numpy": "2.0",
    "python": "3.11",
    "isa": "avx2",
}


def test_a_record_says_how_the_training_can_be_repeated():
    assert training_facts(RECORD) == [
        ("Data", "penguins.csv: 1,344 rows, 7 columns"),
        ("", "content hash 0123456789abcdef…"),
        ("Split", "1,000 rows to learn from, 244 to choose the best by, 100 untouched; drawn at random"),
        ("Restarts", "3: 2 finished, 1 stopped early; seed 4, order shared"),
        ("Winner", "restart 1: validation loss 0.25 at epoch 3; corrected for being the best: 0.375"),
        ("Made by", "descend 0.1, numpy 2.0, python 3.11, isa avx2"),
    ]


def test_of_one_restart_no_correction_is_told():
    one = RECORD | {"restarts": RECORD["restarts"][1:2], "winner": 0}
    assert restart_facts(one)[1] == ("Winner", "restart 1: validation loss 0.25 at epoch 3")
