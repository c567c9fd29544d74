"""Without matplotlib an error says what to install; importing descend loads none."""

import subprocess
import sys

import pytest

from descend import DependenceDisplay, LossCurveDisplay, NetworkDisplay, RestartsDisplay, SpecError
from figure_cases import X, training


def test_importing_the_displays_loads_no_matplotlib():
    code = "import sys, descend.figures\nfrom descend import RestartsDisplay\nprint('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("draw", "what"),
    [
        (lambda: LossCurveDisplay.from_training(training()), "LossCurveDisplay.plot"),
        (lambda: RestartsDisplay.from_training(training()), "RestartsDisplay.plot"),
        (lambda: NetworkDisplay.from_network(training().best), "NetworkDisplay.plot"),
        (lambda: DependenceDisplay.from_network(training().best, X, 0), "DependenceDisplay.from_network"),
    ],
)
def test_without_matplotlib_the_error_says_what_to_install(draw, what, monkeypatch):
    monkeypatch.setattr("descend.errors.find_spec", lambda name: None)
    with pytest.raises(SpecError) as caught:
        draw()
    assert str(caught.value) == f"{what} needs matplotlib; install it with: pip install 'descend[plot]'"
