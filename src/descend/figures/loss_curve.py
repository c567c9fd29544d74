"""`LossCurveDisplay`: the losses of one descent, epoch by epoch, and the weights that it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from descend.figures.canvas import axes_of, checked_scale, colours, merged
from descend.figures.descents import Descents, kept_at, of_estimator, of_training

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


class LossCurveDisplay:
    """Training and validation loss of one descent over its epochs.

    Make it by `from_training` or `from_estimator`; `plot` draws it.

    Parameters
    ----------
    loss_curve : array_like
        (n,): running mean of the training loss and the penalty over each epoch.
    validation_curve : array_like or None, default None
        (looks,): loss on the validation rows at each look; None or empty: there are none.
    validation_epochs : array_like or None, default None
        (looks,): epochs done at each look; None: 1, 2, …
    best_epoch, best_loss : float or None, default None
        Epochs done at the weights that are kept, and their loss; None: nothing is marked.
    name : str or None, default None
        What the descent is called in the legend.
    unit : {"epoch", "iteration"}, default "epoch"
        What the curves have a value for.

    Attributes
    ----------
    epochs : ndarray
        1 … n.
    line_ : matplotlib Line2D
        The training loss.
    validation_line_ : matplotlib Line2D or None
        The validation loss.
    mark_ : matplotlib Line2D or None
        The weights that are kept.
    ax_, figure_ : matplotlib Axes and Figure
        Where it is drawn.

    See Also
    --------
    RestartsDisplay : All descents of a training.

    Examples
    --------
    >>> import numpy as np
    >>> from descend import LossCurveDisplay, Network
    >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    >>> training = Network([2, 8, 1], seed=0).fit(X, X[:, 0] * X[:, 1], epochs=20, validation=0.2)
    >>> display = LossCurveDisplay.from_training(training)
    >>> len(display.epochs), display.best_loss == training.restarts[0].best_loss
    (20, True)
    >>> axes = display.ax_
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('epoch', 'loss')
    """

    line_: Line2D
    validation_line_: Line2D | None
    mark_: Line2D | None
    ax_: Axes
    figure_: Figure

    def __init__(
        self,
        *,
        loss_curve: ArrayLike,
        validation_curve: ArrayLike | None = None,
        validation_epochs: ArrayLike | None = None,
        best_epoch: float | None = None,
        best_loss: float | None = None,
        name: str | None = None,
        unit: str = "epoch",
    ) -> None:
        self.loss_curve = np.asarray(loss_curve, dtype=np.float64)
        self.epochs = np.arange(1, len(self.loss_curve) + 1)
        self.validation_curve = np.asarray([] if validation_curve is None else validation_curve, dtype=np.float64)
        looks = np.arange(1.0, len(self.validation_curve) + 1)
        self.validation_epochs = looks if validation_epochs is None else np.asarray(validation_epochs, dtype=np.float64)
        self.best_epoch, self.best_loss, self.name, self.unit = best_epoch, best_loss, name, unit

    @classmethod
    def from_training(cls, training: Any, restart: int | None = None, **plot_kwargs: Any) -> Self:
        """Draw one descent of a training.

        Parameters
        ----------
        training : Training
            What `Network.fit` returned; or what ``descend.models.train.train`` returned of one network.
        restart : int or None, default None
            Number of the restart; None: the one that is kept.
        **plot_kwargs
            Of `plot`: ax, name, yscale, curve_kwargs.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        SpecError
            If it is something else, such as a blend's; if there is no such restart; if matplotlib is not installed.
        """
        made = cls._of(of_training(training, f"{cls.__name__}.from_training"), restart, "from_training")
        return made.plot(**plot_kwargs)

    @classmethod
    def from_estimator(cls, estimator: Any, restart: int | None = None, **plot_kwargs: Any) -> Self:
        """Draw one descent of a fitted estimator.

        Parameters
        ----------
        estimator : MLPClassifier or MLPRegressor
            Fitted.
        restart : int or None, default None
            Number of the restart; None: the one that predicts.
        **plot_kwargs
            Of `plot`: ax, name, yscale, curve_kwargs.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        SpecError, DataError
            If it has no restarts or no curves; if matplotlib is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> from descend import LossCurveDisplay, MLPRegressor
        >>> X = np.random.default_rng(0).uniform(-1, 1, (100, 2))
        >>> net = MLPRegressor((8,), max_iter=500, early_stopping="loss", random_state=0).fit(X, X[:, 0])
        >>> display = LossCurveDisplay.from_estimator(net)
        >>> len(display.loss_curve) == len(display.validation_curve) == net.n_iter_
        True
        """
        made = cls._of(of_estimator(estimator, f"{cls.__name__}.from_estimator"), restart, "from_estimator")
        return made.plot(**plot_kwargs)

    @classmethod
    def _of(cls, descents: Descents, restart: int | None, where: str) -> Self:
        one = descents.restarts[descents.place(restart, f"{cls.__name__}.{where}")]
        kept = kept_at(one)
        return cls(
            loss_curve=one.loss_curve,
            validation_curve=one.validation_curve,
            validation_epochs=descents.look_epochs(one),
            best_epoch=None if kept is None else kept[0],
            best_loss=None if kept is None else kept[1],
            name=f"restart {one.number}" if len(descents.restarts) > 1 else None,
            unit=descents.unit,
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        name: str | None = None,
        yscale: str = "auto",
        curve_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the losses.

        Parameters
        ----------
        ax : matplotlib Axes or None, default None
            Where; None: in a new figure.
        name : str or None, default None
            What the descent is called in the legend; None: as it was given.
        yscale : {"auto", "log", "linear"}, default "auto"
            Scale of the losses; "auto" is logarithmic if the largest is 10 times the least, or more.
        curve_kwargs : dict or None, default None
            Keywords for both curves, as of matplotlib's `plot`.

        Returns
        -------
        LossCurveDisplay
            Itself, with the artists as attributes.

        Raises
        ------
        SpecError
            If matplotlib is not installed, or `yscale` is none of these.
        """
        what = f"{type(self).__name__}.plot"
        self.ax_ = ax = axes_of(ax, what)
        self.figure_ = ax.figure  # type: ignore[assignment]
        known = self.name if name is None else name
        of = f", {known}" if known else ""
        first, second = colours(2)
        looked = len(self.validation_curve) > 0
        style = {"color": first, "linestyle": "--" if looked else "-", "linewidth": 1.4 if looked else 2.0}
        style["label"] = f"training{of}"
        (self.line_,) = ax.plot(self.epochs, self.loss_curve, **merged(style, curve_kwargs))
        self.validation_line_ = self.mark_ = None
        if looked:
            style = {"color": second, "linestyle": "-", "linewidth": 2.0, "label": f"validation{of}"}
            drawn = ax.plot(self.validation_epochs, self.validation_curve, **merged(style, curve_kwargs))
            self.validation_line_ = drawn[0]
        if self.best_epoch is not None and self.best_loss is not None:
            colour = (self.validation_line_ or self.line_).get_color()
            style = {"color": colour, "marker": "o", "markersize": 7, "linestyle": "none", "zorder": 4}
            (self.mark_,) = ax.plot([self.best_epoch], [self.best_loss], **style, label="kept")
        ax.set_yscale(checked_scale(yscale, [self.loss_curve, self.validation_curve], what))
        ax.set(xlabel=self.unit, ylabel="loss")
        ax.legend(loc="upper right")  # losses fall; to look for the best place takes long
        return self
