"""`Network`: the textbook object. Predict, look at every quantity, check the gradient, train."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import DataError, SpecError, raise_problems
from descend.machine import available_memory, resolve_jobs
from descend.nets.weights import Weights, flat_weights
from descend.reference import backward, forward
from descend.reference import gradient_check as _gradient_check
from descend.reference import trace as _trace
from descend.reference.order import draw_masks
from descend.spec.data import normalised
from descend.spec.init import check_not_symmetric, initial_theta
from descend.spec.network import NetworkSpec, check_trainable, flatten, make_spec
from descend.spec.plan import check_dropout
from descend.training.arrays import as_row, as_X, checked_batch
from descend.training.prepare import FitOptions, prepare
from descend.training.restarts import Progress
from descend.training.result import Training
from descend.training.seeds import checked_seed, dropout_seed, fresh_entropy, restart_seed
from descend.typing import Array

ENGINES = ("native", "reference")
PARALLEL_FROM = 20_000_000  # multiply-adds of a prediction from which all cores are used
_ALL_IDENTITY = (
    "Network: all hidden layers are identity, so the network is one linear layer, however deep. "
    'Use a non-linear activation such as "tanh" or "relu".'
)


class Network:
    """A multi-layer fully connected network, learnt by stochastic gradient descent with back-propagation.

        v_0 = (x, c);   s_l = W_{l−1}ᵀ v_{l−1},   v_l = (σ(s_l), c);   output v_d = σ(s_d)

    Parameters
    ----------
    sizes : sequence of int
        n_0 … n_d: inputs, hidden layers, outputs; bias nodes are not counted.
    activation : str, pair of callables, or one per hidden layer, default "tanh"
        σ of the hidden layers: a name of the table (``descend.spec.activations.ACTIVATIONS``), or a user's own (σ, σ').
    output : str or pair of callables, default "identity"
        σ of the output layer.
    loss : str, default "squared"
        L of one sample, summed over outputs: squared, absolute, huber, quantile, poisson (output exp), log_loss
        (output sigmoid or softmax).
    loss_parameter : float, sequence of float or None, default None
        Threshold of huber (1.0), level of quantile (0.5): one number, or one per output.
    bias : float or sequence of float, default 1.0
        Constant of the bias node: one for all layers, or one for each layer 0 … d−1; 0 means no bias node.
    init : str, default "auto"
        Initialisation: uniform with variance 2/(fan_in + fan_out), 2/fan_in into relu and relatives; or a name of
        ``descend.spec.init.INITIALISATIONS``. Bias rows start at 0.
    step_surrogate : {None, "straight_through"}, default None
        Needed for training through the binary step: backward as if σ' = 1 on [−1, 1].
    dtype : {"float32", "float64"}, default "float32"
        Type of weights, predictions and native training.
    seed : int or None, default None
        Seed of the initial weights and of `fit`; None draws one (see the attribute `seed`).
    engine : {"native", "reference"}, default "native"
        The compiled engine, or the readable NumPy reference; the same numbers up to rounding. Own activations need
        the reference.

    Attributes
    ----------
    W : list of ndarray
        W_0 … W_{d−1}, shape (n_l + 1, n_{l+1}) with the bias node's row last ((n_l, n_{l+1}) without bias node).
        Views of `theta`;
        assignable, checked.
    theta : ndarray
        All weights as one flat vector.
    spec : NetworkSpec
        What the network is, frozen.

    Raises
    ------
    SpecError
        Listing every parameter that is wrong.

    Examples
    --------
    XOR is not linear; the best of 8 separate SGDs learns it:

    >>> from descend import Network
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> net = Network([2, 2, 1], seed=0)
    >>> training = net.fit(X, Y, epochs=2000, learning_rate=0.1, restarts=8)
    >>> training.best.predict(X).round().ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: object = "tanh",
        output: object = "identity",
        loss: str = "squared",
        loss_parameter: float | Sequence[float] | None = None,
        bias: float | Sequence[float] = 1.0,
        init: str = "auto",
        step_surrogate: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
        engine: str = "native",
    ) -> None:
        spec = make_spec(sizes, activation, output, loss, loss_parameter, bias, init, step_surrogate)
        self._set(spec, dtype, seed, engine)
        if spec.depth > 1 and all(row.name == "identity" for row in spec.activations[:-1]):
            warnings.warn(_ALL_IDENTITY, stacklevel=2)
        _check_memory(spec, self.dtype)
        random = np.random.Generator(np.random.PCG64(restart_seed(self.seed, 0)))
        self.theta = initial_theta(spec, random).astype(self.dtype)
        self._trained = False

    @classmethod
    def from_spec(
        cls, spec: NetworkSpec, theta: Array, *, dtype: str = "float32", seed: int | None = None, engine: str = "native"
    ) -> Network:
        """Make a network from a spec and its flat weights, (theta_size,).

        Raises
        ------
        SpecError
            If the weights do not fit the spec, or are not finite.
        """
        net = cls.__new__(cls)
        net._set(spec, dtype, seed, engine)
        if np.shape(theta) != (spec.theta_size,) or not np.isfinite(theta).all():
            raise SpecError(
                f"Network: `theta` must hold {spec.theta_size} finite weights; got shape {np.shape(theta)}."
            )
        net.theta = np.array(theta, dtype=net.dtype)
        net._trained = True
        return net

    def _set(self, spec: NetworkSpec, dtype: Any, seed: int | None, engine: str) -> None:
        problems = []
        if str(np.dtype(dtype) if dtype in ("float32", "float64", np.float32, np.float64) else dtype) not in (
            "float32",
            "float64",
        ):
            problems.append(f'`dtype` must be "float32" or "float64"; got {dtype!r}.')
        if engine not in ENGINES:
            problems.append(f'`engine` must be "native" or "reference"; got {engine!r}.')
        elif engine == "native" and any(row.name == "custom" for row in spec.activations):
            problems.append("a user's own activation (σ, σ') works on the reference engine: pass engine=\"reference\".")
        raise_problems(SpecError, "Network", problems)
        self.spec, self.dtype, self.engine = spec, np.dtype(dtype), engine
        self.seed = checked_seed(fresh_entropy() if seed is None else seed, 0)[0]

    # ------------------------------------------------------------ weights

    @property
    def W(self) -> Weights:
        """W_0 … W_{d−1}: views of `theta`."""
        return Weights(self.spec, self.spec.weights(self.theta))

    @W.setter
    def W(self, given: Iterable[ArrayLike]) -> None:
        theta = flat_weights(self.spec, given, "W")
        check_not_symmetric(self.spec, theta)
        self.theta[:] = theta

    # ------------------------------------------------------------ looking

    def predict(self, X: ArrayLike, n_jobs: int | None = None) -> Array:
        """Forward pass.

        Parameters
        ----------
        X : array_like
            (m, n_0), finite.
        n_jobs : int or None
            Threads; None: all cores for large batches. The bits do not depend on it.

        Returns
        -------
        ndarray
            v_d, (m, n_d), of the network's dtype.

        Examples
        --------
        >>> from descend import Network
        >>> Network([2, 1], seed=0).predict([[0.0, 0.0]]).tolist()
        [[0.0]]
        """
        problems: list[str] = []
        rows = as_X(X, self.spec.sizes[0], self.dtype, problems)
        raise_problems(DataError, "predict", problems)
        large = len(rows) * self.spec.theta_size >= PARALLEL_FROM
        jobs = resolve_jobs(n_jobs if n_jobs is not None or large else 1)
        prediction: Array = self._door().predict(self.spec, self.theta, rows, jobs)
        return prediction

    def predict_one(self, row: ArrayLike) -> Array:
        """Forward pass of one row: the bits of ``predict([row])[0]`` in a fraction of its time.

        Fastest, under a microsecond for small nets, from an array of the network's dtype; an array of the other float
        type, a list or a tuple of Python's numbers costs little more.

        Parameters
        ----------
        row : array_like
            (n_0,), finite.

        Returns
        -------
        ndarray
            v_d, (n_d,), of the network's dtype; a new array.

        Raises
        ------
        DataError
            If the row has another shape, or holds what is not a finite number.

        Examples
        --------
        >>> from descend import Network
        >>> net = Network([2, 1], seed=0)
        >>> net.W = [[[1.0], [2.0], [0.5]]]
        >>> net.predict_one([3.0, 4.0]).tolist()
        [11.5]
        """
        prediction: Array | None = self._predictor(self.theta, row)
        if prediction is None:
            clean = as_row(row, self.spec.sizes[0], self.dtype, "predict_one")
            prediction = self._predictor(self.theta, clean)
        return prediction

    def loss(self, X: ArrayLike, Y: ArrayLike, l2: float = 0.0, sample_weight: ArrayLike | None = None) -> float:
        """The objective (1/m) Σ_i w_i L_i + (λ/2) Σ_l ‖W̃_l‖², in float64; w normalised to mean 1.

        Parameters
        ----------
        X, Y : array_like
            (m, n_0) and (m, n_d); (m,) if n_d = 1; one-hot for classes.
        l2 : float, default 0
            λ ≥ 0.
        sample_weight : array_like or None
            (m,), ≥ 0, any scale.
        """
        rows, targets, weights = self._batch(X, Y, sample_weight, "loss")
        return float(forward.objective(self.spec, self._W64(), rows, targets, l2, weights))

    def loss_and_gradient(
        self, X: ArrayLike, Y: ArrayLike, l2: float = 0.0, sample_weight: ArrayLike | None = None
    ) -> tuple[float, list[Array]]:
        """The objective and its gradient, a list of d matrices in the shapes of W; by back-propagation.

        Parameters as in `loss`. Computed by the network's engine in the network's dtype.
        """
        check_trainable(self.spec)
        rows, targets, weights = self._batch(X, Y, sample_weight, "loss_and_gradient", self.dtype)
        scaled = None if weights is None else normalised(weights, len(weights)).astype(self.dtype)
        loss, gradient = self._door().loss_and_gradient(self.spec, self.theta, rows, targets, scaled, l2)
        return loss, self.spec.weights(gradient)

    def trace(self, x: ArrayLike, y: ArrayLike) -> _trace.Trace:
        """Run one sample forward and backward and keep every quantity, in float64.

        Parameters
        ----------
        x, y : array_like
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
        rows, targets, _ = self._batch(np.reshape(x, (1, -1)), np.reshape(y, (1, -1)), None, "trace")
        check_trainable(self.spec)
        return _trace.trace(self.spec, self.theta, rows[0], targets[0])

    def step(self, x: ArrayLike, y: ArrayLike, learning_rate: float = 0.1, l2: float = 0.0) -> _trace.Trace:
        """One round of SGD on one sample, in place: W̃ ← W̃ − η (∂L/∂W̃ + λ W̃), bias row ← bias row − η ∂L/∂(bias row).

        Parameters
        ----------
        x, y : array_like
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
        X: ArrayLike,
        Y: ArrayLike,
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        gradient: Sequence[ArrayLike] | None = None,
        dropout: float | Sequence[float] = 0.0,
        front_scale: ArrayLike | None = None,
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
        rows, targets, weights = self._batch(X, Y, sample_weight, "gradient_check")
        given = None if gradient is None else flat_weights(self.spec, gradient, "gradient")
        theta, masks = self._perturbed(len(rows), dropout, front_scale, given is not None)
        return _gradient_check.gradient_check(self.spec, theta, rows, targets, l2, weights, given, masks)

    def input_gradient(self, X: ArrayLike) -> Array:
        """∂output/∂input of every row, (m, n_d, n_0), in float64."""
        problems: list[str] = []
        rows = as_X(X, self.spec.sizes[0], np.dtype(np.float64), problems)
        raise_problems(DataError, "input_gradient", problems)
        return backward.input_gradient(self.spec, self._W64(), rows)

    # ------------------------------------------------------------ training

    def fit(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        epochs: int = 50,
        rounds: int | None = None,
        learning_rate: float | Sequence[float] | Callable[[int], float] = 0.1,
        schedule: str = "constant",
        batch_size: int = 1,
        optimizer: str = "sgd",
        momentum: float = 0.9,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        l2: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        label_smoothing: float = 0.0,
        front_scale: bool = False,
        learning_rate_factors: Mapping[str, Any] | None = None,
        decay_factors: Mapping[str, Any] | None = None,
        decay_schedule: str | Sequence[float] = "constant",
        dropout_schedule: str | Sequence[float] = "constant",
        sampling: str = "shuffle",
        order: str = "shared",
        restarts: int = 1,
        race: str | None = None,
        validation: Any = None,
        validate_every: int | None = None,
        patience: int | None = None,
        sample_weight: ArrayLike | None = None,
        n_jobs: int | None = None,
        seed: Any = None,
        time_limit: float | None = None,
        on_epoch: Callable[[Progress], object] | None = None,
        checkpoint: str | Path | None = None,
        resume: bool = False,
    ) -> Training:
        """Run `restarts` separate SGDs with back-propagation and keep the best; the network itself is left as it was.

        Parameters
        ----------
        X, Y : array_like
            (m, n_0) and (m, n_d); (m,) if n_d = 1; one-hot for classes; finite.
        epochs : int, default 50
            Passes over the rows.
        rounds : int or None, default None
            Length of a run in rounds of SGD, instead of `epochs`.
        learning_rate : float, sequence or callable, default 0.1
            η: a constant, η_t for every round, or a function of the round t = 0, 1, …
        schedule : str, default "constant"
            Shape times a constant η: constant, linear, cosine, flat_cosine, coslog4, warmup_cosine, inverse_sqrt,
            exponential.
        batch_size : int, default 1
            Samples a round, their gradients averaged; 1 is the plain algorithm.
        optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw"}, default "sgd"
            How a gradient changes the weights.
        momentum : float in [0, 1), default 0.9
            μ of momentum and nesterov.
        beta_1, beta_2, epsilon : float
            β₁, β₂, ε of adam and adamw.
        l2 : float ≥ 0, default 0
            λ of the objective; for adamw the decoupled decay.
        dropout : float or sequence of float in [0, 1), default 0
            Share of the nodes of the hidden layers, one number or one per layer, that each sample leaves out in
            training; the others count 1 / (1 − p) times. Predictions use all nodes.
        label_smoothing : float in [0, 1), default 0
            e: trains on (1 − e) y + e/K (softmax) or (1 − e) y + e/2 (sigmoid outputs) instead of y. Needs loss
            log_loss. Validation rows keep their labels; without them the choice is by the smoothed training loss.
        front_scale : bool, default False
            Learn a factor for each input, 1 at the start, in front of W_0. The networks of the result have it inside
            their W_0.
        learning_rate_factors : mapping or None, default None
            What groups of parameters multiply η by: "weights" and "bias", a number or one per layer 0 … d − 1, and
            "front_scale"; 1 for those not named. {"bias": 0.1, "front_scale": 6}.
        decay_factors : mapping or None, default None
            The same for λ; 1 for "weights", 0 for "bias" and "front_scale" if not named.
        decay_schedule, dropout_schedule : str or sequence of float, default "constant"
            Shape, as in `schedule`, or one factor per round, times `l2` and times `dropout` (factors from 0 to 1).
        sampling : {"shuffle", "replacement", "sequential"}, default "shuffle"
            A fresh permutation each epoch, uniform draws, or the rows as they come.
        order : {"shared", "own"}, default "shared"
            Whether the restarts visit the samples in one order.
        restarts : int, default 1
            K. Restart 0 starts from `W`, the others from weights drawn anew.
        race : {None, "halving"}, default None
            Kill the worse half of the restarts at 1/16, 1/8, 1/4 and 1/2 of the epochs; needs validation rows.
        validation : None, (X, Y), (X, Y, sample_weight) or float
            Rows on which the best iterate and the winner are chosen; a number holds out that share of the rows.
        validate_every : int or None, default None
            Rounds between looks at the validation rows; None: every epoch.
        patience : int or None, default None
            Looks without improvement after which a restart stops; None: never.
        sample_weight : array_like or None
            (m,), ≥ 0; normalised once over the training rows.
        n_jobs : int or None, default None
            Threads; None: all cores. The bits do not depend on it.
        seed : int, SeedSequence or None
            None: the network's. A restart's seed with ``restarts=1`` repeats that restart.
        time_limit : float or None
            Seconds after which the training stops; `Training.resume` goes on.
        on_epoch : callable or None
            Called with a `Progress` after every epoch; a true value stops the training.
        checkpoint : path or None
            File written at epoch ends, about once a second, and at the end; remove it when the result is saved.
        resume : bool, default False
            Go on from `checkpoint` if it is there; the bits are those of an uninterrupted training.

        Returns
        -------
        Training
            With best, restarts, winner, selected_on, spread, corrected_loss, resume().

        Raises
        ------
        SpecError, DataError
            Listing every argument that is wrong, before any work.
        DivergenceError
            If no restart reached a finite loss: names rate, epoch and remedy.
        KeyboardInterrupt
            On Ctrl-C; its attribute ``training`` holds what was reached.

        Examples
        --------
        >>> import numpy as np
        >>> from descend import Network
        >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
        >>> Y = np.sin(3 * X[:, 0]) * X[:, 1]
        >>> training = Network([2, 16, 1], seed=1).fit(X, Y, epochs=60, restarts=4, validation=0.2)
        >>> training.selected_on, len(training.restarts), training.finished
        ('validation', 4, True)
        """
        given = {name: value for name, value in locals().items() if name not in ("self", "X", "Y")}
        ready = prepare(self, X, Y, FitOptions(**given))
        return Training(
            self._successor,
            self._door(),
            ready.plan,
            ready.data,
            ready.states,
            ready.control,
            ready.entropy,
            ready.first,
            order,
        )._run()

    # ------------------------------------------------------------ keeping

    def save(self, path: str | Path) -> None:
        """Write the network to a file; `descend.load` reads it. The old file stays until the new one is complete."""
        from descend.loading import save_model

        save_model(self, path)

    @staticmethod
    def from_sklearn(mlp: Any) -> Network:
        """Make a network from a fitted MLP of scikit-learn, with equal predictions."""
        from descend.nets.interop import network_from_sklearn

        return network_from_sklearn(mlp)

    @staticmethod
    def from_torch(module: Any, loss: str | None = None) -> Network:
        """Make a network from an `nn.Sequential` of Linear layers and activations, with equal predictions."""
        from descend.nets.interop import network_from_torch

        return network_from_torch(module, loss)

    def to_torch(self) -> Any:
        """Return an `nn.Sequential` with equal predictions; needs PyTorch."""
        from descend.nets.interop import network_to_torch

        return network_to_torch(self)

    def __repr__(self) -> str:
        hidden = "-".join(row.name for row in self.spec.activations[:-1]) or "no hidden layer"
        sizes = "-".join(str(n) for n in self.spec.sizes)
        state = "" if self._trained else ", untrained"
        ends = f"{self.spec.activations[-1].name}, {self.spec.loss.name}"
        return f"Network({sizes}, {hidden} -> {ends}, {self.spec.theta_size} weights{state})"

    # ------------------------------------------------------------ inside

    def _door(self) -> ModuleType:
        if self.engine == "native":
            from descend import engine

            return engine
        from descend import reference

        return reference

    @cached_property
    def _predictor(self) -> Callable[[Array, object], Any]:
        made: Callable[[Array, object], Any] = self._door().predictor(self.spec, self.dtype)
        return made

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_predictor"}

    def _successor(self, theta: Array) -> Network:
        """A network like this one with other weights, which may be non-finite after a divergence."""
        net = Network.__new__(Network)
        net._set(self.spec, self.dtype.name, self.seed, self.engine)
        with np.errstate(over="ignore"):
            net.theta, net._trained = theta.astype(self.dtype), True
        return net

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
        self, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None, where: str, dtype: Any = np.float64
    ) -> tuple[Array, Array, Array | None]:
        return checked_batch(self.spec, X, Y, sample_weight, np.dtype(dtype), where)


def _check_memory(spec: NetworkSpec, dtype: np.dtype[Any]) -> None:
    """Refuse weights that cannot fit: they are drawn in float64, twice at a time, and kept in `dtype`."""
    needed, free = spec.theta_size * (16 + dtype.itemsize), available_memory()
    if free is not None and needed > free:
        raise SpecError(
            f"Network: sizes {list(spec.sizes)} make {spec.theta_size:,} weights, which need {needed / 1e9:,.1f} GB; "
            f"{free / 1e9:,.1f} GB are free. Make the layers smaller."
        )
