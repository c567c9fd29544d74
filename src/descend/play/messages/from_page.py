"""What the page says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Hello:
    """A page is there; `address` is its ``#…`` part, "" if it has none."""

    address: str = ""
    type: Literal["hello"] = "hello"


@dataclass(frozen=True)
class Set:
    """Other values of some settings (names of `Settings`). Those of the network or the rows begin a new run."""

    settings: dict[str, Any] = field(default_factory=dict)
    type: Literal["set"] = "set"


@dataclass(frozen=True)
class Run:
    """What the training shall do: go, stop, one epoch, one round, back to the same starting weights."""

    action: Literal["play", "pause", "epoch", "round", "rewind"] = "play"
    type: Literal["run"] = "run"


@dataclass(frozen=True)
class Travel:
    """Show the weights of an epoch that was kept; −1: those of now; −2: those of the restart's lowest loss."""

    epoch: int = -1
    type: Literal["travel"] = "travel"


@dataclass(frozen=True)
class Edit:
    """Set one weight W_layer[from_node, to_node] of the restart looked at; the bias node is from_node = n_layer."""

    layer: int
    from_node: int
    to_node: int
    weight: float
    type: Literal["edit"] = "edit"


@dataclass(frozen=True)
class Ask:
    """Ask for a `round`, a `gradient_check`, the `numbers` of a node or edge, or a `file`.

    Parameters
    ----------
    what : str
        "round", "gradient_check", "node", "edge", "model", "trace", "weights".
    layer, from_node, to_node : int
        Node `to_node` of layer `layer` (0 … d); or the edge of W_layer (0 … d−1) from `from_node` to `to_node`.
    """

    what: Literal["round", "gradient_check", "node", "edge", "model", "trace", "weights"]
    layer: int = 0
    from_node: int = 0
    to_node: int = 0
    type: Literal["ask"] = "ask"


@dataclass(frozen=True)
class Taken:
    """The last picture is drawn; the next may come. The host hears it, not the session."""

    type: Literal["taken"] = "taken"


@dataclass(frozen=True)
class Still:
    """What is seen now as an SVG, which a notebook keeps. The host hears it, not the session."""

    svg: str
    type: Literal["still"] = "still"
