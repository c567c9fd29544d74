"""`Model.fit`: a table of any size, or what yields its batches, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from descend.errors import UnknownOptionError, closest
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.streamed.choose import understand_table
from descend.models.train import train


def fit_model(
    batches: Any,
    target: str,
    options: Mapping[str, Any],
    n_jobs: int | None,
    checkpoint: str | Path | None,
    resume: bool,
) -> Model:
    """Do what `Model.fit` says."""
    known = [one.name for one in fields(TrainOptions)]
    if wrong := [name for name in options if name not in known]:
        raise UnknownOptionError(f"Model.fit: there is no `{wrong[0]}`. {closest(wrong[0], known)}")
    with TemporaryDirectory(prefix="descend-") as folder:
        own = Path(folder) / "rows" if checkpoint is None else Path(f"{checkpoint}.rows")
        given = options.get("cache")
        place = None if checkpoint is None else Path(checkpoint)
        tables = {name: Path(one) for name in ("validation", "test") if isinstance(one := options.get(name), str)}
        made = TrainOptions(**dict(options) | tables | {"cache": own if given is None else given})
        understood = understand_table(batches, target, made, unfinished=(place or own) if resume else None)
        try:
            trained = train(understood, n_jobs=n_jobs, checkpoint=checkpoint, resume=resume)
        except BaseException as error:
            if understood.on_disk is not None:
                understood.on_disk.let_go(error, place)
            raise
        if understood.on_disk is not None:
            understood.on_disk.remove()
        return trained.model
