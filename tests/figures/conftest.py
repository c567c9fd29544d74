"""Figures are drawn without a screen, and closed after each test."""

import os
import sys

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")  # before matplotlib is loaded


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close("all")
