"""Numbers that vary together, as few that do not: their principal components, each with variance 1 (whitened)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from descend.preprocessing.encoders.eigenvectors import covariance, leading_eigenvectors
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.robust_scale import fit_robust_scale, robust_scaled
from descend.typing import Array, Floats

MOST, FEWEST_INPUTS, ROWS_OF_A_FIT = 64, 3, 5000
LARGEST_SCORE = 4.0
SMALLEST_SHARE = 0.01  # of the largest singular value
_BLOCK = 512  # rows that stay in the cache


@dataclass(frozen=True)
class PrincipalEncoder:
    """Several numbers as the leading principal components of their robust-scaled values, clipped to ± 4.

    Each number is scaled as `NumberEncoder` does, which bounds it to ± 3; the mean is subtracted, and a component
    is the sum of the products with its row. Missing is the median of its number, also if it is missing for the first
    time; −∞ and ∞ are −3 and 3 before the mean is subtracted.

    Parameters
    ----------
    inputs : tuple of Input
        The numbers, d ≥ 3, all different.
    centers, scales : tuple of float
        Median and scale of each; the scale is above 0.
    means : tuple of float
        Of the scaled training values, from −3 to 3.
    components : tuple of tuple of float
        k ≤ 64 rows of d factors: eigenvectors of the covariance, divided by the deviation along them.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({name: make_column(name, "number", [0.0, 1.0, 2.0]) for name in "abc"})
    >>> names = tuple(Input(name) for name in "abc")
    >>> encoder = PrincipalEncoder(names, (1.0,) * 3, (1.0,) * 3, (0.0,) * 3, ((0.5, 0.5, 0.5),))
    >>> out = np.zeros((3, 1))
    >>> encoder.encode(inputs, out)
    >>> out[:, 0].round(3).tolist(), encoder.feature_names
    ([-1.423, 0.0, 1.423], ('principal component 1',))
    """

    kind: ClassVar[str] = "principal"
    inputs: tuple[Input, ...]
    centers: tuple[float, ...]
    scales: tuple[float, ...]
    means: tuple[float, ...]
    components: tuple[tuple[float, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads, each once."""
        return tuple(dict.fromkeys(one.column for one in self.inputs))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return tuple(f"principal component {k + 1}" for k in range(len(self.components)))

    @cached_property
    def _components(self) -> Floats:
        return np.array(self.components)

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, k), which holds zeros; return None.

        A score is the sum over the inputs in their order, so that a row has the same bits alone and among others.
        """
        values = [inputs.numbers(one) for one in self.inputs]
        factors = self._components.T[:, :, None]
        for start in range(0, len(out), _BLOCK):
            own = slice(start, start + _BLOCK)
            scores = np.zeros((len(self.components), len(out[own])))
            term = np.empty_like(scores)
            for j, of_input in enumerate(values):
                z = scaled(of_input[own], self.centers[j], self.scales[j]) - self.means[j]
                scores += np.multiply(factors[j], z, out=term)
            out[own] = np.clip(scores, -LARGEST_SCORE, LARGEST_SCORE).T
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        return (
            f"{len(self.components)} principal components of {len(self.inputs)} robust-scaled numbers, each divided by "
            "its deviation, clipped to ± 4; missing: the median of its number"
        )


def scaled(values: Array, center: float, scale: float) -> Floats:
    """Return robust-scaled values, 0 where missing."""
    missing = np.isnan(values)
    return np.where(missing, 0.0, robust_scaled(np.where(missing, center, values), center, scale))


def fit_principal(inputs: Inputs, among: Iterable[Input], weight: Array | None = None) -> PrincipalEncoder | None:
    """Fit the encoder on training rows; None for fewer than three numbers that differ, or fewer than five rows.

    Components are as many as have a deviation above 1 % of the largest, at most 64 and a fifth of the rows, each of
    which counts once here. Of more than 5,000 rows every so many-th makes means and components.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    among : iterable of Input
        Numbers or parts of dates; those that never differ are left out.
    weight : ndarray of float64, shape (m,), optional
        As how many rows each row counts in medians, scales, means and covariances, ≥ 0 and some above; 1 by default.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> rows = np.arange(60.0)
    >>> columns = {"a": rows, "b": 2.0 * rows, "c": rows % 7}
    >>> inputs = Inputs({name: make_column(name, "number", values) for name, values in columns.items()})
    >>> encoder = fit_principal(inputs, [Input(name) for name in "abc"])
    >>> encoder.feature_names  # of three numbers: b repeats a
    ('principal component 1', 'principal component 2')
    """
    found = [(one, *fitted) for one in among if (fitted := _scale(inputs, one, weight)) is not None]
    most = min(MOST, inputs.rows // 5, len(found)) if inputs.columns else 0
    if len(found) < FEWEST_INPUTS or not most:
        return None
    ones, centers, scales = zip(*found, strict=True)
    kept = min(inputs.rows, ROWS_OF_A_FIT)
    rows = np.arange(kept) * inputs.rows // kept
    Z = np.stack([scaled(inputs.numbers(one)[rows], center, scale) for one, center, scale in found], axis=1)
    means, centred = _centred(Z, None if weight is None else weight[rows])
    variances, vectors = leading_eigenvectors(covariance(centred), most)
    wanted = np.sqrt(np.maximum(variances, 0.0))
    wanted = wanted[wanted > SMALLEST_SHARE * wanted[0]]
    if not len(wanted):
        return None
    components = vectors[: len(wanted)] / wanted[:, None]
    return PrincipalEncoder(ones, centers, scales, tuple(means.tolist()), tuple(map(tuple, components.tolist())))


def _centred(Z: Array, weight: Array | None) -> tuple[Floats, Floats]:
    """Return the means of the columns, and the columns without them, each row times the root of its weight."""
    if weight is None:
        means = np.add.reduce(Z, axis=0) / len(Z)
        return means, Z - means
    share = weight / np.add.reduce(weight)
    means = np.add.reduce(share[:, None] * Z, axis=0)
    return means, (Z - means) * np.sqrt(share * len(Z))[:, None]


def _scale(inputs: Inputs, one: Input, weight: Array | None) -> tuple[float, float] | None:
    """Return median and scale of the finite values; None if they do not differ."""
    rows = inputs.finite(one, weight)
    if not len(rows):
        return None
    center, scale = fit_robust_scale(inputs.numbers(one)[rows], None if weight is None else weight[rows])
    return (center, scale) if scale > 0 else None
