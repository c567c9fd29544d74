"""Looking into a fitted estimator: a sample's trace, derivatives, hidden values, one fast row, all restarts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from descend.estimators.mlp.answering import answering
from descend.estimators.mlp.moment import as_it_is
from descend.estimators.solvers.result import Fitted, restarts
from descend.explanations.arrays import ArrayRows
from descend.explanations.explain import Answering, explain
from descend.explanations.result import Explanation
from descend.nets.network import Network
from descend.reference.forward import forward
from descend.reference.trace import Trace
from descend.training.outcome import Restart
from descend.typing import Array


class Lookers:
    """Methods of both estimators that scikit-learn's do not have."""

    _fitted: Fitted

    _checked_X: Callable[[Any], Array]
    _encoded_row: Callable[[Any], Array]

    @property
    def network_(self) -> Network:
        """The best restart's `descend.Network`; its weights are those of `coefs_` and `intercepts_`."""
        return self._fitted.network

    @property
    def restarts_(self) -> tuple[Restart[Network], ...]:
        """Every restart: status, curves, loss, network."""
        return restarts(self._fitted)

    def trace(self, x: Any, y: Any) -> Trace:
        """Run one sample forward and backward through the best network and keep every quantity, in float64.

        Parameters
        ----------
        x : array_like
            One row, (n_features,).
        y : label, number or array_like
            Its target.

        Returns
        -------
        Trace
            s, v, delta, dL_dv, dL_dW, loss, output, W; see `descend.Network.trace`.
        """
        now = as_it_is(self)
        row = now._checked_X(np.reshape(x, (1, -1)))[0]
        return now.network_.trace(row, now._encoded_row(y))

    def input_gradient(self, X: Any) -> Array:
        """∂output/∂input for every row, (m, n_outputs, n_features), float64; averaged over an ensemble.

        The outputs are those of the network: probabilities for a classifier (of the second class, if there are two).
        """
        now = as_it_is(self)
        rows, fitted = now._checked_X(X), now._fitted
        gradients = [fitted.networks[r].input_gradient(rows) for r in fitted.chosen]
        return np.asarray(sum(gradients) / len(gradients))

    def explain(self, X: Any, background: Any, of: Any = None, draws: int = 192) -> Explanation:
        """Say what each column adds to each prediction: expected gradients.

        The values of a row and the base value sum to its prediction: a number, or the probability of a class. They say
        what the networks do, not what causes what.

        Parameters
        ----------
        X : array_like
            Rows that are explained, (m, n_features).
        background : array_like
            Rows with whose average prediction each prediction is compared, such as training rows; of more than `draws`
            rows so many are taken, evenly spaced.
        of : label, "predicted" or None, default None
            The class whose probability is explained; "predicted": of each row the class that is predicted. None: of
            two classes the second, of more all.
        draws : int, default 192
            Pairs of a row of the background and a place on the way from it, at least; more: less noise, more time.

        Returns
        -------
        Explanation
            With ``values`` (m, n_features), or (m, n_features, K) of all classes or of several numbers,
            ``base_value`` and ``prediction``.

        Raises
        ------
        ValueError
            If there is no such class; for y of several columns of classes.

        Examples
        --------
        >>> from descend import MLPRegressor
        >>> X = np.random.default_rng(0).normal(size=(200, 3))
        >>> net = MLPRegressor((16,), max_iter=400, random_state=0).fit(X, 2 * X[:, 0])
        >>> list(net.explain(X[:9], X).importance())[0]
        'x0'
        """
        now = as_it_is(self)
        rows, compared = ArrayRows(now._checked_X(X)), ArrayRows(now._checked_X(background))
        return explain(answering(now), rows, compared, of, draws)

    def _answering(self) -> Answering:
        """What explains and draws it."""
        return answering(as_it_is(self))

    def hidden(self, X: Any, layer: int = -1) -> Array:
        """Values of the nodes of a hidden layer of the best network.

        Parameters
        ----------
        X : array_like
            (m, n_features).
        layer : int, default -1
            1 … number of hidden layers; −1 is the last, −2 the one before.

        Returns
        -------
        ndarray
            (m, n_layer), float64.

        Raises
        ------
        ValueError
            If there is no such hidden layer.
        """
        now = as_it_is(self)
        net, count = now.network_, now.network_.spec.depth - 1
        if not (1 <= layer <= count or -count <= layer <= -1):
            raise ValueError(f"hidden: `layer` must be 1 … {count} or −{count} … −1; got {layer!r}.")
        at = layer if layer > 0 else count + 1 + layer
        rows = now._checked_X(X).astype(np.float64)
        passed = forward(net.spec, net.spec.weights(net.theta.astype(np.float64)), rows)
        values: Array = passed.v[at]
        return values[:, : net.spec.sizes[at]]
