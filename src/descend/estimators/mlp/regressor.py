"""`MLPRegressor`: scikit-learn's, with what was refused there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from descend.estimators.mlp.base import BaseMLP
from descend.estimators.mlp.documentation import documented
from descend.estimators.mlp.intervals import PredictsIntervals
from descend.estimators.mlp.moment import all_or_nothing, as_it_is
from descend.estimators.mlp.parameters import DEFAULT_SIZES, REGRESSOR_CONSTRAINTS
from descend.estimators.mlp.targets import r2
from descend.estimators.solvers.settings import Settings
from descend.typing import Array


@documented
class MLPRegressor(PredictsIntervals, RegressorMixin, BaseMLP):  # type: ignore[misc]
    """Multi-layer network that predicts numbers; a drop-in for scikit-learn's `MLPRegressor`.

    {drop_in}

    Parameters
    ----------
    loss : str, default "squared_error"
        squared_error (½ Σ (v − y)²) or poisson (half deviance, outputs e^s, y ≥ 0) as in scikit-learn; also
        absolute_error, huber, quantile. A number or sequence here is taken as `hidden_layer_sizes`, which came first
        before scikit-learn 1.7.
    {one_run}
    loss_parameter : float, sequence of float or None, default None
        Threshold of huber (1.0); level of quantile (0.5). Several levels predict several quantiles at once, in columns,
        sorted so that they do not cross.
    {many_runs}

    Attributes
    ----------
    {attributes}

    Examples
    --------
    >>> from descend import MLPRegressor
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(n_samples=200, n_features=5, random_state=1)
    >>> net = MLPRegressor((20,), solver="lbfgs", max_iter=2000, random_state=1).fit(X, y)
    >>> net.score(X, y) > 0.99
    True
    """

    _parameter_constraints = REGRESSOR_CONSTRAINTS
    _y_numeric = True
    loss: Any
    loss_parameter: float | Sequence[float] | None
    _learnt_levels: Array | None = None  # of several quantiles, as the last fit learnt them

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: int | Sequence[int] = DEFAULT_SIZES,
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool | str = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        l2: float | None = None,
        dropout: float | Sequence[float] = 0.0,
        loss_parameter: float | Sequence[float] | None = None,
        restarts: int = 1,
        select: str = "best",
        race: str | None = None,
        n_jobs: int | None = None,
        reservoir: float | None = None,
    ) -> None:
        self._keep(locals())

    @available_if(lambda self: self._is_stochastic())  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Learn one epoch from these rows, going on from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        MLPRegressor
            Itself.
        """
        if self._streamed(X, y, sample_weight):
            return self
        all_or_nothing(self, lambda new: new._fit(X, y, sample_weight, incremental=True))
        return self

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers, (m,); (m, k) for k outputs or quantiles."""
        now = as_it_is(self)
        v = _in_order(now._outputs(X), now._learnt_levels)
        return v[:, 0] if v.shape[1] == 1 else v

    def predict_one(self, row: Any) -> Any:
        """Return the prediction for one row, (n_features,), without scikit-learn's checks: a float, or (k,)."""
        now = self.__dict__  # of one moment, whatever a fit in another thread puts in place
        if "_fitted" not in now:
            check_is_fitted(self)
        output = now["_fitted"].output_of_one(row)
        return output[0] if len(output) == 1 else _in_order(output[None], now.get("_learnt_levels"))[0]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R²; for several quantiles D², the share of the pinball loss that is explained, averaged over them."""
        levels = self._learnt_levels
        if levels is None:
            return float(super().score(X, y, sample_weight))
        from sklearn.metrics import d2_pinball_score

        v = self.predict(X)
        pairs = zip(v.T, levels, strict=True)
        return float(np.mean([d2_pinball_score(y, q, sample_weight=sample_weight, alpha=p) for q, p in pairs]))

    # ------------------------------------------------------------ what y is

    @property
    def _levels(self) -> Array | None:
        """Levels of several quantiles that the parameters ask for; None else."""
        if not isinstance(self.loss, str) or self.loss != "quantile":  # `loss` may hold the sizes
            return None
        levels = np.ravel(np.asarray(self.loss_parameter, dtype=np.float64))
        return levels if len(levels) > 1 else None

    def _output_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _checked_y(self, y: Any, settings: Settings, **more: Any) -> Any:  # noqa: ARG002
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if settings.loss == "poisson" and (y < 0).any():
            raise ValueError("Some value(s) of y are out of the valid range of the loss 'poisson': y must be ≥ 0.")
        if self._levels is not None and y.ndim == 2:
            raise ValueError(f"MLPRegressor: several quantiles need one column of targets; got {y.shape[1]}.")
        self._learnt_levels = self._levels
        return y

    def _encoded(self, y: Any, dtype: np.dtype[Any]) -> Array:
        Y = np.ascontiguousarray(y, dtype).reshape(len(y), -1)
        return Y if self._levels is None else np.repeat(Y, len(self._levels), axis=1)

    def _quickly_encoded(self, y: Any, X: Array) -> Array | None:
        shape = (len(X),) if self.n_outputs_ == 1 else (len(X), self.n_outputs_)
        if type(y) is not np.ndarray or y.shape != shape or y.dtype.kind not in "fiu" or self.loss == "poisson":
            return None
        return self._encoded(y, X.dtype) if self._levels is None and np.isfinite(y).all() else None

    def _labels(self, y: Any, name: str) -> Any:  # noqa: ARG002
        return y

    def _encoded_row(self, y: Any) -> Array:
        return np.broadcast_to(np.asarray(y, np.float64).reshape(-1), (self.n_outputs_,))

    def _score_output(self) -> Callable[[Array, Array, Array | None], float]:
        return r2


def _in_order(v: Array, levels: Array | None) -> Array:
    """Quantiles of one row never cross: sorted by level."""
    if levels is None:
        return v
    ordered = np.empty_like(v)
    ordered[:, np.argsort(levels)] = np.sort(v, axis=1)
    return ordered
