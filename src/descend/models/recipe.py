"""How a table is learnt when the user says little: presets, and the recipe in which every option is a number.

A preset is a row of a table. A recipe is a preset, resolved for one table (its task, its rows) and the user's own
options; nothing in it is left open, so it can be printed before the training and repeated after it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from descend.errors import SpecError, closest
from descend.spec.activations import find_activation
from descend.spec.plan import OPTIMIZERS

if TYPE_CHECKING:
    from descend.tables.table import Table

TASKS = ("auto", "classify", "regress")
ENGINES = ("native", "reference")
# step size of an optimiser that is not the preset's own
LEARNING_RATES = {"sgd": 0.05, "momentum": 0.01, "nesterov": 0.01, "adam": 0.002, "adamw": 0.002}


@dataclass(frozen=True)
class TrainOptions:
    """What a user may say about a training; None leaves it to the preset.

    Parameters
    ----------
    task : {"auto", "classify", "regress"}
        What the target is.
    preset : str
        A name of `PRESETS`.
    hidden : sequence of int or None
        Nodes of the hidden layers; ``()`` means none.
    activation : str, sequence of str or None
        σ of the hidden layers: one name, or one per layer.
    restarts : int or None
        Number of separate SGDs, ≥ 1.
    race : bool or None
        Whether the worse half of the restarts is killed, again and again, on the way.
    epochs, batch_size : int or None
        Passes over the training rows, and samples a round; ≥ 1.
    learning_rate, l2 : float or None
        η > 0 and λ ≥ 0.
    dropout : float or None
        Share of the nodes of the hidden layers that a sample leaves out in training, 0 ≤ p < 1.
    optimizer : str or None
        A name of `descend.spec.plan.OPTIMIZERS`.
    validation, test : float or Table
        Share of the rows, 0 ≤ share < 1, or a table of their own. The validation share is one of the rows that the
        test rows leave.
    group, time : str or None
        Columns for splits that do not leak: a group stays together; later times are held out.
    drop : sequence of str
        Columns that are not used.
    seed : int
        Seed of the split, the initial weights and the order of samples; ≥ 0.
    engine : {"native", "reference"}
        Who computes.
    """

    task: str = "auto"
    preset: str = "tabular"
    hidden: Sequence[int] | None = None
    activation: str | Sequence[str] | None = None
    restarts: int | None = None
    race: bool | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    optimizer: str | None = None
    l2: float | None = None
    dropout: float | None = None
    validation: float | Table = 0.2
    test: float | Table = 0.2
    group: str | None = None
    time: str | None = None
    drop: Sequence[str] = ()
    seed: int = 0
    engine: str = "native"

    def problems(self) -> list[str]:
        """Return one sentence for everything that cannot be, whatever the table."""
        found = [
            *_name_problems("task", self.task, TASKS),
            *_name_problems("preset", self.preset, PRESETS),
            *_name_problems("optimizer", self.optimizer, (None, *OPTIMIZERS)),
            *_name_problems("engine", self.engine, ENGINES),
            *_hidden_problems(self.hidden),
            *_activation_problems(self.activation, self.hidden),
        ]
        if self.race not in (None, True, False):
            found.append(f"`race` must be True, False or None; got {self.race!r}.")
        for name in ("restarts", "epochs", "batch_size"):
            found += _whole_problems(name, getattr(self, name), 1)
        found += _whole_problems("seed", self.seed, 0, optional=False)
        if self.learning_rate is not None and not (_is_number(self.learning_rate) and self.learning_rate > 0):
            found.append(f"`learning_rate` must be a finite number above 0; got {self.learning_rate!r}.")
        if self.l2 is not None and not (_is_number(self.l2) and self.l2 >= 0):
            found.append(f"`l2` must be a finite number ≥ 0; got {self.l2!r}.")
        if self.dropout is not None and not (_is_number(self.dropout) and 0 <= self.dropout < 1):
            found.append(f"`dropout` must be a number from 0 to below 1; got {self.dropout!r}.")
        return found + _share_problems("validation", self.validation) + _share_problems("test", self.test)


@dataclass(frozen=True)
class Preset:
    """One row of the table of presets.

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
        name="tabular",
        summary="good on tables without tuning: AdamW in batches, falling step, best iterate on validation rows",
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


# ---------------------------------------------------------------- what cannot be


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def _name_problems(option: str, name: object, known: Sequence[object] | dict[str, Any]) -> list[str]:
    if name in known:
        return []
    return [f'`{option}` "{name}" is not known. {closest(name, [one for one in known if one is not None])}']


def _whole_problems(option: str, value: object, least: int, optional: bool = True) -> list[str]:
    if _is_whole(value, least) or (optional and value is None):
        return []
    return [f"`{option}` must be a whole number ≥ {least}; got {value!r}."]


def _hidden_problems(hidden: object) -> list[str]:
    if hidden is None:
        return []
    if isinstance(hidden, Sequence) and not isinstance(hidden, str) and all(_is_whole(n, 1) for n in hidden):
        return []
    return [f"`hidden` must be whole numbers ≥ 1, one per hidden layer, such as 64,64; got {hidden!r}."]


def _activation_problems(activation: object, hidden: object) -> list[str]:
    if activation is None:
        return []
    several = isinstance(activation, Sequence) and not isinstance(activation, str)
    names = activation if isinstance(activation, Sequence) and several else [activation]
    found = [problem for name in names for problem in _one_activation_problems(name)]
    if several and isinstance(hidden, Sequence) and len(names) != len(hidden):
        found.append(
            f"`activation` needs one name, or one for each of the {len(hidden)} hidden layers; got {len(names)}."
        )
    if several and hidden is None:
        found.append("`activation` with one name per layer needs `hidden`, the sizes of these layers; got None.")
    return found


def _one_activation_problems(name: object) -> list[str]:
    try:
        row = find_activation(name if isinstance(name, str) else repr(name))
    except SpecError as error:
        return [str(error)]
    if not row.hidden:
        return [f'activation "{row.name}" may stand in the output layer only; choose another for the hidden layers.']
    if row.name == "step":
        return ['activation "step" has the gradient 0, so hidden layers would never learn; choose another: "tanh".']
    return []


def _share_problems(option: str, share: object) -> list[str]:
    if not isinstance(share, int | float | str) or (_is_number(share) and 0 <= float(share) < 1):  # or a table
        return []
    return [f"`{option}` must be a share of the rows, 0 ≤ share < 1, or a table; got {share!r}."]
