"""Rows, background, networks -> values that sum exactly to what each answer is more than the average answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.errors import DataError
from descend.explanations.draws import make_draws
from descend.explanations.gradients import Encode, Part, Slopes, add_way, ways_of
from descend.explanations.result import Explanation
from descend.machine import resolve_jobs
from descend.nets.network import Network
from descend.typing import Array, Floats, is_whole

CHUNK, LEAST = 512, 64  # rows that are explained together, at most; fewer for more threads, but not below
DRAWS = 192  # at least


def likeliest(answers: Floats) -> Array:
    """Return the number of the largest answer of each row."""
    return np.asarray(np.argmax(answers, axis=1))


@dataclass(frozen=True, eq=False)
class Answering:
    """Networks that answer together, and what they answer.

    Parameters
    ----------
    names : tuple of str
        Columns that are explained.
    parts : tuple of Part
        The networks; their shares sum to 1.
    encode : callable
        (encoders, rows, made) -> inputs of a network.
    answers : callable
        Rows -> answers, float64, (m, K): numbers in the target's units, or probabilities.
    slopes : sequence of callable
        For each answer: a network and its inputs (r, n_0) -> ∂answer/∂output, (r, n_d), of its dtype.
    labels : tuple
        The classes; () for numbers.
    single : bool, default True
        Whether a row has one class alone.
    predicted : callable
        Answers (m, K) -> number of the class that is predicted, (m,).
    """

    names: tuple[str, ...]
    parts: tuple[Part, ...]
    encode: Encode
    answers: Callable[[Any], Floats]
    slopes: Sequence[Slopes]
    labels: tuple[Any, ...] = ()
    single: bool = True
    predicted: Callable[[Floats], Array] = likeliest


@dataclass(frozen=True, eq=False)
class Attributed:
    """What was found.

    Parameters
    ----------
    values : ndarray of float64, shape (m, columns, K)
        With `base` they sum to the answers.
    base : ndarray of float64, shape (K,)
        Mean answer to the background.
    answers : ndarray of float64, shape (m, K)
        To the rows.
    rest : ndarray of float64, shape (m, K)
        What the draws left over, before it was given to the columns.
    """

    values: Floats
    base: Floats
    answers: Floats
    rest: Floats


def attribute(
    asked: Answering,
    which: Sequence[int],
    rows: Any,
    background: Any,
    draws: int = DRAWS,
    n_jobs: int | None = None,
) -> Attributed:
    """Explain the answers of networks to rows.

    Parameters
    ----------
    asked : Answering
        The networks, and what they answer.
    which : sequence of int
        Answers that are explained, K of them.
    rows, background : Inputs
        Those that are explained (m,), and those with whose average they are compared, at least 1.
    draws : int, default 192
        At least; more: less noise.
    n_jobs : int or None, default None
        Threads; None: all cores for many rows. The bits do not depend on it, nor on the other rows.
    """
    plan = make_draws([part.share for part in asked.parts], background.rows, draws)
    ways = ways_of(asked.parts, plan, background, asked.names, asked.encode)
    slopes = [asked.slopes[k] for k in which]
    base = np.add.reduce(asked.answers(background)[:, which], axis=0) / background.rows
    answers = asked.answers(rows)[:, which] if rows.rows else np.zeros((0, len(slopes)))
    jobs = resolve_jobs(n_jobs)
    size = min(CHUNK, max(LEAST, -(-rows.rows // jobs)))
    chunks = [np.arange(first, min(first + size, rows.rows)) for first in range(0, rows.rows, size)]

    def sums(chunk: Array) -> Floats:
        own = rows.take(chunk)
        made: dict[int, Array] = {}
        total = np.zeros((2, len(chunk), len(asked.names), len(slopes)))
        for way in ways:
            add_way(way, own, made, slopes, asked.encode, total)
        return total / len(plan.net)

    with ThreadPoolExecutor(min(jobs, max(1, len(chunks)))) as pool:
        found = list(pool.map(sums, chunks))
    mean, square = np.concatenate([np.zeros((2, 0, len(asked.names), len(slopes))), *found], axis=1)
    rest = answers - base - np.add.reduce(mean, axis=1)
    return Attributed(mean + shared_out(rest, mean, square), base, answers, rest)


def shared_out(rest: Floats, mean: Floats, square: Floats) -> Floats:
    """Return what each column is given of the rest: the more, the more the draws differed about it.

    Parameters
    ----------
    rest : ndarray of float64, shape (m, K)
        What the means of the draws lack.
    mean, square : ndarray of float64, shape (m, columns, K)
        Over draws: what a column added, and its square.

    Examples
    --------
    >>> shared_out(np.array([[1.0]]), np.zeros((1, 2, 1)), np.array([[[3.0], [1.0]]])).ravel().tolist()
    [0.75, 0.25]
    """
    spread = np.maximum(square - mean * mean, 0.0)
    share = np.full_like(mean, 1.0 / mean.shape[1])
    for weight in (np.abs(mean), spread):  # nothing differed: by size; all are 0: evenly
        total = np.add.reduce(weight, axis=1, keepdims=True)
        share = np.where(total > 0.0, weight / np.where(total > 0.0, total, 1.0), share)
    return np.asarray(share * rest[:, None, :])


def explain(
    asked: Answering, rows: Any, background: Any, of: Any = None, draws: int = DRAWS, n_jobs: int | None = None
) -> Explanation:
    """Explain answers; see `Model.explain`.

    Parameters
    ----------
    asked : Answering
        The networks, and what they answer.
    rows, background : Inputs
        (m,); and at least 1 row. Of more than `draws` rows of a background so many are taken, evenly spaced.
    of : label, "predicted" or None, default None
        Which class.
    draws, n_jobs
        As in `attribute`.

    Raises
    ------
    DataError
        If there is no such class, or no row in the background.
    """
    if not is_whole(draws, 1):
        raise DataError(f"explain: `draws` must be a whole number ≥ 1; got {draws!r}.")
    if not background.rows:
        raise DataError("explain: `background` must have rows; got 0. Give rows that others are compared with.")
    if background.rows > draws:
        background = background.take(np.arange(draws) * background.rows // draws)
    which = _which(asked, of)
    if which is None:
        return _of_predicted(asked, rows, background, draws, n_jobs)
    found = attribute(asked, which, rows, background, draws, n_jobs)
    outputs = tuple(asked.labels[k] for k in which) if asked.labels else ()
    unit = "probability" if asked.labels else "number"
    if len(which) > 1:
        return Explanation(asked.names, found.values, found.base, found.answers, outputs, unit, found.rest)
    one = found.values[..., 0], float(found.base[0]), found.answers[:, 0]
    return Explanation(asked.names, *one, outputs, unit, found.rest[:, 0])


def _which(asked: Answering, of: Any) -> list[int] | None:
    """Numbers of the answers that are explained; None: of each row its predicted class."""
    labels = list(asked.labels)
    if of is None:
        return [1] if len(labels) == 2 and asked.single else list(range(len(asked.slopes)))
    if of in labels:
        return [labels.index(of)]
    if labels and asked.single and of == "predicted":
        return None
    if not labels:
        raise DataError(f"explain: `of` chooses a class; numbers are predicted. Leave it out; got {of!r}.")
    known = ", ".join(repr(label) for label in labels[:8]) + (", …" if len(labels) > 8 else "")
    predicted = ', "predicted"' if asked.single else ""
    raise DataError(f"explain: `of` must be a class ({known}){predicted} or None; got {of!r}.")


def _of_predicted(asked: Answering, rows: Any, background: Any, draws: int, n_jobs: int | None) -> Explanation:
    """Explain the probability of each row's predicted class."""
    predicted = asked.predicted(asked.answers(rows))
    values, base, prediction, rest = (np.zeros((rows.rows, k)) for k in (len(asked.names), 1, 1, 1))
    for k in np.unique(predicted).tolist():
        own = np.flatnonzero(predicted == k)
        found = attribute(asked, [k], rows.take(own), background, draws, n_jobs)
        values[own], base[own] = found.values[..., 0], found.base
        prediction[own], rest[own] = found.answers, found.rest
    outputs = tuple(asked.labels[k] for k in predicted.tolist())
    return Explanation(asked.names, values, base[:, 0], prediction[:, 0], outputs, "probability", rest[:, 0])


# ---------------------------------------------------------------- what answers change by with outputs


def slope_of(output: int, scale: float = 1.0) -> Slopes:
    """Return the slopes of an answer that is a network's output times a scale."""

    def slopes(network: Network, points: Array) -> Array:
        found = np.zeros((len(points), network.spec.sizes[-1]), dtype=network.dtype)
        found[:, output] = scale
        return found

    return slopes


def slope_of_share(output: int) -> Slopes:
    """Return the slopes of an answer that is an output's share of the sum of all, negative ones being 0."""
    return lambda network, points: share_slopes(network._outputs(points, 1), output)


def share_slopes(outputs: Array, output: int) -> Array:
    """Return the derivatives of an output's share of the sum of all, negative ones being 0, (r, n_d).

    Examples
    --------
    >>> share_slopes(np.array([[1.0, 3.0]]), 0).tolist()
    [[0.1875, -0.0625]]
    """
    values = np.maximum(outputs, 0)
    total = np.add.reduce(values, axis=1, keepdims=True)
    total = np.where(total > 0, total, np.inf)
    found = np.broadcast_to(-values[:, output : output + 1] / (total * total), outputs.shape).copy()
    found[:, output] += (1 / total)[:, 0]
    return np.where(outputs > 0, found, 0).astype(outputs.dtype)
