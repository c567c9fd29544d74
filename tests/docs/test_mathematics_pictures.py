"""The pictures of the mathematics show what the library computes, and their files are of today."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools" / "pictures"))

import mathematics_descents as descents
import mathematics_pictures as pictures
import themed_svg

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "mathematics"
S = np.linspace(-4, 4, 401)


def page(name):
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").replace("\n", " ")


def drawn(name):
    with themed_svg.style():
        return pictures.PICTURES[name]()


def solid_and_dashed(axes):
    lines = [line for line in axes.lines if len(line.get_xdata()) > 2]
    assert [line.get_linestyle() for line in lines] == ["-", "--"]
    return [line.get_ydata() for line in lines]


def test_activations_are_the_textbook_s_and_their_derivatives_are_their_slopes():
    found = {axes.get_title(): solid_and_dashed(axes) for axes in drawn("activations").figure.axes}
    sigmoid = 1 / (1 + np.exp(-S))
    known = {"sigmoid": sigmoid, "tanh": np.tanh(S), "relu": np.maximum(S, 0), "silu": S * sigmoid}
    known |= {"identity": S, "step": np.sign(S), "softplus": np.log(1 + np.exp(S))}
    for name, values in known.items():
        np.testing.assert_allclose(found[name][0], values, atol=1e-12)
    away = np.abs(S[1:-1]) > 0.03  # from the kinks
    for values, slopes in found.values():
        by_differences = (values[2:] - values[:-2]) / (S[2:] - S[:-2])
        np.testing.assert_allclose(slopes[1:-1][away], by_differences[away], atol=2e-3)


def test_losses_and_schedules_are_those_of_their_tables():
    (axes,) = drawn("losses").figure.axes
    ends = {line.get_label(): (line.get_ydata()[0], line.get_ydata()[-1]) for line in axes.lines}
    assert ends == {
        "squared": (4.5, 4.5),
        "absolute": (3, 3),
        "huber, κ = 1": (2.5, 2.5),
        "quantile, q = 0.9": pytest.approx((2.7, 0.3)),
    }
    half = {axes.get_title(): axes.lines[0].get_ydata()[200] for axes in drawn("schedules").figure.axes}
    assert {name: half[name] for name in ("constant", "linear", "cosine", "exponential")} == pytest.approx(
        {"constant": 1, "linear": 0.5, "cosine": 0.5, "exponential": 0.1}
    )


def texts(picture):
    return [text.get_text() for axes in picture.figure.axes for text in axes.texts]


def test_networks_hold_the_numbers_that_are_worked_by_hand():
    by_hand = page("one-round-by-hand").replace("-", "−")
    numbers = [
        text
        for text in texts(drawn("network")) + texts(drawn("network-backward"))
        if re.fullmatch(r"−?\d\.\d{3}", text)
    ]
    assert len(numbers) > 10
    for text in numbers:
        digits = [
            one
            for one in re.findall(r"−?\d\.\d{6}", by_hand)
            if f"{float(one.replace('−', '-')):.3f}" == text.replace("−", "-")
        ]
        assert digits, text


def test_the_half_trick_gives_one_output_twice():
    picture = drawn("half-trick")
    one, other = picture.facts["outputs"].split()
    assert one == other
    assert texts(picture).count("0") == 3  # the weights into the node that plays the bias node
    assert texts(picture).count("0.5") == 4  # two bias nodes; in their place one, and σ(0)


def test_the_exact_steps_of_the_line_are_gradient_descent():
    lines = {line.get_label(): line for line in drawn("sgd").figure.axes[0].lines}
    steps = next(line for label, line in lines.items() if label.startswith("5 steps"))
    rounds = next(line for label, line in lines.items() if label.startswith("100 rounds"))
    assert len(steps.get_xdata()) == 1 + 5
    assert len(rounds.get_xdata()) == 1 + 100
    random = np.random.default_rng(4)
    x = random.uniform(-1.5, 2.5, 20)
    y = 0.8 * x - 0.4 + random.normal(0, 0.5, 20)
    w, b = -1.4, 1.6
    for k in range(6):
        assert (w, b) == pytest.approx((steps.get_xdata()[k], steps.get_ydata()[k]), abs=1e-12)
        r = w * x + b - y
        w, b = w - 0.4 * np.mean(r * x), b - 0.4 * np.mean(r)
    assert "fitted to 20 points" in page("sgd")
    assert "look at 100 samples. Full batches have made 5 exact steps" in page("sgd")


@pytest.mark.parametrize(
    ("start", "valley", "loss"), [((2, 1), "up", 0.0607), ((-1, -1), "flat", 0.0701), ((-3, 3), "down", 0.118)]
)
def test_descents_end_in_three_valleys(start, valley, loss):
    net = descents.Network([1, 1], output="sigmoid", dtype="float64", seed=0)
    net.W = [np.reshape(start, (2, 1))]
    end = descents.path(net, descents.VALLEYS_X, descents.VALLEYS_Y, [3000], batch_size=7, learning_rate=2.0)[-1]
    assert descents.valley_of(end) == valley
    r = 1 / (1 + np.exp(-(end[0] * descents.VALLEYS_X[:, 0] + end[1]))) - descents.VALLEYS_Y
    assert np.mean(r**2) / 2 == pytest.approx(loss, abs=2e-3)
    assert f"loss {loss:.3f}" in themed_svg.facts_in(FOLDER / "valleys.svg")[valley]


def test_numbers_of_the_page_on_restarts_are_those_of_its_pictures():
    facts, text = themed_svg.facts_in(FOLDER / "xor-restarts.svg"), page("restarts")
    assert f"*{facts['restarts']} descents on the four rows" in text
    assert f"{facts['learnt']} have learnt XOR" in text
    assert "stop at one of three heights" in text
    assert facts["ends"].count(" at ") == 1 + 3
    assert len(themed_svg.facts_in(FOLDER / "valleys.svg")) == 3
    assert "; ".join(f"{rate:g}" for rate in descents.RATES).replace("; 0.3", " and 0.3").replace(";", ",") in page(
        "optimisers"
    )
    assert "64 nodes, 40 noisy rows" in page("best-iterate")


@pytest.mark.parametrize(
    "name", ["network", "network-backward", "half-trick", "xor-restarts", "xor-surface", "best-iterate"]
)
def test_the_file_shows_the_numbers_of_today(name):
    assert themed_svg.facts_in(FOLDER / f"{name}.svg") == drawn(name).facts, (
        "run: python tools/pictures/mathematics_pictures.py"
    )


def test_every_picture_has_its_file_and_its_place():
    shown = set(re.findall(r"\]\((\S+)\.svg\)", "".join(page(path.stem) for path in FOLDER.glob("*.md"))))
    assert shown == set(pictures.PICTURES) == {path.stem for path in FOLDER.glob("*.svg")}


def test_colours_follow_the_page(tmp_path):
    file = (FOLDER / "network.svg").read_text(encoding="utf-8")
    rules, rest = file.split("</style>", 1)
    assert "prefers-color-scheme: dark" in rules
    assert "var(--ink)" in rest
    assert not re.search(r"#[0-9a-f]{6}\b", rest)
    with pytest.raises(ValueError, match="#123456: not among the colours"):
        themed_svg.themed('<path style="fill: #123456"/>')
