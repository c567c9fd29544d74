"""What a model of a table says of how far its predictions may be off: intervals, quantiles, sets of classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.training.arrays import finite_outputs
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend
    from descend.models.sections import Sections
    from descend.models.uncertainty.classes import ClassUncertainty
    from descend.models.uncertainty.numbers import NumberUncertainty
    from descend.preprocessing.encoders.inputs import Inputs
    from descend.preprocessing.transform import Preprocessing


class PredictsUncertainty:
    """A part of `Model`, of which it is told nothing but what stands here."""

    preprocessing: Preprocessing
    record: dict[str, Any]
    blend: Blend | None
    sections: Sections
    _output: Callable[[Any], Array]  # of a table
    _inputs: Callable[[Any], Inputs]

    def predict_interval(self, table: Any, coverage: float = 0.9) -> Array:
        """Predict between which two numbers the target of every row is; `table`, warnings and errors as in `predict`.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings or ndarray
            As in `predict`.
        coverage : float, default 0.9
            Share of new rows whose target is to be in its interval, between 0 and 1.

        Returns
        -------
        ndarray of float64, shape (m, 2)
            Lower and upper ends, within the range of the training rows.

        Raises
        ------
        DataError
            Also if the model predicts classes, keeps no residuals, or has too few for the coverage.
        """
        known = self._known_numbers("predict_interval")
        return self._around_table(table, known, known.ends(coverage))

    def predict_quantiles(self, table: Any, quantiles: Any = (0.05, 0.5, 0.95)) -> Array:
        """Predict numbers that the target of a row exceeds with some probability; otherwise as `predict_interval`.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings or ndarray
            As in `predict`.
        quantiles : sequence of float, default (0.05, 0.5, 0.95)
            The q-th is below a target with a share of q of new rows; between 0 and 1, in any order.

        Returns
        -------
        ndarray of float64, shape (m, len(quantiles))
            A larger quantile is never less.
        """
        known = self._known_numbers("predict_quantiles")
        return self._around_table(table, known, known.levels(quantiles))

    def predict_set(self, table: Any, coverage: float = 0.9, allow_empty: bool = True) -> Array:
        """Predict which classes every row may be of; `table`, warnings and errors as in `predict`.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings or ndarray
            As in `predict`.
        coverage : float, default 0.9
            Share of new rows whose class is to be in its set, between 0 and 1.
        allow_empty : bool, default True
            Whether a set may be empty, where no class is as probable as true classes mostly are; if not, it then holds
            the likeliest: where classes are told apart more surely than `coverage`, more rows than that are right.

        Returns
        -------
        ndarray of bool, shape (m, k)
            Columns are the classes in the order of ``preprocessing.task.classes``.

        Raises
        ------
        DataError
            Also if the model predicts numbers, keeps no residuals, or has too few for the coverage.

        Notes
        -----
        Sets are of the networks' own probabilities: what mends them was fitted on the rows whose residuals are kept.
        """
        return self._sets(table, self._output, coverage, allow_empty)

    def sets(self, table: Any, outputs: Array, coverage: float = 0.9, allow_empty: bool = True) -> Array:
        """Return what `predict_set` does, (m, k), of a table whose `Model.outputs` are there already."""
        return self._sets(table, lambda _: outputs, coverage, allow_empty)

    def interval_of(self, inputs: Inputs, outputs: Array, coverage: float = 0.9) -> Array:
        """Return what `predict_interval` does, (m, 2), of columns whose outputs (m, 1) are there already."""
        known = self._known_numbers("predict_interval")
        return self._around(inputs, outputs, known, known.ends(coverage))

    def _sets(self, table: Any, output: Callable[[Any], Array], coverage: float, allow_empty: bool) -> Array:
        known = self._known_classes()
        if self.blend is not None and known.folds is not None:
            return self.set_of(self._inputs(table), None, coverage, allow_empty)
        return self._plain_sets(output(table), coverage, allow_empty)

    def set_of(self, inputs: Inputs, outputs: Array | None, coverage: float = 0.9, allow_empty: bool = True) -> Array:
        """Return what `predict_set` does, (m, k), of columns whose outputs (m, k) are there already."""
        from descend.models.uncertainty.sets import blend_sets

        known = self._known_classes()
        if self.blend is not None and known.folds is not None:
            known.most(coverage)  # whether there are enough rows for it
            return blend_sets(known.folds, self.blend, inputs, coverage, allow_empty)
        assert outputs is not None
        return self._plain_sets(outputs, coverage, allow_empty)

    def _plain_sets(self, outputs: Array, coverage: float, allow_empty: bool) -> Array:
        from descend.models.uncertainty.calibrate import as_shares

        known = self._known_classes()
        return known.sets(as_shares(outputs.astype(np.float64)), known.most(coverage), allow_empty)

    def _known_classes(self) -> ClassUncertainty:
        from descend.models.uncertainty.ask import known_classes, why_unknown

        classes, reason = self.preprocessing.task.kind == "classify", why_unknown(self.record)
        return known_classes(self.sections.uncertainty, classes, "predict_set", reason)

    def _known_numbers(self, who: str) -> NumberUncertainty:
        from descend.models.uncertainty.ask import known_numbers, why_unknown

        classes, reason = self.preprocessing.task.kind == "classify", why_unknown(self.record)
        return known_numbers(self.sections.uncertainty, classes, who, reason)

    def _around_table(self, source: Any, known: NumberUncertainty, scores: list[Array]) -> Array:
        """Return the numbers of each row that have these scores, (m, q)."""
        if self.blend is None:
            return self._around(None, self._output(source), known, scores)
        return self._around(self._inputs(source), None, known, scores)

    def _around(
        self, inputs: Inputs | None, outputs: Array | None, known: NumberUncertainty, scores: list[Array]
    ) -> Array:
        """Return the same of what is needed of them: a blend's columns, one network's outputs."""
        from descend.models.uncertainty.disagreement import Answers, blend_answers

        if self.blend is not None and inputs is not None:
            answers = blend_answers(self.blend, inputs)
        else:
            assert outputs is not None
            answers = Answers.alone(outputs)
        finite_outputs(answers.mean, "predict")
        scaling = (np.array([one]) for one in (self.preprocessing.target_mean, self.preprocessing.target_std))
        return known.around(answers, scores, *scaling)[:, 0]
