"""`descend predict`, `evaluate`, `inspect`, `check`: what they say of a model is what the library says."""

import io
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from command_line import PENGUINS, numbers_model, numbers_table, penguins_model, run
from descend import MLPRegressor, Network, TabularRegressor, load
from descend.reference.gradient_check import GradientCheck
from descend.tables.convert import as_table


def one_line(text):
    return " ".join(text.split())


# ---------------------------------------------------------------- predict


def test_predictions_of_classes_go_to_standard_output_with_their_probabilities():
    shown = run("predict", penguins_model(), PENGUINS)
    frame = pl.read_csv(io.StringIO(shown.out))
    model = load(penguins_model())
    names = ["prediction", "probability_Adelie", "probability_Chinstrap", "probability_Gentoo"]
    assert (shown.code, shown.err, frame.columns) == (0, "", names)
    assert frame["prediction"].to_list() == model.predict(PENGUINS).tolist()
    assert np.array_equal(frame[names[1:]].to_numpy(), model.predict_probability(PENGUINS))


def test_a_dash_as_output_is_standard_output():
    assert run("predict", penguins_model(), PENGUINS, "-o", "-") == run("predict", penguins_model(), PENGUINS)


def test_predictions_of_numbers_are_one_column():
    frame = pl.read_csv(io.StringIO(run("predict", numbers_model(), numbers_table()).out))
    assert frame.columns == ["prediction"]
    assert np.array_equal(frame["prediction"].to_numpy(), load(numbers_model()).predict(numbers_table()))


def test_keep_puts_the_columns_of_the_table_before_the_predictions():
    frame = pl.read_csv(io.StringIO(run("predict", numbers_model(), numbers_table(), "--keep").out))
    assert frame.columns == ["a", "b", "y", "prediction"]
    assert frame["a"].null_count() == 14
    assert frame.drop("prediction").equals(pl.read_csv(numbers_table()))


@pytest.mark.parametrize(("ending", "read"), [("csv", pl.read_csv), ("parquet", pl.read_parquet)])
def test_predictions_go_to_a_file(tmp_path, ending, read):
    path = tmp_path / f"out.{ending}"
    shown = run("predict", penguins_model(), PENGUINS, "-o", path)
    assert (shown.code, shown.out, shown.err) == (0, "", f"Note: 344 predictions written to {path}.\n")
    assert read(path)["prediction"].to_list() == load(penguins_model()).predict(PENGUINS).tolist()


def test_a_table_that_has_a_prediction_already_is_not_kept(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("a,b,prediction\n1,2,3\n", encoding="utf-8")
    left = run("predict", numbers_model(), table, "--keep")
    text = 'Error: predict --keep: the table has a column "prediction" of its own; rename it, or leave out --keep.\n'
    assert (left.code, left.out, left.err) == (1, "", text)
    assert run("predict", numbers_model(), table).code == 0


def test_an_output_of_unknown_kind_is_wrong_usage():
    left = run("predict", numbers_model(), numbers_table(), "-o", "out.xlsx")
    text = 'Error: predict: --output must end in .csv, .tsv or .parquet; got "out.xlsx".\n'
    assert (left.code, left.err) == (2, text)


def test_an_output_in_a_folder_that_is_not_there_is_wrong_usage(tmp_path):
    left = run("predict", "absent.descend", "absent.csv", "-o", tmp_path / "absent" / "out.csv")
    text = f"Error: predict: --output: there is no folder {tmp_path / 'absent'}. Make it, or correct the name.\n"
    assert (left.code, left.out, left.err) == (2, "", text)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_column_is_an_error(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("aa,b\n1,2\n", encoding="utf-8")
    left = run("predict", numbers_model(), table)
    text = f'Error: {table}: the model needs the column "a", which is absent. Did you mean "aa"?\n'
    assert (left.code, left.out, left.err) == (1, "", text)


def test_unknown_categories_are_counted_in_a_note(tmp_path):
    table = tmp_path / "table.csv"
    text = Path(PENGUINS).read_text(encoding="utf-8").replace("Torgersen", "Atlantis")
    table.write_text(text, encoding="utf-8")
    shown = run("predict", penguins_model(), table)
    assert shown.code == 0
    assert shown.err == (
        'Note: column "island": 52 cells with an unknown category ("Atlantis") treated as missing\n'
        'Note: 1 column differs from the training rows: "island" ("Torgersen" seems to be called "Atlantis" now). '
        "`drift` has the figures\n"
    )


# ---------------------------------------------------------------- evaluate


def test_scores_baseline_and_confusion_are_those_of_the_library():
    shown = run("evaluate", penguins_model(), PENGUINS)
    evaluation = load(penguins_model()).evaluate(PENGUINS)
    assert (shown.code, shown.err) == (0, "")
    for name, label in (("accuracy", "accuracy"), ("balanced_accuracy", "balanced accuracy"), ("log_loss", "log-loss")):
        found = re.search(rf"^{label} +(\S+) ± \S+ +(\S+)$", shown.out, re.MULTILINE)
        expected = [evaluation.scores[name], evaluation.baseline[name]]
        assert [float(x) for x in found.groups()] == pytest.approx(expected, abs=5e-5)
    rows = re.findall(r"^(Adelie|Chinstrap|Gentoo) +(\S+) +(\S+) +(\S+)$", shown.out, re.MULTILINE)
    assert [[0 if cell == "·" else int(cell) for cell in row[1:]] for row in rows] == evaluation.confusion.tolist()
    assert "\x1b" not in shown.out


@pytest.fixture(scope="module")
def of_15_classes(tmp_path_factory):
    """A table of 15 classes, and a model that has hardly learnt them."""
    folder = tmp_path_factory.mktemp("many")
    table, path = folder / "many.csv", folder / "many.descend"
    rows = [f"{i % 15 + i % 4 / 3},class {i % 15}" for i in range(300)]
    table.write_text("\n".join(["x,kind", *rows]) + "\n", encoding="utf-8")
    assert run("train", table, "--target", "kind", "--hidden", 4, "--restarts", 1, "--epochs", 8, "-o", path).code == 0
    return table, path


def test_of_many_classes_the_pairs_that_are_confused_most_are_listed_truth_first(of_15_classes):
    table, path = of_15_classes
    truth, said = pl.read_csv(table)["kind"].to_list(), load(path).predict(table).tolist()
    pairs = Counter((one, other) for one, other in zip(truth, said, strict=True) if one != other)
    place = sorted({*truth})
    worst = sorted(pairs, key=lambda pair: (-pairs[pair], place.index(pair[0]), place.index(pair[1])))[:12]
    shown = run("evaluate", path, table)
    listed = re.findall(r"^(class \d+) +(class \d+) +(\d+)$", shown.out, re.MULTILINE)
    assert shown.code == 0
    assert [(one, other, int(n)) for one, other, n in listed] == [(*pair, pairs[pair]) for pair in worst]
    assert any(pairs[pair] != pairs[pair[::-1]] for pair in worst)
    assert len(pairs) > 12
    assert "Confused most often (15 classes: class 0, class 1, class 10, " in shown.out
    assert re.search(r"^truth +predicted +rows$", shown.out, re.MULTILINE)


def test_up_to_12_classes_the_whole_confusion_matrix_is_shown():
    shown = run("evaluate", penguins_model(), PENGUINS).out
    assert "Confusion matrix: rows are the truth, columns the predictions" in shown
    truth, said = pl.read_csv(PENGUINS)["species"].to_list(), load(penguins_model()).predict(PENGUINS).tolist()
    pairs = Counter(zip(truth, said, strict=True))
    names = ["Adelie", "Chinstrap", "Gentoo"]
    for one in names:
        cells = " +".join(re.escape(str(pairs[one, other]) if pairs[one, other] else "·") for other in names)
        assert re.search(rf"^{one} +{cells}$", shown, re.MULTILINE)


def test_evaluate_says_what_was_judged_and_by_what(of_15_classes):
    shown = run("evaluate", penguins_model(), PENGUINS).out
    assert shown.splitlines()[0] == f"{penguins_model()} on {PENGUINS}: 344 rows, target species"
    assert "The baseline always answers the most frequent class of the training rows." in shown
    numbers = run("evaluate", numbers_model(), numbers_table()).out
    assert "The baseline always answers the mean of the training rows." in numbers
    assert "Conf" not in numbers


def test_scores_of_numbers_are_those_done_by_hand():
    shown = run("evaluate", numbers_model(), numbers_table())
    y = pl.read_csv(numbers_table())["y"].to_numpy()
    model = load(numbers_model())
    said, mean = model.predict(numbers_table()), model.record["baseline"]["mean"]
    variation = np.sum((y - y.mean()) ** 2)
    for label, of in (
        ("R²", lambda error: 1 - np.sum(error**2) / variation),
        ("root mean squared error", lambda error: np.sqrt(np.mean(error**2))),
        ("mean absolute error", lambda error: np.mean(np.abs(error))),
    ):
        found = re.search(rf"^{label} +(\S+) ± \S+ +(\S+)$", shown.out, re.MULTILINE)
        expected = [of(said - y), of(mean - y)]
        assert [float(x.replace("−", "-")) for x in found.groups()] == pytest.approx(expected, rel=1e-3, abs=5e-5)


def test_evaluation_without_the_target_column_is_an_error(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    left = run("evaluate", numbers_model(), table)
    text = f'Error: evaluate: {table} must have the target column "y". There are: "a", "b".\n'
    assert (left.code, left.err) == (1, text)


# ---------------------------------------------------------------- inspect


def test_inspect_shows_network_columns_training_and_scores():
    shown = run("inspect", penguins_model())
    words = one_line(shown.out)
    record = load(penguins_model()).record
    assert (shown.code, shown.err) == (0, "")
    for part in (
        "Target species: 3 classes to tell apart: Adelie, Chinstrap, Gentoo",
        "island category 0 or 1 for each of Biscoe, Dream, Torgersen 3",
        "bill_length_mm number (x − ",
        "clipped smoothly; a mark where it is missing 2",
        "sex category −1 or 1: female, male 1",
        "Network 12 → 7 tanh → 3 softmax, loss log_loss; 115 weights",
        "W_0 13 × 7 91 1 tanh",
        "12 epochs, batches of 16",
        "Restarts 3: 3 finished; seed 0, order shared",
        f"content hash {record['table']['content_hash'][:16]}…",
        f"Made by descend {record['descend']}, numpy {record['numpy']}, python {record['python']}, isa {record['isa']}",
        "validation rows (optimistic)",
    ):
        assert part in words


def test_inspect_shows_a_bare_network(tmp_path):
    path = tmp_path / "net.descend"
    Network([2, 3, 1], "relu", bias=[1.0, 0.0], seed=5).save(path)
    words = one_line(run("inspect", path).out)
    assert "Network 2 → 3 relu → 1 identity, loss squared; 12 weights" in words
    assert "W_0 3 × 3 9 1 relu W_1 3 × 1 3 – identity" in words


def test_inspect_of_all_kinds_of_columns(tmp_path):
    table, path = tmp_path / "kinds.csv", tmp_path / "kinds.descend"
    rows = [f"2024-{i % 12 + 1:02}-{i % 28 + 1:02},{i % 3 == 0},{i % 5},{i * i % 31}.5" for i in range(90)]
    table.write_text("\n".join(["day,holiday,n,y", *rows]).lower() + "\n", encoding="utf-8")
    trained = run("train", table, "--target", "y", "--hidden", "none", "--restarts", 1, "--epochs", 2, "-o", path)
    assert trained.code == 0
    assert "day date 2024-01-01 … 2024-12-28 ·" in one_line(trained.out)
    assert "holiday yes/no ·" in one_line(trained.out)
    words = one_line(run("inspect", path).out)
    assert "holiday yes/no −1 for no, 1 for yes 1" in words
    assert re.search(r"day date \(days − \d+\) / [\d.]+, clipped smoothly; sine and cosine of the year", words)


@pytest.mark.parametrize("command", ["predict", "evaluate", "check"])
def test_a_bare_network_reads_no_tables(tmp_path, command):
    path = tmp_path / "net.descend"
    Network([2, 1], seed=5).save(path)
    left = run(command, path, numbers_table())
    text = (
        f"Error: {path}: this file holds a network without a table's preprocessing, so it cannot read tables; "
        "use descend.load in Python, or train on a table with: descend train\n"
    )
    assert (left.code, left.out, left.err) == (1, "", text)


def test_an_estimator_for_tables_can_be_looked_into_each_part_of_a_date_by_itself(tmp_path):
    path, days = tmp_path / "net.descend", np.arange("2023-01-01", "2023-05-01", dtype="datetime64[D]")
    X = pl.DataFrame({"day": days, "size": np.arange(len(days)) % 7 / 7})
    TabularRegressor(quality="fast", random_state=0).fit(X, np.arange(len(days)) % 30).save(path)
    words = one_line(run("inspect", path).out)
    assert "TabularRegressor, for Python: descend.load gives it back" in words
    assert re.search(r"day of month: piecewise linear .* weekday: piecewise linear", words)
    (member,) = json.loads(run("inspect", path, "--json").out)["blend"]
    assert (member["name"], len(member["networks"])) == ("quick", 3)
    left = run("predict", path, numbers_table())
    assert "this file holds the estimator TabularRegressor for Python, where it predicts; use descend.load" in left.err


def test_an_estimator_reads_no_tables_but_can_be_looked_into(tmp_path):
    path = tmp_path / "net.descend"
    MLPRegressor((3,), solver="lbfgs", random_state=0).fit([[0.0, 1.0], [1.0, 0.0]], [1.0, 2.0]).save(path)
    left = run("predict", path, numbers_table())
    assert left.code == 1
    assert "this file holds the estimator MLPRegressor without a table's preprocessing" in left.err
    assert "2 → 3 relu → 1" in one_line(run("inspect", path).out)


@pytest.mark.parametrize("command", ["predict", "evaluate", "check", "inspect"])
def test_a_file_that_is_no_model_is_an_error_in_one_line(command):
    left = run(command, numbers_table(), *([] if command == "inspect" else [numbers_table()]))
    text = f'model file "{numbers_table()}": it is a text file. A model is a file that `descend train` or `save` wrote.'
    assert (left.code, left.out, left.err) == (1, "", f"Error: {text}\n")


# ---------------------------------------------------------------- check


def test_check_passes_on_a_trained_model():
    shown = run("check", penguins_model(), PENGUINS)
    lines = shown.out.splitlines()
    assert (shown.code, shown.err) == (0, "")
    assert lines[0] == f"{penguins_model()} on 20 rows of {PENGUINS}: 115 weights"
    assert lines[2:] == [
        "  left out                 0 of 115 weights, too near to a kink",
        "Gradient check passed: back-propagation gives the gradient of the loss.",
    ]


def test_check_fails_on_a_wrong_gradient(monkeypatch):
    honest = Network.gradient_check

    def with_wrong_gradient(net, X, Y, most):
        gradient = net.loss_and_gradient(X, Y)[1]
        gradient[1][2, 0] *= 1.5
        return honest(net, X, Y, gradient=gradient, most=most)

    monkeypatch.setattr(Network, "gradient_check", with_wrong_gradient)
    shown = run("check", penguins_model(), PENGUINS)
    assert shown.code == 1
    assert "at W_1[2,0]" in shown.out
    assert shown.out.splitlines()[-1] == "Gradient check FAILED: the error must be below 1e-6."


def test_check_says_when_too_much_was_left_out(monkeypatch):
    monkeypatch.setattr(Network, "gradient_check", lambda net, X, Y, most: GradientCheck(1e-9, (0, 1, 2), 30, 100))
    shown = run("check", penguins_model(), PENGUINS)
    assert (shown.code, shown.out.splitlines()[1:]) == (
        1,
        [
            "  largest relative error   1.00e-09, at W_0[1,2]",
            "  left out                 30 of 100 weights, too near to a kink",
            "Gradient check FAILED: too many entries were left out.",
        ],
    )


def test_check_takes_rows_that_have_a_target(tmp_path):
    table = tmp_path / "gaps.csv"
    table.write_text("a,b,y\n1,2,\n2,3,4.5\n3,1,5.5\n", encoding="utf-8")
    shown = run("check", numbers_model(), table)
    assert shown.code == 0
    assert f" on 2 rows of {table}" in shown.out.splitlines()[0]
    assert as_table(table).rows == 3
