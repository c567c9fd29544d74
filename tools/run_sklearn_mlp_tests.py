"""Run scikit-learn's own tests of its MLP, from the installed scikit-learn, with descend's classes put in.

Every test that uses only public API passes. Those left out are in `LEFT_OUT`, each with its reason; one that does not
exist in the installed version, or that would pass, is reported.

Usage: ``python tools/run_sklearn_mlp_tests.py [pytest options …]``
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import sklearn
import sklearn.neural_network

import descend

# test -> why it is left out
LEFT_OUT: dict[str, str] = {
    "test_gradient": "calls the private _loss_grad_lbfgs; our public `network_.gradient_check` has tests of its own",
    "test_learning_rate_warmstart": "reads the private _optimizer; the step sizes of a warm start have a test of ours",
    "test_adaptive_learning_rate": "reads the private _optimizer; the smallest adaptive step size has a test of ours",
}

MODULE = "sklearn/neural_network/tests/test_mlp.py"


class Replacement:
    """A pytest plugin: puts descend's classes in, leaves tests out, counts what happened."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.outcomes: dict[str, list[str]] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect the tests that are left out."""
        kept, dropped = [], []
        for item in items:
            name = item.originalname  # type: ignore[attr-defined]
            self.seen.add(name)
            (dropped if name in LEFT_OUT else kept).append(item)
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def main(options: list[str]) -> int:
    """Run the tests; return the exit code."""
    sklearn.neural_network.MLPClassifier = descend.MLPClassifier
    sklearn.neural_network.MLPRegressor = descend.MLPRegressor
    path = Path(sklearn.__file__).parents[1] / MODULE
    replacement = Replacement()
    settings = ["-q", "-p", "no:cacheprovider", "-p", "no:doctest", "-c", "/dev/null", "--rootdir", str(path.parent)]
    code = pytest.main([*settings, "-W", "ignore::pytest.PytestUnknownMarkWarning", *options, str(path)], [replacement])
    print(f"\nscikit-learn {sklearn.__version__}, {MODULE}; left out:")
    for name, reason in LEFT_OUT.items():
        print(f"  {name}: {reason}" if name in replacement.seen else f"  {name}: not in this version")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
