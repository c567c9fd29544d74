"""Weights as users see and give them: a list of d matrices over one flat theta."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import SpecError
from descend.spec.network import NetworkSpec
from descend.typing import Array


def flat_weights(spec: NetworkSpec, given: Iterable[ArrayLike], name: str) -> Array:
    """Lay d matrices out as one vector in theta's order, float64, and check their number, shapes and values.

    Raises
    ------
    SpecError
        Naming the matrix that is wrong.
    """
    matrices, theta = list(given), np.zeros(spec.theta_size)
    if len(matrices) != spec.depth:
        raise SpecError(
            f"{name}: needs {spec.depth} matrices, one for each layer 0 … {spec.depth - 1}; got {len(matrices)}."
        )
    views = Weights(spec, spec.weights(theta), name)
    for layer, matrix in enumerate(matrices):
        views[layer] = matrix
    return theta


class Weights(list[Array]):
    """W_0 … W_{d−1}, views of the network's theta; assigning an entry checks its shape and copies the numbers in."""

    def __init__(self, spec: NetworkSpec, views: Iterable[Array], name: str = "W") -> None:
        super().__init__(views)
        self._spec, self._name = spec, name

    def __setitem__(self, layer: Any, matrix: Any) -> None:
        """Copy a matrix into the view of a layer.

        Raises
        ------
        SpecError
            If its shape is wrong or a number is not finite.
        """
        shape = self._spec.shapes[layer]
        given = np.asarray(matrix, dtype=np.float64)
        if given.shape != shape:
            bias = ", the bias node's row last" if self._spec.bias[layer] else ", no bias node"
            raise SpecError(f"{self._name}[{layer}]: shape must be {shape}{bias}; got {given.shape}.")
        if not np.isfinite(given).all():
            raise SpecError(f"{self._name}[{layer}]: weights must be finite; got {given[~np.isfinite(given)][0]}.")
        self[layer][...] = given
