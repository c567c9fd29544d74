"""`MLPClassifier`: scikit-learn's, with what was refused there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target

from descend.estimators.mlp.base import BaseMLP
from descend.estimators.mlp.callbacks import with_callbacks
from descend.estimators.mlp.parameters import CLASSIFIER_CONSTRAINTS, DEFAULT_SIZES
from descend.estimators.mlp.targets import (
    Classes,
    ColumnClasses,
    accuracy,
    are_columns,
    column_classes,
    find_classes,
    same_labels,
)
from descend.estimators.solvers.settings import Settings
from descend.typing import Array


class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """Multi-layer network that predicts classes; a drop-in for scikit-learn's `MLPClassifier`.

    Every parameter, default and attribute of scikit-learn's, with the same meaning; those below `max_fun` are new and
    off by default. Trained by descend's engine. The few deliberate differences are in the documentation, "Differences
    from scikit-learn".

    Parameters
    ----------
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
    class_weight : dict, list of dict, "balanced" or None, default None
        Weight of each class, times `sample_weight`; "balanced": n / (k · rows of the class). A list has one dict for
        each of several columns, whose weights are multiplied.
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
    classes_ : ndarray, or list of ndarray
        The labels, in the order of `predict_proba`'s columns; for several columns of classes one array each.
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
    >>> from descend import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier((16,), solver="lbfgs", max_iter=500, restarts=4, random_state=0).fit(X, y)
    >>> net.score(X, y) > 0.97
    True
    """

    _parameter_constraints = CLASSIFIER_CONSTRAINTS
    loss = "log_loss"
    classes_: Any
    _classes: Classes | ColumnClasses

    def __init__(
        self,
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
        class_weight: Any = None,
        restarts: int = 1,
        select: str = "best",
        race: str | None = None,
        n_jobs: int | None = None,
        reservoir: float | None = None,
    ) -> None:
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
        self.class_weight = class_weight
        self.restarts = restarts
        self.select = select
        self.race = race
        self.n_jobs = n_jobs
        self.reservoir = reservoir

    @with_callbacks  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None, eval_set: Any = None) -> MLPClassifier:
        """Learn from rows X and labels y.

        Parameters
        ----------
        X : array_like, data frame or sparse matrix
            (n, n_features); float32 is kept, all else becomes float64. Sparse rows are made dense.
        y : array_like
            (n,) labels; (n, k) of 0 and 1 for k labels at once; (n, k) labels for k columns of classes.
        sample_weight : array_like or None
            (n,), ≥ 0.
        eval_set : (X, y), (X, y, sample_weight) or None
            The user's own held-out rows; `early_stopping` then splits none off.

        Returns
        -------
        MLPClassifier
            Itself.
        """
        fitted: MLPClassifier = self._fit(X, y, sample_weight, eval_set)
        return fitted

    @available_if(lambda self: self._is_stochastic())  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> MLPClassifier:
        """Learn one epoch from these rows, going on from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array_like or None
            All labels there will be; needed in the first call. For k columns of classes a list of k arrays.

        Returns
        -------
        MLPClassifier
            Itself.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                'partial_fit: class_weight="balanced" needs all rows at once. Give a dict, for example from '
                "sklearn.utils.class_weight.compute_class_weight."
            )
        if classes is None and self.class_weight is None and self._streamed(X, y, sample_weight):
            return self
        self._take_classes(y, classes)
        fitted: MLPClassifier = self._fit(X, y, sample_weight, incremental=True)
        return fitted

    def predict(self, X: Any) -> Any:
        """Return the likeliest label of every row, (m,); (m, k) for k columns, 0 and 1 for multilabel."""
        v = self._outputs(X)
        return self._classes.decode(v)

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of every class, (m, k), in the order of `classes_`; for several columns a list."""
        v = self._outputs(X)
        return self._classes.probabilities(v)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of `predict_proba`."""
        found = self.predict_proba(X)
        return [np.log(one) for one in found] if isinstance(found, list) else np.log(found)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the (weighted) share of rows that are right; of several labels or columns all must be."""
        if isinstance(getattr(self, "_classes", None), ColumnClasses):
            right = (self.predict(X) == np.asarray(y)).all(axis=1)
            return float(np.average(right, weights=sample_weight))
        return float(super().score(X, y, sample_weight))

    def predict_one(self, row: Any) -> Any:
        """Return the label of one row, (n_features,), without scikit-learn's checks: for loops that cannot wait."""
        v = self._fitted.output_of_one(row)
        classes = self._classes
        if isinstance(classes, ColumnClasses) or classes.multilabel or len(classes.labels) == 1:
            return classes.decode(v[None])[0]
        return classes.labels[v.argmax() if len(v) > 1 else int(v[0] > 0.5)]

    # ------------------------------------------------------------ what y is

    def _take_classes(self, y: Any, classes: Any) -> None:
        """Note the `classes` of a first partial_fit; those of a later one must be the same."""
        first = not self.__sklearn_is_fitted__()
        several = not first and isinstance(self._classes, ColumnClasses)
        if classes is not None and (several or are_columns(classes)):
            given = column_classes(classes)
            if first:
                self._classes, self.classes_ = given, given.labels
            elif not same_labels(given.labels, self.classes_):
                raise ValueError(f"`classes={classes!r}` is not the same as on last call to partial_fit.")
        elif first and _check_partial_fit_first_call(self, classes):
            multilabel = type_of_target(y).startswith("multilabel")
            self._classes = Classes(self.classes_, multilabel, bool(multilabel and issparse(y)))
        elif classes is not None:
            _check_partial_fit_first_call(self, classes)

    def _output_activation(self) -> str:
        return self._classes.output

    def _checked_y(self, y: Any, settings: Settings, *, reset: bool, incremental: bool) -> Any:
        if np.ndim(y) == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not incremental and (reset or not hasattr(self, "classes_")):
            self._classes = find_classes(y)
            self.classes_ = self._classes.labels
            return y
        if settings.warm_start and not incremental:
            self._check_same_classes(y)
        if len(self._classes.unknown(y)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {_labels_of(y)}."
            )
        return y

    def _check_same_classes(self, y: Any) -> None:
        if not self._classes.same_as_in(y):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. Previously "
                f"got {self.classes_}, `y` has {_labels_of(y)}"
            )

    def _encoded(self, y: Any, dtype: np.dtype[Any]) -> Array:
        return self._classes.encode(y, dtype)

    def _quickly_encoded(self, y: Any, X: Array) -> Array | None:
        classes = self._classes
        if isinstance(classes, ColumnClasses) or classes.multilabel:
            return None
        if type(y) is not np.ndarray or y.shape != (len(X),) or y.dtype != classes.labels.dtype:
            return None
        place = np.searchsorted(classes.labels, y)
        known = place.max() < len(classes.labels) and (classes.labels[place] == y).all()
        return classes.encode(y, X.dtype) if known else None

    def _encoded_row(self, y: Any) -> Array:
        several = isinstance(self._classes, ColumnClasses)
        row: Array = self._classes.encode(np.array([y], object if several else None), np.dtype(np.float64))[0]
        return row

    def _class_weights(self, y: Any, settings: Settings) -> Array | None:
        if settings.class_weight is None:
            return None
        weights: Array = compute_sample_weight(settings.class_weight, y.toarray() if issparse(y) else y)
        return weights

    def _score_output(self, Y: Array, v: Array, weight: Array | None) -> float:
        return accuracy(self._classes, Y, v, weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _labels_of(y: Any) -> Any:
    """The labels in y for a message: one array, or one per column."""
    found = find_classes(y)
    return found.labels
