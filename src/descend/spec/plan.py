"""The plan of one run of SGD: all options, checked.

The reference and the compiled engine read plan, data and state exactly as they stand here; `engine/README.md` is the
contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.spec.groups import DECAY_FACTORS, LEARNING_RATE_FACTORS, per_parameter
from descend.spec.network import NetworkSpec
from descend.spec.schedules import CONSTANT, StepSizes
from descend.typing import Array, numbers_or_nan

# optimiser -> number of moments that it keeps
OPTIMIZERS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adam": 2, "adamw": 2}
SAMPLINGS = ("shuffle", "replacement", "sequential")


def padded(size: int) -> int:
    """Bytes that a section of so many bytes takes in a state's buffer: whole lines of 64."""
    return -(-size // 64) * 64


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
    windows : int, default 1
        For records and for those who count: so many passes over `rows` rows make one epoch of the user's rows, which
        are too many for memory (`descend.training.windows`).
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
    windows: int = 1

    @property
    def parameters(self) -> int:
        """Numbers in a state's theta: the weights, and n_0 more with a front scale."""
        return self.spec.theta_size + (self.spec.sizes[0] if self.front_scale else 0)

    def learning_rate_factor_per_parameter(self) -> Array:
        """What η is multiplied by for each parameter, (parameters,)."""
        return per_parameter(self.spec, self.learning_rate_factors, LEARNING_RATE_FACTORS, self.front_scale)

    def decay_factor_per_parameter(self) -> Array:
        """What λ is multiplied by for each parameter, (parameters,)."""
        return per_parameter(self.spec, self.decay_factors, DECAY_FACTORS, self.front_scale)

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
        return sum(padded(dtype.itemsize * count) for _, dtype, count in self.state_sections())

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
        plain |= {"windows": self.windows} if self.windows > 1 else {}
        return {"network": self.spec.to_dict(), "dtype": self.dtype.name} | self.step_sizes.to_dict() | plain


def _shape(factors: StepSizes) -> str:
    told = factors.to_dict()
    return str(told["learning_rate"] if isinstance(factors.learning_rate, tuple) else told["schedule"])


def check_dropout(given: float | Sequence[float], hidden: int, problems: list[str]) -> tuple[float, ...]:
    """Return p of each hidden layer, () if all are 0; what is wrong is added to `problems`.

    Examples
    --------
    >>> check_dropout(0.1, 2, [])
    (0.1, 0.1)
    >>> check_dropout(0.0, 2, [])
    ()
    """
    shares = numbers_or_nan(given)
    if not ((shares >= 0) & (shares < 1)).all() or shares.ndim > 1 or (shares.ndim == 1 and len(shares) != hidden):
        problems.append(
            f"`dropout` must be from 0 to below 1: one number, or one per hidden layer ({hidden}); got {given!r}."
        )
        return ()
    return tuple(float(p) for p in np.broadcast_to(shares, hidden)) if shares.any() else ()
