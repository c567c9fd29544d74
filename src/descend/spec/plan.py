"""What one run of SGD is: its plan (options), its data (arrays), and its state (one flat buffer).

The reference (`sgd.py`) and the compiled engine read and write exactly these; `engine/README.md` is the contract.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.spec.groups import DECAY_FACTORS, LEARNING_RATE_FACTORS, spread
from descend.spec.network import NetworkSpec
from descend.spec.schedules import CONSTANT, StepSizes
from descend.typing import Array

# optimiser -> number of moments that it keeps
OPTIMIZERS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adam": 2, "adamw": 2}
SAMPLINGS = ("shuffle", "replacement", "sequential")
STATUSES = ("running", "finished", "stopped early", "diverged", "killed")
RUNNING, FINISHED, STOPPED_EARLY, DIVERGED, KILLED = range(5)


@dataclass(frozen=True)
class Plan:
    """All options of a run, checked and in canonical form.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    dtype : numpy.dtype
        float32 or float64: the type of weights and arithmetic.
    rows, validation_rows : int
        Number of training and validation rows; `validation_rows` may be 0.
    rounds : int
        Number of rounds of the whole run.
    step_sizes : StepSizes
        η_t.
    batch_size : int, default 1
        Samples a round; 1 is the plain algorithm.
    block : int, default 0
        Single-sample rounds of SGD, momentum or Nesterov that the engine computes with one pass over W_0, 1 to 1,024:
        the same algorithm, other rounding. 0: the engine chooses by the shapes. 1: none. Other runs leave it aside.
    optimizer : str, default "sgd"
        A name of `OPTIMIZERS`.
    momentum, beta_1, beta_2, epsilon : float
        μ of momentum and nesterov; β₁, β₂, ε of adam and adamw.
    l2 : float, default 0
        λ.
    epsilon_hat : bool, default False
        Adam with ε beside √u instead of √û: W ← W − η √(1−β₂ᵏ)/(1−β₁ᵏ) · m / (√u + ε), Kingma & Ba's efficient form.
    sampling : str, default "shuffle"
        ``"shuffle"``: a fresh permutation each epoch; ``"replacement"``: uniform draws; ``"sequential"``: as they come.
    validate_every : int, default 0
        Rounds between looks at the validation rows; 0: at the end of every epoch.
    patience : int, default 0
        Looks without improvement after which the run stops; 0: never.
    dropout : tuple of float, default ()
        p of each hidden layer, 0 ≤ p < 1; (): none.
    front_scale : bool, default False
        v_0 = scale ⊙ x, with a learnt scale (n_0,), initially 1, that stands behind the weights in theta.
    learning_rate_factors, decay_factors : tuple of float, default ()
        What each of the 2d + 1 groups of parameters multiplies η and λ by (`descend.spec.groups`); (): the usual
        factors.
    decay_schedule, dropout_schedule : StepSizes
        What λ and p are multiplied by in each round.
    label_smoothing : float, default 0
        For records: the targets of the data are smoothed already.
    """

    spec: NetworkSpec
    dtype: np.dtype[Any]
    rows: int
    validation_rows: int
    rounds: int
    step_sizes: StepSizes
    batch_size: int = 1
    block: int = 0
    optimizer: str = "sgd"
    momentum: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    l2: float = 0.0
    epsilon_hat: bool = False
    sampling: str = "shuffle"
    validate_every: int = 0
    patience: int = 0
    dropout: tuple[float, ...] = ()
    front_scale: bool = False
    learning_rate_factors: tuple[float, ...] = ()
    decay_factors: tuple[float, ...] = ()
    decay_schedule: StepSizes = CONSTANT
    dropout_schedule: StepSizes = CONSTANT
    label_smoothing: float = 0.0

    @property
    def parameters(self) -> int:
        """Numbers in a state's theta: the weights, and n_0 more with a front scale."""
        return self.spec.theta_size + (self.spec.sizes[0] if self.front_scale else 0)

    def rate_factors(self) -> Array:
        """What η is multiplied by for each parameter, (parameters,)."""
        return spread(self.spec, self.learning_rate_factors, LEARNING_RATE_FACTORS, self.front_scale)

    def decay_spread(self) -> Array:
        """What λ is multiplied by for each parameter, (parameters,)."""
        return spread(self.spec, self.decay_factors, DECAY_FACTORS, self.front_scale)

    def decay(self, at_round: int) -> float:
        """λ_t."""
        return float(self.l2 * self.decay_schedule.between(at_round, at_round + 1)[0])

    def dropped(self, at_round: int) -> tuple[float, ...]:
        """Shares p_l that the hidden layers drop in a round; () without dropout."""
        factor = float(self.dropout_schedule.between(at_round, at_round + 1)[0])
        return tuple(p * factor for p in self.dropout)

    def folded(self, theta: Array) -> Array:
        """Weights (theta_size,) of the network that computes what `theta` does: the front scale goes into W̃_0.

        W̃_0 x with x replaced by scale ⊙ x is (diag(scale) W̃_0)ᵀ x. A copy.
        """
        weights = theta[: self.spec.theta_size].copy()
        if self.front_scale:
            self.spec.weights(weights)[0][: self.spec.sizes[0]] *= theta[self.spec.theta_size :, None]
        return weights

    @property
    def schedules(self) -> tuple[StepSizes, StepSizes, StepSizes]:
        """What changes from round to round: η, and the factors of λ and of p."""
        return self.step_sizes, self.decay_schedule, self.dropout_schedule

    @property
    def rounds_per_epoch(self) -> int:
        """ceil(rows / batch_size): the last batch of an epoch may be smaller."""
        return -(-self.rows // self.batch_size)

    @property
    def epochs(self) -> int:
        """Epochs begun during the run; the last may be cut short by `rounds`."""
        return -(-self.rounds // self.rounds_per_epoch)

    @property
    def looks(self) -> int:
        """How often the validation rows are looked at, at the most."""
        if not self.validation_rows:
            return 0
        return -(-self.rounds // self.validate_every) if self.validate_every else self.epochs

    def state_sections(self) -> list[tuple[str, np.dtype[Any], int]]:
        """Names, dtypes and counts of the sections of a state's buffer, in order."""
        weights, moments = self.parameters, OPTIMIZERS[self.optimizer]
        int64, float64 = np.dtype(np.int64), np.dtype(np.float64)
        return [
            ("counters", int64, 16),
            ("scalars", float64, 16),
            ("loss_curve", float64, self.epochs),
            ("validation_curve", float64, self.looks),
            ("theta", self.dtype, weights),
            ("moment_1", self.dtype, weights if moments >= 1 else 0),
            ("moment_2", self.dtype, weights if moments >= 2 else 0),
            ("best_theta", self.dtype, weights if self.validation_rows else 0),
        ]

    def state_bytes(self) -> int:
        """Size of a state's buffer in bytes."""
        return sum(_padded(dtype.itemsize * count) for _, dtype, count in self.state_sections())

    def to_dict(self) -> dict[str, Any]:
        """Plain data for records and checkpoints."""
        options = (
            "rows",
            "validation_rows",
            "rounds",
            "batch_size",
            "block",
            "optimizer",
            "momentum",
            "beta_1",
            "beta_2",
            "epsilon",
        )
        more = ("l2", "epsilon_hat", "sampling", "validate_every", "patience")
        plain = {name: getattr(self, name) for name in options + more}
        lists = {name: list(getattr(self, name)) for name in ("dropout", "learning_rate_factors", "decay_factors")}
        plain |= lists | {name: getattr(self, name) for name in ("front_scale", "label_smoothing")}
        plain |= {name: _shape(getattr(self, name)) for name in ("decay_schedule", "dropout_schedule")}
        return {"network": self.spec.to_dict(), "dtype": self.dtype.name} | self.step_sizes.to_dict() | plain


def _shape(factors: StepSizes) -> str:
    told = factors.to_dict()
    return str(told["learning_rate"] if isinstance(factors.learning_rate, tuple) else told["schedule"])


@dataclass(frozen=True)
class Data:
    """The arrays of a run, C-contiguous and of the plan's dtype.

    Parameters
    ----------
    X, Y : ndarray
        Training rows, (rows, n_0) and (rows, n_d).
    sample_weight : ndarray or None
        (rows,), normalised to mean 1.
    X_validation, Y_validation, validation_weight : ndarray or None
        The same for validation rows; weights of any scale.
    """

    X: Array
    Y: Array
    sample_weight: Array | None = None
    X_validation: Array | None = None
    Y_validation: Array | None = None
    validation_weight: Array | None = None


@dataclass
class LossPatience:
    """How long a run goes on whose training loss does not fall; scikit-learn's rule.

    Parameters
    ----------
    tol : float
        By how much an epoch's loss must lie below the best one before it to count as an improvement.
    epochs : int
        It is over after more than so many epochs, ≥ 0, without improvement.
    best : float, default inf
        Lowest loss so far.
    since : int, default 0
        Epochs since the last improvement.

    Examples
    --------
    >>> patience = LossPatience(tol=0.1, epochs=1)
    >>> [patience.is_over(loss) for loss in (1.0, 0.95, 0.93)]
    [False, False, True]
    """

    tol: float
    epochs: int
    best: float = math.inf
    since: int = 0

    def is_over(self, loss: float) -> bool:
        """Take note of the next epoch's loss; returns whether the run should end."""
        self.since = 0 if loss <= self.best - self.tol else self.since + 1
        self.best = min(self.best, loss)
        return self.since > self.epochs

    def numbers(self) -> tuple[float, int, float, int]:
        """What the engine needs: tol, epochs, best, since."""
        return self.tol, self.epochs, self.best, self.since


def _padded(size: int) -> int:
    return -(-size // 64) * 64


class RunState:
    """One run's whole state in one flat buffer: weights, moments, counters, curves, best iterate.

    Copying `buffer` is a checkpoint; `advance` on the copy goes on with the same bits.

    Parameters
    ----------
    plan : Plan
        Says which sections there are.
    buffer : ndarray of uint8 or None, default None
        An earlier buffer to go on from (copied); None makes a fresh one, all curves nan.

    Attributes
    ----------
    counters, scalars, loss_curve, validation_curve, theta, moment_1, moment_2, best_theta : ndarray
        Views into the buffer; see `engine/README.md`.
    """

    counters: Array
    scalars: Array
    loss_curve: Array
    validation_curve: Array
    theta: Array
    moment_1: Array
    moment_2: Array
    best_theta: Array

    def __init__(self, plan: Plan, buffer: Array | None = None) -> None:
        size = plan.state_bytes()
        room = np.zeros(size + 64, np.uint8)
        start = -room.ctypes.data % 64
        self.buffer = room[start : start + size]
        offset = 0
        for name, dtype, count in plan.state_sections():
            setattr(self, name, self.buffer[offset : offset + dtype.itemsize * count].view(dtype))
            offset += _padded(dtype.itemsize * count)
        if buffer is None:
            self._begin()
        else:
            self.buffer[:] = buffer

    def _begin(self) -> None:
        self.counters[0] = 1
        self.counters[[6, 7, 9]] = -1
        self.scalars[[0, 3, 4]] = math.inf, math.nan, 1.0
        self.loss_curve[:] = math.nan
        self.validation_curve[:] = math.nan

    def _counter(index: int, text: str) -> Any:  # type: ignore[misc]  # noqa: N805
        def read(self: RunState) -> int:
            return int(self.counters[index])

        def write(self: RunState, value: int) -> None:
            self.counters[index] = value

        return property(read, write, doc=text)

    def _scalar(index: int, text: str) -> Any:  # type: ignore[misc]  # noqa: N805
        def read(self: RunState) -> float:
            return float(self.scalars[index])

        def write(self: RunState, value: float) -> None:
            self.scalars[index] = value

        return property(read, write, doc=text)

    status = _counter(1, "RUNNING, FINISHED, STOPPED_EARLY, DIVERGED or KILLED.")
    round = _counter(2, "Rounds done.")
    epoch = _counter(3, "Epochs completed.")
    looks = _counter(5, "Looks at the validation rows done.")
    best_look = _counter(6, "Index of the look whose weights are kept; −1: none.")
    best_round = _counter(7, "Rounds done at that look; −1: none.")
    looks_since_improvement = _counter(8, "Looks since the validation loss last fell.")
    diverged_round = _counter(9, "Round at which the loss left the finite numbers; −1: it did not.")
    epoch_rows = _counter(10, "Samples visited in the current epoch.")
    races = _counter(11, "Rounds of the race that it took part in; Python's, the engine leaves it alone.")
    best_loss = _scalar(0, "Lowest validation loss so far; inf: none.")
    epoch_loss = _scalar(1, "Σ w L over the samples visited in the current epoch.")
    seconds = _scalar(2, "Time spent in `advance`.")
    diverged_learning_rate = _scalar(3, "η of the round that diverged; nan: none.")
    learning_rate_factor = _scalar(4, "η_t is this times the plan's; may be changed between calls of `advance`.")
    del _counter, _scalar

    @property
    def order_seed(self) -> int:
        """Seed of the order of samples, 0 … 2⁶⁴ − 1."""
        return int(self.counters[4:5].view(np.uint64)[0])

    @order_seed.setter
    def order_seed(self, seed: int) -> None:
        self.counters[4:5].view(np.uint64)[0] = seed

    @property
    def dropout_seed(self) -> int:
        """Seed of the restart's dropout, 0 … 2⁶⁴ − 1."""
        return int(self.counters[12:13].view(np.uint64)[0])

    @dropout_seed.setter
    def dropout_seed(self, seed: int) -> None:
        self.counters[12:13].view(np.uint64)[0] = seed

    def copy(self, plan: Plan) -> RunState:
        """Return an independent copy."""
        return RunState(plan, self.buffer)
