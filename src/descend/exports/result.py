"""What an export is: its files, and what running them showed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.describe.facts import Fact
from descend.describe.numbers import count, file_size, number


@dataclass(frozen=True)
class Difference:
    """The largest difference between an answer of the export and the model's own.

    Parameters
    ----------
    output : str
        Which answer, such as "probabilities".
    column : int
        Which of its columns, from 0.
    row : int
        In which row, from 0, of the rows that were run.
    row_words : str
        What that row is.
    expected, got : float
        What the model answers there, and what the export does.
    share : float
        The difference, as a share of the output's scale, without what rounding to float32 explains.
    rounding : float, default 0.0
        The most that this explains, as such a share: where inputs or outputs are large, or many, float32 lacks digits.

    Examples
    --------
    >>> Difference("prediction", 0, 4, "a: missing", 1.0, 1.5, 0.25).to_dict()["row_words"]
    'a: missing'
    """

    output: str
    column: int
    row: int
    row_words: str
    expected: float
    got: float
    share: float
    rounding: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; None for what is not finite, which JSON does not have."""
        return {name: _finite(one) if isinstance(one, float) else one for name, one in self.__dict__.items()}


@dataclass(frozen=True)
class Proof:
    r"""What running an export showed.

    Parameters
    ----------
    rows : int
        Rows that were run; 0: it was not run.
    by : str
        What ran it; or, if nothing did, why.
    difference : Difference or None
        The largest of all answers; None: it was not run.
    labels : int
        Rows whose label differs; if there is a limit, only such where two classes are equally likely but for rounding.
    limit : float
        What the difference may be, as a share of the output's scale; infinite if it may be anything.
    left_out : tuple of int
        Rows of the user's table, from 0, that were not run: `predict` refuses them.

    Examples
    --------
    >>> str(Proof(0, "no C compiler is found"))
    'not proved: no C compiler is found'
    >>> str(Proof(75, "descend.load", Difference("prediction", 0, 4, "x0: -100", 1.0, 1.000001, 1e-6)))
    '75 rows by descend.load: the largest difference is 1.0e-06 of the scale (prediction 1, row 5: x0: -100)'
    >>> same = Difference("label", 0, 0, "", 0.0, 0.0, 0.0)
    >>> print(*str(Proof(75, "descend.load", same, 1, left_out=(4, 7))).split("; "), sep="\n")
    75 rows by descend.load: no difference
    1 label differs, where classes are equally likely but for rounding
    2 rows of the table were left out, as predict refuses them (the first is row 5)
    >>> worst = Difference("probabilities", 0, 4, "x0: -100", 0.4, 0.6, 0.2)
    >>> str(Proof(75, "cc", worst, 3, limit=math.inf))[-38:]
    's 1, row 5: x0: -100); 3 labels differ'
    """

    rows: int
    by: str
    difference: Difference | None = None
    labels: int = 0
    limit: float = 1e-5
    left_out: tuple[int, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether the export was run."""
        return self.rows > 0

    def __str__(self) -> str:
        if not self.proved or self.difference is None:
            return f"not proved: {self.by}"
        return f"{count(self.rows, 'row')} by {self.by}: {'; '.join(self._found(self.difference))}"

    def _found(self, worst: Difference) -> Iterator[str]:
        """What running it showed, in parts of a sentence."""
        if worst.share == 0.0:
            yield "no difference" + (" but for rounding" if worst.rounding > self.limit else "")
        else:
            where = f"{worst.output} {worst.column + 1}, row {worst.row + 1}: {worst.row_words}"
            yield f"the largest difference is {worst.share:.1e} of the scale ({where})"
        if worst.rounding > self.limit:
            yield f"float32 costs up to {worst.rounding:.1e} of the scale"
        if self.labels:
            why = ", where classes are equally likely but for rounding" if math.isfinite(self.limit) else ""
            yield f"{count(self.labels, 'label')} differ{'s' * (self.labels == 1)}{why}"
        if len(self.left_out) == 1:
            yield f"row {self.left_out[0] + 1} of the table was left out, as predict refuses it"
        elif self.left_out:
            yield (
                f"{count(len(self.left_out), 'row')} of the table were left out, as predict refuses them (the first is "
                f"row {self.left_out[0] + 1})"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        worst = None if self.difference is None else self.difference.to_dict()
        return {"proved": self.proved, "rows": self.rows, "by": self.by, "difference": worst, "labels": self.labels} | {
            "limit": _finite(self.limit),
            "left_out": list(self.left_out),
        }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


@dataclass(frozen=True, repr=False)
class Export:
    """A model out of the notebook.

    Parameters
    ----------
    kind : str
        The format: "onnx", "c", "fortran" or "json".
    paths : tuple of Path
        The files that were written, the one that was asked for first.
    size : int
        Their bytes.
    proof : Proof
        What running them showed.
    notes : tuple of str
        What should be known of them, a sentence each.

    Examples
    --------
    >>> import pathlib, tempfile, descend
    >>> net = descend.Network([2, 3, 1], seed=0)
    >>> found = net.export(pathlib.Path(tempfile.mkdtemp()) / "net.json")
    >>> found.kind, found.paths[0].name, found.proof.proved, found.proof.difference.share
    ('json', 'net.json', True, 0.0)
    """

    kind: str
    paths: tuple[Path, ...]
    size: int
    proof: Proof
    notes: tuple[str, ...] = ()

    def facts(self) -> list[Fact]:
        """Return what is to be told, as label and words."""
        files = ", ".join(str(path) for path in self.paths)
        told: list[Fact] = [("Export", f"{files} ({file_size(self.size)})"), ("Proof", str(self.proof))]
        return [*told, *(("Note", note) for note in self.notes)]

    def __str__(self) -> str:
        return "\n".join(f"{label:<8}{words}" for label, words in self.facts())

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "kind": self.kind,
            "paths": [str(path) for path in self.paths],
            "bytes": self.size,
            "proof": self.proof.to_dict(),
            "notes": list(self.notes),
        }


def scale_words(difference: Difference) -> str:
    """Say where an export differs from its model.

    Examples
    --------
    >>> scale_words(Difference("prediction", 0, 4, "a: missing", 1.0, 1.5, 0.25))
    'prediction 1 of row 5 (a: missing) is 1.5 instead of 1, a difference of 2.5e-01 of the scale'
    """
    one = difference
    where = f"{one.output} {one.column + 1} of row {one.row + 1} ({one.row_words})"
    off = f"a difference of {one.share:.1e} of the scale"
    return f"{where} is {number(one.got)} instead of {number(one.expected)}, {off}"
