"""Model files that commands are given: only a table's model reads tables."""

from __future__ import annotations

from pathlib import Path

from descend.cli.errors import UsageError
from descend.errors import FileError, SpecError
from descend.files.load import load
from descend.models.blends.descent import Net
from descend.models.model import Model


def load_table_model(path: Path) -> Model:
    """Load a model that was trained on a table.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileError
        If the file holds a bare network or an estimator, which know nothing of tables.
    """
    model = load(path)
    if not isinstance(model, Model):
        name = type(model).__name__
        kind = "a network" if name == "Network" else f"the estimator {name}"
        why = "without a table's preprocessing, so it cannot read tables"
        if hasattr(model, "members_"):
            why = "for Python, where it predicts"
        raise FileError(
            f"{path}: this file holds {kind} {why}; use descend.load in Python, or train on a table with: descend train"
        )
    return model


def chosen_net(model: Model, command: str, member: str | None, fold: int | None) -> Net:
    """Return the network of a model that a command looks into.

    Parameters
    ----------
    model : Model
        Loaded.
    command : str
        Who asks.
    member, fold : str or None, int or None
        As they were typed.

    Raises
    ------
    UsageError
        If there is no such network, with those that there are.
    """
    try:
        return model.net(member, fold)
    except SpecError as error:
        problem = str(error).replace("`member`", "--member").replace("`fold`", "--fold")
        raise UsageError(f"{command}: {problem}") from error


def net_words(model: Model, net: Net) -> str:
    """Say which network of a blend is looked into; nothing for a model that is one network."""
    return "" if model.blend is None else f" (network of member {net.place.member}, fold {net.place.fold})"
