"""The report of a TabularClassifier or TabularRegressor: a blend of networks, also of several targets or labels."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from descend.describe import report as words
from descend.describe import report_tabular as said
from descend.describe.blend import given_grid, networks_grid
from descend.describe.drift import drift_facts, drift_grid, meaning
from descend.describe.importance import importance_words
from descend.describe.scores import learnt_nothing
from descend.describe.table import left_out_facts
from descend.drift.compare import compare
from descend.figures.depending import of_tabular
from descend.models.blends.encoded import encode
from descend.models.scores import evaluate_classes, evaluate_numbers
from descend.preprocessing.encoders.inputs import Inputs
from descend.report.charts.columns import dependence_figure, importance_figure
from descend.report.charts.drawn import thinned
from descend.report.columns import MOST_CELLS
from descend.report.judged import Judged, judged_linear
from descend.report.kept import network_parts
from descend.report.linear import Rows
from descend.report.page import write_report
from descend.report.parts import Captioned, Part, Report, Section
from descend.report.result import answers_parts, answers_section, result_section
from descend.report.svg import check_installed
from descend.typing import Array
from descend.version import __version__

MOST_DEPENDENCES, MOST_OUTPUTS, MOST_HEALTH = 4, 4, 500


def report_tabular(estimator: Any, X: Any, y: Any, path: str | Path) -> None:
    """Judge a fitted estimator by rows, and write the report; parameters and errors as of its method `report`."""
    check_installed()
    counted = estimator._counted(X, y, None, reset=False)
    inputs = estimator._read(X).take(counted.places)
    outputs = estimator._of_inputs(inputs)
    given = np.asarray(estimator._columns.encoded(list(inputs.columns.values()), np.float64)[0])
    judged = _judged(estimator, counted, outputs, given)
    where = said.judged_on(len(outputs))
    lead = [words.lead_words(one.name, one.evaluation, where) for one in judged[:MOST_OUTPUTS]]
    told = [words.linear_words(judged[0].classes, False)] if judged[0].linear else []
    told += filter(None, [learnt_nothing(judged[0].evaluation)] if len(judged) == 1 else [])
    name = type(estimator).__name__
    facts = [*left_out_facts(dict(estimator._columns.left_out))]
    grid, more = words.first_rows(given_grid(estimator._blend))
    sections = [
        result_section(judged, where, told),
        answers_section(answers_parts(judged)),
        Section(words.DATA, [*([facts] if facts else []), Captioned(words.GIVEN, grid), *([more] if more else [])]),
        Section(words.TRAINING, [Captioned(words.MEMBERS, said.members_grid(estimator.leaderboard_))]),
        _columns_section(estimator, inputs, counted),
        _drift_section(estimator, inputs),
        _networks_section(estimator, inputs),
        Section(words.REPEAT, [said.repeat_facts(repr(estimator), __version__, _hash(estimator._blend))]),
    ]
    write_report(Report(name, [said.what_answers(estimator._blend), *lead], sections), path)


def _hash(blend: Any) -> str:
    digest = hashlib.sha256()
    for net in blend.nets:
        digest.update(np.ascontiguousarray(net.network.theta).tobytes())
    return f"SHA-256 {digest.hexdigest()}"


def _judged(estimator: Any, counted: Any, outputs: Array, X: Array) -> list[Judged]:
    """Classes that exclude one another are one target; of labels and of numbers each column is one."""
    target = estimator._target
    if target.output == "softmax":
        labels = tuple(target.classes.labels.tolist())
        truth, probability = np.argmax(counted.Y, axis=1), np.asarray(estimator._shown(outputs))
        return [_classes(said.TARGET, labels, truth, probability, X)]
    if target.output == "sigmoid":
        each = zip(said.names(estimator, outputs.shape[1]), counted.Y.T, outputs.T, strict=True)
        return [
            _classes(name, ("no", "yes"), own.astype(np.int64), np.column_stack([1.0 - p, p]), X)
            for name, own, p in each
        ]
    truths = np.asarray(counted.y, dtype=np.float64).reshape(len(outputs), -1)
    answers = np.asarray(target.answers(outputs)).reshape(len(outputs), -1)
    found = []
    for k, name in enumerate(said.names(estimator, outputs.shape[1])):
        evaluation = evaluate_numbers(answers[:, k], truths[:, k], float(target.mean[k]))
        linear = judged_linear(Rows(X, truths[:, k]), None, ())
        found.append(Judged(name, evaluation, linear, truths[:, k], answers[:, k]))
    return found


def _classes(name: str, labels: tuple[Any, ...], truth: Array, probability: Array, X: Array) -> Judged:
    evaluation = evaluate_classes(probability.astype(np.float64), truth, None, labels)
    return Judged(name, evaluation, judged_linear(Rows(X, truth), None, labels), truth, probability)


def _columns_section(estimator: Any, inputs: Inputs, counted: Any) -> Section:
    """What columns are worth, on at most so many rows; of one row alone only how answers depend on the first ones."""
    names, parts = list(inputs.columns), list[Part]()
    if inputs.rows > 1:
        taken = thinned(inputs.rows, max(2, MOST_CELLS // max(1, len(names))))
        weight = None if counted.weight is None else counted.weight[taken]
        whole = [(np.arange(len(taken)), estimator._blend)]
        found = estimator._importance_of(inputs.take(taken), counted.Y[taken], weight, whole)
        grid, more = words.first_rows(words.worth_grid(found, {}, ""))
        parts += [importance_figure(found), Captioned(words.WORTH, grid), importance_words(found)]
        parts += filter(None, (more, words.some_rows_words(len(taken), inputs.rows)))
        names = list(found.columns)
    if said.explained(estimator) and estimator._sections.summary is not None:
        each = (of_tabular(estimator, None, name, None, None) for name in names[:MOST_DEPENDENCES])
        parts += [dependence_figure(one, said.TARGET, None) for one in each]
    return Section(words.COLUMNS, [*parts, words.NOT_CAUSES] if parts else [])


def _drift_section(estimator: Any, inputs: Inputs) -> Section:
    if estimator._sections.summary is None:
        return Section(words.DRIFT, [])
    found = compare(estimator._sections.summary, inputs, None)
    grid, more = words.first_rows(words.headed(drift_grid(found)))
    parts: list[Part] = [words.DRIFTS, drift_facts(found), Captioned(words.DIFFERING, grid)]
    return Section(words.DRIFT, [*parts, *([more] if more else []), *meaning(found)])


def _networks_section(estimator: Any, inputs: Inputs) -> Section:
    blend = estimator._blend
    net = next(blend.nets)
    X = encode(net.encoders, inputs.take(thinned(inputs.rows, MOST_HEALTH)))
    which = words.looked_into(net.place.member, net.place.fold)
    head: list[Part] = [Captioned(words.COUNTING, networks_grid(blend)), which]
    return Section(words.NETWORKS, [*head, *network_parts(net.network, X, net.feature_names, None)])
