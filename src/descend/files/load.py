"""`load`: what a `.descend` file holds, or its text. Each kind is made where it stands; `registry` says where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from descend.files.fields import is_name, read_field
from descend.files.json_text import read_parts
from descend.registry import find
from descend.typing import Array

KINDS = ("model", "network", "estimator", "tabular")
_RULE = '"model", "network", "estimator" or "tabular"'


def load(path: str | Path) -> Any:
    """Read what `descend train` or `save` of a model, a network or an estimator wrote; or its export as JSON.

    Everything is checked before it is believed; nothing in a file is ever run.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Model, Network, MLPClassifier, MLPRegressor, TabularClassifier or TabularRegressor
        What was saved; predictions have the same bits.

    Raises
    ------
    FileError
        If the file is absent, of another kind, of a later version, cut off or damaged: names what is wrong.

    Examples
    --------
    >>> import tempfile, pathlib, descend
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "net.descend"
    >>> net = descend.Network([2, 3, 1], seed=0)
    >>> net.save(path)
    >>> bool((load(path).theta == net.theta).all())
    True
    """
    return made_from(*read_parts(path), path)


def made_from(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Any:
    """Make what a file's document says from its tensors; `path` is for messages.

    Raises
    ------
    FileError
        If the document is of no known kind, or does not describe one.
    """
    kind = read_field(document, "kind", lambda kind: is_name(kind) and kind in KINDS, _RULE, path)
    return find(f"load.{kind}")(document, tensors, path)
