"""The meaning, in NumPy and float64, behind the engine's door: written to be read, never optimised."""

from descend.reference.backward import input_gradient, loss_and_gradient
from descend.reference.forward import indexed_predictor, predict, predictor
from descend.reference.order import epoch_order
from descend.reference.sgd import advance

__all__ = [
    "NAME",
    "advance",
    "epoch_order",
    "indexed_predictor",
    "input_gradient",
    "isa",
    "loss_and_gradient",
    "predict",
    "predictor",
]

NAME = "reference"


def isa() -> str:
    """What a training record names as the instruction set: this is not the engine.

    Examples
    --------
    >>> isa()
    'reference'
    """
    return NAME
