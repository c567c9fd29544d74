"""An export proves itself: it is run, and compared with its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.exports.alike import NEAR, nearly_tied, scales
from descend.exports.described import LABEL, Answers, Described
from descend.exports.result import Difference, Proof, scale_words
from descend.exports.rows import ProofRows, proof_rows, rounded
from descend.exports.written import NotProvedError, Written
from descend.typing import Array, Floats


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
    if not len(rows):
        none = "predict refuses all rows that were made; give a table of rows that it answers"
        return Proof(0, none, limit=written.limit or np.inf, left_out=rows.left_out)
    if written.float32:
        rows = rounded(described, rows, written.float32 if isinstance(written.float32, tuple) else None)
    expected = described.ask(rows.given) | (written.more(rows.given) if written.more else {})
    try:
        got = written.run(folder, rows)
    except NotProvedError as error:
        return Proof(0, str(error), limit=written.limit or np.inf, left_out=rows.left_out)
    found = compared(described, rows, expected, got, written.largest)
    proof = Proof(len(rows), written.by, found[0], found[1], written.limit or np.inf, rows.left_out)
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


def compared(
    described: Described, rows: ProofRows, expected: Answers, got: Answers, largest: float = np.inf
) -> tuple[Difference, int, str]:
    """Return the largest difference of numbers, how many labels differ, and the first that differs without excuse.

    Parameters
    ----------
    described : Described
        The model, which says how large outputs are.
    rows : ProofRows
        That were answered.
    expected, got : dict of str to ndarray
        By the model and by its export; what the export leaves out is not compared.
    largest : float
        The largest number that the export can answer.
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
            excused = nearly_tied(described, name, expected)
            for row in np.flatnonzero(differs & ~excused)[:1].tolist():
                what = f"{theirs[row].tolist()} instead of {ours[row].tolist()}"
                wrong = wrong or f"{name} of row {row + 1} ({rows.words[row]}) is {what}"
        else:
            one = _largest(described, rows, name, ours.astype(np.float64), theirs.astype(np.float64), largest)
            worst = one if worst is None or not one.share <= worst.share else worst
    if not any(name in got for name in expected):
        wrong = "it answers nothing that the model does"
    return worst or Difference(LABEL, 0, 0, rows.words[0], 0.0, 0.0, 0.0), labels, wrong


def _columns(answer: Array) -> Array:
    return answer.reshape(len(answer), -1)


def _largest(described: Described, rows: ProofRows, name: str, ours: Floats, theirs: Floats, most: float) -> Difference:
    """The largest difference of an answer, (m, k), each as a share of what its column's scale is."""
    scale, rounding = scales(described, rows, name, ours, in_float=bool(np.isfinite(most)))
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(ours - theirs)
        share, forgiven = np.maximum(off - rounding, 0.0) / scale, np.minimum(off, rounding) / scale
    beyond = (np.abs(ours) > (1.0 - NEAR) * most) & (theirs == np.copysign(np.inf, ours))
    share = np.where((ours == theirs) | beyond, 0.0, np.where(np.isfinite(share), share, np.inf))
    row, column = np.unravel_index(int(share.argmax()), share.shape)
    found = float(ours[row, column]), float(theirs[row, column]), float(share[row, column])
    known = forgiven[np.isfinite(forgiven)]
    return Difference(name, int(column), int(row), rows.words[int(row)], *found, float(known.max(initial=0.0)))
