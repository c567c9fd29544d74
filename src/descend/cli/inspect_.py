"""``descend inspect``: what a model is, and how it came to be."""

from __future__ import annotations

from descend.cli.command import AsJson, ModelFile, command


@command
def inspect_(model: ModelFile, as_json: AsJson = False) -> None:
    """Show what a model is: networks, columns, preprocessing, training, scores; of an estimator its best network."""
    from descend.cli.console import facts, say, say_json, table
    from descend.describe.documents import inspected_document
    from descend.describe.facts import Grid
    from descend.describe.model import blend_parts, model_parts
    from descend.describe.network import network_parts
    from descend.files.load import load
    from descend.models.model import Model

    loaded = load(model)
    if as_json:
        say_json(inspected_document(loaded, model))
        return
    say(f"{model}, {model.stat().st_size:,} bytes")
    if isinstance(loaded, Model):
        parts = model_parts(loaded)
    elif hasattr(loaded, "members_"):
        parts = blend_parts(type(loaded).__name__, loaded._columns, loaded._blend)
    else:
        parts = network_parts(getattr(loaded, "network_", loaded))
    for part in parts:
        say("", table(part) if isinstance(part, Grid) else facts(part))
