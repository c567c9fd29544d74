"""How a training will go, in words: the preset, and every option that it or the user decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descend.describe.facts import Fact
from descend.describe.numbers import number
from descend.models.presets import PRESETS


def recipe_facts(recipe: Mapping[str, Any], preset: str) -> list[Fact]:
    """Say how the training goes, in two lines.

    Parameters
    ----------
    recipe : mapping
        `Recipe.to_dict`, also as an earlier version recorded it.
    preset : str
        Its name; one that is not known has no summary.

    Examples
    --------
    >>> from descend.models.options import TrainOptions
    >>> from descend.models.recipe import make_recipe
    >>> made = make_recipe(TrainOptions(preset="textbook", l2=0.01), "classify", 220, 55)
    >>> for fact in recipe_facts(made.to_dict(), "textbook"):
    ...     print(fact)
    ('Recipe', 'textbook (the plain algorithm: sigmoid layers, squared loss, one sample a round, constant step)')
    ('', 'sgd, η = 0.1 constant; λ = 0.01; 200 epochs, one sample a round')
    """
    summary = f" ({PRESETS[preset].summary})" if preset in PRESETS else ""
    parts = [f"{recipe['optimizer']}, η = {number(recipe['learning_rate'])} {recipe['schedule']}"]
    if recipe["l2"]:
        parts.append(f"λ = {number(recipe['l2'])}")
    if recipe.get("dropout"):  # models of earlier versions do not say
        parts.append(f"dropout {number(recipe['dropout'])}")
    samples = "one sample a round" if recipe["batch_size"] == 1 else f"batches of {recipe['batch_size']}"
    parts.append(f"{recipe['epochs']} epochs, {samples}")
    if recipe["patience"]:
        parts.append(f"stops after {recipe['patience']} epochs without improvement")
    if recipe["race"]:
        parts.append("the worse half of the restarts is stopped on the way")
    return [("Recipe", f"{preset}{summary}"), ("", "; ".join(parts))]
