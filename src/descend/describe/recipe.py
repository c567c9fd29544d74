"""How a training will go, in words: the preset, and every option that it or the user decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descend.describe.facts import Fact
from descend.describe.numbers import count, duration, number
from descend.models.presets import SINGLE, SUMMARIES, TABULAR


def recipe_facts(recipe: Mapping[str, Any], preset: str) -> list[Fact]:
    """Say how the training goes, in two lines; of a blend in up to three.

    Parameters
    ----------
    recipe : mapping
        `Recipe.to_dict` or `BlendRecipe.to_dict`, also as an earlier version recorded it.
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
    if "members" in recipe:
        return _blend_recipe_facts(recipe)
    known = SUMMARIES.get(SINGLE if preset == TABULAR else preset)  # what is "single" was called so once
    summary = f" ({known})" if known else ""
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


def _blend_recipe_facts(recipe: Mapping[str, Any]) -> list[Fact]:
    """Say how a blend is learnt.

    Parameters
    ----------
    recipe : mapping
        `BlendRecipe.to_dict`.

    Examples
    --------
    >>> from descend.models.options import TrainOptions
    >>> from descend.models.recipe import make_blend_recipe
    >>> recipe = make_blend_recipe(TrainOptions(time_limit=60, refit=True), 2000, 6)
    >>> for fact in recipe_facts(recipe.to_dict(), "tabular"):
    ...     print(fact)
    ('Recipe', 'tabular (a blend: networks that see the table differently, on several folds, answer together)')
    ('', 'quality good: 8 members on the first of 6 folds, the best 3 of them on all: 23 networks, from seed 0')
    ('', 'stops after 1 min 0 s; then all networks are learnt again on all rows')
    """
    told: list[Fact] = [("Recipe", f"{recipe['preset']} ({SUMMARIES[recipe['preset']]})")]
    told.append(("", f"quality {recipe['quality']}: {_plan_words(recipe)}, from seed {recipe['seed']}"))
    ends = [f"stops after {duration(recipe['time_limit'])}"] if recipe["time_limit"] is not None else []
    ends += ["then all networks are learnt again on all rows"] if recipe["refit"] else []
    return told + ([("", "; ".join(ends))] if ends else [])


def _plan_on_disk(members: str, kept: int, recipe: Mapping[str, Any]) -> str:
    """The plan where networks learn from the disk."""
    folds, starts, sample = recipe["folds"], recipe["starts"], count(recipe["sample"], "row")
    where = "all rows" if folds == 1 else f"all rows, {folds} folds"
    each = "" if starts == 1 else f", {starts} starts each"
    if kept < len(recipe["members"]):
        some = f"{members} on a sample of {sample}, the best {kept} of them on {where}{each}"
    else:
        some = f"{members}, encoders from a sample of {sample}, on {where}{each}"
    return f"{some}: {count(kept * folds * starts, 'network')}"


def _plan_words(recipe: Mapping[str, Any]) -> str:
    tried, folds, starts, keep = len(recipe["members"]), recipe["folds"], recipe["starts"], recipe["keep"]
    members = count(tried, "member")
    kept = tried if keep is None else min(keep, tried)
    if recipe.get("sample"):
        return _plan_on_disk(members, kept, recipe)
    if folds == 1:
        first = tried + kept * (starts - 1)
        some = f", the best {kept} of them with {count(starts, 'start')}" if kept < tried else ""
        each = "" if kept < tried or starts == 1 else f" with {starts} starts each"
        return f"{members}{each} on the training rows{some}: {count(first, 'network')}"
    networks = count((tried + kept * (folds - 1)) * starts, "network")
    each = "" if starts == 1 else f", {starts} starts each"
    if kept < tried:
        return f"{members} on the first of {folds} folds, the best {kept} of them on all{each}: {networks}"
    return f"{members} on {folds} folds{each}: {networks}"
