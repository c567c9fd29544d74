"""What is told of a table in pieces once its rows are on the disk, and what must be there to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from descend.errors import DataError, visible
from descend.models.dealt import OwnRows, Sorter
from descend.models.on_disk import OnDisk
from descend.models.options import TrainOptions
from descend.models.streamed.deal import HELD
from descend.models.streamed.own_parts import own_notes, share_of
from descend.preprocessing.streamed.gather import SAMPLE
from descend.preprocessing.streamed.parts import NAMES, Shares
from descend.tables.pieces.piece import Pieces
from descend.tables.table import Table

if TYPE_CHECKING:
    from descend.preprocessing.roles import Roles


def check_parts(counts: Mapping[str, int], shares: Shares, source: str, own: Sequence[OwnRows] = ()) -> None:
    """Refuse rows of which none fell to a part that was asked for, and tables of their own of which none is left.

    Raises
    ------
    DataError
        Naming the part.
    """
    if lost := [one for one in own if not counts[one.name]]:
        raise DataError(f"{lost[0].pieces.name}: none of its rows has a target, to be {lost[0].name} rows. Fill them.")
    asked = {"train": True, "validation": shares.validation > 0, "test": shares.test > 0}
    empty = [name for name in NAMES if asked[name] and not counts[name]]
    if empty:
        raise DataError(
            f"{source}: no row fell to the {empty[0]} rows, of {counts['table']:,}. Hold out another share, or name "
            "other groups."
        )


def notes_of_many(rows: int, counts: Mapping[str, int], options: TrainOptions, sorter: Sorter) -> list[str]:
    """Return what is to be said where not all rows are looked at for everything."""
    notes = own_notes(sorter.own)
    if rows > SAMPLE:
        notes.append(f"medians and quartiles of numbers are those of a sample of {SAMPLE:,} rows.")
    usual = {"test": share_of(options.test), "validation": share_of(options.validation)}
    kept = dict(zip(HELD, sorter.kept, strict=True))
    for name, share in usual.items():
        if kept[name] < 1.0:
            of = "groups" if sorter.moments is None else "time"
            notes.append(f"{counts[name]:,} rows are enough for {name}; the others of their {of} take no part.")
        elif counts[name] < 0.9 * share * rows * (0.8 if name == "validation" else 1.0):
            notes.append(f"{counts[name]:,} rows are enough for {name}; the others train.")
    return notes


def facts_of(pieces: Pieces, table: Table, roles: Roles, on_disk: OnDisk, split: str, preset: str) -> dict[str, Any]:
    """Return what a model's record says of its table; `split`: how the rows were dealt, in words."""
    counts = on_disk.rows()
    return {
        "preset": preset,
        "table": {
            "source": visible(PurePath(pieces.name).name),
            "rows": pieces.rows,
            "columns": len(pieces.columns),
            "inputs": {name: table.column(name).kind for name in roles.inputs},
            "left_out": dict(roles.left_out),
            "content_hash": on_disk.digest,
        },
        "task": {"kind": roles.task.kind, "reason": roles.task.reason, "target": roles.target},
        "split": {"description": split} | {name: counts[name] for name in NAMES},
    }
