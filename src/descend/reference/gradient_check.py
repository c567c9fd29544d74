"""Back-propagation against finite differences of the objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from descend.reference.backward import loss_and_gradient
from descend.reference.forward import ForwardPass, forward, front_scaled, penalty, sample_losses
from descend.spec.data import normalised
from descend.spec.indexed import IndexedRows, Samples
from descend.spec.network import NetworkSpec
from descend.typing import Array

STEPS = (2.0**-10, 2.0**-13, 2.0**-16)  # the smaller ones are for entries whose larger step crosses a kink
OFFSETS = (-2.0, -1.0, 1.0, 2.0)
COEFFICIENTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
TOLERANCE = 1e-6
ROUNDINGS = 16  # a difference quotient is uncertain by about 16 ε |objective| / h; so small a difference is no error
LEFT_OUT_SHARE = 0.05
STACK_NUMBERS = 4_000_000  # how many numbers of node values a stack of perturbed networks may hold at once


@dataclass(frozen=True)
class GradientCheck:
    """Result of a gradient check.

    Parameters
    ----------
    max_relative_error : float
        max over entries of |a − n| / max(|a|, |n|, 1e-3 · max|g|, r): a by back-propagation, n by finite differences, r
        10⁶ times the rounding of n, so that rounding alone stays below 1e-6.
    where : tuple of int
        (layer, row, column) of that entry in W; (−1, i, 0) for the front scale of input i.
    left_out : int
        Entries left out, because their perturbation crosses a kink.
    entries : int
        Number of weights that were checked.

    Examples
    --------
    >>> from descend import Network
    >>> check = Network([2, 3, 1], seed=0).gradient_check([[0.5, -1.0], [2.0, 0.0]], [1.0, 0.0])
    >>> check.passed, check.entries, check.left_out
    (True, 13, 0)
    """

    max_relative_error: float
    where: tuple[int, int, int]
    left_out: int
    entries: int

    @property
    def passed(self) -> bool:
        """Error below 1e-6 and at most 5 % of the entries left out."""
        return self.max_relative_error < TOLERANCE and self.left_out <= LEFT_OUT_SHARE * self.entries


def gradient_check(
    spec: NetworkSpec,
    theta: Array,
    X: Samples,
    Y: Array,
    l2: float = 0.0,
    sample_weight: Array | None = None,
    gradient: Array | None = None,
    masks: Sequence[Array] = (),
    most: int | None = None,
) -> GradientCheck:
    """Compare a gradient with fourth-order central differences in float64.

        n = (L(w − 2h) − 8 L(w − h) + 8 L(w + h) − L(w + 2h)) / 12h

    Parameters
    ----------
    spec, theta : NetworkSpec, ndarray
        The network and its flat weights, perhaps followed by a front scale (n_0,).
    X, Y : ndarray
        (m, n_0) and (m, n_d), float64; X may be `IndexedRows`: both sides then go by index.
    l2 : float, default 0
        λ ≥ 0.
    sample_weight : ndarray or None
        (m,).
    gradient : ndarray or None
        In theta's layout: what shall be checked; None: what `loss_and_gradient` returns.
    masks : sequence of ndarray, default ()
        Dropout that stays the same throughout, as in `forward`.
    most : int or None, default None
        Check at most so many weights, evenly spread; None: all.

    Returns
    -------
    GradientCheck

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.init import initial_theta
    >>> from descend.spec.network import make_spec
    >>> spec, random = make_spec([2, 3, 1]), np.random.default_rng(0)
    >>> X, Y = random.normal(size=(5, 2)), random.normal(size=(5, 1))
    >>> gradient_check(spec, initial_theta(spec, random), X, Y).passed
    True
    """
    theta = theta.astype(np.float64)
    loss, own = loss_and_gradient(spec, theta, X, Y, sample_weight, l2, masks)
    analytic = own if gradient is None else gradient
    numeric, noise = np.full(len(theta), np.nan), np.zeros(len(theta))
    x = X.expanded() if isinstance(X, IndexedRows) else X
    passed = forward(spec, spec.weights(theta), front_scaled(spec, theta, x), masks)
    reach = np.concatenate([_reach(spec, passed), np.maximum(1.0, np.abs(x).max(axis=0))])[: len(theta)]
    objective = _Objective(spec, X, Y, l2, sample_weight, _sides(spec, passed, Y), masks)
    chunk = max(1, STACK_NUMBERS // (len(OFFSETS) * max(len(theta), len(X) * (sum(spec.sizes) + len(spec.sizes)))))
    count = len(theta) if most is None else min(most, len(theta))
    chosen = np.arange(count) * len(theta) // count
    for step in STEPS:
        pending = chosen[np.isnan(numeric[chosen])]
        for start in range(0, len(pending), chunk):
            entries = pending[start : start + chunk]
            steps = step / reach[entries]
            slopes, crosses = objective.slopes(theta, entries, steps)
            numeric[entries] = np.where(crosses, np.nan, slopes)
            noise[entries] = ROUNDINGS * np.finfo(np.float64).eps * abs(loss) / steps
    return _compare(spec, analytic, numeric, noise, chosen)


@dataclass(frozen=True)
class _Objective:
    """The objective of one set of rows as a function of theta, and the sides of its kinks at the point of the check."""

    spec: NetworkSpec
    X: Samples
    Y: Array
    l2: float
    sample_weight: Array | None
    base_sides: Array
    masks: Sequence[Array] = ()

    def slopes(self, theta: Array, entries: Array, steps: Array) -> tuple[Array, Array]:
        """Slopes along `entries` of theta by their steps h, and whether a perturbation crosses a kink."""
        stack = np.tile(theta, (len(entries), len(OFFSETS), 1))
        for k, offset in enumerate(OFFSETS):
            stack[np.arange(len(entries)), k, entries] += offset * steps
        networks = stack.reshape(-1, len(theta))
        W = self.spec.weights(networks)
        passed = forward(self.spec, W, front_scaled(self.spec, networks, self.X), self.masks)
        weight = normalised(self.sample_weight, len(self.X)) / len(self.X)
        losses = sample_losses(self.spec, passed, self.Y) @ weight + penalty(self.spec, W, self.l2)
        slopes = losses.reshape(len(entries), len(OFFSETS)) @ COEFFICIENTS / steps
        moved = (_sides(self.spec, passed, self.Y) != self.base_sides).any(axis=(-2, -1))
        return slopes, moved.reshape(len(entries), len(OFFSETS)).any(axis=1)


def _reach(spec: NetworkSpec, passed: ForwardPass) -> Array:
    """How far each weight reaches, max(1, max_t |v_l[t, i]|): a step h of W_l[i, j] moves s_{l+1, j} by h |v_l[i]|."""
    reach = np.empty(spec.theta_size)
    for view, v in zip(spec.weights(reach), passed.v, strict=False):
        view[:] = np.maximum(1.0, np.abs(v).max(axis=0))[:, None]
    return reach


def _sides(spec: NetworkSpec, passed: ForwardPass, Y: Array) -> Array:
    """On which side of every kink each sample stands: booleans (..., m, kinks)."""
    sides = []
    for layer in range(1, spec.depth + 1):
        sides += [passed.sums(layer) >= kink for kink in spec.activation(layer).kinks]
    if spec.loss.kink is not None:
        sides.append(spec.loss.kink(Y, passed.output, np.array(spec.loss_parameter)) >= 0)
    if not sides:
        return np.zeros((*passed.output.shape[:-1], 0), dtype=bool)
    return np.concatenate(sides, axis=-1)


def _compare(spec: NetworkSpec, analytic: Array, numeric: Array, noise: Array, chosen: Array) -> GradientCheck:
    largest = max(np.abs(analytic).max(), np.finfo(np.float64).tiny)
    analytic, numeric, noise = analytic[chosen], numeric[chosen], noise[chosen]
    left_out = np.isnan(numeric)
    n = np.where(left_out, analytic, numeric)
    largest = max(largest, np.abs(n).max())
    scale = np.maximum(np.maximum(np.abs(analytic), np.abs(n)), np.maximum(1e-3 * largest, noise / TOLERANCE))
    error = np.abs(analytic - n) / scale
    error[~np.isfinite(error)] = np.inf
    worst = int(np.argmax(error))
    place = _place(spec, int(chosen[worst]))
    return GradientCheck(float(error[worst]), place, int(left_out.sum()), len(chosen))


def _place(spec: NetworkSpec, entry: int) -> tuple[int, int, int]:
    """(layer, row, column) of an entry of theta; (−1, i, 0) for the front scale of input i."""
    for layer, (rows, columns) in enumerate(spec.shapes):
        if entry < rows * columns:
            return layer, entry // columns, entry % columns
        entry -= rows * columns
    return -1, entry, 0
