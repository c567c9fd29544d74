"""Networks of binary steps in integers, exactly: between such layers there are but −1, 0 and 1.

A weight of float is a whole number times a power of two. With one power for all weights into a node, its sum is a sum
of whole numbers, whose sign is that of the sum; nothing is rounded. Only inputs that are no whole numbers are, to
2^−16. Where weights into a node differ so much in size that no 62 bits hold their sum, the smallest are rounded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.exports.c.layers import bias_and_weights
from descend.exports.described import Net
from descend.typing import Array, Floats

FRACTION, LARGEST_WHOLE, LARGEST = 16, 2.0**15, 2.0**13  # bits behind the point; of whole inputs and of others
BITS = 62


@dataclass(frozen=True, eq=False)
class StepLayer:
    """One layer in whole numbers.

    Parameters
    ----------
    W : ndarray of int64, shape (n_in, n_out)
        Weights times 2^power.
    b : ndarray of int64, shape (n_out,)
        What sums begin with.
    power : ndarray of int64, shape (n_out,)
        2^−power is what 1 of a sum is worth.
    """

    W: NDArray[np.int64]
    b: NDArray[np.int64]
    power: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StepNet:
    """A network of binary steps in whole numbers.

    Parameters
    ----------
    fraction : int
        Bits behind the point of inputs.
    largest : float
        Inputs are clipped to ± that.
    layers : tuple of StepLayer
        From the inputs on.
    exact : bool
        Whether no weight was rounded.
    """

    fraction: int
    largest: float
    layers: tuple[StepLayer, ...]
    exact: bool

    def outputs(self, X: Array) -> NDArray[np.float32]:
        """Return the sums of the last layer, before its activation, with the bits of C; X is float32, (m, n_0)."""
        largest = np.float32(self.largest)
        scaled = np.clip(X, -largest, largest) * np.float32(2**self.fraction)
        q = np.trunc(scaled + np.where(scaled < 0, np.float32(-0.5), np.float32(0.5))).astype(np.int64)
        for layer in self.layers[:-1]:
            q = np.sign(q @ layer.W + layer.b)
        last = self.layers[-1]
        sums = (q @ last.W + last.b).astype(np.float32)
        return np.asarray(sums * np.ldexp(1.0, -last.power).astype(np.float32), dtype=np.float32)


def are_steps(net: Net) -> bool:
    """Whether all hidden layers of a network are binary steps, and there is one."""
    return net.spec.depth > 1 and all(one.name == "step" for one in net.spec.activations[:-1])


def in_whole_numbers(net: Net, X: Array) -> StepNet:
    """Return a network of binary steps in whole numbers.

    Parameters
    ----------
    net : Net
        The network.
    X : ndarray of float32, shape (m, n_0)
        What it sees of rows: whether its inputs are whole numbers.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> network = descend.Network([2, 3, 1], activation="step", seed=0)
    >>> X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    >>> made = in_whole_numbers(described(network).nets[0], X)
    >>> made.exact, bool(np.allclose(made.outputs(X), network.predict(X), rtol=1e-6))
    (True, True)
    """
    whole = bool((np.round(X) == X).all() and (np.abs(X) <= LARGEST_WHOLE).all())
    fraction, largest = (0, LARGEST_WHOLE) if whole else (FRACTION, LARGEST)
    layers, exact, bits = [], True, fraction + int(np.log2(largest)) + 1
    behind = fraction
    for bias, W in bias_and_weights(net):
        room = BITS - bits - int(np.ceil(np.log2(len(W) + 1)))
        layer, kept = _layer(W.astype(np.float64), bias.astype(np.float64), behind, room)
        layers.append(layer)
        exact, bits, behind = exact and kept, 1, 0
    return StepNet(fraction, largest, tuple(layers), exact)


def _layer(W: Floats, bias: Floats, behind: int, room: int) -> tuple[StepLayer, bool]:
    """A layer whose inputs have bits behind the point, its weights within `room` bits; whether all are exact."""
    both = np.vstack([W, bias])
    mantissa, exponent = np.frexp(both)
    needed = np.where(both != 0.0, 24 - exponent - _zeros(mantissa), -200).max(axis=0)  # bits behind the point
    largest = np.where(both != 0.0, exponent, -200).max(axis=0)
    power = np.where(needed > -200, np.minimum(needed, room - largest), 0).astype(np.int64)
    scaled = np.ldexp(both, power)
    whole = np.round(scaled)
    b = np.ldexp(whole[-1], behind).astype(np.int64)
    return StepLayer(whole[:-1].astype(np.int64), b, power + behind), bool((whole == scaled).all())


def _zeros(mantissa: Floats) -> NDArray[np.int64]:
    """Zeros at the end of the 24 bits of numbers from 1/2 to 1."""
    bits = np.abs(np.ldexp(mantissa, 24)).astype(np.int64)
    lowest = bits & -bits
    return np.where(bits == 0, 24, np.round(np.log2(np.maximum(lowest, 1)))).astype(np.int64)
