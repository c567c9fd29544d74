"""`Inspected`: a network that shows every quantity of the mathematics, and lets its gradient be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import DataError, SpecError, raise_problems
from descend.files.fields import is_count
from descend.nets.base import NetworkBase
from descend.nets.weights import flat_weights
from descend.reference import backward, forward
from descend.reference import gradient_check as _gradient_check
from descend.reference import trace as _trace
from descend.reference.order import draw_masks
from descend.registry import Shown, find
from descend.spec.data import normalised
from descend.spec.indexed import IndexedRows, Samples, expanded
from descend.spec.network import check_trainable, flatten
from descend.spec.plan import check_dropout
from descend.training.arrays import as_X, checked_batch
from descend.training.seeds import dropout_seed
from descend.typing import Array


class Inspected(Shown, NetworkBase):
    """Loss, gradients, one sample's trace, one round of SGD: what a `Network` shows of itself."""

    def loss(
        self, X: ArrayLike | IndexedRows, Y: ArrayLike, l2: float = 0.0, sample_weight: ArrayLike | None = None
    ) -> float:
        """The objective (1/m) Σ_i w_i L_i + (λ/2) Σ_l ‖W̃_l‖², in float64; w normalised to mean 1.

        Parameters
        ----------
        X, Y : array_like, or IndexedRows for X
            (m, n_0) and (m, n_d); (m,) if n_d = 1; one-hot for classes.
        l2 : float, default 0
            λ ≥ 0.
        sample_weight : array_like or None
            (m,), ≥ 0, any scale.
        """
        rows, targets, weights = self._batch(X, Y, sample_weight, "loss")
        return float(forward.objective(self.spec, self._W64(), rows, targets, l2, weights))

    def loss_and_gradient(
        self,
        X: ArrayLike | IndexedRows,
        Y: ArrayLike,
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        n_jobs: int | None = None,
    ) -> tuple[float, list[Array]]:
        """The objective and its gradient by back-propagation, computed by the network's engine in its dtype.

        Parameters
        ----------
        X, Y, l2, sample_weight
            As in `loss`.
        n_jobs : int or None, default None
            As in `predict`.

        Returns
        -------
        loss : float
            As `loss`, up to rounding.
        gradient : list of ndarray
            ∂/∂W_0 … ∂/∂W_{d−1}, in the shapes of W.

        Raises
        ------
        SpecError, DataError
            If the network cannot be trained; listing every argument that is wrong.

        Examples
        --------
        >>> from descend import Network
        >>> net = Network([1, 1], seed=0)
        >>> net.W = [[[2.0], [0.5]]]
        >>> loss, gradient = net.loss_and_gradient([[3.0]], [6.0])
        >>> loss, gradient[0].tolist()
        (0.125, [[1.5], [0.5]])
        """
        check_trainable(self.spec)
        rows, targets, weights = self._batch(X, Y, sample_weight, "loss_and_gradient", self.dtype)
        scaled = None if weights is None else normalised(weights, len(weights)).astype(self.dtype)
        jobs = self._jobs(len(rows), n_jobs)
        loss, gradient = self._door().loss_and_gradient(self.spec, self.theta, rows, targets, scaled, l2, n_jobs=jobs)
        return loss, self.spec.weights(gradient)

    def trace(self, x: ArrayLike | IndexedRows, y: ArrayLike) -> _trace.Trace:
        """Run one sample forward and backward and keep every quantity, in float64.

        Parameters
        ----------
        x, y : array_like, or IndexedRows of one row for x
            (n_0,) and (n_d,); y may be a number if n_d = 1.

        Returns
        -------
        Trace
            With s, v, delta, dL_dv, dL_dW, loss, output, W.

        Examples
        --------
        >>> from descend import Network
        >>> net = Network([1, 1], seed=0)
        >>> net.W = [[[2.0], [0.5]]]
        >>> net.trace([3.0], 6.0).dL_dW[0].tolist()
        [[1.5], [0.5]]
        """
        given = x if isinstance(x, IndexedRows) else np.reshape(x, (1, -1))
        rows, targets, _ = self._batch(given, np.reshape(y, (1, -1)), None, "trace")
        check_trainable(self.spec)
        return _trace.trace(self.spec, self.theta, expanded(rows)[0], targets[0])

    def step(
        self, x: ArrayLike | IndexedRows, y: ArrayLike, learning_rate: float = 0.1, l2: float = 0.0
    ) -> _trace.Trace:
        """One round of SGD on one sample, in place: W̃ ← W̃ − η (∂L/∂W̃ + λ W̃), bias row ← bias row − η ∂L/∂(bias row).

        Parameters
        ----------
        x, y : array_like, or IndexedRows of one row for x
            (n_0,) and (n_d,).
        learning_rate : float, default 0.1
            η.
        l2 : float, default 0
            λ.

        Returns
        -------
        Trace
            From before the update, with W and W_new.
        """
        if not all(isinstance(value, int | float | np.number) and 0 <= value < np.inf for value in (learning_rate, l2)):
            raise SpecError(
                f"step: `learning_rate` and `l2` must be finite numbers ≥ 0; got {learning_rate!r} and {l2!r}."
            )
        seen = self.trace(x, y)
        W_new = _trace.updated_weights(self.spec, seen, learning_rate, l2)
        self.theta[:] = flatten(self.spec, W_new)
        self._trained = True
        return replace(seen, W_new=W_new)

    def gradient_check(
        self,
        X: ArrayLike | IndexedRows,
        Y: ArrayLike,
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        gradient: Sequence[ArrayLike] | None = None,
        dropout: float | Sequence[float] = 0.0,
        front_scale: ArrayLike | None = None,
        most: int | None = None,
    ) -> _gradient_check.GradientCheck:
        """Central differences against back-propagation, in float64.

        Parameters
        ----------
        X, Y, l2, sample_weight
            As in `loss`.
        gradient : list of array_like or None
            d matrices to be checked instead of back-propagation's.
        dropout : float or sequence of float, default 0
            As in `fit`: the check is then of the network with nodes left out, drawn once from the seed.
        front_scale : array_like or None
            (n_0,): the check is then with v_0 = scale ⊙ x, and of the derivatives by the scale too.
        most : int or None, default None
            Check at most so many weights, ≥ 1, evenly spread; None: all, which takes a time that grows with the square
            of their number.

        Returns
        -------
        GradientCheck
            max_relative_error, where=(layer, row, column), left_out, entries, passed.
        """
        check_trainable(self.spec)
        if any(row.name == "step" for row in self.spec.activations):
            raise SpecError(
                "gradient_check: the straight-through surrogate of the binary step is not the gradient of the loss, "
                "so there is nothing to check it against."
            )
        if most is not None and not is_count(most, 1):
            raise SpecError(f"gradient_check: `most` must be a whole number ≥ 1, or None; got {most!r}.")
        rows, targets, weights = self._batch(X, Y, sample_weight, "gradient_check")
        given = None if gradient is None else flat_weights(self.spec, gradient, "gradient")
        theta, masks = self._perturbed(len(rows), dropout, front_scale, given is not None)
        return _gradient_check.gradient_check(self.spec, theta, rows, targets, l2, weights, given, masks, most)

    def input_gradient(self, X: ArrayLike | IndexedRows) -> Array:
        """Return the exact derivative of each output by each input, row by row, by back-propagation.

        Parameters
        ----------
        X : array_like or IndexedRows
            (m, n_0), finite.

        Returns
        -------
        ndarray of float64, shape (m, n_d, n_0)
            ∂v_d/∂x: of each row the Jacobian, outputs down and inputs across. If inputs or outputs were scaled for the
            network, multiply by the scale of the output and divide by that of the input.

        Raises
        ------
        DataError
            If X has another shape or holds what is not a finite number.

        Examples
        --------
        >>> from descend import Network
        >>> net = Network([2, 1], seed=0)
        >>> net.W = [[[1.0], [2.0], [0.5]]]
        >>> net.input_gradient([[3.0, 4.0]]).tolist()
        [[[1.0, 2.0]]]
        """
        problems: list[str] = []
        rows = as_X(X, self.spec, np.dtype(np.float64), problems)
        raise_problems(DataError, "input_gradient", problems)
        return backward.jacobian(self.spec, self._W64(), rows)

    def plot(self, **keywords: Any) -> Any:
        """Draw the nodes, and an edge for each weight: the larger it is, the wider; negative ones are dashed.

        Parameters
        ----------
        **keywords
            Of `NetworkDisplay.from_network`: ax, input_names, output_names, name, max_nodes, bias.

        Returns
        -------
        NetworkDisplay

        Raises
        ------
        SpecError
            If matplotlib is not installed, or a keyword cannot be.

        Examples
        --------
        >>> from descend import Network
        >>> display = Network([2, 3, 1], seed=0).plot(input_names=["width", "height"])
        >>> display.sizes
        (2, 3, 1)
        """
        return find("plot.network")(self, **keywords)

    # ------------------------------------------------------------ inside

    def _W64(self) -> list[Array]:
        return self.spec.weights(self.theta.astype(np.float64))

    def _perturbed(
        self, rows: int, dropout: float | Sequence[float], front_scale: ArrayLike | None, given: bool
    ) -> tuple[Array, list[Array]]:
        """Parameters and dropout masks of a gradient check."""
        problems: list[str] = []
        shares = check_dropout(dropout, self.spec.depth - 1, problems)
        scale = np.asarray([] if front_scale is None else front_scale, dtype=np.float64)
        if front_scale is not None and (scale.shape != (self.spec.sizes[0],) or not np.isfinite(scale).all()):
            problems.append(f"`front_scale` must be {self.spec.sizes[0]} finite numbers; got shape {scale.shape}.")
        if front_scale is not None and given:
            problems.append("`front_scale` cannot be checked together with a `gradient` of W.")
        raise_problems(SpecError, "gradient_check", problems)
        masks = draw_masks(self.spec.sizes, shares, dropout_seed(self.seed, 0), 0, rows)
        return np.concatenate([self.theta.astype(np.float64), scale]), masks

    def _batch(
        self,
        X: ArrayLike | IndexedRows,
        Y: ArrayLike,
        sample_weight: ArrayLike | None,
        where: str,
        dtype: Any = np.float64,
    ) -> tuple[Samples, Array, Array | None]:
        return checked_batch(self.spec, X, Y, sample_weight, np.dtype(dtype), where)
