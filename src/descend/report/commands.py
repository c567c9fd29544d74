"""Commands with which a model can be made again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

OF_BLENDS = ("preset", "quality", "time_limit", "refit", "seed")
OF_NETWORKS = (  # options of descend train that a recipe has
    *("preset", "hidden", "activation", "restarts", "epochs", "batch_size", "learning_rate", "optimizer", "l2"),
    *("dropout", "seed"),
)


def train_command(record: Mapping[str, Any]) -> str:
    """Return the command that trains so, with what a record knows of its options; "" if it knows too little.

    Parameters
    ----------
    record : mapping
        `Model.record`.

    Examples
    --------
    >>> record = {"table": {"source": "my table.csv"}, "task": {"target": "y"}}
    >>> train_command(record | {"recipe": {"preset": "tabular", "members": [], "quality": "fast", "seed": 0}})
    "descend train 'my table.csv' --target y --preset tabular --quality fast --seed 0"
    """
    table, task, recipe = (record.get(name) or {} for name in ("table", "task", "recipe"))
    if "source" not in table or "target" not in task or not recipe or record.get("distilled"):
        return ""
    words = ["descend", "train", table["source"], "--target", task["target"]]
    for name in OF_BLENDS if "members" in recipe else OF_NETWORKS:
        value = recipe.get(name)
        if value is True:
            words.append(f"--{name}")
        elif value not in (None, False, 0.0, [], "") or (name == "seed" and value == 0):
            shown = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            words += [f"--{name.replace('_', '-')}", shown]
    return shlex.join(words)
