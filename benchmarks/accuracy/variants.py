"""What a blend could do otherwise: rules that need no further learning, and blends that are learnt otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.accuracy.answers import Answers, Array, Learnt
from benchmarks.accuracy.tasks import CLASSIFY
from descend.models.blends.blend import mean_of
from descend.models.blends.members import Member
from descend.models.blends.qualities import QUALITIES
from descend.models.blends.weights import Judge, greedy_weights, heavy

DEFAULT = "default"
Figures = dict[str, float]  # "oof": loss out of fold, "loss" and "error" on rows that judge, "seconds" of all descents


@dataclass(frozen=True)
class Rule:
    """How members are chosen and weighed, from the answers of all.

    Parameters
    ----------
    name, said : str
        In results; on the page.
    leave_out : tuple of str
        Members that are not tried.
    keep : int or None
        Members that go on after the folds that choose; 0: as by default, None: all.
    choose : int
        Folds by which they are chosen.
    folds : int or None
        Only the networks of the first so many folds; None: of all.
    weights : {"blend", "greedy", "mean", "best"}
        The library's: greedy, those below a tenth left out; greedy alone; all alike; the best member alone.
    """

    name: str
    said: str
    leave_out: tuple[str, ...] = ()
    keep: int | None = 0
    choose: int = 1
    folds: int | None = None
    weights: str = "blend"


def _rules() -> tuple[Rule, ...]:
    members = QUALITIES["good"].members
    without = [Rule(f"without {name}", f"without the member `{name}`", leave_out=(name,)) for name in members]
    keep = [Rule(f"keep {count}", f"{count} members go on after the first fold", keep=count) for count in (2, 3, 4, 5)]
    return (
        Rule(DEFAULT, "as it is"),
        *without,
        *keep,
        Rule("keep all", "all eight members on all folds", keep=None),
        Rule("two folds choose", "chosen on two folds instead of one", choose=2),
        Rule("mean", "plain mean of the members that go on", weights="mean"),
        Rule("mean of all", "plain mean of all eight", keep=None, weights="mean"),
        Rule("light ones too", "greedy weights, those below a tenth too", weights="greedy"),
        Rule("best member", "the best of the eight members alone, six networks", keep=None, weights="best"),
        Rule("three networks", "networks of three of the six folds (each has learnt 5/6 of the rows)", folds=3),
        Rule("one network each", "one network of each member: the first fold alone", keep=None, folds=1),
        Rule("one network", "the best network of the first fold", keep=None, folds=1, weights="best"),
    )


RULES = {rule.name: rule for rule in _rules()}


def apply(rule: Rule, answers: Answers) -> Figures:
    """Return what comes out of a rule; "oof of default" is the loss of the default's answers on the same rows."""
    folds = min(rule.folds or len(answers.folds), len(answers.folds))
    found = _figures(rule, answers, folds)
    default = found if rule.name == DEFAULT else _figures(RULES[DEFAULT], answers, len(answers.folds), folds)
    return found | {"oof of default": default["oof"]}


def _figures(rule: Rule, answers: Answers, folds: int, judged: int | None = None) -> Figures:
    tried = [name for name in answers.members(1) if name not in rule.leave_out]
    names = [name for name in _kept(rule, answers, tried, folds) if name in answers.members(folds)]
    parts = {name: answers.out_of_fold(name, folds) for name in names}
    weights = _weights(rule, answers, parts, answers.rows(folds))
    own = list(zip(names, weights, strict=True))
    held = sum((weight * parts[name] for name, weight in own), np.zeros(answers.Y.shape))
    outputs = sum(
        weight * mean_of([answers.test[name, fold] for fold in range(folds)]) for name, weight in own if weight > 0.0
    )
    held, outputs = (_clipped(answers, one) for one in (held, np.asarray(outputs)))
    rows = answers.rows(judged or folds)
    loss = _judge(answers, rows).loss(_judge(answers, rows).of_truth(held[rows]))
    spent = [(name, fold) for name in tried for fold in range(min(rule.choose, folds))]
    spent += [(name, fold) for name in names for fold in range(rule.choose, folds)]
    seconds = sum(answers.seconds.get(where, 0.0) for where in spent)
    return {"oof": as_shown(loss, answers.truth.kind), **answers.truth.judge(outputs), "seconds": seconds}


def as_shown(loss: float, kind: str) -> float:
    """Return a log-loss as it is, and the root of a mean squared error."""
    return loss if kind == CLASSIFY else math.sqrt(loss)


def _kept(rule: Rule, answers: Answers, tried: Sequence[str], folds: int) -> list[str]:
    """The members with most weight on the folds that choose; among equals those with the least loss."""
    keep = (answers.keep if rule.keep == 0 else rule.keep) or len(tried)
    if keep >= len(tried):
        return list(tried)
    choose = min(rule.choose, folds)
    names = [name for name in tried if name in answers.members(choose)]
    rows = answers.rows(choose)
    judge = _judge(answers, rows)
    parts = [judge.of_truth(answers.out_of_fold(name, choose)[rows]) for name in names]
    weights, _ = greedy_weights(parts, judge.loss)
    order = sorted(range(len(names)), key=lambda j: (-weights[j], judge.loss(parts[j])))
    return [names[j] for j in sorted(order[:keep])]


def _weights(rule: Rule, answers: Answers, held: dict[str, Array], rows: Array) -> list[float]:
    if rule.weights == "mean":
        return [1.0 / len(held)] * len(held)
    judge = _judge(answers, rows)
    parts = [judge.of_truth(one[rows]) for one in held.values()]
    if rule.weights == "best":
        best = int(np.argmin([judge.loss(part) for part in parts]))
        return [float(j == best) for j in range(len(parts))]
    weights = greedy_weights(parts, judge.loss)[0].tolist()
    return heavy(weights) if rule.weights == "blend" else weights


def _judge(answers: Answers, rows: Array) -> Judge:
    return Judge(answers.output, answers.Y).take(rows)


def _clipped(answers: Answers, outputs: Array) -> Array:
    """As a blend does: numbers stay between the least and the largest that were learnt."""
    if answers.truth.kind == CLASSIFY:
        return outputs
    return np.clip(outputs, answers.Y.min(axis=0), answers.Y.max(axis=0))


# ---------------------------------------------------------------- learnt otherwise


@dataclass(frozen=True)
class Otherwise:
    """How a blend is learnt.

    Parameters
    ----------
    name, said : str
        In results; on the page.
    folds : int or None
        How many; None: as by default.
    seed : int
        Of the blend.
    without : tuple of str
        Blocks of inputs that no member sees.
    """

    name: str
    said: str
    folds: int | None = None
    seed: int = 0
    without: tuple[str, ...] = ()

    def learn(self, table: object, kind: str) -> Learnt:
        """Learn a task so."""
        from benchmarks.accuracy.answers import learn

        quality = QUALITIES["good"]
        quality = replace(quality, folds=self.folds) if self.folds else quality
        return learn(table, kind, quality, self.seed, members=without_blocks(quality.table, self.without))


OTHERWISE = {
    one.name: one
    for one in (
        Otherwise("3 folds", "three folds", folds=3),
        Otherwise("10 folds", "ten folds", folds=10),
        Otherwise("another seed", "another seed: what luck alone does", seed=1),
        Otherwise("no interactions", "no pairs and triples of inputs", without=("pairs", "pairs and triples")),
        Otherwise("no target means", "no target means of categories", without=("target means",)),
        Otherwise(
            "no ramps", "no ramps: numbers scaled and ranked only", without=("ramps", "fine ramps", "ramps by rank")
        ),
    )
}


def without_blocks(members: Sequence[Member], blocks: Sequence[str]) -> list[Member]:
    """Return the members without some of their inputs; who has nothing left of what it needs is left out.

    Examples
    --------
    >>> from descend.models.blends.members import MEMBERS
    >>> members = [MEMBERS[name] for name in ("rsw", "plq", "ntpw")]
    >>> [(one.name, one.blocks) for one in without_blocks(members, ["ramps by rank", "pairs"])]
    [('rsw', ('plain', 'ranks')), ('ntpw', ('plain', 'fine ramps'))]
    """
    found = []
    for member in members:
        left, needs = (tuple(one for one in names if one not in blocks) for names in (member.blocks, member.needs))
        if needs or not member.needs:
            found.append(replace(member, blocks=left, needs=needs))
    return found


def figures_of(learnt: Learnt) -> Figures:
    """Return what comes out of a blend that was learnt."""
    judged = learnt.truth.judge(learnt.training.blend.outputs(learnt.test))
    return {"oof": as_shown(learnt.training.loss, learnt.truth.kind), **judged, "seconds": learnt.seconds}
