"""The checked parameters of one call, as the solvers read them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

STOCHASTIC = ("sgd", "adam")


@dataclass(frozen=True)
class Settings:
    """The parameters of one call, checked; `hidden_layer_sizes` is a tuple, `loss` the name the engine knows."""

    hidden_layer_sizes: tuple[int, ...]
    activation: Any
    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    loss: str
    shuffle: bool
    random_state: Any
    tol: float
    verbose: bool
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool | str
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    l2: float | None
    dropout: tuple[float, ...]
    restarts: int
    select: str
    race: str | None
    n_jobs: int | None
    reservoir: float | None
    class_weight: Any = None
    loss_parameter: Any = None

    @property
    def stochastic(self) -> bool:
        """Whether the solver is sgd or adam."""
        return self.solver in STOCHASTIC

    @property
    def optimizer(self) -> str:
        """The optimiser by the engine's name."""
        if self.solver == "adam" or not self.momentum:
            return self.solver
        return "nesterov" if self.nesterovs_momentum else "momentum"


SETTING_NAMES = tuple(field.name for field in fields(Settings))
