"""`DependenceDisplay`: the average prediction against one column, with its rug and its exact derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import SpecError, cut
from descend.figures import depending
from descend.figures.along import along, draw_answers, draw_rug
from descend.figures.canvas import check_matplotlib, ink, one_or_two, plain_texts
from descend.figures.descents import check_fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from descend.explanations.dependence import PartialDependence
    from descend.figures.depending import Depending

LONG = 32  # letters that an axis has room for
KINDS = ("number", "date", "category", "boolean")


class DependenceDisplay:
    """The average prediction when a column is set to each of some values, all else left as it is.

    Make it by `from_model`, `from_estimator` or `from_network`; `plot` draws it. It shows what the networks do, not
    what causes what. scikit-learn's `PartialDependenceDisplay` draws any estimator, without the derivative.

    Parameters
    ----------
    feature : str
        The column.
    grid : array_like
        (g,): its values; of dates seconds since 1970-01-01.
    average : array_like
        (g,), or (g, K) of K answers: the average prediction at each of them.
    derivative : array_like or None, default None
        The shape of `average`: its exact derivative with respect to the column.
    rug : array_like or None, default None
        (n,): values of the column in the rows over which is averaged.
    outputs : sequence or None, default None
        K classes or outputs, for the legend.
    kind : {"number", "date", "category", "boolean"}, default "number"
        What the values are.
    unit : {"number", "probability"}, default "number"
        What the predictions are.
    target : str, default "prediction"
        What is predicted.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        One for each answer.
    derivative_lines_ : list of matplotlib Line2D
        One for each answer; [] if the derivative is not drawn.
    rug_ : matplotlib LineCollection or None
        Marks along the lower edge, at most 200.
    ax_, derivative_ax_, figure_ : matplotlib Axes, Axes or None, and Figure
        Where it is drawn.

    Examples
    --------
    >>> import numpy as np
    >>> from descend import DependenceDisplay, Network
    >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    >>> net = Network([2, 16, 1], seed=0).fit(X, X[:, 0] ** 2 + X[:, 1], epochs=50).best
    >>> display = DependenceDisplay.from_network(net, X, "width", feature_names=["width", "height"])
    >>> display.grid.shape, display.average.shape, bool(display.derivative[0] < 0 < display.derivative[-1])
    ((40,), (40,), True)
    """

    lines_: list[Line2D]
    derivative_lines_: list[Line2D]
    rug_: LineCollection | None
    ax_: Axes
    derivative_ax_: Axes | None
    figure_: Figure

    def __init__(
        self,
        *,
        feature: str,
        grid: ArrayLike,
        average: ArrayLike,
        derivative: ArrayLike | None = None,
        rug: ArrayLike | None = None,
        outputs: Sequence[Any] | None = None,
        kind: str = "number",
        unit: str = "number",
        target: str = "prediction",
    ) -> None:
        if kind not in KINDS:
            raise SpecError(f"DependenceDisplay: `kind` must be one of {', '.join(KINDS)}; got {kind!r}.")
        self.feature, self.kind, self.unit, self.target = feature, kind, unit, target
        self.grid, self.average = np.asarray(grid), np.asarray(average, dtype=np.float64)
        self.derivative = None if derivative is None else np.asarray(derivative, dtype=np.float64)
        self.rug = np.asarray([] if rug is None else rug, dtype=np.float64)
        self.outputs = () if outputs is None else tuple(outputs)
        for name, values in (("average", self.average), ("derivative", self.derivative)):
            if values is not None and values.shape[:1] != self.grid.shape:
                raise SpecError(
                    f"DependenceDisplay: `{name}` must have a row for each of the {self.grid.size} values of `grid`; "
                    f"got the shape {values.shape}."
                )

    # ------------------------------------------------------------ of what

    @classmethod
    def from_model(
        cls,
        model: Any,
        column: str,
        *,
        grid: Any = None,
        background: Any = None,
        of: Any = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw how a table's model depends on a column.

        The derivative is there for numbers, if the model is one network (a blend sees a number in several ways, some of
        them with steps).

        Parameters
        ----------
        model : Model
            Of `descend.load`, or just trained.
        column : str
            An input.
        grid : list or None, default None
            Values of the column, as in a table. None: 40 at even distances between the quantiles 0.01 and 0.99 of a
            number, all values if they are few, the 20 most frequent categories.
        background : Table, path, data frame, mapping or None, default None
            Rows over which is averaged; None: 500 made rows, distributed as the training rows were.
        of : class or None, default None
            Whose probability is drawn; None: of two classes the second, of more all.
        **plot_kwargs
            Of `plot`: ax, derivative, rug, line_kwargs.

        Returns
        -------
        DependenceDisplay

        Raises
        ------
        DataError
            If there is no such input or class, or a value is of another kind; if the model keeps no summary of its
            training rows, and no background is given.
        SpecError
            If `model` is none, or matplotlib is not installed.
        """
        check_matplotlib(f"{cls.__name__}.from_model")
        if not hasattr(model, "preprocessing"):
            raise SpecError(
                f"{cls.__name__}.from_model: `model` must be a table's model; got {type(model).__name__}. For a "
                "network or an estimator use `from_network` or `from_estimator`."
            )
        made = cls._of(depending.of_model(model, column, grid, background, of), model.preprocessing.target)
        return made.plot(**plot_kwargs)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        feature: int | str,
        *,
        grid: Any = None,
        of: Any = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw how a fitted estimator depends on a column; of the MLP pair with the exact derivative.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, TabularClassifier or TabularRegressor
            Fitted.
        X : array_like, data frame or None
            Rows over which is averaged, as in `predict`; of arrays with more than 500 rows so many are taken. None
            (estimators for tables): 500 made rows, distributed as those of `fit` were.
        feature : int or str
            A column, by its place or by its name; those of an array are x0, x1, …
        grid : array_like or None, default None
            Values of the column; None: as in `from_model`.
        of : class, int or None, default None
            Whose probability, or which output is drawn; None: of two classes the second, otherwise all.
        **plot_kwargs
            Of `plot`: ax, derivative, rug, line_kwargs.

        Returns
        -------
        DependenceDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        DataError
            If there is no such column or class, or rows cannot be used.
        SpecError
            If it is another kind of estimator, or matplotlib is not installed.

        Examples
        --------
        >>> from descend import DependenceDisplay, MLPRegressor
        >>> X = np.random.default_rng(0).normal(size=(200, 3))
        >>> net = MLPRegressor((16,), max_iter=400, random_state=0).fit(X, 2 * X[:, 0])
        >>> display = DependenceDisplay.from_estimator(net, X, 0)
        >>> bool(abs(display.derivative - 2).max() < 0.5)
        True
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        check_fitted(estimator)
        if hasattr(estimator, "members_"):
            found = depending.of_tabular(estimator, X, feature, grid, of)
        elif hasattr(estimator, "network_"):
            found = depending.of_mlp(estimator, X, feature, grid, of)
        else:
            raise SpecError(
                f"{cls.__name__}.from_estimator: `estimator` must be one of descend's; got {type(estimator).__name__}. "
                "scikit-learn's PartialDependenceDisplay draws any estimator."
            )
        made = cls._of(found, "prediction")
        return made.plot(**plot_kwargs)

    @classmethod
    def from_network(
        cls,
        network: Any,
        X: ArrayLike,
        feature: int | str,
        *,
        feature_names: Sequence[str] | None = None,
        grid: ArrayLike | None = None,
        of: int | None = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw how a network's outputs depend on one of its inputs, with the exact derivative.

        Parameters
        ----------
        network : Network
            Trained or not.
        X : array_like
            (m, n_0): rows over which is averaged; of more than 500 so many are taken.
        feature : int or str
            An input, by its place or by its name.
        feature_names : sequence of str or None, default None
            Names of the n_0 inputs; None: x0, x1, …
        grid : array_like or None, default None
            Values of the input; None: as in `from_model`.
        of : int or None, default None
            Which output is drawn; None: all.
        **plot_kwargs
            Of `plot`: ax, derivative, rug, line_kwargs.

        Returns
        -------
        DependenceDisplay

        Raises
        ------
        DataError
            If there is no such input or output, or X cannot be used.
        SpecError
            If names are too few or too many, or matplotlib is not installed.
        """
        check_matplotlib(f"{cls.__name__}.from_network")
        made = cls._of(depending.of_network(network, X, feature, grid, of, feature_names), "output")
        return made.plot(**plot_kwargs)

    @classmethod
    def from_dependence(cls, found: PartialDependence, **plot_kwargs: Any) -> Self:
        """Draw what `Model.partial_dependence` returned: without rug and derivative.

        Parameters
        ----------
        found : PartialDependence
            Of any column.
        **plot_kwargs
            Of `plot`: ax, line_kwargs.

        Returns
        -------
        DependenceDisplay
        """
        return cls._of(depending.of_dependence(found), "prediction").plot(**plot_kwargs)

    @classmethod
    def _of(cls, found: Depending, target: str) -> Self:
        one = found.average.shape[1] == 1
        slopes = found.derivative
        return cls(
            feature=found.feature,
            grid=found.grid,
            average=found.average[:, 0] if one else found.average,
            derivative=slopes[:, 0] if one and slopes is not None else slopes,
            rug=found.rug,
            outputs=found.outputs,
            kind=found.kind,
            unit=found.unit,
            target=target,
        )

    # ------------------------------------------------------------ drawing

    def plot(
        self,
        ax: Any = None,
        *,
        derivative: bool | None = None,
        rug: bool = True,
        line_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the average prediction, and below it its derivative.

        Parameters
        ----------
        ax : matplotlib Axes, two of them, or None, default None
            Where; of two the second is for the derivative. None: in a new figure.
        derivative : bool or None, default None
            Whether the derivative is drawn; None: if there is one, and room for it: `ax` is None or two axes.
        rug : bool, default True
            Whether the column's values in the rows are marked along the lower edge.
        line_kwargs : dict or None, default None
            Keywords for all lines, as of matplotlib's `plot`.

        Returns
        -------
        DependenceDisplay
            Itself, with the artists as attributes.

        Raises
        ------
        SpecError
            If matplotlib is not installed, `ax` is none of these, or a derivative is asked for and there is none.
        """
        what = f"{type(self).__name__}.plot"
        self.ax_, self.derivative_ax_ = self._axes(ax, derivative, what)
        self.figure_ = self.ax_.figure  # type: ignore[assignment]
        column = along(self.grid, self.kind, self.outputs, self.average)
        self.lines_ = draw_answers(self.ax_, column, self.average, line_kwargs)
        self.derivative_lines_ = []
        lowest = self.ax_
        if self.derivative_ax_ is not None and self.derivative is not None:
            lowest = self.derivative_ax_
            lowest.axhline(0.0, color=ink(), alpha=0.45, linewidth=0.8)
            self.derivative_lines_ = draw_answers(lowest, column, self.derivative, line_kwargs)
            lowest.set_ylabel("derivative")
        self.rug_ = draw_rug(self.ax_, self.rug, self.kind) if rug and len(self.rug) else None
        lowest.set_xlabel(plain_texts([self.feature])[0])
        self.ax_.set_ylabel(self._said())
        if len(self.lines_) > 1:
            self.ax_.legend()
        return self

    def _axes(self, ax: Any, derivative: bool | None, what: str) -> tuple[Axes, Axes | None]:
        if derivative and self.derivative is None:
            raise SpecError(
                f"{what}: there is no derivative with respect to {self.feature}: the networks do not see it as a "
                "smooth number. Leave `derivative` out."
            )
        wanted = self.derivative is not None if derivative is None else derivative
        stacked = {"nrows": 2, "sharex": True, "height_ratios": [2, 1]}
        first, second = one_or_two(ax, stacked if wanted else {}, derivative is True, what)
        return first, second if wanted else None

    def _said(self) -> str:
        """What the axis of predictions is called; in two lines where one would be longer than the axis."""
        if self.unit == "number":
            what, name = "average", str(self.target)
        elif len(self.outputs) == 1:
            what, name = "average probability of", str(self.outputs[0])
        else:
            return "average probability"
        between = " " if len(what) + len(name) < LONG else "\n"
        return f"{what}{between}{plain_texts([cut(name, LONG)])[0]}"
