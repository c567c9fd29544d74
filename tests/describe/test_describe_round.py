"""The words of one round of SGD: every loss and activation, plugged in, has the value that is written behind it."""

import re

import numpy as np
import pytest

from command_line import PENGUINS, penguins_model
from descend import load
from descend.describe import round
from descend.describe.round_numbers import round_values
from descend.describe.row import row_grid
from descend.nets.network import Network
from descend.spec.activations import ACTIVATIONS
from descend.tables.convert import as_table


def as_number(text):
    return float(text.replace("−", "-"))


def round_of(loss, output, y, sizes=(2, 3, 1), activation="tanh", digits=17, full=True, more="", **options):
    net = Network(sizes, activation, output, loss, seed=0, engine="reference", **options)
    seen = net.step(np.array([0.5, -1.0]), np.array(y))
    return round.Round(net.spec, seen, np.array(y, dtype=float), 0.1, digits, full, more)


def evaluated(text):
    """Value of a written formula of a loss, by Python."""
    python = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("½", "0.5")
    python = re.sub(r"\|([^|]*)\|", r"abs(\1)", python)
    python = re.sub(r"ln ([\d.e-]+)", r"ln(\1)", python)
    return eval(python, {"ln": np.log, "abs": abs})


@pytest.mark.parametrize(
    ("loss", "output", "y", "options"),
    [
        ("squared", "identity", [0.75], {}),
        ("squared", "sigmoid", [1.0, -2.0], {"sizes": (2, 3, 2)}),
        ("absolute", "identity", [-2.0], {}),
        ("huber", "identity", [0.1], {}),
        ("huber", "identity", [25.0], {}),
        ("quantile", "identity", [30.0], {"loss_parameter": 0.9}),
        ("quantile", "identity", [-30.0], {"loss_parameter": 0.9}),
        ("poisson", "exp", [0.0], {}),
        ("poisson", "exp", [3.0], {}),
        ("log_loss", "sigmoid", [1.0], {}),
        ("log_loss", "sigmoid", [0.0], {}),
        ("log_loss", "sigmoid", [0.25], {}),
        ("log_loss", "softmax", [0.0, 1.0, 0.0], {"sizes": (2, 3, 3)}),
        ("log_loss", "softmax", [0.25, 0.75, 0.0], {"sizes": (2, 3, 3)}),
    ],
)
def test_the_loss_written_out_has_the_value_behind_it(loss, output, y, options):
    text = round.loss_line(round_of(loss, output, y, **options))
    formula, value = re.fullmatch(r"  L = (.*) = (\S+)", text).groups()
    assert evaluated(formula) == pytest.approx(as_number(value), rel=1e-12)


@pytest.mark.parametrize(
    "name", [name for name, row in ACTIVATIONS.items() if row.hidden and name not in ("step", "identity")]
)
def test_delta_is_the_product_that_is_written(name):
    r = round_of("squared", "identity", [0.75], activation=name)
    lines = [line for line in round.delta_lines(r, 1) if line.startswith("  δ_1")]
    assert len(lines) == 3
    for j, line in enumerate(lines):
        factors, value = line.split(" = ")[2:]
        a, b = (as_number(part.strip("()")) for part in factors.split("·"))
        assert a * b == pytest.approx(r.seen.delta[1][j], rel=1e-15)
        assert as_number(value) == r.seen.delta[1][j]


def test_a_network_without_bias_nodes_has_no_bias_row():
    r = round_of("squared", "identity", [0.75], bias=0)
    text = "\n".join(str(part) for layer in (1, 2) for part in round.forward_lines(r, layer))
    assert "bias" not in text
    assert not any("bias" in line for line in [*round.gradient_lines(r, 1), *round.weight_row_heads(r, 1)])


def test_a_bias_node_has_a_row_of_its_own_with_its_name():
    r = round_of("squared", "identity", [0.75], digits=4)
    assert next(round.gradient_lines(r, 0)) == "∂L/∂W_0 = v_0 δ_1ᵀ, 3 × 3; the last row belongs to the bias node"
    assert round.weight_row_heads(r, 0, ["a", "b"]) == [
        "v_0[0] = 0.5  a",
        "v_0[1] = −1  b",
        "v_0[2] = 1  bias node",
    ]
    assert round.weight_row_heads(r, 1)[-1] == "v_1[3] = 1  bias node"
    assert round.weight_heads(r, 0) == ["to [0]", "to [1]", "to [2]"]


def test_the_entry_that_is_plugged_in_is_the_same_in_the_gradient_and_in_the_new_weight():
    r = round_of("squared", "identity", [0.75])
    gradient, update = list(round.gradient_lines(r, 1))[1], list(round.update_lines(r, 1))[1]
    i = int(np.abs(r.seen.dL_dW[1][:, 0]).argmax())
    assert as_number(gradient.split(" = ")[-1]) == r.seen.dL_dW[1][i, 0]
    assert as_number(update.split(" = ")[-1]) == r.seen.W_new[1][i, 0]
    assert gradient.startswith(f"  ∂L/∂W_1[{i},0] = v_1[{i}]·δ_2[0] = ")
    assert update.startswith(f"  W_1[{i},0] = ")


def test_large_layers_say_what_they_left_out_and_how_a_face_shows_it():
    r = round_of("squared", "identity", [0.75], sizes=(2, 9, 1), full=False, more="; click to see them")
    lines = list(round.forward_lines(r, 1))
    assert [line[:8] for line in lines if line.startswith("  s_")] == [f"  s_1[{j}]" for j in range(5)]
    assert lines[-2] == "  … 4 more nodes; click to see them"
    assert list(round.delta_lines(r, 1))[-1] == lines[-2]
    whole = round_of("squared", "identity", [0.75], sizes=(2, 9, 1))
    assert not any("more" in line for line in [*round.forward_lines(whole, 1), *round.delta_lines(whole, 1)])


def test_the_loss_after_the_round_is_that_of_the_new_weights():
    r = round_of("squared", "identity", [0.75])
    theta = np.concatenate([W.ravel() for W in r.seen.W_new])
    after = Network.from_spec(r.spec, theta, dtype="float64", engine="reference")
    text = re.fullmatch(r"After this round the loss of this row is (\S+); it was (\S+)\.", round.after_line(r))
    assert as_number(text[1]) == pytest.approx(after.loss([[0.5, -1.0]], [[0.75]]), rel=1e-12)
    assert as_number(text[2]) == r.seen.loss


def test_the_row_is_shown_as_it_stands_in_the_table_and_as_the_network_sees_it():
    model, one = load(penguins_model()), as_table(PENGUINS).take([3])
    x, y = model.inputs_and_targets(one)
    net = Network.from_spec(model.network.spec, model.network.theta, dtype="float64", engine="reference")
    r = round.Round(net.spec, net.step(x[0], y[0], learning_rate=0.1), y[0], 0.1)
    row, seen = row_grid(model, one), round.inputs_grid(r, model.preprocessing.feature_names)
    assert (row.heads, seen.heads) == (("column", "value", ""), ("", "input", "value"))
    assert ("island", "Torgersen", "") in row.rows
    assert ("bill_length_mm", "missing", "") in row.rows
    assert row.rows[-1] == ("species", "Adelie", "target")
    assert ("v_0[4]", "bill_length_mm is missing", "1") in seen.rows
    assert seen.rows[-1] == ("v_0[12]", "bias node", "1")
    assert round.loss_title(r) == "LOSS log_loss of output v_2, for target y = (1, 0, 0)"
    predicted = model.predict(one)[0]
    assert round.prediction_line(model, r) == f"  The output stands for the prediction {predicted}."
    values = round_values(model, one, 4, r)
    assert (values["row"], values["prediction"], values["columns"]["bill_length_mm"]) == (4, predicted, None)
    assert values["W_new"] == [W.tolist() for W in r.seen.W_new]
