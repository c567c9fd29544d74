"""The recipe of a training on a table: every option is a number.

A recipe is a preset, resolved for one table (its task, its rows) and the user's own options; nothing in it is left
open, so it can be printed before the training and repeated after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from descend.models.blends.qualities import QUALITIES
from descend.models.options import QUALITY, TrainOptions
from descend.models.presets import LEARNING_RATES, PRESETS, SINGLE, TABULAR
from descend.spec.activations import find_activation


@dataclass(frozen=True)
class Recipe:
    """All options of one network and its training, resolved.

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


@dataclass(frozen=True)
class BlendRecipe:
    """How a blend is learnt, resolved; its networks have their options from the table of members.

    Parameters
    ----------
    preset, quality : str
        Where the rest comes from.
    members : tuple of str
        Names of `descend.models.blends.members.MEMBERS`.
    folds : int
        Folds of the rows; 1: there are validation rows of their own.
    starts : int
        Networks of a member on each fold.
    keep : int or None
        Members that go on after the first fold; None: all.
    seed : int
        Of all randomness.
    time_limit : float or None
        Seconds, after which networks stop where they are.
    refit : bool
        Whether the networks are learnt again on all rows in the end.
    dtype, engine : str
        Arithmetic, and who computes.
    sample : int
        Rows by which encoders are fitted and members chosen, where all rows are on the disk; 0: all.
    """

    preset: str
    quality: str
    members: tuple[str, ...]
    folds: int
    starts: int
    keep: int | None
    seed: int
    time_limit: float | None = None
    refit: bool = False
    dtype: str = "float32"
    engine: str = "native"
    sample: int = 0

    @property
    def networks(self) -> int:
        """How many networks descend; of rows on the disk, without those that choose members on a sample."""
        members = len(self.members)
        kept = members if self.keep is None else min(self.keep, members)
        if self.sample:
            return kept * self.folds * self.starts
        first = 1 if self.folds == 1 else self.starts  # of one fold, the first start decides who goes on
        return members * first + kept * (self.folds * self.starts - first)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records."""
        made = asdict(self) | {"members": list(self.members)}
        return made if self.sample else {name: value for name, value in made.items() if name != "sample"}


def make_blend_recipe(options: TrainOptions, rows: int, folds: int, columns: int = 1) -> BlendRecipe:
    """Resolve a quality for one table.

    Parameters
    ----------
    options : TrainOptions
        The user's words; assumed free of problems.
    rows : int
        Number of rows to learn from.
    folds : int
        Folds that the rows were dealt to; 1: there are validation rows, and each member has as many starts more as it
        would have had folds.
    columns : int, default 1
        Inputs of the plainest network.

    Examples
    --------
    >>> recipe = make_blend_recipe(TrainOptions(), 2000, 6)
    >>> recipe.quality, recipe.folds, recipe.keep, recipe.networks
    ('good', 6, 3, 23)
    """
    quality = QUALITIES[options.quality or QUALITY]
    starts = quality.starts * int(options.restarts or 1)
    return BlendRecipe(
        preset=TABULAR,
        quality=quality.name,
        members=quality.members,
        folds=folds,
        starts=starts if folds > 1 else starts * quality.folds,
        keep=quality.kept(rows, columns),
        seed=int(options.seed),
        time_limit=None if options.time_limit is None else float(options.time_limit),
        refit=bool(options.refit),
    )


def make_recipe(options: TrainOptions, task: str, rows: int, validation_rows: int) -> Recipe:
    """Resolve a preset for one table.

    Parameters
    ----------
    options : TrainOptions
        The user's words; assumed free of problems. No preset: "single".
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
    preset = PRESETS[options.preset or SINGLE]
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
