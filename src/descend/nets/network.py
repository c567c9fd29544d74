"""`Network`: the textbook object. Predict, look at every quantity, check the gradient, train.

It stands in three files by meaning: `base` has its fields and predicts, `inspection` looks at it, here it is trained
and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import suggesting
from descend.files.container import write_file
from descend.files.fields import check_names
from descend.nets.base import NetworkBase
from descend.nets.file import document_of, parts_of, weight_names
from descend.nets.inspection import Inspected
from descend.registry import Exports
from descend.spec.indexed import IndexedRows
from descend.training.observers import Progress
from descend.training.options import FitOptions
from descend.training.prepare import Start, prepare
from descend.training.result import Training
from descend.typing import Array


class Network(Inspected, Exports):
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
        ``descend.spec.network.INITIALISATIONS``. Bias rows start at 0.
    step_surrogate : {None, "straight_through"}, default None
        Needed for training through the binary step: backward as if σ' = 1 on [−1, 1].
    dtype : {"float32", "float64"}, default "float32"
        Type of weights, predictions and native training.
    seed : int or None, default None
        Seed of the initial weights and of `fit`; None draws one (see the attribute `seed`).
    engine : {"native", "reference"}, default "native"
        The compiled engine, or the readable NumPy reference; the same numbers up to rounding. Own activations need
        the reference.
    init_last : {None, "zero"}, default None
        "zero": the last layer's weights start at 0, in every restart; the layers below are random, so no two nodes are
        copies of each other.
    fields : sequence of Field, default ()
        Neighbouring inputs that are one-hot codes or ramps: rows may then be given as `IndexedRows`, which hold a code
        instead of the columns. All that takes X takes both; the network is the same with and without fields.

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

    # ------------------------------------------------------------ training

    @suggesting
    def fit(
        self,
        X: ArrayLike | IndexedRows,
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
        verbose: bool = False,
    ) -> Training[Network]:
        """Run `restarts` separate SGDs with back-propagation and keep the best; the network itself is left as it was.

        Parameters
        ----------
        X, Y : array_like, or IndexedRows for X
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
            Rows on which the best iterate and the winner are chosen, by index if X is; a number holds out that share of
            the rows.
        validate_every : int or None, default None
            Rounds between looks at the validation rows; None: every epoch.
        patience : int or None, default None
            Looks without improvement after which a restart stops; None: never.
        sample_weight : array_like or None
            (m,), ≥ 0; normalised once over the training rows.
        n_jobs : int or None, default None
            Threads; None: all cores. They take restarts in turn; those that find none left help with large batches. In
            joblib's ``parallel_config("dask")``: tasks at once, on its workers. The bits do not depend on it.
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
        verbose : bool, default False
            Say on standard output how far the restarts are: a bar in a terminal (drawn by rich) and in a notebook, of
            which one line stays; a line every few seconds elsewhere.

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
        options = FitOptions(
            epochs=epochs,
            rounds=rounds,
            learning_rate=learning_rate,
            schedule=schedule,
            batch_size=batch_size,
            optimizer=optimizer,
            momentum=momentum,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            l2=l2,
            dropout=dropout,
            label_smoothing=label_smoothing,
            front_scale=front_scale,
            learning_rate_factors=learning_rate_factors,
            decay_factors=decay_factors,
            decay_schedule=decay_schedule,
            dropout_schedule=dropout_schedule,
            sampling=sampling,
            order=order,
            restarts=restarts,
            race=race,
            validation=validation,
            validate_every=validate_every,
            patience=patience,
            sample_weight=sample_weight,
            n_jobs=n_jobs,
            seed=seed,
            time_limit=time_limit,
            on_epoch=on_epoch,
            checkpoint=checkpoint,
            resume=resume,
            verbose=verbose,
        )
        return self._fit(X, Y, options)

    def _fit(self, X: ArrayLike | IndexedRows, Y: ArrayLike, options: FitOptions) -> Training[Network]:
        start = Start(self.spec, self.theta, self.dtype, self.seed, self.engine)
        return Training(prepare(start, X, Y, options), self._successor).run()

    def _successor(self, theta: Array) -> Network:
        """A network like this one with other weights, which may be non-finite after a divergence."""
        net = Network.__new__(Network)
        net._set(self.spec, self.dtype.name, self.seed, self.engine)
        with np.errstate(over="ignore"):
            net.theta, net._trained = theta.astype(self.dtype), True
        return net

    # ------------------------------------------------------------ keeping

    def save(self, path: str | Path) -> None:
        """Write the network to a file; `descend.load` reads it. The old file stays until the new one is complete.

        Parameters
        ----------
        path : str or Path
            Where; the usual ending is ``.descend``. Folders that are not there are made.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile, descend
        >>> net = descend.Network([2, 3, 1], seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     net.save(f"{folder}/small.descend")
        ...     bool((descend.load(f"{folder}/small.descend").theta == net.theta).all())
        True
        """
        write_file(path, *document_of(self.spec, self.theta, self.dtype, self.seed, self.engine))

    @classmethod
    def from_sklearn(cls, mlp: Any) -> Network:
        """Make a network from a fitted MLP of scikit-learn, with equal predictions.

        Parameters
        ----------
        mlp : MLPClassifier or MLPRegressor of scikit-learn
            Fitted.

        Returns
        -------
        Network

        Raises
        ------
        SpecError
            If it is not fitted.
        """
        from descend.nets.sklearn import from_sklearn

        spec, theta, dtype = from_sklearn(mlp)
        return cls.from_spec(spec, theta, dtype=dtype)

    @classmethod
    def from_torch(cls, module: Any, loss: str | None = None) -> Network:
        """Make a network from an `nn.Sequential` of Linear layers and activations, with equal predictions.

        Parameters
        ----------
        module : torch.nn.Sequential
            Dropout and Identity are passed over.
        loss : str or None, default None
            None: log_loss for softmax and sigmoid outputs, else squared.

        Raises
        ------
        SpecError
            Naming the first module that has no counterpart; if PyTorch is not installed.
        """
        from descend.nets.torch import from_torch

        spec, theta, dtype = from_torch(module, loss)
        return cls.from_spec(spec, theta, dtype=dtype)

    def to_torch(self) -> Any:
        """Return an `nn.Sequential` with equal predictions, in the network's dtype.

        Raises
        ------
        SpecError
            If PyTorch is not installed, or has no module for an activation: step, exp, a user's own.
        """
        from descend.nets.torch import to_torch

        return to_torch(self.spec, self.theta, self.dtype.name)

    def __repr__(self) -> str:
        hidden = "-".join(row.name for row in self.spec.activations[:-1]) or "no hidden layer"
        sizes = "-".join(str(n) for n in self.spec.sizes)
        state = "" if self._trained else ", untrained"
        ends = f"{self.spec.activations[-1].name}, {self.spec.loss.name}"
        return f"Network({sizes}, {hidden} -> {ends}, {self.spec.theta_size} weights{state})"


def _make_one_class() -> None:
    """Call all methods `Network`'s: Python's own errors ("… got an unexpected argument") name them to users."""
    for part in (NetworkBase, Inspected):
        for member in vars(part).values():
            method = getattr(member, "__func__", member)
            if isinstance(method, FunctionType):
                method.__module__, method.__qualname__ = Network.__module__, f"Network.{method.__name__}"


_make_one_class()


def read_network(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Network:
    """Make the network that a file of kind "network" holds; `load` asks for it.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    spec, theta, dtype, seed, engine = parts_of(document, tensors, path)
    check_names(tensors, weight_names(spec), path)
    return Network.from_spec(spec, theta, dtype=dtype, seed=seed, engine=engine)
