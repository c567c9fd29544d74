"""What a user may say about a training on a table, and what cannot be, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descend.errors import SpecError, closest, quoted, shortened
from descend.files.document import MOST_DIGITS
from descend.files.fields import is_count
from descend.models.blends.qualities import QUALITIES
from descend.models.decisions.decision import Asked
from descend.models.presets import FEW_ROWS, SINGLE, SUMMARIES, TABULAR
from descend.models.weights import class_weight_problems
from descend.spec.activations import find_activation
from descend.spec.plan import OPTIMIZERS
from descend.tables.cells.reading import ReadOptions, texts_problems
from descend.training.doors import ENGINES

if TYPE_CHECKING:
    from descend.tables.table import Table

LARGEST = 10**300  # a whole number that may stand for one of floating point
# what counts must be below: what the engine counts with, and what a file may hold
MOST = dict.fromkeys(("restarts", "epochs", "batch_size"), 2**53) | {"seed": 10**MOST_DIGITS}
TASKS = ("auto", "classify", "regress")
QUALITY = "good"  # of a blend, where nobody says anything
LEAST_WINDOW = 1_000_000  # bytes: below, windows hold too few rows to shuffle
VALIDATION = 0.2  # share of the rows that chooses one network, where nobody says anything
# what shapes one network, and so cannot be said of a blend; and the other way round
OF_ONE = ("hidden", "activation", "race", "epochs", "batch_size", "learning_rate", "optimizer", "l2", "dropout")
OF_BLENDS = ("quality", "time_limit", "refit")


@dataclass(frozen=True)
class TrainOptions:
    """What a user may say about a training; None leaves it to the preset.

    Parameters
    ----------
    task : {"auto", "classify", "regress"}
        What the target is.
    preset : {"tabular", "single", "textbook"} or None
        What is learnt: a blend of networks; one network, the best of many; the plain algorithm. None: a blend, or one
        network if an option shapes it (`hidden`, `activation`, `race`, `epochs`, `batch_size`, `learning_rate`,
        `optimizer`, `l2`, `dropout`, engine "reference"), or if there are fewer than 50 rows to learn from.
    quality : {"fast", "good", "best"} or None
        How much work a blend is given; see `descend.models.blends.qualities`. None: "good".
    time_limit : float or None
        Seconds after which the networks of a blend stop where they are; they are blended as they are then.
    refit : bool
        Whether the networks of a blend, once they are judged, are learnt again on all rows, the test rows too, with the
        weights and the lengths that were found. The scores stay those of before.
    hidden : sequence of int or None
        Nodes of the hidden layers; ``()`` means none.
    activation : str, sequence of str or None
        σ of the hidden layers: one name, or one per layer.
    restarts : int or None
        Number of separate SGDs, ≥ 1; of a blend: of each member on each fold, 1 by default.
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
    validation, test : float, Path, list, callable or Table
        Share of the rows, 0 ≤ share < 1, or a table of their own, which is read as the whole table was: a file, several
        files, or what yields batches. The
        validation share is one of the rows that the test rows leave. No validation, None: a share of 0.2 for one
        network; folds for a blend, which validation rows replace.
    group, time : str or None
        Columns for splits that do not leak: a group stays together; later times are held out.
    drop : sequence of str
        Columns that are not used.
    types, missing, decimal, date_format
        The user's words about how the table is read; as in `descend.as_table`.
    row_hashes : bool
        Whether the model keeps short salted hashes of the rows that it learns, to tell when it is judged on them.
    weight : str or None
        Column that says what each row counts, finite and ≥ 0: in training, in choosing the best and in the scores. It
        is no input.
    class_weight : "balanced", mapping of label to number ≥ 0, or None
        What rows of a class count, times their own weight, in training and in choosing the best; not in the scores.
        "balanced": all classes together the same. A class that a mapping does not name has weight 1.
    threshold : {"f1", "accuracy", "balanced_accuracy", "mcc"}, float or None
        Of two classes, from which probability of the second one on it is answered, 0 < threshold < 1; or the metric by
        which that is chosen, on rows that were not learnt. None: 0.5.
    costs : sequence of sequences of float, or None
        ``costs[i][j]`` ≥ 0: what it costs to say class j where class i is true, in the order of the sorted classes; the
        answer is that of the least expected cost. Not with `threshold`.
    prior_correction : bool
        Whether probabilities are put back to the shares of the training rows, where `class_weight` moved them; answers
        stay what the weights make of them.
    seed : int
        Seed of the split, the initial weights and the order of samples; ≥ 0.
    engine : {"native", "reference"}
        Who computes.
    out_of_core : bool
        Whether rows stay on the disk, whatever memory there is; see `descend.models.streamed`.
    window : int or None
        Bytes of prepared rows that are in memory at a time, twice, when they do. None: 64 MB.
    cache : str, Path or None
        The folder that is made for them, and removed with them; one that holds anything else is refused. None: one for
        temporary files.

    Examples
    --------
    >>> options = TrainOptions(hidden=(16, 8), restarts=4, test=0.25)
    >>> options.hidden, options.restarts, options.epochs
    ((16, 8), 4, None)
    """

    task: str = "auto"
    preset: str | None = None
    quality: str | None = None
    time_limit: float | None = None
    refit: bool = False
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
    validation: float | Path | Table | None = None
    test: float | Path | Table = 0.2
    group: str | None = None
    time: str | None = None
    drop: Sequence[str] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] = ()
    decimal: str | None = None
    date_format: str | None = None
    row_hashes: bool = True
    weight: str | None = None
    class_weight: str | Mapping[Any, float] | None = None
    threshold: str | float | None = None
    costs: Sequence[Sequence[float]] | None = None
    prior_correction: bool = False
    seed: int = 0
    engine: str = "native"
    out_of_core: bool = False
    window: int | None = None
    cache: str | Path | None = None

    @property
    def reading(self) -> ReadOptions:
        """The user's words about how the table is read."""
        return ReadOptions(dict(self.types), tuple(self.missing), self.decimal, self.date_format)

    @property
    def dropped(self) -> tuple[str, ...]:
        """Columns that are not used, in one way of saying it or the other."""
        return (*self.drop, *(name for name, kind in self.types.items() if kind == "drop"))

    @property
    def asked(self) -> Asked:
        """What the user wants of answers and probabilities."""
        return Asked(self.threshold, self.costs, self.prior_correction)

    def preset_for(self, rows: int) -> str:
        """Return the name of the preset for so many rows to learn from.

        Examples
        --------
        >>> TrainOptions().preset_for(500), TrainOptions().preset_for(20), TrainOptions(epochs=5).preset_for(500)
        ('tabular', 'single', 'single')
        """
        if self.preset is not None:
            return self.preset
        small = rows < FEW_ROWS and not self.asks_for_blend
        return SINGLE if small or self.shapes_one or self.chooses_by_nothing else TABULAR

    @property
    def chooses_by_nothing(self) -> bool:
        """Whether no rows are to be held out to choose by."""
        return isinstance(self.validation, int | float) and self.validation == 0

    @property
    def shapes_one(self) -> list[str]:
        """Options that were given and shape one network."""
        given = [name for name in OF_ONE if _is_given(getattr(self, name))]
        return given + (["engine"] if self.engine == "reference" else [])

    @property
    def asks_for_blend(self) -> list[str]:
        """Options that were given and are about blends."""
        return [name for name in OF_BLENDS if _is_given(getattr(self, name))]

    def problems_of_lists(self) -> list[str]:
        """Return one sentence for each list of texts that is none; before the table can be read."""
        return texts_problems("drop", self.drop) + texts_problems("missing", self.missing)

    def problems(self) -> list[str]:
        """Return one sentence for everything that cannot be, whatever the table."""
        found = [
            *_name_problems("task", self.task, TASKS),
            *_name_problems("preset", self.preset, (None, *SUMMARIES)),
            *_name_problems("quality", self.quality, (None, *QUALITIES)),
            *_name_problems("optimizer", self.optimizer, (None, *OPTIMIZERS)),
            *_name_problems("engine", self.engine, ENGINES),
            *_hidden_problems(self.hidden),
            *_activation_problems(self.activation, self.hidden),
            *(self.problems_of_lists() or self.reading.problems()),
            *class_weight_problems(self.class_weight),
            *self.asked.problems(self.class_weight),
            *_blend_problems(self),
            *_disk_problems(self),
        ]
        if self.race not in (None, True, False):
            found.append(f"`race` must be True, False or None; got {self.race!r}.")
        for name in ("restarts", "epochs", "batch_size"):
            found += _whole_problems(name, getattr(self, name), 1)
        found += _whole_problems("seed", self.seed, 0, optional=False)
        if self.learning_rate is not None and not (_is_finite(self.learning_rate) and self.learning_rate > 0):
            found.append(f"`learning_rate` must be a finite number above 0; got {shortened(self.learning_rate)}.")
        if self.l2 is not None and not (_is_finite(self.l2) and self.l2 >= 0):
            found.append(f"`l2` must be a finite number ≥ 0; got {shortened(self.l2)}.")
        if self.dropout is not None and not (_is_finite(self.dropout) and 0 <= self.dropout < 1):
            found.append(f"`dropout` must be a number from 0 to below 1; got {shortened(self.dropout)}.")
        if self.validation is not None:
            found += _share_problems("validation", self.validation)
        return found + _share_problems("test", self.test)


# ---------------------------------------------------------------- what cannot be


def _is_finite(value: object) -> bool:
    """Whether it is a number, and no whole one that is too large for a float64."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < LARGEST
    return isinstance(value, float) and math.isfinite(value)


def _name_problems(option: str, name: object, known: Sequence[object] | dict[str, Any]) -> list[str]:
    if name in known:
        return []
    return [f"`{option}` {quoted(name)} is not known. {closest(name, [one for one in known if one is not None])}"]


def _whole_problems(option: str, value: object, least: int, optional: bool = True) -> list[str]:
    if (optional and value is None) or (is_count(value, least) and value < MOST[option]):
        return []
    most = "" if not is_count(value, least) else f" and below {_as_power(MOST[option])}"
    return [f"`{option}` must be a whole number ≥ {least}{most}; got {shortened(value)}."]


def _as_power(limit: int) -> str:
    return "2^53" if limit == 2**53 else f"10^{MOST_DIGITS}"


def _blend_problems(options: TrainOptions) -> list[str]:
    """A blend whose networks are given a shape, one network that is given a quality, and what cannot be of a blend."""
    found, one, blend = [], _listed(options.shapes_one), _listed(options.asks_for_blend)
    if one and options.preset == TABULAR:
        found.append(
            f'`preset` "{TABULAR}" makes a blend, whose networks have shapes of their own; got {one}, too. '
            f'Leave that out, or choose the preset "{SINGLE}".'
        )
    if blend and options.preset not in (None, TABULAR):
        found.append(
            f'{blend} can be said of a blend only; got `preset` "{options.preset}", one network. Leave it out.'
        )
    elif one and blend and options.preset is None:
        found.append(f"{blend} can be said of a blend only, and {one} of one network only; leave one of them out.")
    if options.chooses_by_nothing and isinstance(options.threshold, str):
        found.append(
            f'`validation` 0 leaves no rows to choose a threshold by; got `threshold` "{options.threshold}". Give a '
            "number, or leave `validation` out."
        )
    if options.chooses_by_nothing and (options.preset == TABULAR or blend):
        found.append("`validation` 0 leaves a blend no rows to choose its weights by. Leave it out, for folds.")
    limit = options.time_limit
    if limit is not None and not (_is_finite(limit) and limit > 0):
        found.append(f"`time_limit` must be a number of seconds above 0; got {shortened(limit)}.")
    if options.refit not in (True, False):
        found.append(f"`refit` must be True or False; got {options.refit!r}.")
    return found


def _disk_problems(options: TrainOptions) -> list[str]:
    """What cannot be of rows that stay on the disk."""
    found = []
    if options.out_of_core not in (True, False):
        found.append(f"`out_of_core` must be True or False; got {options.out_of_core!r}.")
    if options.window is not None and not is_count(options.window, LEAST_WINDOW):
        found.append(f"`window` must be at least {LEAST_WINDOW:,} bytes; got {shortened(options.window)}.")
    if options.cache is not None and not (isinstance(options.cache, str | Path) and str(options.cache)):
        found.append(f"`cache` must name a folder; got {shortened(options.cache)}.")
    return found


def _is_given(value: object) -> bool:
    return value is not None and value is not False


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _hidden_problems(hidden: object) -> list[str]:
    if hidden is None:
        return []
    if isinstance(hidden, Sequence) and not isinstance(hidden, str) and all(is_count(n, 1) for n in hidden):
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
    if not isinstance(share, int | float | str) or (_is_finite(share) and 0 <= float(share) < 1):  # or a table
        return []
    return [f"`{option}` must be a share of the rows, 0 ≤ share < 1, or a table; got {share!r}."]
