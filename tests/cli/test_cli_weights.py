"""`--class-weight`, `--weight`, and tables so small that nothing is held out."""

import random

import pytest

from command_line import numbers_table, run
from descend import load

QUICK = ("--restarts", 2, "--epochs", 15, "--jobs", 1)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A rare class, and a column of weights."""
    r, path = random.Random(1), tmp_path_factory.mktemp("weights") / "rare.csv"
    lines = [
        f"{(a := r.gauss(0, 1)):.3f},{r.choice((0, 0.5, 3))},{'yes' if a + r.gauss(0, 1) > 1.9 else 'no'}"
        for _ in range(600)
    ]
    path.write_text("\n".join(["a,w,bought", *lines]), encoding="utf-8")
    return path


def words_of(text):
    return " ".join(text.split())


def test_a_rare_class_is_found_and_what_it_costs_is_said(table, tmp_path):
    plain = run("train", table, "--target", "bought", *QUICK, "--drop", "w", "-o", tmp_path / "plain.descend")
    told = run(
        *("train", table, "--target", "bought", *QUICK, "--drop", "w", "--class-weight", "balanced"),
        *("-o", tmp_path / "even.descend"),
    )
    even, one = load(tmp_path / "even.descend"), load(tmp_path / "plain.descend")
    assert (
        even.evaluate(str(table)).scores["balanced_accuracy"]
        > one.evaluate(str(table)).scores["balanced_accuracy"] + 0.1
    )
    words = words_of(told.out)
    assert "classes: no × 0.5" in words
    assert "(balanced)" in words
    assert "Classes were weighted in training and in choosing the best, not in these scores." in words
    assert "no better than" not in words  # by balanced accuracy, though accuracy fell
    for shown in (run("evaluate", tmp_path / "even.descend", table), run("inspect", tmp_path / "even.descend")):
        assert "lasses" in shown.out
    assert "Weights" not in plain.out
    assert "weighted" not in run("evaluate", tmp_path / "plain.descend", table).out


def test_weights_of_rows_are_said_wherever_scores_are(table, tmp_path):
    model = tmp_path / "w.descend"
    told = words_of(run("train", table, "--target", "bought", *QUICK, "--weight", "w", "-o", model).out)
    assert "Left out w: it says what each row counts" in told
    assert 'Weights each row counts what the column "w" says' in told
    assert 'Each row counts in these scores what the column "w" says.' in told
    assert 'Weights each row counts what the column "w" says' in words_of(run("inspect", model).out)
    assert 'Each row counts in these scores what the column "w" says.' in run("evaluate", model, table).out
    bare = tmp_path / "bare.csv"
    bare.write_text("\n".join(line.split(",")[0] + "," + line.split(",")[2] for line in table.read_text().splitlines()))
    shown = run("evaluate", model, bare)
    assert (shown.code, "without them all rows count alike here." in shown.out) == (0, True)
    assert run("predict", model, bare).code == 0


def test_labels_have_weights_of_their_own(table, tmp_path):
    options = ("--class-weight", "yes=5", "--class-weight", "no=0.5", "-o", tmp_path / "m.descend")
    assert "classes: no × 0.5, yes × 5" in words_of(run("train", table, "--target", "bought", *QUICK, *options).out)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (("yes",), '--class-weight must be balanced alone, or LABEL=WEIGHT such as yes=5; got "yes".'),
        (("yes=much",), '--class-weight must be balanced alone, or LABEL=WEIGHT such as yes=5; got "yes=much".'),
        (
            ("balanced", "yes=5"),
            '--class-weight must be balanced alone, or LABEL=WEIGHT such as yes=5; got "balanced".',
        ),
        (("balanced", "balanced"), "--class-weight must be balanced alone"),
        (("yes=5", "yes=4"), '--class-weight: the label "yes" is given twice. Leave all but one out.'),
        (("yes=-5",), '--class-weight must be "balanced", or a number ≥ 0 for each label; got "-5.0" for "yes".'),
        (("yes=nan",), 'got "nan" for "yes".'),
    ],
)
def test_class_weights_that_cannot_be_are_wrong_usage(table, typed, text):
    left = run("train", table, "--target", "bought", *(word for one in typed for word in ("--class-weight", one)))
    assert (left.code, left.out) == (2, "")
    assert text in left.err


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--weight", "v"), 'weight: there is no column "v".'),
        (("--weight", "a"), 'the column of weights "a" must hold a finite number ≥ 0 in every row; got -'),
        (("--weight", "bought"), 'weight: the target "bought" cannot also weight the rows.'),
    ],
)
def test_weights_that_do_not_fit_the_table_are_errors_in_one_line(table, options, text):
    left = run("train", table, "--target", "bought", *options)
    assert (left.code, len(left.err.splitlines())) == (1, 1)
    assert text in left.err


def test_weights_of_classes_that_are_not_there_are_wrong_usage(table):
    left = run("train", table, "--target", "bought", "--class-weight", "yse=5")
    assert (left.code, 'there is no class "yse". Did you mean "yes"?' in left.err) == (2, True)


def test_weights_of_classes_need_classes():
    left = run("train", numbers_table(), "--target", "y", "--class-weight", "balanced")
    assert (left.code, "the target is a number" in left.err) == (2, True)


# ---------------------------------------------------------------- few rows

XOR = "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"
ALL = ("--test", 0, "--validation", 0)


def test_the_four_rows_of_xor_are_learnt(tmp_path):
    (tmp_path / "xor.csv").write_text(XOR, encoding="utf-8")
    textbook = ("--preset", "textbook", "--hidden", 2, "--epochs", 6000, "--learning-rate", 1, "--restarts", 4)
    told = run("train", tmp_path / "xor.csv", "--target", "y", *textbook, *ALL, "-o", tmp_path / "xor.descend")
    assert told.code == 0
    predicted = run("predict", tmp_path / "xor.descend", tmp_path / "xor.csv").out.splitlines()
    assert [line.split(",")[0] for line in predicted] == ["prediction", "0", "1", "1", "0"]


def test_two_rows_are_enough_if_none_are_held_out_and_one_is_not(tmp_path):
    for rows, code in ((2, 0), (1, 1)):
        table = tmp_path / f"{rows}.csv"
        table.write_text("\n".join(["x,y", "1,a", "2,b"][: rows + 1]), encoding="utf-8")
        words = ("train", table, "--target", "y", *QUICK, *ALL, "-o", tmp_path / "m.descend")
        assert run(*words).code == code
    assert "needs at least 2 rows to learn from; got 1." in run(*words).err


def test_few_rows_are_refused_with_the_remedy_where_some_would_be_held_out(tmp_path):
    (tmp_path / "xor.csv").write_text(XOR, encoding="utf-8")
    for options in ((), ("--test", 0), ("--validation", 0)):
        left = run("train", tmp_path / "xor.csv", "--target", "y", *options)
        assert left.code == 1
        assert (
            "at least 5 rows to learn from; got 4. 2 are enough if none are held out: --test 0 --validation 0"
            in left.err
        )


def test_own_tables_hold_nothing_out_of_a_small_one(tmp_path):
    (tmp_path / "xor.csv").write_text(XOR, encoding="utf-8")
    own = ("--test", tmp_path / "xor.csv", "--validation", tmp_path / "xor.csv")
    assert run("train", tmp_path / "xor.csv", "--target", "y", *QUICK, *own, "-o", tmp_path / "m.descend").code == 0
