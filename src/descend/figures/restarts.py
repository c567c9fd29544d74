"""`RestartsDisplay`: all descents of a training at once, the one that is kept on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from descend.figures.canvas import checked_scale, colours, finite, ink, merged, one_or_two
from descend.figures.descents import Descents, kept_at, of_estimator, of_training
from descend.typing import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# how a descent is drawn that did not win: linestyle, opacity, and what the legend says of it
LOSERS = {"killed": ("--", 0.35, "killed in the race"), "diverged": (":", 0.6, "diverged")}
OTHERS = ("-", 0.45, "not kept")
MOST_BINS = 20
SIDE_BY_SIDE = {"ncols": 2, "sharey": True, "width_ratios": [4, 1]}


class RestartsDisplay:
    """Loss curves of all descents, the winner highlighted, and where they ended.

    Make it by `from_training` or `from_estimator`; `plot` draws it.

    Parameters
    ----------
    curves : sequence of array_like
        K curves, of any length: losses on the validation rows, or without those on the training rows.
    epochs : sequence of array_like or None, default None
        Epochs done at each point of each curve; None: 1, 2, …
    losses : array_like or None, default None
        (K,): by which the descents are ranked; inf for one that diverged. None: the least of each curve.
    statuses : sequence of str or None, default None
        (K,): "killed" and "diverged" are drawn apart; None: none is.
    winner : int or None, default None
        Place of the descent that is kept; None: the one of the least loss.
    best_epoch : float or None, default None
        Epochs done at the weights that it keeps; None: they are not marked.
    selected_on : {"validation", "training"}, default "validation"
        Whose losses these are.
    unit : {"epoch", "iteration"}, default "epoch"
        What the curves have a value for.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        One for each descent, in their order.
    mark_ : matplotlib Line2D or None
        The weights that are kept.
    bars_ : matplotlib BarContainer or None
        The histogram of the losses, if there is one.
    ax_, histogram_ax_, figure_ : matplotlib Axes, Axes or None, and Figure
        Where it is drawn.

    See Also
    --------
    LossCurveDisplay : Training and validation loss of one descent.

    Examples
    --------
    >>> import numpy as np
    >>> from descend import Network, RestartsDisplay
    >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    >>> net = Network([2, 2, 1], seed=0)
    >>> training = net.fit(X, X[:, 0] * X[:, 1], epochs=20, restarts=8, validation=0.2)
    >>> display = RestartsDisplay.from_training(training, histogram=True)
    >>> len(display.lines_), display.winner == training.winner
    (8, True)
    >>> int(sum(bar.get_width() for bar in display.bars_))
    8
    """

    lines_: list[Line2D]
    mark_: Line2D | None
    bars_: Any
    ax_: Axes
    histogram_ax_: Axes | None
    figure_: Figure

    def __init__(
        self,
        *,
        curves: Sequence[ArrayLike],
        epochs: Sequence[ArrayLike] | None = None,
        losses: ArrayLike | None = None,
        statuses: Sequence[str] | None = None,
        winner: int | None = None,
        best_epoch: float | None = None,
        selected_on: str = "validation",
        unit: str = "epoch",
    ) -> None:
        self.curves = [np.asarray(one, dtype=np.float64) for one in curves]
        given = [np.arange(1, len(one) + 1) for one in self.curves] if epochs is None else epochs
        self.epochs = [np.asarray(one, dtype=np.float64) for one in given]
        least = [float(np.min(finite([one]), initial=np.inf)) for one in self.curves]
        self.losses = np.asarray(least if losses is None else losses, dtype=np.float64)
        self.statuses = ["finished"] * len(self.curves) if statuses is None else list(statuses)
        self.winner = int(np.argmin(self.losses)) if winner is None else winner
        self.best_epoch, self.selected_on, self.unit = best_epoch, selected_on, unit
        self.numbers = list(range(len(self.curves)))

    @classmethod
    def from_training(cls, training: Any, **plot_kwargs: Any) -> Self:
        """Draw all descents of a training.

        Parameters
        ----------
        training : Training
            What `Network.fit` returned; or what ``descend.models.train.train`` returned of one network.
        **plot_kwargs
            Of `plot`: ax, histogram, yscale, curve_kwargs, winner_kwargs.

        Returns
        -------
        RestartsDisplay

        Raises
        ------
        SpecError
            If it is something else, such as a blend's; if matplotlib is not installed.
        """
        made = cls._of(of_training(training, f"{cls.__name__}.from_training"))
        return made.plot(**plot_kwargs)

    @classmethod
    def from_estimator(cls, estimator: Any, **plot_kwargs: Any) -> Self:
        """Draw all descents of a fitted estimator.

        Parameters
        ----------
        estimator : MLPClassifier or MLPRegressor
            Fitted, with several `restarts`.
        **plot_kwargs
            Of `plot`: ax, histogram, yscale, curve_kwargs, winner_kwargs.

        Returns
        -------
        RestartsDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        SpecError, DataError
            If it has no restarts or no curves; if matplotlib is not installed.
        """
        made = cls._of(of_estimator(estimator, f"{cls.__name__}.from_estimator"))
        return made.plot(**plot_kwargs)

    @classmethod
    def _of(cls, descents: Descents) -> Self:
        restarts, validated = descents.restarts, descents.selected_on == "validation"
        kept = kept_at(restarts[descents.winner])
        made = cls(
            curves=[one.validation_curve if validated else one.loss_curve for one in restarts],
            epochs=[
                descents.look_epochs(one) if validated else np.arange(1, len(one.loss_curve) + 1) for one in restarts
            ],
            losses=[one.best_loss for one in restarts],
            statuses=[one.status for one in restarts],
            winner=descents.winner,
            best_epoch=None if kept is None else kept[0],
            selected_on=descents.selected_on,
            unit=descents.unit,
        )
        made.numbers = [one.number for one in restarts]
        return made

    @property
    def ended(self) -> Array:
        """Losses of the descents that came to their end: neither killed nor diverged; as in the histogram."""
        alive = np.array([status not in LOSERS for status in self.statuses], dtype=bool)
        return np.asarray(self.losses[alive & np.isfinite(self.losses)])

    def plot(
        self,
        ax: Any = None,
        *,
        histogram: bool = False,
        yscale: str = "auto",
        curve_kwargs: dict[str, Any] | None = None,
        winner_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curves, and where they ended.

        Parameters
        ----------
        ax : matplotlib Axes, two of them, or None, default None
            Where; of two the second is for the histogram. None: in a new figure.
        histogram : bool, default False
            Whether the losses of the descents that were neither killed nor diverged are counted, in axes at the right
            that share the scale of the losses. Two axes in `ax` mean the same.
        yscale : {"auto", "log", "linear"}, default "auto"
            Scale of the losses; "auto" is logarithmic if the largest is 10 times the least, or more.
        curve_kwargs, winner_kwargs : dict or None, default None
            Keywords for the curves of all descents but the winner, and for the winner's, as of matplotlib's `plot`.

        Returns
        -------
        RestartsDisplay
            Itself, with the artists as attributes.

        Raises
        ------
        SpecError
            If matplotlib is not installed, or `ax` or `yscale` are none of these.
        """
        what = f"{type(self).__name__}.plot"
        self.ax_, self.histogram_ax_ = one_or_two(ax, SIDE_BY_SIDE if histogram else {}, histogram, what)
        self.figure_ = self.ax_.figure  # type: ignore[assignment]
        scale = checked_scale(yscale, [*self.curves, self.ended], what)
        said: set[str] = set()
        self.lines_ = [self._line(place, said, curve_kwargs, winner_kwargs) for place in range(len(self.curves))]
        self.mark_ = None
        if self.best_epoch is not None:
            style: dict[str, Any] = {"color": self.lines_[self.winner].get_color(), "marker": "o", "markersize": 7}
            at = [self.best_epoch], [float(self.losses[self.winner])]
            (self.mark_,) = self.ax_.plot(*at, **style, linestyle="none", zorder=4)
        self.ax_.set_yscale(scale)
        self.ax_.set(xlabel=self.unit, ylabel=f"{self.selected_on} loss")
        self._legend()
        self.bars_ = None
        if self.histogram_ax_ is not None:
            self._histogram(self.histogram_ax_, scale)
        return self

    def _line(
        self, place: int, said: set[str], curve_kwargs: dict[str, Any] | None, winner_kwargs: dict[str, Any] | None
    ) -> Line2D:
        if place == self.winner:
            label = f"restart {self.numbers[place]} is kept"
            style = {"color": colours(1)[0], "linewidth": 2.4, "zorder": 3, "label": label}
            keywords = merged(style, winner_kwargs)
        else:
            dashes, alpha, words = LOSERS.get(self.statuses[place], OTHERS)
            alike = [k for k, one in enumerate(self.statuses) if LOSERS.get(one, OTHERS)[2] == words]
            label = f"{len(alike) - (self.winner in alike)} {words}"
            style = {"color": ink(), "alpha": alpha, "linestyle": dashes, "linewidth": 1.0, "zorder": 2}
            keywords = merged(style | {"label": "_" if words in said else label}, curve_kwargs)
            said.add(words)
        return self.ax_.plot(self.epochs[place], self.curves[place], **keywords)[0]

    def _legend(self) -> None:
        """The winner first."""
        handles, labels = self.ax_.get_legend_handles_labels()
        ours = sorted(zip(handles, labels, strict=True), key=lambda one: one[0] is not self.lines_[self.winner])
        self.ax_.legend([one[0] for one in ours], [one[1] for one in ours], loc="upper right")  # losses fall

    def _histogram(self, ax: Axes, scale: str) -> None:
        ended = self.ended
        ax.set_yscale(scale)
        if len(ended):
            style = {"color": ink(), "alpha": 0.45, "edgecolor": ink()}
            self.bars_ = ax.hist(ended, bins=_bins(ended, scale), orientation="horizontal", **style)[2]
            ax.axhline(float(self.losses[self.winner]), color=self.lines_[self.winner].get_color(), linewidth=2.4)
        ax.set_xlabel("restarts")


def _bins(ended: Array, scale: str) -> list[float]:
    """Edges of the bins, at even distances on the scale of the losses."""
    low, high = float(ended.min()), float(ended.max())
    if low == high:  # a narrow bar, not one from edge to edge
        return [low - 0.01 * abs(low), high + 0.01 * abs(high)] if low else [-0.01, 0.01]
    count = min(MOST_BINS, max(4, len(ended) // 2))
    even = np.geomspace if scale == "log" else np.linspace
    inner: list[float] = even(low, high, count + 1)[1:-1].tolist()
    return [low, *inner, high]  # the ends exactly, so that none falls out
