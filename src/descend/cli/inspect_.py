"""``descend inspect``: what a model is, and how it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from descend.cli.command import AsJson, ModelFile, command

if TYPE_CHECKING:
    from descend.describe.facts import Fact, Grid


@command
def inspect_(model: ModelFile, as_json: AsJson = False) -> None:
    """Show what a model is: networks, columns, preprocessing, training, scores; of an estimator its best network."""
    from descend.cli.console import facts, say, say_json, table
    from descend.describe.documents import inspected_document
    from descend.describe.facts import Grid
    from descend.files.load import load

    loaded = load(model)
    if as_json:
        say_json(inspected_document(loaded, model))
        return
    say(f"{model}, {model.stat().st_size:,} bytes")
    for part in _parts(loaded):
        say("", table(part) if isinstance(part, Grid) else facts(part))


def _parts(loaded: Any) -> Sequence[list[Fact] | Grid]:
    """What a file holds, to be read: of a model all, of an estimator for tables its blend, of others a network."""
    from descend.describe.model import blend_parts, model_parts
    from descend.describe.network import network_parts
    from descend.models.model import Model

    if isinstance(loaded, Model):
        return model_parts(loaded)
    if hasattr(loaded, "members_"):
        return blend_parts(type(loaded).__name__, loaded._columns, loaded._blend)
    return network_parts(getattr(loaded, "network_", loaded))
