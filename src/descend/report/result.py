"""The first two sections: the scores next to those of simpler models, and the answers they are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.describe import scores as told
from descend.describe.decisions import calibration_words
from descend.describe.report import (
    ANSWERS,
    LINEAR,
    MODEL,
    RESULT,
    TRIVIAL,
    beside_linear,
    main_score,
    result_grid,
    targets_grid,
)
from descend.report.charts.answers import (
    predictions_figure,
    reliability_figure,
    residuals_figure,
    score_words,
    scores_figure,
)
from descend.report.judged import Judged
from descend.report.parts import Captioned, Part, Section
from descend.typing import Array

MOST_TARGETS = 4  # whose answers are drawn, and of one alone several figures


def result_section(judged: Sequence[Judged], where: str, words: Sequence[str]) -> Section:
    """Return the scores of all targets, and what they are worth.

    Parameters
    ----------
    judged : sequence of Judged
        At least one.
    where : str
        The rows that judge.
    words : sequence of str
        What else is said of the scores.
    """
    if len(judged) > 1:
        grid = targets_grid([(one.name, one.evaluation, one.linear) for one in judged])
        return Section(RESULT, [Captioned(f"Scores on {where}", grid), told.ERROR_WORDS, *words])
    one = judged[0]
    parts: list[Part] = [Captioned(f"Scores on {where}", result_grid(one.evaluation, one.linear)), told.ERROR_WORDS]
    if one.evaluation.baseline:
        parts.append(told.baseline_words(one.evaluation))
    name, who = main_score(one.evaluation, one.by), {MODEL: one.evaluation}
    who |= {} if one.linear is None else {LINEAR: one.linear}
    values = {head: known.scores[name] for head, known in who.items() if name in known.scores}
    values |= {TRIVIAL: one.evaluation.baseline[name]} if name in one.evaluation.baseline else {}
    errors = {head: known.errors.get(name) for head, known in who.items()}
    beside = beside_linear(one.evaluation, one.linear, one.by)
    return Section(RESULT, [*parts, *words, *filter(None, [beside]), scores_figure(name, values, errors)])


def answers_parts(judged: Sequence[Judged]) -> list[Part]:
    """Return tables and figures of the answers of all targets: of classes who is taken for whom, of numbers residuals.

    Parameters
    ----------
    judged : sequence of Judged
        At least one.
    """
    parts: list[Part] = []
    for one in judged[:MOST_TARGETS]:
        parts += _classes(one, len(judged) > 1) if one.classes else _numbers(one, len(judged) > 1)
    return parts


def answers_section(parts: list[Part]) -> Section:
    """Return the section of the answers."""
    return Section(ANSWERS, parts)


def _classes(one: Judged, several: bool) -> list[Part]:
    evaluation = one.evaluation
    title, grid = told.confusion(evaluation)
    whole = evaluation.confusion is not None and len(grid.rows) == len(evaluation.confusion) and len(grid.heads) != 3
    square = whole or (evaluation.confusion is not None and len(evaluation.confusion) == 2)
    shades = _shades(evaluation.confusion) if square and evaluation.confusion is not None else ()
    parts: list[Part] = [Captioned(f"{one.name}: {title}" if several else title, grid, shades)]
    if evaluation.calibration is not None and not several:
        parts.append(reliability_figure(evaluation.calibration))
        parts += calibration_words(evaluation.calibration.to_dict(), "on these rows")
    return parts


def _shades(confusion: Array) -> tuple[tuple[int, ...], ...]:
    """How dark each cell is: by its share of its row."""
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return tuple(tuple(int(np.ceil(5.0 * share)) for share in row) for row in shares)


def _numbers(one: Judged, several: bool) -> list[Part]:
    if one.truth is None or one.answers is None:
        return []
    name = main_score(one.evaluation)
    words = score_words(name, one.evaluation.scores[name])
    parts: list[Part] = [predictions_figure(one.name, one.truth, one.answers, words)]
    return parts if several else [*parts, residuals_figure(one.name, one.truth - one.answers)]
