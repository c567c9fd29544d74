"""Check first that everybody computes the same: the same weights after the same steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Weights = Sequence[Array]  # W_0 … W_{d−1} of one net, (n_l + 1, n_{l+1}), the bias row last

# Largest difference of the weights, relative to how far training moved them. float32 gives 1e-6 … 1e-4; a missing bias,
# a step size that is wrong by 1 %, or another order of the samples gives more than 1e-2.
TOLERANCE = 1e-3


class DisagreementError(AssertionError):
    """Two contestants do not compute the same; their times must not be compared."""


def distance(ours: Sequence[Weights], theirs: Sequence[Weights], start: Sequence[Weights]) -> float:
    """‖θ_ours − θ_theirs‖ / ‖θ_theirs − θ_start‖ over all nets that both trained, in float64.

    Parameters
    ----------
    ours, theirs, start : sequence of weights
        One entry per net; a peer that trained fewer nets is compared on those.

    Examples
    --------
    >>> distance([[np.array([[1.5]])]], [[np.array([[2.0]])]], [[np.array([[0.0]])]])
    0.25
    """
    nets = len(theirs)
    a, b, zero = (_flat(weights[:nets]) for weights in (ours, theirs, start))
    moved = float(np.linalg.norm(b - zero))
    return float(np.linalg.norm(a - b)) / moved if moved > 0 else float("inf")


def check(name: str, ours: Sequence[Weights], theirs: Sequence[Weights], start: Sequence[Weights]) -> float:
    """Return the distance.

    Raises
    ------
    DisagreementError
        If it is above `TOLERANCE`, or the training moved nothing.
    """
    found = distance(ours, theirs, start)
    if not found <= TOLERANCE:
        raise DisagreementError(
            f"{name}: after the same steps its weights differ from ours by {found:.2g} of the way that training went; "
            f"at most {TOLERANCE:g}. Times of different computations are not compared."
        )
    return found


def check_outputs(name: str, ours: Array, theirs: Array, tolerance: float = 1e-5) -> float:
    """Return the largest difference of two outputs, relative to the largest output.

    Raises
    ------
    DisagreementError
        If it is above `tolerance`.
    """
    scale = float(np.abs(ours).max())
    found = float(np.abs(np.ravel(ours) - np.ravel(theirs)).max()) / scale
    if not found <= tolerance:
        raise DisagreementError(f"{name}: its output differs from ours by {found:.2g}; at most {tolerance:g}.")
    return found


def _flat(nets: Sequence[Weights]) -> Array:
    return np.concatenate([np.ravel(W).astype(np.float64) for net in nets for W in net])
