"""The reference's door: the same functions as `descend.engine`, in NumPy and float64."""

from descend.reference.backward import loss_and_gradient
from descend.reference.forward import predict, predictor
from descend.reference.sgd import advance, epoch_order

__all__ = ["NAME", "advance", "epoch_order", "isa", "loss_and_gradient", "predict", "predictor"]


NAME = "reference"


def isa() -> str:
    """The instruction set, as `descend.engine.isa` tells it."""
    return NAME
