"""A blend in words: how it is learnt, what its members count, how far its networks lie apart; from the record alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact, Grid
from descend.describe.network import network_words
from descend.describe.numbers import count, duration, listing, number, score, with_error
from descend.describe.scores import label
from descend.describe.table import encoder_words
from descend.errors import cut
from descend.models.blends.members import MEMBERS
from descend.preprocessing.encoders.plain import Encoder

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend

LOSS = {
    "classify": "Loss: mean over rows of −log of the probability of the true class.",
    "regress": "Loss: mean squared error, in squared standard deviations of the target (always the mean: 1).",
}
WHAT = {"member": "its best member alone", "network": "its best network alone", "first": "a single network"}


def is_blend(record: Mapping[str, Any]) -> bool:
    """Whether a record is that of a blend.

    Examples
    --------
    >>> is_blend({"restarts": []}), is_blend({"members": []})
    (False, True)
    """
    return "members" in record


def answer_words(members: Sequence[Mapping[str, Any]]) -> str:
    """Say what the members count.

    Parameters
    ----------
    members : sequence of mapping
        Of a record.

    Examples
    --------
    >>> answer_words([{"name": "tri", "weight": 0.6}, {"name": "plq", "weight": 0.4}, {"name": "pca", "weight": 0}])
    'tri 0.60, plq 0.40'
    >>> answer_words([{"name": "tri", "weight": 1.0}])
    'tri alone'
    """
    counted = [one for one in members if one["weight"] > 0]
    if len(counted) == 1:
        return f"{counted[0]['name']} alone"
    return ", ".join(f"{one['name']} {one['weight']:.2f}" for one in counted)


def blend_facts(record: Mapping[str, Any], seconds: str = "") -> list[Fact]:
    """Say how many networks there are, what their members count, and how far they lie apart.

    Parameters
    ----------
    record : mapping
        Of a blend.
    seconds : str, default ""
        How long it took, in words.

    Examples
    --------
    >>> nets = [{"fold": k, "start": 0, "loss": loss, "best_epoch": 3.0} for k, loss in enumerate((0.2, 0.4))]
    >>> member = {"name": "rsw", "weight": 1.0, "loss": 0.3, "first_fold_loss": 0.2, "networks": nets}
    >>> for fact in blend_facts({"members": [member], "loss": 0.3, "finished": True}, "2 s"):
    ...     print(fact)
    ('Blend', '2 networks of 1 member in 2 s')
    ('Answers', 'rsw alone')
    ('Luck', 'a network alone ends between 0.2 and 0.4 on rows that it has not learnt, in the middle at 0.3; the blend at 0.3')
    """  # noqa: E501
    members = record["members"]
    networks = sum(len(one["networks"]) for one in members)
    taken = f" in {seconds}" if seconds else ""
    limit = record.get("recipe", {}).get("time_limit")
    by = "it was stopped before its end" if limit is None else f"the time limit of {duration(limit)} ended it"
    stopped = "" if record["finished"] else f"; {by}"
    told: list[Fact] = [
        ("Blend", f"{count(networks, 'network')} of {count(len(members), 'member')}{taken}{stopped}"),
        ("Answers", answer_words(members)),
    ]
    losses = sorted(net["loss"] for one in members for net in one["networks"] if net["loss"] is not None)
    if len(losses) < 2 or record["loss"] is None:
        return told
    half = len(losses) // 2
    middle = losses[half] if len(losses) % 2 else (losses[half - 1] + losses[half]) / 2
    ends = f"a network alone ends between {number(losses[0])} and {number(losses[-1])} on rows that it has not learnt"
    return [*told, ("Luck", f"{ends}, in the middle at {number(middle)}; the blend at {number(record['loss'])}")]


def members_grid(record: Mapping[str, Any]) -> Grid:
    """Return the members: what each counts, its loss, how far its networks lie apart, and what it is.

    Parameters
    ----------
    record : mapping
        Of a blend.
    """
    rows = []
    for one in record["members"]:
        losses = [net["loss"] for net in one["networks"] if net["loss"] is not None]
        apart = f"{score(min(losses))} … {score(max(losses))}" if len(losses) > 1 else "–"
        weight = f"{one['weight']:.2f}" if one["weight"] > 0 else "·"
        known = MEMBERS.get(one["name"])
        summary = "" if known is None else known.summary
        rows.append((one["name"], weight, _loss(one["loss"]), str(len(one["networks"])), apart, summary))
    heads = ("member", "weight", "loss", "networks", "from … to", "what it is")
    return Grid(heads, tuple(rows), words=(0, 5))


def _loss(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else score(value)


def loss_words(record: Mapping[str, Any]) -> str:
    """Say what the losses of members and networks are, and on which rows.

    Parameters
    ----------
    record : mapping
        Of a blend.
    """
    task, folds = record["task"]["kind"], record["recipe"]["folds"]
    where = "the validation rows" if folds == 1 else "the rows that its fold holds out"
    return f"{LOSS[task]} Each network's loss is on {where}."


def alone_grid(scores: Mapping[str, Any]) -> Grid | None:
    """Return what parts of a blend reach alone on the untouched rows, below the blend; None if there are none.

    Parameters
    ----------
    scores : mapping
        Of a record.

    Examples
    --------
    >>> test = {"scores": {"accuracy": 0.9}, "errors": {"accuracy": 0.03}}
    >>> one = {"what": "first", "member": "tri", "fold": 0, "scores": {"accuracy": 0.8}, "errors": {"accuracy": 0.04}}
    >>> for row in alone_grid({"test": test, "alone": [one]}).rows:
    ...     print(row)
    ('the blend', '0.9000 ± 0.0300')
    ('a single network (tri, fold 0)', '0.8000 ± 0.0400')
    """
    if not scores.get("test") or not scores.get("alone"):
        return None
    names = list(scores["test"]["scores"])[:2]
    parts = [("the blend", scores["test"])]
    for one in scores["alone"]:
        which = one["member"] if one["fold"] is None else f"{one['member']}, fold {one['fold']}"
        parts.append((f"{WHAT[one['what']]} ({which})", one))
    rows = [(words, *(with_error(part["scores"][n], part["errors"][n]) for n in names)) for words, part in parts]
    return Grid(("on the untouched rows", *(label(name) for name in names)), tuple(rows))


SAME_ROWS = "All are judged on the same rows, so the differences between them are surer than ± says."


def networks_grid(blend: Blend) -> Grid:
    """Return the members that count, with their networks; of each the first one's layers.

    Parameters
    ----------
    blend : Blend
        Of a model.
    """
    rows = []
    for member in blend.members:
        folds = listing(str(one) for one in sorted({net.place.fold for net in member.nets}))
        words = network_words(member.nets[0].network.spec)
        rows.append((member.name, f"{member.weight:.2f}", str(len(member.nets)), folds, words))
    return Grid(("member", "weight", "networks", "folds", "the first of them"), tuple(rows), words=(0, 3, 4))


def given_grid(blend: Blend) -> Grid:
    """Return what the networks are given of each column, or of several: by the first network of each member.

    Parameters
    ----------
    blend : Blend
        Of a model.
    """
    by_column: dict[str, list[tuple[str, int]]] = {}
    seen: set[tuple[str, str]] = set()
    for member in blend.members:
        for encoder in member.nets[0].encoders:
            column, part = _read_by(encoder)
            words = encoder_words(encoder) if isinstance(encoder, Encoder) else encoder.words()
            words = f"{part}: {words}" if part else words
            if (column, words) not in seen:
                seen.add((column, words))
                by_column.setdefault(column, []).append((words, len(encoder.feature_names)))
    several = by_column.pop("", [])
    rows = [
        ("" if place else cut(column), words, str(inputs))
        for column, own in [*by_column.items(), *([("several", several)] if several else [])]
        for place, (words, inputs) in enumerate(own)
    ]
    return Grid(("column", "what networks are given", "inputs"), tuple(rows), words=(0, 1))


def _read_by(encoder: Any) -> tuple[str, str]:
    """The column that an encoder reads, and the part of a date; "" if it reads several, or all of it."""
    read = getattr(encoder, "input", None)
    if read is None:
        read = getattr(getattr(encoder, "coding", None), "input", None)
    return (str(getattr(encoder, "name", "")), "") if read is None else (str(read.column), str(read.part))
