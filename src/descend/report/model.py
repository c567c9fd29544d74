"""The report of a table's model: from what it keeps, rows that judge it, and its training, if that is still there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from descend.describe import report as words
from descend.describe.decisions import calibration_words, decided_words
from descend.describe.scores import baseline_words, chosen_words, compared_by, learnt_nothing, learnt_words, worth_words
from descend.describe.weights import weighted_words
from descend.errors import SpecError, cut
from descend.models.model import Model
from descend.models.rows import PreparedRows
from descend.models.scores import Evaluation, as_probabilities
from descend.models.train import Trained
from descend.models.understand import Understanding
from descend.models.weights import recorded_weighting
from descend.report.charts.drawn import thinned
from descend.report.columns import columns_section, drift_section
from descend.report.commands import train_command
from descend.report.judged import Judged, judged_linear
from descend.report.kept import data_section, networks_section, training_section
from descend.report.linear import MOST_ROWS, Rows
from descend.report.page import write_report
from descend.report.parts import Part, Report, Section
from descend.report.result import answers_parts, answers_section, result_section
from descend.report.split_by import groups_of, residuals_by_parts
from descend.report.svg import check_installed
from descend.report.uncertain import uncertain_parts
from descend.spec.indexed import expanded
from descend.tables.convert import as_table
from descend.typing import Array


@dataclass(frozen=True, eq=False)
class Case:
    """What a report is made of.

    Parameters
    ----------
    model : Model
        Of a table.
    where : str
        The rows that judge, in words.
    judged : Judged or None
        The target on them; None: there are none.
    rows, outputs : PreparedRows or None, ndarray or None
        They themselves, and what the networks answer them; None: only scores are known.
    words : tuple of str
        What is said of the scores.
    commands : tuple of str
        With which it was made, as they are typed.
    groups : ndarray or None
        The group of each row, if the training split rows by groups and the table has them, (m,).
    """

    model: Model
    where: str
    judged: Judged | None
    rows: PreparedRows | None = None
    outputs: Array | None = None
    words: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    groups: Array | None = None


def report_model(model: Model, table: Any, path: str | Path, commands: Sequence[str] = ()) -> None:
    """Judge a model by a table, and write the report.

    Parameters
    ----------
    model : Model
        Of a table.
    table : Table, path, data frame, mapping or ndarray
        With the target.
    path : str or Path
        Where the report is written.
    commands : sequence of str
        With which that is done, as they are typed.

    Raises
    ------
    DataError
        As `Model.evaluate`.
    SpecError
        If what a report needs is not installed, or `path` is the table.
    """
    check_installed()
    read = as_table(table) if not isinstance(table, str | Path) else table
    if isinstance(read, str | Path) and os.path.realpath(read) == os.path.realpath(path):
        raise SpecError(f"report: `path` is the table that is read, {path}: it would be lost. Give another name.")
    source = Path(read).name if isinstance(read, str | Path) else str(read.source)
    source = words.STDIN if source == "-" else source
    rows = model._prepared(read, "report")
    outputs, evaluation = model.evaluated(rows)
    where = words.judged_on(evaluation.rows, source)
    linear = judged_linear(_linear_rows(rows), None, evaluation.classes, model.decision)
    told = _words_of(model, evaluation, linear, learning=False)
    judged = _judged(model, rows, outputs, evaluation, linear)
    case = Case(model, where, judged, rows, outputs, told, tuple(commands), groups_of(model, read))
    write_report(make_report(case), path)


def report_trained(trained: Trained, understood: Understanding, path: str | Path, commands: Sequence[str] = ()) -> None:
    """Write the report of a training, on its untouched rows.

    Parameters
    ----------
    trained : Trained
        What the training gave.
    understood : Understanding
        What it was given.
    path, commands
        As of `report_model`.

    Raises
    ------
    SpecError
        If what a report needs is not installed.
    """
    check_installed()
    write_report(make_report(_trained_case(trained, understood, tuple(commands)), trained, understood), path)


def _trained_case(trained: Trained, understood: Understanding, commands: tuple[str, ...]) -> Case:
    model, rows, evaluation = trained.model, understood.test_rows, trained.test or trained.validation
    elsewhere = set(chosen_words(trained) if trained.test is not None else []) | set(_decided(model))
    told = tuple(one for one in worth_words(trained) if one not in elsewhere)
    if evaluation is None:
        return Case(model, "", None, words=(words.NO_ROWS,), commands=commands)
    told = tuple(filter(None, (*told, _verdict(model, evaluation))))
    relearnt = bool(model.record["recipe"].get("refit")) and bool(model.record["finished"])
    if rows is None or trained.test is None or relearnt:
        where = words.chose_on(evaluation.rows) if rows is None else words.judged_on(evaluation.rows, "")
        told = (*told, words.RELEARNT) if relearnt else told
        return Case(model, where, Judged(understood.target, evaluation, by=_by(model)), words=told, commands=commands)
    outputs = model._answer(rows)
    learning = _linear_rows(understood.train_rows)
    linear = judged_linear(_linear_rows(rows), learning, evaluation.classes, model.decision)
    if linear is not None:
        told = (*told, words.linear_words(evaluation.task == "classify", True))
    judged = _judged(model, rows, outputs, evaluation, linear)
    return Case(model, words.judged_on(evaluation.rows, ""), judged, rows, outputs, told, commands)


def _linear_rows(rows: PreparedRows) -> Rows:
    known = Rows(rows.X, rows.truth, rows.weight)
    if isinstance(rows.X, np.ndarray):
        return known
    some = known.take(thinned(len(rows.truth), MOST_ROWS))  # rows on the disk: of those of the sample no more than that
    return replace(some, X=expanded(some.X))


def _judged(
    model: Model, rows: PreparedRows, outputs: Array, evaluation: Evaluation, linear: Evaluation | None
) -> Judged:
    if evaluation.task == "classify":
        answers = model.decision.probabilities(as_probabilities(outputs))
    else:
        answers = np.asarray(model.preprocessing.decode(outputs))
    return Judged(model.preprocessing.target, evaluation, linear, rows.truth, answers, rows.weight, _by(model))


def _words_of(model: Model, evaluation: Evaluation, linear: Evaluation | None, learning: bool) -> tuple[str, ...]:
    """What is said of scores, as `descend evaluate` says it."""
    told = [learnt_words(evaluation), words.linear_words(evaluation.task == "classify", learning) if linear else ""]
    told += weighted_words(recorded_weighting(model.record), evaluation, model.decision.scaling is not None)
    return tuple(filter(None, (*told, _verdict(model, evaluation))))


def _verdict(model: Model, evaluation: Evaluation) -> str:
    """That a model is no better than always the same answer; "" if it is better."""
    return learnt_nothing(evaluation, _by(model))


def _by(model: Model) -> str:
    """The score of classes by which it is compared."""
    return compared_by(model.record, model.decision.by is not None)


def make_report(case: Case, trained: Trained | None = None, understood: Understanding | None = None) -> Report:
    """Put a report together.

    Parameters
    ----------
    case : Case
        The model and how it was judged.
    trained, understood : Trained or None, Understanding or None
        Its training, if that has just ended.
    """
    model, judged = case.model, case.judged
    title = words.title_of(model.preprocessing.target, model.record)
    lead = [words.what_answers(model)]
    first: list[Section] = []
    if judged is None:
        first.append(Section(words.RESULT, list(case.words)))
    else:
        lead.append(words.lead_words(judged.name, judged.evaluation, case.where, judged.by))
        said = [one for one in case.words if one not in (baseline_words(judged.evaluation), words.ERROR_WORDS)]
        first.append(result_section([judged], case.where, said))
        answers = [*answers_parts([judged]), *_decided(model), *_uncertain(case)]
        first.append(answers_section([*answers, *residuals_by_parts(model, case.rows, judged, case.groups)]))
    return Report(
        title,
        lead,
        [
            *first,
            data_section(model, understood),
            training_section(model, trained),
            columns_section(model, case.rows),
            drift_section(model, case.rows, case.outputs),
            networks_section(model, case.rows),
            Section(words.REPEAT, _repeat(case, trained is not None)),
        ],
    )


def _decided(model: Model) -> list[str]:
    """How answers were decided, and how probabilities were calibrated, on the day of training."""
    scores, held = model.record.get("scores") or {}, model.blend is not None
    where = "out of fold" if held else "on the validation rows"
    words = decided_words(scores, model.preprocessing.task.written)
    return [*words, *calibration_words(scores.get("calibration"), where)]


def _uncertain(case: Case) -> list[Part]:
    if case.rows is None or case.outputs is None or case.judged is None:
        return []
    return uncertain_parts(case.model, case.rows, case.outputs, cut(case.judged.name))


def _repeat(case: Case, just_trained: bool) -> list[Part]:
    """What it takes to make the same; the command of a training as it was typed, or from what is recorded."""
    made = "" if just_trained and case.commands else train_command(case.model.record)
    commands = [*([made] if made else []), *case.commands]
    facts = words.repeat_facts(case.model.record, commands, weights_hash(case.model))
    return [facts, *([words.REPEATED] if made else [])]


def weights_hash(model: Model) -> str:
    """Return the SHA-256 of all weights, of networks in their order."""
    digest = hashlib.sha256()
    for network in [model.network] if model.blend is None else [net.network for net in model.blend.nets]:
        digest.update(np.ascontiguousarray(network.theta).tobytes())
    return f"SHA-256 {digest.hexdigest()}"
