"""``descend predict --interval``, ``--quantiles`` and ``--set``: how far predictions may be off, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from descend.errors import DataError, quoted

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table

JOINT = "|"  # between the classes of a set, in a file of texts


@dataclass(frozen=True)
class Uncertain:
    """What was asked, as it was typed; None: it was not.

    Parameters
    ----------
    interval, set_of : float or None
        Coverages.
    quantiles : str or None
        Numbers, with commas between.
    """

    interval: float | None
    quantiles: str | None
    set_of: float | None

    def problems(self) -> list[str]:
        """Return one sentence for each option that cannot be."""
        found = [
            f"{name} must be a number between 0 and 1, such as 0.9; got {value:g}."
            for name, value in (("--interval", self.interval), ("--set", self.set_of))
            if value is not None and not 0.0 < value < 1.0
        ]
        if self.quantiles is not None and self.levels() is None:
            rule = "must be numbers between 0 and 1 with commas between, each once, such as 0.05,0.5,0.95"
            found.append(f"--quantiles {rule}; got {quoted(self.quantiles)}.")
        return found

    def levels(self) -> list[float] | None:
        """Return the quantiles as numbers; None if they are none.

        Examples
        --------
        >>> Uncertain(None, "0.1, .5", None).levels(), Uncertain(None, "0.1;0.5", None).levels()
        ([0.1, 0.5], None)
        """
        try:
            levels = [float(word) for word in (self.quantiles or "").split(",")]
        except ValueError:
            return None
        right = all(0.0 < level < 1.0 for level in levels) and len(set(levels)) == len(levels)
        return levels if right else None


def uncertain_columns(model: Model, table: Table, asked: Uncertain, as_text: bool) -> dict[str, Any]:
    """Return what was asked: `lower` and `upper`, `quantile_<q>` for each quantile, `set`.

    A set is its classes in their order, perhaps none, with ``|`` between them; a list where a file has types (not
    `as_text`).

    Raises
    ------
    DataError
        If the model predicts something else, keeps no residuals, or has too few for what was asked.
    """
    _check_kind(model, asked)
    columns: dict[str, Any] = {}
    if asked.interval is not None:
        ends = model.predict_interval(table, asked.interval)
        columns |= {"lower": ends[:, 0], "upper": ends[:, 1]}
    levels = asked.levels()
    if levels is not None:
        found = model.predict_quantiles(table, levels)
        columns |= {f"quantile_{level:g}": found[:, j] for j, level in enumerate(levels)}
    if asked.set_of is not None:
        task = model.preprocessing.task
        inside = [row.nonzero()[0] for row in model.predict_set(table, asked.set_of)]
        if as_text:
            columns["set"] = [JOINT.join(task.written[k] for k in row) for row in inside]
        else:
            columns["set"] = [[task.classes[k] for k in row] for row in inside]
    return columns


def _check_kind(model: Model, asked: Uncertain) -> None:
    classes = model.preprocessing.task.kind == "classify"
    numbers = "--interval" if asked.interval is not None else "--quantiles"
    if classes and (asked.interval is not None or asked.quantiles is not None):
        raise DataError(f"predict: {numbers} needs a model of numbers; this one predicts classes. Use --set.")
    if not classes and asked.set_of is not None:
        raise DataError("predict: --set needs a model of classes; this one predicts numbers. Use --interval.")
