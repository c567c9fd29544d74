"""`descend distil`: the network it writes, what it says, what it refuses, and that Ctrl-C leaves nothing."""

import json

import pytest

from command_line import PENGUINS, penguins_model, run
from descend import load

QUICK = ("--hidden", "8", "--epochs", 4, "--restarts", 1, "--jobs", 1)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    """Fewer made rows than usual, to be quick."""
    for name, rows in (("ROWS", 4_000), ("LEAST_MADE", 2_000), ("CHOOSING", 500)):
        monkeypatch.setattr(f"descend.models.distil.student.{name}", rows)


def test_a_network_is_written_and_said_to_be_like_the_model(tmp_path):
    path = tmp_path / "small.descend"
    done = run("distil", penguins_model(), PENGUINS, "-o", path, *QUICK)
    assert done.code == 0
    for words in (
        "Network     12 → 8 mish → 3 softmax, loss log_loss",
        "310 rows and 3,690 made ones in",
        "34 held-out rows have the same class",
        "model         distilled",
        "On 34 rows that the distilled network has not learnt; the model has learnt about",
        "Size        ",
        "A record    ",
        f"Next        descend predict {path} {PENGUINS}",
    ):
        assert words in done.out
    small = load(path)
    assert small.network.spec.sizes == (12, 8, 3)
    assert run("evaluate", path, PENGUINS).code == 0
    shown = run("inspect", path)
    assert "Imitates    " in shown.out
    assert "Recipe      distilled" in shown.out
    assert "held out; its teacher knows some (optimistic)" in shown.out
    assert "untouched rows" not in shown.out
    assert "Split       of its teacher: " in shown.out


def test_without_a_table_all_rows_are_made(tmp_path):
    done = run("distil", penguins_model(), "-o", tmp_path / "small.descend", *QUICK)
    assert done.code == 0
    assert "4,000 made rows in" in done.out
    assert "500 made rows have the same class" in done.out


def test_name_of_the_network_is_that_of_the_model_with_a_word(tmp_path):
    model = tmp_path / "m.descend"
    model.write_bytes(penguins_model().read_bytes())
    done = run("distil", model, "--json", *QUICK)
    assert json.loads(done.out)["model"] == str(tmp_path / "m-distilled.descend")
    assert (tmp_path / "m-distilled.descend").exists()


def test_all_that_was_typed_wrongly_is_told_at_once():
    done = run(
        "distil", penguins_model(), PENGUINS, "--hidden", "none", "--epochs", 0, "--jobs", 0, "-o", "no/a.descend"
    )
    assert done.code == 2
    for words in ("--epochs must be", "--hidden must be at least one layer", "--jobs must be", "there is no folder no"):
        assert words in done.err


def test_the_model_itself_is_not_written_over(tmp_path):
    model = tmp_path / "m.descend"
    model.write_bytes(penguins_model().read_bytes())
    done = run("distil", model, PENGUINS, "-o", model, *QUICK)
    assert done.code == 2
    assert "is the model itself: it would be lost." in done.err
    assert model.read_bytes() == penguins_model().read_bytes()


def test_ctrl_c_leaves_no_file(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("descend.models.distil.student.Network.fit", interrupt)
    done = run("distil", penguins_model(), PENGUINS, "-o", tmp_path / "small.descend", *QUICK)
    assert (done.code, done.err.strip()) == (130, "Interrupted.")
    assert list(tmp_path.iterdir()) == []
