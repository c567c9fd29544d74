"""The table of members: what each sees of a table, how large its networks are, how they descend.

A member is one way of seeing a table; it has a network for each fold. Where each number comes from: the recipe was
found on development tasks by out-of-fold loss, never by one task (docs/decisions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from descend.spec.network import NetworkSpec, make_spec

ROUNDS_AN_EPOCH = 60
FEWEST_EPOCHS, MANY_SAMPLES = 5, 1_200_000  # of many rows


@dataclass(frozen=True)
class Member:
    """One row of the table of members.

    Parameters
    ----------
    name, summary : str
        What it is called, and what it is.
    blocks : tuple of str
        What its networks see: names of blocks (`descend.models.blends.blocks`), side by side.
    hidden : tuple of int
        Nodes of the hidden layers.
    activation : str
        σ of the hidden layers.
    learning_rate : float
        η, times `schedule`.
    l2 : float
        λ, decoupled; times `decay_schedule`.
    dropout : float
        p of all hidden layers; times `dropout_schedule`.
    samples : int
        Samples that a network visits, about; `least` and `most` bound the epochs that this makes.
    needs : tuple of str
        Blocks without any of which the member is not what it is, and is left out; (): none.
    patience : int
        Looks, one each epoch, without improvement after which a network stops; 0: a quarter of the epochs, at least 10.
    scaled : bool
        NTP: s = W̃ᵀv / √fan_in, weights of variance 1, the last layer's 0; learnt factors in front of the inputs.
    """

    name: str
    summary: str
    blocks: tuple[str, ...]
    hidden: tuple[int, ...]
    activation: str
    learning_rate: float
    l2: float
    samples: int
    least: int
    most: int
    patience: int = 20
    dropout: float = 0.0
    schedule: str = "flat_cosine"
    decay_schedule: str = "constant"
    dropout_schedule: str = "constant"
    scaled: bool = False
    needs: tuple[str, ...] = ()

    def epochs(self, rows: int) -> int:
        """Passes over so many rows: of many, fewer than `least`, but five, so that a million can be learnt.

        Examples
        --------
        >>> [MEMBERS["tri"].epochs(rows) for rows in (100, 10_000, 50_000, 100_000, 1_000_000)]
        [200, 60, 20, 12, 5]
        """
        least = max(FEWEST_EPOCHS, min(self.least, MANY_SAMPLES // rows))
        return min(self.most, max(least, round(self.samples / rows)))

    def spec(self, inputs: int, outputs: int, output: str, loss: str) -> NetworkSpec:
        """Return the network for so many inputs and outputs."""
        init, last = ("lecun_normal", "zero") if self.scaled else ("auto", None)
        return make_spec([inputs, *self.hidden, outputs], self.activation, output, loss, init=init, init_last=last)

    def fit_options(self, inputs: int, rows: int) -> dict[str, Any]:
        """Return the arguments of `Network.fit` for so many inputs and training rows, apart from data and seed.

        NTP is what these options make of a plain network: dividing s by √fan_in, with weights of variance 1, is to draw
        them with variance 1/fan_in and to multiply η of each layer by 1/√fan_in (Adam's step has no scale).
        """
        epochs = self.epochs(rows)
        options: dict[str, Any] = {
            "epochs": epochs,
            "learning_rate": self.learning_rate,
            "schedule": self.schedule,
            "batch_size": min(batch_size(rows), rows),
            "optimizer": "adamw",
            "l2": self.l2,
            "dropout": self.dropout,
            "decay_schedule": self.decay_schedule,
            "dropout_schedule": self.dropout_schedule,
            "patience": self.patience or max(10, epochs // 4),
        }
        if self.scaled:
            fan_in = [1.0 / math.sqrt(n) for n in (inputs, *self.hidden)]
            weights: Sequence[float] | float = fan_in if len(fan_in) > 1 else fan_in[0]
            options["learning_rate_factors"] = {"weights": weights, "bias": 0.1, "front_scale": 6.0}
            options |= {"front_scale": True, "beta_2": 0.95}
        return options


def batch_size(rows: int) -> int:
    """Return the power of two that makes about 60 rounds an epoch, 16 to 256.

    Examples
    --------
    >>> [batch_size(rows) for rows in (100, 1_000, 10_000, 1_000_000)]
    [16, 16, 128, 256]
    """
    return int(min(256, max(16, 2 ** round(math.log2(max(rows, 1) / ROUNDS_AN_EPOCH)))))


def _wide(
    name: str,
    summary: str,
    blocks: tuple[str, ...],
    learning_rate: float,
    dropout: float,
    most: int,
    needs: tuple[str, ...] = (),
) -> Member:
    """Two wide layers of mish."""
    return Member(
        name,
        summary,
        blocks,
        hidden=(128, 128),
        activation="mish",
        learning_rate=learning_rate,
        l2=0.02,
        samples=600_000,
        least=20,
        most=most,
        dropout=dropout,
        needs=needs,
    )


def _ntp(
    name: str,
    summary: str,
    blocks: tuple[str, ...],
    needs: tuple[str, ...] = (),
    hidden: tuple[int, ...] = (128, 128, 128),
    samples: int = 400_000,
    least: int = 40,
) -> Member:
    """NTP layers, three if nothing is said, whose step rises and falls four times."""
    return Member(
        name,
        summary,
        blocks,
        hidden=hidden,
        activation="mish",
        learning_rate=0.03,
        l2=0.02,
        samples=samples,
        least=least,
        most=128,
        patience=0,
        dropout=0.15,
        schedule="coslog4",
        decay_schedule="flat_cosine",
        dropout_schedule="flat_cosine",
        scaled=True,
        needs=needs,
    )


_ROWS = (
    Member(
        name="tanhte",
        summary="small tanh network of scaled and ranked numbers and target means of categories",
        blocks=("plain", "ranks", "target means"),
        hidden=(64, 64),
        activation="tanh",
        learning_rate=0.002,
        l2=0.3,
        samples=800_000,
        least=20,
        most=200,
        patience=0,
    ),
    _wide("rsw", "wide network of scaled and ranked numbers", ("plain", "ranks"), 0.0015, 0.1, 150),
    _wide(
        "plq",
        "wide network of numbers as ramps between quantiles",
        ("plain", "ramps by rank"),
        0.002,
        0.1,
        200,
        ("ramps by rank",),
    ),
    Member(
        name="ntpw",
        summary="one very wide layer of numbers as ramps between a tree's cuts, and of pairs of inputs",
        blocks=("plain", "fine ramps", "pairs"),
        hidden=(256,),
        activation="mish",
        learning_rate=0.01,
        l2=0.02,
        samples=400_000,
        least=20,
        most=160,
        patience=16,
        dropout=0.1,
        dropout_schedule="flat_cosine",
        scaled=True,
        needs=("fine ramps", "pairs"),
    ),
    _wide(
        "tri",
        "wide network of numbers as ramps and levels, target means, pairs and triples of inputs",
        ("plain", "ramps", "levels", "target means", "frequencies", "pairs and triples"),
        0.0015,
        0.2,
        200,
        ("ramps", "levels", "target means", "pairs and triples"),
    ),
    _ntp("ntp3", "three layers of numbers as ramps between a tree's cuts", ("plain", "ramps")),
    _wide(
        "pca",
        "wide network of scaled numbers and their components",
        ("plain", "components"),
        0.0015,
        0.2,
        150,
        ("components",),
    ),
    _ntp(
        "leafntp",
        "three layers of ramps, target means and leaves of small boosted trees",
        ("plain", "ramps", "target means", "leaves"),
        ("leaves",),
    ),
    _ntp(
        "quick",
        "one wide layer of numbers as ramps between a tree's cuts",
        ("plain", "ramps"),
        hidden=(256,),
        samples=300_000,
        least=30,
    ),
)

MEMBERS: dict[str, Member] = {row.name: row for row in _ROWS}
DISTILLED = "distilled"  # what the one network is called that imitates a blend: it is no member of one
