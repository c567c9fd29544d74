"""What the docstrings of `MLPClassifier` and `MLPRegressor` share, written once."""

from __future__ import annotations

from inspect import cleandoc
from typing import TypeVar

Estimator = TypeVar("Estimator", bound=type)

_DROP_IN = """\
Every parameter, default and attribute of scikit-learn's, with the same meaning; those below `max_fun` are new and
off by default. Trained by descend's engine. The few deliberate differences are in the documentation, "Differences
from scikit-learn"."""

_ONE_RUN = """\
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
    Say how far the fit is: by a bar in a terminal (drawn by rich) and in a notebook, elsewhere by scikit-learn's lines
    with the loss of every epoch. 2: lines everywhere.
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
    drawn anew in every round; the others count 1 / (1 − p). Nothing is left out when predicting."""

_MANY_RUNS = """\
restarts : int, default 1
    K. Separate runs from different initial weights; the first is scikit-learn's.
select : {"best", "ensemble"}, default "best"
    The best restart predicts, or the mean of all that did not fail.
race : {None, "halving"}, default None
    Stop the worse half of the restarts at 1/16, 1/8, 1/4 and 1/2 of `max_iter`; needs held-out rows.
n_jobs : int or None, default None
    Threads; None: 1, or what joblib's context says. They take restarts in turn; those that find none left help with
    the batches of the others, where the network is wide and the batches are large. The numbers do not depend on it.
    Inside ``joblib.parallel_config("dask")``, or another engine of other machines, the restarts of `fit` run there, by
    so many tasks at once; None: all that the workers can do.
reservoir : float or None, default None
    Share of the rows given to `partial_fit` that is held out: with `early_stopping` the stream stops when they say
    so, and a drift of the data gives a warning."""

_ATTRIBUTES = """\
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
    Hidden nodes that are dead, saturated or duplicated on the training rows."""


def documented(cls: Estimator) -> Estimator:
    """Decorate an estimator: the names in braces in its docstring become the texts above."""
    if cls.__doc__:  # none under python -OO
        cls.__doc__ = cleandoc(cls.__doc__).format(
            drop_in=_DROP_IN, one_run=_ONE_RUN, many_runs=_MANY_RUNS, attributes=_ATTRIBUTES
        )
    return cls
