"""What shows a `Training` to people: a figure, a report; higher rooms make them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from descend.registry import find
from descend.shown import Shown


class ShownTraining(Shown):
    """A part of `Training`."""

    def plot(self, **keywords: Any) -> Any:
        """Draw the loss curves of all restarts; of a single one its training and validation loss.

        Parameters
        ----------
        **keywords
            Of `RestartsDisplay.plot`: ax, histogram, yscale, curve_kwargs, winner_kwargs; of a single restart of
            `LossCurveDisplay.plot`: ax, name, yscale, curve_kwargs.

        Returns
        -------
        RestartsDisplay or LossCurveDisplay

        Raises
        ------
        SpecError
            If matplotlib is not installed, or a keyword cannot be.

        Examples
        --------
        >>> from descend import Network
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> display = Network([2, 2, 1], seed=0).fit(X, y, epochs=20, restarts=3).plot()
        >>> len(display.lines_), display.ax_.get_xlabel()
        (3, 'epoch')
        """
        return find("plot.training")(self, **keywords)

    def report(self, path: str | Path) -> None:
        """Write a page about the training: scores against simple models, curves, luck, weights and idle nodes.

        One HTML file that needs no network and no script, at most 500 kB. It needs matplotlib and Jinja2. The kept
        network is judged on the validation rows, which chose it; without them on the training rows.

        Parameters
        ----------
        path : str or Path
            Where; a file that is there is replaced once the new one is complete.

        Raises
        ------
        SpecError
            If matplotlib or Jinja2 is not installed.
        OSError
            If the file cannot be written.
        """
        find("Training.report")(self, path)
