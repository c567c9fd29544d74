"""From the probabilities of a model to its answers: mended or not, by a threshold, by costs, or the likeliest class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.errors import SpecError, shortened
from descend.files.fields import is_number, list_of
from descend.models.decisions.costs import cheapest, costs_problems
from descend.models.decisions.metrics import METRICS
from descend.models.decisions.scaling import Scaling
from descend.models.decisions.threshold import threshold_problems
from descend.typing import Array

COSTS, NUMBER, WEIGHTS = "costs", "number", "class weights"
BY = (*METRICS, COSTS, NUMBER, WEIGHTS)


@dataclass(frozen=True)
class Asked:
    """What a user wants of answers and probabilities.

    Parameters
    ----------
    threshold : str, float or None
        A metric, by which a threshold is chosen out of fold; a threshold; None: 0.5.
    costs : sequence of sequences of float, or None
        ``costs[i][j]``: of saying class j where class i is true.
    prior_correction : bool
        Whether probabilities are put back to the shares of the classes, where classes were weighted.
    """

    threshold: Any = None
    costs: Any = None
    prior_correction: Any = False

    def problems(self, class_weight: Any = None) -> list[str]:
        """Return one sentence for everything that cannot be, whatever the table.

        Examples
        --------
        >>> Asked("f1", [[0, 1], [20, 0]]).problems()
        ['`threshold` and `costs` both say which class is answered; leave one of them out.']
        """
        found = [*threshold_problems(self.threshold), *costs_problems(self.costs)]
        if self.threshold is not None and self.costs is not None:
            found.append("`threshold` and `costs` both say which class is answered; leave one of them out.")
        if self.prior_correction not in (True, False):
            found.append(f"`prior_correction` must be True or False; got {self.prior_correction!r}.")
        elif self.prior_correction and class_weight is None:
            found.append("`prior_correction` undoes what `class_weight` does to probabilities; got no `class_weight`.")
        if self.costs is not None and class_weight is not None and not self.prior_correction:
            found.append(
                "`costs` and `class_weight` would both make a class count more; leave `class_weight` out, or set "
                "`prior_correction`, so that it changes learning only."
            )
        return found

    def check_classes(self, classes: Sequence[Any], who: str) -> None:
        """Refuse what does not fit the classes that a table has.

        Raises
        ------
        SpecError
            If there is a threshold and not just two classes, or costs for other classes, or numbers are predicted.

        Examples
        --------
        >>> Asked("f1").check_classes(("a", "b", "c"), "train")
        Traceback (most recent call last):
        descend.errors.SpecError: train: `threshold` is for two classes; there are 3. Use `costs`, for any number.
        """
        k = len(classes)
        given = [name for name, one in vars(self).items() if one is not None and one is not False]
        if given and not k:
            raise SpecError(f"{who}: `{given[0]}` is for classes; what is predicted are numbers. Leave it out.")
        if self.threshold is not None and k != 2:
            raise SpecError(f"{who}: `threshold` is for two classes; there are {k}. Use `costs`, for any number.")
        if self.costs is not None and len(self.costs) != k:
            listed = ", ".join(str(one) for one in classes[:8]) + (", …" if k > 8 else "")
            raise SpecError(
                f"{who}: `costs` must have a row and a column for each of the {k} classes, in their order: {listed}; "
                f"got {len(self.costs)} rows."
            )

    def check_none(self, who: str, why: str) -> None:
        """Refuse all of it, for a reason such as "is for one column of classes".

        Raises
        ------
        SpecError
            If anything is asked for.
        """
        given = [name for name, one in vars(self).items() if one is not None and one is not False]
        if given:
            raise SpecError(f"{who}: `{given[0]}` {why}. Leave it out.")

    def check_weights(self, class_weights: Sequence[float] | None, classes: Sequence[Any], who: str) -> None:
        """Refuse to put probabilities back of a class that was weighted with 0: nothing of it was learnt."""
        if not self.prior_correction or class_weights is None or all(class_weights):
            return
        named = ", ".join(str(one) for one, w in zip(classes, class_weights, strict=True) if not w)
        raise SpecError(
            f"{who}: `prior_correction` needs a weight above 0 for every class; got 0 for {named}. Leave its rows out."
        )

    @property
    def cost_matrix(self) -> Array | None:
        """The costs as an array, float64 (k, k)."""
        return None if self.costs is None else np.array(self.costs, dtype=np.float64)


@dataclass(frozen=True)
class Decision:
    """How a model of classes answers.

    Parameters
    ----------
    threshold : float or None
        Of two classes the second is answered where its probability is this or more.
    costs : tuple of tuple of float, or None
        The answer is that of the least expected cost; of two classes, if there is a threshold, it decides.
    by : str or None
        What chose: a metric, "costs", "number" (the user), "class weights"; None: the likeliest class is answered.
    scaling : Scaling or None
        How the probabilities of the networks are mended; None: they are given as they are.

    Examples
    --------
    >>> p = np.array([[0.8, 0.2], [0.6, 0.4]])
    >>> Decision(0.3, None, "number").places(p).tolist(), Decision().places(p).tolist()
    ([0, 1], [0, 0])
    """

    threshold: float | None = None
    costs: tuple[tuple[float, ...], ...] | None = None
    by: str | None = None
    scaling: Scaling | None = None

    def probabilities(self, probability: Array) -> Array:
        """Return the probabilities that users see, float64 (m, k), of those of the networks."""
        return probability if self.scaling is None else self.scaling.of(probability)

    def places(self, probability: Array) -> Array:
        """Return the answered class of each row, int (m,), of the probabilities that users see."""
        if self.threshold is not None:
            return np.asarray((probability[:, 1] >= self.threshold).astype(np.int64))
        if self.costs is not None:
            return cheapest(probability, np.array(self.costs))
        return np.asarray(probability.argmax(axis=1))

    def at(self, threshold: Any, classes: Sequence[Any]) -> Decision:
        """Return the same decision with a user's threshold.

        Raises
        ------
        SpecError
            If it is no number between 0 and 1, or there are not just two classes.

        Examples
        --------
        >>> Decision(0.3, None, "f1").at(0.5, ("no", "yes"))
        Decision(threshold=0.5, costs=None, by='number', scaling=None)
        """
        if threshold is None or isinstance(threshold, str) or threshold_problems(threshold):
            raise SpecError(f"predict: `threshold` must be a number between 0 and 1; got {shortened(threshold)}.")
        Asked(threshold).check_classes(classes, "predict")
        return replace(self, threshold=float(threshold), costs=None, by=NUMBER)

    def fits(self, classes: int) -> bool:
        """Whether a model of so many classes can answer so.

        Examples
        --------
        >>> Decision(0.3, None, "f1").fits(2), Decision(0.3, None, "f1").fits(3), Decision().fits(3)
        (True, False, True)
        """
        costs = classes if self.costs is None else len(self.costs)
        shifts = classes if self.scaling is None else len(self.scaling.shifts)
        return (self.threshold is None or classes == 2) and costs == shifts == classes

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for files."""
        scaling = self.scaling and {"slope": self.scaling.slope, "shifts": list(self.scaling.shifts)}
        costs = None if self.costs is None else [list(row) for row in self.costs]
        return {"threshold": self.threshold, "costs": costs, "by": self.by, "scaling": scaling}


FIELDS = frozenset(Decision().to_dict())


def decision_from(data: Any) -> Decision:
    """Return the decision that `Decision.to_dict` made data of.

    Raises
    ------
    SpecError
        Naming the field that is wrong.

    Examples
    --------
    >>> decision_from(Decision(0.25, None, "f1", Scaling(1.5, (0.0, -0.1))).to_dict()).scaling
    Scaling(slope=1.5, shifts=(0.0, -0.1))
    """
    if not isinstance(data, Mapping) or set(data) != FIELDS:
        raise SpecError(f"decision must have the fields {', '.join(sorted(FIELDS))}.")
    threshold, costs, by = data["threshold"], data["costs"], data["by"]
    if by is not None and by not in BY:
        raise SpecError(f"decision.by must be one of {', '.join(BY)}, or null.")
    if threshold is not None and not (is_number(threshold) and 0.0 <= threshold <= 1.0):
        raise SpecError("decision.threshold must be a number between 0 and 1, or null.")
    if costs is not None and costs_problems(costs):
        raise SpecError("decision.costs must be a square table of costs, or null.")
    if (by is None) != (threshold is None and costs is None):
        raise SpecError("decision.by must say what chose the threshold or the costs, and only that.")
    rows = None if costs is None else tuple(tuple(float(one) for one in row) for row in costs)
    return Decision(None if threshold is None else float(threshold), rows, by, _scaling_from(data["scaling"]))


def _scaling_from(data: Any) -> Scaling | None:
    if data is None:
        return None
    right = isinstance(data, Mapping) and set(data) == {"slope", "shifts"}
    if not right or not is_number(data["slope"]) or not list_of(is_number)(data["shifts"]):
        raise SpecError("decision.scaling must be null, or a slope and a shift for each class.")
    return Scaling(float(data["slope"]), tuple(float(one) for one in data["shifts"]))
