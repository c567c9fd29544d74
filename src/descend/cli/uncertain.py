"""``descend predict --interval``, ``--quantiles``, ``--set``: how far predictions may be off; and ``--threshold``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from descend.cli.errors import UsageError
from descend.cli.train_checks import as_options
from descend.errors import DataError, SpecError, quoted
from descend.models.decisions.metrics import METRICS
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table

JOINT = "|"  # between the classes of a set, in a file of texts


@dataclass(frozen=True)
class Uncertain:
    """What was asked, as it was typed; None: it was not.

    Parameters
    ----------
    interval, set_of : str or None
        Coverages.
    quantiles : str or None
        Numbers, with commas between.
    empty_sets : bool, default True
        Whether sets may be empty.
    """

    interval: str | None
    quantiles: str | None
    set_of: str | None
    empty_sets: bool = True

    def problems(self) -> list[str]:
        """Return one sentence for each option that cannot be."""
        found = [
            f"{name} must be a number between 0 and 1, such as 0.9 or 90%; got {quoted(typed)}."
            for name, typed in (("--interval", self.interval), ("--set", self.set_of))
            if typed is not None and share_of(typed) is None
        ]
        if not self.empty_sets and self.set_of is None:
            found.append("--no-empty-sets says how sets are; it needs --set.")
        if self.quantiles is not None and self.levels() is None:
            rule = "must be numbers between 0 and 1 with commas between, each once, such as 0.05,0.5,0.95"
            found.append(f"--quantiles {rule}; got {quoted(self.quantiles)}.")
        return found

    def levels(self) -> list[float] | None:
        """Return the quantiles as numbers; None if they are none.

        Examples
        --------
        >>> Uncertain(None, "0.1, 50%", None).levels(), Uncertain(None, "0.1;0.5", None).levels()
        ([0.1, 0.5], None)
        """
        levels = [share_of(word) for word in (self.quantiles or "").split(",")]
        known = [level for level in levels if level is not None]
        return known if len(set(known)) == len(levels) else None


def share_of(typed: str) -> float | None:
    """Return a number between 0 and 1 as it was typed, perhaps in per cent; None if it is none.

    Examples
    --------
    >>> share_of("0.9"), share_of("99.9%"), share_of("90"), share_of("f1")
    (0.9, 0.999, None, None)
    """
    word = typed.strip()
    try:
        share = float(f"{word[:-1].strip()}e-2" if word.endswith("%") else word)
    except ValueError:
        return None
    return share if 0.0 < share < 1.0 else None


def threshold_problems(typed: str | None) -> list[str]:
    """Return one sentence if this is no threshold of probabilities that are there."""
    if typed is None or share_of(typed) is not None:
        return []
    metric = (
        " A metric can choose it where a model is trained: descend train --threshold f1." if typed in METRICS else ""
    )
    return [f"--threshold must be a number between 0 and 1, such as 0.3 or 30%; got {quoted(typed)}.{metric}"]


def with_threshold(model: Model, typed: str | None, command: str) -> Model:
    """Return a model that answers by the threshold that was typed, if one was; it has been checked.

    Raises
    ------
    UsageError
        If the model does not predict two classes.
    """
    share = None if typed is None else share_of(typed)
    if share is None:
        return model
    try:
        return model.with_threshold(share)
    except SpecError as error:
        raise UsageError(as_options(str(error).replace("predict:", f"{command}:", 1))) from error


def uncertain_columns(model: Model, table: Table, outputs: Array, asked: Uncertain, as_text: bool) -> dict[str, Any]:
    """Return what was asked: `lower` and `upper`, `quantile_<q>` for each quantile, `set`.

    A set is its classes in their order, perhaps none, with ``|`` between them; a list where a file has types (not
    `as_text`). Of classes the networks' `outputs` are there already.

    Raises
    ------
    DataError
        If the model keeps no residuals, or has too few for what was asked.
    """
    columns: dict[str, Any] = {}
    if asked.interval is not None:
        with _called("--interval"):
            ends = model.predict_interval(table, share_of(asked.interval) or 0.0)
        columns |= {"lower": ends[:, 0], "upper": ends[:, 1]}
    levels = asked.levels()
    if levels is not None:
        with _called("--quantiles"):
            found = model.predict_quantiles(table, levels)
        columns |= {f"quantile_{level:g}": found[:, j] for j, level in enumerate(levels)}
    if asked.set_of is not None:
        task = model.preprocessing.task
        with _called("--set"):
            sets = model.sets(table, outputs, share_of(asked.set_of) or 0.0, asked.empty_sets)
        inside = [row.nonzero()[0] for row in sets]
        if as_text:
            columns["set"] = [JOINT.join(task.written[k] for k in row) for row in inside]
        else:
            columns["set"] = [[task.classes[k] for k in row] for row in inside]
    return columns


@contextmanager
def _called(option: str) -> Iterator[None]:
    """Name what is asked for as it was typed."""
    try:
        yield
    except DataError as error:
        raise DataError(str(error).replace("`coverage`", option).replace("`quantiles`", option)) from error


def check_kind(model: Model, asked: Uncertain) -> None:
    """Refuse to ask a model of numbers for what one of classes knows, and the other way round.

    Raises
    ------
    UsageError
        With the option that suits.
    """
    classes = model.preprocessing.task.kind == "classify"
    numbers = "--interval" if asked.interval is not None else "--quantiles"
    if classes and (asked.interval is not None or asked.quantiles is not None):
        raise UsageError(f"predict: {numbers} needs a model of numbers; this one predicts classes. Use --set.")
    if not classes and asked.set_of is not None:
        raise UsageError("predict: --set needs a model of classes; this one predicts numbers. Use --interval.")
