"""Any encoder <-> its row and its tensors; the one door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descend.preprocessing.checks import check, refuse
from descend.preprocessing.encoders import plain
from descend.preprocessing.serialise_encoders import targeted, untargeted
from descend.preprocessing.serialise_encoders.fields import Levels, Parts, Stored, Tensors
from descend.preprocessing.serialise_encoders.targeted import TARGETED, Targeted
from descend.preprocessing.serialise_encoders.untargeted import PLAIN as PLAIN
from descend.preprocessing.serialise_encoders.untargeted import UNTARGETED, Untargeted
from descend.tables.cells.reading import Reading
from descend.typing import Array

AnyEncoder = plain.Encoder | Untargeted | Targeted
ENCODERS: dict[str, type[AnyEncoder]] = PLAIN | UNTARGETED | TARGETED


def encoder_parts(encoder: AnyEncoder, levels: Levels | None = None) -> tuple[Parts, Tensors]:
    """Return the row of an encoder, and its tensors by names that are its own.

    Parameters
    ----------
    encoder : any encoder
        Fitted.
    levels : mapping of str to tuple of str, optional
        What the model holds once: column -> levels, as `shared_levels` makes them; rows then refer to these.

    Returns
    -------
    row : dict
        For JSON.
    tensors : dict of str to ndarray
        float64, float32, int32 or uint8.

    Examples
    --------
    >>> encoder_parts(plain.NumberEncoder("a", 2.0, 0.5, False))
    ({'kind': 'number', 'column': 'a', 'center': 2.0, 'scale': 0.5, 'indicator': False}, {})
    """
    if isinstance(encoder, Targeted):
        return targeted.targeted_parts(encoder, levels or {})
    return untargeted.untargeted_parts(encoder, levels or {})


def encoder_from_parts(
    entry: Any,
    tensors: Mapping[str, Array],
    readings: Mapping[str, Reading],
    target: str | None,
    where: str,
    levels: Levels | None = None,
) -> AnyEncoder:
    """Make one encoder of any kind of its row and tensors, with all checks, also of the columns that it reads.

    Whatever is read can encode any rows of these columns: nothing that is looked up is out of range.

    Parameters
    ----------
    entry : object
        The row, whatever it is.
    tensors : mapping of str to ndarray
        The encoder's own, and no others.
    readings : mapping of str to Reading
        The columns of the model.
    target : str or None
        The one that is predicted; no encoder reads it. None: it is none of them.
    where : str
        The row's field, for messages.
    levels : mapping of str to tuple of str, optional
        What the model holds once: column -> levels, checked.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.

    Examples
    --------
    >>> row = {"kind": "piecewise", "column": "a", "part": "", "borders": [1, 2], "by": "tree"}
    >>> encoder_from_parts(row, {}, {"a": Reading("number")}, "y", "encoders[0]")
    PiecewiseEncoder(input=Input(column='a', part=''), borders=(1.0, 2.0), by='tree')
    >>> encoder_from_parts(row | {"by": "hand"}, {}, {"a": Reading("number")}, "y", "encoders[0]")
    Traceback (most recent call last):
    descend.errors.FileError: preprocessing: field `encoders[0].by` must be "quantiles" or "tree"; got 'hand'.
    """
    encoder: AnyEncoder = read_encoder(entry, ENCODERS, where, Stored(tensors, levels or {}))
    kinds = {name: reading.kind for name, reading in readings.items() if name != target}
    if isinstance(encoder, Targeted):
        targeted.check_columns(encoder, kinds, where)
    else:
        untargeted.check_columns(encoder, kinds, where)
    return encoder


def read_encoder(entry: Any, kinds: Mapping[str, type[Any]], where: str, stored: Stored | None = None) -> Any:
    """Make one encoder of its row; its kind is one of `kinds`, its columns are not looked up.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    check(isinstance(entry, dict), where, "must be an object", entry)
    kind = entry.get("kind")
    known = isinstance(kind, str) and kind in kinds
    check(known, f"{where}.kind", f"must be one of {', '.join(kinds)}", kind)
    stored = stored or Stored()
    read = targeted.read_targeted if kind in TARGETED else untargeted.read_untargeted
    encoder = read(entry, kinds[kind], stored, where)
    for name in stored.tensors:
        if name not in TENSORS.get(kind, ()):
            refuse(f"tensor `{name[:40]}` of `{where}` is unknown.")
    return encoder


# kind -> names of its tensors
TENSORS: dict[str, tuple[str, ...]] = {
    "quantile normal": ("quantiles",),
    "principal": ("centers", "scales", "means", "components"),
    "target mean": ("means",),
    "interactions": ("seen", "tables"),
    "leaves": ("feature", "threshold", "children"),
}
