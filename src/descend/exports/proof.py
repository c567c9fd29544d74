"""An export proves itself: it is run, and compared with its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.exports.described import LABEL, PREDICTION, PROBABILITIES, Answers, Described
from descend.exports.result import Difference, Proof, scale_words
from descend.exports.rows import ProofRows, proof_rows, rounded
from descend.exports.written import NotProvedError, Written
from descend.models.decisions.decision import Decision
from descend.nets.network import Network
from descend.typing import Array, Floats

ROUNDING = 4.0 * float(np.finfo(np.float32).eps)  # what numbers of float32 may differ by, of what they are
NEAR = 1e-4  # two classes are equally likely, but for rounding


def prove(described: Described, written: Written, folder: Path, table: Any = None) -> Proof:
    """Run an export on rows, and compare its answers with those of its model.

    Parameters
    ----------
    described : Described
        The model.
    written : Written
        The export.
    folder : Path
        Where its files stand.
    table : object, default None
        Rows of the user's, besides made ones.

    Returns
    -------
    Proof
        Without rows if there is nothing to run it by.

    Raises
    ------
    SpecError
        If an answer differs by more than it may: names it and the row.
    DataError
        If the table does not fit the model.
    """
    rows = proof_rows(described, table)
    if written.float32:
        rows = rounded(described, rows, written.float32 if isinstance(written.float32, tuple) else None)
    expected = described.ask(rows.given) | (written.more(rows.given) if written.more else {})
    try:
        got = written.run(folder, rows)
    except NotProvedError as error:
        return Proof(0, str(error), limit=written.limit or np.inf)
    found = compared(described, rows, expected, got)
    proof = Proof(len(rows), written.by, found[0], found[1], written.limit or np.inf)
    if not found[0].share <= proof.limit:
        raise SpecError(
            f"export: the export differs from the model, so it is not written: {scale_words(found[0])}; at most "
            f"{proof.limit:.0e} is allowed. This is a fault of descend; please report it."
        )
    if found[2] and written.limit is not None:
        raise SpecError(
            f"export: the export differs from the model, so it is not written: {found[2]}. This is a fault of "
            "descend; please report it."
        )
    return proof


def compared(described: Described, rows: ProofRows, expected: Answers, got: Answers) -> tuple[Difference, int, str]:
    """Return the largest difference of numbers, how many labels differ, and the first that differs without excuse.

    Parameters
    ----------
    described : Described
        The model, which says how large outputs are.
    rows : ProofRows
        That were answered.
    expected, got : dict of str to ndarray
        By the model and by its export; what the export leaves out is not compared.
    """
    worst: Difference | None = None
    labels, wrong = 0, ""
    for name in [one for one in expected if one in got]:
        ours, theirs = _columns(expected[name]), _columns(got[name])
        if ours.shape != theirs.shape:
            wrong = wrong or f"{name} has the shape {theirs.shape} instead of {ours.shape}"
        elif name.startswith(LABEL):
            differs = (ours != theirs).any(axis=1)
            labels += int(differs.sum())
            excused = _nearly_tied(described, name, expected)
            for row in np.flatnonzero(differs & ~excused)[:1].tolist():
                what = f"{theirs[row].tolist()} instead of {ours[row].tolist()}"
                wrong = wrong or f"{name} of row {row + 1} ({rows.words[row]}) is {what}"
        else:
            one = _largest(described, rows, name, ours.astype(np.float64), theirs.astype(np.float64))
            worst = one if worst is None or not one.share <= worst.share else worst
    if not any(name in got for name in expected):
        wrong = "it answers nothing that the model does"
    return worst or Difference(LABEL, 0, 0, rows.words[0], 0.0, 0.0, 0.0), labels, wrong


def _columns(answer: Array) -> Array:
    return answer.reshape(len(answer), -1)


def _largest(described: Described, rows: ProofRows, name: str, ours: Floats, theirs: Floats) -> Difference:
    """The largest difference of an answer, (m, k), each as a share of what its column's scale is."""
    if name.startswith(PROBABILITIES):
        scale = np.ones_like(ours)
        rounding = np.zeros_like(ours)
    else:
        ordinary = ours[rows.ordinary] if rows.ordinary.any() else ours
        center = np.median(ordinary, axis=0)
        known = described.answer.scale if name == PREDICTION and described.columns else 0.0
        size = float(np.abs(ordinary).max()) or 1.0  # squares of large numbers would overflow
        spread = np.maximum(size * (ordinary / size).std(axis=0), known)
        scale = np.maximum(np.abs(ours - center), spread)
        scale = np.where(scale > 0.0, scale, np.maximum(np.abs(ours), np.finfo(np.float32).tiny))
        own = _own_rounding(described, rows, name, ours) / np.maximum(np.abs(ours), scale)
        rounding = ROUNDING * np.abs(ours) + 2.0 * own.max(axis=0) * np.maximum(np.abs(ours), scale)
    with np.errstate(over="ignore", invalid="ignore"):
        share = np.maximum(np.abs(ours - theirs) - rounding, 0.0) / scale
    share = np.where(ours == theirs, 0.0, np.where(np.isfinite(share), share, np.inf))
    row, column = np.unravel_index(int(share.argmax()), share.shape)
    found = float(ours[row, column]), float(theirs[row, column]), float(share[row, column])
    return Difference(name, int(column), int(row), rows.words[int(row)], *found)


def _own_rounding(described: Described, rows: ProofRows, name: str, ours: Floats) -> Floats:
    """What the model's own numbers are off by, because it computes with float32; 0 where that is bounded anyway.

    Rows of any size may cancel, and e^s is as far off as s is: two that are right to float32 may then differ by more
    than what is allowed.
    """
    answer, first = described.answer, described.nets[0].weights[0]
    none = np.zeros_like(ours)
    if rows.X is None or name != PREDICTION or first.dtype == np.float64 or answer.levels:
        return none
    exact = none
    for net in described.nets:
        theta = np.concatenate([W.ravel() for W in net.weights]).astype(np.float64)
        exact = exact + net.share * Network.from_spec(net.spec, theta, dtype="float64", seed=0).predict(rows.X)
    if answer.kind == "numbers":
        exact = exact * answer.scale + answer.mean
    return np.asarray(np.abs(exact.reshape(ours.shape) - ours))


def _nearly_tied(described: Described, name: str, expected: Answers) -> Array:
    """Rows in which a label is decided by less than rounding."""
    probability = expected.get(name.replace(LABEL, PROBABILITIES))
    if probability is None:
        return np.zeros(len(expected[name]), dtype=bool)
    if described.answer.kind == "multilabel":
        return np.asarray((np.abs(probability - 0.5) < NEAR).any(axis=1))
    return _close(described.answer.decision, np.asarray(probability, dtype=np.float64))


def _close(decision: Decision, probability: Floats) -> Array:
    if decision.threshold is not None:
        return np.asarray(np.abs(probability[:, 1] - decision.threshold) < NEAR)
    if probability.shape[1] < 2:
        return np.zeros(len(probability), dtype=bool)
    worth = probability
    if decision.costs is not None:
        costs = np.array(decision.costs)
        worth = -(probability @ costs) / max(float(np.abs(costs).max()), np.finfo(np.float64).tiny)
    best = np.sort(worth, axis=1)
    return np.asarray(best[:, -1] - best[:, -2] < NEAR)
