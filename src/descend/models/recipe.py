"""The recipe of a training on a table: every option is a number.

A recipe is a preset, resolved for one table (its task, its rows) and the user's own options; nothing in it is left
open, so it can be printed before the training and repeated after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from descend.models.options import TrainOptions
from descend.models.presets import LEARNING_RATES, PRESETS
from descend.spec.activations import find_activation


@dataclass(frozen=True)
class Recipe:
    """All options of a network and its training, resolved.

    Parameters
    ----------
    preset : str
        Where the options that the user left open come from.
    hidden : tuple of int
        Nodes of the hidden layers.
    activation : tuple of str
        σ of each hidden layer.
    output, loss, init : str
        σ of the output layer, L, and the initialisation.
    optimizer, schedule : str
        With `learning_rate` η, `beta_2`, `l2` λ and `dropout` p.
    epochs, batch_size, restarts : int
        Length of a run, samples a round, number of runs.
    patience : int or None
        Looks at the validation rows without improvement after which a run stops.
    race : str or None
        ``"halving"`` or None.
    seed : int
        Of initial weights and order of samples.
    dtype, engine : str
        Arithmetic, and who computes.
    """

    preset: str
    hidden: tuple[int, ...]
    activation: tuple[str, ...]
    output: str
    loss: str
    init: str
    optimizer: str
    learning_rate: float
    schedule: str
    beta_2: float
    l2: float
    epochs: int
    batch_size: int
    patience: int | None
    restarts: int
    race: str | None
    seed: int
    dropout: float = 0.0
    dtype: str = "float32"
    engine: str = "native"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records."""
        return asdict(self) | {"hidden": list(self.hidden), "activation": list(self.activation)}

    def network_options(self, n_inputs: int, n_outputs: int) -> dict[str, Any]:
        """Return the arguments of `Network`."""
        return {
            "sizes": [n_inputs, *self.hidden, n_outputs],
            "activation": self.activation,
            "output": self.output,
            "loss": self.loss,
            "init": self.init,
            "dtype": self.dtype,
            "seed": self.seed,
            "engine": self.engine,
        }

    def fit_options(self) -> dict[str, Any]:
        """Return the arguments of `Network.fit`, apart from the data and who watches."""
        names = (
            *("epochs", "learning_rate", "schedule", "batch_size", "optimizer", "beta_2"),
            *("l2", "dropout", "restarts", "race", "patience"),
        )
        return {name: getattr(self, name) for name in names}


def make_recipe(options: TrainOptions, task: str, rows: int, validation_rows: int) -> Recipe:
    """Resolve a preset for one table.

    Parameters
    ----------
    options : TrainOptions
        The user's words; assumed free of problems.
    task : {"classify", "regress"}
        What the target is.
    rows, validation_rows : int
        Number of training and validation rows. Without validation rows there is neither early stop nor race.

    Examples
    --------
    >>> recipe = make_recipe(TrainOptions(preset="textbook", epochs=7), "classify", 220, 55)
    >>> recipe.epochs, recipe.batch_size, recipe.output, recipe.loss
    (7, 1, 'sigmoid', 'squared')
    """
    preset = PRESETS[options.preset]
    output, loss = preset.classify if task == "classify" else preset.regress
    optimizer = _given(options.optimizer, preset.optimizer)
    own_rate = preset.learning_rate if optimizer == preset.optimizer else LEARNING_RATES[optimizer]
    epochs = int(_given(options.epochs, preset.epochs(rows)))
    hidden = tuple(int(n) for n in _given(options.hidden, preset.hidden))
    race = _given(options.race, preset.race)
    return Recipe(
        preset=preset.name,
        hidden=hidden,
        activation=_per_layer(_given(options.activation, preset.activation), len(hidden)),
        output=output,
        loss=loss,
        init=preset.init,
        optimizer=optimizer,
        learning_rate=float(_given(options.learning_rate, own_rate)),
        schedule=preset.schedule,
        beta_2=preset.beta_2,
        l2=float(_given(options.l2, preset.l2)),
        dropout=float(_given(options.dropout, 0.0)),
        epochs=epochs,
        batch_size=min(rows, int(_given(options.batch_size, preset.batch_size(rows)))),
        patience=preset.patience(epochs) if validation_rows else None,
        restarts=int(_given(options.restarts, preset.restarts)),
        race="halving" if race and validation_rows else None,
        seed=int(options.seed),
        engine=options.engine,
    )


def _given(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


def _per_layer(activation: str | Sequence[str], layers: int) -> tuple[str, ...]:
    names = [activation] * layers if isinstance(activation, str) else activation
    return tuple(find_activation(name).name for name in names)
