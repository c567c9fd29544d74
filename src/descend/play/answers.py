"""What a page asks for, answered: a round, a gradient check, numbers of a node or an edge, a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.describe.gradient_check import check_facts, verdict
from descend.errors import closest, shortened
from descend.play.downloads import file_of, views_of
from descend.play.experiment import Experiment, theta_place
from descend.play.messages import GradientCheck, Numbers, Settings
from descend.play.pictures.network import seen_of
from descend.play.pictures.picture import View
from descend.play.refused import SettingError
from descend.play.trainer import Trainer
from descend.play.walk import walk
from descend.typing import Array

FILES = ("model", "trace", "weights")
WHAT = ("round", "gradient_check", "node", "edge", *FILES)
CHECK_ROWS, CHECK_WORK = 50, 30_000_000  # rows of a gradient check, and multiply-adds that it may take
Answer = tuple[Any, dict[str, Array]]


def answer(
    what: str, where: list[int], made: Experiment, settings: Settings, view: View, trainer: Trainer | None
) -> Answer:
    """Return the message that answers what a page asks for, and its arrays.

    Parameters
    ----------
    what : str
        One of `WHAT`.
    where : list of int
        Layer, from-node and to-node.
    made, settings, view
        What is shown.
    trainer : Trainer or None
        Who kept earlier epochs.

    Raises
    ------
    SettingError
        If there is nothing of that kind.
    """
    if what not in WHAT:
        raise SettingError("", f"`what` {shortened(what)} is not known. {closest(what, WHAT)}")
    if what in ("node", "edge"):
        return _numbers(what, where, made, settings, view), {}
    if what in FILES:
        kept = trainer.kept if trainer is not None else None
        return file_of(  # type: ignore[no-any-return]
            what, made, settings, view, lambda: views_of(view, kept.epochs, kept.thetas) if kept else iter(())
        )
    _check_backward(made, view)
    return (walk(made, settings, view) if what == "round" else _gradient_check(made, settings, view)), {}


def _check_backward(made: Experiment, view: View) -> None:
    if made.untrainable:
        raise SettingError("", made.untrainable)
    if not np.isfinite(view.theta).all():
        raise SettingError("", "The weights shown are not finite: this restart diverged. Choose another, or rewind.")


def _gradient_check(made: Experiment, settings: Settings, view: View) -> GradientCheck:
    net, part = made.network._successor(view.theta), made.problem.parts[0]
    rows = min(CHECK_ROWS, len(part.X))
    most = max(50, CHECK_WORK // (12 * rows * net.spec.theta_size))
    result = net.gradient_check(part.X[:rows], part.Y[:rows], l2=settings.l2, most=most)
    facts = [f"{head}: {words}" for head, words in check_facts(result)]
    return GradientCheck(result.passed, [verdict(result), *facts])


def _numbers(what: str, where: list[int], made: Experiment, settings: Settings, view: View) -> Numbers:
    spec, part = made.spec, made.problem.parts[0]
    if not len(part.X):
        raise SettingError("", "There are no rows, so nodes have no values.")
    y = part.Y[settings.row] if part.Y.size else np.zeros(spec.sizes[-1])
    seen = seen_of(spec, view.theta, part.X[settings.row], y, not made.untrainable)
    layer, from_node, to_node = where
    if what == "edge":
        place = theta_place(spec, layer, from_node, to_node)
        delta = seen.delta[layer + 1]
        values = {
            f"W_{layer}[{from_node},{to_node}]": float(view.theta[place]),
            f"∂L/∂W_{layer}[{from_node},{to_node}]": float(seen.dL_dW[layer][from_node, to_node]),
            f"v_{layer}[{from_node}]": float(seen.v[layer][from_node]),
            f"δ_{layer + 1}[{to_node}]": None if delta is None else float(delta[to_node]),
        }
        return Numbers("edge", layer, from_node, to_node, values)
    if not (0 <= layer <= spec.depth and 0 <= to_node < spec.sizes[layer]):
        raise SettingError("", f"There is no node {to_node} in layer {layer}; layers have {list(spec.sizes)} nodes.")
    s, delta = seen.s[layer], seen.delta[layer]
    named: dict[str, float | None] = {f"v_{layer}[{to_node}]": float(seen.v[layer][to_node])}
    if s is not None:
        named[f"s_{layer}[{to_node}]"] = float(s[to_node])
    if delta is not None:
        named[f"δ_{layer}[{to_node}]"] = float(delta[to_node])
    named[f"∂L/∂v_{layer}[{to_node}]"] = float(seen.dL_dv[layer][to_node])
    return Numbers("node", layer, 0, to_node, named)
