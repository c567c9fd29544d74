"""`descend train --from`: a model goes on with new rows, and what stays is written and said."""

import json

import pytest

from command_line import run
from descend import load
from descend.cli.live_blend import FurtherPicture


def rows(count, shift=0.0, start=0):
    """Lines of a table in which y is twice a, plus what is shifted where b is q."""
    lines = ["a,b,day,who,y"]
    for i in range(start, start + count):
        a, b = (i * 37 % 101) / 10.0, "pqr"[i % 3]
        lines.append(f"{a},{b},{i},w{i // 4},{2 * a + shift * (b == 'q') + (i * 53 % 17) / 20}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("update")
    (folder / "old.csv").write_text(rows(240), encoding="utf-8")
    (folder / "new.csv").write_text(rows(300, shift=9.0, start=240), encoding="utf-8")
    (folder / "same.csv").write_text(rows(100, start=600), encoding="utf-8")
    quick = ("--quality", "fast", "--jobs", 1, "--drop", "who", "--drop", "day")
    done = run("train", folder / "old.csv", "--target", "y", *quick, "-o", folder / "m.descend")
    assert done.code == 0
    return folder


def test_the_better_model_is_written_and_said(folder):
    path = folder / "better.descend"
    done = run("train", folder / "new.csv", "--from", folder / "m.descend", "-o", path, "--jobs", 1)
    assert done.code == 0
    for words in (
        "Went on     with 240 rows of new.csv in",
        "60 rows of it were held out, and judge",
        "lower by",
        "root mean squared error",
        "The new model is better there by more than two standard errors: it stays.",
        f"Model       {path}",
    ):
        assert words in done.out
    assert load(path).record["updates"][0]["comparison"]["better"]
    assert "240 rows of new.csv: loss" in run("inspect", path).out


def test_the_old_model_stays_where_chance_may_be_all(folder):
    path = folder / "same.descend"
    done = run("train", folder / "same.csv", "--from", folder / "m.descend", "-o", path, "--jobs", 1, "--epochs", 1)
    assert done.code == 0
    assert "so it may be chance: the old one stays." in done.out
    same = {"a": [1.0, 2.0], "b": ["p", "q"]}
    assert load(path).predict(same).tolist() == load(folder / "m.descend").predict(same).tolist()


def test_the_name_is_that_of_the_model_with_a_word(folder):
    done = run("train", folder / "new.csv", "--target", "y", "--group", "who", "--from", folder / "m.descend")
    assert done.code == 0
    assert (folder / "m-updated.descend").exists()


def test_options_that_would_change_the_model_are_refused_together(folder):
    words = ("--hidden", 8, "--quality", "best", "--refit", "--test", 0, "--no-row-hashes", "--epochs", 0)
    done = run("train", folder / "new.csv", "--from", folder / "m.descend", *words)
    assert done.code == 2
    for name in ("--hidden", "--quality", "--refit", "--test", "--row-hashes"):
        assert name in done.err
    assert "cannot be given with --from: the model stays as it is made" in done.err
    assert "--epochs must be a whole number ≥ 1; got 0." in done.err


def test_another_target_is_refused(folder):
    done = run("train", folder / "new.csv", "--from", folder / "m.descend", "--target", "a")
    assert done.code == 2
    assert '--target must be that of the model, "y", or be left out; got "a".' in done.err


def test_the_model_may_take_the_place_of_the_one_that_went_on_which_is_said(folder):
    path = folder / "own.descend"
    path.write_bytes((folder / "m.descend").read_bytes())
    done = run("train", folder / "new.csv", "--from", path, "-o", path, "--jobs", 1, "--epochs", 2)
    assert done.code == 0
    assert "it took the place of the one that went on" in done.out
    told = json.loads(run("train", folder / "old.csv", "--from", path, "-o", path, "--epochs", 1, "--json").out)
    assert told["replaced"] is True
    assert told["known"] >= told["known_judging"] > 0


def test_rows_without_a_target_can_be_left_out_by_their_word(folder):
    lines = (folder / "new.csv").read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].rsplit(",", 1)[0] + ","
    (folder / "gap.csv").write_text("\n".join(lines), encoding="utf-8")
    words = ("train", folder / "gap.csv", "--from", folder / "m.descend", "-o", folder / "gap.descend", "--epochs", 1)
    refused = run(*words)
    assert refused.code == 1
    assert "leave them out with --missing ''." in refused.err
    done = run(*words, "--missing", "")
    assert done.code == 0
    assert 'row 3 (1 of 300) left out: the target "y" is missing there.' in done.err


def test_networks_that_go_on_are_told_every_few_seconds_or_in_a_terminal(capsys):
    picture = FurtherPicture(seconds=0.0)
    assert picture.words() == "Going on …"
    picture.tell(2, 6)
    assert capsys.readouterr().out.startswith("2 of 6 networks went on · ")
    silent = FurtherPicture()
    silent.tell(2, 6)
    assert capsys.readouterr().out == ""
    assert silent.words().startswith("2 of 6 networks went on · ")
