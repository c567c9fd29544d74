"""Networks of binary steps in integers, exactly: between such layers there are but −1, 0 and 1.

A float is a whole number times a power of two. With one power for each input and one for all weights into a node, its
sum is a sum of whole numbers, whose sign is that of the sum; nothing is rounded. What rows say of each input, how large
it is and how many bits it has behind the point, says what its power must be. Rounded are inputs of more than 40 bits
in all (24, where a sum has no room for more), and the smallest weights into a node where no 61 bits hold its sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.exports.c.fixed import check_sums
from descend.exports.c.layers import bias_and_weights
from descend.exports.described import Net
from descend.typing import Array, Floats

BITS = 61  # of a sum, without its sign
# bits of an input in the rows, and those by which it may grow beyond them: the first that leave all weights exact
ROOMS = ((40, 16), (40, 8), (40, 4), (40, 1), (24, 8), (24, 4))
MOST_POWER = 120  # of 2, up and down, so that float has it


@dataclass(frozen=True, eq=False)
class StepLayer:
    """One layer in whole numbers.

    Parameters
    ----------
    W : ndarray of int64, shape (n_in, n_out)
        Weights times 2^power, over what 1 of the input is worth.
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
    fraction : ndarray of int64, shape (n_0,)
        Bits behind the point of each input; below 0: it is rounded to 2^−fraction.
    largest : ndarray of float64, shape (n_0,)
        Inputs are clipped to ± that, powers of two.
    layers : tuple of StepLayer
        From the inputs on.
    exact : bool
        Whether no weight was rounded.
    whole : bool
        Whether no input of the rows is rounded.
    """

    fraction: NDArray[np.int64]
    largest: Floats
    layers: tuple[StepLayer, ...]
    exact: bool
    whole: bool

    @property
    def unit(self) -> Floats:
        """What inputs are multiplied by, float64 (n_0,)."""
        return np.asarray(np.ldexp(1.0, self.fraction))

    def words(self) -> str:
        """Say how inputs are rounded, and where they end."""
        coarse, least = int(self.fraction.min()), float(self.largest.min())
        unit = f"2^{-coarse}" if coarse else "whole numbers"
        end = f"±{least:,.0f}" if 1.0 <= least < 1e9 else f"±2^{int(np.log2(least))}"
        finer = " or finer" if (self.fraction > coarse).any() else ""
        farther = " (some end farther out)" if (self.largest > least).any() else ""
        return f"Inputs are rounded to {unit}{finer}; beyond {end} they count as that{farther}."

    @property
    def step(self) -> Floats:
        """What 1 of an input is worth, (n_0,)."""
        return 1.0 / self.unit

    def codes(self, X: Array) -> NDArray[np.int64]:
        """Return the inputs in whole numbers, (m, n_0)."""
        scaled = np.clip(X.astype(np.float64), -self.largest, self.largest) * self.unit
        return np.asarray(np.trunc(scaled + np.where(scaled < 0, -0.5, 0.5)).astype(np.int64))

    def outputs(self, X: Array) -> NDArray[np.float32]:
        """Return the sums of the last layer, before its activation, with the bits of C; X is float32, (m, n_0)."""
        q = self.codes(X)
        for layer in self.layers[:-1]:
            q = np.sign(q @ layer.W + layer.b)
        last = self.layers[-1]
        sums = (q @ last.W + last.b).astype(np.float32)
        return np.asarray(sums * np.ldexp(1.0, -last.power).astype(np.float32), dtype=np.float32)


def are_steps(net: Net) -> bool:
    """Whether all hidden layers of a network are binary steps, and there is one."""
    return net.spec.depth > 1 and all(one.name == "step" for one in net.spec.activations[:-1])


def in_whole_numbers(net: Net, X: Array, ends: tuple[Floats, Floats] | None = None) -> StepNet:
    """Return a network of binary steps in whole numbers.

    Parameters
    ----------
    net : Net
        The network.
    X : ndarray of float32, shape (m, n_0)
        What it sees of rows: how large each input is, and how many bits it has behind the point.
    ends : tuple of ndarray, (n_0,) each, or None
        What inputs reach, down and up, if that is beyond these rows.

    Raises
    ------
    SpecError
        If sums are too large for float.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> network = descend.Network([2, 3, 1], activation="step", seed=0)
    >>> X = np.array([[0, 0], [0, 1], [1, 0], [100_000, 1]], dtype=np.float32)
    >>> made = in_whole_numbers(described(network).nets[0], X)
    >>> made.exact, made.whole, bool(np.allclose(made.outputs(X), network.predict(X), rtol=1e-6))
    (True, True, True)
    """
    size = np.abs(X).max(axis=0)
    if ends is not None:
        size = np.maximum(size, np.maximum(-ends[0], ends[1]))
    before = np.where(size > 0.0, np.frexp(size)[1], 0).astype(np.int64)  # bits before the point
    behind = np.array([_behind(column).max() for column in X.T])
    for bits, spare in ROOMS:
        fraction = np.minimum(np.minimum(np.maximum(behind, 0), bits - before), MOST_POWER)
        largest = np.ldexp(1.0, np.minimum(before + spare, MOST_POWER))
        layers, exact = _layers(net, fraction, largest)
        if exact:
            break
    return StepNet(fraction, largest, layers, exact, bool((behind <= fraction).all()))


def _layers(net: Net, fraction: Array, largest: Floats) -> tuple[tuple[StepLayer, ...], bool]:
    """All layers, and whether no weight is rounded."""
    layers, exact = [], True
    for bias, W in bias_and_weights(net):
        layer, kept = _layer(W.astype(np.float64), bias.astype(np.float64), fraction, largest)
        layers.append(layer)
        exact, fraction, largest = exact and kept, np.zeros(W.shape[1], dtype=np.int64), np.ones(W.shape[1])
    return tuple(layers), exact


def _layer(W: Floats, bias: Floats, fraction: Array, largest: Floats) -> tuple[StepLayer, bool]:
    """A layer whose inputs have bits behind the point and are at most so large; whether all of it is exact."""
    both = np.vstack([np.ldexp(W, -fraction[:, None]), bias])
    needed = _behind(both).max(axis=0)
    most = largest @ np.abs(W) + np.abs(bias)  # of the sum
    check_sums(float(most.max()))
    room = np.where(most > 0.0, BITS - np.frexp(most)[1], 0)
    power = np.where(most > 0.0, np.clip(np.minimum(needed, room), -MOST_POWER, MOST_POWER), 0).astype(np.int64)
    scaled = np.ldexp(both, power)
    whole = np.round(scaled)
    return StepLayer(whole[:-1].astype(np.int64), whole[-1].astype(np.int64), power), bool((whole == scaled).all())


def _behind(values: Array) -> NDArray[np.int64]:
    """Bits behind the point of numbers of float: n with v · 2^n an odd whole number; of 0 it is less than of all."""
    mantissa, exponent = np.frexp(values.astype(np.float64))
    bits = np.abs(np.ldexp(mantissa, 24)).astype(np.int64)
    lowest = np.frexp((bits & -bits).astype(np.float64))[1]  # the last bit's place, from 1
    return np.where(bits == 0, -1000, 25 - exponent - lowest).astype(np.int64)
