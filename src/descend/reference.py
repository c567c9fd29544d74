"""The reference's door: the same functions as `descend.engine`, in NumPy and float64."""

from descend.backward import loss_and_gradient
from descend.forward import predict, predictor
from descend.sgd import advance, epoch_order

__all__ = ["advance", "epoch_order", "loss_and_gradient", "predict", "predictor"]
