"""Sets of classes by a blend, whose networks are asked fold by fold."""

from __future__ import annotations

import numpy as np

from descend.models.blends.blend import Blend
from descend.models.uncertainty.calibrate import as_shares
from descend.models.uncertainty.disagreement import by_parts, fold_answers
from descend.models.uncertainty.folds import FoldScores, with_likeliest
from descend.preprocessing.encoders.inputs import Inputs
from descend.training.arrays import finite_outputs
from descend.typing import Array


def blend_sets(
    scores: FoldScores,
    blend: Blend,
    inputs: Inputs,
    coverage: float,
    allow_empty: bool = True,
    n_jobs: int | None = None,
) -> Array:
    """Return which classes are in the set of each row, bool, (m, k).

    Parameters
    ----------
    scores : FoldScores
        Of the folds of the blend.
    blend : Blend
        Of classes.
    inputs : Inputs
        Of m rows.
    coverage : float
        Share of new rows whose class is to be in its set.
    allow_empty : bool, default True
        Whether a set may be empty; if not, it then holds the likeliest class.
    n_jobs : int or None, default None
        Threads; None: all cores. The bits do not depend on it.

    Raises
    ------
    DataError
        If it is no coverage, or one that is too high for the rows that were measured.
    """

    def sets_of(part: Inputs) -> Array:
        total, folds = fold_answers(blend, part)
        answers = {fold: as_shares(folds[fold]) for fold in scores.of}
        finite_outputs(total, "predict")
        found = scores.sets(answers, coverage)
        return found if allow_empty else with_likeliest(found, total)

    return np.concatenate(by_parts(sets_of, inputs, n_jobs))
