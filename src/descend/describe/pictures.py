"""Words next to the figures of a report: what each shows, what one sees there, how it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from descend.describe.numbers import count, listing, number, with_error
from descend.describe.scores import label
from descend.errors import cut, quoted

if TYPE_CHECKING:
    from descend.explanations.importance import Importance
    from descend.models.decisions.reliability import Calibration

LOWER = ("log_loss", "rmse", "mae", "cost")  # scores of which less is better
MOST_SEEN = 8  # values that a description of a figure lists


class Told(NamedTuple):
    """What is said of a figure: its title, what one sees, how it is read."""

    title: str
    alt: str
    words: str


def told_scores(name: str, scores: Mapping[str, float], errors: Mapping[str, float | None]) -> Told:
    """Say how a score compares with those of simpler models.

    Parameters
    ----------
    name : str
        Of the score.
    scores : mapping of str to float
        Who -> score, the model first.
    errors : mapping of str to float
        Who -> its standard error, where there is one.

    Examples
    --------
    >>> told_scores("r2", {"model": 0.9, "linear model": 0.75}, {"model": 0.01}).alt
    'R²: model 0.9000 ± 0.0100, linear model 0.7500.'
    """
    seen = ", ".join(f"{who} {with_error(one, errors.get(who))}" for who, one in scores.items())
    better = "left" if name in LOWER else "right"
    words = f"The further to the {better}, the better. The line through a mark is one standard error to either side."
    return Told(f"The {label(name)} next to that of simpler models", f"{label(name)}: {seen}.", words)


def told_reliability(found: Calibration) -> Told:
    """Say how what was said compares with what happened."""
    seen = [f"said {number(one.predicted, 2)}, happened {number(one.observed, 2)}" for one in found.bins]
    whose = "the second class" if found.of == "second class" else "the class that it finds likeliest"
    return Told(
        "What was said, and what happened",
        f"Probabilities in {count(len(found.bins), 'group')} of rows: {'; '.join(seen[:MOST_SEEN])}.",
        f"Rows are sorted by the probability that the model gives {whose}, and cut into groups of equally many. Each "
        "mark is a group: to the right what was said, upward how often it came true, with an interval of 95 %. Marks "
        "on the dashed line are right; below it the model is too sure.",
    )


def told_predictions(target: str, drawn: int, rows: int, score: str) -> Told:
    """Say how predictions lie about the truth.

    Examples
    --------
    >>> told_predictions("price", 500, 2400, "R² 0.98").words
    'Each dot is a row, 500 of 2,400 are drawn. On the dashed line a prediction is right; above it the truth is more.'
    """
    some = f", {drawn:,} of {rows:,} are drawn" if drawn < rows else ""
    words = f"Each dot is a row{some}. On the dashed line a prediction is right; above it the truth is more."
    return Told(f"Predicted and true {cut(target)}", f"A cloud of {count(drawn, 'row')} about a line: {score}.", words)


def told_residuals(target: str, quantiles: Sequence[float]) -> Told:
    """Say how far answers are off: by the quantiles at 0.05, 0.25, 0.5, 0.75 and 0.95 of truth − prediction.

    Examples
    --------
    >>> told_residuals("price", [-9, -2, 0, 2, 11]).words.partition(". ")[2]
    'Half of the rows are between −2 and 2 off, nine of ten between −9 and 11.'
    """
    low, lower, middle, upper, high = (number(one, 3).replace("-", "−") for one in quantiles)
    words = "The residual of a row is its truth minus its prediction. Half of the rows are between "
    return Told(
        f"How far off the predictions of {cut(target)} are",
        f"A heap about its middle {middle}, from about {low} to {high}.",
        f"{words}{lower} and {upper} off, nine of ten between {low} and {high}.",
    )


def told_residuals_by(column: str, moments: bool) -> Told:
    """Say how residuals lie along a column by which the rows were split."""
    along = "along the time" if moments else "in groups of rows"
    return Told(
        f"Residuals {along}, by {cut(column)}",
        f"A box for each part of {cut(column)}: its middle half, a line at the middle, whiskers to 5 and 95 %.",
        f"Rows were split by this column, so that the model was judged on {'later rows' if moments else 'new groups'}. "
        "A box that lies off the dashed line is predicted too low (above) or too high (below) as a whole.",
    )


def told_intervals(target: str, inside: int, rows: int, drawn: int) -> Told:
    """Say how intervals are drawn.

    Examples
    --------
    >>> told_intervals("price", 91, 100, 40).alt
    '91 of 100 truths are inside their intervals.'
    """
    return Told(
        f"Intervals of 90 % of {cut(target)}",
        f"{inside:,} of {rows:,} truths are inside their intervals.",
        f"Each line is the interval of a row, {drawn:,} rows by rising prediction. A dot is a truth inside it, a cross "
        "one outside.",
    )


def told_curves(which: str, runs: int, kept: int, killed: int, ends: bool) -> Told:
    """Say what curves of restarts show.

    Parameters
    ----------
    which : str
        On which rows.
    runs, killed : int
        Restarts, and how many the race stopped.
    kept : int
        Number of the one that is kept.
    ends : bool
        Whether there are bars of where they ended.
    """
    if runs == 1:
        told = f"The dot marks the weights that are kept, those of the lowest {which} loss."
        return Told(f"{which.capitalize()} loss during the descent", "A curve that falls.", told)
    stopped = f" Dashed curves are {count(killed, 'restart')} that the race stopped early." if killed else ""
    bars = (
        " The bars at the right count how many restarts ended at which loss: the further apart, the more a single "
        "descent would have been luck."
    )
    return Told(
        f"{which.capitalize()} loss while the restarts descend",
        f"{count(runs, 'curve')} that fall; restart {kept} is the one that is kept.",
        "Each thin curve is a descent from other weights; the thick one is kept, with a dot at its weights."
        f"{stopped}{bars if ends else ''}",
    )


def told_ends(which: str, losses: Sequence[float]) -> Told:
    """Say how the ends of restarts, or of networks, lie.

    Examples
    --------
    >>> told_ends("validation", [0.1, 0.3, 0.2]).alt
    '3 ends from 0.1 to 0.3.'
    """
    return Told(
        "Where the restarts ended",
        f"{count(len(losses), 'end')} from {number(min(losses))} to {number(max(losses))}.",
        f"Each mark is a restart, by its {which} loss; the filled one is kept. The further apart they lie, the more a "
        "single descent would have been luck.",
    )


def told_folds(members: Sequence[str]) -> Told:
    """Say how the networks of a blend lie."""
    return Told(
        "The networks of the blend",
        f"A row for each member: {listing(members)}; in it a mark for each of its networks.",
        "Each mark is a network, by its loss on the rows of the fold that it has not learnt. The tall line is the "
        "member's mean over folds; the dashed one is what all answer together. Left is better.",
    )


def told_importance(found: Importance, shown: int) -> Told:
    """Say what the bars of columns are.

    Parameters
    ----------
    found : Importance
        Of the rows that judge.
    shown : int
        Columns that are drawn.
    """
    first = zip(found.columns[:MOST_SEEN], found.increase[:MOST_SEEN], strict=True)
    seen = ", ".join(f"{cut(name, 40)} {number(float(one), 3)}" for name, one in first)
    left = f" The {shown} columns that are worth most are drawn." if shown < len(found.columns) else ""
    return Told(
        "What each column is worth",
        f"Increase of the {found.metric}: {seen}.",
        f"A bar says how much the {found.metric} grows when the cells of the column change places among the rows; the "
        f"line is one standard error to either side.{left}",
    )


def told_dependence(column: str, derivative: bool, points: bool, of: str = "") -> Told:
    """Say how an average answer depends on a column.

    Parameters
    ----------
    column : str
        Which.
    derivative : bool
        Whether its derivative is drawn below.
    points : bool
        Whether what the column adds in single rows is drawn.
    of : str, default ""
        The class whose probability is drawn, if it is one of many.
    """
    what = f"probability of the class {quoted(cut(of))}, the most frequent one," if of else "answer"
    words = (
        f"The average {what} when {quoted(cut(column))} is set to a value in all rows, and all else is left as it is."
    )
    if points:
        words += (
            " Each dot is a row: the average answer, and what the column adds to it there by the exact gradients of "
            "the networks. Where the dots are far from the line, other columns decide with it."
        )
    if derivative:
        words += " Below it the exact derivative of that average: how much the answer changes with the column."
    title = f"How answers depend on {cut(column)}"
    return Told(title, f"The average answer for values of {quoted(cut(column))}.", words)


def told_network(sizes: Sequence[int], most: int) -> Told:
    """Say what a drawing of a network shows.

    Examples
    --------
    >>> told_network([4, 64, 3], 8).alt
    'Layers of 4, 64, 3 nodes, with edges between them.'
    """
    few = (
        f" Of a layer of more than {most} nodes those with the largest weights are drawn." if max(sizes) > most else ""
    )
    return Told(
        "The network",
        f"Layers of {', '.join(f'{one:,}' for one in sizes)} nodes, with edges between them.",
        "Inputs at the left, answers at the right; a square is a bias node. The wider an edge, the larger its weight, "
        f"measured by the largest of its layer; dashed edges are negative.{few}",
    )


def told_weights(layers: int, weights: int) -> Told:
    """Say how weights are distributed."""
    return Told(
        "Sizes of the weights",
        f"A curve for each of {count(layers, 'matrix', 'matrices')} of weights, {weights:,} weights in all.",
        "How many of the weights of each layer are how large. A layer whose weights all lie near 0 does little; a few "
        "very large ones mean that few inputs decide.",
    )
