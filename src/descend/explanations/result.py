"""`Explanation`: what each column adds to each prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.typing import Array, Floats


@dataclass(frozen=True, eq=False)
class Explanation:
    """What each column adds to each prediction, from the average prediction to the row's own.

    Parameters
    ----------
    columns : tuple of str
        The table's columns, those of categories and dates too.
    values : ndarray of float64, shape (m, columns), or (m, columns, K) of several outputs
        In units of the target, or as probability. With `base_value` those of a row sum to its prediction.
    base_value : float, or ndarray of float64, shape (K,), or (m,) of predicted classes
        Mean prediction of the background.
    prediction : ndarray of float64, shape (m,) or (m, K)
        What is explained: the number, or the probability of a class.
    outputs : tuple
        The class of each output, or of each row where its predicted class is explained; () for numbers.
    unit : {"number", "probability"}
        What all of these are.
    rest : ndarray of float64, shape (m,) or (m, K)
        What the draws lacked of the sum, before it was given to the columns: how noisy the values are.

    Examples
    --------
    >>> values = np.array([[1.0, -3.0], [2.0, 1.0]])
    >>> found = Explanation(("a", "b"), values, 5.0, np.array([3.0, 8.0]), (), "number", np.zeros(2))
    >>> found.importance(), found.to_dict()["contribution_b"].tolist()
    ({'b': 2.0, 'a': 1.5}, [-3.0, 1.0])
    """

    columns: tuple[str, ...]
    values: Floats
    base_value: float | Floats
    prediction: Floats
    outputs: tuple[Any, ...]
    unit: str
    rest: Floats

    def importance(self) -> dict[str, float]:
        """Return the mean size of the values of each column, the largest first; of several outputs their sum."""
        sizes = np.add.reduce(np.abs(self.values), axis=0) / max(1, len(self.values))
        each = sizes if sizes.ndim == 1 else np.add.reduce(sizes, axis=1)
        order = np.argsort(-each, kind="stable")
        return {self.columns[k]: float(each[k]) for k in order.tolist()}

    def to_dict(self) -> dict[str, Array]:
        """Return named columns, as for a data frame: `contribution_<column>` for each column, then `base_value`.

        Raises
        ------
        ValueError
            If there are several outputs: choose one, with `of`.
        """
        if self.values.ndim > 2:
            raise ValueError("to_dict: there are several outputs; explain one of them (`of`), or take `values`.")
        found: dict[str, Array] = {f"contribution_{name}": self.values[:, k] for k, name in enumerate(self.columns)}
        return found | {"base_value": np.full(len(self.values), self.base_value)}

    def __repr__(self) -> str:
        of = f", {self.values.shape[2]} outputs" if self.values.ndim > 2 else ""
        top = ", ".join(f"{name} {size:.3g}" for name, size in list(self.importance().items())[:3])
        return f"Explanation({len(self.values)} rows, {len(self.columns)} columns{of}; largest: {top})"
