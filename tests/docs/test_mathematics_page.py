"""The mathematics: the 2-2-1 network worked by hand, plain arithmetic and the library agree; the tables are whole."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from descend import Network
from descend.spec.activations import ACTIVATIONS
from descend.spec.init import INITIALISATIONS
from descend.spec.losses import LOSSES
from descend.spec.plan import OPTIMIZERS, SAMPLINGS
from descend.spec.schedules import SHAPES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "mathematics"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
BY_HAND, SLIPS = PAGES["one-round-by-hand"], PAGES["slips"]
X, Y, C, ETA = (1.0, 2.0), 1.0, 1.0, 0.5
W = [[[0.5, -0.5], [0.25, 0.5], [-0.5, 0.25]], [[1.0], [-2.0], [0.5]]]


def sigmoid(s: float) -> float:
    return 1.0 / (1.0 + math.exp(-s))


def worked_by_hand() -> dict[str, float]:
    """One round of SGD with plain floats, no library, one line for each number."""
    s11 = 0.5 * 1 + 0.25 * 2 - 0.5 * 1
    s12 = -0.5 * 1 + 0.5 * 2 + 0.25 * 1
    v11, v12 = sigmoid(s11), sigmoid(s12)
    s2 = 1.0 * v11 - 2.0 * v12 + 0.5 * 1
    d2 = s2 - Y
    g11, g12 = 1.0 * d2, -2.0 * d2
    d11, d12 = g11 * v11 * (1 - v11), g12 * v12 * (1 - v12)
    return {
        "v[0][0]": 1,
        "v[0][1]": 2,
        "v[0][2]": 1,
        "s[1][0]": s11,
        "s[1][1]": s12,
        "v[1][0]": v11,
        "v[1][1]": v12,
        "v[1][2]": 1,
        "s[2][0]": s2,
        "v[2][0]": s2,
        "loss": d2 * d2 / 2,
        "dL_dv[2][0]": d2,
        "delta[2][0]": d2,
        "dL_dv[1][0]": g11,
        "dL_dv[1][1]": g12,
        "delta[1][0]": d11,
        "delta[1][1]": d12,
        "dL_dv[0][0]": 0.5 * d11 - 0.5 * d12,
        "dL_dv[0][1]": 0.25 * d11 + 0.5 * d12,
        "dL_dW[1][0][0]": v11 * d2,
        "dL_dW[1][1][0]": v12 * d2,
        "dL_dW[1][2][0]": d2,
        "dL_dW[0][0][0]": d11,
        "dL_dW[0][1][0]": 2 * d11,
        "dL_dW[0][2][0]": d11,
        "dL_dW[0][0][1]": d12,
        "dL_dW[0][1][1]": 2 * d12,
        "dL_dW[0][2][1]": d12,
        "W_new[1][0][0]": 1.0 - ETA * v11 * d2,
        "W_new[1][1][0]": -2.0 - ETA * v12 * d2,
        "W_new[1][2][0]": 0.5 - ETA * d2,
        "W_new[0][0][0]": 0.5 - ETA * d11,
        "W_new[0][1][0]": 0.25 - ETA * 2 * d11,
        "W_new[0][2][0]": -0.5 - ETA * d11,
        "W_new[0][0][1]": -0.5 - ETA * d12,
        "W_new[0][1][1]": 0.5 - ETA * 2 * d12,
        "W_new[0][2][1]": 0.25 - ETA * d12,
    }


def numbers_of_the_page() -> dict[str, float]:
    block = re.search(r"```worked-example\n(.*?)```", BY_HAND, re.DOTALL)[1]
    lines = [line.split(" = ") for line in block.splitlines() if line]
    assert len({name for name, _ in lines}) == len(lines)
    return {name: float(number) for name, number in lines}


def network(engine: str) -> Network:
    net = Network([2, 2, 1], activation="sigmoid", dtype="float64", engine=engine)
    net.W = [np.array(one) for one in W]
    return net


def numbers_of(trace: object) -> dict[str, float]:
    """All numbers of a trace under the names of the page."""
    found = {"loss": trace.loss}
    for name in ("s", "v", "delta", "dL_dv", "dL_dW", "W_new"):
        for layer, array in enumerate(getattr(trace, name) or []):
            if array is None:
                assert (name, layer) in [("s", 0), ("delta", 0)]
                continue
            places = np.ndindex(array.shape)
            found |= {f"{name}[{layer}]" + "".join(f"[{i}]" for i in place): float(array[place]) for place in places}
    return found


def test_the_page_has_every_number_of_the_round_to_six_decimals():
    assert numbers_of_the_page() == pytest.approx(worked_by_hand(), abs=0.5000001e-6, rel=0)


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_step_gives_the_numbers_worked_by_hand(engine):
    net = network(engine)
    trace = net.step(X, Y, learning_rate=ETA)
    assert numbers_of(trace) == pytest.approx(worked_by_hand(), abs=1e-14, rel=1e-14)
    for updated, new in zip(net.W, trace.W_new, strict=True):
        np.testing.assert_array_equal(updated, new)


def test_trace_gives_the_same_numbers_and_leaves_the_weights():
    net = network("reference")
    trace = net.trace(X, Y)
    assert trace.W_new is None
    expected = {name: number for name, number in worked_by_hand().items() if not name.startswith("W_new")}
    assert numbers_of(trace) == pytest.approx(expected, abs=1e-14, rel=1e-14)
    for kept, given in zip(net.W, W, strict=True):
        np.testing.assert_array_equal(kept, given)


def test_the_loss_after_the_round_is_the_one_in_the_text():
    net = network("reference")
    net.step(X, Y, learning_rate=ETA)
    after = net.loss([X], [Y])
    assert (
        f"With the new weights the same sample has the loss {after:.6f}. It was {worked_by_hand()['loss']:.6f}."
        in BY_HAND
    )


def test_every_number_in_the_formulas_of_the_page_is_one_of_the_round():
    formulas = "".join(re.findall(r"\$.+?\$", BY_HAND.replace("$$", "$"), re.DOTALL))
    written = {float(number) for number in re.findall(r"-?\d+\.\d{6}", formulas)}
    known = {name: round(number, 6) for name, number in worked_by_hand().items()}
    assert written <= set(known.values())
    assert written >= {known[name] for name in known if name.startswith(("delta", "dL_dW", "W_new"))}


def test_the_wrong_delta_of_the_first_slip_is_the_one_in_the_text():
    by_hand = worked_by_hand()
    wrong, excess = [], []
    for i in (0, 1):
        v = by_hand[f"v[1][{i}]"]
        wrong.append(by_hand[f"W_new[1][{i}][0]"] * by_hand["delta[2][0]"] * v * (1 - v))
        excess.append(100 * (wrong[i] / by_hand[f"delta[1][{i}]"] - 1))
    right = [by_hand[f"delta[1][{i}]"] for i in (0, 1)]
    assert rf"({wrong[0]:.6f},\; {wrong[1]:.6f})" in SLIPS
    assert rf"({right[0]:.6f},\; {right[1]:.6f})" in SLIPS
    assert f"{excess[0]:.0f} % too large, and {-excess[1]:.0f} % too small" in SLIPS


def first_cells(page: str) -> set[str]:
    """Names in the first column of the tables of a page."""
    rows = re.findall(r"^\| (`[^|]+) \|(?!.*\n\| -)", PAGES[page], re.MULTILINE)
    return {name for row in rows for name in re.findall(r'`"?(\w+)"?`', row)}


def test_every_name_is_in_the_table_of_its_page():
    assert first_cells("activations") == set(ACTIVATIONS)
    assert first_cells("risk") == set(LOSSES)
    assert first_cells("optimisers") == set(OPTIMIZERS)
    assert first_cells("step-sizes") == set(SHAPES)
    assert first_cells("initialisation") == set(INITIALISATIONS)
    assert first_cells("batches") == set(SAMPLINGS)


def test_the_chance_of_a_good_run_is_computed_right():
    chance = f"{1 - (1 - 0.2) ** 16:.0%}".replace("%", " %")
    assert f"For $p = 0.2$ and $K = 16$ that is {chance}." in PAGES["restarts"]


def test_every_page_is_in_the_list_and_in_the_tree():
    told = re.findall(r"\]\((\S+)\.md\)", PAGES["index"])
    tree = re.search(r"```{toctree}\n:hidden:\n\n(.*?)```", PAGES["index"], re.DOTALL)[1].split()
    assert list(dict.fromkeys(told[1:])) == tree
    assert {"index", *tree} == set(PAGES)
