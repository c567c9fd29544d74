"""What a gradient check found, in words, and its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.describe.facts import Fact
from descend.reference.gradient_check import LEFT_OUT_SHARE

if TYPE_CHECKING:
    from descend.reference.gradient_check import GradientCheck


def check_facts(result: GradientCheck) -> list[Fact]:
    """Say how far back-propagation and finite differences are apart, and how much could not be compared.

    Parameters
    ----------
    result : GradientCheck
        Of `Network.gradient_check`.

    Examples
    --------
    >>> from descend.reference.gradient_check import GradientCheck
    >>> for fact in check_facts(GradientCheck(1e-9, (0, 1, 2), 30, 100)):
    ...     print(fact)
    ('largest relative error', '1.00e-09, at W_0[1,2]')
    ('left out', '30 of 100 weights, too near to a kink')
    """
    layer, row, column = result.where
    error = f"{result.max_relative_error:.2e}, at W_{layer}[{row},{column}]"
    return [
        ("largest relative error", error if result.max_relative_error else "0, but for rounding"),
        ("left out", f"{result.left_out:,} of {result.entries:,} weights, too near to a kink"),
    ]


def verdict(result: GradientCheck) -> str:
    """Say whether the check passed, and why not.

    Parameters
    ----------
    result : GradientCheck
        Of `Network.gradient_check`.

    Examples
    --------
    >>> from descend.reference.gradient_check import GradientCheck
    >>> verdict(GradientCheck(1e-9, (0, 1, 2), 30, 100))
    'Gradient check FAILED: too many entries were left out.'
    """
    if result.passed:
        return "Gradient check passed: back-propagation gives the gradient of the loss."
    too_many = result.left_out > LEFT_OUT_SHARE * result.entries
    return f"Gradient check FAILED: {'too many entries were left out' if too_many else 'the error must be below 1e-6'}."
