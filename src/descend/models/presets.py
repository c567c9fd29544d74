"""What is done where the user says little: a preset of one network is a row of a table; "tabular" is a blend."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

# step size of an optimiser that is not the preset's own
LEARNING_RATES = {"sgd": 0.05, "momentum": 0.01, "nesterov": 0.01, "adam": 0.002, "adamw": 0.002}


@dataclass(frozen=True)
class Preset:
    """One row of the table of presets of one network.

    Parameters
    ----------
    name, summary : str
        What users write, and what it is.
    hidden : tuple of int
        Nodes of the hidden layers.
    activation : str
        σ of the hidden layers.
    classify, regress : tuple of str
        Output activation and loss for either task.
    optimizer : str
        With its `learning_rate`, `schedule` and `beta_2`.
    l2 : float
        λ.
    epochs, batch_size : callable
        From the number of training rows.
    patience : callable
        From the number of epochs; None: no early stop.
    init, restarts, race : str, int, bool
        Initialisation, number of separate SGDs, whether the worse ones are killed on the way.
    """

    name: str
    summary: str
    hidden: tuple[int, ...]
    activation: str
    classify: tuple[str, str]
    regress: tuple[str, str]
    optimizer: str
    learning_rate: float
    schedule: str
    l2: float
    epochs: Callable[[int], int]
    batch_size: Callable[[int], int]
    patience: Callable[[int], int | None]
    init: str = "auto"
    beta_2: float = 0.999
    restarts: int = 16
    race: bool = False


def _samples(total: int, least: int, most: int) -> Callable[[int], int]:
    """Epochs such that about `total` samples are visited."""
    return lambda rows: min(most, max(least, round(total / max(rows, 1))))


def _batch(rounds: int, least: int, most: int) -> Callable[[int], int]:
    """The power of two that makes about `rounds` rounds an epoch."""
    return lambda rows: min(most, max(least, 2 ** round(math.log2(max(rows, 1) / rounds))))


_ROWS = (
    # the plain algorithm, nothing else
    Preset(
        name="textbook",
        summary="the plain algorithm: sigmoid layers, squared loss, one sample a round, constant step",
        hidden=(16,),
        activation="sigmoid",
        classify=("sigmoid", "squared"),
        regress=("identity", "squared"),
        optimizer="sgd",
        learning_rate=0.1,
        schedule="constant",
        l2=0.0,
        epochs=_samples(200_000, 10, 200),
        batch_size=lambda rows: 1,
        patience=lambda epochs: None,
    ),
    Preset(
        name="single",
        summary="one network, the best of many: AdamW in batches, falling step, best iterate on validation rows",
        hidden=(64, 64),
        activation="tanh",
        classify=("softmax", "log_loss"),
        regress=("identity", "squared"),
        optimizer="adamw",
        learning_rate=0.002,
        schedule="flat_cosine",
        l2=0.05,
        epochs=_samples(800_000, 20, 200),
        batch_size=_batch(80, 16, 128),
        patience=lambda epochs: max(10, epochs // 4),
    ),
)

PRESETS: dict[str, Preset] = {row.name: row for row in _ROWS}

TABULAR, SINGLE = "tabular", "single"
SUMMARIES = {
    TABULAR: "a blend: networks that see the table differently, on several folds, answer together",
    **{row.name: row.summary for row in _ROWS},
}
FEW_ROWS = 50  # below so many rows to learn from, those that say nothing get one network: folds would be tiny
