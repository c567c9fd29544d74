"""One round of SGD with the numbers plugged in: every number is that of the library's trace, and every sum adds up."""

import json
import re

import numpy as np
import pytest

from command_line import PENGUINS, numbers_model, numbers_table, penguins_model, run
from descend import load
from descend.cli.console import say_lines
from descend.cli.matrices import weight_parts
from descend.describe.round import Round
from descend.nets.network import Network
from descend.tables.convert import as_table

NUMBER = r"−?(?:\d+\.?\d*(?:e[−+]?\d+)?|∞)"


def as_number(text):
    return float(text.replace("−", "-"))


def last_numbers(text, name):
    """{index: last number of the line} of lines such as ``s_1[3] = … = 0.42``."""
    found = re.findall(rf"^  {re.escape(name)}\[(\d+)\] = .*?({NUMBER})(?: \(bias node\))?$", text, re.MULTILINE)
    return {int(index): as_number(number) for index, number in found}


def tables(text):
    """The tables of weights in a text, as lists of rows of numbers, without the heads of the rows."""
    parts = re.split(r"^─+$", text, flags=re.MULTILINE)[1:]
    rows = [
        [re.split(r" {3,}", line)[1:] for line in part.splitlines() if re.match(r"v_\d+\[\d+\] = ", line)]
        for part in parts
    ]
    return [np.array([[as_number(cell) for cell in row] for row in table]) for table in rows if table]


def traced(model_path, table_path, row, learning_rate):
    """The trace that the command must show, by the library."""
    model = load(model_path)
    x, y = model.inputs_and_targets(as_table(table_path).take([row - 1]))
    net = Network.from_spec(model.network.spec, model.network.theta, dtype=model.network.dtype.name, engine="reference")
    return net.step(x[0], y[0], learning_rate=learning_rate)


@pytest.mark.parametrize(
    ("model", "table", "row", "rate"),
    [(penguins_model, lambda: PENGUINS, 17, 0.1), (numbers_model, numbers_table, 2, 0.5)],
)
def test_every_number_is_that_of_the_trace(model, table, row, rate):
    shown = run("step", model(), table(), "--row", row, "--learning-rate", rate, "--digits", 17, "--full")
    assert (shown.code, shown.err) == (0, "")
    seen = traced(model(), table(), row, rate)
    depth = len(seen.W)
    for layer in range(1, depth + 1):
        assert last_numbers(shown.out, f"s_{layer}") == dict(enumerate(seen.s[layer].tolist()))
        assert last_numbers(shown.out, f"v_{layer}") == dict(enumerate(seen.v[layer].tolist()))
        assert last_numbers(shown.out, f"δ_{layer}") == dict(enumerate(seen.delta[layer].tolist()))
    for layer in range(1, depth):
        assert last_numbers(shown.out, f"∂L/∂v_{layer}") == dict(enumerate(seen.dL_dv[layer].tolist()))
    loss = re.search(rf"^  L = .* = ({NUMBER})$", shown.out, re.MULTILINE)
    assert as_number(loss[1]) == seen.loss
    matrices = [matrix for layer in reversed(range(depth)) for matrix in (seen.dL_dW[layer], seen.W_new[layer])]
    found = tables(shown.out)
    assert len(found) == len(matrices)
    assert all((a == b).all() for a, b in zip(found, matrices, strict=True))


def test_every_sum_written_out_adds_up_to_what_is_written_behind_it():
    shown = run("step", penguins_model(), PENGUINS, "--row", 17, "--digits", 17, "--full").out
    lines = re.findall(r"^  (?:s_\d|∂L/∂v_\d)\[\d+\] = (.*) = (\S+)$", shown, re.MULTILINE)
    assert len(lines) == 7 + 3 + 7
    for text, value in lines:
        python = text.replace("−", "-").replace("·", "*").replace("(", "").replace(")", "").replace("- ", "+ -")
        total = sum(float(a) * float(b) for a, b in (term.split("*") for term in python.replace("--", "").split(" + ")))
        assert total == pytest.approx(as_number(value), rel=1e-12, abs=1e-15)


def test_the_model_file_is_not_changed():
    before = penguins_model().read_bytes()
    run("step", penguins_model(), PENGUINS, "--row", "1", "--learning-rate", "10")
    assert penguins_model().read_bytes() == before


def test_the_loss_after_the_round_is_that_of_the_new_weights():
    shown = run("step", penguins_model(), PENGUINS, "--row", 17, "--digits", 17).out
    seen = traced(penguins_model(), PENGUINS, 17, 0.1)
    text = re.search(rf"the loss of this row is ({NUMBER}); it was ({NUMBER})\.", shown)
    spec = load(penguins_model()).network.spec
    after = Network.from_spec(
        spec, np.concatenate([W.ravel() for W in seen.W_new]), dtype="float64", engine="reference"
    )
    x, y = load(penguins_model()).inputs_and_targets(as_table(PENGUINS).take([16]))
    assert as_number(text[1]) == pytest.approx(after.loss(x, y), rel=1e-12)
    assert as_number(text[2]) == seen.loss


def test_json_holds_every_quantity_in_full_precision():
    shown = run("step", penguins_model(), PENGUINS, "--row", 17, "--learning-rate", 0.25, "--json")
    data = json.loads(shown.out)
    seen = traced(penguins_model(), PENGUINS, 17, 0.25)
    for name in ("s", "v", "delta", "dL_dv", "dL_dW", "W", "W_new"):
        pairs = zip(data[name], getattr(seen, name), strict=True)
        assert all((a is None) == (b is None) and (a is None or (np.array(a) == b).all()) for a, b in pairs), name
    assert (data["loss"], data["row"], data["learning_rate"]) == (seen.loss, 17, 0.25)
    assert data["output"] == seen.output.tolist()
    assert data["columns"]["species"] == data["prediction"] == "Adelie"
    assert data["y"] == [1.0, 0.0, 0.0]
    assert data["inputs"] == list(load(penguins_model()).preprocessing.feature_names)


def test_raw_values_and_inputs_stand_by_their_names():
    shown = run("step", penguins_model(), PENGUINS, "--row", 4).out
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "island Torgersen" in lines
    assert "bill_length_mm missing" in lines
    assert "species Adelie target" in lines
    assert "v_0[4] bill_length_mm is missing 1" in lines
    assert "v_0[12] bias node 1" in lines


def test_one_layer_alone_can_be_asked_for():
    shown = run("step", penguins_model(), PENGUINS, "--row", 17, "--layer", 2).out
    assert "s_2[0] = " in shown
    assert "∂L/∂W_1" in shown
    assert "s_1[0] = " not in shown
    assert "∂L/∂W_0" not in shown


def test_without_full_long_sums_and_large_layers_say_what_they_left_out():
    shown = run("step", penguins_model(), PENGUINS, "--row", 17).out
    assert "… (8 more)" in shown
    assert "  … 2 more nodes; --full shows all" in shown
    assert "  8 of 13 rows and 5 of 7 columns; --full shows all" in shown
    full = run("step", penguins_model(), PENGUINS, "--row", 17, "--full").out
    assert "more" not in full
    assert "--full" not in full


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--row", "345"), 1, f"Error: {PENGUINS}: --row counts from 1, and the table has 344 rows; got 345.\n"),
        (("--row", "0"), 1, f"Error: {PENGUINS}: --row counts from 1, and the table has 344 rows; got 0.\n"),
        (
            ("--row", "1", "--layer", "3", "--layer", "0"),
            2,
            "Error: step: --layer must be from 1 to 2, the layers of this network; got 3, 0.\n",
        ),
    ],
)
def test_rows_and_layers_that_are_not_there_are_refused(words, code, text):
    left = run("step", penguins_model(), PENGUINS, *words)
    assert (left.code, left.out, left.err) == (code, "", text)


def test_a_row_without_target_is_refused(tmp_path):
    table = tmp_path / "gaps.csv"
    table.write_text("a,b,y\n1,2,\n2,3,4.5\n", encoding="utf-8")
    left = run("step", numbers_model(), table, "--row", 1)
    text = f'Error: {table}: row 1 has no value of the target "y", which the loss needs; take another row.\n'
    assert (left.code, left.err) == (1, text)


# ---------------------------------------------------------------- matrices


def test_a_wide_matrix_is_cut_into_pieces_that_fit_the_screen(capsys):
    net = Network([3, 40, 2], seed=0, engine="reference")
    seen = net.step(np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0]))
    r = Round(net.spec, seen, np.array([1.0, 2.0]), 0.1, full=True)
    say_lines(weight_parts(r, 0, 80))
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert "".join(lines).count("δ_1[") == 40 + 1  # every head once, and the line with the numbers plugged in
