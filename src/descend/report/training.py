"""The report of a training without a table: arrays in, several restarts, the best one kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from descend.describe import report as words
from descend.describe import report_training as said
from descend.describe.importance import importance_words
from descend.describe.network import network_words
from descend.describe.scores import learnt_nothing
from descend.describe.training import restart_facts
from descend.explanations.importance import permutation_importance
from descend.figures.depending import of_network
from descend.models.scores import evaluate_classes, evaluate_numbers
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.reference.forward import forward, sample_losses
from descend.report.charts.columns import dependence_figure, importance_figure
from descend.report.charts.drawn import thinned
from descend.report.judged import Judged, judged_linear
from descend.report.kept import network_parts, restarts_parts
from descend.report.linear import Rows
from descend.report.page import write_report
from descend.report.parts import Captioned, Part, Report, Section
from descend.report.result import answers_parts, answers_section, result_section
from descend.report.svg import check_installed
from descend.spec.data import Data
from descend.spec.network import NetworkSpec
from descend.tables.columns.column import make_column
from descend.training.result import Training
from descend.typing import Array, Floats

MOST_CELLS, MOST_INPUTS, MOST_DEPENDENCES, MOST_OUTPUTS = 100_000, 1000, 4, 4


@dataclass(frozen=True, eq=False)
class Split:
    """Rows that learnt and rows that judge, float64; the same if there are no validation rows."""

    X: Array
    Y: Array
    weight: Array | None
    X_judging: Array
    Y_judging: Array
    weight_judging: Array | None
    held: bool


def report_training(training: Training[Network], path: str | Path) -> None:
    """Write the report of a training; parameters and errors as of `Training.report`."""
    check_installed()
    write_report(make_training_report(training), path)


def make_training_report(training: Training[Network]) -> Report:
    """Put a report together.

    Parameters
    ----------
    training : Training
        Finished, or stopped before its end.

    Examples
    --------
    >>> training = Network([1, 2, 1], seed=0).fit([[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0], epochs=3)
    >>> [section.title for section in make_training_report(training).sections][:2]
    ['The result', 'The answers']
    """
    network, split = training.best, _split(training._data)
    judged = _judged(network.spec, split, np.asarray(network.predict(split.X_judging), dtype=np.float64))
    where = said.judged_on(len(split.X_judging), split.held)
    told = [said.CHOSEN_BY if split.held else said.TRAINING_ONLY]
    if any(one.linear for one in judged):
        told.append(words.linear_words(judged[0].classes, True))
    if len(judged) == 1 and (verdict := learnt_nothing(judged[0].evaluation)):
        told.append(verdict)
    lead = [network_words(network.spec)]
    lead += [words.lead_words(one.name, one.evaluation, where) for one in judged[:MOST_OUTPUTS]]
    record = training.record()
    restarts: list[Part] = [said.plan_facts(record["plan"]) + restart_facts(record), *restarts_parts(training)]
    sections = [
        result_section(judged, where, told),
        answers_section(answers_parts(judged)),
        _data_section(split),
        Section(words.TRAINING, restarts),
        _columns_section(network, split, said.output_names(network.spec)),
        Section(words.NETWORKS, _network(network, split.X_judging)),
        Section(words.REPEAT, [words.repeat_facts(record, said.call_words(record["plan"]), _hash(network.theta))]),
    ]
    return Report(said.TITLE, lead, sections)


def _network(network: Network, X: Array) -> list[Part]:
    return network_parts(network, X, said.input_names(X.shape[1]), said.output_names(network.spec))


def _split(data: Data) -> Split:
    X, Y = (np.asarray(one, dtype=np.float64) for one in (data.X, data.Y))
    if data.X_validation is None or data.Y_validation is None:
        return Split(X, Y, data.sample_weight, X, Y, data.sample_weight, held=False)
    X_judging, Y_judging = (np.asarray(one, dtype=np.float64) for one in (data.X_validation, data.Y_validation))
    return Split(X, Y, data.sample_weight, X_judging, Y_judging, data.validation_weight, held=True)


def _hash(*arrays: Array) -> str:
    digest = hashlib.sha256()
    for one in arrays:
        digest.update(np.ascontiguousarray(one).tobytes())
    return f"SHA-256 {digest.hexdigest()}"


# ---------------------------------------------------------------- targets


def _judged(spec: NetworkSpec, split: Split, answers: Array) -> list[Judged]:
    """One target for each output; of classes that exclude one another one for all."""
    kind = said.kind_of(spec.activation(spec.depth).name, spec.loss.name)
    hard = bool((np.isin(split.Y, (0.0, 1.0)).all()) and np.isin(split.Y_judging, (0.0, 1.0)).all())
    if kind == "classes":
        return [_classes(said.TARGET, split, split.Y.argmax(axis=1), split.Y_judging.argmax(axis=1), answers)]
    names = said.output_names(spec)
    if kind == "labels" and hard:
        both = [np.column_stack([1.0 - one, one]) for one in answers.T]
        truths = zip(split.Y.T.astype(np.int64), split.Y_judging.T.astype(np.int64), strict=True)
        each = zip(names, truths, both, strict=True)
        return [_classes(name, split, *truth, probability) for name, truth, probability in each]
    return [_numbers(name, split, k, answers[:, k]) for k, name in enumerate(names)]


def _classes(name: str, split: Split, learnt: Array, truth: Array, probability: Array) -> Judged:
    k = probability.shape[1]
    labels = tuple(str(one) for one in range(k))
    counts = np.bincount(learnt, split.weight, minlength=k)
    shares = (counts / counts.sum()).tolist()
    evaluation = evaluate_classes(probability, truth, shares, labels, split.weight_judging)
    linear = judged_linear(*_rows(split, learnt, truth), labels)
    return Judged(name, evaluation, linear, truth, probability, split.weight_judging)


def _numbers(name: str, split: Split, output: int, answers: Array) -> Judged:
    learnt, truth = split.Y[:, output], split.Y_judging[:, output]
    mean = float(np.average(learnt, weights=split.weight))
    evaluation = evaluate_numbers(answers, truth, mean, split.weight_judging)
    return Judged(name, evaluation, judged_linear(*_rows(split, learnt, truth), ()), truth, answers)


def _rows(split: Split, learnt: Array, truth: Array) -> tuple[Rows, Rows]:
    return Rows(split.X_judging, truth, split.weight_judging), Rows(split.X, learnt, split.weight)


# ---------------------------------------------------------------- data and columns


def _data_section(split: Split) -> Section:
    facts = said.data_facts(len(split.X), len(split.X_judging) if split.held else 0, split.X.shape[1], split.Y.shape[1])
    facts.append((said.CONTENT, _hash(split.X, split.Y)))
    grid, more = words.first_rows(said.inputs_grid(split.X))
    return Section(words.DATA, [facts, Captioned(said.INPUTS, grid), *([more] if more else [])])


def _columns_section(network: Network, split: Split, outputs: tuple[str, ...]) -> Section:
    """What inputs are worth, by the loss that was descended, and how outputs depend on those that are worth most."""
    X, Y, width = split.X_judging, split.Y_judging, split.X.shape[1]
    if len(X) < 2 or width > MOST_INPUTS:
        return Section(words.COLUMNS, [])
    taken = thinned(len(X), max(2, MOST_CELLS // width))
    names = said.input_names(width)
    rows = Inputs({name: make_column(name, "number", X[taken, k]) for k, name in enumerate(names)})
    weight = None if split.weight_judging is None else split.weight_judging[taken]
    found = permutation_importance(rows, _losses(network, Y[taken]), weight, said.LOSS)
    grid, more = words.first_rows(words.worth_grid(found, {}, ""))
    some = words.some_rows_words(len(taken), len(X))
    parts: list[Part] = [importance_figure(found), Captioned(words.WORTH, grid), importance_words(found)]
    parts += filter(None, (more, some))
    if len(outputs) <= MOST_OUTPUTS:
        each = (of_network(network, X[taken], name, None, None, None) for name in found.columns[:MOST_DEPENDENCES])
        parts += [dependence_figure(one, said.OUTPUT, None) for one in each]
    return Section(words.COLUMNS, [*parts, words.NOT_CAUSES])


def _X(rows: Inputs) -> Floats:
    return np.column_stack([rows.numbers(Input(name)) for name in rows.columns])


def _losses(network: Network, Y: Array) -> Callable[[Inputs], Floats]:
    spec, W = network.spec, network.spec.weights(network.theta.astype(np.float64))
    return lambda rows: np.asarray(sample_losses(spec, forward(spec, W, _X(rows)), Y))
