"""Predictions as columns to compare: numbers, or probabilities of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from descend.preprocessing.summaries.columns import NumberSummary, summarise_numbers
from descend.typing import Array

MOST = 20
OF_A_PROBABILITY, OF_A_DEVIATION = 0.05, 0.1


@dataclass(frozen=True, eq=False)
class Answer:
    """What is predicted for some rows.

    Parameters
    ----------
    values : ndarray of float64, shape (m,)
        Numbers, or probabilities of a class.
    tolerance : float
        How far their mean may move without counting.
    """

    values: Array
    tolerance: float


Answers = Mapping[str, Answer]


def class_answers(names: Sequence[str], probabilities: Array) -> dict[str, Answer]:
    """Return the probability of each class, by its name; of two classes only the second.

    Examples
    --------
    >>> found = class_answers(["no", "yes"], np.array([[0.9, 0.1], [0.5, 0.5]]))
    >>> {name: one.values.tolist() for name, one in found.items()}
    {'yes': [0.1, 0.5]}
    """
    first = 1 if len(names) == 2 else 0
    return {name: Answer(probabilities[:, first + k], OF_A_PROBABILITY) for k, name in enumerate(names[first:])}


def number_answer(values: Array, scale: float) -> Answer:
    """Return numbers, whose mean may move by a tenth of a standard deviation of the target."""
    return Answer(values, OF_A_DEVIATION * float(scale))


def summarise_answers(answers: Answers) -> tuple[NumberSummary, ...]:
    """Return the summaries of what training rows got; of very many outputs the 20 largest on average.

    Examples
    --------
    >>> [one.name for one in summarise_answers({"yes": Answer(np.array([0.25, np.nan, 0.5]), 0.0)})]
    ['yes']
    """
    known = {name: one.values[np.isfinite(one.values)] for name, one in answers.items()}
    known = {name: values for name, values in known.items() if len(values)}
    mean = {name: float(np.add.reduce(values)) / len(values) for name, values in known.items()}
    kept = set(sorted(known, key=lambda name: -mean[name])[:MOST])
    return tuple(summarise_numbers(name, values) for name, values in known.items() if name in kept)
