"""What can be taken along: the network shown as a model file, its weights as JSON, the chosen row's trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from descend.describe.round_numbers import round_numbers
from descend.files.container import pack, plain_data
from descend.nets import file as network_file
from descend.play.experiment import Experiment
from descend.play.messages import File, Settings
from descend.play.pictures.picture import View
from descend.play.refused import SettingError
from descend.play.walk import round_of
from descend.typing import Array

MOST_NUMBERS = 2_000_000  # of a trace


def file_of(what: str, made: Experiment, settings: Settings, view: View, kept: Callable[[], Iterator[View]]) -> Any:
    """Return a download and its bytes.

    Parameters
    ----------
    what : {"model", "weights", "trace"}
        A model file for `descend.load`; the weights as JSON; every quantity of the chosen row, a line for each kept
        epoch.
    made, settings, view
        What is shown.
    kept : callable
        Yields what was shown at each epoch that was kept.
    """
    if not np.isfinite(view.theta).all():
        raise SettingError("", "The weights shown are not finite: this restart diverged. Choose another one.")
    name, mime, content = {"model": _model, "weights": _weights, "trace": _trace}[what](made, settings, view, kept)
    return File(name, mime), {"bytes": np.frombuffer(content, np.uint8)}


def _model(made: Experiment, settings: Settings, view: View, kept: object) -> tuple[str, str, bytes]:
    net = made.network._successor(view.theta)
    document = (
        network_file.document_of(net.spec, net.theta, net.dtype, net.seed, net.engine)
        if made.problem.keep is None
        else made.problem.keep(net)
    )
    return f"{_stem(made, settings)}.descend", "application/octet-stream", pack(*document)


def _weights(made: Experiment, settings: Settings, view: View, kept: object) -> tuple[str, str, bytes]:
    told = {"network": made.spec.to_dict(), "epoch": view.shown_epoch, "restart": view.restart}
    told["W"] = [W.tolist() for W in made.spec.weights(view.theta)]
    return f"{_stem(made, settings)}-weights.json", "application/json", json.dumps(told, ensure_ascii=False).encode()


def _trace(
    made: Experiment, settings: Settings, view: View, kept: Callable[[], Iterator[View]]
) -> tuple[str, str, bytes]:
    if made.untrainable:
        raise SettingError("", made.untrainable)
    if not made.problem.trainable:
        raise SettingError("", "Without a target there is no loss, so there is nothing to trace: give a table, too.")
    views = list(kept())
    most = max(1, MOST_NUMBERS // (3 * made.spec.theta_size))
    views = views[:: max(1, -(-len(views) // most))]
    lines = [json.dumps(plain_data(_traced(made, settings, one)), ensure_ascii=False) for one in views or [view]]
    return f"{_stem(made, settings)}-trace.jsonl", "application/x-ndjson", "\n".join([*lines, ""]).encode()


def _traced(made: Experiment, settings: Settings, view: View) -> dict[str, Any]:
    r = round_of(made, settings, view, settings.row)
    where: dict[str, Any] = {"epoch": view.shown_epoch, "restart": view.restart, "row": settings.row}
    where |= {"columns": dict(made.problem.chosen(settings.row)), "inputs": list(made.problem.inputs)}
    return where | {"prediction": made.problem.stands_for(r.seen.output)} | round_numbers(r)


def _stem(made: Experiment, settings: Settings) -> str:
    """A file's name: the table's or the made data's, of plain letters."""
    name = made.problem.name or settings.data.rpartition(":")[2]
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in name) or "network"


def views_of(view: View, epochs: list[int], thetas: list[Array]) -> Iterator[View]:
    """Yield the view as it was at each epoch that was kept."""
    for epoch, theta in zip(epochs, thetas, strict=True):
        weights = theta[view.restart].astype(np.float64)
        if np.isfinite(weights).all():
            yield replace(view, shown_epoch=epoch, theta=weights, now=False)
