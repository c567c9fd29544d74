"""What both estimators share: `fit` as a ladder of short rungs, weights as lists of views, fitted attributes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from descend.estimators.mlp.callbacks import CallbackSupport, EpochCallbacks, fit_callbacks, with_callbacks
from descend.estimators.mlp.file import load_estimator, save_estimator
from descend.estimators.mlp.given import Given
from descend.estimators.mlp.inspection import Lookers
from descend.estimators.mlp.intervals import held_out_uncertainty
from descend.estimators.mlp.moment import all_or_nothing, as_it_is, attributes_after
from descend.estimators.mlp.parameters import parameters_of, settings_of
from descend.estimators.mlp.shown import ShowsWhatWasLearnt
from descend.estimators.mlp.sklearn import from_sklearn, to_sklearn
from descend.estimators.solvers.fit import Call, fit_call, snapshot
from descend.estimators.solvers.reservoir import Reservoir
from descend.estimators.solvers.result import Fitted
from descend.estimators.solvers.rows import Rows
from descend.estimators.solvers.settings import SETTING_NAMES, Settings
from descend.estimators.solvers.start import SKLEARN_NAMES, first_weights, given_weights, network_spec
from descend.estimators.solvers.stopping import LOSS, SCORE
from descend.estimators.solvers.stream import open_stream
from descend.nets.health import Health, health, sample
from descend.progress.bar import Bar, bar
from descend.progress.restarts import RestartsBar
from descend.registry import Exports
from descend.spec.activations import find_activation
from descend.spec.init import check_not_symmetric
from descend.spec.network import NetworkSpec
from descend.training.run import Run
from descend.typing import Array


class LayerList(list[Array]):
    """`coefs_` or `intercepts_`: views of the network's weights; assigning an entry copies the numbers in."""

    def __setitem__(self, layer: Any, values: Any) -> None:
        self[layer][...] = values


class BaseMLP(ShowsWhatWasLearnt, CallbackSupport, Lookers, Given, Exports, BaseEstimator):  # type: ignore[misc]
    """Fit and predict; the subclasses say what y is."""

    _parameter_constraints: dict[str, list[Any]]
    solver: str
    best_loss_: float | None

    # ------------------------------------------------------------ what the subclasses say

    _output_activation: Callable[[], str]
    _score_output: Callable[[], Callable[[Array, Array, Array | None], float]]  # to (Y, v, weight) -> score
    _quickly_encoded: Callable[[Any, Array], Array | None]  # (y, X): Y, or None if y is not plain

    # ------------------------------------------------------------ weights

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer without biases, (n_l, n_{l+1}); views of the network's own."""
        if self.__sklearn_is_fitted__():
            return LayerList(W[:-1] for W in self._fitted.network.W)
        return self._given("coefs_")

    @coefs_.setter
    def coefs_(self, values: Sequence[Any]) -> None:
        self._take("coefs_", values)

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer, (n_{l+1},); views of the network's own."""
        if self.__sklearn_is_fitted__():
            return LayerList(W[-1] for W in self._fitted.network.W)
        return self._given("intercepts_")

    @intercepts_.setter
    def intercepts_(self, values: Sequence[Any]) -> None:
        self._take("intercepts_", values)

    def _given(self, name: str) -> list[Array]:
        given = self.__dict__.get("_given_weights", {})
        if name not in given:
            raise AttributeError(f"{type(self).__name__} has no {name} before it is fitted.")
        values: list[Array] = given[name]
        return values

    def _take(self, name: str, values: Sequence[Any]) -> None:
        """Weights set by the user: into the network, or kept for the first warm start or partial_fit."""
        if self.__sklearn_is_fitted__():
            views: list[Array] = getattr(self, name)
            whole = [np.broadcast_to(value, view.shape) for view, value in zip(views, values, strict=True)]
            for view, value in zip(views, whole, strict=True):
                view[...] = value
        else:
            self.__dict__.setdefault("_given_weights", {})[name] = list(values)

    def __sklearn_is_fitted__(self) -> bool:
        return "_fitted" in self.__dict__

    # ------------------------------------------------------------ fitting

    def _keep(self, arguments: dict[str, Any]) -> None:
        """Keep what `__init__` was given, its `locals()`: as it is, by its name, as scikit-learn wants it."""
        for name, value in arguments.items():
            if name != "self":
                setattr(self, name, value)

    def fit(self, X: Any, y: Any, sample_weight: Any = None, eval_set: Any = None) -> Self:
        """Learn from rows X and their labels or numbers y.

        Parameters
        ----------
        X : array_like, data frame or sparse matrix
            (n, n_features); float32 is kept, all else becomes float64. Sparse rows are made dense.
        y : array_like
            (n,). Of a classifier also (n, k) of 0 and 1 for k labels at once, or (n, k) labels for k columns of
            classes; of a regressor also (n, k) for k outputs.
        sample_weight : array_like or None
            (n,), ≥ 0.
        eval_set : (X, y), (X, y, sample_weight) or None
            The user's own held-out rows; `early_stopping` then splits none off.

        Returns
        -------
        MLPClassifier or MLPRegressor
            Itself. After an error or an interruption it is what it was before; Ctrl-C while sgd or adam learn is none,
            but keeps what was reached, with a warning.
        """
        all_or_nothing(self, lambda new: new._fit_and_tell(X, y, sample_weight, eval_set))
        return self

    @with_callbacks  # type: ignore[untyped-decorator]
    def _fit_and_tell(self, X: Any, y: Any, sample_weight: Any, eval_set: Any) -> None:
        self.__dict__.pop("_stream", None)
        self.__dict__.pop("_looked_at", None)
        self._fit(X, y, sample_weight, eval_set)

    def _fit(self, X: Any, y: Any, sample_weight: Any, eval_set: Any = None, *, incremental: bool = False) -> None:
        """Learn, and set attributes one by one: of a copy, all or none of which `all_or_nothing` puts in place."""
        self._uncertainty = None
        fitted = self.__sklearn_is_fitted__()
        settings = settings_of(self, check=not (incremental and fitted))
        fresh = not (fitted or "_given_weights" in self.__dict__) or not (settings.warm_start or incremental)
        self._check_call(settings, incremental=incremental)
        rows = self._checked_rows(X, y, sample_weight, settings, reset=fresh or not fitted, incremental=incremental)
        held = None if eval_set is None else self._checked_eval_set(eval_set, settings)
        _check_race(settings, held)
        random = check_random_state(settings.random_state)
        spec = network_spec(settings, rows.X.shape[1], rows.Y.shape[1], self._output_activation())
        theta = self._first_theta(spec, settings, random, fresh=fresh)
        call = Call(settings, spec, rows, held, theta, random, self._score_output(), incremental)
        call.stratify = self._y_numeric is False and spec.sizes[-1] == 1
        old = None if fresh or not fitted else self._fitted
        if settings.reservoir is not None and incremental:
            self._learn_or_rest(call, old)
            return
        callbacks = None
        if not incremental:
            callbacks = fit_callbacks(self, call.settings.max_iter, X=X, y=y, sample_weight=sample_weight)
        call.observers = [EpochCallbacks(callbacks, self._as_if_fitted(call))] if callbacks else []
        self._adopt(_fitted_in_sight(call, old))
        if callbacks:
            callbacks.fit_end()
        if incremental:
            self._stream = open_stream(call, self._fitted, self._params())
        else:
            self._looked_at: Array | Health = sample(rows.X)
            self._uncertainty = held_out_uncertainty(self._fitted, held, rows, getattr(self, "_classes", None))

    def _params(self) -> list[Any]:
        return [*map(self.__dict__.get, SETTING_NAMES)]

    def _streamed(self, X: Any, y: Any, sample_weight: Any) -> bool:
        """Learn by the short way if this call is like the last one; false if it must go the long way."""
        stream = self.__dict__.get("_stream")
        if stream is None or sample_weight is not None or "feature_names_in_" in self.__dict__:
            return False
        if stream.network is not self._fitted.network or not stream.fits(self._params(), X):
            return False
        Y = self._quickly_encoded(y, X)
        if Y is None:
            return False
        network, learnt = stream.network, stream.learn(X, Y)
        # stores without a call: nothing can come between them
        network.theta, self.t_, self.loss_, self.best_loss_, self._no_improvement_count = learnt
        self.n_iter_ = 1
        return True

    def _learn_or_rest(self, call: Call, old: Fitted | None) -> None:
        """partial_fit with held-out rows: learn from the others, unless it has stopped."""
        assert call.settings.reservoir is not None
        kept = self.__dict__.get("_reservoir")
        if kept is None or old is None:
            kept = Reservoir(np.random.default_rng(call.random.randint(0, 2**62, dtype=np.int64)))
        else:
            kept = kept.copy()
        self._reservoir: Reservoir = kept
        learn = kept.take(call.rows, call.settings.reservoir)
        if learn is not None and not kept.stopped:
            call.rows = learn
            self._adopt(_fitted_in_sight(call, old))
        best = kept.look(self._fitted.network, call.settings)
        if best is not None:
            self._fitted = self._fitted.with_best(best)
        self.validation_loss_curve_: list[float] | None = kept.loss_curve
        self.stream_stopped_ = kept.stopped

    @property
    def health_(self) -> Health:
        """Hidden nodes that are dead, saturated or duplicated on (500 of) the training rows; computed when asked."""
        if "_looked_at" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no health_ before `fit`: it needs training rows.")
        now = as_it_is(self)
        at = now._looked_at
        return at if isinstance(at, Health) else health(now._fitted.network, at)

    def __getstate__(self) -> dict[str, Any]:
        now = as_it_is(self)
        kept = dict(super(BaseMLP, now).__getstate__())
        kept.pop("_stream", None)
        if "_looked_at" in kept:
            kept["_looked_at"] = now.health_  # a copy holds what was found, not the training rows
        return kept

    def _check_call(self, settings: Settings, *, incremental: bool) -> None:
        if incremental and settings.early_stopping and settings.reservoir is None:
            raise ValueError("partial_fit does not support early_stopping=True")

    def _first_theta(self, spec: NetworkSpec, settings: Settings, random: Any, *, fresh: bool) -> Array | None:
        """Draw the weights of a fresh fit, or take the user's; None: go on with those that are there."""
        given = self.__dict__.pop("_given_weights", None)
        if fresh:
            name = settings.activation if isinstance(settings.activation, str) else "relu"
            return first_weights(spec, random, find_activation(name).name)
        if given is not None:
            theta = given_weights(spec, given.get("coefs_", []), given.get("intercepts_", []))
            check_not_symmetric(spec, theta)
            return theta
        if spec.sizes != self._fitted.network.spec.sizes:
            raise ValueError(
                f"{type(self).__name__}: going on needs the layers of the fitted network, "
                f"{self._fitted.network.spec.sizes}; parameters and data say {spec.sizes}. Fit with warm_start=False."
            )
        return None

    def _as_if_fitted(self, call: Call) -> Callable[[Run], dict[str, Any] | None]:
        """What a run makes of the estimator if it stops where it is: attributes, or None if no weights are finite."""

        def attributes(run: Run) -> dict[str, Any] | None:
            fitted = snapshot(call, run)
            return None if fitted is None else attributes_after(self, lambda new: new._adopt(fitted))

        return attributes

    def _adopt(self, fitted: Fitted) -> None:
        """Set the fitted attributes, by scikit-learn's names."""
        self._fitted = replace(fitted, parameters=parameters_of(self))
        self._set_shape()
        self.n_iter_ = fitted.n_iter[fitted.chosen[0]]
        tracker = fitted.tracker
        if tracker is None:
            assert fitted.minima is not None
            minimum = fitted.minima[fitted.chosen[0]]
            self.loss_, self.loss_curve_ = minimum.loss, minimum.loss_curve
            self.best_loss_ = minimum.loss
            self.t_ = 0
            return
        assert fitted.descent is not None
        self.t_ = fitted.descent.seen
        self.loss_curve_, self.loss_ = tracker.loss_curve, tracker.loss_curve[-1] if tracker.loss_curve else np.inf
        self.best_loss_ = tracker.best_loss if tracker.watches == LOSS else None
        scored = tracker.watches == SCORE
        self.validation_scores_ = tracker.scores if scored else None
        self.best_validation_score_ = tracker.best_score if scored else None
        self.validation_loss_curve_ = tracker.validation_losses if fitted.descent.plan.validation_rows else None
        self._no_improvement_count = tracker.no_improvement

    def _set_shape(self) -> None:
        spec = self._fitted.network.spec
        self.n_outputs_, self.n_layers_ = spec.sizes[-1], spec.depth + 1
        output = spec.activations[-1].name
        self.out_activation_ = SKLEARN_NAMES.get(output, output)

    # ------------------------------------------------------------ keeping

    @classmethod
    def from_sklearn(cls, mlp: Any) -> Any:
        """Make a fitted estimator from scikit-learn's fitted one of the same name, with equal predictions."""
        return from_sklearn(cls, mlp)

    def to_sklearn(self) -> Any:
        """Return scikit-learn's fitted estimator with equal predictions.

        Raises
        ------
        SpecError
            If scikit-learn cannot do what this one does: an ensemble, another activation, another loss.
        """
        check_is_fitted(self)
        return to_sklearn(as_it_is(self))

    def save(self, path: str | Path) -> None:
        """Write the fitted estimator to a file that holds data only, never code; see `load`."""
        check_is_fitted(self)
        save_estimator(as_it_is(self), path)

    @staticmethod
    def load(path: str | Path) -> Any:
        """Read an estimator that `save` wrote; predictions have the same bits."""
        return load_estimator(path)

    # ------------------------------------------------------------ for both

    def _outputs(self, X: Any) -> Array:
        """v_d of every row."""
        own = self.__dict__
        if type(X) is np.ndarray and "_fitted" in own and "feature_names_in_" not in own:
            few: Array | None = own["_fitted"].output_of_few(X)
            if few is not None:  # so `validate_data` would have had nothing to say
                return few
        rows = self._checked_X(X)
        return self._fitted.output(rows)

    def _is_stochastic(self) -> bool:
        if self.solver not in ("sgd", "adam"):
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags


def _check_race(settings: Settings, held: Rows | None) -> None:
    """A race needs held-out rows, and a solver that works by epochs."""
    if settings.race and not (settings.stochastic and (settings.early_stopping or held)):
        raise ValueError(
            'race="halving" needs held-out rows, and solver "sgd" or "adam": set early_stopping=True or "loss", or '
            "give `eval_set`."
        )


def _fitted_in_sight(call: Call, old: Fitted | None) -> Fitted:
    """Train, and say how far it is if `verbose` asks for that: as a bar where one can be drawn, else line by line."""
    settings = call.settings
    if not settings.verbose:
        return fit_call(call, old)
    shown = bar() if settings.stochastic and not call.incremental and settings.verbose in (True, 1) else None
    if shown is None or type(shown) is Bar:  # neither a terminal nor a notebook: scikit-learn's lines
        call.say = _say
        return fit_call(call, old)
    with RestartsBar(shown) as restarts:
        call.observers = [*call.observers, restarts]
        return fit_call(call, old)


def _say(text: str) -> None:
    if sys.stdout is not None:  # a program without a window has none
        sys.stdout.write(text + "\n")
