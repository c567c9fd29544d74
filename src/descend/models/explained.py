"""What a `Model` says of its predictions: what each column adds, what it is worth, how predictions depend on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.explanations.result import Explanation
from descend.models.rows import PreparedRows
from descend.models.scores import LIKELIEST, as_probabilities, losses_of
from descend.models.sections import Sections
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Inputs
from descend.registry import Shown, find
from descend.tables.pieces.named import comes_in_pieces
from descend.typing import Array, Floats

if TYPE_CHECKING:
    from descend.explanations.dependence import PartialDependence
    from descend.explanations.explain import Answering
    from descend.explanations.importance import Importance
    from descend.models.blends.blend import Blend
    from descend.models.decisions.decision import Decision
    from descend.preprocessing.transform import Preprocessing


class Explained(Shown):
    """Methods of `Model` that explain it."""

    network: Network
    preprocessing: Preprocessing
    blend: Blend | None
    sections: Sections

    _read: Callable[[Any], Inputs]  # columns of what a user gives
    _inputs: Callable[[Any], Inputs]  # the same, and a warning if they differ from the training rows
    _of_inputs: Callable[[Inputs], Array]  # outputs, finite
    _prepared: Callable[[Any, str], PreparedRows]

    def explain(self, table: Any, background: Any = None, of: Any = None, draws: int = 192) -> Explanation:
        """Say what each column adds to each prediction: expected gradients.

        The values of a row and the base value sum to its prediction: a number in the target's units, or the
        probability of a class. They say what the model does, not what causes what.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings or ndarray
            Rows that are explained, (m,), as in `predict`.
        background : the same, or None
            Rows with whose average prediction each prediction is compared; of more than `draws` rows so many are
            taken, evenly spaced. None: made rows, which are distributed as the training rows were.
        of : label, "predicted" or None, default None
            The class whose probability is explained; "predicted": of each row the class that is predicted. None: of
            two classes the second, of more all.
        draws : int, default 192
            Pairs of a row of the background and a place on the way from it, at least; more: less noise, more time.

        Returns
        -------
        Explanation
            With ``values`` (m, columns), or (m, columns, K) of all classes, ``base_value`` and ``prediction``.

        Raises
        ------
        DataError
            As in `predict`; if there is no such class; if the model was written by a version of descend that kept no
            summary of the training rows, and no background is given.

        Warns
        -----
        UserWarning, DriftWarning
            Of `table`, as `predict` does.

        Examples
        --------
        >>> from descend.models.options import TrainOptions
        >>> from descend.models.train import train
        >>> from descend.models.understand import understand
        >>> sizes = [i / 4 for i in range(80)]
        >>> table = {"size": sizes, "colour": ["red", "blue"] * 40, "price": [3 * size for size in sizes]}
        >>> options = TrainOptions(hidden=(4,), epochs=40, restarts=2)
        >>> model = train(understand(table, "price", options)).model
        >>> found = model.explain({"size": [0.0, 19.0], "colour": ["red", "red"]})
        >>> list(found.importance()), bool(found.values[0, 0] < 0 < found.values[1, 0])
        (['size', 'colour'], True)
        """
        from descend.explanations.explain import explain

        compared = self._compared(background, draws, "explain")
        return explain(self._answering(), self._inputs(table), compared, of, draws)

    def partial_dependence(self, column: str, grid: Any = None, background: Any = None) -> PartialDependence:
        """Return the average prediction when a column is set to each of some values, all else left as it is.

        Parameters
        ----------
        column : str
            An input.
        grid : list or None, default None
            Values, as in a table. None: up to 20 quantiles, or the 20 most frequent categories.
        background : as in `explain`
            Rows over which is averaged; None: 500 made rows.

        Returns
        -------
        PartialDependence
            With ``grid`` (g,) and ``average`` (g,): numbers, or the probability of the second of two classes; of more
            classes (g, K).

        Raises
        ------
        DataError
            If there is no such input, or a value is of another kind; and as in `explain`.
        """
        from descend.models.explain import ROWS, dependence, values_of

        values = values_of(self.preprocessing, self.sections.summary, column, grid)
        rows = self._compared(background, ROWS, "partial_dependence")
        return dependence(self._answers, self._labels(), rows, values)

    def permutation_importance(self, table: Any, repeats: int = 5) -> Importance:
        """Measure how much worse predictions become when the cells of a column change places among the rows.

        On rows that the model has not learnt; on its training rows all columns seem worth too much.

        Parameters
        ----------
        table : Table, path, data frame, mapping or ndarray
            With the target, as in `evaluate`; a column of weights counts, if it is there. Of several files, or of what
            a callable gives, a sample of 20,000 rows is taken.
        repeats : int, default 5
            Permutations of each column.

        Returns
        -------
        Importance
            Columns, the largest increase of the loss first, with standard errors: of the RMSE, or of the log-loss.

        Raises
        ------
        DataError
            As in `evaluate`; if there are fewer than 2 rows.
        """
        if comes_in_pieces(table):
            table = find("Model.importance")(self, table)
        return self.importance_of(self._prepared(table, "permutation_importance"), repeats)

    def importance_of(self, rows: PreparedRows, repeats: int = 5) -> Importance:
        """Return what `permutation_importance` does, of rows that are prepared already, with their columns."""
        from descend.explanations.importance import permutation_importance

        classes = self.preprocessing.task.kind == "classify"
        assert rows.inputs is not None

        def losses(inputs: Inputs) -> Array:
            return losses_of(self._answers(inputs), rows.truth, classes)

        return permutation_importance(rows.inputs, losses, rows.weight, "log-loss" if classes else "RMSE", repeats)

    def explanation_of(self, inputs: Inputs, of: Any = None, draws: int = 192) -> Explanation:
        """Return what `explain` does, of columns, against made rows."""
        from descend.explanations.explain import explain

        return explain(self._answering(), inputs, self._compared(None, draws, "explain"), of, draws)

    def report(self, table: Any, path: str | Path) -> None:
        """Write a page about the model: scores, answers, columns, drift, how it was learnt, how to repeat that.

        One HTML file that needs no network and no script, at most 500 kB. It needs matplotlib and Jinja2.

        Parameters
        ----------
        table : Table, path, data frame, mapping or ndarray
            With the target, as in `evaluate`, whose scores stand on the page; at best rows that were not learnt.
        path : str or Path
            Where; a file that is there is replaced once the new one is complete.

        Raises
        ------
        DataError
            As in `evaluate`.
        SpecError
            If matplotlib or Jinja2 is not installed, or `path` is that of the table.
        OSError
            If the file cannot be written.

        Warns
        -----
        UserWarning, DriftWarning
            As in `evaluate`.
        """
        find("Model.report")(self, table, path)

    def plot(self, column: str | None = None, **keywords: Any) -> Any:
        """Draw how predictions depend on a column; without one the network, of a blend one of them.

        Parameters
        ----------
        column : str or None, default None
            An input.
        **keywords
            Of `DependenceDisplay.from_model`: grid, background, of, ax, derivative, rug, line_kwargs; without a column
            of `NetworkDisplay.from_model`: member, fold, ax, name, max_nodes, bias.

        Returns
        -------
        DependenceDisplay or NetworkDisplay

        Raises
        ------
        SpecError, DataError
            If matplotlib is not installed, or there is no such column or network.

        Examples
        --------
        >>> from descend.models.options import TrainOptions
        >>> from descend.models.train import train
        >>> from descend.models.understand import understand
        >>> sizes = [i / 4 for i in range(80)]
        >>> options = TrainOptions(hidden=(4,), epochs=40, restarts=2)
        >>> model = train(understand({"size": sizes, "price": [3 * size for size in sizes]}, "price", options)).model
        >>> display = model.plot("size")
        >>> bool(display.average[0] < display.average[-1]), display.ax_.get_ylabel()
        (True, 'average price')
        """
        return find("plot.model")(self, column, **keywords)

    # ------------------------------------------------------------ inside

    def _answers(self, inputs: Inputs) -> Floats:
        """Numbers in the target's units, (m, 1), or probabilities, (m, k), of columns."""
        outputs = self._of_inputs(inputs)
        if self.preprocessing.task.kind == "classify":
            return self._decision.probabilities(as_probabilities(outputs))
        return np.asarray(self.preprocessing.decode(outputs))[:, None]

    def _compared(self, background: Any, rows: int, where: str) -> Inputs:
        from descend.models.explain import background_of

        return background_of(self.sections.summary, rows, where) if background is None else self._read(background)

    @property
    def _decision(self) -> Decision:
        return self.sections.decision or LIKELIEST

    def _labels(self) -> tuple[Any, ...]:
        return self.preprocessing.task.classes

    def _answering(self) -> Answering:
        from descend.explanations.explain import Answering, slope_of
        from descend.models.explain import class_slopes, encode_as, parts_of

        prep, network = self.preprocessing, self.network
        numbers = prep.task.kind != "classify"
        slopes = [slope_of(0, prep.target_std)] if numbers else class_slopes(network, self._decision.scaling)
        parts, encode = parts_of(self.blend, network, prep.encoders), encode_as(network.dtype)
        places, labels = self._decision.places, self._labels()
        return Answering(prep.input_names, parts, encode, self._answers, slopes, labels, predicted=places)
