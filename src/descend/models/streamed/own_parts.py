"""Rows that choose or judge and are tables of their own, beside a table in pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from descend.errors import DataError, closest, quoted, raise_problems
from descend.models.dealt import OwnRows
from descend.models.options import TrainOptions
from descend.preprocessing.streamed.parts import MOST_TEST, MOST_VALIDATION
from descend.tables.pieces.open import is_in_pieces, open_pieces
from descend.tables.pieces.piece import Pieces

MOST = {"validation": MOST_VALIDATION, "test": MOST_TEST}
LEAST_TEST, MOST_ANSWERS = 20_000, 1 << 23  # rows that judge, though these are more outputs


def own_problems(options: TrainOptions) -> list[str]:
    """Return what cannot be of parts that are no shares."""
    given = {name: getattr(options, name) for name in MOST}
    return [
        f"`{name}` must be a share of the rows, or name files, where rows stay on the disk; got "
        f"{type(part).__name__}. Write it to a file."
        for name, part in given.items()
        if not (_is_share(part) or isinstance(part, str | Path | list) or callable(part) or is_in_pieces(part))
    ]


def most_rows(outputs: int) -> dict[str, int]:
    """Return how many rows choose and judge at most, where networks have so many outputs.

    Examples
    --------
    >>> most_rows(2)["test"], most_rows(100)["test"]
    (500000, 83886)
    """
    return MOST | {"test": min(MOST["test"], max(LEAST_TEST, MOST_ANSWERS // outputs))}


def own_parts(
    options: TrainOptions, inputs: Sequence[str], target: str, most: Mapping[str, int] = MOST
) -> tuple[OwnRows, ...]:
    """Open the parts that are tables of their own, and count their rows.

    Parameters
    ----------
    options : TrainOptions
        The user's words.
    inputs : sequence of str
        Columns that they must have.
    target : str
        Another.
    most : mapping of str to int
        Rows of each part that are taken at most.

    Raises
    ------
    DataError
        If there is no such file, or it lacks a column.
    """
    given = {name: getattr(options, name) for name in MOST if not _is_share(getattr(options, name))}
    found = []
    for name, part in given.items():
        pieces = open_pieces(part)
        needed = [*inputs, target] + ([options.weight] if options.weight and name == "validation" else [])
        _check_columns(name, pieces, needed)
        wanted = [target] if pieces.identity else needed  # a callable's rows are known once all were seen
        rows = pieces.rows if pieces.rows is not None else sum(piece.rows for piece in pieces.read(wanted))
        found.append(OwnRows(name, pieces.identity, rows, min(rows, most[name]), pieces))
    return tuple(found)


def _check_columns(name: str, pieces: Pieces, needed: Sequence[str]) -> None:
    problems = [
        f"the {name} rows need the column {quoted(one)}, which is absent. {closest(one, pieces.columns)}"
        for one in needed
        if one not in pieces.columns
    ]
    raise_problems(DataError, pieces.name, problems)


def share_of(part: Any) -> float:
    """Return a share of the rows; 0 for a table of its own, and for none."""
    return float(part) if isinstance(part, int | float) else 0.0


def own_words(own: Sequence[OwnRows]) -> str:
    """Return what is to be said of them behind the words of the split."""
    return "".join(f"; {one.name} rows are those of {one.pieces.name}" for one in own)


def own_notes(own: Sequence[OwnRows]) -> list[str]:
    """Return notes on those of which a sample is taken."""
    return [
        f"{one.name} rows: a sample of about {one.most:,} of the {one.rows:,} rows of {one.pieces.name}."
        for one in own
        if one.most < one.rows
    ]


def _is_share(part: Any) -> bool:
    return part is None or isinstance(part, int | float)
