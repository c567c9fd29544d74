"""`MLPRegressor`: scikit-learn's, with what was refused there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from descend.estimators.mlp.base import BaseMLP
from descend.estimators.mlp.callbacks import with_callbacks
from descend.estimators.mlp.parameters import DEFAULT_SIZES, REGRESSOR_CONSTRAINTS
from descend.estimators.mlp.targets import r2
from descend.estimators.solvers.settings import Settings
from descend.typing import Array


class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    """Multi-layer network that predicts numbers; a drop-in for scikit-learn's `MLPRegressor`.

    Every parameter, default and attribute of scikit-learn's, with the same meaning; those below `max_fun` are new and
    off by default. Trained by descend's engine. The few deliberate differences are in the documentation, "Differences
    from scikit-learn".

    Parameters
    ----------
    loss : str, default "squared_error"
        squared_error (½ Σ (v − y)²) or poisson (half deviance, outputs e^s, y ≥ 0) as in scikit-learn; also
        absolute_error, huber, quantile. A number or sequence here is taken as `hidden_layer_sizes`, which came first
        before scikit-learn 1.7.
    hidden_layer_sizes : int or sequence of int, default (100,)
        Nodes of each hidden layer; () for none.
    activation : str, pair of callables, or one per hidden layer, default "relu"
        σ of the hidden layers: identity, logistic, tanh, relu as in scikit-learn; also leaky_relu, elu, selu, gelu,
        silu, mish, softplus, step (learnt straight through); or a user's own (σ, σ'). A list gives one per layer.
    solver : {"adam", "sgd", "lbfgs"}, default "adam"
        How the weights are learnt; lbfgs looks at all rows at once and is good for small data.
    alpha : float ≥ 0, default 0.0001
        L2 penalty on scikit-learn's scale at its default batch: λ = alpha / min(200, n) whatever `batch_size` is;
        alpha / n for lbfgs.
    batch_size : int or "auto", default "auto"
        Rows a round; "auto" is min(200, n).
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        Step size of sgd: `learning_rate_init`; divided by (samples seen + 1)^power_t, changed at epoch ends; or divided
        by 5 whenever training would stop, until it is below 1e-6.
    learning_rate_init : float > 0, default 0.001
        η of sgd and adam.
    power_t : float ≥ 0, default 0.5
        Exponent of invscaling.
    max_iter : int, default 200
        Epochs of sgd and adam, iterations of lbfgs; ConvergenceWarning if that was not enough.
    shuffle : bool, default True
        A fresh order of samples in each epoch, or always 0 … n − 1.
    random_state : int, RandomState or None, default None
        Initial weights and held-out rows (drawn as scikit-learn draws them), order of samples.
    tol : float ≥ 0, default 0.0001
        An epoch that improves by less does not count as an improvement.
    verbose : bool or int, default False
        Print the loss of every epoch.
    warm_start : bool, default False
        `fit` goes on where the last call ended, exactly: two calls of 50 epochs are one of 100.
    momentum : float from 0 to 1, default 0.9
        μ of sgd.
    nesterovs_momentum : bool, default True
        Nesterov's form of it.
    early_stopping : bool or "loss", default False
        True: hold out rows, stop when their score (accuracy, R²) no longer improves, keep the best weights. "loss": the
        same with their loss.
    validation_fraction : float, default 0.1
        Share of the rows that is held out.
    beta_1, beta_2, epsilon : float, default 0.9, 0.999, 1e-8
        β₁, β₂, ε of adam.
    n_iter_no_change : int, default 10
        Epochs without improvement that are tolerated.
    max_fun : int, default 15000
        Evaluations of the objective by lbfgs at the most.
    l2 : float ≥ 0 or None, default None
        λ itself, instead of `alpha`: means the same for every batch size, number of rows and scale of weights.
    dropout : float or sequence of float, 0 ≤ p < 1, default 0.0
        Share of the hidden nodes, one number or one per layer, that every sample leaves out while sgd or adam learn,
        drawn anew in every round; the others count 1 / (1 − p). Nothing is left out when predicting.
    loss_parameter : float, sequence of float or None, default None
        Threshold of huber (1.0); level of quantile (0.5). Several levels predict several quantiles at once, in columns,
        sorted so that they do not cross.
    restarts : int, default 1
        K. Separate runs from different initial weights; the first is scikit-learn's.
    select : {"best", "ensemble"}, default "best"
        The best restart predicts, or the mean of all that did not fail.
    race : {None, "halving"}, default None
        Stop the worse half of the restarts at 1/16, 1/8, 1/4 and 1/2 of `max_iter`; needs held-out rows.
    n_jobs : int or None, default None
        Threads for the restarts; None: 1, or what joblib's context says. The numbers do not depend on it.
    reservoir : float or None, default None
        Share of the rows given to `partial_fit` that is held out: with `early_stopping` the stream stops when they say
        so, and a drift of the data gives a warning.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weights (n_l, n_{l+1}) and biases (n_{l+1},) of each layer, of the best restart; views that may be changed.
    loss_ : float
        The last value of the loss that was descended.
    best_loss_ : float or None
        Its lowest; None with early stopping.
    loss_curve_ : list of float
        Loss after each epoch: running mean plus penalty; nan if it diverged then.
    validation_scores_, best_validation_score_ : list of float, float, or None
        Scores of the held-out rows with ``early_stopping=True``.
    validation_loss_curve_ : list of float or None
        Loss of the held-out rows after each epoch, with early stopping or `eval_set`.
    n_iter_ : int
        Epochs (iterations) of the last call.
    t_ : int
        Samples visited in all calls since the first.
    n_features_in_, feature_names_in_ : int, ndarray
        Columns of X; names if it had them.
    n_layers_, n_outputs_ : int
        Layers with input and output; outputs of the network.
    out_activation_ : str
        Activation of the output layer.
    restarts_ : tuple of Restart
        Every restart: status, curves, loss, network.
    network_ : Network
        The best restart's network.
    health_ : Health
        Hidden nodes that are dead, saturated or duplicated on the training rows.

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
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.l2 = l2
        self.dropout = dropout
        self.loss_parameter = loss_parameter
        self.restarts = restarts
        self.select = select
        self.race = race
        self.n_jobs = n_jobs
        self.reservoir = reservoir

    @with_callbacks  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None, eval_set: Any = None) -> MLPRegressor:
        """Learn from rows X and numbers y.

        Parameters
        ----------
        X : array_like, data frame or sparse matrix
            (n, n_features); float32 is kept, all else becomes float64. Sparse rows are made dense.
        y : array_like
            (n,), or (n, k) for k outputs.
        sample_weight : array_like or None
            (n,), ≥ 0.
        eval_set : (X, y), (X, y, sample_weight) or None
            The user's own held-out rows; `early_stopping` then splits none off.

        Returns
        -------
        MLPRegressor
            Itself.
        """
        fitted: MLPRegressor = self._fit(X, y, sample_weight, eval_set)
        return fitted

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
        fitted: MLPRegressor = self._fit(X, y, sample_weight, incremental=True)
        return fitted

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers, (m,); (m, k) for k outputs or quantiles."""
        v = self._in_order(self._outputs(X))
        return v[:, 0] if v.shape[1] == 1 else v

    def predict_one(self, row: Any) -> Any:
        """Return the prediction for one row, (n_features,), without scikit-learn's checks: a float, or (k,)."""
        output = self._fitted.output_of_one(row)
        return output[0] if len(output) == 1 else self._in_order(output[None])[0]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R²; for several quantiles D², the share of the pinball loss that is explained, averaged over them."""
        if self._levels is None:
            return float(super().score(X, y, sample_weight))
        from sklearn.metrics import d2_pinball_score

        v = self.predict(X)
        pairs = zip(v.T, self._levels, strict=True)
        return float(np.mean([d2_pinball_score(y, q, sample_weight=sample_weight, alpha=p) for q, p in pairs]))

    # ------------------------------------------------------------ what y is

    @property
    def _levels(self) -> Array | None:
        """Levels of several quantiles; None else."""
        levels = np.ravel(np.asarray(self.loss_parameter if self.loss == "quantile" else 0.0, dtype=np.float64))
        return levels if len(levels) > 1 else None

    def _in_order(self, v: Array) -> Array:
        """Quantiles of one row never cross: sorted by level."""
        if self._levels is None:
            return v
        ordered = np.empty_like(v)
        ordered[:, np.argsort(self._levels)] = np.sort(v, axis=1)
        return ordered

    def _output_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _checked_y(self, y: Any, settings: Settings, **more: Any) -> Any:  # noqa: ARG002
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if settings.loss == "poisson" and (y < 0).any():
            raise ValueError("Some value(s) of y are out of the valid range of the loss 'poisson': y must be ≥ 0.")
        if self._levels is not None and y.ndim == 2:
            raise ValueError(f"MLPRegressor: several quantiles need one column of targets; got {y.shape[1]}.")
        return y

    def _encoded(self, y: Any, dtype: np.dtype[Any]) -> Array:
        Y = np.ascontiguousarray(y, dtype).reshape(len(y), -1)
        return Y if self._levels is None else np.repeat(Y, len(self._levels), axis=1)

    def _quickly_encoded(self, y: Any, X: Array) -> Array | None:
        shape = (len(X),) if self.n_outputs_ == 1 else (len(X), self.n_outputs_)
        if type(y) is not np.ndarray or y.shape != shape or y.dtype.kind not in "fiu" or self.loss == "poisson":
            return None
        return self._encoded(y, X.dtype) if self._levels is None and np.isfinite(y).all() else None

    def _encoded_row(self, y: Any) -> Array:
        return np.broadcast_to(np.asarray(y, np.float64).reshape(-1), (self.n_outputs_,))

    def _score_output(self, Y: Array, v: Array, weight: Array | None) -> float:
        return r2(Y, v, weight)
